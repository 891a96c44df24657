/* The London midnight, against an independent day-by-day walk and the dates printed in the statute's own tables. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <time.h>

#include "clock.h"

static int64_t utc(int y, int mon, int d, int h, int min, int s)
{
    struct tm tm = {
        .tm_year = y - 1900, .tm_mon = mon - 1, .tm_mday = d, .tm_hour = h, .tm_min = min, .tm_sec = s};
    return timegm(&tm);
}

static void spring_2026(void **state)
{
    (void)state;
    /* 29 March 2026: 00:00 GMT, then 23 hours, then 00:00 BST. */
    assert_int_equal(london_midnight_after(utc(2026, 3, 28, 12, 0, 0)), utc(2026, 3, 29, 0, 0, 0));
    assert_int_equal(london_midnight_after(utc(2026, 3, 29, 0, 0, 0)), utc(2026, 3, 29, 23, 0, 0));
    assert_int_equal(london_midnight_after(utc(2026, 3, 29, 0, 59, 59)), utc(2026, 3, 29, 23, 0, 0));
    assert_int_equal(london_midnight_after(utc(2026, 3, 29, 1, 0, 0)), utc(2026, 3, 29, 23, 0, 0));
    assert_int_equal(london_midnight_after(utc(2026, 3, 29, 22, 59, 59)), utc(2026, 3, 29, 23, 0, 0));
    assert_int_equal(london_midnight_after(utc(2026, 3, 29, 23, 0, 0)), utc(2026, 3, 30, 23, 0, 0));
}

static void autumn_2026(void **state)
{
    (void)state;
    /* 25 October 2026: 00:00 BST, then 25 hours, then 00:00 GMT. */
    assert_int_equal(london_midnight_after(utc(2026, 10, 24, 22, 59, 59)), utc(2026, 10, 24, 23, 0, 0));
    assert_int_equal(london_midnight_after(utc(2026, 10, 24, 23, 0, 0)), utc(2026, 10, 26, 0, 0, 0));
    assert_int_equal(london_midnight_after(utc(2026, 10, 25, 0, 30, 0)), utc(2026, 10, 26, 0, 0, 0));
    assert_int_equal(london_midnight_after(utc(2026, 10, 25, 1, 30, 0)), utc(2026, 10, 26, 0, 0, 0));
    assert_int_equal(london_midnight_after(utc(2026, 10, 25, 23, 59, 59)), utc(2026, 10, 26, 0, 0, 0));
    assert_int_equal(london_midnight_after(utc(2026, 10, 26, 0, 0, 0)), utc(2026, 10, 27, 0, 0, 0));
}

/* The first Sunday from the 25th on, asked of the C library's calendar instead of arithmetic. */
static int change_day(int year, int month)
{
    for (int d = 25; d <= 31; d++) {
        time_t t = (time_t)utc(year, month, d, 12, 0, 0);
        struct tm tm;
        if (gmtime_r(&t, &tm)->tm_wday == 0) {
            return d;
        }
    }
    return 0;
}

static void every_day_of_16_years(void **state)
{
    (void)state;
    int64_t at = utc(2020, 1, 1, 0, 0, 0);
    int short_days = 0, long_days = 0, days = 0;
    for (int year = 2020; year <= 2035; year++) {
        int leap = (year % 4 == 0);
        int64_t spring = utc(year, 3, change_day(year, 3), 0, 0, 0);
        int64_t autumn = utc(year, 10, change_day(year, 10), 0, 0, 0) - 3600;
        for (int n = 0; n < 365 + leap; n++, days++) {
            int64_t length = at == spring ? 23 * 3600 : at == autumn ? 25 * 3600 : 24 * 3600;
            short_days += length == 23 * 3600;
            long_days += length == 25 * 3600;
            for (int64_t t = at; t < at + length; t += 1800) {
                assert_int_equal(london_midnight_after(t), at + length);
            }
            assert_int_equal(london_midnight_after(at + length - 1), at + length);
            at += length;
        }
        assert_int_equal(at, utc(year + 1, 1, 1, 0, 0, 0));
    }
    assert_int_equal(short_days, 16);
    assert_int_equal(long_days, 16);
    assert_int_equal(days, 5844);
}

static void ignores_the_process_zone(void **state)
{
    (void)state;
    setenv("TZ", "Pacific/Auckland", 1);
    tzset();
    assert_int_equal(london_midnight_after(utc(2026, 7, 1, 12, 0, 0)), utc(2026, 7, 1, 23, 0, 0));
    unsetenv("TZ");
    tzset();
}

static void clocks_run(void **state)
{
    (void)state;
    double a = clock_mono(), b = clock_mono();
    assert_true(b >= a);
    assert_true(clock_wall_us() > utc(2024, 1, 1, 0, 0, 0) * 1000000);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spring_2026),
        cmocka_unit_test(autumn_2026),
        cmocka_unit_test(every_day_of_16_years),
        cmocka_unit_test(ignores_the_process_zone),
        cmocka_unit_test(clocks_run),
    };
    if (argc > 1) {
        cmocka_set_test_filter(argv[1]);
    }
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
