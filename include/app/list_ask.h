/* What somebody asks of a list: the same words in a query and on a command line.
 *
 *     limit kind state locality team officer band age exception stage: one value, or several between commas
 *     within    days, of what falls due       sort    a column's name, with a - before it descending
 *     page per_page                           numbers from 1
 *
 * A word or value that is not known is refused by name. */
#ifndef EHCWATCH_LIST_ASK_H
#define EHCWATCH_LIST_ASK_H

#include "breach_ask.h"
#include "list_job.h"

struct list_ask {
    enum list_kind kind;
    struct breach_ask breach; /* the filter */
    int sort;                 /* of list_columns; LIST_OWN_ORDER: not asked for */
    bool descending;
    long within, page, per_page; /* -1: not asked for */
};

/* `s` NULL: nothing was read yet, see breach_ask.h. */
void list_ask_begin(struct list_ask *a, enum list_kind kind, const struct rulebook *rb,
                    const struct snapshot *s);

/* Takes the value of one of the words above. False: `e` says "NAME=VALUE: what is wrong". */
bool list_ask_take(struct list_ask *a, const char *name, const char *value, struct err *e) MUST_CHECK;

/* The words of each list, with as_of and known_at, which are the caller's to take; ended by NULL. */
#define LIST_WORDS_MOST 16
extern const char *const list_ask_words[LIST_KINDS][LIST_WORDS_MOST];

/* What it comes to. `per_page` of those who ask for a page, or for nothing (0: everything) without saying how long one is. */
#define LIST_PER_PAGE      100
#define LIST_PER_PAGE_MOST 10000
struct list_want list_ask_want(const struct list_ask *a, const struct judge_how *how, long per_page);

#endif
