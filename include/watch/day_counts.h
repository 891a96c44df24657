/* How many took how many days: an exact histogram, from which a median is no estimate.
 *
 * One count for each number of days, so that a percentile is read off: by nearest rank, the smallest number of days that at least p %
 * of the values do not exceed. Pure. */
#ifndef EHCWATCH_DAY_COUNTS_H
#define EHCWATCH_DAY_COUNTS_H

#include <stddef.h>
#include <stdint.h>

#include "err.h"

struct day_counts {
    uint32_t *n; /* of each number of days from 0 on */
    size_t cap;
    uint64_t total;
    int64_t sum; /* of all days */
    int most;    /* the largest; only when there are any */
};

#define NO_DAYS (-1)

/* Negative days count as 0. False: out of memory. */
bool day_counts_add(struct day_counts *c, int days) MUST_CHECK;
void day_counts_free(struct day_counts *c); /* of zeroes, too */

/* NO_DAYS: there are none. */
int day_counts_percentile(const struct day_counts *c, int percent);

/* Not a number: there are none. */
double day_counts_mean(const struct day_counts *c);

/* Weeks of days, for what is shown: 0.1 of a week is less than a day. Not a number: NO_DAYS. */
double weeks_of(int days);

#endif
