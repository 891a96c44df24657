/* The rulebook in force: the table of limits made ready for evaluation.
 *
 * One rule for each limit, with its lists of events as bit masks and its threshold, which an authority may move. To the
 * built-in table an authority may add standards of its own. A rulebook never changes once somebody evaluates with it: a
 * new one takes its place. It is a value of its owner (rulebook_builtin), or counted (rulebook_new) and kept by everything
 * that holds indexes into it. Pure. */
#ifndef EHCWATCH_RULEBOOK_H
#define EHCWATCH_RULEBOOK_H

#include <stdbool.h>

#include "limit.h"

/* Travels with every output. Changes when a row of the table or a way of counting does. The second is that of a rulebook with
 * standards or thresholds of an authority's own. */
#define RULEBOOK_VERSION       "england-2026.08"
#define RULEBOOK_VERSION_LOCAL RULEBOOK_VERSION "+local"

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
    uint64_t closes;   /* events that may close its obligations: discharge, void, lapse, end their life */
    uint64_t concerns; /* the same, those that start one, and those that begin its life anew */
    bool names_subject;
    int days;      /* from the start to the due date; COUNT_NOT_IN_DAYS: count_due knows */
    int warn_days; /* the row's, unless the authority has set its own */
    uint8_t later; /* the next version of the same limit: index into rulebook.later plus one; 0: none */
};

/* Events that end a life, and those that may begin it anew (rulebook section 2, "Lapsing"). */
static const uint64_t life_ends[LIFE_COUNT] = {
    [LIFE_REQUEST] = EVENT_BIT(EV_CASE_CLOSED) | EVENT_BIT(EV_REQUEST_WITHDRAWN) | EVENT_BIT(EV_MOVED_OUT),
    [LIFE_PLAN] = EVENT_BIT(EV_CASE_CLOSED) | EVENT_BIT(EV_PLAN_CEASED) | EVENT_BIT(EV_PLAN_TRANSFERRED_OUT),
    [LIFE_CASE] = EVENT_BIT(EV_CASE_CLOSED),
};
static const uint64_t life_begins[LIFE_COUNT] = {
    [LIFE_PLAN] =
        EVENT_BIT(EV_PLAN_ISSUED) | EVENT_BIT(EV_PLAN_TRANSFERRED_IN) | EVENT_BIT(EV_TRIBUNAL_ORDER),
};

#define LATER_MAX 16

/* A limit has one rule, and one more for each later version of its row. An obligation is governed by the version that was in
 * force on its start date, for as long as it lives. */
struct rulebook {
    unsigned refs;       /* 0: a value, which is its owner's to keep */
    const char *version; /* static text */
    struct own_limit *own;
    size_t n;

    /* In any version: the events that may start a limit, those that concern it, of these the ones that do so whatever their
     * subject, and the sets of limits that an event may start or close. */
    uint64_t starts[LIMIT_MAX];
    uint64_t concerns[LIMIT_MAX];
    uint64_t any_subject[LIMIT_MAX];
    struct {
        uint64_t starts, closes;
    } event[EV_COUNT];
    uint64_t apart; /* limits that go through a case alone: evaluate.c says why */

    struct rule rule[LIMIT_MAX];
    size_t n_later;
    struct rule later[LATER_MAX];
};

/* All compiled-in limits, in table order. */
void rulebook_builtin(struct rulebook *rb);

/* The same, counted, with one reference. NULL: out of memory. */
struct rulebook *rulebook_new(void);

/* On a value neither does anything. */
struct rulebook *rulebook_ref(struct rulebook *rb);
void rulebook_unref(struct rulebook *rb); /* NULL is fine */

/* Adds an authority's own limit to a counted rulebook, which copies the row and its texts. False: full, or out of memory. */
bool rulebook_add_own(struct rulebook *rb, const struct limit *row);

/* All versions of rule[limit] are at risk from so many days before their due date. Due dates do not move. */
void rulebook_set_warn_days(struct rulebook *rb, size_t limit, int days);

/* Adds a limit, or a version of one that is there (the same id). The row must outlive the rulebook. False: full. */
bool rulebook_add(struct rulebook *rb, const struct limit *row);

/* Whether the row is in force on a day. */
static inline bool rule_in_force(const struct rule *r, civil_day on)
{
    return on >= r->limit->in_force_from && (r->limit->in_force_to == 0 || on < r->limit->in_force_to);
}

/* The version of rule[limit] in force on a day, or NULL. */
const struct rule *rulebook_version(const struct rulebook *rb, size_t limit, civil_day on);

/* The index of the limit with that id, or -1. */
int rulebook_find(const struct rulebook *rb, const char *id);

/* The limits of kind statutory, as a set. */
uint64_t rulebook_statutory(const struct rulebook *rb);

/* A number that changes with anything that may change an obligation of rule[limit]: its row in all versions, its threshold, and
 * RULEBOOK_VERSION, which stands for the ways of counting. The same in every build. */
uint64_t rulebook_digest(const struct rulebook *rb, size_t limit);

/* Sets of limits: bit i stands for rule[i] in all its versions. */
#define LIMITS_ALL   UINT64_MAX
#define LIMIT_BIT(i) (UINT64_C(1) << (i))

/* The first of a set that is not empty. */
static inline unsigned limits_first(uint64_t set)
{
    return (unsigned)__builtin_ctzll(set);
}

#endif
