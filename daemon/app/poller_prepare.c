#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "lease.h"
#include "log.h"
#include "pgarray.h"
#include "pgcopy.h"
#include "pglink.h"
#include "poller_int.h"
#include "sql_text.h"
#include "watched.h"

static void step_failed(struct poller *p, const struct pg_reply *r)
{
    p->busy = false;
    if (!r->lost) /* a lost connection is reported once, by `down` */
        poller_trouble(p, "state database", r->message);
}

static void begin_step(struct poller *p)
{
    p->step_reign = p->reign;
    p->step_term = lease_term(p->core->lease);
    poller_busy(p);
}

/* Whether it counts: what was done or read in an earlier reign is to be done again. */
static bool end_step(struct poller *p)
{
    p->busy = false;
    return p->reign == p->step_reign;
}

/* The end of a statement that is fenced, as the leader's must be; without a row it did nothing. */
static bool end_fenced(struct poller *p, const struct pg_reply *r)
{
    bool held = PQntuples(r->res) > 0, counts = end_step(p);
    if (!held)
        lease_lost(p->core->lease, p->step_term);
    return held && counts;
}

static void ask(struct poller *p, const char *query, int n, const char *const *params, pg_result_fn *fn)
{
    begin_step(p);
    if (pg_link_query(p->state, sql_query(query), n, params, fn, p))
        return;
    p->busy = false;
    poller_trouble(p, "state database", "out of memory");
}

/* --- the schema is the one that this program knows ------------------------------------------------------------------------ */

static int schema_version_known(void)
{
    int version = 0;
    for (const struct sql_text *m = sql_migrations; m->name != NULL; m++)
        if (strncmp(m->name, "ehcwatch_", 9) == 0)
            version = (int)strtol(m->name + 9, NULL, 10);
    return version;
}

static void on_version(void *ud, const struct pg_reply *r)
{
    struct poller *p = ud;
    struct err e;
    if (!r->ok && (strcmp(r->sqlstate, "42P01") == 0 || strcmp(r->sqlstate, "3F000") == 0)) {
        p->busy = false;
        poller_trouble(p, "state database", "there is no schema ehcwatch: run \"ehcwatchd migrate\"");
        return;
    }
    if (!r->ok) {
        step_failed(p, r);
        return;
    }
    p->busy = false;
    int found = (int)strtol(PQgetvalue(r->res, 0, 0), NULL, 10), known = schema_version_known();
    p->told_as_of =
        PQgetisnull(r->res, 0, 1) ? CIVIL_NONE : (civil_day)strtol(PQgetvalue(r->res, 0, 1), NULL, 10);
    p->schema_ok = found == known;
    if (found < known)
        err_set(&e, "the schema ehcwatch is at version %d, this program needs %d: run \"ehcwatchd migrate\"",
                found, known);
    if (found > known)
        err_set(&e,
                "the schema ehcwatch is at version %d, this program knows %d: install the newer ehcwatchd",
                found, known);
    if (p->schema_ok)
        poller_advance(p);
    else
        poller_trouble(p, "state database", e.text);
}

/* --- endpoints ------------------------------------------------------------------------------------------------------------- */

static void on_endpoints(void *ud, const struct pg_reply *r)
{
    struct poller *p = ud;
    if (!r->ok) {
        step_failed(p, r);
        return;
    }
    if (end_fenced(p, r)) {
        p->endpoints_ok = true;
        p->ops.written(p->ud); /* the dispatcher may claim for them from now on */
    }
    poller_advance(p);
}

static void sync_endpoints(struct poller *p)
{
    struct pg_array names;
    struct err e = {"out of memory"};
    pg_array_init(&names);
    for (size_t i = 0; i < p->n_endpoints; i++)
        pg_array_text(&names, p->endpoints[i].name);
    const char *const *proof = lease_proof(p->core->lease),
                      *params[] = {pg_array_literal(&names, &e), proof[0], proof[1]};
    if (params[0] != NULL)
        ask(p, "endpoint_sync", 3, params, on_endpoints);
    else
        poller_trouble(p, "state database", e.text);
    pg_array_free(&names);
}

/* --- the ledger ------------------------------------------------------------------------------------------------------------ */

static bool on_ledger_row(void *ud, const struct pg_field *f)
{
    struct poller *p = ud;
    int64_t id, digest;
    if (!pg_field_int8(&f[0], &id, &p->ledger_err) || !pg_field_int8(&f[1], &digest, &p->ledger_err))
        return false;
    return ledger_set(&p->ledger, id, (uint64_t)digest) || err_set(&p->ledger_err, "out of memory");
}

static bool on_ledger_data(void *ud, const char *bytes, size_t len)
{
    struct poller *p = ud;
    return pg_copy_feed(p->ledger_copy, bytes, len, &p->ledger_err);
}

static void on_ledger(void *ud, const struct pg_reply *r)
{
    struct poller *p = ud;
    bool ok = r->ok && pg_copy_done(p->ledger_copy, &p->ledger_err);
    pg_copy_free(p->ledger_copy);
    free(p->ledger_copy);
    p->ledger_copy = NULL;
    if (!r->ok && r->message[0] != '\0' && p->ledger_err.text[0] == '\0') {
        step_failed(p, r);
        return;
    }
    bool counts = end_step(p);
    if (!ok) {
        poller_trouble(p, "state database", p->ledger_err.text);
        return;
    }
    ledger_settle(&p->ledger);
    p->ledger_ok = counts;
    poller_advance(p);
}

