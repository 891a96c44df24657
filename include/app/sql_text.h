/* The SQL of sql/migrations and sql/queries, compiled in: the binary runs where no source tree is. */
#ifndef EHCWATCH_SQL_TEXT_H
#define EHCWATCH_SQL_TEXT_H

struct sql_text {
    const char *name; /* file name without .sql; NULL ends a table */
    const char *text;
};

extern const struct sql_text sql_migrations[]; /* by number, ascending */
extern const struct sql_text sql_queries[];

/* The named query of sql/queries. The name is a constant of the program: an unknown one aborts. */
const char *sql_query(const char *name);

#endif
