/* The circuit breaker of an endpoint: when to leave a receiver in peace, and when to ask again. Pure.
 *
 *              5 failures in a row, or 70 % of 10 or more in 5 min
 *     CLOSED ----------------------------------------------------> OPEN
 *        ^                                                       ^    |  the wait is over: a claim takes one message,
 *        |   the probe was answered       the probe failed: twice|    v  the oldest (outbox_claim.sql)
 *        +------------------------- HALF_OPEN -------------------+ (as long)
 *
 * While it is not closed messages wait and burn no attempts. The state is a row of ehcwatch.endpoint, shared by all
 * daemons, so that a restart is not an event; the CHECK of that column has the same three words. */
#ifndef EHCWATCH_CIRCUIT_H
#define EHCWATCH_CIRCUIT_H

#include <stdbool.h>

#define CIRCUIT_FAILURES    5   /* in a row */
#define CIRCUIT_WINDOW      300 /* seconds that a share of failures is taken over, since it was last closed */
#define CIRCUIT_RECENT      10  /* at least so many attempts for a share */
#define CIRCUIT_SHARE       70  /* per cent */
#define CIRCUIT_RECENT_MOST 200 /* no more than so many are looked at */
#define CIRCUIT_WAIT_MIN    30  /* seconds */
#define CIRCUIT_WAIT_MAX    1800 /* the wait doubles up to this */

enum circuit_state { CIRCUIT_CLOSED, CIRCUIT_OPEN, CIRCUIT_HALF_OPEN, CIRCUIT_STATES };

/* How an attempt ended. A straggler, sent before the circuit opened, says nothing that a probe would not say better. */
enum circuit_event {
    CIRCUIT_SUCCESS,
    CIRCUIT_ANSWERED, /* refused or put off, by a receiver that is there */
    CIRCUIT_FAILURE,
    CIRCUIT_PROBE_SUCCESS,
    CIRCUIT_PROBE_ANSWERED,
    CIRCUIT_PROBE_FAILURE,
    CIRCUIT_PROBE_BACK, /* cancelled by ourselves */
    CIRCUIT_EVENTS
};

struct circuit {
    enum circuit_state state;
    int failures;            /* in a row */
    int wait;                /* seconds of the last wait; 0 when closed */
    int recent, recent_fail; /* attempts in the window, and those of them that failed */
};

enum circuit_change {
    CIRCUIT_SAME,
    CIRCUIT_COUNTED, /* the numbers changed, not the state */
    CIRCUIT_OPENED,  /* the next probe after `wait` seconds from now */
    CIRCUIT_AT_ONCE, /* open still, or again: the next probe may go at once */
    CIRCUIT_MENDED,  /* closed again */
};

/* What becomes of `c`. */
enum circuit_change circuit_after(struct circuit *c, enum circuit_event event);

/* "closed", "open", "half_open"; static text. */
const char *circuit_state_name(enum circuit_state s);

/* The state of that name; CIRCUIT_STATES when there is none. */
enum circuit_state circuit_state_of(const char *name);

#endif
