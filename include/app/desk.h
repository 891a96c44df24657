/* Questions of HTTP requests to the database of our own schema, answered without holding up the loop.
 *
 * A handler asks and returns; its request is parked. When the rows come, the caller's function fills in the answer or asks on. One
 * connection, opened by the first question, with short timeouts of its own: a database that is slow is answered with 504, one that
 * is away with 503, and neither delays what else the daemon does. */
#ifndef EHCWATCH_DESK_H
#define EHCWATCH_DESK_H

#include "core.h"
#include "httpd.h"

struct desk;
struct desk_job;
struct pg_result;

struct desk *desk_new(struct core *core, struct err *e) MUST_CHECK;

/* After httpd_free, which ends what is parked. NULL is fine. */
void desk_free(struct desk *d);

/* A named query (sql_text.h) and its text parameters, which are copied. */
struct desk_question {
    const char *query;
    int n;
    const char *const *params;
    bool changes; /* something: who gets no answer is told that it may have been carried out */
};

/* Called from the loop with the rows, borrowed for the call: fills in desk_reply(job), or calls desk_next. Not called when the
 * question fails or the request is over: that has been answered then. */
typedef void desk_fn(void *ctx, struct desk_job *job, const struct pg_result *res);

/* Within a handler. `free_fn(ctx)` is called once, when nothing of the job is left, perhaps before this returns. `d` NULL: there is no
 * database here, 503. */
void desk_ask(struct desk *d, struct httpd_reply *reply, const struct desk_question *q, desk_fn *fn,
              void *ctx, void (*free_fn)(void *ctx));

/* Within a desk_fn: what to fill in. */
struct httpd_reply *desk_reply(struct desk_job *job);

/* Within a desk_fn: asks on before there is an answer. */
void desk_next(struct desk_job *job, const struct desk_question *q, desk_fn *fn);

#endif
