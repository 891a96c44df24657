#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "survival.h"

/* Compares with a figure printed to four decimals. */
static void is(share31 got, double wanted)
{
    double x = (double)got / SHARE_ONE;
    if (x < wanted - 0.00006 || x > wanted + 0.00006)
        fail_msg("%.6f is not %.4f", x, wanted);
}

/* Weeks in remission with 6-mercaptopurine: E. J. Freireich et al., Blood 21 (1963) 699-716, as worked out in D. R. Cox,
 * D. Oakes, "Analysis of survival data" (1984), and in most textbooks since. Minus: still in remission. */
static const int remission[] = {6,   6,   6,   -6, 7,  -9,  10,  -10, -11, 13, 16,
                                -17, -19, -20, 22, 23, -25, -32, -32, -34, -35};

static void the_remissions_of_freireich(void **state)
{
    (void)state;
    struct survival *s = calloc(1, sizeof *s);
    for (size_t i = 0; i < sizeof remission / sizeof remission[0]; i++)
        survival_add(s, SPELL_FROM_START, abs(remission[i]), remission[i] < 0 ? SPELL_OPEN : SPELL_DONE);
    survival_estimate(s);
    static const struct {
        int day;
        uint32_t at_risk;
        double lasting, error;
    } published[] = {{6, 21, 0.8571, 0.0764},  {7, 17, 0.8067, 0.0869},  {10, 15, 0.7529, 0.0963},
                     {13, 12, 0.6902, 0.1068}, {16, 11, 0.6275, 0.1141}, {22, 7, 0.5378, 0.1282},
                     {23, 6, 0.4482, 0.1346}};
    for (size_t i = 0; i < sizeof published / sizeof published[0]; i++) {
        assert_int_equal(s->at_risk[published[i].day], published[i].at_risk);
        is(survival_lasting(s, published[i].day), published[i].lasting);
        double variance = (double)survival_variance(s, published[i].day) / SHARE_ONE;
        assert_true(variance > (published[i].error - 0.00006) * (published[i].error - 0.00006));
        assert_true(variance < (published[i].error + 0.00006) * (published[i].error + 0.00006));
    }
    assert_int_equal(survival_lasting(s, 5), SHARE_ONE);
    assert_int_equal(survival_quantile(s, 500), 23); /* the published median */
    assert_int_equal(survival_quantile(s, 250), 13);
    assert_int_equal(survival_quantile(s, 560), -1); /* not reached */
    is(survival_given(s, 10, 12), 0.5378 / 0.7529);
    assert_int_equal(survival_quantile_given(s, 10, 250), 12);

    /* Nobody was seen for longer than 35 weeks. */
    assert_true(survival_known(s, 35));
    assert_false(survival_known(s, 36));
    assert_int_equal(survival_lasting(s, 5000), survival_lasting(s, 23));
    assert_int_equal(survival_done_in_the_end(s), SHARE_ONE);
    free(s);
}

/* Two ways to end: 10 spells; on day 2 three are done and one ends otherwise, on day 5 two of the six left end otherwise, one is done,
 * one is still open on day 4. By hand: S(2) = 6/10; S(5) = 6/10 * 2/5. */
static void two_ways_to_end(void **state)
{
    (void)state;
    struct survival *s = calloc(1, sizeof *s);
    for (int i = 0; i < 3; i++)
        survival_add(s, SPELL_FROM_START, 2, SPELL_DONE);
    survival_add(s, SPELL_FROM_START, 2, SPELL_OTHERWISE);
    survival_add(s, SPELL_FROM_START, 4, SPELL_OPEN);
    survival_add(s, SPELL_FROM_START, 5, SPELL_OTHERWISE);
    survival_add(s, SPELL_FROM_START, 5, SPELL_OTHERWISE);
    survival_add(s, SPELL_FROM_START, 5, SPELL_DONE);
    survival_add(s, SPELL_FROM_START, 9, SPELL_OPEN);
    survival_add(s, SPELL_FROM_START, 9, SPELL_OPEN);
    survival_estimate(s);
    is(survival_lasting(s, 2), 0.6);
    is(s->done[2], 0.3);
    is(survival_lasting(s, 5), 0.24);
    is(s->done[5], 0.3 + 0.6 / 5);
    is(survival_done_in_the_end(s), 0.42 / 0.76);
    assert_int_equal(s->total[SPELL_DONE], 4);
    assert_int_equal(s->total[SPELL_OTHERWISE], 3);
    assert_int_equal(s->spells, 10);
    free(s);
}

