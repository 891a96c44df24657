#include <stdlib.h>
#include <string.h>

#include "access.h"
#include "page_list.h"
#include "routes_choices.h"
#include "routes_int.h"

/* A list as a page, on its way: first the papers, for what its filters can be set to, then the rows, then all of it piece by piece. */
struct list_page {
    struct routes_page *page;
    struct table_job *job;
    struct page_list list;
    struct routes_choices choices;
    bool vary; /* the Accept header decided */
    enum { NOT_BEGUN, IN_ROWS, ENDED } phase;
    size_t row;
    struct buf piece; /* rendered, and not yet read from `at` on */
    size_t at;
};

enum { ROWS_AT_ONCE = 64 };

static void list_page_free(void *ctx)
{
    struct list_page *p = ctx;
    if (p == NULL)
        return;
    routes_choices_clear(&p->choices);
    routes_page_free(p->page);
    table_job_free(p->job);
    buf_free(&p->piece);
    free(p);
}

/* The next piece into the empty buffer. */
static void render(struct list_page *p)
{
    if (p->phase == NOT_BEGUN) {
        p->list.choices = &p->choices.choices;
        page_list_begin(&p->piece, &p->list);
        p->phase = IN_ROWS;
    } else if (p->row < p->job->table.n_rows) {
        page_list_rows(&p->piece, &p->list, p->row, ROWS_AT_ONCE);
        p->row += ROWS_AT_ONCE;
    } else {
        page_list_end(&p->piece, &p->list);
        p->phase = ENDED;
    }
}

static ssize_t read_piece(void *ctx, char *buf, size_t max)
{
    struct list_page *p = ctx;
    if (p->phase == NOT_BEGUN) {
        int more = table_job_step(p->job);
        if (more != 0)
            return more > 0 ? HTTPD_AGAIN : -1;
    }
    if (p->at == p->piece.n) {
        if (p->phase == ENDED)
            return 0;
        p->at = p->piece.n = 0;
        render(p);
        if (p->piece.failed)
            return -1;
    }
    size_t n = p->piece.n - p->at < max ? p->piece.n - p->at : max;
    memcpy(buf, p->piece.p + p->at, n);
    p->at += n;
    return (ssize_t)n;
}

static void reply_list(struct list_page *p, struct httpd_reply *reply)
{
    const struct table_about about = p->job->about;
    bool vary = p->vary;
    httpd_reply_stream(reply, 200, TYPE_HTML, read_piece, list_page_free, p);
    routes_guard_page(reply);
    routes_say_about(&about, reply);
    if (vary)
        httpd_reply_header(reply, "Vary", "Accept");
}

/* What waits for the papers; empty once it is answered. */
struct waiting {
    struct list_page *page;
};

static void waiting_free(void *ctx)
{
    struct waiting *w = ctx;
    list_page_free(w->page);
    free(w);
}

static void answer(void *ctx, struct papers *papers, struct httpd_reply *reply)
{
    struct waiting *w = ctx;
    if (!routes_choices_of(&w->page->choices, papers)) {
        httpd_problem(reply, 500, "Out of memory", "the page could not be made");
        return;
    }
    reply_list(w->page, reply);
    w->page = NULL;
}

static struct list_page *list_page_new(const struct routes *r, const struct httpd_request *q,
                                       const struct list_asked *asked, struct table_job *job)
{
    const struct snapshot *s = r->status->snapshot;
    struct list_page *p = calloc(1, sizeof *p);
    if (p == NULL) {
        table_job_free(job);
        return NULL;
    }
    p->job = job;
    p->vary = strrchr(q->path, '.') == NULL;
    p->page = routes_page_new(r, q, &asked->time);
    if (p->page == NULL) {
        list_page_free(p);
        return NULL;
    }
    p->list = (struct page_list){.kind = asked->ask.kind,
                                 .job = job,
                                 .rulebook = s->rulebook, /* which the job's snapshot holds */
                                 .watched = s->limits,
                                 .frame = p->page->frame};
    return p;
}

void routes_list_page(const struct routes *r, const struct httpd_request *q, const struct list_asked *asked,
                      struct table_job *job, struct httpd_reply *reply)
{
    const struct snapshot *s = r->status->snapshot;
    struct papers_want want = {.as_of = s->as_of, .known_at = s->known_at}; /* which are kept, as a rule */
    struct list_page *p = list_page_new(r, q, asked, job);
    if (p != NULL && r->papers == NULL) { /* without them there is nothing to choose from */
        reply_list(p, reply);
        return;
    }
    struct waiting *w = p != NULL ? malloc(sizeof *w) : NULL;
    if (w == NULL) {
        list_page_free(p);
        httpd_problem(reply, 500, "Out of memory", "the page could not be made");
        return;
    }
    w->page = p;
    access_narrow(r->caller, s, &want.teams);
    papers_ask(r->papers, r, reply, &want, answer, w, waiting_free);
}
