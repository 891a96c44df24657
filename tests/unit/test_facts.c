#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "casework.h"
#include "facts.h"

/* "date event[ subject]; ..." of what is left after settling, in order. */
static const char *settled(struct scene *s, const char *as_of)
{
    static char out[4096];
    size_t n = 0;
    out[0] = '\0';
    facts_settle(&s->view, s->subjects, day(as_of));
    uint64_t present = 0;
    for (size_t i = 0; i < s->view.n; i++) {
        const struct fact *f = &s->view.facts[i];
        const char *subject = names_text(s->subjects, f->subject);
        n += (size_t)snprintf(out + n, sizeof out - n, "%s%s %s%s%s", i > 0 ? "; " : "", text_of(f->on),
                              event_name((enum event)f->event), *subject ? " " : "", subject);
        present |= EVENT_BIT(f->event);
    }
    if (present != s->view.present)
        snprintf(out + n, sizeof out - n, " (present is wrong)");
    return out;
}

static struct row {
    const char *name, *facts, *as_of, *left;
} rows[] = {
    {"nothing", "", "2026-07-22", ""},
    {"sorted by date, event and subject as bytes",
     "2026-03-02 draft_sent, 2026-03-01 plan_issued, 2026-03-01 advice_received psychology, "
     "2026-03-01 advice_received SCH-9, 2026-03-01 advice_received education, 2026-03-01 advice_received zz, "
     "2026-03-01 advice_received",
     "2026-07-22",
     "2026-03-01 advice_received; 2026-03-01 advice_received SCH-9; 2026-03-01 advice_received education; "
     "2026-03-01 advice_received psychology; 2026-03-01 advice_received zz; 2026-03-01 plan_issued; "
     "2026-03-02 draft_sent"},
    {"words of the law and others are one order",
     "2026-03-01 advice_received healthy, 2026-03-01 advice_received health, 2026-03-01 advice_received "
     "heal, "
     "2026-03-01 advice_received social_care, 2026-03-01 advice_received \xc3\xa9",
     "2026-07-22",
     "2026-03-01 advice_received heal; 2026-03-01 advice_received health; 2026-03-01 advice_received "
     "healthy; "
     "2026-03-01 advice_received social_care; 2026-03-01 advice_received \xc3\xa9"},
    {"rows with equal event, subject and date are one",
     "2026-03-01 draft_sent, 2026-03-01 advice_received health, 2026-03-01 draft_sent, "
     "2026-03-01 advice_received health, 2026-03-01 advice_received, 2026-03-02 draft_sent, 2026-03-01 "
     "draft_sent",
     "2026-07-22",
     "2026-03-01 advice_received; 2026-03-01 advice_received health; 2026-03-01 draft_sent; 2026-03-02 "
     "draft_sent"},
    {"the as-of date is seen, the day after is not", "2026-07-22 draft_sent, 2026-07-23 plan_issued",
     "2026-07-22", "2026-07-22 draft_sent"},
    {"arranged meetings, transfers and moves may lie ahead",
     "2027-01-01 review_arranged, 2027-09-01 phase_transfer school, 2026-12-01 moved_out, 2026-12-01 "
     "move_known, "
     "2026-12-01 review_meeting",
     "2026-07-22", "2026-12-01 moved_out; 2027-01-01 review_arranged; 2027-09-01 phase_transfer school"},
    {"a cancelled move is not seen", "2026-05-01 move_known, 2026-06-01 moved_out, 2026-05-20 move_cancelled",
     "2026-07-22", "2026-05-01 move_known; 2026-05-20 move_cancelled"},
    {"cancelled on the day of the move", "2026-06-01 moved_out, 2026-06-01 move_cancelled", "2026-07-22",
     "2026-06-01 move_cancelled"},
    {"cancelled after the move: it took place", "2026-06-01 moved_out, 2026-06-02 move_cancelled",
     "2026-07-22", "2026-06-01 moved_out; 2026-06-02 move_cancelled"},
    {"taken up again", "2026-05-01 move_cancelled, 2026-05-02 move_known, 2026-06-01 moved_out", "2026-07-22",
     "2026-05-01 move_cancelled; 2026-05-02 move_known; 2026-06-01 moved_out"},
    {"taken up again on the day of the move",
     "2026-05-01 move_cancelled, 2026-06-01 move_known, 2026-06-01 moved_out", "2026-07-22",
     "2026-05-01 move_cancelled; 2026-06-01 move_known; 2026-06-01 moved_out"},
    {"an awareness of the day of the cancellation is not after it",
     "2026-05-01 move_cancelled, 2026-05-01 move_known, 2026-06-01 moved_out", "2026-07-22",
     "2026-05-01 move_cancelled; 2026-05-01 move_known"},
    {"an awareness after the move does not bring it back",
     "2026-05-01 move_cancelled, 2026-06-01 moved_out, 2026-06-02 move_known", "2026-07-22",
     "2026-05-01 move_cancelled; 2026-06-02 move_known"},
    {"cancelled, known, cancelled",
     "2026-05-01 move_cancelled, 2026-05-02 move_known, 2026-05-03 move_cancelled, 2026-06-01 moved_out",
     "2026-07-22", "2026-05-01 move_cancelled; 2026-05-02 move_known; 2026-05-03 move_cancelled"},
    {"of two moves only the later is cancelled",
     "2026-04-01 moved_out, 2026-05-01 move_cancelled, 2026-06-01 moved_out", "2026-07-22",
     "2026-04-01 moved_out; 2026-05-01 move_cancelled"},
    {"a cancellation after the as-of date is not seen", "2026-08-01 moved_out, 2026-07-23 move_cancelled",
     "2026-07-22", "2026-08-01 moved_out"},
    {"a move ahead is cancelled", "2026-09-01 moved_out, 2026-07-20 move_cancelled", "2026-07-22",
     "2026-07-20 move_cancelled"},
};

