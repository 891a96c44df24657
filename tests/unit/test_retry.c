#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "retry.h"

#define MIDDLE UINT32_C(0x80000000)

static void schedule_is_35_attempts_over_163_hours(void **state)
{
    (void)state;
    static const int64_t seconds[] = {0, 5, 30, 120, 600, 1800, 3600, 7200, 14400, 21600, 21600};
    for (unsigned i = 0; i < sizeof seconds / sizeof seconds[0]; i++)
        assert_int_equal(retry_delay_ms(i, MIDDLE), seconds[i] * 1000);

    int64_t sum = 0;
    unsigned attempts = 0;
    while (retry_delay_ms(attempts, MIDDLE) >= 0)
        sum += retry_delay_ms(attempts++, MIDDLE);
    assert_int_equal(attempts, 35);
    assert_int_equal(attempts, RETRY_ATTEMPTS_MAX);
    assert_int_equal(sum, INT64_C(589355) * 1000);
    assert_int_equal(retry_delay_ms(35, 0), -1);
    assert_int_equal(retry_delay_ms(UINT32_MAX, 0), -1);
}

static void jitter_stays_within_a_fifth(void **state)
{
    (void)state;
    for (unsigned i = 0; i < RETRY_ATTEMPTS_MAX; i++) {
        int64_t base = retry_delay_ms(i, MIDDLE), last = -1;
        assert_int_equal(retry_delay_ms(i, 0), base * 8 / 10);
        assert_int_equal(retry_delay_ms(i, UINT32_MAX), base * 12 / 10);
        for (uint64_t j = 0; j <= UINT32_MAX; j += UINT32_C(0x0fffffff)) {
            int64_t d = retry_delay_ms(i, (uint32_t)j);
            assert_true(d >= last && d >= base * 8 / 10 && d <= base * 12 / 10);
            last = d;
        }
    }
}

static const struct row {
    enum attempt_end end;
    int status;
    enum retry_fate fate;
    const char *reason;
    bool honours;
} rows[] = {
    {ATTEMPT_HTTP, 200, RETRY_DELIVERED, "other", false},
    {ATTEMPT_HTTP, 201, RETRY_DELIVERED, "other", false},
    {ATTEMPT_HTTP, 202, RETRY_ACCEPTED, "other", false},
    {ATTEMPT_HTTP, 204, RETRY_DELIVERED, "other", false},
    {ATTEMPT_HTTP, 299, RETRY_DELIVERED, "other", false},
    {ATTEMPT_HTTP, 301, RETRY_LATER, "redirect", false},
    {ATTEMPT_HTTP, 304, RETRY_LATER, "redirect", false},
    {ATTEMPT_HTTP, 400, RETRY_LATER, "client_error", false},
    {ATTEMPT_HTTP, 408, RETRY_LATER, "throttled", true},
    {ATTEMPT_HTTP, 410, RETRY_LATER, "client_error", false},
    {ATTEMPT_HTTP, 425, RETRY_LATER, "throttled", true},
    {ATTEMPT_HTTP, 429, RETRY_LATER, "throttled", true},
    {ATTEMPT_HTTP, 500, RETRY_LATER, "server_error", false},
    {ATTEMPT_HTTP, 503, RETRY_LATER, "server_error", true},
    {ATTEMPT_HTTP, 599, RETRY_LATER, "server_error", false},
    {ATTEMPT_HTTP, 0, RETRY_LATER, "other", false},
    {ATTEMPT_HTTP, 199, RETRY_LATER, "other", false},
    {ATTEMPT_HTTP, 600, RETRY_LATER, "other", false},
    {ATTEMPT_TIMEOUT, 200, RETRY_LATER, "timeout", false},
    {ATTEMPT_CONNECT, 0, RETRY_LATER, "connect", false},
    {ATTEMPT_DNS, 0, RETRY_LATER, "dns", false},
    {ATTEMPT_TLS, 0, RETRY_LATER, "tls", false},
    {ATTEMPT_RESET, 0, RETRY_LATER, "reset", false},
    {ATTEMPT_BLOCKED, 0, RETRY_LATER, "blocked", false},
    {ATTEMPT_CANCELLED, 0, RETRY_LATER, "other", false},
    {ATTEMPT_OTHER, 200, RETRY_LATER, "other", false},
};

static void verdicts(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct retry_verdict v = retry_verdict(rows[i].end, rows[i].status);
        if (v.fate != rows[i].fate || v.honour_retry_after != rows[i].honours)
            fail_msg("end %d, status %d: fate %d, honours %d", rows[i].end, rows[i].status, v.fate,
                     v.honour_retry_after);
        assert_string_equal(retry_reason_name(v.reason), rows[i].reason);
    }
}

static void every_reason_has_a_name(void **state)
{
    (void)state;
    for (int r = 0; r < RETRY_REASON_COUNT; r++)
        assert_non_null(retry_reason_name((enum retry_reason)r));
}

static void retry_after_only_lengthens_where_it_counts(void **state)
{
    (void)state;
    struct retry_verdict slow = retry_verdict(ATTEMPT_HTTP, 429), hard = retry_verdict(ATTEMPT_HTTP, 500);
    assert_int_equal(retry_wait_ms(slow, 1, MIDDLE, -1), 5000);
    assert_int_equal(retry_wait_ms(slow, 1, MIDDLE, 0), 5000);
    assert_int_equal(retry_wait_ms(slow, 1, MIDDLE, 4), 5000);
    assert_int_equal(retry_wait_ms(slow, 1, MIDDLE, 86400), INT64_C(86400) * 1000);
    assert_int_equal(retry_wait_ms(hard, 1, MIDDLE, 86400), 5000);
    assert_int_equal(retry_wait_ms(slow, RETRY_ATTEMPTS_MAX, MIDDLE, 60), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(schedule_is_35_attempts_over_163_hours),
        cmocka_unit_test(jitter_stays_within_a_fifth),
        cmocka_unit_test(verdicts),
        cmocka_unit_test(every_reason_has_a_name),
        cmocka_unit_test(retry_after_only_lengthens_where_it_counts),
    };
    return cmocka_run_group_tests_name("retry", tests, NULL, NULL) != 0;
}
