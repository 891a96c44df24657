/* Weeks-open bands and age bands, as councils and the SEN2 census count them. Pure.
 *
 * The weeks of a case begin with its first request (or the day on which responsibility began). A band holds the days d with
 * 7 * over < d <= 7 * up_to; the first one the day itself, too: "within 20 weeks" is d <= 140. */
#ifndef EHCWATCH_BAND_H
#define EHCWATCH_BAND_H

#include "caseload.h"

#define BAND_COUNT 6
#define AGE_COUNT  5
#define NO_BAND    (-1)

struct band {
    const char *id;   /* "6-16": in a query */
    const char *name; /* "6 to 16": which no spreadsheet takes for a day in June */
    int over, up_to;  /* weeks; INT_MAX: no end. Of an age band: years, both included */
};

extern const struct band weeks_bands[BAND_COUNT]; /* 0-6, 6-16, 16-20, 20-26, 26-52, over-52 */
extern const struct band age_bands[AGE_COUNT];    /* 0-4, 5-10, 11-15, 16-19, 20-25 */

/* The band of a number of days; NO_BAND: below 0. */
int weeks_band(int days);

/* The band of the age in whole years on a day; NO_BAND: unknown (CIVIL_NONE), not born by then, or over 25. */
int age_band(civil_day born, civil_day on);

/* By id or name; NO_BAND: none of them. */
int band_find(const struct band *bands, int n, const char *text, size_t len);

/* The first request_received or responsibility_began; CIVIL_NONE: there is none. */
civil_day case_requested_on(const struct case_facts *cf);

/* The days that the assessment of a case has been open on a date; NO_BAND: it is not, because it was decided or ended, or never began. */
int case_days_open(const struct case_facts *cf, enum stage stage, civil_day as_of);

#endif
