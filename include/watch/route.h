/* Which endpoint hears of what. Pure. */
#ifndef EHCWATCH_ROUTE_H
#define EHCWATCH_ROUTE_H

#include "drift.h"

/* An endpoint's filters. An empty list lets everything pass; a message passes when every filter lets it. */
struct route {
    uint64_t limits; /* LIMITS_ALL: no filter */
    unsigned alerts; /* bit of each enum alert; 0: no filter */
    unsigned kinds;  /* bit of each enum limit_kind; 0: no filter */
    const char *const *localities;
    size_t n_localities;
    const char *const *teams;
    size_t n_teams;
};

/* The alert that a word of the configuration names ("breached", "restated"...); ALERT_NONE when none. */
enum alert alert_by_state_name(const char *name);

/* Whether the endpoint is told. A restatement passes a filter of states when it is named itself or when the state left or
 * entered is: who was told of a breach is told that it was none. */
bool route_wants(const struct route *r, const struct rulebook *rb, const struct change *c,
                 const char *locality, const char *team);

#endif
