#include "credentials.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "config_check.h"

static bool left_out(const char *ref, unsigned parts)
{
    return (parts & CREDENTIALS_IF_PASSED) != 0 && ref[0] != '/' && getenv("CREDENTIALS_DIRECTORY") == NULL;
}

static bool load_password(char **out, const char *file, const char *option, const char *ref, unsigned parts,
                          struct err *e)
{
    struct err why = {""};
    if (ref == NULL || left_out(ref, parts))
        return true;
    *out = secret_password(ref, &why);
    return *out != NULL || err_set(e, "%s: %s %s", file, option, why.text);
}

static bool load_passwords(struct credentials *cr, const char *file, const struct config *c, unsigned parts,
                           struct err *e)
{
    const char *source = c->source_password_file, *state = c->state_password_file;
    /* Without a `state` of its own the file says only source_password_file, so that is the name to complain of. */
    bool shared = source != NULL && state != NULL && strcmp(source, state) == 0;
    if ((parts & CREDENTIALS_SOURCE) != 0 &&
        !load_password(&cr->source_password, file, "source_password_file", source, parts, e))
        return false;
    return (parts & CREDENTIALS_STATE) == 0 ||
           load_password(&cr->state_password, file, shared ? "source_password_file" : "state_password_file",
                         state, parts, e);
}

/* An integration key of PagerDuty. It stands between quotes in what is sent. */
static bool check_key(const char *ref, const char *key, struct err *e)
{
    size_t n = strspn(key, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");
    return (n >= 1 && n <= 64 && key[n] == '\0') ||
           err_set(e, "%s:1: a key is 1 to 64 of A-Z, a-z, 0-9, '_' and '-'", ref);
}

static bool check_url(const struct config_webhook *w, const char *url, struct err *e)
{
    char name[300];
    snprintf(name, sizeof name, "%s:1: the URL", w->url_file);
    return config_check_target(name, url, e) && config_check_fit(w, name, url, e);
}

/* The files of one endpoint that hold a line each. */
static bool load_lines(struct credentials_hook *h, const struct config_webhook *w, unsigned parts,
                       struct err *e)
{
    const struct {
        const char *option, *what, *ref;
        char **out;
    } files[] = {
        {"url_file", "URL", w->url_file, &h->url},
        {"routing_key_file", "key", w->routing_key_file, &h->routing_key},
        {"password_file", "password", w->password_file, &h->password},
    };
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        struct err why = {""};
        if (files[i].ref == NULL || left_out(files[i].ref, parts))
            continue;
        *files[i].out = secret_line(files[i].ref, files[i].what, &why);
        if (*files[i].out == NULL)
            return err_set(e, "%s %s", files[i].option, why.text);
    }
    struct err why = {""};
    if (h->url != NULL && !check_url(w, h->url, &why))
        return err_set(e, "url_file %s", why.text);
    if (h->routing_key != NULL && !check_key(w->routing_key_file, h->routing_key, &why))
        return err_set(e, "routing_key_file %s", why.text);
    return true;
}

static bool load_webhooks(struct credentials *cr, const char *file, const struct config *c, unsigned parts,
                          struct err *e)
{
    if ((parts & CREDENTIALS_WEBHOOKS) == 0 || c->n_webhooks == 0)
        return true;
    cr->webhook = calloc(c->n_webhooks, sizeof *cr->webhook);
    cr->hook = calloc(c->n_webhooks, sizeof *cr->hook);
    if (cr->webhook == NULL || cr->hook == NULL)
        return err_set(e, "%s: out of memory", file);
    cr->n_webhooks = c->n_webhooks;
    for (size_t i = 0; i < c->n_webhooks; i++) {
        const struct config_webhook *w = &c->webhook[i];
        struct err why = {""};
        if (!w->enabled)
            continue;
        if (!load_lines(&cr->hook[i], w, parts, &why))
            return err_set(e, "%s: webhook \"%s\": %s", file, w->name, why.text);
        if (w->secret_file == NULL || left_out(w->secret_file, parts))
            continue;
        if (!secret_load(&cr->webhook[i], w->secret_file, &why))
            return err_set(e, "%s: webhook \"%s\": secret_file %s", file, w->name, why.text);
    }
    return true;
}

static bool load_tokens(struct credentials *cr, const char *file, const struct config *c, unsigned parts,
                        struct err *e)
{
    struct err why = {""};
    if ((parts & CREDENTIALS_TOKENS) == 0 || c->api_token_file == NULL || left_out(c->api_token_file, parts))
        return true;
    cr->tokens = token_load(c->api_token_file, &why);
    return cr->tokens != NULL || err_set(e, "%s: api_token_file %s", file, why.text);
}

/* With the tokens: only now is it seen whether anybody can say who he is. */
static bool load_web(struct credentials *cr, const char *file, const struct config *c, unsigned parts,
                     struct err *e)
{
    struct err why = {""};
    const char *web = c->web_config_file;
    if ((parts & CREDENTIALS_TOKENS) == 0)
        return true;
    if (web != NULL && !left_out(web, parts) && (cr->web = webconfig_load(web, &why)) == NULL)
        return err_set(e, "%s: web_config_file %s", file, why.text);
    if (c->auth_wanted == NULL || c->api_token_file != NULL || left_out(web, parts) || cr->web->n_users > 0)
        return true;
    config_nobody_known(c, &why);
    return err_set(e, "%s:%d: %s", file, c->auth_line, why.text);
}

struct credentials *credentials_load(const char *file, const struct config *c, unsigned parts, struct err *e)
{
    struct credentials *cr = calloc(1, sizeof *cr);
    if (cr == NULL) {
        err_set(e, "%s: out of memory", file);
        return NULL;
    }
    if (load_passwords(cr, file, c, parts, e) && load_webhooks(cr, file, c, parts, e) &&
        load_tokens(cr, file, c, parts, e) && load_web(cr, file, c, parts, e))
        return cr;
    credentials_free(cr);
    return NULL;
}

void credentials_free(struct credentials *cr)
{
    if (cr == NULL)
        return;
    secret_password_free(cr->source_password);
    secret_password_free(cr->state_password);
    for (size_t i = 0; i < cr->n_webhooks; i++) {
        secret_wipe(&cr->webhook[i]);
        secret_password_free(cr->hook[i].url);
        secret_password_free(cr->hook[i].routing_key);
        secret_password_free(cr->hook[i].password);
    }
    token_list_free(cr->tokens);
    webconfig_unref(cr->web);
    free(cr->webhook);
    free(cr->hook);
    free(cr);
}
