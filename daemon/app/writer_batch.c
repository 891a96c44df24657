#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "sql_text.h"
#include "writer_int.h"

/* A batch was rolled back. What one case did must not silence the others: they are taken one by one, and a case that is
 * refused alone is left out. */
static void batch_failed(struct writer *w)
{
    if (w->lost || w->fenced) {
        writer_end(w);
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
    writer_next_batch(w);
}

/* Every statement of a transaction but its end: a failure makes the end a rollback. */
static void on_step(void *ud, const struct pg_reply *r)
{
    struct writer *w = ud;
    if (!r->ok)
        writer_fail_reply(w, "writing obligations", r);
}

static void on_fence(void *ud, const struct pg_reply *r)
{
    struct writer *w = ud;
    w->fenced = r->ok && PQntuples(r->res) == 0;
    if (!r->ok)
        writer_fail_reply(w, "asking for the lease", r);
    else if (w->fenced)
        writer_fail(w, "asking for the lease", "another daemon has it");
}

/* A message for each that was asked for: an endpoint that is not in the table would lose its own in silence. */
static void on_outbox(void *ud, const struct pg_reply *r)
{
    struct writer *w = ud;
    if (!r->ok)
        writer_fail_reply(w, "writing obligations", r);
    else if (strtoull(PQcmdTuples((PGresult *)(uintptr_t)r->res), NULL, 10) != w->batch.n_outbox)
        writer_fail(w, "writing obligations", "an endpoint is missing from ehcwatch.endpoint");
}

static void submit(struct writer *w, const char *sql, int n, const char *const *params, pg_result_fn *fn)
{
    if (!w->failed && !pg_link_query(w->link, sql, n, params, fn, w))
        writer_fail(w, "writing obligations", "out of memory");
}

static void on_rolled_back(void *ud, const struct pg_reply *r)
{
    struct writer *w = ud;
    w->gone |= r->lost;
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
        writer_fail_reply(w, "committing transitions", r);
    else if (strcmp(PQcmdStatus((PGresult *)(uintptr_t)r->res), "COMMIT") != 0)
        writer_fail(w, "committing transitions", "the database rolled back");
    for (size_t i = 0; i < w->batch.n && !w->failed; i++)
        if (!ledger_set(w->ledger, w->batch.cases[i].id, w->batch.cases[i].digest))
            writer_fail(w, "committing transitions", "out of memory");
    if (w->failed) {
        batch_failed(w);
        return;
    }
    count_transitions(w);
    writer_next_batch(w);
}

static void send_arrays(struct writer *w, const char *query, struct pg_array *a, int n,
                        const char *const *more, int n_more, pg_result_fn *fn)
{
    const char *params[20];
    struct err e;
    for (int i = 0; i < n; i++)
        if ((params[i] = pg_array_literal(&a[i], &e)) == NULL) {
            writer_fail(w, "writing obligations", e.text);
            return;
        }
    for (int i = 0; i < n_more; i++)
        params[n + i] = more[i];
    submit(w, sql_query(query), n + n_more, params, fn);
    /* They are copied: two of them until the next batch, or the next change, would be one too many. */
    for (int i = 0; i < n; i++)
        pg_array_free(&a[i]);
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
    if (b->n_acks > 0)
        send_arrays(w, "ack_clear", b->ack, ACK_COLUMNS, with_obligations, 1, on_step);
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
        writer_fail_reply(w, "reading stored obligations", r);
    int rows = r->ok ? PQntuples(r->res) : 0, row = 0;
    struct stored *stored = calloc((size_t)rows + 1, sizeof *stored);
    if (stored == NULL)
        writer_fail(w, "reading stored obligations", "out of memory");
    const struct batch_how how = {
        .core = w->core,
        .snapshot = w->work.snapshot,
        .work = &w->work,
        .now = clock_wall_us(),
        .endpoints = w->endpoints,
        .n_endpoints = w->n_endpoints,
    };
    for (size_t i = 0; i < w->batch.n && !w->failed; i++) {
        size_t n = 0;
        for (; row < rows && strtoll(PQgetvalue(r->res, row, 0), NULL, 10) == w->batch.cases[i].id; row++)
            n += read_stored(w, r->res, row, &stored[n]);
        if (!batch_compare(&w->batch, &how, i, stored, n))
            writer_fail(w, "comparing obligations", "out of memory");
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
        writer_fail_reply(w, "locking cases", r);
        return;
    }
    if ((size_t)PQntuples(r->res) != w->batch.n) {
        writer_fail(w, "locking cases", "a row is missing from ehcwatch.case_state");
        return;
    }
    for (int i = 0; i < PQntuples(r->res); i++) {
        w->batch.cases[i].event_seq = (int32_t)strtol(PQgetvalue(r->res, i, 1), NULL, 10);
        if (!batch_remember(&w->batch, (size_t)i, PQgetvalue(r->res, i, 2), PQgetvalue(r->res, i, 3),
                            PQgetvalue(r->res, i, 4)))
            writer_fail(w, "locking cases", "out of memory");
    }
}

void writer_next_batch(struct writer *w)
{
    size_t left = w->work.n - w->next, most = w->next < w->single_until ? 1 : BATCH_CASES,
           n = left < most ? left : most;
    w->work.step(w->ud);
    if (n == 0) {
        writer_batches_done(w);
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
        writer_fail(w, "locking cases", e.text);
    const char *proof[] = {w->core->instance, w->term_text};
    bool begun = !w->failed && pg_link_query(w->link, "BEGIN", 0, NULL, on_step, w);
    submit(w, sql_query("lease_fence"), 2, proof, on_fence);
    submit(w, sql_query("write_claim"), 1, params, on_step);
    submit(w, sql_query("write_lock"), 1, params, on_locked);
    submit(w, sql_query("write_stored"), 1, params, on_stored);
    pg_array_free(&ids);
    if (w->failed || !begun) { /* out of memory */
        w->lost = !begun;
        writer_fail(w, "locking cases", "out of memory");
        if (begun)
            roll_back(w);
        else
            batch_failed(w);
    }
}
