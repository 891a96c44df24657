/* What was overdue week by week, of the history that the database keeps: enough of it in memory to be drawn on a page at once.
 *
 * For each ISO week the breached statutory obligations on its last evaluated day, by locality and team. A week without an evaluation is
 * not there. Filled from whatever has the counts, then read. Pure. */
#ifndef EHCWATCH_TREND_H
#define EHCWATCH_TREND_H

#include "pipeline.h"

#define TREND_WEEKS 53 /* this one and a year of those before it */

/* A place that no case of the snapshot has been in: nobody can ask for it. */
#define TREND_NO_PLACE (NAMES_FULL - 1)

struct trend;

/* Of the weeks from `since` on, a Monday. NULL: out of memory. */
struct trend *trend_new(civil_day since);
void trend_free(struct trend *t); /* NULL is fine */

/* The Monday from which on it has what was counted. */
civil_day trend_since(const struct trend *t);

/* The last evaluated day of a week, in ascending order, with the statutory limits that were under watch; not observed: worked out afterwards.
 * More than TREND_WEEKS are passed over. */
void trend_day(struct trend *t, civil_day day, uint64_t limits, bool observed);

/* Of the day that was added last: nothing when that was passed over, or there is none. */
struct trend_count {
    uint32_t locality, team; /* numbers of words.places, or TREND_NO_PLACE */
    uint32_t overdue;
    uint32_t plans; /* of these: the final plan within 20 weeks */
};

/* False: out of memory. */
bool trend_count(struct trend *t, const struct trend_count *c) MUST_CHECK;

struct trend_sum {
    civil_day day;
    uint64_t limits;
    bool observed;
    uint64_t overdue, plans;
};

/* Adds up the counts of the places, week by week, of the days before `before`: how many there are. Of officers nothing is kept: with one in the
 * places there are none. NULL trend: none. */
size_t trend_sums(const struct trend *t, const struct case_places *places, civil_day before,
                  struct trend_sum sums[TREND_WEEKS]);

/* The Monday of the first of the TREND_WEEKS that end with the week of the day. */
civil_day trend_first(civil_day day);

#endif
