#include "credentials.h"

#include <stdlib.h>
#include <string.h>

#include "config.h"

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

static bool load_webhooks(struct credentials *cr, const char *file, const struct config *c, unsigned parts,
                          struct err *e)
{
    if ((parts & CREDENTIALS_WEBHOOKS) == 0 || c->n_webhooks == 0)
        return true;
    cr->webhook = calloc(c->n_webhooks, sizeof *cr->webhook);
    if (cr->webhook == NULL)
        return err_set(e, "%s: out of memory", file);
    cr->n_webhooks = c->n_webhooks;
    for (size_t i = 0; i < c->n_webhooks; i++) {
        const struct config_webhook *w = &c->webhook[i];
        struct err why = {""};
        if (!w->enabled || left_out(w->secret_file, parts))
            continue;
        if (!secret_load(&cr->webhook[i], w->secret_file, &why))
            return err_set(e, "%s: webhook \"%s\": secret_file %s", file, w->name, why.text);
    }
    return true;
}

struct credentials *credentials_load(const char *file, const struct config *c, unsigned parts, struct err *e)
{
    struct credentials *cr = calloc(1, sizeof *cr);
    if (cr == NULL) {
        err_set(e, "%s: out of memory", file);
        return NULL;
    }
    if (load_passwords(cr, file, c, parts, e) && load_webhooks(cr, file, c, parts, e))
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
    for (size_t i = 0; i < cr->n_webhooks; i++)
        secret_wipe(&cr->webhook[i]);
    free(cr->webhook);
    free(cr);
}
