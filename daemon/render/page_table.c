#include "page_table.h"

#include <stdio.h>
#include <string.h>

#include "chart.h"
#include "html.h"
#include "rag.h"

#define MOST_COLUMNS 40

struct shape {
    const struct page_table *t;
    size_t column[MOST_COLUMNS]; /* of the table, in the order that is shown */
    size_t n;
    size_t limit,
        closed; /* the table's columns limit and closed_on, which states are read with, or its n_columns */
    size_t stack[CHART_PARTS], n_stack; /* columns that are drawn as one bar */
    double most, most_stacked;          /* of what is drawn */
};

static bool is_number(enum cell_type type)
{
    return type == CELL_INT || type == CELL_NUMBER || type == CELL_SHARE;
}

static double value_of(const struct cell *c)
{
    return c->type == CELL_INT ? (double)c->n : c->type == CELL_NUMBER || c->type == CELL_SHARE ? c->x : 0;
}

static size_t last_row(const struct page_table *t)
{
    size_t left = t->table->n_rows > t->first ? t->table->n_rows - t->first : 0;
    return t->first + (t->n < left ? t->n : left);
}

static double number_at(const struct table *t, size_t row, size_t column)
{
    struct cell c = {0};
    t->cell(t->ud, row, column, &c);
    return value_of(&c);
}

static void find_most(struct shape *s)
{
    const struct table *t = s->t->table;
    size_t column = s->t->bar != NULL ? table_column(t, s->t->bar) : t->n_columns;
    for (size_t row = s->t->first; row < last_row(s->t); row++) {
        double x = column < t->n_columns ? number_at(t, row, column) : 0;
        double sum = 0;
        for (size_t i = 0; i < s->n_stack; i++)
            sum += number_at(t, row, s->stack[i]);
        s->most = x > s->most ? x : s->most;
        s->most_stacked = sum > s->most_stacked ? sum : s->most_stacked;
    }
    if (column < t->n_columns && t->columns[column].type == CELL_SHARE && s->most < 1)
        s->most = 1; /* shares are drawn against the whole */
}

static bool is_empty(const struct cell *c)
{
    return c->type == CELL_NONE || (cell_is_text(c) && c->len == 0) ||
           (c->type == CELL_DATE && c->day == CIVIL_NONE);
}

/* Whether the column is to be left out. */
static bool spare(const struct page_table *t, size_t column)
{
    if (t->optional == NULL || strcmp(t->table->columns[column].name, t->optional) != 0)
        return false;
    for (size_t row = t->first; row < last_row(t); row++) {
        struct cell c = {0};
        t->table->cell(t->table->ud, row, column, &c);
        if (!is_empty(&c))
            return false;
    }
    return true;
}

static struct shape shape_of(const struct page_table *t)
{
    struct shape s = {
        .t = t, .limit = table_column(t->table, "limit"), .closed = table_column(t->table, "closed_on")};
    for (size_t i = 0; t->columns != NULL && t->columns[i] != NULL && s.n < MOST_COLUMNS; i++) {
        size_t c = table_column(t->table, t->columns[i]);
        if (c < t->table->n_columns && !spare(t, c))
            s.column[s.n++] = c;
    }
    for (size_t i = 0; t->columns == NULL && i < t->table->n_columns && s.n < MOST_COLUMNS; i++)
        s.column[s.n++] = i;
    for (size_t i = 0; t->stack != NULL && t->stack[i] != NULL && s.n_stack < CHART_PARTS; i++) {
        size_t c = table_column(t->table, t->stack[i]);
        if (c < t->table->n_columns)
            s.stack[s.n_stack++] = c;
    }
    find_most(&s);
    return s;
}

/* --- the head --------------------------------------------------------------------------------------------------------- */

static bool can_sort(const struct page_table *t, const char *name)
{
    if (t->path == NULL)
        return false;
    for (size_t i = 0; t->sorts != NULL && t->sorts[i] != NULL; i++)
        if (strcmp(t->sorts[i], name) == 0)
            return true;
    return t->sorts == NULL;
}

