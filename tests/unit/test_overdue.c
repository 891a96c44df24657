#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "caseload_make.h"
#include "overdue_paper.h"

/* As of 1 September 2026. Statutory: decide by +42, final plan by +140; a target: decide whether to issue by +112. */
static void make(struct made *m)
{
    made_begin(m, made_day("2026-09-01"), LIMITS_ALL & ~LIMIT_BIT(limit_by_id("draft_latest_workable")));
    made_case(m, 1, "A", "North", "One", "o1", CIVIL_NONE);
    made_case(m, 2, "B", "North", "Two", "o1", CIVIL_NONE);
    made_case(m, 3, "C", "", "One", "o1", CIVIL_NONE);
    made_case(m, 4, "D", "East", "", "", CIVIL_NONE);
    made_claim(m, 2, GROUND_CLAIMED, CIVIL_NONE, CIVIL_NONE);
    made_fact(m, 1, EV_REQUEST_RECEIVED, "parent", made_day("2026-01-05")); /* both overdue: 16 Feb, 25 May */
    made_fact(m, 2, EV_REQUEST_RECEIVED, "parent", made_day("2026-02-02")); /* the plan, excepted: 22 Jun */
    made_fact(m, 2, EV_ASSESS_AGREED, "", made_day("2026-03-01"));
    made_fact(m, 3, EV_REQUEST_RECEIVED, "parent", made_day("2026-07-28")); /* decide by 8 Sep: in 7 days */
    made_fact(m, 4, EV_REQUEST_RECEIVED, "parent", made_day("2026-04-29")); /* the plan by 16 Sep: in 15 */
    made_fact(m, 4, EV_ASSESS_AGREED, "", made_day("2026-06-01"));
    made_end(m);
}

static struct overdue *count(struct made *m, const struct judge_how *how)
{
    struct overdue *o = overdue_new(how, m->snapshot->limits);
    assert_non_null(o);
    struct case_visitor visitor = {overdue_visit, o};
    struct case_walk *w = case_walk_new(m->snapshot, how, &visitor, 1);
    assert_non_null(w);
    while (case_walk_next(w, 1) > 0) {
    }
    case_walk_free(w);
    assert_int_equal(overdue_finish(o), 0);
    return o;
}

static void is(const struct overdue_count *c, unsigned overdue, unsigned excepted, unsigned cases,
               unsigned excepted_cases, unsigned due_7, unsigned due_14, unsigned due_28, const char *oldest)
{
    assert_int_equal(c->overdue, overdue);
    assert_int_equal(c->excepted, excepted);
    assert_int_equal(c->cases, cases);
    assert_int_equal(c->excepted_cases, excepted_cases);
    assert_int_equal(c->due[0], due_7);
    assert_int_equal(c->due[1], due_14);
    assert_int_equal(c->due[2], due_28);
    assert_int_equal(c->oldest, oldest != NULL ? made_day(oldest) : CIVIL_NONE);
}

static const struct overdue_count *of(const struct overdue *o, const struct overdue_places *p,
                                      const char *name)
{
    for (size_t i = 0; i < p->n; i++)
        if (strcmp(names_text(o->how->words->places, p->row[i].place), name) == 0)
            return &p->row[i].count;
    fail_msg("no place %s", name);
    return NULL;
}

static void what_is_overdue_and_what_will_be(void **state)
{
    struct made m;
    (void)state;
    make(&m);
    const struct judge_how how = {&m.rulebook,       &m.calendar, m.words,
                                  m.snapshot->as_of, KNOWN_NOW,   m.snapshot->limits};
    struct overdue *o = count(&m, &how);
    is(&o->all, 3, 1, 2, 1, 1, 1, 2, "2026-02-16");
    is(&o->limit[limit_by_id("final_plan_20w")], 2, 1, 2, 1, 0, 0, 1, "2026-05-25");
    is(&o->limit[limit_by_id("assess_decision_6w")], 1, 0, 1, 0, 1, 1, 1, "2026-02-16");
    is(&o->limit[limit_by_id("issue_decision_16w")], 3, 0, 3, 0, 0, 0, 0,
       "2026-04-27"); /* a target: not in the sums */
    is(&o->limit[limit_by_id("draft_latest_workable")], 0, 0, 0, 0, 0, 0, 0, NULL); /* not under watch */
    assert_int_equal(o->localities.n, 3);
    is(of(o, &o->localities, "North"), 3, 1, 2, 1, 0, 0, 0, "2026-02-16");
    is(of(o, &o->localities, ""), 0, 0, 0, 0, 1, 1, 1, NULL);
    is(of(o, &o->localities, "East"), 0, 0, 0, 0, 0, 0, 1, NULL);
    is(of(o, &o->teams, "One"), 2, 0, 1, 0, 1, 1, 1, "2026-02-16");
    is(of(o, &o->teams, "Two"), 1, 1, 1, 1, 0, 0, 0, "2026-06-22");
    overdue_free(o);
    made_free(&m);
}

static void the_paper(void **state)
{
    struct made m;
    struct buf b = {0};
    (void)state;
    make(&m);
    const struct judge_how how = {&m.rulebook,       &m.calendar, m.words,
                                  m.snapshot->as_of, KNOWN_NOW,   m.snapshot->limits};
    struct overdue *o = count(&m, &how);
    struct paper *p = overdue_paper_new(o);
    assert_non_null(p);
    const struct table *teams = paper_table(p, "teams"), *limits = paper_table(p, "limits");
    table_csv_header(&b, teams);
    for (size_t i = 0; i < teams->n_rows; i++)
        table_csv_row(&b, teams, i);
    assert_string_equal(
        b.p, "team,overdue,overdue_without_exceptions,cases,oldest_due_on,longest_overdue_days,due_in_7_days,"
             "due_in_14_days,due_in_28_days\n"
             ",0,0,0,,,0,0,1\nOne,2,2,1,2026-02-16,197,1,1,1\nTwo,1,0,1,2026-06-22,71,0,0,0\n");
    b.n = 0;
    table_csv_row(&b, limits, 0);
    assert_string_equal(b.p,
                        "assess_decision_6w,Decide whether to assess,statutory,1,1,1,2026-02-16,197,1,1,1\n");
    assert_int_equal(limits->n_rows, m.rulebook.n - 1);
    b.n = 0;
    p->words(&b, p);
    assert_string_equal(b.p, "3 statutory time limits are overdue, in 2 cases; without those that an "
                             "exception disapplies: 2 in 1.\n"
                             "The longest has been overdue since 16 February 2026. 1 more end within 7 days, "
                             "1 within 14, 2 within 28, if nothing is done.\n");
    buf_free(&b);
    paper_free(p);
    overdue_free(o);
    made_free(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_overdue_and_what_will_be),
        cmocka_unit_test(the_paper),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
