/* A single value in HTML, as people read it. Pure. */
#ifndef EHCWATCH_PAGE_CELL_H
#define EHCWATCH_PAGE_CELL_H

#include "buf.h"
#include "table.h"

/* `decimals` as in struct column. */
void page_cell(struct buf *b, const struct cell *c, int decimals);

/* How something was cleared (changes.h), in words: "Done late" for met_late; NULL: no such way. */
const char *page_how(const struct cell *c);

#endif
