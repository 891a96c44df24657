#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "casework.h"
#include "names.h"

static uint32_t add(struct names *p, const char *text)
{
    return names_add(p, text, strlen(text));
}

static void subjects_have_the_numbers_of_the_law(void **state)
{
    (void)state;
    struct names *p = names_new_subjects();
    assert_int_equal(names_count(p), SUBJECT_COUNT);
    for (int s = 0; s < SUBJECT_COUNT; s++) {
        const char *text = subject_known_name((enum subject)s);
        assert_int_equal(add(p, text), s);
        assert_string_equal(names_text(p, (uint32_t)s), text);
        if (s > 0)
            assert_true(strcmp(subject_known_name((enum subject)(s - 1)), text) < 0);
    }
    assert_int_equal(add(p, "SCH-0001"), SUBJECT_COUNT);
    names_free(p);
    names_free(NULL);
}

static void events_are_in_the_order_of_their_names(void **state)
{
    (void)state;
    for (int ev = 1; ev < EV_COUNT; ev++) {
        const char *name = event_name((enum event)ev);
        assert_non_null(event_meaning((enum event)ev));
        assert_int_equal(event_by_name(name, strlen(name)), ev);
        assert_int_equal(event_by_name(name, strlen(name) - 1), 0);
        if (ev > 1)
            assert_true(strcmp(event_name((enum event)(ev - 1)), name) < 0);
    }
    static const char *const unknown[] = {"",    "draft", "draft_sent_", "Draft_sent",
                                          "zzz", "a",     "draft_sent ", "\xff"};
    for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++)
        assert_int_equal(event_by_name(unknown[i], strlen(unknown[i])), 0);
    const char nul[] = "draft_sent\0 and as much again as would run off the end of the word";
    assert_int_equal(event_by_name(nul, sizeof nul - 1), 0);
}

static void numbers_and_texts_stay_for_good(void **state)
{
    (void)state;
    enum { MANY = 20000 };
    struct names *p = names_new();
    static const char *kept[MANY + 1];
    char text[32];
    assert_int_equal(add(p, ""), 0);
    for (uint32_t i = 1; i <= MANY; i++) {
        int len = snprintf(text, sizeof text, "team %u", i * 7919u % 1000003u);
        assert_int_equal(names_find(p, text, (size_t)len), NAMES_FULL);
        assert_int_equal(add(p, text), i);
        kept[i] = names_text(p, i);
    }
    assert_int_equal(names_count(p), MANY + 1);
    for (uint32_t i = 1; i <= MANY; i++) {
        int len = snprintf(text, sizeof text, "team %u", i * 7919u % 1000003u);
        assert_int_equal(names_find(p, text, (size_t)len), i);
        assert_int_equal(add(p, text), i);
        assert_ptr_equal(names_text(p, i), kept[i]); /* never moved */
        assert_string_equal(kept[i], text);
    }
    assert_int_equal(names_count(p), MANY + 1);
    names_free(p);
}

static void the_length_counts_and_not_a_terminator(void **state)
{
    (void)state;
    struct names *p = names_new();
    uint32_t abc = names_add(p, "abcdef", 3);
    assert_string_equal(names_text(p, abc), "abc");
    assert_int_equal(names_find(p, "abc", 3), abc);
    assert_int_equal(names_find(p, "abcd", 4), NAMES_FULL);
    assert_int_equal(names_find(p, "ab", 2), NAMES_FULL);

    char *lengthy = malloc(100000);
    memset(lengthy, 'x', 100000);
    uint32_t longest = names_add(p, lengthy, 100000), shorter = names_add(p, lengthy, 99999);
    assert_int_not_equal(longest, shorter);
    assert_int_equal(names_find(p, lengthy, 100000), longest);
    assert_int_equal(strlen(names_text(p, longest)), 100000);
    free(lengthy);
    names_free(p);
}

/* A text with a NUL inside is nobody's name; it must not be compared past the end of another. */
static void a_nul_inside_does_not_run_off_the_end(void **state)
{
    (void)state;
    struct names *p = names_new();
    uint32_t numbers[64];
    char text[16];
    for (int i = 0; i < 64; i++) {
        snprintf(text, sizeof text, "%d", i);
        numbers[i] = add(p, text);
    }
    char *with_nul = calloc(1, 40000);
    for (int i = 0; i < 64; i++)
        for (size_t len = 16; len < 40000; len = len * 2 + 1) {
            snprintf(with_nul, sizeof text, "%d", i);
            assert_int_not_equal(names_find(p, with_nul, len), numbers[i]);
        }
    free(with_nul);
    names_free(p);
}

static void rows_come_in_the_order_of_their_texts(void **state)
{
    (void)state;
    struct row {
        uint32_t name;
        char note[7];
    } rows[] = {{0, "z"}, {0, "\u00e9"}, {0, ""}, {0, "a"}, {0, "Z"}, {0, "ab"}};
    static const char *const sorted[] = {"", "Z", "a", "ab", "z", "\u00e9"};
    enum { N = sizeof rows / sizeof rows[0] };
    struct names *p = names_new();
    assert_int_equal(add(p, ""), 0);
    for (size_t i = 0; i < N; i++)
        rows[i].name = add(p, rows[i].note);
    names_sort(p, rows, N, sizeof rows[0]);
    for (size_t i = 0; i < N; i++) {
        assert_string_equal(names_text(p, rows[i].name), sorted[i]);
        assert_string_equal(rows[i].note, sorted[i]); /* the row whole */
    }
    names_sort(p, NULL, 0, sizeof rows[0]);
    names_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(subjects_have_the_numbers_of_the_law),
        cmocka_unit_test(events_are_in_the_order_of_their_names),
        cmocka_unit_test(numbers_and_texts_stay_for_good),
        cmocka_unit_test(the_length_counts_and_not_a_terminator),
        cmocka_unit_test(a_nul_inside_does_not_run_off_the_end),
        cmocka_unit_test(rows_come_in_the_order_of_their_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
