#include "routes_int.h"

#include <string.h>

#include "breach_ask.h"
#include "export.h"
#include "quality_table.h"
#include "quality_text.h"

const char *const routes_quality_params[] = {"kind", "locality", "team", "officer", NULL};

/* Takes one kind, or several between commas. */
static bool take_kinds(uint32_t *kinds, const char *value, struct err *e)
{
    for (;; value++) {
        size_t len = strcspn(value, ",");
        enum finding_kind k = finding_by_id(value, len);
        if (k == FINDING_COUNT)
            return err_set(e, "kind=%.*s: no such kind of finding", (int)len, value);
        *kinds |= UINT32_C(1) << k;
        value += len;
        if (*value == '\0')
            return true;
    }
}

static bool read_filter(struct quality_filter *f, const struct snapshot *s, bool narrow,
                        const struct httpd_request *q, struct err *e)
{
    struct breach_ask places;
    uint32_t kinds = 0;
    breach_ask_begin(&places, s->rulebook, s);
    places.narrow = narrow;
    for (size_t i = 0; i < q->param_count; i++) {
        const char *name = q->params[i].name, *value = q->params[i].value;
        if (strcmp(name, "kind") == 0 ? !take_kinds(&kinds, value, e)
                                      : !breach_ask_take(&places, name, value, e))
            return false;
    }
    *f = quality_filter_default();
    if (kinds != 0)
        f->kinds = kinds;
    f->localities = places.filter.localities;
    f->teams = places.filter.teams;
    f->officers = places.filter.officers;
    return true;
}

static ssize_t read_piece(void *ctx, char *buf, size_t max)
{
    size_t n = quality_cursor_read(ctx, buf, max);
    return n == QUALITY_TEXT_FAILED ? -1 : (ssize_t)n;
}

static void free_cursor(void *ctx)
{
    quality_cursor_free(ctx);
}

static void reply_workbook(const struct routes *r, const struct httpd_request *q, struct quality_list *list,
                           struct httpd_reply *reply)
{
    struct table_job *job = list != NULL ? quality_table(list, r->status->evaluated_at) : NULL;
    if (job == NULL) {
        httpd_problem(reply, 500, "Out of memory", "the list could not be made");
        return;
    }
    const struct export x = {.name = job->table.name,
                             .title = job->table.title,
                             .about = job->about,
                             .jobs = {job},
                             .n = 1,
                             .asked = export_asked(q)};
    export_answer(r->workbooks, reply, &x, routes_form_accepted(q));
}

void routes_quality(const struct routes *r, const struct httpd_request *q, struct httpd_reply *reply)
{
    const struct status *s = r->status;
    struct err e = {""};
    const enum answer_form form = routes_form(q, FORMS_BOOK);
    struct snapshot *snapshot = routes_snapshot(s, reply);
    if (snapshot == NULL)
        return;
    struct quality_filter filter;
    if (!read_filter(&filter, snapshot, access_is_narrow(r->caller), q, &e)) {
        httpd_problem(reply, 400, "Unknown value", "%s", e.text);
        return;
    }
    access_narrow(r->caller, snapshot, &filter.teams);
    struct quality_list *list = quality_list_new(snapshot, &filter);
    if (form == FORM_XLSX) {
        reply_workbook(r, q, list, reply);
        return;
    }
    struct quality_cursor *cursor =
        list != NULL
            ? quality_cursor_new(list, form == FORM_CSV ? QUALITY_CSV : QUALITY_JSON, s->evaluated_at)
            : NULL;
    if (cursor == NULL) {
        httpd_problem(reply, 500, "Out of memory", "the list could not be made");
        return;
    }
    httpd_reply_stream(reply, 200, answer_types[form].content_type, read_piece, free_cursor, cursor);
    routes_say_as_of(s, &(struct routes_time){snapshot->as_of, snapshot->known_at, false}, reply);
    routes_say_form(q, form, "data-quality", snapshot->as_of, reply);
}
