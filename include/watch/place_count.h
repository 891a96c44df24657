/* How many obligations stand how, in which place: what the history keeps of a snapshot.
 *
 * Counted by limit, state, locality and team, which is a few thousand numbers whatever the number of cases. From one snapshot to the next
 * only cases whose records differ are evaluated, as they were and as they are; a chunk that both share is passed over, so that a poll that
 * found nothing new costs a look at each chunk's address. Nothing is kept of a case. Pure. */
#ifndef EHCWATCH_PLACE_COUNT_H
#define EHCWATCH_PLACE_COUNT_H

#include "caseload.h"

struct place_count {
    uint32_t locality, team; /* numbers of words.places */
    uint8_t limit, state;
    bool named;      /* for the owner: the database has a number for it */
    int32_t n;       /* obligations */
    int32_t written; /* for the owner: what the database has */
};

/* All zero is none. */
struct place_counts {
    uint32_t cases[STAGE_COUNT], breached_cases; /* as in struct tally */
    struct place_count *items; /* in the order of their coming; one whose count is 0 again stays */
    size_t n, cap;
    uint32_t *slot; /* open addressing: index of an item + 1, 0 = free */
    size_t slots;   /* a power of two */
};

/* Adds `by`. False: out of memory. */
bool place_counts_add(struct place_counts *c, const struct place_count *key, int32_t by) MUST_CHECK;
void place_counts_clear(struct place_counts *c); /* and frees */

/* Whether counts of `before` are counts of `now` too, which can be seen without a look into any chunk. */
bool place_counts_same(const struct snapshot *before, const struct snapshot *now);

struct place_walk;

/* Brings counts that are those of `before` to those of `now`; it must have been evaluated in the same way (place_counts_comparable). `before`
 * NULL: counts are to be cleared, and are counted anew, for whatever date and time the how says; asked about the past, a case
 * that is not there yet (case_is_there) is in no stage. What the how points to outlives the walk, which holds both snapshots.
 * NULL: out of memory. */
struct place_walk *place_walk_new(struct place_counts *c, struct snapshot *before, struct snapshot *now,
                                  const struct judge_how *how);
void place_walk_free(struct place_walk *w); /* NULL is fine */

/* Goes on with at most `steps` cases or chunks. 1: there may be more; 0: done; -1: out of memory, and the counts are of nothing. */
int place_walk_next(struct place_walk *w, size_t steps) MUST_CHECK;

/* Whether the same record gives the same obligations in both: date, time, limits and rulebook are the same. */
bool place_counts_comparable(const struct snapshot *before, const struct snapshot *now);

#endif
