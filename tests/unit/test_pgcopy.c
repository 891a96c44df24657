/* The binary COPY decoder on bytes that a PostgreSQL 15 server sent, on cuts of them and on hostile ones. */
#include "pgcopy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* COPY (SELECT * FROM (VALUES
 *   (1::bigint, -7::int4, date '2026-03-29', timestamptz '2026-03-29 01:00:00.5+00', 'Zo\u00eb "q"', true, null::text),
 *   (9007199254740993, 2147483647, '1899-12-31', '1969-12-31 23:59:59.999999+00', '', false, 'x'),
 *   (0, 0, 'infinity', '-infinity', 't', null, null)) v) TO STDOUT (FORMAT BINARY) */
static const unsigned char CAPTURED[] = {
    0x50, 0x47, 0x43, 0x4f, 0x50, 0x59, 0x0a, 0xff, 0x0d, 0x0a, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x07, 0x00, 0x00, 0x00, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x00,
    0x00, 0x00, 0x04, 0xff, 0xff, 0xff, 0xf9, 0x00, 0x00, 0x00, 0x04, 0x00, 0x00, 0x25, 0x70, 0x00, 0x00,
    0x00, 0x08, 0x00, 0x02, 0xf1, 0x1e, 0x05, 0xb5, 0x45, 0x20, 0x00, 0x00, 0x00, 0x08, 0x5a, 0x6f, 0xc3,
    0xab, 0x20, 0x22, 0x71, 0x22, 0x00, 0x00, 0x00, 0x01, 0x01, 0xff, 0xff, 0xff, 0xff, 0x00, 0x07, 0x00,
    0x00, 0x00, 0x08, 0x00, 0x20, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x04, 0x7f, 0xff,
    0xff, 0xff, 0x00, 0x00, 0x00, 0x04, 0xff, 0xff, 0x71, 0x53, 0x00, 0x00, 0x00, 0x08, 0xff, 0xfc, 0xa2,
    0xfe, 0xc4, 0xc8, 0x1f, 0xff, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00,
    0x01, 0x78, 0x00, 0x07, 0x00, 0x00, 0x00, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x04, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x04, 0x7f, 0xff, 0xff, 0xff, 0x00, 0x00,
    0x00, 0x08, 0x80, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x74, 0xff, 0xff,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
};
enum { COLS = 7, HEADER = 19, ROWS = 3 };

static const char EXPECTED[] = "1|-7|20541|1774746000500000|Zo\xc3\xab \"q\"|t|NULL\n"
                               "9007199254740993|2147483647|-25568|-1||f|x\n"
                               "0|0|the date is infinity|the timestamp is -infinity|t|NULL|NULL\n";

struct seen {
    char text[1024];
    size_t len;
    int stop_at; /* row_fn says no at this row; 0 = never */
    int rows;
};

static void say(struct seen *s, const char *fmt, ...) PRINTF_LIKE(2, 3);
static void say(struct seen *s, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    s->len += (size_t)vsnprintf(s->text + s->len, sizeof s->text - s->len, fmt, ap);
    va_end(ap);
    if (s->len >= sizeof s->text)
        abort();
}

static bool write_row(void *ud, const struct pg_field *f)
{
    struct seen *s = ud;
    struct err e = {""};
    int64_t i8;
    int32_t i4, days;
    bool b;
    say(s, "%lld|", pg_field_int8(&f[0], &i8, &e) ? (long long)i8 : -99);
    say(s, "%d|", pg_field_int4(&f[1], &i4, &e) ? i4 : -99);
    if (pg_field_date(&f[2], &days, &e))
        say(s, "%d|", days);
    else
        say(s, "%s|", e.text);
    if (pg_field_timestamptz(&f[3], &i8, &e))
        say(s, "%lld|", (long long)i8);
    else
        say(s, "%s|", e.text);
    say(s, "%.*s|", (int)f[4].len, (const char *)f[4].data);
    say(s, "%s|", !pg_field_bool(&f[5], &b, &e) ? "NULL" : b ? "t" : "f");
    if (pg_field_null(&f[6]))
        say(s, "NULL\n");
    else
        say(s, "%.*s\n", (int)f[6].len, (const char *)f[6].data);
    return ++s->rows != s->stop_at;
}

