/* When the demand meeting was: by the calendar, or as somebody marked it.
 *
 * It is held every week, on the same day and at the same time of clocks in England. One that somebody marked as held stands for the
 * scheduled one of its ISO week. While a scheduled meeting lasts, its papers are wanted: it is the last one from its end on. Times in
 * microseconds since 1970 UTC. Pure. */
#ifndef EHCWATCH_MEETING_H
#define EHCWATCH_MEETING_H

#include <stddef.h>
#include <stdint.h>

struct meeting_rule {
    int weekday; /* 0 = Monday */
    int minute;  /* of the day, when it begins */
    int lasts;   /* minutes */
};

#define MEETING_MARKS 256 /* five years of them */

/* Meetings marked as held, in any order; of more than MEETING_MARKS the latest. */
struct meeting_marks {
    size_t n;
    int64_t at[MEETING_MARKS];
};

/* Adds one; the earliest gives way when there is no room. One that is there stays one. */
void meeting_mark(struct meeting_marks *m, int64_t at);

/* The beginning of the last meeting before `now`: the later of the last that was marked and the last that was scheduled. */
int64_t meeting_last(const struct meeting_rule *rule, const struct meeting_marks *marks, int64_t now);

/* "tuesday" */
const char *meeting_weekday(int weekday);

/* The beginning of the next one by the calendar: after `now`, or under way then. */
int64_t meeting_next(const struct meeting_rule *rule, int64_t now);

#endif
