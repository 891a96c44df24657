/* A way of counting in words, for people who check a date by hand. Pure. */
#ifndef EHCWATCH_COUNT_WORDS_H
#define EHCWATCH_COUNT_WORDS_H

#include <stddef.h>

#include "limit.h"

#define COUNT_WORDS_LEN 200 /* room for the longest, and its NUL */

/* How the last lawful day follows from the start, e.g. "20 weeks after 4 March 2026, the day itself not counted". Cut when
 * `cap` is less than COUNT_WORDS_LEN; returns out. */
char *count_words(const struct limit *l, civil_day start, char *out, size_t cap);

#endif
