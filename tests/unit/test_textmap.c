#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "casework.h"
#include "textmap.h"

enum { MOST = 3000, LONGEST = 40 };

/* Texts of every length that differ little: what is found is what a list finds, text by text. */
static void finds_what_a_list_finds(void **state)
{
    (void)state;
    static char texts[MOST][LONGEST + 1];
    struct rng r = rng_seeded("textmap");
    struct textmap m = {0};
    for (int round = 0; round < 3; round++) {
        size_t n = 0;
        for (int tries = 0; tries < MOST; tries++) {
            int len = rng_between(&r, 1, rng_one_in(&r, 2) ? 5 : LONGEST), at = rng_between(&r, 0, len - 1);
            char *exact = malloc((size_t)len); /* a block of its own: nothing behind it is read */
            memset(exact, 'a', (size_t)len);
            exact[at] = (char)rng_between(&r, 1, 127);
            exact[rng_below(&r, (uint32_t)len)] = (char)rng_between(&r, -128, -1);
            size_t i = 0;
            while (i < n && !(strlen(texts[i]) == (size_t)len && memcmp(texts[i], exact, (size_t)len) == 0))
                i++;
            uint32_t found = textmap_find(&m, exact, (size_t)len);
            assert_int_equal(found, i < n ? (uint32_t)i : TEXTMAP_NONE);
            if (i == n) {
                memcpy(texts[n], exact, (size_t)len);
                texts[n][len] = '\0';
                assert_true(textmap_add(&m, texts[n], (size_t)len, (uint32_t)n));
                n++;
            }
            free(exact);
        }
        assert_true(m.n == n && n > MOST / 4);
        textmap_empty(&m);
        assert_int_equal(textmap_find(&m, "a", 1), TEXTMAP_NONE);
    }
    textmap_free(&m);
}

static void the_empty_text_is_never_there(void **state)
{
    (void)state;
    struct textmap m = {0};
    assert_int_equal(textmap_find(&m, "", 0), TEXTMAP_NONE);
    assert_true(textmap_add(&m, "x", 1, 7));
    assert_int_equal(textmap_find(&m, "", 0), TEXTMAP_NONE);
    assert_int_equal(textmap_find(&m, "x", 1), 7);
    textmap_free(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_what_a_list_finds),
        cmocka_unit_test(the_empty_text_is_never_there),
    };
    return cmocka_run_group_tests_name("textmap", tests, NULL, NULL) != 0;
}
