#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "casework.h"
#include "civil.h"

static bool leap(int y)
{
    return (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
}

static int last_of(int y, int m)
{
    static const int length[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return m == 2 && leap(y) ? 29 : length[m - 1];
}

/* A counter that only knows how to go to the next day, against the arithmetic. */
static void every_day_of_three_centuries(void **state)
{
    (void)state;
    int y = 1900, m = 1, d = 1, weekday = 0; /* a Monday */
    civil_day expected = -25567;
    for (; y < 2200; expected++) {
        char text[CIVIL_TEXT_LEN], want[32];
        civil_day parsed;
        struct civil_ymd c = civil_to_ymd(expected);
        snprintf(want, sizeof want, "%04d-%02d-%02d", y, m, d);
        assert_string_equal(civil_format(expected, text), want);
        assert_true(c.year == y && c.month == m && c.day == d);
        assert_int_equal(civil_from_ymd(y, m, d), expected);
        assert_true(civil_parse(want, 10, &parsed));
        assert_int_equal(parsed, expected);
        assert_int_equal(civil_weekday(expected), weekday);
        assert_int_equal(civil_month_length(y, m), last_of(y, m));
        weekday = (weekday + 1) % 7;
        if (++d > last_of(y, m)) {
            d = 1;
            if (++m > 12) {
                m = 1;
                y++;
            }
        }
    }
    assert_int_equal(expected - 1, 84005); /* 2199-12-31 */
}

/* Weeks follow one another without a gap, Monday by Monday; a year has 53 exactly when it begins on a Thursday, or is a leap year that
 * begins on a Wednesday. */
static void every_week_of_three_centuries(void **state)
{
    (void)state;
    int year = 1900, week = 1; /* 1 January 1900 was a Monday */
    for (civil_day d = CIVIL_FIRST; d <= CIVIL_LAST; d++) {
        struct civil_week w = civil_to_week(d);
        assert_true(w.year == year && w.week == week);
        assert_int_equal(civil_from_week(year, week), d - civil_weekday(d));
        int first = civil_weekday(civil_from_ymd(year, 1, 1));
        bool has_53 = first == 3 || (first == 2 && leap(year));
        assert_int_equal(civil_weeks_in_year(year), has_53 ? 53 : 52);
        assert_int_equal(civil_to_ymd(d - civil_weekday(d) + 3).year, year); /* its Thursday's */
        if (civil_weekday(d) == 6 && ++week > civil_weeks_in_year(year)) {
            week = 1;
            year++;
        }
    }
}

static void weeks_at_the_turn_of_the_year(void **state)
{
    (void)state;
    static const struct {
        const char *day;
        struct civil_week week;
    } rows[] = {
        {"2026-01-01", {2026, 1}},  {"2025-12-29", {2026, 1}},  {"2025-12-28", {2025, 52}},
        {"2027-01-03", {2026, 53}}, {"2027-01-04", {2027, 1}},  {"2021-01-03", {2020, 53}},
        {"2020-12-31", {2020, 53}}, {"2022-01-02", {2021, 52}}, {"2026-11-26", {2026, 48}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct civil_week w = civil_to_week(day(rows[i].day));
        assert_int_equal(w.year, rows[i].week.year);
        assert_int_equal(w.week, rows[i].week.week);
    }
}

/* The age goes up on birthdays and on no other day. */
static void an_age_is_the_birthdays_attained(void **state)
{
    (void)state;
    static const char *const births[] = {"2004-02-29", "2004-02-28", "2003-03-01", "2010-12-31",
                                         "2011-01-01"};
    for (size_t i = 0; i < sizeof births / sizeof births[0]; i++) {
        civil_day born = day(births[i]);
        int age = 0;
        for (civil_day d = born; d < born + 30 * 366; d++) {
            age += civil_birthday(born, age + 1) == d;
            assert_int_equal(civil_age(born, d), age);
        }
        assert_int_equal(civil_age(born, born - 1), -1);
    }
}

static void anchors(void **state)
{
    (void)state;
    assert_int_equal(day("1970-01-01"), 0);
    assert_int_equal(day("1969-12-31"), -1);
    assert_int_equal(day("2000-02-29"), 11016);
    assert_int_equal(day("2026-03-29"), 20541);
    assert_int_equal(civil_weekday(day("2026-12-25")), 4);
    char out[24];
    assert_string_equal(civil_words(day("2026-03-04"), out, sizeof out), "4 March 2026");
    assert_string_equal(civil_words(day("2026-09-30"), out, sizeof out), "30 September 2026");
    assert_string_equal(text_of(CIVIL_NONE), "");
    assert_true(CIVIL_NONE < day("1900-01-01"));
    assert_int_equal(day("1900-01-01"), CIVIL_FIRST);
    assert_int_equal(day("2199-12-31"), CIVIL_LAST);
}

static void adding_months_keeps_the_day_or_clamps(void **state)
{
    (void)state;
    static const struct {
        const char *from;
        int n;
        const char *to;
    } rows[] = {
        {"2026-01-31", 1, "2026-02-28"},   {"2024-01-31", 1, "2024-02-29"},
        {"2024-02-29", 12, "2025-02-28"},  {"2024-02-29", 48, "2028-02-29"},
        {"2026-03-31", -1, "2026-02-28"},  {"2026-01-15", -1, "2025-12-15"},
        {"2026-01-15", -13, "2024-12-15"}, {"2026-12-15", 1, "2027-01-15"},
        {"2028-07-30", -5, "2028-02-29"},  {"2026-05-31", 0, "2026-05-31"},
        {"2099-12-31", 2, "2100-02-28"},   {"2000-01-30", 1, "2000-02-29"},
        {"1970-01-31", -11, "1969-02-28"}, {"2026-08-31", -12, "2025-08-31"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_day_equal(civil_add_months(day(rows[i].from), rows[i].n), rows[i].to);

    for (civil_day d = day("1990-01-01"), end = day("2110-12-31"); d <= end; d++)
        for (int n = -25; n <= 60; n++) {
            bool clamped;
            struct civil_ymd a = civil_to_ymd(d), b = civil_to_ymd(civil_months_on(d, n, &clamped));
            int most = last_of(b.year, b.month);
            if (b.year * 12 + b.month != a.year * 12 + a.month + n ||
                b.day != (a.day < most ? a.day : most) || clamped != (a.day > most))
                fail_msg("%s and %d months", text_of(d), n);
        }
}

static void a_birthday_on_29_february_is_1_march_in_other_years(void **state)
{
    (void)state;
    static const struct {
        const char *born;
        int years;
        const char *on;
    } rows[] = {
        {"2020-02-29", 5, "2025-03-01"}, {"2020-02-29", 4, "2024-02-29"}, {"2020-02-28", 5, "2025-02-28"},
        {"2021-07-22", 5, "2026-07-22"}, {"2096-02-29", 4, "2100-03-01"}, {"2020-12-31", 25, "2045-12-31"},
        {"2020-03-01", 5, "2025-03-01"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_day_equal(civil_birthday(day(rows[i].born), rows[i].years), rows[i].on);
}

static void only_dates_that_exist_are_read(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",           "2026-02-29",       "2100-02-29",  "2026-00-10",  "2026-13-10",  "2026-01-00",
        "2026-01-32", "2026-04-31",       "1899-12-31",  "2200-01-01",  "2026-1-01",   "26-01-01",
        "2026/01/01", "2026-01-1",        "2026-01-01 ", " 2026-01-01", "2026-01-011", "+026-01-01",
        "2026-01--1", "20260101",         "2026-0a-01",  "0000-00-00",  "2026-01-01T", "9999-12-31",
        "-202-01-01", "2026-01-\xd9\xa1",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        civil_day d = 4711;
        if (civil_parse(wrong[i], strlen(wrong[i]), &d))
            fail_msg("read \"%s\" as a date", wrong[i]);
        assert_int_equal(d, 4711);
    }
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        civil_day d = 4711;
        bool far = strcmp(wrong[i], "1899-12-31") == 0 || strcmp(wrong[i], "2200-01-01") == 0 ||
                   strcmp(wrong[i], "9999-12-31") == 0;
        assert_int_equal(civil_parse_any(wrong[i], strlen(wrong[i]), &d), far);
        assert_true(far == (d != 4711) && (!far || d < CIVIL_FIRST || d > CIVIL_LAST));
    }
    civil_day d;
    assert_true(civil_parse("2026-01-02junk", 10, &d)); /* len counts, not the NUL */
    assert_false(civil_parse("2026-01-02", 9, &d));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_day_of_three_centuries),
        cmocka_unit_test(every_week_of_three_centuries),
        cmocka_unit_test(weeks_at_the_turn_of_the_year),
        cmocka_unit_test(an_age_is_the_birthdays_attained),
        cmocka_unit_test(anchors),
        cmocka_unit_test(adding_months_keeps_the_day_or_clamps),
        cmocka_unit_test(a_birthday_on_29_february_is_1_march_in_other_years),
        cmocka_unit_test(only_dates_that_exist_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
