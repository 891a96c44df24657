/* The intake's own view of itself: rows (intake.c) and chunks (intake_chunk.c). */
#ifndef EHCWATCH_INTAKE_INT_H
#define EHCWATCH_INTAKE_INT_H

#include "chunk.h"
#include "intake.h"

/* The cases of a poll come before their events: kept encoded, in blocks that are freed as the events pass them. */
struct head_block {
    struct head_block *next;
    size_t used, cap;
    unsigned char bytes[];
};

struct held_claim {
    int64_t case_id;
    struct record_claim claim;
};

struct intake {
    struct intake_conf conf;
    struct judge_how how; /* of the conf */
    struct findings findings;
    struct reject *rejects;
    size_t n_rejects, cap_rejects;
    uint64_t seen, n_facts;
    size_t n_cases;

    struct head_block *heads, *heads_end;
    size_t head_at; /* in the first block */
    bool any_case;
    int64_t last_case, last_claim, last_fact;

    struct held_claim *claims;
    size_t n_claims, cap_claims, claim_at;

    struct record_maker maker;     /* of the case at the head of the queue */
    struct record_room room, past; /* of a case as of the evaluation's date, and of the one before */
    civil_day past_as_of;
    size_t n_moved;
    struct chunk_maker chunk;
    unsigned char *patch; /* partial: encoded records, and where each begins */
    size_t patch_bytes, patch_cap, *patch_at, n_patch, cap_patch;
    size_t old; /* slot of the snapshot before that the open chunk stands for */
    bool merging;
    /* Of what is merged next: its place among the cases asked for, in the patch and in the old slot. */
    size_t only_next, patch_next;
    uint32_t old_next;
    int64_t covered; /* ids up to here were compared with the ledger */

    struct slot *slots;
    size_t n_slots, cap_slots;
    size_t n_emptied;
    int64_t *dirty;
    size_t n_dirty, cap_dirty;
};

/* p with room for one more of `size` bytes after n, or NULL: then p is as it was. */
void *intake_more(void *p, size_t n, size_t *cap, size_t size);

/* Before the record of `id` is taken: closes the open chunk where the one before began anew, or when it is full, so that a
 * new case in the middle changes one chunk and not all that follow. False: out of memory. */
bool intake_boundary(struct intake *in, int64_t id);

/* Ends the open chunk: shares the one before when it is the same, else evaluates it. */
bool intake_close_chunk(struct intake *in);

/* Cases that the database has obligations of, between the last one compared and `below`, are gone from the source. */
bool intake_miss(struct intake *in, int64_t below);

/* Takes the patch of a partial intake into the chunks of the snapshot before, some `cases` at a time. 1: done; 0: call again; -1: out of
 * memory. */
int intake_merge(struct intake *in, size_t cases);

#endif
