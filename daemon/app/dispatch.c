#include "dispatch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "dispatch_int.h"
#include "log.h"
#include "pgarray.h"
#include "sql_text.h"

#define RUNNING_MAX  64  /* posts at a time, all endpoints together */
#define LOOK_EVERY   30. /* seconds: somebody else may have put something into the queue */
#define COUNT_EVERY  1.  /* seconds */
#define LEASE_FACTOR 3   /* a lease outlasts any attempt */

static void pump(struct dispatch *d);

struct endpoint_status *dispatch_status(struct dispatch *d, const char *name)
{
    struct status *s = &d->core->status;
    for (size_t i = 0; i < s->n_endpoints; i++)
        if (strcmp(s->endpoints[i].name, name) == 0)
            return &s->endpoints[i];
    return NULL;
}

static void end_drain(struct dispatch *d)
{
    if (d->drained == NULL)
        return;
    void (*drained)(void *) = d->drained;
    d->drained = NULL;
    ev_timer_stop(d->core->loop, &d->drain);
    drained(d->drained_ud);
}

/* Nothing is under way, not even a claim, which may bring messages yet. */
static void drained_perhaps(struct dispatch *d)
{
    if (d->draining && d->jobs == NULL && !d->claiming)
        end_drain(d);
}

void dispatch_job_ended(struct dispatch *d)
{
    if (d->draining)
        drained_perhaps(d);
    else
        pump(d);
}

static void wake_in(struct dispatch *d, double seconds)
{
    ev_timer_stop(d->core->loop, &d->wake);
    ev_now_update(d->core->loop);
    ev_timer_set(&d->wake, seconds, 0.);
    ev_timer_start(d->core->loop, &d->wake);
}

static void on_stats(void *ud, const struct pg_reply *r)
{
    struct dispatch *d = ud;
    double next = LOOK_EVERY;
    for (int i = 0; r->ok && i < PQntuples(r->res); i++) {
        struct endpoint_status *s = dispatch_status(d, PQgetvalue(r->res, i, 0));
        if (s == NULL)
            continue;
        s->pending = strtoull(PQgetvalue(r->res, i, 1), NULL, 10);
        s->dead = strtoull(PQgetvalue(r->res, i, 2), NULL, 10);
        s->oldest_pending = PQgetisnull(r->res, i, 3) ? 0 : strtoll(PQgetvalue(r->res, i, 3), NULL, 10);
        if (!PQgetisnull(r->res, i, 4)) {
            double due = strtod(PQgetvalue(r->res, i, 4), NULL) / 1000.;
            /* What is due now and was not claimed waits for a message of its case, whose end brings us back. */
            next = due <= 0. ? (next < 1. ? next : 1.) : due < next ? due + .005 : next;
        }
    }
    d->claiming = false;
    if (!r->ok && !r->lost)
        log_ev_limited(LOG_ERR, "outbox_unreadable", "", LOG_NO_FIELDS, "%s", r->message);
    if (d->draining) {
        drained_perhaps(d);
    } else if (d->again) {
        d->again = false;
        pump(d);
    } else {
        wake_in(d, next);
    }
}

/* Counting walks the whole queue: in a burst, once a second is enough. */
static void ask_stats(struct dispatch *d)
{
    double since = clock_mono() - d->asked;
    if (since < COUNT_EVERY) {
        wake_in(d, COUNT_EVERY - since);
        return;
    }
    d->asked = clock_mono();
    d->claiming = pg_link_query(d->link, sql_query("outbox_stats"), 0, NULL, on_stats, d);
    if (!d->claiming)
        wake_in(d, 1.);
}

