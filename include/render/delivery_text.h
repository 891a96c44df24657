/* The ledger of deliveries: what was sent to whom and when, as text, CSV and JSON. Pure.
 *
 * Accepted (the receiver has it: 202), processed (another 2xx) and seen (somebody has acknowledged what the message was about)
 * are told apart. What receivers said beyond their status is not shown, and where messages went is shown by the endpoint's name. */
#ifndef EHCWATCH_DELIVERY_TEXT_H
#define EHCWATCH_DELIVERY_TEXT_H

#include <stdint.h>

#include "buf.h"

#define DELIVERY_NEVER INT64_MIN /* of a point in time: it has not been */

/* One message to one endpoint. Texts are borrowed and never NULL; times are microseconds since 1970 UTC. */
struct delivery {
    const char *message_id, *type, *endpoint;
    const char *case_ref, *limit, *subject; /* "" when it is about none, or about several */
    int items;                              /* obligations that it is about */
    const char *state;                      /* pending, accepted, processed, dead, superseded */
    int attempts;                           /* requests of which the outcome is recorded */
    int unrecorded; /* more that were begun: under way, or cut off by the end of a daemon */
    int replays;
    int64_t created_at, first_at, last_at; /* made; first and last attempt */
    int http_status;                       /* of the last attempt; 0: there was no answer */
    const char *answer; /* "ok", "accepted", or why it counts as failed; "" before the first */
    int64_t accepted_at, processed_at;
    int64_t next_at; /* of a pending one */
    int64_t seen_at;
    const char *seen_by, *sha256; /* of the bytes that are sent, in hexadecimal */
};

enum delivery_format { DELIVERY_TEXT, DELIVERY_CSV, DELIVERY_JSON };

/* What comes before the first row. */
void delivery_begin(struct buf *b, enum delivery_format f, int64_t read_at);

/* Row number `n`, from 0 on. */
void delivery_row(struct buf *b, enum delivery_format f, const struct delivery *d, size_t n);

/* What comes after the last of `n` rows. `next_page`: 0 when there is none, or when pages have no meaning. */
void delivery_end(struct buf *b, enum delivery_format f, size_t n, long next_page);

/* "15 June 2026 12:00:00 BST": how a clock in England showed it; "" for DELIVERY_NEVER. */
void buf_london(struct buf *b, int64_t us);

/* "200", "202 accepted", "500 server_error", "timeout": the last answer in a word or two. */
void buf_answer(struct buf *b, const struct delivery *d);

#endif
