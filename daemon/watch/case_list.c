#include "case_list.h"

#include <stdlib.h>

#define SLICE 256 /* cases */

struct case_list_walk {
    struct case_walk *walk;
    struct judge_how how;
    struct breach_filter filter;
    uint64_t limits; /* that the filter lets through */
    struct case_list list;
};

static void add(struct case_list_walk *w, struct case_row *row, const struct obligation *o)
{
    const enum state s = (enum state)o->state;
    const bool listed = obligation_is_listed(o);
    if (!listed && !state_is_open(s))
        return;
    if (row->state == STATE_COUNT || state_rank(s) < state_rank((enum state)row->state))
        row->state = (uint8_t)s;
    row->overdue += listed;
    row->excepted += listed && s == STATE_EXCEPTED;
    if (listed || (row->next_due != CIVIL_NONE && o->due >= row->next_due))
        return;
    row->next_due = o->due;
    row->next_limit = o->limit;
    row->act_by = obligation_act_by(w->how.rulebook, w->how.calendar, o);
}

static bool visit(void *ud, const struct case_seen *seen)
{
    struct case_list_walk *w = ud;
    const struct judge_how *how = seen->how;
    bool some = !w->filter.some;
    if (!case_pick_facts(&w->filter, seen))
        return true;
    struct case_row row = {
        .slot = seen->slot,
        .at = (uint16_t)seen->at,
        .stage = (uint8_t)seen->stage,
        .state = STATE_COUNT,
        .days_open = case_days_open(seen->facts, seen->stage, how->as_of),
        .requested_on = case_requested_on(seen->facts),
        .drift = case_drift(how->rulebook, how->limits, how->as_of, seen->obligations, seen->n),
        .next_due = CIVIL_NONE,
        .act_by = CIVIL_NONE,
    };
    for (size_t i = 0; i < seen->n; i++) {
        const struct obligation *o = &seen->obligations[i];
        some |= breach_filter_takes(&w->filter, w->limits, o);
        if ((w->limits & LIMIT_BIT(o->limit)) != 0)
            add(w, &row, o);
    }
    if (!some)
        return true;
    w->list.rows[w->list.n++] = row;
    breach_count_case(&w->list.count, row.overdue, row.excepted);
    return true;
}

struct case_list_walk *case_list_walk_new(struct snapshot *s, const struct judge_how *how,
                                          const struct breach_filter *filter)
{
    struct case_list_walk *w = calloc(1, sizeof *w);
    size_t most = 0;
    if (w == NULL)
        return NULL;
    for (size_t i = 0; i < s->n_slots; i++)
        most += s->slot[i].chunk->n;
    w->how = *how;
    w->filter = *filter;
    w->limits = how->limits & breach_filter_limits(filter, how->rulebook);
    w->list.snapshot = snapshot_ref(s);
    /* For all of them at once, of which only what is used is ever touched: to grow would be to copy, which holds the loop. */
    w->list.rows = reallocarray(NULL, most + 1, sizeof *w->list.rows);
    w->walk = case_walk_new(s, how, &(struct case_visitor){visit, w}, 1);
    if (w->list.rows == NULL || w->walk == NULL) {
        case_list_walk_free(w);
        return NULL;
    }
    case_walk_only(w->walk, case_pick_place, &w->filter);
    return w;
}

void case_list_walk_free(struct case_list_walk *w)
{
    if (w == NULL)
        return;
    case_walk_free(w->walk);
    case_list_free(&w->list);
    free(w);
}

int case_list_walk_next(struct case_list_walk *w)
{
    return case_walk_next(w->walk, SLICE);
}

struct case_list case_list_walk_list(struct case_list_walk *w)
{
    struct case_list list = w->list;
    w->list = (struct case_list){0};
    return list;
}

void case_list_free(struct case_list *list)
{
    snapshot_unref(list->snapshot);
    free(list->rows);
    *list = (struct case_list){0};
}

const unsigned char *case_list_record(const struct case_list *list, size_t i)
{
    const struct chunk *c = list->snapshot->slot[list->rows[i].slot].chunk;
    return c->data + c->offset[list->rows[i].at];
}
