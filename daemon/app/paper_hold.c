#include "paper_hold.h"

#include <stdio.h>
#include <stdlib.h>

struct paper_hold {
    unsigned refs;
    struct papers *papers;
    struct paper *paper;
    paper_step_fn *step;
};

struct paper_hold *paper_hold_new(struct paper *paper, paper_step_fn *step, struct papers *papers)
{
    struct paper_hold *h = paper != NULL ? malloc(sizeof *h) : NULL;
    if (h == NULL) {
        paper_free(paper);
        return NULL;
    }
    *h = (struct paper_hold){1, papers_ref(papers), paper, step};
    return h;
}

struct paper_hold *paper_hold_ref(struct paper_hold *h)
{
    h->refs++;
    return h;
}

void paper_hold_release(void *hold)
{
    struct paper_hold *h = hold;
    if (--h->refs > 0)
        return;
    paper_free(h->paper);
    papers_unref(h->papers);
    free(h);
}

const struct paper *paper_hold_paper(const struct paper_hold *h)
{
    return h->paper;
}

int paper_hold_step(struct paper_hold *h)
{
    return h->step != NULL ? h->step(h->paper) : 0;
}

/* --- a table ------------------------------------------------------------------------------------------------------------- */

struct held_table {
    struct table_job job;
    struct paper_hold *hold;
    const struct table *table; /* of the paper */
    char name[48];
};

static int table_step(struct table_job *job)
{
    struct held_table *t = (struct held_table *)job;
    const int more = paper_hold_step(t->hold);
    if (more != 0)
        return more;
    job->table = *t->table;
    job->table.name = t->name;
    return 0;
}

static void table_free(struct table_job *job)
{
    paper_hold_release(((struct held_table *)job)->hold);
    free(job);
}

static struct table_job *held_table(struct paper_hold *h, const struct table *t,
                                    const struct table_about *about, const char *before)
{
    struct held_table *held = malloc(sizeof *held);
    if (held == NULL)
        return NULL;
    held->job = (struct table_job){.table = *t, .about = *about, .step = table_step, .free = table_free};
    held->hold = paper_hold_ref(h);
    held->table = t;
    snprintf(held->name, sizeof held->name, "%s%s%s", before, *before != '\0' ? " " : "", t->name);
    return &held->job;
}

struct table_job *paper_hold_table(struct paper_hold *h, const struct table *t,
                                   const struct table_about *about)
{
    return held_table(h, t, about, "");
}

struct table_job *paper_hold_sheet(struct paper_hold *h, const struct table *t,
                                   const struct table_about *about)
{
    return held_table(h, t, about, h->paper->n > 1 ? h->paper->name : "");
}
