/* The clearance plan as tables and in plain words: what /v1/clearance answers and the page shows.
 *
 *   policies  each policy and share, at the end of the weeks played through: the balance to strike
 *   by_week   the three policies week by week
 *   needs     plans a week: as it is, to keep up with what comes in, to clear what is overdue
 *   cases     the list of the coming week under the policy asked for, and why each is on it
 *
 * Pure. */
#ifndef EHCWATCH_CLEARANCE_PAPER_H
#define EHCWATCH_CLEARANCE_PAPER_H

#include "clearance.h"
#include "paper.h"

enum clearance_table {
    CLEARANCE_TABLE_POLICIES,
    CLEARANCE_TABLE_WEEKS,
    CLEARANCE_TABLE_NEEDS,
    CLEARANCE_TABLE_CASES,
    CLEARANCE_TABLES,
};

#define CLEARANCE_FACTS 15

struct clearance_paper {
    struct paper paper;
    struct table tables[CLEARANCE_TABLES];
    struct table_fact facts[CLEARANCE_FACTS]; /* of the first */
    const struct pipeline *pipeline;
    const struct snapshot *snapshot;
    struct clearance *plan;
    size_t n_rows; /* of policies */
    const struct clearance_run *rows[CLEARANCE_SHARES + 1];
    char text[160]; /* scratch of the cells */
};

/* Takes the plan over, even on failure. The pipeline and the snapshot outlive it. The tables have their rows when the plan is made. NULL: out of
 * memory, or no plan. */
struct clearance_paper *clearance_paper_new(struct clearance *plan, const struct pipeline *p,
                                            const struct snapshot *s);

/* Goes on with the plan. 1: there is more to do; 0: the tables are there; -1: out of memory. */
int clearance_paper_step(struct paper *paper) MUST_CHECK;

/* What the numbers say and how they are made: the words of the paper. */
void clearance_words(struct buf *b, const struct paper *paper);

#endif
