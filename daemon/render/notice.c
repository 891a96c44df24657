#include "notice.h"

#include "notice_int.h"

enum { NOTE_TITLE = 200 };

static const struct {
    notice_fn *notice;
    note_fn *note;
} formats[FORMAT_COUNT] = {
    [FORMAT_STANDARD] = {notice_standard, note_standard},
    [FORMAT_CLOUDEVENTS] = {notice_cloudevents, note_cloudevents},
    [FORMAT_ALERTMANAGER] = {notice_alertmanager, note_alertmanager},
    [FORMAT_PAGERDUTY] = {notice_pagerduty, note_pagerduty},
    [FORMAT_TEAMS] = {notice_teams, note_teams},
    [FORMAT_SLACK] = {notice_slack, note_slack},
    [FORMAT_NTFY] = {notice_ntfy, note_ntfy},
    [FORMAT_EMAIL] = {notice_email, note_email},
};

void notice_body(struct buf *b, enum format f, const struct channel *ch, const struct notice *n)
{
    formats[f].notice(b, ch, n);
}

void note_body(struct buf *b, enum format f, const struct channel *ch, const struct note *n)
{
    struct buf title = {0};
    struct note cut = *n;
    buf_cut(&title, n->title, NOTE_TITLE);
    b->failed |= title.failed;
    cut.title = title.n > 0 ? title.p : "";
    if (!title.failed)
        formats[f].note(b, ch, &cut);
    buf_free(&title);
}
