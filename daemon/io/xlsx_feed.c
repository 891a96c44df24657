#include "xlsx_feed.h"

#include <stdlib.h>
#include <string.h>

#define FULL     (32u * 1024)
#define SAID_MAX 16 /* properties of a workbook */

enum op { OP_ABOUT, OP_SHEET, OP_ROW };

/* --- writing ------------------------------------------------------------------------------------------------------------- */

static void put(struct xlsx_feed *f, const void *bytes, size_t len)
{
    if (f->failed || len == 0)
        return;
    if (f->cap - f->n < len) {
        size_t cap = f->cap > 0 ? f->cap : FULL + FULL / 4;
        while (cap - f->n < len)
            cap *= 2;
        unsigned char *p = realloc(f->p, cap);
        if (p == NULL) {
            f->failed = true;
            return;
        }
        f->p = p;
        f->cap = cap;
    }
    memcpy(f->p + f->n, bytes, len);
    f->n += len;
}

static void put_op(struct xlsx_feed *f, enum op op)
{
    unsigned char byte = (unsigned char)op;
    put(f, &byte, 1);
}

static void put_number(struct xlsx_feed *f, int64_t n)
{
    put(f, &n, sizeof n);
}

/* With a NUL behind it, so that it can be used where it lies. */
static void put_text(struct xlsx_feed *f, const char *s, size_t len)
{
    put_number(f, (int64_t)len);
    put(f, s, len);
    put(f, "", 1);
}

void xlsx_feed_about(struct xlsx_feed *f, const struct xlsx_about *about)
{
    size_t n = about->n_properties < SAID_MAX ? about->n_properties : SAID_MAX;
    put_op(f, OP_ABOUT);
    put_text(f, about->title, strlen(about->title));
    put_number(f, about->created);
    put_number(f, (int64_t)n);
    for (size_t i = 0; i < n; i++) {
        put_text(f, about->properties[i].name, strlen(about->properties[i].name));
        put_text(f, about->properties[i].value, strlen(about->properties[i].value));
    }
}

void xlsx_feed_sheet(struct xlsx_feed *f, const struct xlsx_sheet *sheet)
{
    size_t n = sheet->n_columns < XLSX_COLUMNS_MAX ? sheet->n_columns : XLSX_COLUMNS_MAX;
    put_op(f, OP_SHEET);
    put_text(f, sheet->name, strlen(sheet->name));
    put_number(f, sheet->list);
    put_number(f, (int64_t)n);
    for (size_t i = 0; i < n; i++) {
        put_text(f, sheet->columns[i].name, strlen(sheet->columns[i].name));
        put_number(f, sheet->columns[i].width);
    }
}

void xlsx_feed_cell(struct xlsx_feed *f, const struct xlsx_cell *c)
{
    const unsigned char head[2] = {(unsigned char)c->type, (unsigned char)c->decimals};
    put(f, head, sizeof head);
    switch (c->type) {
    case XLSX_NONE:
        break;
    case XLSX_TEXT:
    case XLSX_HEAD:
        put_text(f, c->text, c->len);
        break;
    case XLSX_INT:
    case XLSX_NUMBER:
    case XLSX_SHARE:
    case XLSX_TIME:
    case XLSX_BOOL:
        put(f, &c->x, sizeof c->x);
        break;
    case XLSX_DATE:
        put_number(f, c->day);
        break;
    }
}

void xlsx_feed_begin_row(struct xlsx_feed *f, size_t sheet, size_t n)
{
    put_op(f, OP_ROW);
    put_number(f, (int64_t)sheet);
    put_number(f, (int64_t)n);
}

void xlsx_feed_row(struct xlsx_feed *f, size_t sheet, const struct xlsx_cell *cells, size_t n)
{
    n = n < XLSX_COLUMNS_MAX ? n : XLSX_COLUMNS_MAX;
    xlsx_feed_begin_row(f, sheet, n);
    for (size_t i = 0; i < n; i++)
        xlsx_feed_cell(f, &cells[i]);
}

