#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "casework.h"
#include "drift.h"

/* --- which step is told as what ------------------------------------------------------------------------------------------ */

static struct step {
    const char *from, *to, *told; /* "": nobody is told; from "": not seen before */
} steps[] = {
    {"on_track", "on_track", ""},
    {"on_track", "at_risk", "obligation.at_risk"},
    {"on_track", "breached", "obligation.breached"},
    {"on_track", "met", "obligation.met"},
    {"on_track", "met_late", "obligation.met_late"},
    {"on_track", "excepted", "obligation.excepted"},
    {"on_track", "void", "obligation.void"},
    {"on_track", "missed", "obligation.missed"},

    {"at_risk", "on_track", "obligation.restated"},
    {"at_risk", "at_risk", ""},
    {"at_risk", "breached", "obligation.breached"},
    {"at_risk", "met", "obligation.met"},
    {"at_risk", "met_late", "obligation.met_late"},
    {"at_risk", "excepted", "obligation.excepted"},
    {"at_risk", "void", "obligation.void"},
    {"at_risk", "missed", "obligation.missed"},

    {"breached", "on_track", "obligation.restated"},
    {"breached", "at_risk", "obligation.restated"},
    {"breached", "breached", ""},
    {"breached", "met", "obligation.restated"},
    {"breached", "met_late", "obligation.met_late"},
    {"breached", "excepted", "obligation.excepted"},
    {"breached", "void", "obligation.void"},
    {"breached", "missed", "obligation.missed"},

    {"met", "on_track", "obligation.restated"},
    {"met", "at_risk", "obligation.restated"},
    {"met", "breached", "obligation.restated"},
    {"met", "met", ""},
    {"met", "met_late", "obligation.restated"},
    {"met", "excepted", "obligation.restated"},
    {"met", "void", "obligation.restated"},
    {"met", "missed", "obligation.restated"},

    {"met_late", "on_track", "obligation.restated"},
    {"met_late", "at_risk", "obligation.restated"},
    {"met_late", "breached", "obligation.restated"},
    {"met_late", "met", "obligation.restated"},
    {"met_late", "met_late", ""},
    {"met_late", "excepted", "obligation.excepted"},
    {"met_late", "void", "obligation.restated"},
    {"met_late", "missed", "obligation.restated"},

    {"excepted", "on_track", "obligation.restated"},
    {"excepted", "at_risk", "obligation.restated"},
    {"excepted", "breached", "obligation.breached"},
    {"excepted", "met", "obligation.restated"},
    {"excepted", "met_late", "obligation.restated"},
    {"excepted", "excepted", ""},
    {"excepted", "void", "obligation.void"},
    {"excepted", "missed", "obligation.restated"},

    {"void", "on_track", "obligation.restated"},
    {"void", "at_risk", "obligation.restated"},
    {"void", "breached", "obligation.restated"},
    {"void", "met", "obligation.restated"},
    {"void", "met_late", "obligation.restated"},
    {"void", "excepted", "obligation.restated"},
    {"void", "void", ""},
    {"void", "missed", "obligation.restated"},

    {"missed", "on_track", "obligation.restated"},
    {"missed", "at_risk", "obligation.restated"},
    {"missed", "breached", "obligation.restated"},
    {"missed", "met", "obligation.restated"},
    {"missed", "met_late", "obligation.restated"},
    {"missed", "excepted", "obligation.excepted"},
    {"missed", "void", "obligation.restated"},
    {"missed", "missed", ""},

    {"", "on_track", ""},
    {"", "at_risk", "obligation.at_risk"},
    {"", "breached", "obligation.breached"},
    {"", "met", "obligation.met"},
    {"", "met_late", "obligation.met_late"},
    {"", "excepted", "obligation.excepted"},
    {"", "void", "obligation.void"},
    {"", "missed", "obligation.missed"},
};

static enum state state_named(const char *name)
{
    return *name == '\0' ? STATE_COUNT : state_by_name(name, strlen(name));
}

