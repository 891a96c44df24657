#include "clock.h"
#include "pglink_int.h"

#include <openssl/ssl.h>

/* What one step of work came to: more can be done now, nothing until the socket speaks, or the link is gone. */
enum step { MORE, WAIT, GONE };

static void expect_answer(struct pg_link *l)
{
    ev_now_update(l->loop);
    ev_timer_again(l->loop, &l->overdue);
}

static void drain_notifications(struct pg_link *l)
{
    PGnotify *n;
    while (!l->dead && (n = PQnotifies(l->conn)) != NULL) {
        if (l->ops.notify != NULL)
            l->ops.notify(l->ud, n->relname, n->extra != NULL ? n->extra : "");
        PQfreemem(n);
    }
}

static void consume(struct pg_link *l)
{
    if (PQconsumeInput(l->conn) == 0)
        l->broken = true;
    if (l->current != NULL && l->current->copying)
        expect_answer(l);
    drain_notifications(l);
}

/* Bytes that OpenSSL has read off the socket already: no poll will ever report them. */
static bool tls_holds_bytes(const struct pg_link *l)
{
    SSL *ssl = PQsslStruct(l->conn, "OpenSSL");
    return ssl != NULL && SSL_pending(ssl) > 0;
}

static void flush(struct pg_link *l)
{
    int rc = PQflush(l->conn);
    l->want_write = rc > 0;
    if (rc < 0)
        l->broken = true;
}

static int send_job(PGconn *conn, const struct pg_job *j)
{
    if (j->script)
        return PQsendQuery(conn, j->sql);
    if (j->prepared)
        return PQsendQueryPrepared(conn, j->sql, j->nparams, j->params, NULL, NULL, j->raw);
    return PQsendQueryParams(conn, j->sql, j->nparams, NULL, j->params, NULL, NULL, 0);
}

static enum step start_next(struct pg_link *l)
{
    struct pg_job *j = l->broken ? NULL : pg_jobs_pop(&l->queue);
    if (j == NULL)
        return WAIT;
    int sent = send_job(l->conn, j);
    if (sent == 0) {
        if (PQstatus(l->conn) == CONNECTION_BAD) {
            l->broken = true;
            pg_jobs_push(&l->lost, j);
            return WAIT;
        }
        char line[256];
        pg_one_line(PQerrorMessage(l->conn), line, sizeof line);
        pg_job_answer_error(j, line);
        return l->dead ? GONE : MORE;
    }
    j->sent = true;
    l->current = j;
    l->state = PG_LINK_BUSY;
    l->overdue.repeat = l->conf.query_timeout;
    expect_answer(l);
    flush(l);
    return MORE;
}

static enum step finish(struct pg_link *l)
{
    struct pg_job *j = l->current;
    ev_timer_stop(l->loop, &l->overdue);
    l->current = NULL;
    l->state = PG_LINK_IDLE;
    l->failures = 0;
    pg_job_answer(j);
    return l->dead ? GONE : MORE;
}

static enum step copy_step(struct pg_link *l)
{
    struct pg_job *j = l->current;
    char *piece = NULL;
    int n = PQgetCopyData(l->conn, &piece, 1);
    if (n == 0)
        return WAIT;
    if (n == -2) {
        pg_conn_lost(l, NULL);
        return GONE;
    }
    if (n < 0) {
        j->copying = false;
        return MORE;
    }
    if (!j->refused && !j->data_fn(j->ud, piece, (size_t)n))
        j->refused = true;
    PQfreemem(piece);
    return l->dead ? GONE : MORE;
}

/* On a dead connection libpq ends every query with an error of its own making, which is no answer; nor is the
 * server's word that it is shutting down. */
static bool answered(const struct pg_job *j)
{
    if (PQresultStatus(j->res) != PGRES_FATAL_ERROR)
        return true;
    return PQresultErrorField(j->res, PG_DIAG_SQLSTATE) != NULL && !pg_is_fatal(j->res);
}

static enum step result_step(struct pg_link *l)
{
    struct pg_job *j = l->current;
    if (PQisBusy(l->conn))
        return WAIT;
    PGresult *r = PQgetResult(l->conn);
    if (PQstatus(l->conn) == CONNECTION_BAD)
        l->broken = true;
    if (r == NULL)
        return l->broken && !answered(j) ? WAIT : finish(l);
    switch (PQresultStatus(r)) {
    case PGRES_COPY_OUT:
        j->copying = true;
        j->refused = j->data_fn == NULL;
        PQclear(r);
        return MORE;
    case PGRES_COPY_IN:
    case PGRES_COPY_BOTH:
        PQclear(r);
        pg_conn_lost(l, "a COPY FROM STDIN was sent, which the link cannot carry");
        return GONE;
    default:
        break;
    }
    bool is_error = PQresultStatus(r) == PGRES_FATAL_ERROR;
    if (j->res == NULL || (is_error && PQresultStatus(j->res) != PGRES_FATAL_ERROR)) {
        PQclear(j->res);
        j->res = r;
    } else {
        PQclear(r);
    }
    return MORE;
}

static enum step step(struct pg_link *l)
{
    if (l->current == NULL)
        return start_next(l);
    return l->current->copying ? copy_step(l) : result_step(l);
}

#define STEPS_BETWEEN_CLOCKS 16 /* a row of a COPY costs little more than the question what time it is */

/* Works until nothing is left to do, the budget is used up or the link is gone. */
static enum step work(struct pg_link *l, bool readable)
{
    for (unsigned steps = 1;; steps++) {
        enum step s = step(l);
        if (s == WAIT && !l->broken && (readable || tls_holds_bytes(l))) {
            readable = false;
            consume(l);
            s = l->dead ? GONE : MORE;
        }
        if (s != MORE)
            return s;
        /* What a broken connection left behind is a buffer at most: read it without a pause. */
        bool look = l->current == NULL || !l->current->copying || steps % STEPS_BETWEEN_CLOCKS == 0;
        if (look && !l->broken && clock_mono() >= l->slice_end)
            return MORE;
    }
}

void pg_run(struct pg_link *l, bool readable)
{
    l->slice_end = clock_mono() + l->conf.slice;
    ev_timer_stop(l->loop, &l->work);
    pg_jobs_answer_lost(l);
    if (l->dead || (l->state != PG_LINK_IDLE && l->state != PG_LINK_BUSY))
        return;
    /* What is left in the buffer goes first: reading on top of it would let libpq's buffer grow with the COPY. */
    if (readable && !l->leftover) {
        consume(l);
        readable = false;
    }
    if (l->want_write && !l->dead)
        flush(l);
    enum step s = l->dead ? GONE : work(l, readable);
    if (s == GONE)
        return;
    if (l->broken) {
        pg_conn_lost(l, NULL);
        return;
    }
    /* What came behind an answer in one read libpq takes in only when it is asked once more: nothing else would bring us back. */
    if (s == WAIT && l->current == NULL)
        drain_notifications(l);
    if (l->dead)
        return;
    int events = EV_READ | (l->want_write ? EV_WRITE : 0);
    if (events != l->io_events)
        pg_conn_watch(l, events);
    l->leftover = s == MORE;
    if (l->leftover) {
        if (l->current != NULL && l->current->copying)
            expect_answer(l); /* the silence is ours, not the server's */
        pg_timer_arm(l, &l->work, 0.);
    }
}
