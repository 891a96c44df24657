#include "looplag.h"

#include <ev.h>
#include <stdlib.h>

#include "clock.h"

struct looplag {
    struct ev_loop *loop;
    ev_timer beat;
    ev_check waited;  /* a pass begins */
    ev_prepare waits; /* and is over */
    double own_cpu;   /* when it began */
    bool passing;
    double period;
    double due;
    double served; /* when the last heartbeat ran */
    double last;
    double worst_scrape;
    struct lag_window window, busy;
};

static long slot_of(double now)
{
    return (long)(now / LAG_SLOT_SECONDS) + 1;
}

void lag_window_add(struct lag_window *w, double now, double late)
{
    long slot = slot_of(now);
    size_t i = (size_t)slot % LAG_SLOTS;
    if (w->slot[i] != slot || late > w->worst[i]) {
        w->slot[i] = slot;
        w->worst[i] = late;
    }
}

double lag_window_worst(const struct lag_window *w, double now)
{
    double worst = 0;
    for (size_t i = 0; i < LAG_SLOTS; i++) {
        if (w->slot[i] > slot_of(now) - LAG_SLOTS && w->worst[i] > worst) {
            worst = w->worst[i];
        }
    }
    return worst;
}

static void arm(struct looplag *l)
{
    /* A timer counts from the loop's cached time, which is old after a long callback. */
    ev_now_update(l->loop);
    l->due = clock_mono() + l->period;
    ev_timer_set(&l->beat, l->period, 0.);
    ev_timer_start(l->loop, &l->beat);
}

static void on_beat(struct ev_loop *loop, ev_timer *t, int events)
{
    (void)loop;
    (void)events;
    struct looplag *l = t->data;
    double now = clock_mono();
    double late = now > l->due ? now - l->due : 0;
    l->served = now;
    l->last = late;
    if (late > l->worst_scrape) {
        l->worst_scrape = late;
    }
    lag_window_add(&l->window, now, late);
    arm(l);
}

static void on_waited(struct ev_loop *loop, ev_check *w, int events)
{
    struct looplag *l = w->data;
    (void)loop;
    (void)events;
    l->own_cpu = clock_own_cpu();
    l->passing = true;
}

static void on_waits(struct ev_loop *loop, ev_prepare *w, int events)
{
    struct looplag *l = w->data;
    (void)loop;
    (void)events;
    if (l->passing)
        lag_window_add(&l->busy, clock_mono(), clock_own_cpu() - l->own_cpu);
    l->passing = false;
}

struct looplag *looplag_new(struct ev_loop *loop, double period, struct err *e)
{
    struct looplag *l = calloc(1, sizeof *l);
    if (l == NULL) {
        err_set(e, "event loop heartbeat: out of memory");
        return NULL;
    }
    l->loop = loop;
    l->period = period;
    l->served = clock_mono();
    ev_init(&l->beat, on_beat);
    /* First in its pass, so that it measures the wait and not the callbacks that share its wake-up. */
    ev_set_priority(&l->beat, EV_MAXPRI);
    ev_check_init(&l->waited, on_waited);
    ev_prepare_init(&l->waits, on_waits);
    ev_set_priority(&l->waited, EV_MAXPRI); /* before all others of its pass, and after them */
    ev_set_priority(&l->waits, EV_MINPRI);
    l->beat.data = l->waited.data = l->waits.data = l;
    ev_check_start(loop, &l->waited);
    ev_prepare_start(loop, &l->waits);
    arm(l);
    return l;
}

void looplag_free(struct looplag *l)
{
    if (l == NULL) {
        return;
    }
    ev_timer_stop(l->loop, &l->beat);
    ev_check_stop(l->loop, &l->waited);
    ev_prepare_stop(l->loop, &l->waits);
    free(l);
}

struct looplag_stats looplag_read(const struct looplag *l)
{
    double now = clock_mono();
    double overdue = now > l->due ? now - l->due : 0;
    struct looplag_stats s = {l->last, l->worst_scrape, lag_window_worst(&l->window, now),
                              lag_window_worst(&l->busy, now)};
    double *fields[] = {&s.last, &s.worst_scrape, &s.worst_window};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        if (overdue > *fields[i]) {
            *fields[i] = overdue;
        }
    }
    return s;
}

void looplag_scraped(struct looplag *l)
{
    l->worst_scrape = 0;
}

bool looplag_turned_within(const struct looplag *l, double seconds)
{
    return clock_mono() - l->served <= seconds;
}
