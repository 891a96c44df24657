#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "slice_sort.h"

static uint64_t next(uint64_t *seed)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *seed >> 33;
}

/* The larger row first. */
static int backwards(const void *ud, uint32_t a, uint32_t b)
{
    assert_string_equal(ud, "the ud");
    return a > b ? -1 : a < b;
}

static void check(size_t n, uint64_t keys, size_t moves, sort_tie_fn *tie)
{
    struct slice_sort s;
    uint64_t seed = n * 31 + keys + moves;
    assert_true(slice_sort_begin(&s, n, tie, "the ud"));
    unsigned char *seen = calloc(n + 1, 1);
    for (size_t i = 0; i < n; i++)
        s.items[i] = (struct sort_item){next(&seed) % keys, (uint32_t)i};
    while (slice_sort_next(&s, moves))
        ;
    assert_int_equal(s.n, n);
    for (size_t i = 0; i < n; i++) {
        const struct sort_item *a = &s.items[i];
        assert_int_equal(seen[a->row]++, 0);
        if (i == 0)
            continue;
        assert_true(a[-1].key <= a->key);
        if (a[-1].key == a->key)
            assert_true(tie != NULL ? a[-1].row > a->row : a[-1].row < a->row);
    }
    assert_false(slice_sort_next(&s, moves));
    free(seen);
    slice_sort_free(&s);
}

static void any_number_in_any_slices(void **state)
{
    static const size_t sizes[] = {0, 1, 2, 15, 16, 17, 31, 32, 33, 48, 100, 1000, 4095, 4096, 4097};
    static const size_t moves[] = {1, 7, 16, 1000, SIZE_MAX};
    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        for (size_t m = 0; m < sizeof moves / sizeof moves[0]; m++) {
            check(sizes[i], 1, moves[m], NULL);
            check(sizes[i], 10, moves[m], NULL);
            check(sizes[i], 10, moves[m], backwards);
            check(sizes[i], UINT64_C(1) << 31, moves[m], NULL);
        }
}

static void a_slice_is_a_slice(void **state)
{
    struct slice_sort s;
    size_t slices = 0;
    (void)state;
    assert_true(slice_sort_begin(&s, 16000, NULL, NULL));
    for (size_t i = 0; i < s.n; i++)
        s.items[i] = (struct sort_item){s.n - i, (uint32_t)i};
    while (slice_sort_next(&s, 1000))
        slices++;
    assert_in_range(slices, 170, 190); /* sixteen runs of 1,000, then ten rounds of sixteen slices */
    assert_int_equal(s.items[0].row, 15999);
    slice_sort_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_number_in_any_slices),
        cmocka_unit_test(a_slice_is_a_slice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
