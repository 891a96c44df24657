#include "page_list.h"

#include <stdio.h>
#include <string.h>

#include "band.h"
#include "html.h"
#include "page_table.h"

enum { MOST_COLUMNS = 40 };

/* What is said of each list. */
static const struct {
    enum page_place place;
    const char *title, *path, *stem, *caption, *empty;
    const char *columns[16], *titles[6][2]; /* other titles than the table's own: {name, title} */
} lists[LIST_KINDS] = {
    [LIST_BREACHES] = {PAGE_BREACHES,
                       "Overdue",
                       "/v1/breaches.html",
                       "/v1/breaches",
                       "Overdue time limits",
                       "Nothing is overdue here.",
                       {"case_ref", "title", "subject", "state", "due_on", "days", "locality", "team",
                        "officer", NULL},
                       {{"days", "Days late"},
                        {"title", "Time limit"},
                        {"subject", "Body or kind"},
                        {"due_on", "Was due"},
                        {"state", "Mark"}}},
    [LIST_DUE] = {PAGE_DUE,
                  "Due soon",
                  "/v1/due.html",
                  "/v1/due",
                  "Time limits that end soon",
                  "Nothing falls due here in that time.",
                  {"case_ref", "title", "subject", "state", "due_on", "act_by", "days", "locality", "team",
                   "officer", NULL},
                  {{"days", "Days left"},
                   {"title", "Time limit"},
                   {"subject", "Body or kind"},
                   {"due_on", "Due"},
                   {"state", "Mark"}}},
    [LIST_CASES] = {PAGE_CASES,
                    "Cases",
                    "/v1/cases.html",
                    "/v1/cases",
                    "Cases",
                    "No case is like that.",
                    {"case_ref", "stage", "state", "drift", "weeks_open", "overdue",
                     "overdue_without_exceptions", "next_limit", "next_due_on", "locality", "team", "officer",
                     NULL},
                    {{"state", "Worst mark"},
                     {"drift", "Days behind"},
                     {"next_limit", "Next time limit"},
                     {"next_due_on", "Due"}}},
};

const char *page_list_path(enum list_kind kind)
{
    return lists[kind].path;
}

/* --- filters ---------------------------------------------------------------------------------------------------------- */

enum { MOST_FIELDS = 14, MOST_OPTIONS = LIMIT_MAX };

/* The fields of a form and what can be chosen in them. */
struct filters {
    struct page_field field[MOST_FIELDS];
    size_t n;
    struct page_option limit[MOST_OPTIONS], kind[KIND_COUNT], state[STATE_COUNT], band[BAND_COUNT],
        age[AGE_COUNT], stage[STAGE_COUNT];
};

static void add(struct filters *f, const char *name, const char *label, const char *any,
                const struct page_option *option, size_t n)
{
    f->field[f->n++] = (struct page_field){
        .type = FIELD_SELECT, .name = name, .label = label, .any = any, .hint = "", .option = option, .n = n};
}

static size_t limits_of(struct filters *f, const struct page_list *l)
{
    size_t n = 0;
    for (size_t i = 0; i < l->rulebook->n && n < MOST_OPTIONS; i++)
        if ((l->watched & LIMIT_BIT(i)) != 0)
            f->limit[n++] =
                (struct page_option){l->rulebook->rule[i].limit->id, l->rulebook->rule[i].limit->title};
    return n;
}

static size_t states_of(struct filters *f, enum list_kind kind)
{
    static const struct page_option all[] = {
        {"breached", "Delayed (RED)"},
        {"excepted", "Excepted (PINK)"},
        {"at_risk", "At risk (AMBER)"},
        {"on_track", "On track (GREEN or PINK)"},
    };
    size_t first = kind == LIST_DUE ? 2 : 0, n = kind == LIST_CASES ? 4 : 2;
    memcpy(f->state, all + first, n * sizeof all[0]);
    return n;
}

static size_t bands_of(struct page_option *out, const struct band *bands, size_t n)
{
    for (size_t i = 0; i < n; i++)
        out[i] = (struct page_option){bands[i].id, bands[i].name};
    return n;
}

