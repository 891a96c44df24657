/* Rows of a CSV text in memory (RFC 4180: quotes, CRLF or LF, an optional byte order mark), found by column name.
 *
 * The fields are slices of the text itself, which the reader changes in place to take quotes away. A NUL byte is refused: fields
 * can be used as C strings once they are copied. */
#ifndef EHCWATCH_CSV_H
#define EHCWATCH_CSV_H

#include <stddef.h>

#include "err.h"

#define CSV_MAX_COLUMNS 32
#define CSV_WANTED      8

struct csv_field {
    const char *p; /* not NUL-terminated */
    size_t len;
};

struct csv {
    const char *name; /* of the file, for errors */
    char *at, *end;
    unsigned line; /* of the row last read; the first is 1 */
    unsigned next_line;
    size_t columns;
    int wanted[CSV_MAX_COLUMNS]; /* column -> index of the caller's list, or -1 */
    struct csv_field
        field[CSV_WANTED]; /* of the row last read, in the order of the caller's list; empty when absent */
};

/* Reads the header. `columns` is NULL-terminated, at most CSV_WANTED; the first `required` of them must be there. Other columns
 * of the file are passed over. The text must outlive the reader. */
bool csv_open(struct csv *c, const char *name, char *text, size_t len, const char *const *columns,
              size_t required, struct err *e) MUST_CHECK;

/* Whether the file has column i of the caller's list. */
bool csv_has(const struct csv *c, int i);

/* 1: a row was read; 0: the end; -1: the row cannot be read ("FILE:LINE: what" in e). Blank lines are passed over. */
int csv_next(struct csv *c, struct err *e) MUST_CHECK;

#endif
