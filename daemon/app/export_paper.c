#include "export_paper.h"

#include <stdio.h>
#include <stdlib.h>

/* A paper whose tables are being read. */
struct held {
    unsigned refs; /* its tables */
    struct papers *papers;
    struct paper *paper;
    char names[EXPORT_TABLES_MAX][40];
};

static void let_go(void *ud)
{
    struct held *h = ud;
    if (--h->refs > 0)
        return;
    paper_free(h->paper);
    papers_unref(h->papers);
    free(h);
}

/* What was there before, and the words of the paper below its title. */
static bool add_words(struct export *x, const struct paper *paper)
{
    struct buf b = {0};
    size_t n;
    if (paper->words == NULL)
        return true;
    if (x->notes != NULL)
        buf_text(&b, x->notes);
    buf_printf(&b, "# %s\n", paper->title);
    paper->words(&b, paper);
    if (!b.failed && b.p[b.n - 1] != '\n')
        buf_text(&b, "\n");
    free(x->notes);
    x->notes = buf_take(&b, &n);
    return x->notes != NULL;
}

static bool add_table(struct export *x, struct held *h, size_t i)
{
    const struct table *t = &h->paper->tables[i];
    h->refs++;
    struct table_job *job = table_job_of(t, &x->about, let_go, h);
    if (job == NULL)
        return false;
    if (h->paper->n > 1)
        snprintf(h->names[i], sizeof h->names[i], "%s %s", h->paper->name, t->name);
    else
        snprintf(h->names[i], sizeof h->names[i], "%s", t->name);
    job->table.name = h->names[i];
    x->jobs[x->n++] = job;
    return true;
}

bool export_add_paper(struct export *x, struct paper *paper, struct papers *papers)
{
    struct held *h = paper != NULL ? calloc(1, sizeof *h) : NULL;
    if (h == NULL) {
        paper_free(paper);
        return false;
    }
    *h = (struct held){.refs = 1, .papers = papers_ref(papers), .paper = paper};
    bool ok = add_words(x, paper);
    for (size_t i = 0; ok && i < paper->n && x->n < EXPORT_TABLES_MAX; i++)
        ok = add_table(x, h, i);
    let_go(h);
    return ok;
}
