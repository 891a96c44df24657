#include "pglink_int.h"

#include "pgconninfo.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void reap(struct pg_link *l)
{
    pg_conn_drop(l);
    pg_job_free(l->current);
    pg_jobs_clear(&l->queue);
    pg_jobs_clear(&l->lost);
    PQconninfoFree(l->parsed);
    free(l->application_name);
    free(l);
}

static void enter(struct pg_link *l)
{
    l->depth++;
}

static void leave(struct pg_link *l)
{
    if (--l->depth == 0 && l->dead)
        reap(l);
}

static void on_io(struct ev_loop *loop, ev_io *w, int events)
{
    struct pg_link *l = w->data;
    (void)loop;
    enter(l);
    if (events & EV_ERROR)
        pg_conn_lost(l, "the event loop cannot watch the connection");
    else if (l->state == PG_LINK_CONNECTING)
        pg_conn_poll(l);
    else
        pg_run(l, true);
    leave(l);
}

static void on_work(struct ev_loop *loop, ev_timer *w, int events)
{
    struct pg_link *l = w->data;
    (void)loop, (void)events;
    enter(l);
    pg_run(l, false);
    leave(l);
}

static void on_retry(struct ev_loop *loop, ev_timer *w, int events)
{
    struct pg_link *l = w->data;
    (void)loop, (void)events;
    enter(l);
    pg_conn_begin(l);
    leave(l);
}

static void on_connecting(struct ev_loop *loop, ev_timer *w, int events)
{
    struct pg_link *l = w->data;
    char why[96];
    (void)loop, (void)events;
    snprintf(why, sizeof why, "the server did not let us in within %g s", l->conf.connect_timeout);
    enter(l);
    pg_conn_lost(l, why);
    leave(l);
}

static void on_overdue(struct ev_loop *loop, ev_timer *w, int events)
{
    struct pg_link *l = w->data;
    char why[96];
    (void)loop, (void)events;
    snprintf(why, sizeof why, "no answer to a statement within %g s", l->conf.query_timeout);
    enter(l);
    pg_conn_lost(l, why);
    leave(l);
}

static void init_watchers(struct pg_link *l)
{
    ev_init(&l->io, on_io);
    ev_timer_init(&l->work, on_work, 0., 0.);
    ev_timer_init(&l->retry, on_retry, 0., 0.);
    ev_timer_init(&l->connecting, on_connecting, 0., 0.);
    ev_timer_init(&l->overdue, on_overdue, 0., 0.);
    l->io.data = l->work.data = l->retry.data = l->connecting.data = l->overdue.data = l;
    /* Long work comes after everybody else's events of the same turn, but for a link whose answers are short: there it
     * comes before them. And when the process itself was held up, an answer that has arrived meanwhile is seen before the
     * timeout that would declare it missing. */
    ev_set_priority(&l->io, l->conf.prompt ? 1 : -1);
    ev_set_priority(&l->work, l->conf.prompt ? 1 : -1);
    ev_set_priority(&l->connecting, EV_MINPRI);
    ev_set_priority(&l->overdue, EV_MINPRI);
}

/* libpq falls back to PG* variables for what no keyword sets, and an empty keyword counts as not set. */
static void forget_environment(void)
{
    for (char **v = environ; v != NULL && *v != NULL;) {
        char name[64];
        size_t n = strcspn(*v, "=");
        if (strncmp(*v, "PG", 2) != 0 || n >= sizeof name) {
            v++;
            continue;
        }
        memcpy(name, *v, n);
        name[n] = '\0';
        unsetenv(name); /* moves the rest down onto *v */
    }
}

static void keyword(struct pg_link *l, const char *name, const char *value)
{
    if (l->nkeywords < PG_LINK_KEYWORDS_MAX - 1) {
        l->keywords[l->nkeywords] = name;
        l->values[l->nkeywords++] = value;
    }
}

static size_t setting(char *out, size_t at, size_t cap, const char *name, double seconds)
{
    if (seconds > 0. && at < cap)
        at += (size_t)snprintf(out + at, cap - at, " -c %s=%.0fms", name,
                               seconds < 0.001 ? 1. : seconds * 1000.);
    return at;
}

static bool make_options(struct pg_link *l, struct err *e)
{
    const char *theirs = "";
    for (const PQconninfoOption *o = l->parsed; o->keyword != NULL; o++)
        if (strcmp(o->keyword, "options") == 0 && o->val != NULL)
            theirs = o->val;
    size_t cap = sizeof l->options;
    /* Dates must read the same whatever the role's settings are; the time zone stays the database's, because views
     * of the case system may cast with it. */
    size_t at = (size_t)snprintf(l->options, cap, "%s -c DateStyle=ISO", theirs);
    at = setting(l->options, at, cap, "statement_timeout", l->conf.statement_timeout);
    at = setting(l->options, at, cap, "lock_timeout", l->conf.lock_timeout);
    at = setting(l->options, at, cap, "idle_in_transaction_session_timeout",
                 l->conf.idle_in_transaction_timeout);
    return at < cap || err_set(e, "the options in the connection string are too long");
}

