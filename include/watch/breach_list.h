/* The breach list: who is owed what, overdue, the longest overdue first.
 *
 * A selection from a snapshot's listed obligations (breached, and excepted ones still without the event that closes them). It
 * holds the snapshot for as long as it lives, so that a slow reader sees one moment throughout. 200,000 rows are
 * filtered and sorted in a few milliseconds: one pass and a radix sort. Pure. */
#ifndef EHCWATCH_BREACH_LIST_H
#define EHCWATCH_BREACH_LIST_H

#include "caseload.h"

#define BREACH_PLACES_MAX 64

/* Localities, teams or officers, as numbers of the snapshot's words.places; none: any. */
struct breach_places {
    size_t n;
    uint32_t number[BREACH_PLACES_MAX];
};

/* Whether the number is one of them, or none is asked for. */
bool breach_places_hold(const struct breach_places *p, uint32_t number);

/* A row passes when every part lets it. */
struct breach_filter {
    uint64_t limits; /* LIMIT_BIT */
    unsigned kinds;  /* bit of each enum limit_kind */
    unsigned states; /* bit of each enum state */
    struct breach_places localities, teams, officers;
};

/* What lists show unless asked otherwise: every limit of kind statutory, breached and excepted, anywhere. */
struct breach_filter breach_filter_default(void);

/* The limits that the filter lets through. */
uint64_t breach_filter_limits(const struct breach_filter *f, const struct rulebook *rb);

/* Which of the verdict's listed obligations pass the filter, whose limits are `limits`: their indexes, into `out`, which has room
 * for all of them. Returns how many; the cases that they belong to are added to *n_cases. */
uint32_t breach_select(const struct breach_filter *f, uint64_t limits, const struct chunk *c,
                       const struct verdict *v, uint32_t *out, size_t *n_cases);

struct breach_row {
    civil_day due;
    uint32_t slot;  /* of the snapshot */
    uint32_t index; /* of the slot's verdict->listed, or of the list's own */
};

struct breach_list {
    struct snapshot *snapshot; /* a reference of the list */
    size_t n;                  /* obligations */
    size_t n_cases;            /* distinct cases: one delay often breaks several limits */
    struct breach_row *rows;   /* by due date, then case id, then limit in the order of the table */
    struct listed *own;        /* obligations that the snapshot does not hold; NULL: it does */
};

/* NULL: out of memory. */
struct breach_list *breach_list_new(struct snapshot *s, const struct rulebook *rb,
                                    const struct breach_filter *filter);
void breach_list_free(struct breach_list *list); /* NULL is fine */

/* A list of `own` obligations, judged for another date than the snapshot's, in n rows by case id and limit. Takes rows and own
 * over, even on failure. NULL: out of memory. */
struct breach_list *breach_list_of(struct snapshot *s, struct breach_row *rows, size_t n, size_t n_cases,
                                   struct listed *own);

/* Row i: the obligation, and its case's record. Borrowed from the list. */
const struct obligation *breach_list_obligation(const struct breach_list *list, size_t i);
const unsigned char *breach_list_record(const struct breach_list *list, size_t i);

#endif
