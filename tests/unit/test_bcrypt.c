/* Passwords looked at on a thread: right and wrong, in their turn, a full queue, and forgotten ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <crypt.h>
#include <ev.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bcrypt.h"

struct asked {
    struct ev_loop *loop;
    unsigned left, order[BCRYPT_QUEUE], n;
    bool right[BCRYPT_QUEUE];
};

struct one {
    struct asked *all;
    unsigned number;
};

static void on_looked(void *ud, bool right)
{
    struct one *o = ud;
    struct asked *a = o->all;
    a->order[a->n++] = o->number;
    a->right[o->number] = right;
    if (--a->left == 0)
        ev_break(a->loop, EVBREAK_ALL);
}

static const char *hash_of(const char *password)
{
    static char hash[100];
    struct crypt_data *data = calloc(1, sizeof *data);
    const char *made = crypt_r(password, "$2b$04$abcdefghijklmnopqrstuu", data);
    assert_non_null(made);
    snprintf(hash, sizeof hash, "%s", made);
    free(data);
    return hash;
}

static void test_turns(void **state)
{
    static const struct {
        const char *password;
        bool known, right;
    } rows[] = {{"open sesame", true, true}, {"open sesam", true, false},   {"open sesame", false, false},
                {"", true, false},           {"open sesame ", true, false}, {"open sesame", true, true}};
    enum { N = sizeof rows / sizeof rows[0] };
    (void)state;
    struct asked a = {.loop = ev_loop_new(0), .left = N};
    struct one ones[N];
    struct bcrypt *b = bcrypt_new(a.loop);
    const char *hash = hash_of("open sesame");
    for (unsigned i = 0; i < N; i++) {
        ones[i] = (struct one){&a, i};
        assert_non_null(bcrypt_ask(b, hash, rows[i].known, rows[i].password, on_looked, &ones[i]));
    }
    assert_int_equal(a.n, 0); /* nobody is called from within */
    ev_run(a.loop, 0);
    assert_int_equal(a.n, N);
    for (unsigned i = 0; i < N; i++) {
        assert_int_equal(a.order[i], i);
        assert_int_equal(a.right[i], rows[i].right);
    }
    bcrypt_free(b);
    ev_loop_destroy(a.loop);
}

static void test_full(void **state)
{
    (void)state;
    struct asked a = {.loop = ev_loop_new(0), .left = 1};
    struct one ones[BCRYPT_QUEUE];
    struct bcrypt_job *jobs[BCRYPT_QUEUE];
    struct bcrypt *b = bcrypt_new(a.loop);
    const char *hash = hash_of("x");
    for (unsigned i = 0; i < BCRYPT_QUEUE; i++) {
        ones[i] = (struct one){&a, i};
        jobs[i] = bcrypt_ask(b, hash, true, "x", on_looked, &ones[i]);
        assert_non_null(jobs[i]);
    }
    assert_null(bcrypt_ask(b, hash, true, "x", on_looked, &ones[0]));
    for (unsigned i = 0; i < BCRYPT_QUEUE - 1; i++)
        bcrypt_forget(jobs[i]);
    ev_run(a.loop, 0); /* the last is left */
    assert_int_equal(a.n, 1);
    assert_int_equal(a.order[0], BCRYPT_QUEUE - 1);
    assert_non_null(bcrypt_ask(b, hash, true, "x", on_looked, &ones[0]));
    bcrypt_free(b); /* with one on the thread: nobody is told */
    assert_int_equal(a.n, 1);
    ev_loop_destroy(a.loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_turns), cmocka_unit_test(test_full)};
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
