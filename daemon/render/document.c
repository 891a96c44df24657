#include "document.h"

#include <string.h>

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

static void member(struct buf *b, const struct table *t)
{
    buf_printf(b, ",\n\"%s\":[", t->name);
    for (size_t i = 0; i < t->n_rows; i++) {
        buf_text(b, i > 0 ? ",\n" : "\n");
        table_json_row(b, t, i);
    }
    buf_text(b, "]");
}

void document_json(struct buf *b, const struct table_about *about, const struct buf *words,
                   const struct table *tables, size_t n)
{
    buf_text(b, "{");
    table_json_about(b, about);
    table_json_facts(b, &tables[0]);
    b->failed |= words->failed;
    if (!words->failed)
        paragraphs(b, words);
    for (size_t i = 0; i < n; i++)
        member(b, &tables[i]);
    buf_text(b, "}\n");
}
