/* An export's own view of itself: its sheets and rows (export_book.c) and its summary (export_summary.c). */
#ifndef EHCWATCH_EXPORT_INT_H
#define EHCWATCH_EXPORT_INT_H

#include "evaluate.h"
#include "export_book.h"

#define SUMMARY 0 /* the first sheet */

#define STATE_NAMES (STATE_COUNT + 1) /* and what is none of them */

/* The rows of one limit. */
struct group {
    char *id;
    const struct limit *limit; /* NULL: the rulebook has none of that name */
    size_t order;              /* in the rulebook */
    size_t states[STATE_NAMES], rows;
    size_t sheet, written; /* where its rows begin, and how many are there */
};

struct export_book {
    struct export x;
    size_t limit_column, state_column;
    struct group *groups;
    size_t n, cap;
    size_t last; /* the group of the row before */
    size_t table, row, sheet;
    enum { BOOK_STEPS, BOOK_COUNT, BOOK_BEGIN, BOOK_ROWS } phase;
};

/* The same value as in the other forms. */
struct xlsx_cell export_cell(const struct cell *c, int decimals);

/* The rows of the first sheet; the rows of a list are counted. */
void export_summary(const struct export_book *b, struct xlsx_feed *f);

#endif
