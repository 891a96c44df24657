#include "rulebook.h"

#include <string.h>

static struct term_set term_set(const struct limit_term *terms)
{
    struct term_set s = {.terms = terms};
    for (; terms->event != EV_UNKNOWN; terms++) {
        s.any |= EVENT_BIT(terms->event);
        if (terms->subject != SUBJECT_NONE)
            s.qualified |= EVENT_BIT(terms->event);
    }
    return s;
}

/* Rulebook section 2, "Lapsing". */
static const uint64_t ends_of[] = {
    [LIFE_REQUEST] = EVENT_BIT(EV_CASE_CLOSED) | EVENT_BIT(EV_REQUEST_WITHDRAWN) | EVENT_BIT(EV_MOVED_OUT),
    [LIFE_PLAN] = EVENT_BIT(EV_CASE_CLOSED) | EVENT_BIT(EV_PLAN_CEASED) | EVENT_BIT(EV_PLAN_TRANSFERRED_OUT),
    [LIFE_CASE] = EVENT_BIT(EV_CASE_CLOSED),
};

static struct rule rule_of(const struct limit *l)
{
    struct rule r = {
        .limit = l,
        .starts = term_set(l->starts),
        .discharged_by = term_set(l->discharged_by),
        .voided_by = term_set(l->voided_by),
        .lapsed_by = term_set(l->lapsed_by),
        .requires = term_set(l->requires),
        .life_ends = ends_of[l->life],
        .names_subject = limit_names_subject(l),
    };
    if (l->life == LIFE_PLAN)
        r.life_begins =
            EVENT_BIT(EV_PLAN_ISSUED) | EVENT_BIT(EV_PLAN_TRANSFERRED_IN) | EVENT_BIT(EV_TRIBUNAL_ORDER);
    r.concerns =
        r.starts.any | r.discharged_by.any | r.voided_by.any | r.lapsed_by.any | r.life_ends | r.life_begins;
    return r;
}

void rulebook_builtin(struct rulebook *rb)
{
    memset(rb, 0, sizeof *rb);
    rb->n = limit_count();
    for (size_t i = 0; i < rb->n; i++)
        rb->rule[i] = rule_of(limit_at(i));
}
