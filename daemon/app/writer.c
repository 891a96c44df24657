#include "writer.h"

#include <ev.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "baseline.h"
#include "batch.h"
#include "clock.h"
#include "journal_store.h"
#include "log.h"
#include "pglink.h"
#include "sql_text.h"

struct writer {
    struct core *core;
    struct pg_link *link;
    struct ledger *ledger;
    struct journal_store *journal;
    void *ud;
    const struct writer_endpoint *endpoints;
    size_t n_endpoints;

    struct writer_work work;
    int64_t *cases;
    size_t next; /* first case of the batch after this one */
    size_t transitions;
    struct batch batch;
    size_t single_until; /* cases before this index are taken one by one: their batch was refused */
    size_t refused;      /* cases that the database would not take */
    struct err err;      /* the first failure */
    bool failed, lost;   /* of the batch under way */
};

static void next_batch(struct writer *w);

static void end_work(struct writer *w)
{
    ledger_settle(w->ledger);
    snapshot_unref(w->work.snapshot);
    w->work.snapshot = NULL;
    free(w->cases);
    w->cases = NULL;
    if (w->refused > 0 && !w->failed) {
        struct err first = w->err;
        err_set(&w->err, "%zu cases could not be written, the others were: %s", w->refused, first.text);
    }
    w->work.done(w->ud, !w->failed && w->refused == 0, w->transitions, w->err.text);
}

static void fail(struct writer *w, const char *what, const char *why)
{
    if (w->failed)
        return;
    w->failed = true;
    if (w->refused == 0)
        err_set(&w->err, "%s: %s", what, why);
}

static void fail_reply(struct writer *w, const char *what, const struct pg_reply *r)
{
    w->lost |= r->lost;
    fail(w, what, r->message);
}

/* A batch was rolled back. What one case did must not silence the others: they are taken one by one, and a case that is
 * refused alone is left out. */
static void batch_failed(struct writer *w)
{
    if (w->lost) {
        end_work(w);
        return;
    }
    if (w->batch.n > 1) {
        w->single_until = w->next;
        w->next -= w->batch.n;
        if (w->refused == 0)
            w->err.text[0] = '\0';
    } else {
        struct err why = w->err;
        if (w->refused++ == 0)
            err_set(&w->err, "case_id %lld: %s", (long long)w->batch.cases[0].id, why.text);
    }
    w->failed = false;
    next_batch(w);
}

/* Every statement of a transaction but its end: a failure makes the end a rollback. */
static void on_step(void *ud, const struct pg_reply *r)
{
    struct writer *w = ud;
    if (!r->ok)
        fail_reply(w, "writing obligations", r);
}

/* A message for each that was asked for: an endpoint that is not in the table would lose its own in silence. */
static void on_outbox(void *ud, const struct pg_reply *r)
{
    struct writer *w = ud;
    if (!r->ok)
        fail_reply(w, "writing obligations", r);
    else if (strtoull(PQcmdTuples((PGresult *)(uintptr_t)r->res), NULL, 10) != w->batch.n_outbox)
        fail(w, "writing obligations", "an endpoint is missing from ehcwatch.endpoint");
}

static void submit(struct writer *w, const char *sql, int n, const char *const *params, pg_result_fn *fn)
{
    if (!w->failed && !pg_link_query(w->link, sql, n, params, fn, w))
        fail(w, "writing obligations", "out of memory");
}

static void on_rolled_back(void *ud, const struct pg_reply *r)
{
    struct writer *w = ud;
    w->lost |= !r->ok;
    batch_failed(w);
}

/* After a failure inside a transaction. */
static void roll_back(struct writer *w)
{
    if (!pg_link_query(w->link, "ROLLBACK", 0, NULL, on_rolled_back, w)) {
        w->lost = true;
        batch_failed(w);
    }
}

/* --- the end of the baseline --------------------------------------------------------------------------------------------- */

static void on_baseline(void *ud, const struct pg_reply *r)
{
    struct writer *w = ud;
    if (!r->ok)
        fail(w, "ending the baseline", r->message);
    end_work(w);
}

static void end_baseline(struct writer *w)
{
    struct err e;
    if (!baseline_end(w->core, w->link, &w->work, w->endpoints, w->n_endpoints, on_baseline, w, &e)) {
        fail(w, "ending the baseline", e.text);
        end_work(w);
    }
}

/* --- one batch ----------------------------------------------------------------------------------------------------------- */

static void count_transitions(struct writer *w)
{
    struct status *s = &w->core->status;
    for (size_t i = 0; i < w->batch.n_transitions; i++) {
        s->transitions[w->batch.told[i].limit][w->batch.told[i].alert]++;
        s->restatements[w->batch.told[i].limit] += w->batch.told[i].alert == ALERT_RESTATED;
    }
    w->transitions += w->batch.n_transitions;
}

