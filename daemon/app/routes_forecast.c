/* The forecast and the clearance plan: tables that are made from the papers of the whole council, whose stages they are, for the cases of the
 * places asked for. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "breach_ask.h"
#include "clearance_paper.h"
#include "document.h"
#include "export.h"
#include "forecast_paper.h"
#include "routes_int.h"
#include "table_job.h"

const char *const routes_forecast_params[] = {ROUTES_WANT_PARAMS, "limit", "table", NULL};
const char *const routes_clearance_params[] = {ROUTES_WANT_PARAMS, "table", "capacity", "arrivals",
                                               "policy",           "save",  "weeks",    NULL};

struct ask;

/* One of the two. */
struct sort {
    const char *name;
    size_t in_csv;  /* the table that a CSV file holds unless another is asked for */
    size_t in_json; /* how many of the first tables are in the document */
    bool (*read)(struct ask *a, const char *name, const char *value, struct err *e);
    struct paper *(*make)(const struct ask *a, const struct papers *p); /* NULL: out of memory */
    int (*step)(
        struct paper
            *paper); /* 1: its tables are not there yet; 0: they are; -1: out of memory. NULL: they are */
};

/* A question on its way to the papers. */
struct ask {
    const struct sort *sort;
    char path[32]; /* of the request: its suffix */
    enum answer_form form;
    struct xlsx_maker *workbooks;
    char *asked;    /* what a workbook says of the filter */
    char table[24]; /* "": all, or the one of CSV */
    struct case_places where;
    struct breach_ask limits;
    struct clearance_ask clearance;
};

/* --- the forecast ---------------------------------------------------------------------------------------------------- */

static bool read_forecast(struct ask *a, const char *name, const char *value, struct err *e)
{
    return strcmp(name, "limit") != 0 || breach_ask_take(&a->limits, name, value, e);
}

static struct paper *make_forecast(const struct ask *a, const struct papers *p)
{
    struct forecast_paper *paper = forecast_paper_new(p->forecast, p->snapshot, &a->where,
                                                      a->limits.limits != 0 ? a->limits.limits : LIMITS_ALL);
    return paper != NULL ? &paper->paper : NULL;
}

/* --- the clearance plan ---------------------------------------------------------------------------------------------- */

/* "42" or "42.5": thousandths. */
static bool read_rate(uint32_t *milli, const char *name, const char *value, struct err *e)
{
    uint64_t n = 0;
    size_t i = 0, digits = 0;
    while (value[i] >= '0' && value[i] <= '9' && n < CLEARANCE_MOST)
        n = n * 10 + (uint64_t)(value[i++] - '0');
    bool ok = i > 0;
    if (ok && value[i] == '.') {
        for (i++; value[i] >= '0' && value[i] <= '9' && digits < 3; i++, digits++)
            n = n * 10 + (uint64_t)(value[i] - '0');
        ok = digits > 0;
    }
    for (; digits < 3; digits++)
        n *= 10;
    if (!ok || value[i] != '\0' || n > CLEARANCE_MOST)
        return err_set(e, "%s=%s: not a number from 0 to 100000, with a point and three digits at most", name,
                       value);
    *milli = (uint32_t)n;
    return true;
}

static bool read_number(int *n, int least, int most, const char *name, const char *value, struct err *e)
{
    int x = 0;
    size_t i = 0;
    while (value[i] >= '0' && value[i] <= '9' && x <= most)
        x = x * 10 + (value[i++] - '0');
    if (i == 0 || value[i] != '\0' || x < least || x > most)
        return err_set(e, "%s=%s: not a whole number from %d to %d", name, value, least, most);
    *n = x;
    return true;
}

bool routes_read_clearance(struct clearance_ask *c, const char *name, const char *value, struct err *e)
{
    if (strcmp(name, "capacity") == 0)
        return read_rate(&c->capacity_milli, name, value, e);
    if (strcmp(name, "arrivals") == 0)
        return read_rate(&c->arrivals_milli, name, value, e);
    if (strcmp(name, "save") == 0)
        return read_number(&c->save, 0, 100, name, value, e);
    if (strcmp(name, "weeks") == 0)
        return read_number(&c->weeks, 1, CLEARANCE_WEEKS_MOST, name, value, e);
    if (strcmp(name, "policy") != 0)
        return true;
    c->policy = clearance_policy_by_name(value);
    return c->policy != CLEARANCE_POLICIES || err_set(e, "policy=%s: not one of oldest, nearest, mix", value);
}

