#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <ev.h>

#include "by_place.h"
#include "caseload_make.h"
#include "papers.h"
#include "parked.h"
#include "routes.h"

#define CASES 2500

/* --- a request, and a clock --------------------------------------------------------------------------------------------- */

/* What became of one request. */
struct asked {
    struct parked http;
    int called, let_go;
    struct papers *papers; /* a reference */
};

static double now;

double __wrap_clock_mono(void);

/* Each look costs half a millisecond. */
double __wrap_clock_mono(void)
{
    now += 0.0005;
    return now;
}

/* --- a caseload and a desk ------------------------------------------------------------------------------------------------ */

struct world {
    struct made made;
    struct core core;
    struct routes routes;
    struct papers_desk *desk;
    ev_timer other; /* somebody else on the loop */
    int turns;
};

/* Requests of 2024 to 2026, two in three of team A. Every tenth was recorded on 1 August 2026 only. */
static void make(struct made *m, size_t cases)
{
    made_begin(m, made_day("2026-09-01"), LIMITS_ALL);
    for (size_t i = 1; i <= cases; i++) {
        char ref[20];
        snprintf(ref, sizeof ref, "C-%05zu", i);
        made_case(m, (int64_t)i, ref, "North", i % 3 != 0 ? "A" : "B", i % 2 ? "o1" : "o2", CIVIL_NONE);
    }
    for (size_t i = 1; i <= cases; i++)
        made_fact_known(m, (int64_t)i, EV_REQUEST_RECEIVED, "", made_day("2024-01-01") + (int)i * 7 % 900,
                        i % 10 == 0 ? INT64_C(1785542400000000) : TIME_NONE, TIME_NONE);
    made_end(m);
}

static void begin(struct world *w, size_t cases)
{
    struct err e = {""};
    *w = (struct world){0};
    make(&w->made, cases);
    w->core.loop = ev_loop_new(EVFLAG_AUTO);
    w->core.status.snapshot = w->made.snapshot;
    w->core.status.calendar = &w->made.calendar;
    w->core.status.rulebook = &w->made.rulebook;
    w->core.status.evaluated_at = 77;
    w->routes.status = &w->core.status;
    w->desk = papers_desk_new(&w->core, &e);
    assert_non_null(w->desk);
}

static void end(struct world *w)
{
    papers_desk_free(w->desk);
    assert_int_equal(w->made.snapshot->refs, 1);
    ev_loop_destroy(w->core.loop);
    made_free(&w->made);
}

static void fill_in(void *ctx, struct papers *papers, struct httpd_reply *reply)
{
    struct asked *a = ctx;
    assert_ptr_equal(reply, ctx);
    a->called++;
    a->papers = papers_ref(papers);
}

static void let_go(void *ctx)
{
    ((struct asked *)ctx)->let_go++;
}

static struct papers_want today(const struct world *w)
{
    return (struct papers_want){.as_of = w->made.snapshot->as_of, .known_at = w->made.snapshot->known_at};
}

static void ask(struct world *w, struct asked *a, const struct papers_want *want)
{
    *a = (struct asked){0};
    papers_ask(w->desk, &w->routes, (struct httpd_reply *)a, want, fill_in, a, let_go);
}

static void run(struct world *w)
{
    while (ev_run(w->core.loop, EVRUN_ONCE))
        w->turns++;
}

/* Answered once, after it had waited or at once, and nothing is left behind. */
static void check(const struct asked *a, bool waited)
{
    assert_int_equal(a->http.parked, waited);
    assert_int_equal(a->http.unparked, waited);
    assert_int_equal(a->called, 1);
    assert_int_equal(a->let_go, 1);
    assert_int_equal(a->http.problem, 0);
    assert_non_null(a->papers);
}

static uint32_t cases_of(const struct papers *p)
{
    uint32_t n = 0;
    for (size_t i = 0; i < p->by_place->teams.n; i++)
        n += p->by_place->teams.row[i].cases;
    return n;
}

static uint32_t counted(const struct papers *p, enum state s)
{
    int limit = rulebook_find(p->how.rulebook, "final_plan_20w");
    uint32_t n = 0;
    for (size_t i = 0; i < p->by_place->teams.n; i++)
        n += p->by_place->teams.row[i].states[limit][s];
    return n;
}

static void forget(struct asked *a, size_t n)
{
    for (size_t i = 0; i < n; i++)
        papers_unref(a[i].papers);
}

/* --- tests ------------------------------------------------------------------------------------------------------------------ */

