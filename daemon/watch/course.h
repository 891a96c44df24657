/* What a case's facts say of its assessment; between pipeline.c and course.c. */
#ifndef EHCWATCH_COURSE_H
#define EHCWATCH_COURSE_H

#include "pipeline.h"

#define COURSES_MAX 4 /* of one case: more often than that nobody takes one up again */

/* The courses of a case, the last one last: only that may be open. `due` and what concerns the case are left to the caller. */
size_t courses_of(const struct case_facts *facts, struct course out[COURSES_MAX]);

#endif
