/* Where the work is stuck, as a paper (stuck.h has the definitions).
 *
 *   stages     of an assessment: how many are in each now and how long they have waited, how long it took those who left it
 *   advice     by body: asked, answered in time and late, outstanding, overdue
 *   teams      open cases by team
 *   officers   open cases by team and officer
 *   reviews    incomplete annual reviews by the time since the meeting
 *   transfers  phase transfers of the last year and of the coming one
 *
 * Pure. */
#ifndef EHCWATCH_STUCK_PAPER_H
#define EHCWATCH_STUCK_PAPER_H

#include "paper.h"
#include "stuck.h"

/* `s` is finished and outlives it. NULL: out of memory. */
struct paper *stuck_paper_new(const struct stuck *s);

#endif
