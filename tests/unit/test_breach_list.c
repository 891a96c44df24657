#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "breach_list.h"
#include "caseload_make.h"

#define ADVICE                                                                                               \
    25 /* days on which advice was asked for: the same for many cases, so that order among equals shows */

/* 3,000 cases with three claimed exceptions in ten, requests of 2023 to 2026, advice asked for and not given. */
static int setup(void **state)
{
    static struct made m;
    static const char *const places[] = {"North", "South", "East", ""};
    static const char *const teams[] = {"One", "Two", "North"};
    made_begin(&m, made_day("2026-09-01"), LIMITS_ALL);
    for (int i = 1; i <= 3000; i++) {
        char ref[20], officer[20];
        snprintf(ref, sizeof ref, "C-%05d", i);
        snprintf(officer, sizeof officer, "o%d", i % 7);
        made_case(&m, i, ref, places[i % 4], teams[i % 3], officer, CIVIL_NONE);
    }
    for (int i = 1; i <= 3000; i++)
        if (i % 10 < 3)
            made_claim(&m, i, GROUND_PERSONAL, made_day("2022-01-01"), CIVIL_NONE);
    for (int i = 1; i <= 3000; i++) {
        made_fact(&m, i, EV_REQUEST_RECEIVED, "", made_day("2023-01-01") + i * 7 % 1300);
        if (i % 2 == 0)
            made_fact(&m, i, EV_ADVICE_REQUESTED, "health", made_day("2026-06-01") + i % ADVICE);
    }
    made_end(&m);
    *state = &m;
    return 0;
}

static int teardown(void **state)
{
    made_free(*state);
    return 0;
}

static uint32_t place(const struct made *m, const char *name)
{
    uint32_t n = names_find(m->words->places, name, strlen(name));
    assert_int_not_equal(n, NAMES_FULL);
    return n;
}

/* What the filter lets through, counted the slow way. */
static size_t expected(const struct made *m, const struct breach_filter *f, size_t *cases)
{
    size_t n = 0;
    *cases = 0;
    for (size_t s = 0; s < m->snapshot->n_slots; s++) {
        const struct slot *slot = &m->snapshot->slot[s];
        int64_t last = -1;
        for (size_t i = 0; i < slot->verdict->n_listed; i++) {
            const struct listed *l = &slot->verdict->listed[i];
            const struct limit *limit = m->rulebook.rule[l->obligation.limit].limit;
            struct record_case k;
            record_head(slot->chunk->data + slot->chunk->offset[l->at], &k);
            bool passes = (f->limits >> l->obligation.limit & 1) && (f->kinds >> limit->kind & 1) &&
                          (f->states >> l->obligation.state & 1);
            const struct breach_places *p[] = {&f->localities, &f->teams, &f->officers};
            const uint32_t of[] = {k.locality, k.team, k.officer};
            for (int a = 0; a < 3; a++) {
                bool found = p[a]->n == 0;
                for (size_t b = 0; b < p[a]->n; b++)
                    found |= p[a]->number[b] == of[a];
                passes &= found;
            }
            if (!passes)
                continue;
            n++;
            *cases += k.id != last;
            last = k.id;
        }
    }
    return n;
}

/* The list has just what the filter lets through, in order, and says how much; returns how much. */
static size_t check(struct made *m, const struct breach_filter *f)
{
    size_t cases, n = expected(m, f, &cases);
    struct breach_list *list = breach_list_new(m->snapshot, &m->rulebook, f);
    assert_non_null(list);
    assert_int_equal(list->n, n);
    assert_int_equal(list->count.cases, cases);
    civil_day due = CIVIL_NONE;
    int64_t id = -1;
    int limit = -1;
    for (size_t i = 0; i < list->n; i++) {
        const struct obligation *o = breach_list_obligation(list, i);
        struct record_case k;
        record_head(breach_list_record(list, i), &k);
        assert_true(o->due > due || (o->due == due && k.id > id) ||
                    (o->due == due && k.id == id && o->limit > limit));
        assert_int_equal(o->due, list->rows[i].due);
        due = o->due;
        id = k.id;
        limit = o->limit;
    }
    breach_list_free(list);
    return n;
}

