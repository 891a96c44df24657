#include "page_papers.h"

#include <math.h>

#include "html.h"
#include "page_papers_int.h"

/* The order of the meeting. */
static const struct section {
    const char *id, *title;
    const char *classes;
    void (*write)(struct buf *b, const struct page_papers *p);
    /* What comes then, from part 0 on, until it returns false; NULL: nothing. */
    bool (*part)(struct buf *b, const struct page_papers *p, size_t part);
} sections[] = {
    {"overdue", "What is overdue", "part", papers_overdue},
    {"will-be", "What will be overdue", "part", papers_will_be},
    {"changes", "What changed since the last meeting", "part", papers_changes},
    {"stuck", "Where the work is stuck", "part", papers_stuck, papers_officers},
    {"published", "The published figure and what it does not show", "part", papers_published},
    {"saved", "What can still be saved", "part", papers_saved},
    {"trends", "How it has gone", "part", papers_trends},
    {"files", "Files and feeds", "part screen", papers_files},
};

enum { SECTIONS = sizeof sections / sizeof sections[0] };

struct page_table papers_table(const struct page_papers *p, const struct table *t, const char *id)
{
    return (struct page_table){.table = t,
                               .id = id,
                               .n = PAGE_ALL_ROWS,
                               .drill = "/",
                               .names_rows = true,
                               .rulebook = p->rulebook,
                               .query = p->frame.query};
}

/* --- before the sections ---------------------------------------------------------------------------------------------- */

static void filters(struct buf *b, const struct page_papers *p)
{
    const struct page_choices *c = p->choices;
    const struct page_field fields[] = {
        {.type = FIELD_SELECT,
         .name = "locality",
         .label = "Locality",
         .any = "All",
         .hint = "",
         .option = c->locality,
         .n = c->n_localities},
        {.type = FIELD_SELECT,
         .name = "team",
         .label = "Team",
         .any = "All",
         .hint = "",
         .option = c->team,
         .n = c->n_teams},
        {.type = FIELD_SELECT,
         .name = "officer",
         .label = "Officer",
         .any = "All",
         .hint = "",
         .option = c->officer,
         .n = c->n_officers},
        {.type = FIELD_DATE, .name = "as_of", .label = "Position on", .hint = ""},
    };
    page_form(b, &(struct page_form){.id = "filter",
                                     .label = "Whose papers, and of which day",
                                     .action = "/",
                                     .query = p->frame.query,
                                     .keep = PAGE_KEEP_PLACES,
                                     .field = fields,
                                     .n = sizeof fields / sizeof fields[0],
                                     .button = "Show",
                                     .can_clear = true});
}

/* On paper, where there is no form, what the papers are of. Who is held to some teams is never told that it is all. */
static void scope(struct buf *b, const struct page_papers *p)
{
    static const char *const names[][2] = {
        {"locality", "Locality"}, {"team", "Team"}, {"officer", "Officer"}};
    bool any = false;
    buf_text(b, "<p class=\"lead\">Position on ");
    html_day(b, p->frame.time->as_of, HTML_DAY_FULL);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *value = page_value(p->frame.query, names[i][0]);
        if (value == NULL)
            continue;
        buf_printf(b, "; %s: ", names[i][1]);
        html_name(b, value);
        any = true;
    }
    if (page_value(p->frame.query, "team") == NULL && p->frame.n_teams > 0) {
        buf_text(b, "; ");
        page_teams(b, &p->frame);
        any = true;
    }
    buf_text(b, any ? ".</p>\n" : ", whole authority.</p>\n");
}

/* What the meeting is about, before anything has to be scrolled. */
static void glance(struct buf *b, const struct page_papers *p)
{
    const struct table *limits = paper_table(p->overdue, "limits"), *changes = &p->changes->tables[0];
    page_figures_begin(b);
    page_fact(b, limits, "overdue", "time limits overdue");
    page_fact(b, limits, "overdue_without_exceptions", "of these without an exception");
    page_fact(b, limits, "cases", "cases with one overdue");
    page_fact(b, changes, "new", "newly overdue since the last meeting");
    page_fact(b, changes, "cleared", "no longer overdue since the last meeting");
    page_fact(b, limits, "due_in_28_days", "due in 28 days: can still be in time");
    page_figures_end(b);
}

