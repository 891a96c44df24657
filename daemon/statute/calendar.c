#include "calendar.h"

#include <string.h>

/* Bank holidays of England and Wales, (month, day) by year, from gov.uk/bank-holidays.json: substitute days and the
 * one-off holidays of 2012, 2020, 2022 and 2023 included. A year's list ends with {0, 0}. */
static const struct {
    unsigned char month, day;
} listed[][11] = {
    {/* 2012 */ {1, 2}, {4, 6}, {4, 9}, {5, 7}, {6, 4}, {6, 5}, {8, 27}, {12, 25}, {12, 26}},
    {/* 2013 */ {1, 1}, {3, 29}, {4, 1}, {5, 6}, {5, 27}, {8, 26}, {12, 25}, {12, 26}},
    {/* 2014 */ {1, 1}, {4, 18}, {4, 21}, {5, 5}, {5, 26}, {8, 25}, {12, 25}, {12, 26}},
    {/* 2015 */ {1, 1}, {4, 3}, {4, 6}, {5, 4}, {5, 25}, {8, 31}, {12, 25}, {12, 28}},
    {/* 2016 */ {1, 1}, {3, 25}, {3, 28}, {5, 2}, {5, 30}, {8, 29}, {12, 26}, {12, 27}},
    {/* 2017 */ {1, 2}, {4, 14}, {4, 17}, {5, 1}, {5, 29}, {8, 28}, {12, 25}, {12, 26}},
    {/* 2018 */ {1, 1}, {3, 30}, {4, 2}, {5, 7}, {5, 28}, {8, 27}, {12, 25}, {12, 26}},
    {/* 2019 */ {1, 1}, {4, 19}, {4, 22}, {5, 6}, {5, 27}, {8, 26}, {12, 25}, {12, 26}},
    {/* 2020 */ {1, 1}, {4, 10}, {4, 13}, {5, 8}, {5, 25}, {8, 31}, {12, 25}, {12, 28}},
    {/* 2021 */ {1, 1}, {4, 2}, {4, 5}, {5, 3}, {5, 31}, {8, 30}, {12, 27}, {12, 28}},
    {/* 2022 */ {1, 3}, {4, 15}, {4, 18}, {5, 2}, {6, 2}, {6, 3}, {8, 29}, {9, 19}, {12, 26}, {12, 27}},
    {/* 2023 */ {1, 2}, {4, 7}, {4, 10}, {5, 1}, {5, 8}, {5, 29}, {8, 28}, {12, 25}, {12, 26}},
    {/* 2024 */ {1, 1}, {3, 29}, {4, 1}, {5, 6}, {5, 27}, {8, 26}, {12, 25}, {12, 26}},
    {/* 2025 */ {1, 1}, {4, 18}, {4, 21}, {5, 5}, {5, 26}, {8, 25}, {12, 25}, {12, 26}},
    {/* 2026 */ {1, 1}, {4, 3}, {4, 6}, {5, 4}, {5, 25}, {8, 31}, {12, 25}, {12, 28}},
    {/* 2027 */ {1, 1}, {3, 26}, {3, 29}, {5, 3}, {5, 31}, {8, 30}, {12, 27}, {12, 28}},
    {/* 2028 */ {1, 3}, {4, 14}, {4, 17}, {5, 1}, {5, 29}, {8, 28}, {12, 25}, {12, 26}},
};

#define LISTED_YEARS ((int)(sizeof listed / sizeof listed[0]))

static void set_holiday(struct calendar *cal, civil_day d, bool on)
{
    unsigned i = (unsigned)(d - cal->first);
    if (on)
        cal->holiday[i / 64] |= UINT64_C(1) << (i % 64);
    else
        cal->holiday[i / 64] &= ~(UINT64_C(1) << (i % 64));
}

