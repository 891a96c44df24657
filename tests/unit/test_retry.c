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

/* One row for each status that is told apart, and its neighbours. */
static const struct row {
    enum attempt_end end;
    int lo, hi;
    enum retry_fate fate;
    const char *reason;
    enum circuit_event health;
    bool honours;
} rows[] = {
    {ATTEMPT_HTTP, 200, 201, RETRY_DELIVERED, "other", CIRCUIT_SUCCESS, false},
    {ATTEMPT_HTTP, 202, 202, RETRY_ACCEPTED, "other", CIRCUIT_SUCCESS, false},
    {ATTEMPT_HTTP, 203, 299, RETRY_DELIVERED, "other", CIRCUIT_SUCCESS, false},
    {ATTEMPT_HTTP, 300, 399, RETRY_LATER, "redirect", CIRCUIT_FAILURE, false},
    {ATTEMPT_HTTP, 400, 401, RETRY_REFUSED, "client_error", CIRCUIT_ANSWERED, false},
    {ATTEMPT_HTTP, 402, 402, RETRY_LATER, "client_error", CIRCUIT_ANSWERED, false},
    {ATTEMPT_HTTP, 403, 405, RETRY_REFUSED, "client_error", CIRCUIT_ANSWERED, false},
    {ATTEMPT_HTTP, 406, 407, RETRY_LATER, "client_error", CIRCUIT_ANSWERED, false},
    {ATTEMPT_HTTP, 408, 408, RETRY_LATER, "throttled", CIRCUIT_ANSWERED, true},
    {ATTEMPT_HTTP, 409, 409, RETRY_LATER, "client_error", CIRCUIT_ANSWERED, false},
    {ATTEMPT_HTTP, 410, 410, RETRY_GONE, "gone", CIRCUIT_ANSWERED, false},
    {ATTEMPT_HTTP, 411, 412, RETRY_LATER, "client_error", CIRCUIT_ANSWERED, false},
    {ATTEMPT_HTTP, 413, 413, RETRY_REFUSED, "client_error", CIRCUIT_ANSWERED, false},
    {ATTEMPT_HTTP, 414, 414, RETRY_LATER, "client_error", CIRCUIT_ANSWERED, false},
    {ATTEMPT_HTTP, 415, 415, RETRY_REFUSED, "client_error", CIRCUIT_ANSWERED, false},
    {ATTEMPT_HTTP, 416, 421, RETRY_LATER, "client_error", CIRCUIT_ANSWERED, false},
    {ATTEMPT_HTTP, 422, 422, RETRY_REFUSED, "client_error", CIRCUIT_ANSWERED, false},
    {ATTEMPT_HTTP, 423, 424, RETRY_LATER, "client_error", CIRCUIT_ANSWERED, false},
    {ATTEMPT_HTTP, 425, 425, RETRY_LATER, "throttled", CIRCUIT_ANSWERED, true},
    {ATTEMPT_HTTP, 426, 428, RETRY_LATER, "client_error", CIRCUIT_ANSWERED, false},
    {ATTEMPT_HTTP, 429, 429, RETRY_LATER, "throttled", CIRCUIT_ANSWERED, true},
    {ATTEMPT_HTTP, 430, 499, RETRY_LATER, "client_error", CIRCUIT_ANSWERED, false},
    {ATTEMPT_HTTP, 500, 501, RETRY_LATER, "server_error", CIRCUIT_FAILURE, false},
    {ATTEMPT_HTTP, 502, 504, RETRY_LATER, "server_error", CIRCUIT_FAILURE, true},
    {ATTEMPT_HTTP, 505, 599, RETRY_LATER, "server_error", CIRCUIT_FAILURE, false},
    {ATTEMPT_HTTP, 0, 199, RETRY_LATER, "other", CIRCUIT_FAILURE, false},
    {ATTEMPT_HTTP, 600, 999, RETRY_LATER, "other", CIRCUIT_FAILURE, false},
    {ATTEMPT_SMTP, 0, 199, RETRY_LATER, "other", CIRCUIT_FAILURE, false},
    {ATTEMPT_SMTP, 200, 299, RETRY_DELIVERED, "other", CIRCUIT_SUCCESS, false},
    {ATTEMPT_SMTP, 300, 399, RETRY_LATER, "other", CIRCUIT_FAILURE, false},
    {ATTEMPT_SMTP, 400, 420, RETRY_LATER, "server_error", CIRCUIT_FAILURE, false},
    {ATTEMPT_SMTP, 421, 421, RETRY_LATER, "throttled", CIRCUIT_ANSWERED, true},
    {ATTEMPT_SMTP, 422, 499, RETRY_LATER, "server_error", CIRCUIT_FAILURE, false},
    {ATTEMPT_SMTP, 500, 599, RETRY_REFUSED, "client_error", CIRCUIT_ANSWERED, false},
    {ATTEMPT_TIMEOUT, 200, 200, RETRY_LATER, "timeout", CIRCUIT_FAILURE, false},
    {ATTEMPT_CONNECT, 0, 0, RETRY_LATER, "connect", CIRCUIT_FAILURE, false},
    {ATTEMPT_DNS, 0, 0, RETRY_LATER, "dns", CIRCUIT_FAILURE, false},
    {ATTEMPT_TLS, 0, 0, RETRY_LATER, "tls", CIRCUIT_FAILURE, false},
    {ATTEMPT_RESET, 0, 0, RETRY_LATER, "reset", CIRCUIT_FAILURE, false},
    {ATTEMPT_BLOCKED, 0, 0, RETRY_LATER, "blocked", CIRCUIT_FAILURE, false},
    {ATTEMPT_CANCELLED, 0, 0, RETRY_LATER, "other", CIRCUIT_FAILURE, false},
    {ATTEMPT_OTHER, 200, 200, RETRY_LATER, "other", CIRCUIT_FAILURE, false},
};

