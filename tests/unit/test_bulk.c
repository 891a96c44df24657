/* An import and a busy day: what is told one by one, and what in one summary. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "bulk.h"
#include "caseload_make.h"

#define LIMIT "assess_decision_6w"

static void a_share_of_the_caseload_and_more_than_a_few(void **state)
{
    (void)state;
    static const struct {
        size_t changed, cases;
        int share;
        bool is;
    } rows[] = {
        {5000, 9000, 20, true},      {5000, 100000, 20, false}, {1801, 9000, 20, true},
        {1800, 9000, 20, false},     {100, 100, 20, false},     {101, 101, 20, true},
        {101, 101, 100, false},      {9000, 9000, 0, false},    {144001, 720000, 20, true},
        {144000, 720000, 20, false}, {0, 0, 20, false},         {101, 0, 20, true},
        {101, 10000, 1, true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (bulk_import(rows[i].changed, rows[i].cases, rows[i].share) != rows[i].is)
            fail_msg("%zu of %zu at %d %%", rows[i].changed, rows[i].cases, rows[i].share);
}

static void a_change_that_had_come_about_before(void **state)
{
    (void)state;
    struct rulebook rb;
    rulebook_builtin(&rb);
    unsigned limit = (unsigned)limit_by_id(LIMIT), floats = 0;
    while (!drift_due_floats(&rb, floats))
        floats++;
    const struct obligation then[] = {
        {.limit = (uint8_t)limit, .state = STATE_BREACHED, .start = 10, .due = 52, .closed = CIVIL_NONE},
        {.limit = (uint8_t)limit, .state = STATE_MET, .start = 90, .due = 132, .closed = 100},
        {.limit = (uint8_t)floats, .state = STATE_ON_TRACK, .start = 5, .due = 60, .closed = CIVIL_NONE},
    };
    struct change same = {.now = then[0]}, c = same;
    assert_true(bulk_already_so(&rb, &same, then, 3));
    assert_true(bulk_already_so(&rb, &(struct change){.now = then[1]}, then, 3));
    assert_false(bulk_already_so(&rb, &same, then + 1, 2)); /* not there at all */
    assert_false(bulk_already_so(&rb, &same, NULL, 0));
    c.now.state = STATE_AT_RISK; /* each of what is told */
    assert_false(bulk_already_so(&rb, &c, then, 3));
    c = same;
    c.now.due++;
    assert_false(bulk_already_so(&rb, &c, then, 3));
    c = same;
    c.now.closed = 60;
    assert_false(bulk_already_so(&rb, &c, then, 3));
    c = same;
    c.now.exception = EXCEPTION_SUPPORTED;
    assert_false(bulk_already_so(&rb, &c, then, 3));
    c = same;
    c.now.subject = 7;
    assert_false(bulk_already_so(&rb, &c, then, 3));
    c = (struct change){.now = then[2]}; /* a date that moves every day is no difference */
    c.now.due++;
    assert_true(bulk_already_so(&rb, &c, then, 3));
    c = (struct change){.now = then[0], .withdrawn = true}; /* withdrawn: so before when it was not there */
    assert_false(bulk_already_so(&rb, &c, then, 3));
    c.now.start = 11;
    assert_true(bulk_already_so(&rb, &c, then, 3));
    assert_true(bulk_already_so(&rb, &c, NULL, 0));
}

static void every_reason_has_its_word(void **state)
{
    (void)state;
    static const char *const words[] = {"", "first_run", "new_limit", "rulebook", "bulk_import"};
    for (int r = BASELINE_NONE; r <= BASELINE_BULK_IMPORT; r++)
        assert_string_equal(baseline_reason_name((enum baseline_reason)r), words[r]);
}

/* --- what the intake counts ------------------------------------------------------------------------------------------- */

/* Ten cases, asked for on the 1st of June 2026, due on the 13th of July: on the 6th of July at risk of it. */
enum { CASES = 10 };

static void take_facts(struct made *m, int n, int answered)
{
    for (int i = 1; i <= n; i++) {
        char ref[16];
        snprintf(ref, sizeof ref, "K-%d", i);
        made_case(m, i, ref, "", "", "", CIVIL_NONE);
    }
    for (int i = 1; i <= n; i++) {
        made_fact(m, i, EV_REQUEST_RECEIVED, "", made_day("2026-06-01"));
        if (i <= answered)
            made_fact(m, i, EV_ASSESS_AGREED, "", made_day("2026-07-10"));
    }
}

