#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <ev.h>
#include <poll.h>

#include "clock.h"
#include "looplag.h"

static void window_keeps_a_minute(void **state)
{
    (void)state;
    struct lag_window w = {0};
    assert_true(lag_window_worst(&w, 1000) == 0);
    lag_window_add(&w, 1000.0, 0.3);
    lag_window_add(&w, 1001.0, 0.1); /* same 5 s, smaller: the worst stays */
    lag_window_add(&w, 1010.0, 0.2);
    assert_true(lag_window_worst(&w, 1010.0) == 0.3);
    assert_true(lag_window_worst(&w, 1054.9) == 0.3);
    assert_true(lag_window_worst(&w, 1060.0) == 0.2); /* 1000 has left the window */
    assert_true(lag_window_worst(&w, 1070.0) == 0);
    lag_window_add(&w, 1060.0, 0.05); /* the slot of 1000 is taken over, not merged */
    assert_true(lag_window_worst(&w, 1061.0) == 0.2);
    assert_true(lag_window_worst(&w, 1071.0) == 0.05);
}

struct run {
    int beats;
    double burns;
    struct looplag *lag;
    struct looplag_stats inside, after, scraped;
    bool turned_inside;
};

/* Waits on nothing: this is the stall that is to be measured. */
static void stall(struct ev_loop *loop, ev_timer *t, int events)
{
    (void)loop;
    (void)events;
    struct run *r = t->data;
    poll(NULL, 0, 150);
    r->inside = looplag_read(r->lag);
    r->turned_inside = looplag_turned_within(r->lag, 0.1);
}

static void finish(struct ev_loop *loop, ev_timer *t, int events)
{
    (void)events;
    struct run *r = t->data;
    r->after = looplag_read(r->lag);
    ev_break(loop, EVBREAK_ALL);
}

/* The loop once, with our stall in it. */
static void one_run(struct ev_loop *loop, struct run *r)
{
    struct err e = {""};
    ev_timer s, f;
    *r = (struct run){.lag = looplag_new(loop, 0.02, &e)};
    assert_non_null(r->lag);
    assert_true(looplag_turned_within(r->lag, 60.0));
    ev_timer_init(&s, stall, 0.05, 0.);
    ev_timer_init(&f, finish, 0.40, 0.);
    s.data = f.data = r;
    ev_timer_start(loop, &s);
    ev_timer_start(loop, &f);
    ev_run(loop, 0);
    looplag_scraped(r->lag);
    r->scraped = looplag_read(r->lag);
}

/* A machine that is busy elsewhere holds the loop up, too, and now and then for longer than we do, or at the end. */
static bool disturbed(const struct run *r)
{
    return r->inside.worst_window > r->inside.last || r->after.last >= 0.12 ||
           r->scraped.worst_scrape >= 0.12;
}

static void sees_a_stall(void **state)
{
    (void)state;
    struct ev_loop *loop = ev_loop_new(EVFLAG_AUTO);
    struct run r;
    one_run(loop, &r);
    for (int again = 0; again < 50 && disturbed(&r); again++) {
        looplag_free(r.lag);
        one_run(loop, &r);
    }

    /* A reader inside the stall already sees it; afterwards it is in the worst figures, and "last" is small again. */
    assert_true(r.inside.last > 0.12 && r.inside.worst_window == r.inside.last);
    assert_false(r.turned_inside);
    assert_true(r.after.worst_scrape > 0.12);
    assert_true(r.after.worst_window >= r.after.worst_scrape);
    assert_true(r.after.last < r.after.worst_scrape);
    assert_true(r.scraped.worst_scrape < 0.12);
    assert_true(r.scraped.worst_window > 0.12);
    looplag_free(r.lag);
    ev_loop_destroy(loop);
}

/* Work of our own, however long others keep the processor from us: a pass is counted when it is over. */
static void burn(struct run *r)
{
    const double before = looplag_read(r->lag).busy_window;
    for (double begun = clock_own_cpu(); clock_own_cpu() - begun < r->burns;)
        r->beats++;
    r->inside = looplag_read(r->lag);
    assert_true(r->inside.busy_window == before);
}

static void burn_once(struct ev_loop *loop, ev_timer *t, int events)
{
    (void)loop;
    (void)events;
    burn(t->data);
}

static void burn_when_idle(struct ev_loop *loop, ev_idle *t, int events)
{
    (void)events;
    burn(t->data);
    ev_idle_stop(loop, t);
}

static void tells_work_from_waiting(void **state)
{
    (void)state;
    struct ev_loop *loop = ev_loop_new(EVFLAG_AUTO);
    struct err e = {""};
    struct run r = {.burns = 0.03};
    r.lag = looplag_new(loop, 0.02, &e);
    assert_non_null(r.lag);
    ev_timer s, f;
    ev_idle i;
    ev_timer_init(&s, stall, 0.01, 0.);
    ev_timer_init(&f, finish, 0.05, 0.);
    s.data = f.data = i.data = &r;
    ev_timer_start(loop, &s);
    ev_timer_start(loop, &f);
    ev_run(loop, 0);
    assert_true(r.after.worst_window > 0.12 && r.after.busy_window < 0.12);

    ev_timer_init(&s, burn_once, 0., 0.);
    ev_timer_start(loop, &s);
    ev_run(loop, EVRUN_ONCE);
    ev_timer_start(loop, &f);
    ev_run(loop, 0);
    assert_true(r.beats > 0 && r.after.busy_window >= r.burns);

    r.burns += r.after.busy_window; /* what runs when nothing else does is a part of the pass, too */
    ev_idle_init(&i, burn_when_idle);
    ev_idle_start(loop, &i);
    ev_run(loop, EVRUN_ONCE);
    ev_timer_start(loop, &f);
    ev_run(loop, 0);
    assert_true(r.after.busy_window >= r.burns);
    looplag_free(r.lag);
    ev_loop_destroy(loop);
}

static void free_of_null(void **state)
{
    (void)state;
    looplag_free(NULL);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(window_keeps_a_minute),
        cmocka_unit_test(sees_a_stall),
        cmocka_unit_test(tells_work_from_waiting),
        cmocka_unit_test(free_of_null),
    };
    if (argc > 1) {
        cmocka_set_test_filter(argv[1]);
    }
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