static void more_fields(struct filters *f, enum list_kind kind)
{
    static const struct page_option exceptions[] = {
        {"none", "None claimed"},
        {"supported", "The facts support one"},
        {"unverified", "Claimed, cannot be verified"},
        {"unsupported", "Claimed, the facts do not support it"},
    };
    static const char *const stages[] = {"Requested", "Being assessed", "Refused", "Plan in force", "Ended"};
    size_t kinds = 0;
    for (; kinds < KIND_COUNT; kinds++)
        f->kind[kinds] = (struct page_option){limit_kind_name((enum limit_kind)kinds),
                                              limit_kind_name((enum limit_kind)kinds)};
    add(f, "kind", "Kind of time limit", "Statutory, or the one chosen", f->kind, kinds);
    add(f, "band", "Weeks since the request", "Any", f->band, bands_of(f->band, weeks_bands, BAND_COUNT));
    add(f, "age", "Age", "Any", f->age, bands_of(f->age, age_bands, AGE_COUNT));
    for (size_t i = 0; i < STAGE_COUNT; i++)
        f->stage[i] = (struct page_option){stage_name((enum stage)i), stages[i]};
    add(f, "stage", "Stage", "Any", f->stage, STAGE_COUNT);
    if (kind != LIST_DUE)
        add(f, "exception", "Exception", "Any", exceptions, sizeof exceptions / sizeof exceptions[0]);
}

static void fields_of(struct filters *f, const struct page_list *l)
{
    static const struct page_option within[] = {
        {"7", "7 days"}, {"14", "14 days"}, {"28", "28 days"}, {"56", "8 weeks"}, {"91", "13 weeks"}};
    static const struct page_option rows[] = {
        {"50", "50"}, {"100", "100"}, {"500", "500"}, {"1000", "1,000"}};
    const struct page_choices *c = l->choices;
    if (l->kind == LIST_DUE) {
        add(f, "within", "Due within", NULL, within, sizeof within / sizeof within[0]);
        f->field[f->n - 1].fallback = "28";
    }
    add(f, "limit", "Time limit", "All", f->limit, limits_of(f, l));
    add(f, "state", "Mark", "All", f->state, states_of(f, l->kind));
    add(f, "locality", "Locality", "All", c->locality, c->n_localities);
    add(f, "team", "Team", "All", c->team, c->n_teams);
    add(f, "officer", "Officer", "All", c->officer, c->n_officers);
    f->field[f->n++] =
        (struct page_field){.type = FIELD_DATE, .name = "as_of", .label = "Position on", .hint = ""};
    more_fields(f, l->kind);
    add(f, "per_page", "Rows on a page", NULL, rows, sizeof rows / sizeof rows[0]);
    f->field[f->n - 1].fallback = "100";
}

static void filters(struct buf *b, const struct page_list *l)
{
    struct filters f = {.n = 0};
    fields_of(&f, l);
    page_form(b, &(struct page_form){.id = "filter",
                                     .label = "Filters",
                                     .action = lists[l->kind].path,
                                     .query = l->frame.query,
                                     .keep = PAGE_KEEP_ALL,
                                     .field = f.field,
                                     .n = f.n,
                                     .n_plain = l->kind == LIST_DUE ? 7 : 6,
                                     .button = "Show",
                                     .can_clear = true});
}

/* --- rows ------------------------------------------------------------------------------------------------------------- */

/* The table with the titles of this page. */
struct titled {
    struct table table;
    struct column column[MOST_COLUMNS];
    const char *sorts[MOST_COLUMNS + 1];
};

static void retitle(struct titled *t, const struct page_list *l)
{
    const struct table *from = &l->job->table;
    size_t n = 0;
    t->table = *from;
    for (size_t i = 0; i < from->n_columns && i < MOST_COLUMNS; i++) {
        t->column[i] = from->columns[i];
        for (size_t k = 0; k < 6 && lists[l->kind].titles[k][0] != NULL; k++)
            if (strcmp(lists[l->kind].titles[k][0], from->columns[i].name) == 0)
                t->column[i].title = lists[l->kind].titles[k][1];
        if (list_sortable(l->kind, (int)i))
            t->sorts[n++] = from->columns[i].name;
    }
    t->sorts[n] = NULL;
    t->table.columns = t->column;
}

static struct page_table table_of(const struct page_list *l, const struct titled *t)
{
    return (struct page_table){
        .table = &t->table,
        .id = "list",
        .caption = lists[l->kind].caption,
        .columns = lists[l->kind].columns,
        .optional = "subject",
        .n = PAGE_ALL_ROWS,
        .empty = lists[l->kind].empty,
        .names_rows = true,
        .rulebook = l->rulebook,
        .query = l->frame.query,
        .path = lists[l->kind].path,
        .sorts = t->sorts,
    };
}

void page_list_rows(struct buf *b, const struct page_list *l, size_t first, size_t n)
{
    struct titled t;
    retitle(&t, l);
    const struct page_table shown = table_of(l, &t);
    page_table_rows(b, &shown, first, n);
}

/* --- around ----------------------------------------------------------------------------------------------------------- */

static int64_t fact(const struct table *t, const char *name)
{
    for (size_t i = 0; i < t->n_facts; i++)
        if (strcmp(t->facts[i].name, name) == 0)
            return t->facts[i].value.n;
    return 0;
}

