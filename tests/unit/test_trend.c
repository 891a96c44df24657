#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "plain.h"
#include "trend_paper.h"
#include "walk_make.h"

/* --- the kept weeks ------------------------------------------------------------------------------------------------------- */

enum { NORTH = 1, WEST, ONE, TWO };

static struct trend *kept(void)
{
    static const struct trend_count first[] = {{NORTH, ONE, 10, 3},
                                               {NORTH, TWO, 20, 5},
                                               {WEST, ONE, 40, 7},
                                               {TREND_NO_PLACE, TREND_NO_PLACE, 80, 9}};
    struct trend *t = trend_new(made_day("2025-08-25"));
    assert_non_null(t);
    trend_day(t, made_day("2026-08-16"), 7, true);
    for (size_t i = 0; i < 4; i++)
        assert_true(trend_count(t, &first[i]));
    trend_day(t, made_day("2026-08-21"), 7, true); /* nothing was overdue */
    trend_day(t, made_day("2026-08-30"), 3, true);
    assert_true(trend_count(t, &(struct trend_count){NORTH, ONE, 11, 4}));
    return t;
}

static size_t sums_of(const struct trend *t, const struct case_places *places, const char *before,
                      struct trend_sum sums[TREND_WEEKS])
{
    memset(sums, 0xff, TREND_WEEKS * sizeof *sums);
    return trend_sums(t, places, made_day(before), sums);
}

static void weeks_are_added_up_by_place(void **state)
{
    struct trend_sum sums[TREND_WEEKS];
    struct trend *t = kept();
    (void)state;
    struct case_places places = {.teams = {0}};
    assert_int_equal(sums_of(t, &places, "2026-08-31", sums), 3);
    assert_int_equal(sums[0].day, made_day("2026-08-16"));
    assert_int_equal(sums[0].overdue, 150);
    assert_int_equal(sums[0].plans, 24);
    assert_int_equal(sums[1].overdue, 0);
    assert_int_equal(sums[2].overdue, 11);
    assert_int_equal(sums[2].limits, 3);
    assert_int_equal(sums_of(t, &places, "2026-08-30", sums), 2);
    assert_int_equal(sums_of(t, &places, "2026-08-16", sums), 0);
    assert_int_equal(sums_of(NULL, &places, "2026-08-31", sums), 0);
    places.teams = (struct breach_places){1, {ONE}};
    assert_int_equal(sums_of(t, &places, "2026-08-31", sums), 3);
    assert_int_equal(sums[0].overdue, 50);
    places.localities = (struct breach_places){1, {WEST}};
    assert_int_equal(sums_of(t, &places, "2026-08-31", sums), 3);
    assert_int_equal(sums[0].overdue, 40);
    assert_int_equal(sums[0].plans, 7);
    assert_int_equal(sums[2].overdue, 0);
    trend_free(t);
}

/* A place that is not known belongs to nobody who is held to teams, not even to one who may see none (access.h: NAMES_FULL). */
static void nobody_is_given_a_place_that_is_not_known(void **state)
{
    struct trend_sum sums[TREND_WEEKS];
    struct trend *t = kept();
    (void)state;
    static const uint32_t nobody[] = {NAMES_FULL, TREND_NO_PLACE};
    for (size_t i = 0; i < 2; i++) {
        const struct case_places places = {.teams = {1, {nobody[i]}}};
        assert_int_equal(sums_of(t, &places, "2026-08-31", sums), 3);
        assert_int_equal(sums[0].overdue, 0);
    }
    const struct case_places officer = {.officers = {1, {ONE}}};
    assert_int_equal(sums_of(t, &officer, "2026-08-31", sums), 0);
    trend_free(t);
}

