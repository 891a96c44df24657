#include "count.h"
#include "event_words.h"
#include "explain.h"
#include "instant.h"
#include "plain.h"

/* --- the state ------------------------------------------------------------------------------------------------------- */

static void closed_late(struct buf *b, const struct explanation *x)
{
    buf_text(b, x->ending == ENDING_DONE ? "done " : "overtaken ");
    buf_days(b, x->obligation->days);
    buf_text(b, x->ending == ENDING_DONE ? " late" : " after the date");
}

static void open_state(struct buf *b, const struct explanation *x)
{
    const struct obligation *o = x->obligation;
    if (o->state == STATE_BREACHED || o->state == STATE_EXCEPTED) {
        buf_days(b, o->days);
        buf_text(b, " late, not closed");
        return;
    }
    buf_text(b, o->state == STATE_AT_RISK ? "at risk: " : "");
    if (x->limit->kind == KIND_FLOOR)
        buf_text(b, "still running, ");
    else
        buf_text(b, "open, ");
    if (o->days == 0) {
        buf_text(b, "today is the last day");
    } else {
        buf_days(b, o->days);
        buf_text(b, " left");
    }
}

static void met(struct buf *b, const struct explanation *x)
{
    const struct obligation *o = x->obligation;
    if (x->limit->kind == KIND_FLOOR) {
        buf_text(b, x->ending == ENDING_DONE ? "kept: " : "kept: nothing came before the time was over");
        if (x->ending == ENDING_DONE) {
            buf_days(b, o->days);
            buf_text(b, " after the time was over");
        }
    } else if (o->days == 0) {
        buf_text(b, "met, on the last lawful day");
    } else {
        buf_text(b, "met, ");
        buf_days(b, o->days);
        buf_text(b, " before the last lawful day");
    }
}

static void missed(struct buf *b, const struct explanation *x)
{
    const struct obligation *o = x->obligation;
    if (x->limit->kind == KIND_FLOOR) {
        buf_text(b, "broken: ");
        buf_days(b, o->days);
        buf_text(b, " too early");
    } else if (o->closed == CIVIL_NONE) {
        buf_text(b, "missed: the day of the meeting came first");
    } else {
        buf_text(b, "missed: ");
        closed_late(b, x);
    }
}

static void not_owed(struct buf *b, const struct explanation *x)
{
    static const char *const why[] = {
        [ENDING_OPEN] = "not owed",
        [ENDING_PASSED] = "not owed",
        [ENDING_DONE] = "not owed",
        [ENDING_VOIDED] = "not owed after all",
        [ENDING_LAPSED] = "no longer owed: overtaken before the date had passed",
        [ENDING_SUPERSEDED] = "no longer owed: a later start took its place",
        [ENDING_BIRTHDAY] = "no longer owed: the child is no longer under five",
        [ENDING_WITHDRAWN] = "not owed: the fact that started it is no longer recorded",
    };
    buf_text(b, why[x->ending]);
}

void explain_state(struct buf *b, const struct explanation *x)
{
    static const char *const verdicts[] = {
        [EXCEPTION_NONE] = "",
        [EXCEPTION_SUPPORTED] = "; the facts support an exception",
        [EXCEPTION_UNVERIFIED] = "; an exception is claimed and cannot be verified",
        [EXCEPTION_UNSUPPORTED] = "; an exception is claimed and the facts do not support it",
    };
    const struct obligation *o = x->obligation;
    switch ((enum state)o->state) {
    case STATE_MET:
        met(b, x);
        break;
    case STATE_MISSED:
        missed(b, x);
        break;
    case STATE_VOID:
    case STATE_COUNT:
        not_owed(b, x);
        break;
    default:
        if (o->closed == CIVIL_NONE)
            open_state(b, x);
        else
            closed_late(b, x);
    }
    buf_text(b, verdicts[o->exception]);
}

/* --- where it comes from and where it ends --------------------------------------------------------------------------- */

static void fact(struct buf *b, const struct explanation *x, const struct explained_fact *f)
{
    buf_text(b, event_words(f->event));
    subject_words(b, x->about->subjects, f->subject);
    buf_text(b, ", ");
    day_words(b, f->on);
    if (f->recorded_at == TIME_NONE)
        return;
    civil_day recorded = instant_day(f->recorded_at);
    if (recorded == f->on) {
        buf_text(b, ", recorded that day");
    } else {
        buf_text(b, ", recorded on ");
        day_words(b, recorded);
    }
}

void explain_start(struct buf *b, const struct explanation *x)
{
    if (x->start.event != EV_UNKNOWN) {
        fact(b, x, &x->start);
        return;
    }
    buf_text(b, "a fact of ");
    day_words(b, x->start.on);
    buf_text(b, " that is no longer recorded");
}

