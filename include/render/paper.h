/* A paper of the meeting: some tables about one thing, and what they say in words. What /v1/figures, /v1/stuck and /v1/flow answer, a page
 * shows and a workbook has as sheets. Pure. */
#ifndef EHCWATCH_PAPER_H
#define EHCWATCH_PAPER_H

#include "table_job.h"

/* The first member of what holds the rest. What it was made from outlives it. */
struct paper {
    const char *name, *title; /* "figures", "Published figures and open cases" */
    const struct table *tables;
    size_t n;                                                /* the facts are those of the first table */
    void (*words)(struct buf *b, const struct paper *paper); /* paragraphs, each a line; NULL: none */
    void (*free)(struct paper *paper);
};

void paper_free(struct paper *p); /* NULL is fine */

/* The table of that name, or NULL. */
const struct table *paper_table(const struct paper *p, const char *name);

#define PAPER_ALL SIZE_MAX /* tables */

/* {about, facts of the first table, "explanation":["…",…], "NAME":[rows],…}: so many of the first tables, at least one, piece by piece; the
 * paper is looked at when it is read. `release(held)` is called once, when the cursor is freed, or now when memory is short. NULL: out of
 * memory. */
struct paper_cursor;
struct paper_cursor *paper_cursor_new(const struct paper *p, size_t tables, const struct table_about *about,
                                      void (*release)(void *held), void *held);
void paper_cursor_free(struct paper_cursor *c); /* NULL is fine */

/* Writes the next 1 to `max` bytes; 0 at the end, TABLE_FAILED when memory is short. One call renders little more than 16 KiB. */
size_t paper_cursor_read(struct paper_cursor *c, char *out, size_t max);

#endif
