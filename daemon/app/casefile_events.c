#include <stdlib.h>
#include <string.h>

#include "casefile_store.h"

struct event_batch {
    struct fact_block block;
    size_t cap, cap_runs;
    struct textmap subjects;
    struct csv_field *fresh; /* subjects that no law names, in the order of their numbers */
    size_t n_fresh, cap_fresh;
    struct casefile_rejects rejects;
};

static bool begin_events(struct event_batch *b, size_t len)
{
    const size_t row = 48; /* about, so that room need seldom grow */
    b->block.n = b->block.n_runs = 0;
    b->n_fresh = 0;
    b->rejects = (struct casefile_rejects){.rows = b->rejects.rows, .cap = b->rejects.cap};
    textmap_empty(&b->subjects);
    for (uint32_t s = SUBJECT_NONE + 1; s < SUBJECT_COUNT; s++) {
        const char *name = subject_known_name((enum subject)s);
        if (!textmap_add(&b->subjects, name, strlen(name), s))
            return false;
    }
    if (b->block.facts == NULL) {
        b->cap = len / row + 16;
        b->block.facts = malloc(b->cap * sizeof *b->block.facts);
    }
    return b->block.facts != NULL;
}

/* TEXTMAP_NONE: out of memory. */
static uint32_t subject_number(struct event_batch *b, const struct csv_field *f)
{
    if (f->len == 0)
        return SUBJECT_NONE;
    uint32_t number = textmap_find(&b->subjects, f->p, f->len);
    if (number != TEXTMAP_NONE)
        return number;
    if (!casefile_grow(&b->fresh, b->n_fresh, &b->cap_fresh, sizeof *b->fresh))
        return TEXTMAP_NONE;
    number = (uint32_t)(SUBJECT_COUNT + b->n_fresh);
    if (!textmap_add(&b->subjects, f->p, f->len, number))
        return TEXTMAP_NONE;
    b->fresh[b->n_fresh++] = *f;
    return number;
}

static bool add_fact(struct event_batch *b, uint32_t of, const struct fact *fact)
{
    struct fact_block *k = &b->block;
    if (!casefile_grow(&k->facts, k->n, &b->cap, sizeof *k->facts))
        return false;
    if (k->n_runs == 0 || k->runs[k->n_runs - 1].of != of) {
        if (!casefile_grow(&k->runs, k->n_runs, &b->cap_runs, sizeof *k->runs))
            return false;
        k->runs[k->n_runs++] = (struct fact_run){of, (uint32_t)k->n};
    }
    k->facts[k->n++] = *fact;
    return true;
}

static bool read_events(const void *ud, void *batch, struct csv *c, struct err *e)
{
    const struct casefile_load *load = ud;
    struct event_batch *b = batch;
    uint32_t before = 0;
    int more;
    if (!begin_events(b, (size_t)(c->end - c->at)))
        return casefile_no_memory(c, e);
    while ((more = csv_next(c, e)) == 1) {
        civil_day on;
        int64_t recorded, voided;
        if (!casefile_date(c, 2, "occurred_on", true, &on, e) ||
            !casefile_time(c, 4, "recorded_at", &recorded, e) ||
            !casefile_time(c, 5, "voided_at", &voided, e))
            return false;
        if (!facts_known(recorded, voided, load->known_at))
            continue;
        uint32_t of = casefile_number(load->cf, &c->field[0], before),
                 ev = textmap_find(&load->events, c->field[1].p, c->field[1].len);
        if (of == TEXTMAP_NONE || ev == TEXTMAP_NONE) {
            if (!casefile_reject_row(&b->rejects, c,
                                     ev == TEXTMAP_NONE ? FINDING_UNKNOWN_EVENT : FINDING_UNKNOWN_CASE, of,
                                     on))
                return casefile_no_memory(c, e);
            continue;
        }
        before = of;
        struct fact fact = {.on = on, .subject = subject_number(b, &c->field[3]), .event = (uint8_t)ev};
        if (fact.subject == TEXTMAP_NONE || !add_fact(b, of, &fact))
            return casefile_no_memory(c, e);
    }
    return more == 0;
}

/* Gives the block a number in the caseload's pool for every subject of its own. */
static bool name_subjects(struct casefile *cf, struct event_batch *b)
{
    if (b->n_fresh == 0)
        return true;
    b->block.subjects = malloc(b->n_fresh * sizeof *b->block.subjects);
    for (size_t i = 0; b->block.subjects != NULL && i < b->n_fresh; i++) {
        uint32_t number = names_add(cf->subjects, b->fresh[i].p, b->fresh[i].len);
        if (number == NAMES_FULL)
            return false;
        b->block.subjects[i] = number;
    }
    return b->block.subjects != NULL;
}

static bool keep_events(void *ud, void *batch, const struct csv *c, unsigned lines, unsigned *line,
                        struct err *e)
{
    struct casefile_load *load = ud;
    struct casefile *cf = load->cf;
    struct casefile_store *s = cf->store;
    struct event_batch *b = batch;
    (void)c, (void)line;
    if (!casefile_grow(&s->blocks, s->n_blocks, &s->cap_blocks, sizeof *s->blocks) || !name_subjects(cf, b) ||
        !casefile_keep_rejects(load, &b->rejects, lines))
        return err_set(e, "out of memory");
    cf->unknown_event += b->rejects.unknown_text;
    s->blocks[s->n_blocks++] = b->block;
    for (size_t i = 0; i < b->block.n_runs; i++) {
        const struct fact_run *run = &b->block.runs[i];
        cf->cases[run->of].facts_to += (i + 1 < b->block.n_runs ? run[1].from : b->block.n) - run->from;
    }
    b->block = (struct fact_block){.n = 0};
    b->cap = b->cap_runs = 0;
    return true;
}

static void drop_events(void *batch)
{
    struct event_batch *b = batch;
    free(b->block.facts);
    free(b->block.runs);
    free(b->block.subjects);
    free(b->fresh);
    free(b->rejects.rows);
    textmap_free(&b->subjects);
}

static const char *const columns[] = {"case_id",     "event",     "occurred_on", "subject",
                                      "recorded_at", "voided_at", NULL};

const struct csv_file_reader casefile_events = {
    .columns = columns,
    .required = 3,
    .batch_size = sizeof(struct event_batch),
    .read = read_events,
    .keep = keep_events,
    .drop = drop_events,
};
