#include "casefile.h"

#include <stdlib.h>
#include <string.h>

#include "casefile_store.h"

static bool out_of_memory(struct err *e, const char *name)
{
    return err_set(e, "%s: out of memory", name);
}

static bool begin(struct casefile *cf, struct casefile_load *load)
{
    cf->store = calloc(1, sizeof *cf->store);
    cf->subjects = names_new_subjects();
    if (cf->store == NULL || cf->subjects == NULL)
        return false;
    cf->store->rejected = names_new();
    bool ok = cf->store->rejected != NULL;
    for (uint32_t i = EV_UNKNOWN + 1; ok && i < EV_COUNT; i++) {
        const char *name = event_name((enum event)i);
        ok = textmap_add(&load->events, name, strlen(name), i);
    }
    return ok;
}

static bool read_file(struct casefile_load *load, const char *name, const struct csv_file_reader *how,
                      const struct csv_pace *pace, struct err *e)
{
    load->file = name;
    return csv_file_read(name, how, pace, load, e);
}

bool casefile_read_by(struct casefile *cf, const char *cases, const char *events, const char *exceptions,
                      int64_t known_at, const struct csv_pace *pace, struct err *e)
{
    struct casefile_load load = {.cf = cf, .known_at = known_at};
    *cf = (struct casefile){.n = 0};
    bool ok = begin(cf, &load) || out_of_memory(e, cases);
    ok = ok && read_file(&load, cases, &casefile_cases, pace, e) &&
         read_file(&load, events, &casefile_events, pace, e);
    if (ok && exceptions != NULL)
        ok = read_file(&load, exceptions, &casefile_claims, pace, e);
    ok = ok && (casefile_group(cf, pace->threads) || out_of_memory(e, events));
    textmap_free(&load.events);
    if (!ok)
        casefile_free(cf);
    return ok;
}

bool casefile_read(struct casefile *cf, const char *cases, const char *events, const char *exceptions,
                   int64_t known_at, struct err *e)
{
    const struct csv_pace pace = {.block = 0};
    return casefile_read_by(cf, cases, events, exceptions, known_at, &pace, e);
}

void casefile_free(struct casefile *cf)
{
    struct casefile_store *s = cf->store;
    if (s != NULL) {
        for (size_t i = 0; i < s->n_texts; i++)
            free(s->texts[i]);
        casefile_free_loose(s);
        names_free(s->rejected);
        free(s->texts);
        free(s);
    }
    names_free(cf->subjects);
    free(cf->cases);
    free(cf->rejects);
    free(cf->facts);
    free(cf->claims);
    *cf = (struct casefile){0};
}
