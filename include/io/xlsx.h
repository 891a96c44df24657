/* A workbook (.xlsx), written row by row to a file without a name, in little memory whatever its length.
 *
 * Each value goes where its type says and nowhere else: a text is a text, whatever it looks like, so that no cell can ever be a
 * formula, a link or a date by accident. The same calls give the same bytes. The library is libxlsxwriter.
 *
 * Everything here may wait for a disk, and xlsx_close compresses for as long as it takes: call it on a thread that nobody waits for
 * (xlsx_maker.h). A workbook stays on one thread. */
#ifndef EHCWATCH_XLSX_H
#define EHCWATCH_XLSX_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "civil.h"
#include "err.h"

enum xlsx_type {
    XLSX_NONE, /* an empty cell */
    XLSX_TEXT,
    XLSX_HEAD,   /* a text that stands out */
    XLSX_INT,    /* x, a whole number */
    XLSX_NUMBER, /* x, shown with so many decimals */
    XLSX_SHARE,  /* x, shown per cent: 0.203 with 3 decimals is 20.3% */
    XLSX_DATE,
    XLSX_TIME, /* x: seconds since 1970; shown as universal time */
    XLSX_BOOL, /* x: 0 or 1 */
};

struct xlsx_cell {
    enum xlsx_type type;
    int decimals;
    const char *text; /* not NUL-terminated; any bytes (xlsx_text.h) */
    size_t len;
    double x; /* what is no number is an empty cell */
    civil_day day;
};

struct xlsx_column {
    const char *name; /* heads the column of a list */
    int width;        /* in characters; 0: the library's */
};

struct xlsx_sheet {
    const char *name; /* made fit (xlsx_sheet_name) */
    bool list;        /* its first row holds the names of the columns: it stays in sight, and filters */
    struct xlsx_column *columns;
    size_t n_columns;
};

struct xlsx_property {
    const char *name, *value;
};

struct xlsx_about {
    const char *title;
    int64_t created; /* seconds since 1970, what the file says of itself; not 0 */
    const struct xlsx_property *properties;
    size_t n_properties;
};

#define XLSX_ROWS_MAX 1048575 /* of a list */

struct xlsx;

/* The file, and the temporary ones, are made in `dir`. Once *cancelled is true all fails soon; NULL: never. Both outlive it. */
struct xlsx *xlsx_new(const char *dir, const struct xlsx_about *about, const atomic_bool *cancelled,
                      struct err *e) MUST_CHECK;

/* The next sheet; they count from 0. */
bool xlsx_add_sheet(struct xlsx *x, const struct xlsx_sheet *sheet, struct err *e) MUST_CHECK;

/* The next row of a sheet that was added. Sheets take turns as you like. */
bool xlsx_add_row(struct xlsx *x, size_t sheet, const struct xlsx_cell *cells, size_t n,
                  struct err *e) MUST_CHECK;

/* Completes it and frees `x`, which has a sheet. The file, at its beginning, is the caller's; -1 and `e`: there is none. */
int xlsx_close(struct xlsx *x, struct err *e) MUST_CHECK;

/* Frees what is not to be completed. NULL is fine. */
void xlsx_drop(struct xlsx *x);

#endif
