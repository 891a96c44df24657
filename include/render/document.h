/* A JSON document of some paragraphs and several small tables. Pure. */
#ifndef EHCWATCH_DOCUMENT_H
#define EHCWATCH_DOCUMENT_H

#include "table.h"

/* {about, facts of the first table, "explanation":["…",…], "NAME":[rows],…}: `words` holds a paragraph a line, each table is a
 * member of its name. All of it is rendered at once. */
void document_json(struct buf *b, const struct table_about *about, const struct buf *words,
                   const struct table *tables, size_t n);

#endif
