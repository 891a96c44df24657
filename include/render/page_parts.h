/* Parts that the sections of a page are made of. Pure. */
#ifndef EHCWATCH_PAGE_PARTS_H
#define EHCWATCH_PAGE_PARTS_H

#include "chart.h"
#include "page_table.h"
#include "paper.h"

/* Paragraphs, a line each in `words`, which may have failed: the first `n` as they are, the others folded away under `summary`. */
void page_words(struct buf *b, const struct buf *words, size_t n, const char *summary);

/* The words of a paper. */
void page_paper_words(struct buf *b, const struct paper *p, size_t n);

/* Key figures: begun, one after the other, ended. `value` is HTML of ours. */
void page_figures_begin(struct buf *b);
void page_figure(struct buf *b, const char *label, const struct cell *value, int decimals);
void page_figures_end(struct buf *b);

/* The fact of that name of a table as a key figure; nothing when there is none. NULL label: its own title. */
void page_fact(struct buf *b, const struct table *t, const char *name, const char *label);

/* Links to the same as files: stem ".xlsx", ".csv", ".json", with what is kept of the query, and with table= for CSV, unless it is NULL. */
void page_files(struct buf *b, const char *stem, const char *table, const char *what,
                const struct page_query *q, enum page_keep keep);

/* Lines over time from a table: each of a column, over its rows or those in which the column `match` says `value` (NULL: all). At a row
 * without a date they have a gap. */
struct page_line {
    const char *name, *column, *match, *value;
};

struct page_chart {
    const char *id, *title, *description;
    const struct table *table;
    const char *day; /* column of dates */
    size_t first;    /* row */
    const char
        *whole; /* column that says whether a row's period is whole: others are left out; NULL: all are in */
    const char *breaks; /* column that says whether the lines begin anew at a row; NULL: at none */
    const struct page_line *line;
    size_t n_lines; /* at most CHART_LINES */
    bool share;
    double target; /* not a number: none */
    const char *target_name;
};

/* Nothing when there is too little to draw. */
void page_chart(struct buf *b, const struct page_chart *c);

/* Whether a cell is this text; false when there is no such column. */
bool page_says(const struct table *t, size_t row, size_t column, const char *text);

#endif
