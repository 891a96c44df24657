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
    verdict_unref(w->verdict);
    record_room_free(&w->room);
    free(w->picked);
    free(w);
}

int breach_walk_next(struct breach_walk *w)
{
    verdict_unref(w->verdict);
    w->verdict = NULL;
    w->n = 0;
    if (w->slot == w->snapshot->n_slots)
        return 0;
    const struct chunk *c = w->snapshot->slot[w->slot++].chunk;
    w->verdict = chunk_judge(c, &w->how, &w->room, NULL, NULL);
    if (w->verdict == NULL)
        return -1;
    uint32_t *picked = reallocarray(w->picked, w->verdict->n_listed + 1, sizeof *picked);
    if (picked == NULL)
        return -1;
    w->picked = picked;
    w->n = breach_select(&w->filter, w->how.limits, c, w->verdict, picked, &w->n_cases);
    w->n_obligations += w->n;
    return 1;
}

const struct obligation *breach_walk_obligation(const struct breach_walk *w, uint32_t i)
{
    return &w->verdict->listed[w->picked[i]].obligation;
}

const unsigned char *breach_walk_record(const struct breach_walk *w, uint32_t i)
{
    const struct chunk *c = w->snapshot->slot[w->slot - 1].chunk;
    return c->data + c->offset[w->verdict->listed[w->picked[i]].at];
}