static bool read_clearance(struct ask *a, const char *name, const char *value, struct err *e)
{
    return routes_read_clearance(&a->clearance, name, value, e);
}

static struct paper *make_clearance(const struct ask *a, const struct papers *p)
{
    struct clearance_paper *paper =
        clearance_paper_new(clearance_new(p->pipeline, &a->where, &a->clearance), p->pipeline, p->snapshot);
    return paper != NULL ? &paper->paper : NULL;
}

/* The list of a forecast may be long: it goes out piece by piece, alone. */
static const struct sort forecast_sort = {"forecast",    FORECAST_CASES, FORECAST_CASES,
                                          read_forecast, make_forecast,  NULL},
                         clearance_sort = {"clearance",    CLEARANCE_TABLE_CASES, CLEARANCE_TABLES,
                                           read_clearance, make_clearance,        clearance_paper_step};

/* --- both ------------------------------------------------------------------------------------------------------------ */

static void free_ask(void *ctx)
{
    struct ask *a = ctx;
    free(a->asked);
    free(a);
}

static bool read_table(struct ask *a, const char *value, struct err *e)
{
    if (*value == '\0' || strlen(value) >= sizeof a->table)
        return err_set(e, "table=%.40s: no such table of %s", value, a->sort->name);
    snprintf(a->table, sizeof a->table, "%s", value);
    return true;
}

/* What is asked for, and in `want` the papers to answer it from: those of all places. */
static bool read_ask(const struct routes *r, const struct httpd_request *q, struct ask *a,
                     struct papers_want *want, struct err *e)
{
    const struct snapshot *s = r->status->snapshot;
    breach_ask_begin(&a->limits, s->rulebook, s);
    if (!routes_read_want(r, q, want, e))
        return false;
    for (size_t i = 0; i < q->param_count; i++) {
        const char *name = q->params[i].name, *value = q->params[i].value;
        if (strcmp(name, "table") == 0 ? !read_table(a, value, e) : !a->sort->read(a, name, value, e))
            return false;
    }
    a->where = (struct case_places){want->localities, want->teams, want->officers};
    *want = (struct papers_want){.as_of = want->as_of, .known_at = want->known_at};
    return true;
}

/* What goes out piece by piece holds these. */
struct held {
    unsigned refs;
    struct papers *papers;
    struct paper *paper;
    const struct sort *sort;
};

static void let_go(struct held *h)
{
    if (--h->refs > 0)
        return;
    paper_free(h->paper);
    papers_unref(h->papers);
    free(h);
}

static int go_on(struct held *h)
{
    return h->sort->step != NULL ? h->sort->step(h->paper) : 0;
}

/* One table, which is there when the paper is made. */
struct one_table {
    struct table_job job;
    struct held *held;
    const struct table *table; /* of the paper */
};

static int table_step(struct table_job *job)
{
    struct one_table *o = (struct one_table *)job;
    const int more = go_on(o->held);
    if (more == 0)
        job->table = *o->table;
    return more;
}

static void table_free(struct table_job *job)
{
    let_go(((struct one_table *)job)->held);
    free(job);
}

static struct table_job *table_of(struct held *h, const struct table *t, const struct table_about *about)
{
    struct one_table *o = malloc(sizeof *o);
    if (o == NULL)
        return NULL;
    *o = (struct one_table){{.table = *t, .about = *about, .step = table_step, .free = table_free}, h, t};
    h->refs++;
    return &o->job;
}

/* All tables of the paper, or the one that was asked for, as sheets. */
static void reply_workbook(struct httpd_reply *reply, struct held *h, const struct table *one,
                           const struct table_about *about, struct ask *a)
{
    struct export x = {.name = h->paper->name, .title = h->paper->title, .about = *about, .asked = a->asked};
    bool made = true;
    a->asked = NULL;
    for (size_t i = 0; made && i < h->paper->n; i++) {
        if (one != NULL && one != &h->paper->tables[i])
            continue;
        x.jobs[x.n] = table_of(h, &h->paper->tables[i], about);
        made = x.jobs[x.n] != NULL;
        x.n += made;
    }
    if (made) {
        export_answer(a->workbooks, reply, &x, strrchr(a->path, '.') == NULL);
    } else {
        export_drop(&x);
        httpd_problem(reply, 500, "Out of memory", "the workbook could not be made");
    }
}

