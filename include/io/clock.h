/* The only place that reads time. Everything else takes "now" as an argument.
 *
 * Wall time answers "what moment is it" and may jump; monotonic time measures intervals and never does. The calls
 * neither block nor fail. */
#ifndef EHCWATCH_CLOCK_H
#define EHCWATCH_CLOCK_H

#include <stdint.h>

/* Microseconds since the Unix epoch, UTC. */
int64_t clock_wall_us(void);

/* Seconds since an arbitrary start (boot), with the fraction. */
double clock_mono(void);

/* Seconds for which the calling thread has had a processor; what others took meanwhile is not in it. */
double clock_own_cpu(void);

/* The first midnight in Europe/London strictly after `unix_s` (seconds since the Unix epoch, 1996 or later; before
 * that the clocks changed on other days). Pure: the rule is compiled in (Summer Time Act 1972 as amended by S.I.
 * 2002/262: one hour ahead from 01:00 UTC on the last Sunday of March to 01:00 UTC on the last Sunday of October), the
 * process's TZ and the zone files are not looked at. */
int64_t london_midnight_after(int64_t unix_s);

#endif