static void every_cell_of_the_step_table(void **state)
{
    (void)state;
    bool seen[STATE_COUNT + 1][STATE_COUNT] = {{false}};
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        enum state from = state_named(steps[i].from), to = state_named(steps[i].to);
        const char *told = alert_type(alert_for(from, to));
        if (strcmp(told == NULL ? "" : told, steps[i].told) != 0)
            fail_msg("%s -> %s is told as %s", steps[i].from, steps[i].to, told);
        assert_false(seen[from][to]);
        seen[from][to] = true;
    }
    assert_int_equal(sizeof steps / sizeof steps[0], (STATE_COUNT + 1) * STATE_COUNT);
}

/* --- one case, compared --------------------------------------------------------------------------------------------------- */

#define MOST 64

struct table { /* what the database holds of one case, and what was told of it */
    struct stored row[MOST];
    size_t n;
    size_t told;
};

static size_t limit(const char *id)
{
    return (size_t)limit_by_id(id);
}

static struct obligation owed(const char *id, const char *start, const char *due, enum state state)
{
    return (struct obligation){.limit = (uint8_t)limit(id),
                               .state = (uint8_t)state,
                               .start = day(start),
                               .due = day(due),
                               .closed = CIVIL_NONE};
}

static bool is_row(const struct stored *s, const struct obligation *o)
{
    return s->limit == o->limit && s->subject == o->subject && s->start == o->start;
}

/* As the statements of the writer do: insert or update by (limit, subject, start). */
static void apply(struct table *t, const struct change *c, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        size_t k = 0;
        while (k < t->n && !is_row(&t->row[k], &c[i].now))
            k++;
        int32_t before = 0;
        if (k == t->n) {
            assert_true(t->n < MOST);
            assert_int_equal(c[i].from, STATE_COUNT);
            assert_false(c[i].withdrawn);
            t->n++;
        } else {
            before = t->row[k].seq;
            assert_int_equal(c[i].from, t->row[k].state);
            assert_int_equal(c[i].due_before, t->row[k].due);
        }
        assert_int_equal(c[i].seq,
                         before + (c[i].alert != ALERT_NONE)); /* no number is left out or given twice */
        t->told += c[i].alert != ALERT_NONE;
        t->row[k] = (struct stored){
            .limit = c[i].now.limit,
            .state = c[i].now.state,
            .exception = c[i].now.exception,
            .gone = c[i].withdrawn,
            .subject = c[i].now.subject,
            .start = c[i].now.start,
            .due = c[i].now.due,
            .closed = c[i].now.closed,
            .seq = c[i].seq,
        };
    }
}

static size_t compare(struct table *t, struct obligation *now, size_t n, uint64_t baseline,
                      struct change *out)
{
    struct rulebook rb;
    rulebook_builtin(&rb);
    size_t changes = drift_compare(&rb, LIMITS_ALL, baseline, t->row, t->n, now, n, out);
    assert_true(changes <= t->n + n);
    apply(t, out, changes);
    return changes;
}

