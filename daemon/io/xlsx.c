#include "xlsx.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>
#include <xlsxwriter.h>

#include "spool.h"
#include "xlsx_text.h"

#define DECIMALS_MAX 6
#define HEAD_LINES   3   /* of a heading, at most */
#define LINE_HEIGHT  15. /* points */
#define FILTER_ROOM  3   /* characters beside a heading, for the button of its filter */
#define WIDTH_MAX    255

struct page {
    lxw_worksheet *ws;
    char name[XLSX_NAME_LEN];
    bool list;
    size_t n_columns;
    uint32_t rows;
};

struct xlsx {
    struct spool *spool;
    lxw_workbook *book;
    int fd;
    struct page *pages;
    size_t n, cap;
    lxw_format *head, *title, *date, *time, *number[DECIMALS_MAX + 1], *share[DECIMALS_MAX + 1];
    struct xlsx_room room;
};

/* What went wrong in the files is the reason for whatever went wrong in the library. */
static bool fault(const struct xlsx *x, struct err *e, const char *what)
{
    int error = spool_error(x->spool);
    return error != 0 ? err_set(e, "workbook: %s", strerror(error)) : err_set(e, "workbook: %s", what);
}

static void free_all(struct xlsx *x)
{
    spool_use(NULL);
    spool_free(x->spool);
    if (x->fd >= 0)
        close(x->fd);
    free(x->pages);
    free(x->room.p);
    free(x);
}

static bool make_formats(struct xlsx *x)
{
    char code[32];
    x->head = workbook_add_format(x->book);
    x->title = workbook_add_format(x->book);
    x->date = workbook_add_format(x->book);
    x->time = workbook_add_format(x->book);
    if (x->head == NULL || x->title == NULL || x->date == NULL || x->time == NULL)
        return false;
    format_set_bold(x->head);
    format_set_text_wrap(x->head);
    format_set_align(x->head, LXW_ALIGN_VERTICAL_TOP);
    format_set_bg_color(x->head, 0xDDE3EA);
    format_set_bottom(x->head, LXW_BORDER_THIN);
    format_set_bold(x->title);
    format_set_num_format(x->date, "yyyy-mm-dd");
    format_set_num_format(x->time, "yyyy-mm-dd hh:mm:ss");
    format_set_align(x->date, LXW_ALIGN_LEFT);
    format_set_align(x->time, LXW_ALIGN_LEFT);
    for (int d = 0; d <= DECIMALS_MAX; d++) {
        int percent = d > 2 ? d - 2 : 0;
        x->number[d] = workbook_add_format(x->book);
        x->share[d] = workbook_add_format(x->book);
        if (x->number[d] == NULL || x->share[d] == NULL)
            return false;
        snprintf(code, sizeof code, "0%s%.*s", d > 0 ? "." : "", d, "000000");
        format_set_num_format(x->number[d], code);
        snprintf(code, sizeof code, "0%s%.*s%%", percent > 0 ? "." : "", percent, "000000");
        format_set_num_format(x->share[d], code);
    }
    return true;
}

static bool say_about(struct xlsx *x, const struct xlsx_about *about)
{
    char title[256], author[] = "ehcwatchd";
    snprintf(title, sizeof title, "%s", about->title);
    lxw_doc_properties p = {.title = title, .author = author, .created = (time_t)about->created};
    if (workbook_set_properties(x->book, &p) != LXW_NO_ERROR)
        return false;
    for (size_t i = 0; i < about->n_properties; i++) {
        const struct xlsx_property *own = &about->properties[i];
        const char *value = xlsx_clean(&x->room, own->value, strnlen(own->value, 255));
        if (value == NULL || workbook_set_custom_property_string(x->book, own->name, value) != LXW_NO_ERROR)
            return false;
    }
    return true;
}

struct xlsx *xlsx_new(const char *dir, const struct xlsx_about *about, const atomic_bool *cancelled,
                      struct err *e)
{
    char path[64];
    struct xlsx *x = calloc(1, sizeof *x);
    if (x == NULL || (x->spool = spool_new(dir, cancelled)) == NULL) {
        free(x);
        err_set(e, "workbook: out of memory");
        return NULL;
    }
    x->fd = spool_nameless(dir);
    if (x->fd < 0) {
        err_set(e, "workbook: no file in %s: %m", dir);
        free_all(x);
        return NULL;
    }
    /* The library opens files by name only: this name is of the one that is open. */
    snprintf(path, sizeof path, "/proc/self/fd/%d", x->fd);
    lxw_workbook_options options = {.constant_memory = LXW_TRUE};
    spool_use(x->spool);
    x->book = workbook_new_opt(path, &options);
    bool ok = x->book != NULL && make_formats(x) && say_about(x, about);
    spool_use(NULL);
    if (!ok) {
        err_set(e, "workbook: out of memory");
        xlsx_drop(x);
        return NULL;
    }
    return x;
}

