/* The dispatcher's own view of itself: what is next on the link (dispatch.c), claims (dispatch_claim.c), messages under way (dispatch_job.c), the record
 * of what came of them (dispatch_record.c) and what that says of their endpoints (dispatch_health.c).
 *
 * One thing at a time goes over the link: a claim, a count, a record (a transaction) or a return. What ends meanwhile is
 * recorded together, next; or after one claim (and a return and a count, if there are any) when a record has succeeded and
 * the leases are young. Where a record could not be made, nothing else goes before it is made again. */
#ifndef EHCWATCH_DISPATCH_INT_H
#define EHCWATCH_DISPATCH_INT_H

#include <ev.h>
#include <sys/queue.h>

#include "circuit.h"
#include "dispatch.h"
#include "failing.h"
#include "hook.h"
#include "pgarray.h"
#include "pglink.h"
#include "retry.h"

#define RECORD_MOST    512 /* attempts in one transaction */
#define RECORD_COLUMNS 11

/* One message under way. */
struct job {
    TAILQ_ENTRY(job) link;
    struct jobs *list; /* that it is on */
    struct dispatch *dispatch;
    struct endpoint *endpoint; /* a reference */
    struct hook_job *hook;
    char outbox_id[24];
    char claim[40];
    char *message_id;
    char *content_type;
    unsigned char *body; /* until it is posted */
    size_t body_len;
    int64_t shift;     /* of a rehearsal's clock, microseconds */
    double start_by;   /* monotonic: later, the lease may end before it is over and recorded */
    int attempt;       /* number of this one */
    int tries;         /* those of the schedule, this one included */
    int refusals;      /* client errors in a row among these, up to this one */
    int64_t age_ms;    /* since the first of these, when it was claimed */
    bool probe;        /* of a circuit that is not closed */
    int64_t signed_at; /* unix seconds, of the database's clock */

    /* What came of it. */
    bool cancelled; /* by ourselves */
    int http_status;
    int64_t ms;
    const char *reason;
    const char *new_state;
    int64_t wait_ms, pause_ms;
    struct retry_verdict verdict;
    char *head;

    bool doubt;  /* it failed: until that is recorded, nothing that waits for the endpoint is sent */
    size_t lane; /* of the record under way */
    bool fresh;  /* and it had not been recorded before */
};

/* An endpoint in the record under way: how it stood, and what the attempts have made of that. */
struct lane {
    const char *name; /* borrowed from a job of the record */
    bool failed;      /* so that the share of failures is wanted */
    bool known;       /* the row was read */
    struct circuit circuit;
    enum circuit_change change; /* the last that matters */
    bool failing;               /* the operator has been told */
    bool first, dead, disabled; /* see endpoint_lock.sql */
    bool touched, taken, gone, mended;
    int64_t rest_ms;
    struct failing look; /* LOOK_NOT: nobody must */
    bool well_again;
};

struct record {
    struct jobs jobs;
    size_t n;
    struct lane lane[RECORD_MOST];
    size_t n_lanes;
    bool failed, lost;
    struct err why;
    char sqlstate[6];  /* "": the failure is on this side */
    size_t one_by_one; /* so many attempts are recorded alone: one of them was refused */
};

struct dispatch {
    struct core *core;
    struct pg_link *link;
    struct hook_pool *pool;
    struct hook_pool *retiring; /* of the configuration before: ends what it has under way */
    const struct endpoints *endpoints;
    struct jobs posting;
    struct jobs ended;     /* to be recorded */
    struct jobs unused;    /* claims to be given back */
    struct jobs returning; /* being given back */
    struct record record;
    uint64_t random; /* of the jitter */

    ev_timer wake; /* the next message is due, or it is time to look */
    bool up;
    size_t prepared;          /* statements of this session */
    bool busy;                /* the link is in use */
    bool look;                /* something may be due */
    bool count;               /* the queue is to be counted */
    bool recorded;            /* a record came last and is in: it is a claim's turn */
    bool refused;             /* the database would not let the last claim be made */
    double record_from;       /* monotonic: until then the database is left in peace */
    struct err unrecorded;    /* why nothing can be recorded, as the log was told; empty: it can */
    double asked, claimed_at; /* monotonic: the queue was last counted; the claim under way was sent */

    bool draining, gave_up;
    ev_timer drain;
    void (*drained)(void *ud);
    void *drained_ud;
};

/* --- dispatch.c --- */

/* The link is free, or something has come up for it. */
void dispatch_go_on(struct dispatch *d);
void dispatch_link_free(struct dispatch *d);

/* Frees the pool before, if it is done; not from one of its callbacks. */
void dispatch_retire(struct dispatch *d);

/* A query of sql/queries, prepared where it is one of every delivery. `fn` gets the dispatch. */
bool dispatch_query(struct dispatch *d, const char *name, int n, const char *const *params,
                    pg_result_fn *fn) MUST_CHECK;

/* Messages cannot be claimed, recorded or counted: so until they are counted after a claim. */
void dispatch_trouble(struct dispatch *d, const char *why);

/* Looks again after so many seconds, if nothing happens before. */
void dispatch_wake_in(struct dispatch *d, double seconds);
struct endpoint_status *dispatch_status(struct dispatch *d, const char *name);

/* --- dispatch_claim.c --- */

/* Asks for what is due; counts the queue as `count` asked, or sees to it that it is counted soon. The link must be free. */
void claim_begin(struct dispatch *d);
void count_begin(struct dispatch *d);

/* --- dispatch_job.c --- */

/* A claimed row, from outbox_claim, that was asked for at `asked` (monotonic). It waits for a slot of its endpoint. */
void job_claimed(struct dispatch *d, const PGresult *res, int row, double asked);

/* Posts what there are slots for; gives back what has waited too long. */
void jobs_start(struct dispatch *d, struct endpoint *e);

/* What waits for a slot of the endpoint is given back. */
void jobs_give_back(struct dispatch *d, struct endpoint *e);
void jobs_cancel(struct dispatch *d);
void job_move(struct job *j, struct jobs *to);
void job_free(struct job *j);

/* --- dispatch_record.c --- */

/* Records what has ended. The link must be free; it is again when dispatch_link_free is called. */
void record_begin(struct dispatch *d);

/* The answer to a statement of the transaction: a failure makes its end a rollback. `ud` is the dispatch. */
void record_step(void *ud, const struct pg_reply *r);

/* Gives back what is unused. */
void return_begin(struct dispatch *d);

/* --- dispatch_health.c --- */

/* What the attempts say of their endpoints, once all that was known of these is read. */
void health_judge(struct dispatch *d);

/* Queues the statements that write it down; false: no memory. */
bool health_write(struct dispatch *d) MUST_CHECK;

/* It is committed: tells the log, and leaves in peace who is to be left in peace. */
void health_settled(struct dispatch *d);

#endif
