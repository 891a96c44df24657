/* What a page was asked for, and the addresses that keep it: filters go along with every link. Pure. */
#ifndef EHCWATCH_PAGE_QUERY_H
#define EHCWATCH_PAGE_QUERY_H

#include "buf.h"

struct page_param {
    const char *name,
        *value; /* borrowed, decoded; in a list of changes a NULL value takes the parameter away */
};

/* In the order of the address; a name may come more than once. */
struct page_query {
    const struct page_param *param;
    size_t n;
};

enum page_keep {
    PAGE_KEEP_NONE,
    PAGE_KEEP_TIME,   /* as_of, known_at: pages of one case */
    PAGE_KEEP_PLACES, /* and locality, team, officer: everywhere */
    PAGE_KEEP_ALL,    /* every filter, the sort, the page: within a list, and its other formats */
};

/* An address as it stands in href="...": the path, which is one of ours, the parameters of the query that are kept, and the
 * changes, which replace parameters of their names. */
void page_address(struct buf *b, const char *path, const struct page_query *q, enum page_keep keep,
                  const struct page_param *changes, size_t n_changes);

/* " href=\"...\"" without changes. */
void page_href(struct buf *b, const char *path, const struct page_query *q, enum page_keep keep);

/* "/v1/cases/REF" with the reference escaped, which need not end in a NUL; pages of one case. */
void page_case_href(struct buf *b, const char *ref, size_t len, const struct page_query *q);

/* The first value of a parameter, or NULL. */
const char *page_value(const struct page_query *q, const char *name);

/* <input type="hidden"> for every kept parameter that the form has no field for: those not in `fields`, which NULL ends. */
void page_hidden(struct buf *b, const struct page_query *q, enum page_keep keep, const char *const *fields);

#endif
