/* Numbers for texts of a file, looked up once a row: case ids, names of events, subjects.
 *
 * Unlike names.h the texts stay where they are, which must outlive the map, and the caller chooses the numbers. A text of up to
 * eight bytes is compared as one word. Many threads may look up in a map that none of them adds to. */
#ifndef EHCWATCH_TEXTMAP_H
#define EHCWATCH_TEXTMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"

#define TEXTMAP_NONE UINT32_MAX

struct textmap_slot {
    uint64_t key;
    const char *text; /* NULL: free */
    uint32_t len, number;
};

struct textmap {
    struct textmap_slot *slot; /* open addressing */
    size_t n, slots;           /* a power of two, at least twice n */
};

/* {0} is an empty map. The text is new, not empty, and shorter than 4 GiB. False: out of memory. */
bool textmap_add(struct textmap *m, const char *text, size_t len, uint32_t number) MUST_CHECK;
uint32_t textmap_find(const struct textmap *m, const char *text, size_t len); /* or TEXTMAP_NONE */
void textmap_empty(struct textmap *m);                                        /* keeps its memory */
void textmap_free(struct textmap *m);

/* Two texts are equal when their lengths are, their keys are and, of those longer than eight bytes, what lies between. */
uint64_t textmap_key(const char *text, size_t len);

static inline bool textmap_equal(uint64_t key_a, const char *a, size_t len_a, uint64_t key_b, const char *b,
                                 size_t len_b)
{
    return key_a == key_b && len_a == len_b && (len_a <= 8 || __builtin_memcmp(a, b, len_a) == 0);
}

#endif
