#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "log.h"
#include "sd.h"
#include "service_int.h"
#include "settings.h"

#define HEARTBEAT    0.1 /* seconds: how finely the loop's lateness is seen */
#define STATUS_EVERY 5.
#define BEYOND_DRAIN 3. /* seconds more than the drain, for giving back what did not end */

/* --- stopping -------------------------------------------------------------------------------------------------------- */

static void one_stopped(void *ud)
{
    struct service *s = ud;
    if (--s->left == 0)
        ev_break(s->core.loop, EVBREAK_ALL);
}

/* What was being written is written: somebody else may lead. */
static void writing_over(struct service *s)
{
    lease_release(s->core.lease, one_stopped, s);
}

/* What is not committed by now is not lost: it is computed again. */
static void on_bound(struct ev_loop *loop, ev_timer *w, int revents)
{
    (void)w;
    (void)revents;
    ev_break(loop, EVBREAK_ALL);
}

static void on_stop(struct ev_loop *loop, ev_signal *w, int revents)
{
    struct service *s = w->data;
    (void)revents;
    if (s->stopping) {
        ev_break(loop, EVBREAK_ALL);
        return;
    }
    log_ev(LOG_NOTICE, "stopping", LOG_NO_FIELDS, "within %d s", s->core.config->drain_timeout);
    unit_stopping();
    s->stopping = true;
    s->left = 3;
    ev_now_update(loop);
    ev_timer_set(&s->bound, s->core.config->drain_timeout + BEYOND_DRAIN, 0.);
    ev_timer_start(loop, &s->bound);
    poller_stop(s->poller);
    composer_stop(s->composer);
    refresh_stop(s->refresh);
    httpd_stop(s->httpd, s->core.config->drain_timeout, one_stopped, s);
    dispatch_drain(s->dispatch, s->core.config->drain_timeout, one_stopped, s);
    if (poller_idle(s->poller))
        writing_over(s);
}

/* --- what the parts tell us ------------------------------------------------------------------------------------------ */

static void on_written(void *ud)
{
    struct service *s = ud;
    dispatch_kick(s->dispatch);
    composer_kick(s->composer);
    upkeep_look(s->upkeep);
    history_look(s->history);
}

static void on_refused(void *ud)
{
    struct service *s = ud;
    history_look(s->history);
}

/* Only while nobody reads the settings that go. */
static void reload_perhaps(struct service *s)
{
    if (s->reload_wanted && !s->stopping && poller_idle(s->poller) && composer_idle(s->composer))
        service_reload(s);
}

static void on_idle(void *ud)
{
    struct service *s = ud;
    papers_look(s->papers);
    if (s->stopping)
        writing_over(s);
    else
        reload_perhaps(s);
}

static void on_composed(void *ud)
{
    struct service *s = ud;
    dispatch_kick(s->dispatch);
}

static void on_stale(void *ud)
{
    struct service *s = ud;
    poller_kick(s->poller);
}

static void on_composer_idle(void *ud)
{
    reload_perhaps(ud);
}

static void on_lease(void *ud, bool leads)
{
    struct service *s = ud;
    if (s->stopping)
        return;
    history_lead(s->history, leads);
    poller_lead(s->poller, leads);
    composer_kick(s->composer);
}

static void on_hangup(struct ev_loop *loop, ev_signal *w, int revents)
{
    struct service *s = w->data;
    (void)loop;
    (void)revents;
    s->reload_wanted = true;
    reload_perhaps(s);
}

static void on_report(struct ev_loop *loop, ev_timer *w, int revents)
{
    struct service *s = w->data;
    const struct status *st = &s->core.status;
    const char *why = status_not_ready(st, clock_wall_us());
    char standing[STANDING_LEN];
    (void)loop;
    (void)revents;
    if (s->stopping)
        return;
    if (why != NULL)
        unit_status("not ready: %s", why);
    else
        unit_status("watching %zu cases, %u with a breach; %s", st->snapshot->n_cases,
                    st->snapshot->tally.breached_cases, status_standing(st, standing));
}

/* The ping proves that the loop turns and that the poller goes on; never that a database or a receiver is well, or an outage
 * would become a restart loop. */
