#include "watched.h"

#include <string.h>

/* What a council watches when its configuration says nothing. */
static const char *const default_limits[] = {"assess_decision_6w", "final_plan_20w", "annual_review_12m"};

enum watch_choice watched_choice(const struct config *c)
{
    const struct config_list *wanted = &c->limits;
    if (wanted->n == 0)
        return WATCH_DEFAULT;
    if (wanted->n == 1 && strcmp(wanted->item[0], "auto") == 0)
        return WATCH_AUTO;
    return wanted->n == 1 && strcmp(wanted->item[0], "all") == 0 ? WATCH_ALL : WATCH_NAMED;
}

/* Ids were checked with the configuration. */
static uint64_t named(const struct rulebook *rb, const char *id)
{
    int i = rulebook_find(rb, id);
    return i >= 0 ? LIMIT_BIT(i) : 0;
}

static bool is_default(const struct limit *l)
{
    if (l->kind == KIND_LOCAL) /* who writes a standard down wants it watched */
        return true;
    for (size_t i = 0; i < sizeof default_limits / sizeof default_limits[0]; i++)
        if (strcmp(default_limits[i], l->id) == 0)
            return true;
    return false;
}

uint64_t watched_limits(const struct config *c, const struct rulebook *rb, uint64_t occurs)
{
    enum watch_choice choice = watched_choice(c);
    uint64_t limits = 0;
    for (size_t i = 0; choice == WATCH_NAMED && i < c->limits.n; i++)
        limits |= named(rb, c->limits.item[i]);
    for (size_t i = 0; choice != WATCH_NAMED && i < rb->n; i++)
        if (choice == WATCH_ALL || (choice == WATCH_DEFAULT && is_default(rb->rule[i].limit)) ||
            (choice == WATCH_AUTO && (rb->rule[i].discharged_by.any & occurs) != 0))
            limits |= LIMIT_BIT(i);
    return limits;
}
