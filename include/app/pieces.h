/* Work in pieces, on all cores, with the results in order.
 *
 * Pieces are taken one after another, worked on by several threads at the same time, and given back in the order in which they
 * were taken. What one thread at a time does (take, give) may touch shared state; work may only read it. The caller is one of
 * the threads: with one core, or one piece, there is no other. Blocks until all is done. */
#ifndef EHCWATCH_PIECES_H
#define EHCWATCH_PIECES_H

#include <stdbool.h>
#include <stddef.h>

#include "err.h"

struct pieces {
    size_t size; /* of one piece; pieces begin as zero bytes and are used again and again as they were left */

    /* One call at a time; false: there are no more. `give` may run at the same time. */
    bool (*take)(void *ud, void *piece);

    /* Any number at a time. */
    void (*work)(void *ud, void *piece);

    /* One call at a time, in the order of `take`; false: nothing more is wanted. Pieces taken after this one are not given. */
    bool (*give)(void *ud, void *piece);

    /* At the end, once for each piece that was ever in use: what it holds is freed. */
    void (*clear)(void *piece);
};

/* False: out of memory, and nothing was done. A thread that cannot be had is done without. */
bool pieces_run(const struct pieces *p, void *ud, unsigned threads) MUST_CHECK;

/* The cores that this process may use, at most PIECES_MOST. */
unsigned pieces_cores(void);
#define PIECES_MOST 16

#endif
