/* The queries of a reading, restricted to what is asked for. */
#ifndef EHCWATCH_SOURCE_SQL_H
#define EHCWATCH_SOURCE_SQL_H

#include "source.h"

/* The query with its place for a restriction filled in; the caller frees. NULL: out of memory. */
char *source_sql(const char *query, const struct source_reading *how) MUST_CHECK;

#endif
