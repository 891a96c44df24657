#include "routes_int.h"

#include <stdlib.h>
#include <string.h>

#include "answer_form.h"
#include "assets.h"
#include "clock.h"
#include "gate.h"
#include "log.h"
#include "metrics_cache.h"
#include "read_log.h"

void routes_reply_buf(struct httpd_reply *reply, const char *content_type, struct buf *b)
{
    size_t n;
    char *bytes = buf_take(b, &n);
    if (bytes == NULL)
        httpd_problem(reply, 500, "Out of memory", "the answer could not be made");
    else
        httpd_reply_bytes(reply, 200, content_type, bytes, n);
}

struct snapshot *routes_snapshot(const struct status *s, struct httpd_reply *reply)
{
    if (s->snapshot == NULL)
        httpd_problem(reply, 503, "Not evaluated yet", "%s", status_not_ready(s, clock_wall_us()));
    return s->snapshot;
}

static void metrics(const struct routes *r, const struct httpd_request *q, struct httpd_reply *reply)
{
    struct buf b = {0};
    const char *accept = httpd_header(q, "Accept");
    double open = accept_quality(accept, metrics_types[METRICS_OPENMETRICS].media),
           text = accept_quality(accept, metrics_types[METRICS_PROMETHEUS].media);
    enum metrics_format format = open > 0 && open >= text ? METRICS_OPENMETRICS : METRICS_PROMETHEUS;
    metrics_cache_text(r->metrics, &b, r->status, format);
    routes_reply_buf(reply, metrics_types[format].content_type, &b);
    httpd_reply_header(reply, "Vary", "Accept");
}

static void healthz(const struct routes *r, const struct httpd_request *q, struct httpd_reply *reply)
{
    (void)r;
    (void)q;
    httpd_reply_text(reply, 200, TYPE_TEXT, "ok\n");
}

static void readyz(const struct routes *r, const struct httpd_request *q, struct httpd_reply *reply)
{
    const char *why = status_not_ready(r->status, clock_wall_us());
    char standing[STANDING_LEN];
    struct buf b = {0};
    (void)q;
    if (why != NULL) {
        httpd_problem(reply, 503, "Not ready", "%s", why);
        return;
    }
    buf_printf(&b, "ready\n%s\n", status_standing(r->status, standing));
    why = status_not_delivering(r->status);
    if (why != NULL)
        buf_printf(&b, "delivery: %s\n", why);
    routes_reply_buf(reply, TYPE_TEXT, &b);
}

static const char *const no_params[] = {NULL};

typedef void serve_fn(const struct routes *r, const struct httpd_request *q, struct httpd_reply *reply);

/* Who may read a page. */
enum least {
    FOR_READERS,
    FOR_METRICS, /* the role metrics, too */
    FOR_ALL,     /* without a word of who asks */
};

/* What of a page somebody gets who may see some teams only. */
enum narrow {
    NARROW_REFUSED, /* nothing: 403 */
    NARROW_HELD,    /* that of his teams: its functions see to it, with access.h */
    NARROW_NOTHING, /* all of it: there is nothing of cases in it */
};

static serve_fn front;