static void verdicts(void **state)
{
    (void)state;
    int statuses = 0;
    for (const struct row *r = rows; r < rows + sizeof rows / sizeof rows[0]; r++)
        for (int status = r->lo; status <= r->hi; status++) {
            struct retry_verdict v = retry_verdict(r->end, status);
            statuses += r->end == ATTEMPT_HTTP;
            if (v.fate != r->fate || v.honour_retry_after != r->honours || v.health != r->health)
                fail_msg("end %d, status %d: fate %d, health %d, honours %d", r->end, status, v.fate,
                         v.health, v.honour_retry_after);
            assert_string_equal(retry_reason_name(v.reason), r->reason);
            if (v.fate != RETRY_DELIVERED && v.fate != RETRY_ACCEPTED)
                assert_int_equal(retry_reason_fails(v.reason), v.health == CIRCUIT_FAILURE);
        }
    assert_int_equal(statuses, 1000); /* no status is left out */
}

static void every_reason_has_a_name(void **state)
{
    (void)state;
    for (int r = 0; r < RETRY_REASON_COUNT; r++)
        assert_non_null(retry_reason_name((enum retry_reason)r));
}

static int64_t wait_of(int status, unsigned tries, int retry_after_s)
{
    return retry_wait_ms(
        retry_verdict(ATTEMPT_HTTP, status),
        &(struct retry_so_far){.tries = tries, .jitter = MIDDLE, .retry_after_s = retry_after_s});
}

static void retry_after_only_lengthens_where_it_counts(void **state)
{
    (void)state;
    static const int honouring[] = {408, 425, 429, 502, 503, 504};
    for (size_t i = 0; i < sizeof honouring / sizeof honouring[0]; i++) {
        int s = honouring[i];
        assert_int_equal(wait_of(s, 1, -1), 5000);
        assert_int_equal(wait_of(s, 1, 0), 5000);
        assert_int_equal(wait_of(s, 1, 4), 5000);
        assert_int_equal(wait_of(s, 1, 100), 100000);
        assert_int_equal(wait_of(s, 9, 100), INT64_C(21600) * 1000);
        assert_int_equal(wait_of(s, 1, 999999), INT64_C(86400) * 1000);
        assert_int_equal(wait_of(s, RETRY_ATTEMPTS_MAX, 60), -1);
    }
    assert_int_equal(wait_of(500, 1, 86400), 5000);
    assert_int_equal(wait_of(400, 1, 86400), 1800 * 1000);
    assert_int_equal(wait_of(301, 1, 86400), 5000);
    assert_int_equal(wait_of(410, 1, 86400), 0);
}

