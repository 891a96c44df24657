#include "metrics_text.h"

#include <stdio.h>
#include <string.h>

#include "retry.h"
#include "utf8.h"

/* A family of samples. HELP and TYPE are written with the first sample: a family without samples is not shown. */
struct family {
    struct buf *b;
    const char *name, *type, *help;
    bool begun;
};

struct label {
    const char *name, *value;
};

#define FAMILY(var, b, name, type, help) struct family var = {(b), (name), (type), (help), false}

static void label_value(struct buf *b, const char *s)
{
    for (size_t n; *s != '\0'; s += n) {
        n = utf8_length(s);
        if (n == 0) {
            buf_text(b, "\xef\xbf\xbd");
            n = 1;
        } else if (*s == '\\' || *s == '"') {
            buf_printf(b, "\\%c", *s);
        } else if (*s == '\n') {
            buf_text(b, "\\n");
        } else {
            buf_bytes(b, s, n);
        }
    }
}

/* All of a sample but its value. */
static void sample(struct family *f, const char *suffix, const struct label *labels, size_t n)
{
    if (!f->begun)
        buf_printf(f->b, "# HELP %s %s\n# TYPE %s %s\n", f->name, f->help, f->name, f->type);
    f->begun = true;
    buf_printf(f->b, "%s%s", f->name, suffix);
    for (size_t i = 0; i < n; i++) {
        buf_printf(f->b, "%c%s=\"", i == 0 ? '{' : ',', labels[i].name);
        label_value(f->b, labels[i].value);
        buf_text(f->b, "\"");
    }
    buf_text(f->b, n > 0 ? "} " : " ");
}

static void count1(struct family *f, const char *label, const char *value, uint64_t v)
{
    sample(f, "", (struct label[]){{label, value}}, 1);
    buf_printf(f->b, "%llu\n", (unsigned long long)v);
}

static void count2(struct family *f, struct label a, struct label b, uint64_t v)
{
    sample(f, "", (struct label[]){a, b}, 2);
    buf_printf(f->b, "%llu\n", (unsigned long long)v);
}

static void plain_count(struct buf *b, const char *name, const char *type, const char *help, uint64_t v)
{
    FAMILY(f, b, name, type, help);
    sample(&f, "", NULL, 0);
    buf_printf(b, "%llu\n", (unsigned long long)v);
}

static void plain_seconds(struct buf *b, const char *name, const char *help, double v)
{
    FAMILY(f, b, name, "gauge", help);
    sample(&f, "", NULL, 0);
    buf_printf(b, "%.9g\n", v);
}

/* Microseconds as seconds, exactly. */
static void moment(struct buf *b, int64_t us)
{
    buf_printf(b, "%lld.%06lld\n", (long long)(us / 1000000), (long long)(us % 1000000));
}

static void plain_moment(struct buf *b, const char *name, const char *help, int64_t us)
{
    FAMILY(f, b, name, "gauge", help);
    if (us <= 0)
        return;
    sample(&f, "", NULL, 0);
    moment(b, us);
}

int64_t metrics_london_midnight(civil_day d)
{
    int year = civil_to_ymd(d).year;
    civil_day march = civil_from_ymd(year, 3, 31), october = civil_from_ymd(year, 10, 31);
    march -= (civil_weekday(march) + 1) % 7;
    october -= (civil_weekday(october) + 1) % 7;
    bool summer = d > march && d <= october; /* the clocks change after the midnight */
    return (int64_t)d * 86400 - (summer ? 3600 : 0);
}

/* --- the daemon ------------------------------------------------------------------------------------------------------ */

