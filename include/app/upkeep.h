/* What the leader does once a day, after an evaluation: acknowledgements that have run out are ended, and what is older than keep_days and
 * done with is deleted, a few hundred rows at a time, so that nobody waits for it, over a connection that is
 * there for so long only. Each statement carries the fence of the lease. */
#ifndef EHCWATCH_UPKEEP_H
#define EHCWATCH_UPKEEP_H

#include "core.h"

struct upkeep;

/* NULL: out of memory. */
struct upkeep *upkeep_new(struct core *core) MUST_CHECK;

/* NULL is fine. */
void upkeep_free(struct upkeep *u);

/* An evaluation was written: begins if this daemon leads and has not done it for the evaluation's date. What fails is tried again at
 * the next call. */
void upkeep_look(struct upkeep *u);

#endif
