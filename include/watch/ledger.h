/* What the database is known to hold: for each case the digest of its stored obligations.
 *
 * The daemon keeps no truth of its own: the digests are read from the database at start, and a case whose computed
 * digest differs is compared row by row with what is stored. A case that is not in the ledger has the digest of
 * "no obligations". Pure. */
#ifndef EHCWATCH_LEDGER_H
#define EHCWATCH_LEDGER_H

#include "err.h"

#include <stddef.h>
#include <stdint.h>

#define LEDGER_NOTHING UINT64_C(0) /* the digest of a case without obligations */

struct ledger_row {
    int64_t case_id;
    uint64_t digest;
};

struct ledger {
    struct ledger_row *rows; /* ascending by case_id once settled */
    size_t n, settled, cap;
    size_t owing; /* of the settled: those whose cases have obligations */
};

/* Sets or adds. False: out of memory. Additions become visible with ledger_settle. */
bool ledger_set(struct ledger *l, int64_t case_id, uint64_t digest) MUST_CHECK;
void ledger_settle(struct ledger *l);
void ledger_clear(struct ledger *l); /* and frees */

uint64_t ledger_digest(const struct ledger *l, int64_t case_id);

/* How many cases have obligations. */
size_t ledger_cases(const struct ledger *l);

/* Index of the first row with an id above `case_id`. */
size_t ledger_after(const struct ledger *l, int64_t case_id);

#endif