static void on_watchdog(struct ev_loop *loop, ev_timer *w, int revents)
{
    struct service *s = w->data;
    (void)loop;
    (void)revents;
    if (poller_alive(s->poller, clock_mono()))
        unit_watchdog_ping();
}

/* --- life ------------------------------------------------------------------------------------------------------------ */

static void on_loop_fault(const char *what)
{
    log_ev(LOG_CRIT, "loop_fault", LOG_NO_FIELDS, "%s: %s", what, strerror(errno));
    abort();
}

static void init_watchers(struct service *s)
{
    ev_signal_init(&s->term, on_stop, SIGTERM);
    ev_signal_init(&s->interrupt, on_stop, SIGINT);
    ev_signal_init(&s->hangup, on_hangup, SIGHUP);
    ev_timer_init(&s->report, on_report, 1., STATUS_EVERY);
    ev_timer_init(&s->bound, on_bound, 0., 0.);
    double every = (double)unit_watchdog_usec() / 1e6 / 2.;
    ev_timer_init(&s->watchdog, on_watchdog, 0., every);
    s->term.data = s->interrupt.data = s->hangup.data = s->report.data = s->watchdog.data = s;
    ev_signal_start(s->core.loop, &s->term);
    ev_signal_start(s->core.loop, &s->interrupt);
    ev_signal_start(s->core.loop, &s->hangup);
    ev_timer_start(s->core.loop, &s->report);
    if (every > 0.)
        ev_timer_again(s->core.loop, &s->watchdog);
}

/* Where workbooks are made: on a disk, which /tmp need not be. The unit's PrivateTmp= gives a /var/tmp of our own. */
static const char *workbook_dir(void)
{
    const char *dir = getenv("TMPDIR");
    return dir != NULL && *dir == '/' ? dir : "/var/tmp";
}

static bool build(struct service *s, struct err *e)
{
    static const struct lease_ops lease_ops = {.changed = on_lease};
    static const struct composer_ops composer_ops = {
        .composed = on_composed, .stale = on_stale, .idle = on_composer_idle};
    static const struct poller_ops poller_ops = {
        .written = on_written, .refused = on_refused, .idle = on_idle};
    struct core *core = &s->core;
    core->words = words_new();
    core->loop = ev_default_loop(EVFLAG_AUTO);
    if (core->words == NULL || core->loop == NULL || !endpoints_count_on(s->endpoints, &core->status))
        return err_set(e, "out of memory");
    ev_set_syserr_cb(on_loop_fault);
    status_take_rulebook(&core->status, core->rulebook);
    core->status.calendar = &core->calendar;
    service_apply(s, core->config);
    s->desk = desk_new(core, e);
    s->upkeep = upkeep_new(core);
    s->gate = gate_new(core->loop);
    if (s->desk == NULL || s->upkeep == NULL || s->gate == NULL)
        return s->desk == NULL ? false : err_set(e, "out of memory");
    s->papers = papers_desk_new(core, e);
    if (s->papers == NULL)
        return false;
    s->workbooks = xlsx_maker_new(core->loop, workbook_dir(), e);
    if (s->workbooks == NULL)
        return false;
    s->metrics = metrics_cache_new();
    if (s->metrics == NULL)
        return err_set(e, "out of memory");
    s->routes = (struct routes){.status = &core->status,
                                .desk = s->desk,
                                .papers = s->papers,
                                .workbooks = s->workbooks,
                                .marks = &core->status.marks,
                                .metrics = s->metrics,
                                .gate = s->gate};
    s->looplag = looplag_new(core->loop, HEARTBEAT, e);
    if (s->looplag == NULL || !service_listen(s, e))
        return false;
    service_take_access(s, core->config, core->credentials);
    instance_name(getpid(), core->instance);
    core->lease = lease_new(core, &lease_ops, s, e);
    if (core->lease == NULL)
        return false;
    s->history = history_new(core, e);
    if (s->history == NULL)
        return false;
    s->poller = poller_new(core, &poller_ops, s, e);
    if (s->poller == NULL)
        return false;
    s->dispatch = dispatch_new(core, e);
    if (s->dispatch == NULL || !dispatch_configure(s->dispatch, s->endpoints, e))
        return false;
    poller_configure(s->poller, s->endpoints->routes, s->endpoints->n);
    s->composer = composer_new(core, &composer_ops, s, e);
    if (s->composer == NULL)
        return false;
    s->refresh = refresh_new(core, on_composed, s, e); /* it too puts something into the outbox */
    if (s->refresh == NULL)
        return false;
    init_watchers(s);
    return true;
}

