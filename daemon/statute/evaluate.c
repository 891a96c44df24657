#include "evaluate.h"

#include "evaluate_walk.h"

bool term_qualifies(const struct term_set *s, const struct fact *f)
{
    for (const struct limit_term *t = s->terms; t->event != EV_UNKNOWN; t++)
        if (t->event == f->event && (t->subject == SUBJECT_NONE || t->subject == f->subject))
            return true;
    return false;
}

bool order_follows_concession(const struct case_facts *cf, const struct fact *order)
{
    civil_day conceded = CIVIL_NONE;
    if ((cf->present & EVENT_BIT(EV_APPEAL_CONCEDED)) == 0)
        return false;
    for (size_t i = 0; i < cf->n && cf->facts[i].on <= order->on; i++) {
        const struct fact *f = &cf->facts[i];
        if (f->event == EV_APPEAL_CONCEDED && f->subject == order->subject)
            conceded = f->on;
        else if (f->event == EV_APPEAL_RECEIVED && conceded != CIVIL_NONE && f->on > conceded)
            conceded = CIVIL_NONE;
    }
    return conceded != CIVIL_NONE;
}

/* A plan is in force: the last one issued or transferred in has not ceased or gone since. */
static bool plan_exists(const struct case_facts *cf, civil_day start)
{
    civil_day plan = CIVIL_NONE, gone = CIVIL_NONE;
    for (size_t i = 0; i < cf->n && cf->facts[i].on <= start; i++) {
        const struct fact *f = &cf->facts[i];
        if (f->event == EV_PLAN_ISSUED || f->event == EV_PLAN_TRANSFERRED_IN)
            plan = f->on;
        else if ((f->event == EV_PLAN_CEASED || f->event == EV_PLAN_TRANSFERRED_OUT) && f->on < start)
            gone = f->on;
    }
    return plan != CIVIL_NONE && gone < plan;
}

static bool plan_by(const struct case_facts *cf, civil_day due)
{
    for (size_t i = 0; i < cf->n; i++)
        if (cf->facts[i].event == EV_PLAN_ISSUED || cf->facts[i].event == EV_PLAN_TRANSFERRED_IN)
            return cf->facts[i].on <= due;
    return true;
}

/* Whether the child is younger than five on a day. Most are plainly older: five years are at most 1,827 days. */
static bool under_five(struct walk *w, civil_day on)
{
    if (w->cf->born == CIVIL_NONE || on - w->cf->born > 1827)
        return false;
    if (w->fifth_birthday == CIVIL_NONE)
        w->fifth_birthday = civil_birthday(w->cf->born, 5);
    return on < w->fifth_birthday;
}

bool walk_applies(struct walk *w, const struct limit *l, const struct fact *f)
{
    switch (l->applies) {
    case APPLIES_UNDER_FIVE:
        return under_five(w, f->on);
    case APPLIES_PLAN_EXISTS:
        return plan_exists(w->cf, f->on);
    case APPLIES_PLAN_BY_DUE:
        return plan_by(w->cf, count_due(l->count, l->n, f->on, w->cal, w->cf, w->as_of, NULL));
    case APPLIES_ALWAYS:
        break;
    }
    return true;
}

struct fact *walk_unused_discharge(const struct walk *w, unsigned limit, const struct rule *r,
                                   const struct fact *start, civil_day to)
{
    const struct case_facts *cf = w->cf;
    civil_day from = start->on - r->limit->early_days;
    size_t i = (size_t)(start - cf->facts);
    if ((cf->present & r->discharged_by.any) == 0)
        return NULL;
    for (; i > 0 && cf->facts[i - 1].on >= from; i--)
        if (cf->facts[i - 1].on <= start->on - 28 && walk_is_start(w, limit, &cf->facts[i - 1]))
            from = cf->facts[i - 1].on + 1; /* the previous start, whether or not it opened anything */
    for (; i < cf->n && cf->facts[i].on <= to; i++)
        if (cf->facts[i].on >= from && term_hit(&r->discharged_by, &cf->facts[i]) &&
            !walk_used(&cf->facts[i], limit))
            return &cf->facts[i];
    return NULL;
}

bool walk_required_seen(const struct walk *w, const struct rule *r, const struct obligation *o)
{
    civil_day to = o->closed != CIVIL_NONE ? o->closed : w->as_of;
    if ((r->requires.any & w->cf->present) == 0)
        return false;
    for (size_t i = w->cf->n; i > 0 && w->cf->facts[i - 1].on >= o->start; i--)
        if (w->cf->facts[i - 1].on <= to && term_hit(&r->requires, &w->cf->facts[i - 1]))
            return true;
    return false;
}

/* Most limits go through the days of the case together. Alone go those with an obligation for each subject or each start,
 * and those that look back before their start and so must know which events they have used up. What is still open at the
 * end comes limit by limit. */
void evaluate(const struct rulebook *rb, const struct calendar *cal, struct case_facts *cf, civil_day as_of,
              uint64_t limits, obligation_fn *emit, void *ud)
{
    struct obligation current[LIMIT_MAX];
    struct walk w = {
        .rulebook = rb,
        .cal = cal,
        .cf = cf,
        .as_of = as_of,
        .emit = emit,
        .ud = ud,
        .fifth_birthday = CIVIL_NONE,
    };
    if (cf->n == 0)
        return; /* without facts there may be no memory */
    for (size_t i = 0; i < cf->n; i++)
        cf->facts[i].mark = 0;
    uint64_t open = walk_together(&w, limits & ~rb->apart, current);
    for (uint64_t left = open | (limits & rb->apart); left != 0; left &= left - 1) {
        unsigned i = limits_first(left);
        if ((open & LIMIT_BIT(i)) != 0)
            walk_close(&w, obligation_rule(rb, &current[i]), &current[i], CLOSING_NONE, CIVIL_NONE, NULL);
        else if ((rb->starts[i] & cf->present) == 0)
            continue;
        else if (rb->rule[i].limit->per == PER_START)
            walk_backward(&w, i);
        else
            walk_forward(&w, i, current);
    }
}

const struct limit *obligation_limit(const struct rulebook *rb, const struct obligation *o)
{
    return obligation_rule(rb, o)->limit;
}

bool obligation_ended_by_birthday(const struct rulebook *rb, const struct obligation *o)
{
    return obligation_limit(rb, o)->applies == APPLIES_UNDER_FIVE && o->closed != CIVIL_NONE &&
           o->closed_by == EV_UNKNOWN;
}

civil_day obligation_safe_on(const struct rulebook *rb, const struct obligation *o)
{
    return o->due - count_has_rival(obligation_limit(rb, o)->count);
}

civil_day obligation_over_on(const struct obligation *o)
{
    return o->state == STATE_MISSED && o->closed == CIVIL_NONE ? o->start : o->closed;
}

civil_day obligation_act_by(const struct rulebook *rb, const struct calendar *cal, const struct obligation *o)
{
    return calendar_working_day_before(cal, obligation_safe_on(rb, o));
}
