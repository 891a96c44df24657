#include "clearance.h"

#include <stdlib.h>
#include <string.h>

#include "clearance_int.h"
#include "slice_sort.h"

static const char *const policy_names[CLEARANCE_POLICIES] = {"oldest", "nearest", "mix"};

const char *clearance_policy_name(enum clearance_policy p)
{
    return policy_names[p];
}

enum clearance_policy clearance_policy_by_name(const char *name)
{
    size_t i = 0;
    while (i < CLEARANCE_POLICIES && strcmp(policy_names[i], name) != 0)
        i++;
    return (enum clearance_policy)i;
}

struct clearance_ask clearance_ask_default(void)
{
    return (struct clearance_ask){.capacity_milli = CLEARANCE_RECENT,
                                  .arrivals_milli = CLEARANCE_RECENT,
                                  .weeks = CLEARANCE_WEEKS,
                                  .save = CLEARANCE_SAVE,
                                  .policy = CLEARANCE_MIX};
}

/* What a plan is made with. */
struct clearance_work {
    const struct pipeline *p;
    struct case_places where;
    struct pipeline_flow flow;
    struct load load;
    uint32_t *room;
    struct first_week first;
    struct slice_sort sort;           /* of the picks */
    int (*step)(struct clearance *c); /* what is to be done next */
    size_t at;                        /* how far it is */
    uint32_t no, yes, nth;
};

static void work_free(struct clearance *c)
{
    struct clearance_work *w = c->work;
    if (w == NULL)
        return;
    load_free(&w->load);
    slice_sort_free(&w->sort);
    free(w->room);
    free(w);
    c->work = NULL;
}

void clearance_free(struct clearance *c)
{
    if (c == NULL)
        return;
    work_free(c);
    free(c->picks);
    free(c);
}

static void set_rates(struct clearance *c, const struct pipeline_flow *flow)
{
    for (int i = 0; i < CLEARANCE_RATE_WEEKS; i++) {
        c->recent_plans += flow->week[i].plans;
        c->recent_requests += flow->week[i].requests;
    }
    if (c->ask.capacity_milli == CLEARANCE_RECENT)
        c->ask.capacity_milli = c->recent_plans * 1000 / CLEARANCE_RATE_WEEKS;
    if (c->ask.arrivals_milli == CLEARANCE_RECENT)
        c->ask.arrivals_milli = c->recent_requests * 1000 / CLEARANCE_RATE_WEEKS;
}

/* --- the coming week: the last step ---------------------------------------------------------------------------------- */

/* The numbers are those of heaps: of each the first cases that can be finished. */
static void pick_one(struct clearance *c, const struct course *k)
{
    struct clearance_work *w = c->work;
    if (k->end != COURSE_OPEN || !case_places_hold(&w->where, k->locality, k->team, k->officer))
        return;
    const struct standing s = standing_of(w->p, k, ++w->nth);
    const struct heap *h = s.ready_week == 1 ? load_heap(&w->load, &s) : NULL;
    if (h == NULL)
        return;
    uint32_t *saved = &w->first.saved[h - w->load.heaps], *waited = &w->first.waited[h - w->load.heaps];
    if (*saved + *waited == 0)
        return;
    c->picks[c->n_picks++] =
        (struct clearance_pick){k, s.due, *saved > 0 ? CLEARANCE_SAVED : CLEARANCE_WAITED};
    *(*saved > 0 ? saved : waited) -= 1;
}

#define AT_ONCE 8192

/* Those to be saved by their due dates, then those who have waited longest. Equals stay as they are: in the order of courses. */
static uint64_t rank(const struct clearance_pick *p)
{
    const uint64_t request = (uint64_t)(p->course->request - CIVIL_FIRST), waited = UINT64_C(1) << 62;
    return p->why == CLEARANCE_SAVED ? (uint64_t)(p->due - CIVIL_FIRST) << 31 | request : waited | request;
}

static int put_picks(struct clearance *c)
{
    struct clearance_work *w = c->work;
    if (slice_sort_next(&w->sort, AT_ONCE))
        return 1;
    struct clearance_pick *sorted = reallocarray(NULL, c->n_picks + 1, sizeof *sorted);
    if (sorted == NULL)
        return -1;
    for (size_t i = 0; i < c->n_picks; i++)
        sorted[i] = c->picks[w->sort.items[i].row];
    free(c->picks);
    c->picks = sorted;
    work_free(c);
    return 0;
}

