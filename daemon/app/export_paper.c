#include "export_paper.h"

#include <stdio.h>
#include <stdlib.h>

/* A paper whose tables are being read. */
struct held {
    unsigned refs; /* its tables */
    struct papers *papers;
    struct paper *paper;
    export_step_fn *step;
};

static void let_go(struct held *h)
{
    if (--h->refs > 0)
        return;
    paper_free(h->paper);
    papers_unref(h->papers);
    free(h);
}

static void say(const void *ud, struct buf *b)
{
    const struct held *h = ud;
    buf_printf(b, "# %s\n", h->paper->title);
    h->paper->words(b, h->paper);
    if (!b->failed && b->p[b->n - 1] != '\n')
        buf_text(b, "\n");
}

/* A table, which is there when the paper is made. */
struct sheet {
    struct table_job job;
    struct held *held;
    const struct table *table; /* of the paper */
    char name[48];
};

static int sheet_step(struct table_job *job)
{
    struct sheet *s = (struct sheet *)job;
    const int more = s->held->step != NULL ? s->held->step(s->held->paper) : 0;
    if (more != 0)
        return more;
    job->table = *s->table;
    job->table.name = s->name;
    return 0;
}

static void sheet_free(struct table_job *job)
{
    struct sheet *s = (struct sheet *)job;
    let_go(s->held);
    free(s);
}

static bool add_table(struct export *x, struct held *h, const struct table *t)
{
    struct sheet *s = calloc(1, sizeof *s);
    if (s == NULL)
        return false;
    *s = (struct sheet){.job = {.table = *t, .about = x->about, .step = sheet_step, .free = sheet_free},
                        .held = h,
                        .table = t};
    if (h->paper->n > 1)
        snprintf(s->name, sizeof s->name, "%s %s", h->paper->name, t->name);
    else
        snprintf(s->name, sizeof s->name, "%s", t->name);
    h->refs++;
    x->jobs[x->n++] = &s->job;
    return true;
}

bool export_add_paper(struct export *x, struct paper *paper, export_step_fn *step, struct papers *papers)
{
    struct held *h = paper != NULL ? calloc(1, sizeof *h) : NULL;
    if (h == NULL) {
        paper_free(paper);
        return false;
    }
    *h = (struct held){1, papers_ref(papers), paper, step};
    bool ok = true;
    if (paper->words != NULL && paper->n > 0 && x->n < EXPORT_TABLES_MAX && x->n_words < EXPORT_WORDS_MAX)
        x->words[x->n_words++] = (struct export_words){say, h};
    for (size_t i = 0; ok && i < paper->n && x->n < EXPORT_TABLES_MAX; i++)
        ok = add_table(x, h, &paper->tables[i]);
    let_go(h);
    return ok;
}
