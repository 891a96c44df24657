/* What fell overdue and what came to an end late, week by week: a part of the papers (case_walk.h).
 *
 * Statutory obligations under watch, by the dates of the cases as they are known: one falls overdue on the day after its last, and is over
 * on the day of the event that closes it, late or too late for good; a notice that was not given, on the day of the meeting. Excepted ones, and those that were not owed after all, are not counted. What
 * was recorded late or corrected lies where it belongs: the counts of the history, which were made on the day, need not follow. Pure. */
#ifndef EHCWATCH_TURNOVER_H
#define EHCWATCH_TURNOVER_H

#include "case_walk.h"
#include "trend.h"

struct turnover {
    const struct judge_how *how;
    uint64_t statutory; /* and under watch */
    civil_day first;    /* trend_first: the Monday of the first week */
    uint32_t fell[TREND_WEEKS];
    uint32_t done[TREND_WEEKS], missed[TREND_WEEKS]; /* late; for good */
};

/* `how` outlives it. NULL: out of memory. */
struct turnover *turnover_new(const struct judge_how *how, uint64_t watched);
bool turnover_visit(void *ud, const struct case_seen *seen);
int turnover_finish(struct turnover *t);
void turnover_free(struct turnover *t); /* NULL is fine */

#endif
