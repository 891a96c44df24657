/* What a workbook is made of, as bytes: how the loop tells the thread.
 *
 * Nothing is shared between the two but these bytes, so that a row may come from anywhere: what it was made from need not be
 * immutable, nor live longer than the call. */
#ifndef EHCWATCH_XLSX_FEED_H
#define EHCWATCH_XLSX_FEED_H

#include "xlsx.h"

struct xlsx_feed {
    unsigned char *p;
    size_t n, cap;
    bool failed; /* memory was short: what was to be added is lost */
};

/* First once what the workbook says of itself, then sheets and rows; a sheet before its rows. All of it is copied. */
void xlsx_feed_about(struct xlsx_feed *f, const struct xlsx_about *about);
void xlsx_feed_sheet(struct xlsx_feed *f, const struct xlsx_sheet *sheet);
void xlsx_feed_row(struct xlsx_feed *f, size_t sheet, const struct xlsx_cell *cells, size_t n);

/* The same, cell by cell: n of them follow. */
void xlsx_feed_begin_row(struct xlsx_feed *f, size_t sheet, size_t n);
void xlsx_feed_cell(struct xlsx_feed *f, const struct xlsx_cell *cell);

#define XLSX_COLUMNS_MAX 64 /* of a sheet */

/* Whether it is time to hand it over: some 32 KiB, which is some hundreds of rows. */
bool xlsx_feed_full(const struct xlsx_feed *f);

void xlsx_feed_free(struct xlsx_feed *f);

/* On the thread: does what the bytes say. *x is made by the first call. */
bool xlsx_feed_play(const struct xlsx_feed *f, struct xlsx **x, const char *dir, const atomic_bool *cancelled,
                    struct err *e) MUST_CHECK;

#endif
