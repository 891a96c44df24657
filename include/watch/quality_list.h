/* The list of what is wrong in the data: findings of cases, rows that took no part, and alarms of the whole caseload.
 *
 * A selection from a snapshot, which it holds for as long as it lives. Pure. */
#ifndef EHCWATCH_QUALITY_LIST_H
#define EHCWATCH_QUALITY_LIST_H

#include "breach_list.h"

/* A finding passes when every part lets it. A row without a case that was read, and an alarm of the whole caseload, are in no
 * place: they pass when no place is asked for. */
struct quality_filter {
    uint32_t kinds; /* bit of each enum finding_kind */
    struct breach_places localities, teams, officers;
};

struct quality_filter quality_filter_default(void); /* everything */

struct quality_row {
    uint32_t slot; /* of the snapshot, or one of the two below */
    uint32_t index;
};

#define QUALITY_SLOT_REJECT   UINT32_MAX /* index: of snapshot->rejects */
#define QUALITY_SLOT_CASELOAD (UINT32_MAX - 1)

struct quality_list {
    struct snapshot *snapshot; /* a reference of the list */
    size_t n;
    uint64_t unlisted; /* rows of the kinds asked for that were counted and not kept (reject.h) */
    struct quality_row
        *rows; /* by kind in the order of the enum; within a kind by case id, rejected rows as they came */
};

/* NULL: out of memory. */
struct quality_list *quality_list_new(struct snapshot *s, const struct quality_filter *filter);
void quality_list_free(struct quality_list *list); /* NULL is fine */

/* Row i, made whole. */
struct quality_item {
    struct finding finding;
    const unsigned char *record;   /* of its case, borrowed from the list; NULL: of no case that was read */
    const struct reject *rejected; /* the row that took no part, or NULL */
};

struct quality_item quality_list_item(const struct quality_list *list, size_t i);

#endif
