/* What is recorded and not told one by one: baselines, and the rule by which an import is known from a busy day.
 *
 * Transitions are written in any case; endpoints get one summary (baseline.summary) that says why.
 *
 *   first_run, new_limit   Where the story of a limit begins nothing has changed yet: its states are written, and no transitions.
 *   rulebook               Of a limit whose rule is another one, what the new rule alone changed is not told: a change that it already
 *                          makes of what was known, and was the date, at the evaluation before. What came or fell due since is told as
 *                          ever, and so are all other limits.
 *   bulk_import            When the rows recorded since the evaluation before change the states of more than a share of all cases, what they
 *                          brought is not told.
 *
 * Whether rows brought it is a matter of dates, not of when anybody looked: a change counts as imported when it was already so on the date of
 * the evaluation before, seen with today's facts. So midnight, a clock that was moved, and an outage of weeks are no imports: what fell due
 * or happened after the last evaluation's date was not yet so on it, is told one by one, in order, and is not counted. An outage that
 * ends together with an import is judged change by change. Of a feed that comes in large lots on its own day, every lot
 * looks like an import: for that the option can be turned off. Pure. */
#ifndef EHCWATCH_BULK_H
#define EHCWATCH_BULK_H

#include "drift.h"

#define BULK_FEW 100 /* so many changed cases are told one by one, whatever share they are */

enum baseline_reason {
    BASELINE_NONE,
    BASELINE_FIRST_RUN,
    BASELINE_NEW_LIMIT,
    BASELINE_RULEBOOK,
    BASELINE_BULK_IMPORT,
};

/* "first_run" and so on; "" for BASELINE_NONE. Static text. */
const char *baseline_reason_name(enum baseline_reason r);

/* An evaluation that is over: its date, and what was known (microseconds). as_of CIVIL_NONE: there was none. */
struct evaluated {
    civil_day as_of;
    int64_t known_at;
};

/* Whether `changed` of `cases` is an import; `share` in percent, 0: nothing is. */
bool bulk_import(size_t changed, size_t cases, int share);

/* Whether the change had already come about in `then`, the obligations of the case at an earlier evaluation, in any order. */
bool bulk_already_so(const struct rulebook *rb, const struct change *c, const struct obligation *then,
                     size_t n);

#endif
