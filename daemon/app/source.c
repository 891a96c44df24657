#include "source.h"

#include <errno.h>
#include <ev.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "instant.h"
#include "log.h"
#include "pglink.h"
#include "source_begin.h"
#include "source_rows.h"
#include "source_sql.h"
#include "sql_text.h"

/* A reading goes through these in order; each COPY has its query and its rows. */
static const struct stream {
    const char *query;
    pg_copy_row_fn *row;
    const char *table;
} streams[] = {
    {"source_cases", source_row_case, "casework.ehc_case"},
    {"source_exceptions", source_row_claim, "casework.ehc_exception"},
    {"source_events", source_row_event, "casework.ehc_event"},
};

enum { STREAMS = sizeof streams / sizeof streams[0] };

#define FINISH_CASES 512 /* a step of the work that is left after the last row */

struct source {
    struct core *core;
    struct source_ops ops;
    void *ud;
    struct pg_link *link;
    struct source_begin begin;
    ev_timer finish; /* takes the intake's end in steps, so that the loop turns in between */

    bool ready; /* the contract holds */
    struct source_reading how;
    struct source_rows rows;
    struct pg_copy copy;
    int stream;
    struct err err; /* the first that went wrong in this reading */
    bool failed, declined, lost;
    void (*vocabulary)(void *ud, bool ok, uint64_t seen, const char *why);
    bool clock_warned;
};

static void check_contract(struct source *s);

/* --- up, down, hints ------------------------------------------------------------------------------------------------- */

static void on_listen(void *ud, const struct pg_reply *r)
{
    (void)ud;
    if (!r->ok && !r->lost)
        log_ev(LOG_NOTICE, "source_no_hints", LOG_NO_FIELDS,
               "the case database takes no LISTEN (%s): polling only", r->message);
}

static void on_session(void *ud, const struct pg_reply *r)
{
    struct source *s = ud;
    if (!r->ok && !r->lost)
        s->ops.down(s->ud, r->message);
}

/* Whether the answer to source_contract finds nothing missing. */
static bool contract_holds(const struct pg_reply *r, struct err *why)
{
    int problems = r->ok ? PQntuples(r->res) : 0;
    if (!r->ok)
        return err_set(why, "%s", r->message);
    if (problems == 1)
        return err_set(why, "%s", PQgetvalue(r->res, 0, 0));
    return problems == 0 || err_set(why, "%s (and %d more)", PQgetvalue(r->res, 0, 0), problems - 1);
}

static void on_contract(void *ud, const struct pg_reply *r)
{
    struct source *s = ud;
    struct err why;
    if (r->lost)
        return;
    if (!contract_holds(r, &why)) {
        s->ready = false;
        s->ops.down(s->ud, why.text);
    } else if (!s->ready) {
        s->ready = true;
        source_begin_forget(&s->begin);
        s->ops.up(s->ud);
    }
}

static void check_contract(struct source *s)
{
    if (!pg_link_query(s->link, sql_query("source_contract"), 0, NULL, on_contract, s))
        s->ops.down(s->ud, "out of memory");
}

static void on_up(void *ud)
{
    struct source *s = ud;
    if (!pg_link_query(s->link, sql_query("source_session"), 0, NULL, on_session, s) ||
        !pg_link_query(s->link, "LISTEN ehcwatch_poll", 0, NULL, on_listen, s))
        s->ops.down(s->ud, "out of memory");
    check_contract(s);
}

static void on_down(void *ud, const char *why)
{
    struct source *s = ud;
    s->ready = false;
    s->ops.down(s->ud, why);
}

#define HINT_MOST 4096

/* "12,15, 20": case ids. Anything else says "poll". */
static void on_notify(void *ud, const char *channel, const char *payload)
{
    struct source *s = ud;
    static const char blanks[] = " \t";
    int64_t ids[HINT_MOST];
    size_t n = 0;
    (void)channel;
    for (const char *p = payload; *p != '\0';) {
        char *end;
        errno = 0;
        long long id = strtoll(p, &end, 10);
        end += strspn(end, blanks);
        if (end == p || errno != 0 || n == HINT_MOST || (*end != ',' && *end != '\0')) {
            n = 0;
            break;
        }
        ids[n++] = id;
        p = *end == ',' ? end + 1 : end;
    }
    s->ops.hint(s->ud, ids, n);
}

