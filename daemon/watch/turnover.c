#include "turnover.h"

#include <stdlib.h>

struct turnover *turnover_new(const struct judge_how *how, uint64_t watched)
{
    struct turnover *t = calloc(1, sizeof *t);
    if (t == NULL)
        return NULL;
    t->how = how;
    t->first = trend_first(how->as_of);
    t->statutory = watched & rulebook_statutory(how->rulebook);
    return t;
}

void turnover_free(struct turnover *t)
{
    free(t);
}

static void count(const struct turnover *t, uint32_t weeks[TREND_WEEKS], civil_day day)
{
    if (day >= t->first && day <= t->how->as_of)
        weeks[(day - t->first) / 7]++;
}

bool turnover_visit(void *ud, const struct case_seen *seen)
{
    struct turnover *t = ud;
    for (size_t i = 0; i < seen->n; i++) {
        const struct obligation *o = &seen->obligations[i];
        civil_day over = obligation_over_on(o);
        bool late = (o->state == STATE_MET_LATE || o->state == STATE_MISSED) && over > o->due;
        if ((t->statutory & LIMIT_BIT(o->limit)) == 0 || (o->state != STATE_BREACHED && !late))
            continue;
        count(t, t->fell, o->due + 1);
        if (late)
            count(t, o->state == STATE_MISSED ? t->missed : t->done, over);
    }
    return true;
}

int turnover_finish(struct turnover *t)
{
    (void)t;
    return 0;
}
