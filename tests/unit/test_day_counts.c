#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>

#include "day_counts.h"

static void nothing(void **state)
{
    (void)state;
    struct day_counts c = {0};
    assert_int_equal(day_counts_percentile(&c, 50), NO_DAYS);
    assert_true(isnan(day_counts_mean(&c)));
    assert_true(isnan(weeks_of(NO_DAYS)));
    assert_true(weeks_of(35) == 5.0);
    day_counts_free(&c);
}

/* Nearest rank: of one to ten days, the fifth is the median and the ninth the 90th percentile; of eleven the sixth and the tenth. */
static void nearest_rank(void **state)
{
    (void)state;
    struct day_counts c = {0};
    for (int d = 10; d >= 1; d--)
        assert_true(day_counts_add(&c, d * 100));
    assert_int_equal(day_counts_percentile(&c, 50), 500);
    assert_int_equal(day_counts_percentile(&c, 90), 900);
    assert_int_equal(day_counts_percentile(&c, 91), 1000);
    assert_int_equal(day_counts_percentile(&c, 100), 1000);
    assert_int_equal(day_counts_percentile(&c, 1), 100);
    assert_true(day_counts_add(&c, 1100));
    assert_int_equal(day_counts_percentile(&c, 50), 600);
    assert_int_equal(day_counts_percentile(&c, 90), 1000);
    assert_true(c.most == 1100 && c.total == 11 && fabs(day_counts_mean(&c) - 600) < 1e-9);
    assert_true(day_counts_add(&c, -3));
    assert_int_equal(day_counts_percentile(&c, 1), 0);
    assert_int_equal(c.sum, 6600);
    day_counts_free(&c);
}

static int by_size(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

/* Against a sorted list: the smallest value that at least p % do not exceed. */
static void as_sorted(void **state)
{
    (void)state;
    unsigned seed = 7;
    for (int n = 1; n <= 200; n += 13) {
        struct day_counts c = {0};
        int days[200];
        for (int i = 0; i < n; i++) {
            seed = seed * 1103515245u + 12345u;
            days[i] = (int)(seed >> 16) % 3000;
            assert_true(day_counts_add(&c, days[i]));
        }
        qsort(days, (size_t)n, sizeof days[0], by_size);
        for (int p = 1; p <= 100; p++)
            assert_int_equal(day_counts_percentile(&c, p), days[(n * p + 99) / 100 - 1]);
        day_counts_free(&c);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing),
        cmocka_unit_test(nearest_rank),
        cmocka_unit_test(as_sorted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
