/* What clocks and calendars in England say: between points in time and local days and minutes, and counting working days.
 *
 * The rule of instant.h is compiled in: the process's TZ and the zone files are not looked at. Pure. */
#ifndef EHCWATCH_WORKTIME_H
#define EHCWATCH_WORKTIME_H

#include "calendar.h"

#define DAY_MINUTES 1440

struct local_time {
    civil_day day;
    int minute; /* of the day, 0..1439, as a clock on the wall shows it */
};

/* What clocks in England show at a point in time (microseconds since 1970 UTC, 1996 or later). */
struct local_time worktime_local(int64_t us);

/* The point in time at which they show that minute of that day. One that occurs twice (the clocks go back): the first. One that is
 * skipped (they go forward): the moment at which they do. */
int64_t worktime_instant(civil_day day, int minute);

/* The first working day on or after `day`. */
civil_day worktime_day_from(const struct calendar *cal, civil_day day);

/* Working days after `from`, up to `to` and that day too; 0 when `to` is not later. The first full working day of something that
 * began on `from` counts 1. */
int worktime_days(const struct calendar *cal, civil_day from, civil_day to);

#endif
