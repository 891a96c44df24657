/* The steps of one assessment, from the request to the plan: the first day of each, from the facts of a case.
 *
 * What is published is counted from these: DfE's figures know the request, the decision whether to assess, and the plan or the refusal to
 * make one. Only what lies between the start and the end of the request's life is a step of it: a plan after a withdrawn request is
 * none, nor is a plan that was transferred in, and a second request changes nothing (rulebook sections 2 and 6). Pure. */
#ifndef EHCWATCH_CASE_STEPS_H
#define EHCWATCH_CASE_STEPS_H

#include "facts.h"

/* CIVIL_NONE: not on or before the as-of date. */
struct case_steps {
    civil_day start;   /* the first request, or the day on which responsibility began */
    civil_day over;    /* withdrawn, moved out or closed, whichever came first */
    civil_day decided; /* family notified whether there will be an assessment */
    civil_day agreed;  /* that there will be one; not always the first decision */
    civil_day draft;   /* the first draft plan */
    civil_day issued;  /* the first plan */
    civil_day no_plan; /* family notified that there will be no plan */
    bool refused;      /* the decision was not to assess */
};

/* `cf` is settled for `as_of`. Without a start there are no steps: all is CIVIL_NONE. */
struct case_steps case_steps_of(const struct case_facts *cf, civil_day as_of);

#endif
