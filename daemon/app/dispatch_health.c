#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "dispatch_int.h"
#include "log.h"
#include "random_id.h"
#include "sql_text.h"

#define SECOND_MS 1000

/* --- what attempts say of their endpoint ----------------------------------------------------------------------------- */

static enum circuit_event event_of(const struct job *j)
{
    static const enum circuit_event as_probe[] = {
        [CIRCUIT_SUCCESS] = CIRCUIT_PROBE_SUCCESS,
        [CIRCUIT_ANSWERED] = CIRCUIT_PROBE_ANSWERED,
        [CIRCUIT_FAILURE] = CIRCUIT_PROBE_FAILURE,
    };
    if (j->cancelled)
        return CIRCUIT_PROBE_BACK;
    return j->probe ? as_probe[j->verdict.health] : j->verdict.health;
}

static enum look look_of(const struct job *j, const struct lane *l)
{
    if (j->verdict.fate == RETRY_GONE)
        return LOOK_GONE;
    if (j->verdict.fate == RETRY_REFUSED)
        return LOOK_REFUSED;
    if (strcmp(j->new_state, "dead") == 0)
        return LOOK_DEAD;
    if (l->change == CIRCUIT_OPENED && l->circuit.wait == CIRCUIT_WAIT_MAX)
        return LOOK_UNREACHABLE;
    return LOOK_NOT;
}

static void judge(struct lane *l, const struct job *j)
{
    if (j->cancelled && !j->probe)
        return;
    enum circuit_change change = circuit_after(&l->circuit, event_of(j));
    if (change != CIRCUIT_SAME) {
        l->touched = true;
        if (change != CIRCUIT_COUNTED || l->change == CIRCUIT_SAME)
            l->change = change;
    }
    if (j->cancelled)
        return;
    l->mended |= change == CIRCUIT_MENDED;
    l->taken |= j->verdict.health == CIRCUIT_SUCCESS;
    l->gone |= j->verdict.fate == RETRY_GONE;
    if (j->pause_ms > l->rest_ms)
        l->rest_ms = j->pause_ms;
    enum look look = look_of(j, l);
    if (look != LOOK_NOT && (l->look.why == LOOK_NOT || look == LOOK_GONE))
        l->look = (struct failing){
            .why = look, .endpoint = l->name, .http_status = j->http_status, .reason = j->reason};
}

void health_judge(struct dispatch *d)
{
    struct job *j;
    TAILQ_FOREACH(j, &d->record.jobs, link)
    if (j->fresh && d->record.lane[j->lane].known)
        judge(&d->record.lane[j->lane], j);
}

/* --- and what is written of it --------------------------------------------------------------------------------------- */

#define HEALTH_COLUMNS 9

static void on_health(void *ud, const struct pg_reply *r)
{
    struct dispatch *d = ud;
    struct record *rec = &d->record;
    record_step(d, r);
    for (int i = 0; r->ok && i < PQntuples(r->res); i++)
        for (size_t l = 0; l < rec->n_lanes; l++)
            if (strcmp(rec->lane[l].name, PQgetvalue(r->res, i, 0)) == 0)
                rec->lane[l].well_again = rec->lane[l].failing && PQgetvalue(r->res, i, 1)[0] == 'f';
}

static void add(struct pg_array a[HEALTH_COLUMNS], const struct lane *l)
{
    pg_array_text(&a[0], l->name);
    pg_array_text(&a[1], circuit_state_name(l->circuit.state));
    pg_array_int8(&a[2], l->circuit.failures);
    pg_array_int8(&a[3], l->circuit.wait);
    if (l->change == CIRCUIT_OPENED)
        pg_array_int8(&a[4], (int64_t)l->circuit.wait * SECOND_MS);
    else if (l->change == CIRCUIT_AT_ONCE)
        pg_array_int8(&a[4], 0);
    else
        pg_array_null(&a[4]);
    pg_array_int8(&a[5], l->rest_ms);
    pg_array_bool(&a[6], l->taken);
    pg_array_bool(&a[7], l->look.why != LOOK_NOT);
    pg_array_bool(&a[8], l->gone);
}

/* The operator has not heard of it yet. That it is gone is news even of one that was failing. */
static bool is_news(const struct lane *l)
{
    return l->look.why == LOOK_GONE ? !l->disabled : l->look.why != LOOK_NOT && !l->failing;
}

/* One statement with arrays, if there is anything in them. */
static bool query(struct dispatch *d, const char *name, struct pg_array *a, int n, pg_result_fn *fn)
{
    const char *params[HEALTH_COLUMNS];
    struct err e;
    bool ok = true;
    for (int i = 0; i < n; i++)
        ok = (params[i] = pg_array_literal(&a[i], &e)) != NULL && ok;
    if (ok && a[0].count > 0)
        ok = dispatch_query(d, name, n, params, fn);
    for (int i = 0; i < n; i++)
        pg_array_free(&a[i]);
    return ok;
}

