#include "textmap.h"

#include <stdlib.h>
#include <string.h>

#define SPREAD UINT64_C(0x9e3779b97f4a7c15)

/* Up to eight bytes: all of them, as they are. More: mixed, the last eight overlapping those before. */
uint64_t textmap_key(const char *s, size_t len)
{
    uint64_t key = 0, word;
    uint32_t a, b;
    if (len > 8) {
        for (size_t i = 0; i + 8 < len; i += 8) {
            memcpy(&word, s + i, 8);
            key = (key ^ word) * SPREAD;
            key ^= key >> 29;
        }
        memcpy(&word, s + len - 8, 8);
        return (key ^ word) * SPREAD;
    }
    if (len >= 4) {
        memcpy(&a, s, 4);
        memcpy(&b, s + len - 4, 4);
        return a | (uint64_t)b << 32;
    }
    if (len > 0)
        key = (unsigned char)s[0] | (uint64_t)(unsigned char)s[len / 2] << 8 |
              (uint64_t)(unsigned char)s[len - 1] << 16;
    return key;
}

static struct textmap_slot *look(const struct textmap *m, uint64_t key, const char *text, size_t len)
{
    uint64_t h = (key ^ len) * SPREAD;
    for (size_t i = (h ^ h >> 32) & (m->slots - 1);; i = (i + 1) & (m->slots - 1)) {
        struct textmap_slot *s = &m->slot[i];
        if (s->text == NULL || textmap_equal(s->key, s->text, s->len, key, text, len))
            return s;
    }
}

static bool grow(struct textmap *m)
{
    struct textmap more = {.n = m->n, .slots = m->slots > 0 ? m->slots * 2 : 128};
    more.slot = calloc(more.slots, sizeof *more.slot);
    if (more.slot == NULL)
        return false;
    for (size_t i = 0; i < m->slots; i++)
        if (m->slot[i].text != NULL)
            *look(&more, m->slot[i].key, m->slot[i].text, m->slot[i].len) = m->slot[i];
    free(m->slot);
    *m = more;
    return true;
}

bool textmap_add(struct textmap *m, const char *text, size_t len, uint32_t number)
{
    uint64_t key = textmap_key(text, len);
    if (2 * m->n >= m->slots && !grow(m))
        return false;
    *look(m, key, text, len) = (struct textmap_slot){key, text, (uint32_t)len, number};
    m->n++;
    return true;
}

uint32_t textmap_find(const struct textmap *m, const char *text, size_t len)
{
    if (m->n == 0)
        return TEXTMAP_NONE;
    const struct textmap_slot *s = look(m, textmap_key(text, len), text, len);
    return s->text != NULL ? s->number : TEXTMAP_NONE;
}

void textmap_empty(struct textmap *m)
{
    if (m->n > 0)
        memset(m->slot, 0, m->slots * sizeof *m->slot);
    m->n = 0;
}

void textmap_free(struct textmap *m)
{
    free(m->slot);
    *m = (struct textmap){0};
}
