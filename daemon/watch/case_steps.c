#include "case_steps.h"

#define ENDS (EVENT_BIT(EV_CASE_CLOSED) | EVENT_BIT(EV_REQUEST_WITHDRAWN) | EVENT_BIT(EV_MOVED_OUT))

/* The first fact of one of the events; some of them may lie ahead of the date, and are not seen here. */
static civil_day first(const struct case_facts *cf, uint64_t events, civil_day as_of)
{
    if ((cf->present & events) == 0)
        return CIVIL_NONE;
    for (size_t i = 0; i < cf->n && cf->facts[i].on <= as_of; i++)
        if ((EVENT_BIT(cf->facts[i].event) & events) != 0)
            return cf->facts[i].on;
    return CIVIL_NONE;
}

static void set(civil_day *step, civil_day on)
{
    if (*step == CIVIL_NONE)
        *step = on;
}

static void take(struct case_steps *c, const struct fact *f)
{
    switch (f->event) {
    case EV_ASSESS_AGREED:
        set(&c->agreed, f->on);
        set(&c->decided, f->on);
        break;
    case EV_ASSESS_REFUSED:
        c->refused |= c->decided == CIVIL_NONE;
        set(&c->decided, f->on);
        break;
    case EV_DRAFT_SENT:
        set(&c->draft, f->on);
        break;
    case EV_PLAN_ISSUED:
        set(&c->issued, f->on);
        break;
    case EV_ISSUE_REFUSED:
        set(&c->no_plan, f->on);
        break;
    default:
        break;
    }
}

struct case_steps case_steps_of(const struct case_facts *cf, civil_day as_of)
{
    struct case_steps c = {CIVIL_NONE, CIVIL_NONE, CIVIL_NONE, CIVIL_NONE,
                           CIVIL_NONE, CIVIL_NONE, CIVIL_NONE, false};
    civil_day start = first(cf, EVENTS_REQUEST, as_of), over = first(cf, ENDS, as_of);
    if (start == CIVIL_NONE || (over != CIVIL_NONE && over < start))
        return c;
    c.start = start;
    c.over = over;
    civil_day last = over != CIVIL_NONE ? over : as_of;
    for (size_t i = 0; i < cf->n && cf->facts[i].on <= last; i++)
        if (cf->facts[i].on >= start)
            take(&c, &cf->facts[i]);
    return c;
}
