#include "config.h"

#include <confuse.h>
#include <errno.h>
#include <stdarg.h>
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

enum { MAX_OPTIONS = 32 };
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

static bool check_limit_id(const struct parse *p, const struct config_option *o, const char *value,
                           struct err *e)
{
    bool word = o->section[0] == '\0' && config_word_index("auto all", value) >= 0;
    if (word || p->known == NULL || p->known(value))
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

static int on_text(cfg_t *cfg, cfg_opt_t *opt, const char *value, void *result)
{
    struct parse *p = parse_of(cfg);
    const struct config_option *o = config_option_find(cfg->title != NULL ? "webhook" : "", opt->name);
    struct err why = {""};
    *(const char **)result = value;
    if (o != NULL && check_value(p, o, value, &why))
        return 0;
    fail(p, cfg->line, "%s", why.text);
    return -1;
}

static int on_int(cfg_t *cfg, cfg_opt_t *opt, const char *value, void *result)
{
    const struct config_option *o = config_option_find(cfg->title != NULL ? "webhook" : "", opt->name);
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

/* Fills `rows` (MAX_OPTIONS of them) with the carrier, the options of `section` and, at the top, the webhooks. */
static void confuse_table(cfg_opt_t *rows, const char *section, struct parse *p, cfg_opt_t *webhook)
{
    size_t n = 0;
    rows[n++] = (cfg_opt_t){.name = CARRIER, .type = CFGT_PTR, .simple_value = {.ptr = (void **)p}};
    for (const struct config_option *o = config_options; o->name != NULL && n < MAX_OPTIONS - 2; o++)
        if (strcmp(o->section, section) == 0)
            rows[n++] = confuse_row(o);
    if (webhook != NULL)
        rows[n++] = (cfg_opt_t)CFG_SEC("webhook", webhook, CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES);
    rows[n] = (cfg_opt_t)CFG_END();
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
        return fail(p, config_text_line(&p->text, number, ""), "webhook \"%.64s\" has no %s", cfg_title(cfg),
                    o->name);
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

static bool take_webhook(struct parse *p, cfg_t *sec, size_t number, struct config_webhook *w)
{
    struct err why = {""};
    if (!config_check_webhook_name(cfg_title(sec), &why))
        return fail(p, config_text_line(&p->text, number, ""), "%s", why.text);
    if (!copy_text(p, cfg_title(sec), &w->name) || !copy_section(p, sec, "webhook", number, w))
        return false;
    if (config_url_is_plain(w->url) && !w->allow_http)
        return fail(p, config_text_line(&p->text, number, "url"),
                    "url is plain http, which anybody on the way can read: "
                    "use https, or set allow_http = true");
    return !w->enabled || check_files(p, "webhook", number, w);
}

static bool take_all(struct parse *p, cfg_t *cfg, struct config *c)
{
    if (!copy_section(p, cfg, "", 0, c) || !check_files(p, "", 0, c))
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
    size_t n = cfg_size(cfg, "webhook");
    c->webhook = n > 0 ? calloc(n, sizeof *c->webhook) : NULL;
    if (n > 0 && c->webhook == NULL)
        return fail(p, 0, "out of memory");
    for (; c->n_webhooks < n; c->n_webhooks++) {
        size_t i = c->n_webhooks;
        if (!take_webhook(p, cfg_getnsec(cfg, "webhook", (unsigned int)i), i + 1, &c->webhook[i])) {
            c->n_webhooks++;
            return false;
        }
    }
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
    cfg_opt_t top[MAX_OPTIONS], webhook[MAX_OPTIONS];
    confuse_table(webhook, "webhook", &p, NULL);
    confuse_table(top, "", &p, webhook);
    cfg = cfg_init(top, CFGF_NONE);
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

/* --- freeing ----------------------------------------------------------------------------------------------------- */

static void free_section(const char *section, void *base)
{
    for (const struct config_option *o = config_options; o->name != NULL; o++) {
        if (strcmp(o->section, section) != 0)
            continue;
        void *at = (char *)base + o->offset;
        if (o->type == CONFIG_TEXT)
            free(*(char **)at);
        if (o->type == CONFIG_LIST) {
            struct config_list *list = at;
            for (size_t i = 0; i < list->n; i++)
                free(list->item[i]);
            free(list->item);
        }
    }
}

void config_free(struct config *c)
{
    if (c == NULL)
        return;
    for (size_t i = 0; i < c->n_webhooks; i++) {
        free_section("webhook", &c->webhook[i]);
        free(c->webhook[i].name);
    }
    free(c->webhook);
    free_section("", c);
    free(c);
}