static void a_throttling_endpoint_rests(void **state)
{
    (void)state;
    static const struct {
        int status, retry_after;
        int64_t pause;
    } rests[] = {{429, -1, 5000}, {429, 0, 5000},  {429, 100, 100000}, {429, 999999, INT64_C(86400) * 1000},
                 {408, -1, 5000}, {425, -1, 5000}, {503, -1, 0},       {503, 100, 100000},
                 {502, 7, 7000},  {504, 7, 7000},  {500, 100, 0},      {401, 100, 0},
                 {301, 100, 0},   {200, 100, 0},   {410, 100, 0}};
    for (size_t i = 0; i < sizeof rests / sizeof rests[0]; i++)
        assert_int_equal(retry_pause_ms(retry_verdict(ATTEMPT_HTTP, rests[i].status), rests[i].retry_after),
                         rests[i].pause);
}

/* A message that is refused from its first attempt on. */
static void what_needs_a_person_is_tried_seldom_for_as_long(void **state)
{
    (void)state;
    static const int64_t hours2[] = {1, 4, 48, 48}; /* half hours */
    const struct retry_verdict refused = retry_verdict(ATTEMPT_HTTP, 401);
    for (uint64_t jitter = 0; jitter <= UINT32_MAX; jitter += UINT32_C(0x11111111)) {
        struct retry_so_far s = {.jitter = (uint32_t)jitter, .retry_after_s = -1};
        int64_t wait;
        for (s.tries = 1; (wait = retry_wait_ms(refused, &s)) >= 0; s.refusals = s.tries++) {
            int64_t base = hours2[s.tries <= 4 ? s.tries - 1 : 3] * 1800 * 1000;
            assert_true(wait >= base * 8 / 10 && wait <= base * 12 / 10);
            s.age_ms += wait;
        }
        assert_true(s.age_ms >= RETRY_SPAN_MS); /* also with the shortest delays */
        assert_true(s.tries >= 8 && s.tries <= 12);
    }
}

static void refusals_are_counted_from_the_first_in_a_row(void **state)
{
    (void)state;
    static const int64_t seconds[] = {1800, 7200, 86400, 86400};
    const struct retry_verdict refused = retry_verdict(ATTEMPT_HTTP, 401);
    for (unsigned before = 0; before < RETRY_ATTEMPTS_MAX; before++)
        for (unsigned i = 0; i < sizeof seconds / sizeof seconds[0]; i++) {
            struct retry_so_far s = {
                .tries = before + i + 1, .refusals = i, .jitter = MIDDLE, .retry_after_s = -1};
            assert_int_equal(retry_wait_ms(refused, &s), seconds[i] * 1000);
        }
}

static void a_late_refusal_does_not_shorten_a_life(void **state)
{
    (void)state;
    const struct retry_verdict refused = retry_verdict(ATTEMPT_HTTP, 422);
    struct retry_so_far s = {
        .tries = 40, .refusals = 39, .age_ms = RETRY_SPAN_MS - 1, .jitter = MIDDLE, .retry_after_s = -1};
    assert_int_equal(retry_wait_ms(refused, &s), INT64_C(86400) * 1000);
    s.age_ms++;
    assert_int_equal(retry_wait_ms(refused, &s), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(schedule_is_35_attempts_over_163_hours),
        cmocka_unit_test(jitter_stays_within_a_fifth),
        cmocka_unit_test(verdicts),
        cmocka_unit_test(every_reason_has_a_name),
        cmocka_unit_test(retry_after_only_lengthens_where_it_counts),
        cmocka_unit_test(a_throttling_endpoint_rests),
        cmocka_unit_test(what_needs_a_person_is_tried_seldom_for_as_long),
        cmocka_unit_test(refusals_are_counted_from_the_first_in_a_row),
        cmocka_unit_test(a_late_refusal_does_not_shorten_a_life),
    };
    return cmocka_run_group_tests_name("retry", tests, NULL, NULL) != 0;
}
