/* The sections of the meeting's page, by file. */
#ifndef EHCWATCH_PAGE_PAPERS_INT_H
#define EHCWATCH_PAGE_PAPERS_INT_H

#include "page_papers.h"
#include "page_parts.h"

/* A table as the papers show it: its own title, all rows, places lead to their own papers. */
struct page_table papers_table(const struct page_papers *p, const struct table *t, const char *id);

void papers_overdue(struct buf *b, const struct page_papers *p);
void papers_will_be(struct buf *b, const struct page_papers *p);
void papers_changes(struct buf *b, const struct page_papers *p);
void papers_stuck(struct buf *b, const struct page_papers *p);
bool papers_officers(struct buf *b, const struct page_papers *p, size_t part); /* true: there is another */
void papers_published(struct buf *b, const struct page_papers *p);
void papers_saved(struct buf *b, const struct page_papers *p);
void papers_trends(struct buf *b, const struct page_papers *p);
void papers_files(struct buf *b, const struct page_papers *p);

#endif
