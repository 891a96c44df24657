#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "log.h"
#include "poller_int.h"

static void trouble_over(struct poller *p)
{
    struct status *s = &p->core->status;
    if (s->trouble[0] != '\0')
        log_ev(LOG_NOTICE, "evaluating_again", LOG_NO_FIELDS, "after: %s", s->trouble);
    s->trouble[0] = '\0';
}

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
        .before_as_of = poller_counts_since(p),
        .only = p->reading_all ? NULL : p->reading,
        .n_only = p->n_reading,
    };
    return intake_new(&conf);
}

/* What was computed is where it belongs: in the database, or with a standby nowhere. */
static void settled(struct poller *p)
{
    p->clean = true;                 /* a partial reading is begun only from a clean state */
    if (p->source_up && p->state_up) /* else one was lost meanwhile, and that is still so */
        trouble_over(p);
}

static void on_written(void *ud, enum writer_outcome outcome, size_t transitions, const char *why)
{
    struct poller *p = ud;
    p->busy = p->writing = false;
    /* A case that the database refused is no reason to keep the others from people. */
    if (p->reading_all && outcome != WRITER_FENCED && p->state_up)
        p->core->status.written_of = p->reading_since;
    if (transitions > 0 || outcome == WRITER_DONE)
        p->ops.written(p->ud);
    else if (outcome == WRITER_FAILED && p->state_up)
        p->ops.refused(p->ud);
    if (p->stopped)
        p->ops.idle(p->ud);
    if (outcome == WRITER_FENCED ||
        p->reign != p->step_reign) { /* nothing is wrong: somebody else leads now */
        poller_advance(p);
        return;
    }
    if (outcome != WRITER_DONE) {
        /* Some batches may be in: what the database holds is known only when it is read again. */
        p->ledger_ok = p->monitored_ok = false;
        if (why != NULL) /* as in on_read */
            poller_trouble(p, "state database", why);
        return;
    }
    if (p->reading_all)
        p->fresh = 0;
    poller_evaluated(p);
    settled(p);
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
            if (why != NULL) /* a lost connection is reported once, by `down` */
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
    if (!p->leads) {
        intake_free(in);
        settled(p);
        p->ledger_ok &=
            !p->reading_all; /* the leader may write: what it wrote is read before the next reading */
        poller_advance(p);
        return;
    }
    struct writer_work work = {
        .snapshot = s, .cases = dirty, .n = n, .step = poller_busy, .done = on_written};
    poller_fill_work(p, in, &work);
    p->clean = false;
    p->writing = true;
    p->step_reign = p->reign;
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
