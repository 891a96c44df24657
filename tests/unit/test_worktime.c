#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "casework.h"
#include "instant.h"
#include "worktime.h"

static int64_t at(const char *text)
{
    int64_t us;
    if (!instant_parse(text, strlen(text), &us))
        fail_msg("cannot read \"%s\"", text);
    return us;
}

static const struct {
    const char *utc, *day;
    int hour, minute;
} shown[] = {
    {"2026-01-15T08:00:00Z", "2026-01-15", 8, 0},     {"2026-07-15T07:00:00Z", "2026-07-15", 8, 0},
    {"2026-07-14T23:00:00Z", "2026-07-15", 0, 0},     {"2026-07-14T22:59:59Z", "2026-07-14", 23, 59},
    {"2026-03-29T00:59:59Z", "2026-03-29", 0, 59},    {"2026-03-29T01:00:00Z", "2026-03-29", 2, 0},
    {"2026-10-25T00:30:00Z", "2026-10-25", 1, 30},    {"2026-10-25T01:30:00Z", "2026-10-25", 1, 30},
    {"2026-10-25T02:00:00Z", "2026-10-25", 2, 0},     {"2028-02-29T08:00:59.9Z", "2028-02-29", 8, 0},
    {"2026-12-31T23:59:59.9Z", "2026-12-31", 23, 59}, {"2027-01-01T00:00:00Z", "2027-01-01", 0, 0},
};

static void what_the_clocks_show(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof shown / sizeof shown[0]; i++) {
        struct local_time t = worktime_local(at(shown[i].utc));
        assert_day_equal(t.day, shown[i].day);
        if (t.minute != shown[i].hour * 60 + shown[i].minute)
            fail_msg("%s: minute %d", shown[i].utc, t.minute);
    }
}

static const struct {
    const char *day;
    int hour, minute;
    const char *utc;
} instants[] = {
    {"2026-01-15", 8, 0, "2026-01-15T08:00:00Z"},   {"2026-07-15", 8, 0, "2026-07-15T07:00:00Z"},
    {"2026-07-15", 0, 0, "2026-07-14T23:00:00Z"},   {"2026-03-28", 8, 0, "2026-03-28T08:00:00Z"},
    {"2026-03-29", 0, 0, "2026-03-29T00:00:00Z"},   {"2026-03-29", 0, 59, "2026-03-29T00:59:00Z"},
    {"2026-03-29", 1, 0, "2026-03-29T01:00:00Z"},  /* is skipped: the moment of the change */
    {"2026-03-29", 1, 30, "2026-03-29T01:00:00Z"}, /* likewise */
    {"2026-03-29", 2, 0, "2026-03-29T01:00:00Z"},   {"2026-03-29", 2, 1, "2026-03-29T01:01:00Z"},
    {"2026-03-29", 8, 0, "2026-03-29T07:00:00Z"},   {"2026-03-29", 23, 59, "2026-03-29T22:59:00Z"},
    {"2026-03-30", 0, 0, "2026-03-29T23:00:00Z"},   {"2026-10-24", 8, 0, "2026-10-24T07:00:00Z"},
    {"2026-10-25", 0, 0, "2026-10-24T23:00:00Z"},   {"2026-10-25", 0, 59, "2026-10-24T23:59:00Z"},
    {"2026-10-25", 1, 0, "2026-10-25T00:00:00Z"}, /* comes twice: the first */
    {"2026-10-25", 1, 59, "2026-10-25T00:59:00Z"},  {"2026-10-25", 2, 0, "2026-10-25T02:00:00Z"},
    {"2026-10-25", 8, 0, "2026-10-25T08:00:00Z"},   {"2028-02-29", 8, 0, "2028-02-29T08:00:00Z"},
    {"2026-12-31", 23, 59, "2026-12-31T23:59:00Z"},
};

static void when_they_show_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof instants / sizeof instants[0]; i++) {
        char got[INSTANT_TEXT_LEN];
        instant_format(worktime_instant(day(instants[i].day), instants[i].hour * 60 + instants[i].minute),
                       got);
        assert_string_equal(got, instants[i].utc);
    }
}

/* Every minute that is shown leads back to its first moment: at most an hour earlier, and only in the hour that comes twice. */
static void there_and_back(void **state)
{
    (void)state;
    struct rng r = rng_seeded("worktime");
    for (int i = 0; i < 200000; i++) {
        int64_t us =
            ((int64_t)rng_between(&r, 9496, 84005) * DAY_MINUTES + rng_below(&r, DAY_MINUTES)) * 60000000;
        struct local_time t = worktime_local(us);
        int64_t back = worktime_instant(t.day, t.minute);
        struct local_time again = worktime_local(back);
        assert_int_equal(again.day, t.day);
        assert_int_equal(again.minute, t.minute);
        assert_true(back == us || back == us - INT64_C(3600000000));
        assert_int_equal(t.day, instant_day(us));
    }
}

static const struct {
    const char *from, *to;
    int n;
    const char *why;
} spans[] = {
    {"2026-06-15", "2026-06-15", 0, "the same day"},
    {"2026-06-15", "2026-06-16", 1, "Monday to Tuesday"},
    {"2026-06-16", "2026-06-15", 0, "backwards"},
    {"2026-06-12", "2026-06-15", 1, "over a weekend"},
    {"2026-06-13", "2026-06-14", 0, "a weekend"},
    {"2026-04-02", "2026-04-07", 1, "Easter"},
    {"2026-12-24", "2026-12-29", 1, "Christmas, Boxing Day's substitute"},
    {"2027-12-24", "2027-12-29", 1, "Christmas with two substitute days"},
    {"2026-12-31", "2027-01-04", 1, "the year's end"},
    {"2028-02-28", "2028-03-01", 2, "a leap day"},
    {"2026-05-01", "2026-05-31", 18, "a month with two bank holidays"},
};

static void working_days_are_counted_after_the_first(void **state)
{
    (void)state;
    struct calendar cal;
    calendar_builtin(&cal);
    for (size_t i = 0; i < sizeof spans / sizeof spans[0]; i++) {
        int n = worktime_days(&cal, day(spans[i].from), day(spans[i].to));
        if (n != spans[i].n)
            fail_msg("%s: %d, not %d", spans[i].why, n, spans[i].n);
    }
    assert_day_equal(worktime_day_from(&cal, day("2027-12-25")), "2027-12-29");
    assert_day_equal(worktime_day_from(&cal, day("2026-04-03")), "2026-04-07");
    assert_day_equal(worktime_day_from(&cal, day("2026-06-15")), "2026-06-15");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_clocks_show),
        cmocka_unit_test(when_they_show_it),
        cmocka_unit_test(there_and_back),
        cmocka_unit_test(working_days_are_counted_after_the_first),
    };
    return cmocka_run_group_tests_name("worktime", tests, NULL, NULL) != 0;
}
