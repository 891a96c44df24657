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
    case HOOK_SMTP:
        return ATTEMPT_SMTP;
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

void job_move(struct job *j, struct jobs *to)
{
    if (j->list != NULL)
        TAILQ_REMOVE(j->list, j, link);
    j->list = to;
    TAILQ_INSERT_TAIL(to, j, link);
}

void job_free(struct job *j)
{
    if (j->list != NULL)
        TAILQ_REMOVE(j->list, j, link);
    if (j->doubt)
        j->endpoint->doubts--;
    endpoint_unref(j->endpoint);
    free(j->message_id);
    free(j->content_type);
    free(j->body);
    free(j->head);
    free(j);
}

void jobs_cancel(struct dispatch *d)
{
    struct job *j;
    TAILQ_FOREACH(j, &d->posting, link)
    if (j->hook != NULL)
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
                       "attempt %d: %s; next in %lld s", j->tries, out->why, (long long)(j->wait_ms / 1000));
}

static void judge(struct job *j, const struct hook_outcome *out)
{
    struct dispatch *d = j->dispatch;
    struct endpoint_status *s = dispatch_status(d, j->endpoint->name);
    j->new_state = "pending";
    if (out->kind == HOOK_CANCELLED) { /* our own doing: it says nothing about the endpoint */
        j->reason = "cancelled";
        j->cancelled = true;
        return;
    }
    struct retry_verdict v = j->verdict = retry_verdict(end_of(out->kind), out->http_status);
    if (s != NULL)
        status_count_latency(s, (double)out->ms / 1000.);
    if (v.fate == RETRY_DELIVERED || v.fate == RETRY_ACCEPTED) {
        j->new_state = v.fate == RETRY_ACCEPTED ? "accepted" : "done";
        j->reason = v.fate == RETRY_ACCEPTED ? "accepted" : "ok";
        if (s != NULL)
            s->delivered++;
        return;
    }
    j->reason = retry_reason_name(v.reason);
    j->wait_ms = retry_wait_ms(v, &(struct retry_so_far){.tries = (unsigned)j->tries,
                                                         .refusals = (unsigned)j->refusals,
                                                         .age_ms = j->age_ms,
                                                         .jitter = draw(d),
                                                         .retry_after_s = out->retry_after_s});
    j->pause_ms = retry_pause_ms(v, out->retry_after_s);
    if (s != NULL)
        status_count_failure(s, j->reason);
    tell_failure(j, out);
    if (j->wait_ms < 0) {
        j->new_state = "dead";
        j->wait_ms = 0;
    }
}

#define QUICK_MS 100 /* with this, what is claimed ahead is sent within seconds */

static void on_posted(void *ud, const struct hook_outcome *out)
{
    struct job *j = ud;
    struct dispatch *d = j->dispatch;
    j->hook = NULL;
    j->endpoint->posting--;
    j->http_status = out->http_status;
    j->ms = out->ms;
    if (out->head_len > 0)
        j->head = strndup(out->head, out->head_len);
    if (d->link == NULL)
        return; /* the dispatcher is being freed: the lease brings the message back */
    judge(j, out);
    j->doubt = j->verdict.health != CIRCUIT_SUCCESS && !j->cancelled;
    j->endpoint->doubts += j->doubt;
    if (!j->cancelled)
        j->endpoint->quick = !j->doubt && j->ms < QUICK_MS;
    job_move(j, &d->ended);
    jobs_start(d, j->endpoint);
    dispatch_go_on(d);
}

/* The stored body with the endpoint's secret member in front, {"topic":"...",REST for {REST. NULL: out of memory. */
static unsigned char *with_member(const struct endpoint *e, const unsigned char *body, size_t *len)
{
    const char *name = format_secret_member(e->format);
    size_t room = strlen(name) + strlen(e->member) + *len + 8;
    char *whole = malloc(room);
    if (whole == NULL)
        return NULL;
    int n = snprintf(whole, room, "{\"%s\":\"%s\",", name, e->member);
    memcpy(whole + n, body + 1, *len - 1);
    *len += (size_t)n - 1;
    return (unsigned char *)whole;
}

