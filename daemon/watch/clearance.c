#include "clearance.h"

#include <stdlib.h>
#include <string.h>

#include "clearance_int.h"

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

void clearance_free(struct clearance *c)
{
    if (c == NULL)
        return;
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

static void play(struct clearance_run *run, enum clearance_policy policy, int save, uint32_t capacity_milli,
                 const struct load *l, uint32_t *room, const struct first_week *first)
{
    *run = (struct clearance_run){.policy = policy, .save = save, .capacity_milli = capacity_milli};
    run_weeks(run, l, room, first);
}

/* --- what would be enough -------------------------------------------------------------------------------------------- */

static uint32_t left_overdue(uint32_t plans, const struct load *l, uint32_t *room)
{
    struct clearance_run run;
    play(&run, CLEARANCE_OLDEST, 0, plans * 1000, l, room, NULL);
    return run.week[l->weeks].overdue;
}

/* The more are finished, the fewer are left: the smallest number that leaves none but those who are not far enough. */
static void find_capacity(struct clearance *c, const struct load *l, uint32_t *room)
{
    uint32_t no = 0, yes = CLEARANCE_MOST / 1000;
    c->clear_left = left_overdue(yes, l, room);
    if (left_overdue(0, l, room) <= c->clear_left)
        return;
    for (uint32_t most = c->open + 1; most < yes && left_overdue(most, l, room) <= c->clear_left;)
        yes = most;
    while (yes - no > 1) {
        uint32_t mid = no + (yes - no) / 2;
        if (left_overdue(mid, l, room) <= c->clear_left)
            yes = mid;
        else
            no = mid;
    }
    c->clear_capacity = yes;
}

/* --- the coming week ------------------------------------------------------------------------------------------------- */

static int compare(const void *a, const void *b)
{
    const struct clearance_pick *x = a, *y = b;
    if (x->why != y->why)
        return (int)x->why - (int)y->why;
    if (x->why == CLEARANCE_SAVED && x->due != y->due)
        return x->due < y->due ? -1 : 1;
    if (x->course->request != y->course->request)
        return x->course->request < y->course->request ? -1 : 1;
    return x->course < y->course ? -1 : x->course > y->course;
}

/* The numbers are those of heaps: of each the first cases that can be finished. */
static bool pick(struct clearance *c, const struct pipeline *p, const struct case_places *where,
                 const struct load *l, const struct first_week *first)
{
    const struct clearance_run *run = &c->runs[c->ask.policy];
    c->picks = reallocarray(NULL, run->week[1].issued + 1, sizeof *c->picks);
    uint32_t nth = 0;
    if (c->picks == NULL)
        return false;
    for (size_t i = 0; i < p->n; i++) {
        const struct course *k = &p->courses[i];
        if (k->end != COURSE_OPEN || !case_places_hold(where, k->locality, k->team, k->officer))
            continue;
        const struct standing s = standing_of(p, k, ++nth);
        const struct heap *h = s.ready_week == 1 ? load_heap(l, &s) : NULL;
        if (h == NULL)
            continue;
        uint32_t *saved = &first->saved[h - l->heaps], *waited = &first->waited[h - l->heaps];
        if (*saved + *waited == 0)
            continue;
        c->picks[c->n_picks++] =
            (struct clearance_pick){k, s.due, *saved > 0 ? CLEARANCE_SAVED : CLEARANCE_WAITED};
        *(*saved > 0 ? saved : waited) -= 1;
    }
    qsort(c->picks, c->n_picks, sizeof *c->picks, compare);
    return true;
}

/* --- all of it ------------------------------------------------------------------------------------------------------- */

static bool plan(struct clearance *c, const struct pipeline *p, const struct case_places *where,
                 const struct load *l)
{
    uint32_t *room = calloc(4 * (l->n + 1), sizeof *room);
    if (room == NULL)
        return false;
    const struct first_week first = {room + 2 * l->n, room + 3 * l->n};
    for (int i = 0; i < CLEARANCE_POLICIES; i++)
        play(&c->runs[i], (enum clearance_policy)i, c->ask.save, c->ask.capacity_milli, l, room,
             i == (int)c->ask.policy ? &first : NULL);
    for (int i = 0; i < CLEARANCE_SHARES; i++)
        play(&c->frontier[i], CLEARANCE_MIX, 10 * i, c->ask.capacity_milli, l, room, NULL);
    find_capacity(c, l, room);
    bool ok = pick(c, p, where, l, &first);
    free(room);
    return ok;
}

struct clearance *clearance_new(const struct pipeline *p, const struct case_places *where,
                                const struct clearance_ask *ask)
{
    struct pipeline_flow flow;
    struct clearance *c = calloc(1, sizeof *c);
    struct load l = {.flow = &flow};
    if (c == NULL)
        return NULL;
    c->ask = *ask;
    c->as_of = p->as_of;
    pipeline_flow(p, where, &flow);
    set_rates(c, &flow);
    if (!load_make(&l, p, where, c) || !plan(c, p, where, &l)) {
        clearance_free(c);
        c = NULL;
    }
    load_free(&l);
    return c;
}
