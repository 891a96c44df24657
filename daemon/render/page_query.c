#include "page_query.h"

#include <string.h>

#include "html.h"

static bool keeps(enum page_keep keep, const char *name)
{
    static const char *const time[] = {"as_of", "known_at"}, *const places[] = {"locality", "team",
                                                                                "officer"};
    if (keep == PAGE_KEEP_ALL)
        return true;
    for (size_t i = 0; keep >= PAGE_KEEP_TIME && i < sizeof time / sizeof time[0]; i++)
        if (strcmp(name, time[i]) == 0)
            return true;
    for (size_t i = 0; keep >= PAGE_KEEP_PLACES && i < sizeof places / sizeof places[0]; i++)
        if (strcmp(name, places[i]) == 0)
            return true;
    return false;
}

static bool changed(const char *name, const struct page_param *changes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(changes[i].name, name) == 0)
            return true;
    return false;
}

static void add(struct buf *b, const char **before, const struct page_param *p)
{
    buf_text(b, *before);
    html_url_part(b, p->name, strlen(p->name));
    buf_text(b, "=");
    html_url_part(b, p->value, strlen(p->value));
    *before = "&amp;";
}

void page_address(struct buf *b, const char *path, const struct page_query *q, enum page_keep keep,
                  const struct page_param *changes, size_t n_changes)
{
    const char *before = "?";
    html_text(b, path);
    for (size_t i = 0; i < q->n; i++) {
        const struct page_param *p = &q->param[i];
        if (*p->value != '\0' && keeps(keep, p->name) && !changed(p->name, changes, n_changes))
            add(b, &before, p);
    }
    for (size_t i = 0; i < n_changes; i++)
        if (changes[i].value != NULL)
            add(b, &before, &changes[i]);
}

void page_href(struct buf *b, const char *path, const struct page_query *q, enum page_keep keep)
{
    buf_text(b, " href=\"");
    page_address(b, path, q, keep, NULL, 0);
    buf_text(b, "\"");
}

void page_case_href(struct buf *b, const char *ref, size_t len, const struct page_query *q)
{
    buf_text(b, " href=\"/v1/cases/");
    html_url_part(b, ref, len);
    page_address(b, "", q, PAGE_KEEP_TIME, NULL, 0);
    buf_text(b, "\"");
}

const char *page_value(const struct page_query *q, const char *name)
{
    for (size_t i = 0; i < q->n; i++)
        if (strcmp(q->param[i].name, name) == 0)
            return q->param[i].value;
    return NULL;
}

void page_hidden(struct buf *b, const struct page_query *q, enum page_keep keep, const char *const *fields)
{
    for (size_t i = 0; i < q->n; i++) {
        const struct page_param *p = &q->param[i];
        const char *const *f = fields;
        while (*f != NULL && strcmp(*f, p->name) != 0)
            f++;
        if (*f != NULL || *p->value == '\0' || !keeps(keep, p->name))
            continue;
        buf_text(b, "<input type=\"hidden\"");
        html_attr(b, "name", p->name);
        html_attr(b, "value", p->value);
        buf_text(b, ">\n");
    }
}
