#include "paper.h"

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

void paper_json(struct buf *b, const struct paper *p, const struct table_about *about)
{
    struct buf words = {0};
    if (p->words != NULL)
        p->words(&words, p);
    document_json(b, about, &words, p->tables, p->n);
    buf_free(&words);
}
