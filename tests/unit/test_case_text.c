#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "case_text.h"
#include "caseload_make.h"

static json_t *explain(struct made *m, int64_t id, char **text)
{
    struct buf b = {0};
    struct case_text_about about = {&m->rulebook, &m->calendar, INT64_C(1788256801000000)};
    const unsigned char *record = snapshot_case(m->snapshot, id);
    assert_non_null(record);
    case_text(&b, &about, m->snapshot, record);
    size_t n;
    char *t = buf_take(&b, &n);
    assert_non_null(t);
    json_error_t e;
    json_t *o = json_loadb(t, n, JSON_REJECT_DUPLICATES, &e);
    if (o == NULL)
        fail_msg("%s at %d: %s", e.text, e.position, t);
    if (text != NULL)
        *text = t;
    else
        free(t);
    return o;
}

static const char *text_of(const json_t *o, const char *key)
{
    const char *s = json_string_value(json_object_get(o, key));
    if (s == NULL)
        fail_msg("no text %s", key);
    return s;
}

static json_t *obligation_of(const json_t *o, const char *limit)
{
    const json_t *all = json_object_get(o, "obligations");
    for (size_t i = 0; i < json_array_size(all); i++)
        if (strcmp(text_of(json_array_get(all, i), "limit"), limit) == 0)
            return json_array_get(all, i);
    fail_msg("no obligation %s", limit);
    return NULL;
}

static void an_overdue_case(void **state)
{
    (void)state;
    struct made m;
    made_begin(&m, made_day("2026-09-01"), LIMITS_ALL);
    made_case(&m, 7, "EHC/7 \"q\"", "No\xffrth", "One", "o1", made_day("2019-02-17"));
    made_claim(&m, 7, GROUND_SCHOOL_CLOSED, made_day("2026-04-01"), made_day("2026-04-10"));
    made_claim(&m, 7, GROUND_PERSONAL, made_day("2026-12-01"), CIVIL_NONE); /* not seen yet */
    made_fact(&m, 7, EV_REQUEST_RECEIVED, "parent", made_day("2026-01-05"));
    made_fact(&m, 7, EV_ASSESS_AGREED, "", made_day("2026-02-20"));
    made_fact(&m, 7, EV_ADVICE_REQUESTED, "health", made_day("2026-02-23"));
    made_fact(&m, 7, EV_ADVICE_REQUESTED, "education", made_day("2026-02-23"));
    made_fact(&m, 7, EV_ADVICE_RECEIVED, "education", made_day("2026-03-20"));
    made_end(&m);
    char *text;
    json_t *o = explain(&m, 7, &text);
    assert_string_equal(text_of(o, "case_ref"), "EHC/7 \"q\"");
    assert_string_equal(text_of(o, "locality"), "No\xef\xbf\xbdrth");
    assert_string_equal(text_of(o, "team"), "One");
    assert_string_equal(text_of(o, "officer"), "o1");
    assert_string_equal(text_of(o, "stage"), "assessing");
    assert_string_equal(text_of(o, "as_of"), "2026-09-01");
    assert_string_equal(text_of(o, "evaluated_at"), "2026-09-01T10:00:01Z");
    assert_string_equal(text_of(o, "known_at"), "2026-09-01T10:00:00.123456Z");
    assert_string_equal(text_of(o, "rulebook"), RULEBOOK_VERSION);
    /* advice on health was due on 6 April: 148 days; the draft's workable latest, 26 April, came after it */
    assert_int_equal(json_integer_value(json_object_get(o, "drift")), 148);

    json_t *plan = obligation_of(o, "final_plan_20w");
    assert_string_equal(text_of(plan, "state"), "breached");
    assert_string_equal(text_of(plan, "due_on"), "2026-05-25");
    assert_string_equal(text_of(plan, "exception"), "unsupported");
    assert_string_equal(text_of(plan, "count"), "20 weeks after 5 January 2026, the day itself not counted");
    assert_string_equal(text_of(plan, "citation"), "SEND Regulations 2014 reg 13(2)");
    assert_string_equal(text_of(json_object_get(plan, "start"), "event"), "request_received");
    assert_string_equal(text_of(json_object_get(plan, "start"), "occurred_on"), "2026-01-05");
    assert_true(json_is_null(json_object_get(plan, "closing")));
    json_t *decision = obligation_of(o, "assess_decision_6w");
    assert_string_equal(text_of(decision, "state"), "met_late");
    assert_string_equal(text_of(json_object_get(decision, "closing"), "event"), "assess_agreed");
    assert_string_equal(text_of(json_object_get(decision, "closing"), "occurred_on"), "2026-02-20");

    json_t *claims = json_object_get(o, "exceptions"), *facts = json_object_get(o, "facts");
    assert_int_equal(json_array_size(claims), 1);
    assert_string_equal(text_of(json_array_get(claims, 0), "ground"), "school_closed");
    assert_string_equal(text_of(json_array_get(claims, 0), "to_on"), "2026-04-10");
    assert_int_equal(json_array_size(facts), 5);
    assert_string_equal(text_of(json_array_get(facts, 0), "event"), "request_received");
    assert_string_equal(text_of(json_array_get(facts, 0), "subject"), "parent");
    assert_string_equal(text_of(json_array_get(facts, 4), "occurred_on"), "2026-03-20");
    assert_null(strstr(text, "2019"));
    free(text);
    json_decref(o);
    made_free(&m);
}

