#include "composer.h"

#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "composer_int.h"
#include "lease.h"
#include "log.h"
#include "sql_text.h"

#define HELD_LOOK  .25 /* seconds: what is on its way to a receiver is not notified when it ends */
#define LOOK_EVERY 30. /* seconds: clocks are set, and notifications get lost */

static void look(struct composer *c);

static void wake_in(struct composer *c, double seconds)
{
    ev_timer_stop(c->core->loop, &c->wake);
    if (c->stopped)
        return;
    ev_now_update(c->core->loop);
    ev_timer_set(&c->wake, seconds, 0.);
    ev_timer_start(c->core->loop, &c->wake);
}

static void end_pass(struct composer *c)
{
    c->busy = false;
    if (c->held)
        wake_in(c, HELD_LOOK);
    c->held = false;
    if (c->whole && c->up && !c->core->status.composed) {
        c->core->status.composed = true;
        c->ops.composed(c->ud);
    }
    c->ops.idle(c->ud);
    if (c->again)
        look(c);
}

void composer_next(struct composer *c)
{
    while (c->at < c->n_endpoints && (!c->due[c->at] || !c->up || c->stopped))
        c->at++;
    if (c->at < c->n_endpoints)
        compose_endpoint(c);
    else
        end_pass(c);
}

/* A new day, a new term, or the first look: what is stored was so yesterday, or before whatever kept us from knowing. */
static bool is_fresh(struct composer *c, int64_t now)
{
    civil_day day = worktime_local(now).day;
    int64_t term = lease_term(c->core->lease);
    bool news = day != c->day || term != c->term;
    if (news) {
        if (term != c->term) {
            c->core->status.composed = false;
            c->core->status.people_from = clock_mono() + PEOPLE_REST;
        }
        c->day = day;
        c->term = term;
        c->day_seen = clock_mono();
    }
    if (c->core->status.source_up && c->core->status.written_of >= c->day_seen)
        return true;
    if (news)
        c->ops.stale(c->ud);
    return false;
}

static int64_t value_or(const PGresult *res, int row, int column, int64_t none)
{
    return PQgetisnull(res, row, column) ? none : strtoll(PQgetvalue(res, row, column), NULL, 10);
}

struct policy_state composer_state(const PGresult *res, int row, int64_t *now)
{
    *now = value_or(res, row, 1, 0);
    return (struct policy_state){
        .last = value_or(res, row, 2, *now),
        .reminded_on = (civil_day)value_or(res, row, 3, CIVIL_NONE),
        .waiting = value_or(res, row, 4, POLICY_NEVER),
    };
}

static size_t find(const struct composer *c, const char *name)
{
    size_t i = 0;
    while (i < c->n_endpoints && strcmp(c->endpoints[i].name, name) != 0)
        i++;
    return i;
}

static void on_look(void *ud, const struct pg_reply *r)
{
    struct composer *c = ud;
    double next = LOOK_EVERY;
    c->whole = r->ok;
    if (!r->ok && !r->lost)
        log_ev_limited(LOG_ERR, "notices_unreadable", "", LOG_NO_FIELDS, "%s", r->message);
    for (int row = 0; r->ok && row < PQntuples(r->res); row++) {
        int64_t now;
        struct policy_state state = composer_state(r->res, row, &now);
        size_t i = find(c, PQgetvalue(r->res, row, 0));
        if (i == c->n_endpoints || !is_fresh(c, now)) {
            c->whole &= i == c->n_endpoints;
            continue;
        }
        struct policy_verdict v = policy_judge(&c->endpoints[i].policy, &state, now, &c->core->calendar);
        c->due[i] = v.changes || v.digest || v.reminders;
        if (!c->due[i])
            c->held_since[i] = 0; /* of another time */
        double in = c->due[i] || v.next == POLICY_NEVER ? LOOK_EVERY : (double)(v.next - now) / 1e6 + .005;
        next = in < next ? in : next;
    }
    if (!r->lost)
        wake_in(c, next);
    c->at = 0;
    composer_next(c);
}