/* --- sheets -------------------------------------------------------------------------------------------------------------- */

/* The library compares so, too. */
static bool name_taken(const void *ud, const char *name)
{
    const struct xlsx *x = ud;
    for (size_t i = 0; i < x->n; i++)
        if (strcasecmp(x->pages[i].name, name) == 0)
            return true;
    return false;
}

/* Lines that a heading takes when it is broken between words. */
static int lines_at(const char *text, int width)
{
    int lines = 1, at = 0;
    while (*text != '\0') {
        int word = (int)strcspn(text, " ");
        if (at > 0 && at + 1 + word > width) {
            lines++;
            at = 0;
        }
        at += word + (at > 0);
        text += word + (text[word] == ' ');
    }
    return lines;
}

/* The least width in which each word stands whole and the heading takes no more than HEAD_LINES. */
static int head_width(const char *text)
{
    int width = 1;
    for (const char *at = text; *at != '\0'; at += strspn(at, " ")) {
        int word = (int)strcspn(at, " ");
        width = word > width ? word : width;
        at += word;
    }
    while (lines_at(text, width) > HEAD_LINES)
        width++;
    return width;
}

static bool dress(struct xlsx *x, struct page *p, const struct xlsx_sheet *sheet)
{
    bool ok = true;
    int lines = 1;
    for (size_t i = 0; i < sheet->n_columns && ok; i++) {
        const struct xlsx_column *c = &sheet->columns[i];
        int width = c->width;
        if (sheet->list) {
            const char *name = xlsx_clean(&x->room, c->name, strlen(c->name));
            int least = head_width(c->name) + FILTER_ROOM;
            width = width > least ? width : least;
            int takes = lines_at(c->name, width - FILTER_ROOM);
            lines = takes > lines ? takes : lines;
            ok =
                name != NULL && worksheet_write_string(p->ws, 0, (lxw_col_t)i, name, x->head) == LXW_NO_ERROR;
        }
        if (ok && width > 0)
            ok = worksheet_set_column(p->ws, (lxw_col_t)i, (lxw_col_t)i,
                                      width < WIDTH_MAX ? width : WIDTH_MAX, NULL) == LXW_NO_ERROR;
    }
    worksheet_set_paper(p->ws, 9); /* A4 */
    worksheet_set_landscape(p->ws);
    worksheet_fit_to_pages(p->ws, 1, 0);
    if (!sheet->list)
        return ok;
    worksheet_freeze_panes(p->ws, 1, 0);
    p->rows = 1;
    ok = ok && worksheet_set_row(p->ws, 0, LINE_HEIGHT * lines, NULL) == LXW_NO_ERROR;
    return ok && worksheet_repeat_rows(p->ws, 0, 0) == LXW_NO_ERROR;
}

bool xlsx_add_sheet(struct xlsx *x, const struct xlsx_sheet *sheet, struct err *e)
{
    if (x->n == x->cap) {
        size_t cap = x->cap > 0 ? 2 * x->cap : 16;
        struct page *pages = reallocarray(x->pages, cap, sizeof *pages);
        if (pages == NULL)
            return err_set(e, "workbook: out of memory");
        x->pages = pages;
        x->cap = cap;
    }
    struct page *p = &x->pages[x->n];
    *p = (struct page){.list = sheet->list, .n_columns = sheet->n_columns};
    xlsx_sheet_name(p->name, sheet->name, name_taken, x);
    spool_use(x->spool);
    p->ws = workbook_add_worksheet(x->book, p->name);
    bool ok = p->ws != NULL && dress(x, p, sheet);
    spool_use(NULL);
    x->n += p->ws != NULL;
    return ok && spool_error(x->spool) == 0 ? true : fault(x, e, "the sheet could not be made");
}

/* --- cells --------------------------------------------------------------------------------------------------------------- */

