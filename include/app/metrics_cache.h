/* The text of the metrics, kept for as long as nothing in it would change.
 *
 * A scrape costs a millisecond when the thousand lines are made anew, and a hundredth of that when they are there. What the text says is the
 * status and what it points to, and nothing of that changes without a change of the status itself: two statuses with the same bytes
 * have the same text. */
#ifndef EHCWATCH_METRICS_CACHE_H
#define EHCWATCH_METRICS_CACHE_H

#include "metrics_text.h"

struct metrics_cache;

struct metrics_cache *metrics_cache_new(void);    /* NULL: out of memory */
void metrics_cache_free(struct metrics_cache *c); /* NULL is fine */

/* Adds the text to the buffer. `c` NULL: it is made anew. */
void metrics_cache_text(struct metrics_cache *c, struct buf *b, const struct status *s,
                        enum metrics_format format);

#endif
