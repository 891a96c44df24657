/* What the filters of a page can be set to: the localities, teams and officers of the papers. */
#ifndef EHCWATCH_ROUTES_CHOICES_H
#define EHCWATCH_ROUTES_CHOICES_H

#include "page_list.h"
#include "papers.h"

struct routes_choices {
    struct page_choices choices;
    struct page_option *room;
};

/* Names that outlive every snapshot. False: out of memory; to be cleared all the same. */
bool routes_choices_of(struct routes_choices *c, const struct papers *p) MUST_CHECK;
void routes_choices_clear(struct routes_choices *c);

#endif
