/* Chunks in the making: shared by the files of the intake, and by nobody else. */
#ifndef EHCWATCH_CHUNK_H
#define EHCWATCH_CHUNK_H

#include "caseload.h"

#define CHUNK_CASES 1024

/* Records gathered for the chunk that is open. */
struct chunk_maker {
    unsigned char *data;
    size_t bytes, cap;
    uint32_t *offset, *hash;
    uint32_t n, cap_n;
    int64_t first, last;
};

/* Makes room for one more record of at most `bytes`; the place to write it, or NULL. */
unsigned char *chunk_room(struct chunk_maker *m, size_t bytes);

/* Takes the record of `bytes` that was written there into the chunk. */
void chunk_add(struct chunk_maker *m, int64_t case_id, uint32_t hash, size_t bytes);

/* Whether the chunk holds just the bytes that `c` holds. */
bool chunk_same(const struct chunk_maker *m, const struct chunk *c);

/* A chunk of what was gathered, with one reference, and an empty maker. NULL: out of memory. */
struct chunk *chunk_close(struct chunk_maker *m);
void chunk_maker_free(struct chunk_maker *m);

/* Evaluates every case of the chunk. `each` (may be NULL) is told each case's digest, in order, with its record. NULL: out of memory. */
struct verdict *
chunk_judge(const struct chunk *c, const struct judge_how *how, struct record_room *room,
            bool (*each)(void *ud, int64_t case_id, uint64_t digest, const unsigned char *record), void *ud);

#endif
