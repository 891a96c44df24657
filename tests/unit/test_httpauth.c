/* The Authorization header: what is taken for a token or a name and password, and what is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#include "httpauth.h"

static const struct row {
    const char *name, *header;
    enum httpauth_kind kind;
    const char *user, *secret;
} rows[] = {
    {"none", NULL, HTTPAUTH_NONE, "", ""},
    {"bearer", "Bearer ehct_x", HTTPAUTH_BEARER, "", "ehct_x"},
    {"any case, more blanks", "bEARER   t", HTTPAUTH_BEARER, "", "t"},
    {"bearer without a token", "Bearer ", HTTPAUTH_UNKNOWN, "", ""},
    {"no blank", "Bearerx", HTTPAUTH_UNKNOWN, "", ""},
    {"empty", "", HTTPAUTH_UNKNOWN, "", ""},
    {"another scheme", "Digest x", HTTPAUTH_UNKNOWN, "", ""},
    {"RFC 7617, section 2", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", HTTPAUTH_BASIC, "Aladdin", "open sesame"},
    {"UTF-8", "basic dGVzdDoxMjPCow==", HTTPAUTH_BASIC, "test", "123\xc2\xa3"},
    {"a colon in the password", "Basic YTpiOmM=", HTTPAUTH_BASIC, "a", "b:c"},
    {"no password", "Basic YTo=", HTTPAUTH_BASIC, "a", ""},
    {"no colon", "Basic YWJj", HTTPAUTH_UNKNOWN, "", ""},
    {"a NUL", "Basic YToAYg==", HTTPAUTH_UNKNOWN, "", ""},
    {"not base64", "Basic YTo*", HTTPAUTH_UNKNOWN, "", ""},
    {"no padding", "Basic YTo", HTTPAUTH_UNKNOWN, "", ""},
    {"padding within", "Basic YT==YTo=", HTTPAUTH_UNKNOWN, "", ""},
    {"padding alone", "Basic ====", HTTPAUTH_UNKNOWN, "", ""},
    {"nothing", "Basic ", HTTPAUTH_UNKNOWN, "", ""},
};

static void test_row(void **state)
{
    const struct row *r = *state;
    struct httpauth a;
    httpauth_parse(r->header, &a);
    assert_int_equal(a.kind, r->kind);
    if (r->kind != HTTPAUTH_UNKNOWN) {
        assert_string_equal(a.user, r->user);
        assert_string_equal(a.secret, r->secret);
    }
    httpauth_wipe(&a);
    assert_int_equal(a.secret[0], 0);
}

static void test_long(void **state)
{
    char header[HTTPAUTH_SECRET_MAX + 10] = "Bearer ";
    struct httpauth a;
    (void)state;
    memset(header + 7, 'x', HTTPAUTH_SECRET_MAX);
    header[7 + HTTPAUTH_SECRET_MAX] = '\0';
    httpauth_parse(header, &a);
    assert_int_equal(a.kind, HTTPAUTH_BEARER);
    strcat(header, "x");
    httpauth_parse(header, &a);
    assert_int_equal(a.kind, HTTPAUTH_UNKNOWN);
    char basic[2048] = "Basic ";
    for (int i = 0; i < 400; i++) /* "xxx" again and again */
        strcat(basic, "eHh4");
    httpauth_parse(basic, &a);
    assert_int_equal(a.kind, HTTPAUTH_UNKNOWN);
    assert_int_equal(a.user[0], 0);
}

int main(void)
{
    enum { N = sizeof rows / sizeof rows[0] };
    struct CMUnitTest tests[N + 1];
    for (size_t i = 0; i < N; i++)
        tests[i] = (struct CMUnitTest){
            .name = rows[i].name, .test_func = test_row, .initial_state = (void *)(uintptr_t)&rows[i]};
    tests[N] = (struct CMUnitTest)cmocka_unit_test(test_long);
    return _cmocka_run_group_tests("httpauth", tests, N + 1, NULL, NULL) != 0;
}
