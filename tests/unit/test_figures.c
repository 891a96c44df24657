#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "figures.h"
#include "walk_make.h"

#define TODAY "2026-09-01"

struct world {
    struct made made;
    struct judge_how how;
    struct figures *f;
};

static void count_at(struct world *w, civil_day as_of, int64_t known_at)
{
    figures_free(w->f);
    w->how = walk_how(&w->made, as_of, known_at);
    w->f = figures_new(&w->how, w->made.snapshot->seen);
    assert_non_null(w->f);
    walk_all(&w->made, &w->how, figures_visit, w->f);
    assert_int_equal(figures_finish(w->f), 0);
}

static void begin(struct world *w)
{
    *w = (struct world){0};
    made_begin(&w->made, made_day(TODAY), LIMITS_ALL);
}

static void count(struct world *w)
{
    made_end(&w->made);
    count_at(w, made_day(TODAY), KNOWN_NOW);
}

static void end(struct world *w)
{
    figures_free(w->f);
    made_free(&w->made);
}

/* --- one case each ------------------------------------------------------------------------------------------------------- */

/* A case, and what it adds to one figure of the 365 days, and to what is open. */
static const struct edge {
    const char *what;
    struct {
        enum event event;
        int on; /* days after today */
    } facts[6];
    bool claimed; /* a bare exception */
    enum figure figure;
    uint32_t counted, in_time, excepted;
    uint32_t open, overdue;
} edges[] = {
#define P FIGURE_PLANS
    {"140 days", {{EV_REQUEST_RECEIVED, -200}, {EV_PLAN_ISSUED, -60}}, 0, P, 1, 1, 0, 0, 0},
    {"141 days", {{EV_REQUEST_RECEIVED, -201}, {EV_PLAN_ISSUED, -60}}, 0, P, 1, 0, 0, 0, 0},
    {"responsibility", {{EV_RESPONSIBILITY_BEGAN, -200}, {EV_PLAN_ISSUED, -60}}, 0, P, 1, 1, 0, 0, 0},
    {"a second request",
     {{EV_REQUEST_RECEIVED, -400}, {EV_REQUEST_RECEIVED, -100}, {EV_PLAN_ISSUED, -50}},
     0,
     P,
     1,
     0,
     0,
     0,
     0},
    {"two plans",
     {{EV_REQUEST_RECEIVED, -200}, {EV_PLAN_ISSUED, -60}, {EV_PLAN_ISSUED, -10}},
     0,
     P,
     1,
     1,
     0,
     0,
     0},
    {"the day of the request", {{EV_REQUEST_RECEIVED, -60}, {EV_PLAN_ISSUED, -60}}, 0, P, 1, 1, 0, 0, 0},
    {"a plan before the request",
     {{EV_PLAN_ISSUED, -300}, {EV_REQUEST_RECEIVED, -200}, {EV_PLAN_ISSUED, -100}},
     0,
     P,
     1,
     1,
     0,
     0,
     0},
    {"transferred in", {{EV_PLAN_TRANSFERRED_IN, -60}}, 0, P, 0, 0, 0, 0, 0},
    {"no request", {{EV_PLAN_ISSUED, -60}}, 0, P, 0, 0, 0, 0, 0},
    {"withdrawn before",
     {{EV_REQUEST_RECEIVED, -200}, {EV_REQUEST_WITHDRAWN, -100}, {EV_PLAN_ISSUED, -60}},
     0,
     P,
     0,
     0,
     0,
     0,
     0},
    {"withdrawn that day",
     {{EV_REQUEST_RECEIVED, -200}, {EV_REQUEST_WITHDRAWN, -60}, {EV_PLAN_ISSUED, -60}},
     0,
     P,
     1,
     1,
     0,
     0,
     0},
    {"closed before the request",
     {{EV_CASE_CLOSED, -300}, {EV_REQUEST_RECEIVED, -200}, {EV_PLAN_ISSUED, -60}},
     0,
     P,
     0,
     0,
     0,
     0,
     0},
    {"moved away later",
     {{EV_REQUEST_RECEIVED, -200}, {EV_PLAN_ISSUED, -60}, {EV_MOVED_OUT, -20}},
     0,
     P,
     1,
     1,
     0,
     0,
     0},
    {"364 days ago", {{EV_REQUEST_RECEIVED, -500}, {EV_PLAN_ISSUED, -364}}, 0, P, 1, 1, 0, 0, 0},
    {"365 days ago", {{EV_REQUEST_RECEIVED, -500}, {EV_PLAN_ISSUED, -365}}, 0, P, 0, 0, 0, 0, 0},
    {"today", {{EV_REQUEST_RECEIVED, -100}, {EV_PLAN_ISSUED, 0}}, 0, P, 1, 1, 0, 0, 0},
    {"tomorrow", {{EV_REQUEST_RECEIVED, -141}, {EV_PLAN_ISSUED, 1}}, 0, P, 0, 0, 0, 1, 1},
    {"late and excepted", {{EV_REQUEST_RECEIVED, -300}, {EV_PLAN_ISSUED, -60}}, 1, P, 1, 0, 1, 0, 0},
    {"in time, exception claimed", {{EV_REQUEST_RECEIVED, -200}, {EV_PLAN_ISSUED, -60}}, 1, P, 1, 1, 0, 0, 0},
    {"after a refusal and an appeal",
     {{EV_REQUEST_RECEIVED, -300}, {EV_ASSESS_REFUSED, -260}, {EV_PLAN_ISSUED, -60}},
     0,
     P,
     1,
     0,
     0,
     0,
     0},
    {"open, 140 days", {{EV_REQUEST_RECEIVED, -140}}, 0, P, 0, 0, 0, 1, 0},
    {"open, 141 days", {{EV_REQUEST_RECEIVED, -141}}, 0, P, 0, 0, 0, 1, 1},
    {"open and excepted", {{EV_REQUEST_RECEIVED, -141}}, 1, P, 0, 0, 0, 1, 1},
    {"refused", {{EV_REQUEST_RECEIVED, -300}, {EV_ASSESS_REFUSED, -270}}, 0, P, 0, 0, 0, 0, 0},
    {"no plan",
     {{EV_REQUEST_RECEIVED, -300}, {EV_ASSESS_AGREED, -270}, {EV_ISSUE_REFUSED, -200}},
     0,
     P,
     0,
     0,
     0,
     0,
     0},
    {"withdrawn", {{EV_REQUEST_RECEIVED, -300}, {EV_REQUEST_WITHDRAWN, -290}}, 0, P, 0, 0, 0, 0, 0},
    {"moves tomorrow", {{EV_REQUEST_RECEIVED, -300}, {EV_MOVED_OUT, 1}}, 0, P, 0, 0, 0, 1, 1},
    {"moves today", {{EV_REQUEST_RECEIVED, -300}, {EV_MOVED_OUT, 0}}, 0, P, 0, 0, 0, 0, 0},
    {"does not move after all",
     {{EV_REQUEST_RECEIVED, -300}, {EV_MOVE_KNOWN, -40}, {EV_MOVE_CANCELLED, -30}, {EV_MOVED_OUT, -20}},
     0,
     P,
     0,
     0,
     0,
     1,
     1},
#undef P
#define D FIGURE_DECISIONS
    {"agreed, 42 days", {{EV_REQUEST_RECEIVED, -100}, {EV_ASSESS_AGREED, -58}}, 0, D, 1, 1, 0, 0, 0},
    {"agreed, 43 days", {{EV_REQUEST_RECEIVED, -100}, {EV_ASSESS_AGREED, -57}}, 0, D, 1, 0, 0, 0, 0},
    {"refused, 42 days", {{EV_REQUEST_RECEIVED, -100}, {EV_ASSESS_REFUSED, -58}}, 0, D, 1, 1, 0, 0, 0},
    {"refused, 43 days", {{EV_REQUEST_RECEIVED, -100}, {EV_ASSESS_REFUSED, -57}}, 0, D, 1, 0, 0, 0, 0},
    {"refused, then agreed",
     {{EV_REQUEST_RECEIVED, -100}, {EV_ASSESS_REFUSED, -60}, {EV_ASSESS_AGREED, -20}},
     0,
     D,
     1,
     1,
     0,
     0,
     0},
    {"not decided", {{EV_REQUEST_RECEIVED, -42}}, 0, D, 0, 0, 0, 1, 0},
    {"not decided, late", {{EV_REQUEST_RECEIVED, -43}}, 0, D, 0, 0, 0, 1, 1},
    {"a plan without a decision", {{EV_REQUEST_RECEIVED, -100}, {EV_PLAN_ISSUED, -20}}, 0, D, 0, 0, 0, 0, 0},
    {"decided after withdrawal",
     {{EV_REQUEST_RECEIVED, -100}, {EV_REQUEST_WITHDRAWN, -80}, {EV_ASSESS_AGREED, -70}},
     0,
     D,
     0,
     0,
     0,
     0,
     0},
#undef D
#define R FIGURE_REFUSALS
    {"no plan, 112 days",
     {{EV_REQUEST_RECEIVED, -200}, {EV_ASSESS_AGREED, -170}, {EV_ISSUE_REFUSED, -88}},
     0,
     R,
     1,
     1,
     0,
     0,
     0},
    {"no plan, 113 days",
     {{EV_REQUEST_RECEIVED, -200}, {EV_ASSESS_AGREED, -170}, {EV_ISSUE_REFUSED, -87}},
     0,
     R,
     1,
     0,
     0,
     0,
     0},
    {"nothing said, 113 days", {{EV_REQUEST_RECEIVED, -113}, {EV_ASSESS_AGREED, -80}}, 0, R, 0, 0, 0, 1, 1},
#undef R
#define V FIGURE_REVIEWS
    {"review, 28 days",
     {{EV_PLAN_ISSUED, -400}, {EV_REVIEW_MEETING, -60}, {EV_REVIEW_DECIDED_AMEND, -32}},
     0,
     V,
     1,
     1,
     0,
     0,
     0},
    {"review, 29 days",
     {{EV_PLAN_ISSUED, -400}, {EV_REVIEW_MEETING, -60}, {EV_REVIEW_DECIDED_CEASE, -31}},
     0,
     V,
     1,
     0,
     0,
     0,
     0},
    {"the last meeting counts",
     {{EV_PLAN_ISSUED, -400},
      {EV_REVIEW_MEETING, -90},
      {EV_REVIEW_MEETING, -60},
      {EV_REVIEW_DECIDED_MAINTAIN, -32}},
     0,
     V,
     1,
     1,
     0,
     0,
     0},
    {"a meeting is used once",
     {{EV_PLAN_ISSUED, -400},
      {EV_REVIEW_MEETING, -60},
      {EV_REVIEW_DECIDED_MAINTAIN, -50},
      {EV_REVIEW_DECIDED_AMEND, -40}},
     0,
     V,
     1,
     1,
     0,
     0,
     0},
    {"two words of one day",
     {{EV_PLAN_ISSUED, -400},
      {EV_REVIEW_MEETING, -60},
      {EV_REVIEW_DECIDED_MAINTAIN, -50},
      {EV_REVIEW_DECIDED_AMEND, -50}},
     0,
     V,
     1,
     1,
     0,
     0,
     0},
    {"on the meeting's day",
     {{EV_PLAN_ISSUED, -400}, {EV_REVIEW_MEETING, -60}, {EV_REVIEW_DECIDED_AMEND, -60}},
     0,
     V,
     1,
     1,
     0,
     0,
     0},
    {"no meeting", {{EV_PLAN_ISSUED, -400}, {EV_REVIEW_DECIDED_AMEND, -60}}, 0, V, 0, 0, 0, 0, 0},
    {"undecided, 29 days", {{EV_PLAN_ISSUED, -400}, {EV_REVIEW_MEETING, -29}}, 0, V, 0, 0, 0, 1, 1},
#undef V
};

