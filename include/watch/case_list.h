/* Every case, a row each: where it stands, how far behind it is, what is overdue and what falls due next.
 *
 * Worked out case by case, in slices, as a breach walk; 36 bytes a row. A list holds its snapshot for as long as it lives. Pure. */
#ifndef EHCWATCH_CASE_LIST_H
#define EHCWATCH_CASE_LIST_H

#include "case_pick.h"

/* Of the obligations only those count here that the filter's limits and kinds let through; the drift is that of the case, over every limit
 * under watch. */
struct case_row {
    uint32_t slot; /* of the snapshot */
    uint16_t at;   /* index within its chunk */
    uint8_t stage;
    uint8_t state;     /* the worst of what is open, or overdue and excepted; STATE_COUNT: nothing is */
    int32_t days_open; /* of the assessment; NO_BAND: it is not open */
    civil_day requested_on;
    int32_t drift;              /* DRIFT_NONE */
    uint16_t overdue, excepted; /* obligations on the breach list; of these the excepted ones */
    uint8_t next_limit;
    civil_day next_due, act_by; /* of what is open and not overdue the soonest; CIVIL_NONE: there is none */
};

struct case_list {
    struct snapshot *snapshot; /* a reference of the list */
    size_t n;
    struct case_row *rows;     /* by case id */
    struct breach_count count; /* of what is overdue */
};

struct case_list_walk;

/* What `how` points to outlives the walk; its limits are those under watch. NULL: out of memory. */
struct case_list_walk *case_list_walk_new(struct snapshot *s, const struct judge_how *how,
                                          const struct breach_filter *filter);
void case_list_walk_free(struct case_list_walk *w); /* NULL is fine */

/* As breach_walk_next and breach_walk_list; the list cannot fail. */
int case_list_walk_next(struct case_list_walk *w) MUST_CHECK;
struct case_list case_list_walk_list(struct case_list_walk *w);

void case_list_free(struct case_list *list);

/* Borrowed from the list. */
const unsigned char *case_list_record(const struct case_list *list, size_t i);

#endif
