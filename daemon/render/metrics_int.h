/* How samples are written: shared by the files of the metrics, and by nobody else. */
#ifndef EHCWATCH_METRICS_INT_H
#define EHCWATCH_METRICS_INT_H

#include "metrics_text.h"

/* What is written, and in which of the two formats. */
struct metrics_page {
    struct buf *b;
    enum metrics_format format;
};

/* A family of samples. HELP and TYPE are written with the first sample, or before by metrics_begin: without it a family without
 * samples is not shown. */
struct metrics_family {
    const struct metrics_page *page;
    struct buf *b;
    const char *name, *type, *help;
    bool begun;
};

#define FAMILY(var, page, name, type, help)                                                                  \
    struct metrics_family var = {(page), (page)->b, (name), (type), (help), false}

struct metrics_label {
    const char *name, *value;
};

/* Writes HELP and TYPE if they have not been: of a family that is to be seen even while it has no samples. */
void metrics_begin(struct metrics_family *f);

/* All of a sample but its value. */
void metrics_sample(struct metrics_family *f, const char *suffix, const struct metrics_label *labels,
                    size_t n);

/* A sample with one label, and with two. */
void metrics_count1(struct metrics_family *f, const char *label, const char *value, uint64_t v);
void metrics_count2(struct metrics_family *f, struct metrics_label a, struct metrics_label b, uint64_t v);

/* Microseconds as seconds, exactly. */
void metrics_moment(struct buf *b, int64_t us);

/* The outbox, the health of the endpoints and the deliveries. */
void metrics_endpoints(const struct metrics_page *page, const struct status *s);

#endif
