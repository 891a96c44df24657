/* Papers as sheets of a workbook. */
#ifndef EHCWATCH_EXPORT_PAPER_H
#define EHCWATCH_EXPORT_PAPER_H

#include "export_book.h"
#include "paper_hold.h"

/* Adds a sheet for each table of the paper (paper_hold_sheet), and its words to the summary. The rest as paper_hold_new. False: out of memory,
 * or more than a workbook has room for, which the log says; `x` is the caller's to drop. */
bool export_add_paper(struct export *x, struct paper *paper, paper_step_fn *step,
                      struct papers *papers) MUST_CHECK;

#endif
