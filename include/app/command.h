/* The subcommands of the one binary, and what their exit codes say. */
#ifndef EHCWATCH_COMMAND_H
#define EHCWATCH_COMMAND_H

#include <stdbool.h>

#include "err.h"

enum exit_code {
    EXIT_DONE = 0,
    EXIT_RUNTIME = 1,      /* failed at run time */
    EXIT_USAGE = 2,        /* the command line is wrong */
    EXIT_BAD_DATA = 65,    /* input data cannot be read */
    EXIT_UNREACHABLE = 69, /* the database does not answer */
    EXIT_BAD_CONFIG = 78,  /* the configuration is wrong */
};

/* Runs the subcommand that argv[1] names and returns the exit code. */
int command_main(int argc, char **argv);

/* Each takes argc and argv from its own name on, writes results to stdout and errors to stderr. */
int command_run(int argc, char **argv);
int command_check_config(int argc, char **argv);
int command_migrate(int argc, char **argv);
int command_rules(int argc, char **argv);
int command_evaluate(int argc, char **argv);
int command_count(int argc, char **argv);
int command_explain(int argc, char **argv);
int command_breaches(int argc, char **argv);
int command_due(int argc, char **argv);
int command_cases(int argc, char **argv);
int command_deliveries(int argc, char **argv);
int command_token(int argc, char **argv);
int command_ack(int argc, char **argv);
int command_history(int argc, char **argv);

/* Takes one option; false: `e` says what is wrong with it. */
typedef bool command_option_fn(void *request, int option, const char *value, struct err *e);

struct option; /* of getopt.h */

/* Reads the options of a subcommand: the long ones of the table, and of `shorts`, as getopt_long's ("c:" for -c FILE). The index of the first
 * argument that is none, argc without any; 0: `e` says what is wrong. */
int command_options(int argc, char **argv, const char *shorts, const struct option *options,
                    command_option_fn *take, void *request, struct err *e) MUST_CHECK;

/* "ehcwatchd NAME: ..." and the hint to --help on stderr; returns EXIT_USAGE. */
int command_usage_error(const char *name, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Writes what was made for stdout and flushes; EXIT_RUNTIME when it cannot be written. Frees `text`. */
int command_output(char *text, unsigned long len);

#endif