static void look(struct composer *c)
{
    struct pg_array names, people;
    struct err e;
    if (c->busy) {
        c->again = true;
        return;
    }
    c->again = false;
    if (!c->up || c->stopped || c->n_endpoints == 0 || !lease_held(c->core->lease))
        return;
    pg_array_init(&names);
    pg_array_init(&people);
    for (size_t i = 0; i < c->n_endpoints; i++) {
        c->due[i] = false;
        pg_array_text(&names, c->endpoints[i].name);
        pg_array_bool(&people, c->endpoints[i].people);
    }
    const char *params[] = {pg_array_literal(&names, &e), pg_array_literal(&people, &e)};
    c->busy = params[0] != NULL && params[1] != NULL &&
              pg_link_query(c->link, sql_query("compose_look"), 2, params, on_look, c);
    pg_array_free(&names);
    pg_array_free(&people);
    if (!c->busy)
        wake_in(c, 1.);
}

static void on_wake(struct ev_loop *loop, ev_timer *w, int revents)
{
    (void)loop;
    (void)revents;
    look(w->data);
}

static void on_listening(void *ud, const struct pg_reply *r)
{
    (void)ud;
    if (!r->ok && !r->lost)
        log_ev_limited(LOG_WARNING, "not_listening", "", LOG_NO_FIELDS, "%s", r->message);
}

static void on_up(void *ud)
{
    struct composer *c = ud;
    c->up = true;
    c->day = CIVIL_NONE;
    if (!pg_link_query(c->link, "LISTEN ehcwatch_outbox", 0, NULL, on_listening, c))
        log_ev_limited(LOG_WARNING, "not_listening", "", LOG_NO_FIELDS, "out of memory");
    look(c);
}

static bool serves_people(const struct composer *c)
{
    size_t i = 0;
    while (i < c->n_endpoints && !c->endpoints[i].people)
        i++;
    return i < c->n_endpoints;
}

/* Whatever was under way is answered as lost. */
static void on_down(void *ud, const char *why)
{
    struct composer *c = ud;
    c->up = c->core->status.composed = false;
    ev_timer_stop(c->core->loop, &c->wake);
    if (serves_people(c))
        log_ev(LOG_WARNING, "composing_paused", LOG_NO_FIELDS, "state database: %s; nothing is lost", why);
}

static void on_notify(void *ud, const char *channel, const char *payload)
{
    (void)channel;
    (void)payload;
    look(ud);
}

void composer_kick(struct composer *c)
{
    look(c);
}

bool composer_idle(const struct composer *c)
{
    return !c->busy;
}

void composer_stop(struct composer *c)
{
    c->stopped = true;
    ev_timer_stop(c->core->loop, &c->wake);
}

bool composer_configure(struct composer *c, const struct writer_endpoint *endpoints, size_t n)
{
    free(c->due);
    free(c->held_since);
    c->due = calloc(n + 1, sizeof *c->due);
    c->held_since = calloc(n + 1, sizeof *c->held_since);
    c->endpoints = endpoints;
    c->n_endpoints = c->due != NULL && c->held_since != NULL ? n : 0;
    if (c->due == NULL || c->held_since == NULL)
        return false;
    if (n > 0)
        pg_link_start(c->link);
    return true;
}

struct composer *composer_new(struct core *core, const struct composer_ops *ops, void *ud, struct err *e)
{
    static const struct pg_link_ops link_ops = {.up = on_up, .down = on_down, .notify = on_notify};
    struct composer *c = calloc(1, sizeof *c);
    if (c == NULL) {
        err_set(e, "out of memory");
        return NULL;
    }
    *c = (struct composer){.core = core, .ops = *ops, .ud = ud, .day = CIVIL_NONE};
    ev_timer_init(&c->wake, on_wake, 0., 0.);
    c->wake.data = c;
    const struct pg_link_conf conf = {
        .conninfo = core->config->state,
        .password = core->credentials->state_password,
        .application_name = "ehcwatchd people",
        .query_timeout = 60,
        .lock_timeout = 20,
        .statement_timeout = 50,
        .idle_in_transaction_timeout = 10, /* as the poller's: it holds the lease */
        .retry_max = 15,
        .seed = (uint64_t)clock_wall_us() + 3,
    };
    c->link = pg_link_new(core->loop, &conf, &link_ops, c, e);
    if (c->link == NULL) {
        free(c);
        return NULL;
    }
    return c;
}

void composer_free(struct composer *c)
{
    if (c == NULL)
        return;
    ev_timer_stop(c->core->loop, &c->wake);
    pg_link_free(c->link);
    telling_free(&c->telling);
    free(c->due);
    free(c->held_since);
    free(c);
}
