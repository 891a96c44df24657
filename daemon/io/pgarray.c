#include "pgarray.h"

#include "civil.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_DATE (-719162) /* 0001-01-01: no year before it is written without "BC" */
#define LAST_DATE  2932896   /* 9999-12-31 */

/* A field of PostgreSQL holds less than 1 GiB (MaxAllocSize): a longer literal could not be received. */
#define LITERAL_MAX ((size_t)1 << 30)

/* Room for `n` more bytes and for the "}" and NUL that pg_array_literal puts behind them. */
static char *room(struct pg_array *a, size_t n)
{
    if (a->fault != NULL)
        return NULL;
    if (n > LITERAL_MAX - 2 - a->len) {
        a->fault = "the array is longer than PostgreSQL can receive (1 GiB)";
        return NULL;
    }
    size_t want = a->len + n + 2;
    if (want > a->cap) {
        size_t cap = a->cap < 256 ? 256 : a->cap;
        while (cap < want)
            cap *= 2;
        char *grown = realloc(a->text, cap);
        if (grown == NULL) {
            a->fault = "out of memory for an array of parameters";
            return NULL;
        }
        a->text = grown;
        a->cap = cap;
    }
    return a->text + a->len;
}

/* Room for one element of at most `n` bytes, its separator written. */
static char *element(struct pg_array *a, size_t n)
{
    char *p = n > LITERAL_MAX ? room(a, LITERAL_MAX) : room(a, n + 1);
    if (p == NULL)
        return NULL;
    *p = a->count == 0 ? '{' : ',';
    a->len++;
    a->count++;
    return p + 1;
}

static void plain(struct pg_array *a, const char *s)
{
    size_t n = strlen(s);
    char *p = element(a, n);
    if (p != NULL) {
        memcpy(p, s, n);
        a->len += n;
    }
}

void pg_array_init(struct pg_array *a)
{
    *a = (struct pg_array){0};
}

void pg_array_free(struct pg_array *a)
{
    free(a->text);
    pg_array_init(a);
}

void pg_array_clear(struct pg_array *a)
{
    a->len = a->count = 0;
    a->fault = NULL;
}

void pg_array_null(struct pg_array *a)
{
    plain(a, "NULL");
}

void pg_array_int8(struct pg_array *a, int64_t v)
{
    char digits[24];
    snprintf(digits, sizeof digits, "%" PRId64, v);
    plain(a, digits);
}

void pg_array_bool(struct pg_array *a, bool v)
{
    plain(a, v ? "t" : "f");
}

void pg_array_text(struct pg_array *a, const char *s)
{
    if (s == NULL) {
        pg_array_null(a);
        return;
    }
    size_t n = 2;
    for (const char *q = s; *q != '\0'; q++)
        n += *q == '"' || *q == '\\' ? 2 : 1;
    char *p = element(a, n);
    if (p == NULL)
        return;
    /* Always quoted: unquoted, an empty string, a "NULL" or a space at either end would be read as something else. */
    *p++ = '"';
    for (; *s != '\0'; s++) {
        if (*s == '"' || *s == '\\')
            *p++ = '\\';
        *p++ = *s;
    }
    *p = '"';
    a->len += n;
}

void pg_array_date(struct pg_array *a, int32_t days)
{
    char text[CIVIL_TEXT_LEN];
    if (days == CIVIL_NONE) {
        pg_array_null(a);
    } else if (days < FIRST_DATE || days > LAST_DATE) {
        if (a->fault == NULL)
            a->fault = "a date outside the years 1 to 9999";
    } else {
        plain(a, civil_format(days, text));
    }
}

void pg_array_bytea(struct pg_array *a, const void *data, size_t len)
{
    static const char HEX[] = "0123456789abcdef";
    const unsigned char *b = data;
    if (data == NULL) {
        pg_array_null(a);
        return;
    }
    size_t n = len > LITERAL_MAX ? SIZE_MAX : 2 * len + 5;
    char *p = element(a, n);
    if (p == NULL)
        return;
    memcpy(p, "\"\\\\x", 4);
    p += 4;
    for (size_t i = 0; i < len; i++) {
        *p++ = HEX[b[i] >> 4];
        *p++ = HEX[b[i] & 15];
    }
    *p = '"';
    a->len += n;
}

const char *pg_array_literal(struct pg_array *a, struct err *e)
{
    char *p = room(a, a->count == 0 ? 1 : 0);
    if (p == NULL) {
        err_set(e, "%s", a->fault);
        return NULL;
    }
    memcpy(p, a->count == 0 ? "{}" : "}", a->count == 0 ? 3 : 2);
    return a->text;
}
