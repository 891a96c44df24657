/* How what is overdue has gone, week by week, as a paper: a row for each ISO week of the last year, this one at the end.
 *
 *   trend  counted on the last evaluated day of the week and kept (trend.h), the last row now; and what fell overdue and came to an end
 *          late, by the dates of the cases (turnover.h)
 *
 * Without exceptions: what is excepted is not counted. What was kept on or after the day of `known_at` is left out: more was known then. The first
 * paragraph has what must be known to read the rows. Pure. */
#ifndef EHCWATCH_TREND_PAPER_H
#define EHCWATCH_TREND_PAPER_H

#include "overdue.h"
#include "paper.h"
#include "turnover.h"

/* Of what is overdue in the places, for the date and the limits of `now`. Nothing is borrowed. `kept` NULL: it could
 * not be read yet. NULL: out of memory. */
struct paper *trend_paper_new(const struct trend *kept, const struct case_places *places,
                              const struct overdue *now, const struct turnover *turnover);

#endif
