#include "assessment.h"

const char *milestone_name(enum milestone m)
{
    static const char *const names[] = {
        [MILESTONE_DECIDED] = "decision", [MILESTONE_ADVISED] = "advice", [MILESTONE_DRAFTED] = "draft",
        [MILESTONE_ISSUED] = "plan",      [MILESTONE_NONE] = "request",
    };
    return names[m];
}

/* What ends the life of the request (rulebook section 2). */
#define ENDS (EVENT_BIT(EV_CASE_CLOSED) | EVENT_BIT(EV_REQUEST_WITHDRAWN) | EVENT_BIT(EV_MOVED_OUT))

#define REFUSALS (EVENT_BIT(EV_ASSESS_REFUSED) | EVENT_BIT(EV_ISSUE_REFUSED))
#define ADVICE   (EVENT_BIT(EV_ADVICE_REQUESTED) | EVENT_BIT(EV_ADVICE_RECEIVED))

/* What shows that a refusal was not the last word. */
#define TAKES_UP                                                                                             \
    (EVENT_BIT(EV_ASSESS_AGREED) | EVENT_BIT(EV_ISSUE_AGREED) | EVENT_BIT(EV_DRAFT_SENT) |                   \
     EVENT_BIT(EV_PLAN_ISSUED))

/* The facts of one day. */
struct day {
    civil_day on;
    uint64_t events; /* EVENT_BIT */
    const struct fact *facts;
    size_t n;
};

/* A case on its way through its days. */
struct reader {
    struct assessment *a;
    struct course *c;     /* the last one */
    uint64_t asked, open; /* bodies, by the number of the subject: asked in this course; not answered */
};

static void set(civil_day *step, civil_day on)
{
    if (*step == CIVIL_NONE)
        *step = on;
}

static void begin(struct reader *r, civil_day begun, bool again)
{
    struct assessment *a = r->a;
    a->n += a->n < COURSES_MAX;
    r->c = &a->course[a->n - 1];
    r->asked = r->open = 0;
    *r->c = (struct course){.request = a->steps.start, .begun = begun, .again = again, .due = CIVIL_NONE};
    for (int m = 0; m < MILESTONE_COUNT; m++)
        r->c->day[m] = CIVIL_NONE;
    r->c->over = r->c->since = CIVIL_NONE;
}

static void end(struct reader *r, enum course_end how, civil_day on)
{
    r->c->end = (uint8_t)how;
    r->c->over = on;
}

static uint64_t body(const struct fact *f)
{
    return UINT64_C(1) << (f->subject < 63 ? f->subject : 63);
}

/* Who was asked on an earlier day is answered first, then who is asked today, by what answer is left (rulebook section 2). */
static void advice(struct reader *r, const struct day *d)
{
    uint64_t received = 0, requested = 0;
    for (size_t i = 0; i < d->n; i++) {
        received |= d->facts[i].event == EV_ADVICE_RECEIVED ? body(&d->facts[i]) : 0;
        requested |= d->facts[i].event == EV_ADVICE_REQUESTED ? body(&d->facts[i]) : 0;
    }
    const uint64_t earlier = received & r->open;
    const uint64_t opened = requested & ~(r->open & ~earlier);
    const uint64_t at_once = opened & received & ~earlier;
    r->asked |= requested;
    r->open = ((r->open & ~earlier) | opened) & ~at_once;
    if (r->open != 0)
        r->c->day[MILESTONE_ADVISED] = CIVIL_NONE;
    else if ((earlier | at_once) != 0)
        r->c->day[MILESTONE_ADVISED] = d->on;
}

/* Who drafts without all the advice waits for it no longer. */
static void stop_waiting(struct reader *r, civil_day on)
{
    struct course *c = r->c;
    if (c->day[MILESTONE_DRAFTED] != CIVIL_NONE || c->day[MILESTONE_ADVISED] != CIVIL_NONE)
        return;
    c->unadvised = true;
    if (r->asked != 0)
        c->day[MILESTONE_ADVISED] = on;
}

