#include "stuck.h"

#include <stdlib.h>

#include "stuck_int.h"

struct stuck *stuck_new(const struct judge_how *how, uint64_t watched)
{
    struct stuck *s = calloc(1, sizeof *s);
    if (s == NULL)
        return NULL;
    s->how = how;
    s->watched = watched;
    s->since = how->as_of - 364;
    s->oldest_review = CIVIL_NONE;
    s->plan_limit = rulebook_find(how->rulebook, "final_plan_20w");
    s->advice_limit = rulebook_find(how->rulebook, "advice_6w");
    for (int b = 0; b < BODIES; b++)
        s->advice[b].oldest = NO_DAYS;
    stuck_transfers_begin(s);
    return s;
}

void stuck_free(struct stuck *s)
{
    if (s == NULL)
        return;
    for (int i = 0; i < STUCK_STAGES; i++) {
        day_counts_free(&s->stage[i].waiting);
        day_counts_free(&s->stage[i].done);
    }
    for (int b = 0; b < BODIES; b++)
        day_counts_free(&s->advice[b].answering);
    stuck_load_free(&s->teams);
    stuck_load_free(&s->officers);
    slice_sort_free(&s->sort);
    free(s);
}

bool stuck_visit(void *ud, const struct case_seen *seen)
{
    struct stuck *s = ud;
    stuck_reviews(s, seen);
    stuck_transfers(s, seen);
    return stuck_stages(s, seen) && stuck_advice(s, seen) && stuck_load(s, seen);
}

int stuck_finish(struct stuck *s)
{
    return stuck_load_sort(s);
}
