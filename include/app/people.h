/* What the options of an endpoint say of when people are told. */
#ifndef EHCWATCH_PEOPLE_H
#define EHCWATCH_PEOPLE_H

#include "config.h"
#include "meeting.h"
#include "policy.h"

/* "HH:MM" and "HH:MM-HH:MM": checks as in config_check.h. */
bool config_check_time(const char *name, const char *value, struct err *e) MUST_CHECK;
bool config_check_hours(const char *name, const char *value, struct err *e) MUST_CHECK;

/* Whether the options go together; on failure *option is the one at fault. */
bool people_check(const struct config_webhook *w, const char **option, struct err *e) MUST_CHECK;

/* The policy; `send` is never SEND_AUTO. Only options that were checked. */
struct policy people_policy(const struct config_webhook *w);

/* When the demand meeting is. */
struct meeting_rule people_meeting(const struct config_meeting *m);

#endif
