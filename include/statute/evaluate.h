/* The evaluator: facts of a case in, obligations out (rulebook sections 2, 3 and 5).
 *
 *     evaluate(facts, rulebook, calendar, as_of) -> obligations
 *
 * A pure function: the same facts give the same obligations on any machine, in any order of rows, at any time. The days of
 * the case are visited in order; on each day, for each limit that the day concerns, an older obligation closes first, then
 * the day's starts open, then what opened today may close. Limits that count backward are taken start by start. */
#ifndef EHCWATCH_EVALUATE_H
#define EHCWATCH_EVALUATE_H

#include "calendar.h"
#include "facts.h"
#include "rulebook.h"

enum state {
    STATE_ON_TRACK,
    STATE_AT_RISK,
    STATE_BREACHED,
    STATE_MET,
    STATE_MET_LATE,
    STATE_EXCEPTED,
    STATE_VOID,
    STATE_MISSED,
    STATE_COUNT,
};

/* What the exceptions claimed in the case do for an obligation that is late (rulebook section 5). */
enum exception_verdict {
    EXCEPTION_NONE,        /* nothing claimed, or the obligation is not late */
    EXCEPTION_SUPPORTED,   /* the facts support a claim */
    EXCEPTION_UNVERIFIED,  /* supported by an authority's bare claim only */
    EXCEPTION_UNSUPPORTED, /* claimed, and the facts do not support it */
};

struct obligation {
    uint8_t limit;     /* index into the rulebook */
    uint8_t version;   /* of that limit: 0 the first, else index into rulebook.later plus one */
    uint8_t state;     /* enum state */
    uint8_t exception; /* enum exception_verdict */
    /* enum event that closed it; EV_UNKNOWN when open, or closed by a birthday or a next start */
    uint8_t closed_by;
    /* The count, or the search for act_by, reached past the last known bank holidays: weekends only. */
    bool calendar_exhausted;
    uint32_t subject; /* SUBJECT_NONE where the limit shows none */
    civil_day start;
    civil_day due;
    civil_day closed; /* CIVIL_NONE: not closed */
    int32_t days;     /* as the table of states says (section 3) */
};

/* Called for each obligation; `o` is the callee's to copy. */
typedef void obligation_fn(void *ud, const struct obligation *o);

/* Evaluates the limits in `limits` (LIMIT_BIT) as of a date. `cf` must have been settled for the same date; its marks
 * are overwritten. The same facts give the obligations in the same order; those still open come limit by limit. Threads may
 * evaluate different cases by one rulebook at the same time. */
void evaluate(const struct rulebook *rb, const struct calendar *cal, struct case_facts *cf, civil_day as_of,
              uint64_t limits, obligation_fn *emit, void *ud);

/* The rule that governs the obligation, and its row. */
static inline const struct rule *obligation_rule(const struct rulebook *rb, const struct obligation *o)
{
    return o->version == 0 ? &rb->rule[o->limit] : &rb->later[o->version - 1];
}

const struct limit *obligation_limit(const struct rulebook *rb, const struct obligation *o);

/* One rival reading counts the day of receipt as day 1: the day before the due date is safe under both. */
civil_day obligation_safe_on(const struct rulebook *rb, const struct obligation *o);

/* The day from which it is over: that of the event that closed it, or of a notice that nobody was given (missed, and not closed) that of
 * the meeting. CIVIL_NONE: it is not. */
civil_day obligation_over_on(const struct obligation *o);

/* The last working day on or before safe_on. */
civil_day obligation_act_by(const struct rulebook *rb, const struct calendar *cal,
                            const struct obligation *o);

/* Whether its closing day is a child's birthday, which must not leave the process. */
bool obligation_ended_by_birthday(const struct rulebook *rb, const struct obligation *o);

/* Still owed: on_track, at_risk or breached. */
bool state_is_open(enum state s);

/* On the breach list: breached, or excepted and still without the event that closes it. */
bool obligation_is_listed(const struct obligation *o);

/* Still owed, an exception or not: open, or excepted and still without the event that closes it. */
bool obligation_is_owed(const struct obligation *o);

const char *state_name(enum state s);
enum state state_by_name(const char *name, size_t len); /* STATE_COUNT when unknown */
const char *exception_verdict_name(enum exception_verdict v);

#endif
