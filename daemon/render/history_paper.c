#include "history_paper.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A day or a week. */
struct period {
    civil_day first;          /* the day, or the Monday */
    struct history_seen seen; /* day CIVIL_NONE: a gap */
};

enum { WEEK, DAY, OBSERVED, LIMIT, TITLE, FIXED };
enum { STAGE_AT = OBSERVED + 1, BREACHED_AT = STAGE_AT + STAGE_COUNT, EVALUATED_AT, STAGE_COLUMNS };

struct history_paper {
    struct history_want want;
    struct rulebook *rulebook;
    size_t n_periods, n_days;
    struct period *periods;
    civil_day *days;
    size_t n_limits;
    uint8_t limits[LIMIT_MAX];
    size_t n_states;
    uint8_t states[STATE_COUNT];
    uint32_t *counts; /* by period, limit, state */
    char week[9];     /* of the cell that is being read */
    struct column columns[FIXED + STATE_COUNT];
    struct table_fact facts[5];
    struct table table;
};

static civil_day first_of(const struct history_want *w, civil_day day)
{
    return w->weekly ? day - civil_weekday(day) : day;
}

size_t history_periods(const struct history_want *w)
{
    int days = w->weekly ? 7 : 1;
    return w->to < w->from ? 0 : (size_t)((first_of(w, w->to) - first_of(w, w->from)) / days) + 1;
}

struct history_paper *history_paper_new(const struct history_want *w, struct rulebook *rb)
{
    struct history_paper *p = calloc(1, sizeof *p);
    if (p == NULL)
        return NULL;
    p->want = *w;
    p->rulebook = rulebook_ref(rb);
    p->n_periods = history_periods(w);
    p->periods = calloc(p->n_periods + 1, sizeof *p->periods);
    p->days = calloc(p->n_periods + 1, sizeof *p->days);
    if (p->periods == NULL || p->days == NULL) {
        history_paper_free(p);
        return NULL;
    }
    for (size_t i = 0; i < p->n_periods; i++)
        p->periods[i] = (struct period){.first = first_of(w, w->from) + (civil_day)i * (w->weekly ? 7 : 1),
                                        .seen = {.day = CIVIL_NONE}};
    return p;
}

void history_paper_free(void *paper)
{
    struct history_paper *p = paper;
    if (p == NULL)
        return;
    rulebook_unref(p->rulebook);
    free(p->periods);
    free(p->days);
    free(p->counts);
    free(p);
}

/* --- filling --------------------------------------------------------------------------------------------------------------- */

static struct period *period_of(const struct history_paper *p, civil_day day)
{
    civil_day first = first_of(&p->want, day), begin = first_of(&p->want, p->want.from);
    return day < p->want.from || day > p->want.to ? NULL
                                                  : &p->periods[(first - begin) / (p->want.weekly ? 7 : 1)];
}

void history_paper_day(struct history_paper *p, const struct history_seen *day)
{
    struct period *period = period_of(p, day->day);
    if (period == NULL)
        return;
    if (period->seen.day == CIVIL_NONE)
        p->n_days++;
    period->seen = *day;
    p->days[p->n_days - 1] = day->day;
}

const civil_day *history_paper_days(const struct history_paper *p, size_t *n)
{
    *n = p->n_days;
    return p->days;
}

int history_paper_begin(struct history_paper *p)
{
    uint64_t known = 0;
    for (size_t i = 0; i < p->n_periods; i++)
        known |= p->periods[i].seen.day != CIVIL_NONE ? p->periods[i].seen.limits : 0;
    uint64_t limits = p->want.limits & (known | p->want.asked);
    for (size_t i = 0; i < p->rulebook->n && !p->want.stages; i++)
        if ((limits & LIMIT_BIT(i)) != 0)
            p->limits[p->n_limits++] = (uint8_t)i;
    for (int s = 0; s < STATE_COUNT; s++)
        if ((p->want.states & 1u << s) != 0)
            p->states[p->n_states++] = (uint8_t)s;
    size_t cells = p->n_periods * (p->n_limits + p->want.stages) * p->n_states;
    if (cells > HISTORY_CELLS)
        return 0;
    p->counts = calloc(cells + 1, sizeof *p->counts);
    return p->counts != NULL ? 1 : -1;
}

static size_t place(const uint8_t *list, size_t n, size_t what)
{
    size_t i = 0;
    while (i < n && list[i] != what)
        i++;
    return i;
}

void history_paper_count(struct history_paper *p, civil_day day, size_t limit, enum state s, uint32_t n)
{
    const struct period *period = period_of(p, day);
    size_t l = place(p->limits, p->n_limits, limit), k = place(p->states, p->n_states, s);
    if (period == NULL || period->seen.day != day || l == p->n_limits || k == p->n_states)
        return;
    p->counts[((size_t)(period - p->periods) * p->n_limits + l) * p->n_states + k] += n;
}

/* --- the table -------------------------------------------------------------------------------------------------------------- */

static void when_cell(struct history_paper *p, const struct period *period, size_t column, struct cell *out)
{
    bool gap = period->seen.day == CIVIL_NONE;
    if (column == WEEK) {
        struct civil_week w = civil_to_week(period->first);
        snprintf(p->week, sizeof p->week, "%04u-W%02u", (unsigned)w.year % 10000, (unsigned)w.week % 100);
        *out = cell_text(p->week);
    } else if (column == DAY) {
        *out = cell_date(!gap ? period->seen.day : p->want.weekly ? CIVIL_NONE : period->first);
    } else if (!gap) {
        *out = cell_bool(period->seen.observed);
    }
}

