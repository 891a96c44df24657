/* Filters as a form that is sent by GET: labels, a button, no script. Pure.
 *
 * What is chosen is what the query says. A field that has several values becomes a list of which several can be chosen; a value that no
 * option has is shown as one, so that sending the form again asks for the same. The empty choice sends an empty value, which the pages
 * take for none. */
#ifndef EHCWATCH_PAGE_FORM_H
#define EHCWATCH_PAGE_FORM_H

#include "page_query.h"

struct page_option {
    const char *value, *label; /* NULL label: the value, which is a name of the council's */
};

enum page_field_type { FIELD_SELECT, FIELD_DATE, FIELD_TEXT, FIELD_NUMBER };

struct page_field {
    enum page_field_type type;
    const char *name, *label;
    const char *any;  /* SELECT: the label of the empty choice; NULL: there is none */
    const char *hint; /* "" for none */
    const struct page_option *option;
    size_t n;
    const char *fallback; /* shown as chosen when the query says nothing; NULL: nothing */
};

struct page_form {
    const char *id, *label; /* of the landmark */
    const char *action;
    const struct page_query *query;
    enum page_keep keep; /* what goes along in hidden fields */
    const struct page_field *field;
    size_t n;
    size_t
        n_plain; /* those behind the first so many are folded away, unless one of them is set; 0: none is */
    const char *button;
    bool can_clear; /* a link that takes the fields away */
};

void page_form(struct buf *b, const struct page_form *f);

#endif
