/* The dispatcher: claims what is due in the outbox, posts it, records what came of it.
 *
 * A claim pushes the message's next attempt forward by three times the endpoint's timeout: that is the lease, and a
 * dispatcher that dies needs no clean-up. The body is sent as it was frozen, signed anew for each attempt. Delivery is at
 * least once: when the record of an attempt is lost, the message is sent again under the same id. A record that the database will not
 * have at present is kept and tried again; until it is made, nothing more is claimed. */
#ifndef EHCWATCH_DISPATCH_H
#define EHCWATCH_DISPATCH_H

#include "core.h"
#include "endpoint.h"

struct dispatch;

/* Reads the connection and the CA file from core->config. */
struct dispatch *dispatch_new(struct core *core, struct err *e) MUST_CHECK;
void dispatch_start(struct dispatch *d);
void dispatch_free(struct dispatch *d);

/* Who is posted to from now on; borrowed until the next call. With a changed CA file, a new pool is made; false leaves
 * everything as it was. */
bool dispatch_configure(struct dispatch *d, const struct endpoints *endpoints, struct err *e) MUST_CHECK;

/* Something may be due. */
void dispatch_kick(struct dispatch *d);

/* Claims nothing more; `drained` is called, from the loop, when what was under way has ended and is recorded, or after `within`
 * seconds, when the rest is given back to the queue. */
void dispatch_drain(struct dispatch *d, double within, void (*drained)(void *ud), void *ud);

#endif
