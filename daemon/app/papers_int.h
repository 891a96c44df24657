/* How papers are made: between the desk (papers.c) and the parts (papers_parts.c). */
#ifndef EHCWATCH_PAPERS_INT_H
#define EHCWATCH_PAPERS_INT_H

#include "case_walk.h"
#include "papers.h"

/* Empty ones, ready for a walk over the status's snapshot. NULL: out of memory. */
struct papers *papers_new(const struct status *s, const struct papers_want *want);

/* The walk that fills them; `want` outlives it. NULL: out of memory. */
struct case_walk *papers_walk(struct papers *p, const struct papers_want *want);

/* After the walk, from *part = 0 on: one step of finishing. 1: there is more to do; 0: they are made; -1: out of memory. */
int papers_finish(struct papers *p, size_t *part);

#endif
