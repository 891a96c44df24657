/* The facts of one case, as the evaluator wants them (rulebook section 1).
 *
 * History is never rewritten: a correction voids a row and adds another. What is seen depends on the as-of date and, for
 * questions about the past, on what was known at a time; the reader of the source drops rows by `known at`
 * (facts_known), facts_settle does the rest. Pure; nothing here allocates. */
#ifndef EHCWATCH_FACTS_H
#define EHCWATCH_FACTS_H

#include <stdbool.h>

#include "civil.h"
#include "event.h"
#include "names.h"

struct fact {
    civil_day on;     /* the civil date in England on which it happened */
    uint32_t subject; /* of a names_new_subjects pool */
    uint8_t event;    /* enum event */
    uint8_t mark;     /* scratch of the evaluator */
};

enum ground { GROUND_SCHOOL_CLOSED, GROUND_PERSONAL, GROUND_ABSENT, GROUND_CLAIMED, GROUND_COUNT };

/* A claimed exception. CIVIL_NONE: no such date given. */
struct claim {
    civil_day from;
    civil_day to;
    uint8_t ground; /* enum ground */
};

struct case_facts {
    struct fact *facts; /* caller's memory; sorted and cut by facts_settle */
    size_t n;
    const struct claim *claims;
    size_t n_claims;
    civil_day born;   /* CIVIL_NONE: unknown */
    uint64_t present; /* EVENT_BIT of each event among the facts; set by facts_settle */

    /* What facts_settle cut off because it lies after the as-of date: sorted, behind the facts in the caller's memory. */
    const struct fact *ahead;
    size_t n_ahead;
};

/* Events that are seen although they lie after the as-of date (rulebook section 1). */
#define EVENTS_SEEN_AHEAD                                                                                    \
    (EVENT_BIT(EV_REVIEW_ARRANGED) | EVENT_BIT(EV_PHASE_TRANSFER) | EVENT_BIT(EV_MOVED_OUT))

#define TIME_NONE INT64_MIN /* no recorded_at, no voided_at */
#define KNOWN_NOW INT64_MAX /* `known at` when nobody asks about the past */

/* Whether a row recorded and voided at these times (microseconds since 1970 UTC, TIME_NONE when empty) is seen with
 * `known at` the given time. */
bool facts_known(int64_t recorded_at, int64_t voided_at, int64_t known_at);

/* Sorts the facts by (date, event, subject) as bytes, drops double ones, those after the as-of date (but for arranged meetings,
 * phase transfers and moves, which may lie ahead) and moves that were cancelled. What is left is the same when it is
 * settled again, and in whatever order the rows came. */
void facts_settle(struct case_facts *cf, const struct names *subjects, civil_day as_of);

const char *ground_name(enum ground g);
enum ground ground_by_name(const char *name, size_t len); /* GROUND_COUNT when unknown */

#endif
