#include "refresh.h"

#include <ev.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "lease.h"
#include "log.h"
#include "message.h"
#include "pgarray.h"
#include "pglink.h"
#include "sql_text.h"

enum {
    PART = 100,        /* obligations in one message */
    ENDED_LEAST = 900, /* seconds for which an end is told again, or as long as an alert lasts by itself */
    ENDED_REFRESHES = 4,
    NAME_LEN = 33,
};

/* The columns of refresh_read. */
enum { REF, LOCALITY, TEAM, LIMIT, SUBJECT, START, DUE, CLOSED, STATE, SINCE, NOW, TODAY, TOLD };

struct refresh {
    struct core *core;
    struct pg_link *link;
    void (*put)(void *ud);
    void *ud;
    const struct writer_endpoint **endpoints;
    double *next; /* monotonic, of each of them */
    size_t n;
    char term[24];        /* of the lease, in which it was begun */
    char asked[NAME_LEN]; /* the endpoint that a query is under way for, "" when none is */
    bool up, stopped;
    ev_timer tick;
};

static void look(struct refresh *r);

static void end_one(struct refresh *r)
{
    r->asked[0] = '\0';
    look(r);
}

/* --- the bodies ------------------------------------------------------------------------------------------------------------ */

static civil_day day_at(const PGresult *res, int row, int column)
{
    return PQgetisnull(res, row, column) ? CIVIL_NONE
                                         : (civil_day)strtol(PQgetvalue(res, row, column), NULL, 10);
}

static enum state state_at(const PGresult *res, int row, int column)
{
    const char *word = PQgetvalue(res, row, column);
    return state_by_name(word, strlen(word));
}

/* A row as it is told. False: it is not for this endpoint, or of a limit that there is no longer. `link` is for the address. */
static bool take_row(const struct refresh *r, const struct writer_endpoint *e, const PGresult *res, int row,
                     struct notice_item *item, struct buf *link)
{
    const struct rulebook *rb = r->core->rulebook;
    int limit = rulebook_find(rb, PQgetvalue(res, row, LIMIT));
    enum state told = state_at(res, row, TOLD);
    if (limit < 0 || told == STATE_COUNT)
        return false;
    const struct change change = {
        .now = {.limit = (uint8_t)limit, .state = (uint8_t)told},
        .alert = told == STATE_BREACHED ? ALERT_BREACHED : ALERT_AT_RISK,
        .from = STATE_COUNT,
    };
    if (!route_wants(&e->route, rb, &change, PQgetvalue(res, row, LOCALITY), PQgetvalue(res, row, TEAM)))
        return false;
    const char *base = r->core->config->public_url;
    if (base != NULL)
        message_case_link(link, base, PQgetvalue(res, row, REF));
    *item = (struct notice_item){
        .kind = NOTICE_CHANGE,
        .type = alert_type(change.alert),
        .case_ref = PQgetvalue(res, row, REF),
        .limit = rb->rule[limit].limit->id,
        .title = rb->rule[limit].limit->title,
        .subject = PQgetvalue(res, row, SUBJECT),
        .citation = rb->rule[limit].limit->citation,
        .locality = PQgetvalue(res, row, LOCALITY),
        .team = PQgetvalue(res, row, TEAM),
        .link = base != NULL && !link->failed ? link->p : NULL,
        .from = STATE_COUNT,
        .to = state_at(res, row, STATE),
        .start = day_at(res, row, START),
        .due = day_at(res, row, DUE),
        .act_by = CIVIL_NONE,
        .closed = CIVIL_NONE, /* it may be a birthday */
        .since = day_at(res, row, SINCE),
    };
    return item->to != STATE_COUNT;
}

/* Up to PART rows from *row on as one body. False: out of memory. */
static bool add_part(const struct refresh *r, const struct writer_endpoint *e, const PGresult *res, int *row,
                     struct pg_array *bodies)
{
    struct notice_item items[PART];
    struct buf links[PART] = {{0}}, body = {0};
    size_t n = 0;
    bool ok = true;
    for (; *row < PQntuples(res) && n < PART && ok; ++*row) {
        bool wanted = take_row(r, e, res, *row, &items[n], &links[n]);
        ok = !links[n].failed;
        if (wanted)
            n++;
        else
            buf_free(&links[n]);
    }
    if (ok && n > 0) {
        const struct notice notice = {
            .type = "alerts.refresh",
            .message_id = "",
            .team = "",
            .as_of = day_at(res, 0, TODAY),
            .timestamp = strtoll(PQgetvalue(res, 0, NOW), NULL, 10),
            .items = items,
            .n = n,
            .rulebook = r->core->rulebook->version,
        };
        notice_body(&body, FORMAT_ALERTMANAGER, &e->channel, &notice);
        ok = !body.failed;
        pg_array_bytea(bodies, body.p, body.n);
    }
    for (size_t i = 0; i < PART; i++)
        buf_free(&links[i]);
    buf_free(&body);
    return ok;
}

/* --- asking ------------------------------------------------------------------------------------------------------------------ */

static const struct writer_endpoint *find(const struct refresh *r, const char *name)
{
    for (size_t i = 0; i < r->n; i++)
        if (strcmp(r->endpoints[i]->name, name) == 0)
            return r->endpoints[i];
    return NULL;
}

static void on_put(void *ud, const struct pg_reply *reply)
{
    struct refresh *r = ud;
    if (reply->ok)
        r->put(r->ud);
    else if (!reply->lost)
        log_ev_limited(LOG_ERR, "refresh_not_written", r->asked, LOG_FIELDS({"ENDPOINT", r->asked}), "%s",
                       reply->message);
    end_one(r);
}

