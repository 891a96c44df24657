/* The rulebook as an authority may change it: limits of its own, thresholds, and who keeps it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "casework.h"

static const struct limit own = {
    .id = "acknowledge",
    .title = "Acknowledge the request",
    .kind = KIND_LOCAL,
    .starts = {{EV_REQUEST_RECEIVED, SUBJECT_PARENT}},
    .discharged_by = {{EV_ASSESS_AGREED}, {EV_ASSESS_REFUSED}},
    .per = PER_ONCE,
    .life = LIFE_REQUEST,
    .count = COUNT_WORKING_DAYS_AFTER,
    .n = 5,
    .warn_days = 2,
    .in_force_from = 16314, /* 1 September 2014 */
    .citation = "local standard",
    .evidence = EVIDENCE_INFERRED,
};

struct seen {
    struct obligation o[256];
    size_t n;
};

static void keep(void *ud, const struct obligation *o)
{
    struct seen *s = ud;
    assert_true(s->n < 256);
    s->o[s->n++] = *o;
}

static void look(const struct rulebook *rb, const char *text, const char *as_of, struct seen *out)
{
    struct scene s;
    struct calendar cal;
    scene_read(&s, text);
    calendar_builtin(&cal);
    facts_settle(&s.view, s.subjects, day(as_of));
    out->n = 0;
    evaluate(rb, &cal, &s.view, day(as_of), LIMITS_ALL, keep, out);
    scene_free(&s);
}

static const struct obligation *of(const struct seen *s, int limit)
{
    const struct obligation *found = NULL;
    for (size_t i = 0; i < s->n; i++)
        if (s->o[i].limit == limit) {
            assert_null(found);
            found = &s->o[i];
        }
    return found;
}

static void an_own_limit_is_one_more(void **state)
{
    (void)state;
    char id[] = "acknowledge", title[] = "Acknowledge the request";
    struct limit row = own;
    struct rulebook *rb = rulebook_new();
    assert_non_null(rb);
    assert_string_equal(rb->version, RULEBOOK_VERSION);
    row.id = id;
    row.title = title;
    assert_true(rulebook_add_own(rb, &row));
    memset(id, 'x', sizeof id - 1); /* texts and row are copied */
    memset(title, 'x', sizeof title - 1);
    memset(&row, 0, sizeof row);
    assert_string_equal(rb->version, "england-2026.08+local");
    assert_int_equal(rb->n, limit_count() + 1);
    int at = rulebook_find(rb, "acknowledge");
    assert_int_equal(at, limit_count());
    assert_string_equal(rb->rule[at].limit->title, "Acknowledge the request");
    assert_true(rb->rule[at].names_subject);

    struct seen s;
    static const struct {
        const char *facts, *as_of;
        enum state state;
        int days;
    } rows[] = {
        {"2026-06-01 request_received parent", "2026-06-05", STATE_ON_TRACK, 3},
        {"2026-06-01 request_received parent", "2026-06-06", STATE_AT_RISK, 2},
        {"2026-06-01 request_received parent", "2026-06-08", STATE_AT_RISK, 0},
        {"2026-06-01 request_received parent", "2026-06-09", STATE_BREACHED, 1},
        {"2026-06-01 request_received parent, 2026-06-08 assess_agreed", "2026-07-01", STATE_MET, 0},
        {"2026-06-01 request_received parent, 2026-06-10 assess_refused", "2026-07-01", STATE_MET_LATE, 2},
        {"2026-06-01 request_received parent, 2026-06-10 request_withdrawn", "2026-07-01", STATE_MISSED, 2},
        {"2026-06-01 request_received parent, 2026-06-03 request_withdrawn", "2026-07-01", STATE_VOID, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        look(rb, rows[i].facts, rows[i].as_of, &s);
        const struct obligation *o = of(&s, at);
        assert_non_null(o);
        assert_day_equal(o->due, "2026-06-08");
        assert_int_equal(o->state, rows[i].state);
        assert_int_equal(o->days, rows[i].days);
    }
    look(rb, "2026-06-01 request_received school", "2026-06-09", &s);
    assert_null(of(&s, at));
    rulebook_unref(rb);
}

static void others_do_not_notice(void **state)
{
    (void)state;
    static const char facts[] =
        "2025-01-06 request_received parent, 2025-02-10 assess_agreed, 2025-06-20 plan_issued,"
        "2026-05-11 review_meeting, 2026-06-05 review_decided_amend";
    struct rulebook builtin, *rb = rulebook_new();
    struct seen a, b;
    rulebook_builtin(&builtin);
    assert_true(rulebook_add_own(rb, &own));
    for (civil_day d = day("2025-01-01"); d < day("2026-10-01"); d += 3) {
        look(&builtin, facts, text_of(d), &a);
        look(rb, facts, text_of(d), &b);
        size_t mine = 0;
        for (size_t i = 0; i < b.n; i++)
            if (b.o[i].limit == limit_count())
                mine++;
            else
                assert_true(same_obligation(&a.o[i - mine], &b.o[i]));
        assert_int_equal(b.n, a.n + mine);
    }
    rulebook_unref(rb);
}

/* No built-in limit that counts in days is discharged by what starts it; an authority's own may be. */
static void a_start_does_not_discharge_what_opens_on_its_day(void **state)
{
    (void)state;
    struct limit row = own;
    struct rulebook *rb = rulebook_new();
    struct seen s;
    row.starts[0] = row.discharged_by[0] = (struct limit_term){EV_REVIEW_MEETING, SUBJECT_NONE};
    row.discharged_by[1] = (struct limit_term){EV_UNKNOWN, SUBJECT_NONE};
    row.per = PER_CASE;
    row.life = LIFE_CASE;
    assert_true(rulebook_add_own(rb, &row));
    look(rb, "2026-06-01 review_meeting", "2026-06-02", &s);
    assert_int_equal(of(&s, (int)limit_count())->closed, CIVIL_NONE);
    look(rb, "2026-06-01 review_meeting, 2026-06-04 review_meeting", "2026-06-05", &s);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (s.o[i].limit != limit_count())
            continue;
        if (n++ == 0) {
            assert_day_equal(s.o[i].start, "2026-06-01");
            assert_day_equal(s.o[i].closed, "2026-06-04");
        } else {
            assert_day_equal(s.o[i].start, "2026-06-04");
            assert_int_equal(s.o[i].closed, CIVIL_NONE);
        }
    }
    assert_int_equal(n, 2);
    rulebook_unref(rb);
}

