/* ntfy, published as JSON because headers would have to be encoded. A message of more than 4,096 bytes would become an
 * attachment. The topic is put in front when it is sent: whoever knows it can read it. */
#include "notice_int.h"
#include "obligation_text.h"

enum { NTFY_TITLE = 200, NTFY_MESSAGE = 4096, NTFY_TITLE_NOTE = 200 };

static void publish(struct buf *b, const char *title, const struct buf *message, bool urgent,
                    const char *link)
{
    struct buf cut = {0};
    buf_cut(&cut, title, NTFY_TITLE);
    b->failed |= message->failed || cut.failed;
    if (!b->failed) {
        buf_text(b, "{\"title\":");
        json_text(b, cut.p);
        json_member(b, "message", message->n > 0 ? message->p : title);
        buf_printf(b, ",\"priority\":%d,\"tags\":[\"%s\"]", urgent ? 4 : 3, urgent ? "warning" : "calendar");
        if (shown_link(link) != NULL)
            json_member(b, "click", link);
        buf_text(b, "}");
    }
    buf_free(&cut);
}

void notice_ntfy(struct buf *b, const struct channel *ch, const struct notice *n)
{
    struct buf title = {0}, text = {0}, longest = {0};
    size_t i = 0;
    (void)ch;
    notice_title(&title, n);
    more_text(&longest, n->n, n->link);
    for (size_t at = 0; i < n->n; i++, at = text.n) {
        buf_text(&text, i > 0 ? "\n\n" : "");
        if (n->n > 1) {
            item_title(&text, &n->items[i], n->as_of);
            buf_text(&text, "\n");
        }
        item_text(&text, &n->items[i], n->as_of);
        if (text.n + 2 + longest.n > NTFY_MESSAGE) {
            buf_back(&text, at);
            break;
        }
    }
    if (i < n->n) {
        buf_text(&text, i > 0 ? "\n\n" : "");
        more_text(&text, n->n - i, n->link);
    }
    b->failed |= title.failed || longest.failed;
    if (!b->failed)
        publish(b, title.p, &text, item_is_urgent(&n->items[0]), n->n == 1 ? n->items[0].link : n->link);
    buf_free(&title);
    buf_free(&text);
    buf_free(&longest);
}

void note_ntfy(struct buf *b, const struct channel *ch, const struct note *n)
{
    struct buf text = {0};
    (void)ch;
    for (size_t i = 0; i < n->n_text; i++) {
        size_t at = text.n;
        buf_text(&text, i > 0 ? "\n\n" : "");
        buf_cut(&text, n->text[i], NTFY_MESSAGE / 4);
        if (text.n > NTFY_MESSAGE)
            buf_back(&text, at);
    }
    publish(b, n->title, &text, n->urgent, n->link);
    buf_free(&text);
}