/* Feeds bytes cut at a and b, each piece from a block of its own so that a sanitizer sees a read past its end. */
static bool feed_cut(struct pg_copy *c, const unsigned char *p, size_t len, size_t a, size_t b, struct err *e)
{
    size_t cut[4] = {0, a, b, len};
    bool ok = true;
    for (int i = 0; i < 3 && ok; i++) {
        size_t n = cut[i + 1] - cut[i];
        unsigned char *piece = malloc(n + (n == 0));
        memcpy(piece, p + cut[i], n);
        ok = pg_copy_feed(c, piece, n, e);
        free(piece);
    }
    return ok;
}

static void every_cut(void **state)
{
    (void)state;
    size_t n = sizeof CAPTURED;
    for (size_t a = 0; a <= n; a++) {
        for (size_t b = a; b <= n; b++) {
            struct seen s = {.len = 0};
            struct err e = {""};
            struct pg_copy c;
            pg_copy_init(&c, COLS, write_row, &s);
            assert_true(feed_cut(&c, CAPTURED, n, a, b, &e));
            assert_true(pg_copy_done(&c, &e));
            assert_string_equal(s.text, EXPECTED);
            assert_int_equal(c.rows, ROWS);
            pg_copy_free(&c);
        }
    }
}

static void byte_by_byte(void **state)
{
    (void)state;
    struct seen s = {.len = 0};
    struct err e = {""};
    struct pg_copy c;
    pg_copy_init(&c, COLS, write_row, &s);
    for (size_t i = 0; i < sizeof CAPTURED; i++) {
        assert_false(pg_copy_done(&c, &e));
        assert_true(pg_copy_feed(&c, CAPTURED + i, 1, &e));
    }
    assert_true(pg_copy_done(&c, &e));
    assert_string_equal(s.text, EXPECTED);
    pg_copy_free(&c);
}

static void every_truncation(void **state)
{
    (void)state;
    for (size_t n = 0; n < sizeof CAPTURED; n++) {
        struct seen s = {.len = 0};
        struct err e = {""};
        struct pg_copy c;
        pg_copy_init(&c, COLS, write_row, &s);
        assert_true(feed_cut(&c, CAPTURED, n, n / 3, n / 2, &e));
        assert_false(pg_copy_done(&c, &e));
        assert_non_null(strstr(e.text, "the COPY stream ended"));
        pg_copy_free(&c);
    }
}

/* Every byte set to every value: an error or rows, the same whether fed whole or in single bytes. */
static void every_corruption(void **state)
{
    (void)state;
    unsigned char bytes[sizeof CAPTURED];
    for (size_t at = 0; at < sizeof CAPTURED; at++) {
        for (int v = 0; v < 256; v += 5) {
            memcpy(bytes, CAPTURED, sizeof bytes);
            bytes[at] = (unsigned char)v;
            struct seen whole = {.len = 0}, single = {.len = 0};
            struct err e1 = {""}, e2 = {""};
            struct pg_copy c, d;
            pg_copy_init(&c, COLS, write_row, &whole);
            pg_copy_init(&d, COLS, write_row, &single);
            bool a = pg_copy_feed(&c, bytes, sizeof bytes, &e1);
            bool b = true;
            for (size_t i = 0; i < sizeof bytes && b; i++)
                b = pg_copy_feed(&d, bytes + i, 1, &e2);
            assert_int_equal(a, b);
            assert_string_equal(e1.text, e2.text);
            assert_string_equal(whole.text, single.text);
            pg_copy_free(&c);
            pg_copy_free(&d);
        }
    }
}

static const unsigned char HEAD[HEADER] = "PGCOPY\n\377\r\n";

