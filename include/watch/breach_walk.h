/* The breach list of another date, or as it was known at another time: evaluated as it is read.
 *
 * Nothing of it is kept, so it is worked out chunk by chunk (a thousand cases, some milliseconds), for a reader who comes back for
 * the next. It is therefore in order of case and not of lateness, and its totals are known at its end only. It holds the
 * snapshot for as long as it lives. Pure. */
#ifndef EHCWATCH_BREACH_WALK_H
#define EHCWATCH_BREACH_WALK_H

#include "breach_list.h"

struct breach_walk {
    struct snapshot *snapshot; /* a reference of the walk */
    struct judge_how how;      /* what it points to outlives the walk */
    struct breach_filter filter;
    struct record_room room;
    size_t slot;                   /* the next to be judged */
    size_t n_obligations, n_cases; /* that passed so far */

    /* The chunk judged last. */
    struct verdict *verdict;
    uint32_t n;       /* rows of it that pass */
    uint32_t *picked; /* which they are, in the order of case ids, then of limits in the table */
};

/* NULL: out of memory. */
struct breach_walk *breach_walk_new(struct snapshot *s, const struct judge_how *how,
                                    const struct breach_filter *filter);
void breach_walk_free(struct breach_walk *w); /* NULL is fine */

/* Judges the next chunk, which may have no rows. 1: done; 0: there is none left; -1: out of memory. */
int breach_walk_next(struct breach_walk *w) MUST_CHECK;

/* Row i of the chunk: the obligation, and its case's record. Valid until the next call. */
const struct obligation *breach_walk_obligation(const struct breach_walk *w, uint32_t i);
const unsigned char *breach_walk_record(const struct breach_walk *w, uint32_t i);

#endif
