#include "endpoint.h"

#include <stdlib.h>
#include <string.h>

#include "egress.h"
#include "people.h"

void endpoint_unref(struct endpoint *e)
{
    if (e == NULL || --e->refs > 0)
        return;
    secret_wipe(&e->keys);
    secret_password_free(e->url);
    secret_password_free(e->member);
    secret_password_free(e->password);
    for (size_t i = 0; e->mail_to != NULL && i < e->n_mail_to; i++)
        free(e->mail_to[i]);
    free(e->mail_to);
    free(e->mail_from);
    free(e->user);
    free(e->name);
    free(e->proxy);
    free(e->ca_file);
    free(e);
}

/* A copy of a text that may be absent. */
static bool copy(char **to, const char *from)
{
    *to = from != NULL ? strdup(from) : NULL;
    return from == NULL || *to != NULL;
}

static bool copy_list(struct endpoint *e, const struct config_list *from)
{
    bool ok = true;
    e->mail_to = calloc(from->n + 1, sizeof *e->mail_to);
    for (; e->mail_to != NULL && ok && e->n_mail_to < from->n; e->n_mail_to++)
        ok = copy(&e->mail_to[e->n_mail_to], from->item[e->n_mail_to]);
    return e->mail_to != NULL && ok;
}

static struct endpoint *endpoint_new(const struct config *c, const struct config_webhook *w,
                                     const struct secret_set *keys, const struct credentials_hook *secrets)
{
    struct endpoint *e = calloc(1, sizeof *e);
    if (e == NULL)
        return NULL;
    *e = (struct endpoint){
        .refs = 1,
        .format = (enum format)w->format,
        .keys = *keys,
        .allow_http = w->allow_http,
        .allow_internal = w->allow_internal,
        .allow_plain = w->allow_plain,
        .concurrency = w->concurrency,
        .timeout = w->timeout,
        .rate = w->rate,
        .burst = w->burst,
        .strict = w->order != 0,
        .hears_failing = w->operator,
        .slots = w->concurrency,
    };
    TAILQ_INIT(&e->waiting);
    if (!copy(&e->name, w->name) || !copy(&e->url, w->url != NULL ? w->url : secrets->url) ||
        !copy(&e->member, w->topic != NULL ? w->topic : secrets->routing_key) ||
        !copy(&e->mail_from, w->mail_from) || !copy(&e->user, w->user) ||
        !copy(&e->password, secrets->password) || !copy_list(e, &w->mail_to) ||
        !copy(&e->proxy, egress_proxy(c, w)) || !copy(&e->ca_file, w->ca_file)) {
        endpoint_unref(e);
        return NULL;
    }
    egress_guard(&e->guard, &w->allow, e->url);
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

struct channel endpoint_channel(const struct config *c, const struct config_webhook *w)
{
    return (struct channel){
        .name = w->name,
        .source = c->public_url,
        .mail_from = w->mail_from,
        .mail_to = (const char *const *)w->mail_to.item,
        .n_mail_to = w->mail_to.n,
        .refresh = w->refresh,
    };
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
        struct endpoint *one = endpoint_new(c, &c->webhook[i], &cr->webhook[i], &cr->hook[i]);
        if (one == NULL) {
            endpoints_free(e);
            return NULL;
        }
        const struct policy policy = people_policy(&c->webhook[i]);
        one->people = policy.send != SEND_EVERY;
        e->routes[e->n] = (struct writer_endpoint){
            .name = one->name,
            .format = one->format,
            .channel = endpoint_channel(c, &c->webhook[i]),
            .route = route_of(&c->webhook[i], rb),
            .people = one->people,
            .policy = policy,
        };
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

bool endpoints_count_on(const struct endpoints *e, struct status *st)
{
    struct endpoint_status *list = calloc(e->n + 1, sizeof *list);
    if (list == NULL)
        return false;
    for (size_t i = 0; i < e->n; i++) {
        for (size_t k = 0; k < st->n_endpoints; k++)
            if (strcmp(st->endpoints[k].name, e->list[i]->name) == 0)
                list[i] = st->endpoints[k];
        strncpy(list[i].name, e->list[i]->name, ENDPOINT_NAME_LEN - 1);
    }
    free(st->endpoints);
    st->endpoints = list;
    st->n_endpoints = e->n;
    return true;
}
