/* The open cases as numbers, and what is played with them: between clearance.c, clearance_load.c and clearance_run.c. */
#ifndef EHCWATCH_CLEARANCE_INT_H
#define EHCWATCH_CLEARANCE_INT_H

#include "clearance.h"

/* Cases with the same day of request and the same due date. */
struct heap {
    civil_day request, due;
    civil_day comes; /* first day on which it is there: the as-of date, or the middle of a week to come */
    bool lost;       /* cannot be finished by its due date */
    uint32_t n;
};

/* Of a heap, in a week: so many more can be finished from then on, so many end without a plan. */
struct move {
    uint32_t heap, ready, left;
};

/* The heaps, and what becomes of them week by week. Week 1 is the coming one; what comes later than the last week is in none. */
struct load {
    civil_day as_of;
    int weeks;
    const struct pipeline_flow *flow;
    size_t n, cap;
    struct heap *heaps; /* by day of request, then by due date */
    uint32_t *by_due;   /* indexes of heaps, by due date, then by day of request */
    struct move *moves; /* those of week w from first_move[w] on */
    uint32_t first_move[CLEARANCE_WEEKS_MOST + 2];
    uint32_t arrivals[CLEARANCE_WEEKS_MOST + 1];
    struct maker *maker; /* while it is being made */
};

/* Where an open course stands: its heap's key, and the week from which it can be finished. */
struct standing {
    civil_day request, due;
    bool lost;
    int ready_week; /* 1: the coming one */
    int stage_week; /* in which the stage that it is in will be over */
};

/* `nth`: of the open courses in their order, from 1 on. */
struct standing standing_of(const struct pipeline *p, const struct course *c, uint32_t nth);

/* Makes the load of c->ask, and fills in what `c` tells of it: begun once, then made in steps. The pipeline and the places outlive the
 * making. False, -1: out of memory, what is there can be freed. 1: there is more to do; 0: it is made. */
bool load_begin(struct load *l, const struct pipeline *p, const struct case_places *where,
                const struct clearance *c);
int load_step(struct load *l, struct clearance *c);
void load_free(struct load *l);

/* The heap of an open course; NULL: none. */
const struct heap *load_heap(const struct load *l, const struct standing *s);

/* What is taken from each heap in the first week. */
struct first_week {
    uint32_t *saved, *waited; /* [heap] */
};

/* Plays the weeks through. run->policy, save and capacity_milli say how. `room` holds 2 * l->n numbers; `first`: NULL when nobody wants to know. */
void run_weeks(struct clearance_run *run, const struct load *l, uint32_t *room,
               const struct first_week *first);

#endif
