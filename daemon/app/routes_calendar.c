#include "routes_int.h"

#include <string.h>

#include "access.h"
#include "breach_ask.h"
#include "calendar_text.h"

#define TYPE_CALENDAR "text/calendar; charset=utf-8"

const char *const routes_calendar_params[] = {"limit", "locality", "team", "officer", NULL};

static ssize_t read_piece(void *ctx, char *buf, size_t max)
{
    const size_t n = calendar_feed_read(ctx, buf, max);
    if (n == CALENDAR_AGAIN)
        return HTTPD_AGAIN;
    return n == CALENDAR_FAILED ? -1 : (ssize_t)n;
}

static void free_feed(void *ctx)
{
    calendar_feed_free(ctx);
}

/* "EHC deadlines: T1, North" */
static void name_it(struct buf *b, const struct httpd_request *q)
{
    buf_text(b, "EHC deadlines");
    for (size_t i = 0; i < q->param_count; i++)
        buf_printf(b, "%s%s", i == 0 ? ": " : ", ", q->params[i].value);
}

/* What falls due and what is overdue, now: a calendar of another date would be a stranger among the days of this one. */
void routes_calendar(const struct routes *r, const struct httpd_request *q, struct httpd_reply *reply)
{
    const struct status *s = r->status;
    struct err e = {""};
    struct breach_ask asked;
    struct snapshot *snapshot = routes_snapshot(s, reply);
    if (snapshot == NULL)
        return;
    breach_ask_begin(&asked, snapshot->rulebook, snapshot);
    asked.narrow = access_is_narrow(r->caller);
    for (size_t i = 0; i < q->param_count; i++) {
        if (!breach_ask_take(&asked, q->params[i].name, q->params[i].value, &e)) {
            httpd_problem(reply, 400, "Unknown value", "%s", e.text);
            return;
        }
    }
    const struct routes_time time = {snapshot->as_of, snapshot->known_at, false};
    const struct judge_how how = routes_how(s, &time);
    struct breach_filter filter = breach_ask_filter(&asked);
    filter.states = CALENDAR_STATES;
    access_narrow_filter(r->caller, snapshot, &filter);
    struct buf name = {0};
    name_it(&name, q);
    const struct calendar_text text = {snapshot->rulebook,        s->calendar,
                                       snapshot->words,           snapshot_known_at(snapshot),
                                       name.failed ? "" : name.p, r->public_url};
    struct calendar_feed *feed = name.failed ? NULL : calendar_feed_new(snapshot, &how, &filter, &text);
    buf_free(&name);
    if (feed == NULL) {
        httpd_problem(reply, 500, "Out of memory", "the calendar could not be made");
        return;
    }
    httpd_reply_stream(reply, 200, TYPE_CALENDAR, read_piece, free_feed, feed);
    routes_say_as_of(s, &time, reply);
    httpd_reply_header(reply, "Content-Disposition", "inline; filename=\"ehcwatchd-deadlines.ics\"");
}
