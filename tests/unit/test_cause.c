/* What a restatement is told with: the fact that was learnt last. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "cause.h"
#include "instant.h"

static int64_t at(const char *text)
{
    int64_t us;
    assert_true(instant_parse(text, 20, &us));
    return us;
}

static civil_day day(const char *text)
{
    civil_day d;
    assert_true(civil_parse(text, 10, &d));
    return d;
}

static struct cause cause_in(const struct record_fact *facts, size_t n, const struct record_claim *claim,
                             const char *limit)
{
    struct rulebook rb;
    struct record_maker m = {0};
    struct record_case k = {.id = 7, .ref = "A-7", .ref_len = 3, .born = CIVIL_NONE};
    rulebook_builtin(&rb);
    for (size_t i = 0; i < n; i++)
        assert_true(record_add_fact(&m, &facts[i]));
    if (claim != NULL)
        assert_true(record_add_claim(&m, claim));
    unsigned char *record = malloc(record_bound(&m, 3));
    assert_non_null(record);
    record_encode(&m, &k, record);
    struct cause c = cause_of(record, &rb.rule[rulebook_find(&rb, limit)]);
    free(record);
    record_maker_free(&m);
    return c;
}

static void the_fact_learnt_last(void **state)
{
    (void)state;
    const struct record_fact facts[] = {
        {day("2026-03-04"), EV_REQUEST_RECEIVED, SUBJECT_PARENT, at("2026-03-05T09:00:00Z"), TIME_NONE},
        {day("2026-04-10"), EV_ASSESS_AGREED, SUBJECT_NONE, at("2026-05-20T10:00:00Z"), TIME_NONE},
        /* Learnt later still, but no concern of the limit. */
        {day("2026-04-20"), EV_ADVICE_REQUESTED, SUBJECT_HEALTH, at("2026-06-01T10:00:00Z"), TIME_NONE},
    };
    struct cause c = cause_in(facts, 3, NULL, "assess_decision_6w");
    assert_int_equal(c.how, CAUSE_RECORDED);
    assert_int_equal(c.event, EV_ASSESS_AGREED);
    assert_int_equal(c.on, day("2026-04-10"));
    assert_int_equal(c.known_at, at("2026-05-20T10:00:00Z"));
}

static void a_voided_row_is_learnt_when_it_is_voided(void **state)
{
    (void)state;
    const struct record_fact facts[] = {
        {day("2026-03-04"), EV_REQUEST_RECEIVED, SUBJECT_PARENT, at("2026-03-05T09:00:00Z"), TIME_NONE},
        {day("2026-04-10"), EV_ASSESS_AGREED, SUBJECT_NONE, at("2026-04-11T10:00:00Z"),
         at("2026-05-02T08:30:00Z")},
        {day("2026-04-30"), EV_ASSESS_AGREED, SUBJECT_NONE, at("2026-05-01T08:30:00Z"), TIME_NONE},
    };
    struct cause c = cause_in(facts, 3, NULL, "assess_decision_6w");
    assert_int_equal(c.how, CAUSE_VOIDED);
    assert_int_equal(c.on, day("2026-04-10"));
    assert_int_equal(c.known_at, at("2026-05-02T08:30:00Z"));
}

static void claims_count_where_the_limit_knows_exceptions(void **state)
{
    (void)state;
    const struct record_fact facts[] = {
        {day("2026-03-04"), EV_REQUEST_RECEIVED, SUBJECT_PARENT, at("2026-03-05T09:00:00Z"), TIME_NONE},
        {day("2026-03-04"), EV_PLAN_ISSUED, SUBJECT_NONE, at("2026-03-06T09:00:00Z"), TIME_NONE},
    };
    const struct record_claim claim = {
        {day("2026-03-20"), CIVIL_NONE, GROUND_PERSONAL}, at("2026-09-01T12:00:00Z"), TIME_NONE};
    struct cause c = cause_in(facts, 2, &claim, "final_plan_20w");
    assert_int_equal(c.how, CAUSE_CLAIM_RECORDED);
    assert_int_equal(c.ground, GROUND_PERSONAL);
    c = cause_in(facts, 2, &claim, "annual_review_12m"); /* no exception lies against it */
    assert_int_equal(c.how, CAUSE_RECORDED);
    assert_int_equal(c.event, EV_PLAN_ISSUED);
}

static void without_times_nothing_is_said(void **state)
{
    (void)state;
    const struct record_fact fact = {day("2026-03-04"), EV_REQUEST_RECEIVED, SUBJECT_PARENT, TIME_NONE,
                                     TIME_NONE};
    assert_int_equal(cause_in(&fact, 1, NULL, "final_plan_20w").how, CAUSE_UNKNOWN);
    struct rulebook rb;
    rulebook_builtin(&rb);
    assert_int_equal(cause_of(NULL, &rb.rule[0]).how, CAUSE_UNKNOWN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_fact_learnt_last),
        cmocka_unit_test(a_voided_row_is_learnt_when_it_is_voided),
        cmocka_unit_test(claims_count_where_the_limit_knows_exceptions),
        cmocka_unit_test(without_times_nothing_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
