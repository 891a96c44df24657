#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "utf8.h"

static void sequences_are_measured(void **state)
{
    (void)state;
    static const struct {
        const char *s;
        size_t n;
    } rows[] = {
        {"a", 1},
        {"\xc3\xa9", 2},
        {"\xe2\x82\xac", 3},
        {"\xf0\x9f\x98\x80", 4},
        {"\xc0\x80", 0},
        {"\xe0\x80", 0},
        {"\xed\xa0\x80", 0},
        {"\xc3", 0},
        {"\x80", 0},
        {"\xe2\x82", 0},
        {"\xff", 0},
        {"\xf0\x9f\x98", 0},
        {"\xf4\x90\x80", 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(utf8_length(rows[i].s), rows[i].n);
        assert_int_equal(utf8_valid(rows[i].s), rows[i].n > 0);
    }
    assert_true(utf8_valid(""));
    assert_true(utf8_valid("Bridgend \xe2\x82\xac"));
    assert_false(utf8_valid("Bridgend \xe2\x82"));
}

static void bad_bytes_are_replaced_one_by_one(void **state)
{
    (void)state;
    struct buf b = {0};
    buf_utf8(&b, "a\xff\xe2\x82z\xc3\xa9");
    assert_string_equal(b.p, "a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdz\xc3\xa9");
    buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sequences_are_measured),
        cmocka_unit_test(bad_bytes_are_replaced_one_by_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
