/* Counts of a day as the parameters of the queries history_day, history_series, history_write and history_rest: the same for the daemon,
 * which observes, and for the subcommand, which works out what was not observed. */
#ifndef EHCWATCH_HISTORY_ROWS_H
#define EHCWATCH_HISTORY_ROWS_H

#include "pgarray.h"
#include "place_count.h"

/* A day. */
struct history_day {
    civil_day day;
    bool observed;
    int64_t evaluated_at; /* microseconds since 1970 */
    const struct rulebook *rulebook;
    const struct words *words;
    uint64_t limits; /* under watch */
    uint32_t cases[STAGE_COUNT], breached_cases;
};

enum {
    HISTORY_DAY_PARAMS = 11,
    HISTORY_SERIES_PARAMS = 4,
    HISTORY_WRITE_PARAMS = 7,
    HISTORY_REST_PARAMS = 2
};

/* All zero but for history_rows_init; reused day after day. */
struct history_rows {
    const struct history_day *day; /* borrowed */
    char date[CIVIL_TEXT_LEN], at[24], n[STAGE_COUNT + 1][12];
    struct pg_array limits; /* of the day */

    /* Of a batch. */
    size_t limit; /* the next */
    struct pg_array covered, id, state, locality, team, count;
};

void history_rows_init(struct history_rows *r);
void history_rows_free(struct history_rows *r);

/* Begins a day. Parameters are borrowed from `r` until the next begin or next. False: out of memory, or a text that cannot be sent. */
bool history_rows_begin(struct history_rows *r, const struct history_day *day,
                        const char *params[HISTORY_DAY_PARAMS], struct err *e) MUST_CHECK;

/* The next batch: of some limits all counts (`whole`), else those that differ from what is written. The series among them that have no
 * number yet: *unnamed. 1: there is one; 0: there is none left; -1: as above. */
int history_rows_next(struct history_rows *r, const struct place_counts *c, bool whole, bool *unnamed,
                      const char *params[HISTORY_WRITE_PARAMS], struct err *e) MUST_CHECK;

/* The parameters of history_series for the batch, of history_rest for the day. */
void history_rows_series(const char *const write[HISTORY_WRITE_PARAMS],
                         const char *params[HISTORY_SERIES_PARAMS]);
void history_rows_rest(const char *const day[HISTORY_DAY_PARAMS], const char *params[HISTORY_REST_PARAMS]);

/* The limits of a day as the database has them, '{a,b}' of ids; those that the rulebook does not know are left out. */
uint64_t history_limits(const struct rulebook *rb, const char *text);

/* Whether any count differs from what is written. */
bool history_rows_differ(const struct place_counts *c);

/* It is written now. */
void history_rows_written(struct place_counts *c);

#endif
