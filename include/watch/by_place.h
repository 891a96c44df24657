/* How things stand in each locality and team: a part of the papers (case_walk.h).
 *
 * The numbers of all places add up to those of the snapshot's tally, which counts the same obligations. Pure. */
#ifndef EHCWATCH_BY_PLACE_H
#define EHCWATCH_BY_PLACE_H

#include "case_walk.h"

struct place_row {
    uint32_t place; /* the first (names_sort): number of words.places; 0: none is given */
    uint32_t cases, open_cases;
    uint32_t breached_cases; /* with a breached obligation of a limit under watch */
    uint32_t states[LIMIT_MAX][STATE_COUNT];
};

struct place_rows {
    size_t n;
    struct place_row *row; /* after by_place_finish: by name, as bytes */
};

struct by_place {
    struct place_rows localities, teams;
    const struct names *names;
    uint64_t watched;
};

/* `watched`: the limits that make a case a breached one. NULL: out of memory. */
struct by_place *by_place_new(const struct judge_how *how, uint64_t watched);
bool by_place_visit(void *ud, const struct case_seen *seen);
int by_place_finish(struct by_place *p);
void by_place_free(struct by_place *p); /* NULL is fine */

#endif
