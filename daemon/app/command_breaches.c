#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "breach_ask.h"
#include "breach_text.h"
#include "clock.h"
#include "command.h"
#include "reading.h"

enum { FILTERS_MOST = 256 };

struct request {
    const char *file;
    struct {
        const char *name, *value;
    } filters[FILTERS_MOST];
    size_t n_filters;
    struct reading_want want;
    int64_t known_at;
    enum breach_format format;
};

/* In the order of the values that getopt_long gives them, from 0 on. */
static const char *const filter_names[] = {"limit", "kind", "state", "locality", "team", "officer"};

enum { FILTER_NAMES = sizeof filter_names / sizeof filter_names[0] };

static bool parse_format(struct request *r, const char *value, struct err *e)
{
    static const char *const names[] = {[BREACH_CSV] = "csv", [BREACH_JSON] = "json", [BREACH_TEXT] = "text"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(names[i], value) == 0) {
            r->format = (enum breach_format)i;
            return true;
        }
    return err_set(e, "unknown format \"%s\" (text, csv or json)", value);
}

static bool parse_option(struct request *r, int option, const char *value, struct err *e)
{
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
        if (option < 0 || option >= FILTER_NAMES)
            return err_set(e, "unknown option, or an option without its value");
        if (r->n_filters == FILTERS_MOST)
            return err_set(e, "too many filters");
        r->filters[r->n_filters].name = filter_names[option];
        r->filters[r->n_filters++].value = value;
        return true;
    }
}

static bool parse(struct request *r, int argc, char **argv, struct err *e)
{
    static const struct option options[] = {
        {"limit", required_argument, NULL, 0},    {"kind", required_argument, NULL, 1},
        {"state", required_argument, NULL, 2},    {"locality", required_argument, NULL, 3},
        {"team", required_argument, NULL, 4},     {"officer", required_argument, NULL, 5},
        {"as-of", required_argument, NULL, 'a'},  {"known-at", required_argument, NULL, 'k'},
        {"format", required_argument, NULL, 'f'}, {NULL, 0, NULL, 0},
    };
    int option;
    opterr = 0;
    optind = 1;
    while ((option = getopt_long(argc, argv, ":c:", options, NULL)) != -1)
        if (!parse_option(r, option, optarg, e))
            return false;
    if (optind < argc)
        return err_set(e, "unexpected argument \"%s\"", argv[optind]);
    return r->file != NULL || err_set(e, "-c FILE is missing");
}

/* Before the reading (`s` NULL) for what can be known to be wrong by then, and after it. */
static bool ask(const struct request *r, const struct core *core, const struct snapshot *s,
                struct breach_filter *filter, struct err *e)
{
    struct breach_ask a;
    breach_ask_begin(&a, core->rulebook, s);
    for (size_t i = 0; i < r->n_filters; i++)
        if (!breach_ask_take(&a, r->filters[i].name, r->filters[i].value, e))
            return false;
    *filter = breach_ask_filter(&a);
    return true;
}

static int write_list(const struct request *r, const struct core *core, struct snapshot *s,
                      const struct breach_filter *filter)
{
    const struct breach_text_about about = {core->rulebook, &core->calendar, clock_wall_us()};
    struct breach_list *list = breach_list_new(s, core->rulebook, filter);
    struct breach_cursor *c = list != NULL ? breach_cursor_new(list, r->format, &about) : NULL;
    static char piece[32768];
    size_t n = BREACH_TEXT_FAILED;
    const char *why = "out of memory";
    while (c != NULL && (n = breach_cursor_read(c, piece, sizeof piece)) != 0 && n != BREACH_TEXT_FAILED)
        if (fwrite(piece, 1, n, stdout) != n)
            break;
    if (n == 0 && fflush(stdout) == 0) {
        breach_cursor_free(c);
        return EXIT_DONE;
    }
    if (n != BREACH_TEXT_FAILED)
        why = strerror(errno);
    breach_cursor_free(c);
    fprintf(stderr, "ehcwatchd breaches: cannot write the output: %s\n", why);
    return EXIT_RUNTIME;
}

int command_breaches(int argc, char **argv)
{
    struct request r = {.want.as_of = CIVIL_NONE, .format = BREACH_TEXT};
    struct breach_filter filter;
    struct err e = {""};
    struct snapshot *s = NULL;
    int code;
    if (!parse(&r, argc, argv, &e))
        return command_usage_error("breaches", "%s", e.text);
    struct reading *reading = reading_open("breaches", r.file, r.want.known_at != NULL, &code);
    if (reading == NULL)
        return code;
    const struct core *core = reading_core(reading);
    if (!ask(&r, core, NULL, &filter, &e))
        code = command_usage_error("breaches", "%s", e.text);
    else if ((code = reading_run(reading, &r.want, &s)) == EXIT_DONE)
        code = ask(&r, core, s, &filter, &e) ? write_list(&r, core, s, &filter)
                                             : command_usage_error("breaches", "%s", e.text);
    snapshot_unref(s);
    reading_close(reading);
    return code;
}
