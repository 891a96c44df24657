#include "metrics_cache.h"

#include <stdlib.h>
#include <string.h>

struct kept {
    struct buf text; /* empty: none */
    struct status status;
    struct endpoint_status *endpoints;
};

struct metrics_cache {
    struct kept kept[METRICS_FORMATS];
};

struct metrics_cache *metrics_cache_new(void)
{
    return calloc(1, sizeof(struct metrics_cache));
}

static void forget(struct kept *k)
{
    buf_free(&k->text);
    free(k->endpoints);
    k->endpoints = NULL;
}

void metrics_cache_free(struct metrics_cache *c)
{
    for (int f = 0; c != NULL && f < METRICS_FORMATS; f++)
        forget(&c->kept[f]);
    free(c);
}

static bool same(const struct kept *k, const struct status *s)
{
    return k->text.n > 0 && memcmp(&k->status, s, sizeof *s) == 0 &&
           (s->n_endpoints == 0 ||
            memcmp(k->endpoints, s->endpoints, s->n_endpoints * sizeof *s->endpoints) == 0);
}

/* Without memory nothing is kept. */
static void keep(struct kept *k, const struct status *s, enum metrics_format format)
{
    forget(k);
    k->endpoints = reallocarray(NULL, s->n_endpoints + 1, sizeof *k->endpoints);
    if (k->endpoints == NULL)
        return;
    memcpy(&k->status, s, sizeof *s);
    if (s->n_endpoints > 0)
        memcpy(k->endpoints, s->endpoints, s->n_endpoints * sizeof *s->endpoints);
    metrics_text(&k->text, s, format);
    if (k->text.failed)
        forget(k);
}

void metrics_cache_text(struct metrics_cache *c, struct buf *b, const struct status *s,
                        enum metrics_format format)
{
    struct kept *k = c != NULL ? &c->kept[format] : NULL;
    if (k != NULL && !same(k, s))
        keep(k, s, format);
    if (k != NULL && k->text.n > 0)
        buf_bytes(b, k->text.p, k->text.n);
    else
        metrics_text(b, s, format);
}
