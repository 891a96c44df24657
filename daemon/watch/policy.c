#include "policy.h"

#include <string.h>

bool policy_in_quiet_hours(const struct policy *p, int minute)
{
    if (p->quiet_from <= p->quiet_to)
        return minute >= p->quiet_from && minute < p->quiet_to;
    return minute >= p->quiet_from || minute < p->quiet_to;
}

bool policy_is_quiet(const struct policy *p, int64_t at, const struct calendar *cal)
{
    struct local_time t = worktime_local(at);
    return p->quiet_from != p->quiet_to &&
           (!calendar_is_working_day(cal, t.day) || policy_in_quiet_hours(p, t.minute));
}

/* Quiet ends at midnight before a working day, or where the quiet hours of one do. */
int64_t policy_loud(const struct policy *p, int64_t now, const struct calendar *cal)
{
    if (!policy_is_quiet(p, now, cal))
        return now;
    for (civil_day d = worktime_day_from(cal, worktime_local(now).day);; d = worktime_day_from(cal, d + 1)) {
        int64_t midnight = worktime_instant(d, 0), ends = worktime_instant(d, p->quiet_to);
        if (midnight >= now && !policy_is_quiet(p, midnight, cal))
            return midnight;
        if (ends >= now && !policy_is_quiet(p, ends, cal))
            return ends;
    }
}

int64_t policy_digest_after(const struct policy *p, int64_t last)
{
    for (civil_day d = worktime_local(last).day;; d++) {
        int64_t at = worktime_instant(d, p->digest_at);
        if (at > last && (p->send != SEND_WEEKLY || civil_weekday(d) == p->digest_day))
            return at;
    }
}

int64_t policy_next(const struct policy *p, int64_t last, int64_t now, const struct calendar *cal)
{
    int64_t at = now;
    if (p->send == SEND_DAILY || p->send == SEND_WEEKLY) {
        int64_t digest = policy_digest_after(p, last);
        at = digest > now ? digest : now;
    }
    return policy_loud(p, at, cal);
}

int64_t policy_remind_next(const struct policy *p, civil_day reminded_on, int64_t now,
                           const struct calendar *cal)
{
    if (p->remind_days == 0 && p->escalate_days == 0)
        return POLICY_NEVER;
    int from = policy_in_quiet_hours(p, p->digest_at) ? p->quiet_to : p->digest_at;
    civil_day d = worktime_local(now).day;
    if (reminded_on >= d)
        d = reminded_on + 1;
    for (d = worktime_day_from(cal, d);; d = worktime_day_from(cal, d + 1)) {
        int64_t at = worktime_instant(d, from);
        at = policy_loud(p, at > now ? at : now, cal);
        if (worktime_local(at).day == d)
            return at;
    }
}

int policy_reminder_step(const struct policy *p, int working_days)
{
    if (p->remind_days == 0 || working_days < p->remind_days)
        return 0;
    int step = working_days - working_days % p->remind_days;
    return step > p->escalate_days ? step
                                   : 0; /* the escalation itself is the first that this endpoint hears */
}

struct policy_verdict policy_judge(const struct policy *p, const struct policy_state *s, int64_t now,
                                   const struct calendar *cal)
{
    struct policy_verdict v = {.next = POLICY_NEVER};
    if (p->send == SEND_DAILY || p->send == SEND_WEEKLY) {
        v.next = policy_next(p, s->last, now, cal);
        v.digest = v.changes = v.next <= now;
        v.reminders = v.digest && (p->remind_days > 0 || p->escalate_days > 0) &&
                      calendar_is_working_day(cal, worktime_local(now).day);
        return v;
    }
    if (s->waiting != POLICY_NEVER)
        v.next = policy_loud(p, s->waiting > now ? s->waiting : now, cal);
    v.changes = v.next <= now;
    int64_t remind = policy_remind_next(p, s->reminded_on, now, cal);
    v.reminders = remind <= now;
    if (remind < v.next)
        v.next = remind;
    return v;
}

static bool read_time(const char *text, int *minute)
{
    static const char *const most = "29:59";
    for (int i = 0; i < 5; i++)
        if (i == 2 ? text[i] != ':' : text[i] < '0' || text[i] > most[i])
            return false;
    *minute = ((text[0] - '0') * 10 + text[1] - '0') * 60 + (text[3] - '0') * 10 + text[4] - '0';
    return *minute < DAY_MINUTES;
}

bool policy_read_time(const char *text, int *minute)
{
    return read_time(text, minute) && text[5] == '\0';
}

bool policy_read_hours(const char *text, int *from, int *to)
{
    return read_time(text, from) && text[5] == '-' && policy_read_time(text + 6, to) && *from != *to;
}
