/* Counts by limit, state, locality and team, kept up from snapshot to snapshot, against a count of all of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "caseload_make.h"
#include "place_count.h"

#define CASES 5000

/* A small world: what each case is like now. */
struct world {
    struct made m; /* rulebook, calendar, words */
    struct {
        int locality, team, request,
            decided; /* days; 0: there is none. A case without a request is not there */
    } cases[CASES + 1];
};

static struct snapshot *read_all(struct world *w, struct snapshot *before, civil_day as_of)
{
    static const char *const localities[] = {"", "North", "South"}, *const teams[] = {"", "T1", "T2", "T3"};
    struct made *m = &w->m;
    m->intake = intake_new(&(struct intake_conf){.rulebook = &m->rulebook,
                                                 .calendar = &m->calendar,
                                                 .words = m->words,
                                                 .ledger = &m->ledger,
                                                 .before = before,
                                                 .as_of = as_of,
                                                 .read_at = MADE_READ_AT,
                                                 .limits = LIMITS_ALL});
    assert_non_null(m->intake);
    for (int i = 1; i <= CASES; i++) {
        char ref[16];
        snprintf(ref, sizeof ref, "C-%d", i);
        if (w->cases[i].request != 0)
            made_case(m, i, ref, localities[w->cases[i].locality], teams[w->cases[i].team], "", CIVIL_NONE);
    }
    for (int i = 1; i <= CASES; i++) {
        if (w->cases[i].request != 0)
            made_fact(m, i, EV_REQUEST_RECEIVED, "", w->cases[i].request);
        if (w->cases[i].request != 0 && w->cases[i].decided != 0)
            made_fact(m, i, EV_ASSESS_REFUSED, "", w->cases[i].decided);
    }
    made_end(m);
    struct snapshot *s = m->snapshot;
    m->snapshot = NULL;
    return s;
}

static struct judge_how how_of(const struct world *w, const struct snapshot *s)
{
    return (struct judge_how){&w->m.rulebook, &w->m.calendar, w->m.words, s->as_of, KNOWN_NOW, s->limits};
}

static size_t walk(struct world *w, struct place_counts *c, struct snapshot *before, struct snapshot *now,
                   size_t slice)
{
    const struct judge_how how = how_of(w, now);
    struct place_walk *walk = place_walk_new(c, before, now, &how);
    size_t calls = 1;
    int rc;
    assert_non_null(walk);
    while ((rc = place_walk_next(walk, slice)) == 1)
        calls++;
    assert_int_equal(rc, 0);
    place_walk_free(walk);
    return calls;
}

static int32_t total(const struct place_counts *c)
{
    int32_t n = 0;
    for (size_t i = 0; i < c->n; i++)
        n += c->items[i].n;
    return n;
}

/* Every count that is not 0 is in both, and their states add up to those of the snapshot. */
static void assert_counts(struct place_counts *got, struct place_counts *want, const struct snapshot *s)
{
    uint32_t states[LIMIT_MAX][STATE_COUNT] = {0};
    assert_int_equal(total(got), total(want));
    for (size_t i = 0; i < want->n; i++) {
        const struct place_count *k = &want->items[i];
        states[k->limit][k->state] += (uint32_t)k->n;
        size_t before = got->n;
        assert_true(place_counts_add(got, k, 0));
        assert_int_equal(got->n, before); /* it was there */
        for (size_t j = 0; j < got->n; j++)
            if (got->items[j].limit == k->limit && got->items[j].state == k->state &&
                got->items[j].locality == k->locality && got->items[j].team == k->team)
                assert_int_equal(got->items[j].n, k->n);
    }
    assert_memory_equal(states, s->tally.states, sizeof states);
    assert_memory_equal(got->cases, s->tally.cases, sizeof got->cases);
    assert_int_equal(got->breached_cases, s->tally.breached_cases);
}

