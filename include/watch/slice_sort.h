/* Sorting in slices: very many rows, while something else goes on in between.
 *
 * A stable merge sort by a number, and among equal numbers by a comparison of the rows. Pure. */
#ifndef EHCWATCH_SLICE_SORT_H
#define EHCWATCH_SLICE_SORT_H

#include <stddef.h>
#include <stdint.h>

#include "err.h"

struct sort_item {
    uint64_t key;
    uint32_t row;
};

/* Below, at or above 0, as row a goes before, with or after row b. */
typedef int sort_tie_fn(const void *ud, uint32_t a, uint32_t b);

struct slice_sort {
    struct sort_item *items; /* of the sort; in order when it is done */
    size_t n;

    struct sort_item *other;
    sort_tie_fn *tie;
    const void *ud;
    size_t width; /* of the runs that are in order; 0: these are made first */
    size_t lo, i, j,
        out; /* the two runs that are being merged: from `lo`; the next of each; where the lesser one goes */
};

/* Room for n items, which the caller fills in before the first slice. `tie` NULL: equal keys stay in their order. False: out of memory, and
 * nothing to free. */
bool slice_sort_begin(struct slice_sort *s, size_t n, sort_tie_fn *tie, const void *ud) MUST_CHECK;
void slice_sort_free(struct slice_sort *s); /* of zeroes, too */

/* Moves some `moves` items. True: there is more to do. */
bool slice_sort_next(struct slice_sort *s, size_t moves) MUST_CHECK;

#endif
