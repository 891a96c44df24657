#include "overdue_paper.h"

#include <stdlib.h>

#include "plain.h"

enum { LIMITS, LOCALITIES, TEAMS, TABLES };
enum { FACTS = 6 };

struct overdue_paper {
    struct paper paper;
    const struct overdue *o;
    struct table tables[TABLES];
    struct table_fact facts[FACTS];
    size_t n;
    uint8_t limit[LIMIT_MAX]; /* of row */
};

enum { OVERDUE, WITHOUT, CASES, OLDEST, LONGEST, DUE_7, DUE_14, DUE_28, COUNTS };

#define COUNT_COLUMNS                                                                                        \
    {"overdue", "Overdue", CELL_INT, 8, 0},                                                                  \
        {"overdue_without_exceptions", "Without exceptions", CELL_INT, 11, 0},                               \
        {"cases", "Cases", CELL_INT, 8, 0}, {"oldest_due_on", "Longest overdue since", CELL_DATE, 12, 0},    \
        {"longest_overdue_days", "Days overdue", CELL_INT, 7, 0},                                            \
        {"due_in_7_days", "Due in 7 days", CELL_INT, 8, 0},                                                  \
        {"due_in_14_days", "Due in 14 days", CELL_INT, 8, 0},                                                \
    {                                                                                                        \
        "due_in_28_days", "Due in 28 days", CELL_INT, 8, 0                                                   \
    }

static const struct column limit_columns[] = {{"limit", "Limit", CELL_TEXT, 22, 0},
                                              {"title", "Time limit", CELL_TEXT, 40, 0},
                                              {"kind", "Kind", CELL_TEXT, 10, 0},
                                              COUNT_COLUMNS};
static const struct column locality_columns[] = {{"locality", "Locality", CELL_TEXT, 24, 0}, COUNT_COLUMNS};
static const struct column team_columns[] = {{"team", "Team", CELL_TEXT, 24, 0}, COUNT_COLUMNS};

static void count_cell(const struct overdue_paper *p, const struct overdue_count *c, size_t column,
                       struct cell *out)
{
    switch (column) {
    case OVERDUE:
        *out = cell_int(c->overdue);
        break;
    case WITHOUT:
        *out = cell_int(c->overdue - c->excepted);
        break;
    case CASES:
        *out = cell_int(c->cases);
        break;
    case OLDEST:
        *out = cell_date(c->oldest);
        break;
    case LONGEST:
        *out = (struct cell){.type = CELL_NONE};
        if (c->oldest != CIVIL_NONE)
            *out = cell_int(p->o->how->as_of - c->oldest);
        break;
    default:
        *out = cell_int(c->due[column - DUE_7]);
    }
}

static void limit_cell(const void *ud, size_t row, size_t column, struct cell *out)
{
    const struct overdue_paper *p = ud;
    const struct limit *l = p->o->how->rulebook->rule[p->limit[row]].limit;
    if (column == 0)
        *out = cell_text(l->id);
    else if (column == 1)
        *out = cell_text(l->title);
    else if (column == 2)
        *out = cell_text(limit_kind_name(l->kind));
    else
        count_cell(p, &p->o->limit[p->limit[row]], column - 3, out);
}

static void place_cell(const struct overdue_paper *p, const struct overdue_places *places, size_t row,
                       size_t column, struct cell *out)
{
    if (column == 0)
        *out = cell_text(names_text(p->o->how->words->places, places->row[row].place));
    else
        count_cell(p, &places->row[row].count, column - 1, out);
}

static void locality_cell(const void *ud, size_t row, size_t column, struct cell *out)
{
    const struct overdue_paper *p = ud;
    place_cell(p, &p->o->localities, row, column, out);
}

static void team_cell(const void *ud, size_t row, size_t column, struct cell *out)
{
    const struct overdue_paper *p = ud;
    place_cell(p, &p->o->teams, row, column, out);
}

static void words(struct buf *b, const struct paper *paper)
{
    const struct overdue *o = ((const struct overdue_paper *)paper)->o;
    const struct overdue_count *c = &o->all;
    char day[24];
    buf_printf(b,
               "%s statutory time limit%s overdue, in %s case%s; without those that an exception disapplies: "
               "%s in %s.\n",
               COUNT(c->overdue), c->overdue == 1 ? " is" : "s are", COUNT(c->cases),
               c->cases == 1 ? "" : "s", COUNT(c->overdue - c->excepted),
               COUNT(c->cases - c->excepted_cases));
    if (c->oldest != CIVIL_NONE)
        buf_printf(b, "The longest has been overdue since %s. ", civil_words(c->oldest, day, sizeof day));
    buf_printf(b, "%s more end within 7 days, %s within 14, %s within 28, if nothing is done.\n",
               COUNT(c->due[0]), COUNT(c->due[1]), COUNT(c->due[2]));
}

static void facts_of(struct overdue_paper *p)
{
    const struct overdue_count *c = &p->o->all;
    const struct table_fact facts[FACTS] = {
        {"overdue", "Overdue", 0, cell_int(c->overdue)},
        {"overdue_without_exceptions", "Without exceptions", 0, cell_int(c->overdue - c->excepted)},
        {"cases", "Cases with one", 0, cell_int(c->cases)},
        {"cases_without_exceptions", "Without exceptions", 0, cell_int(c->cases - c->excepted_cases)},
        {"oldest_due_on", "Longest overdue since", 0, cell_date(c->oldest)},
        {"due_in_28_days", "Due in 28 days", 0, cell_int(c->due[2])},
    };
    for (size_t i = 0; i < FACTS; i++)
        p->facts[i] = facts[i];
}

static void release(struct paper *paper)
{
    free(paper);
}

#define TABLE(table_name, table_title, which, rows)                                                          \
    (struct table)                                                                                           \
    {                                                                                                        \
        .name = table_name, .title = table_title, TABLE_COLUMNS(which##_columns), .n_rows = rows,            \
        .cell = which##_cell, .ud = p                                                                        \
    }

struct paper *overdue_paper_new(const struct overdue *o)
{
    struct overdue_paper *p = calloc(1, sizeof *p);
    if (p == NULL)
        return NULL;
    p->o = o;
    for (size_t i = 0; i < o->how->rulebook->n; i++)
        if ((o->watched & LIMIT_BIT(i)) != 0)
            p->limit[p->n++] = (uint8_t)i;
    p->tables[LIMITS] = TABLE("limits", "By time limit", limit, p->n);
    p->tables[LOCALITIES] = TABLE("localities", "By locality", locality, o->localities.n);
    p->tables[TEAMS] = TABLE("teams", "By team", team, o->teams.n);
    facts_of(p);
    p->tables[0].facts = p->facts;
    p->tables[0].n_facts = FACTS;
    p->paper =
        (struct paper){"overdue", "What is overdue and what will be", p->tables, TABLES, words, release};
    return &p->paper;
}
