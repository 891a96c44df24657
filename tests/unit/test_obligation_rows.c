#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "casework.h"
#include "obligation_rows.h"

/* A row the plain way, field by field. */
static void plain_row(const struct obligation_text *t, const char *ref, const struct obligation *o,
                      struct buf *b)
{
    char text[CIVIL_TEXT_LEN];
    const civil_day dates[] = {o->start, o->due, obligation_safe_on(t->rulebook, o),
                               obligation_act_by(t->rulebook, t->calendar, o)};
    buf_csv(b, ref);
    buf_printf(b, ",%s,", obligation_limit(t->rulebook, o)->id);
    buf_csv(b, names_text(t->subjects, o->subject));
    for (size_t i = 0; i < sizeof dates / sizeof dates[0]; i++)
        buf_printf(b, ",%s", civil_format(dates[i], text));
    buf_printf(b, ",%s,%s,%d\n", state_name((enum state)o->state), civil_format(o->closed, text), o->days);
}

static int compare(const struct obligation_text *t, const struct obligation *a, const struct obligation *b)
{
    char x[CIVIL_TEXT_LEN], y[CIVIL_TEXT_LEN];
    int c = strcmp(obligation_limit(t->rulebook, a)->id, obligation_limit(t->rulebook, b)->id);
    if (c == 0)
        c = strcmp(names_text(t->subjects, a->subject), names_text(t->subjects, b->subject));
    if (c == 0)
        c = strcmp(civil_format(a->start, x), civil_format(b->start, y));
    if (c == 0)
        c = strcmp(civil_format(a->closed, x), civil_format(b->closed, y));
    return c != 0 ? c : strcmp(state_name((enum state)a->state), state_name((enum state)b->state));
}

static civil_day some_day(struct rng *r)
{
    return rng_one_in(r, 4) ? rng_between(r, CIVIL_FIRST + 800, CIVIL_LAST - 800)
                            : rng_between(r, 20000, 20020);
}

static struct obligation some_obligation(struct rng *r, const struct rulebook *rb, uint32_t subjects)
{
    struct obligation o = {
        .limit = (uint8_t)rng_below(r, (uint32_t)rb->n),
        .state = (uint8_t)rng_below(r, STATE_COUNT),
        .subject = rng_one_in(r, 2) ? SUBJECT_NONE : rng_below(r, subjects),
        .start = some_day(r),
        .due = some_day(r),
        .closed = rng_one_in(r, 2) ? CIVIL_NONE : some_day(r),
        .days = rng_one_in(r, 3) ? rng_between(r, 0, 20) : rng_between(r, -100000, 100000),
    };
    for (size_t i = 0; i < rb->n_later; i++) /* the rules of later versions */
        if (strcmp(rb->later[i].limit->id, rb->rule[o.limit].limit->id) == 0 && rng_one_in(r, 2))
            o.version = (uint8_t)(i + 1);
    return o;
}

/* Whatever is in them, the rows are those written field by field, in the order of their bytes. */
static void rows_as_field_by_field(void **state)
{
    (void)state;
    static const char *const refs[] = {"EHC-0000001", "", "a, \"b\"", "two\nlines",
                                       "a reference that is longer than any step of sixteen bytes, by far"};
    static const struct limit again = {.id = "final_plan_20w",
                                       .title = "another count",
                                       .starts = {{EV_REQUEST_RECEIVED, SUBJECT_NONE}},
                                       .discharged_by = {{EV_PLAN_ISSUED, SUBJECT_NONE}},
                                       .count = COUNT_WORKING_DAYS_AFTER,
                                       .n = 100,
                                       .in_force_from = 20000,
                                       .citation = "none"};
    struct rng r = rng_seeded("obligation_rows");
    struct rulebook rb;
    struct calendar cal;
    struct names *subjects = names_new_subjects();
    rulebook_builtin(&rb);
    calendar_builtin(&cal);
    assert_true(rulebook_add(&rb, &again));
    assert_int_not_equal(names_add(subjects, "St Mary's, \"lower\"", 18), NAMES_FULL);
    assert_int_not_equal(names_add(subjects, "a school", 8), NAMES_FULL);
    const struct obligation_text t = {&rb, &cal, subjects};
    struct obligation_rows *rows = obligation_rows_new(&t, 20005, 20015);
    assert_non_null(rows);
    for (int round = 0; round < 2000; round++) {
        struct obligation o[40], sorted[40];
        struct buf want = {0}, got = {0};
        size_t n = rng_below(&r, 40);
        const char *ref = refs[rng_below(&r, 5)];
        for (size_t i = 0; i < n; i++)
            o[i] = rng_one_in(&r, 3) && i > 0 ? o[rng_below(&r, (uint32_t)i)]
                                              : some_obligation(&r, &rb, (uint32_t)names_count(subjects));
        obligation_rows_sort(rows, o, n, sorted);
        buf_text(&want, "before\n");
        buf_text(&got, "before\n");
        for (size_t i = 0; i < n; i++) {
            assert_true(i == 0 || compare(&t, &sorted[i - 1], &sorted[i]) <= 0);
            plain_row(&t, ref, &sorted[i], &want);
        }
        obligation_rows_csv(rows, &got, ref, sorted, n);
        assert_string_equal(got.p, want.p);
        for (size_t i = 0; i < n; i++) { /* and they are those that came */
            size_t in = 0, out = 0;
            for (size_t k = 0; k < n; k++) {
                in += memcmp(&o[k], &o[i], sizeof o[i]) == 0;
                out += memcmp(&sorted[k], &o[i], sizeof o[i]) == 0;
            }
            assert_int_equal(in, out);
        }
        buf_free(&want);
        buf_free(&got);
    }
    obligation_rows_free(rows);
    obligation_rows_free(NULL);
    names_free(subjects);
}

static void dates_anywhere(void **state)
{
    (void)state;
    struct rulebook rb;
    struct calendar cal;
    struct names *subjects = names_new_subjects();
    rulebook_builtin(&rb);
    calendar_builtin(&cal);
    const struct obligation_text t = {&rb, &cal, subjects};
    struct obligation_rows *none = obligation_rows_new(&t, 10, 9),
                           *some = obligation_rows_new(&t, 15000, 21000);
    for (civil_day d = 14990; d < 21010; d++) {
        const struct obligation o = {.limit = 0, .start = d, .due = d, .closed = d};
        struct buf want = {0}, a = {0}, b = {0};
        plain_row(&t, "R", &o, &want);
        obligation_rows_csv(none, &a, "R", &o, 1);
        obligation_rows_csv(some, &b, "R", &o, 1);
        assert_string_equal(a.p, want.p);
        assert_string_equal(b.p, want.p);
        buf_free(&want);
        buf_free(&a);
        buf_free(&b);
    }
    obligation_rows_free(none);
    obligation_rows_free(some);
    names_free(subjects);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_as_field_by_field),
        cmocka_unit_test(dates_anywhere),
    };
    return cmocka_run_group_tests_name("obligation_rows", tests, NULL, NULL) != 0;
}
