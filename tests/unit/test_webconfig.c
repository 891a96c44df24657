/* The web configuration file: what is taken, and what is refused with file and line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "webconfig.h"

#define HASH  "$2y$04$abcdefghijklmnopqrstuuhJBFaaFRQ/SB3wq1nT9C5Nd3g8Yq0Sm"
#define OTHER "$2b$12$abcdefghijklmnopqrstuuhJBFaaFRQ/SB3wq1nT9C5Nd3g8Yq0Sm"

/* A certificate for localhost until 2126 and its key, P-256; made for this test and of use for nothing. */
static const char CERT[] = "-----BEGIN CERTIFICATE-----\n"
                           "MIIBlTCCATugAwIBAgIUeD+lj7drt+39ylroe1rv0TIwup0wCgYIKoZIzj0EAwIw\n"
                           "FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyNjEzNTM0NFoYDzIxMjYxMTAy\n"
                           "MTM1MzQ0WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO\n"
                           "PQMBBwNCAAR4I2F0COsbHpdJe6V6fPDw8+0m1yc/Vi7/dvTkaz71B2GD0BX8mhBF\n"
                           "+0MW6e9i1vcEZkapTl1CTaP8ET/1vS/0o2kwZzAdBgNVHQ4EFgQU6ijCUctlW33L\n"
                           "iC1+YUZqHWTNzd0wHwYDVR0jBBgwFoAU6ijCUctlW33LiC1+YUZqHWTNzd0wDwYD\n"
                           "VR0TAQH/BAUwAwEB/zAUBgNVHREEDTALgglsb2NhbGhvc3QwCgYIKoZIzj0EAwID\n"
                           "SAAwRQIhAIQTqU/SosLuvZdPVBMEQUbnhiFq7EQSTgtCuSt6Dgl+AiBKVvgPcOgU\n"
                           "ee5f3Grqe/ndEJnzv+SbSLUKIXjwF3mDqg==\n"
                           "-----END CERTIFICATE-----\n";
static const char KEY[] = "-----BEGIN PRIVATE KEY-----\n"
                          "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg1kOmnacteIJI1VZV\n"
                          "YU1xZoelOATY254Jse+wjxT6GUyhRANCAAR4I2F0COsbHpdJe6V6fPDw8+0m1yc/\n"
                          "Vi7/dvTkaz71B2GD0BX8mhBF+0MW6e9i1vcEZkapTl1CTaP8ET/1vS/0\n"
                          "-----END PRIVATE KEY-----\n";

static char dir[] = "/tmp/ehcw-web.XXXXXX";

static const char *in_dir(const char *name)
{
    static char path[200];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    return path;
}

static void put(const char *name, const char *content, mode_t mode)
{
    FILE *f = fopen(in_dir(name), "we");
    assert_non_null(f);
    assert_int_equal(fwrite(content, 1, strlen(content), f), strlen(content));
    assert_int_equal(fclose(f), 0);
    assert_int_equal(chmod(in_dir(name), mode), 0);
}

static struct webconfig *load(const char *content, struct err *e)
{
    put("web.yml", content, 0640);
    e->text[0] = '\0';
    return webconfig_load(in_dir("web.yml"), e);
}

