/* The page for the weekly demand meeting, section by section in the order of its talk: what is overdue, what will be, what changed, where
 * the work is stuck, the published figure beside the hidden one, what can still be saved, how it has gone, and everything as files.
 *
 * Every number is a cell of a table of table.h, the one that is also CSV, JSON and a workbook. Pure. */
#ifndef EHCWATCH_PAGE_PAPERS_H
#define EHCWATCH_PAGE_PAPERS_H

#include "page_list.h"
#include "paper.h"

/* All borrowed. A part that is NULL is not known, and its section says so. */
struct page_papers {
    struct page_frame frame;
    const struct rulebook *rulebook;
    const struct page_choices *choices;
    const struct paper *overdue, *trend, *figures, *stuck, *flow; /* flow: by month */
    const struct paper *changes;
    const struct paper *forecast, *clearance;
    const struct table *worst, *soonest; /* the first rows of the lists */

    size_t piece, part; /* page_papers' own: 0 at first */
};

/* Renders the next piece: what comes before the sections, each of them, what comes behind; one with a row for every officer in parts. False:
 * there is none left. */
bool page_papers(struct buf *b, struct page_papers *p);

#endif
