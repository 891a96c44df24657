#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "caseload_make.h"
#include "clock.h"
#include "metrics_text.h"
#include "place_count.h"
#include "retry.h"

struct fixture {
    struct made made;
    struct endpoint_status endpoints[2];
    struct status status;
    struct buf text;
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    const uint64_t limits = LIMIT_BIT(limit_by_id("final_plan_20w")) | LIMIT_BIT(limit_by_id("advice_6w"));
    made_begin(&f->made, made_day("2026-09-01"), limits);
    made_case(&f->made, 1, "A-1", "North", "One", "o1", CIVIL_NONE);
    made_case(&f->made, 2, "A-2", "North", "One", "o1", CIVIL_NONE);
    made_case(&f->made, 3, "A-3", "South", "Two", "o2", CIVIL_NONE);
    made_fact(&f->made, 1, EV_REQUEST_RECEIVED, "", made_day("2026-01-05")); /* due 25 May: 99 days over */
    made_fact(&f->made, 2, EV_REQUEST_RECEIVED, "", made_day("2026-04-21")); /* due 8 September */
    made_fact(&f->made, 3, EV_REQUEST_RECEIVED, "", made_day("2026-05-05"));
    made_fact(&f->made, 3, EV_PLAN_ISSUED, "", made_day("2026-08-01"));
    made_fact(&f->made, 9, EV_PLAN_ISSUED, "", made_day("2026-08-01"));
    made_end(&f->made);
    memcpy(f->endpoints[0].name, "mis", 4);
    memcpy(f->endpoints[1].name, "odd\\\"\n\xff", 8);
    f->status = (struct status){.rulebook = &f->made.rulebook,
                                .calendar = &f->made.calendar,
                                .snapshot = f->made.snapshot,
                                .source_up = true,
                                .evaluated_at = INT64_C(1788256801000002),
                                .evaluation_seconds = 0.125,
                                .evaluations = 7,
                                .evaluation_failures = 2,
                                .leader = true,
                                .reload_ok = true,
                                .reloaded_at = INT64_C(1788250000000000),
                                .loop_lag = 0.0015,
                                .loop_busy = 0.00075,
                                .log_dropped = 3,
                                .endpoints = f->endpoints,
                                .n_endpoints = 2,
                                .counted = true};
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    buf_free(&f->text);
    made_free(&f->made);
    free(f);
    return 0;
}

static const char *render(struct fixture *f)
{
    buf_free(&f->text);
    metrics_text(&f->text, &f->status, METRICS_PROMETHEUS);
    assert_false(f->text.failed);
    return f->text.p;
}

static void has(const char *text, const char *line)
{
    size_t n = strlen(line);
    for (const char *p = text; (p = strstr(p, line)) != NULL; p++)
        if ((p == text || p[-1] == '\n') && p[n] == '\n')
            return;
    fail_msg("no line: %s\nin:\n%s", line, text);
}

static void hasnt(const char *text, const char *piece)
{
    if (strstr(text, piece) != NULL)
        fail_msg("shown: %s", piece);
}

static void the_daemon_and_its_evaluations(void **state)
{
    const char *t = render(*state);
    has(t, "ehc_build_info{version=\"" EHCWATCH_VERSION "\",rules=\"" RULEBOOK_VERSION "\"} 1");
    has(t, "ehc_up 1");
    has(t, "ehc_leader 1");
    has(t, "ehc_config_last_reload_successful 1");
    has(t, "ehc_config_last_reload_success_timestamp_seconds 1788250000.000000");
    has(t, "ehc_event_loop_lag_seconds 0.0015");
    has(t, "ehc_event_loop_busy_seconds 0.00075");
    has(t, "ehc_log_messages_dropped_total 3");
    has(t, "ehc_evaluations_total 7");
    has(t, "ehc_evaluation_failures_total 2");
    has(t, "ehc_evaluation_duration_seconds 0.125");
    has(t, "ehc_evaluation_last_success_timestamp_seconds 1788256801.000002");
    has(t, "ehc_source_snapshot_timestamp_seconds 1788256800.123456");
    has(t, "ehc_civil_date_timestamp_seconds 1788217200"); /* 2026-08-31T23:00:00Z */
    has(t, "# TYPE ehc_up gauge");
    has(t, "# TYPE ehc_log_messages_dropped_total counter");
}

