/* The transaction of a reading, with what it reads locked before its snapshot is taken.
 *
 * A table that is emptied (TRUNCATE) or rewritten by ALTER TABLE is empty to every snapshot taken before: without the locks an import
 * that commits between the snapshot and a COPY would make a caseload without facts out of a good one. ACCESS SHARE is what a
 * SELECT takes, needs no more than SELECT, and is allowed in a transaction that only reads and on a standby; LOCK takes no
 * snapshot. Who holds ACCESS EXCLUSIVE makes the reading wait, and fail after the session's lock_timeout.
 *
 * What cannot be locked (a materialized view, a foreign table; one that may be read by column only) is read all the same. Which
 * those are is found out when the server refuses, and kept for the connection; the log says it once.
 * Source: PostgreSQL 15 documentation, LOCK and 13.5 (Caveats). */
#ifndef EHCWATCH_SOURCE_BEGIN_H
#define EHCWATCH_SOURCE_BEGIN_H

#include <stdbool.h>

#include "err.h"
#include "pglink.h"

enum { SOURCE_TABLES = 3 };

struct source_begin {
    struct pg_link *link;
    pg_result_fn *begun;
    void *ud;
    unsigned without; /* bit per table: the server will not lock it */
    int asking;       /* the table that is asked about */
    bool asked;       /* each table, in this reading */
    bool told;
    char why[256]; /* the server's, about one of them */
};

/* Forgets what was found out: the connection is new, or what is there changed. */
void source_begin_forget(struct source_begin *b);

/* Queues the beginning. `b->begun` gets the outcome as pg_link_query's; an ok transaction is open then, without a snapshot. When it
 * is not ok a transaction may have been left in error: roll back. False: out of memory. */
MUST_CHECK bool source_begin(struct source_begin *b);

/* Says once in the log what is read without a lock. */
void source_begin_tell(struct source_begin *b);

#endif
