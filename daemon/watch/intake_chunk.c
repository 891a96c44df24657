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

/* --- a part ---------------------------------------------------------------------------------------------------------- */

static const unsigned char *patch_head(const struct intake *in, struct record_case *k)
{
    if (in->patch_next == in->n_patch)
        return NULL;
    const unsigned char *record = in->patch + in->patch_at[in->patch_next];
    record_head(record, k);
    return record;
}

/* Whether the case was asked for: it is in the patch, or gone. Asked in ascending order. */
static bool read_again(struct intake *in, int64_t id)
{
    while (in->only_next < in->conf.n_only && in->conf.only[in->only_next] < id)
        in->only_next++;
    return in->only_next < in->conf.n_only && in->conf.only[in->only_next] == id;
}

/* One old record, or one of the patch that belongs before it or, when there is none left, before the slot that begins with `next`.
 * 1: done; 0: nothing of the slot is left; -1: out of memory. */
static int merge_record(struct intake *in, const struct chunk *c, int64_t next)
{
    struct record_case old, k;
    const unsigned char *record = NULL, *patch = patch_head(in, &k);
    if (c != NULL && in->old_next < c->n) {
        record = c->data + c->offset[in->old_next];
        record_head(record, &old);
    }
    if (patch != NULL && (record != NULL ? k.id <= old.id : k.id < next || next == INT64_MAX)) {
        size_t at = in->patch_next++;
        return emit(in, patch, in->patch_at[at + 1] - in->patch_at[at]) ? 1 : -1;
    }
    if (record == NULL)
        return 0;
    uint32_t at = in->old_next++, end = at + 1 < c->n ? c->offset[at + 1] : c->bytes;
    if (read_again(in, old.id)) {
        in->n_facts -= record_facts(record);
        return 1;
    }
    return emit(in, record, end - c->offset[at]) ? 1 : -1;
}

/* Whether none of the slot's cases was read again, so that it is kept whole. */
static bool untouched(struct intake *in, int64_t from, int64_t next)
{
    struct record_case k;
    read_again(in, from);
    while (patch_head(in, &k) != NULL && k.id < from)
        in->patch_next++;
    return in->only_next == in->conf.n_only || in->conf.only[in->only_next] >= next;
}

/* The slot at hand, as far as *cases go. 1: it is merged; 0: call again; -1: out of memory. */
static int merge_slot(struct intake *in, size_t *cases)
{
    const struct snapshot *before = in->conf.before;
    const struct slot *s = in->old < before->n_slots ? &before->slot[in->old] : NULL;
    int64_t from = s != NULL && in->old > 0 ? s->chunk->first : INT64_MIN,
            next = in->old + 1 < before->n_slots ? s[1].chunk->first : INT64_MAX;
    if (s != NULL && in->old_next == 0 && in->chunk.n == 0 && untouched(in, from, next)) {
        size_t costs = still_holds(in, s->verdict) ? 1 : s->chunk->n;
        *cases -= costs < *cases ? costs : *cases;
        return keep(in, s) ? 1 : -1;
    }
    for (; *cases > 0; --*cases) {
        int more = merge_record(in, s != NULL ? s->chunk : NULL, next);
        if (more <= 0)
            return more == 0 && intake_close_chunk(in) ? 1 : -1;
    }
    return 0;
}

int intake_merge(struct intake *in, size_t cases)
{
    const struct snapshot *before = in->conf.before;
    const size_t slots = before->n_slots > 0 ? before->n_slots : 1;
    in->merging = true;
    while (in->old < slots) {
        int merged = cases > 0 ? merge_slot(in, &cases) : 0;
        if (merged <= 0)
            return merged;
        in->old++;
        in->old_next = 0;
    }
    in->findings = before->findings;
    return intake_miss(in, INT64_MAX) ? 1 : -1;
}