static void on_claimed(void *ud, const struct pg_reply *r)
{
    struct dispatch *d = ud;
    int rows = r->ok ? PQntuples(r->res) : 0;
    d->claiming = false;
    if (!r->ok && !r->lost)
        log_ev_limited(LOG_ERR, "outbox_unreadable", "", LOG_NO_FIELDS, "%s", r->message);
    for (int i = 0; i < rows && !d->gave_up; i++)
        (void)job_start(d, r->res,
                        i); /* one that could not start comes back with its lease, and was logged */
    if (d->draining)
        drained_perhaps(d);
    else if (!r->ok && !r->lost)
        wake_in(d, 5.);
    else if (r->lost)
        return; /* `up` begins anew */
    else if (d->again) {
        d->again = false;
        pump(d);
    } else {
        ask_stats(d); /* also after a claim: what falls due next must not wait for these posts to end */
    }
}

/* Arrays of the endpoints that have room, and how many messages each may take: each as if it were alone, for most have nothing
 * that is due. */
static size_t free_slots(struct dispatch *d, struct pg_array a[3])
{
    size_t n = 0;
    for (size_t i = 0; i < d->endpoints->n; i++) {
        const struct endpoint *e = d->endpoints->list[i];
        int slots = e->concurrency - e->inflight;
        if (slots <= 0)
            continue;
        pg_array_text(&a[0], e->name);
        pg_array_int8(&a[1], slots);
        pg_array_int8(&a[2], e->timeout * LEASE_FACTOR);
        n++;
    }
    return n;
}

static void pump(struct dispatch *d)
{
    struct pg_array a[3];
    struct err e;
    if (d->claiming) {
        d->again = true;
        return;
    }
    if (d->retiring != NULL &&
        hook_pool_inflight(d->retiring) == 0) { /* never reached from one of its callbacks */
        hook_pool_free(d->retiring);
        d->retiring = NULL;
    }
    if (!d->up || d->draining || d->endpoints == NULL || d->endpoints->n == 0)
        return;
    for (int i = 0; i < 3; i++)
        pg_array_init(&a[i]);
    size_t busy = hook_pool_inflight(d->pool);
    if (busy < RUNNING_MAX && free_slots(d, a) > 0) {
        char room[16];
        snprintf(room, sizeof room, "%zu", RUNNING_MAX - busy);
        const char *params[] = {pg_array_literal(&a[0], &e), pg_array_literal(&a[1], &e),
                                pg_array_literal(&a[2], &e), room};
        if (params[0] != NULL && params[1] != NULL && params[2] != NULL)
            d->claiming = pg_link_query(d->link, sql_query("outbox_claim"), 4, params, on_claimed, d);
        if (!d->claiming)
            wake_in(d, 1.);
    }
    for (int i = 0; i < 3; i++)
        pg_array_free(&a[i]);
}

static void on_wake(struct ev_loop *loop, ev_timer *w, int revents)
{
    (void)loop;
    (void)revents;
    pump(w->data);
}

/* Somebody else put something into the outbox. Looking from time to time remains the truth. */
static void on_notify(void *ud, const char *channel, const char *payload)
{
    (void)channel;
    (void)payload;
    pump(ud);
}

static void on_listening(void *ud, const struct pg_reply *r)
{
    (void)ud;
    if (!r->ok && !r->lost)
        log_ev(LOG_WARNING, "not_listening", LOG_NO_FIELDS, "%s; the outbox is looked at all the same",
               r->message);
}

static void on_up(void *ud)
{
    struct dispatch *d = ud;
    d->up = true;
    d->claiming = d->again = false;
    if (!pg_link_query(d->link, "LISTEN ehcwatch_outbox", 0, NULL, on_listening, d))
        log_ev(LOG_WARNING, "not_listening", LOG_NO_FIELDS,
               "out of memory; the outbox is looked at all the same");
    jobs_record_again(d);
    pump(d);
}

static void on_down(void *ud, const char *why)
{
    struct dispatch *d = ud;
    d->up = false;
    d->claiming = d->again = false;
    log_ev(LOG_WARNING, "delivery_paused", LOG_NO_FIELDS, "state database: %s; nothing is lost", why);
    if (d->gave_up)
        end_drain(d);
    else
        drained_perhaps(d);
}

