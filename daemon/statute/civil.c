#include "civil.h"

#include <stdio.h>

/* Years begin in March here, so that a leap day is the last of its year; and they are counted from one far enough back that
 * nothing is negative, a number of eras of 400 years. */
#define ERAS_BACK  82
#define YEARS_BACK (400 * ERAS_BACK)
#define DAYS_BACK  (146097 * ERAS_BACK + 719468)

static unsigned first_of_march(unsigned year)
{
    unsigned century = year / 100u;
    return 1461u * year / 4u - century + century / 4u;
}

/* The year of a day, and which of its days that is: 0 for 1 March, 365 for 29 February. */
static unsigned march_year(civil_day d, unsigned *day_of_year)
{
    unsigned n = 4u * (unsigned)(d + DAYS_BACK) + 3u, century = n / 146097u;
    uint64_t quarters = UINT64_C(2939745) * (n % 146097u | 3u); /* of days in the century, in years of 2^32 */
    *day_of_year = (uint32_t)quarters / 2939745u / 4u;
    return 100u * century + (unsigned)(quarters >> 32);
}

civil_day civil_from_ymd(int year, int month, int day)
{
    bool next = month <= 2; /* January and February end the year that began in March */
    unsigned y = (unsigned)(year + YEARS_BACK - next), m = (unsigned)(month + 12 * next);
    return (civil_day)(first_of_march(y) + (979u * m - 2919u) / 32u + (unsigned)day - 1u - DAYS_BACK);
}

struct civil_ymd civil_to_ymd(civil_day d)
{
    unsigned day_of_year, year = march_year(d, &day_of_year);
    unsigned months = 2141u * day_of_year + 197913u; /* in months of 2^16 */
    bool next = day_of_year >= 306u;
    return (struct civil_ymd){
        .year = (int)year - YEARS_BACK + next,
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

bool civil_parse_any(const char *text, size_t len, civil_day *out)
{
    int y, m, d;
    if (len != 10 || text[4] != '-' || text[7] != '-')
        return false;
    if (!digits(text, 4, &y) || !digits(text + 5, 2, &m) || !digits(text + 8, 2, &d))
        return false;
    if (m < 1 || m > 12 || d < 1 || d > civil_month_length(y, m))
        return false;
    *out = civil_from_ymd(y, m, d);
    return true;
}

bool civil_parse(const char *text, size_t len, civil_day *out)
{
    civil_day d;
    if (!civil_parse_any(text, len, &d) || d < CIVIL_FIRST || d > CIVIL_LAST)
        return false;
    *out = d;
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

struct civil_week civil_to_week(civil_day d)
{
    civil_day thursday = d - civil_weekday(d) + 3;
    int year = civil_to_ymd(thursday).year;
    return (struct civil_week){year, (thursday - civil_from_ymd(year, 1, 1)) / 7 + 1};
}

civil_day civil_from_week(int year, int week)
{
    civil_day fourth = civil_from_ymd(year, 1, 4); /* always in week 1 */
    return fourth - civil_weekday(fourth) + 7 * (week - 1);
}

int civil_weeks_in_year(int year)
{
    return (civil_from_week(year + 1, 1) - civil_from_week(year, 1)) / 7;
}

static civil_day years_on(civil_day d, int n, bool *clamped)
{
    unsigned day_of_year, year = march_year(d, &day_of_year) + (unsigned)n;
    unsigned first = first_of_march(year);
    *clamped = day_of_year == 365u && first_of_march(year + 1u) - first == 365u;
    return (civil_day)(first + day_of_year - *clamped - DAYS_BACK);
}

civil_day civil_months_on(civil_day d, int n, bool *clamped)
{
    if (n % 12 == 0)
        return years_on(d, n / 12, clamped); /* most counts are of whole years */
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
    bool clamped;
    civil_day d = years_on(born, years, &clamped);
    return d + clamped; /* the day after 28 February */
}

int civil_age(civil_day born, civil_day d)
{
    int years = civil_to_ymd(d).year - civil_to_ymd(born).year;
    return years - (civil_birthday(born, years) > d);
}