static void the_life_of_an_obligation(void **state)
{
    (void)state;
    struct table t = {.n = 0};
    struct change c[8];
    struct obligation o = owed("final_plan_20w", "2026-01-05", "2026-05-25", STATE_ON_TRACK);
    assert_int_equal(compare(&t, &o, 1, 0, c), 1);
    assert_true(c[0].alert == ALERT_NONE && c[0].from == STATE_COUNT && c[0].seq == 0);
    assert_int_equal(c[0].due_before, CIVIL_NONE);
    o.days = 17; /* a day has passed and nothing else */
    assert_int_equal(compare(&t, &o, 1, 0, c), 0);
    o.state = STATE_AT_RISK;
    assert_int_equal(compare(&t, &o, 1, 0, c), 1);
    assert_true(c[0].alert == ALERT_AT_RISK && c[0].from == STATE_ON_TRACK && c[0].seq == 1);
    o.state = STATE_BREACHED;
    assert_int_equal(compare(&t, &o, 1, 0, c), 1);
    assert_true(c[0].alert == ALERT_BREACHED && c[0].seq == 2);
    o.exception = EXCEPTION_UNSUPPORTED; /* a finding: written, not told */
    assert_int_equal(compare(&t, &o, 1, 0, c), 1);
    assert_true(c[0].alert == ALERT_NONE && c[0].seq == 2);
    o.state = STATE_MET_LATE;
    o.closed = day("2026-06-01");
    assert_int_equal(compare(&t, &o, 1, 0, c), 1);
    assert_true(c[0].alert == ALERT_MET_LATE && c[0].seq == 3 && c[0].now.closed == o.closed);
    o.closed = day("2026-06-02"); /* a corrected closing day of the same state */
    assert_int_equal(compare(&t, &o, 1, 0, c), 1);
    assert_true(c[0].alert == ALERT_NONE && c[0].seq == 3);
}

static void a_moved_due_date_is_told(void **state)
{
    (void)state;
    struct table t = {.n = 0};
    struct change c[8];
    struct obligation o = owed("plan_transfer_15wd", "2026-05-20", "2026-06-10", STATE_ON_TRACK);
    compare(&t, &o, 1, 0, c);
    o.due = day("2026-09-01");
    assert_int_equal(compare(&t, &o, 1, 0, c), 1);
    assert_true(c[0].alert == ALERT_RESTATED && c[0].seq == 1 && c[0].due_before == day("2026-06-10"));
    o.due = day("2026-06-10");
    o.state = STATE_BREACHED; /* told as the breach that it is */
    assert_int_equal(compare(&t, &o, 1, 0, c), 1);
    assert_true(c[0].alert == ALERT_BREACHED && c[0].seq == 2 && c[0].due_before == day("2026-09-01"));
}

static void a_floating_due_date_tells_nobody(void **state)
{
    (void)state;
    struct table t = {.n = 0};
    struct change c[8];
    struct obligation o = owed("cease_not_before", "2026-05-13", "2026-07-13", STATE_ON_TRACK);
    compare(&t, &o, 1, 0, c);
    for (int day_no = 1; day_no < 10; day_no++) {
        o.due++;
        assert_int_equal(compare(&t, &o, 1, 0, c), 1); /* written: the page shows it */
        assert_true(c[0].alert == ALERT_NONE && c[0].seq == 0);
    }
    o.state = STATE_MISSED;
    o.due++;
    compare(&t, &o, 1, 0, c);
    assert_true(c[0].alert == ALERT_MISSED && c[0].seq == 1);
}

static void a_withdrawn_obligation_keeps_its_sequence(void **state)
{
    (void)state;
    struct table t = {.n = 0};
    struct change c[8];
    struct obligation o = owed("final_plan_20w", "2026-01-05", "2026-05-25", STATE_BREACHED);
    compare(&t, &o, 1, 0, c);
    assert_int_equal(compare(&t, NULL, 0, 0, c), 1);
    assert_true(c[0].withdrawn && c[0].alert == ALERT_VOID && c[0].seq == 2 && c[0].now.state == STATE_VOID);
    assert_true(c[0].from == STATE_BREACHED && c[0].due_before == o.due && c[0].now.due == o.due);
    assert_true(t.n == 1 && t.row[0].gone);
    assert_int_equal(compare(&t, NULL, 0, 0, c), 0); /* told once */
    assert_int_equal(compare(&t, &o, 1, 0, c), 1);
    assert_true(!c[0].withdrawn && c[0].alert == ALERT_RESTATED && c[0].seq == 3 && c[0].from == STATE_VOID);
    assert_false(t.row[0].gone);
    assert_int_equal(compare(&t, &o, 1, 0, c), 0);

    compare(&t, NULL, 0, 0, c);
    o.state = STATE_VOID; /* back as void: no news, but no longer gone */
    assert_int_equal(compare(&t, &o, 1, 0, c), 1);
    assert_true(c[0].alert == ALERT_NONE && !t.row[0].gone && t.row[0].seq == 4);
    assert_int_equal(compare(&t, &o, 1, 0, c), 0);
}