static void contents(struct buf *b)
{
    buf_text(b, "<nav class=\"contents\" aria-labelledby=\"contents-heading\">\n<h2 "
                "id=\"contents-heading\">On this page</h2>\n<ol>\n");
    for (size_t i = 0; i < SECTIONS; i++)
        buf_printf(b, "<li><a href=\"#%s\">%s</a></li>\n", sections[i].id, sections[i].title);
    buf_text(b, "</ol>\n</nav>\n");
}

static void begin(struct buf *b, struct page_papers *p)
{
    p->frame.title = "Papers for the demand meeting";
    p->frame.name = "";
    p->frame.place = PAGE_PAPERS;
    page_begin(b, &p->frame);
    scope(b, p);
    glance(b, p);
    filters(b, p);
    contents(b);
}

/* Whether more of the section is to come. */
static bool section(struct buf *b, const struct page_papers *p, const struct section *s)
{
    if (p->part == 0) {
        buf_printf(b, "<section class=\"%s\" aria-labelledby=\"%s\">\n<h2 id=\"%s\">%s</h2>\n", s->classes,
                   s->id, s->id, s->title);
        s->write(b, p);
    }
    if (s->part != NULL && s->part(b, p, p->part))
        return true;
    buf_text(b, "</section>\n");
    return false;
}

bool page_papers(struct buf *b, struct page_papers *p)
{
    if (p->piece == 0) {
        begin(b, p);
    } else if (p->piece <= SECTIONS) {
        if (section(b, p, &sections[p->piece - 1])) {
            p->part++;
            return true;
        }
    } else if (p->piece == SECTIONS + 1) {
        page_end(b, &p->frame);
    } else {
        return false;
    }
    p->piece++;
    p->part = 0;
    return true;
}

/* --- what is overdue, what will be ------------------------------------------------------------------------------------ */

static const char *const limit_columns[] = {
    "title", "overdue", "overdue_without_exceptions", "cases", "oldest_due_on", "longest_overdue_days", NULL};
static const char *const place_columns[] = {"locality",
                                            "team",
                                            "overdue",
                                            "overdue_without_exceptions",
                                            "cases",
                                            "oldest_due_on",
                                            "longest_overdue_days",
                                            NULL};

static void all_of(struct buf *b, const struct page_papers *p, enum list_kind kind, const char *text)
{
    buf_text(b, "<p class=\"screen\"><a");
    page_href(b, page_list_path(kind), p->frame.query, PAGE_KEEP_PLACES);
    buf_printf(b, ">%s</a></p>\n", text);
}

/* The line, the last weeks in numbers, and all of them folded away. */
static void trend(struct buf *b, const struct page_papers *p)
{
    enum { SHOWN = 6 };
    static const struct page_line lines[] = {{"All time limits", "overdue_without_exceptions", NULL, NULL},
                                             {"Issue the final plan", "plans_overdue", NULL, NULL}};
    static const char *const columns[] = {"week",      "day",           "overdue_without_exceptions",
                                          "change",    "plans_overdue", "new",
                                          "done_late", "missed",        NULL};
    const struct table *weeks = &p->trend->tables[0];
    buf_text(b, "<h3>Week by week</h3>\n");
    page_paper_words(b, p->trend, 1);
    page_chart(b, &(struct page_chart){.id = "trend-chart",
                                       .title = "Overdue time limits without exceptions, week by week",
                                       .description = "As counted on the last evaluated day of each week; "
                                                      "the numbers are in the tables below. A week that was "
                                                      "not counted is a gap, as is a change of the limits.",
                                       .table = weeks,
                                       .day = "day",
                                       .breaks = "limits_changed",
                                       .line = lines,
                                       .n_lines = 2,
                                       .target = (double)NAN});
    struct page_table t = papers_table(p, weeks, "trend");
    t.caption = "The last weeks";
    t.columns = columns;
    t.first = weeks->n_rows - SHOWN;
    page_table(b, &t);
    buf_text(b, "<details class=\"screen\">\n<summary>All weeks of the last year</summary>\n");
    t = papers_table(p, weeks, "trend-year");
    t.caption = "Overdue, week by week";
    page_table(b, &t);
    buf_text(b, "</details>\n");
    page_files(b, "/v1/trend", NULL, "These weeks", p->frame.query, PAGE_KEEP_PLACES);
}

