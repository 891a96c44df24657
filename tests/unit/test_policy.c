#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "casework.h"
#include "instant.h"
#include "policy.h"

enum { EIGHT = 8 * 60, SIX_PM = 18 * 60 };

#define NIGHTS   .quiet_from = SIX_PM, .quiet_to = EIGHT
#define AT_EIGHT .digest_at = EIGHT

static const struct policy NOW = {.send = SEND_IMMEDIATE, AT_EIGHT},
                           QUIET = {.send = SEND_IMMEDIATE, AT_EIGHT, NIGHTS},
                           LUNCH = {.send = SEND_IMMEDIATE, .quiet_from = 12 * 60, .quiet_to = 13 * 60},
                           DAILY = {.send = SEND_DAILY, AT_EIGHT},
                           DAILY_QUIET = {.send = SEND_DAILY, AT_EIGHT, NIGHTS},
                           MONDAYS = {.send = SEND_WEEKLY, AT_EIGHT, .digest_day = 0},
                           FRIDAYS_QUIET = {.send = SEND_WEEKLY, AT_EIGHT, .digest_day = 4, NIGHTS},
                           SMALL_HOURS = {.send = SEND_DAILY, .digest_at = 90},
                           AT_NIGHT = {.send = SEND_DAILY, .digest_at = 20 * 60, NIGHTS};

static int64_t at(const char *text)
{
    int64_t us;
    if (!instant_parse(text, strlen(text), &us))
        fail_msg("cannot read \"%s\"", text);
    return us;
}

