/* The lists: what is overdue, what falls due, every case. A table (table_job.h) that is there when its job is done.
 *
 * What the last evaluation found is picked from the snapshot at once; another date, cases by the weeks that they have been open or by the
 * age of the child, what falls due, and the list of cases are worked out case by case, in slices, and then sorted in slices. A job holds its
 * snapshot. Pure. */
#ifndef EHCWATCH_LIST_JOB_H
#define EHCWATCH_LIST_JOB_H

#include "breach_list.h"
#include "table_job.h"

enum list_kind {
    LIST_BREACHES, /* obligations: overdue, the longest first */
    LIST_DUE,      /* obligations: open and not overdue, the soonest first */
    LIST_CASES,    /* cases: the furthest behind first, those without anything open last */
    LIST_KINDS,
};

struct list_want {
    enum list_kind kind;
    struct breach_filter filter;
    /* What it points to outlives the job, but for the calendar, which is copied; limits: those under watch. */
    struct judge_how how;
    bool other; /* the date or the time is not that of the snapshot */
    int64_t evaluated_at;
    int sort; /* index of a column; LIST_OWN_ORDER */
    bool descending;
    size_t page, per_page; /* the page from 1 on; per_page 0: all rows, in one */
    bool terminal;         /* the columns for people at a terminal, in place of all of them */
};

#define LIST_OWN_ORDER (-1)

/* The filter of a list that nothing is asked of: breaches: statutory, breached and excepted; due: statutory, within 28 days of `as_of`; cases: all of
 * them, their obligations of kind statutory. */
struct breach_filter list_filter_default(enum list_kind kind, civil_day as_of);
#define LIST_DUE_WITHIN 28

/* The columns of a list; whether it can be sorted by one of them; its index by name, or -1. */
const struct column *list_columns(enum list_kind kind, size_t *n);
bool list_sortable(enum list_kind kind, int column);
int list_column(enum list_kind kind, const char *name, size_t len);

/* NULL: out of memory. */
struct table_job *list_job_new(struct snapshot *s, const struct list_want *want);

/* Of a job that is done: how many rows there are in all, and which of them the table has. */
struct list_pages {
    size_t rows, page, per_page, pages; /* per_page 0: one page, of all rows */
};

struct list_pages list_job_pages(const struct table_job *job);

#endif
