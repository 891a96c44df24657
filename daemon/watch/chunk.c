#include "chunk.h"

#include <stdlib.h>
#include <string.h>

#include "ledger.h"

unsigned char *chunk_room(struct chunk_maker *m, size_t bytes)
{
    if (m->n == m->cap_n) {
        uint32_t cap = m->cap_n ? m->cap_n * 2 : CHUNK_CASES;
        uint32_t *offset = reallocarray(m->offset, cap, sizeof *offset);
        if (offset == NULL)
            return NULL;
        m->offset = offset;
        uint32_t *hash = reallocarray(m->hash, cap, sizeof *hash);
        if (hash == NULL)
            return NULL;
        m->hash = hash;
        m->cap_n = cap;
    }
    if (m->cap - m->bytes < bytes) {
        size_t cap = m->cap ? m->cap * 2 : CHUNK_CASES * 128;
        while (cap - m->bytes < bytes)
            cap *= 2;
        unsigned char *data = realloc(m->data, cap);
        if (data == NULL)
            return NULL;
        m->data = data;
        m->cap = cap;
    }
    return m->data + m->bytes;
}

void chunk_add(struct chunk_maker *m, int64_t case_id, uint32_t hash, size_t bytes)
{
    if (m->n == 0)
        m->first = case_id;
    m->last = case_id;
    m->offset[m->n] = (uint32_t)m->bytes;
    m->hash[m->n] = hash;
    m->bytes += bytes;
    m->n++;
}

bool chunk_same(const struct chunk_maker *m, const struct chunk *c)
{
    return c->n == m->n && c->bytes == m->bytes && memcmp(c->data, m->data, m->bytes) == 0;
}

struct chunk *chunk_close(struct chunk_maker *m)
{
    size_t table = m->n * sizeof(uint32_t);
    struct chunk *c = malloc(sizeof *c + 2 * table + m->bytes);
    if (c == NULL)
        return NULL;
    *c =
        (struct chunk){.refs = 1, .n = m->n, .bytes = (uint32_t)m->bytes, .first = m->first, .last = m->last};
    c->offset = (uint32_t *)(c + 1);
    c->ref_hash = c->offset + m->n;
    c->data = (unsigned char *)(c->ref_hash + m->n);
    memcpy(c->offset, m->offset, table);
    memcpy(c->ref_hash, m->hash, table);
    memcpy(c->data, m->data, m->bytes);
    m->n = 0;
    m->bytes = 0;
    return c;
}

void chunk_maker_free(struct chunk_maker *m)
{
    free(m->data);
    free(m->offset);
    free(m->hash);
    *m = (struct chunk_maker){0};
}

struct judging {
    const struct judge_how *how;
    uint32_t at;
    uint64_t digest;
    bool breached, failed;
    struct tally tally;
    struct listed *listed;
    size_t n, cap;
};

static void list(struct judging *j, const struct obligation *o)
{
    if (j->n == j->cap) {
        size_t cap = j->cap ? j->cap * 2 : 256;
        struct listed *more = reallocarray(j->listed, cap, sizeof *more);
        if (more == NULL) {
            j->failed = true;
            return;
        }
        j->listed = more;
        j->cap = cap;
    }
    j->listed[j->n++] = (struct listed){j->at, *o};
    j->breached |= o->state == STATE_BREACHED;
}

static void take(void *ud, const struct obligation *o)
{
    static const int windows[DUE_WINDOWS] = {7, 14, 28};
    struct judging *j = ud;
    struct tally *t = &j->tally;
    j->digest = obligation_digest(j->digest, j->how->rulebook, j->how->words->subjects, o);
    t->states[o->limit][o->state]++;
    if (o->state == STATE_ON_TRACK || o->state == STATE_AT_RISK)
        for (int w = 0; w < DUE_WINDOWS; w++)
            t->due[o->limit][w] += o->due - j->how->as_of <= windows[w];
    if (o->state == STATE_BREACHED && (t->oldest_due[o->limit] == 0 || o->due < t->oldest_due[o->limit]))
        t->oldest_due[o->limit] = o->due;
    if (obligation_is_listed(o))
        list(j, o);
}

struct verdict *chunk_judge(const struct chunk *c, const struct judge_how *how, struct record_room *room,
                            bool (*each)(void *ud, int64_t case_id, uint64_t digest), void *ud)
{
    struct judging j = {.how = how};
    struct verdict *v = NULL;
    for (j.at = 0; j.at < c->n; j.at++) {
        struct record_case k;
        const unsigned char *record = c->data + c->offset[j.at];
        if (!record_view(record, how->words, how->as_of, how->known_at, room))
            goto out;
        j.digest = LEDGER_NOTHING;
        j.breached = false;
        evaluate(how->rulebook, how->calendar, &room->view, how->as_of, how->limits, take, &j);
        j.tally.cases[stage_of(&room->view)]++;
        j.tally.breached_cases += j.breached;
        record_head(record, &k);
        if (j.failed || (each != NULL && !each(ud, k.id, j.digest)))
            goto out;
    }
    v = malloc(sizeof *v + j.n * sizeof v->listed[0]);
    if (v != NULL) {
        *v = (struct verdict){.refs = 1,
                              .as_of = how->as_of,
                              .known_at = how->known_at,
                              .limits = how->limits,
                              .tally = j.tally,
                              .n_listed = j.n};
        if (j.n > 0)
            memcpy(v->listed, j.listed, j.n * sizeof v->listed[0]);
    }
out:
    free(j.listed);
    return v;
}