static const struct page {
    const char *path;
    const char *what; /* for the list of addresses; NULL: not in it */
    bool below;       /* everything under the path, too */
    unsigned suffix;  /* FORM_BIT: the forms that the path has a suffix for */
    const char *const *params;
    serve_fn *get, *post; /* NULL: that method is not served */
    enum narrow narrow;
    enum least least;
    enum token_role change; /* who may POST; left out: operators */
    const char *past;       /* of the last evaluation alone: who answers for another day or time instead */
} pages[] = {
    {"/", NULL, false, 0, routes_page_params, front, NULL, NARROW_HELD},
    {"/metrics", "for Prometheus", false, 0, no_params, metrics, NULL, NARROW_REFUSED, FOR_METRICS},
    {"/healthz", "whether this daemon runs", false, 0, no_params, healthz, NULL, NARROW_NOTHING, FOR_ALL},
    {"/readyz", "whether it has evaluated of late, and why not", false, 0, no_params, readyz, NULL,
     NARROW_NOTHING, FOR_METRICS},
    {"/v1/breaches", "what is overdue, the longest first", false, FORMS_LIST, list_ask_words[LIST_BREACHES],
     routes_breaches, NULL, NARROW_HELD},
    {"/v1/due", "what is open and falls due within=28 days, the soonest first", false, FORMS_LIST,
     list_ask_words[LIST_DUE], routes_due, NULL, NARROW_HELD},
    {"/v1/cases", "every case, the furthest behind first", false, FORMS_LIST, list_ask_words[LIST_CASES],
     routes_cases, NULL, NARROW_HELD},
    {"/v1/papers.xlsx", "all papers of the meeting in one workbook", false, 0, routes_papers_params,
     routes_papers, NULL, NARROW_HELD},
    {"/v1/deadlines.ics", "a calendar to subscribe to", false, 0, routes_calendar_params, routes_calendar,
     NULL, NARROW_HELD},
    {"/v1/data-quality", "what cannot be right in the data, row by row", false, FORMS_BOOK,
     routes_quality_params, routes_quality, NULL, NARROW_HELD, .past = "ehcwatchd evaluate --findings"},
    {"/v1/overdue", "what is overdue and what falls due, counted by limit, locality and team", false,
     FORMS_BOOK, routes_paper_params, routes_overdue, NULL, NARROW_HELD},
    {"/v1/trend", "what was overdue, week by week of the last year", false, FORMS_BOOK, routes_paper_params,
     routes_trend, NULL, NARROW_HELD},
    {"/v1/figures", "the published figures, and what they do not show", false, FORMS_BOOK,
     routes_paper_params, routes_figures, NULL, NARROW_HELD},
    {"/v1/stuck", "where the work waits: stages, advice, officers, reviews", false, FORMS_BOOK,
     routes_paper_params, routes_stuck, NULL, NARROW_HELD},
    {"/v1/flow", "what came in and went out, by=week, month, quarter or year", false, FORMS_BOOK,
     routes_flow_params, routes_flow, NULL, NARROW_HELD},
    {"/v1/forecast", "what will be overdue in 1, 2, 4 and 8 weeks", false, FORMS_BOOK, routes_forecast_params,
     routes_forecast, NULL, NARROW_HELD},
    {"/v1/clearance", "which plans to finish first, played through", false, FORMS_BOOK,
     routes_clearance_params, routes_clearance, NULL, NARROW_HELD},
    {"/v1/deliveries", "what was sent to whom and when", false, FORMS_TABLE, routes_delivery_params,
     routes_deliveries, NULL, NARROW_HELD},
    {"/v1/deliveries/proof", "the same of one case, as a sheet to print", false, 0, routes_proof_params,
     routes_proof, NULL, NARROW_HELD},
    {"/v1/deliveries/replay", "POST sends messages again", false, 0, no_params, NULL, routes_replay,
     NARROW_REFUSED},
    {"/v1/acks", "what somebody has acknowledged, and until when; POST makes one", false, 0,
     routes_ack_params, routes_acks, routes_ack, NARROW_HELD, .change = TOKEN_OFFICER},
    {ROUTES_ACKS, "ID/withdraw: POST takes it back", true, 0, no_params, NULL, routes_withdraw, NARROW_HELD,
     .change = TOKEN_OFFICER},
    {"/v1/changes", "what has changed since the last meeting", false, FORMS_BOOK, routes_changes_params,
     routes_changes, NULL, NARROW_HELD},
    {"/v1/history", "how many, day by day, or by=week; table=cases by stage", false,
     FORMS_BOOK | FORM_BIT(FORM_HTML), routes_history_params, routes_history, NULL, NARROW_HELD},
    {"/v1/meetings", "when the demand meeting is and was; POST marks one as held", false, 0, no_params,
     routes_meetings, routes_meeting, NARROW_NOTHING, .change = TOKEN_MEETING},
    {"/v1/summary", "how many, by limit and state, and why a limit is watched or not", false, 0, no_params,
     routes_summary, NULL, NARROW_REFUSED, .past = "/v1/overdue, /v1/figures or /v1/cases"},
    {ASSET_PATH, NULL, true, 0, no_params, routes_asset, NULL, NARROW_NOTHING, FOR_ALL},
    {ROUTES_CASE, "REF: one case, what is owed, why and by when", true, 0, routes_case_params, routes_case,
     NULL, NARROW_HELD},
};

/* --- the front ----------------------------------------------------------------------------------------------------------- */

enum { LINE = 110, INDENT = 24 };

/* One more word of a line that goes on below itself when it is full. */
static void say_word(struct buf *b, size_t *at, const char *before, const char *word, const char *after)
{
    const size_t n = strlen(before) + strlen(word) + strlen(after);
    if (*at + 1 + n > LINE) {
        buf_printf(b, "\n%*s", INDENT - 1, "");
        *at = INDENT - 1;
    }
    buf_printf(b, " %s%s%s", before, word, after);
    *at += 1 + n;
}

static void say_page(struct buf *b, const struct page *p)
{
    size_t at = LINE;
    buf_printf(b, "%-*s%s", INDENT, p->path, p->what);
    for (int f = 0, n = 0; f < FORM_COUNT; f++)
        if ((p->suffix & FORM_BIT(f)) != 0)
            buf_printf(b, "%s%s", n++ == 0 ? "; also " : " ", answer_types[f].suffix);
    for (const char *const *param = p->params; *param != NULL; param++)
        say_word(b, &at, "?", *param, "=");
    buf_text(b, "\n");
}

/* What addresses there are, for a terminal. */
static void list_pages(const struct routes *r, struct httpd_reply *reply)
{
    struct buf b = {0};
    char standing[STANDING_LEN];
    buf_printf(&b, "ehcwatchd %s, rulebook %s\n%s\n\n", EHCWATCH_VERSION, r->status->rulebook->version,
               status_standing(r->status, standing));
    for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++)
        if (pages[i].what != NULL)
            say_page(&b, &pages[i]);
    routes_reply_buf(reply, TYPE_TEXT, &b);
}

