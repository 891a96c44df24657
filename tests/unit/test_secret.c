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

#include "secret.h"

#define K24 "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
#define K25 "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwAA=="
#define K64 "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQQ=="

struct fixture {
    char dir[32], path[64];
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    if (f == NULL)
        return -1;
    snprintf(f->dir, sizeof f->dir, "/tmp/ehcw-secret.XXXXXX");
    if (mkdtemp(f->dir) == NULL)
        return -1;
    snprintf(f->path, sizeof f->path, "%s/key", f->dir);
    setenv("CREDENTIALS_DIRECTORY", f->dir, 1);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    unlink(f->path);
    rmdir(f->dir);
    free(f);
    return 0;
}

static void put(const struct fixture *f, const char *bytes, size_t len, mode_t mode)
{
    unlink(f->path);
    FILE *out = fopen(f->path, "we");
    assert_non_null(out);
    assert_int_equal(fwrite(bytes, 1, len, out), len);
    assert_int_equal(fclose(out), 0);
    assert_int_equal(chmod(f->path, mode), 0);
}

static const struct row {
    const char *content;
    size_t keys;      /* 0: refused */
    const char *says; /* a part of the error text */
} rows[] = {
    {"whsec_" K24, 1, ""},
    {"whsec_" K24 "\n", 1, ""},
    {"whsec_" K25 "\n", 1, ""},
    {"whsec_" K64 "\n", 1, ""},
    {"whsec_" K64 "\nwhsec_" K24 "\n", 2, ""},
    {"\nwhsec_" K64 "\n\nwhsec_" K24 "\n\n", 2, ""},
    {"", 0, "no key in it"},
    {"\n\n", 0, "no key in it"},
    {K24, 0, ":1: does not start with whsec_"},
    {"whsec", 0, ":1: does not start with whsec_"},
    {" whsec_" K24, 0, ":1: does not start with whsec_"},
    {"whsec_", 0, ":1: not a usable key"},
    {"whsec_" K24 "\n# " K64, 0, ":2: does not start with whsec_"},
    {"whsec_" K24 "\nwhsec_" K24 "\nwhsec_" K24, 0, ":3: a third key"},
    {"whsec_" K24 "\r\n", 0, ":1: ends with a carriage return"},
    {"whsec_" K24 " ", 0, ":1: not a usable key"},
    {"whsec_" K24 "=", 0, ":1: not a usable key"},
    {"whsec_" K24 "====", 0, ":1: not a usable key"},
    {"whsec_" K24 "A===", 0, ":1: not a usable key"},
    {"whsec_" K24 "AA", 0, ":1: not a usable key"},
    {"whsec_" K24 "AB==", 0, ":1: not a usable key"},
    {"whsec_" K24 "AAB=", 0, ":1: not a usable key"},
    {"whsec_AA==" K24, 0, ":1: not a usable key"},
    {"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS", 0, ":1: not a usable key"},
    {"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS-", 0, ":1: not a usable key"},
    {"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa==", 0, ":1: not a usable key"},
    {"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaQ=", 0, ":1: not a usable key"},
    {"whsec_" K64 K24, 0, ":1: not a usable key"},
};

static void assert_silent_about(const struct fixture *f, const struct err *e, const char *content)
{
    const char *after = strstr(e->text, f->path);
    assert_non_null(after);
    assert_null(strstr(e->text, "MfKQ"));
    assert_null(strstr(e->text, "QUFB"));
    if (strlen(content) > 12)
        assert_null(strstr(after, content + 6));
}

static void contents(void **state)
{
    struct fixture *f = *state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct secret_set set;
        struct err e = {0};
        put(f, rows[i].content, strlen(rows[i].content), 0600);
        bool ok = secret_load(&set, f->path, &e);
        if (ok != (rows[i].keys > 0) || set.n != rows[i].keys || strstr(e.text, rows[i].says) == NULL)
            fail_msg("row %zu: %zu keys, error \"%s\"", i, set.n, e.text);
        if (!ok)
            assert_silent_about(f, &e, rows[i].content);
        secret_wipe(&set);
    }
}

static void keys_are_decoded_in_order_and_wiped(void **state)
{
    struct fixture *f = *state;
    const uint8_t head[] = {0x31, 0xf2, 0x90, 0xf6};
    const struct secret_set zero = {0};
    struct secret_set set;
    struct err e = {0};
    const char text[] = "whsec_" K64 "\nwhsec_" K24 "\n";
    put(f, text, strlen(text), 0400);
    assert_true(secret_load(&set, f->path, &e));
    assert_int_equal(set.key[0].len, 64);
    for (size_t i = 0; i < 64; i++)
        assert_int_equal(set.key[0].bytes[i], 'A');
    assert_int_equal(set.key[1].len, 24);
    assert_memory_equal(set.key[1].bytes, head, sizeof head);
    assert_int_equal(set.key[1].bytes[23], 0xb0);
    secret_wipe(&set);
    assert_memory_equal(&set, &zero, sizeof zero);

    const char bad[] = "whsec_" K64 "\nwhsec_nonsense\n";
    put(f, bad, strlen(bad), 0400);
    assert_false(secret_load(&set, f->path, &e));
    assert_memory_equal(&set, &zero, sizeof zero);
}

