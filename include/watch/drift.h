/* Drift: the difference between what was last told of a case and what is so now.
 *
 * Stored and computed obligations of one case go in, changes come out: rows to write, and transitions to tell somebody. Which
 * step from state to state is told as what is one table with every cell filled. Pure. */
#ifndef EHCWATCH_DRIFT_H
#define EHCWATCH_DRIFT_H

#include "evaluate.h"

/* What a transition is told as: the message types obligation.* of the webhooks. */
enum alert {
    ALERT_NONE, /* the row is written, nobody is told */
    ALERT_AT_RISK,
    ALERT_BREACHED,
    ALERT_MET,
    ALERT_MET_LATE,
    ALERT_EXCEPTED,
    ALERT_VOID,
    ALERT_MISSED,
    ALERT_RESTATED, /* what was told before no longer holds: a corrected fact, a moved due date */
    ALERT_COUNT,
};

/* "obligation.at_risk" and so on; NULL for ALERT_NONE. */
const char *alert_type(enum alert a);

/* What a step is told as. `from` is STATE_COUNT for an obligation not seen before. */
enum alert alert_for(enum state from, enum state to);

/* An obligation as stored. */
struct stored {
    uint8_t limit; /* index into the rulebook */
    uint8_t state;
    uint8_t exception;
    bool gone; /* its facts were withdrawn: kept as void for its sequence */
    uint32_t subject;
    civil_day start, due, closed;
    int32_t seq; /* transitions so far */
};

struct change {
    struct obligation now; /* the new row; of a withdrawn obligation: what was stored, void */
    bool withdrawn;        /* no longer among the computed ones */
    enum alert alert;
    enum state from; /* STATE_COUNT: not seen before */
    civil_day
        due_before; /* CIVIL_NONE: not seen before; of a corrected start, the old obligation's due date */
    int32_t seq;    /* after the change */
};

/* Whether the due date of the limit moves by itself: while an appeal is pending, the end of this floor's window is "not yet", the as-of
 * date itself, which moves every day and tells nobody anything. */
bool drift_due_floats(const struct rulebook *rb, unsigned limit);

/* Compares one case. Both lists are sorted in place. Limits in `baseline` are written without alerts; stored rows
 * of limits outside `limits` are left alone. `out` has room for n_stored + n_now; returns how many changed, or SIZE_MAX
 * when memory is short. */
size_t drift_compare(const struct rulebook *rb, uint64_t limits, uint64_t baseline, struct stored *stored,
                     size_t n_stored, struct obligation *now, size_t n_now, struct change *out);

#endif
