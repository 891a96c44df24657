/* The history as a page: what was overdue day by day or week by week, drawn and in rows. Pure. */
#ifndef EHCWATCH_PAGE_HISTORY_H
#define EHCWATCH_PAGE_HISTORY_H

#include "page_frame.h"
#include "rulebook.h"
#include "table.h"

#define PAGE_HISTORY "/v1/history.html"

/* The whole page of the table of history_paper.h. `f` is completed with title and name. */
void page_history(struct buf *b, const struct page_frame *f, const struct table *t,
                  const struct rulebook *rb);

#endif
