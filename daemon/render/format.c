#include "format.h"

#include <stddef.h>

static const struct {
    const char *name, *content_type, *secret_member;
} formats[FORMAT_COUNT] = {
    [FORMAT_STANDARD] = {"standard", "application/json", NULL},
    [FORMAT_CLOUDEVENTS] = {"cloudevents", "application/cloudevents+json; charset=utf-8", NULL},
    [FORMAT_ALERTMANAGER] = {"alertmanager", "application/json", NULL},
    [FORMAT_PAGERDUTY] = {"pagerduty", "application/json", "routing_key"},
    [FORMAT_TEAMS] = {"teams", "application/json", NULL},
    [FORMAT_SLACK] = {"slack", "application/json", NULL},
    [FORMAT_NTFY] = {"ntfy", "application/json", "topic"},
    [FORMAT_EMAIL] = {"email", "message/rfc822", NULL},
};

const char *format_name(enum format f)
{
    return formats[f].name;
}

const char *format_content_type(enum format f)
{
    return formats[f].content_type;
}

const char *format_secret_member(enum format f)
{
    return formats[f].secret_member;
}
