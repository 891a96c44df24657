/* The target of a request line, row by row. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "httpd_request.h"

struct row {
    const char *raw, *want; /* want: path, then |name=value for each parameter; NULL when refused */
};

static const struct row rows[] = {
    {"/", "/"},
    {"/v1/cases/EHC%2F7%20b", "/v1/cases/EHC/7 b"},
    {"/a+b?c+d=e+f", "/a+b|c d=e f"},
    {"/%2525", "/%25"},
    {"/?", "/"},
    {"/?&&", "/"},
    {"/?a=1&b=2&a=3", "/|a=1|b=2|a=3"},
    {"/?a=b=c&d&=e", "/|a=b=c|d=|=e"},
    {"/?q=%3D%26%3F?", "/|q==&??"},
    {"/?x=%C3%A9%ff", "/|x=\xc3\xa9\xff"},
    {"http://host:1/p?q=1", "/p|q=1"},
    {"HTTPS://host/p", "/p"},
    {"http://host", NULL},
    {"http:/p", NULL},
    {"*", NULL},
    {"", NULL},
    {"p", NULL},
    {"?a=1", NULL},
    {"/%", NULL},
    {"/%4", NULL},
    {"/%4g", NULL},
    {"/%-1", NULL},
    {"/%00", NULL},
    {"/?a%00=1", NULL},
    {"/?a=%", NULL},
};

static void target(void **state)
{
    const struct row *row = *state;
    struct target t;
    struct err e = {""};
    bool ok = target_parse(&t, row->raw, &e);
    char got[256] = "(refused)";
    if (ok) {
        int n = snprintf(got, sizeof got, "%s", t.path);
        for (size_t i = 0; i < t.param_count; i++) {
            n += snprintf(got + n, sizeof got - (size_t)n, "|%s=%s", t.params[i].name, t.params[i].value);
        }
    }
    assert_string_equal(got, row->want != NULL ? row->want : "(refused)");
    assert_true(ok == (e.text[0] == '\0'));
    target_clear(&t);
    target_clear(&t);
}

int main(int argc, char **argv)
{
    enum { N = sizeof rows / sizeof *rows };
    static struct CMUnitTest tests[N];
    for (size_t i = 0; i < N; i++) {
        tests[i] = (struct CMUnitTest){.name = rows[i].raw[0] != '\0' ? rows[i].raw : "(empty)",
                                       .test_func = target};
        memcpy(&tests[i].initial_state, &(const struct row *){&rows[i]}, sizeof(void *));
    }
    if (argc > 1) {
        cmocka_set_test_filter(argv[1]);
    }
    return _cmocka_run_group_tests("target", tests, N, NULL, NULL) != 0;
}
