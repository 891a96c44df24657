/* Ids of messages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "random_id.h"

static void test_form(void **state)
{
    (void)state;
    char id[1000][RANDOM_ID_LEN];
    for (int i = 0; i < 1000; i++) {
        assert_true(random_id(id[i]));
        assert_int_equal(strlen(id[i]), RANDOM_ID_LEN - 1);
        assert_memory_equal(id[i], "msg_", 4);
        assert_int_equal(strspn(id[i] + 4, "0123456789abcdef"), 32);
        for (int k = 0; k < i; k++)
            assert_string_not_equal(id[k], id[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_form)};
    return cmocka_run_group_tests_name("random_id", tests, NULL, NULL) != 0;
}
