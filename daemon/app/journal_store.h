/* The journal's place in the database, ehcwatch.first_seen: read while the poller prepares, written before the transitions of a
 * reading. What cannot be written stays new in the journal and is offered again after the next reading. */
#ifndef EHCWATCH_JOURNAL_STORE_H
#define EHCWATCH_JOURNAL_STORE_H

#include "journal.h"
#include "pgarray.h"
#include "pgcopy.h"

struct pg_link;
struct words;

enum { JOURNAL_COLUMNS = 5, JOURNAL_BATCH = 4096 };

/* `ok`: done; else `lost` as in a pg_reply, and `why` in one line. Called once, from the loop. */
typedef void journal_store_fn(void *ud, bool ok, bool lost, const char *why);

struct journal_store {
    struct pg_link *link; /* borrowed */
    struct words *words;  /* borrowed */
    struct journal journal;
    bool loaded; /* what another daemon wrote is in it; cleared by whoever may have missed something */

    journal_store_fn *done;
    void *ud;
    struct pg_copy copy;
    struct err err;
    struct pg_array column[JOURNAL_COLUMNS];
    size_t at, to; /* of the entries: the batch under way */
};

void journal_store_init(struct journal_store *s, struct pg_link *link, struct words *words);
void journal_store_free(struct journal_store *s); /* after its link */

/* Reads what is stored; then `loaded`. False: out of memory, and nothing is called. */
bool journal_store_read(struct journal_store *s, journal_store_fn *done, void *ud) MUST_CHECK;

/* Writes the next entries that are not kept; once there are none, that the first reading of all is over, unless the source is
 * still `empty`. False: there is nothing to write, or no memory for it, and nothing is called. */
bool journal_store_write(struct journal_store *s, bool empty, journal_store_fn *done, void *ud) MUST_CHECK;

#endif
