#include "routes_paper.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "export.h"

void paper_ask_begin(struct paper_ask *a, const struct paper_kind *kind, const struct routes *r,
                     const struct httpd_request *q)
{
    *a = (struct paper_ask){.kind = kind, .form = routes_form(q, FORMS_BOOK), .workbooks = r->workbooks};
    snprintf(a->path, sizeof a->path, "%s", q->path);
    a->asked = a->form == FORM_XLSX ? export_asked(q) : NULL;
}

void paper_ask_clear(struct paper_ask *a)
{
    free(a->asked);
}

bool paper_ask_table(struct paper_ask *a, const char *value, struct err *e)
{
    if (*value == '\0' || strlen(value) >= sizeof a->table)
        return err_set(e, "table=%.40s: no such table of %s", value, a->kind->name);
    snprintf(a->table, sizeof a->table, "%s", value);
    return true;
}

static void out_of_memory(struct httpd_reply *reply)
{
    httpd_problem(reply, 500, "Out of memory", "the tables could not be made");
}

/* All tables of the paper, or the one that was asked for, as sheets. */
static void reply_workbook(struct paper_ask *a, struct httpd_reply *reply, struct paper_hold *h,
                           const struct table *one, const struct table_about *about)
{
    const struct paper *paper = paper_hold_paper(h);
    struct export x = {.name = paper->name, .title = paper->title, .about = *about, .asked = a->asked};
    bool made = true;
    a->asked = NULL;
    for (size_t i = 0; made && i < paper->n; i++) {
        if (one != NULL && one != &paper->tables[i])
            continue;
        x.jobs[x.n] = paper_hold_table(h, &paper->tables[i], about);
        made = x.jobs[x.n] != NULL;
        x.n += made;
    }
    if (made) {
        export_answer(a->workbooks, reply, &x, strrchr(a->path, '.') == NULL);
    } else {
        export_drop(&x);
        out_of_memory(reply);
    }
}

/* --- the document -------------------------------------------------------------------------------------------------------- */

struct document {
    struct paper_hold *hold; /* the cursor's */
    struct paper_cursor *cursor;
    bool there; /* the tables */
};

static ssize_t read_document(void *ctx, char *buf, size_t max)
{
    struct document *d = ctx;
    if (!d->there) {
        const int more = paper_hold_step(d->hold);
        if (more != 0)
            return more > 0 ? HTTPD_AGAIN : -1;
        d->there = true;
    }
    size_t n = paper_cursor_read(d->cursor, buf, max);
    return n == TABLE_FAILED ? -1 : (ssize_t)n;
}

static void free_document(void *ctx)
{
    struct document *d = ctx;
    paper_cursor_free(d->cursor);
    free(d);
}

static void reply_document(struct httpd_reply *reply, struct paper_hold *h, size_t tables,
                           const struct table_about *about)
{
    struct document *d = malloc(sizeof *d);
    struct paper_cursor *c = d != NULL ? paper_cursor_new(paper_hold_paper(h), tables, about,
                                                          paper_hold_release, paper_hold_ref(h))
                                       : NULL;
    if (c == NULL) {
        free(d);
        out_of_memory(reply);
        return;
    }
    *d = (struct document){.hold = h, .cursor = c};
    httpd_reply_stream(reply, 200, TYPE_JSON, read_document, free_document, d);
}

void paper_answer(struct paper_ask *a, struct paper *paper, struct papers *papers, struct httpd_reply *reply)
{
    const struct paper_kind *kind = a->kind;
    const struct table_about about = routes_about_papers(papers);
    struct paper_hold *h = paper_hold_new(paper, kind->step, papers);
    if (h == NULL) {
        out_of_memory(reply);
        return;
    }
    const struct table *one = paper_table(paper, a->table);
    char name[48];
    snprintf(name, sizeof name, one != NULL ? "%s-%s" : "%s", kind->name, a->table);
    if (a->table[0] != '\0' && one == NULL) {
        httpd_problem(reply, 400, "Unknown value", "table=%s: no such table of %s", a->table, kind->name);
    } else if (a->form == FORM_XLSX) {
        reply_workbook(a, reply, h, one, &about);
    } else {
        if (one == NULL && a->form == FORM_JSON && kind->in_json > 0)
            reply_document(reply, h, kind->in_json, &about);
        else
            routes_reply_table(reply, a->form,
                               paper_hold_table(h, one != NULL ? one : &paper->tables[kind->in_csv], &about));
        routes_say_papers(papers, reply);
        routes_say_form(&(struct httpd_request){.path = a->path}, a->form, name, papers->as_of, reply);
    }
    paper_hold_release(h);
}
