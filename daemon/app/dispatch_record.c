#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "dispatch_int.h"
#include "log.h"
#include "sql_text.h"

/* --- the end of a record --------------------------------------------------------------------------------------------- */

static void back_to_the_queue(struct dispatch *d)
{
    struct job *j;
    while ((j = TAILQ_LAST(&d->record.jobs, jobs)) != NULL) { /* they stay the first, in their order */
        TAILQ_REMOVE(j->list, j, link);
        TAILQ_INSERT_HEAD(&d->ended, j, link);
        j->list = &d->ended;
    }
}

static void forget(struct dispatch *d)
{
    struct job *j;
    while ((j = TAILQ_FIRST(&d->record.jobs)) != NULL)
        job_free(j);
}

/* By the class of its SQLSTATE: what was to be written would be refused again. Anything else says nothing about that. */
static bool is_of_the_data(const char *sqlstate)
{
    return strncmp(sqlstate, "22", 2) == 0 || strncmp(sqlstate, "23", 2) == 0;
}

/* The database would not have it. What one attempt did must not hold up the others: they are taken one by one. What the
 * receiver said may be what the database cannot hold; an attempt that is refused without it is left out. */
static void refused(struct dispatch *d)
{
    struct record *r = &d->record;
    struct job *j = TAILQ_FIRST(&r->jobs);
    if (r->n > 1) {
        r->one_by_one = r->n;
        back_to_the_queue(d);
    } else if (j->head != NULL) {
        free(j->head);
        j->head = NULL;
        r->one_by_one++;
        back_to_the_queue(d);
    } else {
        log_ev(LOG_ERR, "attempt_not_recorded",
               LOG_FIELDS({"ENDPOINT", j->endpoint->name}, {"MESSAGE_REF", j->message_id}),
               "%s; the message will be sent again", r->why.text);
        forget(d);
    }
}

#define RECORD_AGAIN 1. /* seconds */

static const char of_the_schema[] = "is the schema that of this program? Run \"ehcwatchd migrate\"";
static const char in_its_log[] = "the log of the database says why";

/* What does not pass by itself, by SQLSTATE or its class, and what a person does about it. First match. */
static const struct {
    const char *sqlstate, *help;
} lasting[] = {
    {"42501", "the role ehcwatch_daemon, and the login of \"state\" in it, must have the rights that "
              "\"ehcwatchd migrate\" gave it"},
    {"42", of_the_schema},
    {"3F", of_the_schema},
    {"0A", in_its_log},
    {"26", in_its_log},
    {"P0", "a trigger or function of the database raises it"},
    {"XX", in_its_log},
};

static const char *help_for(const char *sqlstate)
{
    for (size_t i = 0; i < sizeof lasting / sizeof lasting[0]; i++)
        if (strncmp(sqlstate, lasting[i].sqlstate, strlen(lasting[i].sqlstate)) == 0)
            return lasting[i].help;
    return NULL;
}

/* What was prepared goes with a schema that was changed, or is no more. */
static bool is_of_the_plan(const char *sqlstate)
{
    return strncmp(sqlstate, "0A", 2) == 0 || strncmp(sqlstate, "26", 2) == 0;
}

/* Once, until it is mended or fails in another way. */
static void tell_put_off(struct dispatch *d)
{
    const char *help = help_for(d->record.sqlstate), *why = d->record.why.text;
    if (help == NULL) {
        log_ev_limited(LOG_WARNING, "attempt_not_recorded", "", LOG_NO_FIELDS, "%s; once more", why);
    } else if (strcmp(d->unrecorded.text, why) != 0) {
        log_ev(LOG_ERR, "attempt_not_recorded", LOG_NO_FIELDS,
               "%s; what was sent is kept, and until it can be recorded nothing more is sent: %s", why, help);
        d->unrecorded = d->record.why;
    }
}

/* The database will not have anything at present. What was sent is known to us alone: to forget it would be to send it twice, and
 * again whenever its lease ends. */
static void put_off(struct dispatch *d)
{
    back_to_the_queue(d);
    d->record_from = clock_mono() + RECORD_AGAIN;
    dispatch_wake_in(d, RECORD_AGAIN);
    if (is_of_the_plan(d->record.sqlstate))
        d->prepared = 0;             /* each is sent as it stands from now on */
    d->core->status.counted = false; /* nor is anything counted before */
    dispatch_trouble(d, d->record.why.text);
    tell_put_off(d);
}

static void tell_recorded(struct dispatch *d)
{
    if (d->unrecorded.text[0] != '\0')
        log_ev(LOG_NOTICE, "attempts_recorded", LOG_NO_FIELDS,
               "what was sent meanwhile is recorded; the rest is sent now");
    d->unrecorded = (struct err){0};
}

