/* Workbooks as answers: made beside the loop (xlsx_maker.h) while the request waits, then sent from the file. */
#ifndef EHCWATCH_EXPORT_H
#define EHCWATCH_EXPORT_H

#include "export_book.h"
#include "httpd.h"

struct xlsx_maker;

/* Within a handler, or where the reply of a parked request is to be filled in (papers_fn, desk_fn): answers with what `x` says, later. Takes
 * over what it owns. 503 when too many are being made, or there is no maker. `vary`: the Accept header has decided. Nobody goes
 * on for a client that has left. */
void export_answer(struct xlsx_maker *m, struct httpd_reply *reply, const struct export *x, bool vary);

/* What a query narrows a list to, for `asked`; NULL when memory is short, or nothing is asked. */
char *export_asked(const struct httpd_request *q);

#endif
