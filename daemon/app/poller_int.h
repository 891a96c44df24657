/* The poller's own view of itself: what sets it going (poller.c), what must be prepared,
 * (poller_prepare.c), readings (poller_read.c) and what is not told one by one of what they find (poller_evaluated.c). */
#ifndef EHCWATCH_POLLER_INT_H
#define EHCWATCH_POLLER_INT_H

#include <ev.h>

#include "journal_store.h"
#include "ledger.h"
#include "pglink.h"
#include "poller.h"
#include "source.h"

#define RULES_LEN 4096 /* LIMIT_MAX ids of at most 40 bytes, each with 16 digits */

/* ehcwatch.evaluation: the last one that was written to its end. */
struct evaluated_state {
    struct evaluated last;
    char rules[RULES_LEN], now[RULES_LEN]; /* its rules, and those of the reading under way */
    civil_day bulk_since;                  /* of an import that is not written to its end; CIVIL_NONE: none */
    size_t bulk_cases;
};

struct poller {
    struct core *core;
    struct poller_ops ops;
    void *ud;
    struct source *source;
    struct pg_link *state; /* our schema's database, for the writer and for preparing */
    struct writer *writer;
    struct ledger ledger;
    struct journal_store journal;
    const struct writer_endpoint *endpoints;
    size_t n_endpoints;

    ev_timer interval;
    ev_periodic midnight;
    bool moved;        /* a step began since the watchdog looked */
    double busy_since; /* monotonic: when the watchdog saw that last */

    bool busy, stopped;
    bool writing; /* of the steps, the one that is not given up when the poller is stopped */
    bool source_up, state_up;
    bool leads;
    unsigned reign;      /* counts every change of that */
    unsigned step_reign; /* when the step under way began: a step of an earlier reign proves nothing */
    int64_t step_term;

    /* What must be so before a reading; each is done once and undone by what may have changed it. */
    bool schema_ok, endpoints_ok, ledger_ok, limits_ok, monitored_ok;
    struct err ledger_err;
    struct pg_copy *ledger_copy;

    uint64_t limits;    /* under watch */
    uint64_t fresh;     /* of those: their baseline has not ended */
    struct watch watch; /* how they were chosen; WATCH_AUTO follows what occurs in the source */

    struct evaluated_state evaluated;
    civil_day
        told_as_of; /* of the last transition, when the state database was connected; CIVIL_NONE: none */
    bool want_all;
    int64_t *hints; /* cases to read again, unsorted */
    size_t n_hints, cap_hints;
    int64_t *reading; /* the cases of a partial reading, sorted */
    size_t n_reading;
    bool reading_all;
    double reading_since;
    bool clean;       /* everything that was computed is written */
    bool accept_loss; /* an operator says that cases may be gone: for one reading */
};

/* Takes the next step of the preparation. False: nothing is left to prepare. */
bool poller_prepare(struct poller *p);

/* After a full reading: with limits = auto, the limits under watch are those that it can satisfy. */
void poller_follow_source(struct poller *p, const struct snapshot *s);

/* Takes over the answer of evaluation_read. */
void poller_take_evaluated(struct poller *p, const PGresult *res);

/* The date of the last evaluation, when the changes since can be judged by it: the same limits under the same rules. NULL: not. */
const civil_day *poller_counts_since(struct poller *p);

/* What of the work that follows from a reading is not to be told one by one. */
void poller_fill_work(struct poller *p, const struct intake *in, struct writer_work *work);

/* The work was written to its end. */
void poller_evaluated(struct poller *p);

/* Whether what a full reading found cannot be meant; then it was noted as trouble, and nothing may be made of it. */
bool poller_implausible(struct poller *p, const struct intake *in);

/* Makes the snapshot the one that is served; the reference goes with it. */
void poller_publish(struct poller *p, struct snapshot *s);

/* A step has ended: what is next? */
void poller_advance(struct poller *p);

/* Notes why there is no evaluation, and logs it when it is news. */
void poller_trouble(struct poller *p, const char *where, const char *why);

/* A step of the poller `ud` began. */
void poller_busy(void *ud);

#endif
