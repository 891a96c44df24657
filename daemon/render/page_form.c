#include "page_form.h"

#include <string.h>

#include "html.h"

enum { MOST_FIELDS = 16 };

static size_t values_of(const struct page_query *q, const char *name)
{
    size_t n = 0;
    for (size_t i = 0; i < q->n; i++)
        n += strcmp(q->param[i].name, name) == 0 && *q->param[i].value != '\0';
    return n;
}

/* The value itself, or one of several between commas. */
static bool says(const char *text, const char *value)
{
    size_t len = strlen(value);
    if (strcmp(text, value) == 0)
        return true;
    for (const char *p = text; *p != '\0'; p += *p == ',') {
        size_t n = strcspn(p, ",");
        if (n == len && memcmp(p, value, n) == 0)
            return true;
        p += n;
    }
    return false;
}

static bool chosen(const struct page_query *q, const char *name, const char *value)
{
    for (size_t i = 0; i < q->n; i++)
        if (strcmp(q->param[i].name, name) == 0 && says(q->param[i].value, value))
            return true;
    return false;
}

static void option(struct buf *b, const char *value, const char *label, bool selected)
{
    buf_text(b, "<option");
    html_attr(b, "value", value);
    buf_printf(b, "%s%s>", label == NULL ? " dir=\"auto\"" : "", selected ? " selected" : "");
    html_text(b, label != NULL ? label : value);
    buf_text(b, "</option>\n");
}

static bool has_option(const struct page_field *f, const char *text)
{
    for (size_t i = 0; i < f->n; i++)
        if (says(text, f->option[i].value))
            return true;
    return false;
}

static void select_field(struct buf *b, const struct page_form *form, const struct page_field *f)
{
    const struct page_query *q = form->query;
    size_t n = 0;
    bool any = values_of(q, f->name) > 0;
    for (size_t i = 0; i < f->n; i++)
        n += any && chosen(q, f->name, f->option[i].value);
    buf_printf(b, "<select id=\"%s-%s\" name=\"%s\"%s>\n", form->id, f->name, f->name,
               n > 1 ? " multiple size=\"6\"" : "");
    if (f->any != NULL)
        option(b, "", f->any, !any && f->fallback == NULL);
    for (size_t i = 0; i < f->n; i++) {
        const char *value = f->option[i].value;
        option(b, value, f->option[i].label,
               any ? chosen(q, f->name, value) : f->fallback != NULL && strcmp(f->fallback, value) == 0);
    }
    for (size_t i = 0; i < q->n; i++)
        if (strcmp(q->param[i].name, f->name) == 0 && *q->param[i].value != '\0' &&
            !has_option(f, q->param[i].value))
            option(b, q->param[i].value, NULL, true);
    buf_text(b, "</select>\n");
}

static void field(struct buf *b, const struct page_form *form, const struct page_field *f)
{
    static const char *const types[] = {
        [FIELD_DATE] = "date", [FIELD_TEXT] = "text", [FIELD_NUMBER] = "number"};
    const char *value = page_value(form->query, f->name);
    buf_printf(b, "<div class=\"field\"><label for=\"%s-%s\">%s</label>\n", form->id, f->name, f->label);
    if (*f->hint != '\0')
        buf_printf(b, "<p class=\"hint\" id=\"%s-%s-hint\">%s</p>\n", form->id, f->name, f->hint);
    if (f->type == FIELD_SELECT) {
        select_field(b, form, f);
    } else {
        buf_printf(b, "<input type=\"%s\" id=\"%s-%s\" name=\"%s\"", types[f->type], form->id, f->name,
                   f->name);
        if (*f->hint != '\0')
            buf_printf(b, " aria-describedby=\"%s-%s-hint\"", form->id, f->name);
        if (value == NULL || *value == '\0')
            value = f->fallback;
        if (f->type == FIELD_NUMBER)
            buf_text(b, " min=\"0\" step=\"any\"");
        if (value != NULL)
            html_attr(b, "value", value);
        buf_text(b, ">\n");
    }
    buf_text(b, "</div>\n");
}

static void folded(struct buf *b, const struct page_form *f, size_t from)
{
    bool any = false;
    for (size_t i = from; i < f->n; i++)
        any |= values_of(f->query, f->field[i].name) > 0;
    buf_printf(b,
               "<details class=\"field wide\"%s>\n<summary>More filters</summary>\n<div class=\"folded\">\n",
               any ? " open" : "");
    for (size_t i = from; i < f->n; i++)
        field(b, f, &f->field[i]);
    buf_text(b, "</div>\n</details>\n");
}

void page_form(struct buf *b, const struct page_form *f)
{
    const char *names[MOST_FIELDS + 2] = {NULL};
    struct page_param without[MOST_FIELDS + 1];
    size_t n = 0;
    for (; n < f->n && n < MOST_FIELDS; n++) {
        names[n] = f->field[n].name;
        without[n] = (struct page_param){names[n], NULL};
    }
    names[n] = "page"; /* another question begins with its first page */
    without[n++] = (struct page_param){"page", NULL};
    buf_printf(b, "<form class=\"filters\" method=\"get\" action=\"%s\" role=\"search\" aria-label=\"%s\">\n",
               f->action, f->label);
    page_hidden(b, f->query, f->keep, names);
    size_t plain = f->n_plain > 0 && f->n_plain < f->n ? f->n_plain : f->n;
    for (size_t i = 0; i < plain; i++)
        field(b, f, &f->field[i]);
    if (plain < f->n)
        folded(b, f, plain);
    buf_printf(b, "<div class=\"field buttons\"><button type=\"submit\">%s</button>\n", f->button);
    if (f->can_clear) {
        buf_text(b, "<a href=\"");
        page_address(b, f->action, f->query, f->keep, without, n);
        buf_text(b, "\">Clear</a>\n");
    }
    buf_text(b, "</div>\n</form>\n");
}