struct service *service_new(const char *config_file, enum service_fault *fault, struct err *e)
{
    struct settings settings;
    *fault = SERVICE_BAD_CONFIG;
    if (!settings_load(&settings, config_file, e))
        return NULL;
    *fault = SERVICE_FAILED;
    struct service *s = calloc(1, sizeof *s);
    if (s == NULL || (s->config_file = strdup(config_file)) == NULL) {
        free(s);
        settings_free(&settings);
        err_set(e, "out of memory");
        return NULL;
    }
    s->core.config = settings.config;
    s->core.calendar = settings.calendar;
    s->core.rulebook = settings.rulebook;
    s->core.credentials = settings.credentials;
    s->endpoints = settings.endpoints;
    signal(SIGPIPE, SIG_IGN); /* libpq, libcurl and the HTTP server all write to sockets that may be gone */
    /* Where it stands by itself. Set, it stays there: glibc raises it whenever a larger block is freed, and keeps such blocks from then on. */
    mallopt(M_MMAP_THRESHOLD, 128 * 1024);
    if (!build(s, e)) {
        service_free(s);
        return NULL;
    }
    return s;
}

void service_run(struct service *s)
{
    log_ev(LOG_NOTICE, "started", LOG_NO_FIELDS, "ehcwatchd %s, rulebook %s, %zu endpoints", EHCWATCH_VERSION,
           s->core.rulebook->version, s->endpoints->n);
    lease_start(s->core.lease);
    poller_start(s->poller);
    history_start(s->history);
    if (!composer_configure(s->composer, s->endpoints->routes, s->endpoints->n))
        log_ev(LOG_ERR, "not_composing", LOG_NO_FIELDS,
               "out of memory: people are told after the next reload");
    refresh_configure(s->refresh, s->endpoints->routes, s->endpoints->n);
    dispatch_start(s->dispatch);
    unit_ready("waiting for the database");
    ev_run(s->core.loop, 0);
    log_ev(LOG_NOTICE, "stopped", LOG_NO_FIELDS, "%s", s->left > 0 ? "at once" : "in order");
}

void service_free(struct service *s)
{
    if (s == NULL)
        return;
    if (s->core.loop != NULL) {
        ev_signal_stop(s->core.loop, &s->term);
        ev_signal_stop(s->core.loop, &s->interrupt);
        ev_signal_stop(s->core.loop, &s->hangup);
        ev_timer_stop(s->core.loop, &s->report);
        ev_timer_stop(s->core.loop, &s->watchdog);
        ev_timer_stop(s->core.loop, &s->bound);
    }
    refresh_free(s->refresh);
    dispatch_free(s->dispatch);
    composer_free(s->composer);
    poller_free(s->poller);
    history_free(s->history);
    lease_free(s->core.lease);
    for (size_t i = 0; i < RETIRED_MOST; i++)
        httpd_free(s->retired[i].httpd);
    httpd_free(s->httpd); /* answers under way hold references to the snapshot */
    desk_free(s->desk);
    papers_desk_free(s->papers);
    xlsx_maker_free(s->workbooks);
    upkeep_free(s->upkeep);
    metrics_cache_free(s->metrics);
    gate_free(s->gate);
    looplag_free(s->looplag);
    snapshot_unref(s->core.status.snapshot);
    rulebook_unref(s->core.status.rulebook);
    rulebook_unref(s->core.rulebook);
    free(s->core.status.endpoints);
    endpoints_free(s->endpoints);
    credentials_free(s->core.credentials);
    config_free(s->core.config);
    words_free(s->core.words);
    if (s->core.loop != NULL)
        ev_loop_destroy(s->core.loop);
    log_close();
    free(s->config_file);
    free(s);
}
