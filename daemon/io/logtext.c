#include "logtext.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static void append(struct text *t, const char *s, size_t n)
{
    size_t room = TEXT_MAX - t->len;
    n = n < room ? n : room;
    memcpy(t->at + t->len, s, n);
    t->len += n;
}

void text_printf(struct text *t, const char *fmt, ...)
{
    size_t room = TEXT_MAX - t->len;
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(t->at + t->len, room + 1, fmt, ap);
    va_end(ap);
    if (n > 0) {
        t->len += (size_t)n < room ? (size_t)n : room;
    }
}

/* Length of the printable UTF-8 character at `s`, 0 when there is none. C1 controls count as unprintable: terminals obey
 * some of them. */
static size_t printable(const unsigned char *s, size_t n)
{
    if (s[0] < 0x80) {
        return s[0] >= 0x20 && s[0] != 0x7f;
    }
    size_t len = s[0] >= 0xf0 && s[0] <= 0xf4 ? 4 : s[0] >= 0xe0 ? 3 : s[0] >= 0xc2 ? 2 : 0;
    if (s[0] > 0xf4 || len == 0 || len > n) {
        return 0;
    }
    for (size_t i = 1; i < len; i++) {
        if ((s[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    bool c1 = s[0] == 0xc2 && s[1] < 0xa0;
    bool overlong = (s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xf0 && s[1] < 0x90);
    bool beyond = (s[0] == 0xed && s[1] >= 0xa0) || (s[0] == 0xf4 && s[1] >= 0x90);
    return c1 || overlong || beyond ? 0 : len;
}

void text_escaped(struct text *t, const char *s, size_t n, bool keep_newlines)
{
    for (size_t i = 0; i < n;) {
        size_t len = printable((const unsigned char *)s + i, n - i);
        if (len > 0 || (s[i] == '\n' && keep_newlines)) {
            len = len > 0 ? len : 1;
            append(t, s + i, len);
            i += len;
            continue;
        }
        switch (s[i]) {
        case '\n':
            append(t, "\\n", 2);
            break;
        case '\r':
            append(t, "\\r", 2);
            break;
        case '\t':
            append(t, "\\t", 2);
            break;
        default:
            text_printf(t, "\\x%02x", (unsigned char)s[i]);
        }
        i++;
    }
}

void text_pair(struct text *t, const char *name, const char *value)
{
    size_t n = strnlen(value, VALUE_MAX);
    bool quote = n == 0 || strpbrk(value, " \"=") != NULL;
    append(t, " ", 1);
    for (const char *p = name; *p != '\0'; p++) {
        char c = *p >= 'A' && *p <= 'Z' ? (char)(*p + 32) : *p;
        append(t, &c, 1);
    }
    append(t, "=\"", quote ? 2 : 1);
    for (size_t i = 0; i < n; i++) {
        if (value[i] == '"') {
            append(t, "\\", 1);
        }
        append(t, value + i, 1);
    }
    append(t, "\"", quote ? 1 : 0);
}

/* Little-endian on every machine, as the protocol wants it. */
static void put_length(struct text *t, size_t at, uint64_t n)
{
    for (size_t i = 0; i < 8 && at + i < TEXT_MAX; i++) {
        t->at[at + i] = (char)((n >> (8 * i)) & 0xff);
    }
}

void text_field(struct text *t, const char *name, const char *value)
{
    size_t n = strnlen(value, strcmp(name, "MESSAGE") == 0 ? MESSAGE_MAX : VALUE_MAX);
    size_t before = t->len;
    /* At worst each byte becomes four; a field that cannot be whole is left out. */
    if (before + strlen(name) + 4 * n + 16 > TEXT_MAX) {
        return;
    }
    append(t, name, strlen(name));
    if (memchr(value, '\n', n) == NULL) {
        append(t, "=", 1);
        text_escaped(t, value, n, false);
        append(t, "\n", 1);
        return;
    }
    append(t, "\n", 1);
    size_t length_at = t->len;
    append(t, "\0\0\0\0\0\0\0\0", 8);
    text_escaped(t, value, n, true);
    put_length(t, length_at, t->len - length_at - 8);
    append(t, "\n", 1);
}