static void one_walk_for_all(void **state)
{
    (void)state;
    struct world w;
    struct asked a[4];
    begin(&w, CASES);
    const struct papers_want want = today(&w);
    ask(&w, &a[0], &want);
    ask(&w, &a[1], &want);
    ev_run(w.core.loop, EVRUN_ONCE);
    assert_int_equal(a[0].called + a[1].called, 0);
    ask(&w, &a[2], &want);
    run(&w);
    ask(&w, &a[3], &want);
    for (int i = 0; i < 4; i++) {
        check(&a[i], i < 3);
        assert_ptr_equal(a[i].papers, a[0].papers);
    }
    const struct papers *p = a[0].papers;
    int limit = rulebook_find(&w.made.rulebook, "final_plan_20w");
    assert_ptr_equal(p->snapshot, w.made.snapshot);
    assert_int_equal(p->as_of, w.made.snapshot->as_of);
    assert_int_equal(p->evaluated_at, 77);
    assert_int_equal(cases_of(p), CASES);
    for (enum state s = 0; s < STATE_COUNT; s++)
        assert_int_equal(counted(p, s), w.made.snapshot->tally.states[limit][s]);
    assert_string_equal(names_text(w.made.words->places, p->by_place->teams.row[1].place), "B");
    forget(a, 4);
    end(&w);
}

static void on_other(struct ev_loop *loop, ev_timer *timer, int events)
{
    (void)loop;
    (void)events;
    (*(int *)timer->data)++;
}

/* The clock moves half a millisecond with each 32 cases: a slice has 128 or so of them, and others get their turn between. */
static void in_slices(void **state)
{
    (void)state;
    struct world w;
    struct asked a;
    int others = 0;
    begin(&w, CASES);
    ev_timer_init(&w.other, on_other, 0., 1e-9);
    w.other.data = &others;
    ev_timer_start(w.core.loop, &w.other);
    const struct papers_want want = today(&w);
    ask(&w, &a, &want);
    while (a.called == 0) {
        ev_run(w.core.loop, EVRUN_ONCE);
        w.turns++;
    }
    check(&a, true);
    assert_in_range(w.turns, CASES / 192, CASES / 64);
    assert_true(others >= w.turns - 1);
    ev_timer_stop(w.core.loop, &w.other);
    forget(&a, 1);
    end(&w);
}

static void filters(void **state)
{
    (void)state;
    struct world w;
    struct asked a[4];
    begin(&w, CASES);
    struct papers_want want = today(&w);
    ask(&w, &a[0], &want);
    want.teams = (struct breach_places){1, {names_find(w.made.words->places, "A", 1)}};
    ask(&w, &a[1], &want);
    want.officers = (struct breach_places){1, {names_find(w.made.words->places, "o1", 2)}};
    ask(&w, &a[2], &want);
    want.localities = (struct breach_places){1, {names_find(w.made.words->places, "B", 1)}};
    ask(&w, &a[3], &want);
    run(&w);
    static const uint32_t wanted[] = {CASES, 1667, 833, 0};
    for (int i = 0; i < 4; i++) {
        check(&a[i], true);
        assert_int_equal(cases_of(a[i].papers), wanted[i]);
    }
    struct asked again;
    ask(&w, &again, &want);
    check(&again, false);
    assert_ptr_equal(again.papers, a[3].papers);
    forget(&again, 1);
    forget(a, 4);
    end(&w);
}

/* Another date, and the same date as it was known before every tenth request was recorded. */
static void other_times(void **state)
{
    (void)state;
    struct world w;
    struct asked a[3];
    begin(&w, CASES);
    struct papers_want want = today(&w);
    ask(&w, &a[0], &want);
    want.as_of = made_day("2025-01-01");
    ask(&w, &a[1], &want);
    want = today(&w);
    want.known_at = INT64_C(1780272000000000);
    ask(&w, &a[2], &want);
    run(&w);
    uint32_t open[3];
    for (int i = 0; i < 3; i++) {
        check(&a[i], true);
        open[i] = counted(a[i].papers, STATE_BREACHED) + counted(a[i].papers, STATE_AT_RISK) +
                  counted(a[i].papers, STATE_ON_TRACK);
        assert_int_equal(cases_of(a[i].papers), open[i]); /* the others were not there yet */
    }
    assert_int_equal(open[0], CASES);
    assert_int_equal(open[2], CASES - CASES / 10);
    assert_in_range(open[1], CASES / 4, CASES / 2);
    assert_true(a[1].papers->as_of == made_day("2025-01-01") && a[1].papers->evaluated_at != 77);
    forget(a, 3);
    end(&w);
}

