#include "plain.h"
#include "table.h"

static bool to_the_right(enum cell_type type)
{
    return type == CELL_INT || type == CELL_NUMBER || type == CELL_SHARE;
}

/* A share is a percentage for people, as on a page. */
static void words(struct buf *b, const struct cell *c, int decimals)
{
    if (c->type == CELL_SHARE) {
        const struct cell percent = cell_number(100 * c->x);
        cell_csv(b, &percent, decimals > 2 ? decimals - 2 : 0);
        buf_text(b, "%");
    } else if (c->type == CELL_BOOL) {
        buf_text(b, c->n != 0 ? "yes" : "no");
    } else if (cell_is_text(c)) {
        buf_bytes(b, c->text, c->len);
    } else {
        cell_csv(b, c, decimals);
    }
}

static void column(struct buf *b, const struct column *c, const char *s, bool last)
{
    const size_t width = c->width > 0 ? (size_t)c->width : 1;
    size_t n = 0;
    while (s[n] != '\0')
        n++;
    if (to_the_right(c->type))
        for (; n < width; n++)
            buf_bytes(b, " ", 1);
    if (last || to_the_right(c->type))
        buf_plain(b, s);
    else
        buf_plain_column(b, s, width);
    if (!last)
        buf_text(b, "  ");
}

/* No line ends in blanks. */
static void end_line(struct buf *b)
{
    while (!b->failed && b->n > 0 && b->p[b->n - 1] == ' ')
        b->n--;
    buf_text(b, "\n");
}

void table_text_header(struct buf *b, const struct table *t)
{
    for (size_t i = 0; i < t->n_columns; i++)
        column(b, &t->columns[i], t->columns[i].title, i + 1 == t->n_columns);
    end_line(b);
}

void table_text_row(struct buf *b, const struct table *t, size_t row)
{
    struct buf s = {0};
    for (size_t i = 0; i < t->n_columns; i++) {
        struct cell c = {CELL_NONE};
        t->cell(t->ud, row, i, &c);
        s.n = 0;
        buf_text(&s, "");
        words(&s, &c, t->columns[i].decimals);
        column(b, &t->columns[i], s.failed ? "" : s.p, i + 1 == t->n_columns);
    }
    b->failed |= s.failed;
    buf_free(&s);
    end_line(b);
}

void table_text_facts(struct buf *b, const struct table *t)
{
    for (size_t i = 0; i < t->n_facts; i++) {
        const struct table_fact *f = &t->facts[i];
        struct buf s = {0};
        words(&s, &f->value, f->decimals);
        b->failed |= s.failed;
        const char *title = f->title != NULL ? f->title : f->name;
        buf_text(b, title);
        buf_text(b, *title != '\0' ? ": " : "");
        buf_plain(b, s.n > 0 ? s.p : "-");
        buf_text(b, "\n");
        buf_free(&s);
    }
}
