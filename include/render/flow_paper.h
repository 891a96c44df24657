/* What came in and went out by week, month, quarter or year, as a paper of one table, "flow" (flow.h has the definitions). Pure. */
#ifndef EHCWATCH_FLOW_PAPER_H
#define EHCWATCH_FLOW_PAPER_H

#include "flow.h"
#include "paper.h"

/* The periods of from..to; nothing is held. NULL: out of memory. */
struct paper *flow_paper_new(const struct flow *f, enum flow_by by, civil_day from, civil_day to);

#endif