/* Times with the zone that England keeps then; `last` is NULL where it does not matter. */
static const struct row {
    const struct policy *policy;
    const char *last, *now, *next, *why;
} rows[] = {
    {&NOW, NULL, "2026-06-15T03:00:00+01:00", "2026-06-15T03:00:00+01:00", "at once, even at night"},
    {&NOW, NULL, "2026-12-25T03:00:00Z", "2026-12-25T03:00:00Z", "and at Christmas"},

    {&QUIET, NULL, "2026-06-15T08:00:00+01:00", "2026-06-15T08:00:00+01:00",
     "the first moment that is not quiet"},
    {&QUIET, NULL, "2026-06-15T07:59:59+01:00", "2026-06-15T08:00:00+01:00", "before it"},
    {&QUIET, NULL, "2026-06-15T17:59:59+01:00", "2026-06-15T17:59:59+01:00", "the last moment"},
    {&QUIET, NULL, "2026-06-15T18:00:00+01:00", "2026-06-16T08:00:00+01:00", "Monday evening"},
    {&QUIET, NULL, "2026-06-12T18:00:00+01:00", "2026-06-15T08:00:00+01:00", "Friday evening"},
    {&QUIET, NULL, "2026-06-13T10:00:00+01:00", "2026-06-15T08:00:00+01:00",
     "Saturday, at an hour that is not quiet"},
    {&QUIET, NULL, "2026-03-27T18:30:00Z", "2026-03-30T08:00:00+01:00", "the clocks go forward on Sunday"},
    {&QUIET, NULL, "2026-10-23T18:30:00+01:00", "2026-10-26T08:00:00Z", "the clocks go back on Sunday"},
    {&QUIET, NULL, "2026-05-01T19:00:00+01:00", "2026-05-05T08:00:00+01:00", "the early May bank holiday"},
    {&QUIET, NULL, "2026-04-02T19:00:00+01:00", "2026-04-07T08:00:00+01:00", "Easter"},
    {&QUIET, NULL, "2027-03-25T19:00:00Z", "2027-03-30T08:00:00+01:00",
     "Easter with a change of clocks in it"},
    {&QUIET, NULL, "2026-12-24T18:00:00Z", "2026-12-29T08:00:00Z", "Christmas, one substitute day"},
    {&QUIET, NULL, "2027-12-24T18:00:00Z", "2027-12-29T08:00:00Z", "Christmas, two substitute days"},
    {&QUIET, NULL, "2026-12-31T18:00:00Z", "2027-01-04T08:00:00Z", "the year's end"},
    {&QUIET, NULL, "2028-02-28T23:00:00Z", "2028-02-29T08:00:00Z", "29 February"},
    {&LUNCH, NULL, "2026-06-15T12:00:00+01:00", "2026-06-15T13:00:00+01:00", "quiet within a day"},
    {&LUNCH, NULL, "2026-06-13T15:00:00+01:00", "2026-06-15T00:00:00+01:00",
     "then a working day begins at midnight"},
    {&LUNCH, NULL, "2026-06-15T23:59:00+01:00", "2026-06-15T23:59:00+01:00", "and its evening is not quiet"},

    {&DAILY, "2026-06-15T08:00:00+01:00", "2026-06-15T08:00:00+01:00", "2026-06-16T08:00:00+01:00",
     "not twice at one time"},
    {&DAILY, "2026-06-15T07:59:59+01:00", "2026-06-15T08:00:00+01:00", "2026-06-15T08:00:00+01:00",
     "at the time"},
    {&DAILY, "2026-06-15T08:00:01+01:00", "2026-06-15T20:00:00+01:00", "2026-06-16T08:00:00+01:00",
     "in the evening for the next day"},
    {&DAILY, "2026-06-15T08:00:00+01:00", "2026-06-16T08:00:00.000001+01:00",
     "2026-06-16T08:00:00.000001+01:00", "a moment late: at once"},
    {&DAILY, "2026-06-15T08:00:00+01:00", "2026-06-16T09:00:00+01:00", "2026-06-16T09:00:00+01:00",
     "an outage of an hour over the time"},
    {&DAILY, "2026-06-15T08:00:00+01:00", "2026-06-18T23:00:00+01:00", "2026-06-18T23:00:00+01:00",
     "of three days: at once, and once"},
    {&DAILY, "2026-06-18T23:00:00+01:00", "2026-06-18T23:00:00+01:00", "2026-06-19T08:00:00+01:00",
     "and then as ever"},
    {&DAILY, "2026-06-15T08:00:00+01:00", "2026-07-15T05:00:00+01:00", "2026-07-15T05:00:00+01:00",
     "of thirty days"},
    {&DAILY, "2026-03-28T08:00:00Z", "2026-03-28T08:00:00Z", "2026-03-29T08:00:00+01:00",
     "a day of 23 hours"},
    {&DAILY, "2026-10-24T08:00:00+01:00", "2026-10-24T08:00:00+01:00", "2026-10-25T08:00:00Z",
     "a day of 25 hours"},
    {&DAILY, "2028-02-28T08:00:00Z", "2028-02-28T09:00:00Z", "2028-02-29T08:00:00Z", "29 February"},
    {&DAILY, "2026-12-31T08:00:00Z", "2026-12-31T09:00:00Z", "2027-01-01T08:00:00Z",
     "the year's end; without quiet hours New Year too"},
    {&SMALL_HOURS, "2026-03-28T01:30:00Z", "2026-03-28T12:00:00Z", "2026-03-29T02:00:00+01:00",
     "a time that is skipped: when the clocks go forward"},
    {&SMALL_HOURS, "2026-03-29T02:00:00+01:00", "2026-03-29T12:00:00+01:00", "2026-03-30T01:30:00+01:00",
     "and once"},
    {&SMALL_HOURS, "2026-10-24T01:30:00+01:00", "2026-10-24T12:00:00+01:00", "2026-10-25T01:30:00+01:00",
     "a time that comes twice: the first"},
    {&SMALL_HOURS, "2026-10-25T01:30:00+01:00", "2026-10-25T01:30:00Z", "2026-10-26T01:30:00Z", "and once"},

    {&DAILY_QUIET, "2026-06-12T08:00:00+01:00", "2026-06-12T09:00:00+01:00", "2026-06-15T08:00:00+01:00",
     "Saturday's and Sunday's wait for Monday"},
    {&DAILY_QUIET, "2026-06-15T08:00:00+01:00", "2026-06-15T08:00:00+01:00", "2026-06-16T08:00:00+01:00",
     "and are one with its own"},
    {&DAILY_QUIET, "2026-06-15T08:00:00+01:00", "2026-06-16T19:00:00+01:00", "2026-06-17T08:00:00+01:00",
     "missed, and back at a quiet hour"},
    {&DAILY_QUIET, "2026-06-15T08:00:00+01:00", "2026-06-20T11:00:00+01:00", "2026-06-22T08:00:00+01:00",
     "missed, and back on a Saturday"},
    {&DAILY_QUIET, "2027-12-24T08:00:00Z", "2027-12-24T12:00:00Z", "2027-12-29T08:00:00Z",
     "Christmas with two substitute days"},
    {&AT_NIGHT, "2026-06-15T08:00:00+01:00", "2026-06-15T09:00:00+01:00", "2026-06-16T08:00:00+01:00",
     "a time that is quiet: when that ends"},

    {&MONDAYS, "2026-06-15T08:00:00+01:00", "2026-06-15T08:00:00+01:00", "2026-06-22T08:00:00+01:00",
     "a week later"},
    {&MONDAYS, "2026-06-16T10:00:00+01:00", "2026-06-16T10:00:00+01:00", "2026-06-22T08:00:00+01:00",
     "the next Monday"},
    {&MONDAYS, "2026-03-23T08:00:00Z", "2026-03-23T08:00:00Z", "2026-03-30T08:00:00+01:00",
     "a week less an hour"},
    {&MONDAYS, "2026-10-19T08:00:00+01:00", "2026-10-19T08:00:00+01:00", "2026-10-26T08:00:00Z",
     "a week and an hour"},
    {&MONDAYS, "2026-06-15T08:00:00+01:00", "2026-07-15T10:00:00+01:00", "2026-07-15T10:00:00+01:00",
     "missed for thirty days: at once"},
    {&MONDAYS, "2026-07-15T10:00:00+01:00", "2026-07-15T10:00:00+01:00", "2026-07-20T08:00:00+01:00",
     "and then on Monday"},
    {&FRIDAYS_QUIET, "2026-03-27T08:00:00Z", "2026-03-27T08:00:00Z", "2026-04-07T08:00:00+01:00",
     "Good Friday's goes out after Easter"},
    {&FRIDAYS_QUIET, "2026-04-07T08:00:00+01:00", "2026-04-07T08:00:00+01:00", "2026-04-10T08:00:00+01:00",
     "and the next in its turn"},
    {&FRIDAYS_QUIET, "2026-12-18T08:00:00Z", "2026-12-24T17:00:00Z", "2026-12-29T08:00:00Z",
     "Christmas Day is a Friday"},
};

