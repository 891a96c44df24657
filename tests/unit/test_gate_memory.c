/* What the gate remembers of passwords that were right: for how long, how many, and nothing without the key. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "gate_memory.h"

static void test_knows(void **state)
{
    struct gate_memory m;
    uint8_t a[GATE_MAC_LEN], b[GATE_MAC_LEN], c[GATE_MAC_LEN], again[GATE_MAC_LEN];
    (void)state;
    assert_true(gate_memory_init(&m));
    assert_true(gate_memory_mac(&m, "$2b$04$hash", "password", a));
    assert_true(gate_memory_mac(&m, "$2b$04$hash", "Password", b));
    assert_true(gate_memory_mac(&m, "$2b$04$hasi", "password", c));
    assert_true(gate_memory_mac(&m, "$2b$04$hash", "password", again));
    assert_memory_equal(a, again, sizeof a);
    assert_false(gate_memory_knows(&m, a, 100));
    gate_memory_keep(&m, a, 100);
    assert_true(gate_memory_knows(&m, a, 100));
    assert_false(gate_memory_knows(&m, b, 100));
    assert_false(gate_memory_knows(&m, c, 100)); /* the hash has changed */
    assert_true(gate_memory_knows(&m, a, 99 + GATE_KEPT_FOR));
    assert_false(gate_memory_knows(&m, a, 101 + GATE_KEPT_FOR));
    assert_null(memmem(&m, sizeof m, "password", 8));
}

static void test_bounded(void **state)
{
    struct gate_memory m;
    uint8_t mac[GATE_KEPT + 1][GATE_MAC_LEN];
    char password[20];
    (void)state;
    assert_true(gate_memory_init(&m));
    for (int i = 0; i <= GATE_KEPT; i++) {
        snprintf(password, sizeof password, "p%d", i);
        assert_true(gate_memory_mac(&m, "hash", password, mac[i]));
        gate_memory_keep(&m, mac[i], 10 + i);
    }
    assert_false(gate_memory_knows(&m, mac[0], 100)); /* the oldest made room */
    for (int i = 1; i <= GATE_KEPT; i++)
        assert_true(gate_memory_knows(&m, mac[i], 100));
}

static void test_keys_differ(void **state)
{
    struct gate_memory m, n;
    uint8_t a[GATE_MAC_LEN], b[GATE_MAC_LEN], zero[GATE_MAC_LEN] = {0};
    char longest[600];
    (void)state;
    assert_true(gate_memory_init(&m) && gate_memory_init(&n));
    assert_true(gate_memory_mac(&m, "hash", "password", a) && gate_memory_mac(&n, "hash", "password", b));
    assert_memory_not_equal(a, b, sizeof a);
    assert_false(gate_memory_knows(&m, zero, 0)); /* an empty place is nobody's */
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    assert_false(gate_memory_mac(&m, "hash", longest, a));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_knows),
        cmocka_unit_test(test_bounded),
        cmocka_unit_test(test_keys_differ),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
