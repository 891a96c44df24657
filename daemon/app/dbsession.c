#include "dbsession.h"

#include <ev.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pglink.h"

struct db_session {
    struct ev_loop *loop;
    struct pg_link *link;
    bool up, down;
    bool answered;
    const char *sql; /* being run */
    struct db_answer *answer;
    db_rows_fn *rows; /* of a db_read */
    void *rows_ud;
};

static void on_up(void *ud)
{
    struct db_session *s = ud;
    s->up = true;
}

static void on_down(void *ud, const char *why)
{
    struct db_session *s = ud;
    (void)why;
    s->down = true;
}

static void on_reply(void *ud, const struct pg_reply *r)
{
    struct db_session *s = ud;
    struct db_answer *a = s->answer;
    s->answered = true;
    a->outcome = r->ok ? DB_DONE : r->lost ? DB_LOST : DB_REFUSED;
    snprintf(a->message, sizeof a->message, "%s", r->message);
    if (r->ok && PQntuples(r->res) > 0 && PQnfields(r->res) > 0)
        snprintf(a->value, sizeof a->value, "%s", PQgetvalue(r->res, 0, 0));
    if (r->ok && s->rows != NULL)
        s->rows(s->rows_ud, r->res);
    const char *at = PQresultErrorField(r->res, PG_DIAG_STATEMENT_POSITION);
    if (at != NULL)
        a->position = (unsigned)strtoul(at, NULL, 10);
}

/* Turns the loop until `done` or the connection is gone. */
static void wait_for(struct db_session *s, const bool *done)
{
    while (!*done && !s->down)
        ev_run(s->loop, EVRUN_ONCE);
}

static void describe(char *out, size_t cap, const char *conninfo)
{
    static const char *const SHOWN[] = {"host", "hostaddr", "port", "dbname", "user"};
    size_t n = 0;
    out[0] = '\0';
    PQconninfoOption *parsed = PQconninfoParse(conninfo, NULL);
    for (size_t i = 0; parsed != NULL && i < sizeof SHOWN / sizeof SHOWN[0]; i++)
        for (const PQconninfoOption *o = parsed; o->keyword != NULL; o++)
            if (strcmp(o->keyword, SHOWN[i]) == 0 && o->val != NULL && n < cap)
                n += (size_t)snprintf(out + n, cap - n, "%s%s=%s", n > 0 ? " " : "", o->keyword, o->val);
    PQconninfoFree(parsed);
}

struct db_session *db_session_open(const char *name, const char *conninfo, const char *password,
                                   struct err *e)
{
    static const struct pg_link_ops OPS = {.up = on_up, .down = on_down};
    struct pg_link_conf conf = {.conninfo = conninfo, .password = password, .query_timeout = 86400.};
    struct err why = {""};
    struct db_session *s = calloc(1, sizeof *s);
    if (s == NULL) {
        err_set(e, "out of memory");
        return NULL;
    }
    s->loop = ev_loop_new(EVFLAG_AUTO | EVFLAG_NOENV);
    s->link = s->loop != NULL ? pg_link_new(s->loop, &conf, &OPS, s, &why) : NULL;
    if (s->link == NULL) {
        err_set(e, "%s: %s", name, s->loop != NULL ? why.text : "no event loop can be made");
        goto fail;
    }
    pg_link_start(s->link);
    wait_for(s, &s->up);
    if (s->up)
        return s;
    char where[160];
    describe(where, sizeof where, conninfo);
    err_set(e, "%s (%s) cannot be reached: %.256s", name, where, pg_link_why(s->link));
fail:
    db_session_close(s);
    return NULL;
}

void db_session_close(struct db_session *s)
{
    if (s == NULL)
        return;
    pg_link_free(s->link);
    if (s->loop != NULL)
        ev_loop_destroy(s->loop);
    free(s);
}

static bool take_answer(struct db_session *s, bool queued, struct db_answer *a)
{
    if (!queued) {
        *a = (struct db_answer){.outcome = DB_REFUSED, .message = "out of memory"};
        return false;
    }
    wait_for(s, &s->answered);
    s->answer = NULL;
    return a->outcome == DB_DONE;
}

/* Whatever happens, `a` says something afterwards. */
static bool ready(struct db_session *s, struct db_answer *a)
{
    *a = (struct db_answer){.outcome = DB_LOST, .message = "the connection was lost"};
    s->answer = a;
    s->answered = false;
    return !s->down;
}

bool db_query(struct db_session *s, const char *sql, int nparams, const char *const *params,
              struct db_answer *a)
{
    return ready(s, a) && take_answer(s, pg_link_query(s->link, sql, nparams, params, on_reply, s), a);
}

bool db_read(struct db_session *s, const char *sql, int nparams, const char *const *params, db_rows_fn *rows,
             void *ud, struct db_answer *a)
{
    s->rows = rows;
    s->rows_ud = ud;
    bool done = db_query(s, sql, nparams, params, a);
    s->rows = NULL;
    return done;
}

bool db_script(struct db_session *s, const char *sql, struct db_answer *a)
{
    return ready(s, a) && take_answer(s, pg_link_script(s->link, sql, on_reply, s), a);
}
