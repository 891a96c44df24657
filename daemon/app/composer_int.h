/* The composer's own view of itself: when (composer.c), the transaction (compose.c), and what is told (compose_items.c,
 * compose_message.c). */
#ifndef EHCWATCH_COMPOSER_INT_H
#define EHCWATCH_COMPOSER_INT_H

#include <ev.h>

#include "composer.h"
#include "notice.h"
#include "pgarray.h"
#include "pglink.h"

/* Something that is told. */
struct entry {
    struct notice_item item;
    int64_t case_id;
    int64_t notice_id; /* of a change; else 0 */
    bool step;         /* a reminder or an escalation that is made now, and not again */
    size_t message;    /* in which of the messages */
};

/* A notice that is not told, and why. Static text. */
struct spared {
    int64_t notice_id;
    const char *reason;
};

/* What one endpoint is told now. */
struct telling {
    const struct core *core;
    const struct writer_endpoint *endpoint;
    struct policy_verdict verdict;
    int64_t now;         /* microseconds: the database's clock */
    civil_day as_of;     /* of the evaluation that the states are from */
    struct names *texts; /* of the entries */
    struct entry *entries;
    struct spared *spared;
    size_t n, cap, n_spared, cap_spared;
    size_t n_messages; /* one for each team, or one that says that there is nothing to tell */
    bool no_memory;
};

enum { OUTBOX_ARRAYS = 3, TOLD_ARRAYS = 4, STEP_ARRAYS = 8 };

struct composer {
    struct core *core;
    struct composer_ops ops;
    void *ud;
    struct pg_link *link;
    const struct writer_endpoint *endpoints; /* all of them: see compose_look.sql */
    bool *due;                               /* of those: there is something to do */
    double *held_since; /* of those, monotonic: a message on its way is waited for; 0: none is */
    size_t n_endpoints;

    ev_timer wake;
    bool up, busy, again, stopped;
    bool held;       /* an endpoint of this pass is waited for */
    bool whole;      /* this pass has made all that is due */
    civil_day day;   /* by the database's clock */
    int64_t term;    /* of the lease */
    double day_seen; /* monotonic: since then; an evaluation must have begun later */

    /* The endpoint under way. */
    size_t at;
    char endpoint_id[16];
    struct telling telling;
    struct pg_array outbox[OUTBOX_ARRAYS], told[TOLD_ARRAYS], steps[STEP_ARRAYS];
    bool failed, lost, fenced, hold;
    int64_t under; /* the term that it is written in */
    struct err err;
};

/* --- composer.c --- */

/* The endpoint's transaction has ended, one way or the other. */
void composer_next(struct composer *c);

/* A row of compose_look or compose_lock: how it stands with the endpoint. */
struct policy_state composer_state(const PGresult *res, int row, int64_t *now);

/* --- compose.c --- */

/* Tells endpoints[at] what is due. */
void compose_endpoint(struct composer *c);

/* --- compose_items.c --- */

void telling_begin(struct telling *t, const struct core *core, const struct writer_endpoint *e);
void telling_free(struct telling *t);

/* Rows of compose_waiting and of compose_standing. */
void telling_waiting(struct telling *t, const PGresult *res);
void telling_standing(struct telling *t, const PGresult *res);

/* --- compose_message.c --- */

/* Sorts what is told into messages. */
void telling_sort(struct telling *t);

/* The type and the body of message m. False: out of memory. */
bool telling_message(const struct telling *t, size_t m, const char *message_id, const char **type,
                     struct buf *body) MUST_CHECK;

#endif
