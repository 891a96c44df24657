/* A growing text buffer: what the renderers write into.
 *
 * A failed allocation latches: later writes do nothing and buf_take returns NULL, so that one check at the end is enough. Pure. */
#ifndef EHCWATCH_BUF_H
#define EHCWATCH_BUF_H

#include <stdbool.h>
#include <stddef.h>

#include "err.h"

struct buf {
    char *p; /* NUL-terminated while n > 0 */
    size_t n;
    size_t cap;
    bool failed;
};

void buf_bytes(struct buf *b, const char *s, size_t len);
void buf_text(struct buf *b, const char *s);
void buf_printf(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Room for `len` bytes at the end, for writers that know their length: fill it and say with buf_filled how much was
 * used. NULL when an allocation has failed. */
char *buf_room(struct buf *b, size_t len);
void buf_filled(struct buf *b, size_t len);

/* A CSV field: quoted when it holds a comma, a quote or a line end (RFC 4180). */
void buf_csv(struct buf *b, const char *s);

/* The same for people's spreadsheets: a field that a spreadsheet would read as a formula gets a leading apostrophe. */
void buf_csv_guarded(struct buf *b, const char *s);

/* Copies what follows `at`, `max` bytes at most, and moves `at` behind it: for what is read piece by piece. The number of bytes. */
size_t buf_read(const struct buf *b, size_t *at, char *out, size_t max);

/* Gives the bytes to the caller, who frees them; NULL when an allocation had failed. The buffer is empty afterwards. */
char *buf_take(struct buf *b, size_t *len);
void buf_free(struct buf *b);

#endif
