#include "buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool room(struct buf *b, size_t more)
{
    if (b->failed)
        return false;
    if (b->cap - b->n > more)
        return true;
    size_t cap = b->cap ? b->cap : 256;
    while (cap - b->n <= more)
        cap *= 2;
    char *p = realloc(b->p, cap);
    if (p == NULL) {
        b->failed = true;
        return false;
    }
    b->p = p;
    b->cap = cap;
    return true;
}

char *buf_room(struct buf *b, size_t len)
{
    return room(b, len) ? b->p + b->n : NULL;
}

void buf_filled(struct buf *b, size_t len)
{
    b->n += len;
    b->p[b->n] = '\0';
}

void buf_bytes(struct buf *b, const char *s, size_t len)
{
    if (!room(b, len))
        return;
    memcpy(b->p + b->n, s, len);
    b->n += len;
    b->p[b->n] = '\0';
}

void buf_text(struct buf *b, const char *s)
{
    buf_bytes(b, s, strlen(s));
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
    char small[512];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(small, sizeof small, fmt, ap);
    va_end(ap);
    if (n < 0) {
        b->failed = true;
    } else if ((size_t)n < sizeof small) {
        buf_bytes(b, small, (size_t)n);
    } else if (room(b, (size_t)n)) {
        va_start(ap, fmt);
        vsnprintf(b->p + b->n, (size_t)n + 1, fmt, ap);
        va_end(ap);
        b->n += (size_t)n;
    }
}

void buf_csv(struct buf *b, const char *s)
{
    if (strpbrk(s, ",\"\r\n") == NULL) {
        buf_text(b, s);
        return;
    }
    buf_bytes(b, "\"", 1);
    for (; *s != '\0'; s++) {
        if (*s == '"')
            buf_bytes(b, "\"", 1);
        buf_bytes(b, s, 1);
    }
    buf_bytes(b, "\"", 1);
}

void buf_csv_guarded(struct buf *b, const char *s)
{
    if (*s == '\0' || strchr("=+-@\t\r", *s) == NULL) {
        buf_csv(b, s);
        return;
    }
    struct buf guarded = {0};
    buf_bytes(&guarded, "'", 1);
    buf_text(&guarded, s);
    if (guarded.failed)
        b->failed = true;
    else
        buf_csv(b, guarded.p);
    buf_free(&guarded);
}

size_t buf_read(const struct buf *b, size_t *at, char *out, size_t max)
{
    const size_t left = b->n - *at, n = left < max ? left : max;
    if (n > 0)
        memcpy(out, b->p + *at, n);
    *at += n;
    return n;
}

char *buf_take(struct buf *b, size_t *len)
{
    if (!b->failed)
        room(b, 0); /* an empty buffer is still a text */
    char *p = b->failed ? NULL : b->p;
    if (p == NULL)
        free(b->p);
    else
        p[b->n] = '\0';
    if (len != NULL)
        *len = b->n;
    *b = (struct buf){0};
    return p;
}

void buf_free(struct buf *b)
{
    free(b->p);
    *b = (struct buf){0};
}
