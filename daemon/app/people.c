#include "people.h"

#include "format.h"

bool config_check_time(const char *name, const char *value, struct err *e)
{
    int minute;
    return policy_read_time(value, &minute) ||
           err_set(e, "%s: '%.64s' is not a time of day, such as 08:00", name, value);
}

bool config_check_hours(const char *name, const char *value, struct err *e)
{
    int from, to;
    return policy_read_hours(value, &from, &to) ||
           err_set(e, "%s: '%.64s' is not two different times of day, such as 18:00-08:00", name, value);
}

struct meeting_rule people_meeting(const struct config_meeting *m)
{
    struct meeting_rule rule = {.weekday = m->weekday, .lasts = m->minutes};
    (void)!policy_read_time(m->time, &rule.minute);
    return rule;
}

/* What they make of a message is one incident each. */
#define FORMATS_PER_TRANSITION (FORMAT_BIT(FORMAT_ALERTMANAGER) | FORMAT_BIT(FORMAT_PAGERDUTY))

/* Which endpoints are people's unless the option `send` says otherwise. */
static bool read_by_people(const struct config_webhook *w)
{
    return (FORMATS_PEOPLE & FORMAT_BIT((unsigned)w->format)) != 0;
}

struct policy people_policy(const struct config_webhook *w)
{
    struct policy p = {
        .send = (enum send)w->send,
        .digest_day = w->digest_day,
        .remind_days = w->remind_days,
        .escalate_days = w->escalate_days,
        .settle = w->settle,
    };
    if (p.send == SEND_AUTO)
        p.send = read_by_people(w) ? SEND_IMMEDIATE : SEND_EVERY;
    (void)!policy_read_time(w->digest_at, &p.digest_at);
    if (w->quiet_hours != NULL)
        (void)!policy_read_hours(w->quiet_hours, &p.quiet_from, &p.quiet_to);
    return p;
}

bool people_check(const struct config_webhook *w, const char **option, struct err *e)
{
    const struct policy p = people_policy(w);
    const struct {
        const char *option;
        bool given;
    } only_people[] = {
        {"quiet_hours", w->quiet_hours != NULL},
        {"remind_days", w->remind_days > 0},
        {"escalate_days", w->escalate_days > 0},
    };
    for (size_t i = 0; i < sizeof only_people / sizeof only_people[0]; i++) {
        *option = only_people[i].option;
        if (only_people[i].given && p.send == SEND_EVERY)
            return err_set(e, "%s is for people: this endpoint is told every transition (send)", *option);
    }
    *option = "send";
    if (p.send != SEND_EVERY && (FORMATS_PER_TRANSITION & FORMAT_BIT((unsigned)w->format)) != 0)
        return err_set(e, "send: a message in the format %s is about one transition",
                       format_name((enum format)w->format));
    *option = "quiet_hours"; /* digest_at may not be in the file */
    bool clash = policy_in_quiet_hours(&p, p.digest_at);
    return !clash || err_set(e, "quiet_hours covers digest_at, %s", w->digest_at);
}