/* --- a reading --------------------------------------------------------------------------------------------------------- */

static void fail(struct source *s, bool lost, const char *what, const char *why)
{
    s->lost |= lost;
    if (s->failed)
        return;
    s->failed = true;
    err_set(&s->err, "%s%s%s", what, *what != '\0' ? ": " : "", why);
}

static void end_reading(struct source *s)
{
    struct intake *in = s->rows.intake;
    bool ok = !s->failed && !s->declined;
    pg_copy_free(&s->copy);
    s->rows.intake = NULL;
    if (!ok) {
        intake_free(in);
        in = NULL;
    }
    if (s->failed && pg_link_state(s->link) >= PG_LINK_IDLE)
        check_contract(s); /* a column that was changed under us gets its own sentence */
    s->how.done(s->ud, in, ok, s->declined, s->lost ? NULL : s->err.text);
}

static void on_finish(struct ev_loop *loop, ev_timer *w, int revents)
{
    struct source *s = w->data;
    (void)revents;
    int done = intake_finish(s->rows.intake, FINISH_CASES);
    if (done == 0) {
        ev_timer_set(w, 0., 0.);
        ev_timer_start(loop, w);
        return;
    }
    if (done < 0)
        fail(s, false, "", "out of memory");
    end_reading(s);
}

static void on_commit(void *ud, const struct pg_reply *r)
{
    struct source *s = ud;
    if (!r->ok)
        fail(s, r->lost, "", r->message);
    if (s->failed || s->declined) {
        end_reading(s);
        return;
    }
    ev_timer_set(&s->finish, 0., 0.);
    ev_timer_start(s->core->loop, &s->finish);
}

static void leave(struct source *s)
{
    const char *how = s->failed || s->declined ? "ROLLBACK" : "COMMIT";
    if (pg_link_query(s->link, how, 0, NULL, on_commit, s))
        return;
    fail(s, false, "", "out of memory");
    end_reading(s);
}

static void next_stream(struct source *s);

static bool on_data(void *ud, const char *bytes, size_t len)
{
    struct source *s = ud;
    struct err e = {""};
    s->how.step(s->ud);
    if (pg_copy_feed(&s->copy, bytes, len, &e))
        return true;
    fail(s, false, streams[s->stream].table, s->rows.err.text[0] != '\0' ? s->rows.err.text : e.text);
    return false;
}

static void on_copied(void *ud, const struct pg_reply *r)
{
    struct source *s = ud;
    struct err e = {""};
    if (!r->ok)
        fail(s, r->lost, streams[s->stream].table, r->message);
    else if (!pg_copy_done(&s->copy, &e))
        fail(s, false, streams[s->stream].table, e.text);
    s->stream++;
    if (s->failed || s->stream == STREAMS)
        leave(s);
    else
        next_stream(s);
}

static void next_stream(struct source *s)
{
    char *sql = source_sql(sql_query(streams[s->stream].query), &s->how);
    s->how.step(s->ud);
    pg_copy_free(&s->copy);
    pg_copy_init(&s->copy, SOURCE_COLUMNS, streams[s->stream].row, &s->rows);
    s->rows.err.text[0] = '\0';
    if (sql == NULL || !pg_link_copy_out(s->link, sql, on_data, on_copied, s)) {
        fail(s, false, "", "out of memory");
        leave(s);
    }
    free(sql);
}

static void warn_of_clock(struct source *s, const char *by, int64_t at)
{
    char text[INSTANT_TEXT_LEN];
    if (*by != '\0' && !s->clock_warned)
        log_ev(LOG_WARNING, "clock_overridden", LOG_NO_FIELDS,
               "%s puts %s in place of the clock of the case database: for tests and rehearsals only", by,
               instant_format(at, text));
    s->clock_warned = *by != '\0';
}

static void on_clock(void *ud, const struct pg_reply *r)
{
    struct source *s = ud;
    if (!r->ok) {
        fail(s, r->lost, "", r->message);
        leave(s);
        return;
    }
    civil_day as_of = (civil_day)strtol(PQgetvalue(r->res, 0, 0), NULL, 10);
    int64_t read_at = strtoll(PQgetvalue(r->res, 0, 1), NULL, 10);
    warn_of_clock(s, PQgetvalue(r->res, 0, 2), read_at);
    s->rows.intake = s->how.begin(s->ud, as_of, read_at);
    s->declined = s->rows.intake == NULL;
    if (s->declined)
        leave(s);
    else
        next_stream(s);
}

