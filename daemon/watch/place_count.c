#include "place_count.h"

#include <stdlib.h>
#include <string.h>

/* --- the table --------------------------------------------------------------------------------------------------------- */

static size_t hash(const struct place_count *k)
{
    uint64_t h = (uint64_t)k->locality << 32 | k->team;
    h = (h ^ (uint64_t)k->limit << 24 ^ (uint64_t)k->state << 56) * UINT64_C(0x9e3779b97f4a7c15);
    return (size_t)(h ^ h >> 29);
}

static bool same_key(const struct place_count *a, const struct place_count *b)
{
    return a->limit == b->limit && a->state == b->state && a->locality == b->locality && a->team == b->team;
}

static size_t find_slot(const struct place_counts *c, const struct place_count *key)
{
    size_t i = hash(key) & (c->slots - 1);
    while (c->slot[i] != 0 && !same_key(&c->items[c->slot[i] - 1], key))
        i = (i + 1) & (c->slots - 1);
    return i;
}

static bool grow(struct place_counts *c)
{
    size_t cap = c->cap > 0 ? c->cap * 2 : 256;
    struct place_count *items = reallocarray(c->items, cap, sizeof *items);
    if (items == NULL)
        return false;
    c->items = items;
    uint32_t *slot = calloc(cap * 2, sizeof *slot);
    if (slot == NULL)
        return false;
    free(c->slot);
    c->slot = slot;
    c->slots = cap * 2;
    c->cap = cap;
    for (size_t i = 0; i < c->n; i++)
        c->slot[find_slot(c, &c->items[i])] = (uint32_t)i + 1;
    return true;
}

bool place_counts_add(struct place_counts *c, const struct place_count *key, int32_t by)
{
    if (c->n == c->cap && !grow(c))
        return false;
    size_t at = find_slot(c, key);
    if (c->slot[at] == 0) {
        c->items[c->n] = (struct place_count){
            .locality = key->locality, .team = key->team, .limit = key->limit, .state = key->state};
        c->slot[at] = (uint32_t)++c->n;
    }
    c->items[c->slot[at] - 1].n += by;
    return true;
}

void place_counts_clear(struct place_counts *c)
{
    free(c->items);
    free(c->slot);
    *c = (struct place_counts){0};
}

/* --- from snapshot to snapshot ------------------------------------------------------------------------------------------- */

/* A case of a snapshot. */
struct cursor {
    struct snapshot *snapshot; /* NULL: at its end */
    size_t slot;
    uint32_t at;
};

struct place_walk {
    struct place_counts *counts;
    struct snapshot *before, *now;
    struct cursor was, is;
    struct judge_how how;
    struct record_room room;
    struct place_count key; /* of the case that is evaluated */
    int32_t by;
    bool breached, failed;
};

static const struct chunk *chunk_at(const struct cursor *c)
{
    return c->snapshot != NULL ? c->snapshot->slot[c->slot].chunk : NULL;
}

/* Passes over what is empty and stops at the end. */
static void settle(struct cursor *c)
{
    while (c->snapshot != NULL && (c->slot >= c->snapshot->n_slots || c->at >= chunk_at(c)->n)) {
        c->at = 0;
        if (c->slot >= c->snapshot->n_slots || ++c->slot >= c->snapshot->n_slots)
            c->snapshot = NULL;
    }
}

static void step(struct cursor *c)
{
    c->at++;
    settle(c);
}

static void skip_chunk(struct cursor *c)
{
    c->at = chunk_at(c)->n;
    settle(c);
}

static const unsigned char *record_at(const struct cursor *c, size_t *bytes)
{
    const struct chunk *k = chunk_at(c);
    uint32_t end = c->at + 1 < k->n ? k->offset[c->at + 1] : k->bytes;
    *bytes = end - k->offset[c->at];
    return k->data + k->offset[c->at];
}