static void read_ledger(struct poller *p)
{
    ledger_clear(&p->ledger);
    p->ledger_err.text[0] = '\0';
    p->ledger_copy = malloc(sizeof *p->ledger_copy);
    if (p->ledger_copy != NULL) {
        pg_copy_init(p->ledger_copy, 2, on_ledger_row, p);
        begin_step(p);
        if (pg_link_copy_out(p->state, sql_query("state_ledger"), on_ledger_data, on_ledger, p))
            return;
        p->busy = false;
        free(p->ledger_copy);
        p->ledger_copy = NULL;
    }
    poller_trouble(p, "state database", "out of memory");
}

/* --- the journal ----------------------------------------------------------------------------------------------------------- */

static void on_journal(void *ud, bool ok, bool lost, const char *why)
{
    struct poller *p = ud;
    p->journal.loaded &= end_step(p);
    if (ok)
        poller_advance(p);
    else if (!lost) /* as in step_failed */
        poller_trouble(p, "state database", why);
}

static void read_journal(struct poller *p)
{
    begin_step(p);
    if (journal_store_read(&p->journal, on_journal, p))
        return;
    p->busy = false;
    poller_trouble(p, "state database", "out of memory");
}

/* --- limits under watch ---------------------------------------------------------------------------------------------------- */

static void on_vocabulary(void *ud, bool ok, uint64_t seen, const char *why)
{
    struct poller *p = ud;
    p->busy = false;
    if (!ok) {
        if (why != NULL) /* as in step_failed */
            poller_trouble(p, "case database", why);
        return;
    }
    p->watch.occurs = seen;
    p->limits = watched_limits(p->core->config, p->core->rulebook, seen);
    p->limits_ok = true;
    poller_advance(p);
}

static void choose_limits(struct poller *p)
{
    p->watch = (struct watch){.choice = watched_choice(p->core->config)};
    if (p->watch.choice == WATCH_AUTO) {
        poller_busy(p);
        if (!source_vocabulary(p->source, on_vocabulary)) {
            p->busy = false;
            poller_trouble(p, "case database", "out of memory");
        }
        return;
    }
    p->limits = watched_limits(p->core->config, p->core->rulebook, 0);
    p->limits_ok = true;
    poller_advance(p);
}

/* limits = auto: what occurs in the cases that were read decides. Asking the table again would not do: it also holds rows that
 * take no part, and the two answers would differ for ever. */
void poller_follow_source(struct poller *p, const struct snapshot *s)
{
    if (p->watch.choice != WATCH_AUTO || !p->reading_all)
        return;
    uint64_t limits = watched_limits(p->core->config, p->core->rulebook, s->seen);
    p->watch.occurs = s->seen;
    if (limits == p->limits)
        return;
    p->limits = limits;
    p->monitored_ok = false;
    p->want_all = true;
}

static void on_evaluated(void *ud, const struct pg_reply *r)
{
    struct poller *p = ud;
    if (!r->ok) {
        step_failed(p, r);
        return;
    }
    poller_take_evaluated(p, r->res);
    p->monitored_ok = end_step(p);
    poller_advance(p);
}

static void on_fresh(void *ud, const struct pg_reply *r)
{
    struct poller *p = ud;
    if (!r->ok) {
        step_failed(p, r);
        return;
    }
    bool counts = end_step(p);
    p->fresh = 0;
    for (int i = 0; i < PQntuples(r->res); i++) {
        int limit = rulebook_find(p->core->rulebook, PQgetvalue(r->res, i, 0));
        if (limit >= 0)
            p->fresh |= LIMIT_BIT(limit);
    }
    if (counts)
        ask(p, "evaluation_read", 0, NULL, on_evaluated);
    else
        poller_advance(p);
}

static void on_monitored(void *ud, const struct pg_reply *r)
{
    struct poller *p = ud;
    if (!r->ok)
        step_failed(p, r);
    else if (end_fenced(p, r))
        ask(p, "monitored_fresh", 0, NULL, on_fresh);
    else
        poller_advance(p);
}

static void sync_monitored(struct poller *p)
{
    struct pg_array ids;
    struct err e = {"out of memory"};
    pg_array_init(&ids);
    for (size_t i = 0; i < p->core->rulebook->n; i++)
        if ((p->limits & LIMIT_BIT(i)) != 0)
            pg_array_text(&ids, p->core->rulebook->rule[i].limit->id);
    const char *const *proof = lease_proof(p->core->lease),
                      *params[] = {pg_array_literal(&ids, &e), proof[0], proof[1]};
    if (params[0] != NULL)
        ask(p, "monitored_sync", 3, params, on_monitored);
    else
        poller_trouble(p, "state database", e.text);
    pg_array_free(&ids);
}

/* The two that write are the leader's: a standby has no baseline to end, and delivers to the endpoints that are there. */
bool poller_prepare(struct poller *p)
{
    if (!p->schema_ok)
        ask(p, "state_version", 0, NULL, on_version);
    else if (!lease_known(p->core->lease))
        lease_begin(p->core->lease); /* its answer brings us back */
    else if (p->leads && !p->endpoints_ok)
        sync_endpoints(p);
    else if (!p->ledger_ok)
        read_ledger(p);
    else if (!p->journal.loaded)
        read_journal(p);
    else if (!p->limits_ok)
        choose_limits(p);
    else if (p->leads && !p->monitored_ok)
        sync_monitored(p);
    else
        return false;
    return true;
}
