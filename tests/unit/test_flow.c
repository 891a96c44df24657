#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "flow.h"
#include "walk_make.h"

/* Every day belongs to one period, which begins on or before it and ends before the next; names follow one another. */
static void periods_cover_every_day(void **state)
{
    (void)state;
    for (enum flow_by by = 0; by < BY_COUNT; by++) {
        char name[FLOW_PERIOD_LEN], before[FLOW_PERIOD_LEN] = "";
        civil_day first = flow_period_first(by, made_day("1999-12-27"));
        for (; first < made_day("2040-01-10"); first = flow_period_next(by, first)) {
            const civil_day next = flow_period_next(by, first);
            assert_true(next > first);
            for (civil_day d = first; d < next; d++)
                assert_int_equal(flow_period_first(by, d), first);
            flow_period_name(by, first, name);
            assert_true(strcmp(before, name) < 0);
            strcpy(before, name);
        }
    }
    char out[FLOW_PERIOD_LEN];
    assert_string_equal(flow_period_name(BY_WEEK, made_day("2025-12-29"), out), "2026-W01");
    assert_string_equal(flow_period_name(BY_WEEK, made_day("2026-12-28"), out), "2026-W53");
    assert_string_equal(flow_period_name(BY_MONTH, made_day("2026-11-01"), out), "2026-11");
    assert_string_equal(flow_period_name(BY_QUARTER, made_day("2026-10-01"), out), "2026-Q4");
    assert_string_equal(flow_period_name(BY_YEAR, made_day("2026-01-01"), out), "2026");
    assert_int_equal(flow_by_of("quarter"), BY_QUARTER);
    assert_int_equal(flow_by_of("day"), BY_COUNT);
}

struct world {
    struct made made;
    struct judge_how how;
    struct flow *f;
};

/* Cases of one request each on 300 days, most with more; the odd ones with what counts once only. */
static void make(struct world *w)
{
    const civil_day day = made_day("2025-06-01");
    *w = (struct world){0};
    made_begin(&w->made, made_day("2026-09-01"), LIMITS_ALL);
    for (int i = 0; i < 300; i++) {
        char ref[24];
        snprintf(ref, sizeof ref, "C-%d", i);
        made_case(&w->made, i, ref, "N", "T", "", CIVIL_NONE);
    }
    for (int i = 0; i < 300; i++) {
        made_fact(&w->made, i, EV_REQUEST_RECEIVED, "", day + i);
        made_fact(&w->made, i, EV_REQUEST_RECEIVED, "", day + i + 3);
        if (i % 5 == 4) {
            made_fact(&w->made, i, EV_REQUEST_WITHDRAWN, "", day + i + 9);
            made_fact(&w->made, i, EV_PLAN_ISSUED, "", day + i + 12);
            continue;
        }
        made_fact(&w->made, i, i % 5 == 0 ? EV_ASSESS_REFUSED : EV_ASSESS_AGREED, "", day + i + 20);
        if (i % 5 == 1)
            made_fact(&w->made, i, EV_PLAN_ISSUED, "", day + i + 140);
        if (i % 5 == 1) /* too late to withdraw anything */
            made_fact(&w->made, i, EV_REQUEST_WITHDRAWN, "", day + i + 145);
        if (i % 5 == 2)
            made_fact(&w->made, i, EV_PLAN_ISSUED, "", day + i + 141);
        made_fact(&w->made, i, EV_REVIEW_MEETING, "", day + i + 150);
        made_fact(&w->made, i, EV_REVIEW_DECIDED_AMEND, "", day + i + 160);
    }
    made_end(&w->made);
    w->how = walk_how(&w->made, made_day("2026-09-01"), KNOWN_NOW);
    w->f = flow_new(&w->how);
    assert_non_null(w->f);
    walk_all(&w->made, &w->how, flow_visit, w->f);
    assert_int_equal(flow_finish(w->f), 0);
}

static void end(struct world *w)
{
    flow_free(w->f);
    made_free(&w->made);
}

/* Whatever the period, the rows are next to one another and add up to what happened between the dates. */
static void rows_add_up(void **state)
{
    (void)state;
    struct world w;
    make(&w);
    static const char *const spans[][2] = {{"2025-06-01", "2026-09-01"}, {"2025-12-31", "2026-01-01"},
                                           {"2025-07-16", "2026-04-04"}, {"2026-02-02", "2026-02-02"},
                                           {"1900-01-01", "2199-12-31"}, {"2030-01-01", "2031-01-01"}};
    for (size_t i = 0; i < sizeof spans / sizeof spans[0]; i++)
        for (enum flow_by by = 0; by < BY_COUNT; by++) {
            const civil_day from = made_day(spans[i][0]), to = made_day(spans[i][1]);
            uint64_t whole[FLOW_COUNT], sum[FLOW_COUNT] = {0};
            size_t n;
            struct flow_row *rows = flow_rows(w.f, by, from, to, &n);
            assert_non_null(rows);
            flow_sum(w.f, from, to, whole);
            for (size_t r = 0; r < n; r++) {
                assert_int_equal(rows[r].from, r > 0 ? rows[r - 1].to + 1 : from);
                assert_int_equal(rows[r].whole, rows[r].from == rows[r].first &&
                                                    rows[r].to == flow_period_next(by, rows[r].first) - 1 &&
                                                    rows[r].to <= w.how.as_of);
                for (int k = 0; k < FLOW_COUNT; k++)
                    sum[k] += rows[r].n[k];
            }
            assert_int_equal(rows[n - 1].to, to);
            assert_memory_equal(sum, whole, sizeof sum);
            free(rows);
        }
    size_t n;
    assert_null(flow_rows(w.f, BY_WEEK, made_day("2026-02-02"), made_day("2026-02-01"), &n));
    assert_int_equal(n, 0);
    end(&w);
}

static void what_is_counted(void **state)
{
    (void)state;
    struct world w;
    uint64_t n[FLOW_COUNT];
    make(&w);
    flow_sum(w.f, CIVIL_FIRST, CIVIL_LAST, n);
    assert_int_equal(n[FLOW_REQUESTS], 300);
    assert_int_equal(n[FLOW_WITHDRAWN], 60);
    assert_int_equal(n[FLOW_REFUSED], 60);
    assert_int_equal(n[FLOW_AGREED], 180);
    assert_int_equal(n[FLOW_PLANS], 120);
    assert_int_equal(n[FLOW_PLANS_IN_20W], 60);
    assert_int_equal(n[FLOW_PLANS_OVER_20W], 60);
    const civil_day as_of = made_day("2026-09-01"), last = made_day("2025-06-01") + 299 + 160;
    assert_int_equal(last - as_of, 2); /* of the last cases, i = 298 has no decision yet and 297 one today */
    assert_int_equal(n[FLOW_REVIEW_MEETINGS], 240);
    assert_int_equal(n[FLOW_REVIEWS_DECIDED], 239);
    assert_int_equal(n[FLOW_AMEND], 239);
    flow_sum(w.f, made_day("2025-06-02"), made_day("2025-06-02"), n);
    assert_int_equal(n[FLOW_REQUESTS], 1);
    end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(periods_cover_every_day),
        cmocka_unit_test(rows_add_up),
        cmocka_unit_test(what_is_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
