/* The daemon's numbers in the text format of Prometheus 0.0.4, or as OpenMetrics 1.0.0. Pure.
 *
 * https://prometheus.io/docs/instrumenting/exposition_formats/ and
 * https://github.com/prometheus/OpenMetrics/blob/v1.0.0/specification/OpenMetrics.md : HELP and TYPE before the samples of a family, backslash,
 * quote and line feed escaped in label values, all of it UTF-8. Numbers of the caseload are those of the last evaluation. While no
 * evaluation succeeds they are withheld, not frozen, so that a graph shows a gap; counters and timestamps stay. */
#ifndef EHCWATCH_METRICS_TEXT_H
#define EHCWATCH_METRICS_TEXT_H

#include "buf.h"
#include "status.h"

enum metrics_format {
    METRICS_PROMETHEUS,
    METRICS_OPENMETRICS, /* a family of counters without _total, bounds as floats, and # EOF */
    METRICS_FORMATS,
};

/* As Accept names the format, and as an answer says it. */
extern const struct metrics_type {
    const char *media, *content_type;
} metrics_types[METRICS_FORMATS];

/* Label sets are bounded: limits, states, stages, reasons, endpoints by their configured names. */
void metrics_text(struct buf *b, const struct status *s, enum metrics_format format);

/* Seconds since 1970 of the midnight in Europe/London at which the day begins (Summer Time Act 1972; 1996 or later). */
int64_t metrics_london_midnight(civil_day d);

#endif
