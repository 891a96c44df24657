/* Array literals: the text PostgreSQL documents for its array input. */
#include "pgarray.h"

#include "civil.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void is(struct pg_array *a, const char *want)
{
    struct err e = {""};
    const char *got = pg_array_literal(a, &e);
    assert_non_null(got);
    assert_string_equal(got, want);
    pg_array_free(a);
}

static void empty(void **state)
{
    (void)state;
    struct pg_array a;
    pg_array_init(&a);
    is(&a, "{}");
}

static void numbers(void **state)
{
    (void)state;
    struct pg_array a;
    pg_array_init(&a);
    pg_array_int8(&a, 1);
    pg_array_int8(&a, INT64_MIN);
    pg_array_null(&a);
    pg_array_int8(&a, INT64_MAX);
    is(&a, "{1,-9223372036854775808,NULL,9223372036854775807}");
    pg_array_bool(&a, true);
    pg_array_bool(&a, false);
    is(&a, "{t,f}");
}

static void texts(void **state)
{
    (void)state;
    static const struct {
        const char *in, *out;
    } T[] = {
        {"a", "{\"a\"}"},
        {NULL, "{NULL}"},
        {"NULL", "{\"NULL\"}"},
        {"", "{\"\"}"},
        {"a,b {c}", "{\"a,b {c}\"}"},
        {" x ", "{\" x \"}"},
        {"say \"no\"", "{\"say \\\"no\\\"\"}"},
        {"back\\slash\\", "{\"back\\\\slash\\\\\"}"},
        {"two\nlines", "{\"two\nlines\"}"},
        {"Zo\xc3\xab", "{\"Zo\xc3\xab\"}"},
    };
    for (size_t i = 0; i < sizeof T / sizeof T[0]; i++) {
        struct pg_array a;
        pg_array_init(&a);
        pg_array_text(&a, T[i].in);
        is(&a, T[i].out);
    }
}

static void dates(void **state)
{
    (void)state;
    struct pg_array a;
    pg_array_init(&a);
    pg_array_date(&a, 0);
    pg_array_date(&a, 20541);
    pg_array_date(&a, CIVIL_NONE);
    pg_array_date(&a, -719162);
    pg_array_date(&a, 2932896);
    is(&a, "{1970-01-01,2026-03-29,NULL,0001-01-01,9999-12-31}");
}

static void bytes(void **state)
{
    (void)state;
    struct pg_array a;
    pg_array_init(&a);
    pg_array_bytea(&a, "\0\x7f\xff\\", 4);
    pg_array_bytea(&a, "", 0);
    pg_array_bytea(&a, NULL, 0);
    is(&a, "{\"\\\\x007fff5c\",\"\\\\x\",NULL}");
}

static void grows_and_goes_on(void **state)
{
    (void)state;
    struct pg_array a;
    struct err e = {""};
    size_t commas = 0;
    pg_array_init(&a);
    for (int i = 0; i < 5000; i++) {
        pg_array_int8(&a, i);
        assert_non_null(pg_array_literal(&a, &e)); /* asking early must not spoil what follows */
    }
    const char *text = pg_array_literal(&a, &e);
    for (const char *p = text; *p != '\0'; p++)
        commas += *p == ',';
    assert_int_equal(commas, 4999);
    assert_int_equal(a.count, 5000);
    assert_string_equal(text + strlen(text) - 11, ",4998,4999}");
    pg_array_clear(&a);
    pg_array_text(&a, "again");
    is(&a, "{\"again\"}");
}

static void a_fault_is_kept(void **state)
{
    (void)state;
    static const int32_t BAD[] = {-719163, 2932897, INT32_MAX};
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        struct pg_array a;
        struct err e = {""};
        pg_array_init(&a);
        pg_array_date(&a, BAD[i]);
        pg_array_date(&a, 0);
        assert_null(pg_array_literal(&a, &e));
        assert_string_equal(e.text, "a date outside the years 1 to 9999");
        pg_array_clear(&a);
        is(&a, "{}");
    }
    struct pg_array a;
    struct err e = {""};
    pg_array_init(&a);
    pg_array_bytea(&a, "", (size_t)1 << 30); /* refused by its length, before a byte is read */
    pg_array_null(&a);
    assert_null(pg_array_literal(&a, &e));
    assert_string_equal(e.text, "the array is longer than PostgreSQL can receive (1 GiB)");
    pg_array_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(empty),           cmocka_unit_test(numbers), cmocka_unit_test(texts),
        cmocka_unit_test(dates),           cmocka_unit_test(bytes),   cmocka_unit_test(grows_and_goes_on),
        cmocka_unit_test(a_fault_is_kept),
    };
    return cmocka_run_group_tests_name("pgarray", tests, NULL, NULL) != 0;
}
