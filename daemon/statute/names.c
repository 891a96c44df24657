#include "names.h"

#include <stdlib.h>
#include <string.h>

#include "event.h"

#define BLOCK_BYTES 16384

struct block {
    struct block *next;
    size_t used, cap;
    char bytes[];
};

struct names {
    struct block
        *blocks; /* texts never move: growing the tables must not invalidate what names_text gave out */
    const char **text;
    size_t n, cap;
    uint32_t *slot; /* open addressing; number + 1, 0 = free */
    size_t slots;   /* a power of two, at least twice n */
};

static uint32_t hash(const char *s, size_t len)
{
    uint32_t h = 2166136261u; /* FNV-1a */
    for (size_t i = 0; i < len; i++)
        h = (h ^ (unsigned char)s[i]) * 16777619u;
    return h;
}

static size_t find_slot(const struct names *p, const char *s, size_t len)
{
    size_t i = hash(s, len) & (p->slots - 1);
    while (p->slot[i] != 0) {
        const char *t = p->text[p->slot[i] - 1];
        if (strlen(t) == len && memcmp(t, s, len) == 0)
            break;
        i = (i + 1) & (p->slots - 1);
    }
    return i;
}

static int grow(struct names *p)
{
    size_t cap = p->cap ? p->cap * 2 : 64;
    const char **text = reallocarray(p->text, cap, sizeof *text);
    if (text == NULL)
        return -1;
    p->text = text;
    uint32_t *slot = calloc(cap * 2, sizeof *slot);
    if (slot == NULL)
        return -1;
    free(p->slot);
    p->slot = slot;
    p->slots = cap * 2;
    p->cap = cap;
    for (size_t i = 0; i < p->n; i++)
        p->slot[find_slot(p, p->text[i], strlen(p->text[i]))] = (uint32_t)i + 1;
    return 0;
}

static const char *keep(struct names *p, const char *s, size_t len)
{
    struct block *b = p->blocks;
    if (b == NULL || b->cap - b->used < len + 1) {
        size_t cap = len + 1 > BLOCK_BYTES ? len + 1 : BLOCK_BYTES;
        b = malloc(sizeof *b + cap);
        if (b == NULL)
            return NULL;
        *b = (struct block){.next = p->blocks, .cap = cap};
        p->blocks = b;
    }
    char *t = b->bytes + b->used;
    memcpy(t, s, len);
    t[len] = '\0';
    b->used += len + 1;
    return t;
}

uint32_t names_add(struct names *p, const char *text, size_t len)
{
    if (len == 0 && p->n > 0)
        return 0; /* most rows have no subject */
    if (p->n == p->cap && grow(p) != 0)
        return NAMES_FULL;
    size_t i = find_slot(p, text, len);
    if (p->slot[i] != 0)
        return p->slot[i] - 1;
    const char *t = keep(p, text, len);
    if (t == NULL)
        return NAMES_FULL;
    p->text[p->n] = t;
    p->slot[i] = (uint32_t)++p->n;
    return (uint32_t)p->n - 1;
}

uint32_t names_find(const struct names *p, const char *text, size_t len)
{
    uint32_t s = p->slot[find_slot(p, text, len)];
    return s == 0 ? NAMES_FULL : s - 1;
}

struct names *names_new(void)
{
    struct names *p = calloc(1, sizeof *p);
    if (p != NULL && names_add(p, "", 0) == NAMES_FULL) {
        names_free(p);
        return NULL;
    }
    return p;
}

struct names *names_new_subjects(void)
{
    struct names *p = names_new();
    for (int s = SUBJECT_NONE + 1; p != NULL && s < SUBJECT_COUNT; s++) {
        const char *t = subject_known_name((enum subject)s);
        if (names_add(p, t, strlen(t)) == NAMES_FULL) {
            names_free(p);
            return NULL;
        }
    }
    return p;
}

void names_free(struct names *p)
{
    if (p == NULL)
        return;
    while (p->blocks != NULL) {
        struct block *next = p->blocks->next;
        free(p->blocks);
        p->blocks = next;
    }
    free(p->text);
    free(p->slot);
    free(p);
}

const char *names_text(const struct names *p, uint32_t number)
{
    return p->text[number];
}

size_t names_count(const struct names *p)
{
    return p->n;
}

static int by_text(const void *a, const void *b, void *ud)
{
    const struct names *const *p = ud;
    return strcmp(names_text(*p, *(const uint32_t *)a), names_text(*p, *(const uint32_t *)b));
}

void names_sort(const struct names *p, void *rows, size_t n, size_t size)
{
    if (n > 1)
        qsort_r(rows, n, size, by_text, &p);
}
