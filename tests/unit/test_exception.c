#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "casework.h"
#include "count.h"
#include "exception.h"
#include "note.h"

/* One claim against one obligation, 2026-01-05 to its due date, as of a day: the reason, the days that it lasted and must last. */
static const struct row {
    const char *limit, *facts, *as_of, *expected;
} rows[] = {
    /* X1: final_plan_20w, due 2026-05-25 */
    {"final_plan_20w", "claim claimed - -", "2026-06-01", "bare_claim"},
    {"final_plan_20w", "claim claimed 2026-05-25 -", "2026-06-01", "bare_claim 8/0"},
    {"final_plan_20w", "claim claimed 2026-05-26 -", "2026-06-01", "after_the_due_date 7/0"},
    {"final_plan_20w", "claim claimed - 2026-02-01", "2026-06-01", "no_first_day"},
    {"final_plan_20w", "claim personal - -", "2026-06-01", "no_first_day"},
    {"final_plan_20w", "claim personal 2026-02-02 2026-02-01", "2026-06-01", "ends_before_it_begins"},
    {"final_plan_20w", "claim personal 2026-06-02 -", "2026-06-01", "not_begun"},
    {"final_plan_20w", "claim personal 2026-02-02 2026-02-02", "2026-06-01", "holds 1/0"},
    {"final_plan_20w", "claim personal 2025-12-01 2026-01-05", "2026-06-01", "holds 36/0"},
    {"final_plan_20w", "claim personal 2025-12-01 2026-01-04", "2026-06-01", "over_before_the_start 35/0"},
    {"final_plan_20w", "claim personal 2026-05-25 -", "2026-06-01", "holds 8/0"},
    {"final_plan_20w", "claim personal 2026-05-26 -", "2026-06-01", "after_the_due_date 7/0"},
    {"final_plan_20w", "claim absent 2026-02-01 2026-02-28", "2026-06-01", "holds 28/28"},
    {"final_plan_20w", "claim absent 2026-02-01 2026-02-27", "2026-06-01", "too_short 27/28"},
    {"final_plan_20w", "claim absent 2026-05-05 2026-12-31", "2026-05-31", "too_short 27/28"},
    {"final_plan_20w", "2026-03-25 advice_requested education, claim school_closed 2026-04-01 2026-04-29",
     "2026-06-01", "holds 28/28 2026-03-25..2026-04-22"},
    {"final_plan_20w", "2026-03-25 advice_requested education, claim school_closed 2026-04-01 2026-04-28",
     "2026-06-01", "too_short 27/28"},
    {"final_plan_20w", "2026-03-24 advice_requested education, claim school_closed 2026-04-01 2026-04-29",
     "2026-06-01", "advice_not_asked_for_then 28/28 2026-03-25..2026-04-22"},
    {"final_plan_20w", "2026-04-23 advice_requested education, claim school_closed 2026-04-01 2026-04-29",
     "2026-06-01", "advice_not_asked_for_then 28/28 2026-03-25..2026-04-22"},
    {"final_plan_20w", "2026-04-01 advice_requested health, claim school_closed 2026-04-01 2026-04-29",
     "2026-06-01", "advice_not_asked_for_then 28/28 2026-03-25..2026-04-22"},
    {"final_plan_20w", "claim school_closed 2026-05-26 2026-07-01", "2026-06-30", "after_the_due_date 35/28"},
    /* X1 in the life of a plan */
    {"reassess_final_14w", "claim claimed - -", "2026-06-01", "not_in_set"},
    {"reassess_final_14w", "claim claimed 2026-02-01 -", "2026-06-01", "not_in_set"},
    {"reassess_final_14w", "claim personal 2026-02-01 2026-02-02", "2026-06-01", "holds 2/0"},
    /* X2: due 2026-02-16 */
    {"advice_6w", "claim personal 2026-02-16 -", "2026-06-01", "holds 106/0"},
    {"advice_6w", "claim absent 2026-01-01 2026-01-28", "2026-06-01", "holds 28/28"},
    {"advice_6w", "claim absent 2026-01-01 2026-01-27", "2026-06-01", "too_short 27/28"},
    {"advice_6w", "2026-01-05 advice_requested education, claim school_closed 2026-01-08 2026-02-10",
     "2026-06-01", "not_in_set"},
    {"advice_6w", "claim claimed - -", "2026-06-01", "not_in_set"},
    /* X3: due 2026-02-09 */
    {"order_amend_5w", "claim personal 2026-02-09 -", "2026-06-01", "holds 113/0"},
    {"order_amend_5w", "claim absent 2026-01-10 2026-01-23", "2026-06-01", "holds 14/14"},
    {"order_amend_5w", "claim absent 2026-01-10 2026-01-22", "2026-06-01", "too_short 13/14"},
    {"order_amend_5w", "claim school_closed 2026-01-10 2026-02-22", "2026-06-01", "not_in_set"},
    {"order_assess_final_14w", "claim claimed - -", "2026-06-01", "not_in_set"},
    /* none */
    {"annual_review_12m", "claim personal 2026-02-01 -", "2026-06-01", "no_exceptions"},
};