static void the_next_message_goes_out(void **state)
{
    (void)state;
    struct calendar cal;
    calendar_builtin(&cal);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct row *r = &rows[i];
        char got[INSTANT_TEXT_LEN];
        int64_t next = policy_next(r->policy, r->last != NULL ? at(r->last) : 0, at(r->now), &cal);
        if (next != at(r->next))
            fail_msg("%s: %s, not %s", r->why, instant_format(next, got), r->next);
    }
}

/* From any moment: not before it, not in the quiet, and nothing between the two would have done. */
static void loud_is_the_earliest(void **state)
{
    (void)state;
    struct calendar cal;
    calendar_builtin(&cal);
    struct rng r = rng_seeded("policy");
    for (int i = 0; i < 3000; i++) {
        struct policy p = {.quiet_from = rng_between(&r, 0, 1439), .quiet_to = rng_between(&r, 0, 1439)};
        int64_t now =
            ((int64_t)rng_between(&r, 18262, 21549) * DAY_MINUTES + rng_below(&r, DAY_MINUTES)) * 60000000;
        int64_t loud = policy_loud(&p, now, &cal);
        assert_true(loud >= now && !policy_is_quiet(&p, loud, &cal));
        for (int64_t t = now; t < loud; t += 60000000)
            assert_true(policy_is_quiet(&p, t, &cal));
    }
}

