/* Working days of England and Wales, and those of the Tribunal.
 *
 * A working day is Monday to Friday and not a bank holiday of England and Wales (the statutory list published at
 * gov.uk/bank-holidays.json). The list is compiled in and can be extended by a data file; past its last year only
 * weekends are known, and every answer that reaches there says so. Pure: the file is read by the caller. */
#ifndef EHCWATCH_CALENDAR_H
#define EHCWATCH_CALENDAR_H

#include "civil.h"
#include "err.h"

#define CALENDAR_FIRST_YEAR 2012
#define CALENDAR_YEARS      90

struct calendar {
    civil_day first;      /* 1 January of CALENDAR_FIRST_YEAR */
    civil_day last_known; /* 31 December of the last year that has holidays listed */
    uint64_t holiday[(CALENDAR_YEARS * 366 + 63) / 64]; /* one bit a day from `first` */
};

/* The compiled-in list. */
void calendar_builtin(struct calendar *cal);

/* Adds (or, with a leading '-', removes) days from the text of an overlay file: one YYYY-MM-DD a line, anything after
 * the date is a comment, as are lines that begin with '#'. A year that gets a day counts as covered once every year before
 * it is; until then its days are kept but not used. On error nothing is changed and `e` names the line
 * ("NAME:LINE: what"). */
bool calendar_overlay(struct calendar *cal, const char *name, const char *text, size_t len,
                      struct err *e) MUST_CHECK;

bool calendar_is_holiday(const struct calendar *cal, civil_day d);
bool calendar_is_working_day(const struct calendar *cal, civil_day d);

/* Not a weekend, a bank holiday, 25 December to 1 January, nor any day of August (HESC Rules 2008 r.1(3)). */
bool calendar_is_tribunal_day(const struct calendar *cal, civil_day d);

/* The last working day on or before d. */
civil_day calendar_working_day_before(const struct calendar *cal, civil_day d);

#endif
