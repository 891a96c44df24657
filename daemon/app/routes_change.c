#include "routes_int.h"

#include <jansson.h>
#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "delivery_ask.h"
#include "desk.h"
#include "log.h"
#include "obligation_text.h"
#include "pgarray.h"

/* --- what is asked for ------------------------------------------------------------------------------------------------------ */

static bool is_json(const char *type)
{
    static const char json[] = "application/json";
    return type != NULL && strncasecmp(type, json, strlen(json)) == 0 &&
           strchr("; \t", type[strlen(json)]) != NULL;
}

json_t *routes_body(const struct httpd_request *q, const char *const *known, struct httpd_reply *reply)
{
    json_error_t why;
    /* A page in a browser can post a form or text to any address without asking; JSON it cannot. */
    if (!is_json(httpd_header(q, "Content-Type"))) {
        httpd_problem(reply, 415, "JSON is wanted", "send Content-Type: application/json");
        return NULL;
    }
    json_t *o = json_loadb(q->body, q->body_len, JSON_REJECT_DUPLICATES, &why);
    if (!json_is_object(o)) {
        httpd_problem(reply, 400, "Not a JSON object", "%s",
                      o == NULL ? why.text : "the body is something else");
        json_decref(o);
        return NULL;
    }
    const char *name;
    json_t *value;
    json_object_foreach(o, name, value)
    {
        const char *const *k = known;
        while (*k != NULL && strcmp(*k, name) != 0)
            k++;
        if (*k != NULL)
            continue;
        httpd_problem(reply, 400, "Unknown member", "there is no member %s", name);
        json_decref(o);
        return NULL;
    }
    return o;
}

/* --- sending again ------------------------------------------------------------------------------------------------------ */

struct again {
    struct caller who;
    struct buf answer;
    char *endpoint; /* that was named, or NULL */
};

static void again_free(void *ctx)
{
    struct again *a = ctx;
    buf_free(&a->answer);
    free(a->endpoint);
    free(a);
}

static void on_woken(void *ctx, struct desk_job *job, const PGresult *res)
{
    struct again *a = ctx;
    (void)res;
    routes_reply_buf(desk_reply(job), TYPE_JSON, &a->answer);
}

/* Nothing of it was queued: is there such an endpoint? */
static void on_endpoint(void *ctx, struct desk_job *job, const PGresult *res)
{
    struct again *a = ctx;
    if (PQntuples(res) > 0)
        routes_reply_buf(desk_reply(job), TYPE_JSON, &a->answer);
    else
        httpd_problem(desk_reply(job), 400, "Not replayed", "there is no endpoint \"%s\"", a->endpoint);
}

static void on_queued(void *ctx, struct desk_job *job, const PGresult *res)
{
    struct again *a = ctx;
    int n = PQntuples(res);
    buf_printf(&a->answer, "{\"queued\":%d,\"items\":[", n);
    for (int i = 0; i < n; i++) {
        buf_text(&a->answer, i > 0 ? ",\n{\"message_id\":" : "\n{\"message_id\":");
        json_text(&a->answer, PQgetvalue(res, i, 0));
        buf_text(&a->answer, ",\"endpoint\":");
        json_text(&a->answer, PQgetvalue(res, i, 1));
        buf_printf(&a->answer, ",\"sends\":%s}", PQgetvalue(res, i, 2)[0] == 't' ? "true" : "false");
    }
    buf_text(&a->answer, n > 0 ? "\n]}\n" : "]}\n");
    log_ev(LOG_NOTICE, "replayed", LOG_FIELDS({"WHO", a->who.name}), "%d message%s queued again", n,
           n == 1 ? "" : "s");
    if (n == 0 && a->endpoint != NULL) {
        const char *name = a->endpoint;
        desk_next(job, &(struct desk_question){.query = "endpoint_known", .n = 1, .params = &name},
                  on_endpoint);
        return;
    }
    if (n == 0) {
        routes_reply_buf(desk_reply(job), TYPE_JSON, &a->answer);
        return;
    }
    const char *channel[] = {"ehcwatch_outbox"};
    /* A change as well: without an answer to this, what was queued is queued. */
    desk_next(job, &(struct desk_question){"notify", 1, channel, true}, on_woken);
}

/* The ids as an array literal that the caller frees with the array; NULL without any, or `e`. */
static const char *read_ids(const json_t *ids, struct pg_array *a, struct err *e)
{
    if (ids == NULL)
        return NULL;
    if (!json_is_array(ids) || json_array_size(ids) == 0) {
        err_set(e, "ids: a list of message ids is wanted");
        return NULL;
    }
    for (size_t i = 0; i < json_array_size(ids); i++) {
        const char *id = json_string_value(json_array_get(ids, i));
        if (id == NULL) {
            err_set(e, "ids: a list of message ids is wanted");
            return NULL;
        }
        pg_array_text(a, id);
    }
    return pg_array_literal(a, e);
}

static void replay(const struct routes *r, const json_t *body, struct httpd_reply *reply)
{
    struct err e = {""};
    struct pg_array array;
    const json_t *ids = json_object_get(body, "ids"), *endpoint = json_object_get(body, "endpoint"),
                 *dead = json_object_get(body, "dead");
    bool bulk = ids == NULL && json_is_string(endpoint) && json_is_true(dead),
         single = ids != NULL && dead == NULL && (endpoint == NULL || json_is_string(endpoint));
    pg_array_init(&array);
    const char *literal = read_ids(ids, &array, &e);
    if (e.text[0] == '\0' && !bulk && !single)
        err_set(&e, "say {\"ids\": [...]}, or {\"endpoint\": \"NAME\", \"dead\": true}");
    struct again *a = e.text[0] == '\0' ? calloc(1, sizeof *a) : NULL;
    if (a != NULL) {
        const char *name = json_string_value(endpoint);
        a->who = *r->caller;
        a->endpoint = name != NULL ? strdup(name) : NULL;
        const char *params[] = {literal, name, bulk ? "true" : "false", NULL};
        desk_ask(r->desk, reply, &(struct desk_question){"outbox_replay", 4, params, true}, on_queued, a,
                 again_free);
    } else {
        httpd_problem(reply, e.text[0] != '\0' ? 400 : 500, "Not replayed", "%s",
                      e.text[0] != '\0' ? e.text : "out of memory");
    }
    pg_array_free(&array);
}

void routes_replay(const struct routes *r, const struct httpd_request *q, struct httpd_reply *reply)
{
    static const char *const members[] = {"ids", "endpoint", "dead", NULL};
    json_t *body = routes_body(q, members, reply);
    if (body != NULL)
        replay(r, body, reply);
    json_decref(body);
}
