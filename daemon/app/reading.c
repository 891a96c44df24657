#include "reading.h"

#include <ev.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "journal_store.h"
#include "local_rules.h"
#include "log.h"
#include "pglink.h"
#include "settings.h"
#include "source.h"
#include "watched.h"

#define PROGRESS_FIRST 0.7 /* seconds: what is done sooner needs none */
#define PROGRESS_EVERY 0.2

struct reading {
    const char *name;
    struct core core;
    struct source *source;
    struct ledger ledger; /* empty: nothing was told before */
    struct pg_link *state;
    struct journal_store journal;
    ev_timer progress;
    bool shown, started;

    struct reading_want want;
    uint64_t limits;
    const struct intake *intake; /* under way */
    struct snapshot *snapshot;
    int code;
};

struct reading *reading_open(const char *name, const char *file, bool past, int *code)
{
    struct err e = {"out of memory"};
    struct reading *r = calloc(1, sizeof *r);
    struct core *core = r != NULL ? &r->core : NULL;
    *code = EXIT_RUNTIME;
    if (r == NULL)
        goto fail;
    r->name = name;
    *code = EXIT_BAD_CONFIG;
    core->config = config_load(file, limit_known, &e);
    if (core->config == NULL || !settings_calendar(&core->calendar, core->config, &e))
        goto fail;
    core->credentials =
        credentials_load(file, core->config, CREDENTIALS_SOURCE | (past ? CREDENTIALS_STATE : 0), &e);
    if (core->credentials == NULL)
        goto fail;
    *code = EXIT_RUNTIME;
    err_set(&e, "ehcwatchd %s: out of memory", name);
    core->rulebook = local_rules(core->config);
    core->words = words_new();
    core->loop = ev_loop_new(EVFLAG_AUTO | EVFLAG_NOENV);
    if (core->rulebook == NULL || core->words == NULL || core->loop == NULL)
        goto fail;
    log_init(LOG_ERR, NULL);  /* what the daemon warns of is not news to whoever asks */
    signal(SIGPIPE, SIG_IGN); /* libpq writes to sockets that may be gone */
    return r;
fail:
    fprintf(stderr, "%s\n", e.text);
    reading_close(r);
    return NULL;
}

void reading_close(struct reading *r)
{
    if (r == NULL)
        return;
    if (r->core.loop != NULL)
        ev_loop_destroy(r->core.loop);
    rulebook_unref(r->core.rulebook);
    words_free(r->core.words);
    credentials_free(r->core.credentials);
    config_free(r->core.config);
    free(r);
}

const struct core *reading_core(const struct reading *r)
{
    return &r->core;
}

/* --- progress -------------------------------------------------------------------------------------------------------- */

static void on_progress(struct ev_loop *loop, ev_timer *w, int revents)
{
    struct reading *r = w->data;
    (void)loop;
    (void)revents;
    unsigned long long events = r->intake != NULL ? intake_facts(r->intake) : 0;
    if (events == 0)
        fprintf(stderr, "\rreading the case database ...");
    else
        fprintf(stderr, "\rreading the case database: %llu events", events);
    r->shown = true;
}

static void progress_over(struct reading *r)
{
    ev_timer_stop(r->core.loop, &r->progress);
    if (r->shown)
        fprintf(stderr, "\r\033[K");
    r->shown = false;
}

/* --- the reading ----------------------------------------------------------------------------------------------------- */

static void end(struct reading *r, int code, const char *what, const char *why)
{
    progress_over(r);
    if (code != EXIT_DONE)
        fprintf(stderr, "ehcwatchd %s: %s%s\n", r->name, what, why);
    r->code = code;
    ev_break(r->core.loop, EVBREAK_ALL);
}

/* Which of the two it is that went wrong: the way there, or what was found. */
static void end_failed(struct reading *r, const char *why)
{
    if (source_connected(r->source))
        end(r, EXIT_RUNTIME, "the case database: ", why);
    else
        end(r, EXIT_UNREACHABLE, "the case database cannot be reached: ", why);
}

static struct intake *begin(void *ud, civil_day as_of, int64_t read_at)
{
    struct reading *r = ud;
    const struct intake_conf conf = {
        .rulebook = r->core.rulebook,
        .calendar = &r->core.calendar,
        .words = r->core.words,
        .ledger = &r->ledger,
        .journal = r->want.known_at != NULL ? &r->journal.journal : NULL,
        .as_of = r->want.as_of != CIVIL_NONE ? r->want.as_of : as_of,
        .read_at = read_at,
        .known_at = r->want.known_at,
        .limits = r->limits,
    };
    struct intake *in = intake_new(&conf);
    r->intake = in;
    return in;
}