static void settle_row(void **state)
{
    const struct row *row = *state;
    char got[4096];
    struct scene s;
    scene_read(&s, row->facts);
    snprintf(got, sizeof got, "%s", settled(&s, row->as_of));
    bool idempotent = strcmp(settled(&s, row->as_of), got) == 0;
    scene_free(&s);
    assert_string_equal(got, row->left);
    assert_true(idempotent);
}

static void what_lies_ahead_is_kept_apart(void **state)
{
    (void)state;
    struct scene s;
    scene_read(&s, "2026-07-25 plan_issued, 2026-07-01 draft_sent, 2026-08-01 review_arranged, 2026-07-23 "
                   "plan_amended, 2026-07-25 plan_issued, 2026-07-22 issue_agreed");
    const char *left = settled(&s, "2026-07-22");
    assert_string_equal(left, "2026-07-01 draft_sent; 2026-07-22 issue_agreed; 2026-08-01 review_arranged");
    assert_int_equal(s.view.n_ahead, 2);
    assert_int_equal(s.view.ahead[0].event, EV_PLAN_AMENDED);
    assert_int_equal(s.view.ahead[1].event, EV_PLAN_ISSUED);
    assert_day_equal(s.view.ahead[1].on, "2026-07-25");
    scene_free(&s);
}

/* --- random histories --------------------------------------------------------------------------------------------------- */

#define MOST 400

static size_t random_facts(struct rng *r, struct names *subjects, struct fact *f)
{
    static const enum event moves[] = {EV_MOVED_OUT, EV_MOVE_CANCELLED, EV_MOVE_KNOWN};
    size_t n = rng_one_in(r, 4) ? rng_below(r, MOST) : rng_below(r, 20);
    int days = rng_between(r, 1, 60);
    for (size_t i = 0; i < n; i++) {
        char text[16];
        int len = snprintf(text, sizeof text, "S%u", rng_below(r, 40));
        f[i] = (struct fact){
            .on = day("2026-07-22") - rng_between(r, -5, days),
            .event = (uint8_t)(rng_one_in(r, 3) ? moves[rng_below(r, 3)]
                                                : (enum event)rng_between(r, 1, EV_COUNT - 1)),
            .subject =
                rng_one_in(r, 2) ? rng_below(r, SUBJECT_COUNT) : names_add(subjects, text, (size_t)len),
            .mark = (uint8_t)rng_below(r, 256),
        };
        if (i > 0 && rng_one_in(r, 5))
            f[i] = f[rng_below(r, (uint32_t)i)];
    }
    return n;
}

/* The rule of section 1 word for word, in the slowest way. */
static bool is_cancelled(const struct fact *f, size_t n, civil_day as_of, civil_day move)
{
    for (size_t c = 0; c < n; c++) {
        if (f[c].event != EV_MOVE_CANCELLED || f[c].on > move || f[c].on > as_of)
            continue;
        bool known_again = false;
        for (size_t k = 0; k < n; k++)
            known_again |=
                f[k].event == EV_MOVE_KNOWN && f[k].on > f[c].on && f[k].on <= move && f[k].on <= as_of;
        if (!known_again)
            return true;
    }
    return false;
}

