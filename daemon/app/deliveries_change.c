#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "command_deliveries.h"
#include "config.h"
#include "endpoint.h"
#include "pgarray.h"
#include "sql_text.h"

/* The daemons look at once; should this fail, they look before long. */
static void wake(struct state_session *s)
{
    struct db_answer a;
    if (!db_query(s->db, sql_query("notify"), 1, (const char *const[]){"ehcwatch_outbox"}, &a))
        fprintf(stderr, "ehcwatchd %s: the daemon could not be woken, and will look by itself: %s\n", s->name,
                a.message);
}

static const struct config_webhook *find_webhook(const struct config *c, const char *name)
{
    for (size_t i = 0; i < c->n_webhooks; i++)
        if (strcmp(c->webhook[i].name, name) == 0)
            return &c->webhook[i];
    return NULL;
}

int deliveries_endpoint(struct state_session *s, const char *name)
{
    struct db_answer a;
    if (find_webhook(s->config, name) != NULL)
        return EXIT_DONE;
    if (!db_query(s->db, sql_query("endpoint_known"), 1, &name, &a))
        return state_session_failed(s, &a);
    if (a.value[0] != '\0')
        return EXIT_DONE;
    fprintf(stderr, "ehcwatchd deliveries: there is no endpoint \"%s\"\n", name);
    return EXIT_RUNTIME;
}

/* --- replay ------------------------------------------------------------------------------------------------------------ */

struct queued {
    const struct deliveries_request *r;
    bool *seen; /* of the names that were asked for */
    int n;
};

static void say_one(const char *id, const char *endpoint, bool sends)
{
    printf("%s to %s%s\n", id, endpoint,
           sends ? "" : ": waits, as nothing is sent to this endpoint at present");
}

static void take_queued(void *ud, const PGresult *res)
{
    struct queued *q = ud;
    q->n = PQntuples(res);
    for (int i = 0; i < q->n; i++) {
        const char *id = PQgetvalue(res, i, 0);
        say_one(id, PQgetvalue(res, i, 1), PQgetvalue(res, i, 2)[0] == 't');
        for (int k = 0; k < q->r->n_names; k++)
            q->seen[k] |= strcmp(q->r->names[k], id) == 0;
    }
}

static int say_queued(const struct queued *q)
{
    int missing = 0;
    for (int k = 0; k < q->r->n_names; k++)
        if (!q->seen[k]) {
            fprintf(stderr, "ehcwatchd deliveries: %s: no such message, or it waits to be sent already\n",
                    q->r->names[k]);
            missing++;
        }
    printf("%d message%s queued\n", q->n, q->n == 1 ? "" : "s");
    return fflush(stdout) == 0 && missing == 0 ? EXIT_DONE : EXIT_RUNTIME;
}

int deliveries_replay(struct state_session *s, const struct deliveries_request *r)
{
    struct pg_array ids;
    struct err e = {"out of memory"};
    struct db_answer a;
    struct queued q = {.r = r, .seen = calloc((size_t)r->n_names + 1, sizeof *q.seen)};
    int code = EXIT_RUNTIME;
    pg_array_init(&ids);
    for (int i = 0; i < r->n_names; i++)
        pg_array_text(&ids, r->names[i]);
    const char *literal = r->n_names > 0 ? pg_array_literal(&ids, &e) : NULL;
    const char *params[] = {literal, r->ask.endpoint, r->dead ? "true" : "false", r->ask.since};
    if (q.seen == NULL || (r->n_names > 0 && literal == NULL)) {
        fprintf(stderr, "ehcwatchd deliveries: %s\n", e.text);
    } else if (!db_read(s->db, sql_query("outbox_replay"), 4, params, take_queued, &q, &a)) {
        code = state_session_failed(s, &a);
    } else {
        if (q.n > 0)
            wake(s);
        code = say_queued(&q);
    }
    pg_array_free(&ids);
    free(q.seen);
    return code;
}

/* --- enable ------------------------------------------------------------------------------------------------------------ */

struct enabled {
    bool found, configured;
    char was[16];
};

