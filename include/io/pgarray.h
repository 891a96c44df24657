/* PostgreSQL array literals, for handing a whole batch to one statement: `unnest($1::bigint[], $2::text[])`.
 *
 * Elements are appended one by one; the text is asked for at the end. An append never fails visibly: running out of
 * memory or a value that has no text form is remembered and reported by pg_array_literal, so that a batch is built
 * without a check on each line. Pure but for its own allocation.
 * Source: PostgreSQL documentation, "Arrays", input and output syntax. */
#ifndef EHCWATCH_PGARRAY_H
#define EHCWATCH_PGARRAY_H

#include "err.h"

#include <stddef.h>
#include <stdint.h>

/* Private; owned by the caller, filled with pg_array_init and released with pg_array_free. */
struct pg_array {
    char *text;
    size_t len, cap;
    size_t count;      /* elements so far */
    const char *fault; /* what went wrong first, NULL when nothing did */
};

void pg_array_init(struct pg_array *a);
void pg_array_free(struct pg_array *a);

/* Back to no element and no fault; keeps the memory for the next batch. */
void pg_array_clear(struct pg_array *a);

void pg_array_null(struct pg_array *a);
void pg_array_int8(struct pg_array *a, int64_t v);
void pg_array_bool(struct pg_array *a, bool v);

/* Copies `s`; NULL appends SQL NULL. The text must be valid UTF-8, which the server checks. */
void pg_array_text(struct pg_array *a, const char *s);

/* Days since 1970-01-01, years 1 to 9999; CIVIL_NONE (civil.h) appends SQL NULL. */
void pg_array_date(struct pg_array *a, int32_t days);

/* Copies `len` bytes as \x hex; NULL appends SQL NULL, a pointer with length 0 the empty string. */
void pg_array_bytea(struct pg_array *a, const void *data, size_t len);

/* The literal, "{}" without elements; borrowed until the next call on `a`. NULL when an append failed, with the reason
 * in `e`. More elements may be appended afterwards. */
MUST_CHECK const char *pg_array_literal(struct pg_array *a, struct err *e);

#endif