static void no_more_weeks_than_there_is_room_for(void **state)
{
    struct trend_sum sums[TREND_WEEKS];
    struct trend *t = trend_new(made_day("2025-08-25"));
    (void)state;
    assert_non_null(t);
    assert_true(trend_count(t, &(struct trend_count){NORTH, ONE, 5, 1})); /* of no day */
    for (int i = 0; i < TREND_WEEKS + 3; i++) {
        trend_day(t, made_day("2025-01-05") + 7 * i, 1, i % 2 == 0);
        assert_true(trend_count(t, &(struct trend_count){NORTH, ONE, 1, 0}));
    }
    assert_int_equal(sums_of(t, &(struct case_places){.teams = {0}}, "2030-01-01", sums), TREND_WEEKS);
    for (int i = 0; i < TREND_WEEKS; i++) {
        assert_int_equal(sums[i].overdue, 1);
        assert_int_equal(sums[i].observed, i % 2 == 0);
    }
    trend_free(t);
    assert_int_equal(trend_first(made_day("2026-09-01")), made_day("2025-09-01"));
    assert_int_equal(trend_first(made_day("2026-08-31")), made_day("2025-09-01"));
    assert_int_equal(trend_first(made_day("2026-09-06")), made_day("2025-09-01"));
}

/* --- what fell overdue and came to an end ---------------------------------------------------------------------------------- */

/* As of Tuesday 1 September 2026, the 53rd week. Decide by +42 days. */
static void make(struct made *m)
{
    made_begin(m, made_day("2026-09-01"),
               LIMIT_BIT(limit_by_id("assess_decision_6w")) | LIMIT_BIT(limit_by_id("issue_decision_16w")));
    for (int i = 1; i <= 5; i++)
        made_case(m, i, (char[]){(char)('A' + i), '\0'}, "North", "One", "o", CIVIL_NONE);
    made_fact(m, 1, EV_REQUEST_RECEIVED, "parent",
              made_day("2026-07-20")); /* by 31 August: today is the first day */
    made_fact(m, 2, EV_REQUEST_RECEIVED, "parent", made_day("2026-07-05")); /* by Sunday 16 August */
    made_fact(m, 2, EV_ASSESS_AGREED, "", made_day("2026-08-30"));          /* late, on a Sunday */
    made_fact(m, 3, EV_REQUEST_RECEIVED, "parent", made_day("2026-07-06")); /* in time */
    made_fact(m, 3, EV_ASSESS_AGREED, "", made_day("2026-08-10"));
    made_fact(m, 4, EV_REQUEST_RECEIVED, "parent", made_day("2025-06-02")); /* a year and more ago */
    made_fact(m, 5, EV_REQUEST_RECEIVED, "parent", made_day("2026-07-21")); /* by tomorrow */
    made_end(m);
}

static void by_the_dates_of_the_cases(void **state)
{
    struct made m;
    (void)state;
    make(&m);
    const struct judge_how how = walk_how(&m, m.snapshot->as_of, KNOWN_NOW);
    struct turnover *t = turnover_new(&how, m.snapshot->limits);
    assert_non_null(t);
    walk_all(&m, &how, turnover_visit, t);
    assert_int_equal(turnover_finish(t), 0);
    for (int i = 0; i < TREND_WEEKS; i++) {
        assert_int_equal(t->fell[i], i == 52 || i == 50);
        assert_int_equal(t->done[i], i == 51);
        assert_int_equal(t->missed[i], 0);
    }
    turnover_free(t);
    made_free(&m);
}

/* No event closes it: it fell overdue a fortnight before the meeting, and is over on its day. */
static void a_notice_that_was_not_given_is_missed(void **state)
{
    struct made m;
    (void)state;
    made_begin(&m, made_day("2026-09-01"), LIMIT_BIT(limit_by_id("review_notice_2w")));
    made_case(&m, 1, "A", "North", "One", "o", CIVIL_NONE);
    made_fact(&m, 1, EV_PLAN_ISSUED, "", made_day("2026-01-05"));
    made_fact(&m, 1, EV_REVIEW_ARRANGED, "", made_day("2026-08-26")); /* by Wednesday 12 August */
    made_end(&m);
    const struct judge_how how = walk_how(&m, m.snapshot->as_of, KNOWN_NOW);
    struct turnover *t = turnover_new(&how, m.snapshot->limits);
    assert_non_null(t);
    walk_all(&m, &how, turnover_visit, t);
    for (int i = 0; i < TREND_WEEKS; i++) {
        assert_int_equal(t->fell[i], i == 49);
        assert_int_equal(t->done[i], 0);
        assert_int_equal(t->missed[i], i == 51);
    }
    turnover_free(t);
    made_free(&m);
}

