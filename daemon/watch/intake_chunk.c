#include "intake_int.h"

#include <stdlib.h>
#include <string.h>

void *intake_more(void *p, size_t n, size_t *cap, size_t size)
{
    if (n < *cap)
        return p;
    size_t want = *cap ? *cap * 2 : 64;
    void *q = reallocarray(p, want, size);
    if (q != NULL)
        *cap = want;
    return q;
}

/* --- against the ledger ---------------------------------------------------------------------------------------------- */

static bool mark_dirty(struct intake *in, int64_t case_id)
{
    int64_t *dirty = intake_more(in->dirty, in->n_dirty, &in->cap_dirty, sizeof *dirty);
    if (dirty == NULL)
        return false;
    in->dirty = dirty;
    in->dirty[in->n_dirty++] = case_id;
    return true;
}

bool intake_miss(struct intake *in, int64_t below)
{
    const struct ledger *l = in->conf.ledger;
    for (size_t i = ledger_after(l, in->covered); i < l->settled && l->rows[i].case_id < below; i++) {
        if (l->rows[i].digest == LEDGER_NOTHING)
            continue;
        in->n_emptied++;
        in->n_moved++;
        if (!mark_dirty(in, l->rows[i].case_id))
            return false;
    }
    if (below > in->covered)
        in->covered = below - 1;
    return true;
}

struct digesting {
    const struct judge_how *how;
    uint64_t digest;
};

static void digest_one(void *ud, const struct obligation *o)
{
    struct digesting *d = ud;
    d->digest = obligation_digest(d->digest, d->how->rulebook, d->how->words->subjects, o);
}

/* A case is not what it was. Had its facts been known at the evaluation before, would it have been the same then? */
static bool count_moved(struct intake *in, uint64_t before, const unsigned char *record)
{
    const struct judge_how *how = &in->how;
    struct digesting d = {how, LEDGER_NOTHING};
    if (in->past_as_of == CIVIL_NONE)
        return true;
    if (!record_view(record, how->words, in->past_as_of, how->known_at, &in->past))
        return false;
    evaluate(how->rulebook, how->calendar, &in->past.view, in->past_as_of, how->limits, digest_one, &d);
    in->n_moved += d.digest != before;
    return true;
}

static bool compare_case(void *ud, int64_t case_id, uint64_t digest, const unsigned char *record)
{
    struct intake *in = ud;
    if (!intake_miss(in, case_id))
        return false;
    in->covered = case_id;
    uint64_t before = ledger_digest(in->conf.ledger, case_id);
    if (before == digest)
        return true;
    /* Without a fact left; a case that merely has no obligation in the limits now under watch has lost nothing. */
    in->n_emptied += digest == LEDGER_NOTHING && in->room.view.n == 0;
    return count_moved(in, before, record) && mark_dirty(in, case_id);
}

/* --- chunks ---------------------------------------------------------------------------------------------------------- */

static bool add_slot(struct intake *in, struct chunk *c, struct verdict *v)
{
    struct slot *slots = intake_more(in->slots, in->n_slots, &in->cap_slots, sizeof *slots);
    if (slots == NULL)
        return false;
    in->slots = slots;
    in->slots[in->n_slots++] = (struct slot){c, v};
    in->n_cases += c->n;
    return true;
}

static bool share(struct intake *in, const struct slot *s)
{
    if (!add_slot(in, s->chunk, s->verdict))
        return false;
    s->chunk->refs++;
    s->verdict->refs++;
    return true;
}

static bool judge(struct intake *in, struct chunk *c)
{
    struct verdict *v = chunk_judge(c, &in->how, &in->room, compare_case, in);
    if (v != NULL && add_slot(in, c, v))
        return true;
    verdict_unref(v);
    return false;
}

static bool still_holds(const struct intake *in, const struct verdict *v)
{
    const struct judge_how *how = &in->how;
    return !in->conf.evaluate_all && in->conf.before->rulebook == how->rulebook && v->as_of == how->as_of &&
           v->known_at == how->known_at && v->limits == how->limits;
}

/* The chunk is as it was, and so is its verdict while the rulebook, the date, the time and the limits are the
 * same. */
static bool keep(struct intake *in, const struct slot *s)
{
    if (still_holds(in, s->verdict)) {
        if (!intake_miss(in, s->chunk->first) || !share(in, s))
            return false;
        in->covered = s->chunk->last;
        return true;
    }
    s->chunk->refs++;
    if (judge(in, s->chunk))
        return true;
    chunk_unref(s->chunk);
    return false;
}

