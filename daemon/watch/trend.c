#include "trend.h"

#include <stdlib.h>

struct week {
    civil_day day;
    uint64_t limits;
    bool observed;
    size_t end; /* of its counts: they begin where those of the week before end */
};

struct trend {
    civil_day since;
    size_t n;
    bool passed_over; /* the last day */
    struct week week[TREND_WEEKS];
    size_t n_counts, cap;
    struct trend_count *count;
};

struct trend *trend_new(civil_day since)
{
    struct trend *t = calloc(1, sizeof *t);
    if (t != NULL)
        t->since = since;
    return t;
}

void trend_free(struct trend *t)
{
    if (t == NULL)
        return;
    free(t->count);
    free(t);
}

civil_day trend_since(const struct trend *t)
{
    return t->since;
}

void trend_day(struct trend *t, civil_day day, uint64_t limits, bool observed)
{
    t->passed_over = t->n == TREND_WEEKS;
    if (!t->passed_over)
        t->week[t->n++] = (struct week){day, limits, observed, t->n_counts};
}

bool trend_count(struct trend *t, const struct trend_count *c)
{
    if (t->n == 0 || t->passed_over)
        return true;
    if (t->n_counts == t->cap) {
        size_t cap = t->cap > 0 ? t->cap * 2 : 256;
        struct trend_count *more = reallocarray(t->count, cap, sizeof *more);
        if (more == NULL)
            return false;
        t->count = more;
        t->cap = cap;
    }
    t->count[t->n_counts++] = *c;
    t->week[t->n - 1].end = t->n_counts;
    return true;
}

/* A place that is not known is in no set but the empty one, which stands for all: not even in the one of a caller who may see nothing. */
static bool holds(const struct breach_places *set, uint32_t place)
{
    return set->n == 0 || (place != TREND_NO_PLACE && breach_places_hold(set, place));
}

size_t trend_sums(const struct trend *t, const struct case_places *places, civil_day before,
                  struct trend_sum sums[TREND_WEEKS])
{
    size_t n = 0, at = 0;
    if (t == NULL || places->officers.n > 0)
        return 0;
    for (; n < t->n && t->week[n].day < before; n++) {
        struct trend_sum *s = &sums[n];
        *s = (struct trend_sum){
            .day = t->week[n].day, .limits = t->week[n].limits, .observed = t->week[n].observed};
        for (; at < t->week[n].end; at++) {
            const struct trend_count *c = &t->count[at];
            if (!holds(&places->localities, c->locality) || !holds(&places->teams, c->team))
                continue;
            s->overdue += c->overdue;
            s->plans += c->plans;
        }
    }
    return n;
}

civil_day trend_first(civil_day day)
{
    return day - civil_weekday(day) - 7 * (TREND_WEEKS - 1);
}
