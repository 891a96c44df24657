#include "circuit.h"

#include <string.h>

static enum circuit_change nothing(struct circuit *c)
{
    (void)c;
    return CIRCUIT_SAME;
}

static enum circuit_change to_open(struct circuit *c, int wait)
{
    c->state = CIRCUIT_OPEN;
    c->wait = wait < CIRCUIT_WAIT_MAX ? wait : CIRCUIT_WAIT_MAX;
    return CIRCUIT_OPENED;
}

/* Closed: it answered. */
static enum circuit_change heard(struct circuit *c)
{
    bool counted = c->failures > 0;
    c->recent++;
    c->failures = 0;
    return counted ? CIRCUIT_COUNTED : CIRCUIT_SAME;
}

/* Closed: it failed, perhaps once too often. */
static enum circuit_change missed(struct circuit *c)
{
    c->recent++;
    c->recent_fail++;
    c->failures++;
    if (c->failures >= CIRCUIT_FAILURES ||
        (c->recent >= CIRCUIT_RECENT && c->recent_fail * 100 >= CIRCUIT_SHARE * c->recent))
        return to_open(c, CIRCUIT_WAIT_MIN);
    return CIRCUIT_COUNTED;
}

static enum circuit_change mend(struct circuit *c)
{
    *c = (struct circuit){.state = CIRCUIT_CLOSED};
    return CIRCUIT_MENDED;
}

static enum circuit_change longer(struct circuit *c)
{
    c->failures++;
    return to_open(c, c->wait * 2);
}

static enum circuit_change at_once(struct circuit *c)
{
    c->state = CIRCUIT_OPEN;
    return CIRCUIT_AT_ONCE;
}

/* A probe whose lease ran out before its answer came may find the circuit in any state. */
static enum circuit_change (*const table[CIRCUIT_STATES][CIRCUIT_EVENTS])(struct circuit *c) = {
    [CIRCUIT_CLOSED] = {[CIRCUIT_SUCCESS] = heard,
                        [CIRCUIT_ANSWERED] = heard,
                        [CIRCUIT_FAILURE] = missed,
                        [CIRCUIT_PROBE_SUCCESS] = heard,
                        [CIRCUIT_PROBE_ANSWERED] = heard,
                        [CIRCUIT_PROBE_FAILURE] = missed,
                        [CIRCUIT_PROBE_BACK] = nothing},
    [CIRCUIT_OPEN] = {[CIRCUIT_SUCCESS] = nothing,
                      [CIRCUIT_ANSWERED] = nothing,
                      [CIRCUIT_FAILURE] = nothing,
                      [CIRCUIT_PROBE_SUCCESS] = mend,
                      [CIRCUIT_PROBE_ANSWERED] = mend,
                      [CIRCUIT_PROBE_FAILURE] = nothing,
                      [CIRCUIT_PROBE_BACK] = nothing},
    [CIRCUIT_HALF_OPEN] = {[CIRCUIT_SUCCESS] = nothing,
                           [CIRCUIT_ANSWERED] = nothing,
                           [CIRCUIT_FAILURE] = nothing,
                           [CIRCUIT_PROBE_SUCCESS] = mend,
                           [CIRCUIT_PROBE_ANSWERED] = mend,
                           [CIRCUIT_PROBE_FAILURE] = longer,
                           [CIRCUIT_PROBE_BACK] = at_once},
};

enum circuit_change circuit_after(struct circuit *c, enum circuit_event event)
{
    return table[c->state][event](c);
}

static const char *const names[CIRCUIT_STATES] = {
    [CIRCUIT_CLOSED] = "closed",
    [CIRCUIT_OPEN] = "open",
    [CIRCUIT_HALF_OPEN] = "half_open",
};

const char *circuit_state_name(enum circuit_state s)
{
    return names[s];
}

enum circuit_state circuit_state_of(const char *name)
{
    int s = 0;
    while (s < CIRCUIT_STATES && strcmp(names[s], name) != 0)
        s++;
    return (enum circuit_state)s;
}
