#include "settings.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "local_rules.h"
#include "log.h"

#define CALENDAR_FILE_MOST (1 << 20)

bool settings_calendar(struct calendar *cal, const struct config *c, struct err *e)
{
    const char *file = c->calendar_file;
    calendar_builtin(cal);
    if (file == NULL)
        return true;
    char *text = malloc(CALENDAR_FILE_MOST);
    FILE *f = text != NULL ? fopen(file, "re") : NULL;
    bool ok = false;
    if (f == NULL) {
        err_set(e, "%s: %s", file, text == NULL ? "out of memory" : strerror(errno));
    } else {
        size_t len = fread(text, 1, CALENDAR_FILE_MOST, f);
        if (ferror(f) || len == CALENDAR_FILE_MOST)
            err_set(e, "%s: %s", file,
                    ferror(f) ? "cannot be read" : "is too long for a list of bank holidays");
        else
            ok = calendar_overlay(cal, file, text, len, e);
        fclose(f);
    }
    free(text);
    return ok;
}

bool settings_load(struct settings *s, const char *file, struct err *e)
{
    memset(s, 0, sizeof *s);
    s->config = config_load(file, limit_known, e);
    if (s->config == NULL)
        return false;
    if (!settings_calendar(&s->calendar, s->config, e))
        goto fail;
    s->credentials = credentials_load(file, s->config, CREDENTIALS_ALL, e);
    if (s->credentials == NULL)
        goto fail;
    s->rulebook = local_rules(s->config);
    if (s->rulebook != NULL)
        s->endpoints = endpoints_new(s->config, s->rulebook, s->credentials);
    if (s->endpoints != NULL)
        return true;
    err_set(e, "out of memory");
fail:
    settings_free(s);
    return false;
}

void settings_free(struct settings *s)
{
    endpoints_free(s->endpoints);
    rulebook_unref(s->rulebook);
    credentials_free(s->credentials);
    config_free(s->config);
    memset(s, 0, sizeof *s);
}

static bool differ(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a != b : strcmp(a, b) != 0;
}

void settings_need_restart(const struct config *old, const struct config *new, const char *file)
{
    const struct {
        const char *name;
        bool changed;
    } fixed[] = {
        {"source", differ(old->source, new->source)},
        {"source_password_file", differ(old->source_password_file, new->source_password_file)},
        {"state", differ(old->state, new->state)},
        {"state_password_file", differ(old->state_password_file, new->state_password_file)},
        {"listen", differ(old->listen, new->listen)},
    };
    for (size_t i = 0; i < sizeof fixed / sizeof fixed[0]; i++)
        if (fixed[i].changed)
            log_ev(LOG_WARNING, "restart_needed", LOG_NO_FIELDS,
                   "%s: %s has changed and takes effect at the next start", file, fixed[i].name);
}
