#include "utf8.h"

size_t utf8_length(const char *text)
{
    static const struct {
        unsigned char lo, hi, second_lo, second_hi, len;
    } forms[] = {
        {0x00, 0x7f, 0, 0, 1},       {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
        {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
        {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
    };
    const unsigned char *s = (const unsigned char *)text;
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        if (s[0] < forms[i].lo || s[0] > forms[i].hi)
            continue;
        if (forms[i].len > 1 && (s[1] < forms[i].second_lo || s[1] > forms[i].second_hi))
            return 0;
        for (size_t k = 2; k < forms[i].len; k++)
            if ((s[k] & 0xc0) != 0x80)
                return 0;
        return forms[i].len;
    }
    return 0;
}

bool utf8_valid(const char *s)
{
    for (size_t n; *s != '\0'; s += n)
        if ((n = utf8_length(s)) == 0)
            return false;
    return true;
}

void buf_utf8(struct buf *b, const char *s)
{
    while (*s != '\0') {
        size_t n = utf8_length(s);
        if (n > 0)
            buf_bytes(b, s, n);
        else
            buf_text(b, "\xef\xbf\xbd");
        s += n > 0 ? n : 1;
    }
}
