#include "retry.h"

#include <stddef.h>

#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)

/* Delay before attempt number [i]; every later one waits as long as the last entry. */
static const int64_t schedule[] = {0,           5 * SECOND, 30 * SECOND, 2 * MINUTE, 10 * MINUTE,
                                   30 * MINUTE, 1 * HOUR,   2 * HOUR,    4 * HOUR,   6 * HOUR};
#define SCHEDULE_LEN (sizeof schedule / sizeof schedule[0])

int64_t retry_delay_ms(unsigned attempts_made, uint32_t jitter)
{
    if (attempts_made >= RETRY_ATTEMPTS_MAX)
        return -1;
    int64_t base = schedule[attempts_made < SCHEDULE_LEN ? attempts_made : SCHEDULE_LEN - 1];
    int64_t spread = base / 5 * 2;
    return base - base / 5 + (int64_t)((uint64_t)spread * jitter / UINT32_MAX);
}

int64_t retry_wait_ms(struct retry_verdict v, unsigned attempts_made, uint32_t jitter, int retry_after_s)
{
    int64_t wait = retry_delay_ms(attempts_made, jitter);
    if (wait < 0 || !v.honour_retry_after || retry_after_s < 0)
        return wait;
    int64_t asked = retry_after_s * SECOND;
    return asked > wait ? asked : wait;
}

/* First row that matches wins, so single codes stand before their class. */
static const struct {
    int lo, hi;
    struct retry_verdict verdict;
} by_status[] = {
    {202, 202, {RETRY_ACCEPTED, RETRY_REASON_OTHER, false}},
    {200, 299, {RETRY_DELIVERED, RETRY_REASON_OTHER, false}},
    {300, 399, {RETRY_LATER, RETRY_REASON_REDIRECT, false}},
    {408, 408, {RETRY_LATER, RETRY_REASON_THROTTLED, true}},
    {425, 425, {RETRY_LATER, RETRY_REASON_THROTTLED, true}},
    {429, 429, {RETRY_LATER, RETRY_REASON_THROTTLED, true}},
    {400, 499, {RETRY_LATER, RETRY_REASON_CLIENT_ERROR, false}},
    {503, 503, {RETRY_LATER, RETRY_REASON_SERVER_ERROR, true}},
    {500, 599, {RETRY_LATER, RETRY_REASON_SERVER_ERROR, false}},
};

static const struct retry_verdict by_end[] = {
    [ATTEMPT_HTTP] = {RETRY_LATER, RETRY_REASON_OTHER, false},
    [ATTEMPT_TIMEOUT] = {RETRY_LATER, RETRY_REASON_TIMEOUT, false},
    [ATTEMPT_CONNECT] = {RETRY_LATER, RETRY_REASON_CONNECT, false},
    [ATTEMPT_DNS] = {RETRY_LATER, RETRY_REASON_DNS, false},
    [ATTEMPT_TLS] = {RETRY_LATER, RETRY_REASON_TLS, false},
    [ATTEMPT_RESET] = {RETRY_LATER, RETRY_REASON_RESET, false},
    [ATTEMPT_BLOCKED] = {RETRY_LATER, RETRY_REASON_BLOCKED, false},
    [ATTEMPT_CANCELLED] = {RETRY_LATER, RETRY_REASON_OTHER, false},
    [ATTEMPT_OTHER] = {RETRY_LATER, RETRY_REASON_OTHER, false},
};

struct retry_verdict retry_verdict(enum attempt_end end, int http_status)
{
    if (end == ATTEMPT_HTTP)
        for (size_t i = 0; i < sizeof by_status / sizeof by_status[0]; i++)
            if (http_status >= by_status[i].lo && http_status <= by_status[i].hi)
                return by_status[i].verdict;
    return by_end[end];
}

const char *retry_reason_name(enum retry_reason reason)
{
    static const char *const names[RETRY_REASON_COUNT] = {
        [RETRY_REASON_REDIRECT] = "redirect",
        [RETRY_REASON_CLIENT_ERROR] = "client_error",
        [RETRY_REASON_THROTTLED] = "throttled",
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
