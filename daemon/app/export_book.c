#include "export_book.h"

#include <stdlib.h>
#include <string.h>

#include "evaluate.h"
#include "instant.h"

#define COUNT_ROWS 1024 /* looked at in one call, to see which sheets there are */
#define SUMMARY    0    /* the first sheet */

#define STATE_NAMES (STATE_COUNT + 1) /* and what is none of them */

/* The rows of one limit. */
struct group {
    char *id;
    const struct limit *limit; /* NULL: the rulebook has none of that name */
    size_t order;              /* in the rulebook */
    size_t states[STATE_NAMES], rows;
    size_t sheet, written; /* where its rows begin, and how many are there */
};

struct export_book {
    struct export x;
    size_t limit_column, state_column;
    struct group *groups;
    size_t n, cap;
    size_t last; /* the group of the row before */
    size_t table, row, sheet;
    enum { BOOK_COUNT, BOOK_BEGIN, BOOK_ROWS } phase;
};

struct export_book *export_book_new(const struct export *x)
{
    struct export_book *b = calloc(1, sizeof *b);
    if (b == NULL) {
        free(x->asked);
        if (x->free_fn != NULL)
            x->free_fn(x->ctx);
        return NULL;
    }
    b->x = *x;
    b->phase = x->by_limit != NULL ? BOOK_COUNT : BOOK_BEGIN;
    if (b->x.rows_max == 0 || b->x.rows_max > XLSX_ROWS_MAX)
        b->x.rows_max = XLSX_ROWS_MAX;
    for (size_t i = 0; x->by_limit != NULL && i < x->tables[0]->n_columns; i++) {
        if (strcmp(x->tables[0]->columns[i].name, "limit") == 0)
            b->limit_column = i;
        else if (strcmp(x->tables[0]->columns[i].name, "state") == 0)
            b->state_column = i;
    }
    return b;
}

void export_book_free(struct export_book *b)
{
    if (b == NULL)
        return;
    for (size_t i = 0; i < b->n; i++)
        free(b->groups[i].id);
    free(b->groups);
    free(b->x.asked);
    if (b->x.free_fn != NULL)
        b->x.free_fn(b->x.ctx);
    free(b);
}

/* --- cells --------------------------------------------------------------------------------------------------------------- */

static struct xlsx_cell text_cell(enum xlsx_type type, const char *s)
{
    return (struct xlsx_cell){.type = type, .text = s, .len = strlen(s)};
}

static struct xlsx_cell count_cell(size_t n)
{
    return (struct xlsx_cell){.type = XLSX_INT, .x = (double)n};
}

static struct xlsx_cell time_cell(int64_t us)
{
    return (struct xlsx_cell){.type = XLSX_TIME, .x = (double)(us / 1000000)};
}

static struct xlsx_cell date_cell(civil_day d)
{
    return (struct xlsx_cell){.type = d == CIVIL_NONE ? XLSX_NONE : XLSX_DATE, .day = d};
}

