/* The published figures beside what they do not show, as a paper (figures.h has the definitions).
 *
 *   published  by period: each figure, its numbers, its share against the target; beside the latest periods what is open and overdue now
 *   issued     by period: plans by weeks from the request, with and without exceptions, mean, median and 90th percentile
 *   ages       by period and age band: plans and decisions; of the latest periods what is open and overdue now
 *   open       open assessments on the date by weeks since the request, with and without exceptions
 *
 * A figure that the source cannot show, since it records no event that closes it, is empty. Pure. */
#ifndef EHCWATCH_FIGURES_PAPER_H
#define EHCWATCH_FIGURES_PAPER_H

#include "figures.h"
#include "paper.h"

/* `f` is finished and outlives it. NULL: out of memory. */
struct paper *figures_paper_new(const struct figures *f);

#endif