static void daemon_metrics(struct buf *b, const struct status *s)
{
    FAMILY(info, b, "ehc_build_info", "gauge", "Version of the daemon and of its rulebook; always 1.");
    count2(&info, (struct label){"version", EHCWATCH_VERSION}, (struct label){"rules", s->rulebook->version},
           1);
    plain_count(b, "ehc_up", "gauge", "Whether the case database answers.", s->source_up);
    plain_count(b, "ehc_leader", "gauge",
                "Whether this process is the one that evaluates and writes; the others stand by.", s->leader);
    plain_count(b, "ehc_config_last_reload_successful", "gauge",
                "Whether the configuration was accepted when it was last read.", s->reload_ok);
    plain_moment(b, "ehc_config_last_reload_success_timestamp_seconds",
                 "When the configuration was last accepted.", s->reloaded_at);
    plain_seconds(b, "ehc_event_loop_lag_seconds",
                  "Worst lateness of the event loop's heartbeat in the last minute.", s->loop_lag);
    plain_count(b, "ehc_log_messages_dropped_total", "counter",
                "Log messages dropped because the log did not take them in time.", s->log_dropped);
}

static void evaluation_metrics(struct buf *b, const struct status *s)
{
    plain_count(b, "ehc_evaluations_total", "counter", "Evaluations that succeeded.", s->evaluations);
    plain_count(b, "ehc_evaluation_failures_total", "counter", "Evaluations that failed.",
                s->evaluation_failures);
    plain_moment(b, "ehc_evaluation_last_success_timestamp_seconds", "When an evaluation last succeeded.",
                 s->evaluated_at);
    if (s->snapshot == NULL)
        return;
    plain_seconds(b, "ehc_evaluation_duration_seconds", "Duration of the last evaluation that succeeded.",
                  s->evaluation_seconds);
    plain_moment(b, "ehc_source_snapshot_timestamp_seconds",
                 "When the case database was last read, by its own clock.", s->snapshot->read_at);
    FAMILY(date, b, "ehc_civil_date_timestamp_seconds", "gauge",
           "Midnight in London of the day that limits were last counted to.");
    sample(&date, "", NULL, 0);
    buf_printf(b, "%lld\n", (long long)metrics_london_midnight(s->snapshot->as_of));
}

/* --- the caseload ---------------------------------------------------------------------------------------------------- */

static const char *limit_id(const struct status *s, size_t i)
{
    return s->rulebook->rule[i].limit->id;
}

static bool watched(const struct status *s, size_t i)
{
    return s->snapshot != NULL && (s->snapshot->limits & LIMIT_BIT(i)) != 0;
}

/* Said even while no evaluation succeeds: it is no number of the caseload. */
static void watch_metrics(struct buf *b, const struct status *s)
{
    FAMILY(monitored, b, "ehc_limit_monitored", "gauge",
           "Whether the limit is watched; /v1/summary says why.");
    for (size_t i = 0; i < s->rulebook->n; i++)
        count1(&monitored, "limit", limit_id(s, i), watched(s, i));
}

static void obligation_metrics(struct buf *b, const struct status *s)
{
    static const char *const windows[DUE_WINDOWS] = {"7d", "14d", "28d"};
    const struct tally *t = &s->snapshot->tally;
    FAMILY(states, b, "ehc_obligations", "gauge",
           "Obligations by limit and state, as of the last evaluation.");
    for (size_t i = 0; i < s->rulebook->n; i++)
        for (int st = 0; watched(s, i) && st < STATE_COUNT; st++)
            count2(&states, (struct label){"limit", limit_id(s, i)},
                   (struct label){"state", state_name((enum state)st)}, t->states[i][st]);
    FAMILY(due, b, "ehc_obligations_due", "gauge",
           "Open obligations that are due within the window, not overdue, as of the last evaluation.");
    for (size_t i = 0; i < s->rulebook->n; i++)
        for (int w = 0; watched(s, i) && w < DUE_WINDOWS; w++)
            count2(&due, (struct label){"limit", limit_id(s, i)}, (struct label){"window", windows[w]},
                   t->due[i][w]);
    FAMILY(oldest, b, "ehc_oldest_overdue_seconds", "gauge",
           "How long the most overdue breached obligation is overdue, in whole days; 0 when none is.");
    for (size_t i = 0; i < s->rulebook->n; i++)
        if (watched(s, i))
            count1(&oldest, "limit", limit_id(s, i),
                   t->oldest_due[i] == 0 ? 0 : (uint64_t)(s->snapshot->as_of - t->oldest_due[i]) * 86400);
}

