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

/* A comma before every third digit from the end; what is no digit is the sign in front, or what comes behind. */
void buf_commas(struct buf *b, const char *text)
{
    size_t sign = *text == '-', digits = strspn(text + sign, "0123456789");
    buf_bytes(b, text, sign);
    text += sign;
    for (size_t i = 0; i < digits; i++) {
        if (i > 0 && (digits - i) % 3 == 0)
            buf_text(b, ",");
        buf_bytes(b, text + i, 1);
    }
    buf_text(b, text + digits);
}

const char *count_text(char out[COUNT_LEN], int64_t n)
{
    char text[24], *to = out;
    size_t len = (size_t)snprintf(text, sizeof text, "%lld", (long long)n), sign = n < 0;
    for (size_t i = 0; i < len; i++) {
        if (i > sign && (len - i) % 3 == 0)
            *to++ = ',';
        *to++ = text[i];
    }
    *to = '\0';
    return out;
}

void buf_days(struct buf *b, int n)
{
    buf_printf(b, "%s day%s", COUNT(n), n == 1 ? "" : "s");
}
