#include "poller.h"

#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "log.h"
#include "pgcopy.h"
#include "pglink.h"
#include "poller_int.h"

#define STEP_OVERDUE 300. /* seconds: no single step takes so long, whatever a database does */

void poller_busy(void *ud)
{
    struct poller *p = ud;
    p->busy = p->moved = true; /* once for every row: too often to ask what time it is */
}

void poller_trouble(struct poller *p, const char *where, const char *why)
{
    struct err text;
    struct status *s = &p->core->status;
    err_set(&text, "%s: %s", where, why);
    if (strcmp(text.text, s->trouble) == 0)
        return;
    memcpy(s->trouble, text.text, sizeof s->trouble);
    log_ev(LOG_ERR, "not_evaluating", LOG_NO_FIELDS, "%s", text.text);
}

static void trouble_over(struct poller *p)
{
    struct status *s = &p->core->status;
    if (s->trouble[0] != '\0')
        log_ev(LOG_NOTICE, "evaluating_again", LOG_NO_FIELDS, "after: %s", s->trouble);
    s->trouble[0] = '\0';
}

/* --- a reading --------------------------------------------------------------------------------------------------------- */

static struct intake *begin(void *ud, civil_day as_of, int64_t read_at)
{
    struct poller *p = ud;
    struct snapshot *before = p->core->status.snapshot;
    civil_day last = before != NULL                       ? before->as_of
                     : source_clock_overridden(p->source) ? CIVIL_NONE
                                                          : p->told_as_of;
    if (as_of < last) {
        char was[CIVIL_TEXT_LEN], is[CIVIL_TEXT_LEN];
        struct err e;
        err_set(&e, "its date went back from %s to %s: waiting for it to catch up", civil_format(last, was),
                civil_format(as_of, is));
        poller_trouble(p, "case database", e.text);
        return NULL;
    }
    if (!p->reading_all && before->as_of != as_of) {
        p->want_all = true; /* midnight has passed: every case may have changed */
        return NULL;
    }
    const struct intake_conf conf = {
        .rulebook = p->core->rulebook,
        .calendar = &p->core->calendar,
        .words = p->core->words,
        .ledger = &p->ledger,
        .journal = &p->journal.journal,
        .before = before,
        .as_of = as_of,
        .read_at = read_at,
        .limits = p->limits,
        .evaluate_all = !p->clean,
        .only = p->reading_all ? NULL : p->reading,
        .n_only = p->n_reading,
    };
    return intake_new(&conf);
}

static void on_written(void *ud, bool ok, size_t transitions, const char *why)
{
    struct poller *p = ud;
    p->busy = p->writing = false;
    if (transitions > 0 || ok)
        p->ops.written(p->ud);
    if (p->stopped)
        p->ops.idle(p->ud);
    if (!ok) {
        /* Some batches may be in: what the database holds is known only when it is read again. */
        p->ledger_ok = p->monitored_ok = false;
        poller_trouble(p, "state database", why);
        return;
    }
    if (p->reading_all)
        p->fresh = 0;
    p->clean = true;                 /* a partial reading is begun only from a clean state */
    if (p->source_up && p->state_up) /* else one was lost meanwhile, and that is still so */
        trouble_over(p);
    if (transitions > 0)
        log_ev(LOG_INFO, "transitions", LOG_NO_FIELDS, "%zu transitions written", transitions);
    poller_advance(p);
}

static void on_read(void *ud, struct intake *in, bool ok, bool declined, const char *why)
{
    struct poller *p = ud;
    const int64_t *dirty;
    size_t n;
    p->busy = false;
    if (p->stopped || (ok && !p->ledger_ok)) { /* the state database came anew, perhaps with less */
        intake_free(in);
        poller_advance(p);
        return;
    }
    if (!ok) {
        p->want_all |=
            !declined && !p->reading_all; /* the hint is spent: what it named is read with the rest */
        if (!declined) {
            p->core->status.evaluation_failures++;
            poller_trouble(p, "case database", why);
        } else if (p->want_all) {
            poller_advance(p);
        }
        return;
    }
    if (poller_implausible(p, in)) {
        intake_free(in);
        return;
    }
    p->accept_loss = false;
    struct snapshot *s = intake_take(in, &dirty, &n);
    if (s == NULL) {
        intake_free(in);
        poller_trouble(p, "evaluation", "out of memory");
        return;
    }
    poller_publish(p, s);
    poller_follow_source(p, s);
    const struct writer_work work = {
        .snapshot = s,
        .cases = dirty,
        .n = n,
        .baseline = p->fresh,
        .end_baseline = p->fresh != 0 && p->reading_all,
        .step = poller_busy,
        .done = on_written,
    };
    p->clean = false;
    p->writing = true;
    poller_busy(p);
    if (!writer_start(p->writer, &work)) {
        p->busy = p->writing = false;
        poller_trouble(p, "state database", "out of memory");
    }
    intake_free(in);
}

