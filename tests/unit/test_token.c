/* Tokens: what a file of them may hold, whose a token is, and that a new one is good. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "token.h"

/* Of "foo" and "bar". */
#define FOO "sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"
#define BAR "sha256:fcde2b2edba56bf408601fb721fe9b5c338d10ee429ea04fae5511b68fbf8fb9"

static char path[] = "/tmp/ehcw-token.XXXXXX";

static struct token_list *load(const char *content, mode_t mode, struct err *e)
{
    FILE *f = fopen(path, "we");
    assert_non_null(f);
    assert_int_equal(fwrite(content, 1, strlen(content), f), strlen(content));
    assert_int_equal(fclose(f), 0);
    assert_int_equal(chmod(path, mode), 0);
    e->text[0] = '\0';
    return token_load(path, e);
}

static const struct token *find(const struct token_list *l, const char *token)
{
    return token_find(l, token, strlen(token));
}

static void test_find(void **state)
{
    struct err e;
    (void)state;
    struct token_list *l = load("# who\n\njo officer " FOO "\n  d.r-x@y\tmanager \t" BAR "\n", 0600, &e);
    assert_non_null(l);
    assert_string_equal(find(l, "foo")->name, "jo");
    assert_int_equal(find(l, "foo")->role, TOKEN_OFFICER);
    assert_string_equal(find(l, "bar")->name, "d.r-x@y");
    assert_int_equal(find(l, "bar")->role, TOKEN_MANAGER);
    assert_null(find(l, "fo"));
    assert_null(find(l, "foo "));
    assert_null(find(l, ""));
    assert_null(token_find(l, "foo\0x", 5));
    assert_null(find(l, FOO)); /* the hash is no token */
    token_list_free(l);
}

/* The teams of a line, with a bar between. */
static const char *teams_of(const struct token *t, char *text, size_t size)
{
    size_t n = 0;
    text[0] = '\0';
    for (const char *team = token_team_next(&t->teams, NULL); team != NULL;
         team = token_team_next(&t->teams, team))
        n += (size_t)snprintf(text + n, size - n, "%s|", team);
    return text;
}

static void test_teams(void **state)
{
    struct err e;
    char text[200];
    (void)state;
    struct token_list *l = load("jo reader " FOO "\n"
                                "di meeting " BAR " \tteams= North ,South East,a%2Cb, 5%25 \n"
                                "mo metrics password teams=X\n",
                                0600, &e);
    assert_non_null(l);
    assert_string_equal(teams_of(find(l, "foo"), text, sizeof text), "");
    assert_string_equal(teams_of(find(l, "bar"), text, sizeof text), "North|South East|a,b|5%|");
    assert_true(token_named(l, "mo")->password);
    assert_int_equal(token_named(l, "mo")->role, TOKEN_METRICS);
    assert_string_equal(teams_of(token_named(l, "mo"), text, sizeof text), "X|");
    assert_null(token_named(l, "m"));
    token_list_free(l);
}

static void test_teams_most(void **state)
{
    struct token_teams t;
    struct err e = {""};
    char text[2 * TOKEN_TEAM_LEN];
    (void)state;
    memset(text, 'x', sizeof text);
    assert_true(token_teams_read(&t, text, TOKEN_TEAM_LEN - 1, &e));
    assert_false(token_teams_read(&t, text, TOKEN_TEAM_LEN, &e));
    for (size_t i = 1; i < sizeof text; i += 2)
        text[i] = ',';
    assert_true(token_teams_read(&t, text, 2 * TOKEN_TEAMS - 1, &e));
    assert_int_equal(t.n, TOKEN_TEAMS);
    assert_false(token_teams_read(&t, text, 2 * TOKEN_TEAMS + 1, &e));
}

/* A line that says that its password is elsewhere has no token: not even one whose hash is all zeros. */
static void test_password(void **state)
{
    struct err e;
    (void)state;
    struct token_list *l = load("jo officer password\ndi officer password\n", 0600, &e);
    assert_non_null(l);
    assert_null(find(l, ""));
    assert_null(find(l, "password"));
    token_list_free(l);
}

static void test_refused(void **state)
{
    static const struct {
        const char *content, *says;
    } rows[] = {
        {"", "no token in it"},
        {"# nobody\n", "no token in it"},
        {"jo officer\n", ":1: each line must be"},
        {"jo officer " FOO " team=A\n", ":1: each line must be"},
        {"jo officer " FOO " teams=\n", ":1: teams= wants"},
        {"jo officer " FOO " teams=A,\n", ":1: teams= wants"},
        {"jo officer " FOO " teams=A,,B\n", ":1: teams= wants"},
        {"jo officer " FOO " teams=A%2\n", ":1: teams= wants"},
        {"jo officer " FOO " teams=A%41\n", ":1: teams= wants"},
        {"jo officer " FOO " teams=A\r\n", ":1: teams= wants"},
        {"jo officer " FOO " x\n", ":1: each line must be"},
        {"jo boss " FOO "\n", ":1: each line must be"},
        {"j/o officer " FOO "\n", ":1: each line must be"},
        {"jo officer " FOO "0\n", ":1: each line must be"},
        {"jo officer SHA256" FOO "\n", ":1: each line must be"},
        {"jo officer " FOO "\r\n", ":1: each line must be"},
        {"jo officer ehct_plaintext\n", ":1: each line must be"},
        {"jo officer " FOO "\n\njo reader " BAR "\n", ":3: jo is there twice"},
        {"jo officer " FOO "\ndi reader " FOO "\n", ":2: di has the token of jo"},
    };
    struct err e;
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_null(load(rows[i].content, 0600, &e));
        if (strstr(e.text, rows[i].says) == NULL || strstr(e.text, "2c26b") != NULL ||
            strstr(e.text, "ehct_p") != NULL)
            fail_msg("row %zu: %s", i, e.text);
    }
    assert_null(load("jo officer " FOO "\n", 0644, &e));
    assert_non_null(strstr(e.text, "opens a secret to others"));
}

static void test_make(void **state)
{
    char text[2][TOKEN_TEXT_LEN], hex[2][TOKEN_HEX_LEN], line[160];
    struct err e;
    (void)state;
    for (int i = 0; i < 2; i++) {
        assert_true(token_make(text[i], hex[i]));
        assert_int_equal(strlen(text[i]), TOKEN_TEXT_LEN - 1);
        assert_int_equal(
            strspn(text[i] + 5, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"), 43);
    }
    assert_string_not_equal(text[0], text[1]);
    snprintf(line, sizeof line, "jo operator sha256:%s\n", hex[0]);
    struct token_list *l = load(line, 0640, &e);
    assert_non_null(l);
    assert_int_equal(find(l, text[0])->role, TOKEN_OPERATOR);
    assert_null(find(l, text[1]));
    token_list_free(l);
}

static int setup(void **state)
{
    (void)state;
    int fd = mkstemp(path);
    return fd < 0 ? -1 : close(fd);
}

static int teardown(void **state)
{
    (void)state;
    return unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_find),     cmocka_unit_test(test_teams),   cmocka_unit_test(test_teams_most),
        cmocka_unit_test(test_password), cmocka_unit_test(test_refused), cmocka_unit_test(test_make),
    };
    return cmocka_run_group_tests(tests, setup, teardown) != 0;
}