static void one_edge(void **state)
{
    const struct edge *x = *state;
    const civil_day today = made_day(TODAY);
    struct world w;
    begin(&w);
    made_case(&w.made, 1, "C-1", "North", "T", "", made_day("2018-01-01"));
    if (x->claimed)
        made_claim(&w.made, 1, GROUND_CLAIMED, CIVIL_NONE, CIVIL_NONE);
    for (int i = 0; i < 6 && x->facts[i].event != EV_UNKNOWN; i++)
        made_fact(&w.made, 1, x->facts[i].event, "", today + x->facts[i].on);
    count(&w);
    const struct figure_set *s = &figures_period(w.f, 0)->set[ALL_AGES];
    assert_int_equal(s->figure[x->figure].counted, x->counted);
    assert_int_equal(s->figure[x->figure].in_time, x->in_time);
    assert_int_equal(s->figure[x->figure].excepted, x->excepted);
    assert_int_equal(w.f->now[x->figure].open, x->open);
    assert_int_equal(w.f->now[x->figure].overdue, x->overdue);
    assert_int_equal(w.f->now[x->figure].excepted, x->claimed ? x->overdue : 0);
    end(&w);
}

/* --- transfers ------------------------------------------------------------------------------------------------------------- */

static const struct transfer {
    const char *subject, *plan, *sent;
    enum figure figure;
    uint32_t counted, in_time, open, overdue;
} transfers[] = {
    {"school", "2024-01-10", "2026-02-14", FIGURE_TRANSFERS_15FEB, 1, 1, 0, 0},
    {"school", "2024-01-10", "2026-02-15", FIGURE_TRANSFERS_15FEB, 1, 0, 0, 0},
    {"school", "2024-01-10", NULL, FIGURE_TRANSFERS_15FEB, 1, 0, 1, 1},
    {"school", "2026-02-20", NULL, FIGURE_TRANSFERS_15FEB, 0, 0, 0, 0}, /* the plan came too late for it */
    {"post16", "2024-01-10", "2026-03-30", FIGURE_TRANSFERS_31MAR, 1, 1, 0, 0},
    {"post16", "2024-01-10", "2026-03-31", FIGURE_TRANSFERS_31MAR, 1, 0, 0, 0},
    {"post16_move", "2024-01-10", NULL, FIGURE_TRANSFERS_31MAR, 0, 0, 0, 0},
};

