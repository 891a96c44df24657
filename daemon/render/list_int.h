/* The list jobs' own view of themselves: going on (list_job.c), what is sorted by (list_sort.c), the columns of obligations and of cases
 * (list_obligations.c, list_cases.c). */
#ifndef EHCWATCH_LIST_INT_H
#define EHCWATCH_LIST_INT_H

#include "breach_walk.h"
#include "case_list.h"
#include "list_job.h"
#include "slice_sort.h"

struct list_job;

/* What rows are sorted by: a number, or KEY_EMPTY, which comes last in both directions. */
#define KEY_EMPTY UINT64_MAX
typedef uint64_t list_key_fn(const struct list_job *j, uint32_t row);

/* What has to be known before keys can be. */
enum list_order {
    ORDER_KEY,      /* nothing */
    ORDER_PLACES,   /* ranks of words.places, as bytes */
    ORDER_SUBJECTS, /* of words.subjects */
    ORDER_LIMITS,   /* of the ids of limits */
    ORDER_REF,      /* the key is the case reference itself */
};

struct list_sort {
    list_key_fn *key; /* NULL: not sorted by this column */
    enum list_order order;
};

struct list_shape {
    const char *name, *title;
    const struct column *columns;
    size_t n_columns, n_more;
    const unsigned char *json_order;
    table_cell_fn *cell;
    const struct list_sort *sorts; /* of columns, not of those that only JSON has */
    const struct column *terminal; /* NULL: the same as elsewhere */
    size_t n_terminal;
    table_cell_fn *terminal_cell;
    int own_order; /* the column that rows are sorted by when nobody says; LIST_OWN_ORDER: as they were found */
    bool own_descending;
};

extern const struct list_shape list_breaches, list_due, list_cases;

/* The row that was asked for last, decoded: its cells are asked for one after the other. */
struct list_cache {
    uint32_t row;
    bool any;
    struct record_case head;
    const struct obligation *obligation; /* NULL: a list of cases */
    char words[256];                     /* what a terminal is shown */
};

enum list_phase { PHASE_WALK, PHASE_PICK, PHASE_ORDER, PHASE_PREFIX, PHASE_KEYS, PHASE_SORT, PHASE_DONE };

#define LIST_FACTS_MOST 8

struct list_job {
    struct table_job job;
    struct list_want want;
    struct calendar calendar; /* of want.how: a reload changes the one in force while a list is read */
    const struct list_shape *shape;
    struct snapshot *snapshot; /* of the job */
    enum list_phase phase;
    struct breach_walk *breach_walk;
    struct case_list_walk *case_walk;
    struct breach_list *breaches; /* when found */
    struct case_list cases;
    size_t n;    /* rows */
    size_t base; /* of the page */

    struct list_sort sort; /* key NULL: rows stay as they were found */
    bool descending;
    struct slice_sort sorted;
    uint32_t *rank;
    size_t at;     /* the next row of the phase */
    size_t prefix; /* bytes that all references begin with */

    struct list_cache *cache, room;
    struct table_fact facts[LIST_FACTS_MOST];
    char words[200]; /* of a fact */
};

/* The number of the row that stands at a place of the table. */
uint32_t list_row(const struct list_job *j, size_t at);

/* Decodes a row, unless it is the last one. */
const struct list_cache *list_load(const struct list_job *j, uint32_t row);

/* The record of a row. */
const unsigned char *list_record(const struct list_job *j, uint32_t row);

const struct obligation *list_obligation(const struct list_job *j, uint32_t row);
const struct case_row *list_case(const struct list_job *j, uint32_t row);

struct cell list_place(const struct list_job *j, uint32_t number);

/* Keys. */
uint64_t list_key_int(int64_t n);
uint64_t list_key_date(civil_day d);
uint64_t list_key_ref(const struct list_job *j, uint32_t row);
uint64_t list_key_locality(const struct list_job *j, uint32_t row);
uint64_t list_key_team(const struct list_job *j, uint32_t row);
uint64_t list_key_officer(const struct list_job *j, uint32_t row);

/* The phases of a sort, a slice of each: false: out of memory. */
bool list_sort_begin(struct list_job *j);
bool list_sort_step(struct list_job *j);

#endif