/* A spell under way when the time looked at began is at risk only from then on. */
static void delayed_entry(void **state)
{
    (void)state;
    struct survival *s = calloc(1, sizeof *s);
    survival_add(s, SPELL_FROM_START, 3, SPELL_DONE);
    survival_add(s, SPELL_FROM_START, 8, SPELL_DONE);
    survival_add(s, 4, 6, SPELL_DONE);
    survival_add(s, 4, 4, SPELL_DONE); /* was over by then */
    survival_add(s, 2, 3, SPELL_OPEN); /* not on day 2, on day 3 */
    survival_estimate(s);
    assert_int_equal(s->spells, 4);
    assert_int_equal(s->at_risk[0], 2);
    assert_int_equal(s->at_risk[2], 2);
    assert_int_equal(s->at_risk[3], 3);
    assert_int_equal(s->at_risk[4], 1);
    assert_int_equal(s->at_risk[5], 2);
    is(survival_lasting(s, 3), 2. / 3);
    is(survival_lasting(s, 6), 1. / 3);
    assert_int_equal(survival_lasting(s, 8), 0);
    /* All are over by day 8: the share of those that lasted until then is still known, and what comes after has an answer. */
    assert_int_equal(survival_given(s, 3, 5), 0);
    assert_int_equal(survival_given(s, 20, 5), SHARE_ONE);
    assert_false(survival_known(s, 20));
    free(s);
}

/* Against the definition, in floating point, spell by spell. */
struct spell {
    int from, until, end;
};

static double slow(const struct spell *spells, int n, int day)
{
    double lasting = 1;
    for (int t = 0; t <= day; t++) {
        int at_risk = 0, ends = 0;
        for (int i = 0; i < n; i++) {
            at_risk += spells[i].from < t && spells[i].until >= t;
            ends += spells[i].until == t && spells[i].from < t && spells[i].end != SPELL_OPEN;
        }
        if (at_risk > 0)
            lasting *= 1 - (double)ends / at_risk;
    }
    return lasting;
}

static uint32_t draw(uint64_t *seed)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(*seed >> 33);
}

static void as_the_definition_says(void **state)
{
    (void)state;
    uint64_t seed = 1958;
    for (int round = 0; round < 60; round++) {
        struct survival *s = calloc(1, sizeof *s);
        struct spell spells[200];
        int n = 1 + (int)(draw(&seed) % 200);
        for (int i = 0; i < n; i++) {
            spells[i] = (struct spell){SPELL_FROM_START, (int)(draw(&seed) % 60), (int)(draw(&seed) % 3)};
            if (draw(&seed) % 3 == 0)
                spells[i].from = (int)(draw(&seed) % 40);
            survival_add(s, spells[i].from, spells[i].until, (enum spell_end)spells[i].end);
        }
        survival_estimate(s);
        share31 before = SHARE_ONE;
        for (int t = 0; t < 70; t++) {
            double x = (double)survival_lasting(s, t) / SHARE_ONE, y = slow(spells, n, t);
            assert_true(x - y < 1e-7 && y - x < 1e-7);
            assert_true(s->lasting[t] <= before);
            assert_true(s->done[t] <= SHARE_ONE - s->lasting[t]);
            before = s->lasting[t];
            for (int h = 0; h < 20 && s->lasting[t] > SHARE_ONE / 1000; h++) {
                double given = (double)survival_given(s, t, h) / SHARE_ONE;
                double ratio = (double)survival_lasting(s, t + h) / survival_lasting(s, t);
                assert_true(given - ratio < 1e-5 && ratio - given < 1e-5);
            }
        }
        free(s);
    }
}

static void nothing_at_all_and_too_long(void **state)
{
    (void)state;
    struct survival *s = calloc(1, sizeof *s);
    survival_estimate(s);
    assert_int_equal(s->last, -1);
    assert_false(survival_known(s, 0));
    assert_int_equal(survival_lasting(s, 100), SHARE_ONE);
    assert_int_equal(survival_quantile(s, 500), -1);
    assert_int_equal(survival_done_in_the_end(s), SHARE_ONE);
    survival_add(s, SPELL_FROM_START, SURVIVAL_DAYS + 100, SPELL_DONE); /* cut: not seen to end */
    survival_add(s, SURVIVAL_DAYS, SURVIVAL_DAYS + 1, SPELL_DONE);
    survival_add(s, SPELL_FROM_START, -1, SPELL_DONE);
    survival_estimate(s);
    assert_int_equal(s->spells, 1);
    assert_int_equal(s->total[SPELL_DONE], 0);
    assert_int_equal(s->last, SURVIVAL_DAYS);
    assert_int_equal(survival_lasting(s, SURVIVAL_DAYS), SHARE_ONE);
    free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_remissions_of_freireich),
        cmocka_unit_test(two_ways_to_end),
        cmocka_unit_test(delayed_entry),
        cmocka_unit_test(as_the_definition_says),
        cmocka_unit_test(nothing_at_all_and_too_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
