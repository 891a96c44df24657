#include "csv.h"

#include <endian.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define WINDOW       64
#define EACH_BYTE(c) (UINT64_C(0x0101010101010101) * (c))

/* The highest bit of every byte that is zero, and no other bit. */
static inline uint64_t zero_bytes(uint64_t w)
{
    const uint64_t low = EACH_BYTE(0x7f);
    return ~(((w & low) + low) | w | low);
}

/* Where commas and line ends are among so many bytes: bit i is of byte i. */
static inline uint64_t separators_of(const char *p)
{
    uint64_t found = 0;
    for (int i = 0; i < WINDOW; i += 8) {
        uint64_t w;
        memcpy(&w, p + i, 8);
        w = le64toh(w);
        w = zero_bytes(w ^ EACH_BYTE(',')) | zero_bytes(w ^ EACH_BYTE('\n'));
        found |= ((w >> 7) * UINT64_C(0x0102040810204080) >> 56)
                 << i; /* gathers the bits, first byte lowest */
    }
    return found;
}

/* The same for what may be shorter; its end counts as a separator. */
static inline uint64_t separators(const char *p, const char *end)
{
    if (__builtin_expect(end - p > WINDOW, 1))
        return separators_of(p);
    char last[WINDOW] = {0};
    size_t n = (size_t)(end - p);
    if (n > 0)
        memcpy(last, p, n);
    return separators_of(last) | (n < WINDOW ? UINT64_C(1) << n : 0);
}

bool csv_error(const struct csv *c, struct err *e, const char *fmt, ...)
{
    char what[sizeof e->text];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(what, sizeof what, fmt, ap);
    va_end(ap);
    return c->name != NULL ? err_set(e, "%s:%u: %s", c->name, c->line, what) : err_set(e, "%s", what);
}

/* The field in quotes whose opening quote is at p; returns what comes after the closing one, or NULL with an error. */
static char *take_quoted(struct csv *c, char *p, struct csv_field *f, struct err *e)
{
    char *out = ++p;
    f->p = p;
    for (;; p++) {
        if (p == c->end) {
            csv_error(c, e, "a quoted field has no closing quote");
            return NULL;
        }
        if (*p == '"' && (p + 1 == c->end || p[1] != '"'))
            break;
        if (*p == '"')
            p++;
        if (*p == '\n')
            c->next_line++;
        *out++ = *p;
    }
    f->len = (size_t)(out - f->p);
    if (out < p)
        memset(out, '"', (size_t)(p - out)); /* a line end that moved is there once */
    p++;
    if (p < c->end && *p == '\r' && (p + 1 == c->end || p[1] == '\n'))
        p++;
    if (p < c->end && *p != ',' && *p != '\n') {
        csv_error(c, e, "text follows the closing quote of a field");
        return NULL;
    }
    return p;
}

/* One field from c->at. Leaves c->at behind its separator; *last says that the row ended with it. */
static bool take(struct csv *c, struct csv_field *f, bool *last, struct err *e)
{
    char *p = c->at;
    if (p < c->end && *p == '"') {
        p = take_quoted(c, p, f, e);
        if (p == NULL)
            return false;
    } else {
        f->p = p;
        while (p < c->end && *p != ',' && *p != '\n')
            p++;
        f->len = (size_t)(p - f->p);
        if (f->len > 0 && f->p[f->len - 1] == '\r' && (p == c->end || *p == '\n'))
            f->len--;
    }
    *last = p == c->end || *p == '\n';
    if (*last && p < c->end)
        c->next_line++;
    c->at = p < c->end ? p + 1 : p;
    return true;
}

static bool no_nul(const struct csv *c, const char *text, size_t len, struct err *e)
{
    const char *nul = len > 0 ? memchr(text, '\0', len) : NULL;
    if (nul == NULL)
        return true;
    struct csv at = {.name = c->name, .line = 1 + csv_line_ends(text, (size_t)(nul - text))};
    return csv_error(&at, e, "a NUL byte: this is not a CSV text");
}

size_t csv_mark(const char *text, size_t len)
{
    return len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
}

