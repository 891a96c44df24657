#include <stdlib.h>
#include <string.h>

#include "casefile_store.h"

struct case_row {
    const char *id, *ref; /* NUL-terminated, in the batch's texts */
    size_t id_len;
    unsigned line;
    civil_day born;
    bool unassigned;
};

struct case_batch {
    struct case_row *rows;
    size_t n, cap;
    char *texts;
};

static const char *keep_text(char **at, const struct csv_field *f)
{
    char *text = *at;
    memcpy(text, f->p, f->len);
    text[f->len] = '\0';
    *at += f->len + 1;
    return text;
}

static bool read_cases(const void *ud, void *batch, struct csv *c, struct err *e)
{
    struct case_batch *b = batch;
    const struct csv_field *id = &c->field[0], *ref = &c->field[1];
    bool officers = csv_has(c, 3);
    int more;
    (void)ud;
    b->n = 0;
    free(b->texts); /* of a block that was not kept, because of another one */
    /* Two texts of a row take no more room than the row and its line end, which the last row may not have. */
    char *at = b->texts = malloc((size_t)(c->end - c->at) + 2);
    if (at == NULL)
        return casefile_no_memory(c, e);
    while ((more = csv_next(c, e)) == 1) {
        if (id->len == 0 || ref->len == 0)
            return csv_error(c, e, "case_id and case_ref must not be empty");
        if (!casefile_grow(&b->rows, b->n, &b->cap, sizeof *b->rows))
            return casefile_no_memory(c, e);
        struct case_row *row = &b->rows[b->n++];
        *row = (struct case_row){.id = keep_text(&at, id),
                                 .id_len = id->len,
                                 .ref = keep_text(&at, ref),
                                 .line = c->line,
                                 .unassigned = officers && c->field[3].len == 0};
        if (!casefile_date(c, 2, "date_of_birth", false, &row->born, e))
            return false; /* with the row in the batch: a case that comes twice is told first */
    }
    return more == 0;
}

static bool keep_case(struct casefile *cf, const struct case_row *row)
{
    struct casefile_store *s = cf->store;
    if (!casefile_grow(&cf->cases, cf->n, &s->cap_cases, sizeof *cf->cases))
        return false;
    if (!casefile_grow(&s->ids, cf->n, &s->cap_ids, sizeof *s->ids) || cf->n == TEXTMAP_NONE ||
        !textmap_add(&s->by_id, row->id, row->id_len, (uint32_t)cf->n))
        return false;
    s->ids[cf->n] = (struct case_id){textmap_key(row->id, row->id_len), row->id, row->id_len};
    cf->cases[cf->n++] =
        (struct casefile_case){.ref = row->ref, .born = row->born, .unassigned = row->unassigned};
    return true;
}

static bool keep_cases(void *ud, void *batch, const struct csv *c, unsigned lines, unsigned *line,
                       struct err *e)
{
    struct casefile *cf = ((struct casefile_load *)ud)->cf;
    struct casefile_store *s = cf->store;
    struct case_batch *b = batch;
    (void)c, (void)lines;
    if (b->texts == NULL || !casefile_grow(&s->texts, s->n_texts, &s->cap_texts, sizeof *s->texts))
        return err_set(e, "out of memory");
    s->texts[s->n_texts++] = b->texts;
    b->texts = NULL;
    for (size_t i = 0; i < b->n; i++) {
        const struct case_row *row = &b->rows[i];
        if (textmap_find(&s->by_id, row->id, row->id_len) != TEXTMAP_NONE) {
            *line = row->line;
            return err_set(e, "case_id %s comes twice", row->id);
        }
        if (!keep_case(cf, row))
            return err_set(e, "out of memory");
    }
    return true;
}

static void drop_cases(void *batch)
{
    struct case_batch *b = batch;
    free(b->rows);
    free(b->texts);
}

static const char *const columns[] = {"case_id", "case_ref", "date_of_birth", "officer", NULL};

const struct csv_file_reader casefile_cases = {
    .columns = columns,
    .required = 2,
    .batch_size = sizeof(struct case_batch),
    .read = read_cases,
    .keep = keep_cases,
    .drop = drop_cases,
};