bool intake_close_chunk(struct intake *in)
{
    struct snapshot *before = in->conf.before;
    if (in->chunk.n == 0)
        return true;
    const struct slot *old = before != NULL && in->old < before->n_slots ? &before->slot[in->old] : NULL;
    if (old != NULL && chunk_same(&in->chunk, old->chunk)) {
        in->chunk.n = 0;
        in->chunk.bytes = 0;
        return keep(in, old);
    }
    struct chunk *c = chunk_close(&in->chunk);
    if (c != NULL && judge(in, c))
        return true;
    chunk_unref(c);
    return false;
}

bool intake_boundary(struct intake *in, int64_t id)
{
    const struct snapshot *before = in->conf.before;
    size_t slots = before != NULL && !in->merging ? before->n_slots : 0, old = in->old;
    while (old + 1 < slots && id >= before->slot[old + 1].chunk->first)
        old++;
    /* A chunk that another follows may grow to twice the size before it is split: the last one takes new cases and is cut. */
    uint32_t most = old + 1 < slots || in->merging ? 2 * CHUNK_CASES : CHUNK_CASES;
    if ((old != in->old || in->chunk.n >= most) && !intake_close_chunk(in))
        return false;
    if (!in->merging)
        in->old = old;
    return true;
}

static bool emit(struct intake *in, const unsigned char *record, size_t bytes)
{
    struct record_case k;
    record_head(record, &k);
    unsigned char *to = intake_boundary(in, k.id) ? chunk_room(&in->chunk, bytes) : NULL;
    if (to == NULL)
        return false;
    memcpy(to, record, bytes);
    chunk_add(&in->chunk, k.id, ref_hash(k.ref, k.ref_len), bytes);
    return true;
}

/* One old slot of a partial intake: kept whole when none of its cases was read again, else merged anew. */
static bool merge_slot(struct intake *in)
{
    const struct snapshot *before = in->conf.before;
    size_t i = in->old;
    int64_t next = i + 1 < before->n_slots ? before->slot[i + 1].chunk->first : INT64_MAX;
    size_t w = 0, p = 0;
    int64_t from = i == 0 ? INT64_MIN : i < before->n_slots ? before->slot[i].chunk->first : INT64_MIN;
    while (w < in->conf.n_only && in->conf.only[w] < from)
        w++;
    if (i < before->n_slots && (w == in->conf.n_only || in->conf.only[w] >= next))
        return keep(in, &before->slot[i]);
    while (p < in->n_patch) {
        struct record_case k;
        record_head(in->patch + in->patch_at[p], &k);
        if (k.id >= from)
            break;
        p++;
    }
    const struct chunk *c = i < before->n_slots ? before->slot[i].chunk : NULL;
    for (uint32_t r = 0; c != NULL ? r <= c->n : r == 0; r++) {
        struct record_case old = {.id = next}, k;
        if (c != NULL && r < c->n)
            record_head(c->data + c->offset[r], &old);
        for (; p < in->n_patch; p++) {
            record_head(in->patch + in->patch_at[p], &k);
            if (k.id > old.id || (k.id == next && next != INT64_MAX))
                break;
            if (!emit(in, in->patch + in->patch_at[p], in->patch_at[p + 1] - in->patch_at[p]))
                return false;
        }
        if (c == NULL || r == c->n)
            break;
        while (w < in->conf.n_only && in->conf.only[w] < old.id)
            w++;
        if (w < in->conf.n_only && in->conf.only[w] == old.id) { /* read again: in the patch, or gone */
            in->n_facts -= record_facts(c->data + c->offset[r]);
            continue;
        }
        uint32_t end = r + 1 < c->n ? c->offset[r + 1] : c->bytes;
        if (!emit(in, c->data + c->offset[r], end - c->offset[r]))
            return false;
    }
    return intake_close_chunk(in);
}

bool intake_merge(struct intake *in)
{
    const struct snapshot *before = in->conf.before;
    size_t slots = before->n_slots;
    in->merging = true;
    for (in->old = 0; in->old < (slots > 0 ? slots : 1); in->old++)
        if (!merge_slot(in))
            return false;
    in->findings = before->findings;
    return intake_miss(in, INT64_MAX);
}
