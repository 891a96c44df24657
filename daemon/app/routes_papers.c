/* /v1/papers.xlsx: the papers of the meeting in one workbook: what is overdue, what will be, what has changed since the last one, the published
 * figures, where the work is stuck, what came in and went out, the forecast and the clearance plan. */
#include <stdlib.h>

#include "changes_paper.h"
#include "clearance_paper.h"
#include "export.h"
#include "export_paper.h"
#include "figures_paper.h"
#include "flow_paper.h"
#include "forecast_paper.h"
#include "overdue_paper.h"
#include "routes_int.h"
#include "stuck_paper.h"
#include "trend_paper.h"

const char *const routes_papers_params[] = {ROUTES_WANT_PARAMS, NULL};

/* A question on its way to the papers: twice when it is about some places, since a forecast learns from those of the whole council. */
struct ask {
    unsigned refs;
    struct routes routes;
    struct papers_want want;
    struct case_places where;
    const struct snapshot *snapshot; /* what the lists are of, which hold it */
    struct export x;                 /* owned until it is answered */
    bool given;
};

static void free_ask(void *ctx)
{
    struct ask *a = ctx;
    if (--a->refs > 0)
        return;
    if (!a->given)
        export_drop(&a->x);
    free(a);
}

static void out_of_memory(struct httpd_reply *reply)
{
    httpd_problem(reply, 500, "Out of memory", "the workbook could not be made");
}

/* --- sheets -------------------------------------------------------------------------------------------------------------- */

static bool add_list(struct ask *a, enum list_kind kind, const struct routes_time *time)
{
    const struct status *s = a->routes.status;
    const struct judge_how how = routes_how(s, time);
    struct list_want want = {.kind = kind,
                             .filter = list_filter_default(kind, time->as_of),
                             .how = how,
                             .other = time->other,
                             .evaluated_at = a->x.about.evaluated_at,
                             .sort = LIST_OWN_ORDER,
                             .page = 1};
    want.filter.localities = a->want.localities;
    want.filter.teams = a->want.teams;
    want.filter.officers = a->want.officers;
    struct table_job *job = list_job_new(s->snapshot, &want);
    if (job != NULL)
        a->x.jobs[a->x.n++] = job;
    return job != NULL;
}

/* From 1 January of last year on. */
static struct paper *flow_of(const struct papers *p)
{
    const civil_day from = civil_from_ymd(civil_to_ymd(p->as_of).year - 1, 1, 1);
    return flow_paper_new(p->flow, BY_WEEK, from, p->as_of);
}

static struct paper *changes_of(const struct papers *p)
{
    const struct breach_filter f = breach_filter_default();
    return changes_paper_new(p->changes, p->snapshot, breach_filter_limits(&f, p->snapshot->rulebook), ~0u);
}

static struct paper *trend_of(const struct ask *a, const struct papers *p)
{
    return trend_paper_new(a->routes.status->trend, &a->where, p->overdue, p->turnover);
}

static struct paper *forecast_of(const struct ask *a, const struct papers *p)
{
    struct forecast_paper *f = forecast_paper_new(p->forecast, p->snapshot, &a->where, LIMITS_ALL);
    return f != NULL ? &f->paper : NULL;
}

static struct paper *clearance_of(const struct ask *a, const struct papers *p)
{
    const struct clearance_ask how = clearance_ask_default();
    struct clearance_paper *c =
        clearance_paper_new(clearance_new(p->pipeline, &a->where, &how), p->pipeline, p->snapshot);
    return c != NULL ? &c->paper : NULL;
}

/* --- the answer ---------------------------------------------------------------------------------------------------------- */

/* Of all places: what has to be learnt from everything, and is then shown of some. */
static void answer_forecast(void *ctx, struct papers *p, struct httpd_reply *reply)
{
    struct ask *a = ctx;
    if (p->snapshot != a->snapshot) { /* there is a newer one: the sheets would not agree */
        httpd_problem(reply, 503, "Evaluated anew", "the cases were read again meanwhile: ask again");
        httpd_reply_header(reply, "Retry-After", "1");
        return;
    }
    if (!export_add_paper(&a->x, forecast_of(a, p), NULL, p) ||
        !export_add_paper(&a->x, clearance_of(a, p), clearance_paper_step, p)) {
        out_of_memory(reply);
        return;
    }
    a->given = true;
    export_answer(a->routes.workbooks, reply, &a->x, false);
}

static void answer_counts(void *ctx, struct papers *p, struct httpd_reply *reply)
{
    struct ask *a = ctx;
    a->x.about = routes_about_papers(p);
    if (!export_add_paper(&a->x, overdue_paper_new(p->overdue), NULL, p) ||
        !export_add_paper(&a->x, trend_of(a, p), NULL, p) ||
        !export_add_paper(&a->x, changes_of(p), NULL, p) ||
        !export_add_paper(&a->x, figures_paper_new(p->figures), NULL, p) ||
        !export_add_paper(&a->x, stuck_paper_new(p->stuck), NULL, p) ||
        !export_add_paper(&a->x, flow_of(p), NULL, p)) {
        out_of_memory(reply);
        return;
    }
    if (a->want.localities.n + a->want.teams.n + a->want.officers.n == 0) {
        answer_forecast(a, p, reply);
        return;
    }
    const struct papers_want everywhere = {.as_of = a->want.as_of, .known_at = a->want.known_at};
    a->refs++;
    papers_ask(a->routes.papers, &a->routes, reply, &everywhere, answer_forecast, a, free_ask);
}

void routes_papers(const struct routes *r, const struct httpd_request *q, struct httpd_reply *reply)
{
    struct err e = {""};
    struct routes_time time;
    struct papers_want want;
    if (routes_snapshot(r->status, reply) == NULL)
        return;
    if (!routes_read_want(r, q, &want, &e) || !routes_read_time(r->status, q, &time, &e)) {
        httpd_problem(reply, 400, "Unknown value", "%s", e.text);
        return;
    }
    struct ask *a = calloc(1, sizeof *a);
    if (a == NULL) {
        out_of_memory(reply);
        return;
    }
    *a = (struct ask){
        .refs = 1, .routes = *r, .want = want, .where = {want.localities, want.teams, want.officers}};
    a->snapshot = r->status->snapshot;
    a->routes.caller = NULL; /* for the call only; the places are his */
    a->x = (struct export){.name = "papers", .title = "The papers of the meeting", .asked = export_asked(q)};
    a->x.about.as_of = time.as_of;
    a->x.about.evaluated_at = r->status->evaluated_at;
    if (!add_list(a, LIST_BREACHES, &time) || !add_list(a, LIST_DUE, &time)) {
        out_of_memory(reply);
        free_ask(a);
        return;
    }
    papers_ask(r->papers, r, reply, &want, answer_counts, a, free_ask);
}
