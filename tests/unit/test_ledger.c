#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "casework.h"
#include "ledger.h"

#define IDS 500

static void rows_in_order_are_there_at_once(void **state)
{
    (void)state;
    struct ledger l = {0};
    assert_true(ledger_digest(&l, 1) == LEDGER_NOTHING);
    assert_int_equal(ledger_after(&l, INT64_MIN), 0);
    for (int64_t id = -3000; id < 3000; id += 3)
        assert_true(ledger_set(&l, id, (uint64_t)(id + 10000)));
    for (int64_t id = -3000; id < 3000; id++)
        assert_true(ledger_digest(&l, id) == (id % 3 == 0 ? (uint64_t)(id + 10000) : LEDGER_NOTHING));
    assert_int_equal(l.n, 2000);
    ledger_clear(&l);
    assert_int_equal(l.n, 0);
    assert_true(ledger_digest(&l, 0) == LEDGER_NOTHING);
    ledger_clear(&l);
}

static void additions_out_of_order_become_visible_when_settled(void **state)
{
    (void)state;
    struct ledger l = {0};
    assert_true(ledger_set(&l, 10, 1) && ledger_set(&l, 20, 2) && ledger_set(&l, 15, 3) &&
                ledger_set(&l, 30, 4));
    assert_true(ledger_digest(&l, 15) == LEDGER_NOTHING);
    assert_true(ledger_set(&l, 20, 5)); /* what is there is set at once */
    assert_true(ledger_digest(&l, 20) == 5);
    ledger_settle(&l);
    assert_true(ledger_digest(&l, 10) == 1 && ledger_digest(&l, 15) == 3 && ledger_digest(&l, 20) == 5 &&
                ledger_digest(&l, 30) == 4);
    ledger_settle(&l);
    assert_int_equal(l.n, 4);
    ledger_clear(&l);
}

static void the_ends_of_the_range(void **state)
{
    (void)state;
    struct ledger l = {0};
    assert_true(ledger_set(&l, INT64_MIN, 1) && ledger_set(&l, 0, 2) && ledger_set(&l, INT64_MAX, 3));
    assert_true(ledger_digest(&l, INT64_MIN) == 1 && ledger_digest(&l, INT64_MAX) == 3);
    assert_int_equal(ledger_after(&l, INT64_MIN), 1);
    assert_int_equal(ledger_after(&l, -1), 1);
    assert_int_equal(ledger_after(&l, 0), 2);
    assert_int_equal(ledger_after(&l, INT64_MAX - 1), 2);
    assert_int_equal(ledger_after(&l, INT64_MAX), 3);
    ledger_clear(&l);
}

/* As the daemon uses it: many sets, a settling, many questions. An id is set once between two settlings. */
static void against_an_array(void **state)
{
    (void)state;
    struct rng r = rng_seeded("ledger");
    for (int run = 0; run < 200; run++) {
        struct ledger l = {0};
        uint64_t model[IDS] = {0};
        bool there[IDS] = {false};
        for (int round = 0; round < 10; round++) {
            bool set[IDS] = {false};
            for (int k = rng_between(&r, 0, 100); k > 0; k--) {
                uint32_t id = rng_below(&r, IDS);
                if (set[id])
                    continue;
                set[id] = there[id] = true;
                model[id] = rng_one_in(&r, 5) ? LEDGER_NOTHING : rng_next(&r);
                assert_true(ledger_set(&l, id, model[id]));
            }
            ledger_settle(&l);
            size_t below = 0, owing = 0;
            for (uint32_t id = 0; id < IDS; id++) {
                assert_true(ledger_digest(&l, id) == model[id]);
                below += there[id];
                owing += model[id] != LEDGER_NOTHING;
                assert_int_equal(ledger_after(&l, id), below);
                if (below > 0)
                    assert_true(l.rows[below - 1].case_id <= id);
            }
            assert_int_equal(l.n, below);
            assert_int_equal(l.settled, l.n);
            assert_int_equal(ledger_cases(&l), owing);
        }
        ledger_clear(&l);
    }
}

/* Cases that come between, before and behind very many, some of them twice. */
static void few_among_very_many(void **state)
{
    (void)state;
    struct ledger l = {0};
    enum { MANY = 100000 };
    for (int64_t id = 0; id < MANY; id++)
        assert_true(ledger_set(&l, 10 * id, 1));
    for (int64_t id = MANY - 1; id >= 0; id -= 1000)
        assert_true(ledger_set(&l, 10 * id - 5, 2) && ledger_set(&l, 10 * id - 5, 2));
    assert_true(ledger_set(&l, -1000, LEDGER_NOTHING) && ledger_set(&l, 10 * MANY, 2));
    ledger_settle(&l);
    assert_int_equal(l.n, MANY + MANY / 1000 + 2);
    assert_int_equal(ledger_cases(&l), MANY + MANY / 1000 + 1);
    for (size_t i = 1; i < l.n; i++)
        assert_true(l.rows[i - 1].case_id < l.rows[i].case_id);
    for (int64_t id = 0; id < MANY; id++)
        assert_true(ledger_digest(&l, 10 * id) == 1 &&
                    ledger_digest(&l, 10 * id - 5) == (id % 1000 == 999 ? 2 : LEDGER_NOTHING));
    ledger_clear(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_in_order_are_there_at_once),
        cmocka_unit_test(additions_out_of_order_become_visible_when_settled),
        cmocka_unit_test(the_ends_of_the_range),
        cmocka_unit_test(few_among_very_many),
        cmocka_unit_test(against_an_array),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