static void on_still_holds(void *ud, const struct pg_reply *r)
{
    struct source *s = ud;
    struct err why;
    bool holds = contract_holds(r, &why);
    if (holds)
        source_begin_tell(&s->begin);
    if (holds && pg_link_query(s->link, sql_query("source_clock"), 0, NULL, on_clock, s))
        return;
    fail(s, r->lost, "", holds ? "out of memory" : why.text);
    leave(s);
}

/* Before each reading the contract once more: a view may have been replaced by one of other types, and a cast of a time to a date
 * would be a day off without a word. */
static void on_begun(void *ud, const struct pg_reply *r)
{
    struct source *s = ud;
    if (!r->ok) {
        bool held = strcmp(r->sqlstate, "55P03") == 0;
        fail(s, r->lost, held ? "somebody holds a table of casework locked" : "", r->message);
        leave(s);
        return;
    }
    if (!pg_link_query(s->link, sql_query("source_contract"), 0, NULL, on_still_holds, s)) {
        fail(s, false, "", "out of memory");
        leave(s);
    }
}

bool source_read(struct source *s, const struct source_reading *r)
{
    s->how = *r;
    s->failed = s->declined = s->lost = false;
    s->stream = 0;
    s->err.text[0] = '\0';
    buf_free(&s->rows.clean);
    s->rows = (struct source_rows){.words = s->core->words};
    return source_begin(&s->begin);
}

static void on_vocabulary(void *ud, const struct pg_reply *r)
{
    struct source *s = ud;
    uint64_t seen = 0;
    for (int i = 0; r->ok && i < PQntuples(r->res); i++) {
        const char *name = PQgetvalue(r->res, i, 0);
        seen |= EVENT_BIT(event_by_name(name, strlen(name)));
    }
    s->vocabulary(s->ud, r->ok, seen & ~EVENT_BIT(EV_UNKNOWN), r->lost ? NULL : r->message);
}

bool source_vocabulary(struct source *s, void (*fn)(void *ud, bool ok, uint64_t seen, const char *why))
{
    s->vocabulary = fn;
    return pg_link_query(s->link, sql_query("source_vocabulary"), 0, NULL, on_vocabulary, s);
}

bool source_clock_overridden(const struct source *s)
{
    return s->clock_warned;
}

bool source_connected(const struct source *s)
{
    return pg_link_state(s->link) >= PG_LINK_IDLE;
}

void source_recheck(struct source *s)
{
    if (!s->ready && pg_link_state(s->link) >= PG_LINK_IDLE)
        check_contract(s);
}

struct source *source_new(struct core *core, const struct source_ops *ops, void *ud, struct err *e)
{
    static const struct pg_link_ops link_ops = {.up = on_up, .down = on_down, .notify = on_notify};
    struct source *s = calloc(1, sizeof *s);
    if (s == NULL) {
        err_set(e, "out of memory");
        return NULL;
    }
    *s = (struct source){.core = core, .ops = *ops, .ud = ud};
    ev_timer_init(&s->finish, on_finish, 0., 0.);
    s->finish.data = s;
    const struct pg_link_conf conf = {
        .conninfo = core->config->source,
        .password = core->credentials->source_password,
        .application_name = "ehcwatchd source",
        .query_timeout = 120,
        .statement_timeout = 600, /* a query that we gave up must not go on for ever */
        .lock_timeout = 10,
        .idle_in_transaction_timeout = 60,
        .retry_max = 15,
        .seed = (uint64_t)clock_wall_us(),
    };
    s->link = pg_link_new(core->loop, &conf, &link_ops, s, e);
    if (s->link == NULL) {
        free(s);
        return NULL;
    }
    s->begin = (struct source_begin){.link = s->link, .begun = on_begun, .ud = s};
    return s;
}

void source_start(struct source *s)
{
    pg_link_start(s->link);
}

void source_free(struct source *s)
{
    if (s == NULL)
        return;
    ev_timer_stop(s->core->loop, &s->finish);
    pg_link_free(s->link);
    pg_copy_free(&s->copy);
    intake_free(s->rows.intake);
    buf_free(&s->rows.clean);
    free(s);
}
