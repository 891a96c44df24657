#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "history_int.h"
#include "lease.h"
#include "log.h"
#include "sql_text.h"

#define SLICE       0.002 /* seconds of counting between two turns of the loop */
#define MARKS_EVERY 15.   /* seconds: another daemon may have marked a meeting */

enum {
    STEPS_AT_ONCE = 32, /* between two looks at the clock */
};

void history_forget(struct history *h)
{
    place_walk_free(h->walk);
    h->walk = NULL;
    place_counts_clear(&h->counts);
    status_take_places(&h->core->status, NULL);
    snapshot_unref(h->counted);
    h->counted = NULL;
    while (h->n_waiting > 0)
        snapshot_unref(h->waiting[--h->n_waiting]);
    h->whole_day = CIVIL_NONE;
    h->owed = false;
}

/* What was counted goes into the database, if it is not there. */
static void write_counted(struct history *h)
{
    const struct snapshot *s = h->counted;
    const struct history_day day = {
        .day = s->as_of,
        .observed = true,
        .evaluated_at = s->read_at,
        .rulebook = s->rulebook,
        .words = s->words,
        .limits = s->limits,
        .breached_cases = h->counts.breached_cases,
    };
    const struct history_day before = h->day;
    h->term = lease_term(h->core->lease);
    h->whole = h->whole_day != s->as_of || h->whole_term != h->term;
    h->day = day;
    memcpy(h->day.cases, h->counts.cases, sizeof h->day.cases);
    bool news = h->whole || h->owed || history_rows_differ(&h->counts) ||
                before.breached_cases != day.breached_cases ||
                memcmp(before.cases, h->day.cases, sizeof before.cases) != 0;
    if (!lease_held(h->core->lease)) {
        h->phase = HISTORY_IDLE;
        history_forget(h);
    } else if (!news) {
        h->phase = HISTORY_IDLE;
        history_advance(h);
    } else if (h->up) {
        history_write(h);
    } else {
        h->phase = HISTORY_CONNECTING;
        h->owed = true;
    }
}

/* --- counting ------------------------------------------------------------------------------------------------------------ */

static void arm(struct history *h)
{
    ev_now_update(h->core->loop);
    ev_timer_stop(h->core->loop, &h->turn); /* it may still run for a walk that was given up */
    ev_timer_set(&h->turn, 0., 0.);
    ev_timer_start(h->core->loop, &h->turn);
}

static void on_turn(struct ev_loop *loop, ev_timer *w, int revents)
{
    struct history *h = w->data;
    double until = clock_mono() + SLICE;
    int more;
    (void)loop;
    (void)revents;
    if (h->walk == NULL)
        return;
    do
        more = place_walk_next(h->walk, STEPS_AT_ONCE);
    while (more > 0 && clock_mono() < until);
    if (more > 0) {
        arm(h);
        return;
    }
    place_walk_free(h->walk);
    h->walk = NULL;
    if (more < 0) {
        history_forget(h);
        history_failed(h, "out of memory");
        return;
    }
    status_take_places(&h->core->status, &h->counts);
    write_counted(h);
}

void history_advance(struct history *h)
{
    if (h->phase != HISTORY_IDLE || h->n_waiting == 0)
        return;
    struct snapshot *s = h->waiting[0];
    memmove(h->waiting, h->waiting + 1, --h->n_waiting * sizeof h->waiting[0]);
    struct snapshot *before = place_counts_comparable(h->counted, s) ? h->counted : NULL;
    if (before == NULL)
        h->whole_day = CIVIL_NONE;
    h->calendar = h->core->calendar;
    h->how = (struct judge_how){s->rulebook, &h->calendar, s->words, s->as_of, s->known_at, s->limits};
    h->walk = place_walk_new(&h->counts, before, s, &h->how);
    snapshot_unref(h->counted);
    h->counted = s;
    if (h->walk == NULL) {
        history_forget(h);
        history_failed(h, "out of memory");
        return;
    }
    h->phase = HISTORY_COUNTING;
    arm(h);
}

