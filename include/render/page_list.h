/* A list as a page: its filters, its rows with links that sort them, page after page, and the same as files. Pure. */
#ifndef EHCWATCH_PAGE_LIST_H
#define EHCWATCH_PAGE_LIST_H

#include "list_job.h"
#include "page_form.h"
#include "page_frame.h"

/* What can be chosen from; names without a label, sorted. Borrowed. */
struct page_choices {
    const struct page_option *locality, *team, *officer;
    size_t n_localities, n_teams, n_officers;
};

/* All borrowed. */
struct page_list {
    enum list_kind kind;
    const struct table_job *job; /* done */
    const struct rulebook *rulebook;
    uint64_t watched; /* limits that can be chosen */
    const struct page_choices *choices;
    struct page_frame frame; /* title, name and place are filled in by page_list_begin */
};

/* In this order: what comes before the rows; rows, n from first on, as far as there are any; what comes behind. */
void page_list_begin(struct buf *b, struct page_list *l);
void page_list_rows(struct buf *b, const struct page_list *l, size_t first, size_t n);
void page_list_end(struct buf *b, const struct page_list *l);

/* The address of the page of a list: "/v1/breaches.html". */
const char *page_list_path(enum list_kind kind);

#endif
