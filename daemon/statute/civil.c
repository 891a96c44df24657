#include "civil.h"

#include <stdio.h>

/* Days are counted from 1 March of a year far enough back that nothing is negative: eras of 400 years. */
#define ERAS_BACK  82
#define YEARS_BACK (400 * ERAS_BACK)
#define DAYS_BACK  (146097 * ERAS_BACK + 719468)

civil_day civil_from_ymd(int year, int month, int day)
{
    bool next = month <= 2; /* January and February end the year that began in March */
    unsigned y = (unsigned)(year + YEARS_BACK - next), m = (unsigned)(month + 12 * next);
    unsigned century = y / 100u;
    unsigned days = 1461u * y / 4u - century + century / 4u + (979u * m - 2919u) / 32u + (unsigned)day - 1u;
    return (civil_day)(days - DAYS_BACK);
}

struct civil_ymd civil_to_ymd(civil_day d)
{
    unsigned n = 4u * (unsigned)(d + DAYS_BACK) + 3u, century = n / 146097u;
    uint64_t quarters = UINT64_C(2939745) * (n % 146097u | 3u); /* of days in the century, in years of 2^32 */
    unsigned day_of_year = (uint32_t)quarters / 2939745u / 4u;
    unsigned months = 2141u * day_of_year + 197913u; /* in months of 2^16 */
    bool next = day_of_year >= 306u;
    return (struct civil_ymd){
        .year = (int)(100u * century + (unsigned)(quarters >> 32)) - YEARS_BACK + next,
        .month = (int)(months >> 16) - 12 * next,
        .day = (int)((months & 0xffffu) / 2141u + 1u),
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
    int last = c.day > 28 ? civil_month_length(year, month) : 28;
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
