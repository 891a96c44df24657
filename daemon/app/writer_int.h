/* The writer's own view of itself: one work (writer.c), batch by batch (writer_batch.c). */
#ifndef EHCWATCH_WRITER_INT_H
#define EHCWATCH_WRITER_INT_H

#include "batch.h"
#include "pglink.h"

struct writer {
    struct core *core;
    struct pg_link *link;
    struct ledger *ledger;
    struct journal_store *journal;
    void *ud;
    const struct writer_endpoint *endpoints;
    size_t n_endpoints;

    struct writer_work work;
    int64_t *cases;
    size_t next; /* first case of the batch after this one */
    size_t transitions;
    struct batch batch;
    size_t single_until; /* cases before this index are taken one by one: their batch was refused */
    size_t refused;      /* cases that the database would not take */
    struct err err;      /* the first failure */
    bool failed, lost;   /* of the batch under way */
    bool gone;           /* the connection: the link tells of it */
    bool fenced;         /* the term that the work began in is over */
    int64_t term;
    char term_text[24];
};

/* The batch after the last one; after the very last, writer_batches_done. */
void writer_next_batch(struct writer *w);

/* All batches are written, but for cases that were refused: what follows them. */
void writer_batches_done(struct writer *w);

/* It is over: done, failed or fenced. */
void writer_end(struct writer *w);

/* Notes the first failure of the batch under way. */
void writer_fail(struct writer *w, const char *what, const char *why);

/* The same, of an answer that is not ok. */
void writer_fail_reply(struct writer *w, const char *what, const struct pg_reply *r);

#endif
