/* Rows of the three COPY streams into an intake. */
#ifndef EHCWATCH_SOURCE_ROWS_H
#define EHCWATCH_SOURCE_ROWS_H

#include "buf.h"
#include "intake.h"
#include "pgcopy.h"

/* An event that was read before: there are few, and millions of rows. */
struct source_event {
    char name[30];
    uint8_t len, event;
};

struct source_rows {
    struct intake *intake;
    struct words *words;
    struct err err; /* why a row function stopped */
    struct source_event met[128];
    struct buf clean; /* the text of a field that was not UTF-8, until the next one */
};

enum { SOURCE_COLUMNS = 6 }; /* of each of the three */

/* pg_copy_row_fn with a struct source_rows. False: the reading cannot go on, `err` says why. A row that is merely impossible (an
 * event on a day of infinity, a case without a reference) is counted as a finding and passed over. */
bool source_row_case(void *ud, const struct pg_field *f);
bool source_row_claim(void *ud, const struct pg_field *f);
bool source_row_event(void *ud, const struct pg_field *f);

#endif
