#include "intake_int.h"

#include <stdlib.h>
#include <string.h>

#define HEAD_BLOCK 65536

static bool no_memory(struct err *e)
{
    return err_set(e, "out of memory");
}

struct intake *intake_new(const struct intake_conf *conf)
{
    struct intake *in = calloc(1, sizeof *in);
    if (in == NULL)
        return NULL;
    in->conf = *conf;
    in->how = (struct judge_how){
        .rulebook = conf->rulebook,
        .calendar = conf->calendar,
        .words = conf->words,
        .as_of = conf->as_of,
        .known_at = conf->known_at != NULL ? *conf->known_at : KNOWN_NOW,
        .limits = conf->limits,
    };
    in->how.past = asks_about_past(conf->read_at, in->how.as_of, in->how.known_at);
    in->past_as_of = conf->before_as_of != NULL ? *conf->before_as_of : CIVIL_NONE;
    in->conf.known_at = NULL; /* the caller's no longer */
    in->conf.before_as_of = NULL;
    in->covered = INT64_MIN;
    in->last_case = in->last_claim = in->last_fact = INT64_MIN;
    if (conf->before != NULL)
        snapshot_ref(in->conf.before);
    if (conf->only != NULL) {
        in->seen = conf->before->seen;
        in->n_facts = conf->before->n_facts; /* less those of the cases that are replaced, when they are */
    }
    return in;
}

void intake_free(struct intake *in)
{
    if (in == NULL)
        return;
    while (in->heads != NULL) {
        struct head_block *next = in->heads->next;
        free(in->heads);
        in->heads = next;
    }
    for (size_t i = 0; i < in->n_slots; i++) {
        chunk_unref(in->slots[i].chunk);
        verdict_unref(in->slots[i].verdict);
    }
    record_maker_free(&in->maker);
    record_room_free(&in->room);
    record_room_free(&in->past);
    chunk_maker_free(&in->chunk);
    snapshot_unref(in->conf.before);
    free(in->slots);
    free(in->claims);
    free(in->rejects);
    free(in->patch);
    free(in->patch_at);
    free(in->dirty);
    free(in);
}

uint64_t intake_facts(const struct intake *in)
{
    return in->n_facts;
}

void intake_reject(struct intake *in, enum finding_kind kind, const int64_t *case_id, const char *text,
                   size_t len, civil_day on)
{
    *findings_count(&in->findings, kind) += 1;
    if (in->n_rejects == REJECTS_KEPT)
        return;
    struct reject *rejects = intake_more(in->rejects, in->n_rejects, &in->cap_rejects, sizeof *rejects);
    if (rejects == NULL)
        return; /* it was counted */
    in->rejects = rejects;
    in->rejects[in->n_rejects++] = reject_row(kind, case_id, text, len, on);
}

/* A row of a case that was not read. One that was voided is of no concern to anybody. */
static void stray(struct intake *in, int64_t case_id, const char *text, civil_day on, int64_t voided_at)
{
    if (voided_at == TIME_NONE)
        intake_reject(in, FINDING_UNKNOWN_CASE, &case_id, text, strlen(text), on);
}

static void stray_claim(struct intake *in, const struct held_claim *h)
{
    const struct record_claim *c = &h->claim;
    stray(in, h->case_id, ground_name((enum ground)c->claim.ground), c->claim.from, c->voided_at);
}

/* --- rows ------------------------------------------------------------------------------------------------------------ */

/* Encodes into the queue of heads: a record without rows. */
bool intake_case(struct intake *in, const struct record_case *k, struct err *e)
{
    if (in->any_case && k->id <= in->last_case) {
        if (k->id == in->last_case) {
            intake_reject(in, FINDING_DOUBLE_CASE, &k->id, k->ref, k->ref_len, CIVIL_NONE);
            return true;
        }
        return err_set(e, "cases are not in ascending order of case_id (%lld after %lld)", (long long)k->id,
                       (long long)in->last_case);
    }
    size_t need = record_bound(&in->maker, k->ref_len);
    struct head_block *b = in->heads_end;
    if (b == NULL || b->cap - b->used < need) {
        size_t cap = need > HEAD_BLOCK ? need : HEAD_BLOCK;
        b = malloc(sizeof *b + cap);
        if (b == NULL)
            return no_memory(e);
        *b = (struct head_block){.cap = cap};
        if (in->heads_end != NULL)
            in->heads_end->next = b;
        else
            in->heads = b;
        in->heads_end = b;
    }
    b->used += record_encode(&in->maker, k, b->bytes + b->used);
    in->any_case = true;
    in->last_case = k->id;
    return true;
}

