#include <stdlib.h>
#include <string.h>

#include "evaluate_walk.h"
#include "exception.h"

/* States (rulebook section 3): what a due date and a closing come to. */

static const char *const state_names[STATE_COUNT] = {
    "on_track", "at_risk", "breached", "met", "met_late", "excepted", "void", "missed",
};

const char *state_name(enum state s)
{
    return state_names[s];
}

enum state state_by_name(const char *name, size_t len)
{
    int s = 0;
    while (s < STATE_COUNT && !(strlen(state_names[s]) == len && memcmp(state_names[s], name, len) == 0))
        s++;
    return (enum state)s;
}

const char *exception_verdict_name(enum exception_verdict v)
{
    static const char *const names[] = {"none", "supported", "unverified", "unsupported"};
    return names[v];
}

bool state_is_open(enum state s)
{
    return s == STATE_ON_TRACK || s == STATE_AT_RISK || s == STATE_BREACHED;
}

bool obligation_is_listed(const struct obligation *o)
{
    return o->state == STATE_BREACHED || (o->state == STATE_EXCEPTED && o->closed == CIVIL_NONE);
}

bool obligation_is_owed(const struct obligation *o)
{
    return state_is_open((enum state)o->state) || obligation_is_listed(o);
}

static void judge_floor(struct obligation *o, enum closing how, civil_day as_of)
{
    bool after = o->closed != CIVIL_NONE && o->closed > o->due;
    switch (how) {
    case CLOSING_NONE:
        o->state = as_of <= o->due ? STATE_ON_TRACK : STATE_MET;
        o->days = as_of <= o->due ? o->due - as_of : 0;
        break;
    case CLOSING_DISCHARGED:
        o->state = after ? STATE_MET : STATE_MISSED;
        o->days = after ? o->closed - o->due : o->due + 1 - o->closed;
        break;
    case CLOSING_VOIDED:
        o->state = STATE_VOID;
        o->days = 0;
        break;
    case CLOSING_LAPSED:
        o->state = after ? STATE_MET : STATE_VOID;
        o->days = 0;
        break;
    }
}

static void judge_open(struct obligation *o, const struct rule *r, civil_day as_of)
{
    if (r->limit->count == COUNT_NOTICE_WEEKS && as_of >= o->start) {
        o->state = STATE_MISSED; /* the meeting has come and nobody was given notice */
        o->days = 0;
        return;
    }
    o->state = as_of > o->due                   ? STATE_BREACHED
               : as_of >= o->due - r->warn_days ? STATE_AT_RISK
                                                : STATE_ON_TRACK;
    o->days = as_of > o->due ? as_of - o->due : o->due - as_of;
}

static void judge_closed(struct obligation *o, enum closing how)
{
    int late = o->closed - o->due;
    o->days = 0;
    if (how == CLOSING_VOIDED) {
        o->state = STATE_VOID;
    } else if (how == CLOSING_DISCHARGED) {
        o->state = late > 0 ? STATE_MET_LATE : STATE_MET;
        o->days = abs(late);
    } else {
        o->state = late > 0 ? STATE_MISSED : STATE_VOID;
        o->days = late > 0 ? late : 0;
    }
}

/* Fills in state, days and exception from start, due, closed and how it closed. */
static void judge(struct obligation *o, const struct rule *r, enum closing how, const struct case_facts *cf,
                  civil_day as_of)
{
    const struct limit *l = r->limit;
    o->exception = EXCEPTION_NONE;
    if (l->kind == KIND_FLOOR) {
        judge_floor(o, how, as_of);
        return;
    }
    if (how == CLOSING_NONE)
        judge_open(o, r, as_of);
    else
        judge_closed(o, how);
    bool late = o->state == STATE_BREACHED || o->state == STATE_MET_LATE ||
                (o->state == STATE_MISSED && how != CLOSING_NONE);
    if (late && l->exceptions != EXCEPTIONS_NONE)
        exception_excuse(o, l, cf, as_of);
}

void walk_close(const struct walk *w, const struct rule *r, struct obligation *o, enum closing how,
                civil_day on, const struct fact *by)
{
    o->closed = on;
    o->closed_by = by != NULL ? by->event : EV_UNKNOWN;
    if (r->requires.any != 0 && !walk_required_seen(w, r, o))
        return;
    judge(o, r, how, w->cf, w->as_of);
    w->emit(w->ud, o);
}
