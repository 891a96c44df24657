/* The obligations of another date, or as it was known at another time, or that a snapshot does not list: worked out while
 * somebody waits for it.
 *
 * Nothing of it is there beforehand, so each case is judged, in slices, by a caller who comes back for the next and does
 * something else in between. What passes the filter is kept until the end, 44 bytes a row, and is then a list like any
 * other. A walk holds the snapshot for as long as it lives. Pure. */
#ifndef EHCWATCH_BREACH_WALK_H
#define EHCWATCH_BREACH_WALK_H

#include "breach_list.h"

struct breach_walk;

/* What `how` points to outlives the walk. NULL: out of memory. */
struct breach_walk *breach_walk_new(struct snapshot *s, const struct judge_how *how,
                                    const struct breach_filter *filter);
void breach_walk_free(struct breach_walk *w); /* NULL is fine */

/* Judges the next slice, of some hundreds of cases. 1: there may be more; 0: there is none left; -1: out of memory. */
int breach_walk_next(struct breach_walk *w) MUST_CHECK;

/* When none is left: the list, the longest overdue first, as that of the snapshot's own date. The walk is empty then. NULL: out
 * of memory. */
struct breach_list *breach_walk_list(struct breach_walk *w);

#endif
