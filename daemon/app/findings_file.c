#include "findings_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "quality_text.h"

struct findings_row {
    const char *ref;
    enum finding_kind kind;
    civil_day on;
    struct finding_words words;
    const struct casefile_reject *rejected; /* or NULL */
};

struct findings_file {
    const struct casefile *cf;
    const struct rulebook *rb;
    struct quality_day day;
    int exception_limit;
    bool past;
    struct findings_part all;
};

struct findings_file *findings_file_new(const struct casefile *cf, const struct rulebook *rb, civil_day as_of,
                                        bool past)
{
    struct findings_file *f = calloc(1, sizeof *f);
    if (f == NULL)
        return NULL;
    f->cf = cf;
    f->rb = rb;
    f->day = quality_day(as_of);
    f->past = past;
    f->exception_limit = rulebook_find(rb, QUALITY_EXCEPTION_LIMIT);
    return f;
}

void findings_part_free(struct findings_part *part)
{
    free(part->rows);
    *part = (struct findings_part){.n = 0};
}

void findings_file_free(struct findings_file *f)
{
    if (f == NULL)
        return;
    findings_part_free(&f->all);
    free(f);
}

static bool room(struct findings_part *part, size_t more)
{
    size_t cap = part->cap ? part->cap : 64;
    if (part->cap - part->n >= more)
        return true;
    while (cap - part->n < more)
        cap *= 2;
    struct findings_row *rows = reallocarray(part->rows, cap, sizeof *rows);
    if (rows == NULL)
        return false;
    part->rows = rows;
    part->cap = cap;
    return true;
}

static bool add(struct findings_part *part, const struct findings_row *row)
{
    if (!room(part, 1))
        return false;
    part->rows[part->n++] = *row;
    return true;
}

/* The case under way. */
struct finder {
    const struct findings_file *file;
    struct findings_part *part;
    const char *ref;
    bool failed;
};

static void found(void *ud, const struct finding *x)
{
    struct finder *f = ud;
    const struct findings_row row = {.ref = f->ref,
                                     .kind = (enum finding_kind)x->kind,
                                     .on = x->on,
                                     .words = finding_words(x, f->file->rb, f->file->cf->subjects)};
    f->failed |= !add(f->part, &row);
}

bool findings_file_case(const struct findings_file *f, struct findings_part *part,
                        const struct casefile_case *k, const struct case_facts *facts,
                        const struct obligation *o, size_t n)
{
    struct quality_claims claims = {.failed = 0};
    struct finder finder = {.file = f, .part = part, .ref = k->ref};
    /* Which day is today is not known here: a case with facts, all of them of later days, was not there yet. */
    const struct judge_how how = {.as_of = f->day.as_of, .past = f->past || k->facts_to > k->facts_from};
    const bool open = case_is_there(&how, facts) && stage_is_open(stage_of(facts, f->day.as_of));
    quality_check(&f->day, facts, k->unassigned && open, found, &finder);
    for (size_t i = 0; i < n; i++) {
        quality_share_add(&part->exceptions, f->rb, f->exception_limit, &o[i], facts, f->day.as_of);
        quality_claims_add(&claims, f->rb, &o[i], facts, f->day.as_of);
    }
    quality_claims_tell(&claims, facts, found, &finder);
    return !finder.failed;
}

bool findings_file_add(struct findings_file *f, struct findings_part *part)
{
    if (!room(&f->all, part->n))
        return false;
    if (part->n > 0)
        memcpy(f->all.rows + f->all.n, part->rows, part->n * sizeof *part->rows);
    f->all.n += part->n;
    f->all.exceptions.obligations += part->exceptions.obligations;
    f->all.exceptions.excepted += part->exceptions.excepted;
    part->n = 0;
    part->exceptions = (struct quality_share){0};
    return true;
}

static int compare(const void *x, const void *y)
{
    const struct findings_row *a = x, *b = y;
    int c = strcmp(a->ref, b->ref);
    if (c == 0 && a->kind != b->kind)
        c = a->kind < b->kind ? -1 : 1;
    if (c == 0 && a->on != b->on)
        c = a->on < b->on ? -1 : 1;
    if (c == 0)
        c = strcmp(a->words.event, b->words.event);
    if (c == 0)
        c = strcmp(a->words.subject, b->words.subject);
    if (c == 0 && a->rejected != b->rejected) /* they lie in the order in which they were read */
        c = a->rejected < b->rejected ? -1 : 1;
    return c;
}

static void render(struct buf *b, const struct findings_row *row)
{
    char where[600] = "";
    const struct casefile_reject *r = row->rejected;
    if (r != NULL)
        snprintf(where, sizeof where,
                 row->kind == FINDING_UNKNOWN_CASE ? "%s:%u: case_id \"%.80s\"" : "%s:%u", r->file, r->line,
                 r->case_id);
    finding_csv_row(b, row->ref, row->kind, row->words, row->on, where);
}

bool findings_file_write(struct findings_file *f, const char *path, struct err *e)
{
    struct buf b = {0};
    struct findings_part *all = &f->all;
    bool kept = true;
    for (size_t i = 0; i < f->cf->n_rejects; i++) {
        const struct casefile_reject *r = &f->cf->rejects[i];
        kept &= add(all, &(struct findings_row){r->ref, r->kind, r->on, {r->text, ""}, r});
    }
    if (quality_exceptions_implausible(&all->exceptions))
        kept &=
            add(all, &(struct findings_row){"", FINDING_EXCEPTIONS_IMPLAUSIBLE, CIVIL_NONE, {"", ""}, NULL});
    if (all->n > 1)
        qsort(all->rows, all->n, sizeof *all->rows, compare);
    buf_text(&b, finding_csv_header());
    for (size_t i = 0; i < all->n; i++)
        render(&b, &all->rows[i]);
    FILE *file = !kept || b.failed ? NULL : fopen(path, "we");
    bool ok = file != NULL && fwrite(b.p, 1, b.n, file) == b.n;
    if (!kept || b.failed)
        err_set(e, "%s: out of memory", path);
    else if (!ok)
        err_set(e, "%s: %s", path, strerror(errno));
    if (file != NULL && fclose(file) != 0 && ok)
        ok = err_set(e, "%s: %s", path, strerror(errno));
    buf_free(&b);
    return ok;
}