static void take(void *ud, const struct obligation *o)
{
    struct place_walk *w = ud;
    w->key.limit = o->limit;
    w->key.state = o->state;
    w->breached |= o->state == STATE_BREACHED;
    w->failed = w->failed || !place_counts_add(w->counts, &w->key, w->by);
}

static void count_case(struct place_walk *w, const unsigned char *record, int32_t by)
{
    const struct judge_how *how = &w->how;
    struct record_case head;
    record_head(record, &head);
    w->key = (struct place_count){.locality = head.locality, .team = head.team};
    w->by = by;
    w->breached = false;
    w->failed = !record_view(record, how->words, how->as_of, how->known_at, &w->room);
    if (w->failed || !case_is_there(how, &w->room.view))
        return;
    evaluate(how->rulebook, how->calendar, &w->room.view, how->as_of, how->limits, take, w);
    w->counts->cases[stage_of(&w->room.view, how->as_of)] += (uint32_t)by;
    w->counts->breached_cases += (uint32_t)(w->breached ? by : 0);
}

/* The next case of either snapshot, or of both. */
static void walk_on(struct place_walk *w)
{
    size_t was_bytes = 0, is_bytes = 0;
    const unsigned char *was = NULL, *is = NULL;
    struct record_case a = {.id = INT64_MAX}, b = {.id = INT64_MAX};
    if (chunk_at(&w->was) == chunk_at(&w->is) && w->was.at == 0 && w->is.at == 0) {
        skip_chunk(&w->was);
        skip_chunk(&w->is);
        return;
    }
    if (w->was.snapshot != NULL)
        record_head(was = record_at(&w->was, &was_bytes), &a);
    if (w->is.snapshot != NULL)
        record_head(is = record_at(&w->is, &is_bytes), &b);
    bool had = was != NULL && (is == NULL || a.id <= b.id), has = is != NULL && (was == NULL || b.id <= a.id);
    bool same = had && has && was_bytes == is_bytes && memcmp(was, is, was_bytes) == 0;
    if (had && !same)
        count_case(w, was, -1);
    if (has && !same)
        count_case(w, is, 1);
    if (had)
        step(&w->was);
    if (has)
        step(&w->is);
}

int place_walk_next(struct place_walk *w, size_t steps)
{
    for (; steps > 0 && !w->failed && (w->was.snapshot != NULL || w->is.snapshot != NULL); steps--)
        walk_on(w);
    return w->failed ? -1 : w->was.snapshot != NULL || w->is.snapshot != NULL;
}

struct place_walk *place_walk_new(struct place_counts *c, struct snapshot *before, struct snapshot *now,
                                  const struct judge_how *how)
{
    struct place_walk *w = calloc(1, sizeof *w);
    if (w == NULL)
        return NULL;
    if (before == NULL)
        place_counts_clear(c);
    *w = (struct place_walk){
        .counts = c,
        .before = before != NULL ? snapshot_ref(before) : NULL,
        .now = snapshot_ref(now),
        .was = {.snapshot = before},
        .is = {.snapshot = now},
        .how = *how,
    };
    w->how.past = asks_about_past(now->read_at, how->as_of, how->known_at);
    settle(&w->was);
    settle(&w->is);
    return w;
}

void place_walk_free(struct place_walk *w)
{
    if (w == NULL)
        return;
    snapshot_unref(w->before);
    snapshot_unref(w->now);
    record_room_free(&w->room);
    free(w);
}

bool place_counts_comparable(const struct snapshot *before, const struct snapshot *now)
{
    return before != NULL && before->as_of == now->as_of && before->known_at == now->known_at &&
           before->limits == now->limits && before->rulebook == now->rulebook;
}

bool place_counts_same(const struct snapshot *before, const struct snapshot *now)
{
    if (!place_counts_comparable(before, now) || before->n_slots != now->n_slots)
        return false;
    for (size_t i = 0; i < now->n_slots; i++)
        if (before->slot[i].chunk != now->slot[i].chunk)
            return false;
    return true;
}
