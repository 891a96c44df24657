#include "notice.h"

#include "notice_int.h"

static const struct {
    notice_fn *notice;
    note_fn *note;
} formats[FORMAT_COUNT] = {
    [FORMAT_STANDARD] = {notice_standard, note_standard},
    [FORMAT_CLOUDEVENTS] = {notice_cloudevents, note_cloudevents},
    [FORMAT_ALERTMANAGER] = {notice_standard, note_standard},
    [FORMAT_PAGERDUTY] = {notice_standard, note_standard},
    [FORMAT_TEAMS] = {notice_standard, note_standard},
    [FORMAT_SLACK] = {notice_standard, note_standard},
    [FORMAT_NTFY] = {notice_standard, note_standard},
    [FORMAT_EMAIL] = {notice_standard, note_standard},
};

void notice_body(struct buf *b, enum format f, const struct channel *ch, const struct notice *n)
{
    formats[f].notice(b, ch, n);
}

void note_body(struct buf *b, enum format f, const struct channel *ch, const struct note *n)
{
    formats[f].note(b, ch, n);
}
