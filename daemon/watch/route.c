#include "route.h"

#include <string.h>

enum alert alert_by_state_name(const char *name)
{
    for (int a = ALERT_NONE + 1; a < ALERT_COUNT; a++)
        if (strcmp(alert_type((enum alert)a) + strlen("obligation."), name) == 0)
            return (enum alert)a;
    return ALERT_NONE;
}

/* How a state is told; on_track is never told as such. */
static enum alert told_as(enum state s)
{
    return s < STATE_COUNT ? alert_for(STATE_COUNT, s) : ALERT_NONE;
}

static bool among(const char *const *list, size_t n, const char *what)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(list[i], what) == 0)
            return true;
    return n == 0;
}

static bool wants_alert(unsigned alerts, const struct change *c)
{
    if (alerts == 0 || (alerts >> c->alert & 1) != 0)
        return true;
    if (c->alert != ALERT_RESTATED)
        return false;
    enum alert left = told_as(c->from), entered = told_as((enum state)c->now.state);
    return (left != ALERT_NONE && (alerts >> left & 1) != 0) ||
           (entered != ALERT_NONE && (alerts >> entered & 1) != 0);
}

bool route_wants(const struct route *r, const struct rulebook *rb, const struct change *c,
                 const char *locality, const char *team)
{
    if (c->alert == ALERT_NONE || (r->limits & LIMIT_BIT(c->now.limit)) == 0)
        return false;
    if (r->kinds != 0 && (r->kinds >> rb->rule[c->now.limit].limit->kind & 1) == 0)
        return false;
    return wants_alert(r->alerts, c) && among(r->localities, r->n_localities, locality) &&
           among(r->teams, r->n_teams, team);
}
