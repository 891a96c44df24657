/* The papers with numbers: overdue, trend, figures, stuck, flow. JSON holds all tables of a paper; a table of CSV is chosen by table=, and is the first
 * one unless asked otherwise. */
#include <stdlib.h>
#include <string.h>

#include "breach_ask.h"
#include "changes_paper.h"
#include "figures_paper.h"
#include "flow_paper.h"
#include "overdue_paper.h"
#include "routes_paper.h"
#include "stuck_paper.h"
#include "trend_paper.h"
#include "worktime.h"

const char *const routes_paper_params[] = {ROUTES_WANT_PARAMS, "table", NULL};
const char *const routes_flow_params[] = {ROUTES_WANT_PARAMS, "by", "from", "to", NULL};
const char *const routes_changes_params[] = {
    ROUTES_WANT_PARAMS, "limit", "kind", "change", "since", "table", NULL};

struct ask;

/* One of the papers. */
struct board {
    struct paper_kind kind;
    struct paper *(*make)(const struct papers *p, const struct ask *a); /* NULL: out of memory */
};

/* A question on its way to the papers. */
struct ask {
    struct paper_ask paper;
    const struct board *board;
    const struct status *status;
    struct case_places where;
    enum flow_by by;
    civil_day from, to; /* CIVIL_NONE: not asked for */
    struct breach_ask limits;
    unsigned changes; /* bit of each enum change_kind; 0: any */
    int64_t since;    /* 0: not asked for */
};

static struct paper *make_overdue(const struct papers *p, const struct ask *a)
{
    (void)a;
    return overdue_paper_new(p->overdue);
}

static struct paper *make_trend(const struct papers *p, const struct ask *a)
{
    return trend_paper_new(a->status->trend, &a->where, p->overdue, p->turnover);
}

static struct paper *make_figures(const struct papers *p, const struct ask *a)
{
    (void)a;
    return figures_paper_new(p->figures);
}

static struct paper *make_stuck(const struct papers *p, const struct ask *a)
{
    (void)a;
    return stuck_paper_new(p->stuck);
}

/* From 1 January of last year on, to the as-of date; nothing is known of days after it. */
static struct paper *make_flow(const struct papers *p, const struct ask *a)
{
    civil_day from = a->from, to = a->to != CIVIL_NONE && a->to < p->as_of ? a->to : p->as_of;
    if (from == CIVIL_NONE)
        from = civil_from_ymd(civil_to_ymd(to).year - 1, 1, 1);
    return flow_paper_new(p->flow, a->by, from, to);
}

static struct paper *make_changes(const struct papers *p, const struct ask *a)
{
    const struct breach_filter f = breach_ask_filter(&a->limits);
    return changes_paper_new(p->changes, p->snapshot, breach_filter_limits(&f, p->snapshot->rulebook),
                             a->changes != 0 ? a->changes : ~0u);
}

static const struct board overdue = {{"overdue", 0, PAPER_ALL, NULL}, make_overdue},
                          trend = {{"trend", 0, PAPER_ALL, NULL}, make_trend},
                          figures = {{"figures", 0, PAPER_ALL, NULL}, make_figures},
                          stuck = {{"stuck", 0, PAPER_ALL, NULL}, make_stuck},
                          flow = {{"flow", 0, 0, NULL}, make_flow},
                          changes = {{"changes", 0, 0, NULL}, make_changes};

/* --- the answer ---------------------------------------------------------------------------------------------------------- */

static void free_ask(void *ctx)
{
    struct ask *a = ctx;
    paper_ask_clear(&a->paper);
    free(a);
}

static void answer(void *ctx, struct papers *papers, struct httpd_reply *reply)
{
    struct ask *a = ctx;
    paper_answer(&a->paper, a->board->make(papers, a), papers, reply);
}

/* --- the question -------------------------------------------------------------------------------------------------------- */

static bool read_by(struct ask *a, const char *value, struct err *e)
{
    a->by = flow_by_of(value);
    return a->by != BY_COUNT || err_set(e, "by=%s: not one of week, month, quarter, year", value);
}

