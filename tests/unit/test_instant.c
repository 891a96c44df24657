#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "casework.h"
#include "instant.h"

static const struct {
    const char *text;
    int64_t us;
    const char *again;
} rows[] = {
    {"1970-01-01T00:00:00Z", 0, "1970-01-01T00:00:00Z"},
    {"2026-05-01T12:00:00Z", INT64_C(1777636800000000), "2026-05-01T12:00:00Z"},
    {"2026-05-01T13:00:00+01:00", INT64_C(1777636800000000), "2026-05-01T12:00:00Z"},
    {"2026-05-01T07:30:00-04:30", INT64_C(1777636800000000), "2026-05-01T12:00:00Z"},
    {"2026-05-01t12:00:00z", INT64_C(1777636800000000), "2026-05-01T12:00:00Z"},
    {"2026-05-01 12:00:00Z", INT64_C(1777636800000000), "2026-05-01T12:00:00Z"},
    {"2026-05-01T12:00:00.5Z", INT64_C(1777636800500000), "2026-05-01T12:00:00.500000Z"},
    {"2026-05-01T12:00:00.000001Z", INT64_C(1777636800000001), "2026-05-01T12:00:00.000001Z"},
    {"2026-05-01T12:00:00.123456789+00:00", INT64_C(1777636800123456), "2026-05-01T12:00:00.123456Z"},
    {"2016-12-31T23:59:60Z", INT64_C(1483228800000000), "2017-01-01T00:00:00Z"},
    {"2026-01-01T00:30:00+01:00", INT64_C(1767223800000000), "2025-12-31T23:30:00Z"},
    {"1969-12-31T23:59:59.25Z", -750000, "1969-12-31T23:59:59.250000Z"},
    {"1900-01-01T00:00:00Z", INT64_C(-2208988800000000), "1900-01-01T00:00:00Z"},
    {"2199-12-31T23:59:59.999999Z", INT64_C(7258118399999999), "2199-12-31T23:59:59.999999Z"},
};

static void reads_rfc_3339_and_writes_it_in_utc(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t us;
        char out[INSTANT_TEXT_LEN];
        if (!instant_parse(rows[i].text, strlen(rows[i].text), &us))
            fail_msg("cannot read \"%s\"", rows[i].text);
        assert_string_equal(instant_format(us, out), rows[i].again);
        assert_true(us == rows[i].us);
    }
}

static void refuses_everything_else(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",
        "2026-05-01",
        "2026-05-01T12:00:00",
        "2026-05-01T12:00Z",
        "2026-05-01T24:00:00Z",
        "2026-05-01T12:60:00Z",
        "2026-05-01T12:00:61Z",
        "2026-02-29T12:00:00Z",
        "2026-05-01T12:00:00.Z",
        "2026-05-01T12:00:00.1234567890Z",
        "2026-05-01T12:00:00+1:00",
        "2026-05-01T12:00:00+0100",
        "2026-05-01T12:00:00+24:00",
        "2026-05-01T12:00:00+01:60",
        "2026-05-01T12:00:00 Z",
        "2026-05-01T12:00:00Zx",
        "2026-05-01T12:00:00.5",
        "2026-05-01X12:00:00Z",
        "2026-05-01T12-00-00Z",
        "2026-05-01T1a:00:00Z",
        "2026-05-01T12:00:00+",
        " 2026-05-01T12:00:00Z",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        /* A block of its own, so that a read past the end is seen. */
        size_t len = strlen(wrong[i]);
        char *text = malloc(len + 1);
        memcpy(text, wrong[i], len);
        int64_t us = 4711;
        bool read = instant_parse(text, len, &us);
        free(text);
        if (read)
            fail_msg("read \"%s\" as a time", wrong[i]);
        assert_int_equal(us, 4711);
    }
}

static void of_any_year(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t us;
    } far[] = {
        {"0000-01-01T00:00:00Z", INT64_C(-62167219200000000)},
        {"1899-12-31T23:59:59Z", INT64_C(-2208988801000000)},
        {"2200-01-01T00:00:00Z", INT64_C(7258118400000000)},
        {"9999-12-31T23:59:59.999999Z", INT64_C(253402300799999999)},
    };
    for (size_t i = 0; i < sizeof far / sizeof far[0]; i++) {
        int64_t us = 4711;
        assert_false(instant_parse(far[i].text, strlen(far[i].text), &us));
        assert_int_equal(us, 4711);
        assert_true(instant_parse_any(far[i].text, strlen(far[i].text), &us));
        assert_true(us == far[i].us);
    }
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t us;
        assert_true(instant_parse_any(rows[i].text, strlen(rows[i].text), &us));
        assert_true(us == rows[i].us);
    }
}

static void no_prefix_of_a_time_is_read_past_its_end(void **state)
{
    (void)state;
    const char *whole = "2026-05-01T12:00:00.123456+01:00";
    for (size_t len = 0; len < strlen(whole); len++) {
        char *text = malloc(len + 1);
        memcpy(text, whole, len);
        int64_t us;
        assert_false(instant_parse(text, len, &us));
        free(text);
    }
}

static void what_is_written_is_read_again(void **state)
{
    (void)state;
    struct rng r = rng_seeded("instant");
    for (int i = 0; i < 100000; i++) {
        int64_t us = ((int64_t)rng_between(&r, -25567, 84005) * 86400 + rng_below(&r, 86400)) * 1000000,
                again;
        us += rng_one_in(&r, 3) ? 0 : rng_below(&r, 1000000);
        char out[INSTANT_TEXT_LEN];
        instant_format(us, out);
        assert_true(instant_parse(out, strlen(out), &again));
        assert_true(us == again);
    }
}

static void the_day_in_england(void **state)
{
    (void)state;
    static const struct {
        const char *time, *day;
    } days[] = {
        {"2026-01-15T23:59:59Z", "2026-01-15"}, {"2026-01-16T00:00:00Z", "2026-01-16"},
        {"2026-03-28T23:59:59Z", "2026-03-28"}, {"2026-03-29T00:59:59Z", "2026-03-29"},
        {"2026-03-29T22:59:59Z", "2026-03-29"}, {"2026-03-29T23:00:00Z", "2026-03-30"},
        {"2026-07-01T22:59:59Z", "2026-07-01"}, {"2026-07-01T23:00:00Z", "2026-07-02"},
        {"2026-10-24T22:59:59Z", "2026-10-24"}, {"2026-10-24T23:00:00Z", "2026-10-25"},
        {"2026-10-25T23:59:59Z", "2026-10-25"}, {"2026-10-26T00:00:00Z", "2026-10-26"},
        {"2024-03-30T23:30:00Z", "2024-03-30"}, {"2024-03-31T23:30:00Z", "2024-04-01"},
        {"2027-10-30T23:30:00Z", "2027-10-31"}, {"2027-10-31T23:30:00Z", "2027-10-31"},
    };
    for (size_t i = 0; i < sizeof days / sizeof days[0]; i++) {
        int64_t us;
        assert_true(instant_parse(days[i].time, strlen(days[i].time), &us));
        assert_day_equal(instant_day(us), days[i].day);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_rfc_3339_and_writes_it_in_utc),
        cmocka_unit_test(refuses_everything_else),
        cmocka_unit_test(of_any_year),
        cmocka_unit_test(no_prefix_of_a_time_is_read_past_its_end),
        cmocka_unit_test(what_is_written_is_read_again),
        cmocka_unit_test(the_day_in_england),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