/* The same value as in the other forms. */
static struct xlsx_cell convert(const struct cell *c, int decimals)
{
    switch (c->type) {
    case CELL_NONE:
        break;
    case CELL_TEXT:
    case CELL_CASE:
    case CELL_STATE:
        return (struct xlsx_cell){.type = XLSX_TEXT, .text = c->text, .len = c->len};
    case CELL_INT:
        return (struct xlsx_cell){.type = XLSX_INT, .x = (double)c->n};
    case CELL_NUMBER:
        return (struct xlsx_cell){.type = XLSX_NUMBER, .x = c->x, .decimals = decimals};
    case CELL_SHARE:
        return (struct xlsx_cell){.type = XLSX_SHARE, .x = c->x, .decimals = decimals};
    case CELL_DATE:
        return date_cell(c->day);
    case CELL_BOOL:
        return (struct xlsx_cell){.type = XLSX_BOOL, .x = c->n != 0};
    case CELL_TIME:
        return time_cell(c->n);
    }
    return (struct xlsx_cell){.type = XLSX_NONE};
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
    *g = (struct group){.id = strndup(c->text, c->len), .order = b->x.by_limit->n + b->n};
    if (g->id == NULL)
        return NULL;
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
    const struct table *t = b->x.tables[0];
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

/* --- the summary --------------------------------------------------------------------------------------------------------- */

static void pair(struct xlsx_feed *f, const char *name, struct xlsx_cell value)
{
    const struct xlsx_cell cells[] = {text_cell(XLSX_TEXT, name), value};
    xlsx_feed_row(f, SUMMARY, cells, 2);
}

static void heading(struct xlsx_feed *f, const char *text)
{
    const struct xlsx_cell cell = text_cell(XLSX_HEAD, text);
    xlsx_feed_row(f, SUMMARY, NULL, 0);
    xlsx_feed_row(f, SUMMARY, &cell, 1);
}

/* Lines of "name=value". */
static void tell_asked(const struct export_book *b, struct xlsx_feed *f)
{
    const char *line = b->x.asked;
    heading(f, "Narrowed to");
    if (line == NULL || *line == '\0')
        pair(f, "nothing: as it comes", (struct xlsx_cell){.type = XLSX_NONE});
    for (const char *end; line != NULL && *line != '\0'; line = *end != '\0' ? end + 1 : end) {
        end = line + strcspn(line, "\n");
        const char *eq = memchr(line, '=', (size_t)(end - line));
        eq = eq != NULL ? eq : end;
        const struct xlsx_cell cells[] = {{.type = XLSX_TEXT, .text = line, .len = (size_t)(eq - line)},
                                          {.type = XLSX_TEXT,
                                           .text = eq < end ? eq + 1 : end,
                                           .len = eq < end ? (size_t)(end - eq - 1) : 0}};
        xlsx_feed_row(f, SUMMARY, cells, 2);
    }
}

static void tell_facts(struct xlsx_feed *f, const struct table *t)
{
    for (size_t i = 0; i < t->n_facts; i++)
        pair(f, t->facts[i].title, convert(&t->facts[i].value, t->facts[i].decimals));
}

/* One line of counts: which states there are is the same for all lines. */
static void tell_counts(const struct group *all, struct xlsx_feed *f, const char *id, const char *title,
                        const struct group *g)
{
    struct xlsx_cell cells[STATE_NAMES + 4];
    size_t n = 0;
    cells[n++] = text_cell(XLSX_TEXT, id);
    cells[n++] = text_cell(XLSX_TEXT, title);
    for (size_t s = 0; s < STATE_NAMES; s++)
        if (all->states[s] > 0)
            cells[n++] = count_cell(g->states[s]);
    cells[n++] = count_cell(g->rows);
    cells[n++] = count_cell(g->rows - g->states[STATE_EXCEPTED]);
    xlsx_feed_row(f, SUMMARY, cells, n);
}

static void tell_limits(const struct export_book *b, struct xlsx_feed *f)
{
    struct xlsx_cell cells[STATE_NAMES + 4];
    struct group all = {.rows = 0};
    size_t n = 0;
    for (size_t i = 0; i < b->n; i++) {
        for (size_t s = 0; s < STATE_NAMES; s++)
            all.states[s] += b->groups[i].states[s];
        all.rows += b->groups[i].rows;
    }
    heading(f, "By limit and state");
    cells[n++] = text_cell(XLSX_HEAD, "limit");
    cells[n++] = text_cell(XLSX_HEAD, "title");
    for (size_t s = 0; s < STATE_NAMES; s++)
        if (all.states[s] > 0)
            cells[n++] = text_cell(XLSX_HEAD, s < STATE_COUNT ? state_name((enum state)s) : "other");
    cells[n++] = text_cell(XLSX_HEAD, "with exceptions");
    cells[n++] = text_cell(XLSX_HEAD, "without exceptions");
    xlsx_feed_row(f, SUMMARY, cells, n);
    for (size_t i = 0; i < b->n; i++)
        tell_counts(&all, f, b->groups[i].id, b->groups[i].limit != NULL ? b->groups[i].limit->title : "",
                    &b->groups[i]);
    tell_counts(&all, f, "all", "", &all);
}

static void tell_tables(const struct export_book *b, struct xlsx_feed *f)
{
    for (size_t i = 0; i < b->x.n_tables; i++) {
        const struct table *t = b->x.tables[i];
        heading(f, t->title);
        pair(f, "sheet", text_cell(XLSX_TEXT, t->name));
        pair(f, "rows", count_cell(t->n_rows));
        tell_facts(f, t);
    }
}

static void tell_summary(const struct export_book *b, struct xlsx_feed *f)
{
    const struct table_about *about = &b->x.about;
    const struct xlsx_cell title = text_cell(XLSX_HEAD, b->x.title);
    xlsx_feed_row(f, SUMMARY, &title, 1);
    pair(f, "As of", date_cell(about->as_of));
    pair(f, "Known at (UTC)", time_cell(about->known_at));
    pair(f, "Rulebook", text_cell(XLSX_TEXT, about->rulebook));
    if (b->x.by_limit != NULL)
        tell_facts(f, b->x.tables[0]);
    tell_asked(b, f);
    if (b->x.by_limit != NULL)
        tell_limits(b, f);
    else
        tell_tables(b, f);
}

/* --- sheets -------------------------------------------------------------------------------------------------------------- */

static void add_sheets(struct export_book *b, struct xlsx_feed *f, const char *name, const struct table *t,
                       size_t rows)
{
    struct xlsx_column columns[XLSX_COLUMNS_MAX];
    size_t n = t->n_columns < XLSX_COLUMNS_MAX ? t->n_columns : XLSX_COLUMNS_MAX;
    for (size_t i = 0; i < n; i++)
        columns[i] = (struct xlsx_column){t->columns[i].name, t->columns[i].width};
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
        add_sheets(b, f, b->groups[i].id, b->x.tables[0], b->groups[i].rows);
    }
    for (size_t i = 0; i < b->x.n_tables && b->x.by_limit == NULL; i++)
        add_sheets(b, f, b->x.tables[i]->name, b->x.tables[i], b->x.tables[i]->n_rows);
    tell_summary(b, f);
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
        const struct xlsx_cell x = convert(&c, t->columns[i].decimals);
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
    if (b->phase == BOOK_COUNT)
        return count(b) ? 1 : -1;
    if (b->phase == BOOK_BEGIN)
        begin(b, f);
    while (b->table < b->x.n_tables && !xlsx_feed_full(f)) {
        const struct table *t = b->x.tables[b->table];
        if (b->row < t->n_rows) {
            add_row(b, f, t);
            continue;
        }
        b->sheet += sheets_of(b, t);
        b->table++;
        b->row = 0;
    }
    return b->table < b->x.n_tables;
}
