/* What is overdue and what will be, by limit, locality and team: a part of the papers (case_walk.h).
 *
 * Overdue is what the breach list has: breached, and excepted ones still without the event that closes them. Due is what is open, not
 * overdue, and ends within 7, 14 and 28 days. Limits under watch are counted each; the sums over all, and over a place, are of the statutory
 * ones, as the lists are. Cases: those with at least one. Pure. */
#ifndef EHCWATCH_OVERDUE_H
#define EHCWATCH_OVERDUE_H

#include "case_walk.h"

struct overdue_count {
    uint32_t overdue, excepted;     /* of the overdue */
    uint32_t cases, excepted_cases; /* with one overdue; of these, all of whose overdue ones are excepted */
    uint32_t due[DUE_WINDOWS];
    civil_day oldest; /* the due date of the longest overdue, excepted or not; CIVIL_NONE */
};

struct overdue_place {
    uint32_t place; /* the first (names_sort): number of words.places; 0: none is given */
    struct overdue_count count;
};

struct overdue_places {
    size_t n;
    struct overdue_place *row; /* after overdue_finish: by name, as bytes */
};

struct overdue {
    struct overdue_count all, limit[LIMIT_MAX];
    struct overdue_places localities, teams;
    const struct judge_how *how;
    uint64_t watched, statutory; /* of these */
};

/* `how` outlives it. NULL: out of memory. */
struct overdue *overdue_new(const struct judge_how *how, uint64_t watched);
bool overdue_visit(void *ud, const struct case_seen *seen);
int overdue_finish(struct overdue *o);
void overdue_free(struct overdue *o); /* NULL is fine */

#endif
