/* A paper on its way out: kept, with the papers that it was made from, for as long as one of its tables is being read. */
#ifndef EHCWATCH_PAPER_HOLD_H
#define EHCWATCH_PAPER_HOLD_H

#include "paper.h"
#include "papers.h"

/* Goes on with a paper. 1: its tables are not there yet; 0: they are; -1: out of memory. */
typedef int paper_step_fn(struct paper *paper);

struct paper_hold;

/* With one reference, the caller's. Takes the paper over, even on failure, and holds the papers. `step` NULL: the tables are there. A NULL
 * paper, and NULL: out of memory. */
struct paper_hold *paper_hold_new(struct paper *paper, paper_step_fn *step, struct papers *papers) MUST_CHECK;
struct paper_hold *paper_hold_ref(struct paper_hold *h);
void paper_hold_release(void *hold); /* gives one reference back */

const struct paper *paper_hold_paper(const struct paper_hold *h);

/* As paper_step_fn. */
int paper_hold_step(struct paper_hold *h) MUST_CHECK;

/* A table of the paper, with a reference of its own: it is there when the paper is. NULL: out of memory. */
struct table_job *paper_hold_table(struct paper_hold *h, const struct table *t,
                                   const struct table_about *about) MUST_CHECK;

/* The same under the name "PAPER TABLE", or "TABLE" where the paper has no other. */
struct table_job *paper_hold_sheet(struct paper_hold *h, const struct table *t,
                                   const struct table_about *about) MUST_CHECK;

#endif
