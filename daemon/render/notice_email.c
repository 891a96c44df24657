/* Mail: text and HTML, the whole of it made once, so that every attempt sends the same bytes under the same Message-ID. */
#include <string.h>

#include "mail_text.h"
#include "notice_int.h"

enum {
    MAIL_ITEMS = 500,
    MAIL_SUBJECT = 200,
    MAIL_PARAGRAPH = 4000,
    MAIL_REF = 100, /* bytes of a case reference in a thread's name */
};

static const char *domain(const struct channel *ch)
{
    const char *at = strchr(ch->mail_from, '@');
    return at != NULL ? at + 1 : "localhost";
}

/* Messages about one case are a thread of it, digests one of their endpoint; the message that it refers to was never
 * sent, which mail readers take as it is. */
static void thread(struct buf *b, const struct channel *ch, const char *kind, const char *of)
{
    struct buf name = {0};
    mail_id_part(&name, of);
    b->failed |= name.failed;
    if (!b->failed && name.n > 0)
        for (int i = 0; i < 2; i++)
            buf_printf(b, "%s: <%s.%.*s.%s@%s>\r\n", i == 0 ? "In-Reply-To" : "References", kind, MAIL_REF,
                       name.p, ch->name, domain(ch));
    buf_free(&name);
}

static void to(struct buf *b, const struct channel *ch)
{
    buf_text(b, "To:");
    for (size_t i = 0; i < ch->n_mail_to; i++)
        buf_printf(b, "%s %s", i > 0 ? ",\r\n" : "", ch->mail_to[i]);
    buf_text(b, "\r\n");
}

static void headers(struct buf *b, const struct channel *ch, const char *title, const char *message_id,
                    int64_t timestamp)
{
    struct buf subject = {0};
    buf_cut(&subject, title, MAIL_SUBJECT);
    buf_printf(b, "From: EHC watch <%s>\r\n", ch->mail_from);
    to(b, ch);
    b->failed |= subject.failed;
    if (!b->failed)
        mail_header(b, "Subject", subject.p);
    buf_free(&subject);
    mail_date(b, timestamp);
    buf_printf(b, "Message-ID: <%s@%s>\r\n", message_id, domain(ch));
    buf_printf(b, "List-Id: EHC watch <%s.ehcwatch.%s>\r\n", ch->name, domain(ch));
    buf_text(b, "Auto-Submitted: auto-generated\r\nX-Auto-Response-Suppress: All\r\nMIME-Version: 1.0\r\n");
}

/* The boundary cannot occur in a part: there '=' is followed by a hexadecimal digit or the line's end. */
static void parts(struct buf *b, const char *message_id, const struct buf *text, const struct buf *html)
{
    const struct {
        const char *type;
        const struct buf *body;
    } part[] = {{"plain", text}, {"html", html}};
    b->failed |= text->failed || html->failed;
    if (b->failed)
        return;
    buf_printf(b, "Content-Type: multipart/alternative;\r\n boundary=\"=_%s\"\r\n", message_id);
    for (size_t i = 0; i < 2; i++) {
        buf_printf(b,
                   "\r\n--=_%s\r\nContent-Type: text/%s; charset=utf-8\r\n"
                   "Content-Transfer-Encoding: quoted-printable\r\n\r\n",
                   message_id, part[i].type);
        if (part[i].body->n > 0)
            mail_quoted(b, part[i].body->p);
    }
    buf_printf(b, "\r\n--=_%s--\r\n", message_id);
}

static void escaped(struct buf *b, const char *s)
{
    static const struct {
        char c;
        const char *as;
    } names[] = {{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}};
    for (; *s != '\0'; s++) {
        const char *as = NULL;
        for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
            if (*s == names[i].c)
                as = names[i].as;
        if (as != NULL)
            buf_text(b, as);
        else
            buf_bytes(b, s, 1);
    }
}

