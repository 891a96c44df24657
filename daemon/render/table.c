#include "table.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "instant.h"
#include "obligation_text.h"
#include "utf8.h"

struct cell cell_text(const char *s)
{
    return cell_chars(s, strlen(s));
}

struct cell cell_chars(const char *s, size_t len)
{
    return (struct cell){.type = CELL_TEXT, .text = s, .len = len};
}

struct cell cell_case(const char *s, size_t len)
{
    return (struct cell){.type = CELL_CASE, .text = s, .len = len};
}

struct cell cell_state(const char *name)
{
    return (struct cell){.type = CELL_STATE, .text = name, .len = strlen(name)};
}

struct cell cell_int(int64_t n)
{
    return (struct cell){.type = CELL_INT, .n = n};
}

struct cell cell_number(double x)
{
    return (struct cell){.type = isfinite(x) ? CELL_NUMBER : CELL_NONE, .x = x};
}

struct cell cell_share(double x)
{
    return (struct cell){.type = isfinite(x) ? CELL_SHARE : CELL_NONE, .x = x};
}

struct cell cell_ratio(uint64_t part, uint64_t whole)
{
    return cell_share(whole > 0 ? (double)part / (double)whole : (double)NAN);
}

struct cell cell_date(civil_day d)
{
    return (struct cell){.type = d != CIVIL_NONE ? CELL_DATE : CELL_NONE, .day = d};
}

struct cell cell_bool(bool b)
{
    return (struct cell){.type = CELL_BOOL, .n = b};
}

struct cell cell_time(int64_t us)
{
    return (struct cell){.type = CELL_TIME, .n = us};
}

bool cell_is_text(const struct cell *c)
{
    return c->type == CELL_TEXT || c->type == CELL_CASE || c->type == CELL_STATE;
}

size_t table_column(const struct table *t, const char *name)
{
    size_t i = 0;
    while (i < t->n_columns && strcmp(t->columns[i].name, name) != 0)
        i++;
    return i;
}

/* Whether every byte is printable ASCII and neither of the two: written as it stands, without a copy. */
static bool plain(const char *s, size_t len, char a, char b)
{
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)s[i] - 0x20u >= 0x5f || s[i] == a || s[i] == b)
            return false;
    return true;
}

static void number(struct buf *b, double x, int decimals)
{
    char text[64];
    int n = snprintf(text, sizeof text, "%.*f", decimals, x);
    if (n < 0 || (size_t)n >= sizeof text) {
        buf_printf(b, "%.17g", x);
        return;
    }
    /* What is rounded to nothing has no sign. */
    buf_text(b, *text == '-' && strspn(text + 1, "0.") == (size_t)n - 1 ? text + 1 : text);
}

/* All that is written alike in CSV and JSON; dates and times apart from their quotes. */
static void value(struct buf *b, const struct cell *c, int decimals)
{
    char text[INSTANT_TEXT_LEN > CIVIL_TEXT_LEN ? INSTANT_TEXT_LEN : CIVIL_TEXT_LEN];
    switch (c->type) {
    case CELL_INT:
        buf_printf(b, "%lld", (long long)c->n);
        break;
    case CELL_NUMBER:
    case CELL_SHARE:
        number(b, c->x, decimals);
        break;
    case CELL_DATE:
        buf_text(b, civil_format(c->day, text));
        break;
    case CELL_BOOL:
        buf_text(b, c->n != 0 ? "true" : "false");
        break;
    case CELL_TIME:
        buf_text(b, instant_format(c->n, text));
        break;
    default:
        break;
    }
}

static void text(struct buf *b, const struct cell *c, void (*write)(struct buf *, const char *))
{
    struct buf copy = {0}, clean = {0};
    buf_bytes(&copy, c->text, c->len);
    buf_utf8(&clean, copy.failed ? "" : copy.p);
    b->failed |= copy.failed || clean.failed;
    if (!b->failed)
        write(b, clean.n > 0 ? clean.p : "");
    buf_free(&copy);
    buf_free(&clean);
}

void cell_csv(struct buf *b, const struct cell *c, int decimals)
{
    if (!cell_is_text(c))
        value(b, c, decimals);
    else if (c->len == 0 || (strchr("=+-@", *c->text) == NULL && plain(c->text, c->len, ',', '"')))
        buf_bytes(b, c->text, c->len);
    else
        text(b, c, buf_csv_guarded);
}

void cell_json(struct buf *b, const struct cell *c, int decimals)
{
    const bool quoted = c->type == CELL_DATE || c->type == CELL_TIME;
    if (c->type == CELL_NONE || (c->type == CELL_DATE && c->day == CIVIL_NONE)) {
        buf_bytes(b, "null", 4);
    } else if (!cell_is_text(c)) {
        buf_bytes(b, "\"", quoted);
        value(b, c, decimals);
        buf_bytes(b, "\"", quoted);
    } else if (plain(c->text, c->len, '"', '\\')) {
        buf_bytes(b, "\"", 1);
        buf_bytes(b, c->text, c->len);
        buf_bytes(b, "\"", 1);
    } else {
        text(b, c, json_text);
    }
}

static struct cell cell_of(const struct table *t, size_t row, size_t column)
{
    struct cell c = {CELL_NONE};
    t->cell(t->ud, row, column, &c);
    return c;
}

void table_csv_header(struct buf *b, const struct table *t)
{
    for (size_t i = 0; i < t->n_columns; i++) {
        buf_bytes(b, ",", i > 0);
        buf_csv(b, t->columns[i].name);
    }
    buf_bytes(b, "\n", 1);
}

void table_csv_row(struct buf *b, const struct table *t, size_t row)
{
    for (size_t i = 0; i < t->n_columns; i++) {
        const struct cell c = cell_of(t, row, i);
        buf_bytes(b, ",", i > 0);
        cell_csv(b, &c, t->columns[i].decimals);
    }
    buf_bytes(b, "\n", 1);
}

static void json_name(struct buf *b, const char *before, const char *name)
{
    buf_text(b, before);
    buf_text(b, name);
    buf_bytes(b, "\":", 2);
}

void table_json_row(struct buf *b, const struct table *t, size_t row)
{
    for (size_t i = 0; i < t->n_columns + t->n_more; i++) {
        const size_t column = t->json_order != NULL ? t->json_order[i] : i;
        const struct cell c = cell_of(t, row, column);
        json_name(b, i > 0 ? ",\"" : "{\"", t->columns[column].name);
        cell_json(b, &c, t->columns[column].decimals);
    }
    buf_bytes(b, "}", 1);
}

void table_json_about(struct buf *b, const struct table_about *about)
{
    const struct cell values[] = {cell_date(about->as_of), cell_time(about->evaluated_at),
                                  cell_time(about->known_at), cell_text(about->rulebook)};
    static const char *const names[] = {"as_of", "evaluated_at", "known_at", "rulebook"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        json_name(b, i > 0 ? ",\"" : "\"", names[i]);
        cell_json(b, &values[i], 0);
    }
}

void table_json_facts(struct buf *b, const struct table *t)
{
    for (size_t i = 0; i < t->n_facts; i++) {
        json_name(b, ",\"", t->facts[i].name);
        cell_json(b, &t->facts[i].value, t->facts[i].decimals);
    }
}
