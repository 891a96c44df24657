#include "endpoint.h"

#include <stdlib.h>
#include <string.h>

void endpoint_unref(struct endpoint *e)
{
    if (e == NULL || --e->refs > 0)
        return;
    secret_wipe(&e->keys);
    free(e->name);
    free(e->url);
    free(e);
}

static struct endpoint *endpoint_new(const struct config_webhook *w, const struct secret_set *keys)
{
    struct endpoint *e = calloc(1, sizeof *e);
    if (e == NULL)
        return NULL;
    *e = (struct endpoint){
        .refs = 1,
        .name = strdup(w->name),
        .url = strdup(w->url),
        .keys = *keys,
        .allow_http = w->allow_http,
        .allow_internal = w->allow_internal,
        .concurrency = w->concurrency,
        .timeout = w->timeout,
    };
    if (e->name == NULL || e->url == NULL) {
        endpoint_unref(e);
        return NULL;
    }
    return e;
}

static struct route route_of(const struct config_webhook *w, const struct rulebook *rb)
{
    struct route r = {
        .limits = w->limits.n == 0 ? LIMITS_ALL : 0,
        .localities = (const char *const *)w->localities.item,
        .n_localities = w->localities.n,
        .teams = (const char *const *)w->teams.item,
        .n_teams = w->teams.n,
    };
    /* Words were checked with the configuration. */
    for (size_t i = 0; i < w->limits.n; i++)
        r.limits |= LIMIT_BIT(rulebook_find(rb, w->limits.item[i]));
    for (size_t i = 0; i < w->states.n; i++)
        r.alerts |= 1u << alert_by_state_name(w->states.item[i]);
    for (size_t i = 0; i < w->kinds.n; i++)
        r.kinds |= 1u << limit_kind_by_name(w->kinds.item[i]);
    return r;
}

struct endpoints *endpoints_new(const struct config *c, const struct rulebook *rb,
                                const struct credentials *cr)
{
    struct endpoints *e = calloc(1, sizeof *e);
    if (e == NULL)
        return NULL;
    e->list = calloc(c->n_webhooks + 1, sizeof *e->list);
    e->routes = calloc(c->n_webhooks + 1, sizeof *e->routes);
    for (size_t i = 0; e->list != NULL && e->routes != NULL && i < c->n_webhooks; i++) {
        if (!c->webhook[i].enabled)
            continue;
        struct endpoint *one = endpoint_new(&c->webhook[i], &cr->webhook[i]);
        if (one == NULL) {
            endpoints_free(e);
            return NULL;
        }
        e->routes[e->n] = (struct writer_endpoint){.name = one->name, .route = route_of(&c->webhook[i], rb)};
        e->list[e->n++] = one;
    }
    if (e->list == NULL || e->routes == NULL) {
        endpoints_free(e);
        return NULL;
    }
    return e;
}

void endpoints_free(struct endpoints *e)
{
    if (e == NULL)
        return;
    for (size_t i = 0; i < e->n; i++)
        endpoint_unref(e->list[i]);
    free(e->list);
    free(e->routes);
    free(e);
}

struct endpoint *endpoint_find(const struct endpoints *e, const char *name)
{
    for (size_t i = 0; i < e->n; i++)
        if (strcmp(e->list[i]->name, name) == 0)
            return e->list[i];
    return NULL;
}
