#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "stuck.h"
#include "walk_make.h"

#define TODAY "2026-09-01"

struct happening {
    enum event event;
    int on; /* days after today */
    const char *subject;
};

struct world {
    struct made made;
    struct judge_how how;
    struct stuck *s;
};

/* One case with these facts, ended by EV_UNKNOWN. */
static void count_one(struct world *w, const struct happening *facts)
{
    *w = (struct world){0};
    made_begin(&w->made, made_day(TODAY), LIMITS_ALL);
    made_case(&w->made, 1, "C-1", "North", "T", "o", CIVIL_NONE);
    for (; facts->event != EV_UNKNOWN; facts++)
        made_fact(&w->made, 1, facts->event, facts->subject != NULL ? facts->subject : "",
                  made_day(TODAY) + facts->on);
    made_end(&w->made);
}

static void count(struct world *w, civil_day as_of, uint64_t watched)
{
    int more;
    w->how = walk_how(&w->made, as_of, KNOWN_NOW);
    w->s = stuck_new(&w->how, watched);
    assert_non_null(w->s);
    walk_all(&w->made, &w->how, stuck_visit, w->s);
    while ((more = stuck_finish(w->s)) == 1)
        ;
    assert_int_equal(more, 0);
}

static void end(struct world *w)
{
    stuck_free(w->s);
    made_free(&w->made);
}

/* --- stages -------------------------------------------------------------------------------------------------------------- */

#define NOT_OPEN STUCK_STAGES

