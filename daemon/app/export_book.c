#include "export_int.h"

#include <stdlib.h>
#include <string.h>

#include "instant.h"

#define COUNT_ROWS 1024 /* looked at in one call, to see which sheets there are */

void export_drop(const struct export *x)
{
    for (size_t i = 0; i < x->n; i++)
        table_job_free(x->jobs[i]);
    free(x->asked);
}

struct export_book *export_book_new(const struct export *x)
{
    struct export_book *b = calloc(1, sizeof *b);
    if (b == NULL) {
        export_drop(x);
        return NULL;
    }
    b->x = *x;
    if (b->x.rows_max == 0 || b->x.rows_max > XLSX_ROWS_MAX)
        b->x.rows_max = XLSX_ROWS_MAX;
    return b;
}

void export_book_free(struct export_book *b)
{
    if (b == NULL)
        return;
    for (size_t i = 0; i < b->n; i++)
        free(b->groups[i].id);
    free(b->groups);
    export_drop(&b->x);
    free(b);
}

/* --- the tables are worked out ------------------------------------------------------------------------------------------ */

static void find_columns(struct export_book *b, const struct table *t)
{
    for (size_t i = 0; i < t->n_columns; i++) {
        if (strcmp(t->columns[i].name, "limit") == 0)
            b->limit_column = i;
        else if (strcmp(t->columns[i].name, "state") == 0)
            b->state_column = i;
    }
}

/* A step of one of them; false: out of memory. */
static bool step(struct export_book *b)
{
    if (b->table == b->x.n) {
        b->table = 0;
        b->phase = b->x.by_limit != NULL ? BOOK_COUNT : BOOK_BEGIN;
        if (b->x.by_limit != NULL)
            find_columns(b, &b->x.jobs[0]->table);
        return true;
    }
    const int more = table_job_step(b->x.jobs[b->table]);
    b->table += more == 0;
    return more >= 0;
}

/* --- which sheets there are --------------------------------------------------------------------------------------------- */

static bool is_group(const struct group *g, const struct cell *c)
{
    return strlen(g->id) == c->len && memcmp(g->id, c->text, c->len) == 0;
}

static struct group *group_of(struct export_book *b, const struct cell *c)
{
    if (b->last < b->n && is_group(&b->groups[b->last], c))
        return &b->groups[b->last];
    for (b->last = 0; b->last < b->n; b->last++)
        if (is_group(&b->groups[b->last], c))
            return &b->groups[b->last];
    return NULL;
}

static struct group *new_group(struct export_book *b, const struct cell *c)
{
    if (b->n == b->cap) {
        size_t cap = b->cap > 0 ? 2 * b->cap : 16;
        struct group *groups = reallocarray(b->groups, cap, sizeof *groups);
        if (groups == NULL)
            return NULL;
        b->groups = groups;
        b->cap = cap;
    }
    struct group *g = &b->groups[b->n];
    *g = (struct group){.id = calloc(1, c->len + 1), .order = b->x.by_limit->n + b->n};
    if (g->id == NULL)
        return NULL;
    memcpy(g->id, c->text, c->len);
    for (size_t i = 0; i < b->x.by_limit->n; i++) {
        if (strcmp(b->x.by_limit->rule[i].limit->id, g->id) == 0) {
            g->limit = b->x.by_limit->rule[i].limit;
            g->order = i;
        }
    }
    b->n++;
    return g;
}

static struct cell cell_at(const struct table *t, size_t row, size_t column)
{
    struct cell c = {.type = CELL_NONE, .text = "", .day = CIVIL_NONE};
    t->cell(t->ud, row, column, &c);
    return c;
}

static bool count_row(struct export_book *b, const struct table *t, size_t row)
{
    struct cell c = cell_at(t, row, b->limit_column);
    struct group *g = group_of(b, &c);
    if (g == NULL)
        g = new_group(b, &c);
    if (g == NULL)
        return false;
    c = cell_at(t, row, b->state_column);
    g->states[state_by_name(c.text, c.len)]++;
    g->rows++;
    return true;
}

static int by_order(const void *a, const void *b)
{
    size_t x = ((const struct group *)a)->order, y = ((const struct group *)b)->order;
    return (x > y) - (x < y);
}

/* A few rows; false: out of memory. */
static bool count(struct export_book *b)
{
    const struct table *t = &b->x.jobs[0]->table;
    size_t until = b->row + COUNT_ROWS < t->n_rows ? b->row + COUNT_ROWS : t->n_rows;
    for (; b->row < until; b->row++)
        if (!count_row(b, t, b->row))
            return false;
    if (b->row < t->n_rows)
        return true;
    if (b->n > 0)
        qsort(b->groups, b->n, sizeof *b->groups, by_order);
    b->last = b->row = 0;
    b->phase = BOOK_BEGIN;
    return true;
}

