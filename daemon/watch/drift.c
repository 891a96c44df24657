#include "drift.h"

#include <stdlib.h>

const char *alert_type(enum alert a)
{
    static const char *const types[ALERT_COUNT] = {
        [ALERT_NONE] = NULL,
        [ALERT_AT_RISK] = "obligation.at_risk",
        [ALERT_BREACHED] = "obligation.breached",
        [ALERT_MET] = "obligation.met",
        [ALERT_MET_LATE] = "obligation.met_late",
        [ALERT_EXCEPTED] = "obligation.excepted",
        [ALERT_VOID] = "obligation.void",
        [ALERT_MISSED] = "obligation.missed",
        [ALERT_RESTATED] = "obligation.restated",
    };
    return types[a];
}

/* Time and new facts carry an obligation from left to right; a step back, or out of a closed state, restates what was told. A
 * breach that turns out to have been met in time is such a step. Short names, for the shape of the table. */
enum {
    ____ = ALERT_NONE,
    risk = ALERT_AT_RISK,
    brea = ALERT_BREACHED,
    met_ = ALERT_MET,
    late = ALERT_MET_LATE,
    exce = ALERT_EXCEPTED,
    void_ = ALERT_VOID,
    miss = ALERT_MISSED,
    rest = ALERT_RESTATED,
};

// clang-format off
static const unsigned char step[STATE_COUNT + 1][STATE_COUNT] = {
    /*  to:               on_track at_risk breached met   met_late excepted void   missed */
    [STATE_ON_TRACK]   = { ____,    risk,   brea,    met_, late,    exce,    void_, miss },
    [STATE_AT_RISK]    = { rest,    ____,   brea,    met_, late,    exce,    void_, miss },
    [STATE_BREACHED]   = { rest,    rest,   ____,    rest, late,    exce,    void_, miss },
    [STATE_MET]        = { rest,    rest,   rest,    ____, rest,    rest,    rest,  rest },
    [STATE_MET_LATE]   = { rest,    rest,   rest,    rest, ____,    exce,    rest,  rest },
    [STATE_EXCEPTED]   = { rest,    rest,   brea,    rest, rest,    ____,    void_, rest },
    [STATE_VOID]       = { rest,    rest,   rest,    rest, rest,    rest,    ____,  rest },
    [STATE_MISSED]     = { rest,    rest,   rest,    rest, rest,    exce,    rest,  ____ },
    [STATE_COUNT]      = { ____,    risk,   brea,    met_, late,    exce,    void_, miss }, /* first seen */
};
// clang-format on

enum alert alert_for(enum state from, enum state to)
{
    return (enum alert)step[from][to];
}

/* (limit, subject, start): at most one obligation each. */
static int compare_key(unsigned la, uint32_t sa, civil_day da, unsigned lb, uint32_t sb, civil_day db)
{
    if (la != lb)
        return la < lb ? -1 : 1;
    if (sa != sb)
        return sa < sb ? -1 : 1;
    return da < db ? -1 : da > db;
}

static int by_key_stored(const void *x, const void *y)
{
    const struct stored *a = x, *b = y;
    return compare_key(a->limit, a->subject, a->start, b->limit, b->subject, b->start);
}

static int by_key_now(const void *x, const void *y)
{
    const struct obligation *a = x, *b = y;
    return compare_key(a->limit, a->subject, a->start, b->limit, b->subject, b->start);
}

bool drift_due_floats(const struct rulebook *rb, unsigned limit)
{
    return rb->rule[limit].limit->count == COUNT_CEASE_FLOOR_MONTHS;
}

static bool appeared(const struct obligation *o, const struct stored *stored, size_t n, const bool *lost,
                     struct change *c)
{
    *c = (struct change){
        .now = *o,
        .from = STATE_COUNT,
        .due_before = CIVIL_NONE,
        .alert = alert_for(STATE_COUNT, (enum state)o->state),
    };
    /* A start date that was corrected takes one obligation away and brings another: the new date is news even when it is on
     * track. */
    for (size_t i = 0; i < n; i++)
        if (lost[i] && stored[i].limit == o->limit && stored[i].subject == o->subject) {
            c->due_before = stored[i].due;
            if (c->alert == ALERT_NONE)
                c->alert = ALERT_RESTATED;
        }
    return true;
}

static bool vanished(const struct stored *s, struct change *c)
{
    if (s->gone)
        return false;
    *c = (struct change){
        .now = {.limit = s->limit,
                .state = STATE_VOID,
                .subject = s->subject,
                .start = s->start,
                .due = s->due,
                .closed = CIVIL_NONE},
        .withdrawn = true,
        .from = (enum state)s->state,
        .due_before = s->due,
        .alert = alert_for((enum state)s->state, STATE_VOID),
    };
    return true;
}

static bool stayed(const struct rulebook *rb, const struct stored *s, const struct obligation *o,
                   struct change *c)
{
    if (s->state == o->state && s->due == o->due && s->closed == o->closed && s->exception == o->exception &&
        !s->gone)
        return false;
    *c = (struct change){
        .now = *o,
        .from = (enum state)s->state,
        .due_before = s->due,
        .alert = alert_for((enum state)s->state, (enum state)o->state),
    };
    if (s->due != o->due && c->alert == ALERT_NONE && !drift_due_floats(rb, o->limit))
        c->alert = ALERT_RESTATED;
    return true;
}

size_t drift_compare(const struct rulebook *rb, uint64_t limits, uint64_t baseline, struct stored *stored,
                     size_t n_stored, struct obligation *now, size_t n_now, struct change *out)
{
    size_t n = 0, s = 0, o = 0;
    if (n_stored > 1) /* a list of none may be NULL, which qsort must not be given */
        qsort(stored, n_stored, sizeof *stored, by_key_stored);
    if (n_now > 1)
        qsort(now, n_now, sizeof *now, by_key_now);
    bool *lost = calloc(n_stored + 1, sizeof *lost);
    if (lost == NULL)
        return SIZE_MAX;
    for (size_t i = 0, k = 0; i < n_stored;
         i++) { /* first who is lost: a start that moved is recognised by it */
        while (k < n_now && compare_key(now[k].limit, now[k].subject, now[k].start, stored[i].limit,
                                        stored[i].subject, stored[i].start) < 0)
            k++;
        bool there = k < n_now && compare_key(now[k].limit, now[k].subject, now[k].start, stored[i].limit,
                                              stored[i].subject, stored[i].start) == 0;
        lost[i] = !there && !stored[i].gone && (limits & LIMIT_BIT(stored[i].limit)) != 0;
    }
    while (s < n_stored || o < n_now) {
        int c = s == n_stored ? 1
                : o == n_now  ? -1
                              : compare_key(stored[s].limit, stored[s].subject, stored[s].start, now[o].limit,
                                            now[o].subject, now[o].start);
        struct change *change = &out[n];
        int32_t seq = c <= 0 ? stored[s].seq : 0;
        bool changed = c < 0    ? lost[s] && vanished(&stored[s], change)
                       : c == 0 ? stayed(rb, &stored[s], &now[o], change)
                                : appeared(&now[o], stored, n_stored, lost, change);
        s += c <= 0;
        o += c >= 0;
        if (!changed)
            continue;
        if ((baseline & LIMIT_BIT(change->now.limit)) != 0)
            change->alert = ALERT_NONE;
        change->seq = seq + (change->alert != ALERT_NONE);
        n++;
    }
    free(lost);
    return n;
}