static void a_threshold_moves_the_warning_and_nothing_else(void **state)
{
    (void)state;
    static const char facts[] = "2026-01-05 request_received parent"; /* 20 weeks: 25 May, built in 28 days */
    static const int days[] = {0, 1, 21, 28, 29, 139, 140, 365};
    int limit = limit_by_id("final_plan_20w");
    for (size_t k = 0; k < sizeof days / sizeof days[0]; k++) {
        struct rulebook builtin, *rb = rulebook_new();
        struct seen a, b;
        rulebook_builtin(&builtin);
        rulebook_set_warn_days(rb, (size_t)limit, days[k]);
        assert_string_equal(rb->version, RULEBOOK_VERSION_LOCAL);
        assert_int_equal(limit_at((size_t)limit)->warn_days, 28); /* the table is as it was */
        for (civil_day d = day("2026-01-05"); d < day("2026-06-10"); d++) {
            look(&builtin, facts, text_of(d), &a);
            look(rb, facts, text_of(d), &b);
            assert_int_equal(a.n, b.n);
            for (size_t i = 0; i < a.n; i++) {
                if (a.o[i].limit == limit) {
                    civil_day due = day("2026-05-25");
                    enum state want = d > due              ? STATE_BREACHED
                                      : d >= due - days[k] ? STATE_AT_RISK
                                                           : STATE_ON_TRACK;
                    assert_int_equal(b.o[i].due, due);
                    assert_int_equal(b.o[i].state, want);
                    a.o[i].state = b.o[i].state;
                }
                assert_true(same_obligation(&a.o[i], &b.o[i]));
            }
        }
        rulebook_unref(rb);
    }
}

