/* The history as a table: gaps are empty, a week is told by its last day, and what is too long is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "caseload_make.h"
#include "history_paper.h"

static struct history_want want(const char *from, const char *to, uint64_t limits, unsigned states)
{
    return (struct history_want){
        .from = made_day(from), .to = made_day(to), .limits = limits, .states = states};
}

static uint64_t bit(const char *id)
{
    return LIMIT_BIT(limit_by_id(id));
}

static char *csv(struct history_paper *p)
{
    struct buf b = {0};
    const struct table *t = history_paper_table(p);
    size_t n;
    table_csv_header(&b, t);
    for (size_t i = 0; i < t->n_rows; i++)
        table_csv_row(&b, t, i);
    return buf_take(&b, &n);
}

static void see(struct history_paper *p, const char *day, bool observed, uint64_t limits)
{
    const struct history_seen seen = {made_day(day), observed, 0, limits, {1, 2, 3, 4, 5}, 6};
    history_paper_day(p, &seen);
}

static void days_and_gaps(void **state)
{
    (void)state;
    struct rulebook *rb = rulebook_new();
    uint64_t six = bit("assess_decision_6w"), twenty = bit("final_plan_20w");
    struct history_want w = want("2026-12-31", "2027-01-03", six | twenty | bit("advice_6w"),
                                 1u << STATE_BREACHED | 1u << STATE_MET);
    struct history_paper *p = history_paper_new(&w, rb);
    assert_non_null(p);
    see(p, "2026-12-31", true, six | twenty);
    see(p, "2027-01-02", false, six);
    assert_int_equal(history_paper_begin(p), 1);
    history_paper_count(p, made_day("2026-12-31"), (size_t)limit_by_id("final_plan_20w"), STATE_BREACHED, 7);
    history_paper_count(p, made_day("2026-12-31"), (size_t)limit_by_id("final_plan_20w"), STATE_BREACHED, 2);
    history_paper_count(p, made_day("2026-12-31"), (size_t)limit_by_id("final_plan_20w"), STATE_VOID, 99);
    history_paper_count(p, made_day("2027-01-02"), (size_t)limit_by_id("assess_decision_6w"), STATE_MET, 3);
    history_paper_count(p, made_day("2027-01-03"), (size_t)limit_by_id("assess_decision_6w"), STATE_MET, 99);
    history_paper_count(p, made_day("2027-01-09"), (size_t)limit_by_id("assess_decision_6w"), STATE_MET, 99);
    char *text = csv(p);
    for (char *at = text, *end; (at = strstr(at, ",assess_decision_6w,")) != NULL;
         at++) { /* titles are not at issue */
        at += strlen(",assess_decision_6w,");
        end = strchr(at, ',');
        memmove(at, end, strlen(end) + 1);
    }
    for (char *at = text, *end; (at = strstr(at, ",final_plan_20w,")) != NULL; at++) {
        at += strlen(",final_plan_20w,");
        end = strchr(at, ',');
        memmove(at, end, strlen(end) + 1);
    }
    assert_string_equal(text, "week,day,observed,limit,title,breached,met\n"
                              "2026-W53,2026-12-31,true,assess_decision_6w,,0,0\n"
                              "2026-W53,2026-12-31,true,final_plan_20w,,9,0\n"
                              "2026-W53,2027-01-01,,assess_decision_6w,,,\n"
                              "2026-W53,2027-01-01,,final_plan_20w,,,\n"
                              "2026-W53,2027-01-02,false,assess_decision_6w,,0,3\n"
                              "2026-W53,2027-01-02,false,final_plan_20w,,,\n"
                              "2026-W53,2027-01-03,,assess_decision_6w,,,\n"
                              "2026-W53,2027-01-03,,final_plan_20w,,,\n");
    free(text);
    history_paper_free(p);
    rulebook_unref(rb);
}

static void weeks(void **state)
{
    (void)state;
    struct rulebook *rb = rulebook_new();
    struct history_want w = want("2026-12-30", "2027-01-12", LIMITS_ALL, 1u << STATE_BREACHED);
    w.weekly = w.stages = true;
    struct history_paper *p = history_paper_new(&w, rb);
    size_t n;
    assert_non_null(p);
    see(p, "2026-12-29", true, 0); /* not asked for */
    see(p, "2026-12-30", true, 0);
    see(p, "2027-01-03", true, 0);
    see(p, "2027-01-11", false, 0);
    see(p, "2027-01-12", true, 0);
    see(p, "2027-01-13", true, 0);
    const civil_day *days = history_paper_days(p, &n);
    assert_int_equal(n, 2);
    assert_int_equal(days[0], made_day("2027-01-03"));
    assert_int_equal(days[1], made_day("2027-01-12"));
    assert_int_equal(history_paper_begin(p), 1);
    char *text = csv(p);
    assert_string_equal(
        text, "week,day,observed,requested,assessing,refused,plan,ended,breached_cases,evaluated_at\n"
              "2026-W53,2027-01-03,true,1,2,3,4,5,6,1970-01-01T00:00:00Z\n"
              "2027-W01,,,,,,,,,\n"
              "2027-W02,2027-01-12,true,1,2,3,4,5,6,1970-01-01T00:00:00Z\n");
    free(text);
    history_paper_free(p);
    rulebook_unref(rb);
}

static void bounds(void **state)
{
    (void)state;
    struct rulebook *rb = rulebook_new();
    struct history_want w = want("2026-01-01", "2026-12-31", LIMITS_ALL, (1u << STATE_COUNT) - 1);
    assert_int_equal(history_periods(&w), 365);
    struct history_paper *p = history_paper_new(&w, rb);
    see(p, "2026-06-01", true, LIMITS_ALL);
    assert_true(365 * limit_count() * STATE_COUNT > HISTORY_CELLS);
    assert_int_equal(history_paper_begin(p), 0);
    history_paper_free(p);
    w.weekly = true;
    assert_int_equal(history_periods(&w), 53);
    w.to = w.from - 1;
    assert_int_equal(history_periods(&w), 0);
    p = history_paper_new(&w, rb);
    assert_int_equal(history_paper_begin(p), 1);
    assert_int_equal(history_paper_table(p)->n_rows, 0);
    history_paper_free(p);
    w = want("2026-01-01", "2026-01-01", bit("advice_6w"), 1u << STATE_MET);
    w.asked = w.limits; /* no day knows it: a gap, and a row of its own all the same */
    p = history_paper_new(&w, rb);
    assert_int_equal(history_paper_begin(p), 1);
    assert_int_equal(history_paper_table(p)->n_rows, 1);
    history_paper_free(p);
    rulebook_unref(rb);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(days_and_gaps),
        cmocka_unit_test(weeks),
        cmocka_unit_test(bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
