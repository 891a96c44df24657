/* A table of table.h as HTML: a caption, headers with their scope, numbers to the right, dates as people write them, references as
 * links to their case and states as tags (rag.h). Pure.
 *
 * It stands in a region that can be scrolled sideways by keyboard, because a wide table is not made narrow by cutting it. */
#ifndef EHCWATCH_PAGE_TABLE_H
#define EHCWATCH_PAGE_TABLE_H

#include "page_cell.h"
#include "page_query.h"
#include "rulebook.h"
#include "table.h"

struct page_table {
    const struct table *table;
    const char *id;             /* of the element, one a page: letters, digits and - */
    const char *caption;        /* NULL: the table's own title */
    const char *const *columns; /* names of those to show, in this order, NULL at the end; NULL: all */
    const char *optional;       /* one of them that is left out when its rows are all empty; NULL: none is */
    size_t first, n;            /* which rows: n from first on, as far as there are any */
    const char *bar;            /* name of a column of counts or shares that is drawn as well; NULL: none */
    bool funnel;                /* its bars are centred */
    const char *const *stack;   /* columns of counts, drawn as one bar under what names the row; NULL: none */
    const char *empty;          /* a sentence in place of a table without rows; NULL: "None." */
    const char *
        drill; /* a path of ours: names of localities, teams and officers lead there, narrowed to them; NULL: to nowhere */
    bool names_rows; /* the first column shown says what a row is about: a header of the row */
    const struct rulebook *
        rulebook; /* whose limits are shown by their titles, where a column `limit` or `next_limit` has an id; NULL: as they are */
    const struct page_query *query; /* for links */
    const char *path;         /* of the list, where columns are links that sort by them; NULL: they are not */
    const char *const *sorts; /* names of the columns that can be sorted by; NULL: all */
};

#define PAGE_ALL_ROWS SIZE_MAX

void page_table(struct buf *b, const struct page_table *t);

/* The same in pieces, for long ones; rows as far as there are any. */
void page_table_begin(struct buf *b, const struct page_table *t);
void page_table_rows(struct buf *b, const struct page_table *t, size_t first, size_t n);
void page_table_end(struct buf *b);

/* What stands beside the rows, as a list of terms; nothing when there is nothing. */
void page_facts(struct buf *b, const struct table *t);

#endif
