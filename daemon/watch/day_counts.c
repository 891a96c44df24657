#include "day_counts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

bool day_counts_add(struct day_counts *c, int days)
{
    size_t at = days > 0 ? (size_t)days : 0;
    if (at >= c->cap) {
        size_t cap = c->cap > 0 ? c->cap : 256;
        while (cap <= at)
            cap *= 2;
        uint32_t *n = reallocarray(c->n, cap, sizeof *n);
        if (n == NULL)
            return false;
        memset(n + c->cap, 0, (cap - c->cap) * sizeof *n);
        c->n = n;
        c->cap = cap;
    }
    c->n[at]++;
    c->total++;
    c->sum += (int64_t)at;
    if ((int)at > c->most)
        c->most = (int)at;
    return true;
}

void day_counts_free(struct day_counts *c)
{
    free(c->n);
    *c = (struct day_counts){0};
}

int day_counts_percentile(const struct day_counts *c, int percent)
{
    uint64_t rank = (c->total * (uint64_t)percent + 99) / 100, seen = 0;
    if (c->total == 0)
        return NO_DAYS;
    int days = 0;
    for (seen = c->n[0]; seen < rank; seen += c->n[days])
        days++;
    return days;
}

double day_counts_mean(const struct day_counts *c)
{
    return c->total > 0 ? (double)c->sum / (double)c->total : (double)NAN;
}

double weeks_of(int days)
{
    return days == NO_DAYS ? (double)NAN : days / 7.0;
}
