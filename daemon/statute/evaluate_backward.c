#include "count.h"
#include "evaluate_walk.h"

/* Limits that count backward from a day that may lie ahead: a meeting, a transfer. The obligation exists from its opening
 * day, a year before its start. */

/* The first day on which the life is running on or after `opening`, or CIVIL_NONE when it has ended for good. */
static civil_day alive_from(const struct walk *w, civil_day opening)
{
    civil_day ended = CIVIL_NONE;
    for (size_t i = 0; i < w->cf->n;) {
        civil_day on = w->cf->facts[i].on;
        bool ends = false, begins = false, closed = false;
        for (; i < w->cf->n && w->cf->facts[i].on == on; i++) {
            const struct fact *f = &w->cf->facts[i];
            ends |= (w->rule->life_ends & EVENT_BIT(f->event)) != 0;
            closed |= f->event == EV_CASE_CLOSED;
            begins |= life_begins(w->rule, f);
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
static enum closing first_closing(const struct walk *w, civil_day from, civil_day to, const struct fact **by)
{
    enum closing how = CLOSING_NONE;
    *by = NULL;
    for (size_t i = 0; i < w->cf->n && w->cf->facts[i].on <= to; i++) {
        const struct fact *f = &w->cf->facts[i];
        if (f->on < from)
            continue;
        if (*by != NULL && f->on > (*by)->on)
            break;
        if (term_hit(&w->rule->voided_by, f)) {
            *by = f;
            return CLOSING_VOIDED;
        }
        bool lapses = term_hit(&w->rule->lapsed_by, f) || (w->rule->life_ends & EVENT_BIT(f->event)) != 0;
        if (lapses && *by == NULL) {
            *by = f;
            how = CLOSING_LAPSED;
        }
    }
    return how;
}

static void take_start(struct walk *w, const struct fact *start, civil_day next)
{
    struct obligation o = walk_opened(w, start);
    const struct limit *l = w->rule->limit;
    bool notice = l->count == COUNT_NOTICE_WEEKS;
    civil_day opening = notice ? o.start - 365 : civil_add_months(o.start, -12);
    civil_day alive = alive_from(w, opening);
    if (alive == CIVIL_NONE || alive > w->as_of || (alive > opening && alive > o.due))
        return;
    opening = alive;

    civil_day last = notice && o.start < w->as_of ? o.start : w->as_of;
    civil_day from = o.start - l->early_days, previous = walk_previous_start(w, o.start);
    struct fact *done = walk_unused_discharge(w, previous >= from ? previous + 1 : from, last);

    const struct fact *by;
    enum closing how = first_closing(w, opening, last, &by);
    civil_day closed = how != CLOSING_NONE ? by->on : CIVIL_NONE;
    if (!notice && next != CIVIL_NONE) {
        civil_day overtaken = civil_add_months(next, -12);
        if (overtaken < opening)
            overtaken = opening;
        if (overtaken <= w->as_of && (how == CLOSING_NONE || overtaken < closed)) {
            how = CLOSING_LAPSED;
            closed = overtaken;
            by = NULL;
        }
    }
    if (done != NULL && (how == CLOSING_NONE || done->on <= closed)) {
        done->mark = w->stamp;
        walk_close(w, &o, CLOSING_DISCHARGED, done->on, (enum event)done->event);
    } else {
        walk_close(w, &o, how, closed, by != NULL ? (enum event)by->event : EV_UNKNOWN);
    }
}

void walk_backward(struct walk *w)
{
    const struct case_facts *cf = w->cf;
    for (size_t i = 0; i < cf->n;) {
        if ((EVENT_BIT(cf->facts[i].event) & w->starts) == 0) {
            i++;
            continue;
        }
        civil_day on = cf->facts[i].on, next = CIVIL_NONE;
        const struct fact *start = NULL;
        for (; i < cf->n && cf->facts[i].on == on; i++)
            if (start == NULL && walk_is_start(w, &cf->facts[i]) && walk_may_open(w, &cf->facts[i]))
                start = &cf->facts[i];
        for (size_t j = i; start != NULL && j < cf->n && next == CIVIL_NONE; j++)
            if (walk_is_start(w, &cf->facts[j]))
                next = cf->facts[j].on;
        if (start != NULL)
            take_start(w, start, next);
    }
}
