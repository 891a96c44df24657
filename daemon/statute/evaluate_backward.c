#include "count.h"
#include "evaluate_walk.h"

/* Limits that count backward from a day that may lie ahead: a meeting, a transfer. The obligation exists from its opening
 * day, a year before its start. */

/* The first day on which the life is running on or after `opening`, or CIVIL_NONE when it has ended for good. */
static civil_day alive_from(const struct walk *w, enum limit_life life, civil_day opening)
{
    civil_day ended = CIVIL_NONE;
    if ((w->cf->present & life_ends[life]) == 0)
        return opening;
    for (size_t i = 0; i < w->cf->n;) {
        civil_day on = w->cf->facts[i].on;
        bool ends = false, begins = false, closed = false;
        for (; i < w->cf->n && w->cf->facts[i].on == on; i++) {
            const struct fact *f = &w->cf->facts[i];
            ends |= (life_ends[life] & EVENT_BIT(f->event)) != 0;
            closed |= f->event == EV_CASE_CLOSED;
            begins |= begins_life(life, f);
        }
        if (on > w->as_of)
            break;
        if (on > opening && ended == CIVIL_NONE)
            return opening;
        if (begins && ended != CIVIL_NONE) {
            ended = CIVIL_NONE;
            if (on > opening)
                return on;
        }
        if (on >= opening && ended == CIVIL_NONE)
            return opening;
        if (closed)
            return CIVIL_NONE;
        if (ends)
            ended = on;
    }
    return ended == CIVIL_NONE ? opening : CIVIL_NONE;
}

/* The earliest void event or lapse of [from, to]; a void wins on its day. */
static enum closing first_closing(const struct walk *w, const struct rule *r, civil_day from, civil_day to,
                                  const struct fact **by)
{
    enum closing how = CLOSING_NONE;
    uint64_t ends = life_ends[r->limit->life];
    *by = NULL;
    if ((w->cf->present & (r->voided_by.any | r->lapsed_by.any | ends)) == 0)
        return CLOSING_NONE;
    for (size_t i = 0; i < w->cf->n && w->cf->facts[i].on <= to; i++) {
        const struct fact *f = &w->cf->facts[i];
        if (f->on < from)
            continue;
        if (*by != NULL && f->on > (*by)->on)
            break;
        if (term_hit(&r->voided_by, f)) {
            *by = f;
            return CLOSING_VOIDED;
        }
        bool lapses = term_hit(&r->lapsed_by, f) || (ends & EVENT_BIT(f->event)) != 0;
        if (lapses && *by == NULL) {
            *by = f;
            how = CLOSING_LAPSED;
        }
    }
    return how;
}

/* The day on which the limit's next start overtakes this one, whether or not that opens anything: a year before it. */
static civil_day overtaken_on(const struct walk *w, unsigned limit, const struct fact *start)
{
    for (const struct fact *f = start + 1, *end = w->cf->facts + w->cf->n; f < end; f++)
        if (f->on > start->on && walk_is_start(w, limit, f))
            return civil_add_months(f->on, -12);
    return CIVIL_NONE;
}

static void take_start(struct walk *w, unsigned limit, const struct rule *r, const struct fact *start)
{
    struct obligation o;
    walk_open(w, limit, r, start, &o);
    bool notice = r->limit->count == COUNT_NOTICE_WEEKS;
    civil_day opening = notice ? o.start - 365 : civil_add_months(o.start, -12);
    civil_day alive = alive_from(w, r->limit->life, opening);
    if (alive == CIVIL_NONE || alive > w->as_of || (alive > opening && alive > o.due))
        return;
    opening = alive;

    civil_day last = notice && o.start < w->as_of ? o.start : w->as_of;
    struct fact *done = walk_unused_discharge(w, limit, r, start, last);

    const struct fact *by;
    enum closing how = first_closing(w, r, opening, last, &by);
    civil_day closed = how != CLOSING_NONE ? by->on : CIVIL_NONE;
    civil_day overtaken = notice ? CIVIL_NONE : overtaken_on(w, limit, start);
    if (overtaken != CIVIL_NONE) {
        if (overtaken < opening)
            overtaken = opening;
        if (overtaken <= w->as_of && (how == CLOSING_NONE || overtaken < closed)) {
            how = CLOSING_LAPSED;
            closed = overtaken;
            by = NULL;
        }
    }
    if (done != NULL && (how == CLOSING_NONE || done->on <= closed)) {
        walk_use(done, limit);
        walk_close(w, r, &o, CLOSING_DISCHARGED, done->on, done);
    } else {
        walk_close(w, r, &o, how, closed, by);
    }
}

/* Of the starts of one day the first that opens something is taken. */
void walk_backward(struct walk *w, unsigned limit)
{
    civil_day taken = CIVIL_NONE;
    for (const struct fact *f = w->cf->facts, *end = f + w->cf->n; f < end; f++) {
        if (f->on == taken || !walk_is_start(w, limit, f))
            continue;
        const struct rule *r = walk_rule_on(w, limit, f->on);
        if (!walk_may_open(w, r, f))
            continue;
        taken = f->on;
        take_start(w, limit, r, f);
    }
}
