#include <stdlib.h>
#include <string.h>

#include "clearance_int.h"

#define TWENTY_WEEKS 140
#define COMMENT_DAYS 15 /* from the draft to the plan, at least */
#define AGE_MOST     7300
#define NO_HEAP      UINT32_MAX

/* --- how far a case is ----------------------------------------------------------------------------------------------- */

/* Others are waited for: the stage holds the time until the advice is complete. */
static bool waits(const struct pipeline_stage *s)
{
    return s->to >= MILESTONE_ADVISED && (s->from == MILESTONE_NONE || s->from == MILESTONE_DECIDED);
}

static int or_none(int days)
{
    return days < 0 ? 0 : days;
}

/* The n-th of a sequence that fills the whole evenly, however many are taken: multiples of the golden ratio. */
static share31 spread(uint32_t nth)
{
    return nth * UINT32_C(2654435769) >> 1;
}

/* What one who has been in the stage for `lasted` days (-1: who enters it) still needs at least. */
static int rest_of(const struct pipeline_stage *s, int lasted, share31 draw)
{
    const int least = or_none(s->least_days);
    if (!waits(s)) {
        const int all = s->to == MILESTONE_ISSUED && least < COMMENT_DAYS ? COMMENT_DAYS : least;
        return or_none(all - or_none(lasted));
    }
    int days = survival_draw(&s->spells, lasted, draw);
    if (days < 0 && !survival_known(&s->spells, lasted + 1))
        days = survival_draw(&s->spells, -1, draw); /* longer than any that moved on: as one that enters */
    return days >= 0 ? days : or_none(s->spells.last + 1 - or_none(lasted));
}

static int rest_from(const struct pipeline *p, size_t k, share31 draw)
{
    int days = 0;
    for (; k < p->n_stages; k++)
        days += rest_of(&p->stages[k], -1, draw);
    return days;
}

static int week_after(int days)
{
    return days <= 0 ? 1 : (days + 6) / 7;
}

struct standing standing_of(const struct pipeline *p, const struct course *c, uint32_t nth)
{
    const int rest = rest_of(&p->stages[c->stage], p->as_of - c->since, spread(nth));
    const int days = rest + rest_from(p, c->stage + 1u, spread(nth));
    civil_day request = c->request;
    if (request < p->as_of - AGE_MOST)
        request = p->as_of - AGE_MOST;
    const civil_day due = c->due != CIVIL_NONE && c->ordered ? c->due : request + TWENTY_WEEKS;
    return (struct standing){.request = request,
                             .due = due,
                             .lost = due < p->as_of + (days > 0 ? days : 1),
                             .ready_week = week_after(days),
                             .stage_week = week_after(rest)};
}

/* --- heaps ----------------------------------------------------------------------------------------------------------- */

/* One open course, until the heaps are in order. */
struct item {
    uint32_t heap;
    uint16_t ready, left; /* weeks; 0: never, in the weeks looked at */
};

struct maker {
    const struct pipeline *p;
    const struct case_places *where;
    struct item *items;
    size_t n_items;
    uint32_t *by_age; /* [days since the request * 2 + lost]: heap of those due after 20 weeks, or NO_HEAP */
    uint32_t *order;  /* where each heap went */
    uint32_t *ready, *left;                     /* [week * heaps + heap] */
    uint32_t planned[CLEARANCE_WEEKS_MOST + 1]; /* of those that come in, that will have a plan */
    share31 without[MILESTONE_COUNT];           /* of those in a stage, that end without one */
    uint64_t sum[MILESTONE_COUNT];
    size_t course; /* the next */
    uint32_t nth, drawn, heap,
        told; /* open courses so far; draws for those that come in; the heap that they are for, and how many of it */
    bool ordered;
};

static bool same_heap(const struct heap *h, const struct standing *s)
{
    return h->request == s->request && h->due == s->due && h->lost == s->lost;
}

static uint32_t add_heap(struct load *l, const struct standing *s, civil_day comes)
{
    if (l->n == l->cap) {
        size_t cap = l->cap ? l->cap * 2 : 256;
        struct heap *more = reallocarray(l->heaps, cap, sizeof *more);
        if (more == NULL)
            return NO_HEAP;
        l->heaps = more;
        l->cap = cap;
    }
    l->heaps[l->n] = (struct heap){.request = s->request, .due = s->due, .lost = s->lost, .comes = comes};
    return (uint32_t)l->n++;
}

/* Few are due at another time than after 20 weeks: the Tribunal's. */
static uint32_t heap_of(struct load *l, const struct standing *s)
{
    if (s->due == s->request + TWENTY_WEEKS && s->request <= l->as_of) {
        uint32_t *at = &l->maker->by_age[(l->as_of - s->request) * 2 + s->lost];
        if (*at == NO_HEAP)
            *at = add_heap(l, s, l->as_of);
        return *at;
    }
    for (size_t i = 0; i < l->n; i++)
        if (same_heap(&l->heaps[i], s))
            return (uint32_t)i;
    return add_heap(l, s, l->as_of);
}

