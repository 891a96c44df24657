/* Every case of a snapshot, evaluated for a date and a time, told to whoever counts something: what the meeting's papers are made from.
 *
 * A case that was not there yet (case_is_there) is passed over. The facts, the obligations, the assessment and the stage of each case are worked out
 * once for all visitors, a slice of cases at a time, so that the caller can do something else in between. A walk holds its snapshot for as long as it
 * lives. Pure. */
#ifndef EHCWATCH_CASE_WALK_H
#define EHCWATCH_CASE_WALK_H

#include "assessment.h"
#include "caseload.h"

/* One case. All of it is borrowed for the call. */
struct case_seen {
    const struct judge_how *how;
    const struct record_case *head; /* its reference is not NUL-terminated; it points into the record */
    const unsigned char *record;
    const struct case_facts *facts; /* settled: by date, event, subject */
    const struct obligation *obligations;
    size_t n;
    const struct assessment *assessment;
    enum stage stage;
    civil_day plan_since; /* the day from which the plan has been in force; CIVIL_NONE: none is */
    uint32_t slot, at;    /* where the record lies in the snapshot: slot, and index within its chunk */
};

/* False: out of memory; the walk fails. */
typedef bool case_visit_fn(void *ud, const struct case_seen *seen);

struct case_visitor {
    case_visit_fn *visit;
    void *ud;
    bool every; /* told of cases that are not there, too: it looks at another time itself */
};

struct case_walk;

/* `visitors`, 16 at most, is copied; the how's limits are those that are evaluated, and whether it is about the past is worked out here. What `how`
 * points to and the visitors' `ud` outlive the walk. NULL: out of memory. */
struct case_walk *case_walk_new(struct snapshot *s, const struct judge_how *how,
                                const struct case_visitor *visitors, size_t n);
void case_walk_free(struct case_walk *w); /* NULL is fine */

/* From now on only the cases for which `wanted` is true are evaluated and told. */
typedef bool case_wanted_fn(const void *ud, const struct record_case *head);
void case_walk_only(struct case_walk *w, case_wanted_fn *wanted, const void *ud);

/* Goes on with at most `cases` cases, in the order of their ids. 1: there may be more; 0: all have been seen; -1: out of memory. 256 cases take
 * well under a millisecond. */
int case_walk_next(struct case_walk *w, size_t cases) MUST_CHECK;

#endif
