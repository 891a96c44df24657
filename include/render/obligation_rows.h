/* Very many obligations as rows of CSV (rulebook section 8): what recurs in them is written once, beforehand.
 *
 * Never changes once it is made: threads may share one. Pure. */
#ifndef EHCWATCH_OBLIGATION_ROWS_H
#define EHCWATCH_OBLIGATION_ROWS_H

#include "obligation_text.h"

struct obligation_rows;

/* What `t` names is borrowed until obligation_rows_free. Dates of [from, to] are written fastest; any others can be. NULL: out of
 * memory. */
struct obligation_rows *obligation_rows_new(const struct obligation_text *t, civil_day from, civil_day to);
void obligation_rows_free(struct obligation_rows *r); /* NULL is fine */

/* The header line, with its LF: case_ref,limit,subject,start_on,due_on,safe_on,act_by,state,closed_on,days */
const char *obligation_rows_header(void);

/* Copies the obligations of a reference in the order of the output: by limit, subject, start, closing and state as bytes. `sorted` has
 * room for n and is not `o`. */
void obligation_rows_sort(const struct obligation_rows *r, const struct obligation *o, size_t n,
                          struct obligation *sorted);

/* One row each. */
void obligation_rows_csv(const struct obligation_rows *r, struct buf *b, const char *case_ref,
                         const struct obligation *o, size_t n);

#endif
