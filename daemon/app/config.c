#include "config.h"

#include <confuse.h>
#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "config_check.h"
#include "config_text.h"

/* What the callbacks of libconfuse need to know. It has no user pointer, but it copies each table of options into
 * each section: the first, nameless row of every table carries this. No file can set it: option names are words. */
struct parse {
    const char *path;
    config_known_limit *known;
    struct err *e;
    struct config_text text;
    bool failed; /* the first error is kept: it is the cause */
};

enum { MAX_OPTIONS = 64, MAX_SECTIONS = 8 };

#define ROOT "root" /* libconfuse's name for what is outside any section */

/* libconfuse's tables. */
struct confuse_rows {
    cfg_opt_t top[MAX_OPTIONS], section[MAX_SECTIONS][MAX_OPTIONS];
};

static const char CARRIER[] = " ";

static bool fail_v(struct parse *p, int line, const char *fmt, va_list ap) PRINTF_LIKE(3, 0);

static bool fail_v(struct parse *p, int line, const char *fmt, va_list ap)
{
    if (p->failed)
        return false;
    p->failed = true;
    struct err what;
    vsnprintf(what.text, sizeof what.text, fmt, ap);
    if (line == 0)
        return err_set(p->e, "%s: %s", p->path, what.text);
    return err_set(p->e, "%s:%d: %s", p->path, line, what.text);
}

static bool fail(struct parse *p, int line, const char *fmt, ...) PRINTF_LIKE(3, 4);

static bool fail(struct parse *p, int line, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    fail_v(p, line, fmt, ap);
    va_end(ap);
    return false;
}

/* --- while libconfuse parses ------------------------------------------------------------------------------------- */

static struct parse *parse_of(const cfg_t *cfg)
{
    return (struct parse *)cfg->opts[0].simple_value.ptr;
}

static void on_error(cfg_t *cfg, const char *fmt, va_list ap) PRINTF_LIKE(2, 0);

static void on_error(cfg_t *cfg, const char *fmt, va_list ap)
{
    fail_v(parse_of(cfg), cfg->line, fmt, ap);
}

/* The standards of the file count wherever they stand in it. */
static bool is_limit(const struct parse *p, const char *id)
{
    return p->known == NULL || p->known(id) || config_text_titled(&p->text, "standard", id) != 0;
}

static bool check_limit_id(const struct parse *p, const struct config_option *o, const char *value,
                           struct err *e)
{
    bool word = o->section[0] == '\0' && config_word_index("auto all", value) >= 0;
    if (word || is_limit(p, value))
        return true;
    return err_set(e, "%s: there is no limit '%.64s' (`ehcwatchd rules` lists them)", o->name, value);
}

static bool check_value(const struct parse *p, const struct config_option *o, const char *value,
                        struct err *e)
{
    if (value[0] == '\0')
        return err_set(e, "%s: an empty text", o->name);
    if (o->check != NULL && !o->check(o->name, value, e))
        return false;
    if (o->words != NULL && !config_check_word(o, value, e))
        return false;
    return !o->limit_ids || check_limit_id(p, o, value, e);
}

static const struct config_option *option_of(const cfg_t *cfg, const cfg_opt_t *opt)
{
    return config_option_find(strcmp(cfg->name, ROOT) != 0 ? cfg->name : "", opt->name);
}

static int on_text(cfg_t *cfg, cfg_opt_t *opt, const char *value, void *result)
{
    struct parse *p = parse_of(cfg);
    const struct config_option *o = option_of(cfg, opt);
    struct err why = {""};
    *(const char **)result = value;
    if (o != NULL && check_value(p, o, value, &why))
        return 0;
    fail(p, cfg->line, "%s", why.text);
    return -1;
}

static int on_int(cfg_t *cfg, cfg_opt_t *opt, const char *value, void *result)
{
    const struct config_option *o = option_of(cfg, opt);
    struct err why = {""};
    if (o != NULL && config_check_int(o, value, result, &why))
        return 0;
    fail(parse_of(cfg), cfg->line, "%s", why.text);
    return -1;
}

static int on_bool(cfg_t *cfg, cfg_opt_t *opt, const char *value, void *result)
{
    int b = cfg_parse_boolean(value);
    *(int *)result = b;
    if (b != -1)
        return 0;
    fail(parse_of(cfg), cfg->line, "%s must be true or false, not '%.64s'", opt->name, value);
    return -1;
}

/* libconfuse's row for one of ours. */
static cfg_opt_t confuse_row(const struct config_option *o)
{
    cfg_opt_t row = {.name = o->name, .type = CFGT_STR, .parsecb = on_text};
    switch (o->type) {
    case CONFIG_TEXT:
    case CONFIG_WORD:
        row.def.string = o->def;
        break;
    case CONFIG_INT:
        row.type = CFGT_INT;
        row.def.number = strtol(o->def, NULL, 10);
        row.parsecb = on_int;
        break;
    case CONFIG_BOOL:
        row.type = CFGT_BOOL;
        row.def.boolean = strcmp(o->def, "true") == 0 ? cfg_true : cfg_false;
        row.parsecb = on_bool;
        break;
    case CONFIG_LIST:
        row.flags = CFGF_LIST;
        break;
    }
    return row;
}

