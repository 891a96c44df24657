/* The findings of a snapshot as a table, for a workbook: the columns of quality_text.h's CSV. Pure. */
#ifndef EHCWATCH_QUALITY_TABLE_H
#define EHCWATCH_QUALITY_TABLE_H

#include "quality_list.h"
#include "table_job.h"

/* Takes the list over, even on failure. `evaluated_at`: microseconds since 1970. NULL: out of memory. */
struct table_job *quality_table(struct quality_list *list, int64_t evaluated_at);

#endif
