/* The journal against a plain list, and what an intake makes of rows that bring no time. Allocation is wrapped. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "casework.h"
#include "intake.h"

#define S INT64_C(1000000)

static long fail_at; /* so many requests from now gets nothing; 0: none does */

void *__real_calloc(size_t n, size_t size);
void *__real_reallocarray(void *p, size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_reallocarray(void *p, size_t n, size_t size);

static bool fails(void)
{
    return fail_at > 0 && --fail_at == 0;
}

void *__wrap_calloc(size_t n, size_t size)
{
    return fails() ? NULL : __real_calloc(n, size);
}

void *__wrap_reallocarray(void *p, size_t n, size_t size)
{
    return fails() ? NULL : __real_reallocarray(p, n, size);
}

static struct journal_entry key(int64_t case_id, unsigned word, uint32_t subject, civil_day on)
{
    return (struct journal_entry){.case_id = case_id, .word = (uint8_t)word, .subject = subject, .on = on};
}

static int64_t note(struct journal *j, struct journal_entry k, int64_t read_at)
{
    int64_t got = 42;
    assert_true(journal_note(j, &k, read_at, &got));
    return got;
}

static void the_first_reading_was_always_known(void **state)
{
    (void)state;
    struct journal j = {0};
    assert_true(note(&j, key(1, EV_DRAFT_SENT, 0, 20000), 5 * S) == TIME_NONE);
    j.begun = true;
    assert_true(note(&j, key(1, EV_DRAFT_SENT, 0, 20000), 9 * S) == TIME_NONE);
    assert_true(note(&j, key(1, EV_DRAFT_SENT, 0, 20001), 9 * S + 999999) == 9 * S);
    assert_true(note(&j, key(1, EV_DRAFT_SENT, 0, 20001), 11 * S) == 9 * S);
    assert_true(note(&j, key(1, EV_DRAFT_SENT, 1, 20001), 12 * S) == 12 * S);
    assert_true(note(&j, key(2, EV_DRAFT_SENT, 1, 20001), 13 * S) == 13 * S);
    assert_true(note(&j, key(2, EV_PLAN_ISSUED, 1, 20001), 14 * S) == 14 * S);
    assert_true(note(&j, key(2, JOURNAL_CLAIM + GROUND_ABSENT, 0, CIVIL_NONE), 15 * S) == 15 * S);
    assert_int_equal(j.n, 6);
    journal_clear(&j);
}

static void times_that_do_not_fit_are_bounded(void **state)
{
    (void)state;
    struct journal j = {.begun = true};
    assert_true(note(&j, key(1, 1, 0, 1), -5 * S) == S); /* 0 would say always */
    assert_true(note(&j, key(2, 1, 0, 1), INT64_MAX) == UINT32_MAX * S);
    journal_clear(&j);
}

static void what_is_new_is_offered_until_kept(void **state)
{
    (void)state;
    struct journal j = {.begun = true};
    assert_int_equal(journal_next_new(&j, 0), 0);
    for (int i = 0; i < 10; i++)
        note(&j, key(i, 1, 0, 1), 7 * S);
    assert_int_equal(j.n_new, 10);
    journal_mark_kept(&j, 0, 4);
    assert_int_equal(journal_next_new(&j, 0), 4);
    assert_int_equal(j.n_new, 6);
    struct journal_entry e = key(5, 1, 0, 1);
    e.seen = 3; /* another daemon was first */
    assert_true(journal_load(&j, &e));
    assert_true(note(&j, key(5, 1, 0, 1), 9 * S) == 3 * S);
    assert_int_equal(journal_next_new(&j, 5), 6);
    assert_int_equal(j.n_new, 5);
    journal_mark_kept(&j, 4, 10);
    assert_int_equal(j.n_new, 0);
    assert_int_equal(journal_next_new(&j, 0), 10);
    note(&j, key(10, 1, 0, 1), 7 * S);
    assert_int_equal(journal_next_new(&j, 0), 10);
    assert_int_equal(journal_next_new(&j, 11), 11);

    journal_forget_kept(&j); /* the database is read anew, and holds only some */
    assert_int_equal(j.n_new, 11);
    for (int i = 0; i < 11; i += 2) {
        e = key(i, 1, 0, 1);
        e.seen = 7;
        assert_true(journal_load(&j, &e));
    }
    assert_int_equal(j.n_new, 5);
    for (size_t i = journal_next_new(&j, 0), want = 1; want < 11; i = journal_next_new(&j, i + 1), want += 2)
        assert_int_equal(i, want);
    assert_int_equal(journal_next_new(&j, 10), 11);
    journal_clear(&j);
    assert_int_equal(j.n, 0);
}

/* --- against a list -------------------------------------------------------------------------------------------------------- */

#define KEYS 8000

static void random_use_is_that_of_a_list(void **state)
{
    (void)state;
    struct rng r = rng_seeded("test_journal");
    struct journal j = {0};
    static struct journal_entry list[KEYS];
    size_t n = 0, n_new = 0, kept = 0;
    for (int64_t now = 1; now <= 3 * KEYS; now++) {
        struct journal_entry k =
            key(rng_between(&r, -20, 20), rng_below(&r, 4) == 0 ? 0x80 : rng_below(&r, 60), rng_below(&r, 3),
                rng_between(&r, 19990, 20010));
        size_t i = 0;
        for (; i < n; i++)
            if (list[i].case_id == k.case_id && list[i].word == k.word && list[i].subject == k.subject &&
                list[i].on == k.on)
                break;
        if (i == KEYS)
            continue;
        uint32_t seen = i < n ? list[i].seen : j.begun ? (uint32_t)now : 0;
        if (rng_one_in(&r, 8)) {
            k.seen = seen = (uint32_t)now + 7;
            assert_true(journal_load(&j, &k));
            n_new -= i < n && !list[i].kept;
            list[i] = k;
            list[i].kept = true;
        } else {
            assert_true(note(&j, k, now * S) == (seen == 0 ? TIME_NONE : (int64_t)seen * S));
            if (i == n) {
                list[i] = k;
                list[i].seen = seen;
                n_new++;
            }
        }
        n += i == n;
        if (rng_one_in(&r, 500)) {
            j.begun = true;
            for (; kept < n && !rng_one_in(&r, 300); kept++) {
                n_new -= !list[kept].kept;
                list[kept].kept = true;
            }
            journal_mark_kept(&j, 0, kept);
        }
        if (rng_one_in(&r, 500)) {
            size_t next = rng_below(&r, (uint32_t)n), want = next;
            while (want < n && list[want].kept)
                want++;
            assert_int_equal(journal_next_new(&j, next), want);
        }
        assert_int_equal(j.n, n);
        assert_int_equal(j.n_new, n_new);
    }
    for (size_t i = 0; i < n; i++)
        assert_int_equal(j.entries[i].seen, list[i].seen);
    journal_clear(&j);
}

static void without_memory_nothing_is_lost(void **state)
{
    (void)state;
    for (long at = 1, failed = 1; failed > 0; at++) {
        struct journal j = {.begun = true};
        failed = 0;
        fail_at = at;
        for (int i = 0; i < 3000; i++) {
            struct journal_entry k = key(i, 1, 0, 1);
            int64_t got;
            if (!journal_note(&j, &k, (i + 1) * S, &got)) {
                failed++;
                assert_int_equal(j.n, i);
                assert_true(journal_note(&j, &k, (i + 1) * S, &got));
            }
        }
        fail_at = 0;
        for (int i = 0; i < 3000; i++)
            assert_true(note(&j, key(i, 1, 0, 1), 9000 * S) == (i + 1) * S);
        assert_int_equal(j.n, 3000);
        assert_int_equal(j.n_new, 3000);
        journal_clear(&j);
    }
}

/* --- in an intake ---------------------------------------------------------------------------------------------------------- */

struct polling {
    struct rulebook rb;
    struct calendar cal;
    struct words *words;
    struct ledger ledger;
    struct journal journal;
    struct snapshot *before;
    int64_t now; /* seconds */
};

/* A poll of one case: so many of its facts, the last of them with a time of its own; and a claim without one. */
static struct snapshot *poll(struct polling *p, int facts, bool claimed)
{
    const int64_t *dirty;
    size_t n_dirty;
    struct err e = {""};
    struct intake *in = intake_new(&(struct intake_conf){.rulebook = &p->rb,
                                                         .calendar = &p->cal,
                                                         .words = p->words,
                                                         .ledger = &p->ledger,
                                                         .journal = &p->journal,
                                                         .before = p->before,
                                                         .as_of = 20500,
                                                         .read_at = p->now * S + 1,
                                                         .limits = LIMITS_ALL});
    assert_non_null(in);
    assert_true(
        intake_case(in, &(struct record_case){.id = 1, .ref = "A", .ref_len = 1, .born = CIVIL_NONE}, &e));
    if (claimed)
        assert_true(intake_claim(
            in, 1, &(struct record_claim){{20010, CIVIL_NONE, GROUND_PERSONAL}, TIME_NONE, TIME_NONE}, &e));
    for (int i = 0; i < facts; i++)
        assert_true(intake_fact(
            in, 1, &(struct record_fact){20000 + i, EV_DRAFT_SENT, 0, i == 9 ? 50 * S : TIME_NONE, TIME_NONE},
            &e));
    assert_true(intake_fact(in, 7, &(struct record_fact){20000, EV_DRAFT_SENT, 0, TIME_NONE, TIME_NONE}, &e));
    assert_int_equal(intake_finish(in, 100), 1);
    struct snapshot *s = intake_take(in, &dirty, &n_dirty);
    assert_non_null(s);
    intake_free(in);
    return s;
}

static void known(const struct polling *p, struct snapshot *s, int64_t at, size_t facts, size_t claims)
{
    struct record_room room = {0};
    assert_true(record_view(snapshot_case(s, 1), p->words, 20500, at, &room));
    assert_int_equal(room.view.n, facts);
    assert_int_equal(room.view.n_claims, claims);
    record_room_free(&room);
}

static void an_intake_dates_rows_by_their_first_reading(void **state)
{
    (void)state;
    struct polling p = {.words = words_new(), .now = 1000};
    rulebook_builtin(&p.rb);
    calendar_builtin(&p.cal);
    struct snapshot *first = poll(&p, 3, false);
    assert_int_equal(p.journal.n, 3); /* and none of the unknown case */
    known(&p, first, 1, 3, 0);
    p.journal.begun = true;
    p.before = first;
    p.now = 2000;
    struct snapshot *same = poll(&p, 3, false);
    assert_ptr_equal(same->slot[0].chunk, first->slot[0].chunk);
    snapshot_unref(same);

    struct snapshot *more = poll(&p, 10, true);
    assert_int_equal(p.journal.n, 10);
    known(&p, more, 1999 * S, 4, 0); /* three always, and the one with a time */
    known(&p, more, 2000 * S, 10, 1);
    p.before = more;
    p.now = 3000;
    struct snapshot *again = poll(&p, 10, true);
    assert_ptr_equal(again->slot[0].chunk, more->slot[0].chunk);
    snapshot_unref(again);
    snapshot_unref(more);
    snapshot_unref(first);
    journal_clear(&p.journal);
    words_free(p.words);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_reading_was_always_known),
        cmocka_unit_test(times_that_do_not_fit_are_bounded),
        cmocka_unit_test(what_is_new_is_offered_until_kept),
        cmocka_unit_test(random_use_is_that_of_a_list),
        cmocka_unit_test(without_memory_nothing_is_lost),
        cmocka_unit_test(an_intake_dates_rows_by_their_first_reading),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