/* --- sheets -------------------------------------------------------------------------------------------------------------- */

static void add_sheets(struct export_book *b, struct xlsx_feed *f, const char *name, const struct table *t,
                       size_t rows)
{
    struct xlsx_column columns[XLSX_COLUMNS_MAX];
    size_t n = t->n_columns < XLSX_COLUMNS_MAX ? t->n_columns : XLSX_COLUMNS_MAX;
    for (size_t i = 0; i < n; i++)
        columns[i] = (struct xlsx_column){t->columns[i].title, t->columns[i].width};
    const struct xlsx_sheet sheet = {name, true, columns, n};
    do {
        xlsx_feed_sheet(f, &sheet);
        b->sheet++;
        rows -= rows < b->x.rows_max ? rows : b->x.rows_max;
    } while (rows > 0);
}

static void begin(struct export_book *b, struct xlsx_feed *f)
{
    static struct xlsx_column columns[] = {{"", 24}, {"", 44}, {"", 14}, {"", 14},
                                           {"", 14}, {"", 18}, {"", 18}};
    static const struct xlsx_sheet summary = {"Summary", false, columns, sizeof columns / sizeof columns[0]};
    char day[CIVIL_TEXT_LEN], known[INSTANT_TEXT_LEN];
    const struct xlsx_property said[] = {{"as_of", civil_format(b->x.about.as_of, day)},
                                         {"known_at", instant_format(b->x.about.known_at, known)},
                                         {"rulebook", b->x.about.rulebook}};
    const struct xlsx_about about = {b->x.title, b->x.about.known_at / 1000000, said, 3};
    xlsx_feed_about(f, &about);
    xlsx_feed_sheet(f, &summary);
    b->sheet = SUMMARY + 1;
    for (size_t i = 0; i < b->n; i++) {
        b->groups[i].sheet = b->sheet;
        add_sheets(b, f, b->groups[i].id, &b->x.jobs[0]->table, b->groups[i].rows);
    }
    for (size_t i = 0; i < b->x.n && b->x.by_limit == NULL; i++)
        add_sheets(b, f, b->x.jobs[i]->table.name, &b->x.jobs[i]->table, b->x.jobs[i]->table.n_rows);
    export_summary(b, f);
    b->sheet = SUMMARY + 1; /* where the rows of the first table go */
    b->phase = BOOK_ROWS;
}

/* --- rows ---------------------------------------------------------------------------------------------------------------- */

static size_t sheet_of(struct export_book *b, const struct table *t)
{
    if (b->x.by_limit == NULL)
        return b->sheet + b->row / b->x.rows_max;
    const struct cell c = cell_at(t, b->row, b->limit_column);
    struct group *g = group_of(b, &c);
    return g->sheet + g->written++ / b->x.rows_max;
}

/* Cell by cell: a text lives until the next one only. */
static void add_row(struct export_book *b, struct xlsx_feed *f, const struct table *t)
{
    size_t n = t->n_columns < XLSX_COLUMNS_MAX ? t->n_columns : XLSX_COLUMNS_MAX;
    xlsx_feed_begin_row(f, sheet_of(b, t), n);
    for (size_t i = 0; i < n; i++) {
        const struct cell c = cell_at(t, b->row, i);
        const struct xlsx_cell x = export_cell(&c, t->columns[i].decimals);
        xlsx_feed_cell(f, &x);
    }
    b->row++;
}

static size_t sheets_of(const struct export_book *b, const struct table *t)
{
    return t->n_rows > 0 ? (t->n_rows + b->x.rows_max - 1) / b->x.rows_max : 1;
}

int export_book_fill(struct export_book *b, struct xlsx_feed *f)
{
    if (b->phase == BOOK_STEPS)
        return step(b) ? 1 : -1;
    if (b->phase == BOOK_COUNT)
        return count(b) ? 1 : -1;
    if (b->phase == BOOK_BEGIN)
        begin(b, f);
    while (b->table < b->x.n && !xlsx_feed_full(f)) {
        const struct table *t = &b->x.jobs[b->table]->table;
        if (b->row < t->n_rows) {
            add_row(b, f, t);
            continue;
        }
        b->sheet += sheets_of(b, t);
        b->table++;
        b->row = 0;
    }
    return b->table < b->x.n;
}
