/* The composer: makes messages for people of the notices that wait for them.
 *
 * What people are owed is written with the transitions (ehcwatch.notice). Here it is decided when it goes out (policy.h), collapsed
 * to what it comes to (net.h), gathered by team, rendered (notice.h) and put into the outbox: for each endpoint in one transaction, which
 * also marks the notices, so that nothing is lost and nothing told twice whenever the process dies. All times are the database's.
 *
 * Nothing is composed of a state that is not known to be of today: before the first full evaluation after the start, after the connection
 * was lost and after midnight it waits for one. Only the leader composes. */
#ifndef EHCWATCH_COMPOSER_H
#define EHCWATCH_COMPOSER_H

#include "core.h"
#include "writer.h"

struct composer;

struct composer_ops {
    void (*composed)(void *ud); /* something was put into the outbox */
    void (*stale)(void *ud);    /* an evaluation is wanted */
    void (*idle)(void *ud);     /* as the poller's: the moment to change the configuration */
};

struct composer *composer_new(struct core *core, const struct composer_ops *ops, void *ud,
                              struct err *e) MUST_CHECK;
void composer_free(struct composer *c); /* NULL is fine; what is under way is rolled back */

/* The endpoints, of which those for people are its own, and what still waits for the others from when they were; borrowed until the next
 * call. Only while idle. Connects when there is one.
 * False: out of memory, and none is served. */
bool composer_configure(struct composer *c, const struct writer_endpoint *endpoints, size_t n) MUST_CHECK;
bool composer_idle(const struct composer *c);

/* Something may wait: notices were written, or an evaluation has ended. */
void composer_kick(struct composer *c);

/* Begins nothing any more. */
void composer_stop(struct composer *c);

#endif
