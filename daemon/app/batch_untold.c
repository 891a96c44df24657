#include "batch.h"

struct collecting {
    struct batch *b;
    struct obligations *to;
};

static void collect(void *ud, const struct obligation *o)
{
    struct collecting *c = ud;
    batch_add_obligation(c->b, c->to, o);
}

/* Evaluates the case as it would have been; once, however many of its changes ask. */
static bool make_past(struct batch *b, const struct batch_how *how, const unsigned char *record,
                      enum batch_past which, struct evaluated at)
{
    struct collecting c = {b, &b->past[which]};
    const struct core *core = how->core;
    if (c.to->made)
        return true;
    c.to->made = true;
    c.to->n = 0;
    if (record == NULL)
        return true;
    if (!record_view(record, core->words, at.as_of, at.known_at, &b->past_room))
        return false;
    evaluate(core->rulebook, &core->calendar, &b->past_room.view, at.as_of, how->snapshot->limits, collect,
             &c);
    return !b->no_memory;
}

bool batch_untold(struct batch *b, const struct batch_how *how, const unsigned char *record,
                  const struct change *c, bool *untold)
{
    const struct writer_work *w = how->work;
    const struct {
        bool applies;
        struct evaluated at;
    } past[BATCH_PASTS] = {
        [PAST_OF_IMPORT] = {w->bulk_since != CIVIL_NONE, {w->bulk_since, KNOWN_NOW}},
        [PAST_OF_RULES] = {(w->rewritten & LIMIT_BIT(c->now.limit)) != 0, w->before},
    };
    *untold = false;
    for (int p = 0; p < BATCH_PASTS && !*untold; p++) {
        if (!past[p].applies)
            continue;
        if (!make_past(b, how, record, (enum batch_past)p, past[p].at))
            return false;
        *untold = bulk_already_so(how->core->rulebook, c, b->past[p].list, b->past[p].n);
    }
    return true;
}
