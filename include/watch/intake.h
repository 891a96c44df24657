/* From rows to a snapshot: takes the rows of a poll as they stream in and builds the next caseload.
 *
 * Rows come in three runs, each in ascending order of case_id: all cases, then all claimed exceptions, then all events. A chunk is
 * closed, compared with the one before and evaluated while the events still flow, so that no step is long. A partial
 * intake reads some cases only and takes every other chunk from the snapshot before. Pure. */
#ifndef EHCWATCH_INTAKE_H
#define EHCWATCH_INTAKE_H

#include "caseload.h"
#include "journal.h"
#include "ledger.h"

struct intake;

struct intake_conf {
    struct rulebook *rulebook; /* the snapshot takes a reference */
    const struct calendar *calendar;
    struct words *words;
    const struct ledger *ledger;
    struct journal *journal; /* dates the rows that bring no recorded_at; NULL: they were always known */
    struct snapshot *before; /* the last snapshot, or NULL; the intake takes its own reference */
    civil_day as_of;
    int64_t read_at;
    const int64_t
        *known_at; /* evaluate what was known then (microseconds; copied); NULL: what is known now */
    uint64_t limits;
    bool evaluate_all; /* take over no verdict: what was found before may not have been written */

    /* The date of the evaluation that the ledger is of, with the same limits and rules (copied): cases that are not what they were then
     * because of their facts are counted, and those that the date alone changed are not. NULL: nothing is counted. */
    const civil_day *before_as_of;

    /* Only these cases are read (ascending; borrowed until intake_finish); NULL: all. `before` must be there. */
    const int64_t *only;
    size_t n_only;
};

/* NULL: out of memory. */
struct intake *intake_new(const struct intake_conf *conf);
void intake_free(struct intake *in); /* NULL is fine */

/* Each false: out of memory, or rows out of order (the text says which). A second row of one case_id, and rows of unknown
 * cases, are counted as findings. */
bool intake_case(struct intake *in, const struct record_case *k, struct err *e) MUST_CHECK;
bool intake_claim(struct intake *in, int64_t case_id, const struct record_claim *c, struct err *e) MUST_CHECK;
bool intake_fact(struct intake *in, int64_t case_id, const struct record_fact *f, struct err *e) MUST_CHECK;

/* A row that takes no part for another reason: counted as a finding of that kind, and kept for the list while there is
 * room (reject.h). `case_id` NULL: it has none. */
void intake_reject(struct intake *in, enum finding_kind kind, const int64_t *case_id, const char *text,
                   size_t len, civil_day on);

/* How many events have come, to show that it goes on. */
uint64_t intake_facts(const struct intake *in);

/* After the last row: works through what is left, up to about `cases` cases a call. 1: done; 0: call again; -1: out
 * of memory. */
int intake_finish(struct intake *in, size_t cases) MUST_CHECK;

/* After intake_finish returned 1: how many cases the ledger has obligations of and the source has no fact of any more. */
size_t intake_emptied(const struct intake *in);

/* After intake_finish returned 1: how many cases it counted that their facts have changed (bulk.h). */
size_t intake_moved(const struct intake *in);

/* After intake_finish returned 1: the snapshot (one reference, the caller's) and the cases whose digest is not the
 * ledger's, ascending. The array belongs to the intake. */
struct snapshot *intake_take(struct intake *in, const int64_t **dirty, size_t *n_dirty);

#endif
