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
    const struct case_text_about about = {
        .how = {&m->rulebook, &m->calendar, m->words, m->snapshot->as_of, KNOWN_NOW, m->snapshot->limits},
        .read_at = m->snapshot->read_at,
        .evaluated_at = INT64_C(1788256801000000),
    };
    const unsigned char *record = snapshot_case(m->snapshot, id);
    assert_non_null(record);
    case_text(&b, &about, record);
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

/* Of a day gone by on which nothing had happened yet: as JSON, for a terminal. The live view shows every case. */
static void a_case_that_is_not_there_yet(void **state)
{
    (void)state;
    for (int past = 0; past < 2; past++) {
        struct made m;
        struct buf b = {0};
        made_begin(&m, made_day("2026-09-01"), LIMITS_ALL);
        made_case(&m, 1, "A", "", "", "", CIVIL_NONE);
        made_fact(&m, 1, EV_REQUEST_RECEIVED, "", made_day("2026-09-10"));
        made_end(&m);
        const struct case_text_about about = {
            .how = {.rulebook = &m.rulebook,
                    .calendar = &m.calendar,
                    .words = m.words,
                    .as_of = made_day("2026-08-31") + (past ? 0 : 1),
                    .known_at = KNOWN_NOW,
                    .limits = LIMITS_ALL,
                    .past = past == 1},
            .read_at = m.snapshot->read_at,
        };
        case_text(&b, &about, snapshot_case(m.snapshot, 1));
        case_plain(&b, &about, snapshot_case(m.snapshot, 1));
        size_t n;
        char *text = buf_take(&b, &n);
        assert_non_null(strstr(text, past ? ",\"stage\":null," : ",\"stage\":\"requested\","));
        assert_non_null(strstr(text, "\"obligations\":[]"));
        assert_int_equal(strstr(text, "none: nothing is known to have happened by that day\n") != NULL, past);
        free(text);
        made_free(&m);
    }
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

/* The list of cases counts the drift of the limits under watch. So does a case, whatever else is shown of it, when it is known which those
 * are and all of them are shown. */
static void drift_is_of_the_limits_under_watch(void **state)
{
    (void)state;
    const uint64_t plan = LIMIT_BIT(limit_by_id("final_plan_20w")),
                   decision = LIMIT_BIT(limit_by_id("assess_decision_6w"));
    const struct {
        uint64_t shown, watched;
        int drift;
        const char *limits;
    } cases[] = {{LIMITS_ALL, plan, 99, "watched"},
                 {LIMITS_ALL, decision, 197, "watched"},
                 {plan | decision, plan, 99, "watched"},
                 {plan, plan | decision, 99, "shown"},
                 {plan | decision, 0, 197, "shown"}};
    struct made m;
    made_begin(&m, made_day("2026-09-01"), LIMITS_ALL);
    made_case(&m, 1, "A", "", "", "", CIVIL_NONE);
    made_fact(&m, 1, EV_REQUEST_RECEIVED, "", made_day("2026-01-05"));
    made_end(&m);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buf b = {0};
        const struct case_text_about about = {
            .how = {&m.rulebook, &m.calendar, m.words, m.snapshot->as_of, KNOWN_NOW, cases[i].shown},
            .read_at = m.snapshot->read_at,
            .watched = cases[i].watched,
        };
        case_text(&b, &about, snapshot_case(m.snapshot, 1));
        json_t *o = json_loadb(b.p, b.n, 0, NULL);
        assert_int_equal(json_integer_value(json_object_get(o, "drift")), cases[i].drift);
        assert_string_equal(text_of(o, "drift_limits"), cases[i].limits);
        json_decref(o);
        buf_free(&b);
    }
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

#define T0 INT64_C(1767700800) /* seconds: 2026-01-06T12:00:00Z */

/* A decision of 2 February that was recorded on 3 March; a plan that was wrongly recorded in between. */
static void make_known(struct made *m)
{
    made_begin(m, made_day("2026-09-01"), LIMIT_BIT(limit_by_id("assess_decision_6w")));
    made_case(m, 1, "A", "North", "One", "", CIVIL_NONE);
    made_fact_known(m, 1, EV_REQUEST_RECEIVED, "parent", made_day("2026-01-05"), T0 * 1000000, TIME_NONE);
    made_fact_known(m, 1, EV_ASSESS_AGREED, "", made_day("2026-02-02"),
                    made_day("2026-03-03") * INT64_C(86400000000), TIME_NONE);
    made_fact_known(m, 1, EV_DRAFT_SENT, "", made_day("2026-02-10"),
                    made_day("2026-02-11") * INT64_C(86400000000),
                    made_day("2026-02-13") * INT64_C(86400000000));
    made_end(m);
}

static json_t *explain_at(struct made *m, const char *as_of, int64_t known_at)
{
    const struct case_text_about about = {
        .how = {&m->rulebook, &m->calendar, m->words, made_day(as_of), known_at, m->snapshot->limits},
        .read_at = m->snapshot->read_at,
        .evaluated_at = INT64_C(1788256801000000),
    };
    struct buf b = {0};
    case_text(&b, &about, snapshot_case(m->snapshot, 1));
    assert_false(b.failed);
    json_t *o = json_loadb(b.p, b.n, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(o);
    buf_free(&b);
    return o;
}

static void as_it_was_known_then(void **state)
{
    (void)state;
    struct made m;
    make_known(&m);
    static const struct {
        const char *as_of, *known, *state;
        int facts;
    } rows[] = {
        {"2026-09-01", NULL, "met", 2},
        {"2026-02-20", NULL, "met", 2},
        {"2026-02-01", NULL, "on_track", 1},
        {"2026-02-20", "2026-03-02", "breached", 1}, /* nobody knew of the decision */
        {"2026-02-20", "2026-03-03", "met", 2},
        {"2026-02-20", "2026-02-12", "void", 2}, /* the wrong row was believed */
        {"2026-02-20", "2026-02-13", "breached", 1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t known = rows[i].known == NULL ? KNOWN_NOW : made_day(rows[i].known) * INT64_C(86400000000);
        json_t *o = explain_at(&m, rows[i].as_of, known);
        char want[40];
        snprintf(want, sizeof want, "%sT00:00:00Z", rows[i].known != NULL ? rows[i].known : "");
        assert_string_equal(text_of(o, "as_of"), rows[i].as_of);
        assert_string_equal(text_of(o, "known_at"),
                            rows[i].known != NULL ? want : "2026-09-01T10:00:00.123456Z");
        assert_string_equal(text_of(obligation_of(o, "assess_decision_6w"), "state"), rows[i].state);
        assert_int_equal(json_array_size(json_object_get(o, "facts")), rows[i].facts);
        json_decref(o);
    }
    made_free(&m);
}

static void when_a_fact_was_recorded(void **state)
{
    (void)state;
    struct made m;
    make_known(&m);
    json_t *o = explain_at(&m, "2026-09-01", KNOWN_NOW), *d = obligation_of(o, "assess_decision_6w");
    assert_string_equal(text_of(json_object_get(d, "start"), "recorded_at"), "2026-01-06T12:00:00Z");
    assert_string_equal(text_of(json_object_get(d, "start"), "subject"), "parent");
    assert_string_equal(text_of(json_object_get(d, "closing"), "recorded_at"), "2026-03-03T00:00:00Z");
    assert_string_equal(text_of(d, "status"), "met, 14 days before the last lawful day");
    assert_non_null(
        strstr(text_of(d, "text"),
               "Closed: family told that an assessment will be made, Monday 2 February 2026, recorded "
               "on Tuesday 3 March 2026."));
    assert_int_equal(json_array_size(json_object_get(d, "notes")), 0);
    json_decref(o);
    made_free(&m);
}

static void exceptions_and_notes_of_an_obligation(void **state)
{
    (void)state;
    struct made m;
    made_begin(&m, made_day("2026-09-01"), LIMIT_BIT(limit_by_id("final_plan_20w")));
    made_case(&m, 1, "A", "", "", "", CIVIL_NONE);
    made_claim(&m, 1, GROUND_CLAIMED, CIVIL_NONE, CIVIL_NONE);
    made_claim(&m, 1, GROUND_ABSENT, made_day("2020-02-01"), made_day("2020-02-20"));
    made_fact(&m, 1, EV_REQUEST_RECEIVED, "", made_day("2020-01-05"));
    made_end(&m);
    json_t *o = explain(&m, 1, NULL), *plan = obligation_of(o, "final_plan_20w");
    json_t *weighed = json_object_get(plan, "exceptions"), *notes = json_object_get(plan, "notes");
    assert_int_equal(json_array_size(weighed), 2);
    json_t *bare = json_array_get(weighed, 0), *absent = json_array_get(weighed, 1);
    assert_string_equal(text_of(bare, "ground"), "claimed");
    assert_string_equal(text_of(bare, "verdict"), "unverified");
    assert_true(json_is_null(json_object_get(bare, "from_on")));
    assert_string_equal(text_of(absent, "ground"), "absent");
    assert_string_equal(text_of(absent, "verdict"), "unsupported");
    assert_string_equal(text_of(absent, "reason"), "too_short");
    assert_string_equal(text_of(absent, "to_on"), "2020-02-20");
    assert_non_null(strstr(text_of(absent, "text"), "20 days, at least 28 are needed"));
    assert_int_equal(json_array_size(notes), 1);
    assert_string_equal(text_of(json_array_get(notes, 0), "id"), "coronavirus_2020");
    assert_string_equal(text_of(plan, "state"), "excepted"); /* as without the note */
    assert_string_equal(text_of(plan, "due_on"), "2020-05-24");
    json_decref(o);
    made_free(&m);
}

static void as_text(void **state)
{
    (void)state;
    struct made m;
    make_known(&m);
    const struct case_text_about about = {
        .how = {&m.rulebook, &m.calendar, m.words, made_day("2026-03-01"), (T0 + 60) * 1000000,
                m.snapshot->limits},
        .read_at = m.snapshot->read_at,
        .watched = m.snapshot->limits,
    };
    struct buf b = {0};
    case_plain(&b, &about, snapshot_case(m.snapshot, 1));
    assert_string_equal(
        b.p,
        "Case A\n"
        "    Locality    North\n"
        "    Team        One\n"
        "    Stage       requested\n"
        "    As of       Sunday 1 March 2026, as it was known at 2026-01-06T12:01:00Z; rulebook\n"
        "                " RULEBOOK_VERSION "\n"
        "    Drift       13 days behind the first date that is not kept (of the limits under watch)\n"
        "\n"
        "Decide whether to assess  [assess_decision_6w, statutory]\n"
        "    State       13 days late, not closed\n"
        "    Start       request for an assessment received (parent), Monday 5 January 2026, recorded on\n"
        "                Tuesday 6 January 2026\n"
        "    Counted     6 weeks after 5 January 2026, the day itself not counted\n"
        "    Due         Monday 16 February 2026; the last working day in time was Friday 13 February 2026\n"
        "    Closes with family told that an assessment will be made, or family told that no assessment\n"
        "                will be made\n"
        "    Source      SEND Regulations 2014 reg 5(1) (the instrument's own words were read)\n"
        "\n"
        "Facts\n"
        "    2026-01-05  request for an assessment received (parent)\n");
    buf_free(&b);
    made_free(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_overdue_case),
        cmocka_unit_test(a_case_that_is_not_there_yet),
        cmocka_unit_test(obligations_are_in_the_order_of_the_output),
        cmocka_unit_test(only_what_is_watched_is_shown),
        cmocka_unit_test(days_in_hand_are_negative_drift),
        cmocka_unit_test(drift_is_of_the_limits_under_watch),
        cmocka_unit_test(a_birthday_is_not_told),
        cmocka_unit_test(as_it_was_known_then),
        cmocka_unit_test(when_a_fact_was_recorded),
        cmocka_unit_test(exceptions_and_notes_of_an_obligation),
        cmocka_unit_test(as_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
