/* Which cases of a walk a filter lets through, and what is left of them: for the lists. Pure. */
#ifndef EHCWATCH_CASE_PICK_H
#define EHCWATCH_CASE_PICK_H

#include "band.h"
#include "breach_list.h"
#include "case_walk.h"

/* Whether the case lies in the places that are asked for: known before it is evaluated (case_walk_only; `ud`: the struct breach_filter). */
bool case_pick_place(const void *filter, const struct record_case *head);

/* Whether its band, age and stage are asked for. */
bool case_pick_facts(const struct breach_filter *f, const struct case_seen *seen);

#define DRIFT_NONE INT32_MIN

/* Drift (rulebook section 3): the largest A - D of the open obligations of kind statutory, target and derived; days behind, or, below 0, in
 * hand. DRIFT_NONE: nothing is open. `limits`: those that count. */
int32_t case_drift(const struct rulebook *rb, uint64_t limits, civil_day as_of, const struct obligation *o,
                   size_t n);

/* How bad it is that an obligation is in that state, 0 the worst: breached, excepted, at risk, on track, and what is over. The order of lists. */
unsigned state_rank(enum state s);

#endif