static void end(struct dispatch *d)
{
    struct record *r = &d->record;
    if (r->lost && d->gave_up)
        forget(d);
    else if (r->lost)
        back_to_the_queue(d);
    else if (r->failed && is_of_the_data(r->sqlstate))
        refused(d);
    else if (r->failed)
        put_off(d);
    else {
        tell_recorded(d);
        health_settled(d);
        forget(d);
    }
    for (size_t i = 0; i < d->endpoints->n; i++)
        jobs_start(d, d->endpoints->list[i]);
    d->recorded = !r->failed; /* if not, no claim comes before it is: the leases may end meanwhile */
    d->look = true;           /* slots may be free, and what follows in a case may go */
    dispatch_link_free(d);
}

/* --- the transaction ------------------------------------------------------------------------------------------------- */

static void fail(struct record *r, const struct pg_reply *reply)
{
    r->lost |= reply->lost;
    if (!r->failed) {
        err_set(&r->why, "%s", reply->message);
        memcpy(r->sqlstate, reply->sqlstate, sizeof r->sqlstate);
    }
    r->failed = true;
}

void record_step(void *ud, const struct pg_reply *r)
{
    struct dispatch *d = ud;
    if (!r->ok)
        fail(&d->record, r);
}

static void on_end(void *ud, const struct pg_reply *r)
{
    record_step(ud, r);
    end(ud);
}

static void submit_end(struct dispatch *d)
{
    const char *sql = d->record.failed ? "ROLLBACK" : "COMMIT";
    if (pg_link_query(d->link, sql, 0, NULL, on_end, d))
        return;
    d->record.failed = d->record.lost = true; /* the server ends it when it has been idle for too long */
    end(d);
}

static void take_lane(struct lane *l, const PGresult *res, int row)
{
    l->known = true;
    l->circuit = (struct circuit){
        .state = circuit_state_of(PQgetvalue(res, row, 1)),
        .failures = (int)strtol(PQgetvalue(res, row, 2), NULL, 10),
        .wait = (int)strtol(PQgetvalue(res, row, 3), NULL, 10),
        .recent = (int)strtol(PQgetvalue(res, row, 4), NULL, 10),
        .recent_fail = (int)strtol(PQgetvalue(res, row, 5), NULL, 10),
    };
    l->failing = PQgetvalue(res, row, 6)[0] == 't';
    l->first = PQgetvalue(res, row, 7)[0] == 't';
    l->dead = PQgetvalue(res, row, 8)[0] == 't';
    l->disabled = PQgetvalue(res, row, 9)[0] == 't';
}

static void on_locked(void *ud, const struct pg_reply *r)
{
    struct dispatch *d = ud;
    struct record *rec = &d->record;
    if (!r->ok) {
        fail(rec, r);
        return;
    }
    for (int i = 0; i < PQntuples(r->res); i++)
        for (size_t l = 0; l < rec->n_lanes; l++)
            if (strcmp(rec->lane[l].name, PQgetvalue(r->res, i, 0)) == 0)
                take_lane(&rec->lane[l], r->res, i);
}

/* An attempt whose record was committed though we never heard so says nothing new. */
static void mark_fresh(struct record *rec, const PGresult *res)
{
    struct job *j;
    TAILQ_FOREACH(j, &rec->jobs, link)
    {
        j->fresh = (size_t)PQntuples(res) == rec->n;
        for (int i = 0; !j->fresh && i < PQntuples(res); i++)
            j->fresh = strcmp(j->outbox_id, PQgetvalue(res, i, 0)) == 0 &&
                       strtol(PQgetvalue(res, i, 1), NULL, 10) == j->attempt;
    }
}

static void on_recorded(void *ud, const struct pg_reply *r)
{
    struct dispatch *d = ud;
    if (!r->ok)
        fail(&d->record, r);
    if (!d->record.failed) {
        mark_fresh(&d->record, r->res);
        health_judge(d);
        if (!health_write(d)) {
            d->record.failed = true;
            err_set(&d->record.why, "out of memory");
        }
    }
    submit_end(d);
}

/* --- what is recorded ------------------------------------------------------------------------------------------------ */

static size_t lane_of(struct record *r, const char *name)
{
    size_t i = 0;
    while (i < r->n_lanes && strcmp(r->lane[i].name, name) != 0)
        i++;
    if (i == r->n_lanes)
        r->lane[r->n_lanes++] = (struct lane){.name = name};
    return i;
}

static void add(struct record *r, struct pg_array a[RECORD_COLUMNS], struct job *j)
{
    j->lane = lane_of(r, j->endpoint->name);
    r->lane[j->lane].failed |= j->verdict.health == CIRCUIT_FAILURE && !j->cancelled;
    pg_array_text(&a[0], j->outbox_id);
    pg_array_text(&a[1], j->claim);
    pg_array_int8(&a[2], j->attempt);
    pg_array_int8(&a[3], j->signed_at);
    pg_array_int8(&a[4], j->ms);
    if (j->http_status != 0)
        pg_array_int8(&a[5], j->http_status);
    else
        pg_array_null(&a[5]);
    pg_array_text(&a[6], j->reason);
    pg_array_text(&a[7], j->head);
    pg_array_text(&a[8], j->new_state);
    pg_array_int8(&a[9], j->wait_ms);
    pg_array_bool(&a[10], j->cancelled);
}

