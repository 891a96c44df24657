#include "desk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "log.h"
#include "pglink.h"
#include "sql_text.h"

#define WITHIN    5. /* seconds: the answer, else 504 */
#define STATEMENT 4. /* one statement; so that its answer comes before */

enum { JOBS_MOST = 32, PARAMS_MOST = 12 };

struct desk {
    struct core *core;
    struct pg_link *link;
    bool started, up;
    bool away; /* the last attempt to connect failed, or the connection went */
    struct desk_job *jobs;
    size_t n_jobs;
};

struct desk_job {
    struct desk *desk;
    struct desk_job *next, **at; /* in desk.jobs */
    struct httpd_parked *parked; /* NULL: answered */
    bool asked;                  /* the link has the question, and will call back */
    bool going_on;               /* desk_next was called */
    bool changes;
    const char *query;
    int n;
    char *params[PARAMS_MOST];
    desk_fn *fn;
    void *ctx;
    void (*free_fn)(void *ctx);
};

static void forget_params(struct desk_job *j)
{
    for (int i = 0; i < j->n; i++)
        free(j->params[i]);
    j->n = 0;
}

static void job_free(struct desk_job *j)
{
    *j->at = j->next;
    if (j->next != NULL)
        j->next->at = j->at;
    j->desk->n_jobs--;
    forget_params(j);
    if (j->free_fn != NULL)
        j->free_fn(j->ctx);
    free(j);
}

/* What was filled in goes out. */
static void end(struct desk_job *j)
{
    if (j->parked != NULL)
        httpd_unpark(j->parked);
    j->parked = NULL;
    if (!j->asked)
        job_free(j);
}

static void fail(struct desk_job *j, unsigned status, const char *title, const char *why)
{
    if (j->parked != NULL)
        httpd_problem(httpd_parked_reply(j->parked), status, title, "%s", why);
    end(j);
}

static void on_over(void *ud)
{
    struct desk_job *j = ud;
    j->parked = NULL;
    end(j);
}

/* Why a question was refused, as an answer. */
static void fail_refused(struct desk_job *j, const struct pg_reply *r)
{
    static const struct {
        const char *sqlstate;
        unsigned status;
        const char *title, *why;
    } known[] = {
        {"57014", 504, "No answer in time", "the state database is too slow"},
        {"55P03", 504, "No answer in time", "the state database is busy"},
        {"42P01", 503, "Not migrated",
         "the schema ehcwatch is not that of this program: run \"ehcwatchd migrate\""},
        {"42703", 503, "Not migrated",
         "the schema ehcwatch is not that of this program: run \"ehcwatchd migrate\""},
        {"3F000", 503, "Not migrated", "there is no schema ehcwatch: run \"ehcwatchd migrate\""},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strcmp(known[i].sqlstate, r->sqlstate) == 0) {
            fail(j, known[i].status, known[i].title, known[i].why);
            return;
        }
    log_ev_limited(LOG_ERR, "question_failed", j->query, LOG_NO_FIELDS, "%s: %s", j->query, r->message);
    fail(j, 500, "The database refused", "the state database refused the question; the log says why");
}

static void ask(struct desk_job *j);

static void on_answer(void *ud, const struct pg_reply *r)
{
    struct desk_job *j = ud;
    j->asked = false;
    if (j->parked == NULL) {
        if (j->changes && r->ok)
            log_ev(LOG_NOTICE, "changed_late", LOG_NO_FIELDS, "%s: ended after it was answered 504",
                   j->query);
        job_free(j);
    } else if (r->lost) {
        fail(j, 503, "No database",
             j->changes && r->sent
                 ? "the state database went away: it may have been carried out; look whether it "
                   "was before you ask again"
                 : "the state database went away");
    } else if (!r->ok) {
        fail_refused(j, r);
    } else {
        j->going_on = false;
        j->fn(j->ctx, j, r->res);
        if (j->going_on)
            ask(j);
        else
            end(j);
    }
}

static void ask(struct desk_job *j)
{
    struct desk *d = j->desk;
    if (!d->up)
        return; /* on_up asks */
    j->asked =
        pg_link_query(d->link, sql_query(j->query), j->n, (const char *const *)j->params, on_answer, j);
    if (!j->asked)
        fail(j, 500, "Out of memory", "the question could not be asked");
}

