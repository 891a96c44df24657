#include "breach_walk.h"

#include <stdlib.h>

#include "chunk.h"

struct breach_walk *breach_walk_new(struct snapshot *s, const struct judge_how *how,
                                    const struct breach_filter *filter)
{
    struct breach_walk *w = calloc(1, sizeof *w);
    if (w == NULL)
        return NULL;
    w->snapshot = snapshot_ref(s);
    w->how = *how;
    w->filter = *filter;
    w->how.limits &= breach_filter_limits(filter, how->rulebook); /* what is not shown is not worked out */
    return w;
}

void breach_walk_free(struct breach_walk *w)
{
    if (w == NULL)
        return;
    snapshot_unref(w->snapshot);
    record_room_free(&w->room);
    free(w->found);
    free(w->rows);
    free(w->picked);
    free(w);
}

static bool room(struct breach_walk *w, uint32_t more)
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

static bool keep(struct breach_walk *w, const struct chunk *c, const struct verdict *v)
{
    uint32_t *picked = reallocarray(w->picked, v->n_listed + 1, sizeof *picked);
    if (picked == NULL)
        return false;
    w->picked = picked;
    uint32_t n = breach_select(&w->filter, w->how.limits, c, v, picked, &w->n_cases);
    if (!room(w, n))
        return false;
    for (uint32_t i = 0; i < n; i++, w->n++) {
        w->found[w->n] = v->listed[picked[i]];
        w->rows[w->n] = (struct breach_row){w->found[w->n].obligation.due, (uint32_t)w->slot, (uint32_t)w->n};
    }
    return true;
}

int breach_walk_next(struct breach_walk *w)
{
    if (w->slot == w->snapshot->n_slots)
        return 0;
    const struct chunk *c = w->snapshot->slot[w->slot].chunk;
    struct verdict *v = chunk_judge(c, &w->how, &w->room, NULL, NULL);
    bool ok = v != NULL && keep(w, c, v);
    verdict_unref(v);
    w->slot++;
    return ok ? 1 : -1;
}

struct breach_list *breach_walk_list(struct breach_walk *w)
{
    struct breach_list *list = breach_list_of(w->snapshot, w->rows, w->n, w->n_cases, w->found);
    w->rows = NULL;
    w->found = NULL;
    w->n = w->cap = 0;
    return list;
}