/* --- the paper ------------------------------------------------------------------------------------------------------------ */

static void is(const struct table *t, size_t row, const char *column, const char *want)
{
    struct cell c = {.type = CELL_NONE};
    struct buf b = {0};
    t->cell(t->ud, row, table_column(t, column), &c);
    cell_csv(&b, &c, 0);
    buf_text(&b, "");
    assert_string_equal(b.n > 0 ? b.p : "", want);
    buf_free(&b);
}

static void says(struct paper *p, const char *want)
{
    struct buf words = {0};
    assert_non_null(p);
    p->words(&words, p);
    size_t n = strcspn(words.p, "\n");
    words.p[n] = '\0';
    assert_string_equal(words.p, want);
    buf_free(&words);
    paper_free(p);
}

static struct trend *four_weeks(void)
{
    struct trend *t = trend_new(made_day("2025-08-25"));
    trend_day(t, made_day("2025-08-24"), 3, true); /* before the first */
    trend_day(t, made_day("2026-08-16"), 3, false);
    assert_true(trend_count(t, &(struct trend_count){NORTH, ONE, 1500, 3}));
    trend_day(t, made_day("2026-08-23"), 7, true);
    trend_day(t, made_day("2026-08-29"), 3, true); /* the last one evaluated, a Saturday */
    assert_true(trend_count(t, &(struct trend_count){NORTH, ONE, 1700, 3}));
    trend_day(t, made_day("2026-08-31"), 3, false); /* in this week, which is told by what is overdue now */
    return t;
}

static void a_row_for_each_week(void **state)
{
    struct made m;
    (void)state;
    make(&m);
    const struct judge_how how = walk_how(&m, m.snapshot->as_of, KNOWN_NOW);
    struct overdue now = {.how = &how, .statutory = 3, .all = {.overdue = 1620, .excepted = 9}};
    struct turnover flow = {.fell = {[52] = 4}, .done = {[51] = 2}, .missed = {[50] = 1}};
    struct trend *t = four_weeks();
    struct paper *p = trend_paper_new(t, &(struct case_places){.teams = {0}}, &now, &flow);
    trend_free(t);
    assert_non_null(p);
    const struct table *rows = &p->tables[0];
    assert_int_equal(rows->n_rows, TREND_WEEKS);
    is(rows, 0, "week", "2025-W36");
    is(rows, 0, "day", "");
    is(rows, 0, "observed", "");
    is(rows, 0, "limits_changed", "");
    is(rows, 0, "overdue_without_exceptions", "");
    is(rows, 0, "new", "0");
    is(rows, 49, "week", "2026-W33");
    is(rows, 49, "observed", "false");
    is(rows, 49, "limits_changed", "false");
    is(rows, 49, "overdue_without_exceptions", "1500");
    is(rows, 49, "change", "");
    is(rows, 50, "observed", "true");
    is(rows, 50, "overdue_without_exceptions", "0");
    is(rows, 50, "limits_changed", "true");
    is(rows, 50, "change", ""); /* of other limits */
    is(rows, 50, "missed", "1");
    is(rows, 51, "change", ""); /* the week before was of other limits */
    is(rows, 51, "done_late", "2");
    is(rows, 52, "day", "2026-09-01");
    is(rows, 52, "observed", ""); /* it is not kept */
    is(rows, 52, "overdue_without_exceptions", "1611");
    is(rows, 52, "change", "-89");
    is(rows, 52, "new", "4");
    says(p,
         "1,611 time limits are overdue without an exception; on 16 August 2026 it was 1,500; 89 fewer than "
         "on "
         "29 August 2026. The time limits under watch were changed in week 2026-W34, 2026-W35: counts before "
         "and after that are not of the same limits. 1 of the weeks was worked out afterwards.");
    made_free(&m);
}

