#include "export_paper.h"

#include "log.h"

static void say(const void *ud, struct buf *b)
{
    const struct paper *paper = paper_hold_paper(ud);
    buf_printf(b, "# %s\n", paper->title);
    paper->words(b, paper);
    if (!b->failed && b->p[b->n - 1] != '\n')
        buf_text(b, "\n");
}

/* A sheet that is left out without a word would look like one that has nothing to say. */
static bool has_room(const struct export *x, const struct paper *paper)
{
    const bool words = paper->words != NULL && paper->n > 0;
    if (paper->n <= EXPORT_TABLES_MAX - x->n && x->n_words + words <= EXPORT_WORDS_MAX)
        return true;
    log_ev(LOG_CRIT, "export_full", LOG_NO_FIELDS,
           "%s: a workbook has room for %d tables and %d texts, and no more", paper->name, EXPORT_TABLES_MAX,
           EXPORT_WORDS_MAX);
    return false;
}

bool export_add_paper(struct export *x, struct paper *paper, paper_step_fn *step, struct papers *papers)
{
    struct paper_hold *h = paper_hold_new(paper, step, papers);
    if (h == NULL)
        return false;
    bool ok = has_room(x, paper);
    if (ok && paper->words != NULL && paper->n > 0)
        x->words[x->n_words++] = (struct export_words){say, h};
    for (size_t i = 0; ok && i < paper->n; i++) {
        x->jobs[x->n] = paper_hold_sheet(h, &paper->tables[i], &x->about);
        ok = x->jobs[x->n] != NULL;
        x->n += ok;
    }
    paper_hold_release(h);
    return ok;
}