static void take_ended(struct dispatch *d, struct pg_array a[RECORD_COLUMNS])
{
    struct record *r = &d->record;
    struct job *j;
    size_t most = r->one_by_one > 0 ? 1 : RECORD_MOST;
    r->one_by_one -= r->one_by_one > 0;
    r->n = r->n_lanes = 0;
    r->failed = r->lost = false;
    r->sqlstate[0] = '\0';
    for (; r->n < most && (j = TAILQ_FIRST(&d->ended)) != NULL; r->n++) {
        job_move(j, &r->jobs);
        add(r, a, j);
    }
}

static bool send_lock(struct dispatch *d)
{
    struct record *r = &d->record;
    struct pg_array names, failed, reasons;
    struct err e;
    char window[16], most[16];
    snprintf(window, sizeof window, "%d", CIRCUIT_WINDOW);
    snprintf(most, sizeof most, "%d", CIRCUIT_RECENT_MOST);
    pg_array_init(&names);
    pg_array_init(&failed);
    pg_array_init(&reasons);
    for (size_t i = 0; i < r->n_lanes; i++) {
        pg_array_text(&names, r->lane[i].name);
        pg_array_bool(&failed, r->lane[i].failed);
    }
    for (int i = 0; i < RETRY_REASON_COUNT; i++)
        if (retry_reason_fails((enum retry_reason)i))
            pg_array_text(&reasons, retry_reason_name((enum retry_reason)i));
    const char *params[] = {pg_array_literal(&names, &e), pg_array_literal(&failed, &e),
                            pg_array_literal(&reasons, &e), window, most};
    bool ok = params[0] != NULL && params[1] != NULL && params[2] != NULL &&
              dispatch_query(d, "endpoint_lock", 5, params, on_locked);
    pg_array_free(&names);
    pg_array_free(&failed);
    pg_array_free(&reasons);
    return ok;
}

void record_begin(struct dispatch *d)
{
    struct pg_array a[RECORD_COLUMNS];
    const char *params[RECORD_COLUMNS + 1];
    struct err e;
    bool ok = true;
    for (int i = 0; i < RECORD_COLUMNS; i++)
        pg_array_init(&a[i]);
    take_ended(d, a);
    for (int i = 0; i < RECORD_COLUMNS; i++)
        ok = (params[i] = pg_array_literal(&a[i], &e)) != NULL && ok;
    params[RECORD_COLUMNS] = d->core->instance;
    bool begun = ok && pg_link_query(d->link, "BEGIN", 0, NULL, record_step, d);
    ok = begun && send_lock(d) && dispatch_query(d, "outbox_record", RECORD_COLUMNS + 1, params, on_recorded);
    for (int i = 0; i < RECORD_COLUMNS; i++)
        pg_array_free(&a[i]);
    if (ok) {
        d->busy = true;
        return;
    }
    back_to_the_queue(d); /* out of memory */
    if (begun && pg_link_query(d->link, "ROLLBACK", 0, NULL, NULL, NULL))
        log_ev_limited(LOG_WARNING, "attempt_not_recorded", "", LOG_NO_FIELDS, "out of memory; once more");
    dispatch_wake_in(d, 1.);
}

/* --- giving back ----------------------------------------------------------------------------------------------------- */

static void on_returned(void *ud, const struct pg_reply *r)
{
    struct dispatch *d = ud;
    struct job *j;
    while ((j = TAILQ_FIRST(&d->returning)) != NULL)
        if (r->lost && !d->gave_up)
            job_move(j, &d->unused);
        else
            job_free(j); /* in doubt, the lease brings it back */
    if (!r->ok && !r->lost)
        log_ev_limited(LOG_ERR, "claims_not_returned", "", LOG_NO_FIELDS, "%s", r->message);
    d->look = true;
    dispatch_link_free(d);
}

void return_begin(struct dispatch *d)
{
    struct pg_array ids, claims;
    struct err e;
    struct job *j;
    pg_array_init(&ids);
    pg_array_init(&claims);
    while ((j = TAILQ_FIRST(&d->unused)) != NULL) {
        pg_array_text(&ids, j->outbox_id);
        pg_array_text(&claims, j->claim);
        job_move(j, &d->returning);
    }
    const char *params[] = {pg_array_literal(&ids, &e), pg_array_literal(&claims, &e)};
    d->busy = params[0] != NULL && params[1] != NULL &&
              pg_link_query(d->link, sql_query("outbox_return"), 2, params, on_returned, d);
    pg_array_free(&ids);
    pg_array_free(&claims);
    while (!d->busy && (j = TAILQ_FIRST(&d->returning)) != NULL)
        job_free(j); /* out of memory: the leases bring them back */
}
