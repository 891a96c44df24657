/* A table: what every list and every one of the meeting's papers is, before it becomes CSV, JSON, text, a page or a workbook.
 *
 * Typed cells, asked for one by one, so that the forms cannot disagree: a date is a date everywhere. A table says nothing of a
 * child but the case reference; a birth date is no cell. Pure. */
#ifndef EHCWATCH_TABLE_H
#define EHCWATCH_TABLE_H

#include <stddef.h>

#include "buf.h"
#include "civil.h"

enum cell_type {
    CELL_NONE, /* empty; in JSON null */
    CELL_TEXT,
    CELL_INT,
    CELL_NUMBER,
    CELL_SHARE, /* 0.203 is 20.3 % */
    CELL_DATE,
    CELL_CASE,  /* a case reference: a page links it */
    CELL_STATE, /* the name of an enum state: a page marks it */
    CELL_BOOL,
    CELL_TIME, /* an instant */
};

/* A value. Texts may hold anything that the source held, bytes that are no UTF-8 too. */
struct cell {
    enum cell_type type;
    const char *
        text; /* TEXT, CASE, STATE: `len` bytes, borrowed until the next call on the table; no NUL behind them */
    size_t len;
    int64_t n;     /* INT; BOOL: 0 or 1; TIME: microseconds since 1970 */
    double x;      /* NUMBER, SHARE */
    civil_day day; /* DATE; CIVIL_NONE: empty */
};

struct cell cell_text(const char *s); /* until the NUL */
struct cell cell_chars(const char *s, size_t len);
struct cell cell_case(const char *s, size_t len);
struct cell cell_state(const char *name);
struct cell cell_int(int64_t n);
struct cell cell_number(double x);
struct cell cell_share(double x);                      /* not a number: empty; so cell_number */
struct cell cell_ratio(uint64_t part, uint64_t whole); /* a share of a count; of 0: empty */
struct cell cell_date(civil_day d);
struct cell cell_bool(bool b);
struct cell cell_time(int64_t us);

bool cell_is_text(const struct cell *c); /* TEXT, CASE, STATE: `text` and `len` are set */

struct column {
    const char *name;    /* header of CSV, member of JSON: lower case, no blank; it does not change */
    const char *title;   /* for people: "Due on"; header of a page and of XLSX, once in a table */
    enum cell_type type; /* of all cells that are not empty */
    int width;           /* in characters */
    int decimals; /* NUMBER, SHARE: digits behind the point in CSV and JSON; a page shows a share as a percentage with two less */
};

/* What stands beside the rows: totals, a method, a source. In JSON a member of the head. */
struct table_fact {
    const char *name, *title; /* title NULL: the name; "": none, the value says all */
    int decimals;             /* NUMBER, SHARE */
    struct cell value;
};

typedef void table_cell_fn(const void *ud, size_t row, size_t column, struct cell *out);

struct table {
    const char *name;  /* "breaches": of a file, a sheet; no blank */
    const char *title; /* "Overdue" */
    const struct column *columns;
    size_t n_columns;
    size_t n_more;                   /* columns behind those that only JSON has: what machines want to know */
    const unsigned char *json_order; /* NULL: as they stand; else all n_columns + n_more of them */
    size_t n_rows;
    table_cell_fn *cell; /* row < n_rows, column < n_columns + n_more */
    const void *ud;
    const struct table_fact *facts;
    size_t n_facts;
};

/* In an initialiser of a table: its columns, which are an array, and their number. */
#define TABLE_COLUMNS(array) .columns = array, .n_columns = sizeof array / sizeof array[0]

/* The number of a column; n_columns: there is none of that name. */
size_t table_column(const struct table *t, const char *name);

/* What is said of every answer. */
struct table_about {
    civil_day as_of;
    int64_t evaluated_at, known_at; /* microseconds since 1970 */
    const char *rulebook;           /* its version */
};

/* A header line; a row; both with LF. Text that a spreadsheet would take for a formula gets an apostrophe (buf_csv_guarded). */
void table_csv_header(struct buf *b, const struct table *t);
void table_csv_row(struct buf *b, const struct table *t, size_t row);

/* A row as a JSON object, without a line end. */
void table_json_row(struct buf *b, const struct table *t, size_t row);

/* "as_of":…,"evaluated_at":…,"known_at":…,"rulebook":… and the facts: members without braces; the facts begin with a comma. */
void table_json_about(struct buf *b, const struct table_about *about);
void table_json_facts(struct buf *b, const struct table *t);

/* One value alone. CSV: without the comma. */
void cell_csv(struct buf *b, const struct cell *c, int decimals);
void cell_json(struct buf *b, const struct cell *c, int decimals);

/* For people at a terminal: titles and rows in columns, facts a line each; all with LF. */
void table_text_header(struct buf *b, const struct table *t);
void table_text_row(struct buf *b, const struct table *t, size_t row);
void table_text_facts(struct buf *b, const struct table *t);

#endif
