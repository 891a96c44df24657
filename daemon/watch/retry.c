#include "retry.h"

#include <stddef.h>

#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)

/* Delay before attempt number [i]; every later one waits as long as the last entry. */
static const int64_t schedule[] = {0,           5 * SECOND, 30 * SECOND, 2 * MINUTE, 10 * MINUTE,
                                   30 * MINUTE, 1 * HOUR,   2 * HOUR,    4 * HOUR,   6 * HOUR};
#define SCHEDULE_LEN (sizeof schedule / sizeof schedule[0])

/* Of what needs a person: the delay after refusal number [i + 1] in a row, whatever came before it. */
static const int64_t refused[] = {30 * MINUTE, 2 * HOUR, 24 * HOUR};
#define REFUSED_LEN (sizeof refused / sizeof refused[0])

#define THROTTLE_PAUSE (5 * SECOND) /* when the receiver does not say how long */

static int64_t jittered(int64_t base, uint32_t jitter)
{
    int64_t spread = base / 5 * 2;
    return base - base / 5 + (int64_t)((uint64_t)spread * jitter / UINT32_MAX);
}

int64_t retry_delay_ms(unsigned tries, uint32_t jitter)
{
    if (tries >= RETRY_ATTEMPTS_MAX)
        return -1;
    return jittered(schedule[tries < SCHEDULE_LEN ? tries : SCHEDULE_LEN - 1], jitter);
}

static int64_t refused_delay_ms(const struct retry_so_far *s)
{
    if (s->age_ms >= RETRY_SPAN_MS)
        return -1;
    return jittered(refused[s->refusals < REFUSED_LEN ? s->refusals : REFUSED_LEN - 1], s->jitter);
}

static int64_t asked_ms(struct retry_verdict v, int retry_after_s)
{
    if (!v.honour_retry_after || retry_after_s < 0)
        return 0;
    return (retry_after_s < RETRY_ASKED_MAX_S ? retry_after_s : RETRY_ASKED_MAX_S) * SECOND;
}

int64_t retry_wait_ms(struct retry_verdict v, const struct retry_so_far *s)
{
    if (v.fate == RETRY_GONE)
        return 0;
    int64_t wait = v.fate == RETRY_REFUSED ? refused_delay_ms(s) : retry_delay_ms(s->tries, s->jitter),
            asked = asked_ms(v, s->retry_after_s);
    return wait >= 0 && asked > wait ? asked : wait;
}

int64_t retry_pause_ms(struct retry_verdict v, int retry_after_s)
{
    int64_t asked = asked_ms(v, retry_after_s),
            least = v.reason == RETRY_REASON_THROTTLED && v.fate == RETRY_LATER ? THROTTLE_PAUSE : 0;
    return asked > least ? asked : least;
}

#define DELIVERED                                                                                            \
    {                                                                                                        \
        RETRY_DELIVERED, RETRY_REASON_OTHER, CIRCUIT_SUCCESS, false                                          \
    }
#define FAILED(why)                                                                                          \
    {                                                                                                        \
        RETRY_LATER, RETRY_REASON_##why, CIRCUIT_FAILURE, false                                              \
    }
#define REFUSED                                                                                              \
    {                                                                                                        \
        RETRY_REFUSED, RETRY_REASON_CLIENT_ERROR, CIRCUIT_ANSWERED, false                                    \
    }
#define PUT_OFF                                                                                              \
    {                                                                                                        \
        RETRY_LATER, RETRY_REASON_THROTTLED, CIRCUIT_ANSWERED, true                                          \
    }
#define UNABLE                                                                                               \
    {                                                                                                        \
        RETRY_LATER, RETRY_REASON_SERVER_ERROR, CIRCUIT_FAILURE, true                                        \
    }

/* First row that matches wins, so single codes stand before their class. */
static const struct {
    int lo, hi;
    struct retry_verdict verdict;
} by_status[] = {
    {202, 202, {RETRY_ACCEPTED, RETRY_REASON_OTHER, CIRCUIT_SUCCESS, false}},
    {200, 299, DELIVERED},
    {300, 399, FAILED(REDIRECT)},
    {400, 401, REFUSED},
    {403, 405, REFUSED},
    {413, 413, REFUSED},
    {415, 415, REFUSED},
    {422, 422, REFUSED},
    {408, 408, PUT_OFF},
    {425, 425, PUT_OFF},
    {429, 429, PUT_OFF},
    {410, 410, {RETRY_GONE, RETRY_REASON_GONE, CIRCUIT_ANSWERED, false}},
    {400, 499, {RETRY_LATER, RETRY_REASON_CLIENT_ERROR, CIRCUIT_ANSWERED, false}},
    {502, 504, UNABLE},
    {500, 599, FAILED(SERVER_ERROR)},
};

/* Of a relay. 421: it is closing, or has too many of us. Other replies of 4yz are about this moment; all mail of an endpoint goes the
 * same way, so what fails for one fails for all. */
static const struct {
    int lo, hi;
    struct retry_verdict verdict;
} by_reply[] = {
    {200, 299, DELIVERED},
    {421, 421, PUT_OFF},
    {400, 499, FAILED(SERVER_ERROR)},
    {500, 599, REFUSED},
};

static const struct retry_verdict by_end[] = {
    [ATTEMPT_HTTP] = FAILED(OTHER),      [ATTEMPT_SMTP] = FAILED(OTHER),
    [ATTEMPT_TIMEOUT] = FAILED(TIMEOUT), [ATTEMPT_CONNECT] = FAILED(CONNECT),
    [ATTEMPT_DNS] = FAILED(DNS),         [ATTEMPT_TLS] = FAILED(TLS),
    [ATTEMPT_RESET] = FAILED(RESET),     [ATTEMPT_BLOCKED] = FAILED(BLOCKED),
    [ATTEMPT_CANCELLED] = FAILED(OTHER), [ATTEMPT_OTHER] = FAILED(OTHER),
};

struct retry_verdict retry_verdict(enum attempt_end end, int http_status)
{
    if (end == ATTEMPT_HTTP)
        for (size_t i = 0; i < sizeof by_status / sizeof by_status[0]; i++)
            if (http_status >= by_status[i].lo && http_status <= by_status[i].hi)
                return by_status[i].verdict;
    if (end == ATTEMPT_SMTP)
        for (size_t i = 0; i < sizeof by_reply / sizeof by_reply[0]; i++)
            if (http_status >= by_reply[i].lo && http_status <= by_reply[i].hi)
                return by_reply[i].verdict;
    return by_end[end];
}

const char *retry_reason_name(enum retry_reason reason)
{
    static const char *const names[RETRY_REASON_COUNT] = {
        [RETRY_REASON_REDIRECT] = "redirect",
        [RETRY_REASON_CLIENT_ERROR] = "client_error",
        [RETRY_REASON_THROTTLED] = "throttled",
        [RETRY_REASON_GONE] = "gone",
        [RETRY_REASON_SERVER_ERROR] = "server_error",
        [RETRY_REASON_TIMEOUT] = "timeout",
        [RETRY_REASON_CONNECT] = "connect",
        [RETRY_REASON_DNS] = "dns",
        [RETRY_REASON_TLS] = "tls",
        [RETRY_REASON_RESET] = "reset",
        [RETRY_REASON_BLOCKED] = "blocked",
        [RETRY_REASON_OTHER] = "other",
    };
    return names[reason];
}

bool retry_reason_fails(enum retry_reason reason)
{
    return reason != RETRY_REASON_CLIENT_ERROR && reason != RETRY_REASON_THROTTLED &&
           reason != RETRY_REASON_GONE;
}