bool intake_claim(struct intake *in, int64_t case_id, const struct record_claim *c, struct err *e)
{
    if (case_id < in->last_claim)
        return err_set(e, "exceptions are not in ascending order of case_id");
    in->last_claim = case_id;
    struct held_claim *claims = intake_more(in->claims, in->n_claims, &in->cap_claims, sizeof *claims);
    if (claims == NULL)
        return no_memory(e);
    in->claims = claims;
    in->claims[in->n_claims++] = (struct held_claim){case_id, *c};
    return true;
}

/* The case at the head of the queue; NULL when the queue is empty. */
static const unsigned char *head(struct intake *in, struct record_case *k, const unsigned char **end)
{
    while (in->heads != NULL && in->head_at == in->heads->used) {
        struct head_block *next = in->heads->next;
        free(in->heads);
        in->heads = next;
        in->head_at = 0;
        if (next == NULL)
            in->heads_end = NULL;
    }
    if (in->heads == NULL)
        return NULL;
    const unsigned char *record = in->heads->bytes + in->head_at;
    *end = record_head(record, k) + 2; /* no claims, no facts: two zero bytes */
    return record;
}

static bool keep_patch(struct intake *in, const struct record_case *k)
{
    size_t need = record_bound(&in->maker, k->ref_len);
    if (in->patch_cap - in->patch_bytes < need) {
        size_t cap = (in->patch_cap + need) * 2;
        unsigned char *p = realloc(in->patch, cap);
        if (p == NULL)
            return false;
        in->patch = p;
        in->patch_cap = cap;
    }
    size_t *at = intake_more(in->patch_at, in->n_patch + 1, &in->cap_patch, sizeof *at);
    if (at == NULL)
        return false;
    in->patch_at = at;
    in->patch_at[in->n_patch++] = in->patch_bytes;
    in->patch_bytes += record_encode(&in->maker, k, in->patch + in->patch_bytes);
    in->patch_at[in->n_patch] = in->patch_bytes;
    return true;
}

/* A row that does not say when it was recorded counts from when it was first seen. */
static bool date_row(struct intake *in, int64_t case_id, unsigned word, uint32_t subject, civil_day on,
                     int64_t *recorded_at)
{
    if (*recorded_at != TIME_NONE || in->conf.journal == NULL)
        return true;
    const struct journal_entry what = {
        .case_id = case_id, .word = (uint8_t)word, .subject = subject, .on = on};
    return journal_note(in->conf.journal, &what, in->conf.read_at, recorded_at);
}

static bool take_claim(struct intake *in, struct held_claim *h)
{
    struct record_claim *c = &h->claim;
    return date_row(in, h->case_id, JOURNAL_CLAIM + c->claim.ground, SUBJECT_NONE, c->claim.from,
                    &c->recorded_at) &&
           record_add_claim(&in->maker, c);
}

/* All rows of the case at the head of the queue have come. */
static bool complete_head(struct intake *in)
{
    struct record_case k;
    const unsigned char *end;
    if (head(in, &k, &end) == NULL)
        return true;
    for (; in->claim_at < in->n_claims && in->claims[in->claim_at].case_id <= k.id; in->claim_at++) {
        if (in->claims[in->claim_at].case_id < k.id)
            stray_claim(in, &in->claims[in->claim_at]);
        else if (!take_claim(in, &in->claims[in->claim_at]))
            return false;
    }
    bool ok;
    if (in->conf.only != NULL) {
        ok = keep_patch(in, &k);
    } else {
        unsigned char *to = NULL;
        if (intake_boundary(in, k.id))
            to = chunk_room(&in->chunk, record_bound(&in->maker, k.ref_len));
        ok = to != NULL;
        if (ok)
            chunk_add(&in->chunk, k.id, ref_hash(k.ref, k.ref_len), record_encode(&in->maker, &k, to));
    }
    in->head_at = (size_t)(end - in->heads->bytes);
    return ok;
}

