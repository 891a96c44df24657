#include "page_parts.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "html.h"

void page_words(struct buf *b, const struct buf *words, size_t n, const char *summary)
{
    bool folded = false;
    b->failed |= words->failed;
    const char *at = words->failed || words->n == 0 ? "" : words->p;
    for (size_t i = 0; *at != '\0'; i++) {
        size_t len = strcspn(at, "\n");
        if (i == n) {
            buf_printf(b, "<details>\n<summary>%s</summary>\n", summary);
            folded = true;
        }
        buf_text(b, "<p>");
        html_bytes(b, at, len);
        buf_text(b, "</p>\n");
        at += len + (at[len] == '\n');
    }
    buf_text(b, folded ? "</details>\n" : "");
}

void page_paper_words(struct buf *b, const struct paper *p, size_t n)
{
    struct buf words = {0};
    if (p->words != NULL)
        p->words(&words, p);
    page_words(b, &words, n, "How this is counted");
    buf_free(&words);
}

/* --- key figures ------------------------------------------------------------------------------------------------------ */

void page_figures_begin(struct buf *b)
{
    buf_text(b, "<dl class=\"figures\">\n");
}

void page_figure(struct buf *b, const char *label, const struct cell *value, int decimals)
{
    buf_text(b, "<div><dt>");
    html_text(b, label);
    buf_text(b, "</dt><dd>");
    if (value->type == CELL_NONE || (value->type == CELL_DATE && value->day == CIVIL_NONE))
        buf_text(b, "none");
    else
        page_cell(b, value, decimals);
    buf_text(b, "</dd></div>\n");
}

void page_figures_end(struct buf *b)
{
    buf_text(b, "</dl>\n");
}

void page_fact(struct buf *b, const struct table *t, const char *name, const char *label)
{
    for (size_t i = 0; i < t->n_facts; i++)
        if (strcmp(t->facts[i].name, name) == 0)
            page_figure(b, label != NULL ? label : t->facts[i].title, &t->facts[i].value,
                        t->facts[i].decimals);
}

/* --- files ------------------------------------------------------------------------------------------------------------ */

void page_files(struct buf *b, const char *stem, const char *table, const char *what,
                const struct page_query *q, enum page_keep keep)
{
    static const char *const forms[][2] = {{".xlsx", "Excel"}, {".csv", "CSV"}, {".json", "JSON"}};
    buf_printf(b, "<ul class=\"more\" aria-label=\"%s as a file\">\n", what);
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        char path[64];
        const struct page_param changes[] = {{"page", NULL}, {"per_page", NULL}, {"table", table}};
        snprintf(path, sizeof path, "%s%s", stem, forms[i][0]);
        buf_text(b, "<li><a href=\"");
        page_address(b, path, q, keep, changes, i == 1 ? 3 : 2);
        buf_printf(b, "\">%s <span class=\"of\">(%s", what, forms[i][1]);
        if (i == 1 && table != NULL) /* it holds one table; the others hold all */
            buf_printf(b, ": %s", table);
        buf_text(b, ")</span></a></li>\n");
    }
    buf_text(b, "</ul>\n");
}

/* --- charts ----------------------------------------------------------------------------------------------------------- */

/* Not a number: empty, or there is no such column. */
static double number_at(const struct table *t, size_t row, size_t column)
{
    struct cell c = {0};
    if (column >= t->n_columns)
        return (double)NAN;
    t->cell(t->ud, row, column, &c);
    return c.type == CELL_INT || c.type == CELL_BOOL       ? (double)c.n
           : c.type == CELL_NUMBER || c.type == CELL_SHARE ? c.x
                                                           : (double)NAN;
}

bool page_says(const struct table *t, size_t row, size_t column, const char *text)
{
    struct cell c = {0};
    if (column >= t->n_columns)
        return false;
    t->cell(t->ud, row, column, &c);
    return c.type == CELL_TEXT && c.len == strlen(text) && memcmp(c.text, text, c.len) == 0;
}

enum { POINTS = 400 };

/* The places on the axis: the days of the rows, each once, ascending as they come; and a day between two of them, or the first of the two again, where
 * the lines have a gap. */
struct plot {
    const struct page_chart *c;
    civil_day day[POINTS];
    size_t n;
    bool gap; /* before the next day */
    double y[CHART_LINES][POINTS];
};

static civil_day day_at(const struct page_chart *c, size_t row)
{
    struct cell cell = {0};
    size_t column = table_column(c->table, c->day);
    if (column < c->table->n_columns)
        c->table->cell(c->table->ud, row, column, &cell);
    return cell.type == CELL_DATE ? cell.day : CIVIL_NONE;
}

static bool says_yes(const struct table *t, size_t row, const char *column)
{
    return column != NULL && number_at(t, row, table_column(t, column)) == 1;
}

static bool is_in(const struct page_chart *c, size_t row)
{
    return c->whole == NULL || number_at(c->table, row, table_column(c->table, c->whole)) != 0;
}

static size_t append(struct plot *p, civil_day d)
{
    for (size_t l = 0; l < CHART_LINES; l++)
        p->y[l][p->n] = (double)NAN;
    p->day[p->n] = d;
    return p->n++;
}

static size_t point(struct plot *p, civil_day d)
{
    for (size_t i = 0; i < p->n; i++)
        if (p->day[i] == d)
            return i;
    if (p->n + 1 >= POINTS || (p->n > 0 && d < p->day[p->n - 1]))
        return POINTS;
    if (p->gap && p->n > 0)
        append(p, p->day[p->n - 1] + (d - p->day[p->n - 1]) / 2);
    p->gap = false;
    return append(p, d);
}

static size_t row_point(struct plot *p, size_t row)
{
    const struct page_chart *c = p->c;
    civil_day d = is_in(c, row) ? day_at(c, row) : CIVIL_NONE;
    p->gap |= is_in(c, row) && (d == CIVIL_NONE || says_yes(c->table, row, c->breaks));
    return d != CIVIL_NONE ? point(p, d) : POINTS;
}

static void collect(struct plot *p)
{
    const struct page_chart *c = p->c;
    for (size_t row = c->first; row < c->table->n_rows; row++) {
        size_t at = row_point(p, row);
        for (size_t l = 0; at < POINTS && l < c->n_lines && l < CHART_LINES; l++) {
            const struct page_line *line = &c->line[l];
            if (line->match == NULL ||
                page_says(c->table, row, table_column(c->table, line->match), line->value))
                p->y[l][at] = number_at(c->table, row, table_column(c->table, line->column));
        }
    }
}

void page_chart(struct buf *b, const struct page_chart *c)
{
    struct plot p = {.c = c, .n = 0};
    struct chart_line lines[CHART_LINES];
    collect(&p);
    for (size_t l = 0; l < c->n_lines && l < CHART_LINES; l++)
        lines[l] = (struct chart_line){c->line[l].name, p.y[l]};
    if (!chart_lines(b, &(struct chart_lines){.id = c->id,
                                              .title = c->title,
                                              .description = c->description,
                                              .day = p.day,
                                              .n = p.n,
                                              .line = lines,
                                              .n_lines = c->n_lines,
                                              .share = c->share,
                                              .target = c->target,
                                              .target_name = c->target_name}))
        buf_text(b, "<p class=\"none\">There is too little to draw yet.</p>\n");
}
