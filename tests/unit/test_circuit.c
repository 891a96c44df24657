#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "circuit.h"
#include "sql_text.h"

/* Every cell, from a circuit that has failed twice in a row and, unless closed, waited for a minute. */
static const struct row {
    enum circuit_state from;
    enum circuit_event event;
    enum circuit_state to;
    enum circuit_change change;
    int failures, wait;
} rows[] = {
    {CIRCUIT_CLOSED, CIRCUIT_SUCCESS, CIRCUIT_CLOSED, CIRCUIT_COUNTED, 0, 0},
    {CIRCUIT_CLOSED, CIRCUIT_ANSWERED, CIRCUIT_CLOSED, CIRCUIT_COUNTED, 0, 0},
    {CIRCUIT_CLOSED, CIRCUIT_FAILURE, CIRCUIT_CLOSED, CIRCUIT_COUNTED, 3, 0},
    {CIRCUIT_CLOSED, CIRCUIT_PROBE_SUCCESS, CIRCUIT_CLOSED, CIRCUIT_COUNTED, 0, 0},
    {CIRCUIT_CLOSED, CIRCUIT_PROBE_ANSWERED, CIRCUIT_CLOSED, CIRCUIT_COUNTED, 0, 0},
    {CIRCUIT_CLOSED, CIRCUIT_PROBE_FAILURE, CIRCUIT_CLOSED, CIRCUIT_COUNTED, 3, 0},
    {CIRCUIT_CLOSED, CIRCUIT_PROBE_BACK, CIRCUIT_CLOSED, CIRCUIT_SAME, 2, 0},
    {CIRCUIT_OPEN, CIRCUIT_SUCCESS, CIRCUIT_OPEN, CIRCUIT_SAME, 2, 60},
    {CIRCUIT_OPEN, CIRCUIT_ANSWERED, CIRCUIT_OPEN, CIRCUIT_SAME, 2, 60},
    {CIRCUIT_OPEN, CIRCUIT_FAILURE, CIRCUIT_OPEN, CIRCUIT_SAME, 2, 60},
    {CIRCUIT_OPEN, CIRCUIT_PROBE_SUCCESS, CIRCUIT_CLOSED, CIRCUIT_MENDED, 0, 0},
    {CIRCUIT_OPEN, CIRCUIT_PROBE_ANSWERED, CIRCUIT_CLOSED, CIRCUIT_MENDED, 0, 0},
    {CIRCUIT_OPEN, CIRCUIT_PROBE_FAILURE, CIRCUIT_OPEN, CIRCUIT_SAME, 2, 60},
    {CIRCUIT_OPEN, CIRCUIT_PROBE_BACK, CIRCUIT_OPEN, CIRCUIT_SAME, 2, 60},
    {CIRCUIT_HALF_OPEN, CIRCUIT_SUCCESS, CIRCUIT_HALF_OPEN, CIRCUIT_SAME, 2, 60},
    {CIRCUIT_HALF_OPEN, CIRCUIT_ANSWERED, CIRCUIT_HALF_OPEN, CIRCUIT_SAME, 2, 60},
    {CIRCUIT_HALF_OPEN, CIRCUIT_FAILURE, CIRCUIT_HALF_OPEN, CIRCUIT_SAME, 2, 60},
    {CIRCUIT_HALF_OPEN, CIRCUIT_PROBE_SUCCESS, CIRCUIT_CLOSED, CIRCUIT_MENDED, 0, 0},
    {CIRCUIT_HALF_OPEN, CIRCUIT_PROBE_ANSWERED, CIRCUIT_CLOSED, CIRCUIT_MENDED, 0, 0},
    {CIRCUIT_HALF_OPEN, CIRCUIT_PROBE_FAILURE, CIRCUIT_OPEN, CIRCUIT_OPENED, 3, 120},
    {CIRCUIT_HALF_OPEN, CIRCUIT_PROBE_BACK, CIRCUIT_OPEN, CIRCUIT_AT_ONCE, 2, 60},
};

static void every_cell(void **state)
{
    (void)state;
    bool seen[CIRCUIT_STATES][CIRCUIT_EVENTS] = {{false}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct row *r = &rows[i];
        struct circuit c = {.state = r->from, .failures = 2, .wait = r->from == CIRCUIT_CLOSED ? 0 : 60};
        enum circuit_change change = circuit_after(&c, r->event);
        if (c.state != r->to || change != r->change || c.failures != r->failures || c.wait != r->wait)
            fail_msg("state %d, event %d: state %d, change %d, failures %d, wait %d", r->from, r->event,
                     c.state, change, c.failures, c.wait);
        seen[r->from][r->event] = true;
    }
    for (int s = 0; s < CIRCUIT_STATES; s++)
        for (int e = 0; e < CIRCUIT_EVENTS; e++)
            if (!seen[s][e])
                fail_msg("state %d, event %d has no row", s, e);
}

