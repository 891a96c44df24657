#include <stdlib.h>
#include <string.h>

#include "stuck_int.h"

#define SORT_MOVES 4096

void stuck_load_free(struct stuck_loads *l)
{
    free(l->row);
    free(l->slot);
}

static size_t home(const struct stuck_loads *l, uint32_t team, uint32_t officer)
{
    uint64_t h = ((uint64_t)team << 32 | officer) * UINT64_C(0x9e3779b97f4a7c15);
    return (size_t)(h >> 32) & (l->slots - 1);
}

static bool grow(struct stuck_loads *l)
{
    const size_t cap = l->cap > 0 ? 2 * l->cap : 32, slots = 2 * cap;
    struct stuck_load *row = reallocarray(l->row, cap, sizeof *row);
    if (row == NULL)
        return false;
    l->row = row;
    uint32_t *slot = calloc(slots, sizeof *slot);
    if (slot == NULL)
        return false;
    free(l->slot);
    l->slot = slot;
    l->slots = slots;
    l->cap = cap;
    for (size_t i = 0; i < l->n; i++) {
        size_t at = home(l, row[i].team, row[i].officer);
        while (slot[at] != 0)
            at = (at + 1) & (slots - 1);
        slot[at] = (uint32_t)i + 1;
    }
    return true;
}

static struct stuck_load *find(struct stuck_loads *l, uint32_t team, uint32_t officer)
{
    if (l->n == l->cap && !grow(l))
        return NULL;
    size_t at = home(l, team, officer);
    for (; l->slot[at] != 0; at = (at + 1) & (l->slots - 1)) {
        struct stuck_load *row = &l->row[l->slot[at] - 1];
        if (row->team == team && row->officer == officer)
            return row;
    }
    l->slot[at] = (uint32_t)++l->n;
    l->row[l->n - 1] = (struct stuck_load){
        .team = team, .officer = officer, .oldest_breach = NO_DAYS, .oldest_assessment = NO_DAYS};
    return &l->row[l->n - 1];
}

/* What one case adds. */
static struct stuck_load of_case(const struct stuck *s, const struct case_seen *seen)
{
    struct stuck_load l = {.cases = 1,
                           .plans = seen->stage == STAGE_PLAN,
                           .oldest_breach = NO_DAYS,
                           .oldest_assessment = NO_DAYS};
    for (size_t i = 0; i < seen->n; i++) {
        const struct obligation *o = &seen->obligations[i];
        if (o->limit == s->plan_limit && obligation_is_owed(o)) {
            l.assessments = 1;
            l.overdue_assessments = s->how->as_of > o->due;
            l.oldest_assessment = s->how->as_of - o->start;
        }
        if ((s->watched & LIMIT_BIT(o->limit)) == 0 ||
            obligation_limit(s->how->rulebook, o)->kind != KIND_STATUTORY)
            continue;
        if (o->state == STATE_BREACHED) {
            l.breached++;
            l.breached_cases = 1;
            l.oldest_breach = o->days > l.oldest_breach ? o->days : l.oldest_breach;
        } else if (o->state == STATE_ON_TRACK || o->state == STATE_AT_RISK) {
            l.due_28 += o->due - s->how->as_of <= 28;
        }
    }
    return l;
}

static void add(struct stuck_load *to, const struct stuck_load *l)
{
    to->cases += l->cases;
    to->plans += l->plans;
    to->assessments += l->assessments;
    to->overdue_assessments += l->overdue_assessments;
    to->breached_cases += l->breached_cases;
    to->breached += l->breached;
    to->due_28 += l->due_28;
    if (l->oldest_breach > to->oldest_breach)
        to->oldest_breach = l->oldest_breach;
    if (l->oldest_assessment > to->oldest_assessment)
        to->oldest_assessment = l->oldest_assessment;
}

bool stuck_load(struct stuck *s, const struct case_seen *seen)
{
    const struct stuck_load l = of_case(s, seen);
    /* What a Tribunal has ordered is owed of a case that was refused, too: it is on the list of breaches, with the officer's name. */
    if (!stage_is_open(seen->stage) && l.assessments + l.breached + l.due_28 == 0)
        return true;
    struct stuck_load *officer = find(&s->officers, seen->head->team, seen->head->officer);
    struct stuck_load *team = find(&s->teams, seen->head->team, 0);
    if (officer == NULL || team == NULL)
        return false;
    add(officer, &l);
    add(team, &l);
    return true;
}

/* --- by name ------------------------------------------------------------------------------------------------------------ */

static struct stuck_loads *being_sorted(struct stuck *s)
{
    return s->sorted == 0 ? &s->teams : &s->officers;
}

static int by_name(const void *ud, uint32_t a, uint32_t b)
{
    const struct stuck *s = ud;
    const struct stuck_load *row = s->sorted == 0 ? s->teams.row : s->officers.row;
    const struct names *names = s->how->words->places;
    const int team = row[a].team == row[b].team
                         ? 0
                         : strcmp(names_text(names, row[a].team), names_text(names, row[b].team));
    return team != 0 ? team : strcmp(names_text(names, row[a].officer), names_text(names, row[b].officer));
}

static bool begin_sort(struct stuck *s)
{
    const struct stuck_loads *l = being_sorted(s);
    if (!slice_sort_begin(&s->sort, l->n, by_name, s))
        return false;
    for (size_t i = 0; i < l->n; i++)
        s->sort.items[i] = (struct sort_item){0, (uint32_t)i};
    return true;
}

/* The rows in the order of the sort, which is over; nothing is looked up any more. */
static bool take_order(struct stuck *s)
{
    struct stuck_loads *l = being_sorted(s);
    struct stuck_load *row = l->n > 0 ? reallocarray(NULL, l->n, sizeof *row) : NULL;
    if (l->n > 0 && row == NULL)
        return false;
    for (size_t i = 0; i < l->n; i++)
        row[i] = l->row[s->sort.items[i].row];
    free(l->row);
    l->row = row;
    l->cap = l->n;
    free(l->slot);
    l->slot = NULL;
    slice_sort_free(&s->sort);
    s->sorted++;
    return true;
}

int stuck_load_sort(struct stuck *s)
{
    if (s->sorted == 2)
        return 0;
    if (s->sort.items == NULL && being_sorted(s)->n > 0 && !begin_sort(s))
        return -1;
    if (s->sort.items != NULL && slice_sort_next(&s->sort, SORT_MOVES))
        return 1;
    return take_order(s) ? 1 : -1;
}
