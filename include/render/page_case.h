/* A case for people: what is owed in it and why, drawn over time, and what is known of it. Pure.
 *
 * The same explanation as case_text.h, of the limits that `how` names. The birth date that some limits need is not shown, nor the day of
 * an obligation that ended with a birthday. */
#ifndef EHCWATCH_PAGE_CASE_H
#define EHCWATCH_PAGE_CASE_H

#include "case_view.h"
#include "page_frame.h"
#include "rag.h"

/* The whole page; `f` is completed with title and name. When memory is short the buffer has failed. */
void page_case(struct buf *b, const struct page_frame *f, const struct judge_how *how,
               const unsigned char *record);

/* Parts of it. The obligation explained: a heading of level 3, then its state, start, counting, dates, exceptions and source. */
void page_explained(struct buf *b, const struct case_view *v, const struct obligation *o);

/* What is open, or was last, over time: a drawing with title and description. Nothing is drawn of a case without obligations: false. */
bool page_timeline(struct buf *b, const struct case_view *v, civil_day as_of);

/* How the obligation is marked. */
struct rag_mark page_mark(const struct case_view *v, const struct obligation *o);

#endif
