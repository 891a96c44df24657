/* The last meeting before a moment: over changes of clocks and of years, and when somebody marked one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "instant.h"
#include "meeting.h"
#include "worktime.h"

static int64_t at(const char *text)
{
    int64_t us = 0;
    assert_true(instant_parse(text, strlen(text), &us));
    return us;
}

#define TUESDAY 1, 9 * 60 + 30, 120

static const struct {
    const char *now, *last, *next;
    const char *marked[3];
    int weekday, minute, lasts;
} rows[] = {
    /* By the calendar. While it lasts its papers are those since the one before. */
    {"2026-11-24T09:29:59Z", "2026-11-17T09:30:00Z", "2026-11-24T09:30:00Z", {0}, TUESDAY},
    {"2026-11-24T11:29:59Z", "2026-11-17T09:30:00Z", "2026-11-24T09:30:00Z", {0}, TUESDAY},
    {"2026-11-24T11:30:00Z", "2026-11-24T09:30:00Z", "2026-12-01T09:30:00Z", {0}, TUESDAY},
    {"2026-11-23T00:00:00Z", "2026-11-17T09:30:00Z", "2026-11-24T09:30:00Z", {0}, TUESDAY},
    {"2026-11-29T23:59:59Z", "2026-11-24T09:30:00Z", "2026-12-01T09:30:00Z", {0}, TUESDAY},
    {"2026-11-24T09:30:00Z", "2026-11-24T09:30:00Z", "2026-12-01T09:30:00Z", {0}, 1, 570, 0},
    /* 09:30 on the wall, whatever the clocks did meanwhile: on 29 March and 25 October 2026. */
    {"2026-03-31T08:29:59Z", "2026-03-24T09:30:00Z", "2026-03-31T08:30:00Z", {0}, 1, 570, 0},
    {"2026-03-31T08:30:00Z", "2026-03-31T08:30:00Z", "2026-04-07T08:30:00Z", {0}, 1, 570, 0},
    {"2026-10-27T09:29:59Z", "2026-10-20T08:30:00Z", "2026-10-27T09:30:00Z", {0}, 1, 570, 0},
    {"2026-10-27T09:30:00Z", "2026-10-27T09:30:00Z", "2026-11-03T09:30:00Z", {0}, 1, 570, 0},
    /* At a time that is skipped, and one that comes twice: a Sunday meeting at half past one. */
    {"2026-03-29T01:00:00Z", "2026-03-29T01:00:00Z", "2026-04-05T00:30:00Z", {0}, 6, 90, 0},
    {"2026-10-25T01:30:00Z", "2026-10-25T00:30:00Z", "2026-11-01T01:30:00Z", {0}, 6, 90, 0},
    /* In summer a Monday in England begins at 23:00 the evening before. */
    {"2026-07-05T23:30:00Z", "2026-07-05T23:00:00Z", "2026-07-12T23:00:00Z", {0}, 0, 0, 0},
    {"2026-07-05T22:30:00Z", "2026-06-28T23:00:00Z", "2026-07-05T23:00:00Z", {0}, 0, 0, 0},
    /* Over the year: 28 December 2026 to 3 January 2027 is one week, the 53rd. */
    {"2027-01-02T12:00:00Z", "2026-12-29T09:30:00Z", "2027-01-05T09:30:00Z", {0}, TUESDAY},
    {"2027-01-05T09:00:00Z", "2026-12-29T09:30:00Z", "2027-01-05T09:30:00Z", {0}, TUESDAY},
    {"2027-01-02T12:00:00Z",
     "2027-01-01T14:00:00Z",
     "2027-01-05T09:30:00Z",
     {"2027-01-01T14:00:00Z"},
     TUESDAY},
    {"2027-01-05T09:00:00Z",
     "2027-01-01T14:00:00Z",
     "2027-01-05T09:30:00Z",
     {"2027-01-01T14:00:00Z"},
     TUESDAY},
    /* A marked one stands for the scheduled one of its week, whether it was before that or after. */
    {"2026-11-25T12:00:00Z",
     "2026-11-23T14:00:00Z",
     "2026-12-01T09:30:00Z",
     {"2026-11-23T14:00:00Z"},
     TUESDAY},
    {"2026-11-24T10:00:00Z",
     "2026-11-23T14:00:00Z",
     "2026-11-24T09:30:00Z",
     {"2026-11-23T14:00:00Z"},
     TUESDAY},
    {"2026-11-27T12:00:00Z",
     "2026-11-26T10:00:00Z",
     "2026-12-01T09:30:00Z",
     {"2026-11-26T10:00:00Z"},
     TUESDAY},
    {"2026-11-25T12:00:00Z",
     "2026-11-17T09:30:00Z",
     "2026-12-01T09:30:00Z",
     {"2026-11-26T10:00:00Z"},
     TUESDAY},
    /* An older mark gives way to a later meeting by the calendar; two in a week: the later. */
    {"2026-11-27T12:00:00Z",
     "2026-11-24T09:30:00Z",
     "2026-12-01T09:30:00Z",
     {"2026-11-19T10:00:00Z"},
     TUESDAY},
    {"2026-11-27T12:00:00Z",
     "2026-11-26T10:00:00Z",
     "2026-12-01T09:30:00Z",
     {"2026-11-26T10:00:00Z", "2026-11-23T10:00:00Z"},
     TUESDAY},
    {"2026-11-27T12:00:00Z",
     "2026-11-18T10:00:00Z",
     "2026-12-01T09:30:00Z",
     {"2026-11-18T10:00:00Z", "2026-11-28T10:00:00Z", "2026-11-11T10:00:00Z"},
     TUESDAY},
};