struct hostile {
    const char *name, *bytes;
    size_t len;
    const char *says;
};
#define BYTES(s) s, sizeof(s) - 1
static const struct hostile HOSTILE[] = {
    {"one column too few", BYTES("\0\1"), "COPY row 1 has 1 columns, 2 were expected"},
    {"one column too many", BYTES("\0\3"), "COPY row 1 has 3 columns, 2 were expected"},
    {"negative column count", BYTES("\377\376"), "COPY row 1 has -2 columns, 2 were expected"},
    {"length -2", BYTES("\0\2\377\377\377\376"), "COPY row 1, column 1: length -2"},
    {"smallest length", BYTES("\0\2\200\0\0\0"), "COPY row 1, column 1: length -2147483648"},
    {"largest length", BYTES("\0\2\177\377\377\377"),
     "COPY row 1, column 1: the row is longer than 1048576 bytes"},
    {"length just too large", BYTES("\0\2\0\17\377\373"),
     "COPY row 1, column 1: the row is longer than 1048576 bytes"},
    {"second column", BYTES("\0\2\377\377\377\377\177\0\0\0"),
     "COPY row 1, column 2: the row is longer than 1048576 bytes"},
    {"second row", BYTES("\0\2\377\377\377\377\377\377\377\377\0\1"),
     "COPY row 2 has 1 columns, 2 were expected"},
    {"after the trailer", BYTES("\377\377\0"), "bytes after the end of the COPY stream"},
};

static bool take_row(void *ud, const struct pg_field *f)
{
    int64_t *bytes = ud;
    *bytes += f[0].len > 0 ? f[0].len : 0;
    return true;
}

static void hostile(void **state)
{
    const struct hostile *h = *state;
    int64_t bytes = 0;
    struct err e = {""};
    struct pg_copy c;
    pg_copy_init(&c, 2, take_row, &bytes);
    assert_true(pg_copy_feed(&c, HEAD, sizeof HEAD, &e));
    unsigned char *piece = malloc(h->len);
    memcpy(piece, h->bytes, h->len);
    assert_false(pg_copy_feed(&c, piece, h->len, &e));
    assert_string_equal(e.text, h->says);
    assert_false(pg_copy_feed(&c, "\377\377", 2, &e));
    assert_string_equal(e.text, "fed after an earlier failure");
    assert_false(pg_copy_done(&c, &e));
    free(piece);
    pg_copy_free(&c);
}

static void headers(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t len;
        const char *says; /* NULL: accepted */
    } H[] = {
        {BYTES("PGCOPX"), "not a binary COPY stream: wrong signature"},
        {BYTES("1\tabc\n"), "not a binary COPY stream: wrong signature"},
        {BYTES("PGCOPY\n\377\r\n\0\0\1\0\0\0\0\0\0"), "binary COPY stream with unknown flags 0x00010000"},
        {BYTES("PGCOPY\n\377\r\n\0\0\0\0\0\377\377\377\377"),
         "binary COPY header with an extension of -1 bytes"},
        {BYTES("PGCOPY\n\377\r\n\0\0\0\0\1\0\0\0\3abc\377\377"), NULL},
        {BYTES("PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0\377\377"), NULL},
    };
    for (size_t i = 0; i < sizeof H / sizeof H[0]; i++) {
        struct err e = {""};
        struct pg_copy c;
        int64_t bytes = 0;
        pg_copy_init(&c, 1, take_row, &bytes);
        assert_int_equal(
            feed_cut(&c, (const unsigned char *)H[i].bytes, H[i].len, H[i].len / 2, H[i].len - 1, &e),
            H[i].says == NULL);
        assert_string_equal(e.text, H[i].says != NULL ? H[i].says : "");
        assert_int_equal(pg_copy_done(&c, &e), H[i].says == NULL);
        pg_copy_free(&c);
    }
}

