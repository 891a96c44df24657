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
    unsigned
        states; /* bit of each enum state; lists of obligations have of excepted ones only those without the closing event */
    struct breach_places localities, teams, officers;

    /* 0: any. */
    unsigned exceptions; /* bit of each enum exception_verdict */
    civil_day due_by;    /* the last day */
    unsigned bands;      /* bit of each of weeks_bands: of the case (band.h) */
    unsigned ages;       /* bit of each of age_bands, on the as-of date */
    unsigned stages;     /* bit of each enum stage */

    bool some; /* of a list of cases: only those with an obligation that passes */
};

/* What lists show unless asked otherwise: every limit of kind statutory, breached and excepted, anywhere. */
struct breach_filter breach_filter_default(void);

/* The limits that the filter lets through. */
uint64_t breach_filter_limits(const struct breach_filter *f, const struct rulebook *rb);

/* Whether it lets the obligation through; `limits`: those of breach_filter_limits. */
bool breach_filter_takes(const struct breach_filter *f, uint64_t limits, const struct obligation *o);

/* Whether it asks for what a snapshot does not hold of its cases, so that each has to be looked at. */
bool breach_filter_asks_facts(const struct breach_filter *f);

/* With and without exceptions, side by side. An obligation is excepted, or it is not; a case of which every obligation is excepted is an
 * excepted case. What is left when they are taken away is the list without exceptions. */
struct breach_count {
    size_t obligations, cases; /* all of them: one delay often breaks several limits */
    size_t excepted, excepted_cases;
};

/* Adds the obligations of one case, of which `excepted` are. None: no case. */
static inline void breach_count_case(struct breach_count *c, size_t n, size_t excepted)
{
    c->obligations += n;
    c->cases += n > 0;
    c->excepted += excepted;
    c->excepted_cases += n > 0 && excepted == n;
}

struct breach_row {
    civil_day due;
    uint32_t slot;  /* of the snapshot */
    uint32_t index; /* of the slot's verdict->listed, or of the list's own */
};

struct breach_list {
    struct snapshot *snapshot; /* a reference of the list */
    size_t n;                  /* obligations */
    struct breach_count count;
    struct breach_row *rows; /* by due date, then case id, then limit in the order of the table */
    struct listed *own;      /* obligations that the snapshot does not hold; NULL: it does */
    uint32_t slot;           /* the next to pick from */
};

/* Of what the snapshot holds: the filter asks for no more. NULL: out of memory. */
struct breach_list *breach_list_new(struct snapshot *s, const struct rulebook *rb,
                                    const struct breach_filter *filter);
void breach_list_free(struct breach_list *list); /* NULL is fine */

/* The same in slices, for very long lists: an empty one, and how many rows it may come to; picking from at least one slot, and from more until
 * some `rows` listed obligations were looked at: true: there is more to do; when there is not, putting in order: 250,000 rows take some
 * three milliseconds. NULL, false: out of memory. */
struct breach_list *breach_list_begin(struct snapshot *s, size_t *most);
bool breach_list_pick(struct breach_list *list, const struct rulebook *rb, const struct breach_filter *filter,
                      size_t rows) MUST_CHECK;
bool breach_list_order(struct breach_list *list) MUST_CHECK;

/* A list of `own` obligations, which the snapshot does not hold, in rows by case id and limit. Takes rows and own over, even on
 * failure. NULL: out of memory. */
struct breach_list *breach_list_of(struct snapshot *s, struct breach_row *rows,
                                   const struct breach_count *count, struct listed *own);

/* Row i: the obligation, and its case's record. Borrowed from the list. */
const struct obligation *breach_list_obligation(const struct breach_list *list, size_t i);
const unsigned char *breach_list_record(const struct breach_list *list, size_t i);

#endif
