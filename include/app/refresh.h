/* Alertmanagers are told again of what still fires.
 *
 * An alert ends there by itself unless it is told again: every `refresh` seconds all that an endpoint was told of and that is still at
 * risk or breached goes out once more, and what has ended lately goes out as ended, so that a message that came late or not at all is
 * made up for. The refresh is made of what is stored, not of what is computed, and has a row of the outbox for each hundred
 * obligations, which is filled again each time: what could not be sent is overtaken by the next, and nothing piles up. It may go
 * out before or after a transition that was written in the same moment; the next one sets that right. */
#ifndef EHCWATCH_REFRESH_H
#define EHCWATCH_REFRESH_H

#include "core.h"
#include "writer.h"

struct refresh;

/* `put` is called when something was put into the outbox. */
struct refresh *refresh_new(struct core *core, void (*put)(void *ud), void *ud, struct err *e) MUST_CHECK;
void refresh_free(struct refresh *r); /* NULL is fine */

/* The endpoints, of which it takes care of those of the format alertmanager; borrowed until the next call. Connects when there is
 * one. */
void refresh_configure(struct refresh *r, const struct writer_endpoint *endpoints, size_t n);

/* Begins nothing any more. */
void refresh_stop(struct refresh *r);

#endif