/* The document, which is rendered when the paper is made. */
struct document {
    struct held *held;
    struct table_about about;
    struct buf text;
    size_t at;
    bool made;
};

static ssize_t read_document(void *ctx, char *buf, size_t max)
{
    struct document *d = ctx;
    if (!d->made) {
        const int more = go_on(d->held);
        if (more != 0)
            return more > 0 ? HTTPD_AGAIN : -1;
        struct buf words = {0};
        d->made = true;
        d->held->paper->words(&words, d->held->paper);
        document_json(&d->text, &d->about, &words, d->held->paper->tables, d->held->sort->in_json);
        buf_free(&words);
    }
    if (d->text.failed)
        return -1;
    size_t n = d->text.n - d->at < max ? d->text.n - d->at : max;
    memcpy(buf, d->text.p + d->at, n);
    d->at += n;
    return (ssize_t)n;
}

static void free_document(void *ctx)
{
    struct document *d = ctx;
    let_go(d->held);
    buf_free(&d->text);
    free(d);
}

static void reply_document(struct httpd_reply *reply, struct held *h, const struct table_about *about)
{
    struct document *d = malloc(sizeof *d);
    if (d == NULL) {
        httpd_problem(reply, 500, "Out of memory", "the tables could not be made");
        return;
    }
    *d = (struct document){.held = h, .about = *about};
    h->refs++;
    httpd_reply_stream(reply, 200, TYPE_JSON, read_document, free_document, d);
}

static void answer(void *ctx, struct papers *papers, struct httpd_reply *reply)
{
    struct ask *a = ctx;
    const struct sort *sort = a->sort;
    const struct table_about about = routes_about_papers(papers);
    struct held *h = calloc(1, sizeof *h);
    if (h == NULL || (h->paper = sort->make(a, papers)) == NULL) {
        free(h);
        httpd_problem(reply, 500, "Out of memory", "the %s could not be made", sort->name);
        return;
    }
    h->refs = 1;
    h->papers = papers_ref(papers);
    h->sort = sort;
    const struct table *one = paper_table(h->paper, a->table);
    char name[48];
    snprintf(name, sizeof name, one != NULL ? "%s-%s" : "%s", sort->name, a->table);
    if (a->table[0] != '\0' && one == NULL) {
        httpd_problem(reply, 400, "Unknown value", "table=%s: no such table of %s", a->table, sort->name);
    } else if (a->form == FORM_XLSX) {
        reply_workbook(reply, h, one, &about, a);
    } else {
        if (one == NULL && a->form == FORM_JSON)
            reply_document(reply, h, &about);
        else
            routes_reply_table(reply, a->form,
                               table_of(h, one != NULL ? one : &h->paper->tables[sort->in_csv], &about));
        routes_say_papers(papers, reply);
        routes_say_form(&(struct httpd_request){.path = a->path}, a->form, name, papers->as_of, reply);
    }
    let_go(h);
}

static void serve(const struct sort *sort, const struct routes *r, const struct httpd_request *q,
                  struct httpd_reply *reply)
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
    *a = (struct ask){.sort = sort,
                      .form = routes_form(q, FORMS_BOOK),
                      .workbooks = r->workbooks,
                      .clearance = clearance_ask_default()};
    snprintf(a->path, sizeof a->path, "%s", q->path);
    if (!read_ask(r, q, a, &want, &e)) {
        free_ask(a);
        httpd_problem(reply, 400, "Unknown value", "%s", e.text);
        return;
    }
    a->asked = a->form == FORM_XLSX ? export_asked(q) : NULL;
    papers_ask(r->papers, r, reply, &want, answer, a, free_ask);
}

void routes_forecast(const struct routes *r, const struct httpd_request *q, struct httpd_reply *reply)
{
    serve(&forecast_sort, r, q, reply);
}

void routes_clearance(const struct routes *r, const struct httpd_request *q, struct httpd_reply *reply)
{
    serve(&clearance_sort, r, q, reply);
}
