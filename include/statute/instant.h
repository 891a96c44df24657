/* Points in time, as text: when the authority's database learnt a fact. Compared as instants, never as text. Pure. */
#ifndef EHCWATCH_INSTANT_H
#define EHCWATCH_INSTANT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "civil.h"

#define INSTANT_TEXT_LEN 28 /* "2026-05-01T12:00:00.123456Z" and its NUL */

/* Reads an RFC 3339 date-time with zone ("2026-05-01T12:00:00Z", "...+01:00", up to nine digits of fraction, of which
 * microseconds are kept) into microseconds since 1970 UTC. Its date is one of 1900 to 2199. */
bool instant_parse(const char *text, size_t len, int64_t *us);

/* The same of any year from 0 to 9999: "for ever" is often written as the end of 9999. To compare, not to write again. */
bool instant_parse_any(const char *text, size_t len, int64_t *us);

/* Writes RFC 3339 in UTC with a Z, fraction only when there is one; returns out. */
char *instant_format(int64_t us, char out[INSTANT_TEXT_LEN]);

/* Seconds by which clocks in England are ahead of UTC at a point in time, 1996 or later: an hour from 01:00 UTC on the last
 * Sunday of March to 01:00 UTC on the last Sunday of October (Summer Time Act 1972 as amended by S.I. 2002/262), else 0. */
int instant_ahead(int64_t us);

/* The civil date in England then. */
civil_day instant_day(int64_t us);

#endif