static bool is_seen(const struct fact *f, size_t n, size_t i, civil_day as_of)
{
    enum event ev = (enum event)f[i].event;
    if (f[i].on > as_of && ev != EV_REVIEW_ARRANGED && ev != EV_PHASE_TRANSFER && ev != EV_MOVED_OUT)
        return false;
    return ev != EV_MOVED_OUT || !is_cancelled(f, n, as_of, f[i].on);
}

static void the_order_of_rows_never_matters(void **state)
{
    (void)state;
    struct rng r = rng_seeded("facts");
    static struct fact given[MOST], one[MOST], other[MOST];
    struct names *subjects = names_new_subjects();
    civil_day as_of = day("2026-07-22");
    for (int round = 0; round < 3000; round++) {
        size_t n = random_facts(&r, subjects, given);
        memcpy(one, given, sizeof given);
        memcpy(other, given, sizeof given);
        RNG_SHUFFLE(&r, other, n);
        struct case_facts a = {.facts = one, .n = n}, b = {.facts = other, .n = n};
        facts_settle(&a, subjects, as_of);
        facts_settle(&b, subjects, as_of);
        assert_int_equal(a.n, b.n);
        assert_true(a.present == b.present);
        assert_memory_equal(one, other, a.n * sizeof one[0]);

        size_t wanted = 0; /* distinct rows that are seen */
        uint64_t present = 0;
        for (size_t i = 0; i < n; i++) {
            bool again = false;
            for (size_t j = 0; j < i; j++)
                again |= given[j].on == given[i].on && given[j].event == given[i].event &&
                         given[j].subject == given[i].subject;
            if (again || !is_seen(given, n, i, as_of))
                continue;
            wanted++;
            present |= EVENT_BIT(given[i].event);
            bool found = false;
            for (size_t k = 0; k < a.n; k++)
                found |= one[k].on == given[i].on && one[k].event == given[i].event &&
                         one[k].subject == given[i].subject;
            assert_true(found);
        }
        assert_int_equal(a.n, wanted);
        assert_true(a.present == present);
        for (size_t i = 0; i < a.n; i++)
            assert_int_equal(one[i].mark, 0);
        for (size_t i = 1; i < a.n; i++) {
            const struct fact *x = &one[i - 1], *y = &one[i];
            int c = x->on != y->on ? (x->on < y->on ? -1 : 1)
                    : x->event != y->event
                        ? (int)x->event - (int)y->event
                        : strcmp(names_text(subjects, x->subject), names_text(subjects, y->subject));
            assert_true(c < 0);
        }
    }
    names_free(subjects);
}

/* --- known at ------------------------------------------------------------------------------------------------------------ */

static void a_row_is_known_between_recording_and_voiding(void **state)
{
    (void)state;
    static const struct {
        int64_t recorded, voided, at;
        bool known;
    } cases[] = {
        {TIME_NONE, TIME_NONE, KNOWN_NOW, true},
        {TIME_NONE, 5, KNOWN_NOW, false},
        {100, TIME_NONE, KNOWN_NOW, true},
        {100, 200, KNOWN_NOW, false},
        {TIME_NONE, TIME_NONE, -1000, true},
        {100, TIME_NONE, 99, false},
        {100, TIME_NONE, 100, true},
        {100, 200, 199, true},
        {100, 200, 200, false},
        {TIME_NONE, 200, 199, true},
        {TIME_NONE, 200, 200, false},
        {200, 100, 150, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        if (facts_known(cases[i].recorded, cases[i].voided, cases[i].at) != cases[i].known)
            fail_msg("row %zu", i);
}

static void grounds_by_name(void **state)
{
    (void)state;
    for (int g = 0; g < GROUND_COUNT; g++) {
        const char *name = ground_name((enum ground)g);
        assert_int_equal(ground_by_name(name, strlen(name)), g);
        assert_int_equal(ground_by_name(name, strlen(name) - 1), GROUND_COUNT);
    }
    assert_int_equal(ground_by_name("", 0), GROUND_COUNT);
    assert_int_equal(ground_by_name("personally", 10), GROUND_COUNT);
}

int main(void)
{
    static struct CMUnitTest tests[64];
    const struct CMUnitTest fixed[] = {
        cmocka_unit_test(what_lies_ahead_is_kept_apart),
        cmocka_unit_test(the_order_of_rows_never_matters),
        cmocka_unit_test(a_row_is_known_between_recording_and_voiding),
        cmocka_unit_test(grounds_by_name),
    };
    size_t n = sizeof fixed / sizeof fixed[0];
    memcpy(tests, fixed, sizeof fixed);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        tests[n++] = (struct CMUnitTest){rows[i].name, settle_row, NULL, NULL, &rows[i]};
    return _cmocka_run_group_tests("facts", tests, n, NULL, NULL) != 0;
}