void history_look(struct history *h)
{
    struct snapshot *s = h->core->status.snapshot;
    if (!history_trend_is_read(h))
        history_trend_look(h);
    if (s == NULL || !lease_held(h->core->lease))
        return;
    if (h->phase == HISTORY_IDLE && !h->owed && h->whole_day == s->as_of &&
        h->whole_term == lease_term(h->core->lease) && place_counts_same(h->counted, s)) {
        snapshot_unref(h->counted);
        h->counted = snapshot_ref(s);
        return;
    }
    struct snapshot **last = h->n_waiting > 0 ? &h->waiting[h->n_waiting - 1] : NULL;
    if (last != NULL && (h->n_waiting == HISTORY_WAITING || (*last)->as_of == s->as_of)) {
        snapshot_unref(*last);
        *last = snapshot_ref(s);
    } else {
        h->waiting[h->n_waiting++] = snapshot_ref(s);
    }
    history_advance(h);
}

void history_relabel(struct history *h)
{
    if (h != NULL)
        status_take_places(&h->core->status, h->walk == NULL ? &h->counts : NULL);
}

void history_lead(struct history *h, bool leads)
{
    if (!leads && h->phase != HISTORY_WRITING) { /* what is being written has its fence */
        h->phase = HISTORY_IDLE;
        history_forget(h);
    }
}

/* --- meetings ------------------------------------------------------------------------------------------------------------ */

static void ask_marks(struct history *h);

static void on_marks(void *ud, const struct pg_reply *r)
{
    struct history *h = ud;
    h->marks_asked = false;
    if (!r->ok) /* before `migrate`: the poller says so */
        return;
    if (memcmp(&h->core->status.marks, &h->marks_known, sizeof h->marks_known) != 0) {
        ask_marks(h); /* one was marked meanwhile, by another session: this answer may be from before that */
        return;
    }
    struct meeting_marks marks = {0};
    for (int i = 0; i < PQntuples(r->res); i++)
        meeting_mark(&marks, strtoll(PQgetvalue(r->res, i, 0), NULL, 10));
    h->core->status.marks = marks;
}

static void ask_marks(struct history *h)
{
    char most[16];
    snprintf(most, sizeof most, "%d", MEETING_MARKS);
    const char *params[] = {most};
    if (!h->up || h->phase == HISTORY_WRITING || h->marks_asked)
        return;
    h->marks_known = h->core->status.marks;
    h->marks_asked =
        pg_link_query(h->link, sql_query("meeting_list"), 1, params, on_marks, h); /* else the next time */
}

static void on_marks_tick(struct ev_loop *loop, ev_timer *w, int revents)
{
    (void)loop;
    (void)revents;
    ask_marks(w->data);
    history_trend_look(w->data);
}

/* --- life ----------------------------------------------------------------------------------------------------------------- */

static void on_up(void *ud)
{
    struct history *h = ud;
    h->up = true;
    ask_marks(h);
    history_trend_look(h);
    if (h->phase == HISTORY_CONNECTING)
        write_counted(h);
}

static void on_down(void *ud, const char *why)
{
    struct history *h = ud;
    h->up = false;
    (void)why; /* what is being written fails by itself; the poller tells of the database */
}

struct history *history_new(struct core *core, struct err *e)
{
    static const struct pg_link_ops ops = {.up = on_up, .down = on_down};
    struct history *h = calloc(1, sizeof *h);
    if (h == NULL) {
        err_set(e, "out of memory");
        return NULL;
    }
    *h = (struct history){.core = core, .whole_day = CIVIL_NONE};
    history_rows_init(&h->rows);
    ev_timer_init(&h->turn, on_turn, 0., 0.);
    ev_timer_init(&h->marks, on_marks_tick, MARKS_EVERY, MARKS_EVERY);
    h->turn.data = h->marks.data = h;
    const struct pg_link_conf conf = {
        .conninfo = core->config->state,
        .password = core->credentials->state_password,
        .application_name = "ehcwatchd history",
        .query_timeout = 60,
        .lock_timeout = 10,
        .statement_timeout = 50,
        .idle_in_transaction_timeout = 10, /* as the poller's: its fence keeps others from leading */
        .retry_max = 15,
        .seed = (uint64_t)clock_wall_us() + 5,
    };
    h->link = pg_link_new(core->loop, &conf, &ops, h, e);
    if (h->link == NULL) {
        history_free(h);
        return NULL;
    }
    return h;
}

void history_start(struct history *h)
{
    pg_link_start(h->link);
    ev_timer_start(h->core->loop, &h->marks);
}

void history_free(struct history *h)
{
    if (h == NULL)
        return;
    ev_timer_stop(h->core->loop, &h->turn);
    ev_timer_stop(h->core->loop, &h->marks);
    pg_link_free(h->link);
    history_forget(h);
    history_trend_free(h);
    history_rows_free(&h->rows);
    free(h);
}
