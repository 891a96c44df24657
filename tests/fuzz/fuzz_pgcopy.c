/* Fuzz target of the binary COPY decoder: the same bytes whole and cut must give the same rows and the same verdict.
 *
 * Byte 0 picks the number of columns, byte 1 the length of the pieces; the rest is the stream. */
#include "pgcopy.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct digest {
    uint64_t hash; /* FNV-1a over every field */
    uint64_t rows;
    int ncols;
};

static void mix(struct digest *d, const void *p, size_t len)
{
    const unsigned char *b = p;
    for (size_t i = 0; i < len; i++)
        d->hash = (d->hash ^ b[i]) * UINT64_C(0x100000001b3);
}

static bool take_row(void *ud, const struct pg_field *f)
{
    struct digest *d = ud;
    for (int i = 0; i < d->ncols; i++) {
        int64_t i8 = 0;
        int32_t i4 = 0;
        bool b = false;
        mix(d, &f[i].len, sizeof f[i].len);
        if (!pg_field_null(&f[i]))
            mix(d, f[i].data, (size_t)f[i].len);
        if (pg_field_timestamptz(&f[i], &i8, NULL) || pg_field_int8(&f[i], &i8, NULL))
            mix(d, &i8, sizeof i8);
        if (pg_field_date(&f[i], &i4, NULL) || pg_field_int4(&f[i], &i4, NULL))
            mix(d, &i4, sizeof i4);
        if (pg_field_bool(&f[i], &b, NULL))
            mix(d, &b, sizeof b);
    }
    return ++d->rows < 100000;
}

static bool decode(const uint8_t *p, size_t size, size_t piece, struct digest *d, struct err *e)
{
    struct pg_copy c;
    bool ok = true;
    pg_copy_init(&c, d->ncols, take_row, d);
    for (size_t at = 0; at < size && ok; at += piece) {
        /* A block of its own, so that a read past the piece is seen. */
        size_t n = size - at < piece ? size - at : piece;
        unsigned char *block = malloc(n);
        if (block == NULL)
            abort();
        memcpy(block, p + at, n);
        ok = pg_copy_feed(&c, block, n, e);
        free(block);
    }
    struct err end;
    ok = pg_copy_done(&c, ok ? e : &end) && ok;
    pg_copy_free(&c);
    return ok;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    struct digest whole = {.ncols = data[0] % (PG_COPY_COLS_MAX + 1)}, cut = whole;
    struct err e1 = {""}, e2 = {""};
    bool a = decode(data + 2, size - 2, size, &whole, &e1);
    bool b = decode(data + 2, size - 2, 1 + data[1] % 64, &cut, &e2);
    if (a != b || strcmp(e1.text, e2.text) != 0 || whole.rows != cut.rows || whole.hash != cut.hash)
        abort();
    return 0;
}