static void step(void *ud)
{
    (void)ud;
}

static void done(void *ud, struct intake *in, bool ok, bool declined, const char *why)
{
    struct reading *r = ud;
    const int64_t *dirty;
    size_t n_dirty;
    r->intake = NULL;
    if (!ok) {
        if (declined || why != NULL) /* else the connection was lost, and `down` ends it */
            end_failed(r, declined ? "out of memory" : why);
        return;
    }
    r->snapshot = intake_take(in, &dirty, &n_dirty);
    intake_free(in);
    if (r->snapshot != NULL)
        end(r, EXIT_DONE, "", "");
    else
        end(r, EXIT_RUNTIME, "", "out of memory");
}

static void read_now(struct reading *r)
{
    const struct source_reading how = {
        .case_ref = r->want.case_ref,
        .step = step,
        .begin = begin,
        .done = done,
    };
    if (!source_read(r->source, &how))
        end(r, EXIT_RUNTIME, "", "out of memory");
}

static void on_vocabulary(void *ud, bool ok, uint64_t seen, const char *why)
{
    struct reading *r = ud;
    if (!ok) {
        if (why != NULL) /* as above */
            end_failed(r, why);
        return;
    }
    r->limits = watched_limits(r->core.config, r->core.rulebook, seen);
    read_now(r);
}

static void on_up(void *ud)
{
    struct reading *r = ud;
    if (r->limits != 0 || watched_choice(r->core.config) != WATCH_AUTO)
        read_now(r);
    else if (!source_vocabulary(r->source, on_vocabulary))
        end(r, EXIT_RUNTIME, "", "out of memory");
}

static void on_down(void *ud, const char *why)
{
    end_failed(ud, why);
}

static void on_hint(void *ud, const int64_t *ids, size_t n)
{
    (void)ud;
    (void)ids;
    (void)n;
}

/* --- when facts were first seen -------------------------------------------------------------------------------------- */

static void go_on(struct reading *r, const char *trouble)
{
    if (trouble != NULL)
        fprintf(stderr,
                "ehcwatchd %s: warning: the state database does not say when facts were first seen (%s): "
                "those that "
                "the source does not date count as always known\n",
                r->name, trouble);
    if (!r->started)
        source_start(r->source);
    r->started = true;
}

static void on_journal(void *ud, bool ok, bool lost, const char *why)
{
    (void)lost;
    go_on(ud, ok ? NULL : why);
}

static void on_state_up(void *ud)
{
    struct reading *r = ud;
    if (!journal_store_read(&r->journal, on_journal, r))
        end(r, EXIT_RUNTIME, "", "out of memory");
}

static void on_state_down(void *ud, const char *why)
{
    struct reading *r = ud;
    if (!r->started)
        go_on(r, why);
}

static bool open_state(struct reading *r, struct err *e)
{
    static const struct pg_link_ops ops = {.up = on_state_up, .down = on_state_down};
    const struct pg_link_conf conf = {
        .conninfo = r->core.config->state,
        .password = r->core.credentials->state_password,
        .application_name = "ehcwatchd state",
        .query_timeout = 120,
    };
    r->state = pg_link_new(r->core.loop, &conf, &ops, r, e);
    journal_store_init(&r->journal, r->state, r->core.words);
    return r->state != NULL;
}

int reading_run(struct reading *r, const struct reading_want *want, struct snapshot **s)
{
    static const struct source_ops ops = {.up = on_up, .down = on_down, .hint = on_hint};
    struct err e = {""};
    r->want = *want;
    r->limits = want->limits != 0 ? want->limits : watched_limits(r->core.config, r->core.rulebook, 0);
    r->code = EXIT_RUNTIME;
    r->source = source_new(&r->core, &ops, r, &e);
    if (r->source == NULL || (want->known_at != NULL && !open_state(r, &e))) {
        fprintf(stderr, "ehcwatchd %s: %s: %s\n", r->name, r->source == NULL ? "source" : "state", e.text);
        source_free(r->source);
        return EXIT_RUNTIME;
    }
    ev_timer_init(&r->progress, on_progress, PROGRESS_FIRST, PROGRESS_EVERY);
    r->progress.data = r;
    if (isatty(STDERR_FILENO))
        ev_timer_start(r->core.loop, &r->progress);
    if (r->state != NULL)
        pg_link_start(r->state);
    else
        go_on(r, NULL);
    ev_run(r->core.loop, 0);
    source_free(r->source);
    if (r->state != NULL) {
        pg_link_free(r->state);
        journal_store_free(&r->journal);
    }
    r->source = NULL;
    *s = r->snapshot;
    r->snapshot = NULL;
    return r->code;
}
