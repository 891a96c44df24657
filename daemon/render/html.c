#include "html.h"

#include <stdio.h>
#include <string.h>

#include "event_words.h"
#include "plain.h"
#include "utf8.h"

#define REPLACEMENT "\xef\xbf\xbd"

static const char *escape(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

/* Length of the character at s, of which `left` bytes are there; 0: it is none. The texts here need not end in a NUL. */
static size_t length(const char *s, size_t left)
{
    char copy[5] = "";
    memcpy(copy, s, left < 4 ? left : 4);
    return utf8_length(copy);
}

static bool control(const unsigned char *s, size_t n)
{
    if (n == 1)
        return s[0] < 0x20 || s[0] == 0x7f;
    if (n == 2)
        return s[0] == 0xc2 && s[1] < 0xa0;
    return n == 3 && s[0] == 0xe2 &&
           ((s[1] == 0x80 && s[2] >= 0xaa && s[2] <= 0xae) || (s[1] == 0x81 && s[2] >= 0xa6 && s[2] <= 0xa9));
}

/* Of two or three bytes. */
static int code_point(const unsigned char *s, size_t n)
{
    return n == 2 ? (s[0] & 0x1f) << 6 | (s[1] & 0x3f)
                  : (s[0] & 0x0f) << 12 | (s[1] & 0x3f) << 6 | (s[2] & 0x3f);
}

void html_bytes(struct buf *b, const char *s, size_t len)
{
    for (size_t at = 0, n; at<len; at += n> 0 ? n : 1) {
        n = length(s + at, len - at);
        const char *escaped = n == 1 ? escape(s[at]) : NULL;
        if (escaped != NULL)
            buf_text(b, escaped);
        else if (n == 0 || s[at] == '\0' || control((const unsigned char *)s + at, n))
            buf_text(b, REPLACEMENT);
        else
            buf_bytes(b, s + at, n);
    }
}

void html_text(struct buf *b, const char *s)
{
    html_bytes(b, s, strlen(s));
}

void html_name_bytes(struct buf *b, const char *s, size_t len)
{
    if (len == 0)
        return;
    buf_text(b, "<bdi>");
    html_bytes(b, s, len);
    buf_text(b, "</bdi>");
}

void html_name(struct buf *b, const char *s)
{
    html_name_bytes(b, s, strlen(s));
}

void html_attr(struct buf *b, const char *name, const char *value)
{
    buf_printf(b, " %s=\"", name);
    for (size_t n; *value != '\0'; value += n > 0 ? n : 1) {
        n = utf8_length(value);
        const char *escaped = escape(*value);
        if (n == 0)
            buf_text(b, REPLACEMENT);
        else if (escaped != NULL)
            buf_text(b, escaped);
        else if ((unsigned char)*value < 0x20 || *value == 0x7f) /* a bare CR would be read as LF */
            buf_printf(b, "&#%d;", *value);
        else if (control((const unsigned char *)value,
                         n)) /* not as they are, which would turn the source round */
            buf_printf(b, "&#%d;", code_point((const unsigned char *)value, n));
        else
            buf_bytes(b, value, n);
    }
    buf_text(b, "\"");
}

void html_url_part(struct buf *b, const char *s, size_t len)
{
    static const char hex[] = "0123456789ABCDEF";
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)s[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (plain || (c != '\0' && strchr("-._~", c) != NULL)) {
            buf_bytes(b, s + i, 1);
        } else {
            const char coded[3] = {'%', hex[c >> 4], hex[c & 15]};
            buf_bytes(b, coded, sizeof coded);
        }
    }
}

void html_sentence(struct buf *b, const char *s)
{
    char first = *s;
    if (first >= 'a' && first <= 'z') {
        first = (char)(first - 'a' + 'A');
        buf_bytes(b, &first, 1);
        s++;
    }
    html_text(b, s);
}

const char *html_month(int month)
{
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    return months[month - 1];
}

void html_day(struct buf *b, civil_day d, enum html_day how)
{
    char text[CIVIL_TEXT_LEN], words[32];
    if (d == CIVIL_NONE)
        return;
    buf_printf(b, "<time datetime=\"%s\">", civil_format(d, text));
    if (how == HTML_DAY_SHORT) {
        struct civil_ymd y = civil_to_ymd(d);
        buf_printf(b, "%d %s %d", y.day, html_month(y.month), y.year);
    } else if (how == HTML_DAY) {
        buf_text(b, civil_words(d, words, sizeof words));
    } else {
        day_words(b, d);
    }
    buf_text(b, "</time>");
}

void html_count(struct buf *b, int64_t n)
{
    buf_text(b, COUNT(n));
}

void html_number(struct buf *b, double x, int decimals)
{
    char text[400];
    snprintf(text, sizeof text, "%.*f", decimals, x);
    buf_commas(b, strncmp(text, "-0", 2) == 0 && strspn(text, "-0.") == strlen(text) ? text + 1 : text);
}

void html_share(struct buf *b, double x, int decimals)
{
    html_number(b, 100 * x, decimals);
    buf_text(b, "%");
}
