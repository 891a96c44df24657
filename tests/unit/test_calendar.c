#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>

#include "calendar.h"
#include "casework.h"

static void a_few_known_days(void **state)
{
    (void)state;
    struct calendar cal;
    calendar_builtin(&cal);
    static const char *const holidays[] = {
        "2012-06-05" /* Diamond Jubilee */,
        "2020-05-08" /* VE day */,
        "2022-09-19" /* state funeral */,
        "2023-05-08" /* coronation */,
        "2026-04-03",
        "2026-04-06",
        "2026-05-25",
        "2026-08-31",
        "2026-12-28" /* substitute */,
        "2028-01-03" /* substitute */,
    };
    static const char *const working[] = {
        "2026-07-22",
        "2026-12-24",
        "2026-12-29",
        "2020-05-04",
        "2022-05-30",
        "2023-12-27",
        "2026-03-17" /* Northern Ireland only */,
        "2026-08-03" /* Scotland only */,
    };
    for (size_t i = 0; i < sizeof holidays / sizeof holidays[0]; i++) {
        assert_true(calendar_is_holiday(&cal, day(holidays[i])));
        assert_false(calendar_is_working_day(&cal, day(holidays[i])));
    }
    for (size_t i = 0; i < sizeof working / sizeof working[0]; i++)
        assert_true(calendar_is_working_day(&cal, day(working[i])));
    assert_false(calendar_is_working_day(&cal, day("2026-12-26"))); /* a Saturday: not itself a listed day */
    assert_false(calendar_is_holiday(&cal, day("2026-12-26")));
    assert_day_equal(cal.last_known, "2028-12-31");
}

static void every_day_agrees_with_the_published_list(void **state)
{
    (void)state;
    struct calendar cal;
    json_error_t why;
    json_t *root = json_load_file("tests/data/rulebook/bank-holidays.json", 0, &why);
    if (root == NULL)
        fail_msg("%s: %s", why.source, why.text);
    json_t *events = json_object_get(json_object_get(root, "england-and-wales"), "events");
    calendar_builtin(&cal);
    size_t at = 0, n = json_array_size(events);
    assert_true(n > 100);
    for (civil_day d = cal.first; d <= cal.last_known; d++) {
        const char *next =
            at < n ? json_string_value(json_object_get(json_array_get(events, at), "date")) : "";
        bool listed = strcmp(text_of(d), next) == 0;
        if (calendar_is_holiday(&cal, d) != listed)
            fail_msg("%s: holiday %d, published %d", text_of(d), !listed, listed);
        assert_int_equal(calendar_is_working_day(&cal, d), civil_weekday(d) < 5 && !listed);
        at += listed;
    }
    assert_int_equal(at, n);
    json_decref(root);
}

static void outside_the_list_only_weekends_are_known(void **state)
{
    (void)state;
    struct calendar cal;
    calendar_builtin(&cal);
    for (civil_day d = day("2029-01-01"); d < day("2120-01-01"); d++) {
        assert_false(calendar_is_holiday(&cal, d));
        assert_int_equal(calendar_is_working_day(&cal, d), civil_weekday(d) < 5);
    }
    for (civil_day d = day("1995-01-01"); d < day("2012-01-01"); d++)
        assert_int_equal(calendar_is_working_day(&cal, d), civil_weekday(d) < 5);
}

static void the_tribunal_rests_in_august_and_over_christmas(void **state)
{
    (void)state;
    struct calendar cal;
    calendar_builtin(&cal);
    for (civil_day d = cal.first; d < day("2045-01-01"); d++) {
        struct civil_ymd c = civil_to_ymd(d);
        bool rests = c.month == 8 || (c.month == 12 && c.day >= 25) || (c.month == 1 && c.day == 1);
        assert_int_equal(calendar_is_tribunal_day(&cal, d), calendar_is_working_day(&cal, d) && !rests);
    }
    assert_true(calendar_is_tribunal_day(&cal, day("2026-07-31")));
    assert_false(calendar_is_tribunal_day(&cal, day("2026-08-03")));
    assert_true(calendar_is_tribunal_day(&cal, day("2026-09-01")));
    assert_true(calendar_is_tribunal_day(&cal, day("2026-12-24")));
    assert_false(calendar_is_tribunal_day(&cal, day("2026-12-29")));
    assert_false(calendar_is_tribunal_day(&cal, day("2027-01-01")));
    assert_true(calendar_is_tribunal_day(&cal, day("2027-01-04")));
}

