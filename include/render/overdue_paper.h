/* What is overdue and what will be, as a paper (overdue.h has the definitions): `limits`, `localities` and `teams`, a row each. Pure. */
#ifndef EHCWATCH_OVERDUE_PAPER_H
#define EHCWATCH_OVERDUE_PAPER_H

#include "overdue.h"
#include "paper.h"

/* `o` is finished and outlives it. NULL: out of memory. */
struct paper *overdue_paper_new(const struct overdue *o);

#endif
