/* The history as a table: a row for each day or week and each limit, with the obligations in each state.
 *
 * What was not evaluated, or not counted because the limit was not under watch then, is empty: never a nought. A week is told by its last
 * evaluated day. Filled from whatever has the counts, then read. Pure. */
#ifndef EHCWATCH_HISTORY_PAPER_H
#define EHCWATCH_HISTORY_PAPER_H

#include "caseload.h"
#include "table.h"

struct history_want {
    bool weekly;
    civil_day from, to; /* both included */
    uint64_t limits;    /* that may have rows */
    uint64_t asked;     /* of these: those that have rows even when none of the days knows them */
    unsigned states;    /* bit of each enum state */
    bool stages;        /* the other table: cases by stage, one row for each day or week */
};

/* A day that was evaluated. */
struct history_seen {
    civil_day day;
    bool observed; /* false: worked out afterwards */
    int64_t evaluated_at;
    uint64_t limits; /* under watch */
    uint32_t cases[STAGE_COUNT], breached_cases;
};

/* The most cells that a paper has: rows by states. */
#define HISTORY_CELLS 60000

struct history_paper;

/* How many days or weeks it is about. */
size_t history_periods(const struct history_want *w);

/* Takes a reference to the rulebook. NULL: out of memory. */
struct history_paper *history_paper_new(const struct history_want *w, struct rulebook *rb);
void history_paper_free(void *p); /* a struct history_paper; NULL is fine */

/* Days in ascending order, of from to to; of a week the last stays. */
void history_paper_day(struct history_paper *p, const struct history_seen *day);

/* The days that stayed, after the last: ascending, their number in *n. Borrowed. */
const civil_day *history_paper_days(const struct history_paper *p, size_t *n);

/* After the last day: room for the counts, all nought where there was an evaluation. 1: fine; 0: more than HISTORY_CELLS; -1: out of memory. */
int history_paper_begin(struct history_paper *p) MUST_CHECK;

/* Adds to a count of one of the days that stayed; of another, nothing. */
void history_paper_count(struct history_paper *p, civil_day day, size_t limit, enum state s, uint32_t n);

/* Borrowed from the paper. */
const struct table *history_paper_table(struct history_paper *p);

#endif
