#include "mail_text.h"

#include <stdio.h>
#include <string.h>

#include "utf8.h"

enum {
    LINE = 76,
    WORD_BYTES = 42, /* of text in an encoded word: 56 characters of base64, 68 with its frame */
};

static const char b64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static bool is_plain(const char *s)
{
    if (strstr(s, "=?") != NULL)
        return false;
    for (; *s != '\0'; s++)
        if (*s < 0x20 || *s > 0x7e)
            return false;
    return true;
}

static void base64(struct buf *b, const unsigned char *p, size_t n)
{
    for (size_t i = 0; i < n; i += 3) {
        unsigned v = (unsigned)p[i] << 16 | (i + 1 < n ? (unsigned)p[i + 1] << 8 : 0) |
                     (i + 2 < n ? (unsigned)p[i + 2] : 0);
        char quad[4] = {b64[v >> 18 & 63], b64[v >> 12 & 63], i + 1 < n ? b64[v >> 6 & 63] : '=',
                        i + 2 < n ? b64[v & 63] : '='};
        buf_bytes(b, quad, 4);
    }
}

/* Whole characters only in each word (RFC 2047 section 5). `s` is UTF-8. */
static void encoded_words(struct buf *b, const char *s)
{
    bool first = true;
    while (*s != '\0') {
        size_t n = 0, step;
        while (s[n] != '\0' && n + (step = utf8_length(s + n)) <= WORD_BYTES)
            n += step;
        buf_text(b, first ? "=?utf-8?B?" : "\r\n =?utf-8?B?");
        base64(b, (const unsigned char *)s, n);
        buf_text(b, "?=");
        first = false;
        s += n;
    }
}

/* Folds at blanks; a word longer than a line stays whole. */
static void folded(struct buf *b, const char *s, size_t column)
{
    while (*s != '\0') {
        size_t blanks = strspn(s, " "), word = strcspn(s + blanks, " ");
        if (blanks > 0 && word > 0 && column + blanks + word > LINE) {
            buf_text(b, "\r\n");
            column = 0;
        }
        buf_bytes(b, s, blanks + word);
        column += blanks + word;
        s += blanks + word;
    }
}

void mail_header(struct buf *b, const char *name, const char *value)
{
    struct buf clean = {0};
    const char *from = value + strspn(value, " \t\r\n");
    for (size_t n; *from != '\0'; from += n) {
        n = utf8_length(from);
        if (n == 0)
            buf_text(&clean, "\xef\xbf\xbd");
        else if ((unsigned char)*from < 0x20 || *from == 0x7f)
            buf_text(&clean, " ");
        else
            buf_bytes(&clean, from, n);
        n += n == 0;
    }
    while (!clean.failed && clean.n > 0 && clean.p[clean.n - 1] == ' ')
        clean.p[--clean.n] = '\0';
    b->failed |= clean.failed;
    buf_printf(b, "%s: ", name);
    if (!clean.failed && clean.n > 0) {
        if (is_plain(clean.p))
            folded(b, clean.p, strlen(name) + 2);
        else
            encoded_words(b, clean.p);
    }
    buf_text(b, "\r\n");
    buf_free(&clean);
}

void mail_date(struct buf *b, int64_t us)
{
    static const char *const days[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    static const char *const months[] = {"",    "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    int64_t seconds = us / 1000000;
    civil_day d = (civil_day)(seconds / 86400);
    int in_day = (int)(seconds % 86400);
    struct civil_ymd c = civil_to_ymd(d);
    buf_printf(b, "Date: %s, %d %s %d %02d:%02d:%02d +0000\r\n", days[civil_weekday(d)], c.day,
               months[c.month], c.year, in_day / 3600, in_day / 60 % 60, in_day % 60);
}

void mail_quoted(struct buf *b, const char *text)
{
    size_t column = 0;
    for (const char *p = text; *p != '\0'; p++) {
        unsigned char c = (unsigned char)*p;
        char out[4];
        if (c == '\n') {
            buf_text(b, "\r\n");
            column = 0;
            continue;
        }
        bool blank_at_end = c == ' ' && (p[1] == '\n' || p[1] == '\0');
        /* A lone dot and "From " are told apart from what a relay or a mailbox would take them for. */
        bool at_start = column == 0 && (c == '.' || c == 'F');
        bool plain = c >= 0x20 && c < 0x7f && c != '=' && !blank_at_end && !at_start;
        int n = plain ? snprintf(out, sizeof out, "%c", c) : snprintf(out, sizeof out, "=%02X", c);
        if (column + (size_t)n > LINE - 1) {
            buf_text(b, "=\r\n");
            column = 0;
        }
        buf_bytes(b, out, (size_t)n);
        column += (size_t)n;
    }
}

void mail_id_part(struct buf *b, const char *text)
{
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;
        bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-';
        if (plain)
            buf_bytes(b, text, 1);
        else
            buf_printf(b, "_%02X", c);
    }
}