static void a_threshold_is_one_for_all_versions(void **state)
{
    (void)state;
    struct limit later = *limit_at((size_t)limit_by_id("final_plan_20w")), first = later;
    struct rulebook *rb = rulebook_new();
    later.in_force_from = first.in_force_to = day("2029-09-01");
    first.id = "another";
    later.id = "another";
    assert_true(rulebook_add_own(rb, &first) && rulebook_add_own(rb, &later));
    size_t at = (size_t)rulebook_find(rb, "another");
    rulebook_set_warn_days(rb, at, 7);
    assert_int_equal(rulebook_version(rb, at, day("2028-01-01"))->warn_days, 7);
    assert_int_equal(rulebook_version(rb, at, day("2030-01-01"))->warn_days, 7);
    rulebook_unref(rb);
}

static void it_fills_up(void **state)
{
    (void)state;
    struct rulebook *rb = rulebook_new();
    struct limit row = own;
    size_t added = 0;
    for (char id[16]; row.id = id, snprintf(id, sizeof id, "s%zu", added), rulebook_add_own(rb, &row);)
        added++;
    assert_int_equal(added, LIMIT_MAX - limit_count());
    assert_int_equal(rb->n, LIMIT_MAX);
    struct seen s;
    look(rb, "2026-06-01 request_received parent", "2026-06-09", &s);
    assert_int_equal(of(&s, LIMIT_MAX - 1)->state, STATE_BREACHED);
    rulebook_unref(rb);
}

static void it_lives_with_its_last_reference(void **state)
{
    (void)state;
    struct rulebook value, *rb = rulebook_new();
    assert_true(rulebook_add_own(rb, &own));
    assert_ptr_equal(rulebook_ref(rb), rb);
    rulebook_unref(rb);
    assert_int_equal(rulebook_find(rb, "acknowledge"), limit_count());
    rulebook_unref(rb);
    rulebook_unref(NULL);
    rulebook_builtin(&value); /* nobody frees a value */
    assert_ptr_equal(rulebook_ref(&value), &value);
    rulebook_unref(&value);
    rulebook_unref(&value);
    assert_int_equal(value.n, limit_count());
}

/* What is stored with an evaluation, to know after an upgrade which limits are no longer the same. */
static void its_digest_is_of_what_matters(void **state)
{
    (void)state;
    struct rulebook *rb = rulebook_new(), *other = rulebook_new();
    struct limit row = own;
    assert_true(rulebook_add_own(rb, &row));
    row.title = "Another title";
    row.citation = "another page";
    assert_true(rulebook_add_own(other, &row));
    size_t n = rb->n - 1;
    for (size_t i = 0; i < rb->n; i++)
        assert_true(rulebook_digest(rb, i) == rulebook_digest(other, i));
    for (size_t i = 1; i < rb->n; i++) /* rows alike in all that counts are alike in this */
        assert_true(rulebook_digest(rb, i) != rulebook_digest(rb, n) || i == n);
    rulebook_set_warn_days(other, 0, other->rule[0].warn_days + 1);
    assert_true(rulebook_digest(rb, 0) != rulebook_digest(other, 0));
    assert_true(rulebook_digest(rb, 1) == rulebook_digest(other, 1));
    rulebook_unref(other);
    for (int field = 0; field < 7; field++) {
        row = own;
        row.n += field == 0;
        row.starts[0].event = field == 1 ? EV_PLAN_ISSUED : row.starts[0].event;
        row.discharged_by[0].subject = field == 2 ? SUBJECT_HEALTH : row.discharged_by[0].subject;
        row.voided_by[0].event = field == 3 ? EV_PLAN_ISSUED : row.voided_by[0].event;
        row.count = field == 4 ? COUNT_MONTHS_AFTER : row.count;
        row.per = field == 5 ? PER_START : row.per;
        row.in_force_to += field == 6;
        other = rulebook_new();
        assert_true(rulebook_add_own(other, &row));
        if (rulebook_digest(rb, n) == rulebook_digest(other, n))
            fail_msg("field %d does not count", field);
        rulebook_unref(other);
    }
    rulebook_unref(rb);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_own_limit_is_one_more),
        cmocka_unit_test(others_do_not_notice),
        cmocka_unit_test(a_start_does_not_discharge_what_opens_on_its_day),
        cmocka_unit_test(a_threshold_moves_the_warning_and_nothing_else),
        cmocka_unit_test(a_threshold_is_one_for_all_versions),
        cmocka_unit_test(it_fills_up),
        cmocka_unit_test(it_lives_with_its_last_reference),
        cmocka_unit_test(its_digest_is_of_what_matters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
