/* Obligations as JSON, and their order (rulebook section 8); as CSV: obligation_rows.h. Pure. */
#ifndef EHCWATCH_OBLIGATION_TEXT_H
#define EHCWATCH_OBLIGATION_TEXT_H

#include "buf.h"
#include "evaluate.h"

/* What the rows are written with: all borrowed. */
struct obligation_text {
    const struct rulebook *rulebook;
    const struct calendar *calendar;
    const struct names *subjects;
};

/* One JSON object of the same fields, with title, exception and calendar_exhausted beside them. No line end. */
void obligation_json(struct buf *b, const struct obligation_text *t, const char *case_ref,
                     const struct obligation *o);

/* A JSON string with its quotes. Bytes that are not UTF-8 become U+FFFD, so that the text is always a document. */
void json_text(struct buf *b, const char *s);

/* Sorts by limit, subject, start, closing and state as bytes: the order of the output within a case. */
void obligation_sort(const struct obligation_text *t, struct obligation *o, size_t n);

#endif
