#include <stdlib.h>

#include "casefile_store.h"

struct claim_batch {
    struct loose_claim *claims;
    size_t n, cap;
    struct casefile_rejects rejects;
};

static bool read_claims(const void *ud, void *batch, struct csv *c, struct err *e)
{
    const struct casefile_load *load = ud;
    struct claim_batch *b = batch;
    int more;
    b->n = 0;
    b->rejects = (struct casefile_rejects){.rows = b->rejects.rows, .cap = b->rejects.cap};
    while ((more = csv_next(c, e)) == 1) {
        struct claim claim;
        int64_t recorded, voided;
        if (!casefile_first_day(c, 2, "from_on", &claim.from, e) ||
            !casefile_last_day(c, 3, "to_on", &claim.to, e) ||
            !casefile_time(c, 4, "recorded_at", &recorded, e) ||
            !casefile_time(c, 5, "voided_at", &voided, e))
            return false;
        if (!facts_known(recorded, voided, load->known_at))
            continue;
        uint32_t of = casefile_number(load->cf, &c->field[0], 0);
        enum ground g = ground_by_name(c->field[1].p, c->field[1].len);
        if (of == TEXTMAP_NONE || g == GROUND_COUNT) {
            if (!casefile_reject_row(&b->rejects, c,
                                     g == GROUND_COUNT ? FINDING_UNKNOWN_GROUND : FINDING_UNKNOWN_CASE, of,
                                     claim.from))
                return casefile_no_memory(c, e);
            continue;
        }
        claim.ground = (uint8_t)g;
        if (!casefile_grow(&b->claims, b->n, &b->cap, sizeof *b->claims))
            return casefile_no_memory(c, e);
        b->claims[b->n++] = (struct loose_claim){of, claim};
    }
    return more == 0;
}

static bool keep_claims(void *ud, void *batch, const struct csv *c, unsigned lines, unsigned *line,
                        struct err *e)
{
    struct casefile_load *load = ud;
    struct casefile *cf = load->cf;
    struct casefile_store *s = cf->store;
    struct claim_batch *b = batch;
    (void)c, (void)line;
    if (!casefile_keep_rejects(load, &b->rejects, lines))
        return err_set(e, "out of memory");
    cf->unknown_ground += b->rejects.unknown_text;
    for (size_t i = 0; i < b->n; i++) {
        if (!casefile_grow(&s->claims, s->n_claims, &s->cap_claims, sizeof *s->claims))
            return err_set(e, "out of memory");
        s->claims[s->n_claims++] = b->claims[i];
        cf->cases[b->claims[i].of].claims_to++;
    }
    return true;
}

static void drop_claims(void *batch)
{
    struct claim_batch *b = batch;
    free(b->claims);
    free(b->rejects.rows);
}

static const char *const columns[] = {"case_id",     "ground",    "from_on", "to_on",
                                      "recorded_at", "voided_at", NULL};

const struct csv_file_reader casefile_claims = {
    .columns = columns,
    .required = 4,
    .batch_size = sizeof(struct claim_batch),
    .read = read_claims,
    .keep = keep_claims,
    .drop = drop_claims,
};
