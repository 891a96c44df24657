#include "slice_sort.h"

#include <stdlib.h>

#define RUN 16

bool slice_sort_begin(struct slice_sort *s, size_t n, sort_tie_fn *tie, const void *ud)
{
    *s = (struct slice_sort){
        .items = reallocarray(NULL, n + 1, sizeof *s->items),
        .n = n,
        .other = reallocarray(NULL, n + 1, sizeof *s->other),
        .tie = tie,
        .ud = ud,
    };
    if (s->items != NULL && s->other != NULL)
        return true;
    slice_sort_free(s);
    return false;
}

void slice_sort_free(struct slice_sort *s)
{
    free(s->items);
    free(s->other);
    *s = (struct slice_sort){0};
}

static bool after(const struct slice_sort *s, const struct sort_item *a, const struct sort_item *b)
{
    if (a->key != b->key)
        return a->key > b->key;
    return s->tie != NULL && s->tie(s->ud, a->row, b->row) > 0;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Puts the next run in order. */
static void make_run(struct slice_sort *s)
{
    const size_t end = least(s->lo + RUN, s->n);
    for (size_t i = s->lo + 1; i < end; i++) {
        const struct sort_item x = s->items[i];
        size_t j = i;
        for (; j > s->lo && after(s, &s->items[j - 1], &x); j--)
            s->items[j] = s->items[j - 1];
        s->items[j] = x;
    }
    s->lo = end;
}

static void merge_from(struct slice_sort *s, size_t lo)
{
    s->lo = s->i = s->out = lo;
    s->j = least(lo + s->width, s->n);
}

/* The runs of the next width, from the other array into this one. */
static void next_width(struct slice_sort *s)
{
    struct sort_item *merged = s->other;
    if (s->width > 0) {
        s->other = s->items;
        s->items = merged;
    }
    s->width = s->width > 0 ? 2 * s->width : RUN;
    merge_from(s, 0);
}

/* Merges the two runs on with at most `moves`; how many it took. */
static size_t merge(struct slice_sort *s, size_t moves)
{
    const size_t mid = least(s->lo + s->width, s->n), end = least(mid + s->width, s->n);
    const size_t from = s->out, until = least(end, s->out + moves);
    for (; s->out < until; s->out++) {
        bool second = s->i == mid || (s->j < end && after(s, &s->items[s->i], &s->items[s->j]));
        s->other[s->out] = s->items[second ? s->j++ : s->i++];
    }
    const size_t took = s->out - from;
    if (s->out == end)
        merge_from(s, end);
    return took;
}

bool slice_sort_next(struct slice_sort *s, size_t moves)
{
    for (size_t took; moves > 0 && (s->width == 0 || s->width < s->n); moves -= least(took, moves)) {
        took = RUN;
        if (s->lo >= s->n)
            next_width(s);
        else if (s->width == 0)
            make_run(s);
        else
            took = merge(s, moves);
    }
    return s->width == 0 || s->width < s->n;
}
