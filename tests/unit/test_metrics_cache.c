#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "caseload_make.h"
#include "metrics_cache.h"
#include "place_count.h"

struct fixture {
    struct made made;
    struct endpoint_status endpoints[2];
    struct status status;
    struct metrics_cache *cache;
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    made_begin(&f->made, made_day("2026-09-01"), LIMIT_BIT(limit_by_id("final_plan_20w")));
    made_case(&f->made, 1, "A-1", "North", "One", "o1", CIVIL_NONE);
    made_fact(&f->made, 1, EV_REQUEST_RECEIVED, "", made_day("2026-01-05"));
    made_end(&f->made);
    memcpy(f->endpoints[0].name, "mis", 4);
    memcpy(f->endpoints[1].name, "chat", 5);
    f->status = (struct status){.rulebook = &f->made.rulebook,
                                .calendar = &f->made.calendar,
                                .snapshot = f->made.snapshot,
                                .source_up = true,
                                .endpoints = f->endpoints,
                                .n_endpoints = 2,
                                .counted = true};
    f->cache = metrics_cache_new();
    *state = f;
    return f->cache != NULL ? 0 : -1;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    metrics_cache_free(f->cache);
    made_free(&f->made);
    free(f);
    return 0;
}

/* Twice what metrics_text makes now, in each format. */
static void check(struct fixture *f)
{
    for (int i = 0; i < 2 * METRICS_FORMATS; i++) {
        struct buf want = {0}, got = {0};
        metrics_text(&want, &f->status, (enum metrics_format)(i % METRICS_FORMATS));
        metrics_cache_text(f->cache, &got, &f->status, (enum metrics_format)(i % METRICS_FORMATS));
        assert_int_equal(got.n, want.n);
        assert_string_equal(got.p, want.p);
        buf_free(&want);
        buf_free(&got);
    }
}

static void count_place(struct fixture *f, int32_t n)
{
    struct place_count one = {
        .limit = (uint8_t)limit_by_id("final_plan_20w"), .state = STATE_BREACHED, .n = n};
    const struct place_counts counts = {.items = &one, .n = 1};
    status_take_places(&f->status, &counts);
}

/* Whatever changes in the status, the text is the one of now. */
static void is_never_old(void **state)
{
    struct fixture *f = *state;
    check(f);
    f->status.evaluations++;
    check(f);
    f->endpoints[1].delivered++;
    check(f);
    f->endpoints[0].latency[3]++;
    check(f);
    status_count_failure(&f->endpoints[1], "timeout");
    check(f);
    f->status.loop_lag = 0.25;
    check(f);
    f->status.loop_busy = 0.125;
    check(f);
    f->status.transitions[3][1]++;
    check(f);
    f->status.label_team = true;
    count_place(f, 7);
    check(f);
    count_place(f, 8);
    check(f);
    f->status.n_endpoints = 1;
    check(f);
    f->status.n_endpoints = 0;
    check(f);
    strcpy(f->status.trouble, "the evaluation failed");
    check(f);
    f->status.snapshot = NULL;
    check(f);
    count_place(f, 0);
    status_take_places(&f->status, NULL);
    check(f);
}

/* The status is what is looked at: what is kept is given again without being made. */
static void is_kept(void **state)
{
    struct fixture *f = *state;
    struct buf first = {0}, again = {0};
    metrics_cache_text(f->cache, &first, &f->status, METRICS_PROMETHEUS);
    f->made.snapshot->tally.breached_cases += 41; /* which nobody may do */
    metrics_cache_text(f->cache, &again, &f->status, METRICS_PROMETHEUS);
    assert_string_equal(first.p, again.p);
    f->status.evaluated_at = 1;
    buf_free(&again);
    metrics_cache_text(f->cache, &again, &f->status, METRICS_PROMETHEUS);
    assert_non_null(strstr(again.p, "ehc_breached_cases 42\n"));
    buf_free(&first);
    buf_free(&again);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(is_never_old, setup, teardown),
        cmocka_unit_test_setup_teardown(is_kept, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
