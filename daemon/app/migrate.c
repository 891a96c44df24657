#include "migrate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dbsession.h"
#include "sql_text.h"

/* "ehcw" and 1: any pair does, as long as every version of this program takes the same. */
#define LOCK_KEYS "1701340023, 1"

enum { NUMBER_DIGITS = 4 };

struct run {
    struct db_session *s;
    const char *schema;
    migrate_progress *progress;
    struct migrate_report *report;
    struct db_answer a; /* of the last statement */
};

const struct sql_text *migrate_find(const char *schema, int version)
{
    char prefix[64];
    snprintf(prefix, sizeof prefix, "%s_%0*d_", schema, NUMBER_DIGITS, version);
    for (const struct sql_text *m = sql_migrations; m->name != NULL; m++)
        if (strncmp(m->name, prefix, strlen(prefix)) == 0)
            return m;
    return NULL;
}

int migrate_newest(const char *schema)
{
    int version = 0;
    while (migrate_find(schema, version + 1) != NULL)
        version++;
    return version;
}

/* Positions count characters, and the server was told that the text is UTF-8. */
static unsigned line_at(const char *text, unsigned position)
{
    unsigned line = 1;
    for (; *text != '\0' && position > 1; text++) {
        line += *text == '\n';
        if (((unsigned char)text[1] & 0xc0) != 0x80)
            position--;
    }
    return line;
}

/* What went wrong, in words that start with what was being done. */
static bool fail(struct run *r, const char *what)
{
    return err_set(&r->report->e, "%s: %s", what, r->a.message);
}

static bool query(struct run *r, const char *sql, int nparams, const char *const *params)
{
    return db_query(r->s, sql, nparams, params, &r->a) || fail(r, r->schema);
}

static bool named_script(struct run *r, const char *name)
{
    return db_script(r->s, sql_query(name), &r->a) || fail(r, r->schema);
}

/* The version that is there, 0 for none. */
static bool read_version(struct run *r, bool ours, int *version)
{
    char sql[128];
    *version = 0;
    if (!ours)
        return true;
    snprintf(sql, sizeof sql, "SELECT coalesce(max(version), 0) FROM %s.schema_version", r->schema);
    if (!query(r, sql, 0, NULL))
        return false;
    *version = (int)strtol(r->a.value, NULL, 10);
    return true;
}

/* Looks at what is there: `foreign`, or a version. */
static bool look(struct run *r, const char *foreign_mark, bool *foreign, int *version)
{
    if (!query(r, sql_query("migrate_look"), 2, (const char *const[]){r->schema, foreign_mark}))
        return false;
    *foreign = strcmp(r->a.value, "foreign") == 0;
    if (strcmp(r->a.value, "old") == 0)
        return err_set(&r->report->e, "%s: PostgreSQL 13 or newer is needed", r->schema);
    if (!read_version(r, strcmp(r->a.value, "ours") == 0, version))
        return false;
    int known = migrate_newest(r->schema);
    if (*version <= known)
        return true;
    return err_set(&r->report->e,
                   "%s: the database is at version %d, this program knows %d: install the newer ehcwatchd",
                   r->schema, *version, known);
}

static bool lock(struct run *r)
{
    if (!query(r, "SELECT pg_try_advisory_xact_lock(" LOCK_KEYS ")", 0, NULL))
        return false;
    if (strcmp(r->a.value, "t") == 0)
        return true;
    r->progress(r->schema, "another migrate is at work here, waiting for it");
    return query(r, "SELECT pg_advisory_xact_lock(" LOCK_KEYS ")", 0, NULL);
}

static bool apply(struct run *r, int version)
{
    const struct sql_text *m = migrate_find(r->schema, version);
    char sql[128], number[16];
    r->progress(r->schema, m->name);
    if (!db_script(r->s, m->text, &r->a)) {
        char what[128];
        if (r->a.position > 0)
            snprintf(what, sizeof what, "%s: line %u", m->name, line_at(m->text, r->a.position));
        else
            snprintf(what, sizeof what, "%s", m->name);
        return fail(r, what);
    }
    snprintf(number, sizeof number, "%d", version);
    snprintf(sql, sizeof sql, "INSERT INTO %s.schema_version (version, name) VALUES ($1::int, $2)",
             r->schema);
    return query(r, sql, 2, (const char *const[]){number, m->name});
}

/* Everything between the lock and the commit. */
static bool change(struct run *r)
{
    if (!query(r, "SELECT set_config('ehcwatch.migrate', $1, true)", 1, &r->schema) ||
        !named_script(r, "migrate_roles") || !named_script(r, "migrate_schema"))
        return false;
    for (int version = r->report->from + 1; version <= r->report->to; version++)
        if (!apply(r, version))
            return false;
    return named_script(r, "migrate_finish");
}

static bool commit(struct run *r)
{
    if (query(r, "COMMIT", 0, NULL))
        return true;
    if (r->a.outcome == DB_LOST)
        err_set(&r->report->e, "%s: %.300s; whether it was done is unknown: migrate again", r->schema,
                r->a.message);
    return false;
}

static bool migrate(struct run *r, const char *foreign_mark, bool *foreign)
{
    if (!named_script(r, "migrate_session") || !look(r, foreign_mark, foreign, &r->report->from))
        return false;
    r->report->to = migrate_newest(r->schema);
    if (*foreign || r->report->from == r->report->to)
        return true;
    /* Again under the lock: another migrate may have been here meanwhile. */
    return query(r, "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE", 0, NULL) && lock(r) &&
           look(r, foreign_mark, foreign, &r->report->from) &&
           (*foreign || r->report->from == r->report->to || change(r)) && commit(r);
}

enum migrate_outcome migrate_schema(struct db_session *s, const char *schema, const char *foreign_mark,
                                    migrate_progress *progress, struct migrate_report *report)
{
    struct run r = {.s = s, .schema = schema, .progress = progress, .report = report};
    bool foreign = false;
    *report = (struct migrate_report){0};
    if (migrate(&r, foreign_mark, &foreign))
        return foreign ? MIGRATE_FOREIGN : MIGRATE_DONE;
    return r.a.outcome == DB_LOST ? MIGRATE_LOST : MIGRATE_FAILED;
}
