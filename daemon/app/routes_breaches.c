#include "routes_int.h"

#include "breach_ask.h"
#include "breach_text.h"
#include "clock.h"

const char *const routes_breach_params[] = {"limit",   "kind",  "state",    "locality", "team",
                                            "officer", "as_of", "known_at", NULL};

static bool read_filter(struct breach_ask *a, const struct httpd_request *q, struct err *e)
{
    for (size_t i = 0; i < q->param_count; i++)
        if (!routes_is_time(q->params[i].name) &&
            !breach_ask_take(a, q->params[i].name, q->params[i].value, e))
            return false;
    return true;
}

static ssize_t read_piece(void *ctx, char *buf, size_t max)
{
    size_t n = breach_cursor_read(ctx, buf, max);
    if (n == BREACH_TEXT_AGAIN)
        return HTTPD_AGAIN;
    return n == BREACH_TEXT_FAILED ? -1 : (ssize_t)n;
}

static void free_cursor(void *ctx)
{
    breach_cursor_free(ctx);
}

/* What the last evaluation found, or, for another date or time, what is found while the answer goes out. */
static struct breach_cursor *cursor_for(const struct status *s, const struct routes_time *t,
                                        const struct breach_filter *filter, bool csv)
{
    struct snapshot *snapshot = s->snapshot;
    const enum breach_format format = csv ? BREACH_CSV : BREACH_JSON;
    struct breach_text_about about = {snapshot->rulebook, s->calendar, s->evaluated_at};
    if (!t->other) {
        struct breach_list *list = breach_list_new(snapshot, snapshot->rulebook, filter);
        return list != NULL ? breach_cursor_new(list, format, &about) : NULL;
    }
    const struct judge_how how = routes_how(s, t);
    struct breach_walk *walk = breach_walk_new(snapshot, &how, filter);
    about.evaluated_at = clock_wall_us();
    return walk != NULL ? breach_cursor_walk(walk, format, &about) : NULL;
}

void routes_breaches(const struct routes *r, const struct httpd_request *q, struct httpd_reply *reply)
{
    const struct status *s = r->status;
    struct err e = {""};
    struct breach_ask asked;
    struct routes_time time;
    const enum answer_form form = routes_form(q, FORMS_TABLE);
    struct snapshot *snapshot = routes_snapshot(s, reply);
    if (snapshot == NULL)
        return;
    breach_ask_begin(&asked, snapshot->rulebook, snapshot);
    if (!read_filter(&asked, q, &e) || !routes_read_time(s, q, &time, &e)) {
        httpd_problem(reply, 400, "Unknown value", "%s", e.text);
        return;
    }
    struct breach_filter filter = breach_ask_filter(&asked);
    access_narrow_filter(r->caller, snapshot, &filter);
    struct breach_cursor *cursor = cursor_for(s, &time, &filter, form == FORM_CSV);
    if (cursor == NULL) {
        httpd_problem(reply, 500, "Out of memory", "the list could not be made");
        return;
    }
    httpd_reply_stream(reply, 200, answer_types[form].content_type, read_piece, free_cursor, cursor);
    routes_say_as_of(s, &time, reply);
    routes_say_form(q, form, "breaches", time.as_of, reply);
}