/* The papers of the meeting, or, for who asks for text, what addresses there are. */
static void front(const struct routes *r, const struct httpd_request *q, struct httpd_reply *reply)
{
    const char *accept = httpd_header(q, "Accept");
    if (r->papers == NULL || (accept != NULL && strncmp(accept, "text/plain", strlen("text/plain")) == 0))
        list_pages(r, reply);
    else
        routes_papers_page(r, q, reply);
    httpd_reply_header(reply, "Vary", "Accept");
}

/* --- which page ----------------------------------------------------------------------------------------------------------- */

static bool leads_to(const struct page *p, const char *path)
{
    const size_t n = strlen(p->path);
    if (strncmp(p->path, path, n) != 0)
        return false;
    return path[n] == '\0' || p->below || answer_form_suffix(path + n, p->suffix) != FORM_COUNT;
}

static const struct page *find_page(const char *path)
{
    for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++)
        if (leads_to(&pages[i], path))
            return &pages[i];
    return NULL;
}

bool routes_take_post(const char *path)
{
    const struct page *page = find_page(path);
    return page != NULL && page->post != NULL;
}

/* --- who asks ------------------------------------------------------------------------------------------------------------ */

static enum token_role least_role(const struct page *p, bool change)
{
    if (change)
        return p->change != TOKEN_METRICS ? p->change : TOKEN_OPERATOR;
    return p->least == FOR_METRICS ? TOKEN_METRICS : TOKEN_READER;
}

/* False: 403 has been answered. */
static bool may(const struct page *p, const struct httpd_request *q, bool change, const struct caller *who,
                struct httpd_reply *reply)
{
    enum token_role least = least_role(p, change);
    bool role = who->role >= least, narrow = p->narrow == NARROW_REFUSED && access_is_narrow(who);
    if (role && !narrow)
        return true;
    if (role)
        httpd_problem(reply, 403, "Not allowed", "%s may see some teams only; this is about all of them",
                      who->name);
    else
        httpd_problem(reply, 403, "Not allowed", "%s is %s; this is for %s", who->name,
                      token_role_name(who->role), token_role_name(least));
    log_ev(LOG_WARNING, change ? "change_refused" : "read_refused",
           LOG_FIELDS({"WHO", who->name}, {"PEER", q->peer}), "%s is %s", q->path,
           role ? "about all teams" : token_role_name(least));
    return false;
}

/* A page's forms send an empty value for "all": such parameters are left out. */
static void serve_said(serve_fn *serve, const struct routes *r, const struct httpd_request *q,
                       struct httpd_reply *reply)
{
    struct httpd_request asked = *q;
    struct httpd_param *said = reallocarray(NULL, q->param_count + 1, sizeof *said);
    asked.params = said;
    asked.param_count = 0;
    for (size_t i = 0; said != NULL && i < q->param_count; i++)
        if (*q->params[i].value != '\0')
            said[asked.param_count++] = q->params[i];
    if (said == NULL)
        httpd_problem(reply, 500, "Out of memory", "the page could not be made");
    else
        serve(r, &asked, reply);
    free(said);
}

/* Whether another day or time is asked for where there is none: then 400 has been answered, and says where there is. */
static bool refers(const struct page *page, const struct httpd_request *q, struct httpd_reply *reply)
{
    for (size_t i = 0; page->past != NULL && i < q->param_count; i++)
        if (routes_is_time(q->params[i].name)) {
            httpd_problem(
                reply, 400, "Unknown parameter",
                "%s takes no parameter %s: it is of the last evaluation; for another day or time ask %s",
                q->path, q->params[i].name, page->past);
            return true;
        }
    return false;
}

static void serve_page(const struct routes *r, const struct page *page, const struct httpd_request *q,
                       struct httpd_reply *reply)
{
    serve_fn *serve = strcmp(q->method, "POST") == 0 ? page->post : page->get;
    if (serve == NULL) {
        httpd_problem(reply, 405, "Method not allowed", "%s is for POST", page->path);
        httpd_reply_header(reply, "Allow", "POST");
    } else if (!refers(page, q, reply) &&
               routes_takes(page->below ? page->path : q->path, page->params, q, reply)) {
        if (routes_wants_page(q))
            serve_said(serve, r, q, reply);
        else
            serve(r, q, reply);
        if (serve == page->get && page->narrow != NARROW_NOTHING && page->least == FOR_READERS)
            read_log(r->caller, q, httpd_reply_status(reply));
    }
}

void routes_handle(void *ud, const struct httpd_request *request, struct httpd_reply *reply)
{
    const struct page *page = find_page(request->path);
    bool change = page != NULL && strcmp(request->method, "POST") == 0;
    struct caller who = {.role = TOKEN_READER};
    struct routes r = *(const struct routes *)ud;
    r.caller = &who;
    /* Who may not read is not told either what there is to be read. */
    if ((page == NULL || page->least != FOR_ALL) && !gate_ask(r.gate, request, change, &who, reply))
        return;
    if (page == NULL)
        httpd_problem(reply, 404, "Not found", "no such address: %s", request->path);
    else if (may(page, request, change, &who, reply))
        serve_page(&r, page, request, reply);
}
