/* /v1/summary: the numbers of the snapshot, and why each limit is watched or not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>

#include "caseload_make.h"
#include "summary_text.h"

static const struct limit own = {
    .id = "acknowledge",
    .title = "Acknowledge \"it\"",
    .kind = KIND_LOCAL,
    .starts = {{EV_REQUEST_RECEIVED}},
    .discharged_by = {{EV_DRAFT_SENT}, {EV_ADVICE_RECEIVED, SUBJECT_HEALTH}, {EV_DRAFT_SENT}},
    .per = PER_CASE,
    .life = LIFE_CASE,
    .count = COUNT_WITHIN_DAYS,
    .n = 5,
    .citation = "local standard",
    .evidence = EVIDENCE_INFERRED,
};

struct fixture {
    struct made made;
    struct endpoint_status endpoints[2];
    struct status status;
    struct buf text;
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    struct rulebook *rb = rulebook_new();
    made_must(rulebook_add_own(rb, &own), &(struct err){"no memory\n"});
    made_begin(&f->made, made_day("2026-09-01"), 0);
    intake_free(f->made.intake);
    f->made.intake = intake_new(&(struct intake_conf){
        .rulebook = rb,
        .calendar = &f->made.calendar,
        .words = f->made.words,
        .ledger = &f->made.ledger,
        .as_of = made_day("2026-09-01"),
        .read_at = MADE_READ_AT,
        .limits = LIMIT_BIT(limit_by_id("final_plan_20w")) | LIMIT_BIT(limit_count()),
    });
    made_case(&f->made, 1, "A-1", "North", "One", "o1", CIVIL_NONE);
    made_case(&f->made, 2, "A-2", "North", "One", "o1", CIVIL_NONE);
    made_case(&f->made, 3, "A-3", "North", "One", "o1", CIVIL_NONE);
    made_fact(&f->made, 1, EV_REQUEST_RECEIVED, "", made_day("2026-01-05")); /* due 25 May */
    made_fact(&f->made, 1, EV_DRAFT_SENT, "", made_day("2026-01-06"));
    made_fact(&f->made, 2, EV_REQUEST_RECEIVED, "",
              made_day("2026-04-21")); /* due 8 September, and 26 April */
    made_fact(&f->made, 3, EV_REQUEST_RECEIVED, "", made_day("2026-08-31"));
    made_fact(&f->made, 9, EV_PLAN_ISSUED, "", made_day("2026-08-01"));
    made_end(&f->made);
    memcpy(f->endpoints[0].name, "mis", 4);
    memcpy(f->endpoints[1].name, "teams", 6);
    f->endpoints[0].pending = 5;
    f->endpoints[1].dead = 2;
    f->status = (struct status){.calendar = &f->made.calendar,
                                .snapshot = f->made.snapshot,
                                .evaluated_at = INT64_C(1788256801000002),
                                .endpoints = f->endpoints,
                                .n_endpoints = 2};
    status_take_rulebook(&f->status, rb);
    rulebook_unref(rb);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    rulebook_unref(f->status.rulebook);
    made_free(&f->made);
    buf_free(&f->text);
    free(f);
    return 0;
}

static json_t *summary(struct fixture *f)
{
    json_error_t e;
    f->text.n = 0;
    summary_text(&f->text, &f->status, NULL);
    assert_false(f->text.failed);
    json_t *o = json_loadb(f->text.p, f->text.n, JSON_REJECT_DUPLICATES, &e);
    if (o == NULL)
        fail_msg("%s at %d: %s", e.text, e.position, f->text.p);
    return o;
}

/* A part of the answer, written shortly. */
static void is(const json_t *o, const char *want)
{
    char *got = json_dumps(o, JSON_COMPACT | JSON_ENCODE_ANY);
    assert_non_null(got);
    assert_string_equal(got, want);
    free(got);
}

static const json_t *limit(const json_t *o, const char *id)
{
    size_t i;
    json_t *l;
    json_array_foreach(json_object_get(o, "limits"), i,
                       l) if (strcmp(json_string_value(json_object_get(l, "id")), id) == 0) return l;
    fail_msg("no limit %s", id);
    return NULL;
}