/* Fills `rows` (MAX_OPTIONS of them) with the carrier and the options of `section`; how many. */
static size_t confuse_table(cfg_opt_t *rows, const char *section, struct parse *p)
{
    size_t n = 0;
    rows[n++] = (cfg_opt_t){.name = CARRIER, .type = CFGT_PTR, .simple_value = {.ptr = (void **)p}};
    for (const struct config_option *o = config_options;
         o->name != NULL && n < MAX_OPTIONS - MAX_SECTIONS - 1; o++)
        if (strcmp(o->section, section) == 0)
            rows[n++] = confuse_row(o);
    rows[n] = (cfg_opt_t)CFG_END();
    return n;
}

static void confuse_tables(struct confuse_rows *r, struct parse *p)
{
    size_t n = confuse_table(r->top, "", p);
    for (size_t i = 0; config_sections[i].name != NULL && i < MAX_SECTIONS; i++) {
        (void)confuse_table(r->section[i], config_sections[i].name, p);
        r->top[n++] = (cfg_opt_t)CFG_SEC(
            config_sections[i].name, r->section[i],
            config_sections[i].single ? CFGF_NONE : CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES);
    }
    r->top[n] = (cfg_opt_t)CFG_END();
}

static bool run_confuse(struct parse *p, cfg_t *cfg)
{
    if (p->text.text[strspn(p->text.text, " \t\r\n")] == '\0')
        return true; /* nothing but comments; fmemopen refuses an empty buffer */
    FILE *f = fmemopen(p->text.text, p->text.len, "r");
    if (f == NULL)
        return fail(p, 0, "%s", strerror(errno));
    cfg_set_error_function(cfg, on_error);
    int rc = cfg_parse_fp(cfg, f);
    fclose(f);
    if (rc != CFG_SUCCESS)
        return fail(p, cfg->line, "this cannot be read");
    return true;
}

/* --- from libconfuse's values to ours ---------------------------------------------------------------------------- */

static bool copy_text(struct parse *p, const char *from, char **to)
{
    *to = from != NULL ? strdup(from) : NULL;
    return from == NULL || *to != NULL || fail(p, 0, "out of memory");
}

static bool copy_list(struct parse *p, cfg_t *cfg, const char *name, struct config_list *to)
{
    size_t n = cfg_size(cfg, name);
    if (n == 0)
        return true;
    to->item = calloc(n, sizeof *to->item);
    if (to->item == NULL)
        return fail(p, 0, "out of memory");
    for (; to->n < n; to->n++)
        if (!copy_text(p, cfg_getnstr(cfg, name, (unsigned int)to->n), &to->item[to->n]))
            return false;
    return true;
}

/* The part of a file that must be there now, at the line that names it. */
static bool check_file(struct parse *p, const struct config_option *o, size_t section, const char *path)
{
    struct stat st;
    /* A file that this user may not look at counts as present: the check may run as somebody else. */
    if (path == NULL || path[0] != '/' || stat(path, &st) == 0 || errno == EACCES)
        return true;
    return fail(p, config_text_line(&p->text, section, o->name), "%s: %s: %s", o->name, path,
                strerror(errno));
}

static bool copy_option(struct parse *p, cfg_t *cfg, const struct config_option *o, void *base)
{
    void *to = (char *)base + o->offset;
    switch (o->type) {
    case CONFIG_TEXT:
        return copy_text(p, cfg_getstr(cfg, o->name), to);
    case CONFIG_WORD:
        *(int *)to = o->min + config_word_index(o->words, cfg_getstr(cfg, o->name));
        return true;
    case CONFIG_INT:
        *(int *)to = (int)cfg_getint(cfg, o->name);
        return true;
    case CONFIG_BOOL:
        *(bool *)to = cfg_getbool(cfg, o->name) == cfg_true;
        return true;
    case CONFIG_LIST:
        return copy_list(p, cfg, o->name, to);
    }
    return false;
}

static bool copy_section(struct parse *p, cfg_t *cfg, const char *section, size_t number, void *base)
{
    for (const struct config_option *o = config_options; o->name != NULL; o++) {
        if (strcmp(o->section, section) != 0)
            continue;
        if (!copy_option(p, cfg, o, base))
            return false;
        if (!o->required || config_text_line(&p->text, number, o->name) != 0)
            continue;
        if (number == 0)
            return fail(p, 0, "%s is missing", o->name);
        return fail(p, config_text_line(&p->text, number, ""), "%s \"%.64s\" has no %s", section,
                    cfg_title(cfg), o->name);
    }
    return true;
}

