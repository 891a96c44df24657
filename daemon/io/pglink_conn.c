#include "pglink_int.h"

#include <stdio.h>
#include <string.h>

void pg_timer_arm(struct pg_link *l, ev_timer *t, double after)
{
    /* libev counts from the time of its last poll: after a long callback the timer would fire early. */
    ev_now_update(l->loop);
    ev_timer_stop(l->loop, t);
    ev_timer_set(t, after, 0.);
    ev_timer_start(l->loop, t);
}

void pg_conn_watch(struct pg_link *l, int events)
{
    ev_io_stop(l->loop, &l->io);
    ev_io_set(&l->io, PQsocket(l->conn), events);
    ev_io_start(l->loop, &l->io);
    l->io_events = events;
}

void pg_conn_drop(struct pg_link *l)
{
    ev_io_stop(l->loop, &l->io); /* before PQfinish: libpq closes the descriptor without a word */
    ev_timer_stop(l->loop, &l->connecting);
    ev_timer_stop(l->loop, &l->overdue);
    PQfinish(l->conn);
    l->conn = NULL;
    l->broken = l->want_write = l->leftover = false;
    l->state = PG_LINK_DOWN;
}

/* splitmix64 (Steele, Lea, Flood 2014): any seed will do, 0 included. */
static double uniform(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return (double)((z ^ z >> 31) >> 11) * 0x1p-53;
}

/* Between half and all of a ceiling that starts at twice retry_min and doubles up to retry_max: it always grows, and
 * daemons that lost the same server do not come back in step. */
static double backoff(struct pg_link *l)
{
    double ceiling = 2. * l->conf.retry_min;
    for (unsigned i = 0; i < l->failures && ceiling < l->conf.retry_max; i++)
        ceiling *= 2.;
    if (ceiling > l->conf.retry_max)
        ceiling = l->conf.retry_max;
    l->failures++;
    return ceiling * (0.5 + 0.5 * uniform(&l->rng));
}

bool pg_is_fatal(const PGresult *r)
{
    const char *s = PQresultErrorField(r, PG_DIAG_SEVERITY_NONLOCALIZED);
    return s != NULL && (strcmp(s, "FATAL") == 0 || strcmp(s, "PANIC") == 0);
}

static void keep_why(struct pg_link *l, const char *why)
{
    const PGresult *r = l->current != NULL ? l->current->res : NULL;
    if (why == NULL && l->fatal[0] != '\0')
        why = l->fatal;
    if (why == NULL && pg_is_fatal(r))
        why = PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY);
    if (why == NULL)
        why = l->conn != NULL ? PQerrorMessage(l->conn) : "out of memory for a connection";
    pg_one_line(why, l->why, sizeof l->why);
    if (l->why[0] == '\0')
        snprintf(l->why, sizeof l->why, "the connection failed without a message");
}

/* The server itself lets nobody in, and somebody must see to it: its start and its end pass. */
static bool is_refusal(const char *why)
{
    return strstr(why, "FATAL:") != NULL && strstr(why, "the database system is ") == NULL;
}

/* Of an outage, the first reason, which may be gone by now, and what the server says of itself since. */
static bool is_news(const struct pg_link *l)
{
    return !l->announced || (is_refusal(l->why) && strcmp(l->why, l->told) != 0);
}

void pg_conn_lost(struct pg_link *l, const char *why)
{
    keep_why(l, why);
    struct pg_job *j = l->current;
    l->current = NULL;
    if (j != NULL) {
        pg_job_note_sqlstate(j);
        PQclear(j->res);
        j->res = NULL;
        pg_jobs_push(&l->lost, j);
    }
    while ((j = pg_jobs_pop(&l->queue)) != NULL)
        pg_jobs_push(&l->lost, j);
    pg_conn_drop(l);
    pg_timer_arm(l, &l->retry, backoff(l));

    /* From here on the link is in order, whatever the callbacks do with it. */
    pg_jobs_answer_lost(l);
    if (l->dead || !is_news(l))
        return;
    l->announced = true;
    memcpy(l->told, l->why, sizeof l->told);
    if (l->ops.down != NULL)
        l->ops.down(l->ud, l->why);
}

static void on_notice(void *arg, const PGresult *r)
{
    struct pg_link *l = arg;
    const char *m = PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY);
    if (pg_is_fatal(r) && m != NULL)
        pg_one_line(m, l->fatal, sizeof l->fatal);
}

void pg_conn_begin(struct pg_link *l)
{
    l->fatal[0] = '\0';
    for (int i = 0; i < l->nkeywords; i++)
        if (strcmp(l->keywords[i], "password") == 0)
            l->values[i] = l->conf.password;
    l->conn = PQconnectStartParams(l->keywords, l->values, 0);
    if (l->conn == NULL || PQstatus(l->conn) == CONNECTION_BAD) {
        pg_conn_lost(l, NULL);
        return;
    }
    /* Without a receiver of ours libpq prints notices to stderr. */
    PQsetNoticeReceiver(l->conn, on_notice, l);
    l->state = PG_LINK_CONNECTING;
    pg_timer_arm(l, &l->connecting, l->conf.connect_timeout);
    pg_conn_watch(l, EV_WRITE);
}

static void connected(struct pg_link *l)
{
    ev_timer_stop(l->loop, &l->connecting);
    if (PQsetnonblocking(l->conn, 1) != 0) {
        pg_conn_lost(l, NULL);
        return;
    }
    l->state = PG_LINK_IDLE;
    l->announced = false;
    pg_conn_watch(l, EV_READ);
    if (l->ops.up != NULL)
        l->ops.up(l->ud);
}

void pg_conn_poll(struct pg_link *l)
{
    /* Stopped and set anew each time: libpq may close one socket and open another under the same number. */
    ev_io_stop(l->loop, &l->io);
    switch (PQconnectPoll(l->conn)) {
    case PGRES_POLLING_OK:
        connected(l);
        break;
    case PGRES_POLLING_READING:
        pg_conn_watch(l, EV_READ);
        break;
    case PGRES_POLLING_WRITING:
        pg_conn_watch(l, EV_WRITE);
        break;
    default:
        pg_conn_lost(l, NULL);
        break;
    }
}
