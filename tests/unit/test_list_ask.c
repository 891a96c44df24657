#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "caseload_make.h"
#include "list_ask.h"

static void make(struct made *m)
{
    made_begin(m, made_day("2026-09-01"), LIMIT_BIT(limit_by_id("final_plan_20w")));
    made_case(m, 1, "A", "North, Upper", "One", "o", CIVIL_NONE);
    made_end(m);
}

/* Every word of a list is taken by somebody, and no other is. */
static void each_word(void **state)
{
    (void)state;
    struct made m;
    make(&m);
    for (int kind = 0; kind < LIST_KINDS; kind++)
        for (const char *const *word = list_ask_words[kind]; *word != NULL; word++) {
            struct list_ask a;
            struct err e = {""};
            list_ask_begin(&a, (enum list_kind)kind, &m.rulebook, m.snapshot);
            assert_false(list_ask_take(&a, *word, "?", &e));
            const bool of_the_caller = strcmp(*word, "as_of") == 0 || strcmp(*word, "known_at") == 0;
            assert_true(of_the_caller == (strstr(e.text, "no such parameter") != NULL));
        }
    made_free(&m);
}

static struct list_want want_of(struct made *m, enum list_kind kind, const char *words, long per_page)
{
    const struct judge_how how = {.rulebook = &m->rulebook, .as_of = m->snapshot->as_of};
    struct list_ask a;
    struct err e = {""};
    char text[200], *rest = NULL;
    snprintf(text, sizeof text, "%s", words);
    list_ask_begin(&a, kind, &m->rulebook, m->snapshot);
    for (char *word = strtok_r(text, "&", &rest); word != NULL; word = strtok_r(NULL, "&", &rest)) {
        char *value = strchr(word, '=');
        *value = '\0';
        if (!list_ask_take(&a, word, value + 1, &e))
            fail_msg("%s", e.text);
    }
    return list_ask_want(&a, &how, per_page);
}

static void what_it_comes_to(void **state)
{
    (void)state;
    struct made m;
    make(&m);
    const civil_day today = m.snapshot->as_of;
    struct list_want w = want_of(&m, LIST_BREACHES, "", 0);
    assert_true(w.sort == LIST_OWN_ORDER && w.per_page == 0 && w.page == 1);
    assert_int_equal(w.filter.states, 1u << STATE_BREACHED | 1u << STATE_EXCEPTED);
    assert_int_equal(w.filter.kinds, 1u << KIND_STATUTORY);
    assert_int_equal(w.filter.bands | w.filter.ages | w.filter.stages | w.filter.exceptions, 0);
    w = want_of(&m, LIST_BREACHES,
                "band=0-6,over 52&age=5-10&exception=none,unsupported&stage=plan&sort=-due_on", 0);
    assert_int_equal(w.filter.bands, 1u << 0 | 1u << 5);
    assert_int_equal(w.filter.ages, 1u << 1);
    assert_int_equal(w.filter.exceptions, 1u << EXCEPTION_NONE | 1u << EXCEPTION_UNSUPPORTED);
    assert_int_equal(w.filter.stages, 1u << STAGE_PLAN);
    assert_true(w.descending && w.sort == list_column(LIST_BREACHES, "due_on", 6));
    w = want_of(&m, LIST_DUE, "", 0);
    assert_int_equal(w.filter.due_by, today + 28);
    assert_int_equal(w.filter.states, 1u << STATE_ON_TRACK | 1u << STATE_AT_RISK);
    assert_int_equal(want_of(&m, LIST_DUE, "within=0", 0).filter.due_by, today);
    w = want_of(&m, LIST_CASES, "", 100);
    assert_true(!w.filter.some && w.per_page == 100 && w.page == 1);
    assert_true(want_of(&m, LIST_CASES, "limit=final_plan_20w", 0).filter.some);
    assert_true(want_of(&m, LIST_CASES, "state=met", 0).filter.some);
    assert_false(want_of(&m, LIST_CASES, "team=One&locality=North, Upper&band=0-6", 0).filter.some);
    w = want_of(&m, LIST_CASES, "page=3", 0);
    assert_true(w.page == 3 && w.per_page == LIST_PER_PAGE);
    w = want_of(&m, LIST_CASES, "per_page=7", 100);
    assert_true(w.page == 1 && w.per_page == 7);
    made_free(&m);
}

static void refused_by_name(void **state)
{
    static const struct {
        enum list_kind kind;
        const char *name, *value, *why;
    } cases[] = {
        {LIST_DUE, "within", "7x", "within=7x: not a number from 0 to 3660"},
        {LIST_DUE, "within", "99999999999999999999",
         "within=99999999999999999999: not a number from 0 to 3660"},
        {LIST_DUE, "within", " 7", "within= 7: not a number from 0 to 3660"},
        {LIST_DUE, "state", "met", "state=met: not one of on_track, at_risk"},
        {LIST_DUE, "exception", "none", "no such parameter: exception"},
        {LIST_BREACHES, "state", "at_risk", "state=at_risk: not one of breached, excepted"},
        {LIST_BREACHES, "sort", "",
         "sort=: not one of case_ref, limit, kind, subject, start_on, due_on, safe_on, act_by, "
         "state, exception, days, locality, team, officer, or one of them with a - before it"},
        {LIST_CASES, "band", "0-6,", "band=: not one of 0-6, 6-16, 16-20, 20-26, 26-52, over-52"},
        {LIST_CASES, "limit", "advice_6w", "limit=advice_6w: this limit is not under watch"},
        {LIST_CASES, "page", "0", "page=0: not a number from 1 to 1000000"},
    };
    (void)state;
    struct made m;
    make(&m);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct list_ask a;
        struct err e = {""};
        list_ask_begin(&a, cases[i].kind, &m.rulebook, m.snapshot);
        assert_false(list_ask_take(&a, cases[i].name, cases[i].value, &e));
        assert_string_equal(e.text, cases[i].why);
    }
    made_free(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_word),
        cmocka_unit_test(what_it_comes_to),
        cmocka_unit_test(refused_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
