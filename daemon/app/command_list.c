#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "command.h"
#include "list_ask.h"
#include "reading.h"

enum { WORDS_MOST = 256 };

struct request {
    enum list_kind kind;
    const char *file;
    struct {
        const char *name, *value;
    } words[WORDS_MOST];
    size_t n_words;
    struct reading_want want;
    int64_t known_at;
    enum table_format format;
};

static const char *const command_names[LIST_KINDS] = {
    [LIST_BREACHES] = "breaches", [LIST_DUE] = "due", [LIST_CASES] = "cases"};

static bool parse_format(struct request *r, const char *value, struct err *e)
{
    static const char *const names[] = {[TABLE_CSV] = "csv", [TABLE_JSON] = "json", [TABLE_TEXT] = "text"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(names[i], value) == 0) {
            r->format = (enum table_format)i;
            return true;
        }
    return err_set(e, "unknown format \"%s\" (text, csv or json)", value);
}

static bool parse_option(void *ud, int option, const char *value, struct err *e)
{
    struct request *r = ud;
    switch (option) {
    case 'c':
        r->file = value;
        return true;
    case 'a':
        return ask_date("--as-of", value, &r->want.as_of, e);
    case 'k':
        r->want.known_at = &r->known_at;
        return ask_time("--known-at", value, &r->known_at, e);
    case 'f':
        return parse_format(r, value, e);
    default:
        if (r->n_words == WORDS_MOST)
            return err_set(e, "too many filters");
        r->words[r->n_words].name = list_ask_words[r->kind][option];
        r->words[r->n_words++].value = value;
        return true;
    }
}

/* The words of a query, as options: per_page is --per-page. */
static void make_options(enum list_kind kind, char names[LIST_WORDS_MOST][24],
                         struct option options[LIST_WORDS_MOST + 2])
{
    size_t n = 0;
    for (int i = 0; list_ask_words[kind][i] != NULL; i++) {
        const char *word = list_ask_words[kind][i];
        snprintf(names[i], sizeof names[i], "%s", word);
        for (char *p = names[i]; (p = strchr(p, '_')) != NULL;)
            *p = '-';
        const int value = strcmp(word, "as_of") == 0 ? 'a' : strcmp(word, "known_at") == 0 ? 'k' : i;
        options[n++] = (struct option){names[i], required_argument, NULL, value};
    }
    options[n++] = (struct option){"format", required_argument, NULL, 'f'};
    options[n] = (struct option){NULL, 0, NULL, 0};
}

static bool parse(struct request *r, int argc, char **argv, struct err *e)
{
    char names[LIST_WORDS_MOST][24];
    struct option options[LIST_WORDS_MOST + 2];
    make_options(r->kind, names, options);
    const int first = command_options(argc, argv, "c:", options, parse_option, r, e);
    if (first == 0)
        return false;
    if (first < argc)
        return err_set(e, "unexpected argument \"%s\"", argv[first]);
    return r->file != NULL || err_set(e, "-c FILE is missing");
}

/* Before the reading (`s` NULL) for what can be known to be wrong by then, and after it. */
static bool ask(const struct request *r, const struct core *core, const struct snapshot *s,
                struct list_ask *a, struct err *e)
{
    list_ask_begin(a, r->kind, core->rulebook, s);
    for (size_t i = 0; i < r->n_words; i++)
        if (!list_ask_take(a, r->words[i].name, r->words[i].value, e))
            return false;
    return true;
}

static struct table_job *make_list(const struct request *r, const struct core *core, struct snapshot *s,
                                   const struct list_ask *a)
{
    const struct judge_how how = {core->rulebook, &core->calendar, core->words,
                                  s->as_of,       s->known_at,     s->limits};
    struct list_want want = list_ask_want(a, &how, 0);
    want.evaluated_at = clock_wall_us();
    want.terminal = r->format == TABLE_TEXT;
    return list_job_new(s, &want);
}

static int write_list(const struct request *r, struct table_job *job)
{
    struct table_cursor *c = table_cursor_new(job, r->format);
    static char piece[32768];
    size_t n = TABLE_FAILED;
    const char *why = "out of memory";
    while (c != NULL && (n = table_cursor_read(c, piece, sizeof piece)) != 0 && n != TABLE_FAILED)
        if (n != TABLE_AGAIN && fwrite(piece, 1, n, stdout) != n)
            break;
    if (n == 0 && fflush(stdout) == 0) {
        table_cursor_free(c);
        return EXIT_DONE;
    }
    if (n != TABLE_FAILED)
        why = strerror(errno);
    table_cursor_free(c);
    fprintf(stderr, "ehcwatchd %s: cannot write the output: %s\n", command_names[r->kind], why);
    return EXIT_RUNTIME;
}

static int run(enum list_kind kind, int argc, char **argv)
{
    const char *name = command_names[kind];
    struct request r = {.kind = kind, .want.as_of = CIVIL_NONE, .format = TABLE_TEXT};
    struct list_ask asked;
    struct err e = {""};
    struct snapshot *s = NULL;
    int code;
    if (!parse(&r, argc, argv, &e))
        return command_usage_error(name, "%s", e.text);
    struct reading *reading = reading_open(name, r.file, r.want.known_at != NULL, &code);
    if (reading == NULL)
        return code;
    const struct core *core = reading_core(reading);
    if (!ask(&r, core, NULL, &asked, &e))
        code = command_usage_error(name, "%s", e.text);
    else if ((code = reading_run(reading, &r.want, &s)) == EXIT_DONE)
        code = ask(&r, core, s, &asked, &e) ? write_list(&r, make_list(&r, core, s, &asked))
                                            : command_usage_error(name, "%s", e.text);
    snapshot_unref(s);
    reading_close(reading);
    return code;
}

int command_breaches(int argc, char **argv)
{
    return run(LIST_BREACHES, argc, argv);
}

int command_due(int argc, char **argv)
{
    return run(LIST_DUE, argc, argv);
}

int command_cases(int argc, char **argv)
{
    return run(LIST_CASES, argc, argv);
}