static const struct {
    struct policy policy;
    const char *reminded, *now, *next, *why;
} reminders[] = {
    {{AT_EIGHT, .remind_days = 5},
     NULL,
     "2026-06-15T03:00:00+01:00",
     "2026-06-15T08:00:00+01:00",
     "from digest_at on"},
    {{AT_EIGHT, .remind_days = 5},
     NULL,
     "2026-06-15T15:00:00+01:00",
     "2026-06-15T15:00:00+01:00",
     "at once after it"},
    {{AT_EIGHT, .remind_days = 5},
     "2026-06-15",
     "2026-06-15T15:00:00+01:00",
     "2026-06-16T08:00:00+01:00",
     "once a day"},
    {{AT_EIGHT, .remind_days = 5},
     "2026-06-12",
     "2026-06-12T15:00:00+01:00",
     "2026-06-15T08:00:00+01:00",
     "not at the weekend"},
    {{AT_EIGHT, .remind_days = 5}, NULL, "2026-12-25T12:00:00Z", "2026-12-29T08:00:00Z", "nor at Christmas"},
    {{AT_EIGHT, .escalate_days = 5, NIGHTS},
     NULL,
     "2026-06-15T18:00:00+01:00",
     "2026-06-16T08:00:00+01:00",
     "nor in quiet hours"},
    {{.digest_at = 1200, .remind_days = 1, NIGHTS},
     NULL,
     "2026-06-15T09:00:00+01:00",
     "2026-06-15T09:00:00+01:00",
     "a time that is quiet counts as its end"},
    {{AT_EIGHT, .remind_days = 5},
     "2026-03-27",
     "2026-03-29T12:00:00+01:00",
     "2026-03-30T08:00:00+01:00",
     "after the clocks have changed"},
    {{AT_EIGHT, .remind_days = 5}, "2026-10-23", "2026-10-25T12:00:00Z", "2026-10-26T08:00:00Z", "both ways"},
};

static void reminders_on_working_days(void **state)
{
    (void)state;
    struct calendar cal;
    calendar_builtin(&cal);
    for (size_t i = 0; i < sizeof reminders / sizeof reminders[0]; i++) {
        char got[INSTANT_TEXT_LEN];
        civil_day before = reminders[i].reminded != NULL ? day(reminders[i].reminded) : CIVIL_NONE;
        int64_t next = policy_remind_next(&reminders[i].policy, before, at(reminders[i].now), &cal);
        if (next != at(reminders[i].next))
            fail_msg("%s: %s", reminders[i].why, instant_format(next, got));
    }
    assert_true(policy_remind_next(&NOW, CIVIL_NONE, at("2026-06-15T12:00:00Z"), &cal) == POLICY_NEVER);
}

static void steps(void **state)
{
    (void)state;
    static const struct {
        int remind, escalate, days, step;
    } s[] = {
        {0, 0, 100, 0}, {5, 0, 0, 0},   {5, 0, 4, 0},   {5, 0, 5, 5},   {5, 0, 9, 5},    {5, 0, 10, 10},
        {5, 0, 53, 50}, {1, 0, 12, 12}, {5, 10, 10, 0}, {5, 10, 14, 0}, {5, 10, 15, 15}, {5, 7, 9, 0},
    };
    for (size_t i = 0; i < sizeof s / sizeof s[0]; i++) {
        struct policy p = {.remind_days = s[i].remind, .escalate_days = s[i].escalate};
        assert_int_equal(policy_reminder_step(&p, s[i].days), s[i].step);
    }
}

static void times_as_text(void **state)
{
    (void)state;
    int m = -1, from = -1, to = -1;
    assert_true(policy_read_time("00:00", &m) && m == 0);
    assert_true(policy_read_time("08:30", &m) && m == 510);
    assert_true(policy_read_time("23:59", &m) && m == 1439);
    assert_true(policy_read_hours("18:00-08:00", &from, &to) && from == SIX_PM && to == EIGHT);
    assert_true(policy_read_hours("12:00-13:15", &from, &to) && from == 720 && to == 795);
    static const char *const wrong[] = {"",       "8:00",  "08:0",   "08:60",  "24:00", "29:59",
                                        "08:000", "08.00", " 08:00", "08:00 ", "-8:00"},
                             *const hours[] = {"",
                                               "18:00",
                                               "18:00-",
                                               "18:00-8:00",
                                               "18:00-08:00-",
                                               "08:00-08:00",
                                               "18:00 - 08:00",
                                               "18:00/08:00",
                                               "24:00-08:00"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        if (policy_read_time(wrong[i], &m))
            fail_msg("read \"%s\" as a time", wrong[i]);
    for (size_t i = 0; i < sizeof hours / sizeof hours[0]; i++)
        if (policy_read_hours(hours[i], &from, &to))
            fail_msg("read \"%s\" as hours", hours[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_next_message_goes_out),
        cmocka_unit_test(loud_is_the_earliest),
        cmocka_unit_test(reminders_on_working_days),
        cmocka_unit_test(steps),
        cmocka_unit_test(times_as_text),
    };
    return cmocka_run_group_tests_name("policy", tests, NULL, NULL) != 0;
}
