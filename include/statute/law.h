/* The parts of the table of limits. Only limit.c reads them; everybody else asks limit.h. */
#ifndef EHCWATCH_LAW_H
#define EHCWATCH_LAW_H

#include "limit.h"

#define SINCE_2014 16314 /* 1 September 2014: Children and Families Act 2014, Part 3 */

extern const struct limit law_assessment[], law_review[], law_plan[], law_dispute[];
extern const size_t law_assessment_len, law_review_len, law_plan_len, law_dispute_len;

#endif
