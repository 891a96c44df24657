#include <stdlib.h>
#include <string.h>

#include "casefile_store.h"
#include "instant.h"

bool casefile_grow(void *array, size_t n, size_t *cap, size_t size)
{
    void *p;
    size_t want = *cap ? *cap * 2 : 256;
    if (n < *cap)
        return true;
    memcpy(&p, array, sizeof p);
    p = reallocarray(p, want, size);
    if (p == NULL)
        return false;
    memcpy(array, &p, sizeof p);
    *cap = want;
    return true;
}

bool casefile_no_memory(struct csv *c, struct err *e)
{
    c->line = 0;
    return err_set(e, "out of memory");
}

bool casefile_date(const struct csv *c, int i, const char *column, bool needed, civil_day *out, struct err *e)
{
    const struct csv_field *f = &c->field[i];
    *out = CIVIL_NONE;
    if ((f->len == 0 && !needed) || civil_parse(f->p, f->len, out))
        return true;
    return csv_error(c, e, "%s \"%.*s\" is not a date of 1900 to 2199 (YYYY-MM-DD)", column,
                     (int)(f->len > 40 ? 40 : f->len), f->p);
}

static bool is(const struct csv_field *f, const char *word)
{
    return f->len == strlen(word) && memcmp(f->p, word, f->len) == 0;
}

bool casefile_first_day(const struct csv *c, int i, const char *column, civil_day *out, struct err *e)
{
    *out = CIVIL_NONE;
    return is(&c->field[i], "-infinity") || casefile_date(c, i, column, false, out, e);
}

bool casefile_last_day(const struct csv *c, int i, const char *column, civil_day *out, struct err *e)
{
    const struct csv_field *f = &c->field[i];
    civil_day any;
    *out = CIVIL_NONE;
    return is(f, "infinity") || (civil_parse_any(f->p, f->len, &any) && any > CIVIL_LAST) ||
           casefile_date(c, i, column, false, out, e);
}

bool casefile_time(const struct csv *c, int i, const char *column, int64_t *out, struct err *e)
{
    const struct csv_field *f = &c->field[i];
    *out = TIME_NONE;
    if (f->len == 0 || is(f, "infinity") || is(f, "-infinity") || instant_parse_any(f->p, f->len, out))
        return true;
    return csv_error(c, e, "%s \"%.*s\" is not a time (RFC 3339 with zone, as 2026-05-01T12:00:00Z)", column,
                     (int)(f->len > 40 ? 40 : f->len), f->p);
}

bool casefile_reject_row(struct casefile_rejects *r, const struct csv *c, enum finding_kind kind, uint32_t of,
                         civil_day on)
{
    bool unknown_text = kind != FINDING_UNKNOWN_CASE;
    if (!casefile_grow(&r->rows, r->n, &r->cap, sizeof *r->rows))
        return false;
    r->unknown_case += of == TEXTMAP_NONE;
    r->unknown_text += unknown_text;
    r->rows[r->n++] = (struct casefile_rejected_row){kind, of, c->line, on, c->field[0], c->field[1]};
    return true;
}

bool casefile_keep_rejects(struct casefile_load *load, const struct casefile_rejects *r, unsigned lines)
{
    struct casefile *cf = load->cf;
    struct names *texts = cf->store->rejected;
    cf->unknown_case += r->unknown_case;
    for (size_t i = 0; i < r->n; i++) {
        const struct casefile_rejected_row *row = &r->rows[i];
        if (!casefile_grow(&cf->rejects, cf->n_rejects, &cf->cap_rejects, sizeof *cf->rejects))
            return false;
        uint32_t id = names_add(texts, row->id.p, row->id.len),
                 text = names_add(texts, row->text.p, row->text.len);
        if (id == NAMES_FULL || text == NAMES_FULL)
            return false;
        cf->rejects[cf->n_rejects++] = (struct casefile_reject){
            .kind = row->kind,
            .file = load->file,
            .line = lines + row->line,
            .case_id = names_text(texts, id),
            .text = names_text(texts, text),
            .ref = row->of == TEXTMAP_NONE ? "" : cf->cases[row->of].ref,
            .on = row->on,
        };
    }
    return true;
}

/* The case of the row before and the one after that are tried first. */
uint32_t casefile_number(const struct casefile *cf, const struct csv_field *id, uint32_t before)
{
    const struct case_id *ids = cf->store->ids;
    uint64_t key = textmap_key(id->p, id->len);
    if (id->len == 0)
        return TEXTMAP_NONE;
    for (size_t i = before; i < cf->n && i <= (size_t)before + 1; i++)
        if (textmap_equal(ids[i].key, ids[i].text, ids[i].len, key, id->p, id->len))
            return (uint32_t)i;
    return textmap_find(&cf->store->by_id, id->p, id->len);
}
