#include "clock.h"

#include <stdbool.h>
#include <time.h>

enum { DAY = 86400, HOUR = 3600, MARCH = 3, OCTOBER = 10 };

int64_t clock_wall_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

double clock_mono(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

double clock_own_cpu(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* Days from 1970-01-01 to the 1st of `month` in the Gregorian calendar; years counted from 1 March, so that the
 * leap day is the last of its year. */
static int64_t first_of_month(int64_t year, int month)
{
    int64_t y = month > 2 ? year : year - 1;
    int64_t since_march = month > 2 ? month - 3 : month + 9;
    return 365 * y + floor_div(y, 4) - floor_div(y, 100) + floor_div(y, 400) + (153 * since_march + 2) / 5 -
           719468;
}

/* March and October both have 31 days. 1970-01-01 was a Thursday, so day 3 was a Sunday. */
static int64_t last_sunday(int64_t year, int month)
{
    int64_t last = first_of_month(year, month) + 30;
    int64_t past_sunday = (last - 3) - 7 * floor_div(last - 3, 7);
    return last - past_sunday;
}

static bool summer_time(int64_t unix_s)
{
    int64_t day = floor_div(unix_s, DAY);
    int64_t year = 1970 + floor_div(day, 366);
    while (first_of_month(year + 1, 1) <= day) {
        year++;
    }
    return unix_s >= last_sunday(year, MARCH) * DAY + HOUR &&
           unix_s < last_sunday(year, OCTOBER) * DAY + HOUR;
}

int64_t london_midnight_after(int64_t unix_s)
{
    int64_t local = unix_s + (summer_time(unix_s) ? HOUR : 0);
    int64_t midnight = (floor_div(local, DAY) + 1) * DAY;
    /* Both changes happen at 01:00 UTC, never at midnight: an hour before midnight UTC decides which side it is. */
    return summer_time(midnight - HOUR) ? midnight - HOUR : midnight;
}
