#include "ack.h"

#include <string.h>

static const char *const kinds[ACK_KINDS] = {[ACK_SEEN] = "ack", [ACK_SNOOZE] = "snooze"};

const char *ack_kind_name(enum ack_kind k)
{
    return kinds[k];
}

bool ack_kind_by_name(const char *name, enum ack_kind *k)
{
    for (int i = 0; i < ACK_KINDS; i++)
        if (strcmp(kinds[i], name) == 0) {
            *k = (enum ack_kind)i;
            return true;
        }
    return false;
}

const char *ack_end_name(enum ack_end e)
{
    static const char *const names[] = {
        [ACK_HOLDS] = "",
        [ACK_EXPIRED] = "expired",
        [ACK_WORSENED] = "worsened",
        [ACK_RESTATED] = "restated",
        [ACK_ENDED] = "ended",
        [ACK_WITHDRAWN] = "withdrawn",
    };
    return names[e];
}

civil_day ack_last_day(const struct calendar *cal, civil_day today)
{
    civil_day d = today;
    for (int n = 0; n < ACK_DAYS_MOST;)
        n += calendar_is_working_day(cal, ++d);
    return d;
}

bool ack_expired(civil_day until, civil_day today)
{
    return until < today;
}

bool ack_allowed(enum ack_kind k, enum state state, bool manager, civil_day today, civil_day until,
                 const struct calendar *cal, struct err *e)
{
    char text[CIVIL_TEXT_LEN];
    civil_day last = ack_last_day(cal, today);
    if (state != STATE_AT_RISK && state != STATE_BREACHED)
        return err_set(e, "it is %s: only what is at risk or breached is acknowledged", state_name(state));
    if (k == ACK_SNOOZE && state == STATE_BREACHED && !manager)
        return err_set(e, "it is breached: only a manager snoozes that");
    if (ack_expired(until, today))
        return err_set(e, "until %s: that day is over", civil_format(until, text));
    return until <= last ||
           err_set(e, "until: at most %d working days ahead, %s", ACK_DAYS_MOST, civil_format(last, text));
}

enum ack_end ack_after(const struct rulebook *rb, const struct change *c)
{
    enum state now = (enum state)c->now.state;
    if (c->withdrawn)
        return ACK_RESTATED;
    if (now == c->from)
        return c->due_before != c->now.due && !drift_due_floats(rb, c->now.limit) ? ACK_RESTATED : ACK_HOLDS;
    if (alert_for(c->from, now) == ALERT_RESTATED)
        return ACK_RESTATED;
    return now == STATE_AT_RISK || now == STATE_BREACHED || now == STATE_MISSED ? ACK_WORSENED : ACK_ENDED;
}
