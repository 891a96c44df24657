#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "casework.h"
#include "pieces.h"

struct job {
    int n, stop_at;       /* pieces there are; the one after which nothing more is wanted */
    int taken, given;     /* so far */
    int cleared;          /* pieces */
    bool in_order, clean; /* what came back; pieces were as they had been left */
};

struct piece {
    struct job *job;
    int number, square;
    char *kept; /* from one use to the next */
};

static bool take(void *ud, void *piece)
{
    struct job *j = ud;
    struct piece *p = piece;
    j->clean &= (p->job == NULL) == (p->kept == NULL);
    if (j->taken == j->n)
        return false;
    p->job = j;
    p->number = j->taken++;
    return true;
}

/* The first pieces are the slowest, so that later ones are done before them. */
static void work(void *ud, void *piece)
{
    struct piece *p = piece;
    const struct job *j = ud;
    if (p->kept == NULL)
        p->kept = malloc(1);
    volatile int spin = (j->n - p->number) % 7 * 2000;
    while (spin > 0)
        spin--;
    p->square = p->number * p->number;
}

static bool give(void *ud, void *piece)
{
    struct job *j = ud;
    const struct piece *p = piece;
    j->in_order &= p->number == j->given && p->square == p->number * p->number;
    return ++j->given != j->stop_at;
}

static void clear(void *piece)
{
    struct piece *p = piece;
    if (p->job != NULL)
        p->job->cleared++;
    free(p->kept);
}

static const struct pieces pieces = {sizeof(struct piece), take, work, give, clear};

static void all_are_given_in_order(void **state)
{
    (void)state;
    for (unsigned threads = 1; threads <= PIECES_MOST + 2; threads++)
        for (int n = 0; n < 60; n += 1 + n / 3) {
            struct job j = {.n = n, .in_order = true, .clean = true};
            assert_true(pieces_run(&pieces, &j, threads));
            assert_int_equal(j.taken, n);
            assert_int_equal(j.given, n);
            assert_true(j.in_order && j.clean);
            assert_true(j.cleared <= n && (n == 0 || j.cleared > 0));
        }
}

static void nothing_is_given_after_the_last_one_wanted(void **state)
{
    (void)state;
    for (unsigned threads = 1; threads <= 8; threads++)
        for (int stop_at = 1; stop_at < 40; stop_at++) {
            struct job j = {.n = 1000, .stop_at = stop_at, .in_order = true, .clean = true};
            assert_true(pieces_run(&pieces, &j, threads));
            assert_int_equal(j.given, stop_at);
            assert_true(j.in_order && j.taken < j.n);
        }
}

static void one_thread_is_the_caller(void **state)
{
    (void)state;
    struct job j = {.n = 5, .in_order = true, .clean = true};
    assert_true(pieces_run(&pieces, &j, 1));
    assert_int_equal(j.cleared, 1);
    assert_in_range(pieces_cores(), 1, PIECES_MOST);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_are_given_in_order),
        cmocka_unit_test(nothing_is_given_after_the_last_one_wanted),
        cmocka_unit_test(one_thread_is_the_caller),
    };
    return cmocka_run_group_tests_name("pieces", tests, NULL, NULL) != 0;
}
