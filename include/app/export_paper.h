/* Papers as sheets of a workbook. */
#ifndef EHCWATCH_EXPORT_PAPER_H
#define EHCWATCH_EXPORT_PAPER_H

#include "export_book.h"
#include "paper.h"
#include "papers.h"

/* Adds a sheet for each table of the paper, named "PAPER TABLE", and its words to the notes. Takes the paper over, even on failure, and holds the papers that
 * it was made from for as long as a sheet needs them. A NULL paper, and false: out of memory; `x` is the caller's to drop. */
bool export_add_paper(struct export *x, struct paper *paper, struct papers *papers) MUST_CHECK;

#endif
