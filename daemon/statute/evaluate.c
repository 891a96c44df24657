#include "evaluate.h"

#include "count.h"
#include "evaluate_walk.h"

bool term_qualifies(const struct term_set *s, const struct fact *f)
{
    for (const struct limit_term *t = s->terms; t->event != EV_UNKNOWN; t++)
        if (t->event == f->event && (t->subject == SUBJECT_NONE || t->subject == f->subject))
            return true;
    return false;
}

/* A consent order after a concession, with no new appeal between, is the same appeal: it starts nothing new. */
static bool order_follows_concession(const struct case_facts *cf, const struct fact *order)
{
    civil_day conceded = CIVIL_NONE;
    if (order->event != EV_TRIBUNAL_ORDER || (cf->present & EVENT_BIT(EV_APPEAL_CONCEDED)) == 0)
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

const struct rule *walk_rule_on(const struct walk *w, civil_day on)
{
    const struct rule *first = &w->rulebook->rule[w->limit];
    const struct rule *r = first->later != 0 ? rulebook_version(w->rulebook, w->limit, on) : first;
    return r != NULL ? r : first;
}

bool walk_may_open(const struct walk *w, const struct fact *f)
{
    const struct rule *r = rulebook_version(w->rulebook, w->limit, f->on);
    if (r == NULL)
        return false;
    const struct limit *l = r->limit;
    if (order_follows_concession(w->cf, f))
        return false;
    switch (l->applies) {
    case APPLIES_UNDER_FIVE:
        return w->fifth_birthday != CIVIL_NONE && f->on < w->fifth_birthday;
    case APPLIES_PLAN_EXISTS:
        return plan_exists(w->cf, f->on);
    case APPLIES_PLAN_BY_DUE:
        return plan_by(w->cf, count_due(l->count, l->n, f->on, w->cal, w->cf, w->as_of, NULL));
    case APPLIES_ALWAYS:
        break;
    }
    return true;
}

struct obligation walk_opened(struct walk *w, const struct fact *f)
{
    const struct rule *r = walk_rule_on(w, f->on), *first = &w->rulebook->rule[w->limit];
    const struct limit *l = r->limit;
    struct obligation o = {
        .limit = w->limit,
        .version = r == first ? 0 : (uint8_t)(r - w->rulebook->later + 1),
        .subject = r->names_subject ? f->subject : SUBJECT_NONE,
        .start = f->on,
        .closed = CIVIL_NONE,
    };
    w->rule = r;
    o.due = count_due(l->count, l->n, f->on, w->cal, w->cf, w->as_of, &o.calendar_exhausted);
    return o;
}

civil_day walk_previous_start(const struct walk *w, civil_day start)
{
    civil_day previous = CIVIL_NONE;
    for (size_t i = 0; i < w->cf->n && w->cf->facts[i].on <= start - 28; i++)
        if (walk_is_start(w, &w->cf->facts[i]))
            previous = w->cf->facts[i].on;
    return previous;
}

struct fact *walk_unused_discharge(const struct walk *w, civil_day from, civil_day to)
{
    for (size_t i = 0; i < w->cf->n && w->cf->facts[i].on <= to; i++) {
        struct fact *f = &w->cf->facts[i];
        if (f->on >= from && f->mark != w->stamp && term_hit(&w->rule->discharged_by, f))
            return f;
    }
    return NULL;
}

/* `requires`: the obligation appears nowhere until one of these events lies between its start and its closing. */
static bool required_seen(const struct walk *w, const struct obligation *o)
{
    civil_day to = o->closed != CIVIL_NONE ? o->closed : w->as_of;
    for (size_t i = 0; i < w->cf->n && w->cf->facts[i].on <= to; i++)
        if (w->cf->facts[i].on >= o->start && term_hit(&w->rule->requires, &w->cf->facts[i]))
            return true;
    return false;
}

void walk_close(const struct walk *w, struct obligation *o, enum closing how, civil_day on, enum event by)
{
    o->closed = how == CLOSING_NONE ? CIVIL_NONE : on;
    o->closed_by = (uint8_t)by;
    if (w->rule->limit->requires[0].event != EV_UNKNOWN && !required_seen(w, o))
        return;
    obligation_judge(o, w->rule, how, w->cf, w->as_of);
    w->emit(w->ud, o);
}

void evaluate(const struct rulebook *rb, const struct calendar *cal, struct case_facts *cf, civil_day as_of,
              uint64_t limits, obligation_fn *emit, void *ud)
{
    for (size_t i = 0; i < cf->n; i++)
        cf->facts[i].mark = 0;
    civil_day fifth_birthday = cf->born != CIVIL_NONE ? civil_birthday(cf->born, 5) : CIVIL_NONE;
    for (size_t i = 0; i < rb->n; i++) {
        if ((limits & LIMIT_BIT(i)) == 0 || (rb->starts[i] & cf->present) == 0)
            continue;
        struct walk w = {
            .rulebook = rb,
            .rule = &rb->rule[i],
            .limit = (uint8_t)i,
            .starts = rb->starts[i],
            .concerns = rb->concerns[i],
            .stamp = (uint8_t)(i + 1),
            .cal = cal,
            .cf = cf,
            .as_of = as_of,
            .emit = emit,
            .ud = ud,
            .subject = WALK_ANY_SUBJECT,
            .fifth_birthday = fifth_birthday,
            .life_ended = CIVIL_NONE,
        };
        if (w.rule->limit->per == PER_START)
            walk_backward(&w);
        else
            walk_forward(&w);
    }
}

const struct rule *obligation_rule(const struct rulebook *rb, const struct obligation *o)
{
    return o->version == 0 ? &rb->rule[o->limit] : &rb->later[o->version - 1];
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

civil_day obligation_act_by(const struct rulebook *rb, const struct calendar *cal, const struct obligation *o)
{
    return calendar_working_day_before(cal, obligation_safe_on(rb, o));
}
