#include "writer.h"

#include <ev.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "baseline.h"
#include "journal_store.h"
#include "lease.h"
#include "log.h"
#include "writer_int.h"

void writer_end(struct writer *w)
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
    enum writer_outcome outcome = w->fenced                      ? WRITER_FENCED
                                  : w->failed || w->refused != 0 ? WRITER_FAILED
                                                                 : WRITER_DONE;
    if (w->fenced)
        lease_lost(w->core->lease, w->term);
    w->work.done(w->ud, outcome, w->transitions, w->gone ? NULL : w->err.text);
}

void writer_fail(struct writer *w, const char *what, const char *why)
{
    if (w->failed)
        return;
    w->failed = true;
    if (w->refused == 0)
        err_set(&w->err, "%s: %s", what, why);
}

void writer_fail_reply(struct writer *w, const char *what, const struct pg_reply *r)
{
    w->gone |= r->lost;
    w->lost |= r->lost;
    writer_fail(w, what, r->message);
}

/* --- the end of an evaluation, and the begin of an import --------------------------------------------------------------------------------------------- */

static void on_ended(void *ud, const struct pg_reply *r)
{
    struct writer *w = ud;
    w->fenced = r->ok && PQntuples(r->res) == 0;
    if (!r->ok)
        writer_fail_reply(w, "ending the evaluation", r);
    writer_end(w);
}

static void end_evaluation(struct writer *w)
{
    struct err e;
    if (!evaluation_end(w->core, w->link, &w->work, w->endpoints, w->n_endpoints, w->term_text, on_ended, w,
                        &e)) {
        writer_fail(w, "ending the evaluation", e.text);
        writer_end(w);
    }
}

void writer_batches_done(struct writer *w)
{
    if (evaluation_ends(&w->work))
        end_evaluation(w);
    else
        writer_end(w);
}

static void on_bulk(void *ud, const struct pg_reply *r)
{
    struct writer *w = ud;
    w->fenced = r->ok && PQntuples(r->res) == 0;
    if (!r->ok)
        writer_fail_reply(w, "beginning an import", r);
    if (r->ok && !w->fenced)
        writer_next_batch(w);
    else
        writer_end(w);
}

/* What came before is written: the first batch, unless something must be noted before it. */
static void begin_batches(struct writer *w)
{
    if (!w->work.bulk_begins) {
        writer_next_batch(w);
    } else if (!evaluation_bulk(w->core, w->link, &w->work, w->term_text, on_bulk, w)) {
        writer_fail(w, "beginning an import", "out of memory");
        writer_end(w);
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
        begin_batches(w);
}

static void keep_journal(struct writer *w)
{
    w->work.step(w->ud);
    if (!journal_store_write(w->journal, w->work.snapshot->n_cases == 0, on_kept, w))
        begin_batches(w);
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
    w->failed = w->lost = w->gone = w->fenced = false;
    w->err.text[0] = '\0';
    w->term = lease_term(w->core->lease);
    snprintf(w->term_text, sizeof w->term_text, "%lld", (long long)w->term);
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