static int decimals(const struct xlsx_cell *c)
{
    return c->decimals < 0 ? 0 : c->decimals > DECIMALS_MAX ? DECIMALS_MAX : c->decimals;
}

/* Excel believes that there was a 29 February 1900, and counts the days before from one later. */
static double serial(civil_day d)
{
    int n = d + 25569;
    return n > 60 ? n : n - 1;
}

static lxw_error write_number(struct page *p, lxw_col_t col, double x, lxw_format *format)
{
    return isfinite(x) ? worksheet_write_number(p->ws, p->rows, col, x, format) : LXW_NO_ERROR;
}

static lxw_error write_text(struct xlsx *x, struct page *p, lxw_col_t col, const struct xlsx_cell *c)
{
    const char *text = xlsx_clean(&x->room, c->text, c->len);
    if (text == NULL)
        return LXW_ERROR_MEMORY_MALLOC_FAILED;
    return worksheet_write_string(p->ws, p->rows, col, text, c->type == XLSX_HEAD ? x->title : NULL);
}

static lxw_error write_cell(struct xlsx *x, struct page *p, lxw_col_t col, const struct xlsx_cell *c)
{
    switch (c->type) {
    case XLSX_NONE:
        break;
    case XLSX_TEXT:
    case XLSX_HEAD:
        return write_text(x, p, col, c);
    case XLSX_INT:
        return write_number(p, col, c->x, NULL);
    case XLSX_NUMBER:
        return write_number(p, col, c->x, x->number[decimals(c)]);
    case XLSX_SHARE:
        return write_number(p, col, c->x, x->share[decimals(c)]);
    case XLSX_DATE:
        return c->day >= CIVIL_FIRST ? write_number(p, col, serial(c->day), x->date) : LXW_NO_ERROR;
    case XLSX_TIME:
        return write_number(p, col, c->x / 86400. + 25569, x->time);
    case XLSX_BOOL:
        return worksheet_write_boolean(p->ws, p->rows, col, c->x != 0, NULL);
    }
    return LXW_NO_ERROR;
}

bool xlsx_add_row(struct xlsx *x, size_t sheet, const struct xlsx_cell *cells, size_t n, struct err *e)
{
    if (sheet >= x->n)
        return err_set(e, "workbook: there is no sheet %zu", sheet);
    struct page *p = &x->pages[sheet];
    lxw_error rc = p->rows <= XLSX_ROWS_MAX ? LXW_NO_ERROR : LXW_ERROR_WORKSHEET_INDEX_OUT_OF_RANGE;
    for (size_t i = 0; i < n && rc == LXW_NO_ERROR; i++)
        rc = write_cell(x, p, (lxw_col_t)i, &cells[i]);
    p->rows++;
    return rc == LXW_NO_ERROR && spool_error(x->spool) == 0 ? true : fault(x, e, lxw_strerror(rc));
}

/* --- the end ------------------------------------------------------------------------------------------------------------- */

int xlsx_close(struct xlsx *x, struct err *e)
{
    lxw_error rc = LXW_NO_ERROR;
    for (size_t i = 0; i < x->n && rc == LXW_NO_ERROR; i++)
        if (x->pages[i].list && x->pages[i].n_columns > 0)
            rc = worksheet_autofilter(x->pages[i].ws, 0, 0, x->pages[i].rows - 1,
                                      (lxw_col_t)(x->pages[i].n_columns - 1));
    if (rc != LXW_NO_ERROR || x->n == 0) {
        err_set(e, "workbook: %s", rc != LXW_NO_ERROR ? lxw_strerror(rc) : "it has no sheet");
        xlsx_drop(x);
        return -1;
    }
    spool_use(x->spool);
    rc = workbook_close(x->book);
    x->book = NULL; /* whatever came of it */
    int fd = x->fd;
    if (rc != LXW_NO_ERROR || spool_error(x->spool) != 0)
        fd = fault(x, e, lxw_strerror(rc)) ? fd : -1;
    else if (lseek(fd, 0, SEEK_SET) != 0)
        fd = err_set(e, "workbook: %m") ? fd : -1;
    else
        x->fd = -1;
    free_all(x);
    return fd;
}

void xlsx_drop(struct xlsx *x)
{
    if (x == NULL)
        return;
    spool_use(x->spool);
    lxw_workbook_free(x->book);
    free_all(x);
}
