#include "civil.h"

#include <stdio.h>

civil_day civil_from_ymd(int year, int month, int day)
{
    int y = month <= 2 ? year - 1 : year;
    int era = (y >= 0 ? y : y - 399) / 400;
    unsigned yoe = (unsigned)(y - era * 400);
    unsigned doy = (153u * (unsigned)(month > 2 ? month - 3 : month + 9) + 2u) / 5u + (unsigned)day - 1u;
    unsigned doe = yoe * 365u + yoe / 4u - yoe / 100u + doy;
    return (civil_day)(era * 146097 + (int)doe - 719468);
}

struct civil_ymd civil_to_ymd(civil_day d)
{
    int z = d + 719468;
    int era = (z >= 0 ? z : z - 146096) / 146097;
    unsigned doe = (unsigned)(z - era * 146097);
    unsigned yoe = (doe - doe / 1460u + doe / 36524u - doe / 146096u) / 365u;
    unsigned doy = doe - (365u * yoe + yoe / 4u - yoe / 100u);
    unsigned mp = (5u * doy + 2u) / 153u;
    int month = (int)(mp < 10u ? mp + 3u : mp - 9u);
    return (struct civil_ymd){
        .year = (int)yoe + era * 400 + (month <= 2),
        .month = month,
        .day = (int)(doy - (153u * mp + 2u) / 5u + 1u),
    };
}

int civil_month_length(int year, int month)
{
    static const unsigned char length[13] = {0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && leap ? 29 : length[month];
}

static bool digits(const char *s, int n, int *out)
{
    int v = 0;
    for (int i = 0; i < n; i++) {
        if (s[i] < '0' || s[i] > '9')
            return false;
        v = v * 10 + (s[i] - '0');
    }
    *out = v;
    return true;
}

bool civil_parse(const char *text, size_t len, civil_day *out)
{
    int y, m, d;
    if (len != 10 || text[4] != '-' || text[7] != '-')
        return false;
    if (!digits(text, 4, &y) || !digits(text + 5, 2, &m) || !digits(text + 8, 2, &d))
        return false;
    if (y < 1900 || y > 2199 || m < 1 || m > 12 || d < 1 || d > civil_month_length(y, m))
        return false;
    *out = civil_from_ymd(y, m, d);
    return true;
}

char *civil_format(civil_day d, char out[CIVIL_TEXT_LEN])
{
    if (d == CIVIL_NONE) {
        out[0] = '\0';
        return out;
    }
    struct civil_ymd c = civil_to_ymd(d);
    char *p = out + 10;
    *p-- = '\0';
    *p-- = (char)('0' + c.day % 10);
    *p-- = (char)('0' + c.day / 10);
    *p-- = '-';
    *p-- = (char)('0' + c.month % 10);
    *p-- = (char)('0' + c.month / 10);
    *p-- = '-';
    for (int y = c.year; p >= out; y /= 10)
        *p-- = (char)('0' + y % 10);
    return out;
}

char *civil_words(civil_day d, char *out, size_t cap)
{
    static const char *const month[13] = {"",        "January",  "February", "March",  "April",
                                          "May",     "June",     "July",     "August", "September",
                                          "October", "November", "December"};
    struct civil_ymd c = civil_to_ymd(d);
    snprintf(out, cap, "%d %s %d", c.day, month[c.month], c.year);
    return out;
}

int civil_weekday(civil_day d)
{
    int w = (d + 3) % 7; /* 1970-01-01 was a Thursday */
    return w < 0 ? w + 7 : w;
}

civil_day civil_months_on(civil_day d, int n, bool *clamped)
{
    struct civil_ymd c = civil_to_ymd(d);
    int months = c.year * 12 + (c.month - 1) + n;
    int year = months / 12, month = months % 12 + 1;
    int last = civil_month_length(year, month);
    *clamped = c.day > last;
    return civil_from_ymd(year, month, *clamped ? last : c.day);
}

civil_day civil_add_months(civil_day d, int n)
{
    bool clamped;
    return civil_months_on(d, n, &clamped);
}

civil_day civil_birthday(civil_day born, int years)
{
    struct civil_ymd c = civil_to_ymd(born);
    if (c.month == 2 && c.day == 29 && civil_month_length(c.year + years, 2) == 28)
        return civil_from_ymd(c.year + years, 3, 1);
    return civil_from_ymd(c.year + years, c.month, c.day);
}