static void transfers_by_their_date(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof transfers / sizeof transfers[0]; i++) {
        const struct transfer *x = &transfers[i];
        struct world w;
        begin(&w);
        made_case(&w.made, 1, "C-1", "North", "T", "", CIVIL_NONE);
        made_fact(&w.made, 1, EV_PLAN_ISSUED, "", made_day(x->plan));
        made_fact(&w.made, 1, EV_PHASE_TRANSFER, x->subject, made_day(TODAY));
        if (x->sent != NULL)
            made_fact(&w.made, 1, EV_TRANSFER_PLAN_SENT, "", made_day(x->sent));
        else /* or the figure would be unknown to the source */
            made_fact(&w.made, 1, EV_TRANSFER_PLAN_SENT, "", made_day("2020-01-01"));
        count(&w);
        const struct figure_set *s = &figures_period(w.f, 2026)->set[ALL_AGES];
        assert_int_equal(s->figure[x->figure].counted, x->counted);
        assert_int_equal(s->figure[x->figure].in_time, x->in_time);
        assert_int_equal(w.f->now[x->figure].open, x->open);
        assert_int_equal(w.f->now[x->figure].overdue, x->overdue);
        assert_true(w.f->recorded[x->figure]);
        end(&w);
    }
}

/* Due in February 2027: until then it is open, and in no figure. */
static void a_transfer_counts_when_it_is_due(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    made_case(&w.made, 1, "C-1", "North", "T", "", CIVIL_NONE);
    made_fact(&w.made, 1, EV_PHASE_TRANSFER, "school", made_day("2027-09-01"));
    count(&w);
    assert_int_equal(w.f->now[FIGURE_TRANSFERS_15FEB].open, 1);
    assert_false(w.f->recorded[FIGURE_TRANSFERS_15FEB]);
    for (size_t i = 0; i < w.f->n_periods; i++)
        assert_int_equal(w.f->periods[i]->set[ALL_AGES].figure[FIGURE_TRANSFERS_15FEB].counted, 0);
    count_at(&w, made_day("2027-02-14"), KNOWN_NOW); /* the last lawful day: it can still be sent */
    assert_int_equal(figures_period(w.f, 2027)->set[ALL_AGES].figure[FIGURE_TRANSFERS_15FEB].counted, 0);
    assert_int_equal(w.f->now[FIGURE_TRANSFERS_15FEB].open, 1);
    count_at(&w, made_day("2027-02-15"), KNOWN_NOW);
    assert_int_equal(figures_period(w.f, 2027)->set[ALL_AGES].figure[FIGURE_TRANSFERS_15FEB].counted, 1);
    assert_int_equal(figures_period(w.f, 2027)->set[ALL_AGES].figure[FIGURE_TRANSFERS_15FEB].in_time, 0);
    end(&w);
}

