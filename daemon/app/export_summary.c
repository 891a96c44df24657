#include "export_int.h"

#include <string.h>

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
struct xlsx_cell export_cell(const struct cell *c, int decimals)
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
        pair(f, t->facts[i].title, export_cell(&t->facts[i].value, t->facts[i].decimals));
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
    for (size_t i = 0; i < b->x.n; i++) {
        const struct table *t = &b->x.jobs[i]->table;
        heading(f, t->title);
        pair(f, "sheet", text_cell(XLSX_TEXT, t->name));
        pair(f, "rows", count_cell(t->n_rows));
        tell_facts(f, t);
    }
}

static void tell_lines(struct xlsx_feed *f, const char *line)
{
    for (const char *end; *line != '\0'; line = *end != '\0' ? end + 1 : end) {
        end = line + strcspn(line, "\n");
        const bool head = *line == '#';
        const char *text = line + (head ? 1 + strspn(line + 1, " ") : 0);
        const struct xlsx_cell cell = {
            .type = head ? XLSX_HEAD : XLSX_TEXT, .text = text, .len = (size_t)(end - text)};
        if (head)
            xlsx_feed_row(f, SUMMARY, NULL, 0);
        xlsx_feed_row(f, SUMMARY, &cell, 1);
    }
}

static void tell_words(const struct export_book *b, struct xlsx_feed *f)
{
    struct buf text = {0};
    for (size_t i = 0; i < b->x.n_words; i++)
        b->x.words[i].say(b->x.words[i].ud, &text);
    if (text.n > 0)
        tell_lines(f, text.p);
    f->failed |= text.failed;
    buf_free(&text);
}

void export_summary(const struct export_book *b, struct xlsx_feed *f)
{
    const struct table_about *about = &b->x.about;
    const struct xlsx_cell title = text_cell(XLSX_HEAD, b->x.title);
    xlsx_feed_row(f, SUMMARY, &title, 1);
    pair(f, "As of", date_cell(about->as_of));
    pair(f, "Known at (UTC)", time_cell(about->known_at));
    pair(f, "Rulebook", text_cell(XLSX_TEXT, about->rulebook));
    if (b->x.by_limit != NULL)
        tell_facts(f, &b->x.jobs[0]->table);
    tell_asked(b, f);
    if (b->x.by_limit != NULL)
        tell_limits(b, f);
    else
        tell_tables(b, f);
    tell_words(b, f);
}
