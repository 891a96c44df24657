#include "csv.h"

#include <string.h>

/* One field from c->at. Leaves c->at behind its separator; *last says that the row ended with it. */
static bool take(struct csv *c, struct csv_field *f, bool *last, struct err *e)
{
    char *p = c->at;
    *last = false;
    if (p < c->end && *p == '"') {
        char *out = ++p;
        f->p = p;
        for (;; p++) {
            if (p == c->end)
                return err_set(e, "%s:%u: a quoted field has no closing quote", c->name, c->line);
            if (*p == '"' && (p + 1 == c->end || p[1] != '"'))
                break;
            if (*p == '"')
                p++;
            if (*p == '\n')
                c->next_line++;
            *out++ = *p;
        }
        f->len = (size_t)(out - f->p);
        p++;
        if (p < c->end && *p == '\r' && (p + 1 == c->end || p[1] == '\n'))
            p++;
        if (p < c->end && *p != ',' && *p != '\n')
            return err_set(e, "%s:%u: text follows the closing quote of a field", c->name, c->line);
    } else {
        f->p = p;
        while (p < c->end && *p != ',' && *p != '\n')
            p++;
        f->len = (size_t)(p - f->p);
        if (f->len > 0 && f->p[f->len - 1] == '\r' && (p == c->end || *p == '\n'))
            f->len--;
    }
    if (p < c->end && *p == ',') {
        c->at = p + 1;
        return true;
    }
    *last = true;
    if (p < c->end && *p == '\n') {
        c->next_line++;
        p++;
    }
    c->at = p;
    return true;
}

static bool no_nul(const char *name, const char *text, size_t len, struct err *e)
{
    const char *nul = len > 0 ? memchr(text, '\0', len) : NULL;
    unsigned line = 1;
    if (nul == NULL)
        return true;
    for (const char *p = text; p < nul; p++)
        line += *p == '\n';
    return err_set(e, "%s:%u: a NUL byte: this is not a CSV text", name, line);
}

bool csv_open(struct csv *c, const char *name, char *text, size_t len, const char *const *columns,
              size_t required, struct err *e)
{
    *c = (struct csv){.name = name, .at = text, .end = text + len, .line = 1, .next_line = 1};
    if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
        c->at += 3;
    if (!no_nul(name, text, len, e))
        return false;
    bool seen[CSV_WANTED] = {false}, last = c->at == c->end;
    while (!last) {
        struct csv_field f;
        if (c->columns == CSV_MAX_COLUMNS)
            return err_set(e, "%s:1: more than %d columns", name, CSV_MAX_COLUMNS);
        if (!take(c, &f, &last, e))
            return false;
        int found = -1;
        for (int i = 0; columns[i] != NULL; i++)
            if (strlen(columns[i]) == f.len && memcmp(columns[i], f.p, f.len) == 0)
                found = i;
        if (found >= 0 && seen[found])
            return err_set(e, "%s:1: column %s comes twice", name, columns[found]);
        if (found >= 0)
            seen[found] = true;
        c->wanted[c->columns++] = found;
    }
    for (size_t i = 0; i < required; i++)
        if (!seen[i])
            return err_set(e, "%s:1: column %s is missing from the header", name, columns[i]);
    return true;
}

bool csv_has(const struct csv *c, int i)
{
    for (size_t k = 0; k < c->columns; k++)
        if (c->wanted[k] == i)
            return true;
    return false;
}

int csv_next(struct csv *c, struct err *e)
{
    do {
        if (c->at == c->end)
            return 0;
        c->line = c->next_line;
        if (*c->at == '\n' || (*c->at == '\r' && c->at + 1 < c->end && c->at[1] == '\n')) {
            c->at += *c->at == '\r' ? 2 : 1;
            c->next_line++;
            continue;
        }
        break;
    } while (true);
    for (int i = 0; i < CSV_WANTED; i++)
        c->field[i] = (struct csv_field){"", 0};
    size_t column = 0;
    for (bool last = false; !last; column++) {
        struct csv_field f;
        if (!take(c, &f, &last, e))
            return -1;
        if (column == c->columns) {
            err_set(e, "%s:%u: more fields than the header has columns (%zu)", c->name, c->line, c->columns);
            return -1;
        }
        if (c->wanted[column] >= 0)
            c->field[c->wanted[column]] = f;
    }
    if (column < c->columns) {
        err_set(e, "%s:%u: %zu fields where the header has %zu columns", c->name, c->line, column,
                c->columns);
        return -1;
    }
    return 1;
}
