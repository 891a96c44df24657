/* The net of several changes of one obligation, for people who have not been told of any of them yet.
 *
 * Machines get every transition. People get what it comes to: one change, from what they were last told to what is so now, or
 * none. Pure. */
#ifndef EHCWATCH_NET_H
#define EHCWATCH_NET_H

#include "drift.h"

/* A change that waits; the transition it came with. */
struct net_change {
    enum alert alert;
    enum state from; /* STATE_COUNT: first seen */
    enum state to;
    civil_day due_before; /* as in struct change */
};

struct net_about {
    enum state told; /* as the endpoint was last told; STATE_COUNT: never */
    enum state now;  /* as it is stored */
    civil_day due;   /* now */
    bool escalation; /* the endpoint is told of what it was told is breached, and of nothing else */
    bool digest;     /* what is gathered may tell of what is over */
};

struct net {
    enum alert alert; /* what the last of the changes is told as; ALERT_NONE: nothing is told */
    enum state from;
    const char *reason; /* why those that are not told are not. Static text */
};

/* Of n changes, one or more, in the order of their coming. */
struct net net_of(const struct net_change *c, size_t n, const struct net_about *about);

#endif