static const struct course_row {
    const char *what;
    struct happening facts[9];
    int now, waiting;       /* the stage it is in, and for how many days */
    int done[STUCK_STAGES]; /* days that each stage took, -1: none that counts */
    int left;               /* the stage it left without its end, or -1 */
} courses[] = {
    {"asked for", {{EV_REQUEST_RECEIVED, -30}}, STUCK_DECISION, 30, {-1, -1, -1, -1}, -1},
    {"agreed, nobody asked",
     {{EV_REQUEST_RECEIVED, -60}, {EV_ASSESS_AGREED, -20}},
     STUCK_ADVICE,
     20,
     {40, -1, -1, -1},
     -1},
    {"one of two has answered",
     {{EV_REQUEST_RECEIVED, -60},
      {EV_ASSESS_AGREED, -20},
      {EV_ADVICE_REQUESTED, -20, "health"},
      {EV_ADVICE_REQUESTED, -19, "education"},
      {EV_ADVICE_RECEIVED, -5, "education"}},
     STUCK_ADVICE,
     20,
     {40, -1, -1, -1},
     -1},
    {"both have answered",
     {{EV_REQUEST_RECEIVED, -60},
      {EV_ASSESS_AGREED, -20},
      {EV_ADVICE_REQUESTED, -20, "health"},
      {EV_ADVICE_REQUESTED, -19, "education"},
      {EV_ADVICE_RECEIVED, -5, "education"},
      {EV_ADVICE_RECEIVED, -7, "health"}},
     STUCK_DRAFT,
     5,
     {40, 15, -1, -1},
     -1},
    {"drafted",
     {{EV_REQUEST_RECEIVED, -100},
      {EV_ASSESS_AGREED, -60},
      {EV_ADVICE_REQUESTED, -60, "health"},
      {EV_ADVICE_RECEIVED, -30, "health"},
      {EV_DRAFT_SENT, -12}},
     STUCK_FINAL,
     12,
     {40, 30, 18, -1},
     -1},
    {"drafted without advice",
     {{EV_REQUEST_RECEIVED, -100},
      {EV_ASSESS_AGREED, -60},
      {EV_ADVICE_REQUESTED, -60, "health"},
      {EV_DRAFT_SENT, -12}},
     STUCK_FINAL,
     12,
     {40, 48, -1, -1},
     -1},
    {"issued",
     {{EV_REQUEST_RECEIVED, -140},
      {EV_ASSESS_AGREED, -100},
      {EV_ADVICE_REQUESTED, -100, "health"},
      {EV_ADVICE_RECEIVED, -60, "health"},
      {EV_DRAFT_SENT, -40},
      {EV_PLAN_ISSUED, -5}},
     NOT_OPEN,
     0,
     {40, 40, 20, 35},
     -1},
    {"refused",
     {{EV_REQUEST_RECEIVED, -50}, {EV_ASSESS_REFUSED, -10}},
     NOT_OPEN,
     0,
     {-1, -1, -1, -1},
     STUCK_DECISION},
    {"withdrawn",
     {{EV_REQUEST_RECEIVED, -50}, {EV_REQUEST_WITHDRAWN, -10}},
     NOT_OPEN,
     0,
     {-1, -1, -1, -1},
     STUCK_DECISION},
    {"no plan",
     {{EV_REQUEST_RECEIVED, -140},
      {EV_ASSESS_AGREED, -100},
      {EV_ADVICE_REQUESTED, -100, "health"},
      {EV_ADVICE_RECEIVED, -60, "health"},
      {EV_ISSUE_REFUSED, -40}},
     NOT_OPEN,
     0,
     {40, 40, -1, -1},
     STUCK_DRAFT},
    {"refused, and taken up again: no 20 weeks run, and nothing of it is a decision's duration",
     {{EV_REQUEST_RECEIVED, -200}, {EV_ASSESS_REFUSED, -160}, {EV_ASSESS_AGREED, -20}},
     NOT_OPEN,
     0,
     {-1, -1, -1, -1},
     STUCK_DECISION},
    {"asked again after the plan",
     {{EV_REQUEST_RECEIVED, -140},
      {EV_ASSESS_AGREED, -100},
      {EV_ADVICE_REQUESTED, -100, "health"},
      {EV_ADVICE_RECEIVED, -60, "health"},
      {EV_DRAFT_SENT, -40},
      {EV_PLAN_ISSUED, -25},
      {EV_ADVICE_REQUESTED, -10, "health"}},
     NOT_OPEN,
     0,
     {40, 40, 20, 15},
     -1},
    {"asked and answered before the decision",
     {{EV_REQUEST_RECEIVED, -60},
      {EV_ADVICE_REQUESTED, -50, "health"},
      {EV_ADVICE_RECEIVED, -30, "health"},
      {EV_ASSESS_AGREED, -20}},
     STUCK_DRAFT,
     20,
     {40, 0, -1, -1},
     -1},
    {"a move to come",
     {{EV_REQUEST_RECEIVED, -30}, {EV_MOVED_OUT, 10}},
     STUCK_DECISION,
     30,
     {-1, -1, -1, -1},
     -1},
    {"364 days ago",
     {{EV_REQUEST_RECEIVED, -400}, {EV_ASSESS_AGREED, -364}},
     STUCK_ADVICE,
     364,
     {36, -1, -1, -1},
     -1},
    {"365 days ago",
     {{EV_REQUEST_RECEIVED, -400}, {EV_ASSESS_AGREED, -365}},
     STUCK_ADVICE,
     365,
     {-1, -1, -1, -1},
     -1},
};

static void one_course(void **state)
{
    const struct course_row *x = *state;
    struct world w;
    count_one(&w, x->facts);
    count(&w, made_day(TODAY), LIMITS_ALL);
    for (int i = 0; i < STUCK_STAGES; i++) {
        const struct stuck_stage_counts *n = &w.s->stage[i];
        assert_int_equal(n->now, i == x->now);
        assert_int_equal(n->left, i == x->left);
        assert_int_equal(day_counts_percentile(&n->waiting, 50), i == x->now ? x->waiting : NO_DAYS);
        assert_int_equal(day_counts_percentile(&n->done, 50), x->done[i]);
    }
    end(&w);
}

/* --- advice -------------------------------------------------------------------------------------------------------------- */