static void the_caseload(void **state)
{
    const char *t = render(*state);
    has(t, "ehc_cases{stage=\"requested\"} 2");
    has(t, "ehc_cases{stage=\"plan\"} 1");
    has(t, "ehc_cases{stage=\"ended\"} 0");
    has(t, "ehc_breached_cases 1");
    has(t, "ehc_obligations{limit=\"final_plan_20w\",state=\"breached\"} 1");
    has(t, "ehc_obligations{limit=\"final_plan_20w\",state=\"at_risk\"} 1");
    has(t, "ehc_obligations{limit=\"final_plan_20w\",state=\"met\"} 1");
    has(t, "ehc_obligations{limit=\"final_plan_20w\",state=\"missed\"} 0");
    has(t, "ehc_obligations{limit=\"advice_6w\",state=\"breached\"} 0");
    has(t, "ehc_obligations_due{limit=\"final_plan_20w\",window=\"7d\"} 1");
    has(t, "ehc_obligations_due{limit=\"final_plan_20w\",window=\"28d\"} 1");
    has(t, "ehc_oldest_overdue_seconds{limit=\"final_plan_20w\"} 8553600"); /* 99 days */
    has(t, "ehc_oldest_overdue_seconds{limit=\"advice_6w\"} 0");
    has(t, "ehc_source_rows_rejected{reason=\"unknown_case\"} 1");
    has(t, "ehc_source_rows_rejected{reason=\"double_case\"} 0");
    has(t, "ehc_data_quality_findings{kind=\"unknown_case\"} 1");
    has(t, "ehc_data_quality_findings{kind=\"impossible_order\"} 0");
    has(t, "ehc_exceptions_implausible 0");
    has(t, "ehc_limit_monitored{limit=\"final_plan_20w\"} 1");
    has(t, "ehc_limit_monitored{limit=\"assess_decision_6w\"} 0");
    hasnt(t, "{limit=\"assess_decision_6w\",");
    hasnt(t, "seconds{limit=\"assess_decision_6w\"");
    hasnt(t, "North");
}

/* A family of counters loses its _total, bounds are floats, and there is an end. */
static void open_metrics(void **state)
{
    struct fixture *f = *state;
    metrics_text(&f->text, &f->status, METRICS_OPENMETRICS);
    const char *t = f->text.p, *end = strstr(t, "# EOF\n");
    has(t, "# TYPE ehc_evaluations counter");
    has(t, "# HELP ehc_evaluations Evaluations that succeeded.");
    has(t, "ehc_evaluations_total 7");
    has(t, "ehc_delivery_attempt_duration_seconds_bucket{endpoint=\"mis\",le=\"1.0\"} 0");
    has(t, "ehc_delivery_attempt_duration_seconds_bucket{endpoint=\"mis\",le=\"0.1\"} 0");
    assert_non_null(end);
    assert_string_equal(end, "# EOF\n");
    assert_null(strstr(render(f), "EOF"));
    has(f->text.p, "# TYPE ehc_evaluations_total counter");
}

