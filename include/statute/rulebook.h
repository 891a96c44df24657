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
};

struct rulebook {
    size_t n;
    struct rule rule[LIMIT_MAX];
};

/* All compiled-in limits, in table order: rule[i] is limit_at(i). */
void rulebook_builtin(struct rulebook *rb);

/* Sets of limits: bit i stands for rule[i]. */
#define LIMITS_ALL   UINT64_MAX
#define LIMIT_BIT(i) (UINT64_C(1) << (i))

#endif
