#include <string.h>

#include "clearance_int.h"

#define WAIT_MOST 8192 /* days: longer ones count as that */

/* The weeks being played. The heaps lie by day of request, so that those older than some age are the first so many. */
struct play {
    struct clearance_run *run;
    const struct load *l;
    const struct first_week *first;
    uint32_t *open, *ready; /* by heap */
    int week;
    size_t came;             /* heaps that are there */
    size_t overdue, over_52; /* heaps as old as that */
    uint32_t n_open, n_overdue, n_over_52;
    size_t oldest;                 /* no heap before it has anybody left */
    size_t next_due;               /* of by_due: those before it are too late */
    uint32_t waits[WAIT_MOST + 1]; /* of those issued, by days from the request */
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

/* Some of a heap are there no longer. */
static void go(struct play *p, size_t heap, uint32_t n)
{
    p->open[heap] -= n;
    p->n_open -= n;
    p->n_overdue -= heap < p->overdue ? n : 0;
    p->n_over_52 -= heap < p->over_52 ? n : 0;
}

/* Finishes up to `most` plans of the heap; how many. */
static uint32_t finish(struct play *p, size_t heap, uint32_t most, uint32_t *told)
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
    go(p, heap, n);
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
    while (p->next_due < l->n && l->heaps[l->by_due[p->next_due]].due <= last_day(p) - 7)
        p->next_due++;
    for (size_t i = p->next_due; i < l->n && n < most; i++)
        if (!l->heaps[l->by_due[i]].lost)
            n += finish(p, l->by_due[i], most - n, p->first != NULL ? p->first->saved : NULL);
    return n;
}

/* Those who have waited longest. */
static uint32_t clear(struct play *p, uint32_t most)
{
    uint32_t n = 0;
    for (size_t i = p->oldest; i < p->came && n < most; i++)
        n += finish(p, i, most - n, p->first != NULL ? p->first->waited : NULL);
    return n;
}

/* Who is there by the end of the week, and who is how old then. */
static void grow_older(struct play *p)
{
    const struct load *l = p->l;
    for (; p->came < l->n && l->heaps[p->came].comes <= last_day(p); p->came++) {
        p->open[p->came] = l->heaps[p->came].n;
        p->n_open += p->open[p->came];
    }
    for (; p->overdue < p->came && last_day(p) - l->heaps[p->overdue].request > 140; p->overdue++)
        p->n_overdue += p->open[p->overdue];
    for (; p->over_52 < p->came && last_day(p) - l->heaps[p->over_52].request > 364; p->over_52++)
        p->n_over_52 += p->open[p->over_52];
}

static void come_and_go(struct play *p)
{
    const struct load *l = p->l;
    struct clearance_week *w = &p->run->week[p->week];
    grow_older(p);
    for (uint32_t i = l->first_move[p->week]; i < l->first_move[p->week + 1]; i++) {
        const struct move *m = &l->moves[i];
        p->ready[m->heap] += m->ready;
        go(p, m->heap, m->left);
        w->without_plan += m->left;
    }
    w->arrivals = l->arrivals[p->week];
}

static void look(struct play *p)
{
    const struct load *l = p->l;
    struct clearance_week *w = &p->run->week[p->week];
    w->open = p->n_open;
    w->overdue = p->n_overdue;
    w->over_52 = p->n_over_52;
    while (p->oldest < p->came && p->open[p->oldest] == 0)
        p->oldest++;
    if (p->oldest < p->came)
        w->longest_days = last_day(p) - l->heaps[p->oldest].request;
    size_t held = p->oldest;
    while (held < p->came && p->ready[held] == 0)
        held++;
    if (held < p->came)
        w->longest_held_days = last_day(p) - l->heaps[held].request;
}

/* The published figure, rolling: what has been in the first weeks of it. */
static void look_back(struct clearance_run *r, const struct load *l)
{
    for (int week = 0; week <= l->weeks; week++)
        for (int i = 0; i < PIPELINE_WEEKS; i++) {
            const int of = week - i;
            r->week[week].year_issued += of > 0 ? r->week[of].issued : l->flow->week[-of].plans;
            r->week[week].year_in_time += of > 0 ? r->week[of].in_time : l->flow->week[-of].plans_in_time;
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
    look_back(r, p->l);
}

void run_weeks(struct clearance_run *run, const struct load *l, uint32_t *room,
               const struct first_week *first)
{
    struct play p = {.run = run, .l = l, .first = first, .open = room, .ready = room + l->n};
    const uint64_t share = run->policy == CLEARANCE_OLDEST    ? 0
                           : run->policy == CLEARANCE_NEAREST ? 100
                                                              : (uint64_t)run->save;
    memset(room, 0, 2 * l->n * sizeof *room);
    grow_older(&p);
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
