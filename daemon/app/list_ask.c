#include "list_ask.h"

#include <stdlib.h>
#include <string.h>

#define WITHIN_MOST 3660
#define PAGE_MOST   1000000

static bool number(long *n, const char *name, const char *value, long least, long most, struct err *e)
{
    char *rest;
    if (*n >= 0)
        return err_set(e, "%s is given twice", name);
    *n = strtol(value, &rest, 10);
    return (*value >= '0' && *value <= '9' && *rest == '\0' && *n >= least && *n <= most) ||
           err_set(e, "%s=%s: not a number from %ld to %ld", name, value, least, most);
}

static bool take_within(struct list_ask *a, const char *value, struct err *e)
{
    return number(&a->within, "within", value, 0, WITHIN_MOST, e);
}

static bool take_page(struct list_ask *a, const char *value, struct err *e)
{
    return number(&a->page, "page", value, 1, PAGE_MOST, e);
}

static bool take_per_page(struct list_ask *a, const char *value, struct err *e)
{
    return number(&a->per_page, "per_page", value, 1, LIST_PER_PAGE_MOST, e);
}

/* Names what the list can be sorted by. */
static bool no_sort(const struct list_ask *a, const char *value, struct err *e)
{
    char names[400] = "";
    size_t n;
    const struct column *columns = list_columns(a->kind, &n);
    for (size_t i = 0; i < n; i++)
        if (list_sortable(a->kind, (int)i)) {
            if (*names != '\0')
                strncat(names, ", ", sizeof names - strlen(names) - 1);
            strncat(names, columns[i].name, sizeof names - strlen(names) - 1);
        }
    return err_set(e, "sort=%.40s: not one of %s, or one of them with a - before it", value, names);
}

static bool take_sort(struct list_ask *a, const char *value, struct err *e)
{
    const char *name = value + (*value == '-');
    if (a->sort != LIST_OWN_ORDER)
        return err_set(e, "sort is given twice");
    a->sort = list_column(a->kind, name, strlen(name));
    a->descending = *value == '-';
    return (a->sort >= 0 && list_sortable(a->kind, a->sort)) || no_sort(a, value, e);
}

#define FILTERS                                                                                              \
    "limit", "kind", "state", "locality", "team", "officer", "band", "age", "stage", "as_of", "known_at"
#define ROWS "sort", "page", "per_page"

const char *const list_ask_words[LIST_KINDS][LIST_WORDS_MOST] = {
    [LIST_BREACHES] = {FILTERS, "exception", ROWS},
    [LIST_DUE] = {FILTERS, "within", ROWS},
    [LIST_CASES] = {FILTERS, "exception", ROWS},
};

/* Those that are not of the filter (breach_ask.h). */
static const struct {
    const char *name;
    bool (*take)(struct list_ask *a, const char *value, struct err *e);
} own[] = {
    {"within", take_within},
    {"sort", take_sort},
    {"page", take_page},
    {"per_page", take_per_page},
};

void list_ask_begin(struct list_ask *a, enum list_kind kind, const struct rulebook *rb,
                    const struct snapshot *s)
{
    static const unsigned allowed[LIST_KINDS] = {
        [LIST_BREACHES] = 1u << STATE_BREACHED | 1u << STATE_EXCEPTED,
        [LIST_DUE] = 1u << STATE_ON_TRACK | 1u << STATE_AT_RISK,
        [LIST_CASES] = (1u << STATE_COUNT) - 1,
    };
    *a = (struct list_ask){.kind = kind, .within = -1, .sort = LIST_OWN_ORDER, .page = -1, .per_page = -1};
    breach_ask_begin(&a->breach, rb, s);
    a->breach.filter = list_filter_default(kind, 0);
    a->breach.allowed = allowed[kind];
}

bool list_ask_take(struct list_ask *a, const char *name, const char *value, struct err *e)
{
    const char *const *word = list_ask_words[a->kind];
    while (*word != NULL && strcmp(*word, name) != 0)
        word++;
    if (*word == NULL)
        return err_set(e, "no such parameter: %s", name);
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
        if (strcmp(own[i].name, name) == 0)
            return own[i].take(a, value, e);
    return breach_ask_take(&a->breach, name, value, e);
}

struct list_want list_ask_want(const struct list_ask *a, const struct judge_how *how, long per_page)
{
    const struct breach_ask *b = &a->breach;
    struct list_want w = {
        .kind = a->kind,
        .filter = breach_ask_filter(b),
        .how = *how,
        .sort = a->sort,
        .descending = a->descending,
        .page = a->page > 0 ? (size_t)a->page : 1,
    };
    if (a->page > 0 && per_page == 0)
        per_page = LIST_PER_PAGE;
    w.per_page = (size_t)(a->per_page > 0 ? a->per_page : per_page);
    w.filter.some = (b->limits | b->kinds | b->states | b->filter.exceptions) != 0;
    if (a->kind == LIST_DUE)
        w.filter.due_by = how->as_of + (civil_day)(a->within >= 0 ? a->within : LIST_DUE_WITHIN);
    return w;
}