/* Of every so many one: true for a share of the calls, spread evenly. */
static bool one_in(uint64_t *sum, share31 share)
{
    *sum += share;
    if (*sum < SHARE_ONE)
        return false;
    *sum -= SHARE_ONE;
    return true;
}

/* The share of those that enter stage k that ends without a plan. */
static share31 ends_without(const struct pipeline *p, size_t k)
{
    share31 plan = SHARE_ONE;
    for (; k < p->n_stages; k++)
        plan = share_times(plan, survival_done_in_the_end(&p->stages[k].spells));
    return SHARE_ONE - plan;
}

#define AT_ONCE 8192

static int take_open(struct load *l, struct clearance *c)
{
    struct maker *m = l->maker;
    const struct pipeline *p = m->p;
    for (size_t i = 0; i < AT_ONCE && m->course < p->n; i++) {
        const struct course *k = &p->courses[m->course++];
        if (k->end != COURSE_OPEN || !case_places_hold(m->where, k->locality, k->team, k->officer))
            continue;
        const struct standing s = standing_of(p, k, ++m->nth);
        struct item item = {.heap = heap_of(l, &s)};
        if (item.heap == NO_HEAP)
            return -1;
        bool leaves = s.ready_week > 1 && one_in(&m->sum[k->stage], m->without[k->stage]);
        int week = leaves ? s.stage_week : s.ready_week;
        *(leaves ? &item.left : &item.ready) = (uint16_t)(week <= l->weeks ? week : 0);
        l->heaps[item.heap].n++;
        m->items[m->n_items++] = item;
        c->open++;
        c->again += k->again;
        c->ready += s.ready_week == 1;
        c->leaving += leaves;
        c->overdue += p->as_of - k->request > TWENTY_WEEKS;
    }
    return m->course < p->n;
}

/* What comes in in the middle of each week, as one heap: those that will have a plan and those that will not. */
static bool take_arrivals(struct load *l, const struct clearance *c)
{
    const share31 plan = SHARE_ONE - l->maker->without[0];
    uint64_t before = 0, planned_before = 0;
    for (int w = 1; w <= l->weeks; w++) {
        const civil_day comes = l->as_of + 7 * (w - 1) + 4;
        uint64_t all = (uint64_t)c->ask.arrivals_milli * (uint64_t)w / 1000;
        uint64_t with = (all * plan) >> 31;
        l->arrivals[w] = (uint32_t)(all - before);
        l->maker->planned[w] = (uint32_t)(with - planned_before);
        before = all;
        planned_before = with;
        const struct standing s = {.request = comes, .due = comes + TWENTY_WEEKS};
        uint32_t heap = add_heap(l, &s, comes);
        if (heap == NO_HEAP)
            return false;
        l->heaps[heap].n = l->arrivals[w];
    }
    return true;
}

/* --- in order -------------------------------------------------------------------------------------------------------- */

static int compare(const void *a, const void *b)
{
    const struct heap *x = a, *y = b;
    if (x->request != y->request)
        return x->request < y->request ? -1 : 1;
    if (x->due != y->due)
        return x->due < y->due ? -1 : 1;
    return x->lost - y->lost;
}

/* The heaps are ordered, by_due is the other order, and each knows where it went. */
static bool put_in_order(struct load *l)
{
    struct maker *m = l->maker;
    struct heap *unsorted = reallocarray(NULL, l->n + 1, sizeof *unsorted);
    l->by_due = reallocarray(NULL, l->n + 1, sizeof *l->by_due);
    m->order = reallocarray(NULL, l->n + 1, sizeof *m->order);
    if (unsorted == NULL || l->by_due == NULL || m->order == NULL) {
        free(unsorted);
        return false;
    }
    memcpy(unsorted, l->heaps, l->n * sizeof *unsorted);
    qsort(l->heaps, l->n, sizeof *l->heaps, compare);
    for (size_t i = 0; i < l->n; i++)
        m->order[i] =
            (uint32_t)((const struct heap *)bsearch(&unsorted[i], l->heaps, l->n, sizeof *l->heaps, compare) -
                       l->heaps);
    free(unsorted);
    /* Nearly all are in order already: whoever came first is due first. */
    for (size_t i = 0; i < l->n; i++) {
        size_t at = i;
        for (; at > 0 && l->heaps[l->by_due[at - 1]].due > l->heaps[i].due; at--)
            l->by_due[at] = l->by_due[at - 1];
        l->by_due[at] = (uint32_t)i;
    }
    return true;
}

