#include "dispatch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "dispatch_int.h"
#include "log.h"
#include "sql_text.h"

#define POSTS_MAX                                                                                            \
    512 /* at a time, all endpoints together: each has its share, and nobody takes that of another */

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
    if (!d->busy && TAILQ_EMPTY(&d->posting) && TAILQ_EMPTY(&d->ended) && TAILQ_EMPTY(&d->unused))
        end_drain(d);
}

void dispatch_trouble(struct dispatch *d, const char *why)
{
    char *text = d->core->status.undelivered;
    snprintf(text, sizeof d->core->status.undelivered, "state database: %s", why);
}

void dispatch_wake_in(struct dispatch *d, double seconds)
{
    ev_timer_stop(d->core->loop, &d->wake);
    ev_now_update(d->core->loop);
    ev_timer_set(&d->wake, seconds, 0.);
    ev_timer_start(d->core->loop, &d->wake);
}

void dispatch_retire(struct dispatch *d)
{
    if (d->retiring == NULL || hook_pool_inflight(d->retiring) > 0)
        return;
    hook_pool_free(d->retiring);
    d->retiring = NULL;
}

void dispatch_link_free(struct dispatch *d)
{
    d->busy = false;
    dispatch_go_on(d);
}

/* What was sent and cannot be recorded yet comes before anything else: its lease would bring it back. */
static bool record_rests(const struct dispatch *d)
{
    return !TAILQ_EMPTY(&d->ended) && clock_mono() < d->record_from;
}

/* In a burst something has always ended when a record has. If it always came first, nothing would be claimed until all
 * that was claimed before is sent: so a claim comes between two records, as long as one record holds what has ended, and
 * the lease of none of that is about to end, for then the claim would take what was sent. */
static bool claims_turn(const struct dispatch *d)
{
    const struct job *j;
    size_t n = 0;
    double now = clock_mono();
    TAILQ_FOREACH(j, &d->ended, link)
    if (++n > RECORD_MOST || now > j->start_by)
        return false;
    return d->recorded && d->look && !d->draining;
}

/* What else waits for a time when nothing has ended has none in a burst: it goes before the claim. */
static void take_claims_turn(struct dispatch *d)
{
    if (!TAILQ_EMPTY(&d->unused))
        return_begin(d);
    if (!d->busy && d->count)
        count_begin(d);
    if (!d->busy)
        claim_begin(d);
}

void dispatch_go_on(struct dispatch *d)
{
    if (!d->up || d->busy || record_rests(d) || pg_link_state(d->link) < PG_LINK_IDLE)
        return;
    if (claims_turn(d))
        take_claims_turn(d);
    if (d->busy)
        return;
    if (!TAILQ_EMPTY(&d->ended))
        record_begin(d);
    else if (!TAILQ_EMPTY(&d->unused))
        return_begin(d);
    else if (d->draining)
        drained_perhaps(d);
    else if (d->look)
        claim_begin(d);
    if (!d->busy && !d->draining && d->count)
        count_begin(d);
}

void dispatch_kick(struct dispatch *d)
{
    d->look = true;
    dispatch_go_on(d);
}

static void on_wake(struct ev_loop *loop, ev_timer *w, int revents)
{
    struct dispatch *d = w->data;
    (void)loop;
    (void)revents;
    d->record_from = 0.;
    dispatch_retire(d);
    dispatch_kick(d);
}

/* Somebody else put something into the outbox. Looking from time to time remains the truth. */
static void on_notify(void *ud, const char *channel, const char *payload)
{
    (void)channel;
    (void)payload;
    dispatch_kick(ud);
}

static void on_listening(void *ud, const struct pg_reply *r)
{
    (void)ud;
    if (!r->ok && !r->lost)
        log_ev(LOG_WARNING, "not_listening", LOG_NO_FIELDS, "%s; the outbox is looked at all the same",
               r->message);
}

/* --- the statements of every delivery -------------------------------------------------------------------------------- */

static const struct hot {
    const char *name;
    bool raw; /* all its columns are text or bytea: sent as they are */
} hot[] = {
    {"outbox_claim", true}, {"outbox_record", false}, {"endpoint_lock", false}, {"endpoint_record", false}};
#define HOT (sizeof hot / sizeof hot[0])

/* A schema that is not migrated yet, or a server that will not: each is then sent as it stands. */
static void on_prepared(void *ud, const struct pg_reply *r)
{
    struct dispatch *d = ud;
    d->prepared += r->ok;
}

static void prepare(struct dispatch *d)
{
    d->prepared = 0;
    for (size_t i = 0; i < HOT; i++) {
        struct buf sql = {0};
        buf_printf(&sql, "PREPARE %s AS %s", hot[i].name, sql_query(hot[i].name));
        if (sql.failed || !pg_link_script(d->link, sql.p, on_prepared, d))
            log_ev(LOG_WARNING, "not_prepared", LOG_NO_FIELDS, "out of memory");
        buf_free(&sql);
    }
}

