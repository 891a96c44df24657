/* The history in the making: the counts of each civil day, written by the leader after an evaluation that changed them.
 *
 * What is counted is brought up to date from snapshot to snapshot (place_count.h), a slice at a time; a poll that found nothing new costs
 * a look. What differs from what was last written for the day goes into the database in one transaction, which begins with the fence of the
 * lease; the first of a day, and of a term, writes all of the day. Whatever fails is made good by the next evaluation.
 *
 * What was counted is in status.places, too, while this daemon leads.
 *
 * Over the same connection every daemon keeps up with the meetings that were marked as held (status.marks), and with what the history has
 * of the weeks of the last year (status.trend). */
#ifndef EHCWATCH_HISTORY_H
#define EHCWATCH_HISTORY_H

#include "core.h"

struct history;

struct history *history_new(struct core *core, struct err *e) MUST_CHECK;
void history_free(struct history *h); /* NULL is fine */

/* Connects. */
void history_start(struct history *h);

/* An evaluation was written. */
void history_look(struct history *h);

/* Which labels of places the metrics carry has changed: status.places is added up anew. NULL is fine. */
void history_relabel(struct history *h);

/* This daemon leads, or no longer. */
void history_lead(struct history *h, bool leads);

#endif
