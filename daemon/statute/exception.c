#include "exception.h"

enum { FOUR_WEEKS = 28, TWO_WEEKS = 14, A_WEEK = 7 };

static civil_day first_between(const struct case_facts *cf, enum event ev, uint32_t subject, civil_day from,
                               civil_day to)
{
    for (size_t i = 0; i < cf->n && cf->facts[i].on <= to; i++)
        if (cf->facts[i].on >= from && cf->facts[i].event == ev && cf->facts[i].subject == subject)
            return cf->facts[i].on;
    return CIVIL_NONE;
}

static bool in_set(enum ground g, const struct limit *l)
{
    switch (g) {
    case GROUND_PERSONAL:
    case GROUND_ABSENT:
        return true;
    case GROUND_SCHOOL_CLOSED:
        return l->exceptions == EXCEPTIONS_X1;
    case GROUND_CLAIMED:
        return l->exceptions == EXCEPTIONS_X1 && l->life == LIFE_REQUEST;
    case GROUND_COUNT:
        break;
    }
    return false;
}

/* The tests that need the dates of the claim, which make sense. */
static enum exception_reason test_dates(struct exception_test *t, const struct claim *c,
                                        const struct obligation *o, const struct limit *l,
                                        const struct case_facts *cf)
{
    bool school = c->ground == GROUND_SCHOOL_CLOSED;
    /* A school counts as closed up to the day before it re-opens; an absence has its last day in it. */
    t->days = t->to - c->from + !school;
    if (c->ground == GROUND_ABSENT)
        t->need = l->exceptions == EXCEPTIONS_X3 ? TWO_WEEKS : FOUR_WEEKS;
    if (school)
        t->need = FOUR_WEEKS;
    if (t->to < o->start)
        return REASON_OVER_BEFORE;
    if (c->from > o->due)
        return REASON_AFTER_DUE;
    if (t->days < t->need)
        return REASON_TOO_SHORT;
    if (school) {
        t->advice_from = c->from - A_WEEK;
        t->advice_to = t->to - A_WEEK;
        if (first_between(cf, EV_ADVICE_REQUESTED, SUBJECT_EDUCATION, t->advice_from, t->advice_to) ==
            CIVIL_NONE)
            return REASON_ADVICE_NOT_THEN;
    }
    return c->ground == GROUND_CLAIMED ? REASON_BARE_CLAIM : REASON_HOLDS;
}

struct exception_test exception_test(const struct claim *c, const struct obligation *o, const struct limit *l,
                                     const struct case_facts *cf, civil_day as_of)
{
    struct exception_test t = {.to = CIVIL_NONE, .advice_from = CIVIL_NONE, .advice_to = CIVIL_NONE};
    bool bare = c->ground == GROUND_CLAIMED && c->from == CIVIL_NONE && c->to == CIVIL_NONE;
    if (l->exceptions == EXCEPTIONS_NONE)
        t.reason = REASON_NO_EXCEPTIONS;
    else if (bare)
        t.reason = in_set(GROUND_CLAIMED, l) ? REASON_BARE_CLAIM : REASON_NOT_IN_SET;
    else if (c->from == CIVIL_NONE)
        t.reason = REASON_NO_FIRST_DAY;
    else if (c->to != CIVIL_NONE && c->to < c->from)
        t.reason = REASON_ENDS_FIRST;
    else if (c->from > as_of)
        t.reason = REASON_NOT_BEGUN;
    else if (!in_set((enum ground)c->ground, l))
        t.reason = REASON_NOT_IN_SET;
    else {
        t.to = c->to == CIVIL_NONE || c->to > as_of ? as_of : c->to;
        t.reason = test_dates(&t, c, o, l, cf);
    }
    return t;
}

civil_day exception_appointment(const struct obligation *o, const struct limit *l,
                                const struct case_facts *cf)
{
    if (l->exceptions != EXCEPTIONS_X2 || (cf->present & EVENT_BIT(EV_APPOINTMENT_MISSED)) == 0)
        return CIVIL_NONE;
    return first_between(cf, EV_APPOINTMENT_MISSED, o->subject, o->start, o->due);
}

enum exception_verdict exception_verdict_of(enum exception_reason r)
{
    switch (r) {
    case REASON_HOLDS:
        return EXCEPTION_SUPPORTED;
    case REASON_BARE_CLAIM:
        return EXCEPTION_UNVERIFIED;
    case REASON_NOT_BEGUN:
    case REASON_NO_EXCEPTIONS:
        return EXCEPTION_NONE;
    default:
        return EXCEPTION_UNSUPPORTED;
    }
}

enum exception_verdict exception_judge(const struct obligation *o, const struct limit *l,
                                       const struct case_facts *cf, civil_day as_of)
{
    enum exception_verdict best = EXCEPTION_NONE;
    if (exception_appointment(o, l, cf) != CIVIL_NONE)
        return EXCEPTION_SUPPORTED;
    for (size_t i = 0; i < cf->n_claims && l->exceptions != EXCEPTIONS_NONE; i++) {
        enum exception_verdict v =
            exception_verdict_of(exception_test(&cf->claims[i], o, l, cf, as_of).reason);
        if (v == EXCEPTION_SUPPORTED)
            return v;
        if (v == EXCEPTION_UNVERIFIED || best == EXCEPTION_NONE)
            best = v;
    }
    return best;
}

void exception_excuse(struct obligation *o, const struct limit *l, const struct case_facts *cf,
                      civil_day as_of)
{
    o->exception = exception_judge(o, l, cf, as_of);
    if (o->exception == EXCEPTION_SUPPORTED || o->exception == EXCEPTION_UNVERIFIED)
        o->state = STATE_EXCEPTED;
}

const char *exception_reason_name(enum exception_reason r)
{
    static const char *const names[REASON_COUNT] = {
        [REASON_HOLDS] = "holds",
        [REASON_BARE_CLAIM] = "bare_claim",
        [REASON_NOT_BEGUN] = "not_begun",
        [REASON_NO_EXCEPTIONS] = "no_exceptions",
        [REASON_NOT_IN_SET] = "not_in_set",
        [REASON_NO_FIRST_DAY] = "no_first_day",
        [REASON_ENDS_FIRST] = "ends_before_it_begins",
        [REASON_OVER_BEFORE] = "over_before_the_start",
        [REASON_AFTER_DUE] = "after_the_due_date",
        [REASON_TOO_SHORT] = "too_short",
        [REASON_ADVICE_NOT_THEN] = "advice_not_asked_for_then",
    };
    return names[r];
}
