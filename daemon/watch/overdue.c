#include "overdue.h"

#include <stdlib.h>

struct overdue *overdue_new(const struct judge_how *how, uint64_t watched)
{
    struct overdue *o = calloc(1, sizeof *o);
    if (o == NULL)
        return NULL;
    o->how = how;
    o->watched = watched;
    o->all.oldest = CIVIL_NONE;
    for (size_t i = 0; i < LIMIT_MAX; i++)
        o->limit[i].oldest = CIVIL_NONE;
    o->statutory = watched & rulebook_statutory(how->rulebook);
    return o;
}

void overdue_free(struct overdue *o)
{
    if (o == NULL)
        return;
    free(o->localities.row);
    free(o->teams.row);
    free(o);
}

/* There are a dozen of them, so that looking is cheaper than an index. NULL: out of memory. */
static struct overdue_count *count_of(struct overdue_places *p, uint32_t place)
{
    for (size_t i = 0; i < p->n; i++)
        if (p->row[i].place == place)
            return &p->row[i].count;
    struct overdue_place *more = reallocarray(p->row, p->n + 1, sizeof *more);
    if (more == NULL)
        return NULL;
    p->row = more;
    more[p->n] = (struct overdue_place){.place = place, .count = {.oldest = CIVIL_NONE}};
    return &more[p->n++].count;
}

/* Those of one case and of the limits in `which`. */
static void count(struct overdue_count *c, uint64_t which, const struct case_seen *seen)
{
    uint32_t overdue = 0, excepted = 0;
    for (size_t i = 0; i < seen->n; i++) {
        const struct obligation *o = &seen->obligations[i];
        if ((which & LIMIT_BIT(o->limit)) == 0)
            continue;
        if (obligation_is_listed(o)) {
            overdue++;
            excepted += o->state == STATE_EXCEPTED;
            if (c->oldest == CIVIL_NONE || o->due < c->oldest)
                c->oldest = o->due;
        } else if (o->state == STATE_ON_TRACK || o->state == STATE_AT_RISK) {
            for (int w = 0; w < DUE_WINDOWS; w++)
                c->due[w] += o->due - seen->how->as_of <= due_windows[w];
        }
    }
    c->overdue += overdue;
    c->excepted += excepted;
    c->cases += overdue > 0;
    c->excepted_cases += overdue > 0 && excepted == overdue;
}

bool overdue_visit(void *ud, const struct case_seen *seen)
{
    struct overdue *o = ud;
    uint64_t had = 0;
    struct overdue_count *locality = count_of(&o->localities, seen->head->locality),
                         *team = count_of(&o->teams, seen->head->team);
    if (locality == NULL || team == NULL)
        return false;
    for (size_t i = 0; i < seen->n; i++)
        had |= LIMIT_BIT(seen->obligations[i].limit);
    for (size_t i = 0; i < o->how->rulebook->n; i++)
        if ((had & o->watched & LIMIT_BIT(i)) != 0)
            count(&o->limit[i], LIMIT_BIT(i), seen);
    if ((had & o->statutory) != 0) {
        count(&o->all, o->statutory, seen);
        count(locality, o->statutory, seen);
        count(team, o->statutory, seen);
    }
    return true;
}

int overdue_finish(struct overdue *o)
{
    const struct names *names = o->how->words->places;
    names_sort(names, o->localities.row, o->localities.n, sizeof *o->localities.row);
    names_sort(names, o->teams.row, o->teams.n, sizeof *o->teams.row);
    return 0;
}
