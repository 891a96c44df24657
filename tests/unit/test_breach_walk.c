#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "breach_walk.h"
#include "caseload_make.h"

#define CASES 2500

static int64_t noon(civil_day d)
{
    return ((int64_t)d * 86400 + 43200) * 1000000;
}

/* Requests of 2024 to 2026; every third decided in time, which for every ninth case was recorded in August 2026 only. */
static void make(struct made *m, const char *as_of)
{
    made_begin(m, made_day(as_of), LIMITS_ALL);
    for (int i = 1; i <= CASES; i++) {
        char ref[20];
        snprintf(ref, sizeof ref, "C-%05d", i);
        made_case(m, i, ref, i % 2 ? "North" : "South", "T", "", CIVIL_NONE);
    }
    for (int i = 1; i <= CASES; i++) {
        civil_day on = made_day("2024-01-01") + i * 7 % 900;
        made_fact(m, i, EV_REQUEST_RECEIVED, "", on);
        if (i % 3 == 0)
            made_fact_known(m, i, EV_ASSESS_REFUSED, "", on + 10,
                            i % 9 == 0 ? noon(made_day("2026-08-03")) : noon(on + 10), TIME_NONE);
    }
    made_end(m);
}

static struct judge_how how_of(const struct made *m, const char *as_of, int64_t known_at)
{
    return (struct judge_how){&m->rulebook, &m->calendar, m->words, made_day(as_of), known_at, LIMITS_ALL};
}

static struct breach_list *list_of(struct breach_walk *w, size_t *calls)
{
    int more;
    for (*calls = 0; (more = breach_walk_next(w)) == 1; ++*calls)
        ;
    assert_int_equal(more, 0);
    struct breach_list *list = breach_walk_list(w);
    assert_non_null(list);
    breach_walk_free(w);
    return list;
}

/* Row by row the list of a caseload that was evaluated for that date. */
static void check(struct made *now, const struct judge_how *how, struct made *then,
                  const struct breach_filter *f)
{
    size_t calls;
    struct breach_list *want = breach_list_new(then->snapshot, &then->rulebook, f),
                       *got = list_of(breach_walk_new(now->snapshot, how, f), &calls);
    assert_true(want->n > 0);
    assert_int_equal(calls, CASES / 256); /* and the last one, which says that there are no more */
    assert_int_equal(got->n, want->n);
    assert_int_equal(got->count.cases, want->count.cases);
    for (size_t i = 0; i < want->n; i++) {
        struct record_case a, b;
        const struct obligation *o = breach_list_obligation(want, i), *p = breach_list_obligation(got, i);
        record_head(breach_list_record(want, i), &a);
        record_head(breach_list_record(got, i), &b);
        assert_int_equal(a.id, b.id);
        assert_int_equal(o->limit, p->limit);
        assert_int_equal(o->due, p->due);
        assert_int_equal(o->state, p->state);
        assert_int_equal(o->days, p->days);
        assert_true(i == 0 || breach_list_obligation(got, i - 1)->due <= p->due);
    }
    breach_list_free(want);
    breach_list_free(got);
}

static void another_date(void **state)
{
    (void)state;
    static const char *const dates[] = {"2024-06-01", "2026-08-31", "2026-09-01", "2028-02-29"};
    struct made now;
    make(&now, "2026-09-01");
    for (size_t i = 0; i < sizeof dates / sizeof dates[0]; i++) {
        struct made then;
        struct judge_how how = how_of(&now, dates[i], KNOWN_NOW);
        make(&then, dates[i]);
        struct breach_filter f = breach_filter_default();
        check(&now, &how, &then, &f);
        f.kinds = ~0u;
        f.localities = (struct breach_places){1, {names_find(now.words->places, "South", 5)}};
        check(&now, &how, &then, &f);
        made_free(&then);
    }
    made_free(&now);
}

/* Before August 2026 nobody knew of some refusals: their cases were breached then, and were not as it is known now. */
static void what_was_known_then(void **state)
{
    (void)state;
    struct made m;
    make(&m, "2026-09-01");
    const uint64_t decision = LIMIT_BIT(limit_by_id("assess_decision_6w"));
    struct breach_filter f = breach_filter_default();
    f.limits = decision;
    for (int late = 0; late < 2; late++) {
        struct judge_how how =
            how_of(&m, "2026-09-01", late ? noon(made_day("2026-08-03")) : noon(made_day("2026-08-02")));
        bool ninth = false, third = false;
        size_t calls;
        struct breach_list *list = list_of(breach_walk_new(m.snapshot, &how, &f), &calls);
        for (size_t i = 0; i < list->n; i++) {
            struct record_case k;
            record_head(breach_list_record(list, i), &k);
            ninth |= k.id % 9 == 0;
            third |= k.id % 3 == 0 && k.id % 9 != 0;
        }
        assert_int_equal(ninth, !late);
        assert_false(third);
        assert_int_equal(list->n, CASES - CASES / 3 + (late ? 0 : CASES / 9));
        breach_list_free(list);
    }
    made_free(&m);
}

static void a_walk_outlives_the_next_poll(void **state)
{
    (void)state;
    struct made m;
    make(&m, "2026-09-01");
    struct breach_filter f = breach_filter_default();
    struct judge_how how = how_of(&m, "2026-08-01", KNOWN_NOW);
    struct breach_walk *w = breach_walk_new(m.snapshot, &how, &f);
    assert_int_equal(breach_walk_next(w), 1);
    snapshot_unref(m.snapshot);
    m.snapshot = NULL;
    while (breach_walk_next(w) == 1)
        ;
    struct breach_list *list = breach_walk_list(w);
    breach_walk_free(w); /* the list needs it no more */
    struct record_case k;
    record_head(breach_list_record(list, list->n - 1), &k);
    assert_memory_equal(k.ref, "C-", 2);
    breach_list_free(list);
    made_free(&m);
}

static void a_walk_that_is_left(void **state)
{
    (void)state;
    struct made m;
    make(&m, "2026-09-01");
    struct breach_filter f = breach_filter_default();
    struct judge_how how = how_of(&m, "2026-08-01", KNOWN_NOW);
    struct breach_walk *w = breach_walk_new(m.snapshot, &how, &f);
    assert_int_equal(breach_walk_next(w), 1);
    breach_walk_free(w);
    breach_walk_free(NULL);
    made_free(&m);
}

static void nothing_is_overdue(void **state)
{
    (void)state;
    struct made m;
    size_t calls;
    make(&m, "2026-09-01");
    struct breach_filter f = breach_filter_default();
    struct judge_how how = how_of(&m, "2014-09-01", KNOWN_NOW);
    struct breach_list *list = list_of(breach_walk_new(m.snapshot, &how, &f), &calls);
    assert_true(list->n == 0 && list->count.cases == 0);
    breach_list_free(list);
    made_free(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(another_date),
        cmocka_unit_test(what_was_known_then),
        cmocka_unit_test(a_walk_outlives_the_next_poll),
        cmocka_unit_test(a_walk_that_is_left),
        cmocka_unit_test(nothing_is_overdue),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
