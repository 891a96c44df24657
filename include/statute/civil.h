/* Civil dates: days of the proleptic Gregorian calendar, no time zone and no clock.
 *
 * Statutory clocks run on civil dates in England, never on periods of 24 hours. A date is a count of days, so that
 * differences and comparisons are plain arithmetic. Method: C. Neri, L. Schneider, "Euclidean Affine Functions and their
 * Application to Calendar Algorithms" (2022). Pure. */
#ifndef EHCWATCH_CIVIL_H
#define EHCWATCH_CIVIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef int32_t civil_day; /* days since 1970-01-01 */

#define CIVIL_NONE     INT32_MIN /* "no date"; smaller than every date */
#define CIVIL_FIRST    (-25567)  /* 1900-01-01: no rule counts from an earlier date */
#define CIVIL_LAST     84005     /* 2199-12-31: nor from a later one */
#define CIVIL_TEXT_LEN 11        /* "2026-03-29" and its NUL */

struct civil_ymd {
    int year;
    int month; /* 1..12 */
    int day;   /* 1..31 */
};

civil_day civil_from_ymd(int year, int month, int day);
struct civil_ymd civil_to_ymd(civil_day d);

/* Reads exactly "YYYY-MM-DD" (len bytes, no more), a day that exists, years 1900 to 2199. */
bool civil_parse(const char *text, size_t len, civil_day *out);

/* The same of any year from 0 to 9999: a day, though perhaps none that a rule counts from. */
bool civil_parse_any(const char *text, size_t len, civil_day *out);

/* Writes "YYYY-MM-DD", or "" for CIVIL_NONE, into out; returns out. */
char *civil_format(civil_day d, char out[CIVIL_TEXT_LEN]);

/* "4 March 2026": how people in England write it. out holds at least 20 bytes; returns out. */
char *civil_words(civil_day d, char *out, size_t cap);

/* 0 = Monday ... 6 = Sunday. */
int civil_weekday(civil_day d);

/* A week of ISO 8601: it begins on Monday, and belongs to the year that holds its Thursday. */
struct civil_week {
    int year;
    int week; /* 1 to 52 or 53 */
};

struct civil_week civil_to_week(civil_day d);
civil_day civil_from_week(int year, int week); /* its Monday */
int civil_weeks_in_year(int year);

int civil_month_length(int year, int month);

/* The same day number n months on (n may be negative), clamped to the month's last day. */
civil_day civil_add_months(civil_day d, int n);

/* The same, and says whether it was clamped. */
civil_day civil_months_on(civil_day d, int n, bool *clamped);

/* The day on which somebody born on `born` attains `years`: born on 29 February, 1 March in other years
 * (rulebook section 2). */
civil_day civil_birthday(civil_day born, int years);

/* How many years somebody born on `born` has attained on `d`: the age in whole years. Negative before the birth. */
int civil_age(civil_day born, civil_day d);

#endif
