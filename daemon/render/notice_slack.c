/* An incoming webhook of Slack: at most 50 blocks, a header of 150 characters, sections of 3,000, and (not documented,
 * slackapi/bolt-js issue 2509) some 13,000 in all. Of the text only & < > are escaped, which is all that Slack asks for. */
#include <string.h>

#include "notice_int.h"
#include "obligation_text.h"

enum {
    SLACK_HEADER = 150,
    SLACK_SECTION = 3000,
    SLACK_BLOCKS = 50, /* the header and the line for what is left out among them */
    SLACK_BYTES = 12000,
};

/* In mrkdwn. */
static void escaped(struct buf *b, const char *s)
{
    for (; *s != '\0'; s++)
        if (*s == '&')
            buf_text(b, "&amp;");
        else if (*s == '<')
            buf_text(b, "&lt;");
        else if (*s == '>')
            buf_text(b, "&gt;");
        else
            buf_bytes(b, s, 1);
}

/* <url|text>; a bar in the address would end it. */
static void linked(struct buf *b, const char *link, const char *text)
{
    bool show = shown_link(link) != NULL && strchr(link, '|') == NULL;
    if (show) {
        buf_text(b, "<");
        escaped(b, link);
        buf_text(b, "|");
    }
    escaped(b, text);
    buf_text(b, show ? ">" : "");
}

static void begin(struct buf *b, const char *title)
{
    struct buf text = {0};
    escaped(&text, title);
    b->failed |= text.failed;
    if (!b->failed) {
        buf_text(b, "{\"text\":");
        json_text(b, text.p);
        buf_text(
            b,
            ",\"blocks\":[{\"type\":\"header\",\"text\":{\"type\":\"plain_text\",\"emoji\":false,\"text\":");
        text.n = 0;
        buf_cut(&text, title, SLACK_HEADER);
        json_text(b, text.p);
        buf_text(b, "}}");
    }
    buf_free(&text);
}

static void section(struct buf *b, struct buf *text)
{
    b->failed |= text->failed;
    if (!b->failed) {
        buf_text(b, ",{\"type\":\"section\",\"text\":{\"type\":\"mrkdwn\",\"verbatim\":true,\"text\":");
        json_text(b, text->p);
        buf_text(b, "}}");
    }
    buf_free(text);
}

/* The header says the title of an item that is alone. An item whose text is full of what has to be escaped is cut, and has
 * no link. */
static void row(struct buf *b, const struct notice_item *i, civil_day as_of, bool alone)
{
    struct buf title = {0}, words = {0}, text = {0}, cut = {0};
    item_title(&title, i, as_of);
    item_text(&words, i, as_of);
    text.failed = title.failed || words.failed;
    if (!text.failed) {
        if (!alone) {
            buf_text(&text, "*");
            linked(&text, i->link, title.p);
            buf_text(&text, "*\n");
        }
        escaped(&text, words.p);
        if (alone && shown_link(i->link) != NULL) {
            buf_text(&text, "\n");
            linked(&text, i->link, "Open the case");
        }
    }
    if (text.n > SLACK_SECTION) {
        buf_cut(&cut, title.p, SLACK_SECTION / 20);
        buf_text(&cut, "\n");
        buf_cut(&cut, words.p, SLACK_SECTION / 20 * 7);
        text.failed |= cut.failed;
        buf_back(&text, 0);
        if (!cut.failed)
            escaped(&text, cut.p);
    }
    buf_free(&cut);
    buf_free(&title);
    buf_free(&words);
    section(b, &text);
}

static void tail(struct buf *b, size_t more, const char *link)
{
    if (more > 0) {
        struct buf words = {0}, text = {0};
        more_text(&words, more, link);
        text.failed = words.failed;
        if (!words.failed)
            linked(&text, link, words.p);
        buf_free(&words);
        section(b, &text);
    }
    buf_text(b, "]}");
}

void notice_slack(struct buf *b, const struct channel *ch, const struct notice *n)
{
    struct buf title = {0}, longest = {0};
    (void)ch;
    notice_title(&title, n);
    tail(&longest, n->n, n->link);
    b->failed |= title.failed || longest.failed;
    if (!b->failed)
        begin(b, title.p);
    size_t i = 0;
    for (size_t at = b->n; i < n->n && i < SLACK_BLOCKS - 2; i++, at = b->n) {
        row(b, &n->items[i], n->as_of, n->n == 1);
        if (b->n + longest.n > SLACK_BYTES) {
            buf_back(b, at);
            break;
        }
    }
    tail(b, n->n - i, n->link);
    buf_free(&title);
    buf_free(&longest);
}

void note_slack(struct buf *b, const struct channel *ch, const struct note *n)
{
    (void)ch;
    begin(b, n->title);
    for (size_t i = 0; i < n->n_text && b->n < SLACK_BYTES / 2; i++) {
        struct buf cut = {0}, text = {0};
        buf_cut(&cut, n->text[i], SLACK_SECTION / 5); /* "&amp;" is five */
        if (!cut.failed)
            escaped(&text, cut.p);
        text.failed |= cut.failed;
        buf_free(&cut);
        section(b, &text);
    }
    if (shown_link(n->link) != NULL) {
        struct buf text = {0};
        linked(&text, n->link, "Open");
        section(b, &text);
    }
    buf_text(b, "]}");
}
