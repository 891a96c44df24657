#include <stdlib.h>

#include "clock.h"
#include "dispatch_int.h"
#include "log.h"
#include "sql_text.h"

#define LOOK_EVERY  30.  /* seconds: somebody else may have put something into the queue */
#define COUNT_EVERY 1.   /* seconds */
#define CLAIM_AGAIN 5.   /* seconds, after one that was refused */
#define LEASE       3    /* timeouts: a lease outlasts any attempt */
#define CLAIM_MOST  1024 /* messages in one claim: each comes with its body */
#define AHEAD       8    /* messages for each slot, claimed before it is free */
#define AHEAD_QUICK 16   /* the same where each takes a moment: the disk's turn is then shared by more */

/* --- counting -------------------------------------------------------------------------------------------------------- */

/* Until something of the endpoint can be claimed, in seconds, when that is `due_ms` from now. */
static double next_of(const struct dispatch *d, const char *name, int64_t due_ms)
{
    const struct endpoint *e = endpoint_find(d->endpoints, name);
    if (due_ms > 0)
        return (double)due_ms / 1000. + .005;
    /* What is due now and was not claimed waits for its turn, or for a message of its case, whose end brings us back. */
    return e != NULL && e->rate > 1 ? 1. / e->rate : 1.;
}

static void take_stats(struct dispatch *d, const PGresult *res, int i, double *next)
{
    struct endpoint_status *s = dispatch_status(d, PQgetvalue(res, i, 0));
    if (s == NULL)
        return;
    s->pending = strtoull(PQgetvalue(res, i, 1), NULL, 10);
    s->dead = strtoull(PQgetvalue(res, i, 2), NULL, 10);
    s->oldest_pending = PQgetisnull(res, i, 3) ? 0 : strtoll(PQgetvalue(res, i, 3), NULL, 10);
    s->circuit = circuit_state_of(PQgetvalue(res, i, 5));
    s->last_success = PQgetisnull(res, i, 6) ? 0 : strtoll(PQgetvalue(res, i, 6), NULL, 10);
    s->failing = PQgetvalue(res, i, 7)[0] == 't';
    if (PQgetisnull(res, i, 4))
        return;
    double due = next_of(d, s->name, strtoll(PQgetvalue(res, i, 4), NULL, 10));
    if (due < *next)
        *next = due;
}

/* After a claim that was refused, what is due says nothing about when to claim again. */
static void look_in(struct dispatch *d, double seconds)
{
    dispatch_wake_in(d, d->refused ? CLAIM_AGAIN : seconds);
}

static void note_count(struct dispatch *d, const struct pg_reply *r)
{
    d->core->status.counted = r->ok;
    if (r->ok && !d->refused)
        d->core->status.undelivered[0] = '\0';
    if (r->ok || r->lost)
        return;
    dispatch_trouble(d, r->message);
    log_ev_limited(LOG_ERR, "outbox_unreadable", "", LOG_NO_FIELDS, "%s", r->message);
}

static void on_stats(void *ud, const struct pg_reply *r)
{
    struct dispatch *d = ud;
    double next = LOOK_EVERY;
    for (int i = 0; r->ok && i < PQntuples(r->res); i++)
        take_stats(d, r->res, i, &next);
    note_count(d, r);
    look_in(d, next);
    dispatch_link_free(d);
}

/* Counting walks the whole queue: in a burst, once a second is enough, but what may go at a rate must not wait for it. */
void count_begin(struct dispatch *d)
{
    double since = clock_mono() - d->asked, pace = COUNT_EVERY - since;
    d->count = false;
    if (since < COUNT_EVERY) {
        for (size_t i = 0; i < d->endpoints->n; i++) {
            const struct endpoint *e = d->endpoints->list[i];
            if (e->rate > 0 && 1. / e->rate < pace)
                pace = 1. / e->rate;
        }
        look_in(d, pace);
        return;
    }
    d->asked = clock_mono();
    d->busy = pg_link_query(d->link, sql_query("outbox_stats"), 0, NULL, on_stats, d);
    if (!d->busy)
        dispatch_wake_in(d, 1.);
}

/* --- claiming -------------------------------------------------------------------------------------------------------- */