static void course_day(struct reader *r, const struct day *d)
{
    struct course *c = r->c;
    if ((d->events & EVENT_BIT(EV_ASSESS_AGREED)) != 0 && (d->events & EVENT_BIT(EV_ASSESS_REFUSED)) == 0)
        set(&c->day[MILESTONE_DECIDED], d->on);
    if ((d->events & ADVICE) != 0 && c->day[MILESTONE_DRAFTED] == CIVIL_NONE)
        advice(r, d);
    if ((d->events & (EVENT_BIT(EV_DRAFT_SENT) | EVENT_BIT(EV_PLAN_ISSUED))) != 0)
        stop_waiting(r, d->on);
    if ((d->events & EVENT_BIT(EV_DRAFT_SENT)) != 0)
        set(&c->day[MILESTONE_DRAFTED], d->on);
    if ((d->events & EVENT_BIT(EV_PLAN_ISSUED)) != 0) {
        c->day[MILESTONE_ISSUED] = d->on;
        end(r, COURSE_PLAN, d->on);
    } else if ((d->events & REFUSALS) != 0) {
        end(r, COURSE_REFUSED, d->on);
    } else if ((d->events & ENDS) != 0) {
        end(r, COURSE_LEFT, d->on);
    }
}

static void steps_day(struct case_steps *s, const struct day *d)
{
    const uint64_t decided = EVENT_BIT(EV_ASSESS_AGREED) | EVENT_BIT(EV_ASSESS_REFUSED);
    if ((d->events & decided) != 0 && s->decided == CIVIL_NONE) {
        s->decided = d->on;
        s->refused = (d->events & EVENT_BIT(EV_ASSESS_REFUSED)) != 0;
    }
    if ((d->events & EVENT_BIT(EV_DRAFT_SENT)) != 0)
        set(&s->draft, d->on);
    if ((d->events & EVENT_BIT(EV_ISSUE_REFUSED)) != 0)
        set(&s->no_plan, d->on);
    if ((d->events & EVENT_BIT(EV_PLAN_ISSUED)) != 0)
        s->issued = d->on;
    else if ((d->events & ENDS) != 0)
        s->over = d->on;
}

/* False: it is over, or can no longer begin. */
static bool take(struct reader *r, const struct day *d)
{
    struct assessment *a = r->a;
    if (a->n == 0) {
        if ((d->events & EVENTS_REQUEST) == 0)
            return (d->events & ENDS) == 0;
        a->steps.start = d->on;
        begin(r, d->on, false);
    } else if (r->c->end == COURSE_REFUSED && (d->events & TAKES_UP) != 0) {
        begin(r, d->on, true);
        r->c->day[MILESTONE_DECIDED] = d->on;
    }
    if (r->c->end == COURSE_OPEN)
        course_day(r, d);
    steps_day(&a->steps, d);
    return a->steps.issued == CIVIL_NONE && a->steps.over == CIVIL_NONE;
}

void assessment_of(const struct case_facts *cf, civil_day as_of, struct assessment *a)
{
    struct reader r = {.a = a};
    a->n = 0;
    a->steps =
        (struct case_steps){CIVIL_NONE, CIVIL_NONE, CIVIL_NONE, CIVIL_NONE, CIVIL_NONE, CIVIL_NONE, false};
    if ((cf->present & EVENTS_REQUEST) == 0)
        return;
    bool goes_on = true;
    for (size_t i = 0, next; goes_on && i < cf->n && cf->facts[i].on <= as_of; i = next) {
        struct day d = {.on = cf->facts[i].on, .facts = &cf->facts[i]};
        for (next = i; next < cf->n && cf->facts[next].on == d.on; next++)
            d.events |= EVENT_BIT(cf->facts[next].event);
        d.n = next - i;
        goes_on = take(&r, &d);
    }
}
