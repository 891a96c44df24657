#include "paper.h"

#include <stdlib.h>
#include <string.h>

#include "document.h"

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
    struct table_about about;
    void (*release)(void *held);
    void *held;
    struct buf piece; /* rendered, and not yet read from `at` on */
    size_t at;
    bool begun;
    size_t table, row; /* the next */
};

struct paper_cursor *paper_cursor_new(const struct paper *p, const struct table_about *about,
                                      void (*release)(void *held), void *held)
{
    struct paper_cursor *c = calloc(1, sizeof *c);
    if (c == NULL) {
        release(held);
        return NULL;
    }
    *c = (struct paper_cursor){.paper = p, .about = *about, .release = release, .held = held};
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

/* The document without its tables, still open. */
static void begin(struct paper_cursor *c)
{
    static const char end[] = "}\n";
    struct buf words = {0};
    if (c->paper->words != NULL)
        c->paper->words(&words, c->paper);
    document_json(&c->piece, &c->about, &words, c->paper->tables, 0);
    if (!c->piece.failed)
        c->piece.n -= sizeof end - 1;
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
    buf_text(&c->piece, ++c->table == c->paper->n ? "]}\n" : "]");
}

size_t paper_cursor_read(struct paper_cursor *c, char *out, size_t max)
{
    if (c->at == c->piece.n) {
        c->piece.n = c->at = 0;
        if (!c->begun)
            begin(c);
        while (c->table < c->paper->n && c->piece.n < PIECE && !c->piece.failed)
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
