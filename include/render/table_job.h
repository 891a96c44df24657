/* A table that somebody waits for: worked out in steps, then read in whatever form was asked for.
 *
 * Name, title, columns and `about` are there from the beginning; rows and facts when the last step is done. A job holds what it needs (a
 * snapshot, what was picked from it), so that a slow reader sees one moment throughout. Pure. */
#ifndef EHCWATCH_TABLE_JOB_H
#define EHCWATCH_TABLE_JOB_H

#include "table.h"

/* The first member of what holds the rest. */
struct table_job {
    struct table table;
    struct table_about about;
    int (*step)(struct table_job *job);  /* NULL: there is nothing to do */
    void (*free)(struct table_job *job); /* NULL: nothing to free */
};

/* Some two milliseconds of work. 1: there is more to do; 0: the table is there; -1: out of memory. */
int table_job_step(struct table_job *job) MUST_CHECK;
void table_job_free(struct table_job *job); /* NULL is fine */

/* A table that is there already. `release(held)` is called once, when the job is freed, or now when memory is short; NULL: nothing is
 * held. NULL: out of memory. */
struct table_job *table_job_of(const struct table *t, const struct table_about *about,
                               void (*release)(void *held), void *held);

enum table_format {
    TABLE_CSV,
    TABLE_JSON, /* {about, facts, "items":[…]} */
    TABLE_TEXT, /* for people at a terminal: title, rows, facts */
};

struct table_cursor;

/* Takes the job over, even on failure. NULL: out of memory. */
struct table_cursor *table_cursor_new(struct table_job *job, enum table_format format);
void table_cursor_free(struct table_cursor *c); /* NULL is fine */

#define TABLE_FAILED SIZE_MAX
#define TABLE_AGAIN  (SIZE_MAX - 1)

/* Writes the next 1 to `max` bytes; 0 at the end, TABLE_FAILED when memory is short. One call renders little more than 32 KiB. As long as
 * the job is not done a call does one of its steps and mostly returns TABLE_AGAIN: the first line alone can be written by then, and it is
 * handed out byte by byte, so that a client and what lies between see an answer that gets on. */
size_t table_cursor_read(struct table_cursor *c, char *out, size_t max);

#endif