bool dispatch_query(struct dispatch *d, const char *name, int n, const char *const *params, pg_result_fn *fn)
{
    for (size_t i = 0; i < HOT && d->prepared == HOT; i++)
        if (strcmp(hot[i].name, name) == 0)
            return pg_link_execute(d->link, name, n, params, hot[i].raw, fn, d);
    return pg_link_query(d->link, sql_query(name), n, params, fn, d);
}

/* --- the link -------------------------------------------------------------------------------------------------------- */

static void on_up(void *ud)
{
    struct dispatch *d = ud;
    d->up = true;
    d->refused = false;
    d->core->status.people_from = clock_mono() + PEOPLE_REST;
    prepare(d);
    if (!pg_link_query(d->link, "LISTEN ehcwatch_outbox", 0, NULL, on_listening, d))
        log_ev(LOG_WARNING, "not_listening", LOG_NO_FIELDS,
               "out of memory; the outbox is looked at all the same");
    dispatch_kick(d);
}

static void on_down(void *ud, const char *why)
{
    struct dispatch *d = ud;
    d->up = d->core->status.counted = false;
    dispatch_trouble(d, why);
    log_ev(LOG_WARNING, "delivery_paused", LOG_NO_FIELDS, "state database: %s; nothing is lost", why);
    if (d->gave_up)
        end_drain(d);
    else if (d->draining)
        drained_perhaps(d);
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
    if (!record_rests(d))
        ev_timer_stop(d->core->loop, &d->wake);
    for (size_t i = 0; i < d->endpoints->n; i++)
        jobs_give_back(d, d->endpoints->list[i]);
    ev_now_update(d->core->loop);
    d->gave_up = !d->busy && TAILQ_EMPTY(&d->posting) && TAILQ_EMPTY(&d->ended) && TAILQ_EMPTY(&d->unused);
    ev_timer_set(&d->drain, d->gave_up ? 0. : within, 0.);
    ev_timer_start(d->core->loop, &d->drain);
    if (!d->gave_up)
        dispatch_go_on(d); /* claims to give back, if any; then `drained` is called from the loop */
}

/* --- life ------------------------------------------------------------------------------------------------------------ */

/* Together the endpoints may have no more than POSTS_MAX; then each has a share, and at least one. */
static unsigned share_slots(const struct endpoints *endpoints)
{
    int total = 0;
    unsigned slots = 0;
    for (size_t i = 0; i < endpoints->n; i++)
        total += endpoints->list[i]->concurrency;
    for (size_t i = 0; i < endpoints->n; i++) {
        struct endpoint *e = endpoints->list[i];
        int share = total > POSTS_MAX ? e->concurrency * POSTS_MAX / total : e->concurrency;
        e->slots = share > 0 ? share : 1;
        slots += (unsigned)e->slots;
    }
    return slots;
}

static struct hook_pool *new_pool(struct core *core, unsigned slots, struct err *e)
{
    const struct hook_conf hooks = {
        .ca_file = core->config->ca_file,
        .user_agent = "ehcwatchd/" EHCWATCH_VERSION,
        .running_max = slots,
    };
    return hook_pool_new(core->loop, &hooks, e);
}

/* A pool keeps the certificates that it has read: a new configuration gets a new one. */
bool dispatch_configure(struct dispatch *d, const struct endpoints *endpoints, struct err *e)
{
    struct hook_pool *fresh = new_pool(d->core, share_slots(endpoints), e);
    if (fresh == NULL)
        return false;
    for (size_t i = 0; d->endpoints != NULL && i < d->endpoints->n; i++)
        jobs_give_back(d, d->endpoints->list[i]);
    hook_pool_free(
        d->retiring); /* still busy since the last reload: its posts are given back and sent again */
    d->retiring = d->pool;
    d->pool = fresh;
    d->endpoints = endpoints;
    dispatch_kick(d);
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
    TAILQ_INIT(&d->posting);
    TAILQ_INIT(&d->ended);
    TAILQ_INIT(&d->unused);
    TAILQ_INIT(&d->returning);
    TAILQ_INIT(&d->record.jobs);
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
        .idle_in_transaction_timeout = 5, /* a daemon that is stopped in between must not stop others */
        .retry_max = 15,
        .seed = (uint64_t)clock_wall_us() + 2,
        .prompt = true, /* a record takes five answers: behind the posts of a burst each would wait for all */
    };
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

static void free_jobs(struct dispatch *d)
{
    struct jobs *lists[] = {&d->posting, &d->ended, &d->unused, &d->returning, &d->record.jobs};
    struct job *j;
    for (size_t i = 0; d->endpoints != NULL && i < d->endpoints->n; i++)
        jobs_give_back(d, d->endpoints->list[i]);
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
        while ((j = TAILQ_FIRST(lists[i])) != NULL)
            job_free(j);
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
    free_jobs(d);
    free(d);
}