static const struct row {
    const char *content, *says;
} refused[] = {
    {"nonsense", ":1: names and values are wanted here"},
    {"- a\n", ":1: names and values are wanted here"},
    {"tls_server_config: {\n", ":2: did not find expected"},
    {"tls_server_config:\n  cert_fil: x\n", ":2: tls_server_config.cert_fil: there is no such key"},
    {"tls:\n", ":1: tls: there is no such key"},
    {"tls_server_config: x\n", ":1: names and values are wanted here, indented"},
    {"tls_server_config:\n  cert_file: [a]\n", ":2: tls_server_config.cert_file: one value is wanted"},
    {"tls_server_config:\n  cert_file: nowhere.crt\n", "nowhere.crt: No such file"},
    {"tls_server_config:\n  cert_file: a.crt\n", ":2: tls_server_config: cert_file and key_file go together"},
    {"tls_server_config:\n  key_file: a.key\n", ":2: tls_server_config: cert_file and key_file go together"},
    {"tls_server_config:\n  cert_file: a.crt\n  key_file: open.key\n", "open.key: mode 0644 opens a secret"},
    {"tls_server_config:\n  key_file: a.key\n  cert_file: junk\n",
     ":3: tls_server_config.cert_file: not a certificate with its key_file"},
    {"tls_server_config:\n  cert_file: a.crt\n  key_file: a.key\n  client_ca_file: a.crt\n",
     ":4: tls_server_config: client_ca_file wants a client_auth_type"},
    {"tls_server_config:\n  cert_file: a.crt\n  key_file: a.key\n  client_auth_type: "
     "RequireAndVerifyClientCert\n",
     ":4: tls_server_config: client_auth_type wants client_ca_file"},
    {"tls_server_config:\n  cert_file: a.crt\n  key_file: a.key\n  client_auth_type: RequireAnyClientCert\n",
     ":4: tls_server_config.client_auth_type: 'RequireAnyClientCert' is not one of"},
    {"tls_server_config:\n  cert_file: a.crt\n  key_file: a.key\n  client_auth_type: "
     "VerifyClientCertIfGiven\n"
     "  client_ca_file: junk\n",
     ":5: tls_server_config.client_ca_file: no certificate of an authority"},
    {"tls_server_config:\n  client_auth_type: VerifyClientCertIfGiven\n  client_ca_file: a.crt\n",
     ":2: tls_server_config: there is no cert_file"},
    {"tls_server_config:\n  min_version: TLS13\n", ":2: tls_server_config: there is no cert_file"},
    {"tls_server_config:\n  min_version: TLS11\n",
     ":2: tls_server_config.min_version: 'TLS11' is not one of"},
    {"tls_server_config:\n  cert_file: a.crt\n  key_file: a.key\n  min_version: TLS13\n  max_version: "
     "TLS12\n",
     ":4: tls_server_config: min_version is above max_version"},
    {"tls_server_config:\n  cipher_suites: [X]\n", ":2: tls_server_config.cipher_suites: the suites are"},
    {"tls_server_config:\n  curve_preferences: [X]\n", ":2: tls_server_config.curve_preferences: the curves"},
    {"tls_server_config:\n  prefer_server_cipher_suites: false\n", "write true"},
    {"tls_server_config:\n  key: |\n    x\n", ":2: tls_server_config.key: write key_file"},
    {"http_server_config:\n  http2: true\n", ":2: http_server_config.http2: HTTP/1.1 is served"},
    {"http_server_config:\n  headers:\n    X-Own: a\n", ":3: http_server_config.headers.X-Own: there is no"},
    {"http_server_config:\n  headers:\n    Content-Security-Policy: a\n",
     ":3: http_server_config.headers.Content"},
    {"http_server_config:\n  headers:\n    X-Frame-Options: \"a\\r\\nb\"\n", "a control character"},
    {"http_server_config:\n  headers:\n    X-Content-Type-Options: off\n", "write nosniff"},
    {"rate_limit:\n  burst: 1\n", ":1: rate_limit: is not understood here"},
    {"basic_auth_users:\n  jo: secret\n", ":2: basic_auth_users.jo: not a hash of bcrypt"},
    {"basic_auth_users:\n  jo: $2y$04$short\n", ":2: basic_auth_users.jo: not a hash of bcrypt"},
    {"basic_auth_users:\n  jo: $2x$04$abcdefghijklmnopqrstuuhJBFaaFRQ/SB3wq1nT9C5Nd3g8Yq0Sm\n", "not a hash"},
    {"basic_auth_users:\n  jo: $2y$31$abcdefghijklmnopqrstuuhJBFaaFRQ/SB3wq1nT9C5Nd3g8Yq0Sm\n",
     "the cost of"},
    {"basic_auth_users:\n  j o: " HASH "\n", "a name is 1 to 64"},
    {"basic_auth_users:\n  jo: " HASH "\n  jo: " OTHER "\n", ":3: basic_auth_users.jo is there twice"},
    {"basic_auth_users:\n  jo: &a " HASH "\n  di: *a\n", ":3: an alias"},
    {"basic_auth_users:\n---\ntls_server_config:\n", ":2: a second document"},
};

static void test_refused(void **state)
{
    const struct row *r = *state;
    struct err e;
    struct webconfig *w = load(r->content, &e);
    assert_null(w);
    if (strstr(e.text, r->says) == NULL || strstr(e.text, dir) == NULL || strstr(e.text, "secret") != NULL)
        if (strstr(e.text, "opens a secret") == NULL || strstr(e.text, r->says) == NULL)
            fail_msg("%s\n   for %s", e.text, r->content);
}

