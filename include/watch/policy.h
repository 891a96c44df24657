/* When people may be sent something.
 *
 * An endpoint that people read has a policy: at once, or gathered once a day or once a week; not in quiet hours; reminders and
 * escalations on working days. Everything here is a function of the policy, of points in time and of the calendar, so that a
 * test can ask about any Christmas. Times are those of clocks in England. Pure. */
#ifndef EHCWATCH_POLICY_H
#define EHCWATCH_POLICY_H

#include "worktime.h"

/* The order of the words of the option `send`. */
enum send {
    SEND_AUTO,      /* by the format: every for machines, immediate for people */
    SEND_EVERY,     /* each transition its own message, in order: what machines get */
    SEND_IMMEDIATE, /* what has changed, together, as soon as it may go out */
    SEND_DAILY,
    SEND_WEEKLY,
};

struct policy {
    enum send send;
    int digest_at;  /* minute of the day: digests; reminders and escalations not before it */
    int digest_day; /* of a weekly digest: 0 = Monday */
    int quiet_from,
        quiet_to;    /* minutes of the day: [from, to), over midnight when from > to; equal: no quiet hours */
    int remind_days; /* working days from reminder to reminder; 0: none */
    int escalate_days; /* told of nothing but what has been breached for so many working days; 0: ordinary */
    int settle;        /* days that a new at_risk is held */
};

#define POLICY_NEVER INT64_MAX

/* Whether the minute of the day lies in the quiet hours. */
bool policy_in_quiet_hours(const struct policy *p, int minute);

/* Whether nothing may go out: in the quiet hours, and with quiet hours on all of a day that is not a working day. */
bool policy_is_quiet(const struct policy *p, int64_t at, const struct calendar *cal);

/* The earliest moment, `now` or later, at which something may go out: for what has changed and is sent at once. */
int64_t policy_loud(const struct policy *p, int64_t now, const struct calendar *cal);

/* Of a digest: the time of the first one after `last`. It is in the past when one was missed, however many were: they are one. */
int64_t policy_digest_after(const struct policy *p, int64_t last);

/* The earliest moment, `now` or later, at which the next message may go out whose predecessor went out at `last`. */
int64_t policy_next(const struct policy *p, int64_t last, int64_t now, const struct calendar *cal);

/* The earliest moment, `now` or later, at which somebody may be reminded again who was on `reminded_on` (CIVIL_NONE: never): on a
 * working day after that, from digest_at on. POLICY_NEVER when nobody is to be reminded. */
int64_t policy_remind_next(const struct policy *p, civil_day reminded_on, int64_t now,
                           const struct calendar *cal);

/* The reminder that is due after so many working days in the state: a multiple of remind_days, 0 when none is. Those that were
 * missed are not made up for. */
int policy_reminder_step(const struct policy *p, int working_days);

/* How it stands with an endpoint, and what is to be done now. */
struct policy_state {
    int64_t last;          /* the last digest */
    int64_t waiting;       /* from when on something that waits may be told; POLICY_NEVER: nothing waits */
    civil_day reminded_on; /* the last day of reminders; CIVIL_NONE: never */
};

struct policy_verdict {
    bool changes, digest, reminders; /* tell what waits; as a digest; look for reminders and escalations */
    int64_t next;                    /* the earliest moment at which any is due: `now` when one is */
};

struct policy_verdict policy_judge(const struct policy *p, const struct policy_state *s, int64_t now,
                                   const struct calendar *cal);

/* Reads "08:00", and "18:00-08:00" whose two times differ. False: it is something else. */
bool policy_read_time(const char *text, int *minute);
bool policy_read_hours(const char *text, int *from, int *to);

#endif
