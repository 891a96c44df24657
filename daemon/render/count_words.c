#include "count_words.h"

#include <stdio.h>

struct words {
    char *out;
    size_t cap;
    int n;
    const char *plural;
    char day[24];
};

/* "20 weeks after 4 March 2026, the day itself not counted" */
static char *period(const struct words *w, const char *unit, const char *relation, const char *rest)
{
    snprintf(w->out, w->cap, "%d %s%s %s %s%s", w->n, unit, w->plural, relation, w->day, rest);
    return w->out;
}

static char *before(const struct words *w, const char *day, civil_day start)
{
    snprintf(w->out, w->cap, "before %s %d, the year of the transfer on %s", day, civil_to_ymd(start).year,
             w->day);
    return w->out;
}

char *count_words(const struct limit *l, civil_day start, char *out, size_t cap)
{
    struct words w = {.out = out, .cap = cap, .n = l->n, .plural = l->n == 1 ? "" : "s"};
    const char *not_counted = ", the day itself not counted";
    const char *same_day = ", on the same day of the month or the month's last";
    civil_words(start, w.day, sizeof w.day);
    out[0] = '\0';
    switch (l->count) {
    case COUNT_WITHIN_WEEKS:
        return period(&w, "week", "after", not_counted);
    case COUNT_WITHIN_DAYS:
        return period(&w, "day", "after", not_counted);
    case COUNT_DAYS_BEGINNING_WITH:
        return period(&w, "day", "beginning with", ", which is day 1");
    case COUNT_MONTHS_STARTING_WITH:
        return period(&w, "month", "starting with", ", which is the first day");
    case COUNT_MONTHS_STARTING_WITH_LESS_28D:
        snprintf(out, cap, "28 days before the end of %d month%s starting with %s", w.n, w.plural, w.day);
        return out;
    case COUNT_MONTHS_AFTER:
        return period(&w, "month", "after", same_day);
    case COUNT_MONTHS_BEFORE:
        return period(&w, "month", "before the transfer on", same_day);
    case COUNT_NOTICE_WEEKS:
        return period(&w, "week", "before the meeting on", "");
    case COUNT_BEFORE_15_FEB:
        return before(&w, "15 February", start);
    case COUNT_BEFORE_31_MAR:
        return before(&w, "31 March", start);
    case COUNT_WORKING_DAYS_AFTER:
        return period(&w, "working day", "after", not_counted);
    case COUNT_WORKING_DAYS_BEGINNING_WITH:
        return period(&w, "working day", "beginning with", ", which counts when it is one");
    case COUNT_MOVE_WORKING_DAYS:
        snprintf(out, cap,
                 "the day of the move when it was known %d working day%s ahead, on %s; otherwise %d working "
                 "day%s beginning with that day",
                 w.n, w.plural, w.day, w.n, w.plural);
        return out;
    case COUNT_TRANSFER_REVIEW_MONTHS:
        snprintf(
            out, cap,
            "the later of 12 months starting with the last plan or review before %s and 3 months starting "
            "with that day",
            w.day);
        return out;
    case COUNT_CEASE_FLOOR_MONTHS:
        return period(&w, "month", "after",
                      ", or a month after a mediation certificate, or the end of an appeal, when later");
    case COUNT_TRIBUNAL_DAYS_AFTER:
        return period(&w, "working day", "of the Tribunal after", not_counted);
    case COUNT_COUNT:
        break;
    }
    return out;
}
