/* One statement after another, each waited for: a database for the subcommands, which have nothing else to do.
 *
 * It is a pg_link on an event loop of its own, so that libpq is used in one way only in this program. Unlike a link it
 * never connects again: a session that is lost stays lost, because a transaction is. */
#ifndef EHCWATCH_DBSESSION_H
#define EHCWATCH_DBSESSION_H

#include "err.h"

struct db_session;

enum db_outcome {
    DB_DONE,
    DB_REFUSED, /* the server said no; the session goes on */
    DB_LOST,    /* no answer came, and none will: whether the statement took effect is unknown */
};

struct db_answer {
    enum db_outcome outcome;
    char message[512]; /* one line, "" when done */
    unsigned position; /* of the error in the text sent: characters from 1; 0 when the server does not say */
    char value[64];    /* first column of the first row, cut if longer; "" for NULL or without rows */
};

/* Connects and waits for it, ten seconds at most. `name` is what the configuration calls the connection. NULL when the
 * database does not let us in: `e` then names it, its address and the reason. `password` may be NULL. */
MUST_CHECK struct db_session *db_session_open(const char *name, const char *conninfo, const char *password,
                                              struct err *e);

/* Closes the connection: what was not committed is rolled back. NULL is fine. */
void db_session_close(struct db_session *s);

/* One statement with `nparams` text parameters. Blocks until it is answered, for up to a day. True when done. */
MUST_CHECK bool db_query(struct db_session *s, const char *sql, int nparams, const char *const *params,
                         struct db_answer *a);

struct pg_result;

/* The same, for a statement whose rows are wanted: `rows` gets them before this returns, when it is done. They are libpq's, and
 * borrowed for the call. */
typedef void db_rows_fn(void *ud, const struct pg_result *res);
MUST_CHECK bool db_read(struct db_session *s, const char *sql, int nparams, const char *const *params,
                        db_rows_fn *rows, void *ud, struct db_answer *a);

/* The same for any number of statements in one text. The first that fails ends it. `value` is of the first one. */
MUST_CHECK bool db_script(struct db_session *s, const char *sql, struct db_answer *a);

#endif