static void take_enabled(void *ud, const PGresult *res)
{
    struct enabled *x = ud;
    x->found = PQntuples(res) == 1;
    if (!x->found)
        return;
    snprintf(x->was, sizeof x->was, "%s", PQgetvalue(res, 0, 0));
    x->configured = PQgetvalue(res, 0, 1)[0] == 't';
}

int deliveries_enable(struct state_session *s, const struct deliveries_request *r)
{
    struct enabled x = {0};
    struct db_answer a;
    const char *name = r->names[0];
    if (!db_read(s->db, sql_query("endpoint_enable"), 1, &name, take_enabled, &x, &a))
        return state_session_failed(s, &a);
    if (!x.found) {
        fprintf(stderr, "ehcwatchd deliveries: there is no endpoint \"%s\"\n", name);
        return EXIT_RUNTIME;
    }
    wake(s);
    printf("%s: was %s, may be sent to again%s\n", name, x.was,
           x.configured ? "" : "; it is no longer in the configuration, or not enabled there");
    return fflush(stdout) == 0 ? EXIT_DONE : EXIT_RUNTIME;
}

/* --- test -------------------------------------------------------------------------------------------------------------- */

struct fresh {
    char id[64];
    int64_t at;
};

static void take_fresh(void *ud, const PGresult *res)
{
    struct fresh *f = ud;
    snprintf(f->id, sizeof f->id, "%s", PQgetvalue(res, 0, 0));
    f->at = strtoll(PQgetvalue(res, 0, 1), NULL, 10);
}

/* The body as PostgreSQL reads bytes. */
static void make_body(struct buf *hex, const struct config *c, const struct config_webhook *w,
                      const struct fresh *f)
{
    static const char *const text[] = {"Somebody asked for this test with \"ehcwatchd deliveries test\".",
                                       "It is about no case, and nothing is to be done."};
    struct buf body = {0}, data = {0};
    struct channel channel = endpoint_channel(c, w);
    buf_printf(&data, "{\"endpoint\":\"%s\"}", w->name);
    const struct note note = {
        .type = "endpoint.test",
        .message_id = f->id,
        .title = "Test message of ehcwatchd",
        .text = text,
        .n_text = sizeof text / sizeof text[0],
        .data = data.failed ? "{}" : data.p,
        .link = c->public_url,
        .timestamp = f->at,
    };
    note_body(&body, (enum format)w->format, &channel, &note);
    buf_text(hex, "\\x");
    for (size_t i = 0; i < body.n; i++)
        buf_printf(hex, "%02x", (unsigned char)body.p[i]);
    hex->failed |= body.failed || data.failed;
    buf_free(&body);
    buf_free(&data);
}

int deliveries_test(struct state_session *s, const struct deliveries_request *r)
{
    struct fresh f;
    struct db_answer a;
    struct buf hex = {0};
    const struct config_webhook *w = find_webhook(s->config, r->names[0]);
    if (w == NULL) {
        fprintf(stderr, "ehcwatchd deliveries: there is no webhook \"%s\" in the configuration\n",
                r->names[0]);
        return EXIT_RUNTIME;
    }
    if (!db_read(s->db, sql_query("outbox_new_id"), 0, NULL, take_fresh, &f, &a))
        return state_session_failed(s, &a);
    make_body(&hex, s->config, w, &f);
    const char *params[] = {f.id, w->name, "endpoint.test", hex.p,
                            format_content_type((enum format)w->format)};
    bool made = !hex.failed, put = made && db_query(s->db, sql_query("outbox_put"), 5, params, &a);
    buf_free(&hex);
    if (!made) {
        fprintf(stderr, "ehcwatchd deliveries: out of memory\n");
        return EXIT_RUNTIME;
    }
    if (!put)
        return state_session_failed(s, &a);
    if (a.value[0] == '\0') {
        fprintf(stderr,
                "ehcwatchd deliveries: no daemon has taken up the webhook \"%s\" yet: start or reload it\n",
                w->name);
        return EXIT_RUNTIME;
    }
    wake(s);
    say_one(f.id, w->name, a.value[0] == 't');
    return fflush(stdout) == 0 ? EXIT_DONE : EXIT_RUNTIME;
}