static void who_leads(void **state)
{
    struct fixture *f = *state;
    f->status.leader = true;
    f->status.lease = (struct lease_status){
        .holder = "ehc1:4711:ab.1.2.3", .term = INT64_C(5000000000), .since = INT64_C(1788256801000002)};
    json_t *o = summary(f);
    is(json_object_get(o, "leader"), "true");
    is(json_object_get(o, "lease"),
       "{\"holder\":\"ehc1:4711:ab.1.2.3\",\"since\":\"2026-09-01T10:00:01.000002Z\","
       "\"term\":5000000000}");
    json_decref(o);
}

static void the_numbers(void **state)
{
    struct fixture *f = *state;
    json_t *o = summary(f);
    is(json_object_get(o, "as_of"), "\"2026-09-01\"");
    is(json_object_get(o, "evaluated_at"), "\"2026-09-01T10:00:01.000002Z\"");
    is(json_object_get(o, "known_at"), "\"2026-09-01T10:00:00.123456Z\"");
    is(json_object_get(o, "rulebook"), "\"england-2026.08+local\"");
    is(json_object_get(o, "leader"), "false");
    is(json_object_get(o, "lease"), "null");
    is(json_object_get(o, "cases"), "{\"total\":3,\"breached\":2,\"stages\":{\"requested\":2,\"assessing\":1,"
                                    "\"refused\":0,\"plan\":0,\"ended\":0}}");
    assert_int_equal(json_array_size(json_object_get(o, "limits")), limit_count() + 1);
    const json_t *l = limit(o, "final_plan_20w");
    is(json_object_get(l, "states"), "{\"on_track\":1,\"at_risk\":1,\"breached\":1,\"met\":0,\"met_late\":0,"
                                     "\"excepted\":0,\"void\":0,\"missed\":0}");
    is(json_object_get(l, "due"), "{\"7d\":1,\"14d\":1,\"28d\":1}");
    is(json_object_get(l, "oldest_overdue"), "\"2026-05-25\"");
    is(json_object_get(l, "kind"), "\"statutory\"");
    l = limit(o, "acknowledge");
    is(json_object_get(l, "title"), "\"Acknowledge \\\"it\\\"\"");
    is(json_object_get(l, "kind"), "\"local\"");
    is(json_object_get(l, "monitored"), "true");
    is(json_object_get(l, "oldest_overdue"), "\"2026-04-26\"");
    l = limit(o, "advice_6w");
    is(json_object_get(l, "monitored"), "false");
    is(json_object_get(l, "states"), "null");
    is(json_object_get(l, "due"), "null");
    is(json_object_get(l, "oldest_overdue"), "null");
    const json_t *found = json_object_get(o, "findings");
    assert_int_equal(json_object_size(found), FINDING_COUNT);
    is(json_object_get(found, "unknown_case"), "1");
    is(json_object_get(found, "unknown_event"), "0");
    is(json_object_get(found, "second_request_in_case"), "0");
    is(json_object_get(o, "endpoints"),
       "[{\"name\":\"mis\",\"pending\":5,\"dead\":0},{\"name\":\"teams\",\"pending\":0,\"dead\":2}]");
    json_decref(o);
}

static void nothing_is_overdue(void **state)
{
    struct fixture *f = *state;
    f->made.snapshot->tally = (struct tally){0};
    f->status.n_endpoints = 0;
    json_t *o = summary(f);
    is(json_object_get(limit(o, "final_plan_20w"), "oldest_overdue"), "null");
    is(json_object_get(o, "endpoints"), "[]");
    json_decref(o);
}

