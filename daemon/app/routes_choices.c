#include "routes_choices.h"

#include <stdlib.h>
#include <string.h>

#include "by_place.h"
#include "stuck.h"

/* The unnamed place is none that could be asked for by a form. */
static size_t take(struct page_option *out, const struct place_rows *rows, const struct names *names)
{
    size_t n = 0;
    for (size_t i = 0; i < rows->n; i++)
        if (rows->row[i].place != 0)
            out[n++] = (struct page_option){names_text(names, rows->row[i].place), NULL};
    return n;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct page_option *)a)->value, ((const struct page_option *)b)->value);
}

/* An officer has a row for each team. */
static size_t take_officers(struct page_option *out, const struct stuck_loads *loads,
                            const struct names *names)
{
    size_t n = 0, kept = 0;
    for (size_t i = 0; i < loads->n; i++)
        if (loads->row[i].officer != 0)
            out[n++] = (struct page_option){names_text(names, loads->row[i].officer), NULL};
    qsort(out, n, sizeof *out, by_name);
    for (size_t i = 0; i < n; i++)
        if (kept == 0 || strcmp(out[kept - 1].value, out[i].value) != 0)
            out[kept++] = out[i];
    return kept;
}

bool routes_choices_of(struct routes_choices *c, const struct papers *p)
{
    const struct names *names = p->snapshot->words->places;
    const struct place_rows *localities = &p->by_place->localities, *teams = &p->by_place->teams;
    size_t room = localities->n + teams->n + p->stuck->officers.n;
    *c = (struct routes_choices){.room = calloc(room + 1, sizeof *c->room)};
    if (c->room == NULL)
        return false;
    struct page_option *at = c->room;
    c->choices.locality = at;
    at += c->choices.n_localities = take(at, localities, names);
    c->choices.team = at;
    at += c->choices.n_teams = take(at, teams, names);
    c->choices.officer = at;
    c->choices.n_officers = take_officers(at, &p->stuck->officers, names);
    return true;
}

void routes_choices_clear(struct routes_choices *c)
{
    free(c->room);
    *c = (struct routes_choices){.room = NULL};
}