static void what_is_shown_unless_asked_otherwise(void **state)
{
    struct made *m = *state;
    struct breach_filter f = breach_filter_default();
    size_t n = check(m, &f);
    assert_true(n > 3000);
    f.kinds = ~0u;
    assert_true(check(m, &f) > n);
}

static void every_part_of_the_filter(void **state)
{
    struct made *m = *state;
    struct breach_filter f = breach_filter_default();
    size_t all = check(m, &f);
    f.limits = LIMIT_BIT(limit_by_id("final_plan_20w"));
    size_t plans = check(m, &f);
    assert_true(plans > 0 && plans < all);
    f.limits = LIMIT_BIT(limit_by_id("issue_decision_16w")); /* a target */
    assert_int_equal(check(m, &f), 0);
    f = breach_filter_default();
    f.states = 1u << STATE_BREACHED;
    size_t breached = check(m, &f);
    f.states = 1u << STATE_EXCEPTED;
    size_t excepted = check(m, &f);
    assert_true(breached > 0 && excepted > 0);
    assert_int_equal(breached + excepted, all);
    f = breach_filter_default();
    f.localities = (struct breach_places){2, {place(m, "North"), place(m, "")}};
    size_t two = check(m, &f);
    assert_true(two > 0 && two < all);
    f.teams = (struct breach_places){1, {place(m, "North")}};
    size_t north = check(m, &f);
    assert_true(north > 0 && north < two);
    f.officers = (struct breach_places){1, {place(m, "o3")}};
    assert_true(check(m, &f) < north && check(m, &f) > 0);
    f.officers = (struct breach_places){1, {place(m, "South")}}; /* a locality, not an officer */
    assert_int_equal(check(m, &f), 0);
}

static void the_list_outlives_the_next_poll(void **state)
{
    struct made *m = *state;
    struct breach_filter f = breach_filter_default();
    struct snapshot *s = snapshot_ref(m->snapshot);
    unsigned refs = s->refs;
    struct breach_list *list = breach_list_new(s, &m->rulebook, &f);
    assert_int_equal(s->refs, refs + 1);
    breach_list_free(list);
    assert_int_equal(s->refs, refs);
    snapshot_unref(s);
    breach_list_free(NULL);
}

/* Not all databases keep to the dates that people have: the sort takes any. */
static void dates_far_apart_are_sorted(void **state)
{
    (void)state;
    struct made m;
    made_begin(&m, made_day("2026-09-01"), LIMITS_ALL);
    for (int i = 0; i < 50; i++)
        made_case(&m, i, "x", "", "", "", CIVIL_NONE);
    for (int i = 0; i < 50; i++)
        made_fact(&m, i, EV_REQUEST_RECEIVED, "", made_day("2025-01-01"));
    made_end(&m);
    struct verdict *v = m.snapshot->slot[0].verdict;
    for (size_t i = 0; i < v->n_listed; i++)
        v->listed[i].obligation.due = (civil_day)((int64_t)(i * 7919 % 61) * 70000001 - 2100000000);
    struct breach_filter f = breach_filter_default();
    assert_true(check(&m, &f) >= 100);
    made_free(&m);
}

static void an_empty_caseload(void **state)
{
    (void)state;
    struct made m;
    struct breach_filter f = breach_filter_default();
    made_begin(&m, made_day("2026-09-01"), LIMITS_ALL);
    made_end(&m);
    assert_int_equal(check(&m, &f), 0);
    made_free(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_shown_unless_asked_otherwise),
        cmocka_unit_test(every_part_of_the_filter),
        cmocka_unit_test(the_list_outlives_the_next_poll),
        cmocka_unit_test(dates_far_apart_are_sorted),
        cmocka_unit_test(an_empty_caseload),
    };
    return cmocka_run_group_tests(tests, setup, teardown) != 0;
}
