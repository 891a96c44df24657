/* A workflow of Microsoft Teams: {"type":"message"} around one adaptive card.
 *
 * A workflow answers 202 before it posts, and a card that is too large is lost after that without a word: Teams counts 28,672
 * bytes in an encoding of its own, in which a request of 24,453 was too many. So the body keeps to 18,000. All text stands in runs
 * of a RichTextBlock, which know no Markdown: nothing in a database can turn into a link. */
#include "notice_int.h"
#include "obligation_text.h"

#define TEAMS_BYTES 18000

static void begin(struct buf *b, const char *title, bool urgent)
{
    buf_text(
        b,
        "{\"type\":\"message\",\"attachments\":[{\"contentType\":\"application/vnd.microsoft.card.adaptive\","
        "\"contentUrl\":null,\"content\":{\"$schema\":\"http://adaptivecards.io/schemas/adaptive-card.json\","
        "\"type\":\"AdaptiveCard\",\"version\":\"1.4\",\"msteams\":{\"width\":\"full\"},\"fallbackText\":");
    json_text(b, title);
    buf_text(b, ",\"body\":[{\"type\":\"RichTextBlock\",\"inlines\":[{\"type\":\"TextRun\",\"text\":");
    json_text(b, title);
    buf_printf(b, ",\"weight\":\"bolder\",\"size\":\"medium\"%s}]}",
               urgent ? ",\"color\":\"attention\"" : "");
}

static void open_url(struct buf *b, const char *title, const char *link)
{
    buf_printf(b, "{\"type\":\"Action.OpenUrl\",\"title\":\"%s\",\"url\":", title);
    json_text(b, link);
    buf_text(b, "}");
}

static void end(struct buf *b, const char *title, const char *link)
{
    buf_text(b, "]");
    if (shown_link(link) != NULL) {
        buf_text(b, ",\"actions\":[");
        open_url(b, title, link);
        buf_text(b, "]");
    }
    buf_text(b, "}}]}");
}

static void paragraph(struct buf *b, const char *text, const char *more)
{
    buf_text(b, "{\"type\":\"RichTextBlock\",\"inlines\":[{\"type\":\"TextRun\",\"text\":");
    json_text(b, text);
    buf_printf(b, "%s}]}", more);
}

/* The heading of the card says the title of an item that is alone. */
static void row(struct buf *b, const struct notice_item *i, civil_day as_of, bool alone)
{
    struct buf title = {0}, text = {0};
    item_title(&title, i, as_of);
    item_text(&text, i, as_of);
    b->failed |= title.failed || text.failed;
    if (!b->failed) {
        buf_text(b, ",{\"type\":\"Container\",\"separator\":true,");
        if (shown_link(i->link) != NULL) {
            buf_text(b, "\"selectAction\":");
            open_url(b, "Open the case", i->link);
            buf_text(b, ",");
        }
        buf_text(b, "\"items\":[");
        if (!alone) {
            paragraph(b, title.p, ",\"weight\":\"bolder\"");
            buf_text(b, ",");
        }
        paragraph(b, text.p, "");
        buf_text(b, "]}");
    }
    buf_free(&title);
    buf_free(&text);
}

static void tail(struct buf *b, size_t more, const struct notice *n)
{
    if (more > 0) {
        struct buf text = {0};
        more_text(&text, more, n->link);
        b->failed |= text.failed;
        if (!b->failed) {
            buf_text(b, ",");
            paragraph(b, text.p, ",\"weight\":\"bolder\"");
        }
        buf_free(&text);
    }
    if (n->n == 1)
        end(b, "Open the case", n->items[0].link);
    else
        end(b, "Open the list", n->link);
}

void notice_teams(struct buf *b, const struct channel *ch, const struct notice *n)
{
    struct buf title = {0}, longest = {0};
    (void)ch;
    notice_title(&title, n);
    tail(&longest, n->n, n);
    b->failed |= title.failed || longest.failed;
    if (!b->failed)
        begin(b, title.p, item_is_urgent(&n->items[0]));
    size_t i = 0;
    for (size_t at = b->n; i < n->n; i++, at = b->n) {
        row(b, &n->items[i], n->as_of, n->n == 1);
        if (b->n + longest.n > TEAMS_BYTES) {
            buf_back(b, at);
            break;
        }
    }
    tail(b, n->n - i, n);
    buf_free(&title);
    buf_free(&longest);
}

void note_teams(struct buf *b, const struct channel *ch, const struct note *n)
{
    (void)ch;
    begin(b, n->title, n->urgent);
    for (size_t i = 0; i < n->n_text && b->n < TEAMS_BYTES / 2; i++) {
        struct buf text = {0};
        buf_cut(&text, n->text[i], TEAMS_BYTES / 12);
        b->failed |= text.failed;
        if (!b->failed && text.n > 0) {
            buf_text(b, ",");
            paragraph(b, text.p, "");
        }
        buf_free(&text);
    }
    end(b, "Open", n->link);
}
