#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "answer_form.h"

#define ALL  (FORM_BIT(FORM_JSON) | FORM_BIT(FORM_HTML) | FORM_BIT(FORM_XLSX) | FORM_BIT(FORM_CSV))
#define XLSX "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

static void by_suffix(void **state)
{
    (void)state;
    for (int f = 0; f < FORM_COUNT; f++) {
        assert_int_equal(answer_form_suffix(answer_types[f].suffix, ALL), f);
        assert_int_equal(answer_form_suffix(answer_types[f].suffix, ALL & ~FORM_BIT(f)), FORM_COUNT);
    }
    assert_int_equal(answer_form_suffix("", ALL), FORM_COUNT);
    assert_int_equal(answer_form_suffix(".cs", ALL), FORM_COUNT);
    assert_int_equal(answer_form_suffix(".csvx", ALL), FORM_COUNT);
}

static void by_accept(void **state)
{
    static const struct {
        const char *accept;
        unsigned offered;
        enum answer_form form;
    } cases[] = {
        {NULL, ALL, FORM_JSON},
        {"", ALL, FORM_JSON},
        {"*/*", ALL, FORM_JSON},
        {"application/json", ALL, FORM_JSON},
        {"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", ALL, FORM_HTML},
        {"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", FORMS_TABLE, FORM_JSON},
        {"application/json, text/plain, */*", ALL, FORM_JSON},
        {"text/csv", ALL, FORM_CSV},
        {"text/csv", FORM_BIT(FORM_JSON), FORM_JSON},
        {"TEXT/CSV", ALL, FORM_CSV},
        {"text/csvx", ALL, FORM_JSON},
        {"text/csv;q=0, */*", ALL, FORM_JSON},
        {"text/csv;q=0.4,application/json", ALL, FORM_JSON},
        {"application/json;q=0.4, text/csv ; q=0.5", ALL, FORM_CSV},
        {"application/json, text/csv", ALL, FORM_CSV},
        {XLSX ", text/html;q=0.9", ALL, FORM_XLSX},
        {"text/html;level=1;q=0.3, text/csv;q=0.2", ALL, FORM_HTML},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        if (answer_form_accepted(cases[i].accept, cases[i].offered) != cases[i].form)
            fail_msg("%s", cases[i].accept);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(by_suffix), cmocka_unit_test(by_accept)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