static void on_read(void *ud, const struct pg_reply *reply)
{
    struct refresh *r = ud;
    const struct writer_endpoint *e = find(r, r->asked);
    struct pg_array bodies;
    struct err why;
    bool ok = true, sent = false;
    if (!reply->ok && !reply->lost)
        log_ev_limited(LOG_ERR, "refresh_unreadable", r->asked, LOG_FIELDS({"ENDPOINT", r->asked}), "%s",
                       reply->message);
    if (!reply->ok || e == NULL || r->stopped || PQntuples(reply->res) == 0) {
        end_one(r);
        return;
    }
    pg_array_init(&bodies);
    for (int row = 0; row < PQntuples(reply->res) && ok;)
        ok = add_part(r, e, reply->res, &row, &bodies);
    const char *params[] = {e->name, ok && bodies.count > 0 ? pg_array_literal(&bodies, &why) : NULL,
                            format_content_type(FORMAT_ALERTMANAGER), r->core->instance, r->term};
    if (params[1] != NULL)
        sent = pg_link_query(r->link, sql_query("refresh_put"), 5, params, on_put, r);
    if (!sent && (!ok || bodies.count > 0))
        log_ev_limited(LOG_ERR, "refresh_not_written", e->name, LOG_FIELDS({"ENDPOINT", e->name}),
                       "out of memory");
    pg_array_free(&bodies);
    if (!sent)
        end_one(r);
}

static bool ask(struct refresh *r, const struct writer_endpoint *e)
{
    char refresh[16], ended[16];
    int lasts = e->channel.refresh * ENDED_REFRESHES;
    snprintf(refresh, sizeof refresh, "%d", e->channel.refresh);
    snprintf(ended, sizeof ended, "%d", lasts > ENDED_LEAST ? lasts : ENDED_LEAST);
    const char *params[] = {e->name, refresh, ended};
    snprintf(r->asked, sizeof r->asked, "%s", e->name);
    snprintf(r->term, sizeof r->term, "%s", lease_proof(r->core->lease)[1]);
    if (pg_link_query(r->link, sql_query("refresh_read"), 3, params, on_read, r))
        return true;
    r->asked[0] = '\0';
    return false;
}

/* One endpoint at a time; those of another moment wait for the tick. */
static void look(struct refresh *r)
{
    if (!r->up || r->stopped || r->asked[0] != '\0' || !lease_held(r->core->lease))
        return;
    double now = clock_mono();
    for (size_t i = 0; i < r->n; i++)
        if (r->next[i] <= now && ask(r, r->endpoints[i])) {
            r->next[i] = now + r->endpoints[i]->channel.refresh;
            return;
        }
}

static void on_tick(struct ev_loop *loop, ev_timer *w, int revents)
{
    (void)loop;
    (void)revents;
    look(w->data);
}

static void on_up(void *ud)
{
    struct refresh *r = ud;
    r->up = true;
    r->asked[0] = '\0';
    look(r);
}

static void on_down(void *ud, const char *why)
{
    struct refresh *r = ud;
    r->up = false;
    log_ev(LOG_WARNING, "refresh_paused", LOG_NO_FIELDS, "state database: %s; nothing is lost", why);
}

/* --- life --------------------------------------------------------------------------------------------------------------------- */

#define TICK 1. /* seconds */

void refresh_configure(struct refresh *r, const struct writer_endpoint *endpoints, size_t n)
{
    free(r->endpoints);
    free(r->next);
    r->n = 0;
    r->endpoints = calloc(n + 1, sizeof(const struct writer_endpoint *));
    r->next = calloc(n + 1, sizeof *r->next);
    ev_timer_stop(r->core->loop, &r->tick);
    if (r->endpoints == NULL || r->next == NULL) {
        log_ev(LOG_ERR, "not_refreshing", LOG_NO_FIELDS,
               "out of memory: alerts end by themselves until the next reload");
        return;
    }
    for (size_t i = 0; i < n; i++)
        if (endpoints[i].format == FORMAT_ALERTMANAGER)
            r->endpoints[r->n++] = &endpoints[i];
    if (r->n == 0)
        return;
    ev_timer_set(&r->tick, TICK, TICK);
    ev_timer_start(r->core->loop, &r->tick);
    pg_link_start(r->link);
}

void refresh_stop(struct refresh *r)
{
    r->stopped = true;
    ev_timer_stop(r->core->loop, &r->tick);
}

struct refresh *refresh_new(struct core *core, void (*put)(void *ud), void *ud, struct err *e)
{
    static const struct pg_link_ops ops = {.up = on_up, .down = on_down};
    struct refresh *r = calloc(1, sizeof *r);
    if (r == NULL) {
        err_set(e, "out of memory");
        return NULL;
    }
    *r = (struct refresh){.core = core, .put = put, .ud = ud};
    ev_timer_init(&r->tick, on_tick, TICK, TICK);
    r->tick.data = r;
    const struct pg_link_conf conf = {
        .conninfo = core->config->state,
        .password = core->credentials->state_password,
        .application_name = "ehcwatchd refresh",
        .query_timeout = 60,
        .lock_timeout = 10,
        .statement_timeout = 50,
        .idle_in_transaction_timeout = 30,
        .retry_max = 15,
        .seed = (uint64_t)clock_wall_us() + 4,
    };
    r->link = pg_link_new(core->loop, &conf, &ops, r, e);
    if (r->link == NULL) {
        free(r);
        return NULL;
    }
    return r;
}

void refresh_free(struct refresh *r)
{
    if (r == NULL)
        return;
    ev_timer_stop(r->core->loop, &r->tick);
    pg_link_free(r->link);
    free(r->endpoints);
    free(r->next);
    free(r);
}