static void on_claimed(void *ud, const struct pg_reply *r)
{
    struct dispatch *d = ud;
    int rows = r->ok ? PQntuples(r->res) : 0;
    for (int i = 0; i < rows; i++)
        job_claimed(d, r->res, i, d->claimed_at);
    for (size_t i = 0; i < d->endpoints->n && rows > 0; i++)
        jobs_start(d, d->endpoints->list[i]);
    dispatch_retire(d);
    d->count = true; /* also after a claim: what falls due next must not wait for these posts to end */
    d->refused = !r->ok && !r->lost;
    if (d->refused) {
        dispatch_trouble(d, r->message);
        log_ev_limited(LOG_ERR, "outbox_unreadable", "", LOG_NO_FIELDS, "%s", r->message);
    }
    dispatch_link_free(d);
}

/* How many messages to claim: enough for the slots that are free, and some ahead, so that none stays empty while the
 * next are asked for. Where a rate counts, nothing is claimed ahead; where a failure is not recorded yet, nothing at all. */
static int room(const struct endpoint *e)
{
    int free = e->slots - e->posting - e->n_waiting;
    if (e->doubts > 0)
        return 0;
    if (e->rate > 0)
        return free;
    int ahead = (e->quick ? AHEAD_QUICK : AHEAD) * e->slots, enough = e->quick ? ahead / 2 : e->slots;
    return e->n_waiting > enough ? 0 : free + ahead;
}

/* What people were told before and did not get may be replaced by what they are due now: that is made first (status.h). */
static bool people_rest(const struct dispatch *d)
{
    const struct status *s = &d->core->status;
    return !s->composed && clock_mono() < s->people_from;
}

static bool is_asked(const struct dispatch *d, const struct endpoint *e)
{
    return room(e) > 0 && !(e->people && people_rest(d));
}

/* Of its room, what could be posted at once. */
static int room_now(const struct endpoint *e)
{
    int free = e->slots - e->posting - e->n_waiting, all = room(e);
    return free < 0 ? 0 : free < all ? free : all;
}

/* What all may ask for together: at once, and ahead. */
struct asked {
    int now, ahead;
};

static struct asked asked_of_all(const struct dispatch *d)
{
    struct asked all = {0, 0};
    for (size_t i = 0; i < d->endpoints->n; i++) {
        const struct endpoint *e = d->endpoints->list[i];
        if (is_asked(d, e)) {
            all.now += room_now(e);
            all.ahead += room(e) - room_now(e);
        }
    }
    return all;
}

/* Each fills its slots; of what is claimed ahead each has the same part, where all of it were more than CLAIM_MOST. */
static int share(const struct endpoint *e, struct asked all)
{
    int now = room_now(e), ahead = room(e) - now, left = CLAIM_MOST - all.now;
    if (left < 0)
        left = 0;
    return now + (all.ahead > left ? (int)(((int64_t)ahead * left + all.ahead - 1) / all.ahead) : ahead);
}

#define CLAIM_COLUMNS 6

/* Each endpoint as if it were alone, for most have nothing that is due, but all within what one claim may bring. */
static size_t ask_for(struct dispatch *d, struct pg_array a[CLAIM_COLUMNS])
{
    size_t n = 0;
    struct asked all = asked_of_all(d);
    for (size_t i = 0; i < d->endpoints->n; i++) {
        const struct endpoint *e = d->endpoints->list[i];
        if (!is_asked(d, e))
            continue;
        pg_array_text(&a[0], e->name);
        pg_array_int8(&a[1], share(e, all));
        pg_array_int8(&a[2], e->timeout * 1000 * LEASE);
        pg_array_bool(&a[3], e->strict);
        pg_array_int8(&a[4], e->rate);
        pg_array_int8(&a[5], e->burst);
        n++;
    }
    return n;
}

void claim_begin(struct dispatch *d)
{
    struct pg_array a[CLAIM_COLUMNS];
    const char *params[CLAIM_COLUMNS];
    struct err e;
    bool ok = true;
    d->look = d->recorded = false;
    if (d->endpoints->n == 0)
        return;
    for (int i = 0; i < CLAIM_COLUMNS; i++)
        pg_array_init(&a[i]);
    d->count = ask_for(d, a) == 0;
    for (int i = 0; i < CLAIM_COLUMNS; i++)
        ok = (params[i] = pg_array_literal(&a[i], &e)) != NULL && ok;
    d->claimed_at = clock_mono();
    if (!d->count)
        d->busy = ok && dispatch_query(d, "outbox_claim", CLAIM_COLUMNS, params, on_claimed);
    if (!d->count && !d->busy)
        dispatch_wake_in(d, 1.);
    for (int i = 0; i < CLAIM_COLUMNS; i++)
        pg_array_free(&a[i]);
}
