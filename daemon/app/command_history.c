#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "breach_ask.h"
#include "clock.h"
#include "command.h"
#include "history_rows.h"
#include "reading.h"
#include "sql_text.h"
#include "statesession.h"
#include "worktime.h"

#define NAME "history"

struct request {
    const char *file;
    civil_day from;
    bool weekly;
};

/* The days so far. */
struct filling {
    const struct core *core;
    struct snapshot *snapshot;
    struct state_session state;
    struct place_counts counts;
    struct history_rows rows;
    unsigned computed, observed;
};

/* --- a day ---------------------------------------------------------------------------------------------------------------- */

static bool count_day(struct filling *f, civil_day day)
{
    const struct snapshot *s = f->snapshot;
    const struct judge_how how = {
        .rulebook = s->rulebook,
        .calendar = &f->core->calendar,
        .words = s->words,
        .as_of = day,
        .known_at = worktime_instant(day + 1, 0) - 1000000, /* the last second of it */
        .limits = s->limits,
    };
    struct place_walk *w = place_walk_new(&f->counts, NULL, f->snapshot, &how);
    int more = w != NULL ? 1 : -1;
    while (more > 0)
        more = place_walk_next(w, SIZE_MAX);
    place_walk_free(w);
    return more == 0;
}

static bool query(struct filling *f, const char *name, int n, const char *const *params, struct db_answer *a)
{
    return db_query(f->state.db, sql_query(name), n, params, a);
}

static bool out_of_memory(struct db_answer *a, const char *why)
{
    *a = (struct db_answer){.outcome = DB_REFUSED};
    snprintf(a->message, sizeof a->message, "%s", why);
    return false;
}

static bool write_counts(struct filling *f, const char *const day[HISTORY_DAY_PARAMS], struct db_answer *a)
{
    const char *params[HISTORY_WRITE_PARAMS], *series[HISTORY_SERIES_PARAMS], *rest[HISTORY_REST_PARAMS];
    struct err e = {""};
    bool unnamed;
    int more;
    while ((more = history_rows_next(&f->rows, &f->counts, true, &unnamed, params, &e)) > 0) {
        history_rows_series(params, series);
        if (!query(f, "history_series", HISTORY_SERIES_PARAMS, series, a) ||
            !query(f, "history_write", HISTORY_WRITE_PARAMS, params, a))
            return false;
    }
    history_rows_rest(day, rest);
    return more == 0 ? query(f, "history_rest", HISTORY_REST_PARAMS, rest, a) : out_of_memory(a, e.text);
}

/* One transaction: a day is there as a whole, or as it was. */
static bool write_day(struct filling *f, civil_day date, struct db_answer *a)
{
    const struct snapshot *s = f->snapshot;
    struct history_day day = {
        .day = date,
        .evaluated_at = clock_wall_us(),
        .rulebook = s->rulebook,
        .words = s->words,
        .limits = s->limits,
        .breached_cases = f->counts.breached_cases,
    };
    const char *params[HISTORY_DAY_PARAMS];
    struct err e = {""};
    memcpy(day.cases, f->counts.cases, sizeof day.cases);
    if (!history_rows_begin(&f->rows, &day, params, &e))
        return out_of_memory(a, e.text);
    if (!db_query(f->state.db, "BEGIN", 0, NULL, a) ||
        !query(f, "history_day", HISTORY_DAY_PARAMS, params, a))
        return false;
    bool mine = a->value[0] != '\0';
    f->computed += mine;
    f->observed += !mine;
    return (!mine || write_counts(f, params, a)) && db_query(f->state.db, "COMMIT", 0, NULL, a);
}

/* --- all of them ---------------------------------------------------------------------------------------------------------- */

static int fill(struct filling *f, const struct request *r)
{
    civil_day today = f->snapshot->as_of, step = r->weekly ? 7 : 1, day = r->from;
    bool shows = isatty(STDERR_FILENO);
    char text[CIVIL_TEXT_LEN];
    struct db_answer a;
    int code = EXIT_DONE;
    if (r->weekly)
        day += 6 - civil_weekday(day); /* the Sundays: a week is told by its last day */
    for (; day < today && code == EXIT_DONE; day += step) {
        if (shows)
            fprintf(stderr, "\rworking out %s ...", civil_format(day, text));
        if (!count_day(f, day)) {
            fprintf(stderr, "%sehcwatchd " NAME ": out of memory\n", shows ? "\r\033[K" : "");
            return EXIT_RUNTIME;
        }
        if (!write_day(f, day, &a)) {
            fprintf(stderr, "%s", shows ? "\r\033[K" : "");
            code = state_session_failed(&f->state, &a);
        }
    }
    if (code != EXIT_DONE)
        return code;
    fprintf(stderr, "%s", shows ? "\r\033[K" : "");
    printf("%u %s worked out, %u observed and left as they are\n", f->computed,
           f->computed == 1 ? "day" : "days", f->observed);
    return fflush(stdout) == 0 ? EXIT_DONE : EXIT_RUNTIME;
}

static int run(struct reading *reading, const struct request *r)
{
    static const int64_t now = KNOWN_NOW; /* with the times at which undated facts were first seen */
    const struct reading_want want = {.as_of = CIVIL_NONE, .known_at = &now};
    struct filling f = {.core = reading_core(reading)};
    int code = state_session_open(&f.state, NAME, r->file);
    if (code != EXIT_DONE)
        return code;
    history_rows_init(&f.rows);
    code = reading_run(reading, &want, &f.snapshot);
    if (code == EXIT_DONE)
        code = fill(&f, r);
    snapshot_unref(f.snapshot);
    place_counts_clear(&f.counts);
    history_rows_free(&f.rows);
    state_session_close(&f.state);
    return code;
}

/* --- the command line ----------------------------------------------------------------------------------------------------- */

static bool parse_option(void *ud, int option, const char *value, struct err *e)
{
    struct request *r = ud;
    switch (option) {
    case 'c':
        r->file = value;
        return true;
    case 'f':
        return ask_date("--from", value, &r->from, e);
    case 'e':
        r->weekly = strcmp(value, "week") == 0;
        return r->weekly || strcmp(value, "day") == 0 ||
               err_set(e, "--every %s: not one of day, week", value);
    default:
        return false; /* the table has no other */
    }
}

int command_history(int argc, char **argv)
{
    static const struct option options[] = {
        {"from", required_argument, NULL, 'f'},
        {"every", required_argument, NULL, 'e'},
        {NULL, 0, NULL, 0},
    };
    struct request r = {.from = CIVIL_NONE};
    struct err e = {""};
    int code;
    const int first = command_options(argc, argv, "c:", options, parse_option, &r, &e);
    if (first == 0)
        return command_usage_error(NAME, "%s", e.text);
    if (first < argc)
        return command_usage_error(NAME, "unexpected argument \"%s\"", argv[first]);
    if (r.file == NULL || r.from == CIVIL_NONE)
        return command_usage_error(NAME, "-c FILE and --from are needed");
    struct reading *reading = reading_open(NAME, r.file, true, &code);
    if (reading == NULL)
        return code;
    code = run(reading, &r);
    reading_close(reading);
    return code;
}
