/* How things stand, in numbers: the answer of /v1/summary. Pure. */
#ifndef EHCWATCH_SUMMARY_TEXT_H
#define EHCWATCH_SUMMARY_TEXT_H

#include "buf.h"
#include "status.h"
#include "summary_more.h"

/* {"as_of","evaluated_at","known_at","rulebook","leader","lease":{"holder","since","term"},"cases":{"total","breached","stages":{stage:N}},"limits":[{"id","title",
 * "kind","monitored","why","states":{state:N},"due":{"7d","14d","28d"},"oldest_overdue"}],"findings":{kind:N},
 * "endpoints":[{"name","pending","dead"}]} of a status that has a snapshot. All limits of the rulebook in its order; of one that is
 * not watched the numbers are null. "oldest_overdue" is the earliest due date among the breached. "lease" is null until it is known. `more`, unless it is NULL, adds what
 * summary_more.h says; it is of the same snapshot. */
void summary_text(struct buf *b, const struct status *s, const struct summary_more *more);

/* "watched: plan_issued occurs in the source": why the limit is watched, or why not. */
void watch_why(struct buf *b, const struct status *s, size_t limit);

#endif