static void advice_by_body(void **state)
{
    (void)state;
    static const struct {
        struct happening facts[5];
        enum stuck_body body;
        uint32_t asked, in_time, late, outstanding, overdue;
        int days; /* the answer's */
    } rows[] = {
#define BEGUN {EV_REQUEST_RECEIVED, -450}
        {{BEGUN, {EV_ADVICE_REQUESTED, -60, "health"}, {EV_ADVICE_RECEIVED, -18, "health"}},
         BODY_HEALTH,
         1,
         1,
         0,
         0,
         0,
         42},
        {{BEGUN, {EV_ADVICE_REQUESTED, -60, "psychology"}, {EV_ADVICE_RECEIVED, -17, "psychology"}},
         BODY_PSYCHOLOGY,
         1,
         0,
         1,
         0,
         0,
         43},
        {{BEGUN, {EV_ADVICE_REQUESTED, -42, "education"}}, BODY_EDUCATION, 1, 0, 0, 1, 0, NO_DAYS},
        {{BEGUN, {EV_ADVICE_REQUESTED, -43, "social_care"}}, BODY_SOCIAL_CARE, 1, 0, 0, 1, 1, NO_DAYS},
        {{BEGUN, {EV_ADVICE_REQUESTED, -43, "parent"}, {EV_ADVICE_RECEIVED, -40, "health"}},
         BODY_OTHERS,
         1,
         0,
         0,
         1,
         1,
         NO_DAYS},
        {{BEGUN, {EV_ADVICE_REQUESTED, -43, "Dr Who"}}, BODY_OTHERS, 1, 0, 0, 1, 1, NO_DAYS},
        {{BEGUN, {EV_ADVICE_REQUESTED, -90, "health"}, {EV_PLAN_ISSUED, -30}},
         BODY_HEALTH,
         1,
         0,
         0,
         0,
         0,
         NO_DAYS},
        {{BEGUN, {EV_ADVICE_REQUESTED, -380, "health"}, {EV_ADVICE_RECEIVED, -364, "health"}},
         BODY_HEALTH,
         0,
         1,
         0,
         0,
         0,
         16},
        {{BEGUN, {EV_ADVICE_REQUESTED, -380, "health"}, {EV_ADVICE_RECEIVED, -365, "health"}},
         BODY_HEALTH,
         0,
         0,
         0,
         0,
         0,
         NO_DAYS},
#undef BEGUN
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct world w;
        count_one(&w, rows[i].facts);
        count(&w, made_day(TODAY), LIMITS_ALL);
        const struct stuck_advice *a = &w.s->advice[rows[i].body];
        assert_int_equal(a->asked, rows[i].asked);
        assert_int_equal(a->in_time, rows[i].in_time);
        assert_int_equal(a->late, rows[i].late);
        assert_int_equal(a->outstanding, rows[i].outstanding);
        assert_int_equal(a->overdue, rows[i].overdue);
        assert_int_equal(day_counts_percentile(&a->answering, 50), rows[i].days);
        assert_int_equal(a->oldest, rows[i].outstanding > 0 ? -rows[i].facts[1].on : NO_DAYS);
        end(&w);
    }
}

/* --- reviews ------------------------------------------------------------------------------------------------------------- */

/* A meeting on 31 August 2025, seen on later days. */
static void reviews_by_age(void **state)
{
    (void)state;
    static const struct {
        const char *day;
        enum stuck_age age;
    } rows[] = {
        {"2025-08-31", REVIEW_4W},  {"2025-09-28", REVIEW_4W},  {"2025-09-29", REVIEW_6M},
        {"2026-02-27", REVIEW_6M},  {"2026-02-28", REVIEW_12M}, {"2026-08-30", REVIEW_12M},
        {"2026-08-31", REVIEW_24M}, {"2027-08-30", REVIEW_24M}, {"2027-08-31", REVIEW_OLDER},
    };
    const int meeting = made_day("2025-08-31") - made_day(TODAY);
    struct world w;
    const struct happening facts[] = {{EV_PLAN_ISSUED, meeting - 300}, {EV_REVIEW_MEETING, meeting}, {0}};
    count_one(&w, facts);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        stuck_free(w.s);
        count(&w, made_day(rows[i].day), LIMITS_ALL);
        for (int age = 0; age < REVIEW_AGES; age++)
            assert_int_equal(w.s->reviews[age].undecided, age == (int)rows[i].age);
        assert_int_equal(w.s->oldest_review, made_day("2025-08-31"));
    }
    end(&w);
}

