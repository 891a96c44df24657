/* The page at /: the papers of the meeting. Those of the places that are asked for, and those of the whole council, from whose stages the
 * forecast and the plan are made; then the first rows of the lists; then all of it piece by piece. */
#include <stdlib.h>
#include <string.h>

#include "access.h"
#include "changes_paper.h"
#include "clearance_paper.h"
#include "figures_paper.h"
#include "flow_paper.h"
#include "forecast_paper.h"
#include "list_ask.h"
#include "overdue_paper.h"
#include "page_papers.h"
#include "routes_choices.h"
#include "routes_int.h"
#include "stuck_paper.h"
#include "trend_paper.h"

const char *const routes_page_params[] = {ROUTES_WANT_PARAMS, "capacity", "policy", "save", NULL};

enum { TOP_ROWS = 10, MONTHS = 24, TRIES = 3 };

enum { OVERDUE, TREND, FIGURES, STUCK, FLOW, CHANGES, FORECAST, CLEARANCE, MADE };

struct papers_page {
    struct routes routes; /* a copy, without the caller */
    struct routes_page *page;
    struct papers_want want;
    struct clearance_ask clearance;
    struct papers *mine, *whole;
    int tries; /* to have both of one evaluation */
    struct routes_choices choices;
    struct paper *made[MADE];
    struct table_job *worst, *soonest;
    struct page_papers papers;
    struct buf text;
    size_t at;
};

static void page_free(void *ctx)
{
    struct papers_page *p = ctx;
    if (p == NULL)
        return;
    for (size_t i = 0; i < MADE; i++)
        paper_free(p->made[i]);
    table_job_free(p->worst);
    table_job_free(p->soonest);
    routes_choices_clear(&p->choices);
    routes_page_free(p->page);
    papers_unref(p->mine);
    papers_unref(p->whole);
    buf_free(&p->text);
    free(p);
}

/* --- what it is made of ------------------------------------------------------------------------------------------------ */

static struct table_job *top(const struct papers_page *p, enum list_kind kind)
{
    struct papers *mine = p->mine;
    struct list_ask ask;
    struct judge_how how = mine->how;
    how.limits = mine->snapshot->limits;
    list_ask_begin(&ask, kind, mine->snapshot->rulebook, mine->snapshot);
    struct list_want want = list_ask_want(&ask, &how, TOP_ROWS);
    want.filter.localities = p->want.localities;
    want.filter.teams = p->want.teams;
    want.filter.officers = p->want.officers;
    want.other = mine->as_of != mine->snapshot->as_of || mine->known_at != mine->snapshot->known_at;
    want.evaluated_at = mine->evaluated_at;
    return list_job_new(mine->snapshot, &want);
}

static bool make(struct papers_page *p)
{
    const struct papers *mine = p->mine, *whole = p->whole;
    const struct case_places where = {p->want.localities, p->want.teams, p->want.officers};
    const civil_day first = flow_period_first(BY_MONTH, civil_add_months(mine->as_of, -MONTHS));
    struct forecast_paper *forecast =
        forecast_paper_new(whole->forecast, whole->snapshot, &where, LIMITS_ALL);
    struct clearance_paper *clearance = clearance_paper_new(
        clearance_new(whole->pipeline, &where, &p->clearance), whole->pipeline, whole->snapshot);
    p->made[FORECAST] = forecast != NULL ? &forecast->paper : NULL;
    p->made[CLEARANCE] = clearance != NULL ? &clearance->paper : NULL;
    p->made[OVERDUE] = overdue_paper_new(mine->overdue);
    p->made[TREND] = trend_paper_new(p->routes.status->trend, &where, mine->overdue, mine->turnover);
    p->made[FIGURES] = figures_paper_new(mine->figures);
    p->made[STUCK] = stuck_paper_new(mine->stuck);
    p->made[FLOW] = flow_paper_new(mine->flow, BY_MONTH, first, mine->as_of);
    const struct breach_filter statutory = breach_filter_default();
    p->made[CHANGES] = changes_paper_new(mine->changes, mine->snapshot,
                                         breach_filter_limits(&statutory, mine->snapshot->rulebook), ~0u);
    p->worst = top(p, LIST_BREACHES);
    p->soonest = top(p, LIST_DUE);
    bool ok = p->worst != NULL && p->soonest != NULL;
    for (size_t i = 0; i < MADE; i++)
        ok &= p->made[i] != NULL;
    return ok && routes_choices_of(&p->choices, access_is_narrow(&p->page->caller) ? mine : whole);
}

static void fill(struct papers_page *p)
{
    p->papers = (struct page_papers){
        .frame = p->page->frame,
        .rulebook = p->mine->snapshot->rulebook,
        .choices = &p->choices.choices,
        .overdue = p->made[OVERDUE],
        .trend = p->made[TREND],
        .figures = p->made[FIGURES],
        .stuck = p->made[STUCK],
        .flow = p->made[FLOW],
        .changes = p->made[CHANGES],
        .forecast = p->made[FORECAST],
        .clearance = p->made[CLEARANCE],
        .worst = &p->worst->table,
        .soonest = &p->soonest->table,
    };
}

