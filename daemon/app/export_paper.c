#include "export_paper.h"

static void say(const void *ud, struct buf *b)
{
    const struct paper *paper = paper_hold_paper(ud);
    buf_printf(b, "# %s\n", paper->title);
    paper->words(b, paper);
    if (!b->failed && b->p[b->n - 1] != '\n')
        buf_text(b, "\n");
}

bool export_add_paper(struct export *x, struct paper *paper, paper_step_fn *step, struct papers *papers)
{
    struct paper_hold *h = paper_hold_new(paper, step, papers);
    if (h == NULL)
        return false;
    bool ok = true;
    if (paper->words != NULL && paper->n > 0 && x->n < EXPORT_TABLES_MAX && x->n_words < EXPORT_WORDS_MAX)
        x->words[x->n_words++] = (struct export_words){say, h};
    for (size_t i = 0; ok && i < paper->n && x->n < EXPORT_TABLES_MAX; i++) {
        x->jobs[x->n] = paper_hold_sheet(h, &paper->tables[i], &x->about);
        ok = x->jobs[x->n] != NULL;
        x->n += ok;
    }
    paper_hold_release(h);
    return ok;
}
