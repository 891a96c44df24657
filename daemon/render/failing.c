#include "failing.h"

#include <stdio.h>

#include "obligation_text.h"

static const struct {
    const char *name, *title, *text, *next;
} words[] = {
    [LOOK_NOT] = {"", "", "", ""},
    [LOOK_REFUSED] = {"refused", "refuses messages",
                      "The receiver answers that something is wrong with what it is sent: its address, the "
                      "secret, or what it expects has changed. Somebody must look.",
                      "What it is owed is kept and tried again after 30 minutes, 2 hours, then daily."},
    [LOOK_GONE] = {"gone", "is gone",
                   "The receiver answers that it is gone for good. Nothing more is sent to it.",
                   "What it is owed is kept until the endpoint is enabled again, or taken out of the "
                   "configuration."},
    [LOOK_DEAD] = {"dead", "has not taken a message",
                   "A message was given up after the last attempt. It is kept.",
                   "It is sent again by itself when the receiver next takes one, or by command."},
    [LOOK_UNREACHABLE] = {"unreachable", "cannot be reached",
                          "Nothing has got through to the receiver for more than half an hour.",
                          "What it is owed waits; one message every half hour finds out whether it is back."},
};

const char *look_name(enum look why)
{
    return words[why].name;
}

const char *look_text(enum look why)
{
    return words[why].text;
}

void failing_body(struct buf *b, enum format f, const struct channel *ch, const struct failing *x,
                  const char *message_id, int64_t timestamp)
{
    char title[160], answer[96];
    struct buf data = {0};
    snprintf(title, sizeof title, "Webhook %s %s", x->endpoint, words[x->why].title);
    if (x->http_status != 0)
        snprintf(answer, sizeof answer, "Its last answer was HTTP %d (%s).", x->http_status, x->reason);
    else
        snprintf(answer, sizeof answer, "There was no answer (%s).", x->reason);
    buf_text(&data, "{\"endpoint\":");
    json_text(&data, x->endpoint);
    buf_printf(&data, ",\"why\":\"%s\",\"reason\":\"%s\",\"http_status\":", words[x->why].name, x->reason);
    if (x->http_status != 0)
        buf_printf(&data, "%d}", x->http_status);
    else
        buf_text(&data, "null}");
    b->failed |= data.failed;
    if (!data.failed) {
        const char *const text[] = {words[x->why].text, answer, words[x->why].next};
        note_body(b, f, ch,
                  &(struct note){
                      .type = "endpoint.failing",
                      .message_id = message_id,
                      .title = title,
                      .text = text,
                      .n_text = sizeof text / sizeof text[0],
                      .urgent = true,
                      .data = data.p,
                      .timestamp = timestamp,
                  });
    }
    buf_free(&data);
}