static bool post(struct job *j, const unsigned char *body, size_t len, struct err *e)
{
    const struct endpoint *to = j->endpoint;
    char signature[SIGN_V1_CAP] = "", timestamp[24];
    unsigned char *whole = NULL;
    bool is_signed = (FORMAT_BIT(to->format) & FORMATS_SIGNED) != 0;
    j->signed_at = (clock_wall_us() + j->shift) / 1000000;
    snprintf(timestamp, sizeof timestamp, "%lld", (long long)j->signed_at);
    if (is_signed && !sign_v1(&to->keys, j->message_id, j->signed_at, body, len, signature, sizeof signature))
        return err_set(e, "cannot sign");
    if (to->member != NULL && len > 0 && body[0] == '{') {
        whole = with_member(to, body, &len);
        if (whole == NULL)
            return err_set(e, "out of memory");
    }
    const struct hook_request request = {
        .url = to->url,
        .body = whole != NULL ? whole : body,
        .body_len = len,
        .content_type = j->content_type,
        .webhook_id = is_signed ? j->message_id : NULL,
        .webhook_timestamp = is_signed ? timestamp : NULL,
        .webhook_signature = is_signed ? signature : NULL,
        .mail_from = to->mail_from,
        .mail_to = (const char *const *)to->mail_to,
        .n_mail_to = to->n_mail_to,
        .user = to->user,
        .password = to->password,
        .allow_plain = to->allow_plain,
        .total_ms = to->timeout * 1000L,
        .allow_http = to->allow_http,
        .allow_internal = to->allow_internal,
        .guard = &to->guard,
        .ca_file = to->ca_file,
        .proxy = to->proxy,
    };
    j->hook = hook_post(j->dispatch->pool, &request, on_posted, j, e);
    if (whole != NULL)
        explicit_bzero(whole, len);
    free(whole);
    return j->hook != NULL;
}

static void start(struct job *j)
{
    struct err e = {"out of memory"};
    if (!post(j, j->body, j->body_len, &e)) {
        log_ev(LOG_ERR, "delivery_not_started", LOG_FIELDS({"ENDPOINT", j->endpoint->name}),
               "%s; it will be tried again when its lease has ended", e.text);
        job_free(j);
        return;
    }
    free(j->body);
    j->body = NULL;
    j->endpoint->posting++;
    job_move(j, &j->dispatch->posting);
}

void jobs_start(struct dispatch *d, struct endpoint *e)
{
    struct job *j;
    while (e->doubts == 0 && e->posting < e->slots && (j = TAILQ_FIRST(&e->waiting)) != NULL) {
        e->n_waiting--;
        if (!d->draining && clock_mono() <= j->start_by)
            start(j);
        else
            job_move(j, &d->unused);
    }
}

void jobs_give_back(struct dispatch *d, struct endpoint *e)
{
    struct job *j;
    while ((j = TAILQ_FIRST(&e->waiting)) != NULL)
        job_move(j, &d->unused);
    e->n_waiting = 0;
}

/* An attempt that begins within two of the three timeouts of a lease ends within it. */
#define MAY_WAIT 2

/* The bytes themselves, or in the server's spelling of them where the statement could not be prepared. */
static bool take_body(struct job *j, const PGresult *res, int row, int column)
{
    const char *sent = PQgetvalue(res, row, column);
    unsigned char *spelled = NULL;
    if (PQfformat(res, column) == 1)
        j->body_len = (size_t)PQgetlength(res, row, column);
    else if ((spelled = PQunescapeBytea((const unsigned char *)sent, &j->body_len)) == NULL)
        return false;
    j->body = malloc(j->body_len + 1);
    if (j->body != NULL)
        memcpy(j->body, spelled != NULL ? (const char *)spelled : sent, j->body_len);
    PQfreemem(spelled);
    return j->body != NULL;
}

static bool fill(struct job *j, const PGresult *res, int row)
{
    snprintf(j->outbox_id, sizeof j->outbox_id, "%s", PQgetvalue(res, row, 0));
    snprintf(j->claim, sizeof j->claim, "%s", PQgetvalue(res, row, 3));
    j->message_id = strdup(PQgetvalue(res, row, 2));
    j->attempt = (int)strtol(PQgetvalue(res, row, 4), NULL, 10);
    j->tries = (int)strtol(PQgetvalue(res, row, 5), NULL, 10);
    j->content_type = strdup(PQgetvalue(res, row, 6));
    j->shift = strtoll(PQgetvalue(res, row, 7), NULL, 10);
    j->age_ms = strtoll(PQgetvalue(res, row, 9), NULL, 10);
    j->probe = PQgetvalue(res, row, 10)[0] == 't';
    j->refusals = (int)strtol(PQgetvalue(res, row, 11), NULL, 10);
    return take_body(j, res, row, 8) && j->message_id != NULL && j->content_type != NULL;
}

void job_claimed(struct dispatch *d, const PGresult *res, int row, double asked)
{
    struct endpoint *endpoint = endpoint_find(d->endpoints, PQgetvalue(res, row, 1));
    struct job *j = endpoint != NULL ? calloc(1, sizeof *j) : NULL;
    if (j == NULL)
        return; /* the lease brings it back */
    *j = (struct job){.dispatch = d, .endpoint = endpoint, .start_by = asked + endpoint->timeout * MAY_WAIT};
    endpoint->refs++;
    if (!fill(j, res, row)) {
        job_free(j);
        return;
    }
    job_move(j, &endpoint->waiting);
    endpoint->n_waiting++;
}
