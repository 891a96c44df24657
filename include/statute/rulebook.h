/* The rulebook in force: the table of limits made ready for evaluation.
 *
 * One rule for each limit, with its lists of events as bit masks and its thresholds. Pure; a rulebook is a value that
 * nothing points into but its owner. */
#ifndef EHCWATCH_RULEBOOK_H
#define EHCWATCH_RULEBOOK_H

#include <stdbool.h>

#include "limit.h"

/* Travels with every output. Changes when a row of the table or a way of counting does. */
#define RULEBOOK_VERSION "england-2026.08"

/* A list of terms as masks: a fact can match only if its bit is in `any`, and need be compared with the terms only if
 * its bit is in `qualified`. */
struct term_set {
    uint64_t any;
    uint64_t qualified;
    const struct limit_term *terms;
};

struct rule {
    const struct limit *limit;
    struct term_set starts, discharged_by, voided_by, lapsed_by, requires;
    uint64_t life_ends;   /* events that end the life of its obligations */
    uint64_t life_begins; /* events that may begin it anew */
    uint64_t concerns;    /* all of the above but `requires` */
    bool names_subject;
    uint8_t later; /* the next version of the same limit: index into rulebook.later plus one; 0: none */
};

#define LATER_MAX 16

/* A limit has one rule, and one more for each later version of its row. An obligation is governed by the version that was in
 * force on its start date, for as long as it lives. */
struct rulebook {
    size_t n;
    struct rule rule[LIMIT_MAX];
    size_t n_later;
    struct rule later[LATER_MAX];
};

/* All compiled-in limits, in table order. */
void rulebook_builtin(struct rulebook *rb);

/* Adds a limit, or a version of one that is there (the same id). The row must outlive the rulebook. False: full. */
bool rulebook_add(struct rulebook *rb, const struct limit *row);

/* The version of rule[limit] in force on a day, or NULL. */
const struct rule *rulebook_version(const struct rulebook *rb, size_t limit, civil_day on);

/* The index of the limit with that id, or -1. */
int rulebook_find(const struct rulebook *rb, const char *id);

/* Sets of limits: bit i stands for rule[i] in all its versions. */
#define LIMITS_ALL   UINT64_MAX
#define LIMIT_BIT(i) (UINT64_C(1) << (i))

#endif
