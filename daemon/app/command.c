#include "command.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rulebook.h"

#define LIST_FILTERS                                                                                         \
    "-c FILE [--limit ID] [--kind K] [--state S] [--locality L] [--team T] [--officer O] [--band B] "        \
    "[--age A] [--stage S]"
#define LIST_ROWS                                                                                            \
    " [--as-of DATE] [--known-at TIME] [--sort [-]COLUMN] [--page N] [--per-page N] [--format "              \
    "text|csv|json]"

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *usage;
    const char *help;
} commands[] = {
    {"run", command_run, "-c FILE", "the daemon, in the foreground"},
    {"check-config", command_check_config, "-c FILE [--print]",
     "silence and 0, or FILE:LINE: what is wrong, and 78; --print shows every option as it will hold"},
    {"migrate", command_migrate, "-c FILE [--only casework|ehcwatch]",
     "creates or upgrades both schemas; safe to repeat"},
    {"rules", command_rules, "[-c FILE] [--format text|csv|json]",
     "the compiled-in table of limits; with -c as the file's standards and thresholds make it"},
    {"evaluate", command_evaluate,
     "--cases F --events F [--exceptions F] --as-of DATE [--known-at TIME] [--limits all|auto|id,id...] "
     "[--format csv|json] [--findings F]",
     "every obligation of the cases in CSV files, no database; --findings writes what cannot be right in "
     "them"},
    {"explain", command_explain,
     "-c FILE CASE_REF [--as-of DATE] [--known-at TIME] [--limits all|id,id...] [--format text|json]",
     "one case of the case database: every obligation, its arithmetic, its facts and its source"},
    {"breaches", command_breaches, LIST_FILTERS " [--exception X]" LIST_ROWS,
     "what is overdue in the case database, the longest first"},
    {"due", command_due, LIST_FILTERS " [--within DAYS]" LIST_ROWS,
     "what is open and falls due within so many days (28), the soonest first"},
    {"cases", command_cases, LIST_FILTERS " [--exception X]" LIST_ROWS,
     "every case: where it stands, how far behind it is, what is overdue and what falls due next"},
    {"deliveries", command_deliveries,
     "-c FILE [CASE_REF] [--endpoint NAME] [--state S] [--since DATE] [--format text|csv|json] | proof "
     "CASE_REF "
     "[--format text|html] | replay ID... | replay --endpoint NAME --dead|--since DATE | enable NAME | test "
     "NAME",
     "what was sent to whom and when, and a sheet that proves it for one case; sends again, opens an "
     "endpoint "
     "again, sends a test"},
    {"ack", command_ack,
     "-c FILE CASE_REF LIMIT [--subject S] [--start DATE] --who W --reason R --until DATE [--snooze] | "
     "--withdraw ID "
     "[--who W] | --list [CASE_REF] [--format text|json]",
     "says that somebody has seen it and until when it may rest; takes that back; lists what is in force, or "
     "all of "
     "a case"},
    {"history", command_history, "-c FILE --from DATE [--every day|week]",
     "fills the history with days that were not observed, from what is recorded now as it was known then; "
     "observed days stay as they are"},
    {"token", command_token, "NAME metrics|reader|meeting|officer|manager|operator [teams=TEAM,...]",
     "makes a token: the line for api_token_file on stdout, the token itself, this once, on stderr"},
    {"count", command_count, "COUNT START [N]", "one counting function: prints the last lawful day"},
};

#define COMMANDS (sizeof commands / sizeof commands[0])

static void print_help(FILE *to)
{
    fprintf(to,
            "Usage: ehcwatchd COMMAND ...\n\nKeeps watch over the statutory time limits of EHC cases.\n\n");
    for (size_t i = 0; i < COMMANDS; i++)
        fprintf(to, "  ehcwatchd %s %s\n      %s\n", commands[i].name, commands[i].usage, commands[i].help);
    fprintf(to,
            "\n  --help, --version\n\nExit codes: 0 done, 1 failed at run time, 2 usage, 65 bad input data, "
            "69 database unreachable,\n78 bad configuration. Manual: ehcwatchd(8), ehcwatchd.conf(5).\n");
}

int command_usage_error(const char *name, const char *fmt, ...)
{
    va_list ap;
    fprintf(stderr, "ehcwatchd %s: ", name);
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fprintf(stderr, "; see ehcwatchd %s --help\n", name);
    return EXIT_USAGE;
}

int command_options(int argc, char **argv, const char *shorts, const struct option *options,
                    command_option_fn *take, void *request, struct err *e)
{
    char quiet[16];
    int option;
    snprintf(quiet, sizeof quiet, ":%s", shorts);
    opterr = 0;
    optind = 1;
    while ((option = getopt_long(argc, argv, quiet, options, NULL)) != -1) {
        if (option == '?' || option == ':') {
            err_set(e, "unknown option, or an option without its value");
            return 0;
        }
        if (!take(request, option, optarg, e))
            return 0;
    }
    return optind;
}

int command_output(char *text, unsigned long len)
{
    bool ok = text != NULL && fwrite(text, 1, len, stdout) == len && fflush(stdout) == 0;
    if (!ok)
        fprintf(stderr, "ehcwatchd: cannot write the output: %s\n",
                text == NULL ? "out of memory" : strerror(errno));
    free(text);
    return ok ? EXIT_DONE : EXIT_RUNTIME;
}

int command_main(int argc, char **argv)
{
    if (argc < 2) {
        print_help(stderr);
        return EXIT_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        print_help(stdout);
        return EXIT_DONE;
    }
    if (strcmp(argv[1], "--version") == 0) {
        printf("ehcwatchd %s (rulebook %s)\n", EHCWATCH_VERSION, RULEBOOK_VERSION);
        return EXIT_DONE;
    }
    for (size_t i = 0; i < COMMANDS; i++) {
        if (strcmp(argv[1], commands[i].name) != 0)
            continue;
        for (int a = 2; a < argc; a++)
            if (strcmp(argv[a], "--help") == 0 || strcmp(argv[a], "-h") == 0) {
                printf("Usage: ehcwatchd %s %s\n\n%s\n", commands[i].name, commands[i].usage,
                       commands[i].help);
                return EXIT_DONE;
            }
        return commands[i].run(argc - 1, argv + 1);
    }
    fprintf(stderr, "ehcwatchd: there is no command \"%s\"; see ehcwatchd --help\n", argv[1]);
    return EXIT_USAGE;
}
