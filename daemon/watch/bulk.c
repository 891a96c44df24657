#include "bulk.h"

const char *baseline_reason_name(enum baseline_reason r)
{
    static const char *const names[] = {
        [BASELINE_NONE] = "",
        [BASELINE_FIRST_RUN] = "first_run",
        [BASELINE_NEW_LIMIT] = "new_limit",
        [BASELINE_RULEBOOK] = "rulebook",
        [BASELINE_BULK_IMPORT] = "bulk_import",
    };
    return names[r];
}

bool bulk_import(size_t changed, size_t cases, int share)
{
    return share > 0 && changed > BULK_FEW && changed > cases / 100. * share;
}

bool bulk_already_so(const struct rulebook *rb, const struct change *c, const struct obligation *then,
                     size_t n)
{
    const struct obligation *o = &c->now;
    size_t i = 0;
    while (i < n && (then[i].limit != o->limit || then[i].subject != o->subject || then[i].start != o->start))
        i++;
    if (c->withdrawn || i == n)
        return c->withdrawn && i == n;
    return then[i].state == o->state && then[i].exception == o->exception && then[i].closed == o->closed &&
           (then[i].due == o->due || drift_due_floats(rb, o->limit));
}