static struct obligation obligation_of(const struct limit *l, uint32_t subject)
{
    struct obligation o = {.start = day("2026-01-05"), .subject = subject, .closed = CIVIL_NONE};
    struct calendar cal;
    calendar_builtin(&cal);
    o.due = count_due(l->count, l->n, o.start, &cal, NULL, o.start, NULL);
    return o;
}

static void each_ground_of_each_set(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct limit *l = limit_at((size_t)limit_by_id(rows[i].limit));
        struct obligation o = obligation_of(l, SUBJECT_NONE);
        struct scene s;
        char got[120];
        scene_read(&s, rows[i].facts);
        facts_settle(&s.view, s.subjects, day(rows[i].as_of));
        assert_int_equal(s.view.n_claims, 1);
        struct exception_test t = exception_test(&s.claim[0], &o, l, &s.view, day(rows[i].as_of));
        int n = snprintf(got, sizeof got, "%s", exception_reason_name(t.reason));
        if (t.to != CIVIL_NONE)
            n += snprintf(got + n, sizeof got - (size_t)n, " %d/%d", t.days, t.need);
        if (t.advice_from != CIVIL_NONE)
            snprintf(got + n, sizeof got - (size_t)n, " %s..%s", text_of(t.advice_from),
                     text_of(t.advice_to));
        if (strcmp(got, rows[i].expected) != 0)
            fail_msg("%s, %s: %s, expected %s", rows[i].limit, rows[i].facts, got, rows[i].expected);
        scene_free(&s);
    }
}

static void a_missed_appointment(void **state)
{
    (void)state;
    const struct limit *advice = limit_at((size_t)limit_by_id("advice_6w")),
                       *plan = limit_at((size_t)limit_by_id("final_plan_20w"));
    struct obligation o = obligation_of(advice, SUBJECT_HEALTH);
    struct scene s;
    scene_read(&s, "2026-01-04 appointment_missed health, 2026-01-20 appointment_missed health, 2026-01-10 "
                   "appointment_missed education, claim personal 2027-01-01 -");
    facts_settle(&s.view, s.subjects, day("2026-06-01"));
    assert_day_equal(exception_appointment(&o, advice, &s.view), "2026-01-20");
    assert_int_equal(exception_judge(&o, advice, &s.view, day("2026-06-01")), EXCEPTION_SUPPORTED);
    assert_int_equal(exception_appointment(&o, plan, &s.view), CIVIL_NONE);
    assert_int_equal(exception_judge(&o, plan, &s.view, day("2026-06-01")), EXCEPTION_NONE);
    o.subject = SUBJECT_PSYCHOLOGY;
    assert_int_equal(exception_appointment(&o, advice, &s.view), CIVIL_NONE);
    scene_free(&s);
}

static void every_reason_has_a_name_and_an_effect(void **state)
{
    (void)state;
    for (int r = 0; r < REASON_COUNT; r++) {
        assert_non_null(exception_reason_name((enum exception_reason)r));
        enum exception_verdict want = r == REASON_HOLDS        ? EXCEPTION_SUPPORTED
                                      : r == REASON_BARE_CLAIM ? EXCEPTION_UNVERIFIED
                                      : r == REASON_NOT_BEGUN || r == REASON_NO_EXCEPTIONS
                                          ? EXCEPTION_NONE
                                          : EXCEPTION_UNSUPPORTED;
        assert_int_equal(exception_verdict_of((enum exception_reason)r), want);
    }
}

/* --- notes of law --------------------------------------------------------------------------------------------------- */

static bool noted(const char *limit, const char *start, const char *due)
{
    return law_note_applies(law_note_at(0), limit_at((size_t)limit_by_id(limit)), day(start), day(due));
}

static void the_spring_of_2020(void **state)
{
    (void)state;
    assert_int_equal(law_note_count(), 1);
    const struct law_note *n = law_note_at(0);
    assert_day_equal(n->from, "2020-05-01");
    assert_day_equal(n->to, "2020-09-24");
    assert_true(noted("final_plan_20w", "2019-12-13", "2020-05-01"));
    assert_false(noted("final_plan_20w", "2019-12-12", "2020-04-30"));
    assert_true(noted("assess_decision_6w", "2020-09-24", "2020-11-05"));
    assert_false(noted("assess_decision_6w", "2020-09-25", "2020-11-06"));
    assert_true(noted("final_plan_20w", "2020-04-30", "2020-09-25"));
    /* a limit that counts backward starts after its due date */
    assert_true(noted("phase_transfer_15feb", "2020-09-25", "2020-02-14"));
    assert_false(noted("phase_transfer_15feb", "2021-09-01", "2021-02-14"));
    assert_true(noted("review_notice_2w", "2020-05-10", "2020-04-26"));
    /* other instruments were not amended by it */
    assert_false(noted("annual_review_12m", "2020-01-01", "2020-12-31"));
    assert_false(noted("issue_decision_16w", "2020-05-01", "2020-06-01"));
    assert_false(noted("appeal_response_30wd", "2020-05-01", "2020-06-15"));
    assert_true(noted("amendment_notice_4w", "2020-05-01", "2020-05-29"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_ground_of_each_set),
        cmocka_unit_test(a_missed_appointment),
        cmocka_unit_test(every_reason_has_a_name_and_an_effect),
        cmocka_unit_test(the_spring_of_2020),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