/* --- many cases ------------------------------------------------------------------------------------------------------------ */

/* Plans of the last day of 2025 and the first of 2026, of 20, 52 and more weeks, and children of 4 and 5 years on that day. */
static void periods_bands_and_ages(void **state)
{
    (void)state;
    static const struct {
        int days;
        const char *issued, *born;
    } plans[] = {
        {140, "2025-12-31", "2021-01-01"}, {141, "2025-12-31", "2020-12-31"},
        {364, "2026-01-01", "2021-01-01"}, {365, "2026-01-01", "2021-01-01"},
        {365, "2026-01-01", NULL},         {7, "2024-05-05", "2009-01-01"},
    };
    struct world w;
    begin(&w);
    for (size_t i = 0; i < 6; i++) {
        char ref[24];
        snprintf(ref, sizeof ref, "C-%zu", i);
        made_case(&w.made, (int64_t)i, ref, "N", "T", "",
                  plans[i].born != NULL ? made_day(plans[i].born) : CIVIL_NONE);
    }
    for (size_t i = 0; i < 6; i++) {
        made_fact(&w.made, (int64_t)i, EV_REQUEST_RECEIVED, "", made_day(plans[i].issued) - plans[i].days);
        made_fact(&w.made, (int64_t)i, EV_PLAN_ISSUED, "", made_day(plans[i].issued));
    }
    count(&w);
    const struct figure_period *y2024 = figures_period(w.f, 2024), *y2025 = figures_period(w.f, 2025),
                               *y2026 = figures_period(w.f, 2026), *rolling = figures_period(w.f, 0);
    assert_int_equal(w.f->n_periods, 4);
    assert_null(figures_period(w.f, 2023));
    assert_true(y2026->to == made_day(TODAY) && y2025->to == made_day("2025-12-31"));
    assert_int_equal(rolling->to - rolling->from, 364);
    const uint32_t waits[][WAITS] = {{1, 0, 0}, {1, 1, 0}, {0, 1, 2}, {1, 2, 2}};
    const struct figure_period *all[] = {y2024, y2025, y2026, rolling};
    for (int i = 0; i < 4; i++)
        assert_memory_equal(all[i]->set[ALL_AGES].waits, waits[i], sizeof waits[i]);
    assert_int_equal(y2025->set[0].figure[FIGURE_PLANS].counted, 1);
    assert_int_equal(y2025->set[1].figure[FIGURE_PLANS].counted, 1);
    assert_int_equal(y2026->set[1].figure[FIGURE_PLANS].counted, 2);
    assert_int_equal(y2026->set[AGE_UNKNOWN].figure[FIGURE_PLANS].counted, 1);
    assert_int_equal(day_counts_percentile(&y2026->set[ALL_AGES].issued, 50), 365);
    assert_int_equal(day_counts_percentile(&rolling->set[ALL_AGES].issued, 50), 364);
    end(&w);
}

