#include "journal.h"

#include <stdlib.h>

#define SLOTS_LEAST 256

static uint64_t hash(const struct journal_entry *e)
{
    uint64_t h = (uint64_t)e->case_id * UINT64_C(0x9e3779b97f4a7c15);
    h ^= (uint64_t)(uint32_t)e->on << 40 ^ (uint64_t)e->subject << 8 ^ e->word;
    h = (h ^ h >> 32) * UINT64_C(0xbf58476d1ce4e5b9);
    return h ^ h >> 29;
}

static bool same(const struct journal_entry *a, const struct journal_entry *b)
{
    return a->case_id == b->case_id && a->on == b->on && a->subject == b->subject && a->word == b->word;
}

/* The slot of the entry, or the free one where it belongs. There always is one. */
static size_t find(const struct journal *j, const struct journal_entry *e)
{
    size_t i = (size_t)hash(e) & (j->slots - 1);
    while (j->slot[i] != 0 && !same(&j->entries[j->slot[i] - 1], e))
        i = (i + 1) & (j->slots - 1);
    return i;
}

/* At most three quarters of the slots are taken. */
static bool grow_slots(struct journal *j)
{
    if (j->n < j->slots / 4 * 3)
        return true;
    size_t slots = j->slots ? j->slots * 2 : SLOTS_LEAST;
    uint32_t *slot = calloc(slots, sizeof *slot);
    if (slot == NULL)
        return false;
    free(j->slot);
    j->slot = slot;
    j->slots = slots;
    for (size_t i = 0; i < j->n; i++)
        j->slot[find(j, &j->entries[i])] = (uint32_t)i + 1;
    return true;
}

static bool grow_entries(struct journal *j)
{
    if (j->n < j->cap)
        return true;
    size_t cap = j->cap + j->cap / 4 + 256;
    struct journal_entry *entries =
        j->n < UINT32_MAX - 1 ? reallocarray(j->entries, cap, sizeof *entries) : NULL;
    if (entries == NULL)
        return false;
    j->entries = entries;
    j->cap = cap;
    return true;
}

/* The entry of this key, a new one when there is none (then *made); NULL: out of memory. */
static struct journal_entry *entry(struct journal *j, const struct journal_entry *key, bool *made)
{
    *made = false;
    size_t at = j->slots > 0 ? find(j, key) : 0;
    if (j->slots > 0 && j->slot[at] != 0)
        return &j->entries[j->slot[at] - 1];
    if (!grow_entries(j) || !grow_slots(j))
        return NULL;
    *made = true;
    j->entries[j->n] = *key;
    j->slot[find(j, key)] = (uint32_t)j->n + 1;
    return &j->entries[j->n++];
}

/* Rounded down: whoever asks what was known at the very time of the reading gets what the reading found. */
static uint32_t second_of(int64_t us)
{
    int64_t s = us / 1000000;
    return s < 1 ? 1 : s > UINT32_MAX ? UINT32_MAX : (uint32_t)s;
}

bool journal_note(struct journal *j, const struct journal_entry *what, int64_t read_at, int64_t *recorded_at)
{
    bool made;
    struct journal_entry *e = entry(j, what, &made);
    if (e == NULL)
        return false;
    if (made) {
        e->seen = j->begun ? second_of(read_at) : 0;
        e->kept = false;
        if (j->n_new++ == 0)
            j->first_new = j->n - 1;
    }
    *recorded_at = e->seen == 0 ? TIME_NONE : (int64_t)e->seen * 1000000;
    return true;
}

bool journal_load(struct journal *j, const struct journal_entry *from)
{
    bool made;
    struct journal_entry *e = entry(j, from, &made);
    if (e == NULL)
        return false;
    if (!made && !e->kept)
        j->n_new--;
    e->seen = from->seen;
    e->kept = true;
    return true;
}

void journal_forget_kept(struct journal *j)
{
    for (size_t i = 0; i < j->n; i++)
        j->entries[i].kept = false;
    j->first_new = 0;
    j->n_new = j->n;
}

size_t journal_next_new(const struct journal *j, size_t from)
{
    if (j->n_new == 0)
        return j->n;
    if (from < j->first_new)
        from = j->first_new;
    while (from < j->n && j->entries[from].kept)
        from++;
    return from;
}

void journal_mark_kept(struct journal *j, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        j->n_new -= !j->entries[i].kept;
        j->entries[i].kept = true;
    }
    if (from <= j->first_new && to > j->first_new)
        j->first_new = to;
}

void journal_clear(struct journal *j)
{
    free(j->entries);
    free(j->slot);
    *j = (struct journal){0};
}