/* A column that is sorted by says so, and its link turns the order round. */
static void header(struct buf *b, const struct shape *s, size_t column)
{
    const struct page_table *t = s->t;
    const struct column *c = &t->table->columns[column];
    const char *sort = t->path != NULL ? page_value(t->query, "sort") : NULL;
    bool down = sort != NULL && *sort == '-', mine = sort != NULL && strcmp(sort + down, c->name) == 0;
    bool drawn = t->bar != NULL && strcmp(c->name, t->bar) == 0;
    buf_printf(b, "<th scope=\"col\"%s%s>",
               drawn                ? " class=\"drawn\""
               : is_number(c->type) ? " class=\"n\""
                                    : "",
               !mine  ? ""
               : down ? " aria-sort=\"descending\""
                      : " aria-sort=\"ascending\"");
    for (size_t i = 0; i < s->n_stack; i++)
        if (s->stack[i] == column)
            chart_key(b, i);
    if (can_sort(t, c->name)) {
        char next[80];
        snprintf(next, sizeof next, "%s%s", mine && !down ? "-" : "", c->name);
        const struct page_param changes[] = {{"sort", next}, {"page", NULL}};
        buf_text(b, "<a href=\"");
        page_address(b, t->path, t->query, PAGE_KEEP_ALL, changes, 2);
        buf_text(b, "\">");
        html_text(b, c->title);
        buf_printf(b, "<span class=\"sort\" aria-hidden=\"true\">%s</span></a>",
                   !mine  ? ""
                   : down ? " \xe2\x96\xbc"
                          : " \xe2\x96\xb2");
    } else {
        html_text(b, c->title);
    }
    buf_text(b, "</th>");
}

/* --- cells ------------------------------------------------------------------------------------------------------------ */

/* The limit of an id, or NULL. */
static const struct limit *limit_named(const struct shape *s, const struct cell *c)
{
    char id[64];
    if (c->type != CELL_TEXT || c->len >= sizeof id)
        return NULL;
    memcpy(id, c->text, c->len);
    id[c->len] = '\0';
    int i = s->t->rulebook != NULL ? rulebook_find(s->t->rulebook, id) : limit_by_id(id);
    if (i < 0)
        return NULL;
    return s->t->rulebook != NULL ? s->t->rulebook->rule[i].limit : limit_at((size_t)i);
}

static const struct limit *limit_of(const struct shape *s, size_t row)
{
    const struct table *t = s->t->table;
    struct cell c = {0};
    if (s->limit == t->n_columns)
        return NULL;
    t->cell(t->ud, row, s->limit, &c);
    return limit_named(s, &c);
}

/* What was so then was open then; what is so now is over where the table has the day of it. */
static bool is_closed(const struct shape *s, size_t row, const struct column *col)
{
    const struct table *t = s->t->table;
    struct cell c = {0};
    if (s->closed == t->n_columns || strcmp(col->name, "was") == 0)
        return false;
    t->cell(t->ud, row, s->closed, &c);
    return !is_empty(&c);
}

static void state_cell(struct buf *b, const struct shape *s, size_t row, const struct column *col,
                       const struct cell *c)
{
    enum state state = state_by_name(c->text, c->len);
    if (state == STATE_COUNT)
        html_bytes(b, c->text, c->len);
    else
        rag_tag(b, rag_mark(limit_of(s, row), state, is_closed(s, row, col)));
}

static void stack(struct buf *b, const struct shape *s, size_t row)
{
    const struct table *t = s->t->table;
    double part[CHART_PARTS];
    for (size_t i = 0; i < s->n_stack; i++)
        part[i] = number_at(t, row, s->stack[i]);
    chart_stack(b, part, s->n_stack, s->most_stacked);
}

static bool drills(const char *name)
{
    return strcmp(name, "locality") == 0 || strcmp(name, "team") == 0 || strcmp(name, "officer") == 0;
}

static void drill(struct buf *b, const struct shape *s, const char *name, const struct cell *c)
{
    char value[256];
    if (c->len >= sizeof value) { /* too long for an address of ours */
        html_name_bytes(b, c->text, c->len);
        return;
    }
    memcpy(value, c->text, c->len);
    value[c->len] = '\0';
    const struct page_param change = {name, value};
    buf_text(b, "<a href=\"");
    page_address(b, s->t->drill, s->t->query, PAGE_KEEP_PLACES, &change, 1);
    buf_text(b, "\">");
    html_name_bytes(b, c->text, c->len);
    buf_text(b, "</a>");
}

/* A word of ours, which begins the row: "social_care" is "Social care". */
static bool says(const struct shape *s, const struct column *col)
{
    return s->t->names_rows && col == &s->t->table->columns[s->column[0]] && !drills(col->name);
}

static void words(struct buf *b, const struct cell *c)
{
    char text[256];
    size_t n = c->len < sizeof text ? c->len : sizeof text - 1;
    for (size_t i = 0; i < n; i++)
        text[i] = c->text[i] == '_' ? ' ' : c->text[i];
    text[n] = '\0';
    html_sentence(b, text);
}