/* The largest row that is allowed goes through, whole and cut; one byte more does not. */
static void longest_row(void **state)
{
    (void)state;
    for (int extra = 0; extra < 2; extra++) {
        size_t payload = PG_COPY_ROW_MAX - 6 + (size_t)extra, len = HEADER + 6 + payload + 2;
        unsigned char *b = calloc(1, len);
        memcpy(b, HEAD, HEADER);
        uint32_t be = htobe32((uint32_t)payload);
        b[HEADER + 1] = 1;
        memcpy(b + HEADER + 2, &be, 4);
        memset(b + len - 2, 0xff, 2);
        for (size_t cut = 0; cut < len; cut += len / 5) {
            struct err e = {""};
            struct pg_copy c;
            int64_t bytes = 0;
            pg_copy_init(&c, 1, take_row, &bytes);
            assert_int_equal(feed_cut(&c, b, len, cut, len - 1, &e), extra == 0);
            assert_int_equal(pg_copy_done(&c, &e), extra == 0);
            assert_int_equal(bytes, extra == 0 ? payload : 0);
            pg_copy_free(&c);
        }
        free(b);
    }
}

static void reader_stops(void **state)
{
    (void)state;
    struct seen s = {.stop_at = 2};
    struct err e = {"the reader's own reason"};
    struct pg_copy c;
    pg_copy_init(&c, COLS, write_row, &s);
    assert_false(pg_copy_feed(&c, CAPTURED, sizeof CAPTURED, &e));
    assert_string_equal(e.text, "the reader's own reason");
    assert_int_equal(s.rows, 2);
    assert_false(pg_copy_done(&c, &e));
    pg_copy_free(&c);
}

static void column_limit(void **state)
{
    (void)state;
    struct err e = {""};
    struct pg_copy c;
    for (int n = -1; n <= PG_COPY_COLS_MAX + 1; n += PG_COPY_COLS_MAX + 2) {
        pg_copy_init(&c, n, take_row, NULL);
        assert_false(pg_copy_feed(&c, CAPTURED, sizeof CAPTURED, &e));
        assert_non_null(strstr(e.text, "columns cannot be decoded, 32 is the limit"));
    }
}

static void fields(void **state)
{
    (void)state;
    struct err e = {""};
    int64_t i8 = 5;
    int32_t i4 = 5;
    bool b = true;
    struct pg_field null = {NULL, -1}, empty = {(const unsigned char *)"", 0};
    assert_false(pg_field_int8(&null, &i8, &e));
    assert_string_equal(e.text, "NULL where int8 was expected");
    assert_false(pg_field_int4(&empty, &i4, &e));
    assert_string_equal(e.text, "0 bytes where int4 has 4");
    assert_false(pg_field_date(&null, &i4, &e));
    assert_string_equal(e.text, "NULL where date was expected");
    assert_false(pg_field_timestamptz(&empty, &i8, &e));
    assert_string_equal(e.text, "0 bytes where timestamptz has 8");
    assert_false(pg_field_bool(&empty, &b, &e));
    struct pg_field far = {(const unsigned char *)"\177\377\377\376\0\0\0\0", 4};
    assert_false(pg_field_date(&far, &i4, &e));
    assert_string_equal(e.text, "the date is out of range");
    far.len = 8;
    assert_false(pg_field_timestamptz(&far, &i8, &e));
    assert_string_equal(e.text, "the timestamp is out of range");
    struct pg_field low = {(const unsigned char *)"\200\0\0\0", 4};
    assert_false(pg_field_date(&low, &i4, &e));
    assert_string_equal(e.text, "the date is -infinity");
    assert_int_equal(i8, 5);
    assert_int_equal(i4, 5);
}

int main(void)
{
    enum { FIXED = 9, TABLE = sizeof HOSTILE / sizeof HOSTILE[0] };
    struct CMUnitTest tests[FIXED + TABLE] = {
        cmocka_unit_test(every_cut),        cmocka_unit_test(byte_by_byte),
        cmocka_unit_test(every_truncation), cmocka_unit_test(every_corruption),
        cmocka_unit_test(headers),          cmocka_unit_test(longest_row),
        cmocka_unit_test(reader_stops),     cmocka_unit_test(column_limit),
        cmocka_unit_test(fields),
    };
    for (int i = 0; i < TABLE; i++) {
        union {
            const struct hostile *row;
            void *state;
        } u = {.row = &HOSTILE[i]};
        tests[FIXED + i] = (struct CMUnitTest){HOSTILE[i].name, hostile, NULL, NULL, u.state};
    }
    return cmocka_run_group_tests_name("pgcopy", tests, NULL, NULL) != 0;
}