static void places(void **state)
{
    struct fixture *f = *state;
    struct place_counts counts = {0};
    struct judge_how how = {f->status.rulebook,      f->status.calendar, f->made.words,
                            f->made.snapshot->as_of, KNOWN_NOW,          f->made.snapshot->limits};
    struct place_walk *w = place_walk_new(&counts, NULL, f->made.snapshot, &how);
    int more;
    while ((more = place_walk_next(w, 1)) == 1)
        ;
    assert_int_equal(more, 0);
    place_walk_free(w);
    static const struct {
        bool locality, team;
        const char *line;
    } cases[] = {
        {true, false,
         "ehc_obligations_by_place{limit=\"final_plan_20w\",state=\"breached\",locality=\"North\"} 1"},
        {true, true,
         "ehc_obligations_by_place{limit=\"final_plan_20w\",state=\"met\",locality=\"South\",team=\"Two\"} "
         "1"},
        {false, true, "ehc_obligations_by_place{limit=\"final_plan_20w\",state=\"at_risk\",team=\"One\"} 1"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        f->status.label_locality = cases[i].locality;
        f->status.label_team = cases[i].team;
        status_take_places(&f->status, &counts);
        has(render(f), cases[i].line);
    }
    /* Two places that share a label are one number; what is 0 again is said. */
    assert_true(place_counts_add(&counts,
                                 &(struct place_count){.locality = 77,
                                                       .team = counts.items[0].team,
                                                       .limit = counts.items[0].limit,
                                                       .state = counts.items[0].state},
                                 counts.items[0].n));
    assert_true(place_counts_add(&counts, &counts.items[1], -counts.items[1].n));
    status_take_places(&f->status, &counts);
    has(render(f), "ehc_obligations_by_place{limit=\"final_plan_20w\",state=\"breached\",team=\"One\"} 2");
    has(f->text.p, "ehc_obligations_by_place{limit=\"final_plan_20w\",state=\"at_risk\",team=\"One\"} 0");
    f->status.label_team = false;
    status_take_places(&f->status, &counts);
    hasnt(render(f), "by_place");
    f->status.label_team = true;
    status_take_places(&f->status, &counts);
    status_take_places(&f->status, NULL);
    hasnt(render(f), "by_place");
    place_counts_clear(&counts);
}

static void numbers_are_withheld_not_frozen(void **state)
{
    struct fixture *f = *state;
    for (int i = 0; i < 2; i++) {
        f->status.source_up = i == 1;
        strcpy(f->status.trouble, i == 1 ? "the evaluation failed" : "");
        const char *t = render(f);
        has(t, i == 1 ? "ehc_up 1" : "ehc_up 0");
        hasnt(t, "ehc_cases");
        hasnt(t, "ehc_obligations");
        hasnt(t, "ehc_oldest_overdue");
        hasnt(t, "ehc_source_rows");
        hasnt(t, "ehc_breached_cases");
        has(t, "ehc_transitions_total{limit=\"final_plan_20w\",to=\"breached\"} 0");
        has(t, "ehc_limit_monitored{limit=\"final_plan_20w\"} 1");
        has(t, "ehc_evaluations_total 7");
        has(t, "ehc_evaluation_last_success_timestamp_seconds 1788256801.000002");
    }
    f->status.snapshot = NULL;
    f->status.evaluated_at = 0;
    const char *t = render(f);
    hasnt(t, "ehc_evaluation_last_success");
    hasnt(t, "ehc_civil_date");
    hasnt(t, "limit=");
    has(t, "ehc_outbox_pending{endpoint=\"mis\"} 0");
}

static void transitions(void **state)
{
    struct fixture *f = *state;
    int watched = limit_by_id("final_plan_20w"), dropped = limit_by_id("assess_decision_6w");
    f->status.transitions[watched][ALERT_BREACHED] = 4;
    f->status.transitions[dropped][ALERT_MET_LATE] = 2;
    f->status.restatements[dropped] = 1;
    const char *t = render(f);
    has(t, "ehc_transitions_total{limit=\"final_plan_20w\",to=\"breached\"} 4");
    has(t, "ehc_transitions_total{limit=\"final_plan_20w\",to=\"at_risk\"} 0");
    has(t, "ehc_transitions_total{limit=\"assess_decision_6w\",to=\"met_late\"} 2");
    has(t, "ehc_restatements_total{limit=\"assess_decision_6w\"} 1");
    has(t, "ehc_restatements_total{limit=\"final_plan_20w\"} 0");
    hasnt(t, "to=\"restated\"");
    hasnt(t, "limit=\"assess_decision_6w\",to=\"breached\"");
}

static void endpoints(void **state)
{
    struct fixture *f = *state;
    struct endpoint_status *e = &f->endpoints[0];
    e->circuit = CIRCUIT_HALF_OPEN;
    e->failing = true;
    e->last_success = INT64_C(1788100000250000);
    e->pending = 5;
    e->dead = 1;
    e->oldest_pending = INT64_C(1788200000500000);
    e->delivered = 9;
    status_count_failure(e, retry_reason_name(RETRY_REASON_TIMEOUT));
    status_count_failure(e, retry_reason_name(RETRY_REASON_TIMEOUT));
    status_count_latency(e, 0.02);
    status_count_latency(e, 0.7);
    status_count_latency(e, 30);
    const char *t = render(f);
    has(t, "ehc_outbox_pending{endpoint=\"mis\"} 5");
    has(t, "ehc_outbox_dead{endpoint=\"mis\"} 1");
    has(t, "ehc_outbox_oldest_pending_timestamp_seconds{endpoint=\"mis\"} 1788200000.500000");
    has(t, "ehc_endpoint_circuit{endpoint=\"mis\",state=\"closed\"} 0");
    has(t, "ehc_endpoint_circuit{endpoint=\"mis\",state=\"open\"} 0");
    has(t, "ehc_endpoint_circuit{endpoint=\"mis\",state=\"half_open\"} 1");
    has(t, "ehc_endpoint_failing{endpoint=\"mis\"} 1");
    has(t, "ehc_endpoint_last_success_timestamp_seconds{endpoint=\"mis\"} 1788100000.250000");
    hasnt(t, "ehc_endpoint_last_success_timestamp_seconds{endpoint=\"odd");
    has(t, "ehc_deliveries_total{endpoint=\"mis\"} 9");
    has(t, "ehc_delivery_failures_total{endpoint=\"mis\",reason=\"timeout\"} 2");
    has(t, "ehc_delivery_failures_total{endpoint=\"mis\",reason=\"dns\"} 0");
    has(t, "ehc_delivery_attempt_duration_seconds_bucket{endpoint=\"mis\",le=\"0.01\"} 0");
    has(t, "ehc_delivery_attempt_duration_seconds_bucket{endpoint=\"mis\",le=\"0.025\"} 1");
    has(t, "ehc_delivery_attempt_duration_seconds_bucket{endpoint=\"mis\",le=\"1\"} 2");
    has(t, "ehc_delivery_attempt_duration_seconds_bucket{endpoint=\"mis\",le=\"+Inf\"} 3");
    has(t, "ehc_delivery_attempt_duration_seconds_sum{endpoint=\"mis\"} 30.72");
    has(t, "ehc_delivery_attempt_duration_seconds_count{endpoint=\"mis\"} 3");
    has(t, "ehc_outbox_pending{endpoint=\"odd\\\\\\\"\\n\xef\xbf\xbd\"} 0");
    hasnt(t, "oldest_pending_timestamp_seconds{endpoint=\"odd");
}

/* What was counted before is withheld, not frozen: somebody would take it for the present. */
static void a_queue_that_is_not_counted(void **state)
{
    struct fixture *f = *state;
    f->endpoints[0].pending = f->endpoints[0].dead = 5;
    f->endpoints[0].oldest_pending = INT64_C(1788200000500000);
    has(render(f), "ehc_delivery_up 1");
    strcpy(f->status.undelivered, "state database: permission denied");
    const char *t = render(f);
    has(t, "ehc_delivery_up 0");
    has(t, "ehc_outbox_pending{endpoint=\"mis\"} 5");
    f->status.undelivered[0] = '\0';
    f->status.counted = false;
    t = render(f);
    has(t, "ehc_delivery_up 0");
    hasnt(t, "ehc_outbox_pending{");
    hasnt(t, "ehc_outbox_dead{");
    hasnt(t, "ehc_outbox_oldest_pending_timestamp_seconds{");
    has(t, "ehc_endpoint_failing{endpoint=\"mis\"} 0");
    f->status.n_endpoints = 0;
    hasnt(render(f), "\nehc_delivery_up");
}

/* Nothing waits, and then nobody is sent to at all. */
static void families_are_seen_without_samples(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *name, *type;
    } families[] = {
        {"ehc_delivery_up", "gauge"},
        {"ehc_outbox_pending", "gauge"},
        {"ehc_outbox_dead", "gauge"},
        {"ehc_outbox_oldest_pending_timestamp_seconds", "gauge"},
        {"ehc_endpoint_circuit", "gauge"},
        {"ehc_endpoint_failing", "gauge"},
        {"ehc_endpoint_last_success_timestamp_seconds", "gauge"},
        {"ehc_deliveries_total", "counter"},
        {"ehc_delivery_failures_total", "counter"},
        {"ehc_delivery_attempt_duration_seconds", "histogram"},
    };
    for (int endpoints = 2; endpoints >= 0; endpoints -= 2) {
        f->status.n_endpoints = (size_t)endpoints;
        const char *t = render(f);
        for (size_t i = 0; i < sizeof families / sizeof families[0]; i++) {
            char type[100], help[100];
            snprintf(type, sizeof type, "# TYPE %s %s", families[i].name, families[i].type);
            snprintf(help, sizeof help, "\n# HELP %s ", families[i].name);
            has(t, type);
            assert_non_null(strstr(t, help));
            assert_null(strstr(strstr(t, help) + 1, help)); /* once */
        }
        hasnt(t, "\nehc_outbox_oldest_pending_timestamp_seconds");
    }
    hasnt(f->text.p, "endpoint=");
    f->text.n = 0;
    metrics_text(&f->text, &f->status, METRICS_OPENMETRICS);
    has(f->text.p, "# TYPE ehc_deliveries counter");
}

