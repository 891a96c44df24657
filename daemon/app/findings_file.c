#include "findings_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "quality_text.h"

struct row {
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
    struct quality_share exceptions;
    const char *ref; /* of the case under way */
    struct row *rows;
    size_t n, cap;
    bool failed;
};

struct findings_file *findings_file_new(const struct casefile *cf, const struct rulebook *rb, civil_day as_of)
{
    struct findings_file *f = calloc(1, sizeof *f);
    if (f == NULL)
        return NULL;
    f->cf = cf;
    f->rb = rb;
    f->day = quality_day(as_of);
    f->exception_limit = rulebook_find(rb, QUALITY_EXCEPTION_LIMIT);
    return f;
}

void findings_file_free(struct findings_file *f)
{
    if (f == NULL)
        return;
    free(f->rows);
    free(f);
}

static void add(struct findings_file *f, const struct row *row)
{
    if (f->n == f->cap) {
        size_t cap = f->cap ? f->cap * 2 : 256;
        struct row *more = reallocarray(f->rows, cap, sizeof *more);
        if (more == NULL) {
            f->failed = true;
            return;
        }
        f->rows = more;
        f->cap = cap;
    }
    f->rows[f->n++] = *row;
}

static void found(void *ud, const struct finding *x)
{
    struct findings_file *f = ud;
    const struct row row = {.ref = f->ref,
                            .kind = (enum finding_kind)x->kind,
                            .on = x->on,
                            .words = finding_words(x, f->rb, f->cf->subjects)};
    add(f, &row);
}

bool findings_file_case(struct findings_file *f, const struct casefile_case *k,
                        const struct case_facts *facts, const struct obligation *o, size_t n)
{
    struct quality_claims claims = {.failed = 0};
    f->ref = k->ref;
    quality_check(&f->day, facts, k->unassigned && stage_is_open(stage_of(facts)), found, f);
    for (size_t i = 0; i < n; i++) {
        quality_share_add(&f->exceptions, f->rb, f->exception_limit, &o[i], facts, f->day.as_of);
        quality_claims_add(&claims, f->rb, &o[i], facts, f->day.as_of);
    }
    quality_claims_tell(&claims, facts, found, f);
    return !f->failed;
}

static int compare(const void *x, const void *y)
{
    const struct row *a = x, *b = y;
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

static void render(struct buf *b, const struct row *row)
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
    for (size_t i = 0; i < f->cf->n_rejects; i++) {
        const struct casefile_reject *r = &f->cf->rejects[i];
        add(f, &(struct row){r->ref, r->kind, r->on, {r->text, ""}, r});
    }
    if (quality_exceptions_implausible(&f->exceptions))
        add(f, &(struct row){"", FINDING_EXCEPTIONS_IMPLAUSIBLE, CIVIL_NONE, {"", ""}, NULL});
    if (f->n > 1)
        qsort(f->rows, f->n, sizeof *f->rows, compare);
    buf_text(&b, finding_csv_header());
    for (size_t i = 0; i < f->n; i++)
        render(&b, &f->rows[i]);
    FILE *file = f->failed || b.failed ? NULL : fopen(path, "we");
    bool ok = file != NULL && fwrite(b.p, 1, b.n, file) == b.n;
    if (f->failed || b.failed)
        err_set(e, "%s: out of memory", path);
    else if (!ok)
        err_set(e, "%s: %s", path, strerror(errno));
    if (file != NULL && fclose(file) != 0 && ok)
        ok = err_set(e, "%s: %s", path, strerror(errno));
    buf_free(&b);
    return ok;
}