static void count_cell(const void *ud, size_t row, size_t column, struct cell *out)
{
    struct history_paper *p = (struct history_paper *)(uintptr_t)ud; /* for the text of a week */
    const struct period *period = &p->periods[row / p->n_limits];
    size_t limit = p->limits[row % p->n_limits];
    *out = (struct cell){.type = CELL_NONE};
    if (column < LIMIT)
        when_cell(p, period, column, out);
    else if (column == LIMIT)
        *out = cell_text(p->rulebook->rule[limit].limit->id);
    else if (column == TITLE)
        *out = cell_text(p->rulebook->rule[limit].limit->title);
    else if (period->seen.day != CIVIL_NONE && (period->seen.limits & LIMIT_BIT(limit)) != 0)
        *out = cell_int(p->counts[row * p->n_states + (column - FIXED)]);
}

static void stage_cell(const void *ud, size_t row, size_t column, struct cell *out)
{
    struct history_paper *p = (struct history_paper *)(uintptr_t)ud;
    const struct history_seen *seen = &p->periods[row].seen;
    *out = (struct cell){.type = CELL_NONE};
    if (column < STAGE_AT)
        when_cell(p, &p->periods[row], column, out);
    else if (seen->day == CIVIL_NONE)
        return;
    else if (column < BREACHED_AT)
        *out = cell_int(seen->cases[column - STAGE_AT]);
    else
        *out = column == BREACHED_AT ? cell_int(seen->breached_cases) : cell_time(seen->evaluated_at);
}

static const struct column when_columns[] = {
    [WEEK] = {"week", "Week", CELL_TEXT, 10, 0},
    [DAY] = {"day", "Day", CELL_DATE, 12, 0},
    [OBSERVED] = {"observed", "Observed", CELL_BOOL, 10, 0},
    [LIMIT] = {"limit", "Limit", CELL_TEXT, 24, 0},
    [TITLE] = {"title", "What is owed", CELL_TEXT, 40, 0},
};

static const struct column stage_columns[STAGE_COLUMNS] = {
    [WEEK] = {"week", "Week", CELL_TEXT, 10, 0},
    [DAY] = {"day", "Day", CELL_DATE, 12, 0},
    [OBSERVED] = {"observed", "Observed", CELL_BOOL, 10, 0},
    [STAGE_AT + STAGE_REQUESTED] = {"requested", "Requested", CELL_INT, 11, 0},
    [STAGE_AT + STAGE_ASSESSING] = {"assessing", "Being assessed", CELL_INT, 11, 0},
    [STAGE_AT + STAGE_REFUSED] = {"refused", "Refused", CELL_INT, 11, 0},
    [STAGE_AT + STAGE_PLAN] = {"plan", "With a plan", CELL_INT, 11, 0},
    [STAGE_AT + STAGE_ENDED] = {"ended", "Ended", CELL_INT, 11, 0},
    [BREACHED_AT] = {"breached_cases", "With something overdue", CELL_INT, 14, 0},
    [EVALUATED_AT] = {"evaluated_at", "Evaluated at", CELL_TIME, 22, 0},
};

static const struct column state_columns[STATE_COUNT] = {
    [STATE_ON_TRACK] = {"on_track", "On track", CELL_INT, 10, 0},
    [STATE_AT_RISK] = {"at_risk", "At risk", CELL_INT, 10, 0},
    [STATE_BREACHED] = {"breached", "Overdue", CELL_INT, 10, 0},
    [STATE_MET] = {"met", "Met", CELL_INT, 10, 0},
    [STATE_MET_LATE] = {"met_late", "Met late", CELL_INT, 10, 0},
    [STATE_EXCEPTED] = {"excepted", "Excepted, done or not", CELL_INT, 10, 0},
    [STATE_VOID] = {"void", "Not owed after all", CELL_INT, 10, 0},
    [STATE_MISSED] = {"missed", "Missed for good", CELL_INT, 10, 0},
};

const struct table *history_paper_table(struct history_paper *p)
{
    size_t observed = 0;
    for (size_t i = 0; i < p->n_periods; i++)
        observed += p->periods[i].seen.day != CIVIL_NONE && p->periods[i].seen.observed;
    const struct table_fact facts[] = {
        {"by", "Row by row", 0, cell_text(p->want.weekly ? "week" : "day")},
        {"from", "From", 0, cell_date(p->want.from)},
        {"to", "To", 0, cell_date(p->want.to)},
        {"observed", "Observed", 0, cell_int((int64_t)observed)},
        {"gaps", "Without an evaluation", 0, cell_int((int64_t)(p->n_periods - p->n_days))},
    };
    memcpy(p->facts, facts, sizeof p->facts);
    memcpy(p->columns, when_columns, sizeof when_columns);
    for (size_t i = 0; i < p->n_states; i++)
        p->columns[FIXED + i] = state_columns[p->states[i]];
    p->table = (struct table){
        .name = p->want.stages ? "history-cases" : "history",
        .title = p->want.stages ? "Cases by stage, then and now" : "Obligations, then and now",
        .columns = p->want.stages ? stage_columns : p->columns,
        .n_columns = p->want.stages ? STAGE_COLUMNS : FIXED + p->n_states,
        .n_rows = p->n_periods * (p->want.stages ? 1 : p->n_limits),
        .cell = p->want.stages ? stage_cell : count_cell,
        .ud = p,
        .facts = p->facts,
        .n_facts = sizeof facts / sizeof facts[0],
    };
    return &p->table;
}
