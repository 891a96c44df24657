/* A session with the database of our own schema, for the subcommands that read or change what is kept there. */
#ifndef EHCWATCH_STATESESSION_H
#define EHCWATCH_STATESESSION_H

#include "dbsession.h"

struct config;

struct state_session {
    const char *name;      /* of the subcommand, borrowed */
    struct config *config; /* whole, with no secret but the password of this database */
    struct db_session *db;
};

/* Reads the configuration, connects and sees that the schema is of this program's version. EXIT_DONE, or the exit code when that
 * fails: then it has been said on stderr, and nothing is open. Blocks. */
int state_session_open(struct state_session *s, const char *name, const char *file) MUST_CHECK;
void state_session_close(struct state_session *s);

/* Says on stderr why a statement failed; the exit code for it. */
int state_session_failed(const struct state_session *s, const struct db_answer *a);

#endif
