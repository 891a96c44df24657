#include "breach_list.h"

#include <stdlib.h>

#include "case_pick.h"

#define RADIX_BITS 11
#define RADIX      (1u << RADIX_BITS)

struct breach_filter breach_filter_default(void)
{
    return (struct breach_filter){
        .limits = LIMITS_ALL,
        .kinds = 1u << KIND_STATUTORY,
        .states = 1u << STATE_BREACHED | 1u << STATE_EXCEPTED,
    };
}

bool breach_places_hold(const struct breach_places *p, uint32_t number)
{
    for (size_t i = 0; i < p->n; i++)
        if (p->number[i] == number)
            return true;
    return p->n == 0;
}

static bool in_place(const struct breach_filter *f, const unsigned char *record)
{
    struct record_case k;
    if (f->localities.n + f->teams.n + f->officers.n == 0)
        return true;
    record_head(record, &k);
    return case_pick_place(f, &k);
}

uint64_t breach_filter_limits(const struct breach_filter *f, const struct rulebook *rb)
{
    uint64_t limits = 0;
    for (size_t i = 0; i < rb->n; i++)
        if ((f->limits & LIMIT_BIT(i)) != 0 && (f->kinds & 1u << rb->rule[i].limit->kind) != 0)
            limits |= LIMIT_BIT(i);
    return limits;
}

bool breach_filter_takes(const struct breach_filter *f, uint64_t limits, const struct obligation *o)
{
    return (limits & LIMIT_BIT(o->limit)) != 0 && (f->states & 1u << o->state) != 0 &&
           (f->exceptions == 0 || (f->exceptions & 1u << o->exception) != 0) &&
           (f->due_by == 0 || o->due <= f->due_by);
}

bool breach_filter_asks_facts(const struct breach_filter *f)
{
    return (f->bands | f->ages | f->stages) != 0;
}

/* The obligations of a case lie together: its place is asked for once, and it is counted once. */
static void select_slot(struct breach_list *list, uint32_t slot, uint64_t limits,
                        const struct breach_filter *f)
{
    const struct slot *s = &list->snapshot->slot[slot];
    const struct verdict *v = s->verdict;
    for (uint32_t i = 0; i < v->n_listed;) {
        const uint32_t at = v->listed[i].at;
        const bool here = in_place(f, s->chunk->data + s->chunk->offset[at]);
        size_t n = 0, excepted = 0;
        for (; i < v->n_listed && v->listed[i].at == at; i++) {
            const struct obligation *o = &v->listed[i].obligation;
            if (!here || !breach_filter_takes(f, limits, o))
                continue;
            list->rows[list->n++] = (struct breach_row){o->due, slot, i};
            excepted += o->state == STATE_EXCEPTED;
            n++;
        }
        breach_count_case(&list->count, n, excepted);
    }
}

/* Stable, by due date: the rows come in the order of case ids, which stays within a day. The sorted rows are in one of the
 * two arrays, which is returned. */
static struct breach_row *sort_by_due(struct breach_row *rows, struct breach_row *other, size_t n)
{
    civil_day first = n > 0 ? rows[0].due : 0, last = first;
    for (size_t i = 1; i < n; i++) {
        first = rows[i].due < first ? rows[i].due : first;
        last = rows[i].due > last ? rows[i].due : last;
    }
    uint32_t range = (uint32_t)last - (uint32_t)first;
    for (unsigned shift = 0; shift < 32 && range >> shift != 0; shift += RADIX_BITS) {
        size_t at[RADIX] = {0}, sum = 0;
        for (size_t i = 0; i < n; i++)
            at[((uint32_t)rows[i].due - (uint32_t)first) >> shift & (RADIX - 1)]++;
        for (size_t i = 0; i < RADIX; i++) {
            size_t here = at[i];
            at[i] = sum;
            sum += here;
        }
        for (size_t i = 0; i < n; i++)
            other[at[((uint32_t)rows[i].due - (uint32_t)first) >> shift & (RADIX - 1)]++] = rows[i];
        struct breach_row *sorted = other;
        other = rows;
        rows = sorted;
    }
    return rows;
}

struct breach_list *breach_list_begin(struct snapshot *s, size_t *most)
{
    struct breach_list *list = calloc(1, sizeof *list);
    *most = 0;
    if (list == NULL)
        return NULL;
    list->snapshot = snapshot_ref(s);
    for (size_t i = 0; i < s->n_slots; i++)
        *most += s->slot[i].verdict->n_listed;
    list->rows = reallocarray(NULL, *most + 1, sizeof *list->rows);
    if (list->rows != NULL)
        return list;
    breach_list_free(list);
    return NULL;
}

bool breach_list_pick(struct breach_list *list, const struct rulebook *rb, const struct breach_filter *filter,
                      size_t rows)
{
    const uint64_t limits = breach_filter_limits(filter, rb);
    const struct snapshot *s = list->snapshot;
    for (size_t seen = 0; list->slot < s->n_slots && seen < rows; list->slot++) {
        select_slot(list, list->slot, limits, filter);
        seen += s->slot[list->slot].verdict->n_listed + 1;
    }
    return list->slot < s->n_slots;
}

bool breach_list_order(struct breach_list *list)
{
    struct breach_row *other = reallocarray(NULL, list->n + 1, sizeof *other);
    if (other == NULL)
        return false;
    struct breach_row *sorted = sort_by_due(list->rows, other, list->n);
    free(sorted == list->rows ? other : list->rows);
    list->rows = sorted;
    return true;
}

struct breach_list *breach_list_new(struct snapshot *s, const struct rulebook *rb,
                                    const struct breach_filter *filter)
{
    size_t most;
    struct breach_list *list = breach_list_begin(s, &most);
    while (list != NULL && breach_list_pick(list, rb, filter, SIZE_MAX))
        ;
    if (list == NULL || breach_list_order(list))
        return list;
    breach_list_free(list);
    return NULL;
}

struct breach_list *breach_list_of(struct snapshot *s, struct breach_row *rows,
                                   const struct breach_count *count, struct listed *own)
{
    struct breach_list *list = calloc(1, sizeof *list);
    if (list == NULL) {
        free(rows);
        free(own);
        return NULL;
    }
    *list = (struct breach_list){
        .snapshot = snapshot_ref(s), .n = count->obligations, .count = *count, .rows = rows, .own = own};
    if (breach_list_order(list))
        return list;
    breach_list_free(list);
    return NULL;
}

void breach_list_free(struct breach_list *list)
{
    if (list == NULL)
        return;
    snapshot_unref(list->snapshot);
    free(list->own);
    free(list->rows);
    free(list);
}

static const struct listed *listed_at(const struct breach_list *list, size_t i)
{
    const struct breach_row *r = &list->rows[i];
    return list->own != NULL ? &list->own[r->index]
                             : &list->snapshot->slot[r->slot].verdict->listed[r->index];
}

const struct obligation *breach_list_obligation(const struct breach_list *list, size_t i)
{
    return &listed_at(list, i)->obligation;
}

const unsigned char *breach_list_record(const struct breach_list *list, size_t i)
{
    const struct chunk *c = list->snapshot->slot[list->rows[i].slot].chunk;
    return c->data + c->offset[listed_at(list, i)->at];
}
