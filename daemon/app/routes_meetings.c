#include "routes_int.h"

#include <jansson.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "desk.h"
#include "instant.h"
#include "log.h"
#include "obligation_text.h"

int64_t routes_now(const struct status *s)
{
    return s->snapshot != NULL ? s->snapshot->read_at : clock_wall_us();
}

/* --- the list ----------------------------------------------------------------------------------------------------------- */

/* The columns of meeting_list. */
enum { HELD, BY, MARKED };

struct listing {
    struct meeting_rule rule;
    int64_t now;
};

static int64_t time_at(const PGresult *res, int row, int column)
{
    return strtoll(PQgetvalue(res, row, column), NULL, 10);
}

static void add_time(struct buf *b, const char *name, int64_t at)
{
    char text[INSTANT_TEXT_LEN];
    buf_printf(b, "\"%s\":\"%s\"", name, instant_format(at, text));
}

static void on_list(void *ctx, struct desk_job *job, const PGresult *res)
{
    const struct listing *l = ctx;
    const struct meeting_rule *rule = &l->rule;
    struct meeting_marks marks = {0};
    struct buf b = {0};
    for (int i = 0; i < PQntuples(res); i++)
        meeting_mark(&marks, time_at(res, i, HELD));
    buf_printf(&b, "{\"weekday\":\"%s\",\"time\":\"%02d:%02d\",\"minutes\":%d,",
               meeting_weekday(rule->weekday), rule->minute / 60, rule->minute % 60, rule->lasts);
    add_time(&b, "last", meeting_last(rule, &marks, l->now));
    buf_text(&b, ",");
    add_time(&b, "next", meeting_next(rule, l->now));
    buf_text(&b, ",\"items\":[");
    for (int i = 0; i < PQntuples(res); i++) {
        buf_text(&b, i > 0 ? ",\n{" : "\n{");
        add_time(&b, "held_at", time_at(res, i, HELD));
        buf_text(&b, ",\"marked_by\":");
        json_text(&b, PQgetvalue(res, i, BY));
        buf_text(&b, ",");
        add_time(&b, "marked_at", time_at(res, i, MARKED));
        buf_text(&b, "}");
    }
    buf_text(&b, PQntuples(res) > 0 ? "\n]}\n" : "]}\n");
    routes_reply_buf(desk_reply(job), TYPE_JSON, &b);
}

void routes_meetings(const struct routes *r, const struct httpd_request *q, struct httpd_reply *reply)
{
    struct listing *l = malloc(sizeof *l);
    char most[16];
    (void)q;
    if (l == NULL) {
        httpd_problem(reply, 500, "Out of memory", "the list could not be made");
        return;
    }
    *l = (struct listing){r->status->meeting, routes_now(r->status)};
    snprintf(most, sizeof most, "%d", MEETING_MARKS);
    const char *params[] = {most};
    desk_ask(r->desk, reply, &(struct desk_question){"meeting_list", 1, params}, on_list, l, free);
}

/* --- marking one ---------------------------------------------------------------------------------------------------------- */

struct marking {
    struct caller who;
    struct meeting_marks *marks;
};

static void on_put(void *ctx, struct desk_job *job, const PGresult *res)
{
    struct marking *m = ctx;
    struct buf b = {0};
    char text[INSTANT_TEXT_LEN];
    if (*PQgetvalue(res, 0, 0) != 't') {
        httpd_problem(desk_reply(job), 422, "Not marked", "it has not been held yet");
        return;
    }
    int64_t at = time_at(res, 0, 1);
    if (m->marks != NULL)
        meeting_mark(m->marks, at);
    log_ev(LOG_NOTICE, "meeting_marked", LOG_FIELDS({"WHO", m->who.name}), "held at %s",
           instant_format(at, text));
    buf_text(&b, "{");
    add_time(&b, "held_at", at);
    buf_text(&b, ",\"marked_by\":");
    json_text(&b, m->who.name);
    buf_text(&b, "}\n");
    routes_reply_buf(desk_reply(job), TYPE_JSON, &b);
}

/* *text: microseconds, or NULL for now. */
static bool read_held(const json_t *body, char number[24], const char **text, struct err *e)
{
    const json_t *held = json_object_get(body, "held_at");
    const char *value = json_string_value(held);
    int64_t at;
    *text = NULL;
    if (held == NULL)
        return true;
    if (value == NULL || !instant_parse(value, strlen(value), &at) || at % 1000000 != 0)
        return err_set(e,
                       "held_at: not a time of a whole second (RFC 3339 with zone, as 2026-11-24T09:30:00Z)");
    snprintf(number, 24, "%lld", (long long)at);
    *text = number;
    return true;
}

void routes_meeting(const struct routes *r, const struct httpd_request *q, struct httpd_reply *reply)
{
    static const char *const members[] = {"held_at", NULL};
    struct err e = {""};
    char number[24];
    const char *held;
    json_t *body = routes_body(q, members, reply);
    if (body == NULL)
        return;
    bool ok = read_held(body, number, &held, &e);
    json_decref(body);
    struct marking *m = ok ? malloc(sizeof *m) : NULL;
    if (m == NULL) {
        httpd_problem(reply, ok ? 500 : 400, ok ? "Out of memory" : "Unknown value", "%s",
                      ok ? "nothing was marked" : e.text);
        return;
    }
    *m = (struct marking){*r->caller, r->marks};
    const char *params[] = {held, m->who.name};
    desk_ask(r->desk, reply, &(struct desk_question){"meeting_put", 2, params, true}, on_put, m, free);
}
