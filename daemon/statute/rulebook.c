#include "rulebook.h"

#include <stdlib.h>
#include <string.h>

#include "count.h"

/* A row that is not in the table, with its texts behind it. */
struct own_limit {
    struct own_limit *next;
    struct limit row;
    char texts[];
};

static struct term_set term_set(const struct limit_term *terms)
{
    struct term_set s = {.terms = terms};
    for (; terms->event != EV_UNKNOWN; terms++) {
        s.any |= EVENT_BIT(terms->event);
        if (terms->subject != SUBJECT_NONE)
            s.qualified |= EVENT_BIT(terms->event);
    }
    return s;
}

static struct rule rule_of(const struct limit *l)
{
    struct rule r = {
        .limit = l,
        .starts = term_set(l->starts),
        .discharged_by = term_set(l->discharged_by),
        .voided_by = term_set(l->voided_by),
        .lapsed_by = term_set(l->lapsed_by),
        .requires = term_set(l->requires),
        .names_subject = limit_names_subject(l),
        .days = count_days(l->count, l->n),
        .warn_days = l->warn_days,
    };
    r.closes = r.discharged_by.any | r.voided_by.any | r.lapsed_by.any | life_ends[l->life];
    r.concerns = r.closes | r.starts.any | life_begins[l->life];
    return r;
}

int rulebook_find(const struct rulebook *rb, const char *id)
{
    for (size_t i = 0; i < rb->n; i++)
        if (strcmp(rb->rule[i].limit->id, id) == 0)
            return (int)i;
    return -1;
}

uint64_t rulebook_statutory(const struct rulebook *rb)
{
    uint64_t limits = 0;
    for (size_t i = 0; i < rb->n; i++)
        if (rb->rule[i].limit->kind == KIND_STATUTORY)
            limits |= LIMIT_BIT(i);
    return limits;
}

static void add_events(struct rulebook *rb, size_t limit, const struct rule *version)
{
    const struct limit *l = version->limit;
    rb->starts[limit] |= version->starts.any;
    rb->concerns[limit] |= version->concerns;
    rb->any_subject[limit] |=
        version->voided_by.any | version->lapsed_by.any | life_ends[l->life] | life_begins[l->life];
    for (int e = 0; e < EV_COUNT; e++) {
        if ((version->starts.any & EVENT_BIT(e)) != 0)
            rb->event[e].starts |= LIMIT_BIT(limit);
        if ((version->closes & EVENT_BIT(e)) != 0)
            rb->event[e].closes |= LIMIT_BIT(limit);
    }
    if (l->per == PER_SUBJECT || l->per == PER_START || l->early_days > 0)
        rb->apart |= LIMIT_BIT(limit);
}

bool rulebook_add(struct rulebook *rb, const struct limit *row)
{
    int found = rulebook_find(rb, row->id);
    if (found < 0) {
        if (rb->n == LIMIT_MAX)
            return false;
        rb->rule[rb->n] = rule_of(row);
        add_events(rb, rb->n, &rb->rule[rb->n]);
        rb->n++;
        return true;
    }
    if (rb->n_later == LATER_MAX)
        return false;
    struct rule *last = &rb->rule[found];
    while (last->later != 0)
        last = &rb->later[last->later - 1];
    struct rule *added = &rb->later[rb->n_later++];
    *added = rule_of(row);
    add_events(rb, (size_t)found, added);
    last->later = (uint8_t)rb->n_later;
    return true;
}

const struct rule *rulebook_version(const struct rulebook *rb, size_t limit, civil_day on)
{
    const struct rule *r = &rb->rule[limit];
    while (!rule_in_force(r, on)) {
        if (r->later == 0)
            return NULL;
        r = &rb->later[r->later - 1];
    }
    return r;
}

void rulebook_builtin(struct rulebook *rb)
{
    memset(rb, 0, sizeof *rb);
    rb->version = RULEBOOK_VERSION;
    for (size_t i = 0; i < limit_count(); i++)
        (void)rulebook_add(rb, limit_at(i)); /* there is room: a test counts the table */
}

struct rulebook *rulebook_new(void)
{
    struct rulebook *rb = malloc(sizeof *rb);
    if (rb == NULL)
        return NULL;
    rulebook_builtin(rb);
    rb->refs = 1;
    return rb;
}

struct rulebook *rulebook_ref(struct rulebook *rb)
{
    rb->refs += rb->refs > 0;
    return rb;
}

void rulebook_unref(struct rulebook *rb)
{
    if (rb == NULL || rb->refs == 0 || --rb->refs > 0)
        return;
    while (rb->own != NULL) {
        struct own_limit *next = rb->own->next;
        free(rb->own);
        rb->own = next;
    }
    free(rb);
}

bool rulebook_add_own(struct rulebook *rb, const struct limit *row)
{
    size_t id = strlen(row->id) + 1, title = strlen(row->title) + 1, citation = strlen(row->citation) + 1;
    struct own_limit *own = malloc(sizeof *own + id + title + citation);
    if (own == NULL)
        return false;
    own->row = *row;
    own->row.id = memcpy(own->texts, row->id, id);
    own->row.title = memcpy(own->texts + id, row->title, title);
    own->row.citation = memcpy(own->texts + id + title, row->citation, citation);
    if (!rulebook_add(rb, &own->row)) {
        free(own);
        return false;
    }
    own->next = rb->own;
    rb->own = own;
    rb->version = RULEBOOK_VERSION_LOCAL;
    return true;
}

void rulebook_set_warn_days(struct rulebook *rb, size_t limit, int days)
{
    struct rule *r = &rb->rule[limit];
    r->warn_days = days;
    while (r->later != 0) {
        r = &rb->later[r->later - 1];
        r->warn_days = days;
    }
    rb->version = RULEBOOK_VERSION_LOCAL;
}
