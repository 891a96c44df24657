#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "band.h"
#include "caseload_make.h"

static void weeks(void **state)
{
    static const struct {
        int days, band;
    } cases[] = {{-1, NO_BAND}, {0, 0},   {42, 0},  {43, 1},  {112, 1}, {113, 2}, {140, 2},
                 {141, 3},      {182, 3}, {183, 4}, {364, 4}, {365, 5}, {5000, 5}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(weeks_band(cases[i].days), cases[i].band);
}

static void ages(void **state)
{
    (void)state;
    const civil_day born = made_day("2004-02-29");
    assert_int_equal(age_band(born, made_day("2004-02-28")), NO_BAND);
    assert_int_equal(age_band(born, born), 0);
    assert_int_equal(age_band(born, made_day("2009-02-28")), 0);
    assert_int_equal(age_band(born, made_day("2009-03-01")), 1); /* born on 29 February: five on 1 March */
    assert_int_equal(age_band(born, made_day("2015-02-28")), 1);
    assert_int_equal(age_band(born, made_day("2015-03-01")), 2);
    assert_int_equal(age_band(born, made_day("2020-02-28")), 2);
    assert_int_equal(age_band(born, made_day("2020-02-29")), 3);
    assert_int_equal(age_band(born, made_day("2024-02-28")), 3);
    assert_int_equal(age_band(born, made_day("2024-02-29")), 4);
    assert_int_equal(age_band(born, made_day("2030-02-28")), 4);
    assert_int_equal(age_band(born, made_day("2030-03-01")), NO_BAND);
    assert_int_equal(age_band(CIVIL_NONE, born), NO_BAND);
}

static void by_name(void **state)
{
    (void)state;
    for (int i = 0; i < BAND_COUNT; i++) {
        const struct band *b = &weeks_bands[i];
        assert_int_equal(band_find(weeks_bands, BAND_COUNT, b->id, strlen(b->id)), i);
        assert_int_equal(band_find(weeks_bands, BAND_COUNT, b->name, strlen(b->name)), i);
    }
    assert_int_equal(band_find(weeks_bands, BAND_COUNT, "6-1", 3), NO_BAND);
    assert_int_equal(band_find(weeks_bands, BAND_COUNT, "", 0), NO_BAND);
    assert_int_equal(band_find(age_bands, AGE_COUNT, "5-10x", 4), 1);
}

/* The assessment is open until it is decided; of two requests the first counts. */
static void how_long_it_is_open(void **state)
{
    (void)state;
    struct fact facts[] = {{.on = 90, .event = EV_CASE_CLOSED},
                           {.on = 100, .event = EV_RESPONSIBILITY_BEGAN},
                           {.on = 130, .event = EV_REQUEST_RECEIVED}};
    const struct case_facts cf = {.facts = facts, .n = 3}, none = {.facts = facts, .n = 1};
    assert_int_equal(case_requested_on(&cf), 100);
    assert_int_equal(case_requested_on(&none), CIVIL_NONE);
    assert_int_equal(case_days_open(&cf, STAGE_REQUESTED, 150), 50);
    assert_int_equal(case_days_open(&cf, STAGE_ASSESSING, 100), 0);
    assert_int_equal(case_days_open(&cf, STAGE_PLAN, 150), NO_BAND);
    assert_int_equal(case_days_open(&cf, STAGE_REFUSED, 150), NO_BAND);
    assert_int_equal(case_days_open(&cf, STAGE_ENDED, 150), NO_BAND);
    assert_int_equal(case_days_open(&none, STAGE_REQUESTED, 150), NO_BAND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weeks),
        cmocka_unit_test(ages),
        cmocka_unit_test(by_name),
        cmocka_unit_test(how_long_it_is_open),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