static bool send_requeue(struct dispatch *d)
{
    struct pg_array a[3];
    for (int i = 0; i < 3; i++)
        pg_array_init(&a[i]);
    for (size_t i = 0; i < d->record.n_lanes; i++) {
        const struct lane *l = &d->record.lane[i];
        bool anew = l->failing && l->first;
        if (!l->taken || !(l->dead || l->mended || anew))
            continue;
        pg_array_text(&a[0], l->name);
        pg_array_bool(&a[1], anew);
        pg_array_bool(&a[2], l->mended);
    }
    return query(d, "outbox_requeue", a, 3, record_step);
}

static bool send_health(struct dispatch *d)
{
    struct pg_array a[HEALTH_COLUMNS];
    for (int i = 0; i < HEALTH_COLUMNS; i++)
        pg_array_init(&a[i]);
    for (size_t i = 0; i < d->record.n_lanes; i++) {
        const struct lane *l = &d->record.lane[i];
        if (l->touched || l->taken || l->gone || l->rest_ms > 0 || l->look.why != LOOK_NOT)
            add(a, l);
    }
    return query(d, "endpoint_record", a, HEALTH_COLUMNS, on_health);
}

/* To whoever is configured to hear of it, but not through the endpoint that it is about. */
static bool send_telling(struct dispatch *d, const struct failing *x)
{
    struct pg_array a[3];
    struct err e;
    char id[RANDOM_ID_LEN];
    bool ok = random_id(id);
    for (int i = 0; i < 3; i++)
        pg_array_init(&a[i]);
    for (size_t i = 0; ok && i < d->endpoints->n; i++) {
        const struct endpoint *to = d->endpoints->list[i];
        struct buf body = {0};
        if (!to->hears_failing || strcmp(to->name, x->endpoint) == 0)
            continue;
        failing_body(&body, to->format, &d->endpoints->routes[i].channel, x, id, clock_wall_us());
        ok = !body.failed;
        pg_array_text(&a[0], to->name);
        pg_array_bytea(&a[1], body.p, body.n);
        pg_array_text(&a[2], format_content_type(to->format));
        buf_free(&body);
    }
    const char *params[] = {id, "endpoint.failing", pg_array_literal(&a[0], &e), pg_array_literal(&a[1], &e),
                            pg_array_literal(&a[2], &e)};
    ok = ok && params[2] != NULL && params[3] != NULL && params[4] != NULL;
    if (ok && a[0].count > 0)
        ok = pg_link_query(d->link, sql_query("outbox_tell"), 5, params, record_step, d);
    for (int i = 0; i < 3; i++)
        pg_array_free(&a[i]);
    return ok;
}

bool health_write(struct dispatch *d)
{
    bool ok = send_requeue(d) && send_health(d);
    for (size_t i = 0; ok && i < d->record.n_lanes; i++) {
        const struct lane *l = &d->record.lane[i];
        if (is_news(l))
            ok = send_telling(d, &l->look);
    }
    return ok;
}

/* --- it is so -------------------------------------------------------------------------------------------------------- */

static void tell(const struct lane *l)
{
    const struct log_field *fields = LOG_FIELDS({"ENDPOINT", l->name});
    if (l->change == CIRCUIT_OPENED)
        log_ev(LOG_WARNING, "circuit_open", fields, "%d failures in a row; a probe in %d s",
               l->circuit.failures, l->circuit.wait);
    if (l->change == CIRCUIT_MENDED)
        log_ev(LOG_NOTICE, "circuit_closed", fields, "it answers again");
    if (l->rest_ms > 0)
        log_ev_limited(LOG_NOTICE, "endpoint_rests", l->name, fields, "it asked for %lld s",
                       (long long)(l->rest_ms / SECOND_MS));
    if (is_news(l))
        log_ev(LOG_ERR, "endpoint_failing", fields, "%s: %s", look_name(l->look.why), look_text(l->look.why));
    if (l->well_again)
        log_ev(LOG_NOTICE, "endpoint_well", fields, "it takes what it is sent");
}

void health_settled(struct dispatch *d)
{
    for (size_t i = 0; i < d->record.n_lanes; i++) {
        const struct lane *l = &d->record.lane[i];
        struct endpoint *e = endpoint_find(d->endpoints, l->name);
        tell(l);
        if (e != NULL && (l->circuit.state != CIRCUIT_CLOSED || l->gone || l->rest_ms > 0))
            jobs_give_back(d, e);
    }
}
