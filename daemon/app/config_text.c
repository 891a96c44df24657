#include "config_text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"

enum { MAX_BYTES = 1 << 20 };

enum token { TOKEN_ERROR = -1, TOKEN_END = 0, TOKEN_WORD = 'w', TOKEN_STRING = 's' }; /* else the character */

enum want { WANT_KEY, WANT_EQUALS, WANT_VALUE, WANT_ITEM, WANT_BRACE };

struct scan {
    struct config_text *t;
    const char *path;
    struct err *e;
    size_t at, token_at;
    int line;
    enum want want;
    const char *key; /* the option being read, of key_len bytes, on key_line */
    size_t key_len;
    int key_line;
    size_t section, n_sections; /* 0 outside */
    const char *title;          /* of the section that begins */
    size_t title_len;
};

static bool fail(const struct scan *s, int line, const char *fmt, ...) PRINTF_LIKE(3, 4);

static bool fail(const struct scan *s, int line, const char *fmt, ...)
{
    struct err what;
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(what.text, sizeof what.text, fmt, ap);
    va_end(ap);
    return err_set(s->e, "%s:%d: %s", s->path, line, what.text);
}

/* Length of the UTF-8 sequence at `p`, 0 when it is not one (overlong forms and surrogates included). */
static size_t utf8_len(const unsigned char *p, size_t left)
{
    if (p[0] < 0x80)
        return 1;
    size_t n = p[0] >= 0xc2 && p[0] <= 0xdf   ? 2
               : p[0] >= 0xe0 && p[0] <= 0xef ? 3
               : p[0] >= 0xf0 && p[0] <= 0xf4 ? 4
                                              : 0;
    if (n == 0 || n > left)
        return 0;
    for (size_t i = 1; i < n; i++)
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    bool bad = (p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) ||
               (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f);
    return bad ? 0 : n;
}

static bool check_bytes(const struct scan *s)
{
    const unsigned char *p = (const unsigned char *)s->t->text;
    int line = 1;
    if (s->t->len >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0)
        return fail(s, line, "the file begins with a byte order mark: save it as UTF-8 without one");
    for (size_t i = 0, n; i < s->t->len; i += n) {
        n = utf8_len(p + i, s->t->len - i);
        if (n == 0)
            return fail(s, line, "byte 0x%02x is not UTF-8", p[i]);
        if ((p[i] < ' ' && strchr("\t\r\n", p[i]) == NULL) || p[i] == 0 || p[i] == 0x7f)
            return fail(s, line, "control character 0x%02x", p[i]);
        line += p[i] == '\n';
    }
    return true;
}

/* Steps over white space and turns comments into it. */
static bool skip_blank(struct scan *s)
{
    char *p = s->t->text;
    for (;;) {
        size_t end;
        if (p[s->at] == '\n') {
            s->line++;
            s->at++;
            continue;
        } else if (p[s->at] != '\0' && strchr(" \t\r", p[s->at]) != NULL) {
            end = s->at + 1;
        } else if (p[s->at] == '#' || strncmp(p + s->at, "//", 2) == 0) {
            end = s->at + strcspn(p + s->at, "\n");
        } else if (strncmp(p + s->at, "/*", 2) == 0) {
            const char *close = strstr(p + s->at + 2, "*/");
            if (close == NULL)
                return fail(s, s->line, "this comment is not closed");
            end = (size_t)(close - p) + 2;
        } else {
            return true;
        }
        for (; s->at < end; s->at++) {
            if (p[s->at] == '\n')
                s->line++;
            else
                p[s->at] = ' ';
        }
    }
}

static enum token string_token(struct scan *s)
{
    const char *p = s->t->text;
    for (s->at++;; s->at++) {
        if (p[s->at] == '"') {
            s->at++;
            return TOKEN_STRING;
        }
        if (p[s->at] == '\0' || p[s->at] == '\n' || p[s->at] == '\r')
            return fail(s, s->line, "this string is not closed on its line"), TOKEN_ERROR;
        if (p[s->at] == '\t')
            return fail(s, s->line, "a tab inside a string"), TOKEN_ERROR;
        if (p[s->at] == '$' && p[s->at + 1] == '{')
            return fail(s, s->line,
                        "${ is refused: nothing is taken from the environment (write \\${ for the two "
                        "characters themselves)"),
                   TOKEN_ERROR;
        if (p[s->at] == '\\' && (p[++s->at] == '\0' || strchr("\\\"$", p[s->at]) == NULL))
            return fail(s, s->line, "after a backslash only \\, \" and $ may stand"), TOKEN_ERROR;
    }
}

