/* Decoder of `COPY ... TO STDOUT (FORMAT BINARY)`.
 *
 * The format is a byte stream and is read as one: the pieces fed in may be cut anywhere (the first CopyData message
 * of a real server carries the 19-byte header and row 1 together, an empty result is header and trailer in one).
 * A row that lies whole in a piece is handed on where it lies; a row cut in two is gathered in a buffer of our own.
 * No allocation per row. Every malformed input is an error that names the row; nothing is read outside the piece.
 * Does not block and does no I/O; calls back only from pg_copy_feed.
 * Source: PostgreSQL documentation, COPY, "Binary Format"; the binary form of each type is its send function. */
#ifndef EHCWATCH_PGCOPY_H
#define EHCWATCH_PGCOPY_H

#include "err.h"

#include <endian.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum {
    PG_COPY_COLS_MAX = 32,
    PG_COPY_ROW_MAX = 1 << 20, /* bytes of one row, lengths included */
};

struct pg_field {
    const unsigned char *data; /* not NUL-terminated; NULL for SQL NULL */
    int32_t len;               /* bytes; -1 for SQL NULL */
};

/* One row of `ncols` fields; fields and bytes are borrowed until it returns. False stops the decoder. */
typedef bool pg_copy_row_fn(void *ud, const struct pg_field *f);

/* Private but for `rows`. Owned by the caller; holds pointers to its own buffer only, so it may be moved. */
struct pg_copy {
    pg_copy_row_fn *row_fn;
    void *ud;
    uint64_t rows; /* rows handed on so far */
    unsigned char *buf;
    size_t have, cap, need; /* bytes in buf, its size, bytes still missing before another look is worth it */
    size_t skip;            /* bytes left of the header extension */
    int ncols;
    int state;
};

/* Prepares for a stream of `ncols` columns (0 to PG_COPY_COLS_MAX; another number fails the first feed). */
void pg_copy_init(struct pg_copy *c, int ncols, pg_copy_row_fn *row_fn, void *ud);

/* Frees the buffer. `c` may be prepared again. */
void pg_copy_free(struct pg_copy *c);

/* Decodes the next piece. False on malformed input, with the reason in `e`; or when row_fn returned false, and then
 * `e` is left as it is, so that row_fn can write its own reason there. After a failure every feed fails. */
MUST_CHECK bool pg_copy_feed(struct pg_copy *c, const void *bytes, size_t len, struct err *e);

/* True when the trailer was seen, so that no row is missing. Otherwise says where the stream ended. */
MUST_CHECK bool pg_copy_done(const struct pg_copy *c, struct err *e);

/* --- fields: false when NULL, of another width, or not representable; *out is then untouched ---------------------- */

#define PG_EPOCH_DAYS   10957                    /* 2000-01-01 in days since 1970-01-01 */
#define PG_EPOCH_MICROS INT64_C(946684800000000) /* the same in microseconds */

/* Writes the error of a field that is NULL or not `want` bytes long. (The functions below say `return false` themselves,
 * so that a compiler which inlines them knows when *out is set.) */
void pg_field_misfit(const struct pg_field *f, const char *type, int want, struct err *e);

static inline bool pg_field_null(const struct pg_field *f)
{
    return f->len < 0;
}

MUST_CHECK static inline bool pg_field_int4(const struct pg_field *f, int32_t *out, struct err *e)
{
    uint32_t v;
    if (f->len != (int32_t)sizeof v)
        return pg_field_misfit(f, "int4", 4, e), false;
    memcpy(&v, f->data, sizeof v);
    *out = (int32_t)be32toh(v);
    return true;
}

MUST_CHECK static inline bool pg_field_int8(const struct pg_field *f, int64_t *out, struct err *e)
{
    uint64_t v;
    if (f->len != (int32_t)sizeof v)
        return pg_field_misfit(f, "int8", 8, e), false;
    memcpy(&v, f->data, sizeof v);
    *out = (int64_t)be64toh(v);
    return true;
}

MUST_CHECK static inline bool pg_field_bool(const struct pg_field *f, bool *out, struct err *e)
{
    if (f->len != 1)
        return pg_field_misfit(f, "bool", 1, e), false;
    *out = f->data[0] != 0;
    return true;
}

/* Days since 1970-01-01. 'infinity' and '-infinity' are errors: no rule counts from them. */
MUST_CHECK static inline bool pg_field_date(const struct pg_field *f, int32_t *days, struct err *e)
{
    int32_t v;
    if (f->len != 4)
        return pg_field_misfit(f, "date", 4, e), false;
    if (!pg_field_int4(f, &v, e))
        return false;
    if (v == INT32_MIN || v > INT32_MAX - PG_EPOCH_DAYS)
        return err_set(e, "the date is %s",
                       v == INT32_MIN   ? "-infinity"
                       : v == INT32_MAX ? "infinity"
                                        : "out of range"),
               false;
    *days = v + PG_EPOCH_DAYS;
    return true;
}

/* Microseconds since the Unix epoch (also right for timestamp, read as UTC). Infinities are errors. */
MUST_CHECK static inline bool pg_field_timestamptz(const struct pg_field *f, int64_t *micros, struct err *e)
{
    int64_t v;
    if (f->len != 8)
        return pg_field_misfit(f, "timestamptz", 8, e), false;
    if (!pg_field_int8(f, &v, e))
        return false;
    if (v == INT64_MIN || v > INT64_MAX - PG_EPOCH_MICROS)
        return err_set(e, "the timestamp is %s",
                       v == INT64_MIN   ? "-infinity"
                       : v == INT64_MAX ? "infinity"
                                        : "out of range"),
               false;
    *micros = v + PG_EPOCH_MICROS;
    return true;
}

#endif
