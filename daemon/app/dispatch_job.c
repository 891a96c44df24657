#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "dispatch_int.h"
#include "log.h"
#include "sign.h"
#include "sql_text.h"

static enum attempt_end end_of(enum hook_kind kind)
{
    switch (kind) {
    case HOOK_HTTP:
        return ATTEMPT_HTTP;
    case HOOK_TIMEOUT:
        return ATTEMPT_TIMEOUT;
    case HOOK_CONNECT:
        return ATTEMPT_CONNECT;
    case HOOK_DNS:
        return ATTEMPT_DNS;
    case HOOK_TLS:
        return ATTEMPT_TLS;
    case HOOK_RESET:
        return ATTEMPT_RESET;
    case HOOK_BLOCKED:
        return ATTEMPT_BLOCKED;
    case HOOK_CANCELLED:
        return ATTEMPT_CANCELLED;
    case HOOK_OTHER:
        break;
    }
    return ATTEMPT_OTHER;
}

void job_free(struct job *j)
{
    if (j->at != NULL) {
        *j->at = j->next;
        if (j->next != NULL)
            j->next->at = j->at;
        j->dispatch->n_jobs--;
    }
    if (j->endpoint != NULL)
        j->endpoint->inflight--;
    endpoint_unref(j->endpoint);
    free(j->message_id);
    free(j->content_type);
    free(j->head);
    free(j);
}

static void record(struct job *j);

static void on_recorded(void *ud, const struct pg_reply *r)
{
    struct job *j = ud;
    struct dispatch *d = j->dispatch;
    if (r->lost && !d->gave_up) {
        j->state = JOB_UNRECORDED;
        if (pg_link_state(d->link) >= PG_LINK_IDLE) /* it came up before this answer did */
            record(j);
        return;
    }
    if (!r->ok && !r->lost &&
        j->head != NULL) { /* what the receiver said may be what the database cannot hold */
        free(j->head);
        j->head = NULL;
        record(j);
        return;
    }
    if (!r->ok && !r->lost)
        log_ev(LOG_ERR, "attempt_not_recorded",
               LOG_FIELDS({"ENDPOINT", j->endpoint->name}, {"MESSAGE_REF", j->message_id}),
               "%s; the message will be sent again", r->message);
    job_free(j);
    dispatch_job_ended(d);
}

static void record(struct job *j)
{
    char n[16], signed_at[24], ms[24], status[16], wait[24];
    snprintf(n, sizeof n, "%d", j->attempts);
    snprintf(signed_at, sizeof signed_at, "%lld", (long long)j->signed_at);
    snprintf(ms, sizeof ms, "%lld", (long long)j->ms);
    snprintf(status, sizeof status, "%d", j->http_status);
    snprintf(wait, sizeof wait, "%lld", (long long)j->wait_ms);
    const char *params[] = {j->outbox_id,
                            j->claim,
                            n,
                            signed_at,
                            ms,
                            j->http_status != 0 ? status : NULL,
                            j->reason,
                            j->head,
                            j->new_state,
                            wait,
                            j->cancelled ? "true" : "false"};
    j->state = JOB_RECORDING;
    if (!pg_link_query(j->dispatch->link, sql_query("outbox_record"), 11, params, on_recorded, j))
        j->state = JOB_UNRECORDED;
}

void jobs_record_again(struct dispatch *d)
{
    for (struct job *j = d->jobs; j != NULL; j = j->next)
        if (j->state == JOB_UNRECORDED)
            record(j);
}

void jobs_cancel(struct dispatch *d)
{
    for (struct job *j = d->jobs; j != NULL; j = j->next)
        if (j->state == JOB_POSTING && j->hook != NULL)
            hook_cancel(j->hook);
}

/* xorshift64*: jitter only. */
static uint32_t draw(struct dispatch *d)
{
    d->random ^= d->random >> 12;
    d->random ^= d->random << 25;
    d->random ^= d->random >> 27;
    return (uint32_t)(d->random * UINT64_C(2685821657736338717) >> 32);
}

static void tell_failure(const struct job *j, const struct hook_outcome *out)
{
    const struct log_field *fields =
        LOG_FIELDS({"ENDPOINT", j->endpoint->name}, {"MESSAGE_REF", j->message_id});
    if (j->wait_ms < 0)
        log_ev(LOG_ERR, "message_dead", fields, "given up after %d attempts, kept: %s", j->tries, out->why);
    else
        log_ev_limited(LOG_WARNING, "delivery_failed", j->endpoint->name, fields,
                       "attempt %d of %u: %s; next in %lld s", j->tries, RETRY_ATTEMPTS_MAX, out->why,
                       (long long)(j->wait_ms / 1000));
}