void calendar_builtin(struct calendar *cal)
{
    memset(cal, 0, sizeof *cal);
    cal->first = civil_from_ymd(CALENDAR_FIRST_YEAR, 1, 1);
    cal->last_known = civil_from_ymd(CALENDAR_FIRST_YEAR + LISTED_YEARS - 1, 12, 31);
    for (int y = 0; y < LISTED_YEARS; y++)
        for (int i = 0; i < 11 && listed[y][i].month != 0; i++)
            set_holiday(cal, civil_from_ymd(CALENDAR_FIRST_YEAR + y, listed[y][i].month, listed[y][i].day),
                        true);
}

static bool overlay_line(struct calendar *cal, const char *line, size_t len)
{
    bool remove = len > 0 && line[0] == '-';
    civil_day d;
    line += remove;
    len -= remove;
    if (len < 10 || (len > 10 && line[10] != ' ' && line[10] != '\t') || !civil_parse(line, 10, &d))
        return false;
    int year = civil_to_ymd(d).year;
    if (year < CALENDAR_FIRST_YEAR || year >= CALENDAR_FIRST_YEAR + CALENDAR_YEARS)
        return false;
    set_holiday(cal, d, !remove);
    return true;
}

static bool any_holiday(const struct calendar *cal, int year)
{
    civil_day end = civil_from_ymd(year, 12, 31);
    for (civil_day d = civil_from_ymd(year, 1, 1); d <= end; d++) {
        unsigned i = (unsigned)(d - cal->first);
        if (cal->holiday[i / 64] >> (i % 64) & 1)
            return true;
    }
    return false;
}

/* Only as far as every year has days: a list that leaves a year out says nothing of that year. */
static void extend(struct calendar *cal)
{
    int year = civil_to_ymd(cal->last_known).year + 1;
    while (year < CALENDAR_FIRST_YEAR + CALENDAR_YEARS && any_holiday(cal, year))
        year++;
    cal->last_known = civil_from_ymd(year - 1, 12, 31);
}

bool calendar_overlay(struct calendar *cal, const char *name, const char *text, size_t len, struct err *e)
{
    struct calendar next = *cal;
    unsigned line_no = 0;
    for (size_t at = 0; at < len;) {
        const char *line = text + at;
        const char *nl = memchr(line, '\n', len - at);
        size_t n = nl != NULL ? (size_t)(nl - line) : len - at;
        at += n + 1;
        line_no++;
        while (n > 0 && (line[n - 1] == '\r' || line[n - 1] == ' ' || line[n - 1] == '\t'))
            n--;
        if (n == 0 || line[0] == '#')
            continue;
        if (!overlay_line(&next, line, n))
            return err_set(
                e, "%s:%u: expected a bank holiday as YYYY-MM-DD of %d to %d (or -YYYY-MM-DD to remove one)",
                name, line_no, CALENDAR_FIRST_YEAR, CALENDAR_FIRST_YEAR + CALENDAR_YEARS - 1);
    }
    extend(&next);
    *cal = next;
    return true;
}

bool calendar_is_holiday(const struct calendar *cal, civil_day d)
{
    if (d < cal->first || d > cal->last_known)
        return false;
    unsigned i = (unsigned)(d - cal->first);
    return (cal->holiday[i / 64] >> (i % 64) & 1) != 0;
}

bool calendar_is_working_day(const struct calendar *cal, civil_day d)
{
    return civil_weekday(d) < 5 && !calendar_is_holiday(cal, d);
}

bool calendar_is_tribunal_day(const struct calendar *cal, civil_day d)
{
    if (!calendar_is_working_day(cal, d))
        return false;
    struct civil_ymd c = civil_to_ymd(d);
    return !(c.month == 8 || (c.month == 12 && c.day >= 25) || (c.month == 1 && c.day == 1));
}

civil_day calendar_working_day_before(const struct calendar *cal, civil_day d)
{
    while (!calendar_is_working_day(cal, d))
        d--;
    return d;
}
