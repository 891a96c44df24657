#include "net.h"

static bool is_trouble(enum state s)
{
    return s == STATE_AT_RISK || s == STATE_BREACHED;
}

/* There was trouble that came and went, and nobody was told of it. */
static bool mended_untold(const struct net_change *c, size_t n, enum state from)
{
    bool trouble = false;
    for (size_t i = 0; i + 1 < n; i++)
        trouble |= is_trouble(c[i].to);
    return trouble && !is_trouble(from) && !is_trouble(c[n - 1].to);
}

static struct net untold(const char *reason)
{
    return (struct net){.alert = ALERT_NONE, .from = STATE_COUNT, .reason = reason};
}

struct net net_of(const struct net_change *c, size_t n, const struct net_about *about)
{
    const struct net_change *last = &c[n - 1];
    enum state from = about->told != STATE_COUNT ? about->told : c[0].from;
    struct net net = {.alert = last->alert, .from = from, .reason = "replaced"};
    if (about->escalation && about->told != STATE_BREACHED)
        return untold("not_escalated");
    if (about->now != last->to) /* what came after is none of the endpoint's concern: its filter says so */
        return untold("mended");
    if (n == 1) {
        net.from = last->from;
        return net;
    }
    if (!about->digest && mended_untold(c, n, from))
        return untold("mended");
    net.alert = alert_for(from, last->to);
    if (net.alert == ALERT_NONE && c[0].due_before != CIVIL_NONE && c[0].due_before != about->due)
        net.alert = ALERT_RESTATED;
    return net.alert != ALERT_NONE ? net : untold("unchanged");
}