static void caseload_metrics(struct buf *b, const struct status *s)
{
    const struct findings *n = &s->snapshot->findings;
    const struct {
        const char *reason;
        uint64_t rows;
    } rejected[] = {
        {"unknown_case", n->unknown_case},     {"unknown_event", n->unknown_event}, {"bad_date", n->bad_date},
        {"unknown_ground", n->unknown_ground}, {"double_case", n->double_case},
    };
    FAMILY(cases, b, "ehc_cases", "gauge", "Cases by stage, as of the last evaluation.");
    for (int st = 0; st < STAGE_COUNT; st++)
        count1(&cases, "stage", stage_name((enum stage)st), s->snapshot->tally.cases[st]);
    plain_count(b, "ehc_breached_cases", "gauge",
                "Cases with at least one breached obligation of any kind, as of the last evaluation.",
                s->snapshot->tally.breached_cases);
    FAMILY(rows, b, "ehc_source_rows_rejected", "gauge",
           "Rows of the case database that could not take part in the last evaluation.");
    for (size_t i = 0; i < sizeof rejected / sizeof rejected[0]; i++)
        count1(&rows, "reason", rejected[i].reason, rejected[i].rows);
    FAMILY(found, b, "ehc_data_quality_findings", "gauge",
           "What cannot be right in the case database, by kind, as of the last evaluation.");
    for (int k = 0; k < FINDING_COUNT; k++)
        count1(&found, "kind", finding_id((enum finding_kind)k),
               snapshot_findings(s->snapshot, (enum finding_kind)k));
    plain_count(b, "ehc_exceptions_implausible", "gauge",
                "Whether so many 20-week limits carry an exception that it is implausible.",
                quality_exceptions_implausible(&s->snapshot->tally.exceptions));
    obligation_metrics(b, s);
}

/* Counters stay for a limit that is no longer under watch. */
static void transition_metrics(struct buf *b, const struct status *s)
{
    FAMILY(to, b, "ehc_transitions_total", "counter",
           "Obligations that entered a state and were told of, by limit and state.");
    for (size_t i = 0; i < s->rulebook->n; i++)
        for (int a = ALERT_NONE + 1; a < ALERT_RESTATED; a++)
            if (watched(s, i) || s->transitions[i][a] > 0)
                count2(&to, (struct label){"limit", limit_id(s, i)},
                       (struct label){"to", strchr(alert_type((enum alert)a), '.') + 1},
                       s->transitions[i][a]);
    FAMILY(restated, b, "ehc_restatements_total", "counter",
           "Obligations of which something told before no longer holds, by limit.");
    for (size_t i = 0; i < s->rulebook->n; i++)
        if (watched(s, i) || s->restatements[i] > 0)
            count1(&restated, "limit", limit_id(s, i), s->restatements[i]);
}

/* --- the endpoints --------------------------------------------------------------------------------------------------- */

static uint64_t failures_for(const struct endpoint_status *e, const char *reason)
{
    for (size_t i = 0; i < FAILURE_REASONS && e->failures[i].reason != NULL; i++)
        if (strcmp(e->failures[i].reason, reason) == 0)
            return e->failures[i].n;
    return 0;
}

/* Buckets are cumulative. */
static void histogram(struct family *f, const struct endpoint_status *e)
{
    struct label labels[] = {{"endpoint", e->name}, {"le", NULL}};
    unsigned long long sum = 0;
    for (int i = 0; i <= LATENCY_BUCKETS; i++) {
        char bound[32] = "+Inf";
        if (i < LATENCY_BUCKETS)
            snprintf(bound, sizeof bound, "%g", status_latency_bounds[i]);
        labels[1].value = bound;
        sum += e->latency[i];
        sample(f, "_bucket", labels, 2);
        buf_printf(f->b, "%llu\n", sum);
    }
    sample(f, "_sum", labels, 1);
    buf_printf(f->b, "%.9g\n", e->latency_sum);
    sample(f, "_count", labels, 1);
    buf_printf(f->b, "%llu\n", sum);
}