static void html_begin(struct buf *b, const char *title)
{
    buf_text(b, "<!DOCTYPE html>\n<html lang=\"en-GB\"><head><meta charset=\"utf-8\"><title>");
    escaped(b, title);
    buf_text(b, "</title></head>\n<body style=\"font-family:sans-serif\">\n<h1 style=\"font-size:1.2em\">");
    escaped(b, title);
    buf_text(b, "</h1>\n");
}

static void anchor(struct buf *html, const char *link, const char *words)
{
    if (shown_link(link) != NULL) {
        buf_text(html, "<a href=\"");
        escaped(html, link);
        buf_text(html, "\">");
    }
    escaped(html, words);
    buf_text(html, shown_link(link) != NULL ? "</a>" : "");
}

/* A paragraph, linked when there is an address; the same in the text. */
static void paragraph(struct buf *text, struct buf *html, const char *words, const char *link, bool heading)
{
    buf_printf(text, "%s\n", words);
    buf_text(html, heading ? "<h2 style=\"font-size:1em\">" : "<p>");
    anchor(html, link, words);
    buf_text(html, heading ? "</h2>\n" : "</p>\n");
}

/* The address itself in the text, and under `words`, if any, in the HTML. */
static void address(struct buf *text, struct buf *html, const char *link, const char *words)
{
    if (shown_link(link) == NULL)
        return;
    buf_printf(text, "%s\n", link);
    if (words == NULL)
        return;
    buf_text(html, "<p>");
    anchor(html, link, words);
    buf_text(html, "</p>\n");
}

/* The heading says the title of an item that is alone. */
static void row(struct buf *text, struct buf *html, const struct notice_item *i, civil_day as_of, bool alone)
{
    struct buf title = {0}, words = {0};
    item_title(&title, i, as_of);
    item_text(&words, i, as_of);
    text->failed |= title.failed || words.failed;
    if (!text->failed) {
        if (!alone)
            paragraph(text, html, title.p, i->link, true);
        paragraph(text, html, words.p, NULL, false);
        address(text, html, i->link, alone ? "Open the case" : NULL);
        buf_text(text, "\n");
    }
    buf_free(&title);
    buf_free(&words);
}

void notice_email(struct buf *b, const struct channel *ch, const struct notice *n)
{
    struct buf title = {0}, text = {0}, html = {0}, more = {0};
    size_t shown = n->n < MAIL_ITEMS ? n->n : MAIL_ITEMS;
    notice_title(&title, n);
    if (!title.failed) {
        headers(b, ch, title.p, n->message_id, n->timestamp);
        if (n->n == 1)
            thread(b, ch, "case", n->items[0].case_ref);
        else
            thread(b, ch, "team", n->team[0] != '\0' ? n->team : "all");
        html_begin(&html, title.p);
    }
    for (size_t i = 0; i < shown; i++)
        row(&text, &html, &n->items[i], n->as_of, n->n == 1);
    if (shown < n->n) {
        more_text(&more, n->n - shown, n->link);
        text.failed |= more.failed;
        if (!text.failed)
            paragraph(&text, &html, more.p, n->link, false);
    }
    if (n->n > 1)
        address(&text, &html, n->link, "The whole list");
    buf_text(&html, "</body></html>\n");
    b->failed |= title.failed;
    parts(b, n->message_id, &text, &html);
    buf_free(&title);
    buf_free(&text);
    buf_free(&html);
    buf_free(&more);
}

void note_email(struct buf *b, const struct channel *ch, const struct note *n)
{
    struct buf text = {0}, html = {0};
    headers(b, ch, n->title, n->message_id, n->timestamp);
    html_begin(&html, n->title);
    for (size_t i = 0; i < n->n_text; i++) {
        struct buf words = {0};
        buf_cut(&words, n->text[i], MAIL_PARAGRAPH);
        text.failed |= words.failed;
        if (!text.failed && words.n > 0)
            paragraph(&text, &html, words.p, NULL, false);
        buf_text(&text, "\n");
        buf_free(&words);
    }
    address(&text, &html, n->link, "Open");
    buf_text(&html, "</body></html>\n");
    parts(b, n->message_id, &text, &html);
    buf_free(&text);
    buf_free(&html);
}
