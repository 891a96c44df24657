/* How late the event loop serves its timers: one heartbeat that compares when it was due with when it ran.
 *
 * Lateness is what everything else in the process suffers too, so it is exported as ehc_event_loop_lag_seconds and
 * asked for by the watchdog ("did the loop turn lately?"). A stall of d seconds shows as at least d minus the period.
 * It has two causes: the work of one pass, and other processes that had the processor meanwhile. The first is measured by itself, as the
 * CPU time of each pass, from the end of one wait to the begin of the next: ehc_event_loop_busy_seconds.
 * All times are monotonic seconds (clock.h). Nothing blocks. */
#ifndef EHCWATCH_LOOPLAG_H
#define EHCWATCH_LOOPLAG_H

#include <stdbool.h>

#include "err.h"

struct ev_loop;
struct looplag;

struct looplag_stats {
    double last;         /* the latest heartbeat, or how overdue the next one is, if that is more */
    double worst_scrape; /* worst since looplag_scraped() */
    double worst_window; /* worst of the last 60 s (55 to 60, in steps of 5) */
    double busy_window;  /* in these: the most CPU time that a pass took, once it is over */
};

/* A heartbeat every `period` seconds on `loop`, at the highest priority. NULL and `e` when memory is short. The caller
 * owns it; the loop must outlive it. */
struct looplag *looplag_new(struct ev_loop *loop, double period, struct err *e) MUST_CHECK;
void looplag_free(struct looplag *l);

/* Reads the figures at this moment, including a heartbeat that is overdue right now. Changes nothing. */
struct looplag_stats looplag_read(const struct looplag *l);

/* Starts a new "since last scrape"; call it after the metrics have been written. */
void looplag_scraped(struct looplag *l);

/* Has a heartbeat been served within the last `seconds`? */
bool looplag_turned_within(const struct looplag *l, double seconds);

/* The arithmetic behind it, with time as an argument: the worst value of a sliding minute. */
enum { LAG_SLOTS = 12, LAG_SLOT_SECONDS = 5 };
struct lag_window {
    double worst[LAG_SLOTS];
    long slot
        [LAG_SLOTS]; /* which 5 s since the start of the clock the entry belongs to, plus one; 0 = unused */
};
void lag_window_add(struct lag_window *w, double now, double late);
double lag_window_worst(const struct lag_window *w, double now);

#endif