static void what_completes_a_review(void **state)
{
    (void)state;
    static const struct {
        struct happening facts[6];
        uint32_t undecided, unamended;
    } rows[] = {
#define HELD {EV_PLAN_ISSUED, -500}, {EV_REVIEW_MEETING, -20}
        {{HELD}, 1, 0},
        {{HELD, {EV_REVIEW_DECIDED_MAINTAIN, -10}}, 0, 0},
        {{HELD, {EV_REVIEW_DECIDED_MAINTAIN, -30}}, 1, 0},
        {{HELD, {EV_REVIEW_DECIDED_AMEND, -10}}, 0, 1},
        {{HELD, {EV_REVIEW_DECIDED_AMEND, -10}, {EV_PLAN_AMENDED, -5}}, 0, 0},
        {{HELD, {EV_REVIEW_DECIDED_AMEND, -10}, {EV_AMENDMENT_DROPPED, -5}}, 0, 0},
        {{HELD, {EV_REVIEW_DECIDED_AMEND, -10}, {EV_TRANSFER_PLAN_SENT, -5}}, 0, 0},
        {{HELD, {EV_REVIEW_DECIDED_AMEND, -10}, {EV_PLAN_AMENDED, -25}}, 0, 1},
        {{HELD, {EV_PLAN_CEASED, -5}}, 0, 0},
        {{HELD, {EV_PLAN_TRANSFERRED_OUT, -15}, {EV_PLAN_TRANSFERRED_IN, -10}}, 0, 0},
        {{HELD, {EV_REQUEST_RECEIVED, -5}}, 1, 0},
        {{{EV_REVIEW_MEETING, -20}, {EV_PLAN_TRANSFERRED_IN, -10}}, 0, 0},
        {{{EV_PLAN_ISSUED, -500}}, 0, 0},
#undef HELD
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct world w;
        count_one(&w, rows[i].facts);
        count(&w, made_day(TODAY), LIMITS_ALL);
        assert_int_equal(w.s->reviews[REVIEW_4W].undecided, rows[i].undecided);
        assert_int_equal(w.s->reviews[REVIEW_4W].unamended, rows[i].unamended);
        end(&w);
    }
}

/* --- transfers ----------------------------------------------------------------------------------------------------------- */

static void transfers_of_two_years(void **state)
{
    (void)state;
    struct world w;
    const int next = made_day("2027-09-01") - made_day(TODAY);
    const struct happening facts[] = {{EV_PLAN_ISSUED, -900},        {EV_PHASE_TRANSFER, 0, "school"},
                                      {EV_TRANSFER_PLAN_SENT, -190}, {EV_PHASE_TRANSFER, next, "post16"},
                                      {EV_REVIEW_MEETING, 30},       {0}};
    count_one(&w, facts);
    count(&w, made_day(TODAY), LIMITS_ALL);
    const struct stuck_transfers *feb = w.s->transfers[TRANSFER_15FEB], *mar = w.s->transfers[TRANSFER_31MAR];
    assert_true(feb[TRANSFERS_LAST].due == made_day("2026-02-14") &&
                feb[TRANSFERS_COMING].due == made_day("2027-02-14"));
    assert_true(feb[TRANSFERS_LAST].owed == 1 && feb[TRANSFERS_LAST].late == 1 &&
                feb[TRANSFERS_LAST].reviewed == 1);
    assert_true(feb[TRANSFERS_COMING].owed == 0);
    assert_true(mar[TRANSFERS_COMING].due == made_day("2027-03-30") && mar[TRANSFERS_COMING].owed == 1);
    assert_true(mar[TRANSFERS_COMING].outstanding == 1 && mar[TRANSFERS_COMING].reviewed == 0);
    stuck_free(w.s);
    count(&w, made_day("2026-10-01"), LIMITS_ALL);
    assert_int_equal(w.s->transfers[TRANSFER_31MAR][TRANSFERS_COMING].reviewed, 1);
    stuck_free(w.s);
    count(&w, made_day("2026-02-14"), LIMITS_ALL); /* the last day is not over yet */
    assert_int_equal(w.s->transfers[TRANSFER_15FEB][TRANSFERS_COMING].due, made_day("2026-02-14"));
    assert_int_equal(w.s->transfers[TRANSFER_15FEB][TRANSFERS_COMING].outstanding, 1);
    end(&w);
}

/* --- loads --------------------------------------------------------------------------------------------------------------- */

enum { OFFICERS = 300 };