static bool check_files(struct parse *p, const char *section, size_t number, void *base)
{
    for (const struct config_option *o = config_options; o->name != NULL; o++)
        if (o->file && strcmp(o->section, section) == 0 &&
            !check_file(p, o, number, *(char **)((char *)base + o->offset)))
            return false;
    return true;
}

/* A standard is not in the rulebook, and a threshold is of a limit that there is. */
static bool check_name(struct parse *p, const struct config_section *kind, int line, const char *name)
{
    bool standard = strcmp(kind->name, "standard") == 0, threshold = strcmp(kind->name, "threshold") == 0;
    struct err why = {""};
    if (!kind->check_name(name, &why))
        return fail(p, line, "%s", why.text);
    if (standard && ((p->known != NULL && p->known(name)) || config_word_index("auto all", name) >= 0))
        return fail(p, line, "standard \"%s\": this name is taken", name);
    return !threshold || is_limit(p, name) ||
           fail(p, line, "threshold \"%s\": there is no such limit (`ehcwatchd rules` lists them)", name);
}

static bool check_section(struct parse *p, const struct config_section *kind, size_t number, void *base)
{
    struct err why = {""};
    const char *option = "";
    if (!kind->check(base, &option, &why))
        return fail(p, config_text_line(&p->text, number, option), "%s", why.text);
    bool off = strcmp(kind->name, "webhook") == 0 && !((const struct config_webhook *)base)->enabled;
    return off || check_files(p, kind->name, number, base);
}

static bool take_section(struct parse *p, cfg_t *sec, const struct config_section *kind, size_t i, void *base)
{
    size_t number = config_text_section(&p->text, kind->name, i);
    int line = config_text_line(&p->text, number, "");
    if (!kind->single && !check_name(p, kind, line, cfg_title(sec)))
        return false;
    if (base == NULL)
        return fail(p, line, "more than %zu %ss", i, kind->name);
    return copy_text(p, cfg_title(sec), base) && copy_section(p, sec, kind->name, number, base) &&
           check_section(p, kind, number, base);
}

static bool take_sections(struct parse *p, cfg_t *cfg, const struct config_section *kind, struct config *c)
{
    char **list = (char **)((char *)c + kind->list);
    size_t n = cfg_size(cfg, kind->name), *taken = (size_t *)((char *)c + kind->n);
    size_t most = kind->most != NULL ? kind->most() : SIZE_MAX;
    *list = n > 0 ? calloc(n, kind->size) : NULL;
    if (n > 0 && *list == NULL)
        return fail(p, 0, "out of memory");
    for (size_t i = 0; i < n; i++) {
        void *base = i < most ? *list + i * kind->size : NULL;
        *taken += base != NULL;
        if (!take_section(p, cfg_getnsec(cfg, kind->name, (unsigned int)i), kind, i, base))
            return false;
    }
    return true;
}

static bool check_auth(struct parse *p, struct config *c)
{
    struct err why = {""};
    bool ok = config_check_auth(c, &why);
    c->auth_line = c->auth_wanted != NULL ? config_text_line(&p->text, 0, c->auth_wanted) : 0;
    return ok || fail(p, c->auth_line, "%s", why.text);
}

static bool take_all(struct parse *p, cfg_t *cfg, struct config *c)
{
    if (!copy_section(p, cfg, "", 0, c) || !check_files(p, "", 0, c) || !check_auth(p, c))
        return false;
    if (c->limits.n > 1)
        for (size_t i = 0; i < c->limits.n; i++)
            if (config_word_index("auto all", c->limits.item[i]) >= 0)
                return fail(p, config_text_line(&p->text, 0, "limits"), "limits: %s stands alone",
                            c->limits.item[i]);
    if (c->state == NULL) {
        if (c->state_password_file != NULL)
            return fail(p, config_text_line(&p->text, 0, "state_password_file"),
                        "state_password_file without state: with one database, source_password_file is used");
        if (!copy_text(p, c->source, &c->state) ||
            !copy_text(p, c->source_password_file, &c->state_password_file))
            return false;
    }
    for (const struct config_section *kind = config_sections; kind->name != NULL; kind++)
        if (!take_sections(p, cfg, kind, c))
            return false;
    return true;
}

struct config *config_load(const char *path, config_known_limit *known, struct err *e)
{
    struct parse p = {.path = path, .known = known, .e = e};
    struct config *c = NULL;
    cfg_t *cfg = NULL;
    bool ok = false;
    if (!config_text_read(&p.text, path, e))
        goto out;
    struct confuse_rows rows;
    confuse_tables(&rows, &p);
    cfg = cfg_init(rows.top, CFGF_NONE);
    c = calloc(1, sizeof *c);
    if (cfg == NULL || c == NULL) {
        fail(&p, 0, "out of memory");
        goto out;
    }
    ok = run_confuse(&p, cfg) && take_all(&p, cfg, c);
out:
    if (cfg != NULL)
        cfg_free(cfg);
    config_text_done(&p.text);
    if (!ok) {
        config_free(c);
        c = NULL;
    }
    return c;
}