static void five_in_a_row_open_it(void **state)
{
    (void)state;
    struct circuit c = {.state = CIRCUIT_CLOSED};
    for (int round = 0; round < 3; round++) { /* one that is taken begins the count anew */
        for (int i = 0; i < 4; i++)
            assert_int_equal(circuit_after(&c, CIRCUIT_FAILURE), CIRCUIT_COUNTED);
        circuit_after(&c, CIRCUIT_SUCCESS);
        c.recent = c.recent_fail = 0; /* the share is another matter */
    }
    for (int i = 0; i < 4; i++)
        assert_int_equal(circuit_after(&c, CIRCUIT_FAILURE), CIRCUIT_COUNTED);
    assert_int_equal(circuit_after(&c, CIRCUIT_FAILURE), CIRCUIT_OPENED);
    assert_int_equal(c.state, CIRCUIT_OPEN);
    assert_int_equal(c.wait, CIRCUIT_WAIT_MIN);
}

static void a_share_of_failures_opens_it(void **state)
{
    (void)state;
    static const struct {
        int recent, failed;
        bool opens;
    } before[] = {{8, 8, false}, {9, 6, true}, {9, 5, false}, {9, 9, true}, {99, 69, true}, {99, 68, false}};
    for (size_t i = 0; i < sizeof before / sizeof before[0]; i++) {
        struct circuit c = {.recent = before[i].recent, .recent_fail = before[i].failed};
        enum circuit_change change = circuit_after(&c, CIRCUIT_FAILURE);
        if ((change == CIRCUIT_OPENED) != before[i].opens)
            fail_msg("one more after %d of %d: change %d", before[i].failed, before[i].recent, change);
    }
}

static void waits_double_to_half_an_hour(void **state)
{
    (void)state;
    static const int waits[] = {30, 60, 120, 240, 480, 960, 1800, 1800, 1800};
    struct circuit c = {.failures = CIRCUIT_FAILURES - 1};
    assert_int_equal(circuit_after(&c, CIRCUIT_FAILURE), CIRCUIT_OPENED);
    for (size_t i = 0; i < sizeof waits / sizeof waits[0]; i++) {
        assert_int_equal(c.wait, waits[i]);
        c.state = CIRCUIT_HALF_OPEN; /* as the claim does */
        assert_int_equal(circuit_after(&c, CIRCUIT_PROBE_FAILURE), CIRCUIT_OPENED);
    }
    c.state = CIRCUIT_HALF_OPEN;
    assert_int_equal(circuit_after(&c, CIRCUIT_PROBE_SUCCESS), CIRCUIT_MENDED);
    assert_int_equal(c.wait + c.failures + c.recent + c.recent_fail, 0);
}

/* The words of the CHECK in the migration, as they stand there. */
static void states_are_those_of_the_table(void **state)
{
    (void)state;
    static const char begin[] = "circuit         text    NOT NULL DEFAULT 'closed' CHECK (circuit IN (";
    const char *words = NULL;
    char want[128] = "";
    for (const struct sql_text *m = sql_migrations; m->name != NULL && words == NULL; m++)
        words = strstr(m->text, begin);
    assert_non_null(words);
    for (int s = 0; s < CIRCUIT_STATES; s++) {
        size_t n = strlen(want);
        snprintf(want + n, sizeof want - n, "%s'%s'", s > 0 ? ", " : "",
                 circuit_state_name((enum circuit_state)s));
        assert_int_equal(circuit_state_of(circuit_state_name((enum circuit_state)s)), s);
    }
    strcat(want, "))");
    assert_memory_equal(words + sizeof begin - 1, want, strlen(want));
    assert_int_equal(circuit_state_of("ajar"), CIRCUIT_STATES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_cell),
        cmocka_unit_test(five_in_a_row_open_it),
        cmocka_unit_test(a_share_of_failures_opens_it),
        cmocka_unit_test(waits_double_to_half_an_hour),
        cmocka_unit_test(states_are_those_of_the_table),
    };
    return cmocka_run_group_tests_name("circuit", tests, NULL, NULL) != 0;
}