void explain_due(struct buf *b, const struct explanation *x)
{
    const bool acts = x->ending == ENDING_OPEN && x->limit->kind != KIND_FLOOR;
    day_words(b, x->obligation->due);
    if (x->limit->kind == KIND_FLOOR) {
        buf_text(b, ", the last day on which it must not come yet");
    } else if (x->ending == ENDING_OPEN && x->about->as_of <= x->act_by) {
        if (x->safe_on != x->obligation->due) {
            buf_text(b, "; safe under every reading on ");
            day_words(b, x->safe_on);
        }
        buf_text(b, "; act by ");
        day_words(b, x->act_by);
    } else if (x->ending == ENDING_OPEN) {
        buf_text(b, "; the last working day in time was ");
        day_words(b, x->act_by);
    }
    if (x->obligation->calendar_exhausted && (acts || count_of_working_days(x->limit->count)))
        buf_text(b, "; the bank holidays of that time are not known yet, so weekends only were left out");
}

static void what_would_close(struct buf *b, const struct explanation *x)
{
    const char *between = "";
    for (const struct limit_term *t = x->limit->discharged_by; t->event != EV_UNKNOWN; t++) {
        buf_printf(b, "%s%s", between, event_words((enum event)t->event));
        subject_words(b, x->about->subjects,
                      t->subject != SUBJECT_NONE || x->limit->per != PER_SUBJECT ? t->subject
                                                                                 : x->obligation->subject);
        between = ", or ";
    }
}

const char *explain_closing_label(const struct explanation *x)
{
    if (x->ending != ENDING_OPEN)
        return "Closed";
    return x->limit->kind == KIND_FLOOR ? "Must wait" : "Closes with";
}

void explain_closing(struct buf *b, const struct explanation *x)
{
    switch (x->ending) {
    case ENDING_OPEN:
        what_would_close(b, x);
        break;
    case ENDING_PASSED:
        buf_text(b, "by no event: the time has passed");
        break;
    case ENDING_BIRTHDAY:
        buf_text(b, "the child is no longer under five");
        break;
    case ENDING_WITHDRAWN:
        buf_text(b, "the fact that started it is no longer recorded");
        break;
    case ENDING_SUPERSEDED:
        buf_text(b, "overtaken by a later start, ");
        day_words(b, x->closing.on);
        break;
    case ENDING_VOIDED:
    case ENDING_LAPSED:
        buf_text(b, x->ending == ENDING_VOIDED ? "not owed after all: " : "overtaken: ");
        fact(b, x, &x->closing);
        break;
    case ENDING_DONE:
        fact(b, x, &x->closing);
        break;
    }
}

void explain_source(struct buf *b, const struct explanation *x)
{
    buf_plain(b, x->limit->citation);
    buf_printf(b, " (%s)", evidence_words(x->limit->evidence));
}

/* --- exceptions ------------------------------------------------------------------------------------------------------ */

static void claimed_dates(struct buf *b, const struct claim *c)
{
    bool school = c->ground == GROUND_SCHOOL_CLOSED;
    if (c->from == CIVIL_NONE && c->to == CIVIL_NONE) {
        buf_text(b, ", without dates");
        return;
    }
    buf_text(b, c->from == CIVIL_NONE ? "" : c->to == CIVIL_NONE ? " since " : " from ");
    if (c->from != CIVIL_NONE)
        day_words(b, c->from);
    if (c->to == CIVIL_NONE) {
        buf_text(b, ", still going on");
    } else {
        buf_text(b, school ? ", open again on " : c->from == CIVIL_NONE ? " until " : " to ");
        day_words(b, c->to);
    }
}

static void between_days(struct buf *b, const struct exception_test *t)
{
    buf_text(b, "between ");
    day_words(b, t->advice_from);
    buf_text(b, " and ");
    day_words(b, t->advice_to);
}

static void lasted(struct buf *b, const struct exception_test *t)
{
    if (t->need == 0)
        return;
    buf_days(b, t->days);
    buf_printf(b, ", at least %d are needed", t->need);
}

static void why_it_holds(struct buf *b, const struct exception_test *t)
{
    buf_text(b, "the facts support it: ");
    lasted(b, t);
    buf_text(b, t->need != 0 ? ", and it falls within the time of this limit"
                             : "it falls within the time of this limit");
    if (t->advice_from != CIVIL_NONE) {
        buf_text(b, ", and education advice was asked for ");
        between_days(b, t);
    }
}

