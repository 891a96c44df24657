#include "worktime.h"

#include "instant.h"

#define SECOND INT64_C(1000000)
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)

struct local_time worktime_local(int64_t us)
{
    int64_t local = us + instant_ahead(us) * SECOND;
    int64_t day = local / DAY - (local % DAY < 0);
    return (struct local_time){(civil_day)day, (int)((local - day * DAY) / MINUTE)};
}

int64_t worktime_instant(civil_day day, int minute)
{
    int64_t utc = day * DAY + minute * MINUTE;
    if (instant_ahead(utc - HOUR) != 0) /* in the hour that comes twice this is the first time */
        return utc - HOUR;
    if (instant_ahead(utc) == 0)
        return utc;
    return day * DAY + HOUR; /* between the two lies the hour that is skipped; it begins at 01:00 UTC */
}

civil_day worktime_day_from(const struct calendar *cal, civil_day day)
{
    while (!calendar_is_working_day(cal, day))
        day++;
    return day;
}

int worktime_days(const struct calendar *cal, civil_day from, civil_day to)
{
    int n = 0;
    for (civil_day d = from + 1; d <= to; d++)
        n += calendar_is_working_day(cal, d);
    return n;
}