/* The last value of a keyword wins: defaults, then the conninfo, then what is not for it to decide. */
static bool make_keywords(struct pg_link *l, struct err *e)
{
    if (!make_options(l, e))
        return false;
    keyword(l, "fallback_application_name", "ehcwatchd");
    keyword(l, "application_name", l->application_name);
    keyword(l, "keepalives", "1");
    keyword(l, "keepalives_idle", "30");
    keyword(l, "keepalives_interval", "10");
    keyword(l, "keepalives_count", "3");
    keyword(l, "tcp_user_timeout", "20000");
    /* Asking for Kerberos tickets can wait on the network, inside PQconnectPoll. */
    keyword(l, "gssencmode", "disable");
    for (const PQconninfoOption *o = l->parsed; o->keyword != NULL; o++)
        if (o->val != NULL && o->val[0] != '\0')
            keyword(l, o->keyword, o->val);
    keyword(l, "client_encoding", "UTF8");
    keyword(l, "options", l->options);
    /* A path that cannot exist: for /dev/null itself libpq writes a warning to stderr at each attempt. */
    keyword(l, "passfile", "/dev/null/none");
    keyword(l, "password", NULL); /* filled in at each attempt */
    return true;
}

static double or_default(double v, double otherwise)
{
    return v > 0. ? v : otherwise;
}

struct pg_link *pg_link_new(struct ev_loop *loop, const struct pg_link_conf *conf,
                            const struct pg_link_ops *ops, void *ud, struct err *e)
{
    if (!pg_conninfo_check(conf->conninfo, NULL, e))
        return NULL;
    forget_environment();
    struct pg_link *l = calloc(1, sizeof *l);
    if (l == NULL) {
        err_set(e, "out of memory for a database link");
        return NULL;
    }
    l->loop = loop;
    l->conf = *conf;
    l->ops = *ops;
    l->ud = ud;
    l->rng = conf->seed;
    l->conf.connect_timeout = or_default(conf->connect_timeout, 10.);
    l->conf.query_timeout = or_default(conf->query_timeout, 60.);
    l->conf.slice = or_default(conf->slice, 0.004);
    l->conf.retry_min = or_default(conf->retry_min, 0.5);
    l->conf.retry_max = or_default(conf->retry_max, 30.);
    pg_jobs_init(&l->queue);
    pg_jobs_init(&l->lost);
    init_watchers(l);
    l->parsed = PQconninfoParse(conf->conninfo, NULL);
    l->application_name = strdup(conf->application_name != NULL ? conf->application_name : "ehcwatchd");
    l->conf.conninfo = l->conf.application_name = NULL; /* the caller's; copied above */
    if (l->parsed == NULL || l->application_name == NULL)
        err_set(e, "out of memory for a database link");
    else if (make_keywords(l, e))
        return l;
    reap(l);
    return NULL;
}

void pg_link_start(struct pg_link *l)
{
    if (l->started || l->dead)
        return;
    l->started = true;
    pg_timer_arm(l, &l->retry, 0.);
}

void pg_link_free(struct pg_link *l)
{
    if (l == NULL || l->dead)
        return;
    l->dead = true;
    ev_io_stop(l->loop, &l->io);
    ev_timer_stop(l->loop, &l->work);
    ev_timer_stop(l->loop, &l->retry);
    ev_timer_stop(l->loop, &l->connecting);
    ev_timer_stop(l->loop, &l->overdue);
    if (l->depth == 0)
        reap(l);
}

static bool submit(struct pg_link *l, struct pg_job *j)
{
    if (j == NULL)
        return false;
    bool up = l->state == PG_LINK_IDLE || l->state == PG_LINK_BUSY;
    pg_jobs_push(up ? &l->queue : &l->lost, j);
    if (!l->dead && !ev_is_active(&l->work) && (!up || l->current == NULL))
        pg_timer_arm(l, &l->work, 0.);
    return true;
}

bool pg_link_query(struct pg_link *l, const char *sql, int nparams, const char *const *params,
                   pg_result_fn *fn, void *ud)
{
    return submit(l, pg_job_new(sql, nparams, params, fn, ud));
}

bool pg_link_execute(struct pg_link *l, const char *name, int nparams, const char *const *params, bool raw,
                     pg_result_fn *fn, void *ud)
{
    struct pg_job *j = pg_job_new(name, nparams, params, fn, ud);
    if (j != NULL) {
        j->prepared = true;
        j->raw = raw;
    }
    return submit(l, j);
}

bool pg_link_script(struct pg_link *l, const char *sql, pg_result_fn *fn, void *ud)
{
    struct pg_job *j = pg_job_new(sql, 0, NULL, fn, ud);
    if (j != NULL)
        j->script = true;
    return submit(l, j);
}

bool pg_link_copy_out(struct pg_link *l, const char *sql, pg_data_fn *data, pg_result_fn *fn, void *ud)
{
    struct pg_job *j = pg_job_new(sql, 0, NULL, fn, ud);
    if (j != NULL)
        j->data_fn = data;
    return submit(l, j);
}

enum pg_link_state pg_link_state(const struct pg_link *l)
{
    return l->state;
}

const char *pg_link_state_name(enum pg_link_state s)
{
    static const char *const NAMES[] = {"down", "connecting", "idle", "busy"};
    return (unsigned)s < sizeof NAMES / sizeof NAMES[0] ? NAMES[s] : "unknown";
}

const char *pg_link_why(const struct pg_link *l)
{
    return l->why;
}

size_t pg_link_queued(const struct pg_link *l)
{
    return l->queue.count + l->lost.count + (l->current != NULL);
}
