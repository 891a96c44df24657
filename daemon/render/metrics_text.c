#include "metrics_int.h"

#include <string.h>

#include "utf8.h"

const struct metrics_type metrics_types[METRICS_FORMATS] = {
    [METRICS_PROMETHEUS] = {"text/plain", "text/plain; version=0.0.4; charset=utf-8"},
    [METRICS_OPENMETRICS] = {"application/openmetrics-text",
                             "application/openmetrics-text; version=1.0.0; charset=utf-8"},
};

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

/* OpenMetrics calls a family of counters by its name without _total. */
void metrics_begin(struct metrics_family *f)
{
    static const char total[] = "_total";
    if (f->begun)
        return;
    size_t n = strlen(f->name), cut = 0;
    if (f->page->format == METRICS_OPENMETRICS && strcmp(f->type, "counter") == 0)
        cut = n > strlen(total) && strcmp(f->name + n - strlen(total), total) == 0 ? strlen(total) : 0;
    buf_printf(f->b, "# HELP %.*s %s\n# TYPE %.*s %s\n", (int)(n - cut), f->name, f->help, (int)(n - cut),
               f->name, f->type);
    f->begun = true;
}

/* All of a sample but its value. */
void metrics_sample(struct metrics_family *f, const char *suffix, const struct metrics_label *labels,
                    size_t n)
{
    metrics_begin(f);
    buf_printf(f->b, "%s%s", f->name, suffix);
    for (size_t i = 0; i < n; i++) {
        buf_printf(f->b, "%c%s=\"", i == 0 ? '{' : ',', labels[i].name);
        label_value(f->b, labels[i].value);
        buf_text(f->b, "\"");
    }
    buf_text(f->b, n > 0 ? "} " : " ");
}

void metrics_count1(struct metrics_family *f, const char *label, const char *value, uint64_t v)
{
    metrics_sample(f, "", (struct metrics_label[]){{label, value}}, 1);
    buf_printf(f->b, "%llu\n", (unsigned long long)v);
}

void metrics_count2(struct metrics_family *f, struct metrics_label a, struct metrics_label b, uint64_t v)
{
    metrics_sample(f, "", (struct metrics_label[]){a, b}, 2);
    buf_printf(f->b, "%llu\n", (unsigned long long)v);
}

static void plain_count(const struct metrics_page *page, const char *name, const char *type, const char *help,
                        uint64_t v)
{
    FAMILY(f, page, name, type, help);
    metrics_sample(&f, "", NULL, 0);
    buf_printf(page->b, "%llu\n", (unsigned long long)v);
}

static void plain_seconds(const struct metrics_page *page, const char *name, const char *help, double v)
{
    FAMILY(f, page, name, "gauge", help);
    metrics_sample(&f, "", NULL, 0);
    buf_printf(page->b, "%.9g\n", v);
}

/* Microseconds as seconds, exactly. */
void metrics_moment(struct buf *b, int64_t us)
{
    buf_printf(b, "%lld.%06lld\n", (long long)(us / 1000000), (long long)(us % 1000000));
}

