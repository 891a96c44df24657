/* A caseload on its way from its files into casefile.h. Only casefile*.c include this. */
#ifndef EHCWATCH_CASEFILE_STORE_H
#define EHCWATCH_CASEFILE_STORE_H

#include "casefile.h"
#include "textmap.h"

/* Cases are numbered in the order of their file; casefile.cases lies in that order until casefile_sort. */
struct case_id {
    uint64_t key; /* textmap_key */
    const char *text;
    size_t len;
};

/* The facts of one case that follow one another in a block. */
struct fact_run {
    uint32_t of;   /* number of the case */
    uint32_t from; /* up to the next run's */
};

/* What is kept of a block of events. */
struct fact_block {
    struct fact *facts; /* a subject from SUBJECT_COUNT on is an index into subjects, plus that */
    struct fact_run *runs;
    size_t n, n_runs;
    uint32_t *subjects; /* numbers in casefile.subjects; NULL: the block has none of its own */
};

struct loose_claim {
    uint32_t of;
    struct claim claim;
};

struct casefile_store {
    char **texts; /* ids and references of the cases, a block each */
    size_t n_texts, cap_texts, cap_cases, cap_ids;
    struct case_id *ids;
    struct textmap by_id;
    struct names *rejected; /* the texts of rows that take no part */
    struct fact_block *blocks;
    size_t n_blocks, cap_blocks;
    struct loose_claim *claims;
    size_t n_claims, cap_claims;
};

/* What the readers of the three files share; only the rows that are kept change it. */
struct casefile_load {
    struct casefile *cf;
    const char *file; /* under way; the caller's */
    int64_t known_at;
    struct textmap events; /* name -> enum event */
};

/* Rows of a block that take no part. */
struct casefile_rejected_row {
    enum finding_kind kind;
    uint32_t of; /* TEXTMAP_NONE: of no case */
    unsigned line;
    civil_day on;
    struct csv_field id, text;
};

struct casefile_rejects {
    struct casefile_rejected_row *rows;
    size_t n, cap;
    size_t unknown_case, unknown_text;
};

/* cases.csv first: the others name its cases. */
extern const struct csv_file_reader casefile_cases, casefile_events, casefile_claims;

/* A field of the row. False: `e` says why it is none. */
bool casefile_date(const struct csv *c, int i, const char *column, bool needed, civil_day *out,
                   struct err *e) MUST_CHECK;

/* The days of an exception. CIVIL_NONE: none is given, or one that says as much, "-infinity" for the first, for the last
 * "infinity" and every day after CIVIL_LAST. As source_rows.c reads them. */
bool casefile_first_day(const struct csv *c, int i, const char *column, civil_day *out,
                        struct err *e) MUST_CHECK;
bool casefile_last_day(const struct csv *c, int i, const char *column, civil_day *out,
                       struct err *e) MUST_CHECK;

/* Of any year: times are compared and never counted from. "infinity" and "-infinity" are TIME_NONE, as source_rows.c has it. */
bool casefile_time(const struct csv *c, int i, const char *column, int64_t *out, struct err *e) MUST_CHECK;

/* The number of the case with that id, or TEXTMAP_NONE. `before`: that of the row before, for rows of one case mostly lie together and
 * cases in the order of their own file. */
uint32_t casefile_number(const struct casefile *cf, const struct csv_field *id, uint32_t before);

/* False: out of memory. The first begins with the row c->line; the second is for `keep`. */
bool casefile_reject_row(struct casefile_rejects *r, const struct csv *c, enum finding_kind kind, uint32_t of,
                         civil_day on) MUST_CHECK;
bool casefile_keep_rejects(struct casefile_load *load, const struct casefile_rejects *r,
                           unsigned lines) MUST_CHECK;

/* For `read`: says so, of no row. False. */
bool casefile_no_memory(struct csv *c, struct err *e);

/* Makes room for one more after n in an array, whose pointer lies at `array`. False: out of memory, and nothing was changed. */
bool casefile_grow(void *array, size_t n, size_t *cap, size_t size) MUST_CHECK;

/* Sorts the cases by reference, keeping the order of those with the same one. *place[number of a case] becomes its index, NULL when they
 * lie in order already; the caller frees it. False: out of memory. */
bool casefile_sort(struct casefile *cf, uint32_t **place) MUST_CHECK;

/* Lays facts and claims out case by case. False: out of memory. */
bool casefile_group(struct casefile *cf, unsigned threads) MUST_CHECK;

/* Gives back what is not needed once all is grouped. */
void casefile_free_loose(struct casefile_store *s);

#endif
