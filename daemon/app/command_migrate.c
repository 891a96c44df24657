#include "command.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "config.h"
#include "credentials.h"
#include "dbsession.h"
#include "limit.h"
#include "migrate.h"
#include "sql_text.h"

static const struct target {
    const char *schema, *connection;
    const char *foreign_mark;
    unsigned part; /* of the credentials */
} TARGETS[] = {
    {"casework", "source", "ehc_case", CREDENTIALS_SOURCE},
    {"ehcwatch", "state", NULL, CREDENTIALS_STATE},
};

enum { N_TARGETS = sizeof TARGETS / sizeof TARGETS[0] };

static void say_progress(const char *schema, const char *what)
{
    if (isatty(STDERR_FILENO))
        fprintf(stderr, "%s: %s ...\n", schema, what);
}

static void say_done(const char *schema, const struct migrate_report *report)
{
    if (report->from == report->to) {
        printf("%s: version %d, nothing to do\n", schema, report->to);
        return;
    }
    for (int version = report->from + 1; version <= report->to; version++)
        printf("%s: applied %s\n", schema, migrate_find(schema, version)->name);
    printf("%s: version %d\n", schema, report->to);
}

static int migrate_target(const struct target *t, const struct config *c, const struct credentials *cr)
{
    bool source = t->part == CREDENTIALS_SOURCE;
    struct err e = {""};
    struct migrate_report report;
    struct db_session *s = db_session_open(t->connection, source ? c->source : c->state,
                                           source ? cr->source_password : cr->state_password, &e);
    if (s == NULL) {
        fprintf(stderr, "migrate: %s\n", e.text);
        return EXIT_UNREACHABLE;
    }
    enum migrate_outcome outcome = migrate_schema(s, t->schema, t->foreign_mark, say_progress, &report);
    db_session_close(s);
    switch (outcome) {
    case MIGRATE_DONE:
        say_done(t->schema, &report);
        return EXIT_DONE;
    case MIGRATE_FOREIGN:
        printf("%s: %s is there and was not made by migrate: left alone\n", t->schema, t->foreign_mark);
        return EXIT_DONE;
    case MIGRATE_FAILED:
    case MIGRATE_LOST:
        break;
    }
    fprintf(stderr, "migrate: %s\n", report.e.text);
    return outcome == MIGRATE_LOST ? EXIT_UNREACHABLE : EXIT_RUNTIME;
}

/* A bit for each target; 0 when there is no such schema. */
static unsigned only(const char *schema)
{
    for (unsigned i = 0; i < N_TARGETS; i++)
        if (strcmp(schema, TARGETS[i].schema) == 0)
            return 1U << i;
    return 0;
}

static int migrate_file(const char *file, unsigned targets)
{
    struct err e = {""};
    struct credentials *cr = NULL;
    int code = EXIT_BAD_CONFIG;
    unsigned parts = 0;
    struct config *c = config_load(file, limit_known, &e);
    if (c == NULL)
        goto out;
    for (unsigned i = 0; i < N_TARGETS; i++)
        if ((targets & 1U << i) != 0)
            parts |= TARGETS[i].part;
    cr = credentials_load(file, c, parts, &e);
    if (cr == NULL)
        goto out;
    code = EXIT_DONE;
    for (unsigned i = 0; i < N_TARGETS && code == EXIT_DONE; i++)
        if ((targets & 1U << i) != 0)
            code = migrate_target(&TARGETS[i], c, cr);
    if (fflush(stdout) != 0 && code == EXIT_DONE)
        code = EXIT_RUNTIME;
out:
    if (code == EXIT_BAD_CONFIG)
        fprintf(stderr, "%s\n", e.text);
    credentials_free(cr);
    config_free(c);
    return code;
}

int command_migrate(int argc, char **argv)
{
    const char *file = NULL;
    unsigned targets = 0;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "-c") == 0 && i + 1 < argc && file == NULL) {
            file = argv[++i];
        } else if (strcmp(argv[i], "--only") == 0 && i + 1 < argc && targets == 0) {
            targets = only(argv[++i]);
            if (targets == 0)
                return command_usage_error("migrate", "--only takes casework or ehcwatch, not \"%s\"",
                                           argv[i]);
        } else {
            return command_usage_error("migrate", "unexpected argument \"%s\"", argv[i]);
        }
    }
    if (file == NULL)
        return command_usage_error("migrate", "-c FILE is missing");
    return migrate_file(file, targets != 0 ? targets : (1U << N_TARGETS) - 1);
}
