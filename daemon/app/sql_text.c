#include "sql_text.h"

#include <stdlib.h>
#include <string.h>

const char *sql_query(const char *name)
{
    for (const struct sql_text *q = sql_queries; q->name != NULL; q++)
        if (strcmp(q->name, name) == 0)
            return q->text;
    abort();
}
