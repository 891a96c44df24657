/* A table read to its end, for tests of tables and lists. */
#ifndef EHCWATCH_TABLE_READ_H
#define EHCWATCH_TABLE_READ_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "table_job.h"

/* In pieces of at most `max` bytes: the text, to be given back with free(), its length, and how often nothing was ready yet. Takes the job. */
static inline char *table_read(struct table_job *job, enum table_format format, size_t max, size_t *len,
                               int *agains)
{
    struct table_cursor *c = table_cursor_new(job, format);
    struct buf all = {0};
    char *piece = malloc(max);
    size_t n;
    *agains = 0;
    assert_non_null(c);
    while ((n = table_cursor_read(c, piece, max)) != 0) {
        assert_true(n != TABLE_FAILED);
        if (n == TABLE_AGAIN) {
            ++*agains;
            continue;
        }
        assert_true(n <= max);
        buf_bytes(&all, piece, n);
    }
    assert_int_equal(table_cursor_read(c, piece, max), 0);
    table_cursor_free(c);
    free(piece);
    return buf_take(&all, len);
}

#endif
