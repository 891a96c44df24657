/* The forms in which a message can go out: one word of the option `format` each. Pure.
 *
 * Machine formats are told every transition, in order; the others are for people, who may be told several things in
 * one message. The order of the enum is that of FORMAT_WORDS. */
#ifndef EHCWATCH_FORMAT_H
#define EHCWATCH_FORMAT_H

#include <stdbool.h>

enum format {
    FORMAT_STANDARD,     /* Standard Webhooks 1.0.0 */
    FORMAT_CLOUDEVENTS,  /* CloudEvents 1.0.2, structured, signed as Standard Webhooks */
    FORMAT_ALERTMANAGER, /* POST /api/v2/alerts */
    FORMAT_PAGERDUTY,    /* Events API v2 */
    FORMAT_TEAMS,        /* a workflow of Microsoft Teams: an adaptive card */
    FORMAT_SLACK,        /* an incoming webhook of Slack */
    FORMAT_NTFY,         /* ntfy, published as JSON */
    FORMAT_EMAIL,        /* a message of RFC 5322 to a relay */
    FORMAT_COUNT,
};

#define FORMAT_WORDS "standard cloudevents alertmanager pagerduty teams slack ntfy email"

/* Sets of formats are bit masks. */
#define FORMAT_BIT(f)  (1u << (f))
#define FORMATS_SIGNED (FORMAT_BIT(FORMAT_STANDARD) | FORMAT_BIT(FORMAT_CLOUDEVENTS))
#define FORMATS_PEOPLE                                                                                       \
    (FORMAT_BIT(FORMAT_TEAMS) | FORMAT_BIT(FORMAT_SLACK) | FORMAT_BIT(FORMAT_NTFY) | FORMAT_BIT(FORMAT_EMAIL))
#define FORMATS_PER_ENDPOINT                                                                                 \
    (FORMAT_BIT(FORMAT_ALERTMANAGER) | FORMAT_BIT(FORMAT_EMAIL)) /* bodies differ by struct channel */

/* The word of the configuration, and the media type of a body. Static text. */
const char *format_name(enum format f);
const char *format_content_type(enum format f);

/* Formats whose body needs a secret of the endpoint: the name of the member that comes first in what is sent and
 * never into what is stored ({"topic":"...",REST} for the stored {REST}); NULL for the others. */
const char *format_secret_member(enum format f);

#endif
