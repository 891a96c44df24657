/* Counting: from the start of an obligation to its last lawful day (rulebook section 4).
 *
 *   within_weeks n, within_days n        E + 7n, E + n: the day of the event is not counted
 *   days_beginning_with n                E + n - 1: E is day 1
 *   months_starting_with n               the day before the corresponding date n months on; where that month has no such
 *                                        day, its last day. "Period of 12 months starting with": s.44(1) of the 2014 Act
 *   months_starting_with_less_28d n      the same less 28 days
 *   months_after n, months_before n      the same day number n months on or back, clamped to the month's end
 *   notice_weeks n                       E - 7n: E is the meeting
 *   before_15_feb, before_31_mar         14 February, 30 March of E's calendar year: "before" excludes the day
 *   working_days_after n                 the n-th working day after E
 *   working_days_beginning_with n        the n-th working day counting from E itself
 *   move_working_days n                  the day of the move, if the authority knew n working days before it; otherwise
 *                                        working_days_beginning_with n (SEND Regulations 2014 reg 15(2))
 *   transfer_review_months               the later of 12 months from the last plan or review and 3 months from E (reg 15(5))
 *   cease_floor_months n                 two months, a month from a mediation certificate, and while an appeal is pending
 *                                        (HESC Rules 2008 r.20(1)(c); s.45(4) of the 2014 Act)
 *   tribunal_days_after n                the n-th Tribunal working day after E
 *
 * Pure. No statutory date is ever rolled forward off a weekend or holiday. */
#ifndef EHCWATCH_COUNT_H
#define EHCWATCH_COUNT_H

#include "calendar.h"
#include "facts.h"
#include "limit.h"

/* The last lawful day. `cf` gives the facts that the counts of moves, transfers and ceasing ask for and may be NULL for
 * none; `as_of` stands for "none yet". *exhausted (may be NULL) is set when working days were counted past the calendar's last
 * known year, and left alone otherwise: a day of a move that lies there is not counted. */
civil_day count_due(enum limit_count count, int n, civil_day start, const struct calendar *cal,
                    const struct case_facts *cf, civil_day as_of, bool *exhausted);

/* The days from the start to the last lawful day where they are always as many; else COUNT_NOT_IN_DAYS. */
#define COUNT_NOT_IN_DAYS INT32_MIN
int count_days(enum limit_count count, int n);

/* Whether working days of ours or of the Tribunal are counted. */
bool count_of_working_days(enum limit_count count);

/* Whether a rival reading counts the day of receipt as day 1, so that only the day before the due date is safe. */
bool count_has_rival(enum limit_count count);

/* Whether the count runs backward from a day that may lie ahead. */
bool count_is_backward(enum limit_count count);

#endif