static bool take_question(struct desk_job *j, const struct desk_question *q, desk_fn *fn)
{
    forget_params(j);
    j->query = q->query;
    j->changes = q->changes;
    j->fn = fn;
    for (j->n = 0; j->n < q->n; j->n++) {
        const char *p = q->params[j->n];
        j->params[j->n] = p != NULL ? strdup(p) : NULL;
        if (p != NULL && j->params[j->n] == NULL)
            return false;
    }
    return true;
}

void desk_next(struct desk_job *job, const struct desk_question *q, desk_fn *fn)
{
    job->going_on = take_question(job, q, fn);
    if (!job->going_on)
        httpd_problem(desk_reply(job), 500, "Out of memory", "the question could not be asked");
}

struct httpd_reply *desk_reply(struct desk_job *job)
{
    return httpd_parked_reply(job->parked);
}

/* An answer that is there at once: nothing is parked. */
static void refuse(struct httpd_reply *reply, void *ctx, void (*free_fn)(void *ctx), unsigned status,
                   const char *title, const char *why)
{
    httpd_problem(reply, status, title, "%s", why);
    if (status == 503)
        httpd_reply_header(reply, "Retry-After", "5");
    if (free_fn != NULL)
        free_fn(ctx);
}

void desk_ask(struct desk *d, struct httpd_reply *reply, const struct desk_question *q, desk_fn *fn,
              void *ctx, void (*free_fn)(void *ctx))
{
    if (d == NULL) {
        refuse(reply, ctx, free_fn, 503, "No database", "there is no state database here");
        return;
    }
    bool away = d->away;
    if (away || d->n_jobs >= JOBS_MOST) {
        refuse(reply, ctx, free_fn, 503, away ? "No database" : "Too busy",
               away ? "the state database cannot be reached" : "too many questions at a time");
        return;
    }
    struct desk_job *j = calloc(1, sizeof *j);
    if (j == NULL || !take_question(j, q, fn)) {
        if (j != NULL)
            forget_params(j);
        free(j);
        refuse(reply, ctx, free_fn, 500, "Out of memory", "the question could not be asked");
        return;
    }
    j->desk = d;
    j->ctx = ctx;
    j->free_fn = free_fn;
    j->next = d->jobs;
    j->at = &d->jobs;
    if (d->jobs != NULL)
        d->jobs->at = &j->next;
    d->jobs = j;
    d->n_jobs++;
    j->parked = httpd_park(reply, WITHIN, on_over, j);
    if (!d->started)
        pg_link_start(d->link);
    d->started = true;
    ask(j);
}

/* --- the connection ----------------------------------------------------------------------------------------------------- */

static void on_up(void *ud)
{
    struct desk *d = ud;
    d->up = true;
    d->away = false;
    for (struct desk_job *j = d->jobs, *next; j != NULL; j = next) {
        next = j->next;
        if (!j->asked)
            ask(j);
    }
}

static void on_down(void *ud, const char *why)
{
    struct desk *d = ud;
    (void)why;
    d->up = false;
    d->away = true;
    for (struct desk_job *j = d->jobs, *next; j != NULL; j = next) {
        next = j->next;
        if (!j->asked)
            fail(j, 503, "No database", "the state database cannot be reached");
    }
}

struct desk *desk_new(struct core *core, struct err *e)
{
    static const struct pg_link_ops ops = {.up = on_up, .down = on_down};
    struct desk *d = calloc(1, sizeof *d);
    if (d == NULL) {
        err_set(e, "out of memory");
        return NULL;
    }
    d->core = core;
    const struct pg_link_conf conf = {
        .conninfo = core->config->state,
        .password = core->credentials->state_password,
        .application_name = "ehcwatchd desk",
        .query_timeout = WITHIN + 5.,
        .statement_timeout = STATEMENT,
        .lock_timeout = STATEMENT,
        .idle_in_transaction_timeout = 10,
        .retry_max = 5,
        .seed = (uint64_t)clock_wall_us() + 3,
    };
    d->link = pg_link_new(core->loop, &conf, &ops, d, e);
    if (d->link == NULL) {
        desk_free(d);
        return NULL;
    }
    return d;
}

void desk_free(struct desk *d)
{
    if (d == NULL)
        return;
    pg_link_free(d->link);
    while (d->jobs != NULL)
        job_free(d->jobs);
    free(d);
}
