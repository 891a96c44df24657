/* One batch of the writer: what is to be written, collected as arrays for unnest(). */
#ifndef EHCWATCH_BATCH_H
#define EHCWATCH_BATCH_H

#include "core.h"
#include "pgarray.h"
#include "writer.h"

enum { BATCH_CASES = 128 }; /* twice as many would take 50 bytes more for each of 10,000 cases */

/* The columns of write_obligations, write_transitions, write_outbox, write_notices, ack_clear and write_digests, in the order of their
 * parameters. */
enum {
    OBLIGATION_COLUMNS = 10,
    TRANSITION_COLUMNS = 13,
    OUTBOX_COLUMNS = 5,
    NOTICE_COLUMNS = 4,
    ACK_COLUMNS = 5,
    DIGEST_COLUMNS = 6
};

/* What the case at hand owed according to its facts of today at an import's date, and under today's rules at the evaluation before. */
enum batch_past { PAST_OF_IMPORT, PAST_OF_RULES, BATCH_PASTS };

struct obligations {
    struct obligation *list;
    size_t n, cap;
    bool made; /* a past: evaluated for this case, if it was wanted */
};

struct batch_case {
    int64_t id;
    int32_t event_seq;           /* as locked, then after the batch */
    uint64_t digest;             /* of what the snapshot says */
    char *ref, *locality, *team; /* as the snapshot, or of a case that is gone the database, has them */
};

struct batch {
    struct batch_case cases[BATCH_CASES];
    size_t n;
    struct pg_array obligation[OBLIGATION_COLUMNS], transition[TRANSITION_COLUMNS], outbox[OUTBOX_COLUMNS],
        notice[NOTICE_COLUMNS], ack[ACK_COLUMNS], digest[DIGEST_COLUMNS];
    size_t n_obligations, n_transitions, n_outbox, n_notices, n_acks;
    struct {
        uint8_t limit, alert;
    } * told; /* one for each transition, for the counters */
    size_t cap_told;

    struct record_room room, past_room;
    struct obligations now, past[BATCH_PASTS]; /* of the case at hand */
    bool no_memory;
};

void batch_init(struct batch *b);
void batch_free(struct batch *b);

/* Begins a batch of these cases. */
void batch_begin(struct batch *b, const int64_t *cases, size_t n);

struct batch_how {
    const struct core *core;
    struct snapshot *snapshot;
    const struct writer_work *work;
    int64_t now; /* microseconds: the messages' timestamp */
    const struct writer_endpoint *endpoints;
    size_t n_endpoints;
};

/* What the database remembers of case i, for the case that it is gone. False: out of memory. */
bool batch_remember(struct batch *b, size_t i, const char *ref, const char *locality,
                    const char *team) MUST_CHECK;

/* Adds an obligation; on failure sets no_memory. */
void batch_add_obligation(struct batch *b, struct obligations *to, const struct obligation *o);

/* Whether a change is recorded and not told (bulk.h). `record` of the case, NULL when it is gone. *untold is the answer; false: out of memory. */
bool batch_untold(struct batch *b, const struct batch_how *how, const unsigned char *record,
                  const struct change *c, bool *untold) MUST_CHECK;

/* Compares case i of the batch with its stored rows and adds what changed. False: out of memory. */
bool batch_compare(struct batch *b, const struct batch_how *how, size_t i, struct stored *stored,
                   size_t n_stored) MUST_CHECK;

#endif
