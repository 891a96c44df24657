/* The daemon's numbers in the text format of Prometheus 0.0.4. Pure.
 *
 * https://prometheus.io/docs/instrumenting/exposition_formats/ : HELP and TYPE before the samples of a family, backslash,
 * quote and line feed escaped in label values, all of it UTF-8. Numbers of the caseload are those of the last evaluation. While no
 * evaluation succeeds they are withheld, not frozen, so that a graph shows a gap; counters and timestamps stay. */
#ifndef EHCWATCH_METRICS_TEXT_H
#define EHCWATCH_METRICS_TEXT_H

#include "buf.h"
#include "status.h"

#define METRICS_CONTENT_TYPE "text/plain; version=0.0.4; charset=utf-8"

/* Label sets are bounded: limits, states, stages, reasons, endpoints by their configured names. */
void metrics_text(struct buf *b, const struct status *s);

/* Seconds since 1970 of the midnight in Europe/London at which the day begins (Summer Time Act 1972; 1996 or later). */
int64_t metrics_london_midnight(civil_day d);

#endif
