/* When to try a message again, and what an answer means.
 *
 * Pure: no clock, no random source, nothing allocated. `watch` may not include the headers of `io`, and `io`
 * not those of `watch`, so the vocabulary of policy lives here and the vocabulary of transport in io's
 * hook.h; `app` maps one onto the other in a single switch that the compiler checks for completeness.
 *
 * Schedule: 0, 5 s, 30 s, 2 m, 10 m, 30 m, 1 h, 2 h, 4 h, 6 h, then every 6 h: 35 attempts over 589,355 s
 * (163.7 h), which outlasts Christmas with two substitute days (112 h from the last working hour to the
 * next). */
#ifndef EHCWATCH_RETRY_H
#define EHCWATCH_RETRY_H

#include <stdbool.h>
#include <stdint.h>

#define RETRY_ATTEMPTS_MAX 35u

/* How one attempt ended. */
enum attempt_end {
    ATTEMPT_HTTP,      /* a complete reply head came back; the status decides */
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
};

/* Why an attempt failed: the index of counters, and by its name a metric label. */
enum retry_reason {
    RETRY_REASON_REDIRECT,
    RETRY_REASON_CLIENT_ERROR,
    RETRY_REASON_THROTTLED, /* 408, 425, 429 */
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
    enum retry_reason reason; /* says something only beside RETRY_LATER, but is always a valid index */
    bool honour_retry_after;  /* 408, 425, 429, 503: the receiver may ask for a longer wait */
};

/* What the end of an attempt means. `http_status` matters for ATTEMPT_HTTP only; a status outside 200..599 is a
 * failure for RETRY_REASON_OTHER, and so is ATTEMPT_CANCELLED, which should not be counted at all. */
struct retry_verdict retry_verdict(enum attempt_end end, int http_status);

/* "redirect", "client_error" and so on: the enumerator in lower case. Static text. */
const char *retry_reason_name(enum retry_reason reason);

/* Milliseconds to wait before the next attempt, counted from the end of the last one, or -1 when
 * `attempts_made` is RETRY_ATTEMPTS_MAX or more: the message is dead. 0 for the first attempt. `jitter` is
 * any number the caller drew: 0 gives 80 % of the scheduled delay, 2^31 all of it, UINT32_MAX 120 %. */
int64_t retry_delay_ms(unsigned attempts_made, uint32_t jitter);

/* The same for a verdict of RETRY_LATER: max(schedule, Retry-After) when the verdict honours it.
 * `retry_after_s` is -1 when the header was absent. A wish of the receiver never revives a dead message. */
int64_t retry_wait_ms(struct retry_verdict v, unsigned attempts_made, uint32_t jitter, int retry_after_s);

#endif
