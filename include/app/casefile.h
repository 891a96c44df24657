/* A caseload read from CSV files (rulebook section 8), for `evaluate`: no database.
 *
 * The rows come in any order; files in which the rows of a case lie together are read faster. Rows that cannot be read are errors
 * that name file and line. Rows that can be read but say something impossible (an event of
 * an unknown case, an event that is not in the vocabulary) take no part and are kept as findings. */
#ifndef EHCWATCH_CASEFILE_H
#define EHCWATCH_CASEFILE_H

#include "csv_file.h"
#include "facts.h"
#include "finding.h"

struct casefile_case {
    const char *ref; /* NUL-terminated, owned by the casefile */
    civil_day born;
    bool unassigned;               /* the file has a column for the officer, and it is empty here */
    size_t facts_from, facts_to;   /* into casefile.facts */
    size_t claims_from, claims_to; /* into casefile.claims */
};

/* A row that takes no part. A row that is not seen (voided, or recorded too late) is none. */
struct casefile_reject {
    enum finding_kind kind;
    const char *file; /* the caller's */
    unsigned line;
    const char *case_id, *text; /* what the row says; text: the event or ground */
    const char *ref;            /* of its case, "" when that is not known */
    civil_day on;
};

struct casefile {
    struct casefile_case *cases; /* sorted by ref as bytes */
    size_t n;
    struct fact *facts;
    struct claim *claims;
    struct names *subjects;
    size_t most_facts; /* of one case */
    size_t unknown_case, unknown_event,
        unknown_ground;              /* rejected rows by what is wrong with them: one may be two */
    struct casefile_reject *rejects; /* in the order in which they were read */
    size_t n_rejects, cap_rejects;
    struct casefile_store *store;
};

/* `exceptions` may be NULL. Only rows known at `known_at` (KNOWN_NOW: all not voided) are kept. On error `e` is set and
 * nothing is to be freed. */
bool casefile_read(struct casefile *cf, const char *cases, const char *events, const char *exceptions,
                   int64_t known_at, struct err *e) MUST_CHECK;

/* The same with blocks and threads as the caller says: what is read does not depend on them. */
bool casefile_read_by(struct casefile *cf, const char *cases, const char *events, const char *exceptions,
                      int64_t known_at, const struct csv_pace *pace, struct err *e) MUST_CHECK;
void casefile_free(struct casefile *cf);

#endif