static void why(void **state)
{
    struct fixture *f = *state;
    static const struct {
        enum watch_choice choice;
        const char *plan, *own, *advice;
    } rows[] = {
        {WATCH_DEFAULT, "watched: so unless the configuration names limits",
         "watched: named in the configuration", "not watched: not named in the configuration"},
        {WATCH_NAMED, "watched: named in the configuration", "watched: named in the configuration",
         "not watched: not named in the configuration"},
        {WATCH_AUTO, "watched: plan_issued occurs in the source",
         "watched: advice_received occurs in the source",
         "not watched: none of assess_agreed, assess_refused occurs in the source"},
    };
    f->status.watch.occurs = EVENT_BIT(EV_PLAN_ISSUED) | EVENT_BIT(EV_ADVICE_RECEIVED);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        f->status.watch.choice = rows[i].choice;
        json_t *o = summary(f);
        assert_string_equal(json_string_value(json_object_get(limit(o, "final_plan_20w"), "why")),
                            rows[i].plan);
        assert_string_equal(json_string_value(json_object_get(limit(o, "acknowledge"), "why")), rows[i].own);
        assert_string_equal(json_string_value(json_object_get(limit(o, "assess_decision_6w"), "why")),
                            rows[i].advice);
        json_decref(o);
    }
    /* None of a list that names one event twice. */
    f->made.snapshot->limits = 0;
    struct buf b = {0};
    watch_why(&b, &f->status, limit_count());
    assert_string_equal(b.p, "not watched: none of draft_sent, advice_received occurs in the source");
    b.n = 0;
    f->status.watch.choice = WATCH_ALL;
    f->made.snapshot->limits = LIMITS_ALL;
    watch_why(&b, &f->status, 0);
    assert_string_equal(b.p, "watched: the configuration says all");
    buf_free(&b);
}

/* Plans by weeks, and without those that an exception covers: named and rounded as in the paper of figures. */
static void plans_by_weeks(void **state)
{
    struct fixture *f = *state;
    const struct judge_how how = {.rulebook = f->status.rulebook,
                                  .calendar = &f->made.calendar,
                                  .words = f->made.words,
                                  .as_of = made_day("2026-09-01"),
                                  .known_at = KNOWN_NOW,
                                  .limits = LIMITS_ALL};
    static const struct {
        uint64_t seen;
        const char *want;
    } rows[] = {
        {0, "null"},
        {EVENT_BIT(EV_PLAN_ISSUED),
         "{\"issued\":7,\"in_20_weeks\":4,\"in_20_to_52_weeks\":2,\"over_52_weeks\":1,\"share_20_weeks\":0."
         "5714,"
         "\"share_20_to_52_weeks\":0.2857,\"share_over_52_weeks\":0.1429,\"excepted\":1,"
         "\"share_20_weeks_without_exceptions\":0.6667}"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        json_error_t e;
        struct figures *figures = figures_new(&how, rows[i].seen);
        struct by_place *places = by_place_new(&how, LIMITS_ALL);
        assert_true(figures != NULL && places != NULL);
        struct figure_set *set = &figures->rolling.set[ALL_AGES];
        set->figure[FIGURE_PLANS].counted = 7;
        set->figure[FIGURE_PLANS].in_time = set->waits[WAIT_20] = 4;
        set->figure[FIGURE_PLANS].excepted = 1;
        set->waits[WAIT_52] = 2;
        set->waits[WAIT_LONGER] = 1;
        assert_true(figures_finish(figures) == 0 && by_place_finish(places) == 0);
        f->text.n = 0;
        summary_text(&f->text, &f->status, &(struct summary_more){places, figures});
        json_t *o = json_loadb(f->text.p, f->text.n, JSON_REJECT_DUPLICATES, &e);
        assert_non_null(o);
        json_decref(o);
        assert_non_null(strstr(f->text.p, "\"twelve_months\":"));
        const char *issued = strstr(strstr(f->text.p, "\"twelve_months\":"), "\"issued\":");
        assert_non_null(issued);
        issued += strlen("\"issued\":");
        assert_memory_equal(issued, rows[i].want, strlen(rows[i].want));
        figures_free(figures);
        by_place_free(places);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(who_leads, setup, teardown),
        cmocka_unit_test_setup_teardown(the_numbers, setup, teardown),
        cmocka_unit_test_setup_teardown(nothing_is_overdue, setup, teardown),
        cmocka_unit_test_setup_teardown(why, setup, teardown),
        cmocka_unit_test_setup_teardown(plans_by_weeks, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
