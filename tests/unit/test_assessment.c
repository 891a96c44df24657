#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "assessment.h"
#include "casework.h"

#define TODAY "2026-07-22"

static void put(char *text, size_t cap, civil_day on)
{
    char date[CIVIL_TEXT_LEN];
    civil_format(on, date);
    strncat(text, on != CIVIL_NONE ? date + 5 : "-", cap - strlen(text) - 1);
}

/* "begun end over: decision advice draft plan", days without the year; "+": taken up again, "!": not all advice was waited for. */
static void write_course(const struct course *c, char *text, size_t cap)
{
    static const char *const ends[] = {" open ", " plan ", " refused ", " left "};
    text[0] = '\0';
    strncat(text, c->again ? "+" : "", cap - 1);
    put(text, cap, c->begun);
    strncat(text, ends[c->end], cap - strlen(text) - 1);
    put(text, cap, c->over);
    strncat(text, ":", cap - strlen(text) - 1);
    for (int m = 0; m < MILESTONE_COUNT; m++) {
        strncat(text, " ", cap - strlen(text) - 1);
        put(text, cap, c->day[m]);
    }
    strncat(text, c->unadvised ? "!" : "", cap - strlen(text) - 1);
}

#define R       "2026-01-05 request_received"
#define ASKED   R ", 2026-02-01 assess_agreed, 2026-02-02 advice_requested health"
#define ADVISED ASKED ", 2026-03-02 advice_received health"
#define REFUSED R ", 2026-02-01 assess_refused"

static const struct row {
    const char *facts;
    const char *courses[2];
} rows[] = {
    {"", {0}},
    {"2026-02-01 assess_agreed", {0}},
    {R, {"01-05 open -: - - - -"}},
    {R ", 2026-03-01 request_received", {"01-05 open -: - - - -"}},
    {"2026-01-04 request_withdrawn, " R, {0}},
    {"2026-01-05 moved_out, " R, {"01-05 left 01-05: - - - -"}},
    /* A move that has not come yet ends nothing. */
    {R ", 2026-08-01 moved_out", {"01-05 open -: - - - -"}},
    {R ", 2026-07-22 moved_out", {"01-05 left 07-22: - - - -"}},
    /* A plan of the day of the end is the end; a plan from elsewhere is none. */
    {R ", 2026-03-01 case_closed, 2026-03-01 plan_issued", {"01-05 plan 03-01: - - - 03-01!"}},
    {R ", 2026-03-01 plan_transferred_in", {"01-05 open -: - - - -"}},
    {R ", 2026-03-01 plan_issued, 2026-03-02 draft_sent", {"01-05 plan 03-01: - - - 03-01!"}},

    /* Advice. */
    {ASKED, {"01-05 open -: 02-01 - - -"}},
    {ADVISED, {"01-05 open -: 02-01 03-02 - -"}},
    {ASKED ", 2026-02-10 advice_requested health, 2026-03-02 advice_received health",
     {"01-05 open -: 02-01 03-02 - -"}},
    {ADVISED ", 2026-03-10 advice_requested health", {"01-05 open -: 02-01 - - -"}},
    {ADVISED ", 2026-03-10 advice_requested health, 2026-03-20 advice_received health",
     {"01-05 open -: 02-01 03-20 - -"}},
    {ADVISED ", 2026-03-10 advice_received health", {"01-05 open -: 02-01 03-02 - -"}},
    {ADVISED ", 2026-03-02 advice_requested health", {"01-05 open -: 02-01 - - -"}},
    {R ", 2026-03-02 advice_requested health, 2026-03-02 advice_received health",
     {"01-05 open -: - 03-02 - -"}},
    {R ", 2026-03-02 advice_received health", {"01-05 open -: - - - -"}},
    {ASKED ", 2026-04-01 draft_sent", {"01-05 open -: 02-01 04-01 04-01 -!"}},
    {ADVISED ", 2026-04-01 draft_sent", {"01-05 open -: 02-01 03-02 04-01 -"}},
    {R ", 2026-04-01 draft_sent", {"01-05 open -: - - 04-01 -!"}},
    {ADVISED ", 2026-04-01 draft_sent, 2026-04-02 advice_requested education",
     {"01-05 open -: 02-01 03-02 04-01 -"}},
    {ADVISED ", 2026-04-01 draft_sent, 2026-05-01 plan_issued, 2026-05-09 advice_requested health",
     {"01-05 plan 05-01: 02-01 03-02 04-01 05-01"}},

    /* Refusals. */
    {REFUSED, {"01-05 refused 02-01: - - - -"}},
    {REFUSED ", 2026-02-01 assess_agreed", {"01-05 refused 02-01: - - - -"}},
    {REFUSED ", 2026-05-01 assess_agreed", {"01-05 refused 02-01: - - - -", "+05-01 open -: 05-01 - - -"}},
    {REFUSED ", 2026-05-01 draft_sent, 2026-06-01 plan_issued",
     {"01-05 refused 02-01: - - - -", "+05-01 plan 06-01: 05-01 - 05-01 06-01!"}},
    {REFUSED ", 2026-03-01 request_withdrawn, 2026-05-01 assess_agreed", {"01-05 refused 02-01: - - - -"}},
    {REFUSED ", 2026-05-01 issue_refused", {"01-05 refused 02-01: - - - -"}},
    {ASKED ", 2026-03-01 issue_refused, 2026-05-01 issue_agreed, 2026-05-02 advice_received health",
     {"01-05 refused 03-01: 02-01 - - -", "+05-01 open -: 05-01 - - -"}},
};

