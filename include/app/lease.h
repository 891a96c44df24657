/* One leader: the lease row of the state database, by which one of several daemons evaluates and writes.
 *
 * A daemon has its own short connection for it, so that no renewal ever waits behind a long statement. The leader renews every five
 * seconds; when it dies, another takes over as soon as its lease has run out (fifteen seconds at most), or at its next look when the
 * dead process was one of this machine, which can be seen. A leader that was paused or cut off finds out by itself (tenure.h), and if it is
 * too slow to, the database tells it: every transaction of a leader begins with the query `lease_fence`, whose parameters are lease_proof(). No row
 * means: roll back, and call lease_lost(). Who leads is in core->status, for whoever shows it, and why that cannot be asked for at present: a standby
 * that hears nothing for as long as a lease lasts does not know it any more. */
#ifndef EHCWATCH_LEASE_H
#define EHCWATCH_LEASE_H

#include "core.h"

struct lease;

struct lease_ops {
    /* From the loop, or from lease_lost: this daemon leads, or no longer; also the first time that it is found to be a standby. */
    void (*changed)(void *ud, bool leads);
};

struct lease *lease_new(struct core *core, const struct lease_ops *ops, void *ud, struct err *e) MUST_CHECK;
void lease_free(struct lease *l); /* NULL is fine; the lease is left to run out */

/* Connects. Nothing is asked before lease_begin. */
void lease_start(struct lease *l);

/* The schema is there: from now on there is a lease to ask for. Without effect when that is known. */
void lease_begin(struct lease *l);

/* Whether this daemon may evaluate and write. False for NULL. */
bool lease_held(const struct lease *l);

/* Whether it is known if this daemon leads or stands by. */
bool lease_known(const struct lease *l);

/* Of the last tenure; a number that grows. What is begun in one term must not be ended in another. */
int64_t lease_term(const struct lease *l);

/* The two parameters of lease_fence: holder and term. Borrowed; the second changes with the term. */
const char *const *lease_proof(const struct lease *l);

/* A fence of `term` found no row. */
void lease_lost(struct lease *l, int64_t term);

/* Gives the lease back, so that another need not wait for its end, and asks no more. `done` is called from the loop, when it is back
 * or cannot be given back. */
void lease_release(struct lease *l, void (*done)(void *ud), void *ud);

#endif