void dispatch_kick(struct dispatch *d)
{
    pump(d);
}

/* --- draining -------------------------------------------------------------------------------------------------------- */

#define GIVE_BACK 2. /* seconds for giving claims back to the queue */

static void on_drain(struct ev_loop *loop, ev_timer *w, int revents)
{
    struct dispatch *d = w->data;
    (void)revents;
    if (d->gave_up) { /* the leases will bring back what could not even be given back */
        end_drain(d);
        return;
    }
    d->gave_up = true;
    jobs_cancel(d);
    ev_timer_set(w, GIVE_BACK, 0.);
    ev_timer_start(loop, w);
}

void dispatch_drain(struct dispatch *d, double within, void (*drained)(void *ud), void *ud)
{
    d->draining = true;
    d->drained = drained;
    d->drained_ud = ud;
    ev_timer_stop(d->core->loop, &d->wake);
    ev_now_update(d->core->loop);
    d->gave_up = d->jobs == NULL && !d->claiming;
    ev_timer_set(&d->drain, d->gave_up ? 0. : within, 0.);
    ev_timer_start(d->core->loop, &d->drain);
}

/* --- life ------------------------------------------------------------------------------------------------------------ */

static struct hook_pool *new_pool(struct core *core, struct err *e)
{
    const struct hook_conf hooks = {
        .ca_file = core->config->ca_file,
        .user_agent = "ehcwatchd/" EHCWATCH_VERSION,
        .running_max = RUNNING_MAX,
    };
    return hook_pool_new(core->loop, &hooks, e);
}

/* A pool keeps the certificates that it has read: a new configuration gets a new one. */
bool dispatch_configure(struct dispatch *d, const struct endpoints *endpoints, struct err *e)
{
    struct hook_pool *fresh = new_pool(d->core, e);
    if (fresh == NULL)
        return false;
    hook_pool_free(
        d->retiring); /* still busy since the last reload: its posts are given back and sent again */
    d->retiring = d->pool;
    d->pool = fresh;
    d->endpoints = endpoints;
    pump(d);
    return true;
}

struct dispatch *dispatch_new(struct core *core, struct err *e)
{
    static const struct pg_link_ops ops = {.up = on_up, .down = on_down, .notify = on_notify};
    struct dispatch *d = calloc(1, sizeof *d);
    if (d == NULL) {
        err_set(e, "out of memory");
        return NULL;
    }
    *d = (struct dispatch){.core = core, .random = (uint64_t)clock_wall_us() | 1};
    ev_timer_init(&d->wake, on_wake, 0., 0.);
    ev_timer_init(&d->drain, on_drain, 0., 0.);
    d->wake.data = d->drain.data = d;
    const struct pg_link_conf conf = {
        .conninfo = core->config->state,
        .password = core->credentials->state_password,
        .application_name = "ehcwatchd delivery",
        .query_timeout = 30,
        .lock_timeout = 10,
        .statement_timeout = 25,
        .idle_in_transaction_timeout = 30,
        .retry_max = 15,
        .seed = (uint64_t)clock_wall_us() + 2,
    };
    d->pool = new_pool(core, e);
    if (d->pool != NULL)
        d->link = pg_link_new(core->loop, &conf, &ops, d, e);
    if (d->link == NULL) {
        dispatch_free(d);
        return NULL;
    }
    return d;
}

void dispatch_start(struct dispatch *d)
{
    pg_link_start(d->link);
}

void dispatch_free(struct dispatch *d)
{
    if (d == NULL)
        return;
    ev_timer_stop(d->core->loop, &d->wake);
    ev_timer_stop(d->core->loop, &d->drain);
    pg_link_free(d->link); /* first: what the pool reports below cannot be recorded any more */
    d->link = NULL;
    hook_pool_free(d->retiring);
    hook_pool_free(d->pool);
    while (d->jobs != NULL)
        job_free(d->jobs);
    free(d);
}