static int by_id(const void *x, const void *y)
{
    const int64_t *a = x, *b = y;
    return *a < *b ? -1 : *a > *b;
}

static void read_cases(struct poller *p, bool all)
{
    struct source_reading how = {.step = poller_busy, .begin = begin, .done = on_read};
    p->reading_all = all;
    if (all) {
        p->want_all = false;
    } else {
        int64_t *spent = p->reading;
        p->reading = p->hints;
        qsort(p->reading, p->n_hints, sizeof *p->reading, by_id);
        p->n_reading = 0;
        for (size_t i = 0; i < p->n_hints; i++)
            if (i == 0 || p->reading[i] != p->reading[i - 1])
                p->reading[p->n_reading++] = p->reading[i];
        free(spent);
        p->hints = NULL;
        how.only = p->reading;
        how.n_only = p->n_reading;
        p->cap_hints = 0;
    }
    p->n_hints = 0; /* a full reading sees what any hint was about */
    p->reading_since = clock_mono();
    poller_busy(p);
    if (!source_read(p->source, &how)) {
        p->busy = false;
        poller_trouble(p, "case database", "out of memory");
    }
}

void poller_advance(struct poller *p)
{
    if (p->busy || p->stopped)
        return;
    p->ops.idle(p->ud);
    if (p->busy || !p->source_up || !p->state_up || poller_prepare(p))
        return;
    bool partial =
        p->n_hints > 0 && !p->want_all && p->clean && p->fresh == 0 && p->core->status.snapshot != NULL;
    if (partial || p->want_all || p->n_hints > 0)
        read_cases(p, !partial);
}

/* --- what sets it going ---------------------------------------------------------------------------------------------- */

static void on_hint(void *ud, const int64_t *ids, size_t n)
{
    struct poller *p = ud;
    enum { MOST = 20000 }; /* more than that is read faster as a whole */
    if (n == 0 || p->n_hints + n > MOST) {
        p->want_all = true;
    } else if (p->n_hints + n > p->cap_hints) {
        size_t cap = (p->n_hints + n) * 2;
        int64_t *more = reallocarray(p->hints, cap, sizeof *more);
        if (more != NULL) {
            p->hints = more;
            p->cap_hints = cap;
        } else {
            p->want_all = true;
        }
    }
    if (!p->want_all) {
        memcpy(p->hints + p->n_hints, ids, n * sizeof *ids);
        p->n_hints += n;
    }
    poller_advance(p);
}

static void on_source_up(void *ud)
{
    struct poller *p = ud;
    p->source_up = p->core->status.source_up = true;
    p->want_all = true;
    log_ev(LOG_INFO, "source_up", LOG_NO_FIELDS, "connected to the case database");
    poller_advance(p);
}

static void on_source_down(void *ud, const char *why)
{
    struct poller *p = ud;
    p->source_up = p->core->status.source_up = false;
    poller_trouble(p, "case database", why);
}

static void on_state_up(void *ud)
{
    struct poller *p = ud;
    p->state_up = true;
    p->schema_ok = p->endpoints_ok = p->ledger_ok = p->monitored_ok = p->journal.loaded = false;
    p->clean = false;
    p->want_all = true;
    log_ev(LOG_INFO, "state_up", LOG_NO_FIELDS, "connected to the state database");
    poller_advance(p);
}

static void on_state_down(void *ud, const char *why)
{
    struct poller *p = ud;
    p->state_up = false;
    poller_trouble(p, "state database", why);
}

