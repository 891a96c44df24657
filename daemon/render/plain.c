#include "plain.h"

#include <stdio.h>
#include <string.h>

#include "utf8.h"

/* One character of s into b; how many bytes it took. C1 controls are the two bytes C2 80 to C2 9F. */
static size_t one(struct buf *b, const char *s)
{
    const unsigned char *u = (const unsigned char *)s;
    size_t n = utf8_length(s);
    bool control = u[0] < 0x20 || u[0] == 0x7f || (n == 2 && u[0] == 0xc2 && u[1] < 0xa0);
    if (n == 0 || control)
        buf_text(b, "\xef\xbf\xbd");
    else
        buf_bytes(b, s, n);
    return n > 0 ? n : 1;
}

void buf_plain(struct buf *b, const char *s)
{
    while (*s != '\0')
        s += one(b, s);
}

static size_t characters(const char *s)
{
    size_t n = 0;
    for (size_t step; *s != '\0'; s += step, n++)
        step = utf8_length(s) > 0 ? utf8_length(s) : 1;
    return n;
}

void buf_plain_column(struct buf *b, const char *s, size_t width)
{
    bool cut = characters(s) > width;
    size_t n = 0;
    for (; *s != '\0' && n < width - cut; n++)
        s += one(b, s);
    if (cut)
        buf_text(b, "\xe2\x80\xa6");
    for (n += cut; n < width; n++)
        buf_bytes(b, " ", 1);
}

/* A comma before every third digit from the end; what is no digit is the sign in front, or what comes behind. `out` has room for a third more,
 * and the NUL. */
static void commas(char *out, const char *text)
{
    size_t sign = *text == '-', digits = sign + strspn(text + sign, "0123456789");
    for (size_t i = 0; text[i] != '\0'; i++) {
        if (i > sign && i < digits && (digits - i) % 3 == 0)
            *out++ = ',';
        *out++ = text[i];
    }
    *out = '\0';
}

void buf_commas(struct buf *b, const char *text)
{
    size_t len = strlen(text);
    char *room = buf_room(b, len + len / 3 + 1);
    if (room == NULL)
        return;
    commas(room, text);
    buf_filled(b, strlen(room));
}

const char *count_text(char out[COUNT_LEN], int64_t n)
{
    char text[24];
    snprintf(text, sizeof text, "%lld", (long long)n);
    commas(out, text);
    return out;
}

void buf_tenths(struct buf *b, double x)
{
    char text[400];
    snprintf(text, sizeof text, "%.1f", x);
    buf_commas(b, text);
}

void buf_days(struct buf *b, int n)
{
    buf_printf(b, "%s day%s", COUNT(n), n == 1 ? "" : "s");
}
