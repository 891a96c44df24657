#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "casefile_store.h"
#include "pieces.h"

void casefile_free_loose(struct casefile_store *s)
{
    for (size_t i = 0; i < s->n_blocks; i++) {
        free(s->blocks[i].facts);
        free(s->blocks[i].runs);
        free(s->blocks[i].subjects);
    }
    textmap_free(&s->by_id);
    free(s->blocks);
    free(s->claims);
    free(s->ids);
    s->blocks = NULL;
    s->claims = NULL;
    s->ids = NULL;
    s->n_blocks = s->n_claims = 0;
}

/* --- by reference ------------------------------------------------------------------------------------------------------ */

struct ref_key {
    uint64_t
        key; /* of the bytes after what all references begin with, the first eight, comparable as a number */
    const char *ref;
    uint32_t number;
};

static uint64_t key_of(const char *s)
{
    char text[8] = {0};
    uint64_t key;
    memcpy(text, s, strnlen(s, sizeof text));
    memcpy(&key, text, sizeof key);
    return be64toh(key);
}

static int by_ref(const void *a, const void *b)
{
    const struct ref_key *x = a, *y = b;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    int c = strcmp(x->ref, y->ref);
    return c != 0 ? c : x->number < y->number ? -1 : 1;
}

/* How many bytes the references have in common at their beginning; *sorted: they lie in order. */
static size_t common_beginning(const struct casefile *cf, bool *sorted)
{
    const char *first = cf->n > 0 ? cf->cases[0].ref : "";
    size_t same = strlen(first);
    *sorted = true;
    for (size_t i = 1; i < cf->n; i++) {
        const char *ref = cf->cases[i].ref;
        *sorted &= strcmp(cf->cases[i - 1].ref, ref) <= 0;
        for (size_t k = 0; k < same; k++)
            if (ref[k] != first[k])
                same = k;
    }
    return same;
}

bool casefile_sort(struct casefile *cf, uint32_t **place)
{
    bool sorted;
    size_t same = common_beginning(cf, &sorted);
    *place = NULL;
    if (sorted)
        return true;
    struct ref_key *keys = malloc(cf->n * sizeof *keys);
    struct casefile_case *cases = malloc(cf->n * sizeof *cases);
    *place = malloc(cf->n * sizeof **place);
    bool ok = keys != NULL && cases != NULL && *place != NULL;
    for (size_t i = 0; ok && i < cf->n; i++)
        keys[i] = (struct ref_key){key_of(cf->cases[i].ref + same), cf->cases[i].ref, (uint32_t)i};
    if (ok)
        qsort(keys, cf->n, sizeof *keys, by_ref);
    for (size_t i = 0; ok && i < cf->n; i++) {
        cases[i] = cf->cases[keys[i].number];
        (*place)[keys[i].number] = (uint32_t)i;
    }
    free(keys);
    if (ok) {
        free(cf->cases);
        cf->cases = cases;
    } else {
        free(cases);
        free(*place);
        *place = NULL;
    }
    return ok;
}

/* --- by case ----------------------------------------------------------------------------------------------------------- */

/* Every thread has a range of the cases, reads where all facts belong, and places those of its own. */
struct placing {
    struct casefile *cf;
    const uint32_t *place; /* NULL: a case's number is its index */
    size_t parts, taken;
};

struct part {
    size_t from, to; /* cases */
};

static bool take_part(void *ud, void *piece)
{
    struct placing *p = ud;
    struct part *part = piece;
    if (p->taken == p->parts)
        return false;
    part->from = p->cf->n * p->taken / p->parts;
    part->to = p->cf->n * ++p->taken / p->parts;
    return true;
}

static void place_facts(void *ud, void *piece)
{
    const struct placing *p = ud;
    const struct part *part = piece;
    const struct casefile_store *s = p->cf->store;
    for (size_t i = 0; i < s->n_blocks; i++) {
        const struct fact_block *b = &s->blocks[i];
        for (size_t r = 0; r < b->n_runs; r++) {
            size_t at = p->place != NULL ? p->place[b->runs[r].of] : b->runs[r].of;
            if (at < part->from || at >= part->to)
                continue;
            struct fact *to = p->cf->facts + p->cf->cases[at].facts_to;
            size_t end = r + 1 < b->n_runs ? b->runs[r + 1].from : b->n;
            for (size_t k = b->runs[r].from; k < end; k++) {
                *to = b->facts[k];
                if (to->subject >= SUBJECT_COUNT)
                    to->subject = b->subjects[to->subject - SUBJECT_COUNT];
                to++;
            }
            p->cf->cases[at].facts_to = (size_t)(to - p->cf->facts);
        }
    }
}

static bool part_placed(void *ud, void *piece)
{
    (void)ud, (void)piece;
    return true;
}

static void forget_part(void *piece)
{
    (void)piece;
}

static void place_claims(struct casefile *cf, const uint32_t *place)
{
    const struct casefile_store *s = cf->store;
    for (size_t i = 0; i < s->n_claims; i++) {
        size_t at = place != NULL ? place[s->claims[i].of] : s->claims[i].of;
        cf->claims[cf->cases[at].claims_to++] = s->claims[i].claim;
    }
}

/* Turns the numbers of facts and claims of each case, which lie in facts_to and claims_to, into where they begin. */
static size_t make_room(struct casefile *cf)
{
    size_t facts = 0, claims = 0;
    for (size_t i = 0; i < cf->n; i++) {
        struct casefile_case *k = &cf->cases[i];
        size_t nf = k->facts_to, nc = k->claims_to;
        if (nf > cf->most_facts)
            cf->most_facts = nf;
        k->facts_from = k->facts_to = facts;
        k->claims_from = k->claims_to = claims;
        facts += nf;
        claims += nc;
    }
    return facts;
}

bool casefile_group(struct casefile *cf, unsigned threads)
{
    static const struct pieces pieces = {sizeof(struct part), take_part, place_facts, part_placed,
                                         forget_part};
    const size_t worth = 100000; /* facts, for a thread more */
    uint32_t *place;
    if (!casefile_sort(cf, &place))
        return false;
    struct placing p = {.cf = cf, .place = place};
    size_t facts = make_room(cf);
    unsigned most = threads > 0 ? threads : pieces_cores();
    p.parts = threads > 0 || facts / worth + 1 > most ? most : facts / worth + 1;
    cf->facts = malloc((facts + 1) * sizeof *cf->facts);
    cf->claims = malloc((cf->store->n_claims + 1) * sizeof *cf->claims);
    bool ok = cf->facts != NULL && cf->claims != NULL && pieces_run(&pieces, &p, (unsigned)p.parts);
    if (ok)
        place_claims(cf, place);
    free(place);
    if (ok)
        casefile_free_loose(cf->store);
    return ok;
}