static void on_interval(struct ev_loop *loop, ev_timer *w, int revents)
{
    struct poller *p = w->data;
    (void)loop;
    (void)revents;
    p->want_all = true;
    if (!p->source_up)
        source_recheck(p->source);
    poller_advance(p);
}

static void on_midnight(struct ev_loop *loop, ev_periodic *w, int revents)
{
    poller_kick(w->data);
    (void)loop;
    (void)revents;
}

/* One second after midnight by our clock; the date itself is always the database's. */
static ev_tstamp next_midnight(ev_periodic *w, ev_tstamp now)
{
    (void)w;
    return (ev_tstamp)london_midnight_after((int64_t)now - 1) + 1.;
}

void poller_kick(struct poller *p)
{
    p->want_all = true;
    poller_advance(p);
}

void poller_accept_loss(struct poller *p)
{
    p->accept_loss = true;
}

void poller_configure(struct poller *p, const struct writer_endpoint *endpoints, size_t n)
{
    p->endpoints = endpoints;
    p->n_endpoints = n;
    writer_route(p->writer, endpoints, n);
    p->endpoints_ok = p->limits_ok = p->monitored_ok = false;
    p->clean = false;
    p->want_all = true;
    p->interval.repeat = p->core->config->poll_interval;
    if (ev_is_active(&p->interval))
        ev_timer_again(p->core->loop, &p->interval);
}

struct poller *poller_new(struct core *core, const struct poller_ops *ops, void *ud, struct err *e)
{
    static const struct source_ops source_ops = {.up = on_source_up, .down = on_source_down, .hint = on_hint};
    static const struct pg_link_ops state_ops = {.up = on_state_up, .down = on_state_down};
    struct poller *p = calloc(1, sizeof *p);
    if (p == NULL) {
        err_set(e, "out of memory");
        return NULL;
    }
    *p = (struct poller){.core = core, .ops = *ops, .ud = ud};
    ev_timer_init(&p->interval, on_interval, 0., 30.);
    ev_periodic_init(&p->midnight, on_midnight, 0., 0., next_midnight);
    p->interval.data = p->midnight.data = p;
    const struct pg_link_conf conf = {
        .conninfo = core->config->state,
        .password = core->credentials->state_password,
        .application_name = "ehcwatchd state",
        .query_timeout = 120,
        .lock_timeout = 20,
        .statement_timeout = 100,
        .idle_in_transaction_timeout = 60,
        .retry_max = 15,
        .seed = (uint64_t)clock_wall_us() + 1,
    };
    p->source = source_new(core, &source_ops, p, e);
    if (p->source != NULL)
        p->state = pg_link_new(core->loop, &conf, &state_ops, p, e);
    journal_store_init(&p->journal, p->state, core->words);
    if (p->state != NULL && (p->writer = writer_new(core, p->state, &p->ledger, &p->journal, p)) == NULL)
        err_set(e, "out of memory");
    if (p->writer == NULL) {
        poller_free(p);
        return NULL;
    }
    return p;
}

void poller_start(struct poller *p)
{
    ev_timer_again(p->core->loop, &p->interval);
    ev_periodic_start(p->core->loop, &p->midnight);
    source_start(p->source);
    pg_link_start(p->state);
}

void poller_stop(struct poller *p)
{
    p->stopped = true;
    ev_timer_stop(p->core->loop, &p->interval);
    ev_periodic_stop(p->core->loop, &p->midnight);
}

bool poller_idle(const struct poller *p)
{
    return !p->busy || (p->stopped && !p->writing);
}

bool poller_alive(struct poller *p, double now_mono)
{
    if (p->moved)
        p->busy_since = now_mono;
    p->moved = false;
    if (p->busy && now_mono - p->busy_since > STEP_OVERDUE)
        return false;
    return p->stopped || ev_is_active(&p->interval);
}

void poller_free(struct poller *p)
{
    if (p == NULL)
        return;
    ev_timer_stop(p->core->loop, &p->interval);
    ev_periodic_stop(p->core->loop, &p->midnight);
    writer_free(p->writer);
    pg_link_free(p->state);
    source_free(p->source);
    ledger_clear(&p->ledger);
    journal_store_free(&p->journal);
    if (p->ledger_copy != NULL)
        pg_copy_free(p->ledger_copy);
    free(p->ledger_copy);
    free(p->hints);
    free(p->reading);
    free(p);
}
