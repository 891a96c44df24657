/* Tables as the sheets of a workbook: a summary first, then a sheet for each table, or for each limit of a list. What an xlsx_maker is fed
 * with. */
#ifndef EHCWATCH_EXPORT_BOOK_H
#define EHCWATCH_EXPORT_BOOK_H

#include "rulebook.h"
#include "table_job.h"
#include "xlsx_feed.h"

#define EXPORT_TABLES_MAX 32
#define EXPORT_WORDS_MAX  8

/* What is to be exported. */
struct export
{
    const char *name;  /* of the file: "breaches" */
    const char *title; /* "Overdue"; both outlive the export */
    struct table_about about;
    struct table_job
        *jobs[EXPORT_TABLES_MAX]; /* owned; they are done on the way, and hold the rulebook's version */
    size_t n;
    /* A list of obligations, which is the only table then: its columns `limit` and `state` say which sheet a row is on and what the
     * summary counts; sheets stand in the order of this rulebook, which the job holds. NULL: a sheet for each table. */
    const struct rulebook *by_limit;
    char *asked; /* what the list was narrowed by, from export_asked, or NULL; owned */
    struct export_words {
        void (*say)(const void *ud, struct buf *b);
        const void *ud; /* held by one of the jobs */
    } words
        [EXPORT_WORDS_MAX]; /* lines for the end of the summary, those that begin with # headings; asked for when the tables are there */
    size_t n_words;
    size_t rows_max; /* of a sheet, before another one goes on; 0: what Excel takes */
};

/* Frees what it owns. */
void export_drop(const struct export *x);

struct export_book;

/* `x` is copied; takes over what it owns, even on failure. NULL: out of memory. */
struct export_book *export_book_new(const struct export *x);
void export_book_free(struct export_book *b); /* NULL is fine */

/* For xlsx_fill_fn: a few hundred rows at a time. 1: there is more; 0: that was all; -1: out of memory. */
int export_book_fill(struct export_book *b, struct xlsx_feed *f);

#endif
