/* What the daemon knows of itself: counters when the rulebook changes, and readiness. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "status.h"

static struct rulebook *with(const char *const *ids)
{
    struct rulebook *rb = rulebook_new();
    struct limit row = *limit_at(0);
    for (; *ids != NULL; ids++) {
        row.id = *ids;
        assert_true(rulebook_add_own(rb, &row));
    }
    return rb;
}

static void counters_go_on_under_their_id(void **state)
{
    (void)state;
    static struct status s;
    struct rulebook *old = with((const char *const[]){"gone", "kept", "moved", NULL}),
                    *new = with((const char *const[]){"moved", "fresh", "kept", NULL});
    size_t n = limit_count();
    status_take_rulebook(&s, old);
    rulebook_unref(old); /* the status has its own */
    s.transitions[3][ALERT_BREACHED] = 5;
    s.transitions[n][ALERT_MET] = 1;
    s.transitions[n + 1][ALERT_MET] = 2;
    s.transitions[n + 2][ALERT_AT_RISK] = 3;
    s.restatements[n + 2] = 4;
    status_take_rulebook(&s, old);
    assert_int_equal(s.transitions[n][ALERT_MET], 1);
    status_take_rulebook(&s, new);
    assert_ptr_equal(s.rulebook, new);
    assert_int_equal(s.transitions[3][ALERT_BREACHED], 5);
    assert_int_equal(s.transitions[n][ALERT_AT_RISK], 3);
    assert_int_equal(s.restatements[n], 4);
    assert_int_equal(s.transitions[n][ALERT_MET], 0);
    assert_int_equal(s.transitions[n + 1][ALERT_MET], 0);
    assert_int_equal(s.transitions[n + 2][ALERT_MET], 2);
    assert_int_equal(s.transitions[n + 2][ALERT_AT_RISK], 0);
    assert_int_equal(s.restatements[n + 2], 0);
    rulebook_unref(new);
    assert_int_equal(rulebook_find(s.rulebook, "kept"), n + 2);
    rulebook_unref(s.rulebook);
}

static void not_ready(void **state)
{
    (void)state;
    static struct status s = {.stale_after = 10};
    struct snapshot snapshot = {0};
    assert_string_equal(status_not_ready(&s, 0), "no evaluation has finished yet");
    s.snapshot = &snapshot;
    s.evaluated_at = 1000000;
    assert_null(status_not_ready(&s, 11000000));
    assert_string_equal(status_not_ready(&s, 11000001), "the last evaluation is too old");
    strcpy(s.trouble, "no database");
    assert_string_equal(status_not_ready(&s, 11000000), "no database");
}

/* Where nobody leads, nothing is written down or told, however well a standby evaluates. */
static void nobody_leads(void **state)
{
    (void)state;
    static struct status s = {.stale_after = 10};
    struct snapshot snapshot = {0};
    strcpy(s.lease.trouble, "nobody is known to lead: refused");
    assert_string_equal(status_not_ready(&s, 0), "nobody is known to lead: refused");
    s.snapshot = &snapshot;
    assert_string_equal(status_not_ready(&s, 0), "nobody is known to lead: refused");
    strcpy(s.lease.holder, "ehc1:4711:0badc0de");
    assert_null(status_not_ready(&s, 0)); /* another leads, as last heard */
    s.lease.holder[0] = '\0';
    s.leader = true;
    assert_null(status_not_ready(&s, 0));
    s.leader = false;
    s.lease.trouble[0] = '\0'; /* the answer is on its way */
    assert_null(status_not_ready(&s, 0));
    strcpy(s.lease.trouble, "nobody is known to lead: refused");
    strcpy(s.trouble, "no database");
    assert_string_equal(status_not_ready(&s, 0), "no database");
}

static void not_delivering(void **state)
{
    (void)state;
    static struct status s = {.undelivered = "state database: away"};
    assert_null(status_not_delivering(&s)); /* to nobody */
    s.n_endpoints = 1;
    assert_string_equal(status_not_delivering(&s), "state database: away");
    s.undelivered[0] = '\0';
    assert_null(status_not_delivering(&s));
}

static void standing(void **state)
{
    (void)state;
    static struct status s = {.lease = {.since = INT64_C(1788256801000000)}};
    char text[STANDING_LEN];
    assert_string_equal(status_standing(&s, text), "it is not known who evaluates and writes");
    strcpy(s.lease.holder, "ehc1.council.example:4711:0badc0de.1.2.3");
    assert_string_equal(status_standing(&s, text),
                        "standby: ehc1.council.example:4711 evaluates and writes since 2026-09-01T10:00:01Z");
    memset(s.lease.holder, 'x', sizeof s.lease.holder - 1);
    assert_true(strlen(status_standing(&s, text)) < STANDING_LEN);
    s.leader = true;
    assert_string_equal(status_standing(&s, text), "leader since 2026-09-01T10:00:01Z");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(counters_go_on_under_their_id),
        cmocka_unit_test(not_ready),
        cmocka_unit_test(nobody_leads),
        cmocka_unit_test(not_delivering),
        cmocka_unit_test(standing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
