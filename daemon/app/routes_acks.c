#include "routes_int.h"

#include <jansson.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ack_ask.h"
#include "desk.h"
#include "log.h"
#include "obligation_text.h"

#define WITHDRAW "/withdraw"

const char *const routes_ack_params[] = {"case", NULL};

/* --- the list ----------------------------------------------------------------------------------------------------------- */

/* Who asked. The ledger knows the team of a case as of its last change, the snapshot as of now: he has to pass both. */
struct looking {
    const struct status *status;
    struct caller who;
};

static bool is_shown(void *ud, const char *case_ref)
{
    const struct looking *l = ud;
    return access_sees_ref(&l->who, l->status->snapshot, case_ref);
}

static void on_list(void *ctx, struct desk_job *job, const PGresult *res)
{
    struct buf b = {0};
    ack_list_json(&b, res, &(struct ack_shown){is_shown, ctx});
    routes_reply_buf(desk_reply(job), TYPE_JSON, &b);
}

void routes_acks(const struct routes *r, const struct httpd_request *q, struct httpd_reply *reply)
{
    const char *params[] = {q->param_count > 0 ? q->params[0].value : NULL, NULL};
    struct pg_array teams;
    struct err e = {""};
    if (q->param_count > 1) {
        httpd_problem(reply, 400, "Unknown value", "case is given twice");
        return;
    }
    pg_array_init(&teams);
    struct looking *l = malloc(sizeof *l);
    if (l != NULL && access_teams_array(r->caller, &teams, &params[1], &e)) {
        *l = (struct looking){r->status, *r->caller};
        desk_ask(r->desk, reply, &(struct desk_question){"ack_list", 2, params}, on_list, l, free);
    } else {
        httpd_problem(reply, 500, "Out of memory", "the list could not be made");
        free(l);
    }
    pg_array_free(&teams);
}

/* --- making one --------------------------------------------------------------------------------------------------------- */

struct making {
    const struct calendar *calendar; /* of the status, which outlives the request */
    struct caller who;
    json_t *body; /* holds the texts */
    struct ack_ask ask;
};

static void making_free(void *ctx)
{
    struct making *m = ctx;
    json_decref(m->body);
    free(m);
}

static void say_refused(struct httpd_reply *reply, enum ack_refusal refusal, const char *why)
{
    httpd_problem(reply, refusal, refusal == ACK_NONE ? "Not found" : "Not acknowledged", "%s", why);
}

static void on_put(void *ctx, struct desk_job *job, const PGresult *res)
{
    struct making *m = ctx;
    struct buf b = {0};
    if (PQntuples(res) == 0) {
        say_refused(desk_reply(job), ACK_HELD, ACK_CHANGED);
        return;
    }
    const char *id = PQgetvalue(res, 0, 0);
    buf_printf(&b, "{\"ack_id\":%s,\"kind\":\"%s\",\"case_ref\":", id, ack_kind_name(m->ask.kind));
    json_text(&b, m->ask.case_ref);
    buf_text(&b, ",\"limit\":");
    json_text(&b, m->ask.limit);
    buf_printf(&b, ",\"who\":\"%s\",\"until\":\"%s\"}\n", m->who.name, m->ask.until);
    log_ev(LOG_NOTICE, "acknowledged", LOG_FIELDS({"WHO", m->who.name}, {"CASE_REF", m->ask.case_ref}),
           "%s %s of %s until %s", ack_kind_name(m->ask.kind), id, m->ask.limit, m->ask.until);
    routes_reply_buf(desk_reply(job), TYPE_JSON, &b);
}

static void on_look(void *ctx, struct desk_job *job, const PGresult *res)
{
    struct making *m = ctx;
    struct err e = {""};
    const char *params[ACK_PUT_PARAMS];
    enum ack_refusal refusal = ack_choose(&m->ask, m->calendar, res, params, &e);
    if (refusal == ACK_MAY)
        desk_next(job, &(struct desk_question){"ack_put", ACK_PUT_PARAMS, params, true}, on_put);
    else
        say_refused(desk_reply(job), refusal, e.text);
}

/* A member that is a string, or absent. */
static bool text_member(const json_t *body, const char *name, const char **out, struct err *e)
{
    const json_t *v = json_object_get(body, name);
    *out = json_string_value(v);
    return v == NULL || *out != NULL || err_set(e, "%s: a text is wanted", name);
}

