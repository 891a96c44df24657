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

void poller_lead(struct poller *p, bool leads)
{
    p->leads = leads;
    p->reign++;
    p->endpoints_ok = p->ledger_ok = p->monitored_ok = p->journal.loaded = false;
    p->clean = false;
    p->fresh = 0;
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
        .idle_in_transaction_timeout =
            10, /* of a leader that stands still: nobody else can take over before */
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