static void obligations_are_in_the_order_of_the_output(void **state)
{
    (void)state;
    struct made m;
    made_begin(&m, made_day("2026-09-01"), LIMITS_ALL);
    made_case(&m, 1, "A", "", "", "", CIVIL_NONE);
    made_fact(&m, 1, EV_REQUEST_RECEIVED, "", made_day("2026-01-05"));
    made_fact(&m, 1, EV_ADVICE_REQUESTED, "social_care", made_day("2026-02-23"));
    made_fact(&m, 1, EV_ADVICE_REQUESTED, "education", made_day("2026-02-23"));
    made_end(&m);
    json_t *o = explain(&m, 1, NULL), *item;
    char last[200] = "", key[200];
    size_t i;
    json_array_foreach(json_object_get(o, "obligations"), i, item)
    {
        snprintf(key, sizeof key, "%s,%s", text_of(item, "limit"), text_of(item, "subject"));
        assert_true(strcmp(last, key) < 0);
        strcpy(last, key);
        if (strncmp(key, "advice", 6) == 0)
            assert_string_equal(text_of(json_object_get(item, "start"), "event"), "advice_requested");
    }
    assert_true(i >= 5);
    json_decref(o);
    made_free(&m);
}

static void only_what_is_watched_is_shown(void **state)
{
    (void)state;
    struct made m;
    made_begin(&m, made_day("2026-09-01"), LIMIT_BIT(limit_by_id("consultation_15d")));
    made_case(&m, 1, "A", "", "", "", CIVIL_NONE);
    made_fact(&m, 1, EV_REQUEST_RECEIVED, "", made_day("2026-01-05"));
    made_fact(&m, 1, EV_CONSULTATION_SENT, "s1", made_day("2026-05-05"));
    made_end(&m);
    json_t *o = explain(&m, 1, NULL);
    assert_int_equal(json_array_size(json_object_get(o, "obligations")), 1);
    assert_string_equal(text_of(obligation_of(o, "consultation_15d"), "subject"), "s1");
    assert_true(json_is_null(json_object_get(o, "drift"))); /* guidance does not count */
    json_decref(o);
    made_free(&m);
}

static void days_in_hand_are_negative_drift(void **state)
{
    (void)state;
    struct made m;
    made_begin(&m, made_day("2026-01-06"), LIMIT_BIT(limit_by_id("assess_decision_6w")));
    made_case(&m, 1, "A", "", "", "", CIVIL_NONE);
    made_case(&m, 2, "B", "", "", "", CIVIL_NONE);
    made_fact(&m, 1, EV_REQUEST_RECEIVED, "", made_day("2026-01-05"));
    made_end(&m);
    json_t *o = explain(&m, 1, NULL);
    assert_int_equal(json_integer_value(json_object_get(o, "drift")), -41);
    json_decref(o);
    o = explain(&m, 2, NULL); /* a case without facts */
    assert_int_equal(json_array_size(json_object_get(o, "facts")), 0);
    assert_int_equal(json_array_size(json_object_get(o, "obligations")), 0);
    assert_true(json_is_null(json_object_get(o, "drift")));
    json_decref(o);
    made_free(&m);
}

/* The fifth birthday voids a review for a child under five: neither the birth date nor that day is told. */
static void a_birthday_is_not_told(void **state)
{
    (void)state;
    struct made m;
    made_begin(&m, made_day("2026-09-01"), LIMITS_ALL);
    made_case(&m, 1, "A", "", "", "", made_day("2021-03-17"));
    made_fact(&m, 1, EV_PLAN_ISSUED, "", made_day("2026-01-05"));
    made_end(&m);
    char *text;
    json_t *o = explain(&m, 1, &text), *review = obligation_of(o, "early_years_review_6m");
    assert_string_equal(text_of(review, "state"), "void");
    assert_true(json_is_null(json_object_get(review, "closed_on")));
    json_t *closing = json_object_get(review, "closing");
    assert_true(json_is_object(closing));
    assert_true(json_is_null(json_object_get(closing, "event")));
    assert_true(json_is_null(json_object_get(closing, "occurred_on")));
    assert_null(strstr(text, "2021-03-17"));
    assert_null(strstr(text, "2026-03-17"));
    free(text);
    json_decref(o);
    made_free(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_overdue_case),
        cmocka_unit_test(obligations_are_in_the_order_of_the_output),
        cmocka_unit_test(only_what_is_watched_is_shown),
        cmocka_unit_test(days_in_hand_are_negative_drift),
        cmocka_unit_test(a_birthday_is_not_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