/* COMMIT of a transaction in which a statement failed is answered with ROLLBACK, and no error. */
static void on_commit(void *ud, const struct pg_reply *r)
{
    struct writer *w = ud;
    if (!r->ok)
        fail_reply(w, "committing transitions", r);
    else if (strcmp(PQcmdStatus((PGresult *)(uintptr_t)r->res), "COMMIT") != 0)
        fail(w, "committing transitions", "the database rolled back");
    for (size_t i = 0; i < w->batch.n && !w->failed; i++)
        if (!ledger_set(w->ledger, w->batch.cases[i].id, w->batch.cases[i].digest))
            fail(w, "committing transitions", "out of memory");
    if (w->failed) {
        batch_failed(w);
        return;
    }
    count_transitions(w);
    next_batch(w);
}

static void send_arrays(struct writer *w, const char *query, struct pg_array *a, int n,
                        const char *const *more, int n_more, pg_result_fn *fn)
{
    const char *params[20];
    struct err e;
    for (int i = 0; i < n; i++)
        if ((params[i] = pg_array_literal(&a[i], &e)) == NULL) {
            fail(w, "writing obligations", e.text);
            return;
        }
    for (int i = 0; i < n_more; i++)
        params[n + i] = more[i];
    submit(w, sql_query(query), n + n_more, params, fn);
}

static void write_batch(struct writer *w)
{
    char as_of[CIVIL_TEXT_LEN], known_at[24];
    struct batch *b = &w->batch;
    civil_format(w->work.snapshot->as_of, as_of);
    snprintf(known_at, sizeof known_at, "%lld", (long long)w->work.snapshot->read_at);
    const char *with_obligations[] = {as_of},
               *with_transitions[] = {as_of, known_at, w->core->rulebook->version};
    if (b->n_obligations > 0)
        send_arrays(w, "write_obligations", b->obligation, OBLIGATION_COLUMNS, with_obligations, 1, on_step);
    if (b->n_transitions > 0)
        send_arrays(w, "write_transitions", b->transition, TRANSITION_COLUMNS, with_transitions, 3, on_step);
    if (b->n_outbox > 0)
        send_arrays(w, "write_outbox", b->outbox, OUTBOX_COLUMNS, NULL, 0, on_outbox);
    send_arrays(w, "write_digests", b->digest, DIGEST_COLUMNS, NULL, 0, on_step);
    if (b->n_notices > 0)
        send_arrays(w, "write_notices", b->notice, NOTICE_COLUMNS, NULL, 0, on_step);
    submit(w, "COMMIT", 0, NULL, on_commit);
    if (w->failed)
        roll_back(w);
}

/* A row of write_stored. False: a limit that the rulebook no longer has; such rows rest. */
static bool read_stored(const struct writer *w, const PGresult *res, int row, struct stored *s)
{
    const char *subject = PQgetvalue(res, row, 2), *state = PQgetvalue(res, row, 6),
               *verdict = PQgetvalue(res, row, 7);
    int limit = rulebook_find(w->core->rulebook, PQgetvalue(res, row, 1));
    uint32_t number = names_add(w->core->words->subjects, subject, strlen(subject));
    if (limit < 0 || number == NAMES_FULL)
        return false;
    *s = (struct stored){
        .limit = (uint8_t)limit,
        .state = (uint8_t)state_by_name(state, strlen(state)),
        .gone = PQgetvalue(res, row, 8)[0] == 't',
        .subject = number,
        .start = (civil_day)strtol(PQgetvalue(res, row, 3), NULL, 10),
        .due = (civil_day)strtol(PQgetvalue(res, row, 4), NULL, 10),
        .closed =
            PQgetisnull(res, row, 5) ? CIVIL_NONE : (civil_day)strtol(PQgetvalue(res, row, 5), NULL, 10),
        .seq = (int32_t)strtol(PQgetvalue(res, row, 9), NULL, 10),
    };
    for (int v = EXCEPTION_NONE; v <= EXCEPTION_UNSUPPORTED; v++)
        if (strcmp(verdict, exception_verdict_name((enum exception_verdict)v)) == 0)
            s->exception = (uint8_t)v;
    return s->state < STATE_COUNT;
}

