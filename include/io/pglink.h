/* One connection to PostgreSQL on a libev loop, which keeps itself up.
 *
 *     DOWN -> CONNECTING -> IDLE <-> BUSY -> DOWN
 *
 * A link connects, runs one query at a time from a queue, and when the connection goes it says so, fails what was
 * queued and connects again with growing, jittered delays, for as long as it lives. No call blocks (one exception: a
 * host name without hostaddr, see pgconninfo.h), and no call calls back: callbacks come from the loop only. Work is
 * done in slices, so that a COPY of millions of rows leaves the loop to others every few milliseconds.
 *
 * A server is never asked to cancel (libpq 15 has no way that does not block): server-side timeouts end a statement,
 * and the client-side one drops the connection.
 * Meant for a server, not for a pooler: the timeouts and DateStyle travel in the startup packet's `options`, which
 * pgbouncer refuses by default, and LISTEN needs a session. The time zone stays the database's own.
 * Source: PostgreSQL 15 documentation, chapter 34; libev(3). */
#ifndef EHCWATCH_PGLINK_H
#define EHCWATCH_PGLINK_H

#include "err.h"

#include <libpq-fe.h>
#include <stddef.h>
#include <stdint.h>

struct ev_loop;
struct pg_link;

enum pg_link_state {
    PG_LINK_DOWN,       /* waiting for the next attempt, or not started */
    PG_LINK_CONNECTING, /* an attempt is under way */
    PG_LINK_IDLE,       /* connected, nothing in flight */
    PG_LINK_BUSY,       /* connected, one query in flight */
};

/* Times in seconds. 0 means the default in brackets. */
struct pg_link_conf {
    const char *conninfo;         /* as accepted by pg_conninfo_check; copied */
    const char *password;         /* NULL for none; borrowed while the link lives, read at each attempt */
    const char *application_name; /* copied; NULL = "ehcwatchd"; a conninfo with its own wins */
    double connect_timeout;       /* one whole attempt, TLS and authentication included [10] */
    double query_timeout;         /* an answer; for COPY, the longest silence between two pieces [60] */
    double slice;                 /* longest stretch of work before the loop turns [0.004] */
    double retry_min, retry_max;  /* delay before the next attempt [0.5 and 30] */
    uint64_t seed;                /* of the jitter; two daemons should not share one */
    bool prompt;                  /* its answers are short and waited for: they come before other events */
    /* Enforced by the server; 0 leaves its own setting. */
    double statement_timeout, lock_timeout, idle_in_transaction_timeout;
};

/* Called from the loop; each may be NULL. Every text is borrowed until the callback returns. A callback may call any
 * function of this header, pg_link_free included. */
struct pg_link_ops {
    void (*up)(void *ud); /* connected; queries are accepted */
    /* One line. Once per outage, and again when the server gives another reason for letting nobody in. */
    void (*down)(void *ud, const char *why);
    void (*notify)(void *ud, const char *channel, const char *payload); /* needs a LISTEN after each up() */
};

struct pg_reply {
    bool ok;   /* the statement was carried out */
    bool lost; /* no answer came: whether the statement (a COMMIT!) took effect is unknown if it was sent */
    bool sent; /* with `lost`: it had been handed to the connection; false = certainly not carried out */
    const PGresult *res; /* borrowed until result_fn returns; NULL when lost or refused */
    char sqlstate[6];    /* the server's, "" when the failure is on this side */
    const char
        *message; /* one line, without the detail, which may quote a row; "" when ok. Borrowed like `res` */
};

typedef void pg_result_fn(void *ud, const struct pg_reply *r);

/* A piece of COPY data, borrowed until it returns; false refuses the rest, which is then read and thrown away. */
typedef bool pg_data_fn(void *ud, const char *bytes, size_t len);

/* A link that is DOWN, or NULL when the conninfo is not usable or memory is short. Also removes every PG* variable
 * from the environment of the process (libpq would take settings from them that no keyword can override), so call it
 * before threads start. `loop` and `ud` must outlive the link; `conf` and `ops` are copied. */
MUST_CHECK struct pg_link *pg_link_new(struct ev_loop *loop, const struct pg_link_conf *conf,
                                       const struct pg_link_ops *ops, void *ud, struct err *e);

/* Begins to connect, from the loop. Without effect on a link that was started. */
void pg_link_start(struct pg_link *l);

/* Closes the connection and frees the link; NULL is fine. Queued queries are dropped and nothing is called back any
 * more. Safe inside the link's own callbacks: what is still on the stack is freed when they have returned. */
void pg_link_free(struct pg_link *l);

/* Queues one statement with text parameters (NULL = SQL NULL, types inferred by the server; results in text format).
 * `sql` and `params` are copied. `fn` (NULL allowed) is called exactly once, from the loop, in the order of the calls,
 * unless the link is freed before. A statement queued while the link is DOWN or CONNECTING is lost at once, likewise
 * from the loop. False when memory is short: then nothing is queued and nothing called. */
MUST_CHECK bool pg_link_query(struct pg_link *l, const char *sql, int nparams, const char *const *params,
                              pg_result_fn *fn, void *ud);

/* The same for a statement that the session has prepared under this name (SQL's PREPARE, once after each up). `raw`: results in
 * binary format, in which text and bytea are just their bytes. */
MUST_CHECK bool pg_link_execute(struct pg_link *l, const char *name, int nparams, const char *const *params,
                                bool raw, pg_result_fn *fn, void *ud);

/* The same for any number of statements without parameters in one text (simple protocol). `res` is the first result, or
 * that of the first statement that failed, which ends the script. Unless the text or an earlier query opened a
 * transaction, the server runs it as one. */
MUST_CHECK bool pg_link_script(struct pg_link *l, const char *sql, pg_result_fn *fn, void *ud);

/* The same for `COPY ... TO STDOUT`: `data` gets the bytes as they arrive, then `fn` the outcome. If `data` refused, the
 * reply is neither ok nor lost and has no result. */
MUST_CHECK bool pg_link_copy_out(struct pg_link *l, const char *sql, pg_data_fn *data, pg_result_fn *fn,
                                 void *ud);

enum pg_link_state pg_link_state(const struct pg_link *l);
const char *pg_link_state_name(enum pg_link_state s);

/* Why the link went down, or could not come up, the last time; "" if never. Borrowed; changes with the next failure. */
const char *pg_link_why(const struct pg_link *l);

/* Statements queued or in flight. */
size_t pg_link_queued(const struct pg_link *l);

#endif
