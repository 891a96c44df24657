#include <stdlib.h>
#include <string.h>

#include "list_int.h"

#define ROWS_A_SLICE  8192
#define MOVES_A_SLICE 16384

uint64_t list_key_int(int64_t n)
{
    return (uint64_t)(n - INT32_MIN);
}

uint64_t list_key_date(civil_day d)
{
    return d != CIVIL_NONE ? list_key_int(d) : KEY_EMPTY;
}

uint64_t list_key_locality(const struct list_job *j, uint32_t row)
{
    return j->rank[list_load(j, row)->head.locality];
}

uint64_t list_key_team(const struct list_job *j, uint32_t row)
{
    return j->rank[list_load(j, row)->head.team];
}

uint64_t list_key_officer(const struct list_job *j, uint32_t row)
{
    return j->rank[list_load(j, row)->head.officer];
}

/* The first bytes of what follows the common prefix. */
uint64_t list_key_ref(const struct list_job *j, uint32_t row)
{
    const struct record_case *k = &list_load(j, row)->head;
    uint64_t key = 0;
    for (size_t i = j->prefix; i < j->prefix + sizeof key; i++)
        key = key << 8 | (i < k->ref_len ? (unsigned char)k->ref[i] : 0);
    return key < KEY_EMPTY ? key : KEY_EMPTY - 1;
}

static int tie_ref(const void *ud, uint32_t a, uint32_t b)
{
    const struct list_job *j = ud;
    struct record_case x, y;
    record_head(list_record(j, a), &x);
    record_head(list_record(j, b), &y);
    const size_t n = x.ref_len < y.ref_len ? x.ref_len : y.ref_len;
    int c = memcmp(x.ref, y.ref, n);
    if (c == 0)
        c = x.ref_len < y.ref_len ? -1 : x.ref_len > y.ref_len;
    return j->descending ? -c : c;
}

struct ranked {
    const char *text;
    uint32_t number;
};

static int by_text(const void *x, const void *y)
{
    const struct ranked *a = x, *b = y;
    return strcmp(a->text, b->text);
}

static const char *text_at(const struct list_job *j, uint32_t number)
{
    const struct words *w = j->snapshot->words;
    return j->sort.order == ORDER_LIMITS   ? j->snapshot->rulebook->rule[number].limit->id
           : j->sort.order == ORDER_PLACES ? names_text(w->places, number)
                                           : names_text(w->subjects, number);
}

/* The place of each word among all, in the order of their bytes. */
static bool make_ranks(struct list_job *j)
{
    const struct words *w = j->snapshot->words;
    const size_t n = j->sort.order == ORDER_LIMITS   ? j->snapshot->rulebook->n
                     : j->sort.order == ORDER_PLACES ? names_count(w->places)
                                                     : names_count(w->subjects);
    struct ranked *all = reallocarray(NULL, n + 1, sizeof *all);
    j->rank = reallocarray(NULL, n + 1, sizeof *j->rank);
    if (all == NULL || j->rank == NULL) {
        free(all);
        return false;
    }
    for (uint32_t i = 0; i < n; i++)
        all[i] = (struct ranked){text_at(j, i), i};
    qsort(all, n, sizeof *all, by_text);
    for (uint32_t i = 0; i < n; i++)
        j->rank[all[i].number] = i;
    free(all);
    return true;
}

bool list_sort_begin(struct list_job *j)
{
    const enum list_order order = j->sort.order;
    j->at = 0;
    if (!slice_sort_begin(&j->sorted, j->n, order == ORDER_REF ? tie_ref : NULL, j))
        return false;
    j->phase = order == ORDER_REF ? PHASE_PREFIX : PHASE_KEYS;
    return order == ORDER_KEY || order == ORDER_REF || make_ranks(j);
}

static size_t slice_end(const struct list_job *j)
{
    return j->at + ROWS_A_SLICE < j->n ? j->at + ROWS_A_SLICE : j->n;
}

static void find_prefix(struct list_job *j)
{
    struct record_case first, k;
    const size_t end = slice_end(j);
    if (j->n > 0)
        record_head(list_record(j, 0), &first);
    if (j->at == 0)
        j->prefix = j->n > 0 ? first.ref_len : 0;
    for (; j->at < end; j->at++) {
        size_t n = 0;
        record_head(list_record(j, (uint32_t)j->at), &k);
        while (n < j->prefix && n < k.ref_len && k.ref[n] == first.ref[n])
            n++;
        j->prefix = n;
    }
}

static void make_keys(struct list_job *j)
{
    for (const size_t end = slice_end(j); j->at < end; j->at++) {
        uint64_t key = j->sort.key(j, (uint32_t)j->at);
        if (j->descending && key != KEY_EMPTY)
            key = KEY_EMPTY - 1 - key;
        j->sorted.items[j->at] = (struct sort_item){key, (uint32_t)j->at};
    }
}

bool list_sort_step(struct list_job *j)
{
    switch (j->phase) {
    case PHASE_PREFIX:
        find_prefix(j);
        if (j->at < j->n)
            break;
        j->at = 0;
        j->phase = PHASE_KEYS;
        break;
    case PHASE_KEYS:
        make_keys(j);
        if (j->at == j->n)
            j->phase = PHASE_SORT;
        break;
    default:
        if (!slice_sort_next(&j->sorted, MOVES_A_SLICE))
            j->phase = PHASE_DONE;
        break;
    }
    return true;
}