bool csv_open(struct csv *c, const char *name, char *text, size_t len, const char *const *columns,
              size_t required, struct err *e)
{
    *c = (struct csv){.name = name, .at = text, .end = text + len, .line = 1, .next_line = 1};
    c->at += csv_mark(text, len);
    if (!no_nul(c, text, len, e))
        return false;
    for (int i = 0; i < CSV_WANTED; i++)
        c->field[i] = (struct csv_field){"", 0};
    bool seen[CSV_WANTED] = {false}, last = c->at == c->end;
    while (!last) {
        struct csv_field f;
        if (c->columns == CSV_MAX_COLUMNS)
            return csv_error(c, e, "more than %d columns", CSV_MAX_COLUMNS);
        if (!take(c, &f, &last, e))
            return false;
        int found = -1;
        for (int i = 0; columns[i] != NULL; i++)
            if (strlen(columns[i]) == f.len && memcmp(columns[i], f.p, f.len) == 0)
                found = i;
        if (found >= 0 && seen[found])
            return csv_error(c, e, "column %s comes twice", columns[found]);
        if (found >= 0)
            seen[found] = true;
        c->wanted[c->columns++] = found;
    }
    for (size_t i = 0; i < required; i++)
        if (!seen[i])
            return csv_error(c, e, "column %s is missing from the header", columns[i]);
    return true;
}

bool csv_has(const struct csv *c, int i)
{
    for (size_t k = 0; k < c->columns; k++)
        if (c->wanted[k] == i)
            return true;
    return false;
}

/* The length of a line end at p, or 0. */
static size_t line_end(const char *p, const char *end)
{
    if (p < end && *p == '\n')
        return 1;
    return p + 1 < end && *p == '\r' && p[1] == '\n' ? 2 : 0;
}

/* Field by field: says exactly what is wrong with a row. */
static int next_slowly(struct csv *c, struct err *e)
{
    size_t column = 0;
    for (bool last = false; !last; column++) {
        struct csv_field f;
        if (!take(c, &f, &last, e))
            return -1;
        if (column == c->columns) {
            csv_error(c, e, "more fields than the header has columns (%zu)", c->columns);
            return -1;
        }
        if (c->wanted[column] >= 0)
            c->field[c->wanted[column]] = f;
    }
    if (column < c->columns) {
        csv_error(c, e, "%zu fields where the header has %zu columns", column, c->columns);
        return -1;
    }
    return 1;
}

/* A row without quotes that has as many fields as there are columns: one separator after another. */
static bool next_quickly(struct csv *c)
{
    char *p = c->at, *const end = c->end, *window = c->window;
    size_t into = window != NULL ? (size_t)(p - window) : WINDOW, last = c->columns - 1;
    if (into >= WINDOW) {
        window = p;
        into = 0;
        c->separators = separators(p, end);
    }
    uint64_t left = c->separators & UINT64_MAX << into;
    for (size_t column = 0;; column++) {
        if (p < end && *p == '"')
            return false;
        while (left == 0) {
            window += WINDOW;
            left = c->separators = separators(window, end);
        }
        c->window = window;
        char *stop = window + __builtin_ctzll(left);
        left &= left - 1;
        bool ends = stop == end || *stop == '\n';
        if (ends != (column == last))
            return false;
        size_t len = (size_t)(stop - p);
        if (ends && len > 0 && stop[-1] == '\r')
            len--;
        int wanted = c->wanted[column];
        if (wanted >= 0)
            c->field[wanted] = (struct csv_field){p, len};
        p = stop + 1;
        if (!ends)
            continue;
        c->at = stop == end ? end : p;
        c->next_line += stop != end;
        return true;
    }
}

int csv_next(struct csv *c, struct err *e)
{
    for (size_t n; (n = line_end(c->at, c->end)) > 0; c->at += n)
        c->next_line++;
    if (c->at == c->end)
        return 0;
    c->line = c->next_line;
    return next_quickly(c) ? 1 : next_slowly(c, e);
}

/* What a quote opens ends with a quote that no other follows. After that, as in a field without quotes, the next separator
 * counts: where text stands between, the row is an error, and the same one wherever the text is cut after it. */
static const char *past_quotes(const char *p, const char *end)
{
    for (p++; p < end; p++)
        if (*p == '"' && (++p == end || *p != '"'))
            return p;
    return end;
}

size_t csv_whole_rows(const char *text, size_t len)
{
    const char *end = text + len, *nl, *whole = text, *p = text;
    if (memchr(text, '"', len) == NULL) {
        nl = memrchr(text, '\n', len);
        return nl != NULL ? (size_t)(nl + 1 - text) : 0;
    }
    while (p < end) {
        if (*p == '"')
            p = past_quotes(p, end);
        while (p < end && *p != ',' && *p != '\n')
            p++;
        if (p < end && *p++ == '\n')
            whole = p;
    }
    return (size_t)(whole - text);
}

unsigned csv_line_ends(const char *text, size_t len)
{
    unsigned n = 0;
    for (size_t i = 0; i < len; i++)
        n += text[i] == '\n';
    return n;
}