bool xlsx_feed_full(const struct xlsx_feed *f)
{
    return f->failed || f->n >= FULL;
}

void xlsx_feed_free(struct xlsx_feed *f)
{
    free(f->p);
    *f = (struct xlsx_feed){.n = 0};
}

/* --- reading: our own bytes, so that nothing in them can be wrong ------------------------------------------------------- */

static void get(const unsigned char **at, void *out, size_t len)
{
    memcpy(out, *at, len);
    *at += len;
}

static int64_t get_number(const unsigned char **at)
{
    int64_t n;
    get(at, &n, sizeof n);
    return n;
}

static const char *get_text(const unsigned char **at, size_t *len)
{
    *len = (size_t)get_number(at);
    const char *s = (const char *)*at;
    *at += *len + 1;
    return s;
}

static bool play_about(const unsigned char **at, struct xlsx **x, const char *dir,
                       const atomic_bool *cancelled, struct err *e)
{
    struct xlsx_property properties[SAID_MAX];
    size_t len;
    struct xlsx_about about = {.properties = properties};
    about.title = get_text(at, &len);
    about.created = get_number(at);
    about.n_properties = (size_t)get_number(at);
    for (size_t i = 0; i < about.n_properties; i++) {
        properties[i].name = get_text(at, &len);
        properties[i].value = get_text(at, &len);
    }
    *x = xlsx_new(dir, &about, cancelled, e);
    return *x != NULL;
}

static bool play_sheet(const unsigned char **at, struct xlsx *x, struct err *e)
{
    struct xlsx_column columns[XLSX_COLUMNS_MAX];
    size_t len;
    struct xlsx_sheet sheet = {.columns = columns};
    sheet.name = get_text(at, &len);
    sheet.list = get_number(at) != 0;
    sheet.n_columns = (size_t)get_number(at);
    for (size_t i = 0; i < sheet.n_columns; i++) {
        columns[i].name = get_text(at, &len);
        columns[i].width = (int)get_number(at);
    }
    return xlsx_add_sheet(x, &sheet, e);
}

static void get_cell(const unsigned char **at, struct xlsx_cell *c)
{
    unsigned char head[2];
    get(at, head, sizeof head);
    *c = (struct xlsx_cell){.type = (enum xlsx_type)head[0], .decimals = head[1]};
    switch (c->type) {
    case XLSX_NONE:
        break;
    case XLSX_TEXT:
    case XLSX_HEAD:
        c->text = get_text(at, &c->len);
        break;
    case XLSX_INT:
    case XLSX_NUMBER:
    case XLSX_SHARE:
    case XLSX_TIME:
    case XLSX_BOOL:
        get(at, &c->x, sizeof c->x);
        break;
    case XLSX_DATE:
        c->day = (civil_day)get_number(at);
        break;
    }
}

static bool play_row(const unsigned char **at, struct xlsx *x, struct err *e)
{
    struct xlsx_cell cells[XLSX_COLUMNS_MAX];
    size_t sheet = (size_t)get_number(at), n = (size_t)get_number(at);
    for (size_t i = 0; i < n; i++)
        get_cell(at, &cells[i]);
    return xlsx_add_row(x, sheet, cells, n, e);
}

bool xlsx_feed_play(const struct xlsx_feed *f, struct xlsx **x, const char *dir, const atomic_bool *cancelled,
                    struct err *e)
{
    const unsigned char *at = f->p, *end = f->p + f->n;
    bool ok = true;
    while (ok && at < end) {
        switch ((enum op) * at++) {
        case OP_ABOUT:
            ok = play_about(&at, x, dir, cancelled, e);
            break;
        case OP_SHEET:
            ok = play_sheet(&at, *x, e);
            break;
        case OP_ROW:
            ok = play_row(&at, *x, e);
            break;
        }
    }
    return ok;
}