/* Reads these facts as of a day; counted against the ledger of `before`. How many cases are not what they were. */
static size_t read_facts(struct made *m, const char *as_of, const char *before, int n, int answered)
{
    civil_day then = before != NULL ? made_day(before) : CIVIL_NONE;
    const int64_t *dirty;
    size_t n_dirty;
    intake_free(m->intake);
    m->intake = intake_new(&(struct intake_conf){
        .rulebook = &m->rulebook,
        .calendar = &m->calendar,
        .words = m->words,
        .ledger = &m->ledger,
        .as_of = made_day(as_of),
        .read_at = MADE_READ_AT,
        .limits = LIMIT_BIT(limit_by_id(LIMIT)),
        .before_as_of = before != NULL ? &then : NULL,
    });
    assert_non_null(m->intake);
    take_facts(m, n, answered);
    assert_int_equal(intake_finish(m->intake, 100), 1);
    snapshot_unref(m->snapshot);
    m->snapshot = intake_take(m->intake, &dirty, &n_dirty);
    assert_non_null(m->snapshot);
    return n_dirty;
}

struct digesting {
    struct made *m;
    uint64_t digest;
};

static void digest_one(void *ud, const struct obligation *o)
{
    struct digesting *d = ud;
    d->digest = obligation_digest(d->digest, &d->m->rulebook, d->m->words->subjects, o);
}

/* What the snapshot says is what the database holds. */
static void written(struct made *m)
{
    struct record_room room = {0};
    for (int i = 1; i <= CASES; i++) {
        const unsigned char *record = snapshot_case(m->snapshot, i);
        struct digesting d = {m, LEDGER_NOTHING};
        if (record != NULL) {
            assert_true(record_view(record, m->words, m->snapshot->as_of, KNOWN_NOW, &room));
            evaluate(&m->rulebook, &m->calendar, &room.view, m->snapshot->as_of, m->snapshot->limits,
                     digest_one, &d);
        }
        assert_true(ledger_set(&m->ledger, i, d.digest));
        ledger_settle(&m->ledger);
    }
    record_room_free(&room);
}

static int setup(void **state)
{
    struct made *m = calloc(1, sizeof *m);
    assert_non_null(m);
    made_begin(m, made_day("2026-06-15"), 0);
    assert_int_equal(read_facts(m, "2026-06-15", NULL, CASES, 0), CASES);
    written(m);
    *state = m;
    return 0;
}

static int teardown(void **state)
{
    struct made *m = *state;
    intake_free(m->intake);
    made_free(m);
    free(m);
    return 0;
}

static void nothing_has_changed(void **state)
{
    struct made *m = *state;
    assert_int_equal(read_facts(m, "2026-06-15", "2026-06-15", CASES, 0), 0);
    assert_int_equal(intake_moved(m->intake), 0);
}

/* Every case is at risk or broken when the daemon comes back after a month; nobody entered anything. */
static void the_date_is_no_import(void **state)
{
    struct made *m = *state;
    assert_int_equal(read_facts(m, "2026-07-14", "2026-06-15", CASES, 0), CASES);
    assert_int_equal(intake_moved(m->intake), 0);
}

/* The answers were given after the date of the evaluation before: they are news, whenever they were entered. */
static void what_happened_since_is_no_import(void **state)
{
    struct made *m = *state;
    assert_int_equal(read_facts(m, "2026-07-11", "2026-06-15", CASES, 4), CASES);
    assert_int_equal(intake_moved(m->intake), 0);
}

/* On the same day, and from the past: it could have been known before. */
static void what_was_so_before_is(void **state)
{
    struct made *m = *state;
    assert_int_equal(read_facts(m, "2026-07-14", NULL, CASES, 0), CASES);
    written(m);
    assert_int_equal(read_facts(m, "2026-07-14", "2026-07-14", CASES, 4), 4);
    assert_int_equal(intake_moved(m->intake), 4);
    assert_int_equal(read_facts(m, "2026-07-20", "2026-07-14", CASES, 4), 4);
    assert_int_equal(intake_moved(m->intake), 4);
    assert_int_equal(read_facts(m, "2026-07-14", NULL, CASES, 4), 4); /* not asked */
    assert_int_equal(intake_moved(m->intake), 0);
}

static void so_are_new_cases_and_lost_ones(void **state)
{
    struct made *m = *state;
    assert_int_equal(read_facts(m, "2026-06-15", "2026-06-15", 7, 0), 3);
    assert_int_equal(intake_moved(m->intake), 3);
    written(m);
    assert_int_equal(read_facts(m, "2026-06-16", "2026-06-15", CASES, 0), 3);
    assert_int_equal(intake_moved(m->intake), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_share_of_the_caseload_and_more_than_a_few),
        cmocka_unit_test(a_change_that_had_come_about_before),
        cmocka_unit_test(every_reason_has_its_word),
        cmocka_unit_test_setup_teardown(nothing_has_changed, setup, teardown),
        cmocka_unit_test_setup_teardown(the_date_is_no_import, setup, teardown),
        cmocka_unit_test_setup_teardown(what_happened_since_is_no_import, setup, teardown),
        cmocka_unit_test_setup_teardown(what_was_so_before_is, setup, teardown),
        cmocka_unit_test_setup_teardown(so_are_new_cases_and_lost_ones, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
