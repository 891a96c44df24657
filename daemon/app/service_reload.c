#include <string.h>

#include "clock.h"
#include "log.h"
#include "people.h"
#include "pgconninfo.h"
#include "sd.h"
#include "service_int.h"
#include "settings.h"

void service_take_access(struct service *s, const struct config *c, struct credentials *cr)
{
    const struct gate_conf conf = {
        .tokens = cr->tokens, .web = cr->web, .always = c->http_auth == HTTP_AUTH_ALWAYS};
    s->web = cr->web;
    cr->tokens = NULL;
    cr->web = NULL;
    gate_configure(s->gate, &conf);
}

/* --- another server on the same socket ---------------------------------------------------------------------------------- */

static void on_retired(void *ud)
{
    struct retired *r = ud;
    httpd_free(r->httpd);
    r->httpd = NULL;
}

/* A free place, or that of whoever was retired first: what he has not ended by now is cut off. */
static struct retired *place(struct service *s)
{
    struct retired *oldest = s->retired;
    for (struct retired *r = s->retired; r < s->retired + RETIRED_MOST; r++) {
        if (r->httpd == NULL)
            return r;
        if (r->since < oldest->since)
            oldest = r;
    }
    httpd_free(oldest->httpd);
    return oldest;
}

/* The old one ends what it has begun. */
static void serve_with(struct service *s, struct httpd *httpd)
{
    if (httpd == NULL)
        return;
    struct retired *r = place(s);
    httpd_inherit(httpd, s->httpd);
    *r = (struct retired){s->httpd, clock_mono()};
    s->httpd = httpd;
    httpd_stop(r->httpd, s->core.config->drain_timeout, on_retired, r);
    log_ev(LOG_NOTICE, "serving_anew", LOG_NO_FIELDS,
           "with the certificates and headers of the web configuration");
}

/* What is served differently needs another server. False: the old settings stay. */
static bool prepare_server(struct service *s, const struct settings *new, struct httpd **httpd, struct err *e)
{
    *httpd = NULL;
    if (webconfig_serves_alike(s->web, new->credentials->web))
        return true;
    *httpd = service_serve_beside(s, new->credentials->web, e);
    return *httpd != NULL;
}

/* --- the settings ------------------------------------------------------------------------------------------------------- */

/* Nothing is answered, no lease renewed, while libpq waits for a name server. */
static void warn_of_lookup(const char *name, const char *conninfo)
{
    struct pg_conninfo_note note;
    struct err e;
    if (pg_conninfo_check(conninfo, &note, &e) && note.blocking_lookup)
        log_ev(LOG_WARNING, "blocking_lookup", LOG_NO_FIELDS,
               "%s: everything stands still while the name %s is looked up: give its hostaddr, too", name,
               note.host);
}

void service_apply(struct service *s, const struct config *c)
{
    struct status *st = &s->core.status;
    st->stale_after = c->stale_after;
    st->meeting = people_meeting(c->meeting);
    st->label_locality = st->label_team = false;
    for (size_t i = 0; i < c->metrics_labels.n; i++)
        *(strcmp(c->metrics_labels.item[i], "team") == 0 ? &st->label_team : &st->label_locality) = true;
    history_relabel(s->history);
    st->reload_ok = true;
    st->reloaded_at = clock_wall_us();
    log_init(c->log_level, NULL);
    warn_of_lookup("source", c->source);
    if (strcmp(c->state, c->source) != 0)
        warn_of_lookup("state", c->state);
}

/* All or nothing: whatever is wrong with the new file, the old settings stay in force. */
void service_reload(struct service *s)
{
    struct settings new;
    struct err e = {""};
    s->reload_wanted = false;
    unit_reloading();
    struct httpd *httpd = NULL;
    bool ok = settings_load(&new, s->config_file, &e);
    struct config *old = s->core.config;
    if (ok) {
        s->core.config = new.config;
        ok = prepare_server(s, &new, &httpd, &e) && dispatch_configure(s->dispatch, new.endpoints, &e);
        if (!ok) {
            s->core.config = old;
            settings_free(&new);
            httpd_free(httpd);
        }
    }
    if (!ok) {
        s->core.status.reload_ok = false;
        log_ev(LOG_ERR, "reload_refused", LOG_NO_FIELDS, "%s; the settings before stay in force", e.text);
        unit_ready("reload refused: %s", e.text);
        return;
    }
    if (!composer_configure(s->composer, new.endpoints->routes, new.endpoints->n))
        log_ev(LOG_ERR, "not_composing", LOG_NO_FIELDS,
               "out of memory: people are told again after the next reload");
    refresh_configure(s->refresh, new.endpoints->routes, new.endpoints->n);
    if (!endpoints_count_on(new.endpoints, &s->core.status))
        log_ev(LOG_WARNING, "metrics_kept", LOG_NO_FIELDS,
               "out of memory: metrics keep the endpoints before");
    settings_need_restart(old, new.config, s->config_file);
    poller_configure(s->poller, new.endpoints->routes, new.endpoints->n);
    endpoints_free(s->endpoints);
    s->endpoints = new.endpoints;
    s->core.calendar = new.calendar;
    rulebook_unref(s->core.rulebook); /* snapshots and their readers keep it for as long as they need it */
    s->core.rulebook = new.rulebook;
    config_free(old);
    serve_with(s, httpd);
    service_take_access(s, new.config, new.credentials);
    credentials_free(new.credentials);
    service_apply(s, new.config);
    log_ev(LOG_NOTICE, "reloaded", LOG_NO_FIELDS, "%s", s->config_file);
    unit_ready("settings reloaded");
    poller_accept_loss(s->poller);
    poller_kick(s->poller);
}
