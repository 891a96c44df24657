/* What a daemon believes about the lease: never longer than the database keeps others from it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tenure.h"

#define TRUST (LEASE_TTL - LEASE_MARGIN)

static void begins_with_nothing_known(void **state)
{
    struct tenure t = {0};
    (void)state;
    assert_false(t.known);
    assert_false(tenure_held(&t, 0.));
    assert_int_equal(tenure_tick(&t, 1000.), TENURE_AS_BEFORE);
}

static void is_believed_from_the_asking_and_not_from_the_answer(void **state)
{
    struct tenure t = {0};
    (void)state;
    assert_int_equal(tenure_granted(&t, 7, 100., 103.), TENURE_GAINED);
    assert_true(t.known && t.leads);
    assert_int_equal(t.term, 7);
    assert_true(tenure_held(&t, 100. + TRUST - .001));
    assert_false(tenure_held(&t, 100. + TRUST));
    assert_true(TRUST < LEASE_TTL && TRUST > 2 * LEASE_RENEW);
}

static void is_prolonged_by_a_renewal(void **state)
{
    struct tenure t = {0};
    (void)state;
    assert_int_equal(tenure_granted(&t, 7, 100., 100.), TENURE_GAINED);
    assert_int_equal(tenure_granted(&t, 7, 105., 105.), TENURE_AS_BEFORE);
    assert_true(tenure_held(&t, 105. + TRUST - .001));
    assert_int_equal(tenure_tick(&t, 105. + TRUST - .001), TENURE_AS_BEFORE);
}

static void ends_by_itself(void **state)
{
    struct tenure t = {0};
    (void)state;
    assert_int_equal(tenure_granted(&t, 7, 100., 100.), TENURE_GAINED);
    assert_int_equal(tenure_tick(&t, 100. + TRUST), TENURE_LOST);
    assert_int_equal(tenure_tick(&t, 101. + TRUST), TENURE_AS_BEFORE); /* told once */
    assert_false(t.leads);
    /* The same term is a gain all the same: whoever was told of the loss is to be told that it is over. */
    assert_int_equal(tenure_granted(&t, 7, 120., 120.), TENURE_GAINED);
}

static void is_not_gained_by_an_answer_that_was_asleep(void **state)
{
    struct tenure t = {0};
    (void)state;
    assert_int_equal(tenure_granted(&t, 7, 100., 100. + TRUST), TENURE_AS_BEFORE);
    assert_false(t.leads);
    assert_int_equal(tenure_granted(&t, 7, 200., 200.), TENURE_GAINED);
    assert_int_equal(tenure_granted(&t, 7, 205., 205. + LEASE_TTL), TENURE_LOST);
    assert_false(tenure_held(&t, 205.));
}

static void is_another_one_in_another_term(void **state)
{
    struct tenure t = {0};
    (void)state;
    assert_int_equal(tenure_granted(&t, 7, 100., 100.), TENURE_GAINED);
    assert_int_equal(tenure_granted(&t, 9, 105., 105.), TENURE_GAINED); /* somebody had the eighth */
    assert_int_equal(t.term, 9);
}

static void is_refused_once(void **state)
{
    struct tenure t = {0};
    (void)state;
    assert_int_equal(tenure_refused(&t), TENURE_AS_BEFORE);
    assert_true(t.known);
    assert_int_equal(tenure_granted(&t, 7, 100., 100.), TENURE_GAINED);
    assert_int_equal(tenure_refused(&t), TENURE_LOST);
    assert_int_equal(tenure_refused(&t), TENURE_AS_BEFORE);
}

static void is_asked_for_when_it_can_be_had(void **state)
{
    struct tenure t = {0};
    (void)state;
    assert_true(tenure_next(&t, 12.) == LEASE_RENEW);
    assert_true(tenure_next(&t, 3.) > 3. && tenure_next(&t, 3.) < 3.2);
    assert_true(tenure_next(&t, -40.) > 0. && tenure_next(&t, -40.) < .2); /* never without a pause */
    assert_int_equal(tenure_granted(&t, 7, 100., 100.), TENURE_GAINED);
    assert_true(tenure_next(&t, 1.) == LEASE_RENEW);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(begins_with_nothing_known),
        cmocka_unit_test(is_believed_from_the_asking_and_not_from_the_answer),
        cmocka_unit_test(is_prolonged_by_a_renewal),
        cmocka_unit_test(ends_by_itself),
        cmocka_unit_test(is_not_gained_by_an_answer_that_was_asleep),
        cmocka_unit_test(is_another_one_in_another_term),
        cmocka_unit_test(is_refused_once),
        cmocka_unit_test(is_asked_for_when_it_can_be_had),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
