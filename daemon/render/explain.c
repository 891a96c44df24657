#include "explain.h"

static bool names(const struct term_set *s, const struct fact *f)
{
    if ((s->any & EVENT_BIT(f->event)) == 0)
        return false;
    for (const struct limit_term *t = s->terms; t->event != EV_UNKNOWN; t++)
        if (t->event == f->event && (t->subject == SUBJECT_NONE || t->subject == f->subject))
            return true;
    return false;
}

/* Two rows of one event are one fact: known since the first of them. */
static int64_t recorded(const struct explain_about *a, const struct fact *f)
{
    int64_t first = INT64_MAX;
    struct record_fact row;
    if (a->record == NULL)
        return TIME_NONE;
    struct record_rows rows = record_rows(a->record);
    while (record_next_fact(&rows, &row))
        if (row.on == f->on && row.event == f->event && row.subject == f->subject &&
            facts_known(row.recorded_at, row.voided_at, a->known_at) && row.recorded_at < first)
            first = row.recorded_at; /* TIME_NONE is the smallest */
    return first == INT64_MAX ? TIME_NONE : first;
}

static struct explained_fact fact_of(const struct explain_about *a, const struct fact *f)
{
    return (struct explained_fact){(enum event)f->event, f->subject, f->on, recorded(a, f)};
}

/* Of several on the day, the first that the limit names, with the subject that the obligation shows. */
static void find_start(struct explanation *x)
{
    const struct case_facts *cf = x->about->facts;
    x->start = (struct explained_fact){EV_UNKNOWN, SUBJECT_NONE, x->obligation->start, TIME_NONE};
    for (size_t i = 0; cf != NULL && i < cf->n && cf->facts[i].on <= x->obligation->start; i++) {
        const struct fact *f = &cf->facts[i];
        if (f->on == x->obligation->start && names(&x->rule->starts, f) &&
            (!x->rule->names_subject || f->subject == x->obligation->subject)) {
            x->start = fact_of(x->about, f);
            return;
        }
    }
}

static void find_closing(struct explanation *x)
{
    const struct obligation *o = x->obligation;
    const struct case_facts *cf = x->about->facts;
    x->closing = (struct explained_fact){(enum event)o->closed_by, SUBJECT_NONE, o->closed, TIME_NONE};
    for (size_t i = 0; cf != NULL && i < cf->n && cf->facts[i].on <= o->closed; i++) {
        const struct fact *f = &cf->facts[i];
        bool own =
            x->limit->per != PER_SUBJECT || !names(&x->rule->discharged_by, f) || f->subject == o->subject;
        if (f->on == o->closed && f->event == o->closed_by && own) {
            x->closing = fact_of(x->about, f);
            break;
        }
    }
    const struct fact f = {.on = o->closed, .subject = x->closing.subject, .event = o->closed_by};
    if (o->closed_by == EV_UNKNOWN)
        x->ending = ENDING_SUPERSEDED;
    else if (names(&x->rule->discharged_by, &f))
        x->ending = ENDING_DONE;
    else if (names(&x->rule->voided_by, &f))
        x->ending = ENDING_VOIDED;
    else
        x->ending = ENDING_LAPSED;
}

/* Exceptions matter once the date has passed, and may come to matter while it has not. */
static bool weighs_exceptions(const struct explanation *x)
{
    switch ((enum state)x->obligation->state) {
    case STATE_BREACHED:
    case STATE_MET_LATE:
    case STATE_EXCEPTED:
    case STATE_MISSED:
        return x->limit->kind != KIND_FLOOR;
    case STATE_ON_TRACK:
    case STATE_AT_RISK:
        return x->limit->exceptions != EXCEPTIONS_NONE;
    default:
        return false;
    }
}

void explain(struct explanation *x, const struct explain_about *about, const struct obligation *o)
{
    const struct rule *r = obligation_rule(about->rulebook, o);
    *x = (struct explanation){
        .about = about,
        .obligation = o,
        .rule = r,
        .limit = r->limit,
        .closing = {EV_UNKNOWN, SUBJECT_NONE, CIVIL_NONE, TIME_NONE},
        .safe_on = obligation_safe_on(about->rulebook, o),
        .act_by = obligation_act_by(about->rulebook, about->calendar, o),
        .appointment = CIVIL_NONE,
    };
    count_words(x->limit, o->start, x->count, sizeof x->count);
    find_start(x);
    if (obligation_ended_by_birthday(about->rulebook, o))
        x->ending = ENDING_BIRTHDAY;
    else if (o->closed != CIVIL_NONE)
        find_closing(x);
    else if (o->state == STATE_MET || o->state == STATE_MISSED)
        x->ending = ENDING_PASSED;
    if (about->facts == NULL || !weighs_exceptions(x))
        return;
    x->n_exceptions = about->facts->n_claims;
    x->appointment = exception_appointment(o, x->limit, about->facts);
    x->n_exceptions += x->appointment != CIVIL_NONE;
}

bool explain_exception(const struct explanation *x, size_t i, struct explained_exception *e)
{
    const struct case_facts *cf = x->about->facts;
    if (i == cf->n_claims) {
        *e = (struct explained_exception){
            .appointment = true,
            .ground = event_name(EV_APPOINTMENT_MISSED),
            .claim = {.from = x->appointment, .to = x->appointment},
            .test = {.reason = REASON_HOLDS, .to = x->appointment},
            .verdict = EXCEPTION_SUPPORTED,
        };
        return true;
    }
    const struct claim *c = &cf->claims[i];
    if (c->from != CIVIL_NONE && c->from > x->about->as_of)
        return false;
    *e = (struct explained_exception){
        .ground = ground_name((enum ground)c->ground),
        .claim = *c,
        .test = exception_test(c, x->obligation, x->limit, cf, x->about->as_of),
    };
    e->verdict = exception_verdict_of(e->test.reason);
    return true;
}

bool explain_noted(const struct explanation *x, size_t i)
{
    return law_note_applies(law_note_at(i), x->limit, x->obligation->start, x->obligation->due);
}
