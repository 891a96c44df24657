#include "httpd_request.h"

#include <stdlib.h>
#include <string.h>

static int hex(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')) {
        return (c | 0x20) - 'a' + 10;
    }
    return -1;
}

/* Decodes in place. */
static bool decode(char *s, bool plus_is_blank, struct err *e)
{
    char *out = s;
    for (; *s != '\0'; s++) {
        if (*s == '%') {
            int high = hex(s[1]), low = high < 0 ? -1 : hex(s[2]);
            if (low < 0) {
                return err_set(e, "%% in the address is not followed by two hexadecimal digits");
            }
            if (high == 0 && low == 0) {
                return err_set(e, "%%00 in the address");
            }
            *out++ = (char)(high * 16 + low);
            s += 2;
        } else {
            *out++ = *s == '+' && plus_is_blank ? ' ' : *s;
        }
    }
    *out = '\0';
    return true;
}

static bool parse_query(struct target *t, char *query, struct err *e)
{
    char *rest = query, *piece;
    t->params = calloc(TARGET_PARAMS_MAX, sizeof *t->params);
    if (t->params == NULL) {
        return err_set(e, "out of memory");
    }
    while ((piece = strsep(&rest, "&")) != NULL) {
        if (*piece == '\0') {
            continue;
        }
        if (t->param_count == TARGET_PARAMS_MAX) {
            return err_set(e, "more than %d query parameters", TARGET_PARAMS_MAX);
        }
        char *value = strchr(piece, '=');
        if (value != NULL) {
            *value++ = '\0';
        } else {
            value = piece + strlen(piece);
        }
        if (!decode(piece, true, e) || !decode(value, true, e)) {
            return false;
        }
        t->params[t->param_count++] = (struct httpd_param){piece, value};
    }
    return true;
}

static char *skip_origin(char *s)
{
    size_t scheme = strncasecmp(s, "http://", 7) == 0 ? 7 : strncasecmp(s, "https://", 8) == 0 ? 8 : 0;
    if (scheme == 0) {
        return s;
    }
    char *path = strchr(s + scheme, '/');
    return path != NULL ? path : s;
}

bool target_parse(struct target *t, const char *raw, struct err *e)
{
    *t = (struct target){0};
    t->text = strdup(raw);
    if (t->text == NULL) {
        return err_set(e, "out of memory");
    }
    char *path = skip_origin(t->text);
    char *query = strchr(path, '?');
    if (query != NULL) {
        *query++ = '\0';
    }
    bool ok = *path == '/' ? decode(path, false, e) : err_set(e, "the address is not a path");
    if (!ok || (query != NULL && !parse_query(t, query, e))) {
        target_clear(t);
        return false;
    }
    t->path = path;
    return true;
}

void target_clear(struct target *t)
{
    free(t->text);
    free(t->params);
    *t = (struct target){0};
}