static void content(struct buf *b, const struct shape *s, size_t row, const struct column *col,
                    const struct cell *c)
{
    bool limit =
        s->t->rulebook != NULL && (strcmp(col->name, "limit") == 0 || strcmp(col->name, "next_limit") == 0);
    const struct limit *l = limit ? limit_named(s, c) : NULL;
    if (l != NULL) {
        html_text(b, l->title);
        return;
    }
    if (s->t->drill != NULL && drills(col->name) && c->type == CELL_TEXT && c->len > 0) {
        drill(b, s, col->name, c);
        return;
    }
    const char *how = c->type == CELL_TEXT && strcmp(col->name, "how") == 0 ? page_how(c) : NULL;
    if (how != NULL) {
        html_text(b, how);
        return;
    }
    if (c->type == CELL_TEXT && says(s, col) && c->len > 0) {
        words(b, c);
        return;
    }
    switch (c->type) {
    case CELL_CASE:
        if (c->len == 0)
            break;
        buf_text(b, "<a");
        page_case_href(b, c->text, c->len, s->t->query);
        buf_text(b, ">");
        html_name_bytes(b, c->text, c->len);
        buf_text(b, "</a>");
        break;
    case CELL_STATE:
        state_cell(b, s, row, col, c);
        break;
    default:
        page_cell(b, c, col->decimals);
    }
}

/* Numbers stand to the right; dates, references and single words are not broken. */
static const char *class_of(enum cell_type type, const struct cell *c)
{
    enum { SHORT = 20 };
    if (is_number(type))
        return " class=\"n\"";
    bool word = c->type == CELL_TEXT && c->len > 0 && c->len <= SHORT && memchr(c->text, ' ', c->len) == NULL;
    return type == CELL_DATE || type == CELL_CASE || word ? " class=\"w\"" : "";
}

static void row(struct buf *b, const struct shape *s, size_t at)
{
    const struct table *t = s->t->table;
    buf_text(b, "<tr>");
    for (size_t i = 0; i < s->n; i++) {
        const struct column *col = &t->columns[s->column[i]];
        bool names = i == 0 && s->t->names_rows,
             drawn = s->t->bar != NULL && strcmp(col->name, s->t->bar) == 0;
        struct cell c = {0};
        t->cell(t->ud, at, s->column[i], &c);
        buf_text(b, names ? "<th scope=\"row\"" : "<td");
        buf_text(b, drawn ? " class=\"n drawn\"" : class_of(col->type, &c));
        buf_text(b, ">");
        if (drawn) {
            buf_text(b, "<span>");
            content(b, s, at, col, &c);
            buf_text(b, "</span>");
            chart_bar(b, s->most > 0 ? value_of(&c) / s->most : 0, s->t->funnel);
        } else {
            content(b, s, at, col, &c);
        }
        if (i == 0 && s->n_stack > 0)
            stack(b, s, at);
        buf_text(b, names ? "</th>" : "</td>");
    }
    buf_text(b, "</tr>\n");
}

void page_table_begin(struct buf *b, const struct page_table *t)
{
    enum { BRIEF = 14 }; /* rows that are not spread over two sheets of paper */
    const struct shape s = shape_of(t);
    buf_printf(b,
               "<div class=\"scroll%s\" role=\"region\" tabindex=\"0\" aria-labelledby=\"%s-caption\">\n"
               "<table id=\"%s\">\n<caption id=\"%s-caption\">",
               last_row(t) - t->first <= BRIEF ? " brief" : "", t->id, t->id, t->id);
    html_text(b, t->caption != NULL ? t->caption : t->table->title);
    buf_text(b, "</caption>\n<thead><tr>");
    for (size_t i = 0; i < s.n; i++)
        header(b, &s, s.column[i]);
    buf_text(b, "</tr></thead>\n<tbody>\n");
}

void page_table_rows(struct buf *b, const struct page_table *t, size_t first, size_t n)
{
    const struct shape s = shape_of(t);
    for (size_t at = first; at < last_row(t) && at - first < n; at++)
        row(b, &s, at);
}

void page_table_end(struct buf *b)
{
    buf_text(b, "</tbody>\n</table>\n</div>\n");
}

void page_table(struct buf *b, const struct page_table *t)
{
    if (t->first >= last_row(t)) {
        buf_text(b, "<p class=\"none\">");
        html_text(b, t->empty != NULL ? t->empty : "None.");
        buf_text(b, "</p>\n");
        return;
    }
    page_table_begin(b, t);
    page_table_rows(b, t, t->first, t->n);
    page_table_end(b);
}

void page_facts(struct buf *b, const struct table *t)
{
    if (t->n_facts == 0)
        return;
    buf_text(b, "<dl class=\"facts\">\n");
    for (size_t i = 0; i < t->n_facts; i++) {
        const struct table_fact *f = &t->facts[i];
        buf_text(b, "<div><dt>");
        html_text(b, f->title);
        buf_text(b, "</dt><dd>");
        if (f->value.type == CELL_NONE)
            buf_text(b, "none");
        else
            page_cell(b, &f->value, f->decimals);
        buf_text(b, "</dd></div>\n");
    }
    buf_text(b, "</dl>\n");
}
