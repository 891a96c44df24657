#include "routes_int.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "access.h"
#include "breach_ask.h"
#include "forecast_paper.h"
#include "table_job.h"

const char *const routes_forecast_params[] = {ROUTES_WANT_PARAMS, "limit", "table", NULL};

/* A question on its way to the papers. */
struct ask {
    char path[32];
    enum answer_form form;
    struct case_places where;
    uint64_t limits;
    enum forecast_table table; /* FORECAST_TABLES: the document */
};

static void free_ask(void *ctx)
{
    free(ctx);
}

static bool read_table(struct ask *a, const char *value, struct err *e)
{
    a->table = forecast_table_by_name(value);
    return a->table != FORECAST_TABLES ||
           err_set(e, "table=%s: not one of expected, limits, stages, cases", value);
}

/* What is asked for, and in `want` the papers to answer it from: those of all places, since the stages are the whole council's. */
static bool read_ask(const struct routes *r, const struct httpd_request *q, struct ask *a,
                     struct papers_want *want, struct err *e)
{
    const struct snapshot *s = r->status->snapshot;
    struct breach_ask limits;
    breach_ask_begin(&limits, s->rulebook, s);
    if (!routes_read_want(r, q, want, e))
        return false;
    for (size_t i = 0; i < q->param_count; i++) {
        const char *name = q->params[i].name, *value = q->params[i].value;
        if ((strcmp(name, "limit") == 0 && !breach_ask_take(&limits, name, value, e)) ||
            (strcmp(name, "table") == 0 && !read_table(a, value, e)))
            return false;
    }
    a->limits = limits.limits != 0 ? limits.limits : LIMITS_ALL;
    access_narrow(r->caller, s, &want->teams);
    a->where = (struct case_places){want->localities, want->teams, want->officers};
    *want = (struct papers_want){.as_of = want->as_of, .known_at = want->known_at};
    return true;
}

/* A paper that goes out piece by piece, and what it is made from. */
struct held {
    struct papers *papers;
    struct forecast_paper *paper;
};

static void let_go(void *ud)
{
    struct held *h = ud;
    forecast_paper_free(h->paper);
    papers_unref(h->papers);
    free(h);
}

static ssize_t read_piece(void *ctx, char *buf, size_t max)
{
    size_t n = table_cursor_read(ctx, buf, max);
    return n == TABLE_FAILED ? -1 : n == TABLE_AGAIN ? HTTPD_AGAIN : (ssize_t)n;
}

static void free_cursor(void *ctx)
{
    table_cursor_free(ctx);
}

static void reply_table(struct httpd_reply *reply, const struct table *t, const struct table_about *about,
                        enum answer_form form, struct held *held)
{
    struct table_job *job = table_job_of(t, about, let_go, held);
    struct table_cursor *c =
        job != NULL ? table_cursor_new(job, form == FORM_CSV ? TABLE_CSV : TABLE_JSON) : NULL;
    if (c == NULL)
        httpd_problem(reply, 500, "Out of memory", "the table could not be made");
    else
        httpd_reply_stream(reply, 200, answer_types[form].content_type, read_piece, free_cursor, c);
}

static struct table_about about_of(const struct papers *p)
{
    return (struct table_about){
        .as_of = p->as_of,
        .evaluated_at = p->evaluated_at,
        .known_at = p->known_at == KNOWN_NOW ? p->snapshot->read_at : p->known_at,
        .rulebook = p->snapshot->rulebook->version,
    };
}

static void answer(void *ctx, struct papers *papers, struct httpd_reply *reply)
{
    const struct ask *a = ctx;
    const struct table_about about = about_of(papers);
    struct forecast_paper *paper =
        forecast_paper_new(papers->forecast, papers->snapshot, &a->where, a->limits);
    if (paper != NULL && a->table == FORECAST_TABLES && a->form == FORM_JSON) {
        struct buf b = {0};
        forecast_json(&b, paper, &about);
        forecast_paper_free(paper);
        routes_reply_buf(reply, TYPE_JSON, &b);
    } else {
        struct held *h = paper != NULL ? malloc(sizeof *h) : NULL;
        if (h == NULL) {
            forecast_paper_free(paper);
            httpd_problem(reply, 500, "Out of memory", "the forecast could not be made");
            return;
        }
        *h = (struct held){papers_ref(papers), paper};
        const struct table *t = &paper->tables[a->table != FORECAST_TABLES ? a->table : FORECAST_CASES];
        reply_table(reply, t, &about, a->form, h);
    }
    routes_say_papers(papers, reply);
    routes_say_form(&(struct httpd_request){.path = a->path}, a->form, "forecast", papers->as_of, reply);
}

void routes_forecast(const struct routes *r, const struct httpd_request *q, struct httpd_reply *reply)
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
    *a = (struct ask){.form = routes_form(q, FORMS_TABLE), .table = FORECAST_TABLES};
    snprintf(a->path, sizeof a->path, "%s", q->path);
    if (!read_ask(r, q, a, &want, &e)) {
        free(a);
        httpd_problem(reply, 400, "Unknown value", "%s", e.text);
        return;
    }
    papers_ask(r->papers, r, reply, &want, answer, a, free_ask);
}