static void count(struct buf *b, int64_t n, const char *what)
{
    html_count(b, n);
    buf_printf(b, " %s%s", what, n == 1 ? "" : "s");
}

static void summary(struct buf *b, const struct page_list *l)
{
    const struct table *t = &l->job->table;
    bool cases = l->kind == LIST_CASES;
    int64_t n = fact(t, cases ? "overdue_obligations" : "obligations"),
            of = fact(t, cases ? "overdue_cases" : "cases");
    int64_t excepted = fact(t, cases ? "overdue_obligations_excepted" : "obligations_excepted");
    int64_t excepted_cases = fact(t, cases ? "overdue_cases_excepted" : "cases_excepted");
    buf_text(b, "<p class=\"lead\">");
    if (cases) {
        count(b, fact(t, "cases"), "case");
        buf_text(b, ", of which ");
        html_count(b, of);
        buf_text(b, " with ");
        count(b, n, "overdue time limit");
    } else {
        count(b, n, "time limit");
        buf_text(b, l->kind == LIST_BREACHES ? " overdue in " : " due in ");
        count(b, of, "case");
    }
    buf_text(b, ".");
    if (l->kind != LIST_DUE) {
        buf_text(b, " Without those that are excepted: ");
        count(b, n - excepted, "time limit");
        buf_text(b, " in ");
        count(b, of - excepted_cases, "case");
        buf_text(b, ".");
    }
    buf_text(b, "</p>\n");
}

static void files(struct buf *b, const struct page_list *l)
{
    static const char *const forms[][2] = {{".xlsx", "Excel workbook"}, {".csv", "CSV"}, {".json", "JSON"}};
    const struct page_param all[] = {{"page", NULL}, {"per_page", NULL}};
    buf_text(b, "<ul class=\"more\" aria-label=\"The whole list as a file\">\n");
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        char path[64];
        snprintf(path, sizeof path, "%s%s", lists[l->kind].stem, forms[i][0]);
        buf_text(b, "<li><a href=\"");
        page_address(b, path, l->frame.query, PAGE_KEEP_ALL, all, 2);
        buf_printf(b, "\">%s</a></li>\n", forms[i][1]);
    }
    buf_text(b, "</ul>\n");
}

static void page_link(struct buf *b, const struct page_list *l, size_t page, const char *rel,
                      const char *text)
{
    char number[24];
    snprintf(number, sizeof number, "%zu", page);
    const struct page_param change = {"page", page > 1 ? number : NULL};
    buf_text(b, "<a href=\"");
    page_address(b, lists[l->kind].path, l->frame.query, PAGE_KEEP_ALL, &change, 1);
    buf_printf(b, "\"%s>%s</a>\n", rel, text);
}

static void pages(struct buf *b, const struct page_list *l)
{
    const struct list_pages p = list_job_pages(l->job);
    size_t first = (p.page - 1) * p.per_page, n = l->job->table.n_rows;
    if (p.pages <= 1 && p.page <= 1)
        return;
    buf_text(b, "<nav class=\"pages\" aria-label=\"Pages of the list\">\n<p>");
    if (n > 0) {
        buf_text(b, "Rows ");
        html_count(b, (int64_t)first + 1);
        buf_text(b, " to ");
        html_count(b, (int64_t)(first + n));
        buf_text(b, " of ");
    } else {
        buf_text(b, "No such page; rows in all: ");
    }
    html_count(b, (int64_t)p.rows);
    buf_text(b, "</p>\n");
    if (p.page > 1)
        page_link(b, l, 1, "", "First");
    if (p.page > 1)
        page_link(b, l, p.page > p.pages ? p.pages : p.page - 1, " rel=\"prev\"", "Previous");
    if (p.page < p.pages) {
        page_link(b, l, p.page + 1, " rel=\"next\"", "Next");
        page_link(b, l, p.pages, "", "Last");
    }
    buf_text(b, "</nav>\n");
}

void page_list_begin(struct buf *b, struct page_list *l)
{
    struct titled t;
    retitle(&t, l);
    struct page_table shown = table_of(l, &t);
    l->frame.title = lists[l->kind].title;
    l->frame.name = "";
    l->frame.place = lists[l->kind].place;
    page_begin(b, &l->frame);
    summary(b, l);
    filters(b, l);
    files(b, l);
    if (l->job->table.n_rows > 0) {
        page_table_begin(b, &shown);
    } else {
        shown.n = 0;
        page_table(b, &shown);
    }
}

void page_list_end(struct buf *b, const struct page_list *l)
{
    if (l->job->table.n_rows > 0)
        page_table_end(b);
    pages(b, l);
    page_end(b, &l->frame);
}
