#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "case_walk.h"
#include "caseload_make.h"

#define CASES 2500

/* Requests of 2024 to 2026, every third decided ten days later. */
static void make(struct made *m)
{
    made_begin(m, made_day("2026-09-01"), LIMITS_ALL);
    for (int i = 1; i <= CASES; i++) {
        char ref[20];
        snprintf(ref, sizeof ref, "C-%05d", i);
        made_case(m, i, ref, "North", "T", "", CIVIL_NONE);
    }
    for (int i = 1; i <= CASES; i++) {
        civil_day on = made_day("2024-01-01") + i * 7 % 900;
        made_fact(m, i, EV_REQUEST_RECEIVED, "", on);
        if (i % 3 == 0)
            made_fact(m, i, EV_ASSESS_REFUSED, "", on + 10);
    }
    made_end(m);
}

struct count {
    const struct snapshot *snapshot;
    size_t cases, stop_after;
    int64_t last;
    struct tally tally;
};

static bool count(void *ud, const struct case_seen *seen)
{
    struct count *c = ud;
    assert_true(seen->head->id > c->last);
    assert_ptr_equal(seen->record, snapshot_case_by_ref(c->snapshot, seen->head->ref, seen->head->ref_len));
    c->last = seen->head->id;
    c->tally.cases[seen->stage]++;
    for (size_t i = 0; i < seen->n; i++)
        c->tally.states[seen->obligations[i].limit][seen->obligations[i].state]++;
    return ++c->cases != c->stop_after;
}

static struct case_walk *begin(struct made *m, struct count *c)
{
    const struct judge_how how = {&m->rulebook,       &m->calendar, m->words,
                                  m->snapshot->as_of, KNOWN_NOW,    LIMITS_ALL};
    struct case_walk *w =
        case_walk_new(m->snapshot, &how, (struct case_visitor[]){{count, &c[0]}, {count, &c[1]}}, 2);
    assert_non_null(w);
    c[0].snapshot = c[1].snapshot = m->snapshot;
    return w;
}

/* Each visitor sees each case once, in order of id, and what was counted is what the evaluation of the snapshot counted. */
static void sees_all(void **state)
{
    (void)state;
    struct made m;
    make(&m);
    for (size_t slice = 1; slice < 3000; slice = slice * 7 + 1) {
        struct count c[2] = {0};
        struct case_walk *w = begin(&m, c);
        int more;
        size_t calls = 0;
        while ((more = case_walk_next(w, slice)) == 1)
            calls++;
        assert_int_equal(more, 0);
        assert_true(calls <= CASES / slice + 1 && (calls + 1) * slice >= CASES);
        for (int v = 0; v < 2; v++) {
            assert_int_equal(c[v].cases, CASES);
            assert_memory_equal(c[v].tally.states, m.snapshot->tally.states, sizeof m.snapshot->tally.states);
            assert_memory_equal(c[v].tally.cases, m.snapshot->tally.cases, sizeof m.snapshot->tally.cases);
        }
        case_walk_free(w);
    }
    made_free(&m);
}

/* A visitor that has run out of memory ends the walk: the next visitor is not told, and it stays failed. */
static void stops(void **state)
{
    (void)state;
    struct made m;
    make(&m);
    struct count c[2] = {0};
    c[0].stop_after = 1500;
    struct case_walk *w = begin(&m, c);
    assert_int_equal(case_walk_next(w, SIZE_MAX), -1);
    assert_int_equal(case_walk_next(w, SIZE_MAX), -1);
    assert_int_equal(c[0].cases, 1500);
    assert_int_equal(c[1].cases, 1499);
    case_walk_free(w);
    made_free(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sees_all),
        cmocka_unit_test(stops),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