/* Who had asked before a newer snapshot came gets the older one's; it is not kept, and who asks then waits for the newer. */
static void newer_snapshot(void **state)
{
    (void)state;
    struct world w;
    struct made newer;
    struct asked a[4];
    begin(&w, CASES);
    make(&newer, CASES - 500);
    const struct papers_want want = today(&w);
    ask(&w, &a[0], &want);
    run(&w);
    assert_int_equal(w.made.snapshot->refs, 2);
    papers_look(w.desk);
    ask(&w, &a[1], &want);
    check(&a[1], false);
    forget(a, 2);
    w.core.status.snapshot = newer.snapshot;
    papers_look(w.desk);
    assert_int_equal(w.made.snapshot->refs, 1);

    w.core.status.snapshot = w.made.snapshot;
    ask(&w, &a[0], &want);
    ev_run(w.core.loop, EVRUN_ONCE);
    w.core.status.snapshot = newer.snapshot;
    ask(&w, &a[1], &want);
    run(&w);
    ask(&w, &a[2], &want);
    check(&a[0], true);
    check(&a[1], true);
    check(&a[2], false);
    assert_int_equal(cases_of(a[0].papers), CASES);
    assert_int_equal(cases_of(a[1].papers), CASES - 500);
    assert_ptr_equal(a[1].papers, a[2].papers);
    forget(a, 3);
    end(&w);
    made_free(&newer);
}

/* One has waited too long, the other is answered; when all have, the walk is given up. */
static void gone(void **state)
{
    (void)state;
    struct world w;
    struct asked a[2];
    begin(&w, CASES);
    const struct papers_want want = today(&w);
    ask(&w, &a[0], &want);
    ask(&w, &a[1], &want);
    a[0].http.over(a[0].http.over_ud);
    assert_int_equal(a[0].let_go, 1);
    run(&w);
    assert_int_equal(a[0].called, 0);
    check(&a[1], true);
    forget(&a[1], 1);

    struct papers_want other = want;
    other.as_of -= 1;
    ask(&w, &a[0], &other);
    a[0].http.over(a[0].http.over_ud);
    w.turns = 0;
    run(&w);
    assert_int_equal(w.turns, 0);
    assert_int_equal(a[0].let_go, 1);
    ask(&w, &a[0], &other);
    assert_int_equal(a[0].http.parked, 1);
    run(&w);
    forget(a, 1);
    end(&w);
}

/* The server ends what is parked, then the desk goes, in the middle of a walk. */
static void stops(void **state)
{
    (void)state;
    struct world w;
    struct asked a[3];
    begin(&w, CASES);
    struct papers_want want = today(&w);
    for (int i = 0; i < 3; i++) {
        want.as_of -= i / 2;
        ask(&w, &a[i], &want);
    }
    ev_run(w.core.loop, EVRUN_ONCE);
    for (int i = 0; i < 3; i++)
        a[i].http.over(a[i].http.over_ud);
    end(&w);
    for (int i = 0; i < 3; i++)
        assert_true(a[i].let_go == 1 && a[i].called == 0);
}

/* Eight are kept, those asked for last; and no more than sixteen questions wait. */
static void bounds(void **state)
{
    (void)state;
    struct world w;
    struct asked a[17];
    begin(&w, 10);
    struct papers_want want = today(&w);
    for (int i = 0; i < 17; i++) {
        want.as_of = w.made.snapshot->as_of - i;
        ask(&w, &a[i], &want);
    }
    assert_int_equal(a[16].http.problem, 503);
    assert_int_equal(a[16].let_go, 1);
    run(&w);
    for (int i = 0; i < 16; i++)
        check(&a[i], true);
    forget(a, 16);
    static const struct {
        int days;
        bool waited;
    } again[] = {{15, false}, {8, false}, {7, true}, {8, false}, {9, true}};
    for (size_t i = 0; i < sizeof again / sizeof again[0]; i++) {
        want.as_of = w.made.snapshot->as_of - again[i].days;
        ask(&w, &a[0], &want);
        run(&w);
        check(&a[0], again[i].waited);
        forget(a, 1);
    }
    papers_ask(NULL, &w.routes, (struct httpd_reply *)&a[0], &want, fill_in, &a[0], let_go);
    assert_int_equal(a[0].http.problem, 503);
    end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_walk_for_all),
        cmocka_unit_test(in_slices),
        cmocka_unit_test(filters),
        cmocka_unit_test(other_times),
        cmocka_unit_test(newer_snapshot),
        cmocka_unit_test(gone),
        cmocka_unit_test(stops),
        cmocka_unit_test(bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