static void modes(void **state)
{
    struct fixture *f = *state;
    static const struct {
        mode_t mode;
        bool ok;
    } cases[] = {{0400, true},  {0440, true},  {0600, true},  {0640, true},  {0644, false},
                 {0604, false}, {0602, false}, {0601, false}, {0660, false}, {0777, false}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct secret_set set;
        struct err e = {0};
        put(f, "whsec_" K24, strlen("whsec_" K24), cases[i].mode);
        if (secret_load(&set, f->path, &e) != cases[i].ok)
            fail_msg("mode %04o: %s", (unsigned)cases[i].mode, e.text);
        if (!cases[i].ok)
            assert_non_null(strstr(e.text, "chmod 0640"));
        secret_wipe(&set);
    }
}

static void only_small_regular_files(void **state)
{
    struct fixture *f = *state;
    struct secret_set set;
    struct err e = {0};
    char big[SECRET_FILE_MAX + 1];
    memset(big, '\n', sizeof big);

    assert_false(secret_load(&set, f->path, &e));
    assert_non_null(strstr(e.text, "No such file"));
    assert_false(secret_load(&set, f->dir, &e));
    assert_non_null(strstr(e.text, "regular file"));
    assert_false(secret_load(&set, "", &e));
    put(f, big, sizeof big, 0600);
    assert_false(secret_load(&set, f->path, &e));
    assert_non_null(strstr(e.text, "larger than"));
    put(f, big, sizeof big - 1, 0600);
    assert_false(secret_load(&set, f->path, &e));
    assert_non_null(strstr(e.text, "no key"));
    unlink(f->path);
    assert_int_equal(mkfifo(f->path, 0600), 0);
    assert_false(secret_load(&set, f->path, &e));
    assert_non_null(strstr(e.text, "regular file"));
}

static void credentials(void **state)
{
    struct fixture *f = *state;
    struct secret_set set;
    struct err e = {0};
    put(f, "whsec_" K24, strlen("whsec_" K24), 0440);
    assert_true(secret_load(&set, "credential:key", &e));
    assert_int_equal(set.n, 1);
    secret_wipe(&set);

    const char *bad[] = {"credential:", "credential:.", "credential:..", "credential:../key",
                         "credential:/etc/passwd"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(secret_load(&set, bad[i], &e));
        assert_non_null(strstr(e.text, "one word without a slash"));
    }
    unsetenv("CREDENTIALS_DIRECTORY");
    assert_false(secret_load(&set, "credential:key", &e));
    assert_non_null(strstr(e.text, "LoadCredential=key:FILE"));
}

static void passwords(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *bytes;
        size_t len;
        const char *want, *says;
    } cases[] = {
        {"pass word\n", 10, "pass word", ""},
        {"no newline", 10, "no newline", ""},
        {"first\nsecond\n", 13, "first", ""},
        {" kept \n", 7, " kept ", ""},
        {"", 0, NULL, ":1: empty"},
        {"\nsecond\n", 8, NULL, ":1: empty"},
        {"hunter2\r\n", 9, NULL, "carriage return"},
        {"hunt\0er2\n", 9, NULL, "NUL byte"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct err e = {0};
        put(f, cases[i].bytes, cases[i].len, 0600);
        char *got = secret_password(f->path, &e);
        if (cases[i].want != NULL) {
            assert_non_null(got);
            assert_string_equal(got, cases[i].want);
        } else {
            assert_null(got);
            assert_non_null(strstr(e.text, cases[i].says));
            assert_null(strstr(e.text, "hunt"));
        }
        secret_password_free(got);
    }
    put(f, "x\n", 2, 0644);
    struct err e = {0};
    assert_null(secret_password(f->path, &e));
    secret_password_free(NULL);
}

#define WITH_DIR(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_DIR(contents),    WITH_DIR(keys_are_decoded_in_order_and_wiped),
        WITH_DIR(modes),       WITH_DIR(only_small_regular_files),
        WITH_DIR(credentials), WITH_DIR(passwords),
    };
    return cmocka_run_group_tests_name("secret", tests, NULL, NULL) != 0;
}