static int pick(struct clearance *c)
{
    struct clearance_work *w = c->work;
    if (w->at == 0)
        c->picks = reallocarray(NULL, c->runs[c->ask.policy].week[1].issued + 1, sizeof *c->picks);
    if (c->picks == NULL)
        return -1;
    for (size_t i = 0; i < AT_ONCE && w->at < w->p->n; i++)
        pick_one(c, &w->p->courses[w->at++]);
    if (w->at < w->p->n)
        return 1;
    if (!slice_sort_begin(&w->sort, c->n_picks, NULL, NULL))
        return -1;
    for (size_t i = 0; i < c->n_picks; i++)
        w->sort.items[i] = (struct sort_item){rank(&c->picks[i]), (uint32_t)i};
    w->step = put_picks;
    return 1;
}

/* --- what would be enough -------------------------------------------------------------------------------------------- */

static void play(const struct clearance *c, struct clearance_run *run, enum clearance_policy policy, int save,
                 uint32_t capacity_milli, const struct first_week *first)
{
    *run = (struct clearance_run){.policy = policy, .save = save, .capacity_milli = capacity_milli};
    run_weeks(run, &c->work->load, c->work->room, first);
}

static uint32_t left_overdue(const struct clearance *c, uint32_t plans)
{
    struct clearance_run run;
    play(c, &run, CLEARANCE_OLDEST, 0, plans * 1000, NULL);
    return run.week[c->ask.weeks].overdue;
}

/* The more are finished, the fewer are left: the smallest number that leaves none but those who are not far enough. First more
 * and more are tried, then what lies between the last two. */
static int find_capacity(struct clearance *c)
{
    struct clearance_work *w = c->work;
    const uint32_t most = CLEARANCE_MOST / 1000;
    if (w->yes == 0) {
        c->clear_left = left_overdue(c, most);
        w->yes = left_overdue(c, 0) <= c->clear_left ? 0 : most;
        w->no = 0;
        w->at = w->yes > 0 ? 1 : 0;
    } else if (w->at > 0 && w->at < most) { /* trying more and more */
        if (left_overdue(c, (uint32_t)w->at) <= c->clear_left) {
            w->yes = (uint32_t)w->at;
            w->at = most;
        } else {
            w->no = (uint32_t)w->at;
            w->at *= 4;
        }
    } else if (w->yes - w->no > 1) {
        uint32_t mid = w->no + (w->yes - w->no) / 2;
        *(left_overdue(c, mid) <= c->clear_left ? &w->yes : &w->no) = mid;
    }
    if (w->yes > 0 && w->yes - w->no > 1)
        return 1;
    c->clear_capacity = w->yes;
    w->at = 0;
    w->step = pick;
    return 1;
}

/* --- from the beginning ---------------------------------------------------------------------------------------------- */

static int play_policies(struct clearance *c)
{
    struct clearance_work *w = c->work;
    const size_t i = w->at++;
    if (i < CLEARANCE_POLICIES)
        play(c, &c->runs[i], (enum clearance_policy)i, c->ask.save, c->ask.capacity_milli,
             i == (size_t)c->ask.policy ? &w->first : NULL);
    else
        play(c, &c->frontier[i - CLEARANCE_POLICIES], CLEARANCE_MIX, 10 * (int)(i - CLEARANCE_POLICIES),
             c->ask.capacity_milli, NULL);
    if (w->at == CLEARANCE_POLICIES + CLEARANCE_SHARES) {
        w->at = 0;
        w->step = find_capacity;
    }
    return 1;
}

static int make_load(struct clearance *c)
{
    struct clearance_work *w = c->work;
    int more = load_step(&w->load, c);
    if (more != 0)
        return more;
    const size_t n = w->load.n + 1;
    w->room = calloc(4 * n, sizeof *w->room);
    w->first = (struct first_week){w->room + 2 * n, w->room + 3 * n};
    w->step = play_policies;
    return w->room != NULL ? 1 : -1;
}

static int take_flow(struct clearance *c)
{
    struct clearance_work *w = c->work;
    pipeline_flow_add(w->p, &w->where, w->at, 4 * AT_ONCE, &w->flow);
    w->at += 4 * AT_ONCE;
    if (w->at < w->p->n)
        return 1;
    set_rates(c, &w->flow);
    w->at = 0;
    w->step = make_load;
    return load_begin(&w->load, w->p, &w->where, c) ? 1 : -1;
}

struct clearance *clearance_new(const struct pipeline *p, const struct case_places *where,
                                const struct clearance_ask *ask)
{
    struct clearance *c = calloc(1, sizeof *c);
    struct clearance_work *w = calloc(1, sizeof *w);
    if (c == NULL || w == NULL) {
        free(c);
        free(w);
        return NULL;
    }
    *w = (struct clearance_work){.p = p, .where = *where, .load.flow = &w->flow, .step = take_flow};
    c->ask = *ask;
    c->as_of = p->as_of;
    c->work = w;
    return c;
}

int clearance_step(struct clearance *c)
{
    return c->work != NULL ? c->work->step(c) : 0;
}
