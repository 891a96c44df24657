/* An allocator that can be told to fail, for test programs that are linked with WRAP_... := malloc calloc realloc reallocarray free
 * (tests.mk). Include it once. */
#ifndef EHCWATCH_TORTURE_H
#define EHCWATCH_TORTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static long asked, fail_from,
    fail_to;      /* requests fail_from..fail_to, counted from 1, get nothing; 0: none do */
static long live; /* blocks that were not given back */

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void *__real_reallocarray(void *p, size_t n, size_t size);
void __real_free(void *p);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);
void *__wrap_reallocarray(void *p, size_t n, size_t size);
void __wrap_free(void *p);

static bool fails(void)
{
    asked++;
    return asked >= fail_from && asked <= fail_to;
}

static void *counted(void *p, bool was_new)
{
    live += was_new && p != NULL;
    return p;
}

void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : counted(__real_malloc(size), true);
}

void *__wrap_calloc(size_t n, size_t size)
{
    return fails() ? NULL : counted(__real_calloc(n, size), true);
}

void *__wrap_realloc(void *p, size_t size)
{
    return fails() ? NULL : counted(__real_realloc(p, size), p == NULL);
}

void *__wrap_reallocarray(void *p, size_t n, size_t size)
{
    return fails() ? NULL : counted(__real_reallocarray(p, n, size), p == NULL);
}

void __wrap_free(void *p)
{
    live -= p != NULL;
    __real_free(p);
}

/* Runs it with each request failing in turn. `run` is true when all went well, and then nothing may have failed. */
static void torture(bool (*run)(void *ud), void *ud)
{
    for (int for_good = 0; for_good < 2; for_good++) {
        bool ok = false;
        long failed = 0;
        for (long n = 1; !ok; n++) {
            long before = live;
            asked = 0;
            fail_from = n;
            fail_to = for_good ? 1000000000 : n;
            ok = run(ud);
            fail_from = fail_to = 0;
            if (live != before)
                fail_msg("request %ld failed: %ld blocks were not given back", n, live - before);
            if (ok && asked >= n)
                fail_msg("request %ld failed and nobody noticed", n);
            failed += !ok;
        }
        assert_true(failed > 0);
    }
    asked = 0;
    assert_true(run(ud));
}

#endif
