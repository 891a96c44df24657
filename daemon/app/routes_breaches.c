#include "routes_int.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

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

/* The quality of a media type in an Accept header; 0 when it is not there. */
static double quality(const char *accept, const char *type)
{
    size_t n = strlen(type);
    for (const char *p = accept, *end; *p != '\0'; p = *end == ',' ? end + 1 : end) {
        end = p + strcspn(p, ",");
        p += strspn(p, " \t");
        if (strncasecmp(p, type, n) != 0 || strchr(" \t,;", p[n]) == NULL)
            continue;
        while ((p = memchr(p, ';', (size_t)(end - p))) != NULL) {
            p += 1 + strspn(p + 1, " \t");
            if (strncasecmp(p, "q=", 2) == 0)
                return strtod(p + 2, NULL);
        }
        return 1;
    }
    return 0;
}

bool routes_prefers_csv(const char *accept)
{
    double csv = accept != NULL ? quality(accept, "text/csv") : 0;
    return csv > 0 && csv >= quality(accept, "application/json");
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
    const char *suffix = strrchr(q->path, '.');
    bool csv = suffix != NULL ? strcmp(suffix, ".csv") == 0 : routes_prefers_csv(httpd_header(q, "Accept"));
    struct snapshot *snapshot = routes_snapshot(s, reply);
    if (snapshot == NULL)
        return;
    breach_ask_begin(&asked, snapshot->rulebook, snapshot);
    if (!read_filter(&asked, q, &e) || !routes_read_time(s, q, &time, &e)) {
        httpd_problem(reply, 400, "Unknown value", "%s", e.text);
        return;
    }
    const struct breach_filter filter = breach_ask_filter(&asked);
    struct breach_cursor *cursor = cursor_for(s, &time, &filter, csv);
    if (cursor == NULL) {
        httpd_problem(reply, 500, "Out of memory", "the list could not be made");
        return;
    }
    char day[CIVIL_TEXT_LEN], name[80];
    snprintf(name, sizeof name, "attachment; filename=\"ehcwatchd-breaches-%s.csv\"",
             civil_format(time.as_of, day));
    httpd_reply_stream(reply, 200, csv ? TYPE_CSV : TYPE_JSON, read_piece, free_cursor, cursor);
    routes_say_as_of(s, &time, reply);
    if (csv)
        httpd_reply_header(reply, "Content-Disposition", name);
    if (suffix == NULL)
        httpd_reply_header(reply, "Vary", "Accept");
}
