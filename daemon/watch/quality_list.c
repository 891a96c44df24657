#include "quality_list.h"

#include <stdlib.h>

struct quality_filter quality_filter_default(void)
{
    return (struct quality_filter){.kinds = (UINT32_C(1) << FINDING_COUNT) - 1};
}

static bool anywhere(const struct quality_filter *f)
{
    return f->localities.n + f->teams.n + f->officers.n == 0;
}

static bool passes(const struct quality_filter *f, unsigned kind, const unsigned char *record)
{
    struct record_case k;
    if ((f->kinds & UINT32_C(1) << kind) == 0)
        return false;
    if (anywhere(f))
        return true;
    if (record == NULL)
        return false;
    record_head(record, &k);
    return breach_places_hold(&f->localities, k.locality) && breach_places_hold(&f->teams, k.team) &&
           breach_places_hold(&f->officers, k.officer);
}

static const unsigned char *record_of(const struct snapshot *s, uint32_t slot, uint32_t index)
{
    const struct chunk *c = s->slot[slot].chunk;
    return c->data + c->offset[s->slot[slot].verdict->found[index].at];
}

static const unsigned char *rejected_record(const struct snapshot *s, const struct reject *r)
{
    return r->has_case ? snapshot_case(s, r->case_id) : NULL;
}

/* Both passes of a counting sort: without `rows` they are counted in `at`, with them they are put where `at` says. */
static void place(const struct snapshot *s, const struct quality_filter *f, size_t at[FINDING_COUNT],
                  struct quality_row *rows)
{
    const struct rejects *r = s->rejects;
    for (uint32_t i = 0; i < s->n_slots; i++) {
        const struct verdict *v = s->slot[i].verdict;
        for (uint32_t k = 0; k < v->n_found; k++) {
            unsigned kind = v->found[k].kind;
            if (!passes(f, kind, record_of(s, i, k)))
                continue;
            if (rows != NULL)
                rows[at[kind]] = (struct quality_row){i, k};
            at[kind]++;
        }
    }
    for (uint32_t i = 0; r != NULL && i < r->n; i++) {
        unsigned kind = r->row[i].kind;
        if (!passes(f, kind, anywhere(f) ? NULL : rejected_record(s, &r->row[i])))
            continue;
        if (rows != NULL)
            rows[at[kind]] = (struct quality_row){QUALITY_SLOT_REJECT, i};
        at[kind]++;
    }
    if (passes(f, FINDING_EXCEPTIONS_IMPLAUSIBLE, NULL) &&
        quality_exceptions_implausible(&s->tally.exceptions)) {
        if (rows != NULL)
            rows[at[FINDING_EXCEPTIONS_IMPLAUSIBLE]] = (struct quality_row){QUALITY_SLOT_CASELOAD, 0};
        at[FINDING_EXCEPTIONS_IMPLAUSIBLE]++;
    }
}

/* None when places are asked for: nobody knows where a row lies that was not kept. */
static uint64_t unlisted(const struct snapshot *s, const struct quality_filter *f)
{
    uint64_t n = 0;
    struct findings rows = s->findings;
    for (int k = 0; k < FINDING_COUNT; k++) {
        const uint64_t *count = findings_count(&rows, (enum finding_kind)k);
        if (count != NULL && passes(f, (unsigned)k, NULL))
            n += *count;
    }
    for (size_t i = 0; s->rejects != NULL && i < s->rejects->n; i++)
        n -= passes(f, s->rejects->row[i].kind, NULL);
    return n;
}

struct quality_list *quality_list_new(struct snapshot *s, const struct quality_filter *filter)
{
    size_t at[FINDING_COUNT] = {0};
    struct quality_list *list = calloc(1, sizeof *list);
    if (list == NULL)
        return NULL;
    list->snapshot = snapshot_ref(s);
    place(s, filter, at, NULL);
    for (int k = 0; k < FINDING_COUNT; k++) {
        size_t here = at[k];
        at[k] = list->n;
        list->n += here;
    }
    list->rows = reallocarray(NULL, list->n + 1, sizeof *list->rows);
    if (list->rows == NULL) {
        quality_list_free(list);
        return NULL;
    }
    place(s, filter, at, list->rows);
    list->unlisted = unlisted(s, filter);
    return list;
}

void quality_list_free(struct quality_list *list)
{
    if (list == NULL)
        return;
    snapshot_unref(list->snapshot);
    free(list->rows);
    free(list);
}

struct quality_item quality_list_item(const struct quality_list *list, size_t i)
{
    const struct quality_row *row = &list->rows[i];
    const struct snapshot *s = list->snapshot;
    if (row->slot == QUALITY_SLOT_CASELOAD)
        return (struct quality_item){.finding = {.on = CIVIL_NONE, .kind = FINDING_EXCEPTIONS_IMPLAUSIBLE}};
    if (row->slot == QUALITY_SLOT_REJECT) {
        const struct reject *r = &s->rejects->row[row->index];
        return (struct quality_item){{.on = r->on, .kind = r->kind}, rejected_record(s, r), r};
    }
    const struct found *f = &s->slot[row->slot].verdict->found[row->index];
    return (struct quality_item){.finding = {f->on, f->subject, f->kind, f->event},
                                 .record = record_of(s, row->slot, row->index)};
}