static void make(struct world *w)
{
    memset(w, 0, sizeof *w);
    rulebook_builtin(&w->m.rulebook);
    calendar_builtin(&w->m.calendar);
    w->m.words = words_new();
    civil_day from = made_day("2025-06-01");
    for (int i = 1; i <= CASES; i++) {
        w->cases[i].request = i % 10 != 0 ? from + i * 7 % 400 : 0;
        w->cases[i].decided = i % 3 == 0 ? w->cases[i].request + 40 + i % 9 : 0;
        w->cases[i].locality = i % 3;
        w->cases[i].team = i * 7 % 4;
    }
}

static void counts_all(void **state)
{
    (void)state;
    static struct world w;
    make(&w);
    struct snapshot *s = read_all(&w, NULL, made_day("2026-06-15"));
    for (size_t slice = 1; slice < 10000; slice = slice * 9 + 1) {
        struct place_counts c = {0}, again = {0};
        walk(&w, &c, NULL, s, slice);
        walk(&w, &again, NULL, s, SIZE_MAX);
        assert_counts(&c, &again, s);
        assert_true(c.n > 12);
        place_counts_clear(&c);
        place_counts_clear(&again);
    }
    snapshot_unref(s);
    made_free(&w.m);
}

static uint32_t random_number(uint32_t below)
{
    static uint64_t x = 4711;
    x = x * UINT64_C(6364136223846793005) + 1442695040888963407;
    return (uint32_t)((x >> 33) % below);
}

/* Cases come, go, move and are decided; from each reading to the next the counts follow. */
static void follows(void **state)
{
    (void)state;
    static struct world w;
    make(&w);
    civil_day today = made_day("2026-06-15");
    struct place_counts c = {0}, all = {0};
    struct snapshot *before = read_all(&w, NULL, today);
    walk(&w, &c, NULL, before, SIZE_MAX);
    for (int round = 0; round < 12; round++) {
        for (uint32_t n = round < 6 ? 1 + (uint32_t)round : 400 * (uint32_t)round; n > 0; n--) {
            int i = 1 + (int)random_number(CASES);
            switch (random_number(4)) {
            case 0:
                w.cases[i].request = w.cases[i].request != 0 ? 0 : today - (int)random_number(300) - 1;
                break;
            case 1:
                w.cases[i].decided =
                    w.cases[i].decided != 0 ? 0 : w.cases[i].request + 30 + (int)random_number(30);
                break;
            case 2:
                w.cases[i].locality = (int)random_number(3);
                break;
            default:
                w.cases[i].team = (int)random_number(4);
            }
        }
        struct snapshot *now = read_all(&w, before, today);
        assert_true(place_counts_comparable(before, now));
        size_t slices = walk(&w, &c, before, now, 1024);
        if (round < 6) /* one chunk for each change at most, and a step for each of the others */
            assert_true(slices <= 3 * ((size_t)round + 2));
        walk(&w, &all, NULL, now, SIZE_MAX);
        assert_counts(&c, &all, now);
        snapshot_unref(before);
        before = now;
    }
    struct snapshot *same = read_all(&w, before, today), *next = read_all(&w, before, today + 1);
    assert_true(place_counts_same(before, same));
    assert_false(place_counts_same(before, next));
    assert_false(place_counts_comparable(before, next));
    assert_false(place_counts_comparable(NULL, next));
    assert_int_equal(walk(&w, &c, before, same, before->n_slots), 1);
    assert_counts(&c, &all, same);
    w.cases[CASES / 2].request = w.cases[CASES / 2].request != 0 ? 0 : today - 1;
    struct snapshot *changed = read_all(&w, before, today);
    assert_false(place_counts_same(before, changed));
    memset(w.cases, 0, sizeof w.cases); /* all are gone, and come again */
    struct snapshot *empty = read_all(&w, before, today);
    walk(&w, &c, same, empty, 100);
    assert_int_equal(total(&c), 0);
    walk(&w, &c, empty, before, 100);
    assert_counts(&c, &all, before);
    snapshot_unref(before);
    snapshot_unref(same);
    snapshot_unref(next);
    snapshot_unref(changed);
    snapshot_unref(empty);
    place_counts_clear(&c);
    place_counts_clear(&all);
    made_free(&w.m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_all),
        cmocka_unit_test(follows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
