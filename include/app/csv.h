/* Rows of a CSV text in memory (RFC 4180: quotes, CRLF or LF, an optional byte order mark), found by column name.
 *
 * The fields are slices of the text itself, which the reader changes in place to take quotes away; the number of its line ends
 * stays. A NUL byte is refused: fields can be used as C strings once they are copied. A long file can be read as several texts,
 * each of whole rows (csv_file.h does). */
#ifndef EHCWATCH_CSV_H
#define EHCWATCH_CSV_H

#include <stddef.h>
#include <stdint.h>

#include "err.h"

#define CSV_MAX_COLUMNS 32
#define CSV_WANTED      8

struct csv_field {
    const char *p; /* not NUL-terminated */
    size_t len;
};

struct csv {
    const char *name; /* of the file, for errors; NULL: errors say neither file nor line */
    char *at, *end;
    unsigned line; /* of the row last read; the first of the text is 1 */
    unsigned next_line;
    char *window;        /* where the next separators have been found already; NULL: nowhere */
    uint64_t separators; /* bit i: at window + i */
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

/* Says what is wrong with the row last read, as csv_next does. False. */
bool csv_error(const struct csv *c, struct err *e, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* How many bytes of a byte order mark the text begins with. */
size_t csv_mark(const char *text, size_t len);

/* How many bytes of a text, which begins with a row, are rows that end in it; those of a row without a line end are not. */
size_t csv_whole_rows(const char *text, size_t len);

/* The line ends among the bytes, whether they end a row or lie in quotes. */
unsigned csv_line_ends(const char *text, size_t len);

#endif