static void plain_moment(const struct metrics_page *page, const char *name, const char *help, int64_t us)
{
    FAMILY(f, page, name, "gauge", help);
    if (us <= 0)
        return;
    metrics_sample(&f, "", NULL, 0);
    metrics_moment(page->b, us);
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

static void daemon_metrics(const struct metrics_page *page, const struct status *s)
{
    FAMILY(info, page, "ehc_build_info", "gauge", "Version of the daemon and of its rulebook; always 1.");
    metrics_count2(&info, (struct metrics_label){"version", EHCWATCH_VERSION},
                   (struct metrics_label){"rules", s->rulebook->version}, 1);
    plain_count(page, "ehc_up", "gauge", "Whether the case database answers.", s->source_up);
    plain_count(page, "ehc_leader", "gauge",
                "Whether this process is the one that evaluates and writes; the others stand by.", s->leader);
    plain_count(page, "ehc_config_last_reload_successful", "gauge",
                "Whether the configuration was accepted when it was last read.", s->reload_ok);
    plain_moment(page, "ehc_config_last_reload_success_timestamp_seconds",
                 "When the configuration was last accepted.", s->reloaded_at);
    plain_seconds(page, "ehc_event_loop_lag_seconds",
                  "Worst lateness of the event loop's heartbeat in the last minute.", s->loop_lag);
    plain_seconds(page, "ehc_event_loop_busy_seconds",
                  "Most CPU time that the event loop took between two waits in the last minute.",
                  s->loop_busy);
    plain_count(page, "ehc_log_messages_dropped_total", "counter",
                "Log messages dropped because the log did not take them in time.", s->log_dropped);
}

static void evaluation_metrics(const struct metrics_page *page, const struct status *s)
{
    plain_count(page, "ehc_evaluations_total", "counter", "Evaluations that succeeded.", s->evaluations);
    plain_count(page, "ehc_evaluation_failures_total", "counter", "Evaluations that failed.",
                s->evaluation_failures);
    plain_moment(page, "ehc_evaluation_last_success_timestamp_seconds", "When an evaluation last succeeded.",
                 s->evaluated_at);
    if (s->snapshot == NULL)
        return;
    plain_seconds(page, "ehc_evaluation_duration_seconds", "Duration of the last evaluation that succeeded.",
                  s->evaluation_seconds);
    plain_moment(page, "ehc_source_snapshot_timestamp_seconds",
                 "When the case database was last read, by its own clock.", s->snapshot->read_at);
    FAMILY(date, page, "ehc_civil_date_timestamp_seconds", "gauge",
           "Midnight in London of the day that limits were last counted to.");
    metrics_sample(&date, "", NULL, 0);
    buf_printf(page->b, "%lld\n", (long long)metrics_london_midnight(s->snapshot->as_of));
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
static void watch_metrics(const struct metrics_page *page, const struct status *s)
{
    FAMILY(monitored, page, "ehc_limit_monitored", "gauge",
           "Whether the limit is watched; /v1/summary says why.");
    for (size_t i = 0; i < s->rulebook->n; i++)
        metrics_count1(&monitored, "limit", limit_id(s, i), watched(s, i));
}

static void obligation_metrics(const struct metrics_page *page, const struct status *s)
{
    static const char *const windows[DUE_WINDOWS] = {"7d", "14d", "28d"};
    const struct tally *t = &s->snapshot->tally;
    FAMILY(states, page, "ehc_obligations", "gauge",
           "Obligations by limit and state, as of the last evaluation.");
    for (size_t i = 0; i < s->rulebook->n; i++)
        for (int st = 0; watched(s, i) && st < STATE_COUNT; st++)
            metrics_count2(&states, (struct metrics_label){"limit", limit_id(s, i)},
                           (struct metrics_label){"state", state_name((enum state)st)}, t->states[i][st]);
    FAMILY(due, page, "ehc_obligations_due", "gauge",
           "Open obligations that are due within the window, not overdue, as of the last evaluation.");
    for (size_t i = 0; i < s->rulebook->n; i++)
        for (int w = 0; watched(s, i) && w < DUE_WINDOWS; w++)
            metrics_count2(&due, (struct metrics_label){"limit", limit_id(s, i)},
                           (struct metrics_label){"window", windows[w]}, t->due[i][w]);
    FAMILY(oldest, page, "ehc_oldest_overdue_seconds", "gauge",
           "How long the most overdue breached obligation is overdue, in whole days; 0 when none is.");
    for (size_t i = 0; i < s->rulebook->n; i++)
        if (watched(s, i))
            metrics_count1(&oldest, "limit", limit_id(s, i),
                           t->oldest_due[i] == 0 ? 0
                                                 : (uint64_t)(s->snapshot->as_of - t->oldest_due[i]) * 86400);
}

/* Of a limit that is watched no longer there may still be counts, until the next evaluation is counted. */
static void place_metrics(const struct metrics_page *page, const struct status *s)
{
    const struct names *places = s->snapshot->words->places;
    FAMILY(f, page, "ehc_obligations_by_place", "gauge",
           "Obligations by limit, state and the places that metrics_labels switches on, as last counted.");
    for (size_t i = 0; i < s->n_places; i++) {
        const struct place_total *t = &s->places[i];
        struct metrics_label labels[4];
        size_t n = 0;
        if (!watched(s, t->limit))
            continue;
        labels[n++] = (struct metrics_label){"limit", limit_id(s, t->limit)};
        labels[n++] = (struct metrics_label){"state", state_name((enum state)t->state)};
        if (s->label_locality)
            labels[n++] = (struct metrics_label){"locality", names_text(places, t->locality)};
        if (s->label_team)
            labels[n++] = (struct metrics_label){"team", names_text(places, t->team)};
        metrics_sample(&f, "", labels, n);
        buf_printf(f.b, "%lu\n", (unsigned long)t->n);
    }
}

static void caseload_metrics(const struct metrics_page *page, const struct status *s)
{
    const struct findings *n = &s->snapshot->findings;
    const struct {
        const char *reason;
        uint64_t rows;
    } rejected[] = {
        {"unknown_case", n->unknown_case},     {"unknown_event", n->unknown_event}, {"bad_date", n->bad_date},
        {"unknown_ground", n->unknown_ground}, {"double_case", n->double_case},
    };
    FAMILY(cases, page, "ehc_cases", "gauge", "Cases by stage, as of the last evaluation.");
    for (int st = 0; st < STAGE_COUNT; st++)
        metrics_count1(&cases, "stage", stage_name((enum stage)st), s->snapshot->tally.cases[st]);
    plain_count(page, "ehc_breached_cases", "gauge",
                "Cases with at least one breached obligation of any kind, as of the last evaluation.",
                s->snapshot->tally.breached_cases);
    FAMILY(rows, page, "ehc_source_rows_rejected", "gauge",
           "Rows of the case database that could not take part in the last evaluation.");
    for (size_t i = 0; i < sizeof rejected / sizeof rejected[0]; i++)
        metrics_count1(&rows, "reason", rejected[i].reason, rejected[i].rows);
    FAMILY(found, page, "ehc_data_quality_findings", "gauge",
           "What cannot be right in the case database, by kind, as of the last evaluation.");
    for (int k = 0; k < FINDING_COUNT; k++)
        metrics_count1(&found, "kind", finding_id((enum finding_kind)k),
                       snapshot_findings(s->snapshot, (enum finding_kind)k));
    plain_count(page, "ehc_exceptions_implausible", "gauge",
                "Whether so many 20-week limits carry an exception that it is implausible.",
                quality_exceptions_implausible(&s->snapshot->tally.exceptions));
    obligation_metrics(page, s);
    place_metrics(page, s);
}

/* Counters stay for a limit that is no longer under watch. */
static void transition_metrics(const struct metrics_page *page, const struct status *s)
{
    FAMILY(to, page, "ehc_transitions_total", "counter",
           "Obligations that entered a state and were told of, by limit and state.");
    for (size_t i = 0; i < s->rulebook->n; i++)
        for (int a = ALERT_NONE + 1; a < ALERT_RESTATED; a++)
            if (watched(s, i) || s->transitions[i][a] > 0)
                metrics_count2(&to, (struct metrics_label){"limit", limit_id(s, i)},
                               (struct metrics_label){"to", strchr(alert_type((enum alert)a), '.') + 1},
                               s->transitions[i][a]);
    FAMILY(restated, page, "ehc_restatements_total", "counter",
           "Obligations of which something told before no longer holds, by limit.");
    for (size_t i = 0; i < s->rulebook->n; i++)
        if (watched(s, i) || s->restatements[i] > 0)
            metrics_count1(&restated, "limit", limit_id(s, i), s->restatements[i]);
}

void metrics_text(struct buf *b, const struct status *s, enum metrics_format format)
{
    const struct metrics_page page = {b, format};
    daemon_metrics(&page, s);
    evaluation_metrics(&page, s);
    if (s->snapshot != NULL)
        watch_metrics(&page, s);
    if (s->snapshot != NULL && s->source_up && s->trouble[0] == '\0')
        caseload_metrics(&page, s);
    transition_metrics(&page, s);
    metrics_endpoints(&page, s);
    if (format == METRICS_OPENMETRICS)
        buf_text(b, "# EOF\n");
}
