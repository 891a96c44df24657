#include "access.h"
#include "clock.h"
#include "export.h"
#include "routes_int.h"

static ssize_t read_piece(void *ctx, char *buf, size_t max)
{
    const size_t n = table_cursor_read(ctx, buf, max);
    if (n == TABLE_AGAIN)
        return HTTPD_AGAIN;
    return n == TABLE_FAILED ? -1 : (ssize_t)n;
}

static void free_cursor(void *ctx)
{
    table_cursor_free(ctx);
}

void routes_reply_table(struct httpd_reply *reply, enum answer_form form, struct table_job *job)
{
    struct table_cursor *c = table_cursor_new(job, form == FORM_CSV ? TABLE_CSV : TABLE_JSON);
    if (c == NULL)
        httpd_problem(reply, 500, "Out of memory", "the table could not be made");
    else
        httpd_reply_stream(reply, 200, answer_types[form].content_type, read_piece, free_cursor, c);
}

static bool read_words(struct list_ask *a, const struct httpd_request *q, struct err *e)
{
    for (size_t i = 0; i < q->param_count; i++)
        if (!routes_is_time(q->params[i].name) && !list_ask_take(a, q->params[i].name, q->params[i].value, e))
            return false;
    return true;
}

struct table_job *routes_list_job(const struct routes *r, const struct httpd_request *q, enum list_kind kind,
                                  long per_page, struct list_asked *asked, struct httpd_reply *reply)
{
    const struct status *s = r->status;
    struct err e = {""};
    struct snapshot *snapshot = routes_snapshot(s, reply);
    if (snapshot == NULL)
        return NULL;
    list_ask_begin(&asked->ask, kind, snapshot->rulebook, snapshot);
    asked->ask.breach.narrow = access_is_narrow(r->caller);
    if (!read_words(&asked->ask, q, &e) || !routes_read_time(s, q, &asked->time, &e)) {
        httpd_problem(reply, 400, "Unknown value", "%s", e.text);
        return NULL;
    }
    const struct judge_how how = routes_how(s, &asked->time);
    asked->want = list_ask_want(&asked->ask, &how, per_page);
    access_narrow_filter(r->caller, snapshot, &asked->want.filter);
    asked->want.other = asked->time.other;
    asked->want.evaluated_at = asked->time.other ? clock_wall_us() : s->evaluated_at;
    struct table_job *job = list_job_new(snapshot, &asked->want);
    if (job == NULL)
        httpd_problem(reply, 500, "Out of memory", "the list could not be made");
    return job;
}

static void as_table(const struct routes *r, const struct httpd_request *q, const struct list_asked *asked,
                     struct table_job *job, struct httpd_reply *reply)
{
    const enum answer_form form = routes_form(q, FORMS_LIST);
    const char *name = job->table.name;
    routes_reply_table(reply, form, job);
    routes_say_as_of(r->status, &asked->time, reply);
    routes_say_form(q, form, name, asked->time.as_of, reply);
}

static void as_workbook(const struct routes *r, const struct httpd_request *q, const struct list_asked *asked,
                        struct table_job *job, struct httpd_reply *reply)
{
    const struct export x = {
        .name = job->table.name,
        .title = job->table.title,
        .about = job->about,
        .jobs = {job},
        .n = 1,
        .by_limit = asked->want.kind != LIST_CASES ? asked->want.how.rulebook : NULL,
        .asked = export_asked(q),
    };
    export_answer(r->workbooks, reply, &x, routes_form_accepted(q));
}

static const struct {
    list_answer_fn *answer;
    long per_page; /* 0: all rows, unless pages are asked for */
} forms[FORM_COUNT] = {
    [FORM_JSON] = {as_table, 0},
    [FORM_HTML] = {routes_list_page, LIST_PER_PAGE},
    [FORM_CSV] = {as_table, 0},
    [FORM_XLSX] = {as_workbook, 0},
};

static void answer(const struct routes *r, const struct httpd_request *q, enum list_kind kind,
                   struct httpd_reply *reply)
{
    const enum answer_form form = routes_form(q, FORMS_LIST);
    struct list_asked asked;
    struct table_job *job = routes_list_job(r, q, kind, forms[form].per_page, &asked, reply);
    if (job != NULL)
        forms[form].answer(r, q, &asked, job, reply);
}

void routes_breaches(const struct routes *r, const struct httpd_request *q, struct httpd_reply *reply)
{
    answer(r, q, LIST_BREACHES, reply);
}

void routes_due(const struct routes *r, const struct httpd_request *q, struct httpd_reply *reply)
{
    answer(r, q, LIST_DUE, reply);
}

void routes_cases(const struct routes *r, const struct httpd_request *q, struct httpd_reply *reply)
{
    answer(r, q, LIST_CASES, reply);
}