void papers_overdue(struct buf *b, const struct page_papers *p)
{
    static const char *const rows[] = {"case_ref", "title",    "subject", "state",   "due_on",
                                       "days",     "locality", "team",    "officer", NULL};
    const struct table *limits = paper_table(p->overdue, "limits");
    page_paper_words(b, p->overdue, 2);
    trend(b, p);

    struct page_table t = papers_table(p, limits, "overdue-limits");
    t.caption = "Overdue by time limit, with and without exceptions";
    t.columns = limit_columns;
    t.bar = "overdue";
    page_table(b, &t);
    static const char *const places[] = {"localities", "teams"};
    static const char *const captions[] = {"Overdue by locality", "Overdue by team"};
    for (size_t i = 0; i < 2; i++) {
        t = papers_table(p, paper_table(p->overdue, places[i]),
                         i == 0 ? "overdue-localities" : "overdue-teams");
        t.caption = captions[i];
        t.columns = place_columns;
        t.bar = "overdue";
        page_table(b, &t);
    }
    page_files(b, "/v1/overdue", "limits", "These counts", p->frame.query, PAGE_KEEP_PLACES);

    t = papers_table(p, p->worst, "worst");
    t.caption = "The longest overdue";
    t.columns = rows;
    t.optional = "subject";
    t.empty = "Nothing is overdue.";
    page_table(b, &t);
    all_of(b, p, LIST_BREACHES, "Everything that is overdue");
    page_files(b, "/v1/breaches", NULL, "The list", p->frame.query, PAGE_KEEP_PLACES);
}

void papers_will_be(struct buf *b, const struct page_papers *p)
{
    static const char *const due[] = {"title", "due_in_7_days", "due_in_14_days", "due_in_28_days", NULL};
    static const char *const expected[] = {"title",    "weeks",    "until",        "if_nothing_moves",
                                           "excepted", "expected", "expected_low", "expected_high",
                                           NULL};
    static const char *const moves[] = {"title",      "in_1_week",           "in_2_weeks", "in_4_weeks",
                                        "in_8_weeks", "excepted_in_8_weeks", NULL};
    static const char *const rows[] = {"case_ref", "title",    "subject", "state",   "due_on", "act_by",
                                       "days",     "locality", "team",    "officer", NULL};
    struct page_table t = papers_table(p, paper_table(p->overdue, "limits"), "due-limits");
    t.caption = "Open, not overdue, and due soon";
    t.columns = due;
    t.bar = "due_in_28_days";
    page_table(b, &t);
    if (p->forecast != NULL) {
        buf_text(b, "<h3>Forecast</h3>\n");
        page_paper_words(b, p->forecast, 2);
        t = papers_table(p, paper_table(p->forecast, "expected"), "forecast-expected");
        t.caption = "Newly overdue by then: if nothing moves, and the number to expect";
        t.columns = expected;
        page_table(b, &t);
        t = papers_table(p, paper_table(p->forecast, "limits"), "forecast-limits");
        t.caption = "Overdue soon if nothing moves, by time limit";
        t.columns = moves;
        page_table(b, &t);
        page_files(b, "/v1/forecast", "expected", "The forecast", p->frame.query, PAGE_KEEP_PLACES);
    }
    t = papers_table(p, p->soonest, "soonest");
    t.caption = "The next to fall due";
    t.columns = rows;
    t.optional = "subject";
    t.empty = "Nothing falls due in the next 28 days.";
    page_table(b, &t);
    all_of(b, p, LIST_DUE, "Everything due in 28 days");
    page_files(b, "/v1/due", NULL, "The list", p->frame.query, PAGE_KEEP_PLACES);
}