static void courses(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct scene s;
        struct assessment a;
        scene_read(&s, rows[i].facts);
        facts_settle(&s.view, s.subjects, day(TODAY));
        assessment_of(&s.view, day(TODAY), &a);
        for (size_t k = 0; k < 2; k++) {
            char text[80] = "none";
            if (k < a.n)
                write_course(&a.course[k], text, sizeof text);
            print_message("%s: %s\n", rows[i].facts, text);
            assert_string_equal(text, rows[i].courses[k] != NULL ? rows[i].courses[k] : "none");
        }
        scene_free(&s);
    }
}

static void steps_are_of_all_courses(void **state)
{
    (void)state;
    struct scene s;
    struct assessment a;
    scene_read(&s, R ", 2026-02-01 assess_refused, 2026-03-01 assess_agreed, 2026-04-01 draft_sent, "
                     "2026-05-01 issue_refused, 2026-06-01 plan_issued, 2026-06-02 case_closed");
    facts_settle(&s.view, s.subjects, day(TODAY));
    assessment_of(&s.view, day(TODAY), &a);
    assert_int_equal(a.n, 3);
    assert_int_equal(a.steps.start, day("2026-01-05"));
    assert_int_equal(a.steps.decided, day("2026-02-01"));
    assert_true(a.steps.refused);
    assert_int_equal(a.steps.draft, day("2026-04-01"));
    assert_int_equal(a.steps.no_plan, day("2026-05-01"));
    assert_int_equal(a.steps.issued, day("2026-06-01"));
    assert_int_equal(a.steps.over, CIVIL_NONE); /* it had ended with the plan */
    scene_free(&s);
}

/* More of them than there is room for: the first ones and the last. */
static void more_courses_than_told_apart(void **state)
{
    (void)state;
    struct scene s;
    struct assessment a;
    scene_read(&s, R ", 2026-01-06 assess_refused, 2026-01-07 assess_agreed, 2026-01-08 issue_refused, "
                     "2026-01-09 issue_agreed, 2026-01-10 issue_refused, 2026-01-11 issue_agreed, "
                     "2026-01-12 issue_refused, 2026-01-13 draft_sent, 2026-01-14 plan_issued");
    facts_settle(&s.view, s.subjects, day(TODAY));
    assessment_of(&s.view, day(TODAY), &a);
    assert_int_equal(a.n, COURSES_MAX);
    assert_int_equal(a.course[2].begun, day("2026-01-09"));
    assert_int_equal(a.course[3].begun, day("2026-01-13"));
    assert_int_equal(a.course[3].end, COURSE_PLAN);
    assert_int_equal(a.steps.issued, day("2026-01-14"));
    scene_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(courses),
        cmocka_unit_test(steps_are_of_all_courses),
        cmocka_unit_test(more_courses_than_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