bool intake_fact(struct intake *in, int64_t case_id, const struct record_fact *f, struct err *e)
{
    struct record_case k;
    const unsigned char *end, *at;
    if (case_id < in->last_fact)
        return err_set(e, "events are not in ascending order of case_id (%lld after %lld)",
                       (long long)case_id, (long long)in->last_fact);
    /* A case that has facts already is the one at the head: no need to look. */
    bool same = in->maker.n_facts > 0 && case_id == in->last_fact;
    in->last_fact = case_id;
    while (!same && (at = head(in, &k, &end)) != NULL && k.id < case_id)
        if (!complete_head(in))
            return no_memory(e);
    if (!same && (at == NULL || k.id > case_id)) {
        stray(in, case_id, event_name(f->event), f->on, f->voided_at);
        return true;
    }
    in->seen |= f->voided_at == TIME_NONE ? EVENT_BIT(f->event) : 0;
    in->n_facts++;
    struct record_fact dated = *f;
    return (date_row(in, case_id, f->event, f->subject, f->on, &dated.recorded_at) &&
            record_add_fact(&in->maker, &dated)) ||
           no_memory(e);
}

/* --- the end --------------------------------------------------------------------------------------------------------- */

int intake_finish(struct intake *in, size_t cases)
{
    struct record_case k;
    const unsigned char *end;
    for (; cases > 0 && head(in, &k, &end) != NULL; cases--)
        if (!complete_head(in))
            return -1;
    if (head(in, &k, &end) != NULL)
        return 0;
    for (; in->claim_at < in->n_claims; in->claim_at++)
        stray_claim(in, &in->claims[in->claim_at]);
    if (in->conf.only != NULL)
        return intake_merge(in, cases);
    return intake_close_chunk(in) && intake_miss(in, INT64_MAX) ? 1 : -1;
}

size_t intake_emptied(const struct intake *in)
{
    return in->n_emptied;
}

size_t intake_moved(const struct intake *in)
{
    return in->n_moved;
}

struct snapshot *intake_take(struct intake *in, const int64_t **dirty, size_t *n_dirty)
{
    const struct intake_conf *k = &in->conf;
    struct rejects *rejects = NULL;
    if (k->only != NULL && k->before->rejects != NULL)
        rejects = rejects_ref(k->before->rejects); /* a part of the rows says nothing of the rest */
    else if (k->only == NULL && in->n_rejects > 0 &&
             (rejects = rejects_new(in->rejects, in->n_rejects)) == NULL)
        return NULL;
    struct snapshot *s = malloc(sizeof *s + in->n_slots * sizeof s->slot[0]);
    if (s == NULL) {
        rejects_unref(rejects);
        return NULL;
    }
    *s = (struct snapshot){.refs = 1,
                           .as_of = k->as_of,
                           .read_at = k->read_at,
                           .known_at = in->how.known_at,
                           .limits = k->limits,
                           .seen = in->seen,
                           .n_cases = in->n_cases,
                           .n_facts = in->n_facts,
                           .findings = in->findings,
                           .rulebook = rulebook_ref(k->rulebook),
                           .rejects = rejects,
                           .words = k->words,
                           .n_slots = in->n_slots};
    if (in->n_slots > 0)
        memcpy(s->slot, in->slots, in->n_slots * sizeof s->slot[0]);
    for (size_t i = 0; i < s->n_slots; i++)
        tally_add(&s->tally, &s->slot[i].verdict->tally);
    in->n_slots = 0; /* the references went with them */
    *dirty = in->dirty;
    *n_dirty = in->n_dirty;
    return s;
}
