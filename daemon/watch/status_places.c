#include <stdlib.h>

#include "place_count.h"
#include "status.h"

static int by_labels(const void *a, const void *b)
{
    const struct place_total *x = a, *y = b;
    if (x->limit != y->limit)
        return x->limit < y->limit ? -1 : 1;
    if (x->state != y->state)
        return x->state < y->state ? -1 : 1;
    if (x->locality != y->locality)
        return x->locality < y->locality ? -1 : 1;
    return (x->team > y->team) - (x->team < y->team);
}

/* Counts that were 0 for good are left out; one that fell to 0 stays as long as the counts do, so that a graph comes down. */
static size_t add_up(struct place_total *t, size_t n)
{
    size_t kept = 0;
    qsort(t, n, sizeof *t, by_labels);
    for (size_t i = 0; i < n; i++)
        if (kept > 0 && by_labels(&t[kept - 1], &t[i]) == 0)
            t[kept - 1].n += t[i].n;
        else
            t[kept++] = t[i];
    return kept;
}

void status_take_places(struct status *s, const struct place_counts *counts)
{
    free(s->places);
    s->places = NULL;
    s->n_places = 0;
    s->places_counted++;
    if (counts == NULL || counts->n == 0 || (!s->label_locality && !s->label_team))
        return;
    struct place_total *t = reallocarray(NULL, counts->n, sizeof *t);
    if (t == NULL)
        return;
    for (size_t i = 0; i < counts->n; i++) {
        const struct place_count *c = &counts->items[i];
        t[i] = (struct place_total){.locality = s->label_locality ? c->locality : 0,
                                    .team = s->label_team ? c->team : 0,
                                    .limit = c->limit,
                                    .state = c->state,
                                    .n = (uint32_t)c->n};
    }
    s->places = t;
    s->n_places = add_up(t, counts->n);
}
