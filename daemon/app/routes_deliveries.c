#include "routes_int.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "delivery_ask.h"
#include "desk.h"

const char *const routes_delivery_params[] = {"case", "endpoint", "state", "since", "page", NULL};
const char *const routes_proof_params[] = {"case", NULL};

enum {
    PAGE_ROWS = 500,   /* of a page */
    PIECE_ROWS = 1000, /* of a list without pages, read one after the other */
    LIST_MOST = 20000, /* of such a list */
    PAGES_MOST = 100000,
};

/* An answer in the making. Its texts are its own: the request's are gone when the rows come. */
struct listing {
    struct delivery_ask ask;
    char *texts[5];
    enum delivery_format format;
    long number; /* of the page; 0: all of it */
    bool accept; /* the form was chosen by the Accept header */
    struct buf text;
    bool begun;
    size_t rows;
    const struct status *status;
    struct caller who;
    struct delivery_page page;
};

static void listing_free(void *ctx)
{
    struct listing *l = ctx;
    for (size_t i = 0; i < sizeof l->texts / sizeof l->texts[0]; i++)
        free(l->texts[i]);
    buf_free(&l->text);
    free(l);
}

static bool keep_texts(struct listing *l)
{
    const char **texts[] = {&l->ask.case_ref, &l->ask.endpoint, &l->ask.state, &l->ask.since, &l->ask.teams};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (*texts[i] == NULL)
            continue;
        *texts[i] = l->texts[i] = strdup(*texts[i]);
        if (l->texts[i] == NULL)
            return false;
    }
    return true;
}

static bool read_page(long *page, const char *value, struct err *e)
{
    char *rest;
    *page = *value >= '1' && *value <= '9' ? strtol(value, &rest, 10) : 0;
    return (*page > 0 && *page <= PAGES_MOST && *rest == '\0') ||
           err_set(e, "page=%s: not a number from 1 to %d", value, PAGES_MOST);
}

static bool read_query(struct listing *l, const struct httpd_request *q, struct err *e)
{
    for (size_t i = 0; i < q->param_count; i++) {
        const char *name = q->params[i].name, *value = q->params[i].value;
        bool page = strcmp(name, "page") == 0;
        if (page ? !read_page(&l->number, value, e) : !delivery_ask_take(&l->ask, name, value, e))
            return false;
    }
    return true;
}

static void take_rows(void *ctx, struct desk_job *job, const PGresult *res);

static struct desk_question question(const struct listing *l, const char *params[DELIVERY_PARAMS])
{
    delivery_params(&l->ask, &l->page, params);
    return (struct desk_question){"delivery_list", DELIVERY_PARAMS, params};
}

static void reply_list(struct listing *l, struct desk_job *job, bool more)
{
    bool csv = l->format == DELIVERY_CSV;
    struct httpd_reply *reply = desk_reply(job);
    delivery_end(&l->text, l->format, l->rows, more ? l->number + 1 : 0);
    routes_reply_buf(reply, csv ? TYPE_CSV : TYPE_JSON, &l->text);
    if (csv)
        httpd_reply_header(reply, "Content-Disposition", "attachment; filename=\"ehcwatchd-deliveries.csv\"");
    if (l->accept)
        httpd_reply_header(reply, "Vary", "Accept");
}

/* Nothing was sent to it: is there such an endpoint? */
static void take_endpoint(void *ctx, struct desk_job *job, const PGresult *res)
{
    struct listing *l = ctx;
    if (PQntuples(res) > 0) {
        delivery_begin(&l->text, l->format, clock_wall_us());
        reply_list(l, job, false);
    } else {
        httpd_problem(desk_reply(job), 400, "Unknown value", "endpoint=%s: there is no such endpoint",
                      l->ask.endpoint);
    }
}

