#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "config_check.h"
#include "limit.h"

static bool check_standard(const void *section, const char **option, struct err *e)
{
    const struct config_standard *s = section;
    const struct {
        const char *option;
        size_t n, least;
    } lists[] = {
        {"start", s->start.n, 1},
        {"discharge", s->discharge.n, 1},
        {"void", s->voids.n, 0},
        {"lapse", s->lapse.n, 0},
    };
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        *option = lists[i].option;
        if (lists[i].n < lists[i].least)
            return err_set(e, "standard \"%s\": %s is empty", s->name, *option);
        if (lists[i].n >= LIMIT_MAX_TERMS)
            return err_set(e, "standard \"%s\": %s has %zu events, %d is the most", s->name, *option,
                           lists[i].n, LIMIT_MAX_TERMS - 1);
    }
    return true;
}

static size_t most_standards(void)
{
    return LIMIT_MAX - limit_count();
}

static bool check_threshold(const void *section, const char **option, struct err *e)
{
    const struct config_threshold *t = section;
    int limit = limit_by_id(t->name);
    *option = "";
    return limit < 0 || limit_at((size_t)limit)->kind != KIND_FLOOR ||
           err_set(e, "threshold \"%s\": a \"not before\" is never at risk", t->name);
}

static bool check_meeting(const void *section, const char **option, struct err *e)
{
    (void)section;
    (void)option;
    (void)e;
    return true; /* no value stands in the way of another */
}

const struct config_section config_sections[] = {
    {"webhook", sizeof(struct config_webhook), offsetof(struct config, webhook),
     offsetof(struct config, n_webhooks), config_check_webhook_name, config_check_webhook, NULL},
    {"standard", sizeof(struct config_standard), offsetof(struct config, standard),
     offsetof(struct config, n_standards), config_check_standard_name, check_standard, most_standards},
    {"threshold", sizeof(struct config_threshold), offsetof(struct config, threshold),
     offsetof(struct config, n_thresholds), config_check_threshold_name, check_threshold, NULL},
    {"meeting", sizeof(struct config_meeting), offsetof(struct config, meeting),
     offsetof(struct config, n_meetings), .check = check_meeting, .single = true},
    {.name = NULL},
};

static void free_options(const char *section, void *base)
{
    for (const struct config_option *o = config_options; o->name != NULL; o++) {
        if (strcmp(o->section, section) != 0)
            continue;
        void *at = (char *)base + o->offset;
        if (o->type == CONFIG_TEXT)
            free(*(char **)at);
        if (o->type == CONFIG_LIST) {
            struct config_list *list = at;
            for (size_t i = 0; i < list->n; i++)
                free(list->item[i]);
            free(list->item);
        }
    }
}

void config_free(struct config *c)
{
    if (c == NULL)
        return;
    for (const struct config_section *kind = config_sections; kind->name != NULL; kind++) {
        char *list = *(char **)((char *)c + kind->list);
        size_t n = *(size_t *)((char *)c + kind->n);
        for (size_t i = 0; i < n; i++) {
            free_options(kind->name, list + i * kind->size);
            free(*(char **)(list + i * kind->size));
        }
        free(list);
    }
    free_options("", c);
    free(c);
}
