/* The poller: reads, evaluates, writes, and again.
 *
 * One thing at a time: it prepares (schema, endpoints, ledger, limits under watch), then reads the case database at every
 * interval, at London midnight and when hinted, publishes the snapshot in core->status and has the writer tell what changed.
 * Whatever fails leaves the last good state and is tried again; what was computed but not written is computed again.
 *
 * Only the leader (lease.h) writes. A standby reads and evaluates for its own lists and metrics, and when it comes to lead it reads what is
 * stored and the whole case database anew: what the leader before it had not written is written then, once. */
#ifndef EHCWATCH_POLLER_H
#define EHCWATCH_POLLER_H

#include "core.h"
#include "writer.h"

struct poller;

struct poller_ops {
    void (*written)(void *ud); /* a transaction may have added to the outbox */
    void (*refused)(void *ud); /* nothing could be written of an evaluation, which holds all the same */

    /* Nothing is under way: the moment to change the configuration. After poller_stop: once, when what was being written when it
     * was called has ended. */
    void (*idle)(void *ud);
};

struct poller *poller_new(struct core *core, const struct poller_ops *ops, void *ud,
                          struct err *e) MUST_CHECK;
void poller_start(struct poller *p);
void poller_free(struct poller *p);

/* Nothing is under way; after poller_stop: nothing is being written. */
bool poller_idle(const struct poller *p);

/* Takes over core->config: limits, interval, endpoints (borrowed until the next call). Only while idle. */
void poller_configure(struct poller *p, const struct writer_endpoint *endpoints, size_t n);

/* This daemon leads, or no longer; core->lease calls. */
void poller_lead(struct poller *p, bool leads);

/* The next reading may find that most cases have gone: an operator says so by reloading. */
void poller_accept_loss(struct poller *p);

/* Reads as soon as possible. */
void poller_kick(struct poller *p);

/* No new reading is begun any more, and one under way comes to nothing; what is being written is written. */
void poller_stop(struct poller *p);

/* The poll timer is armed, or a step is under way and not overdue: for the watchdog. */
bool poller_alive(struct poller *p, double now_mono);

#endif