static void on_stored(void *ud, const struct pg_reply *r)
{
    struct writer *w = ud;
    if (!r->ok)
        fail_reply(w, "reading stored obligations", r);
    int rows = r->ok ? PQntuples(r->res) : 0, row = 0;
    struct stored *stored = calloc((size_t)rows + 1, sizeof *stored);
    if (stored == NULL)
        fail(w, "reading stored obligations", "out of memory");
    const struct batch_how how = {
        .core = w->core,
        .snapshot = w->work.snapshot,
        .baseline = w->work.baseline,
        .now = clock_wall_us(),
        .endpoints = w->endpoints,
        .n_endpoints = w->n_endpoints,
    };
    for (size_t i = 0; i < w->batch.n && !w->failed; i++) {
        size_t n = 0;
        for (; row < rows && strtoll(PQgetvalue(r->res, row, 0), NULL, 10) == w->batch.cases[i].id; row++)
            n += read_stored(w, r->res, row, &stored[n]);
        if (!batch_compare(&w->batch, &how, i, stored, n))
            fail(w, "comparing obligations", "out of memory");
    }
    free(stored);
    if (!w->failed)
        write_batch(w);
    else if (w->lost)
        batch_failed(w);
    else
        roll_back(w);
}

static void on_locked(void *ud, const struct pg_reply *r)
{
    struct writer *w = ud;
    if (!r->ok) {
        fail_reply(w, "locking cases", r);
        return;
    }
    if ((size_t)PQntuples(r->res) != w->batch.n) {
        fail(w, "locking cases", "a row is missing from ehcwatch.case_state");
        return;
    }
    for (int i = 0; i < PQntuples(r->res); i++) {
        w->batch.cases[i].event_seq = (int32_t)strtol(PQgetvalue(r->res, i, 1), NULL, 10);
        if (!batch_remember(&w->batch, (size_t)i, PQgetvalue(r->res, i, 2), PQgetvalue(r->res, i, 3),
                            PQgetvalue(r->res, i, 4)))
            fail(w, "locking cases", "out of memory");
    }
}

static void next_batch(struct writer *w)
{
    size_t left = w->work.n - w->next, most = w->next < w->single_until ? 1 : BATCH_CASES,
           n = left < most ? left : most;
    w->work.step(w->ud);
    if (n == 0) {
        if (w->work.end_baseline)
            end_baseline(w);
        else
            end_work(w);
        return;
    }
    batch_begin(&w->batch, w->cases + w->next, n);
    w->next += n;
    struct pg_array ids;
    struct err e;
    pg_array_init(&ids);
    for (size_t i = 0; i < n; i++)
        pg_array_int8(&ids, w->batch.cases[i].id);
    const char *params[] = {pg_array_literal(&ids, &e)};
    if (params[0] == NULL)
        fail(w, "locking cases", e.text);
    bool begun = !w->failed && pg_link_query(w->link, "BEGIN", 0, NULL, on_step, w);
    submit(w, sql_query("write_claim"), 1, params, on_step);
    submit(w, sql_query("write_lock"), 1, params, on_locked);
    submit(w, sql_query("write_stored"), 1, params, on_stored);
    pg_array_free(&ids);
    if (w->failed || !begun) { /* out of memory */
        w->lost = !begun;
        fail(w, "locking cases", "out of memory");
        if (begun)
            roll_back(w);
        else
            batch_failed(w);
    }
}

/* --- the journal comes first ------------------------------------------------------------------------------------------------- */

static void keep_journal(struct writer *w);

static void on_kept(void *ud, bool ok, bool lost, const char *why)
{
    struct writer *w = ud;
    if (!ok && !lost)
        log_ev_limited(LOG_WARNING, "first_seen_not_kept", "", LOG_NO_FIELDS, "%s", why);
    if (ok)
        keep_journal(w);
    else
        next_batch(w);
}

static void keep_journal(struct writer *w)
{
    w->work.step(w->ud);
    if (!journal_store_write(w->journal, w->work.snapshot->n_cases == 0, on_kept, w))
        next_batch(w);
}

bool writer_start(struct writer *w, const struct writer_work *work)
{
    w->cases = malloc((work->n + 1) * sizeof *w->cases);
    if (w->cases == NULL)
        return false;
    if (work->n > 0)
        memcpy(w->cases, work->cases, work->n * sizeof *w->cases);
    w->work = *work;
    snapshot_ref(w->work.snapshot);
    w->next = w->transitions = w->single_until = w->refused = 0;
    w->failed = w->lost = false;
    w->err.text[0] = '\0';
    keep_journal(w);
    return true;
}

void writer_route(struct writer *w, const struct writer_endpoint *endpoints, size_t n)
{
    w->endpoints = endpoints;
    w->n_endpoints = n;
}

struct writer *writer_new(struct core *core, struct pg_link *link, struct ledger *ledger,
                          struct journal_store *journal, void *ud)
{
    struct writer *w = calloc(1, sizeof *w);
    if (w == NULL)
        return NULL;
    *w = (struct writer){.core = core, .link = link, .ledger = ledger, .journal = journal, .ud = ud};
    batch_init(&w->batch);
    return w;
}

void writer_free(struct writer *w)
{
    if (w == NULL)
        return;
    snapshot_unref(w->work.snapshot);
    batch_free(&w->batch);
    free(w->cases);
    free(w);
}