static void a_corrected_start_is_told_as_the_new_date(void **state)
{
    (void)state;
    struct table t = {.n = 0};
    struct change c[8];
    struct obligation o = owed("final_plan_20w", "2026-01-05", "2026-05-25", STATE_ON_TRACK);
    compare(&t, &o, 1, 0, c);
    struct obligation moved = owed("final_plan_20w", "2026-01-12", "2026-06-01", STATE_ON_TRACK);
    assert_int_equal(compare(&t, &moved, 1, 0, c), 2);
    const struct change *gone = c[0].withdrawn ? &c[0] : &c[1], *come = c[0].withdrawn ? &c[1] : &c[0];
    assert_true(gone->alert == ALERT_VOID && gone->now.start == day("2026-01-05"));
    assert_true(come->alert == ALERT_RESTATED && come->due_before == day("2026-05-25") && come->seq == 1);
    assert_int_equal(come->from, STATE_COUNT);

    moved = owed("final_plan_20w", "2025-01-12", "2025-06-01", STATE_BREACHED); /* a breach is told as one */
    assert_int_equal(compare(&t, &moved, 1, 0, c), 2);
    come = c[0].withdrawn ? &c[1] : &c[0];
    assert_true(come->alert == ALERT_BREACHED && come->due_before == day("2026-06-01"));

    /* another limit, or another subject, is not the same obligation corrected */
    struct table other = {.n = 0};
    struct obligation health = owed("advice_6w", "2026-01-05", "2026-02-16", STATE_ON_TRACK);
    health.subject = SUBJECT_HEALTH;
    compare(&other, &health, 1, 0, c);
    struct obligation two[] = {owed("advice_6w", "2026-01-06", "2026-02-17", STATE_ON_TRACK),
                               owed("consultation_15d", "2026-01-06", "2026-01-21", STATE_ON_TRACK)};
    two[0].subject = SUBJECT_EDUCATION;
    two[1].subject = SUBJECT_HEALTH;
    assert_int_equal(compare(&other, two, 2, 0, c), 3);
    for (int i = 0; i < 3; i++)
        assert_int_equal(c[i].alert, c[i].withdrawn ? ALERT_VOID : ALERT_NONE);
}

static void a_baseline_is_written_and_not_told(void **state)
{
    (void)state;
    struct table t = {.n = 0};
    struct change c[8];
    struct obligation two[] = {owed("final_plan_20w", "2026-01-05", "2026-05-25", STATE_BREACHED),
                               owed("annual_review_12m", "2025-03-01", "2026-02-28", STATE_BREACHED)};
    uint64_t baseline = LIMIT_BIT(limit("annual_review_12m"));
    assert_int_equal(compare(&t, two, 2, baseline, c), 2);
    for (int i = 0; i < 2; i++) {
        bool silent = c[i].now.limit == limit("annual_review_12m");
        assert_int_equal(c[i].alert, silent ? ALERT_NONE : ALERT_BREACHED);
        assert_int_equal(c[i].seq, silent ? 0 : 1);
    }
    assert_int_equal(compare(&t, two, 2, 0, c), 0);
    assert_int_equal(compare(&t, NULL, 0, baseline, c), 2);
    for (int i = 0; i < 2; i++)
        assert_int_equal(c[i].alert, c[i].now.limit == limit("annual_review_12m") ? ALERT_NONE : ALERT_VOID);
}

static void limits_not_monitored_are_left_alone(void **state)
{
    (void)state;
    struct rulebook rb;
    struct change c[8];
    struct stored s = {
        .limit = (uint8_t)limit("final_plan_20w"), .state = STATE_BREACHED, .due = 20000, .seq = 4};
    rulebook_builtin(&rb);
    uint64_t others = LIMITS_ALL & ~LIMIT_BIT(limit("final_plan_20w"));
    assert_int_equal(drift_compare(&rb, others, 0, &s, 1, NULL, 0, c), 0);
    assert_int_equal(drift_compare(&rb, LIMITS_ALL, 0, &s, 1, NULL, 0, c), 1);
}

