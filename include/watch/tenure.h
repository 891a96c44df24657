/* Who leads: what one daemon may believe about the lease between two answers of the database.
 *
 * The lease (ehcwatch.lease) is one row: a holder, a term that grows with every change of hands, and an end on the database's clock. The
 * holder renews it; when it has ended, whoever comes first takes it. A daemon counts a lease of `ttl` seconds from the moment
 * at which it *began to ask*, less a margin, on its own monotonic clock: so it stops believing before anybody else can be told otherwise,
 * whatever the network did to the answer and however long the process stood still. Times in seconds. Pure. */
#ifndef EHCWATCH_TENURE_H
#define EHCWATCH_TENURE_H

#include <stdbool.h>
#include <stdint.h>

#define LEASE_TTL    15.
#define LEASE_RENEW  5. /* between two renewals */
#define LEASE_MARGIN 3.

struct tenure {
    bool known; /* somebody has the lease, as last heard */
    bool leads; /* this daemon */
    int64_t term;
    double until; /* of `leads`: monotonic, the end of what may be believed */
};

enum tenure_news {
    TENURE_AS_BEFORE,
    TENURE_GAINED, /* for the first time, or again: another may have led meanwhile */
    TENURE_LOST,
};

/* The lease was taken or renewed; `asked` is when the attempt began. An answer that comes too late to be believed is a loss. */
enum tenure_news tenure_granted(struct tenure *t, int64_t term, double asked, double now);

/* Another holds it, or it was found that this daemon's term is over. */
enum tenure_news tenure_refused(struct tenure *t);

/* Time has passed. */
enum tenure_news tenure_tick(struct tenure *t, double now);

/* Whether it may still be acted upon. */
bool tenure_held(const struct tenure *t, double now);

/* Seconds until the next attempt. `left`: of another's lease, as the database said; ignored by the holder. */
double tenure_next(const struct tenure *t, double left);

#endif
