/* A caseload read from CSV files (rulebook section 8), for `evaluate`: no database.
 *
 * Rows that cannot be read are errors that name file and line. Rows that can be read but say something impossible (an event of
 * an unknown case, an event that is not in the vocabulary) take no part and are counted as findings. */
#ifndef EHCWATCH_CASEFILE_H
#define EHCWATCH_CASEFILE_H

#include "facts.h"

#include "err.h"

struct casefile_case {
    const char *ref; /* NUL-terminated, owned by the casefile */
    civil_day born;
    size_t facts_from, facts_to;   /* into casefile.facts */
    size_t claims_from, claims_to; /* into casefile.claims */
};

struct casefile {
    struct casefile_case *cases; /* sorted by ref as bytes */
    size_t n;
    struct fact *facts;
    struct claim *claims;
    struct names *subjects;
    size_t most_facts;                                  /* of one case */
    size_t unknown_case, unknown_event, unknown_ground; /* findings */
    struct casefile_store *store;
};

/* `exceptions` may be NULL. Only rows known at `known_at` (KNOWN_NOW: all not voided) are kept. On error `e` is set and
 * nothing is to be freed. */
bool casefile_read(struct casefile *cf, const char *cases, const char *events, const char *exceptions,
                   int64_t known_at, struct err *e) MUST_CHECK;
void casefile_free(struct casefile *cf);

#endif