static void finds_the_last_and_the_next(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct meeting_rule rule = {rows[i].weekday, rows[i].minute, rows[i].lasts};
        struct meeting_marks marks = {0};
        char text[INSTANT_TEXT_LEN];
        for (size_t m = 0; m < 3 && rows[i].marked[m] != NULL; m++)
            meeting_mark(&marks, at(rows[i].marked[m]));
        instant_format(meeting_last(&rule, &marks, at(rows[i].now)), text);
        if (strcmp(text, rows[i].last) != 0)
            fail_msg("row %zu, at %s: last %s, want %s", i, rows[i].now, text, rows[i].last);
        instant_format(meeting_next(&rule, at(rows[i].now)), text);
        if (strcmp(text, rows[i].next) != 0)
            fail_msg("row %zu, at %s: next %s, want %s", i, rows[i].now, text, rows[i].next);
    }
}

/* Forty years, an hour at a time: the last lies before the moment and the next one a week of the wall's clock after it. */
static void every_hour_of_forty_years(void **state)
{
    (void)state;
    const struct meeting_rule rule = {1, 570, 90};
    const struct meeting_marks none = {0};
    int64_t hour = INT64_C(3600000000), from = at("2010-01-01T00:00:00Z");
    for (int64_t i = 0; i < 40 * 365 * 24; i++) {
        int64_t now = from + i * hour, last = meeting_last(&rule, &none, now),
                next = meeting_next(&rule, now);
        struct local_time l = worktime_local(last), n = worktime_local(next);
        assert_true(last <= now - 90 * INT64_C(60000000) && next > now - 90 * INT64_C(60000000));
        assert_int_equal(n.day - l.day, 7);
        assert_int_equal(l.minute, 570);
        assert_int_equal(n.minute, 570);
    }
}

static void keeps_the_latest_marks(void **state)
{
    (void)state;
    struct meeting_marks m = {0};
    for (int64_t i = 0; i < MEETING_MARKS + 10; i++)
        meeting_mark(&m, (i * 11) % (MEETING_MARKS + 10));
    meeting_mark(&m, MEETING_MARKS + 9);
    assert_int_equal(m.n, MEETING_MARKS);
    for (size_t i = 0; i < m.n; i++)
        assert_in_range(m.at[i], 10, MEETING_MARKS + 9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_the_last_and_the_next),
        cmocka_unit_test(every_hour_of_forty_years),
        cmocka_unit_test(keeps_the_latest_marks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
