/* endpoint.failing: what the operator is told when somebody must look at a webhook. Pure. */
#ifndef EHCWATCH_FAILING_H
#define EHCWATCH_FAILING_H

#include "notice.h"

enum look {
    LOOK_NOT,
    LOOK_REFUSED,     /* it answers that something is wrong with what it is sent */
    LOOK_GONE,        /* 410: nothing is sent any more */
    LOOK_DEAD,        /* a message was given up */
    LOOK_UNREACHABLE, /* nothing has got through for long */
};

struct failing {
    enum look why;
    const char *endpoint; /* its name */
    int http_status;      /* 0: no answer */
    const char *reason;   /* of the last failure, a word */
};

/* The body for an endpoint of the operator's. */
void failing_body(struct buf *b, enum format f, const struct channel *ch, const struct failing *x,
                  const char *message_id, int64_t timestamp);

/* "refused", "gone", "dead", "unreachable"; the one line for a log. Static text. */
const char *look_name(enum look why);
const char *look_text(enum look why);

#endif
