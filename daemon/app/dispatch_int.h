/* The dispatcher's own view of itself: claiming (dispatch.c) and deliveries (dispatch_job.c). */
#ifndef EHCWATCH_DISPATCH_INT_H
#define EHCWATCH_DISPATCH_INT_H

#include <ev.h>

#include "dispatch.h"
#include "hook.h"
#include "pglink.h"
#include "retry.h"

enum job_state {
    JOB_POSTING,
    JOB_RECORDING,
    JOB_UNRECORDED /* the record was lost: again when the link is up */
};

/* One message under way. */
struct job {
    struct job *next, **at; /* in dispatch.jobs */
    struct dispatch *dispatch;
    struct endpoint *endpoint; /* a reference */
    enum job_state state;
    struct hook_job *hook;
    char outbox_id[24];
    char claim[40];
    char *message_id;
    char *content_type;
    int attempts;      /* number of this one */
    int tries;         /* those of the schedule, this one included */
    int64_t signed_at; /* unix seconds, of the database's clock */

    /* What came of it. */
    bool cancelled; /* by ourselves */
    int http_status;
    int64_t ms;
    const char *reason;
    const char *new_state;
    int64_t wait_ms;
    char *head;
};

struct dispatch {
    struct core *core;
    struct pg_link *link;
    struct hook_pool *pool;
    struct hook_pool *retiring; /* of the configuration before: ends what it has under way */
    const struct endpoints *endpoints;
    struct job *jobs;
    size_t n_jobs;
    uint64_t random; /* of the jitter */

    ev_timer wake; /* the next message is due, or it is time to look */
    bool up, claiming, again;
    double asked; /* monotonic: the queue was last counted */

    bool draining, gave_up;
    ev_timer drain;
    void (*drained)(void *ud);
    void *drained_ud;
};

/* A claimed row, from outbox_claim. False: it could not be started; the lease brings it back. */
bool job_start(struct dispatch *d, const PGresult *res, int row);

/* Records again what could not be recorded. */
void jobs_record_again(struct dispatch *d);
void jobs_cancel(struct dispatch *d);
void job_free(struct job *j);

/* A job has ended. */
void dispatch_job_ended(struct dispatch *d);

struct endpoint_status *dispatch_status(struct dispatch *d, const char *name);

#endif