static enum token next_token(struct scan *s)
{
    if (!skip_blank(s))
        return TOKEN_ERROR;
    const char *p = s->t->text + s->at;
    s->token_at = s->at;
    size_t word = strspn(p, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-");
    if (word > 0) {
        s->at += word;
        return TOKEN_WORD;
    }
    if (*p == '"')
        return string_token(s);
    if (*p == '\0')
        return TOKEN_END;
    if (strncmp(p, "${", 2) == 0)
        return fail(s, s->line, "${ is refused: nothing is taken from the environment"), TOKEN_ERROR;
    if (strncmp(p, "+=", 2) == 0)
        return fail(s, s->line, "+= is refused: write the list once, whole"), TOKEN_ERROR;
    if (strchr("={},", *p) == NULL) {
        size_t n = utf8_len((const unsigned char *)p, s->t->len - s->at);
        return fail(s, s->line, "unexpected %.*s (text stands in double quotes)", (int)n, p), TOKEN_ERROR;
    }
    s->at++;
    return (enum token)(unsigned char)*p;
}

static bool add_mark(struct scan *s, size_t name_len)
{
    struct config_text *t = s->t;
    if ((t->n_marks & (t->n_marks + 1)) == 0) { /* full at 0, 1, 3, 7 ...: double it */
        struct config_mark *bigger = realloc(t->mark, (2 * t->n_marks + 1) * sizeof *bigger);
        if (bigger == NULL)
            return fail(s, s->line, "out of memory");
        t->mark = bigger;
    }
    struct config_mark mark = {
        .section = s->section, .line = s->key_line, .name = s->key, .name_len = name_len};
    if (name_len == 0) {
        mark.title = s->title;
        mark.title_len = s->title_len;
        mark.kind = s->key;
        mark.kind_len = s->key_len;
    }
    t->mark[t->n_marks++] = mark;
    return true;
}

static bool mark_key(struct scan *s)
{
    for (const struct config_mark *m = s->t->mark; m < s->t->mark + s->t->n_marks; m++)
        if (m->section == s->section && m->name_len == s->key_len && memcmp(m->name, s->key, s->key_len) == 0)
            return fail(s, s->key_line, "%.*s is already set on line %d", (int)s->key_len, s->key, m->line);
    return add_mark(s, s->key_len);
}

/* Whether the key is a kind of section that has no name. */
static bool is_single(const struct scan *s)
{
    for (const struct config_section *k = config_sections; k->name != NULL; k++)
        if (k->single && strlen(k->name) == s->key_len && memcmp(k->name, s->key, s->key_len) == 0)
            return true;
    return false;
}

/* A section begins. */
static bool mark_section(struct scan *s, bool single)
{
    for (const struct config_mark *m = s->t->mark; single && m < s->t->mark + s->t->n_marks; m++)
        if (m->kind_len == s->key_len && memcmp(m->kind, s->key, s->key_len) == 0)
            return fail(s, s->key_line, "%.*s is already there, on line %d", (int)s->key_len, s->key,
                        m->line);
    if (s->section != 0 && single)
        return fail(s, s->key_line, "no such option '%.*s'", (int)s->key_len, s->key);
    s->section = ++s->n_sections;
    s->want = WANT_KEY;
    return add_mark(s, 0);
}

/* Follows the grammar closely enough to know keys and sections; what passes here wrongly, libconfuse refuses. */
static bool follow(struct scan *s, enum token token)
{
    int key_len = (int)s->key_len;
    switch (s->want) {
    case WANT_KEY:
        if (token == TOKEN_END)
            return s->section == 0 ||
                   fail(s, config_text_line(s->t, s->section, ""), "this section is not closed");
        if (token == TOKEN_STRING)
            return fail(s, s->line, "the name of an option is expected here, without quotes");
        if (token == (enum token)'}')
            s->section = 0;
        if (token == TOKEN_WORD) {
            s->key = s->t->text + s->token_at;
            s->key_len = s->at - s->token_at;
            s->key_line = s->line;
            s->want = WANT_EQUALS;
        }
        return true;
    case WANT_EQUALS:
        if (token == TOKEN_STRING && is_single(s))
            return fail(s, s->key_line, "%.*s has no name: there is only one", key_len, s->key);
        if (token == TOKEN_STRING) {
            s->title = s->t->text + s->token_at + 1;
            s->title_len = s->at - s->token_at - 2;
            s->want = WANT_BRACE;
            return true;
        }
        if (token == (enum token)'{' && is_single(s)) {
            s->title = NULL;
            s->title_len = 0;
            return mark_section(s, true);
        }
        if (token != (enum token)'=')
            return fail(s, s->key_line, "'=' is expected after %.*s (or a name in quotes, for a section)",
                        key_len, s->key);
        s->want = WANT_VALUE;
        return mark_key(s);
    case WANT_VALUE:
        if (token != TOKEN_WORD && token != TOKEN_STRING && token != (enum token)'{')
            return fail(s, s->key_line, "%.*s has no value", key_len, s->key);
        s->want = token == (enum token)'{' ? WANT_ITEM : WANT_KEY;
        return true;
    case WANT_ITEM:
        if (token == TOKEN_END || token == (enum token)'=' || token == (enum token)'{')
            return fail(s, s->key_line, "the list of %.*s is not closed", key_len, s->key);
        if (token == (enum token)'}')
            s->want = WANT_KEY;
        return true;
    case WANT_BRACE:
        if (token != (enum token)'{')
            return fail(s, s->key_line, "'{' is expected after the name of this %.*s", key_len, s->key);
        return mark_section(s, false);
    }
    return false;
}

static bool read_all(const struct scan *s)
{
    struct config_text *t = s->t;
    FILE *f = fopen(s->path, "re");
    if (f == NULL)
        return err_set(s->e, "%s: %s", s->path, strerror(errno));
    t->text = malloc(MAX_BYTES + 1);
    bool ok = t->text != NULL;
    if (ok) {
        errno = 0;
        t->len = fread(t->text, 1, MAX_BYTES + 1, f);
        ok = !ferror(f) && t->len <= MAX_BYTES;
    }
    if (ok)
        t->text[t->len] = '\0';
    else
        err_set(s->e, "%s: %s", s->path, errno != 0 ? strerror(errno) : "larger than 1 MiB");
    fclose(f);
    return ok;
}

bool config_text_read(struct config_text *t, const char *path, struct err *e)
{
    *t = (struct config_text){0};
    struct scan s = {.t = t, .path = path, .e = e, .line = 1};
    if (!read_all(&s) || !check_bytes(&s))
        return false;
    for (;;) {
        enum token token = next_token(&s);
        if (token == TOKEN_ERROR || !follow(&s, token))
            return false;
        if (token == TOKEN_END)
            return true;
    }
}

void config_text_done(struct config_text *t)
{
    free(t->text);
    free(t->mark);
    *t = (struct config_text){0};
}

static bool is(const char *text, size_t len, const char *what)
{
    return text != NULL && strlen(what) == len && memcmp(text, what, len) == 0;
}

size_t config_text_section(const struct config_text *t, const char *kind, size_t i)
{
    for (const struct config_mark *m = t->mark; m < t->mark + t->n_marks; m++)
        if (is(m->kind, m->kind_len, kind) && i-- == 0)
            return m->section;
    return 0;
}

size_t config_text_titled(const struct config_text *t, const char *kind, const char *title)
{
    for (const struct config_mark *m = t->mark; m < t->mark + t->n_marks; m++)
        if (is(m->kind, m->kind_len, kind) && is(m->title, m->title_len, title))
            return m->section;
    return 0;
}

int config_text_line(const struct config_text *t, size_t section, const char *name)
{
    size_t len = strlen(name);
    for (size_t i = 0; i < t->n_marks; i++) {
        const struct config_mark *m = &t->mark[i];
        if (m->section == section && m->name_len == len && memcmp(m->name, name, len) == 0)
            return m->line;
    }
    return 0;
}
