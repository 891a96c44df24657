#include "breach_walk.h"

#include <stdlib.h>

#include "case_pick.h"

#define SLICE 256 /* cases */

struct breach_walk {
    struct snapshot *snapshot; /* of the walk */
    struct case_walk *walk;
    struct breach_filter filter;
    uint64_t limits; /* that the filter lets through */

    /* What passed so far, in the order of case ids, then of limits in the table. */
    struct listed *found;
    struct breach_row *rows; /* index: into found */
    size_t n, cap;
    struct breach_count count;
};

static bool room(struct breach_walk *w, size_t more)
{
    size_t cap = w->cap;
    while (cap < w->n + more)
        cap = cap > 0 ? 2 * cap : 1024;
    if (cap == w->cap)
        return true;
    struct listed *found = reallocarray(w->found, cap, sizeof *found);
    if (found == NULL)
        return false;
    w->found = found;
    struct breach_row *rows = reallocarray(w->rows, cap, sizeof *rows);
    if (rows == NULL)
        return false;
    w->rows = rows;
    w->cap = cap;
    return true;
}

static bool visit(void *ud, const struct case_seen *seen)
{
    struct breach_walk *w = ud;
    size_t n = 0, excepted = 0;
    if (!case_pick_facts(&w->filter, seen))
        return true;
    if (!room(w, seen->n))
        return false;
    for (size_t i = 0; i < seen->n; i++) {
        const struct obligation *o = &seen->obligations[i];
        const bool over = o->state == STATE_EXCEPTED && !obligation_is_listed(o);
        if (over || !breach_filter_takes(&w->filter, w->limits, o))
            continue;
        w->found[w->n] = (struct listed){seen->at, *o};
        w->rows[w->n] = (struct breach_row){o->due, seen->slot, (uint32_t)w->n};
        excepted += o->state == STATE_EXCEPTED;
        w->n++;
        n++;
    }
    breach_count_case(&w->count, n, excepted);
    return true;
}

struct breach_walk *breach_walk_new(struct snapshot *s, const struct judge_how *how,
                                    const struct breach_filter *filter)
{
    struct breach_walk *w = calloc(1, sizeof *w);
    struct judge_how asked = *how;
    if (w == NULL)
        return NULL;
    asked.limits &= breach_filter_limits(filter, how->rulebook); /* what is not shown is not worked out */
    w->snapshot = snapshot_ref(s);
    w->filter = *filter;
    w->limits = asked.limits;
    w->walk = case_walk_new(s, &asked, &(struct case_visitor){visit, w}, 1);
    if (w->walk == NULL) {
        breach_walk_free(w);
        return NULL;
    }
    case_walk_only(w->walk, case_pick_place, &w->filter);
    return w;
}

void breach_walk_free(struct breach_walk *w)
{
    if (w == NULL)
        return;
    case_walk_free(w->walk);
    snapshot_unref(w->snapshot);
    free(w->found);
    free(w->rows);
    free(w);
}

int breach_walk_next(struct breach_walk *w)
{
    return case_walk_next(w->walk, SLICE);
}

struct breach_list *breach_walk_list(struct breach_walk *w)
{
    struct breach_list *list = breach_list_of(w->snapshot, w->rows, &w->count, w->found);
    w->rows = NULL;
    w->found = NULL;
    w->n = w->cap = 0;
    w->count = (struct breach_count){0};
    return list;
}
