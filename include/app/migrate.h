/* Brings one schema to the newest version of the compiled-in migrations.
 *
 * A migration is sql/migrations/SCHEMA_NNNN_what.sql; versions count from 1 without gaps, forward only. What is missing
 * is applied in one transaction, under an advisory lock that a second migrate in the same database waits for, and each
 * step is recorded in SCHEMA.schema_version. On any failure the transaction is rolled back: nothing is half applied.
 * What the roles are and who owns what: ehcwatchd(8), DATABASE ROLES. */
#ifndef EHCWATCH_MIGRATE_H
#define EHCWATCH_MIGRATE_H

#include "err.h"

struct db_session;
struct sql_text;

enum migrate_outcome {
    MIGRATE_DONE,    /* from < to: migrated; from == to: there was nothing to do */
    MIGRATE_FOREIGN, /* somebody else made the schema: left alone */
    MIGRATE_FAILED,  /* rolled back */
    MIGRATE_LOST,    /* the connection went; unless the message says otherwise, rolled back */
};

struct migrate_report {
    int from, to;
    struct err e; /* why it failed */
};

/* Called with one line about work that may take time. */
typedef void migrate_progress(const char *schema, const char *what);

/* `foreign_mark` names the relation whose presence without a version says that somebody else made the schema, or is NULL
 * for a schema that nobody else makes. Blocks for as long as the server takes. */
MUST_CHECK enum migrate_outcome migrate_schema(struct db_session *s, const char *schema,
                                               const char *foreign_mark, migrate_progress *progress,
                                               struct migrate_report *report);

/* The migration that makes `version` of `schema`, or NULL; borrowed from sql_migrations. */
const struct sql_text *migrate_find(const char *schema, int version);

/* The newest version of `schema` that this program knows. */
int migrate_newest(const char *schema);

#endif