static bool read_body(struct making *m, struct err *e)
{
    const char *kind;
    struct ack_ask *a = &m->ask;
    if (!text_member(m->body, "case", &a->case_ref, e) || !text_member(m->body, "limit", &a->limit, e) ||
        !text_member(m->body, "subject", &a->subject, e) || !text_member(m->body, "start", &a->start, e) ||
        !text_member(m->body, "kind", &kind, e) || !text_member(m->body, "reason", &a->reason, e) ||
        !text_member(m->body, "until", &a->until, e))
        return false;
    a->who = m->who.name;
    a->manager = m->who.role >= TOKEN_MANAGER;
    if (kind == NULL || !ack_kind_by_name(kind, &a->kind))
        return err_set(e, "kind: ack or snooze is wanted");
    return ack_ask_check(a, e);
}

void routes_ack(const struct routes *r, const struct httpd_request *q, struct httpd_reply *reply)
{
    static const char *const members[] = {"case", "limit",  "subject", "start",
                                          "kind", "reason", "until",   NULL};
    json_t *body = routes_body(q, members, reply);
    struct making *m = body != NULL ? calloc(1, sizeof *m) : NULL;
    struct err e = {""};
    if (m == NULL) {
        if (body != NULL)
            httpd_problem(reply, 500, "Out of memory", "nothing was acknowledged");
        json_decref(body);
        return;
    }
    *m = (struct making){.calendar = r->status->calendar, .who = *r->caller, .body = body};
    if (!read_body(m, &e)) {
        httpd_problem(reply, 400, "Not acknowledged", "%s", e.text);
        making_free(m);
        return;
    }
    const char *params[ACK_LOOK_PARAMS];
    struct pg_array teams;
    pg_array_init(&teams);
    if (access_teams_array(r->caller, &teams, &m->ask.teams, &e)) {
        if (!access_sees_ref(r->caller, r->status->snapshot, m->ask.case_ref))
            m->ask.teams = "{}"; /* no team is: as if there were no such case */
        ack_look_params(&m->ask, params);
        m->ask.teams = NULL; /* borrowed until here */
        desk_ask(r->desk, reply, &(struct desk_question){"ack_look", ACK_LOOK_PARAMS, params}, on_look, m,
                 making_free);
    } else {
        httpd_problem(reply, 500, "Out of memory", "%s", e.text);
        making_free(m);
    }
    pg_array_free(&teams);
}

/* --- taking one back ---------------------------------------------------------------------------------------------------- */

struct taking {
    struct caller who;
    char id[20];
};

static void on_withdrawn(void *ctx, struct desk_job *job, const PGresult *res)
{
    struct taking *t = ctx;
    struct err e = {""};
    enum ack_refusal refusal = ack_withdrawn(res, t->id, &e);
    if (refusal != ACK_MAY) {
        httpd_problem(desk_reply(job), refusal, refusal == ACK_NONE ? "Not found" : "Not withdrawn", "%s",
                      e.text);
        return;
    }
    log_ev(LOG_NOTICE, "acknowledgement_withdrawn", LOG_FIELDS({"WHO", t->who.name}), "%s: %s", t->id,
           e.text);
    struct buf b = {0};
    buf_printf(&b, "{\"ack_id\":%s,\"withdrawn_by\":\"%s\"}\n", t->id, t->who.name);
    routes_reply_buf(desk_reply(job), TYPE_JSON, &b);
}

/* /v1/acks/ID/withdraw */
void routes_withdraw(const struct routes *r, const struct httpd_request *q, struct httpd_reply *reply)
{
    const char *id = q->path + strlen(ROUTES_ACKS), *end = strchr(id, '/');
    struct taking *t = NULL;
    char number[20] = "";
    if (end != NULL && strcmp(end, WITHDRAW) == 0 && (size_t)(end - id) < sizeof number)
        memcpy(number, id, (size_t)(end - id));
    if (!ack_id_ok(number)) {
        httpd_problem(reply, 404, "Not found", "no such address: %s", q->path);
        return;
    }
    t = calloc(1, sizeof *t);
    if (t == NULL) {
        httpd_problem(reply, 500, "Out of memory", "nothing was withdrawn");
        return;
    }
    t->who = *r->caller;
    memcpy(t->id, number, sizeof number);
    const char *params[] = {t->id, t->who.name, r->caller->role >= TOKEN_MANAGER ? "true" : "false", NULL};
    struct pg_array teams;
    struct err e = {""};
    pg_array_init(&teams);
    if (access_teams_array(r->caller, &teams, &params[3], &e)) {
        desk_ask(r->desk, reply, &(struct desk_question){"ack_withdraw", 4, params, true}, on_withdrawn, t,
                 free);
    } else {
        httpd_problem(reply, 500, "Out of memory", "%s", e.text);
        free(t);
    }
    pg_array_free(&teams);
}
