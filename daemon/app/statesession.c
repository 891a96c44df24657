#include "statesession.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "config.h"
#include "credentials.h"
#include "limit.h"
#include "log.h"
#include "migrate.h"
#include "sql_text.h"

int state_session_failed(const struct state_session *s, const struct db_answer *a)
{
    fprintf(stderr, "ehcwatchd %s: the state database: %s\n", s->name, a->message);
    return a->outcome == DB_LOST ? EXIT_UNREACHABLE : EXIT_RUNTIME;
}

/* A schema of another version has other columns: better said than found out. */
static int check_version(const struct state_session *s)
{
    struct db_answer a;
    int known = migrate_newest("ehcwatch");
    if (!db_query(s->db, "SELECT max(version) FROM ehcwatch.schema_version", 0, NULL, &a)) {
        if (a.outcome == DB_LOST)
            return state_session_failed(s, &a);
        snprintf(a.value, sizeof a.value, "0");
    }
    int found = (int)strtol(a.value, NULL, 10);
    if (found == known)
        return EXIT_DONE;
    fprintf(stderr, "ehcwatchd %s: the schema ehcwatch is at version %d, this program wants %d: %s\n",
            s->name, found, known,
            found < known ? "run \"ehcwatchd migrate\"" : "install the newer ehcwatchd");
    return EXIT_RUNTIME;
}

int state_session_open(struct state_session *s, const char *name, const char *file)
{
    struct err e = {""};
    int code = EXIT_BAD_CONFIG;
    *s = (struct state_session){.name = name, .config = config_load(file, limit_known, &e)};
    struct credentials *cr =
        s->config != NULL ? credentials_load(file, s->config, CREDENTIALS_STATE, &e) : NULL;
    if (cr != NULL) {
        log_init(LOG_ERR, NULL);
        signal(SIGPIPE, SIG_IGN);
        code = EXIT_UNREACHABLE;
        s->db = db_session_open("state", s->config->state, cr->state_password, &e);
    }
    credentials_free(cr);
    if (s->db == NULL)
        fprintf(stderr, code == EXIT_BAD_CONFIG ? "%s%s\n" : "ehcwatchd %s: %s\n",
                code == EXIT_BAD_CONFIG ? "" : name, e.text);
    else
        code = check_version(s);
    if (code != EXIT_DONE)
        state_session_close(s);
    return code;
}

void state_session_close(struct state_session *s)
{
    db_session_close(s->db);
    config_free(s->config);
    *s = (struct state_session){.name = s->name};
}