static void take_rows(void *ctx, struct desk_job *job, const PGresult *res)
{
    struct listing *l = ctx;
    int n = PQntuples(res);
    if (n == 0 && !l->begun && l->ask.endpoint != NULL) {
        desk_next(job, &(struct desk_question){.query = "endpoint_known", .n = 1, .params = &l->ask.endpoint},
                  take_endpoint);
        return;
    }
    bool more = n > PAGE_ROWS && l->number > 0; /* the page was read with one row more */
    int shown = more ? PAGE_ROWS : n;
    if (!l->begun)
        delivery_begin(&l->text, l->format, clock_wall_us());
    l->begun = true;
    for (int i = 0; i < shown; i++) {
        struct delivery d = delivery_of(res, i);
        /* The ledger knows the team of a case as of its last change, the snapshot as of now: he has to pass both. */
        if (d.case_ref[0] != '\0' && !access_sees_ref(&l->who, l->status->snapshot, d.case_ref))
            continue;
        delivery_row(&l->text, l->format, &d, l->rows++);
    }
    if (l->rows > LIST_MOST) {
        httpd_problem(desk_reply(job), 400, "Too long a list",
                      "more than %d messages: narrow it, ask for pages, or use \"ehcwatchd deliveries\"",
                      LIST_MOST);
    } else if (l->number == 0 && n == PIECE_ROWS) {
        const char *params[DELIVERY_PARAMS];
        snprintf(l->page.before, sizeof l->page.before, "%s", delivery_number(res, n - 1));
        const struct desk_question q = question(l, params);
        desk_next(job, &q, take_rows);
    } else {
        reply_list(l, job, more);
    }
}

void routes_deliveries(const struct routes *r, const struct httpd_request *q, struct httpd_reply *reply)
{
    struct err e = {""}, none = {""};
    struct pg_array teams;
    const bool csv = routes_form(q, FORMS_TABLE) == FORM_CSV;
    struct listing *l = calloc(1, sizeof *l);
    pg_array_init(&teams);
    bool ok = l != NULL && read_query(l, q, &e) &&
              access_teams_array(r->caller, &teams, &l->ask.teams, &none) && keep_texts(l);
    pg_array_free(&teams);
    if (!ok) {
        httpd_problem(reply, e.text[0] != '\0' ? 400 : 500,
                      e.text[0] != '\0' ? "Unknown value" : "Out of memory", "%s",
                      e.text[0] != '\0' ? e.text : "the list could not be made");
        if (l != NULL)
            listing_free(l);
        return;
    }
    l->status = r->status;
    l->who = *r->caller;
    l->format = csv ? DELIVERY_CSV : DELIVERY_JSON;
    l->accept = strchr(q->path, '.') == NULL;
    if (l->number == 0 && !csv)
        l->number = 1; /* a list that stops in silence would pass for all there is */
    snprintf(l->page.most, sizeof l->page.most, "%d", l->number > 0 ? PAGE_ROWS + 1 : PIECE_ROWS);
    snprintf(l->page.skip, sizeof l->page.skip, "%ld", l->number > 0 ? (l->number - 1) * PAGE_ROWS : 0);
    const char *params[DELIVERY_PARAMS];
    const struct desk_question ask = question(l, params);
    desk_ask(r->desk, reply, &ask, take_rows, l, listing_free);
}

/* --- the sheet --------------------------------------------------------------------------------------------------------- */

static void take_sheet(void *ctx, struct desk_job *job, const PGresult *res)
{
    struct buf sheet = {0};
    if (proof_of(&sheet, PROOF_HTML, ctx, res, clock_wall_us())) {
        routes_reply_buf(desk_reply(job), TYPE_HTML, &sheet);
        /* The page needs its own style and nothing else. */
        httpd_reply_header(desk_reply(job), "Content-Security-Policy",
                           "default-src 'none'; style-src " PROOF_STYLE
                           "; form-action 'none'; base-uri 'none'; frame-ancestors 'none'");
    } else {
        httpd_problem(desk_reply(job), 400, "Too long a sheet",
                      "more than %d messages are about this case: use the list", PROOF_MOST);
    }
}

void routes_proof(const struct routes *r, const struct httpd_request *q, struct httpd_reply *reply)
{
    struct err e = {"case= is missing"};
    struct delivery_ask ask = {0};
    bool ok = q->param_count > 0;
    for (size_t i = 0; ok && i < q->param_count; i++)
        ok = delivery_ask_take(&ask, q->params[i].name, q->params[i].value, &e);
    struct pg_array teams;
    char *case_ref = ok ? strdup(ask.case_ref) : NULL;
    pg_array_init(&teams);
    if (case_ref == NULL || !access_teams_array(r->caller, &teams, &ask.teams, &e)) {
        free(case_ref);
        pg_array_free(&teams);
        httpd_problem(reply, ok ? 500 : 400, ok ? "Out of memory" : "Unknown value", "%s", e.text);
        return;
    }
    const char *params[DELIVERY_PARAMS];
    if (!access_sees_ref(r->caller, r->status->snapshot, case_ref))
        ask.teams = "{}"; /* no team is: as if nothing had been sent */
    delivery_params(&ask, &proof_page, params);
    const struct desk_question question = {"delivery_list", DELIVERY_PARAMS, params};
    desk_ask(r->desk, reply, &question, take_sheet, case_ref, free);
    pg_array_free(&teams);
}