/* Three hundred officers in two teams, in no order: each has his own, by name, and the teams have them all. */
static void loads_by_name(void **state)
{
    (void)state;
    struct world w = {0};
    made_begin(&w.made, made_day(TODAY), LIMITS_ALL);
    for (int i = 0; i < 3 * OFFICERS; i++) {
        char ref[24], officer[24];
        snprintf(ref, sizeof ref, "C-%d", i);
        snprintf(officer, sizeof officer, "CO-%03d", i * 7 % OFFICERS);
        made_case(&w.made, i, ref, "N", i * 7 % OFFICERS % 2 ? "West" : "East", officer, CIVIL_NONE);
    }
    for (int i = 0; i < 3 * OFFICERS; i++) {
        made_fact(&w.made, i, EV_REQUEST_RECEIVED, "", made_day(TODAY) - (i < OFFICERS ? 150 : 20));
        if (i >= 2 * OFFICERS)
            made_fact(&w.made, i, EV_CASE_CLOSED, "", made_day(TODAY) - 1);
    }
    made_end(&w.made);
    count(&w, made_day(TODAY), LIMIT_BIT(rulebook_find(&w.made.rulebook, "final_plan_20w")));
    assert_int_equal(w.s->officers.n, OFFICERS);
    assert_int_equal(w.s->teams.n, 2);
    for (int i = 0; i < OFFICERS; i++) {
        const struct stuck_load *l = &w.s->officers.row[i];
        char name[24];
        snprintf(name, sizeof name, "CO-%03d", i < OFFICERS / 2 ? 2 * i : 2 * (i - OFFICERS / 2) + 1);
        assert_string_equal(names_text(w.made.words->places, l->officer), name);
        assert_true(l->cases == 2 && l->assessments == 2 && l->overdue_assessments == 1 && l->plans == 0);
        assert_true(l->breached_cases == 1 && l->breached == 1 && l->oldest_breach == 10 &&
                    l->oldest_assessment == 150);
        assert_int_equal(l->due_28, 0);
    }
    assert_string_equal(names_text(w.made.words->places, w.s->teams.row[0].team), "East");
    assert_true(w.s->teams.row[0].cases == OFFICERS && w.s->teams.row[1].breached == OFFICERS / 2);
    end(&w);
}

/* Refused, and since then the Tribunal has ordered an assessment: the officer's list of breaches has it, and so has his load. */
static void loads_of_what_was_refused(void **state)
{
    (void)state;
    static const struct happening ordered[] = {{EV_REQUEST_RECEIVED, -300},
                                               {EV_ASSESS_REFUSED, -270},
                                               {EV_TRIBUNAL_ORDER, -100, "assess"},
                                               {EV_UNKNOWN, 0}},
                                  settled[] = {{EV_REQUEST_RECEIVED, -300},
                                               {EV_ASSESS_REFUSED, -270},
                                               {EV_UNKNOWN, 0}};
    struct world w;
    count_one(&w, ordered);
    count(&w, made_day(TODAY), LIMITS_ALL);
    assert_int_equal(w.s->officers.n, 1);
    assert_true(w.s->officers.row[0].cases == 1 && w.s->officers.row[0].breached > 0 &&
                w.s->officers.row[0].breached_cases == 1);
    assert_int_equal(w.s->teams.row[0].breached, w.s->officers.row[0].breached);
    end(&w);
    count_one(&w, settled);
    count(&w, made_day(TODAY), LIMITS_ALL);
    assert_int_equal(w.s->officers.n, 0);
    end(&w);
}

enum { COURSES = sizeof courses / sizeof courses[0] };

int main(void)
{
    struct CMUnitTest tests[COURSES + 6] = {
        cmocka_unit_test(advice_by_body),          cmocka_unit_test(reviews_by_age),
        cmocka_unit_test(what_completes_a_review), cmocka_unit_test(transfers_of_two_years),
        cmocka_unit_test(loads_by_name),           cmocka_unit_test(loads_of_what_was_refused),
    };
    size_t n = 6;
    for (size_t i = 0; i < COURSES; i++)
        tests[n++] =
            (struct CMUnitTest){courses[i].what, one_course, NULL, NULL, (void *)(uintptr_t)&courses[i]};
    return _cmocka_run_group_tests("stuck", tests, n, NULL, NULL) != 0;
}
