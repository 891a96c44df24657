#include "proof.h"

#include <string.h>

#include "plain.h"

/* Text for HTML: what a database holds is no markup, and moves nothing. */
static void html(struct buf *b, const char *s)
{
    struct buf plain = {0};
    buf_plain(&plain, s);
    b->failed |= plain.failed;
    for (const char *p = plain.n > 0 && !plain.failed ? plain.p : ""; *p != '\0'; p++) {
        switch (*p) {
        case '&':
            buf_text(b, "&amp;");
            break;
        case '<':
            buf_text(b, "&lt;");
            break;
        case '>':
            buf_text(b, "&gt;");
            break;
        case '"':
            buf_text(b, "&quot;");
            break;
        default:
            buf_bytes(b, p, 1);
        }
    }
    buf_free(&plain);
}

static void put(struct buf *b, enum proof_format f, const char *s)
{
    if (f == PROOF_HTML)
        html(b, s);
    else
        buf_plain(b, s);
}

static void line(struct buf *b, enum proof_format f, const char *label, const char *value)
{
    if (f == PROOF_HTML) {
        buf_printf(b, "<tr><th>%s</th><td>", label);
        html(b, value);
        buf_text(b, "</td></tr>\n");
    } else {
        buf_printf(b, "    %-16s", label);
        buf_plain(b, value);
        buf_text(b, "\n");
    }
}

/* The same with what a buffer holds, which is empty afterwards. */
static void line_of(struct buf *b, enum proof_format f, const char *label, struct buf *value)
{
    b->failed |= value->failed;
    line(b, f, label, value->n > 0 ? value->p : "");
    value->n = 0;
}

static void time_line(struct buf *b, enum proof_format f, const char *label, int64_t us, const char *never)
{
    struct buf text = {0};
    if (us == DELIVERY_NEVER)
        buf_text(&text, never);
    else
        buf_london(&text, us);
    line_of(b, f, label, &text);
    buf_free(&text);
}

static const char EXPLAINED[] =
    "Accepted means that the receiver answered 202: it has the message and has not said that it was dealt "
    "with. Processed "
    "means another answer of success (2xx). Acknowledged means that a person said so afterwards. Times are "
    "those of clocks "
    "in England. The SHA-256 is that of the bytes that were sent, the same on every attempt.";

static const char HTML_HEAD[] =
    "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Proof of "
    "delivery</title>\n<style>\n"
    "@page{size:A4;margin:18mm}\n"
    "body{font:11pt/1.4 sans-serif;color:#000;background:#fff;max-width:174mm;margin:1em auto;padding:0 "
    "1em}\n"
    "h1{font-size:16pt}h2{font-size:12pt;margin:1.2em 0 .3em}section{break-inside:avoid}\n"
    "table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:1pt 6pt 1pt "
    "0;"
    "border-bottom:.5pt solid #999}th{width:38mm;font-weight:normal}td{overflow-wrap:anywhere}\n"
    "</style></head><body>\n";

void proof_begin(struct buf *b, enum proof_format f, const char *case_ref, size_t n, int64_t read_at)
{
    bool web = f == PROOF_HTML;
    buf_text(b, web ? HTML_HEAD : "");
    buf_text(b, web ? "<h1>Proof of delivery: case " : "PROOF OF DELIVERY: CASE ");
    put(b, f, case_ref);
    buf_printf(b, "%s%zu message%s recorded, read on ", web ? "</h1>\n<p>" : "\n\n", n, n == 1 ? "" : "s");
    buf_london(b, read_at);
    buf_printf(b, ".%s%s%s", web ? "</p>\n<p>" : "\n\n", EXPLAINED, web ? "</p>\n" : "\n");
}

static void heading(struct buf *b, enum proof_format f, const struct delivery *d, size_t n)
{
    buf_printf(b, f == PROOF_HTML ? "<section><h2>%zu. " : "\n%zu. ", n);
    put(b, f, d->type);
    buf_text(b, " to ");
    put(b, f, d->endpoint);
    buf_text(b, f == PROOF_HTML ? "</h2><table>\n" : "\n");
}

void proof_row(struct buf *b, enum proof_format f, const struct delivery *d, size_t n)
{
    struct buf text = {0};
    heading(b, f, d, n);
    line(b, f, "Message", d->message_id);
    if (*d->limit != '\0') {
        buf_printf(&text, "%s%s%s", d->limit, *d->subject != '\0' ? ", " : "", d->subject);
        line_of(b, f, "Time limit", &text);
    }
    if (d->items > 1) {
        buf_printf(&text, "%d obligations, this case among them", d->items);
        line_of(b, f, "About", &text);
    }
    time_line(b, f, "Made", d->created_at, "");
    time_line(b, f, "First attempted", d->first_at, "not yet");
    buf_printf(&text, "%d", d->attempts);
    if (d->unrecorded > 0)
        buf_printf(&text, " recorded, %d more without a recorded outcome", d->unrecorded);
    if (d->replays > 0)
        buf_printf(&text, ", queued again %d time%s", d->replays, d->replays == 1 ? "" : "s");
    line_of(b, f, "Attempts", &text);
    buf_answer(&text, d);
    if (text.n == 0)
        buf_text(&text, "none");
    line_of(b, f, "Last answer", &text);
    time_line(b, f, "Accepted", d->accepted_at, "no");
    time_line(b, f, "Processed", d->processed_at, "no");
    line(b, f, "State", d->state);
    if (d->seen_at != DELIVERY_NEVER) {
        buf_printf(&text, "by %s, ", d->seen_by);
        buf_london(&text, d->seen_at);
    } else {
        buf_text(&text, "no");
    }
    line_of(b, f, "Acknowledged", &text);
    line(b, f, "SHA-256", d->sha256);
    buf_text(b, f == PROOF_HTML ? "</table></section>\n" : "");
    b->failed |= text.failed;
    buf_free(&text);
}

void proof_end(struct buf *b, enum proof_format f)
{
    buf_text(b, f == PROOF_HTML ? "</body></html>\n" : "");
}