static void why_it_does_not(struct buf *b, const struct exception_test *t)
{
    static const char *const why[REASON_COUNT] = {
        [REASON_NO_EXCEPTIONS] = "does not matter here: the law gives this limit no exceptions",
        [REASON_NOT_IN_SET] =
            "the facts do not support it: this limit has exceptions, but not on this ground",
        [REASON_NO_FIRST_DAY] = "the facts do not support it: no first day is recorded",
        [REASON_ENDS_FIRST] = "the facts do not support it: it ends before it begins",
        [REASON_OVER_BEFORE] = "the facts do not support it: it was over before this limit began to run",
        [REASON_AFTER_DUE] = "the facts do not support it: it began after the due date",
    };
    if (why[t->reason] != NULL) {
        buf_text(b, why[t->reason]);
        return;
    }
    buf_text(b, "the facts do not support it: ");
    lasted(b, t);
    if (t->reason == REASON_ADVICE_NOT_THEN) {
        buf_text(b, ", but no education advice was asked for ");
        between_days(b, t);
    }
}

void explain_exception_words(struct buf *b, const struct explanation *x, const struct explained_exception *e)
{
    if (e->appointment) {
        buf_text(b, "appointment missed");
        subject_words(b, x->about->subjects, x->obligation->subject);
        buf_text(b, " on ");
        day_words(b, e->claim.from);
        buf_text(b, ": the facts support it: it falls within the time of this limit");
        return;
    }
    buf_text(b, ground_words((enum ground)e->claim.ground));
    claimed_dates(b, &e->claim);
    buf_text(b, ": ");
    if (e->test.reason == REASON_HOLDS)
        why_it_holds(b, &e->test);
    else if (e->test.reason == REASON_BARE_CLAIM)
        buf_text(b, "not verified: the authority's own flag, without facts that could be checked");
    else
        why_it_does_not(b, &e->test);
}

bool explain_has_exceptions(const struct explanation *x)
{
    return x->limit->exceptions != EXCEPTIONS_NONE;
}

const char *explain_exceptions_end(const struct explanation *x)
{
    struct explained_exception e;
    bool any = false, helps = false;
    for (size_t i = 0; i < x->n_exceptions; i++)
        if (explain_exception(x, i, &e)) {
            any = true;
            helps |= e.verdict == EXCEPTION_SUPPORTED || e.verdict == EXCEPTION_UNVERIFIED;
        }
    if (!any)
        return "";
    if (!explain_has_exceptions(x))
        return "what is claimed in the case does not matter here, because the law gives this limit no "
               "exceptions";
    return helps
               ? "an exception never moves the date, and whether it made it impractical to keep the date is "
                 "for people to say"
               : "an exception never moves the date";
}

/* --- one paragraph --------------------------------------------------------------------------------------------------- */

enum { EXCEPTIONS_TOLD = 5 }; /* who claims a hundred does not fill a screen */

static void exceptions(struct buf *b, const struct explanation *x)
{
    const char *last = explain_exceptions_end(x);
    struct explained_exception e;
    size_t n = 0;
    if (*last == '\0')
        return;
    buf_text(b, " Exceptions: ");
    for (size_t i = 0; explain_has_exceptions(x) && i < x->n_exceptions; i++) {
        if (!explain_exception(x, i, &e) || n++ >= EXCEPTIONS_TOLD)
            continue;
        explain_exception_words(b, x, &e);
        buf_text(b, "; ");
    }
    if (n > EXCEPTIONS_TOLD)
        buf_printf(b, "and %zu more; ", n - EXCEPTIONS_TOLD);
    buf_printf(b, "%s.", last);
}

void explain_paragraph(struct buf *b, const struct explanation *x)
{
    buf_plain(b, x->limit->title);
    subject_words(b, x->about->subjects, x->obligation->subject);
    buf_text(b, ", on ");
    day_words(b, x->about->as_of);
    buf_text(b, ": ");
    explain_state(b, x);
    buf_text(b, ". Start: ");
    explain_start(b, x);
    buf_printf(b, ". Counted: %s. Due: ", x->count);
    explain_due(b, x);
    buf_text(b, ".");
    if (x->ending != ENDING_BIRTHDAY && x->ending != ENDING_WITHDRAWN) { /* which the state says */
        buf_printf(b, " %s: ", explain_closing_label(x));
        explain_closing(b, x);
        buf_text(b, ".");
    }
    exceptions(b, x);
    buf_text(b, " Source: ");
    explain_source(b, x);
    buf_text(b, ".");
    for (size_t i = 0; i < law_note_count(); i++)
        if (explain_noted(x, i))
            buf_printf(b, " Note: %s %s.", law_note_at(i)->text, law_note_at(i)->citation);
}