static void promtool_is_silent(void **state)
{
    struct fixture *f = *state;
    for (int i = 0; i < 4; i++) {
        f->endpoints[0].oldest_pending = i > 0 ? INT64_C(1788200000500000) : 0;
        f->status.source_up = i < 2;
        f->status.snapshot = i < 3 ? f->made.snapshot : NULL;
        f->status.n_endpoints = i < 3 ? 2 : 0;
        const char *t = render(f);
        char in[] = "/tmp/ehcw.metrics.XXXXXX", out[sizeof in + 4], command[200];
        int fd = mkstemp(in);
        assert_true(fd >= 0 && write(fd, t, strlen(t)) == (ssize_t)strlen(t));
        close(fd);
        snprintf(out, sizeof out, "%s.out", in);
        snprintf(command, sizeof command, "promtool check metrics <%s >%s 2>&1", in, out);
        int rc = system(command);
        char said[2000] = "";
        FILE *o = fopen(out, "r");
        size_t n = o != NULL ? fread(said, 1, sizeof said - 1, o) : 0;
        if (o != NULL)
            fclose(o);
        unlink(in);
        unlink(out);
        if (rc != 0 || n > 0)
            fail_msg("promtool: exit %d: %s", WEXITSTATUS(rc), said);
    }
}

static void midnights_are_those_of_the_clock(void **state)
{
    (void)state;
    for (civil_day d = civil_from_ymd(1997, 1, 1); d < civil_from_ymd(2100, 1, 1); d++)
        assert_int_equal(metrics_london_midnight(d), london_midnight_after((int64_t)d * 86400 - 3601));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_daemon_and_its_evaluations, setup, teardown),
        cmocka_unit_test_setup_teardown(the_caseload, setup, teardown),
        cmocka_unit_test_setup_teardown(numbers_are_withheld_not_frozen, setup, teardown),
        cmocka_unit_test_setup_teardown(transitions, setup, teardown),
        cmocka_unit_test_setup_teardown(endpoints, setup, teardown),
        cmocka_unit_test_setup_teardown(a_queue_that_is_not_counted, setup, teardown),
        cmocka_unit_test_setup_teardown(open_metrics, setup, teardown),
        cmocka_unit_test_setup_teardown(places, setup, teardown),
        cmocka_unit_test_setup_teardown(families_are_seen_without_samples, setup, teardown),
        cmocka_unit_test_setup_teardown(promtool_is_silent, setup, teardown),
        cmocka_unit_test(midnights_are_those_of_the_clock),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
