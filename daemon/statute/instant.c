#include "instant.h"

#include <stdio.h>

static bool number(const char *s, size_t n, int lo, int hi, int *out)
{
    int v = 0;
    for (size_t i = 0; i < n; i++) {
        if (s[i] < '0' || s[i] > '9')
            return false;
        v = v * 10 + (s[i] - '0');
    }
    *out = v;
    return v >= lo && v <= hi;
}

/* The fraction after the seconds: advances *at past it. */
static bool fraction(const char *s, size_t len, size_t *at, int *us)
{
    int digits = 0;
    *us = 0;
    if (*at >= len || s[*at] != '.')
        return true;
    for (++*at; *at < len && s[*at] >= '0' && s[*at] <= '9'; ++*at)
        if (++digits <= 6)
            *us = *us * 10 + (s[*at] - '0');
    for (int i = digits; i < 6; i++)
        *us *= 10;
    return digits >= 1 && digits <= 9;
}

static bool zone(const char *s, size_t len, size_t at, int *minutes)
{
    int h, m;
    *minutes = 0;
    if (len - at == 1)
        return s[at] == 'Z' || s[at] == 'z';
    if (len - at != 6 || (s[at] != '+' && s[at] != '-') || s[at + 3] != ':')
        return false;
    if (!number(s + at + 1, 2, 0, 23, &h) || !number(s + at + 4, 2, 0, 59, &m))
        return false;
    *minutes = (h * 60 + m) * (s[at] == '-' ? -1 : 1);
    return true;
}

bool instant_parse_any(const char *s, size_t len, int64_t *us)
{
    civil_day day;
    int h, m, sec, micro, offset;
    size_t at = 19;
    if (len < 20 || !civil_parse_any(s, 10, &day) || (s[10] != 'T' && s[10] != 't' && s[10] != ' '))
        return false;
    if (s[13] != ':' || s[16] != ':' || !number(s + 11, 2, 0, 23, &h) || !number(s + 14, 2, 0, 59, &m) ||
        !number(s + 17, 2, 0, 60, &sec)) /* 60: a leap second, counted as the next */
        return false;
    if (!fraction(s, len, &at, &micro) || at >= len || !zone(s, len, at, &offset))
        return false;
    *us = ((int64_t)day * 86400 + h * 3600 + (m - offset) * 60 + sec) * 1000000 + micro;
    return true;
}

bool instant_parse(const char *s, size_t len, int64_t *us)
{
    civil_day day;
    return len >= 10 && civil_parse(s, 10, &day) && instant_parse_any(s, len, us);
}

char *instant_format(int64_t us, char out[INSTANT_TEXT_LEN])
{
    char date[CIVIL_TEXT_LEN], part[8] = "";
    int64_t s = us / 1000000;
    int frac = (int)(us % 1000000);
    if (frac < 0) {
        frac += 1000000;
        s--;
    }
    int64_t day = s / 86400;
    int in_day = (int)(s % 86400);
    if (in_day < 0) {
        in_day += 86400;
        day--;
    }
    if (frac != 0)
        snprintf(part, sizeof part, ".%06d", frac);
    snprintf(out, INSTANT_TEXT_LEN, "%sT%02d:%02d:%02d%sZ", civil_format((civil_day)day, date), in_day / 3600,
             in_day / 60 % 60, in_day % 60, part);
    return out;
}

static int64_t last_sunday(int year, int month)
{
    civil_day last = civil_from_ymd(year, month, 31); /* both months have 31 days */
    return last - (civil_weekday(last) + 1) % 7;
}

int instant_ahead(int64_t us)
{
    const int64_t hour = 3600, day = 24 * hour;
    int64_t s = us / 1000000 - (us % 1000000 < 0);
    int year = civil_to_ymd((civil_day)(s / day - (s % day < 0))).year;
    bool summer = s >= last_sunday(year, 3) * day + hour && s < last_sunday(year, 10) * day + hour;
    return summer ? (int)hour : 0;
}

civil_day instant_day(int64_t us)
{
    const int64_t day = 24 * 3600;
    int64_t s = us / 1000000 - (us % 1000000 < 0) + instant_ahead(us);
    return (civil_day)(s / day - (s % day < 0));
}