static void test_all(void **state)
{
    struct err e;
    (void)state;
    struct webconfig *w = load("# all of it\n"
                               "tls_server_config:\n"
                               "  cert_file: a.crt\n"
                               "  key_file: a.key\n"
                               "  client_auth_type: RequireAndVerifyClientCert\n"
                               "  client_ca_file: a.crt\n"
                               "  min_version: TLS13\n"
                               "  prefer_server_cipher_suites: true\n"
                               "http_server_config:\n"
                               "  http2: false\n"
                               "  headers:\n"
                               "    Strict-Transport-Security: max-age=31536000\n"
                               "    X-Content-Type-Options: nosniff\n"
                               "    X-Frame-Options: DENY\n"
                               "basic_auth_users:\n"
                               "  jo: " HASH "\n"
                               "  \"d.r-x@y\": " OTHER "\n",
                               &e);
    if (w == NULL)
        fail_msg("%s", e.text);
    assert_string_equal(w->cert, CERT);
    assert_string_equal(w->key, KEY);
    assert_int_equal(w->client, WEBCONFIG_CLIENT_REQUIRED);
    assert_non_null(strstr(w->priorities, "+VERS-TLS1.3"));
    assert_null(strstr(w->priorities, "+VERS-TLS1.2"));
    assert_int_equal(w->n_headers, 2);
    assert_string_equal(w->header[1].name, "X-Frame-Options");
    assert_string_equal(w->header[1].value, "DENY");
    assert_string_equal(webconfig_hash(w, "jo"), HASH);
    assert_string_equal(webconfig_hash(w, "d.r-x@y"), OTHER);
    assert_null(webconfig_hash(w, "d"));
    assert_null(webconfig_hash(NULL, "jo"));
    webconfig_unref(w);
}

static void test_little(void **state)
{
    static const char *const little[] = {"", "# nothing\n", "---\n", "basic_auth_users:\n",
                                         "tls_server_config:\n"};
    struct err e;
    (void)state;
    for (size_t i = 0; i < sizeof little / sizeof little[0]; i++) {
        struct webconfig *w = load(little[i], &e);
        if (w == NULL)
            fail_msg("%s", e.text);
        assert_null(w->cert);
        assert_int_equal(w->n_users, 0);
        webconfig_unref(w);
    }
    put("web.yml", "", 0644);
    assert_null(webconfig_load(in_dir("web.yml"), &e));
    assert_non_null(strstr(e.text, "opens a secret to others"));
}

/* A change of users alone needs no other server. */
static void test_alike(void **state)
{
    static const char tls[] = "tls_server_config:\n  cert_file: a.crt\n  key_file: a.key\n";
    struct err e;
    char text[500];
    (void)state;
    struct webconfig *none = load("", &e), *users = load("basic_auth_users:\n  jo: " HASH "\n", &e),
                     *safe = load(tls, &e);
    snprintf(text, sizeof text, "%s  min_version: TLS13\n", tls);
    struct webconfig *newer = load(text, &e);
    snprintf(text, sizeof text, "%shttp_server_config:\n  headers:\n    X-Frame-Options: DENY\n", tls);
    struct webconfig *headers = load(text, &e);
    assert_true(webconfig_serves_alike(none, users));
    assert_true(webconfig_serves_alike(NULL, users));
    assert_true(webconfig_serves_alike(safe, safe));
    assert_false(webconfig_serves_alike(NULL, safe));
    assert_false(webconfig_serves_alike(safe, newer));
    assert_false(webconfig_serves_alike(safe, headers));
    struct webconfig *all[] = {none, users, safe, newer, headers};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        webconfig_unref(all[i]);
}

static int setup(void **state)
{
    (void)state;
    if (mkdtemp(dir) == NULL)
        return -1;
    put("a.crt", CERT, 0644);
    put("junk", "junk\n", 0644);
    put("a.key", KEY, 0600);
    put("open.key", KEY, 0644);
    return 0;
}

static int teardown(void **state)
{
    static const char *const names[] = {"a.crt", "junk", "a.key", "open.key", "web.yml"};
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        unlink(in_dir(names[i]));
    return rmdir(dir);
}

int main(void)
{
    enum { N = sizeof refused / sizeof refused[0] };
    struct CMUnitTest tests[N + 3];
    for (size_t i = 0; i < N; i++)
        tests[i] = (struct CMUnitTest){.name = refused[i].says,
                                       .test_func = test_refused,
                                       .initial_state = (void *)(uintptr_t)&refused[i]};
    tests[N] = (struct CMUnitTest)cmocka_unit_test(test_all);
    tests[N + 1] = (struct CMUnitTest)cmocka_unit_test(test_little);
    tests[N + 2] = (struct CMUnitTest)cmocka_unit_test(test_alike);
    return _cmocka_run_group_tests("webconfig", tests, N + 3, setup, teardown) != 0;
}