/* Those that come in: each of the planned ones from its own day on. 1: there are more. */
static int put_arrivals(struct load *l)
{
    struct maker *m = l->maker;
    const int stage = or_none(survival_quantile(&m->p->stages[0].spells, 500));
    for (uint32_t i = 0; i < AT_ONCE && m->heap < l->n; i++) {
        const struct heap *h = &l->heaps[m->heap];
        const uint32_t with = h->comes > l->as_of ? m->planned[(h->comes - l->as_of + 6) / 7] : 0;
        if (m->told < with) {
            const int week = week_after(h->comes + rest_from(m->p, 0, spread(++m->drawn)) - l->as_of);
            if (week <= l->weeks)
                m->ready[(size_t)week * l->n + m->heap]++;
            m->told++;
            continue;
        }
        const int left = week_after(h->comes + stage - l->as_of);
        if (h->comes > l->as_of && left <= l->weeks)
            m->left[(size_t)left * l->n + m->heap] += h->n - with;
        m->heap++;
        m->told = 0;
    }
    return m->heap < l->n;
}

static void put_items(struct load *l)
{
    struct maker *m = l->maker;
    for (size_t i = 0; i < m->n_items; i++) {
        const struct item *item = &m->items[i];
        if (item->ready > 0)
            m->ready[item->ready * l->n + m->order[item->heap]]++;
        if (item->left > 0)
            m->left[item->left * l->n + m->order[item->heap]]++;
    }
}

/* All open ones are taken: what comes in beside them, and room for the weeks. */
static bool order(struct load *l, const struct clearance *c)
{
    struct maker *m = l->maker;
    if (!take_arrivals(l, c) || !put_in_order(l))
        return false;
    const size_t cells = (size_t)(l->weeks + 1) * l->n + 1;
    m->ready = calloc(cells, sizeof *m->ready);
    m->left = calloc(cells, sizeof *m->left);
    if (m->ready == NULL || m->left == NULL)
        return false;
    put_items(l);
    m->ordered = true;
    return true;
}

/* Most heaps do not move in most weeks. */
static bool list_moves(struct load *l)
{
    const struct maker *m = l->maker;
    const size_t cells = (size_t)(l->weeks + 1) * l->n;
    size_t n = 0;
    for (size_t i = 0; i < cells; i++)
        n += m->ready[i] + m->left[i] > 0;
    l->moves = reallocarray(NULL, n + 1, sizeof *l->moves);
    if (l->moves == NULL)
        return false;
    n = 0;
    for (int w = 0; w <= l->weeks; w++) {
        l->first_move[w] = (uint32_t)n;
        for (size_t i = 0; i < l->n; i++) {
            const size_t cell = (size_t)w * l->n + i;
            if (m->ready[cell] + m->left[cell] > 0)
                l->moves[n++] = (struct move){(uint32_t)i, m->ready[cell], m->left[cell]};
        }
    }
    l->first_move[l->weeks + 1] = (uint32_t)n;
    return true;
}

static void maker_free(struct load *l)
{
    struct maker *m = l->maker;
    if (m == NULL)
        return;
    free(m->items);
    free(m->by_age);
    free(m->order);
    free(m->ready);
    free(m->left);
    free(m);
    l->maker = NULL;
}

bool load_begin(struct load *l, const struct pipeline *p, const struct case_places *where,
                const struct clearance *c)
{
    struct maker *m = l->maker = calloc(1, sizeof *m);
    if (m == NULL)
        return false;
    l->as_of = p->as_of;
    l->weeks = c->ask.weeks;
    m->p = p;
    m->where = where;
    m->items = reallocarray(NULL, p->n + 1, sizeof *m->items);
    m->by_age = reallocarray(NULL, 2 * (AGE_MOST + 1), sizeof *m->by_age);
    if (m->items == NULL || m->by_age == NULL)
        return false;
    memset(m->by_age, 0xff, 2 * (AGE_MOST + 1) * sizeof *m->by_age);
    for (size_t k = 0; k < p->n_stages; k++)
        m->without[k] = ends_without(p, k);
    return true;
}

int load_step(struct load *l, struct clearance *c)
{
    struct maker *m = l->maker;
    if (m->course < m->p->n)
        return take_open(l, c) < 0 ? -1 : 1;
    if (!m->ordered)
        return order(l, c) ? 1 : -1;
    if (put_arrivals(l) > 0)
        return 1;
    c->lead_days = rest_from(m->p, 0, SHARE_ONE / 2);
    c->need_milli = (uint32_t)((uint64_t)c->ask.arrivals_milli * (SHARE_ONE - m->without[0]) >> 31);
    if (!list_moves(l))
        return -1;
    maker_free(l);
    return 0;
}

void load_free(struct load *l)
{
    maker_free(l);
    free(l->heaps);
    free(l->by_due);
    free(l->moves);
}

const struct heap *load_heap(const struct load *l, const struct standing *s)
{
    const struct heap key = {.request = s->request, .due = s->due, .lost = s->lost};
    return bsearch(&key, l->heaps, l->n, sizeof *l->heaps, compare);
}
