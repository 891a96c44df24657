#include "history_rows.h"

#include <stdio.h>
#include <string.h>

#define BATCH 1000 /* counts, and what else their limits have */

static struct pg_array *array_of(struct history_rows *r, size_t i)
{
    struct pg_array *arrays[] = {&r->covered, &r->id,    &r->state, &r->locality,
                                 &r->team,    &r->count, &r->limits};
    return i < sizeof arrays / sizeof arrays[0] ? arrays[i] : NULL;
}

void history_rows_init(struct history_rows *r)
{
    *r = (struct history_rows){.day = NULL};
    struct pg_array *a;
    for (size_t i = 0; (a = array_of(r, i)) != NULL; i++)
        pg_array_init(a);
}

void history_rows_free(struct history_rows *r)
{
    struct pg_array *a;
    for (size_t i = 0; (a = array_of(r, i)) != NULL; i++)
        pg_array_free(a);
}

bool history_rows_begin(struct history_rows *r, const struct history_day *d,
                        const char *params[HISTORY_DAY_PARAMS], struct err *e)
{
    r->day = d;
    r->limit = 0;
    pg_array_clear(&r->limits);
    for (size_t i = 0; i < d->rulebook->n; i++)
        if ((d->limits & LIMIT_BIT(i)) != 0)
            pg_array_text(&r->limits, d->rulebook->rule[i].limit->id);
    civil_format(d->day, r->date);
    snprintf(r->at, sizeof r->at, "%lld", (long long)d->evaluated_at);
    for (int s = 0; s <= STAGE_COUNT; s++)
        snprintf(r->n[s], sizeof r->n[s], "%u", s < STAGE_COUNT ? d->cases[s] : d->breached_cases);
    params[0] = r->date;
    params[1] = d->observed ? "true" : "false";
    params[2] = r->at;
    params[3] = d->rulebook->version;
    params[4] = pg_array_literal(&r->limits, e);
    for (int s = 0; s <= STAGE_COUNT; s++)
        params[5 + s] = r->n[s];
    return params[4] != NULL;
}

_Static_assert(5 + STAGE_COUNT + 1 == HISTORY_DAY_PARAMS, "one column for each stage");

/* Adds a limit's counts to the batch. */
static void add_limit(struct history_rows *r, const struct place_counts *c, bool whole, bool *unnamed)
{
    const struct names *places = r->day->words->places;
    const char *id = r->day->rulebook->rule[r->limit].limit->id;
    if (whole)
        pg_array_text(&r->covered, id);
    for (const struct place_count *k = c->items; k < c->items + c->n; k++) {
        if (k->limit != r->limit || (whole ? k->n == 0 : k->n == k->written))
            continue;
        pg_array_text(&r->id, id);
        pg_array_text(&r->state, state_name((enum state)k->state));
        pg_array_text(&r->locality, names_text(places, k->locality));
        pg_array_text(&r->team, names_text(places, k->team));
        pg_array_int8(&r->count, k->n);
        *unnamed |= !k->named;
    }
}

int history_rows_next(struct history_rows *r, const struct place_counts *c, bool whole, bool *unnamed,
                      const char *params[HISTORY_WRITE_PARAMS], struct err *e)
{
    enum { ARRAYS = HISTORY_WRITE_PARAMS - 1 };
    *unnamed = false;
    for (size_t i = 0; i < ARRAYS; i++)
        pg_array_clear(array_of(r, i));
    for (; r->limit < r->day->rulebook->n && r->count.count < BATCH; r->limit++)
        if ((r->day->limits & LIMIT_BIT(r->limit)) != 0)
            add_limit(r, c, whole, unnamed);
    if (r->covered.count == 0 && r->count.count == 0)
        return 0;
    params[0] = r->date;
    for (size_t i = 0; i < ARRAYS; i++)
        if ((params[1 + i] = pg_array_literal(array_of(r, i), e)) == NULL)
            return -1;
    return 1;
}

void history_rows_series(const char *const write[HISTORY_WRITE_PARAMS],
                         const char *params[HISTORY_SERIES_PARAMS])
{
    memcpy(params, write + 2, HISTORY_SERIES_PARAMS * sizeof *params); /* limits, states, localities, teams */
}

void history_rows_rest(const char *const day[HISTORY_DAY_PARAMS], const char *params[HISTORY_REST_PARAMS])
{
    params[0] = day[0];
    params[1] = day[4];
}

uint64_t history_limits(const struct rulebook *rb, const char *text)
{
    uint64_t limits = 0;
    char id[64];
    /* Ids need no quotes. */
    for (const char *p = text + (*text == '{'); *p != '\0' && *p != '}';) {
        size_t len = strcspn(p, ",}");
        snprintf(id, sizeof id, "%.*s", (int)len, p);
        int at = rulebook_find(rb, id);
        limits |= at >= 0 ? LIMIT_BIT(at) : 0;
        p += len + (p[len] == ',');
    }
    return limits;
}

bool history_rows_differ(const struct place_counts *c)
{
    for (size_t i = 0; i < c->n; i++)
        if (c->items[i].n != c->items[i].written)
            return true;
    return false;
}

void history_rows_written(struct place_counts *c)
{
    for (size_t i = 0; i < c->n; i++) {
        c->items[i].written = c->items[i].n;
        c->items[i].named |= c->items[i].n > 0;
    }
}
