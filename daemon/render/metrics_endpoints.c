#include <stdio.h>
#include <string.h>

#include "metrics_int.h"
#include "retry.h"

static uint64_t failures_for(const struct endpoint_status *e, const char *reason)
{
    for (size_t i = 0; i < FAILURE_REASONS && e->failures[i].reason != NULL; i++)
        if (strcmp(e->failures[i].reason, reason) == 0)
            return e->failures[i].n;
    return 0;
}

#define BOUND_LEN 32

/* OpenMetrics wants a whole number with its point: "1.0". */
static void bucket_bound(enum metrics_format format, double x, char text[BOUND_LEN])
{
    snprintf(text, BOUND_LEN, format == METRICS_OPENMETRICS && x == (int)x ? "%.1f" : "%g", x);
}

/* Buckets are cumulative. */
static void histogram(struct metrics_family *f, const struct endpoint_status *e)
{
    struct metrics_label labels[] = {{"endpoint", e->name}, {"le", NULL}};
    unsigned long long sum = 0;
    for (int i = 0; i <= LATENCY_BUCKETS; i++) {
        char bound[BOUND_LEN] = "+Inf";
        if (i < LATENCY_BUCKETS)
            bucket_bound(f->page->format, status_latency_bounds[i], bound);
        labels[1].value = bound;
        sum += e->latency[i];
        metrics_sample(f, "_bucket", labels, 2);
        buf_printf(f->b, "%llu\n", sum);
    }
    metrics_sample(f, "_sum", labels, 1);
    buf_printf(f->b, "%.9g\n", e->latency_sum);
    metrics_sample(f, "_count", labels, 1);
    buf_printf(f->b, "%llu\n", sum);
}

/* Every family here is seen while it has no samples, too: when no message waits, when no endpoint is configured, when the queue cannot be
 * counted. */

static void outbox_metrics(const struct metrics_page *page, const struct status *s)
{
    const struct endpoint_status *e = s->endpoints, *end = e + (s->counted ? s->n_endpoints : 0);
    FAMILY(up, page, "ehc_delivery_up", "gauge",
           "Whether this process can claim messages, record their delivery and count those that wait.");
    metrics_begin(&up);
    if (s->n_endpoints > 0) {
        metrics_sample(&up, "", NULL, 0);
        buf_printf(page->b, "%d\n", s->counted && status_not_delivering(s) == NULL);
    }
    FAMILY(pending, page, "ehc_outbox_pending", "gauge",
           "Messages that wait to be delivered, as last counted.");
    metrics_begin(&pending);
    for (; e < end; e++)
        metrics_count1(&pending, "endpoint", e->name, e->pending);
    FAMILY(dead, page, "ehc_outbox_dead", "gauge",
           "Messages given up after the last attempt, as last counted; they can be sent again.");
    metrics_begin(&dead);
    for (e = s->endpoints; e < end; e++)
        metrics_count1(&dead, "endpoint", e->name, e->dead);
    FAMILY(oldest, page, "ehc_outbox_oldest_pending_timestamp_seconds", "gauge",
           "When the oldest message that waits was written; absent when none waits.");
    metrics_begin(&oldest);
    for (e = s->endpoints; e < end; e++) {
        if (e->oldest_pending <= 0)
            continue;
        metrics_sample(&oldest, "", (struct metrics_label[]){{"endpoint", e->name}}, 1);
        metrics_moment(page->b, e->oldest_pending);
    }
}

static void health_metrics(const struct metrics_page *page, const struct status *s)
{
    const struct endpoint_status *e = s->endpoints, *end = e + s->n_endpoints;
    FAMILY(circuit, page, "ehc_endpoint_circuit", "gauge",
           "Whether the endpoint is sent to, left in peace, or tried with one message: 1 for exactly one "
           "state.");
    metrics_begin(&circuit);
    for (; e < end; e++)
        for (int c = 0; c < CIRCUIT_STATES; c++)
            metrics_count2(&circuit, (struct metrics_label){"endpoint", e->name},
                           (struct metrics_label){"state", circuit_state_name((enum circuit_state)c)},
                           (int)e->circuit == c);
    FAMILY(failing, page, "ehc_endpoint_failing", "gauge",
           "Whether somebody must look at the endpoint: it refuses messages, is gone, or was given up.");
    metrics_begin(&failing);
    for (e = s->endpoints; e < end; e++)
        metrics_count1(&failing, "endpoint", e->name, e->failing);
    FAMILY(taken, page, "ehc_endpoint_last_success_timestamp_seconds", "gauge",
           "When the endpoint last took a message; absent when it never did.");
    metrics_begin(&taken);
    for (e = s->endpoints; e < end; e++) {
        if (e->last_success <= 0)
            continue;
        metrics_sample(&taken, "", (struct metrics_label[]){{"endpoint", e->name}}, 1);
        metrics_moment(page->b, e->last_success);
    }
}

static void delivery_metrics(const struct metrics_page *page, const struct status *s)
{
    const struct endpoint_status *e = s->endpoints, *end = e + s->n_endpoints;
    FAMILY(done, page, "ehc_deliveries_total", "counter", "Messages that the endpoint acknowledged.");
    metrics_begin(&done);
    for (; e < end; e++)
        metrics_count1(&done, "endpoint", e->name, e->delivered);
    FAMILY(failed, page, "ehc_delivery_failures_total", "counter", "Attempts that failed, by reason.");
    metrics_begin(&failed);
    for (e = s->endpoints; e < end; e++)
        for (int r = 0; r < RETRY_REASON_COUNT; r++) {
            const char *reason = retry_reason_name((enum retry_reason)r);
            metrics_count2(&failed, (struct metrics_label){"endpoint", e->name},
                           (struct metrics_label){"reason", reason}, failures_for(e, reason));
        }
    FAMILY(took, page, "ehc_delivery_attempt_duration_seconds", "histogram",
           "Duration of delivery attempts, successful or not.");
    metrics_begin(&took);
    for (e = s->endpoints; e < end; e++)
        histogram(&took, e);
}

void metrics_endpoints(const struct metrics_page *page, const struct status *s)
{
    outbox_metrics(page, s);
    health_metrics(page, s);
    delivery_metrics(page, s);
}
