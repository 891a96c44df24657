#include <string.h>

#include "clearance_int.h"

#define WAIT_MOST 8192 /* days: longer ones count as that */

/* The weeks being played. */
struct play {
    struct clearance_run *run;
    const struct load *l;
    const struct first_week *first;
    uint32_t *open, *ready;        /* by heap */
    uint32_t waits[WAIT_MOST + 1]; /* of those issued, by days from the request */
    int week;
};

static civil_day last_day(const struct play *p)
{
    return p->l->as_of + 7 * p->week;
}

/* What a rate comes to in week w, the fractions carried on. */
static uint32_t in_week(uint64_t milli, int week, uint64_t of, uint64_t in)
{
    uint64_t upto = milli * (uint64_t)week / 1000, before = milli * (uint64_t)(week - 1) / 1000;
    return (uint32_t)(upto * of / in - before * of / in);
}

/* Finishes up to `most` plans of the heap; how many. */
static uint32_t finish(struct play *p, uint32_t heap, uint32_t most, uint32_t *told)
{
    const struct heap *h = &p->l->heaps[heap];
    uint32_t n = p->ready[heap] < most ? p->ready[heap] : most;
    if (n == 0)
        return 0;
    const civil_day due = h->request + 140, last = last_day(p);
    const bool in_time = !h->lost && due > last - 7;
    int days = (in_time && due < last ? due : last) - h->request;
    p->waits[days < WAIT_MOST ? days : WAIT_MOST] += n;
    p->ready[heap] -= n;
    p->open[heap] -= n;
    p->run->week[p->week].issued += n;
    p->run->week[p->week].in_time += in_time ? n : 0;
    if (told != NULL && p->week == 1)
        told[heap] += n;
    return n;
}

/* Those who can still be in time, the soonest due first. */
static uint32_t save(struct play *p, uint32_t most)
{
    const struct load *l = p->l;
    uint32_t n = 0;
    for (size_t i = 0; i < l->n && n < most; i++) {
        const struct heap *h = &l->heaps[l->by_due[i]];
        if (!h->lost && h->due > last_day(p) - 7)
            n += finish(p, l->by_due[i], most - n, p->first != NULL ? p->first->saved : NULL);
    }
    return n;
}

/* Those who have waited longest. */
static uint32_t clear(struct play *p, uint32_t most)
{
    uint32_t n = 0;
    for (size_t i = 0; i < p->l->n && n < most; i++)
        n += finish(p, (uint32_t)i, most - n, p->first != NULL ? p->first->waited : NULL);
    return n;
}

static void come_and_go(struct play *p)
{
    const struct load *l = p->l;
    const uint32_t *ready = &l->ready[(size_t)p->week * l->n], *left = &l->left[(size_t)p->week * l->n];
    struct clearance_week *w = &p->run->week[p->week];
    for (size_t i = 0; i < l->n; i++) {
        if (l->heaps[i].comes > last_day(p) - 7 && l->heaps[i].comes <= last_day(p))
            p->open[i] = l->heaps[i].n;
        p->ready[i] += ready[i];
        p->open[i] -= left[i];
        w->without_plan += left[i];
    }
    w->arrivals = l->arrivals[p->week];
}

static void look(struct play *p)
{
    const struct load *l = p->l;
    struct clearance_week *w = &p->run->week[p->week];
    for (size_t i = 0; i < l->n; i++) {
        const int32_t days = last_day(p) - l->heaps[i].request;
        const uint32_t n = p->open[i];
        w->open += n;
        w->overdue += days > 140 ? n : 0;
        w->over_52 += days > 364 ? n : 0;
        if (n > 0 && days > w->longest_days)
            w->longest_days = days;
        if (p->ready[i] > 0 && days > w->longest_held_days)
            w->longest_held_days = days;
    }
    for (int i = 0; i < PIPELINE_WEEKS; i++) {
        const int week = p->week - i;
        if (week > 0) {
            w->year_issued += p->run->week[week].issued;
            w->year_in_time += p->run->week[week].in_time;
        } else {
            w->year_issued += l->flow->week[-week].plans;
            w->year_in_time += l->flow->week[-week].plans_in_time;
        }
    }
}

static void add_up(struct play *p)
{
    struct clearance_run *r = p->run;
    uint64_t sum = 0, n = 0;
    for (int d = 0; d <= WAIT_MOST; d++) {
        sum += (uint64_t)d * p->waits[d];
        n += p->waits[d];
    }
    uint64_t rank = (n * 9 + 9) / 10, seen = 0;
    for (int d = 0; d <= WAIT_MOST && seen < rank; d++) {
        seen += p->waits[d];
        r->p90_days = (uint32_t)d;
    }
    r->mean_days = n > 0 ? (uint32_t)((sum + n / 2) / n) : 0;
    for (int w = 1; w <= p->l->weeks; w++) {
        r->issued += r->week[w].issued;
        r->in_time += r->week[w].in_time;
    }
}

void run_weeks(struct clearance_run *run, const struct load *l, uint32_t *room,
               const struct first_week *first)
{
    struct play p = {.run = run, .l = l, .first = first, .open = room, .ready = room + l->n};
    const uint64_t share = run->policy == CLEARANCE_OLDEST    ? 0
                           : run->policy == CLEARANCE_NEAREST ? 100
                                                              : (uint64_t)run->save;
    memset(p.ready, 0, l->n * sizeof *p.ready);
    for (size_t i = 0; i < l->n; i++)
        p.open[i] = l->heaps[i].comes <= l->as_of ? l->heaps[i].n : 0;
    look(&p);
    for (p.week = 1; p.week <= l->weeks; p.week++) {
        struct clearance_week *w = &run->week[p.week];
        come_and_go(&p);
        w->capacity = in_week(run->capacity_milli, p.week, 1, 1);
        uint32_t kept = in_week(run->capacity_milli, p.week, share, 100);
        clear(&p, w->capacity - save(&p, kept));
        look(&p);
    }
    add_up(&p);
}
