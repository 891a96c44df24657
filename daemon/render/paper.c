#include "paper.h"

#include <stdlib.h>
#include <string.h>

void paper_free(struct paper *p)
{
    if (p != NULL)
        p->free(p);
}

const struct table *paper_table(const struct paper *p, const char *name)
{
    for (size_t i = 0; i < p->n; i++)
        if (strcmp(p->tables[i].name, name) == 0)
            return &p->tables[i];
    return NULL;
}

/* --- piece by piece ------------------------------------------------------------------------------------------------------ */

#define PIECE 16384

struct paper_cursor {
    const struct paper *paper;
    size_t tables; /* so many of the first */
    struct table_about about;
    void (*release)(void *held);
    void *held;
    struct buf piece; /* rendered, and not yet read from `at` on */
    size_t at;
    bool begun;
    size_t table, row; /* the next */
};

struct paper_cursor *paper_cursor_new(const struct paper *p, size_t tables, const struct table_about *about,
                                      void (*release)(void *held), void *held)
{
    struct paper_cursor *c = calloc(1, sizeof *c);
    if (c == NULL) {
        release(held);
        return NULL;
    }
    *c = (struct paper_cursor){.paper = p,
                               .tables = tables < p->n ? tables : p->n,
                               .about = *about,
                               .release = release,
                               .held = held};
    return c;
}

void paper_cursor_free(struct paper_cursor *c)
{
    if (c == NULL)
        return;
    buf_free(&c->piece);
    c->release(c->held);
    free(c);
}

/* What a paper says in words: a paragraph a line. */
static void paragraphs(struct buf *b, const struct buf *words)
{
    const char *at = words->p, *end = words->p + words->n;
    buf_text(b, ",\n\"explanation\":[");
    while (at < end) {
        const char *lf = memchr(at, '\n', (size_t)(end - at));
        const char *stop = lf != NULL ? lf : end;
        const struct cell c = cell_chars(at, (size_t)(stop - at));
        buf_text(b, at == words->p ? "\n" : ",\n");
        cell_json(b, &c, 0);
        at = stop + (lf != NULL);
    }
    buf_text(b, "]");
}

static void begin(struct paper_cursor *c)
{
    struct buf words = {0};
    if (c->paper->words != NULL)
        c->paper->words(&words, c->paper);
    buf_text(&c->piece, "{");
    table_json_about(&c->piece, &c->about);
    table_json_facts(&c->piece, &c->paper->tables[0]);
    c->piece.failed |= words.failed;
    if (!words.failed)
        paragraphs(&c->piece, &words);
    buf_free(&words);
    c->begun = true;
}

static void one_row(struct paper_cursor *c)
{
    const struct table *t = &c->paper->tables[c->table];
    if (c->row == 0)
        buf_printf(&c->piece, ",\n\"%s\":[", t->name);
    if (c->row < t->n_rows) {
        buf_text(&c->piece, c->row > 0 ? ",\n" : "\n");
        table_json_row(&c->piece, t, c->row++);
    }
    if (c->row < t->n_rows)
        return;
    c->row = 0;
    buf_text(&c->piece, ++c->table == c->tables ? "]}\n" : "]");
}

size_t paper_cursor_read(struct paper_cursor *c, char *out, size_t max)
{
    if (c->at == c->piece.n) {
        c->piece.n = c->at = 0;
        if (!c->begun)
            begin(c);
        while (c->table < c->tables && c->piece.n < PIECE && !c->piece.failed)
            one_row(c);
    }
    if (c->piece.failed)
        return TABLE_FAILED;
    size_t n = c->piece.n - c->at;
    n = n < max ? n : max;
    if (n > 0)
        memcpy(out, c->piece.p + c->at, n);
    c->at += n;
    return n;
}
