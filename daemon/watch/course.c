#include "course.h"

#include <string.h>

/* A case on its way through its facts. */
struct reader {
    struct course *c; /* the last course */
    size_t n;
    uint64_t asked, answered; /* a bit for each body, by the number of the subject */
    bool stopped;
};

static void begin(struct reader *r, struct course *out, civil_day request, civil_day begun, bool again)
{
    r->c = &out[r->n++];
    r->asked = r->answered = 0;
    *r->c = (struct course){.request = request, .begun = begun, .again = again, .due = CIVIL_NONE};
    for (int m = 0; m < MILESTONE_COUNT; m++)
        r->c->day[m] = CIVIL_NONE;
    r->c->over = r->c->since = CIVIL_NONE;
}

static void reach(struct reader *r, enum milestone m, civil_day on)
{
    if (r->c->day[m] == CIVIL_NONE)
        r->c->day[m] = on;
}

static void end(struct reader *r, enum course_end how, civil_day on)
{
    r->c->end = (uint8_t)how;
    r->c->over = on;
    r->stopped = how != COURSE_REFUSED;
}

/* Advice is complete when all who were asked have answered; whoever is asked later opens it again, until there is a draft. */
static void advice(struct reader *r, const struct fact *f)
{
    if (r->c->day[MILESTONE_DRAFTED] != CIVIL_NONE)
        return;
    uint64_t body = UINT64_C(1) << (f->subject < 63 ? f->subject : 63);
    r->asked |= body;
    if (f->event == EV_ADVICE_RECEIVED && (r->answered & body) == 0) {
        r->answered |= body;
        r->c->day[MILESTONE_ADVISED] = f->on;
    }
    if (r->asked != r->answered)
        r->c->day[MILESTONE_ADVISED] = CIVIL_NONE;
}

/* Who drafts without all the advice waits for it no longer. */
static void advice_is_over(struct reader *r, civil_day on)
{
    if (r->asked != 0)
        reach(r, MILESTONE_ADVISED, on);
}

static void take(struct reader *r, const struct fact *f)
{
    switch (f->event) {
    case EV_ASSESS_AGREED:
        reach(r, MILESTONE_DECIDED, f->on);
        return;
    case EV_ADVICE_REQUESTED:
    case EV_ADVICE_RECEIVED:
        advice(r, f);
        return;
    case EV_DRAFT_SENT:
        advice_is_over(r, f->on);
        reach(r, MILESTONE_DRAFTED, f->on);
        return;
    case EV_PLAN_ISSUED:
        advice_is_over(r, f->on);
        reach(r, MILESTONE_ISSUED, f->on);
        end(r, COURSE_PLAN, f->on);
        return;
    case EV_ASSESS_REFUSED:
    case EV_ISSUE_REFUSED:
        end(r, COURSE_REFUSED, f->on);
        return;
    case EV_REQUEST_WITHDRAWN:
    case EV_MOVED_OUT:
    case EV_PLAN_TRANSFERRED_IN:
    case EV_CASE_CLOSED:
        end(r, COURSE_LEFT, f->on);
        return;
    default:
        return;
    }
}

/* What shows that a refusal was not the last word. */
#define TAKES_UP                                                                                             \
    (EVENT_BIT(EV_ASSESS_AGREED) | EVENT_BIT(EV_ISSUE_AGREED) | EVENT_BIT(EV_DRAFT_SENT) |                   \
     EVENT_BIT(EV_PLAN_ISSUED))

size_t courses_of(const struct case_facts *facts, struct course out[COURSES_MAX])
{
    struct reader r = {0};
    if ((facts->present & EVENTS_REQUEST) == 0)
        return 0;
    for (size_t i = 0; i < facts->n && !r.stopped; i++) {
        const struct fact *f = &facts->facts[i];
        uint64_t bit = EVENT_BIT(f->event);
        if (r.n == 0 && (bit & EVENTS_REQUEST) == 0)
            continue;
        if (r.n == 0) {
            begin(&r, out, f->on, f->on, false);
            continue;
        }
        if (r.c->end == COURSE_REFUSED) {
            if ((bit & TAKES_UP) == 0 || r.n == COURSES_MAX)
                continue;
            begin(&r, out, out[0].request, f->on, true);
            reach(&r, MILESTONE_DECIDED, f->on);
        }
        take(&r, f);
    }
    return r.n;
}