/* --- the answer -------------------------------------------------------------------------------------------------------- */

/* One step of what is made step by step. 1: there is more to do; 0: all is there; -1: out of memory. */
static int go_on(struct papers_page *p)
{
    int more = clearance_paper_step(p->made[CLEARANCE]);
    if (more == 0)
        more = table_job_step(p->worst);
    return more == 0 ? table_job_step(p->soonest) : more;
}

static ssize_t read_piece(void *ctx, char *buf, size_t max)
{
    struct papers_page *p = ctx;
    if (p->papers.piece == 0) {
        const int more = go_on(p);
        if (more != 0)
            return more > 0 ? HTTPD_AGAIN : -1;
    }
    if (p->at == p->text.n) {
        p->at = p->text.n = 0;
        if (!page_papers(&p->text, &p->papers))
            return 0;
        if (p->text.failed)
            return -1;
    }
    size_t n = p->text.n - p->at < max ? p->text.n - p->at : max;
    memcpy(buf, p->text.p + p->at, n);
    p->at += n;
    return (ssize_t)n;
}

/* What waits for papers; empty once the page is on its way. */
struct waiting {
    struct papers_page *page;
};

static void waiting_free(void *ctx)
{
    struct waiting *w = ctx;
    page_free(w->page);
    free(w);
}

static void have_mine(void *ctx, struct papers *papers, struct httpd_reply *reply);

/* Takes the page over. */
static void ask(struct papers_page *p, struct httpd_reply *reply, const struct papers_want *want,
                papers_fn *fn)
{
    struct waiting *w = malloc(sizeof *w);
    if (w == NULL) {
        page_free(p);
        httpd_problem(reply, 500, "Out of memory", "the page could not be made");
        return;
    }
    w->page = p;
    papers_ask(p->routes.papers, &p->routes, reply, want, fn, w, waiting_free);
}

static void reply_page(struct papers_page *p, struct httpd_reply *reply)
{
    fill(p);
    struct papers *mine = papers_ref(p->mine);
    httpd_reply_stream(reply, 200, TYPE_HTML, read_piece, page_free, p);
    routes_guard_page(reply);
    routes_say_papers(mine, reply);
    papers_unref(mine);
}

static void have_whole(void *ctx, struct papers *papers, struct httpd_reply *reply)
{
    struct waiting *w = ctx;
    struct papers_page *p = w->page;
    if (papers->snapshot != p->mine->snapshot &&
        ++p->tries < TRIES) { /* sections would not agree to the last case */
        w->page = NULL;
        papers_unref(p->mine);
        p->mine = NULL;
        ask(p, reply, &p->want, have_mine);
        return;
    }
    p->whole = papers_ref(papers);
    if (!make(p)) {
        httpd_problem(reply, 500, "Out of memory", "the page could not be made");
        return;
    }
    w->page = NULL;
    reply_page(p, reply);
}

static void have_mine(void *ctx, struct papers *papers, struct httpd_reply *reply)
{
    struct waiting *w = ctx;
    struct papers_page *p = w->page;
    w->page = NULL;
    p->mine = papers_ref(papers);
    const struct papers_want whole = {.as_of = p->want.as_of, .known_at = p->want.known_at};
    ask(p, reply, &whole, have_whole);
}

static bool read_question(struct papers_page *p, const struct routes *r, const struct httpd_request *q,
                          struct err *e)
{
    p->clearance = clearance_ask_default();
    if (!routes_read_want(r, q, &p->want, e))
        return false;
    for (size_t i = 0; i < q->param_count; i++)
        if (!routes_read_clearance(&p->clearance, q->params[i].name, q->params[i].value, e))
            return false;
    return true;
}

void routes_papers_page(const struct routes *r, const struct httpd_request *q, struct httpd_reply *reply)
{
    struct err e = {""};
    struct routes_time time;
    if (routes_snapshot(r->status, reply) == NULL)
        return;
    struct papers_page *p = calloc(1, sizeof *p);
    struct waiting *w = p != NULL ? malloc(sizeof *w) : NULL;
    if (w == NULL) {
        free(p);
        httpd_problem(reply, 500, "Out of memory", "the page could not be made");
        return;
    }
    w->page = p;
    if (!routes_read_time(r->status, q, &time, &e) || !read_question(p, r, q, &e)) {
        waiting_free(w);
        httpd_problem(reply, 400, "Unknown value", "%s", e.text);
        return;
    }
    p->routes = *r;
    p->routes.caller = NULL;
    p->page = routes_page_new(r, q, &time);
    if (p->page == NULL) {
        waiting_free(w);
        httpd_problem(reply, 500, "Out of memory", "the page could not be made");
        return;
    }
    papers_ask(r->papers, r, reply, &p->want, have_mine, w, waiting_free);
}