/* The rows of one kind of change, which lie together. */
static size_t changes_of(const struct table *t, const char *kind, size_t *n)
{
    size_t column = table_column(t, "change"), first = 0;
    while (first < t->n_rows && !page_says(t, first, column, kind))
        first++;
    for (*n = 0; first + *n < t->n_rows && page_says(t, first + *n, column, kind);)
        ++*n;
    return first;
}

void papers_changes(struct buf *b, const struct page_papers *p)
{
    enum { SHOWN = 20 };
    static const struct {
        const char *kind, *id, *caption, *none;
        const char *columns[11];
    } kinds[] = {
        {"new",
         "changes-new",
         "Newly overdue",
         "Nothing is newly overdue.",
         {"case_ref", "title", "subject", "was", "is", "due_on", "days", "locality", "team", "officer",
          NULL}},
        {"worsened",
         "changes-worsened",
         "Worse than then",
         "Nothing is worse than then.",
         {"case_ref", "title", "subject", "was", "is", "due_on", "days", "locality", "team", "officer",
          NULL}},
        {"cleared",
         "changes-cleared",
         "No longer overdue",
         "Nothing has left the list.",
         {"case_ref", "title", "subject", "is", "how", "due_on", "locality", "team", "officer", NULL}},
    };
    const struct table *list = &p->changes->tables[0];
    page_paper_words(b, p->changes, 2);
    struct page_table t = papers_table(p, paper_table(p->changes, "counts"), "changes-counts");
    t.caption = "Changes by time limit and team";
    t.columns =
        (const char *const[]){"title", "team", "new", "worsened", "in_between", "cleared", "missed", NULL};
    page_table(b, &t);
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        size_t n, first = changes_of(list, kinds[i].kind, &n);
        struct buf caption = {0};
        buf_printf(&caption, n > SHOWN ? "%s: the first %d of %zu" : "%s", kinds[i].caption, SHOWN, n);
        b->failed |= caption.failed;
        t = papers_table(p, list, kinds[i].id);
        t.caption = caption.failed ? kinds[i].caption : caption.p;
        t.columns = kinds[i].columns;
        t.optional = "subject";
        t.first = first;
        t.n = n < SHOWN ? n : SHOWN;
        t.empty = kinds[i].none;
        page_table(b, &t);
        buf_free(&caption);
    }
    page_files(b, "/v1/changes", "changes", "All changes", p->frame.query, PAGE_KEEP_PLACES);
}

/* --- files ------------------------------------------------------------------------------------------------------------ */

void papers_files(struct buf *b, const struct page_papers *p)
{
    static const struct {
        const char *path, *text, *what;
        enum page_keep keep;
    } links[] = {
        {"/v1/papers.xlsx", "All of this as one workbook (Excel)", "a sheet for each table",
         PAGE_KEEP_PLACES},
        {"/v1/breaches.xlsx", "Overdue (Excel)", "a sheet for each time limit", PAGE_KEEP_PLACES},
        {"/v1/due.xlsx", "Due soon (Excel)", "the next 28 days", PAGE_KEEP_PLACES},
        {"/v1/cases.xlsx", "Cases (Excel)", "every case and how far behind it is", PAGE_KEEP_PLACES},
        {"/v1/deadlines.ics", "Deadlines as a calendar", "to subscribe to from Outlook", PAGE_KEEP_NONE},
        {"/v1/data-quality.csv", "What may be wrong in the data (CSV)", "row by row", PAGE_KEEP_NONE},
    };
    buf_text(b, "<ul>\n");
    for (size_t i = 0; i < sizeof links / sizeof links[0]; i++) {
        buf_text(b, "<li><a");
        page_href(b, links[i].path, p->frame.query, links[i].keep);
        buf_printf(b, ">%s</a>: %s</li>\n", links[i].text, links[i].what);
    }
    buf_text(
        b,
        "</ul>\n<p>To have these papers on A4, print this page: navigation and filters are left out.</p>\n");
}