/* Before a correction was known, and before a plan was recorded. */
static void as_it_was_known(void **state)
{
    (void)state;
    const int64_t day_us = INT64_C(86400) * 1000000, today = made_day(TODAY);
    struct world w;
    begin(&w);
    made_case(&w.made, 1, "C-1", "N", "T", "", CIVIL_NONE);
    made_fact(&w.made, 1, EV_REQUEST_RECEIVED, "", made_day(TODAY) - 300);
    made_fact_known(&w.made, 1, EV_PLAN_ISSUED, "", made_day(TODAY) - 200, (today - 50) * day_us,
                    (today - 20) * day_us);
    made_fact_known(&w.made, 1, EV_PLAN_ISSUED, "", made_day(TODAY) - 100, (today - 20) * day_us, TIME_NONE);
    count(&w);
    static const struct {
        int known, in_time, counted, open;
    } at[] = {{-60, 0, 0, 1}, {-40, 1, 1, 0}, {-10, 0, 1, 0}};
    for (int i = 0; i < 3; i++) {
        count_at(&w, made_day(TODAY), (today + at[i].known) * day_us);
        const struct figure_set *s = &figures_period(w.f, 0)->set[ALL_AGES];
        assert_int_equal(s->figure[FIGURE_PLANS].counted, at[i].counted);
        assert_int_equal(s->figure[FIGURE_PLANS].in_time, at[i].in_time);
        assert_int_equal(w.f->now[FIGURE_PLANS].overdue, at[i].open);
    }
    count_at(&w, made_day(TODAY) - 101, KNOWN_NOW);
    assert_int_equal(w.f->now[FIGURE_PLANS].overdue, 1);
    assert_int_equal(figures_period(w.f, 0)->set[ALL_AGES].figure[FIGURE_PLANS].counted, 0);
    end(&w);
}

