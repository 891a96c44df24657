/* Papers as sheets of a workbook. */
#ifndef EHCWATCH_EXPORT_PAPER_H
#define EHCWATCH_EXPORT_PAPER_H

#include "export_book.h"
#include "paper.h"
#include "papers.h"

/* Goes on with a paper. 1: its tables are not there yet; 0: they are; -1: out of memory. */
typedef int export_step_fn(struct paper *paper);

/* Adds a sheet for each table of the paper, named "PAPER TABLE", and its words to the summary. Takes the paper over, even on failure, and holds the
 * papers that it was made from for as long as a sheet needs them. `step` NULL: the tables are there. A NULL paper, and false: out of memory;
 * `x` is the caller's to drop. */
bool export_add_paper(struct export *x, struct paper *paper, export_step_fn *step,
                      struct papers *papers) MUST_CHECK;

#endif
