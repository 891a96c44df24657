/* When to try a message again, and what an answer means.
 *
 * Pure: no clock, no random source, nothing allocated. `watch` may not include the headers of `io`, and `io`
 * not those of `watch`, so the vocabulary of policy lives here and the vocabulary of transport in io's
 * hook.h; `app` maps one onto the other in a single switch that the compiler checks for completeness.
 *
 * Schedule: 0, 5 s, 30 s, 2 m, 10 m, 30 m, 1 h, 2 h, 4 h, 6 h, then every 6 h: 35 attempts over 589,355 s
 * (163.7 h), which outlasts Christmas with two substitute days (112 h from the last working hour to the
 * next). What only a person can mend (a wrong address, a wrong password) is tried after 30 m, 2 h, then daily, counted from
 * the first refusal in a row, for as long a time. */
#ifndef EHCWATCH_RETRY_H
#define EHCWATCH_RETRY_H

#include <stdbool.h>
#include <stdint.h>

#include "circuit.h"

#define RETRY_ATTEMPTS_MAX 35u
#define RETRY_SPAN_MS      INT64_C(589355000) /* the sum of the schedule */
#define RETRY_ASKED_MAX_S  86400              /* a receiver may not put us off for longer */

/* How one attempt ended. */
enum attempt_end {
    ATTEMPT_HTTP,      /* a complete reply head came back; the status decides */
    ATTEMPT_SMTP,      /* a relay answered; its code decides */
    ATTEMPT_TIMEOUT,   /* no reply within the time allowed */
    ATTEMPT_CONNECT,   /* nobody accepted the connection */
    ATTEMPT_DNS,       /* the name has no address */
    ATTEMPT_TLS,       /* no trusted encrypted connection */
    ATTEMPT_RESET,     /* the connection broke before a reply */
    ATTEMPT_BLOCKED,   /* the address is internal and the endpoint is not marked so */
    ATTEMPT_CANCELLED, /* we gave it up, at shutdown: says nothing about the endpoint */
    ATTEMPT_OTHER,
};

enum retry_fate {
    RETRY_DELIVERED, /* processed: 2xx other than 202 */
    RETRY_ACCEPTED,  /* 202: taken, perhaps not yet processed; not sent again */
    RETRY_LATER,     /* on the schedule, dead after the last attempt */
    RETRY_REFUSED,   /* a person must look: few attempts, and the operator is told at once */
    RETRY_GONE, /* 410: nothing more is sent to the endpoint until somebody says so; what it is owed waits */
};

/* Why an attempt failed: the index of counters, and by its name a metric label. */
enum retry_reason {
    RETRY_REASON_REDIRECT,
    RETRY_REASON_CLIENT_ERROR,
    RETRY_REASON_THROTTLED, /* 408, 425, 429 */
    RETRY_REASON_GONE,
    RETRY_REASON_SERVER_ERROR,
    RETRY_REASON_TIMEOUT,
    RETRY_REASON_CONNECT,
    RETRY_REASON_DNS,
    RETRY_REASON_TLS,
    RETRY_REASON_RESET,
    RETRY_REASON_BLOCKED,
    RETRY_REASON_OTHER,
    RETRY_REASON_COUNT,
};

struct retry_verdict {
    enum retry_fate fate;
    enum retry_reason reason;  /* says nothing beside a success, but is always a valid index */
    enum circuit_event health; /* what it says of the endpoint: CIRCUIT_SUCCESS, _ANSWERED or _FAILURE */
    bool honour_retry_after; /* the receiver may ask for a longer wait, which holds for the whole endpoint */
};

/* What the end of an attempt means. `http_status` matters for ATTEMPT_HTTP and ATTEMPT_SMTP only; one outside 200..599 is a
 * failure for RETRY_REASON_OTHER, and so is ATTEMPT_CANCELLED, which should not be counted at all. */
struct retry_verdict retry_verdict(enum attempt_end end, int http_status);

/* "redirect", "client_error" and so on: the enumerator in lower case. Static text. */
const char *retry_reason_name(enum retry_reason reason);

/* Whether an attempt that ended so counts against the endpoint's circuit. */
bool retry_reason_fails(enum retry_reason reason);

struct retry_so_far {
    unsigned tries;    /* attempts that count, the last one included */
    unsigned refusals; /* client errors in a row just before the last attempt, among these */
    int64_t age_ms;    /* since the first of them */
    uint32_t
        jitter; /* any number the caller drew: 0 gives 80 % of the delay, 2^31 all of it, UINT32_MAX 120 % */
    int retry_after_s; /* what the receiver asked for, -1 when it did not */
};

/* Milliseconds to wait before the next attempt by the schedule, counted from the end of the last one, or -1 when
 * `tries` is RETRY_ATTEMPTS_MAX or more: the message is dead. 0 for the first attempt. */
int64_t retry_delay_ms(unsigned tries, uint32_t jitter);

/* The same for a verdict that is not a success: max(schedule, Retry-After) when the verdict honours it; of RETRY_REFUSED the
 * schedule of its own, dead once it was tried for RETRY_SPAN_MS; 0 for RETRY_GONE. A wish of the receiver never revives a
 * dead message. */
int64_t retry_wait_ms(struct retry_verdict v, const struct retry_so_far *s);

/* For how long nothing at all should be sent to the endpoint, in milliseconds; 0: no need. */
int64_t retry_pause_ms(struct retry_verdict v, int retry_after_s);

#endif