static void judge(struct job *j, const struct hook_outcome *out)
{
    struct dispatch *d = j->dispatch;
    struct endpoint_status *s = dispatch_status(d, j->endpoint->name);
    struct retry_verdict v = retry_verdict(end_of(out->kind), out->http_status);
    j->wait_ms = 0;
    if (s != NULL && out->kind != HOOK_CANCELLED)
        status_count_latency(s, (double)out->ms / 1000.);
    if (v.fate != RETRY_LATER) {
        j->new_state = v.fate == RETRY_ACCEPTED ? "accepted" : "done";
        j->reason = v.fate == RETRY_ACCEPTED ? "accepted" : "ok";
        if (s != NULL)
            s->delivered++;
        return;
    }
    j->new_state = "pending";
    if (out->kind == HOOK_CANCELLED) { /* our own doing: it says nothing about the endpoint */
        j->reason = "cancelled";
        j->cancelled = true;
        return;
    }
    j->reason = retry_reason_name(v.reason);
    j->wait_ms = retry_wait_ms(v, (unsigned)j->tries, draw(d), out->retry_after_s);
    if (j->wait_ms < 0)
        j->new_state = "dead";
    if (s != NULL)
        status_count_failure(s, j->reason);
    tell_failure(j, out);
    if (j->wait_ms < 0)
        j->wait_ms = 0;
}

static void on_posted(void *ud, const struct hook_outcome *out)
{
    struct job *j = ud;
    j->hook = NULL;
    j->http_status = out->http_status;
    j->ms = out->ms;
    if (out->head_len > 0)
        j->head = strndup(out->head, out->head_len);
    if (j->dispatch->link == NULL)
        return; /* the dispatcher is being freed: the lease brings the message back */
    judge(j, out);
    record(j);
}

/* `shift`: of a rehearsal's clock, microseconds. */
static bool post(struct job *j, const unsigned char *body, size_t len, int64_t shift, struct err *e)
{
    char signature[SIGN_V1_CAP], timestamp[24];
    j->signed_at = (clock_wall_us() + shift) / 1000000;
    snprintf(timestamp, sizeof timestamp, "%lld", (long long)j->signed_at);
    if (!sign_v1(&j->endpoint->keys, j->message_id, j->signed_at, body, len, signature, sizeof signature))
        return err_set(e, "cannot sign");
    const struct hook_request request = {
        .url = j->endpoint->url,
        .body = body,
        .body_len = len,
        .content_type = j->content_type,
        .webhook_id = j->message_id,
        .webhook_timestamp = timestamp,
        .webhook_signature = signature,
        .total_ms = j->endpoint->timeout * 1000L,
        .allow_http = j->endpoint->allow_http,
        .allow_internal = j->endpoint->allow_internal,
        .guard = &j->endpoint->guard,
        .ca_file = j->endpoint->ca_file,
        .proxy = j->endpoint->proxy,
    };
    j->hook = hook_post(j->dispatch->pool, &request, on_posted, j, e);
    return j->hook != NULL;
}

bool job_start(struct dispatch *d, const PGresult *res, int row)
{
    struct endpoint *endpoint = endpoint_find(d->endpoints, PQgetvalue(res, row, 1));
    struct err e = {"out of memory"};
    struct job *j = endpoint != NULL ? calloc(1, sizeof *j) : NULL;
    if (j == NULL)
        return false;
    *j = (struct job){.dispatch = d, .endpoint = endpoint, .state = JOB_POSTING};
    endpoint->refs++;
    endpoint->inflight++;
    snprintf(j->outbox_id, sizeof j->outbox_id, "%s", PQgetvalue(res, row, 0));
    snprintf(j->claim, sizeof j->claim, "%s", PQgetvalue(res, row, 3));
    j->message_id = strdup(PQgetvalue(res, row, 2));
    j->content_type = strdup(PQgetvalue(res, row, 6));
    j->attempts = (int)strtol(PQgetvalue(res, row, 4), NULL, 10);
    j->tries = (int)strtol(PQgetvalue(res, row, 5), NULL, 10);
    int64_t shift = strtoll(PQgetvalue(res, row, 7), NULL, 10);
    size_t len;
    unsigned char *body = PQunescapeBytea((const unsigned char *)PQgetvalue(res, row, 8), &len);
    bool ok =
        j->message_id != NULL && j->content_type != NULL && body != NULL && post(j, body, len, shift, &e);
    PQfreemem(body);
    if (!ok) {
        log_ev(LOG_ERR, "delivery_not_started", LOG_FIELDS({"ENDPOINT", endpoint->name}),
               "%s; it will be tried again", e.text);
        job_free(j);
        return false;
    }
    j->next = d->jobs;
    j->at = &d->jobs;
    if (d->jobs != NULL)
        d->jobs->at = &j->next;
    d->jobs = j;
    d->n_jobs++;
    return true;
}