/* What is not known of the weeks before is not told as nothing. */
static void what_is_left_out_is_said(void **state)
{
    struct made m;
    (void)state;
    make(&m);
    const struct case_places all = {.teams = {0}}, officer = {.officers = {1, {ONE}}};
    struct judge_how how = walk_how(&m, m.snapshot->as_of, KNOWN_NOW);
    struct overdue now = {.how = &how, .statutory = 3, .all = {.overdue = 1620, .excepted = 9}};
    const struct turnover flow = {.fell = {0}};
    says(trend_paper_new(NULL, &officer, &now, &flow),
         "1,611 time limits are overdue without an exception. No history is kept of single officers: what "
         "was overdue in "
         "the weeks before is shown by team and locality.");
    says(trend_paper_new(NULL, &all, &now, &flow), "1,611 time limits are overdue without an exception. The "
                                                   "history could not be read yet: the weeks before are left "
                                                   "out.");
    struct trend *t = trend_new(made_day("2025-08-25"));
    says(trend_paper_new(t, &all, &now, &flow),
         "1,611 time limits are overdue without an exception. Nothing was counted in the weeks before.");
    trend_day(t, made_day("2026-08-30"), 3, true);
    assert_true(trend_count(t, &(struct trend_count){NORTH, ONE, 1610, 3}));
    says(trend_paper_new(t, &all, &now, &flow),
         "1,611 time limits are overdue without an exception; 1 more than on 30 August 2026.");
    trend_free(t);
    t = four_weeks();
    how.as_of = made_day("2025-09-01"); /* a year back */
    says(trend_paper_new(t, &all, &now, &flow),
         "1,611 time limits are overdue without an exception; on 24 August 2025 it was 0. The weeks "
         "before 25 August 2025 are left out: "
         "/v1/history has them.");
    /* As known on the evening of Saturday 29 August: what was counted on that day knew more. */
    how.as_of = made_day("2026-09-01");
    how.known_at = MADE_READ_AT - INT64_C(1000000) * (2 * 86400 + 12 * 3600);
    struct paper *p = trend_paper_new(t, &all, &now, &flow);
    is(&p->tables[0], 50, "day", "2026-08-23");
    is(&p->tables[0], 51, "day", "");
    is(&p->tables[0], 52, "change", "");
    says(p, "1,611 time limits are overdue without an exception; on 16 August 2026 it was 1,500. The time "
            "limits under watch were "
            "changed in week 2026-W34, 2026-W36: counts before and after that are not of the same limits. "
            "What was counted from 29 August 2026 on is left out: "
            "more was known then than is asked for. 1 of the weeks was worked out afterwards.");
    trend_free(t);
    made_free(&m);
}

static void counts_are_written_in_one_way(void **state)
{
    static const struct {
        int64_t n;
        const char *text;
    } rows[] = {{0, "0"},
                {999, "999"},
                {1000, "1,000"},
                {-1620, "-1,620"},
                {-999, "-999"},
                {12345678, "12,345,678"},
                {INT64_MIN, "-9,223,372,036,854,775,808"}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_string_equal(COUNT(rows[i].n), rows[i].text);
    struct buf b = {0};
    buf_days(&b, 1);
    buf_days(&b, 3832);
    buf_commas(&b, "-1234567.8901");
    buf_commas(&b, ";123.4");
    assert_string_equal(b.p, "1 day3,832 days-1,234,567.8901;123.4");
    buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weeks_are_added_up_by_place),
        cmocka_unit_test(nobody_is_given_a_place_that_is_not_known),
        cmocka_unit_test(no_more_weeks_than_there_is_room_for),
        cmocka_unit_test(by_the_dates_of_the_cases),
        cmocka_unit_test(a_notice_that_was_not_given_is_missed),
        cmocka_unit_test(a_row_for_each_week),
        cmocka_unit_test(what_is_left_out_is_said),
        cmocka_unit_test(counts_are_written_in_one_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