static void the_last_working_day_before(void **state)
{
    (void)state;
    struct calendar cal;
    calendar_builtin(&cal);
    static const struct {
        const char *of, *is;
    } rows[] = {
        {"2026-07-22", "2026-07-22"}, {"2026-07-25", "2026-07-24"}, {"2026-04-06", "2026-04-02"},
        {"2026-12-28", "2026-12-24"}, {"2027-01-03", "2026-12-31"}, {"2022-06-05", "2022-06-01"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_day_equal(calendar_working_day_before(&cal, day(rows[i].of)), rows[i].is);
}

static bool overlay(struct calendar *cal, const char *text, struct err *e)
{
    return calendar_overlay(cal, "holidays.txt", text, strlen(text), e);
}

static void an_overlay_adds_and_removes(void **state)
{
    (void)state;
    struct calendar cal;
    struct err e = {""};
    calendar_builtin(&cal);
    assert_true(overlay(&cal,
                        "# extra days\r\n"
                        "2026-07-24 a royal day\n"
                        "\n"
                        "-2026-08-31\tmoved\n"
                        "2029-01-01\r\n"
                        "2029-12-25",
                        &e));
    assert_true(calendar_is_holiday(&cal, day("2026-07-24")));
    assert_false(calendar_is_holiday(&cal, day("2026-08-31")));
    assert_true(calendar_is_holiday(&cal, day("2029-01-01")));
    assert_true(calendar_is_holiday(&cal, day("2029-12-25")));
    assert_true(calendar_is_holiday(&cal, day("2026-12-25")));
    assert_day_equal(cal.last_known, "2029-12-31");

    calendar_builtin(&cal);
    assert_true(overlay(&cal, "", &e));
    assert_true(overlay(&cal, "-2027-05-03\n", &e));
    assert_day_equal(cal.last_known, "2028-12-31");
    assert_true(overlay(&cal, "-2035-05-03\n", &e)); /* takes nothing away, covers nothing */
    assert_day_equal(cal.last_known, "2028-12-31");
}

/* Adding days of 2031 tells nothing of 2029 and 2030: an answer that reaches there must still say so. */
static void a_year_left_out_is_not_covered(void **state)
{
    (void)state;
    struct calendar cal;
    struct err e = {""};
    calendar_builtin(&cal);
    assert_true(overlay(&cal, "2031-12-25\n", &e));
    assert_day_equal(cal.last_known, "2028-12-31");
    assert_true(overlay(&cal, "2030-12-25\n2029-12-25\n", &e)); /* in any order, in a second file too */
    assert_day_equal(cal.last_known, "2031-12-31");
    assert_true(calendar_is_holiday(&cal, day("2030-12-25")));
    assert_true(calendar_is_holiday(&cal, day("2031-12-25")));
}

static void a_bad_overlay_names_the_line_and_changes_nothing(void **state)
{
    (void)state;
    static const struct {
        const char *text, *where;
    } rows[] = {
        {"2026-07-24\nnonsense\n", "holidays.txt:2: "},
        {"2026-07-24\n\n# note\n2026-02-30\n", "holidays.txt:4: "},
        {"2026-07-24x\n", "holidays.txt:1: "},
        {" 2026-07-24\n", "holidays.txt:1: "},
        {"2026-07-24\r\n2011-12-25", "holidays.txt:2: "},
        {"2102-01-01\n", "holidays.txt:1: "},
        {"--2026-07-24\n", "holidays.txt:1: "},
        {"-\n", "holidays.txt:1: "},
        {"- 2026-07-24\n", "holidays.txt:1: "},
    };
    struct calendar cal, before;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct err e = {""};
        calendar_builtin(&cal);
        before = cal;
        assert_false(overlay(&cal, rows[i].text, &e));
        if (strncmp(e.text, rows[i].where, strlen(rows[i].where)) != 0)
            fail_msg("\"%s\" does not begin with \"%s\"", e.text, rows[i].where);
        assert_memory_equal(&cal, &before, sizeof cal);
    }
    struct err e = {""};
    assert_true(overlay(&cal, "2012-01-01\n2101-12-31\n", &e)); /* the first and last day that can be */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_few_known_days),
        cmocka_unit_test(every_day_agrees_with_the_published_list),
        cmocka_unit_test(outside_the_list_only_weekends_are_known),
        cmocka_unit_test(the_tribunal_rests_in_august_and_over_christmas),
        cmocka_unit_test(the_last_working_day_before),
        cmocka_unit_test(an_overlay_adds_and_removes),
        cmocka_unit_test(a_year_left_out_is_not_covered),
        cmocka_unit_test(a_bad_overlay_names_the_line_and_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
