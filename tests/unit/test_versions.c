/* Effective dating: an obligation keeps the law of its start date. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "evaluate.h"

struct seen {
    struct obligation o[8];
    size_t n;
};

static void keep(void *ud, const struct obligation *o)
{
    struct seen *s = ud;
    assert_true(s->n < 8);
    s->o[s->n++] = *o;
}

static civil_day day(const char *text)
{
    civil_day d;
    assert_true(civil_parse(text, 10, &d));
    return d;
}

static const char *text(civil_day d)
{
    static char out[4][CIVIL_TEXT_LEN];
    static unsigned at;
    return civil_format(d, out[at++ % 4]);
}

/* The annual review as it is, and a fictional law of 2029 that asks for one at the end of each key stage: three years. */
static void two_versions(struct rulebook *rb, struct limit rows[2])
{
    rows[0] = rows[1] = *limit_at((size_t)limit_by_id("annual_review_12m"));
    rows[0].in_force_to = rows[1].in_force_from = day("2029-09-01");
    rows[1].n = 36;
    rows[1].citation = "a fictional Act of 2029";
    memset(rb, 0, sizeof *rb);
    assert_true(rulebook_add(rb, &rows[0]));
    assert_true(rulebook_add(rb, &rows[1]));
    assert_int_equal(rb->n, 1);
    assert_int_equal(rb->n_later, 1);
}

static void evaluate_at(const struct rulebook *rb, struct fact *facts, size_t n, const char *as_of,
                        struct seen *s)
{
    struct calendar cal;
    struct case_facts cf = {.facts = facts, .n = n, .born = CIVIL_NONE};
    struct names *subjects = names_new_subjects();
    calendar_builtin(&cal);
    facts_settle(&cf, subjects, day(as_of));
    s->n = 0;
    evaluate(rb, &cal, &cf, day(as_of), LIMITS_ALL, keep, s);
    names_free(subjects);
}

static void old_obligations_keep_the_old_law(void **state)
{
    struct rulebook rb;
    struct limit rows[2];
    struct seen s;
    (void)state;
    two_versions(&rb, rows);
    struct fact facts[] = {
        {.on = day("2028-10-10"), .event = EV_PLAN_ISSUED},
        {.on = day("2029-10-20"), .event = EV_REVIEW_DECIDED_MAINTAIN},
    };
    evaluate_at(&rb, facts, 2, "2030-01-01", &s);
    assert_int_equal(s.n, 2);
    /* Started under the old law: twelve months, although it closes when the new one is in force. */
    assert_string_equal(text(s.o[0].due), "2029-10-09");
    assert_int_equal(s.o[0].state, STATE_MET_LATE);
    assert_string_equal(obligation_limit(&rb, &s.o[0])->citation, rows[0].citation);
    /* Started under the new one. */
    assert_string_equal(text(s.o[1].due), "2032-10-19");
    assert_int_equal(s.o[1].state, STATE_ON_TRACK);
    assert_string_equal(obligation_limit(&rb, &s.o[1])->citation, "a fictional Act of 2029");
}

static void the_change_is_to_the_day(void **state)
{
    static const struct {
        const char *start, *due;
    } rows_[] = {{"2029-08-31", "2030-08-30"}, {"2029-09-01", "2032-08-31"}};
    struct rulebook rb;
    struct limit rows[2];
    struct seen s;
    (void)state;
    two_versions(&rb, rows);
    for (size_t i = 0; i < 2; i++) {
        struct fact fact = {.on = day(rows_[i].start), .event = EV_PLAN_ISSUED};
        evaluate_at(&rb, &fact, 1, "2030-01-01", &s);
        assert_int_equal(s.n, 1);
        assert_string_equal(text(s.o[0].due), rows_[i].due);
    }
}

static void a_gap_in_the_law_opens_nothing(void **state)
{
    struct rulebook rb;
    struct limit rows[2];
    struct seen s;
    (void)state;
    two_versions(&rb, rows);
    rows[1].in_force_from = day("2029-10-01");
    struct fact fact = {.on = day("2029-09-15"), .event = EV_PLAN_ISSUED};
    evaluate_at(&rb, &fact, 1, "2030-01-01", &s);
    assert_int_equal(s.n, 0);
}

static void the_rulebook_fills_up(void **state)
{
    struct rulebook rb;
    struct limit row = *limit_at(0);
    (void)state;
    rulebook_builtin(&rb);
    assert_int_equal(rb.n, limit_count());
    for (size_t i = 0; i < LATER_MAX; i++)
        assert_true(rulebook_add(&rb, &row));
    assert_false(rulebook_add(&rb, &row));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(old_obligations_keep_the_old_law),
        cmocka_unit_test(the_change_is_to_the_day),
        cmocka_unit_test(a_gap_in_the_law_opens_nothing),
        cmocka_unit_test(the_rulebook_fills_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