/* One kind of change, or several between commas. */
static bool read_changes(struct ask *a, const char *value, struct err *e)
{
    for (;; value++) {
        size_t len = strcspn(value, ",");
        enum change_kind k = change_kind_by_name(value, len);
        if (k == CHANGED_KINDS)
            return err_set(e, "change=%.*s: not one of new, worsened, in_between, cleared", (int)len, value);
        a->changes |= 1u << k;
        value += len;
        if (*value == '\0')
            return true;
    }
}

/* A time, or a date, which stands for its end. */
static bool read_since(struct ask *a, const char *value, struct err *e)
{
    civil_day day;
    if (a->since != 0)
        return err_set(e, "since is given twice");
    if (!civil_parse(value, strlen(value), &day))
        return ask_time("since", value, &a->since, e);
    a->since = worktime_instant(day + 1, 0) - 1000000;
    return true;
}

static bool read_one(struct ask *a, const char *name, const char *value, struct err *e)
{
    if (strcmp(name, "by") == 0)
        return read_by(a, value, e);
    if (strcmp(name, "from") == 0)
        return ask_date("from", value, &a->from, e);
    if (strcmp(name, "to") == 0)
        return ask_date("to", value, &a->to, e);
    if (strcmp(name, "change") == 0)
        return read_changes(a, value, e);
    if (strcmp(name, "since") == 0)
        return read_since(a, value, e);
    if (strcmp(name, "limit") == 0 || strcmp(name, "kind") == 0)
        return breach_ask_take(&a->limits, name, value, e);
    return strcmp(name, "table") != 0 || paper_ask_table(&a->paper, value, e);
}

static bool read_ask(const struct httpd_request *q, struct ask *a, civil_day as_of, struct err *e)
{
    for (size_t i = 0; i < q->param_count; i++)
        if (!read_one(a, q->params[i].name, q->params[i].value, e))
            return false;
    const civil_day to = a->to != CIVIL_NONE && a->to < as_of ? a->to : as_of;
    return a->from <= to ||
           err_set(e, "from= lies after %s", a->to != CIVIL_NONE && a->to < as_of ? "to=" : "the as-of date");
}

static void ask_papers(const struct routes *r, const struct httpd_request *q, struct httpd_reply *reply,
                       const struct board *board)
{
    struct err e = {""};
    struct papers_want want;
    if (routes_snapshot(r->status, reply) == NULL)
        return;
    struct ask *a = malloc(sizeof *a);
    if (a == NULL) {
        httpd_problem(reply, 500, "Out of memory", "the question could not be kept");
        return;
    }
    *a = (struct ask){.board = board, .status = r->status, .from = CIVIL_NONE, .to = CIVIL_NONE};
    paper_ask_begin(&a->paper, &board->kind, r, q);
    breach_ask_begin(&a->limits, r->status->snapshot->rulebook, r->status->snapshot);
    bool ok = routes_read_want(r, q, &want, &e) && read_ask(q, a, want.as_of, &e);
    want.since = ok ? a->since : 0;
    if (ok)
        a->where = (struct case_places){want.localities, want.teams, want.officers};
    if (ok && a->since >= papers_moment(r->status->snapshot, &want))
        ok = err_set(&e, "since: it is not before the moment that is asked about");
    if (!ok) {
        free_ask(a);
        httpd_problem(reply, 400, "Unknown value", "%s", e.text);
        return;
    }
    papers_ask(r->papers, r, reply, &want, answer, a, free_ask);
}

void routes_overdue(const struct routes *r, const struct httpd_request *q, struct httpd_reply *reply)
{
    ask_papers(r, q, reply, &overdue);
}

void routes_trend(const struct routes *r, const struct httpd_request *q, struct httpd_reply *reply)
{
    ask_papers(r, q, reply, &trend);
}

void routes_figures(const struct routes *r, const struct httpd_request *q, struct httpd_reply *reply)
{
    ask_papers(r, q, reply, &figures);
}

void routes_stuck(const struct routes *r, const struct httpd_request *q, struct httpd_reply *reply)
{
    ask_papers(r, q, reply, &stuck);
}

void routes_flow(const struct routes *r, const struct httpd_request *q, struct httpd_reply *reply)
{
    ask_papers(r, q, reply, &flow);
}

void routes_changes(const struct routes *r, const struct httpd_request *q, struct httpd_reply *reply)
{
    ask_papers(r, q, reply, &changes);
}
