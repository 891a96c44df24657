#include <stdio.h>
#include <string.h>
#include <yaml.h>

#include "webconfig_int.h"

enum { PATH_LEN = 200, SEEN_MAX = 256 };

struct reading {
    const char *file;
    const struct web_key *keys;
    void *ud;
    struct err *e;
    yaml_parser_t parser;
    yaml_event_t event;
    bool holds; /* there is something in `event` */
    size_t n_seen;
    uint64_t seen[SEEN_MAX]; /* hashes of paths: 2^-49 that two of them meet */
};

static int line_of(const struct reading *r)
{
    return (int)r->event.start_mark.line + 1;
}

static bool fail(struct reading *r, int line, const char *what)
{
    return err_set(r->e, "%s:%d: %s", r->file, line, what);
}

/* The next event, in place of the last. */
static bool next(struct reading *r)
{
    if (r->holds)
        yaml_event_delete(&r->event);
    r->holds = yaml_parser_parse(&r->parser, &r->event) != 0;
    if (!r->holds)
        return fail(r, (int)r->parser.problem_mark.line + 1,
                    r->parser.problem != NULL ? r->parser.problem : "this cannot be read as YAML");
    if (r->event.type == YAML_ALIAS_EVENT)
        return fail(r, line_of(r), "an alias (*) is not understood here");
    return true;
}

static bool expect(struct reading *r, yaml_event_type_t type, const char *what)
{
    return next(r) && (r->event.type == type || fail(r, line_of(r), what));
}

static uint64_t hash(const char *s)
{
    uint64_t h = UINT64_C(14695981039346656037);
    for (; *s != '\0'; s++)
        h = (h ^ (unsigned char)*s) * UINT64_C(1099511628211);
    return h;
}

static bool is_new(struct reading *r, const char *path, int line)
{
    struct err why;
    uint64_t h = hash(path);
    for (size_t i = 0; i < r->n_seen; i++)
        if (r->seen[i] == h) {
            err_set(&why, "%.100s is there twice", path);
            return fail(r, line, why.text);
        }
    if (r->n_seen == SEEN_MAX)
        return fail(r, line, "more keys than a web configuration has");
    r->seen[r->n_seen++] = h;
    return true;
}

static const struct web_key *find_key(const struct reading *r, const char *path)
{
    for (const struct web_key *k = r->keys; k->path != NULL; k++) {
        size_t n = strlen(k->path);
        if (strcmp(k->path, path) == 0 ||
            (n > 2 && strcmp(k->path + n - 2, ".*") == 0 && strncmp(k->path, path, n - 1) == 0))
            return k;
    }
    return NULL;
}

static bool read_mapping(struct reading *r, const char *prefix);

static bool read_value(struct reading *r, const struct web_key *key, const char *path, const char *name,
                       int line)
{
    struct err why = {""}, text;
    if (!next(r))
        return false;
    if (key->take == NULL) {
        bool empty = r->event.type == YAML_SCALAR_EVENT && r->event.data.scalar.length == 0;
        if (empty || (r->event.type == YAML_MAPPING_START_EVENT && read_mapping(r, path)))
            return true;
        return r->e->text[0] != '\0' ? false : fail(r, line, "names and values are wanted here, indented");
    }
    if (r->event.type != YAML_SCALAR_EVENT) {
        err_set(&text, "%.100s: one value is wanted", path);
        return fail(r, line, text.text);
    }
    const char *value = (const char *)r->event.data.scalar.value;
    if (strlen(value) != r->event.data.scalar.length)
        return fail(r, line, "a NUL in a value");
    if (key->take(r->ud, key, name, value, line, &why))
        return true;
    err_set(&text, "%.100s: %.350s", path, why.text);
    return fail(r, line, text.text);
}

/* From behind its start up to its end. */
static bool read_mapping(struct reading *r, const char *prefix)
{
    char path[PATH_LEN], name[PATH_LEN];
    struct err why;
    for (;;) {
        if (!next(r))
            return false;
        if (r->event.type == YAML_MAPPING_END_EVENT)
            return true;
        int line = line_of(r);
        if (r->event.type != YAML_SCALAR_EVENT || r->event.data.scalar.length >= sizeof name)
            return fail(r, line, "a name is wanted here");
        snprintf(name, sizeof name, "%s", (const char *)r->event.data.scalar.value);
        int n = snprintf(path, sizeof path, "%s%s%s", prefix, prefix[0] != '\0' ? "." : "", name);
        const struct web_key *key = n < (int)sizeof path ? find_key(r, path) : NULL;
        if (key == NULL || key->refused != NULL) {
            err_set(&why, "%.100s: %s", path, key == NULL ? "there is no such key" : key->refused);
            return fail(r, line, why.text);
        }
        if (!is_new(r, path, line) || !read_value(r, key, path, name, line))
            return false;
    }
}

static bool read_stream(struct reading *r)
{
    if (!expect(r, YAML_STREAM_START_EVENT, "not YAML") || !next(r))
        return false;
    if (r->event.type == YAML_STREAM_END_EVENT)
        return true; /* an empty file says nothing */
    if (!next(r))
        return false;
    bool empty = r->event.type == YAML_SCALAR_EVENT && r->event.data.scalar.length == 0;
    if (!empty && (r->event.type != YAML_MAPPING_START_EVENT || !read_mapping(r, "")))
        return r->e->text[0] != '\0' ? false : fail(r, line_of(r), "names and values are wanted here");
    return expect(r, YAML_DOCUMENT_END_EVENT, "there is more behind the end") &&
           expect(r, YAML_STREAM_END_EVENT, "a second document");
}

bool web_yaml_read(const char *file, const char *text, size_t len, const struct web_key *keys, void *ud,
                   struct err *e)
{
    struct reading r = {.file = file, .keys = keys, .ud = ud, .e = e};
    e->text[0] = '\0';
    if (yaml_parser_initialize(&r.parser) == 0)
        return err_set(e, "%s: out of memory", file);
    yaml_parser_set_input_string(&r.parser, (const unsigned char *)text, len);
    bool ok = read_stream(&r);
    if (r.holds)
        yaml_event_delete(&r.event);
    yaml_parser_delete(&r.parser);
    return ok;
}