static void outbox_metrics(struct buf *b, const struct status *s)
{
    const struct endpoint_status *e = s->endpoints, *end = e + s->n_endpoints;
    FAMILY(pending, b, "ehc_outbox_pending", "gauge", "Messages that wait to be delivered, as last counted.");
    for (; e < end; e++)
        count1(&pending, "endpoint", e->name, e->pending);
    FAMILY(dead, b, "ehc_outbox_dead", "gauge",
           "Messages given up after the last attempt, as last counted; they can be sent again.");
    for (e = s->endpoints; e < end; e++)
        count1(&dead, "endpoint", e->name, e->dead);
    FAMILY(oldest, b, "ehc_outbox_oldest_pending_timestamp_seconds", "gauge",
           "When the oldest message that waits was written; absent when none waits.");
    for (e = s->endpoints; e < end; e++) {
        if (e->oldest_pending <= 0)
            continue;
        sample(&oldest, "", (struct label[]){{"endpoint", e->name}}, 1);
        moment(b, e->oldest_pending);
    }
}

static void health_metrics(struct buf *b, const struct status *s)
{
    const struct endpoint_status *e = s->endpoints, *end = e + s->n_endpoints;
    FAMILY(circuit, b, "ehc_endpoint_circuit", "gauge",
           "Whether the endpoint is sent to, left in peace, or tried with one message: 1 for exactly one "
           "state.");
    for (; e < end; e++)
        for (int c = 0; c < CIRCUIT_STATES; c++)
            count2(&circuit, (struct label){"endpoint", e->name},
                   (struct label){"state", circuit_state_name((enum circuit_state)c)}, (int)e->circuit == c);
    FAMILY(failing, b, "ehc_endpoint_failing", "gauge",
           "Whether somebody must look at the endpoint: it refuses messages, is gone, or was given up.");
    for (e = s->endpoints; e < end; e++)
        count1(&failing, "endpoint", e->name, e->failing);
    FAMILY(taken, b, "ehc_endpoint_last_success_timestamp_seconds", "gauge",
           "When the endpoint last took a message; absent when it never did.");
    for (e = s->endpoints; e < end; e++) {
        if (e->last_success <= 0)
            continue;
        sample(&taken, "", (struct label[]){{"endpoint", e->name}}, 1);
        moment(b, e->last_success);
    }
}

static void delivery_metrics(struct buf *b, const struct status *s)
{
    const struct endpoint_status *e = s->endpoints, *end = e + s->n_endpoints;
    FAMILY(done, b, "ehc_deliveries_total", "counter", "Messages that the endpoint acknowledged.");
    for (; e < end; e++)
        count1(&done, "endpoint", e->name, e->delivered);
    FAMILY(failed, b, "ehc_delivery_failures_total", "counter", "Attempts that failed, by reason.");
    for (e = s->endpoints; e < end; e++)
        for (int r = 0; r < RETRY_REASON_COUNT; r++) {
            const char *reason = retry_reason_name((enum retry_reason)r);
            count2(&failed, (struct label){"endpoint", e->name}, (struct label){"reason", reason},
                   failures_for(e, reason));
        }
    FAMILY(took, b, "ehc_delivery_attempt_duration_seconds", "histogram",
           "Duration of delivery attempts, successful or not.");
    for (e = s->endpoints; e < end; e++)
        histogram(&took, e);
}

void metrics_text(struct buf *b, const struct status *s)
{
    daemon_metrics(b, s);
    evaluation_metrics(b, s);
    if (s->snapshot != NULL)
        watch_metrics(b, s);
    if (s->snapshot != NULL && s->source_up && s->trouble[0] == '\0')
        caseload_metrics(b, s);
    transition_metrics(b, s);
    outbox_metrics(b, s);
    health_metrics(b, s);
    delivery_metrics(b, s);
}
