#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "by_place.h"
#include "case_walk.h"
#include "place_count.h"
#include "stuck.h"
#include "walk_make.h"

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

/* --- cases that are not there yet ---------------------------------------------------------------------------------------- */

#define RECORDED(day, hour) (INT64_C(1000000) * (86400 * (int64_t)(day) + 3600 * (hour)))

/* What is asked of ten cases, and which of them are there: the digits that are 1, of C-1 first. */
static const struct moment {
    const char *what, *as_of, *known_at, *there;
} moments[] = {
    {"the day of the reading", "2026-09-01", NULL, "1111111111"},
    {"a day to come", "2026-09-20", NULL, "1111111111"},
    {"the day before", "2026-08-31", NULL, "1010111110"},
    {"when only one had come", "2026-03-01", NULL, "1000000110"},
    {"on the day of the first request", "2026-01-05", NULL, "1000000110"},
    {"a day before the first request", "2026-01-04", NULL, "0000000110"},
    {"as it was known in June", "2026-09-01", "2026-06-01", "1100111110"},
    {"in June, as it was known then", "2026-06-01", "2026-06-01", "1000110110"},
};

/* Read on 1 September 2026, as of `as_of`. Nobody has an officer. */
static void make_ten(struct made *m, civil_day as_of, const int64_t *known_at)
{
    made_begin_known(m, as_of, known_at, LIMITS_ALL);
    for (int i = 1; i <= 10; i++) {
        char ref[8];
        snprintf(ref, sizeof ref, "C-%d", i);
        made_case(m, i, ref, i % 2 == 0 ? "North" : "South", "T", "", CIVIL_NONE);
    }
    made_fact(m, 1, EV_REQUEST_RECEIVED, "", made_day("2026-01-05"));
    made_fact(m, 2, EV_REQUEST_RECEIVED, "", made_day("2026-09-01")); /* today */
    made_fact_known(m, 3, EV_REQUEST_RECEIVED, "", made_day("2026-06-01"),
                    RECORDED(made_day("2026-06-02"), 12), TIME_NONE); /* recorded late */
    /* 4: no fact at all */
    made_fact_known(m, 5, EV_REQUEST_RECEIVED, "", made_day("2026-05-01"), TIME_NONE, TIME_NONE);
    made_fact_known(m, 5, EV_REQUEST_RECEIVED, "", made_day("2026-08-30"), TIME_NONE, TIME_NONE);
    made_fact(m, 6, EV_PLAN_TRANSFERRED_IN, "", made_day("2026-05-31"));
    made_fact(m, 7, EV_REQUEST_RECEIVED, "", made_day("2026-08-31"));
    made_fact(m, 8, EV_REVIEW_ARRANGED, "", made_day("2027-08-30")); /* ahead, and seen */
    made_fact(m, 9, EV_REVIEW_ARRANGED, "", made_day("2028-03-01")); /* more than a year ahead */
    made_fact_known(m, 10, EV_REQUEST_RECEIVED, "", made_day("2026-02-01"), TIME_NONE,
                    RECORDED(made_day("2026-02-02"), 12)); /* found to be wrong */
    made_end(m);
}

struct told {
    char there[11];
    size_t n;
};

static bool tell(void *ud, const struct case_seen *seen)
{
    struct told *t = ud;
    t->there[seen->head->id - 1] = '1';
    t->n++;
    return true;
}

static size_t ones(const char *there)
{
    size_t n = 0;
    for (; *there != '\0'; there++)
        n += *there == '1';
    return n;
}

static uint32_t all_stages(const uint32_t cases[STAGE_COUNT])
{
    uint32_t n = 0;
    for (int s = 0; s < STAGE_COUNT; s++)
        n += cases[s];
    return n;
}

/* In no list, no place, no load and no count; and who wants every case is told of every one. */
static void walk_ten(struct made *m, const struct judge_how *how, const char *there)
{
    struct told some = {"0000000000", 0}, every = {"0000000000", 0};
    struct by_place *places = by_place_new(how, LIMITS_ALL);
    struct stuck *stuck = stuck_new(how, LIMITS_ALL);
    const struct case_visitor visitors[] = {{tell, &some, false},
                                            {tell, &every, true},
                                            {by_place_visit, places, false},
                                            {stuck_visit, stuck, false}};
    struct case_walk *w = case_walk_new(m->snapshot, how, visitors, 4);
    struct place_counts counts = {0};
    struct place_walk *p = place_walk_new(&counts, NULL, m->snapshot, how);
    int more;
    assert_int_equal(case_walk_next(w, SIZE_MAX), 0);
    assert_int_equal(place_walk_next(p, SIZE_MAX), 0);
    while ((more = stuck_finish(stuck)) == 1)
        ;
    assert_int_equal(more, 0);
    assert_string_equal(some.there, there);
    assert_int_equal(every.n, 10);
    size_t at_places = 0, at_teams = 0;
    for (size_t i = 0; i < places->localities.n; i++)
        at_places += places->localities.row[i].cases;
    for (size_t i = 0; i < stuck->teams.n; i++)
        at_teams += stuck->teams.row[i].cases;
    assert_int_equal(at_places, ones(there));
    assert_int_equal(at_teams, ones(there)); /* all of them are open */
    assert_int_equal(all_stages(counts.cases), ones(there));
    place_counts_clear(&counts);
    place_walk_free(p);
    case_walk_free(w);
    stuck_free(stuck);
    by_place_free(places);
}

/* Asked about the past, the row of a case says nothing; live, every case is there. */
static void not_there_yet(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof moments / sizeof moments[0]; i++) {
        const struct moment *k = &moments[i];
        const civil_day as_of = made_day(k->as_of);
        const int64_t known_at = k->known_at != NULL ? RECORDED(made_day(k->known_at), 23) : KNOWN_NOW;
        struct made m;
        print_message("%s\n", k->what);
        make_ten(&m, made_day("2026-09-01"), NULL); /* as the daemon has it, asked for another day */
        assert_int_equal(all_stages(m.snapshot->tally.cases), 10);
        struct judge_how how = walk_how(&m, as_of, known_at);
        walk_ten(&m, &how, k->there);
        made_free(&m);
        make_ten(&m, as_of, k->known_at != NULL ? &known_at : NULL); /* as the command line reads it */
        how = walk_how(&m, as_of, known_at);
        walk_ten(&m, &how, k->there);
        assert_int_equal(all_stages(m.snapshot->tally.cases), ones(k->there));
        assert_int_equal(m.snapshot->tally.findings[FINDING_MISSING_OFFICER], ones(k->there));
        made_free(&m);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sees_all),
        cmocka_unit_test(stops),
        cmocka_unit_test(not_there_yet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