/* --- a long random life: the table must follow ------------------------------------------------------------------------------ */

static size_t random_obligations(struct rng *r, const struct rulebook *rb, struct obligation *o)
{
    size_t n = 0;
    for (int tries = rng_between(r, 0, 12); tries > 0; tries--) {
        struct obligation x = {
            .limit = (uint8_t)(rng_below(r, 4) * 11 % rb->n),
            .state = (uint8_t)rng_below(r, STATE_COUNT),
            .exception = (uint8_t)(rng_one_in(r, 4) ? rng_below(r, 4) : 0),
            .subject = rng_below(r, 3),
            .start = 20000 + (civil_day)rng_below(r, 4),
            .due = 20100 + (civil_day)rng_below(r, 3),
            .closed = rng_one_in(r, 2) ? CIVIL_NONE : 20050 + (civil_day)rng_below(r, 3),
            .days = (int32_t)rng_below(r, 100),
        };
        bool there = false;
        for (size_t i = 0; i < n; i++)
            there |= o[i].limit == x.limit && o[i].subject == x.subject && o[i].start == x.start;
        if (!there)
            o[n++] = x;
    }
    return n;
}

static void the_stored_rows_follow_the_computed_ones(void **state)
{
    (void)state;
    struct rng r = rng_seeded("drift");
    struct rulebook rb;
    rulebook_builtin(&rb);
    for (int run = 0; run < 500; run++) {
        struct table t = {.n = 0};
        for (int poll = 0; poll < 30; poll++) {
            struct obligation now[16];
            struct change c[MOST + 16];
            size_t n = random_obligations(&r, &rb, now), told = t.told;
            uint64_t baseline = rng_one_in(&r, 3) ? LIMITS_ALL : rng_next(&r);
            RNG_SHUFFLE(&r, t.row, t.n); /* the database promises no order */
            compare(&t, now, n, baseline, c);
            if (baseline == LIMITS_ALL)
                assert_int_equal(t.told, told);
            size_t live = 0;
            for (size_t i = 0; i < t.n; i++) {
                const struct obligation *o = NULL;
                for (size_t k = 0; k < n && o == NULL; k++)
                    if (is_row(&t.row[i], &now[k]))
                        o = &now[k];
                assert_int_equal(t.row[i].gone, o == NULL);
                if (o == NULL) {
                    assert_int_equal(t.row[i].state, STATE_VOID);
                    continue;
                }
                live++;
                assert_true(t.row[i].state == o->state && t.row[i].due == o->due &&
                            t.row[i].closed == o->closed && t.row[i].exception == o->exception);
            }
            assert_int_equal(live, n);
            RNG_SHUFFLE(&r, now, n);
            assert_int_equal(compare(&t, now, n, 0, c), 0);
        }
    }
}

static void nothing_and_nothing(void **state)
{
    (void)state;
    struct table t = {.n = 0};
    struct change c[1];
    assert_int_equal(compare(&t, NULL, 0, 0, c), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_cell_of_the_step_table),
        cmocka_unit_test(the_life_of_an_obligation),
        cmocka_unit_test(a_moved_due_date_is_told),
        cmocka_unit_test(a_floating_due_date_tells_nobody),
        cmocka_unit_test(a_withdrawn_obligation_keeps_its_sequence),
        cmocka_unit_test(a_corrected_start_is_told_as_the_new_date),
        cmocka_unit_test(a_baseline_is_written_and_not_told),
        cmocka_unit_test(limits_not_monitored_are_left_alone),
        cmocka_unit_test(the_stored_rows_follow_the_computed_ones),
        cmocka_unit_test(nothing_and_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
