/* Checks a libpq connection string before anything connects with it.
 *
 * Only syntax and policy; nothing is looked up, opened or connected (one allocation inside libpq). Secrets come from
 * files and credentials: a connection string that carries one is refused, and no error text repeats a part of it.
 * Source: PostgreSQL 15 documentation 34.1.1 "Connection Strings". */
#ifndef EHCWATCH_PGCONNINFO_H
#define EHCWATCH_PGCONNINFO_H

#include "err.h"

struct pg_conninfo_note {
    /* A host is given by name without hostaddr: libpq will resolve it inside PQconnectPoll, which stops the event loop
     * for as long as the name server takes. Worth a warning. "localhost" is not counted: the hosts file answers. */
    bool blocking_lookup;
    char host[256]; /* the first such name, cut if longer */
};

/* True when `conninfo` (key=value or URI) parses, names only options libpq knows, and has no password, sslpassword,
 * passfile or service. `note` may be NULL. On failure `e` says which option and why. */
MUST_CHECK bool pg_conninfo_check(const char *conninfo, struct pg_conninfo_note *note, struct err *e);

#endif