/* Two plans, one in time; two open and overdue, one of them excepted; one open; one taken up again after a refusal. */
static void beside_it_what_is_open(void **state)
{
    (void)state;
    const civil_day today = made_day(TODAY);
    static const int requested[] = {-200, -300, -183, -400, -42, -100};
    struct world w;
    begin(&w);
    for (int i = 0; i < 6; i++) {
        char ref[24];
        snprintf(ref, sizeof ref, "C-%d", i);
        made_case(&w.made, i, ref, "N", "T", "", made_day("2016-09-02"));
    }
    made_claim(&w.made, 3, GROUND_CLAIMED, CIVIL_NONE, CIVIL_NONE);
    for (int i = 0; i < 6; i++) {
        made_fact(&w.made, i, EV_REQUEST_RECEIVED, "", today + requested[i]);
        if (i < 2)
            made_fact(&w.made, i, EV_PLAN_ISSUED, "", today - 61);
        if (i == 5) {
            made_fact(&w.made, i, EV_ASSESS_REFUSED, "", today - 80);
            made_fact(&w.made, i, EV_ASSESS_AGREED, "", today - 10);
        }
    }
    count(&w);
    const struct figures *f = w.f;
    assert_true(f->now[FIGURE_PLANS].open == 3 && f->now[FIGURE_PLANS].overdue == 2);
    assert_int_equal(f->now[FIGURE_PLANS].excepted, 1);
    assert_int_equal(f->reopened, 1);
    static const uint32_t bands[BAND_COUNT] = {1, 0, 0, 0, 1, 1};
    for (int i = 0; i < BAND_COUNT; i++)
        assert_int_equal(f->bands[i].open, bands[i]);
    assert_true(f->bands[0].overdue == 0 && f->bands[5].excepted == 1);
    assert_true(f->ages[1].open == 3 && f->ages[2].open == 0); /* ten tomorrow */
    assert_true(f->open.most == 400 && f->overdue.total == 2 && f->overdue.sum == 583);
    const struct figure_period *r = figures_period(f, 0);
    assert_int_equal(r->set[ALL_AGES].figure[FIGURE_PLANS].counted, 2);
    assert_true(fabs(figures_with_overdue(f, r) - 0.25) < 1e-12);
    end(&w);
}

static void nothing_at_all(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    count(&w);
    assert_int_equal(w.f->n_periods, 2);
    assert_true(isnan(figures_with_overdue(w.f, figures_period(w.f, 0))));
    for (int i = 0; i < FIGURE_COUNT; i++)
        assert_false(w.f->recorded[i]);
    end(&w);
}

enum { EDGES = sizeof edges / sizeof edges[0] };

int main(void)
{
    struct CMUnitTest tests[EDGES + 8] = {
        cmocka_unit_test(transfers_by_their_date), cmocka_unit_test(a_transfer_counts_when_it_is_due),
        cmocka_unit_test(periods_bands_and_ages),  cmocka_unit_test(as_it_was_known),
        cmocka_unit_test(beside_it_what_is_open),  cmocka_unit_test(nothing_at_all),
    };
    size_t n = 6;
    for (size_t i = 0; i < EDGES; i++)
        tests[n++] = (struct CMUnitTest){edges[i].what, one_edge, NULL, NULL, (void *)(uintptr_t)&edges[i]};
    return _cmocka_run_group_tests("figures", tests, n, NULL, NULL) != 0;
}
