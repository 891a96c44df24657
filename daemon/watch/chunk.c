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
    struct case_facts *view;
    int exception_limit; /* the one that exceptions are counted of */
    uint32_t at;
    uint64_t digest;
    bool breached, failed;
    struct quality_claims claims;
    struct tally tally;
    struct listed *listed;
    size_t n, cap;
    struct found *found;
    size_t n_found, cap_found;
};

static void find(void *ud, const struct finding *f)
{
    struct judging *j = ud;
    if (j->n_found == j->cap_found) {
        size_t cap = j->cap_found ? j->cap_found * 2 : 256;
        struct found *more = reallocarray(j->found, cap, sizeof *more);
        if (more == NULL) {
            j->failed = true;
            return;
        }
        j->found = more;
        j->cap_found = cap;
    }
    j->found[j->n_found++] = (struct found){f->on, f->subject, (uint16_t)j->at, f->kind, f->event};
    j->tally.findings[f->kind]++;
}

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
    struct judging *j = ud;
    struct tally *t = &j->tally;
    j->digest = obligation_digest(j->digest, j->how->rulebook, j->how->words->subjects, o);
    t->states[o->limit][o->state]++;
    if (o->state == STATE_ON_TRACK || o->state == STATE_AT_RISK)
        for (int w = 0; w < DUE_WINDOWS; w++)
            t->due[o->limit][w] += o->due - j->how->as_of <= due_windows[w];
    if (o->state == STATE_BREACHED && (t->oldest_due[o->limit] == 0 || o->due < t->oldest_due[o->limit]))
        t->oldest_due[o->limit] = o->due;
    if (obligation_is_listed(o))
        list(j, o);
    quality_claims_add(&j->claims, j->how->rulebook, o, j->view, j->how->as_of);
    quality_share_add(&t->exceptions, j->how->rulebook, j->exception_limit, o, j->view, j->how->as_of);
}

static void judge_case(struct judging *j, const struct quality_day *day, bool unassigned)
{
    const struct judge_how *how = j->how;
    struct case_facts *view = j->view;
    const enum stage stage = stage_of(view, how->as_of);
    j->breached = false;
    j->claims.failed = j->claims.held = 0;
    evaluate(how->rulebook, how->calendar, view, how->as_of, how->limits, take, j);
    j->tally.cases[stage]++;
    j->tally.breached_cases += j->breached;
    quality_check(day, view, unassigned && stage_is_open(stage), find, j);
    quality_claims_tell(&j->claims, view, find, j);
}

static struct verdict *verdict_of(const struct judging *j)
{
    size_t listed = j->n * sizeof j->listed[0], found = j->n_found * sizeof j->found[0];
    struct verdict *v = malloc(sizeof *v + listed + found);
    if (v == NULL)
        return NULL;
    *v = (struct verdict){.refs = 1,
                          .as_of = j->how->as_of,
                          .known_at = j->how->known_at,
                          .limits = j->how->limits,
                          .tally = j->tally,
                          .n_found = j->n_found,
                          .found = (const struct found *)&v->listed[j->n],
                          .n_listed = j->n};
    if (listed > 0)
        memcpy(v->listed, j->listed, listed);
    if (found > 0)
        memcpy(&v->listed[j->n], j->found, found);
    return v;
}

struct verdict *
chunk_judge(const struct chunk *c, const struct judge_how *how, struct record_room *room,
            bool (*each)(void *ud, int64_t case_id, uint64_t digest, const unsigned char *record), void *ud)
{
    struct judging j = {.how = how,
                        .view = &room->view,
                        .exception_limit = rulebook_find(how->rulebook, QUALITY_EXCEPTION_LIMIT)};
    const struct quality_day day = quality_day(how->as_of);
    struct verdict *v = NULL;
    for (j.at = 0; j.at < c->n; j.at++) {
        struct record_case k;
        const unsigned char *record = c->data + c->offset[j.at];
        record_head(record, &k);
        if (!record_view(record, how->words, how->as_of, how->known_at, room))
            goto out;
        j.digest = LEDGER_NOTHING;
        if (case_is_there(how, &room->view))
            judge_case(&j, &day, k.officer == 0);
        if (j.failed || (each != NULL && !each(ud, k.id, j.digest, record)))
            goto out;
    }
    v = verdict_of(&j);
out:
    free(j.listed);
    free(j.found);
    return v;
}
