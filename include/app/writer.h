/* Drift into the database: the transitions of cases that changed, their messages and the new state, in one transaction.
 *
 * Cases are taken in batches. For each batch the rows are locked, what is stored is compared with what the snapshot says, and what
 * changed is written with its outbox rows, or not at all. Every transaction begins with the fence of the lease (lease.h), in the term in which
 * the work began: a leader that was overtaken writes nothing. */
#ifndef EHCWATCH_WRITER_H
#define EHCWATCH_WRITER_H

#include "bulk.h"
#include "core.h"
#include "ledger.h"
#include "notice.h"
#include "policy.h"
#include "route.h"

struct journal_store;
struct pg_link;
struct writer;

/* An endpoint as routing sees it. */
struct writer_endpoint {
    const char *name;
    enum format format;
    struct channel channel;
    struct route route;
    bool people; /* owed notices, not messages: the composer makes those */
    struct policy policy;
};

enum writer_outcome {
    WRITER_DONE,
    WRITER_FAILED, /* some batches may have been written and others not; the ledger must be read anew */
    WRITER_FENCED, /* the same, because this daemon no longer leads: nothing is wrong */
};

struct writer_work {
    struct snapshot *snapshot; /* the writer takes its own reference */
    const int64_t *cases;      /* ascending; copied */
    size_t n;
    bool whole; /* all cases were read: when it is written, the evaluation is noted, and baselines end */
    const char *rules; /* that it was evaluated with, as ehcwatch.evaluation has them; borrowed */

    /* What is not told one by one (bulk.h). */
    struct evaluated before;    /* what is stored is of that evaluation */
    uint64_t baseline;          /* limits whose states are written without transitions, */
    enum baseline_reason began; /* and why */
    uint64_t rewritten;         /* limits whose rule was another one in `before` */
    civil_day bulk_since;       /* an import is judged by this date; CIVIL_NONE: there is none */
    size_t bulk_cases;
    bool bulk_begins; /* it is not noted yet that there is one */

    void (*step)(void *ud); /* each time that a part of it begins */

    void (*done)(void *ud, enum writer_outcome outcome, size_t transitions,
                 const char *why); /* called once from the loop; why NULL: the link was lost, and says so */
};

/* `link` is borrowed and must be up for writer_start. The ledger is brought up to date batch by batch. What the journal has not kept
 * is written first; if that fails, the transitions are written all the same. */
struct writer *writer_new(struct core *core, struct pg_link *link, struct ledger *ledger,
                          struct journal_store *journal, void *ud);
void writer_free(struct writer *w);

/* Who is told; borrowed until replaced. */
void writer_route(struct writer *w, const struct writer_endpoint *endpoints, size_t n);

/* One work at a time. False: out of memory. */
bool writer_start(struct writer *w, const struct writer_work *work) MUST_CHECK;

#endif
