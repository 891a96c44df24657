#include "meeting.h"

#include <stdbool.h>

#include "worktime.h"

#define MINUTE INT64_C(60000000)

/* The Monday of the ISO week in England. */
static civil_day week_of(int64_t at)
{
    civil_day day = worktime_local(at).day;
    return day - civil_weekday(day);
}

static int64_t scheduled(const struct meeting_rule *rule, civil_day monday)
{
    return worktime_instant(monday + rule->weekday, rule->minute);
}

static int64_t over(const struct meeting_rule *rule, int64_t begin)
{
    return begin + rule->lasts * MINUTE;
}

const char *meeting_weekday(int weekday)
{
    static const char *const names[] = {"monday", "tuesday",  "wednesday", "thursday",
                                        "friday", "saturday", "sunday"};
    return names[weekday];
}

void meeting_mark(struct meeting_marks *m, int64_t at)
{
    size_t first = 0;
    for (size_t i = 0; i < m->n; i++) {
        if (m->at[i] == at)
            return;
        if (m->at[i] < m->at[first])
            first = i;
    }
    if (m->n < MEETING_MARKS)
        m->at[m->n++] = at;
    else if (m->at[first] < at)
        m->at[first] = at;
}

static bool marked_in(const struct meeting_marks *m, civil_day monday)
{
    for (size_t i = 0; i < m->n; i++)
        if (week_of(m->at[i]) == monday)
            return true;
    return false;
}

int64_t meeting_last(const struct meeting_rule *rule, const struct meeting_marks *marks, int64_t now)
{
    int64_t held = INT64_MIN;
    for (size_t i = 0; i < marks->n; i++)
        if (marks->at[i] <= now && marks->at[i] > held)
            held = marks->at[i];
    civil_day monday = week_of(now);
    while (over(rule, scheduled(rule, monday)) > now || marked_in(marks, monday)) /* of finitely many weeks */
        monday -= 7;
    int64_t planned = scheduled(rule, monday);
    return held > planned ? held : planned;
}

int64_t meeting_next(const struct meeting_rule *rule, int64_t now)
{
    civil_day monday = week_of(now);
    while (over(rule, scheduled(rule, monday)) <= now)
        monday += 7;
    return scheduled(rule, monday);
}
