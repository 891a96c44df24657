#include "by_place.h"

#include <stdlib.h>

struct by_place *by_place_new(const struct judge_how *how, uint64_t watched)
{
    struct by_place *p = calloc(1, sizeof *p);
    if (p != NULL) {
        p->names = how->words->places;
        p->watched = watched;
    }
    return p;
}

void by_place_free(struct by_place *p)
{
    if (p == NULL)
        return;
    free(p->localities.row);
    free(p->teams.row);
    free(p);
}

/* There are a dozen of them, so that looking is cheaper than an index. */
static struct place_row *row_of(struct place_rows *rows, uint32_t place)
{
    for (size_t i = 0; i < rows->n; i++)
        if (rows->row[i].place == place)
            return &rows->row[i];
    struct place_row *more = reallocarray(rows->row, rows->n + 1, sizeof *more);
    if (more == NULL)
        return NULL;
    rows->row = more;
    more[rows->n] = (struct place_row){.place = place};
    return &more[rows->n++];
}

static bool count(struct place_rows *rows, uint32_t place, uint64_t watched, const struct case_seen *seen)
{
    struct place_row *r = row_of(rows, place);
    bool breached = false;
    if (r == NULL)
        return false;
    for (size_t i = 0; i < seen->n; i++) {
        const struct obligation *o = &seen->obligations[i];
        r->states[o->limit][o->state]++;
        breached |= o->state == STATE_BREACHED && (watched & LIMIT_BIT(o->limit)) != 0;
    }
    r->cases++;
    r->open_cases += stage_is_open(seen->stage);
    r->breached_cases += breached;
    return true;
}

bool by_place_visit(void *ud, const struct case_seen *seen)
{
    struct by_place *p = ud;
    return count(&p->localities, seen->head->locality, p->watched, seen) &&
           count(&p->teams, seen->head->team, p->watched, seen);
}

int by_place_finish(struct by_place *p)
{
    names_sort(p->names, p->localities.row, p->localities.n, sizeof *p->localities.row);
    names_sort(p->names, p->teams.row, p->teams.n, sizeof *p->teams.row);
    return 0;
}
