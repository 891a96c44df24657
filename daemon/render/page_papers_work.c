#include <math.h>

#include "figures.h"
#include "html.h"
#include "page_history.h"
#include "page_papers_int.h"

/* --- where the work is stuck ------------------------------------------------------------------------------------------ */

struct shown {
    const char *table, *id, *caption, *bar;
    bool funnel;
    const char *columns[14];
};

static struct page_table shown_table(const struct page_papers *p, const struct paper *paper,
                                     const struct shown *s)
{
    struct page_table t = papers_table(p, paper_table(paper, s->table), s->id);
    t.caption = s->caption;
    t.bar = s->bar;
    t.funnel = s->funnel;
    t.columns = s->columns[0] != NULL ? s->columns : NULL;
    return t;
}

static void show(struct buf *b, const struct page_papers *p, const struct paper *paper, const struct shown *s,
                 size_t first, size_t n)
{
    struct page_table t = shown_table(p, paper, s);
    t.first = first;
    t.n = n;
    page_table(b, &t);
}

void papers_stuck(struct buf *b, const struct page_papers *p)
{
    static const struct shown stages = {
        "stages",
        "stages",
        "Assessments by stage: how many are in it now, how long they wait, how long it took",
        "now",
        true,
        {"title", "now", "overdue", "waiting_median_days", "waiting_p90_days", "waiting_longest_days", "done",
         "done_median_days", "done_p90_days", "left", NULL}};
    static const struct shown advice = {"advice",
                                        "advice",
                                        "Advice by body",
                                        "share_6_weeks",
                                        false,
                                        {"body", "share_6_weeks", "answered", "in_6_weeks", "late",
                                         "median_days", "p90_days", "outstanding", "overdue", "oldest_days",
                                         NULL}};
    static const struct shown reviews = {
        "reviews", "reviews", "Annual reviews incomplete after their meeting", "incomplete", false, {NULL}};
    static const struct shown transfers = {"transfers",
                                           "transfers",
                                           "Phase transfers: 15 February and 31 March",
                                           NULL,
                                           false,
                                           {"due_on", "limit", "days_left", "share_in_time", "owed",
                                            "reviewed", "sent", "in_time", "late", "outstanding", "never",
                                            NULL}};
    static const struct shown teams = {"teams",
                                       "teams",
                                       "Open cases by team",
                                       NULL,
                                       false,
                                       {"team", "cases", "assessments", "overdue_assessments",
                                        "oldest_assessment_days", "plans", "breached_cases",
                                        "longest_overdue_days", "due_in_28_days", NULL}};
    page_paper_words(b, p->stuck, 1);
    show(b, p, p->stuck, &stages, 0, PAGE_ALL_ROWS);
    show(b, p, p->stuck, &advice, 0, PAGE_ALL_ROWS);
    show(b, p, p->stuck, &reviews, 0, PAGE_ALL_ROWS);
    show(b, p, p->stuck, &transfers, 0, PAGE_ALL_ROWS);
    show(b, p, p->stuck, &teams, 0, PAGE_ALL_ROWS);
}

#define ROWS_A_PART 200

bool papers_officers(struct buf *b, const struct page_papers *p, size_t part)
{
    static const struct shown officers = {"officers",
                                          "officers",
                                          "Open cases by officer",
                                          NULL,
                                          false,
                                          {"officer", "team", "cases", "assessments", "overdue_assessments",
                                           "oldest_assessment_days", "plans", "breached_cases",
                                           "longest_overdue_days", "due_in_28_days", NULL}};
    const struct page_table t = shown_table(p, p->stuck, &officers);
    const size_t first = part * ROWS_A_PART, rows = t.table->n_rows;
    if (part == 0)
        buf_text(b, "<details class=\"screen\">\n<summary>Open cases by officer</summary>\n");
    if (rows == 0)
        page_table(b, &t);
    else if (part == 0)
        page_table_begin(b, &t);
    page_table_rows(b, &t, first, ROWS_A_PART);
    if (first + ROWS_A_PART < rows)
        return true;
    if (rows > 0)
        page_table_end(b);
    buf_text(b, "</details>\n");
    page_files(b, "/v1/stuck", "stages", "These tables", p->frame.query, PAGE_KEEP_PLACES);
    return false;
}

/* --- published and hidden --------------------------------------------------------------------------------------------- */

static struct cell at(const struct table *t, size_t row, const char *column)
{
    struct cell c = {.type = CELL_NONE};
    size_t i = table_column(t, column);
    if (row < t->n_rows && i < t->n_columns)
        t->cell(t->ud, row, i, &c);
    return c;
}

/* The rows of the last period, which are the 365 days that end on the as-of date, and the number of them. */
static size_t last_period(const struct table *t, size_t *n)
{
    size_t first = t->n_rows;
    struct cell last = at(t, t->n_rows - 1, "from_on");
    while (first > 0 && at(t, first - 1, "from_on").day == last.day)
        first--;
    *n = t->n_rows - first;
    return first;
}

static void key_figures(struct buf *b, const struct page_papers *p)
{
    const struct table *issued = paper_table(p->figures, "issued"), *published = &p->figures->tables[0];
    size_t last = issued->n_rows - 1;
    struct cell c = at(issued, last, "share_20_weeks");
    page_figures_begin(b);
    page_figure(b, "published: plans within 20 weeks, last 365 days (target: above 95%)", &c, 3);
    c = at(issued, last, "share_20_weeks_without_exceptions");
    page_figure(b, "the same without exceptions", &c, 3);
    page_fact(b, published, "overdue_now", "hidden: open assessments past 20 weeks now");
    c = at(issued, last, "share_20_weeks_with_overdue");
    page_figure(b, "the figure if those were issued today", &c, 3);
    page_fact(b, published, "overdue_median_weeks", "median weeks that they have waited");
    page_figures_end(b);
}

void papers_published(struct buf *b, const struct page_papers *p)
{
    static const struct shown figures = {
        "published",
        "figures",
        "Published figures of the last 365 days beside what is open and overdue now",
        "share",
        false,
        {"title", "share", "counted", "in_time", "late", "target_met", "open_now", "overdue_now",
         "overdue_now_without_exceptions", NULL}};
    static const struct shown issued = {
        "issued",
        "issued",
        "Plans issued by year and by weeks from the request",
        NULL,
        false,
        {"period", "issued", "in_20_weeks", "in_20_to_52_weeks", "over_52_weeks", "share_20_weeks",
         "share_20_weeks_without_exceptions", "median_weeks", "p90_weeks", NULL}};
    static const char *const bands[] = {"in_20_weeks", "in_20_to_52_weeks", "over_52_weeks", NULL};
    static const struct shown open = {"open", "open", "Open assessments by weeks since the request",
                                      "open", false,  {NULL}};
    static const struct shown ages = {"ages",
                                      "ages",
                                      "By age, last 365 days",
                                      "share_20_weeks",
                                      false,
                                      {"age", "share_20_weeks", "issued", "in_20_weeks",
                                       "share_20_weeks_without_exceptions", "median_weeks", "decisions",
                                       "share_decisions_6_weeks", "open_now", "overdue_now", NULL}};
    const struct table *published = paper_table(p->figures, "published"),
                       *years = paper_table(p->figures, "issued"), *by_age = paper_table(p->figures, "ages");
    size_t n;
    key_figures(b, p);
    page_paper_words(b, p->figures, 3);
    size_t first = last_period(published, &n);
    show(b, p, p->figures, &figures, first, n);
    struct page_table t = papers_table(p, years, issued.id);
    t.caption = issued.caption;
    t.columns = issued.columns;
    t.stack = bands;
    t.first = years->n_rows > 6 ? years->n_rows - 6 : 0;
    page_table(b, &t);
    show(b, p, p->figures, &open, 0, PAGE_ALL_ROWS);
    n = by_age->n_rows < AGES ? by_age->n_rows : AGES; /* of the last period */
    show(b, p, p->figures, &ages, by_age->n_rows - n, n);
    page_files(b, "/v1/figures", "published", "These tables", p->frame.query, PAGE_KEEP_PLACES);
}

/* --- what can still be saved ------------------------------------------------------------------------------------------ */

/* The meeting's question is which balance to strike: it can be asked again with other numbers. */
static void plan_form(struct buf *b, const struct page_papers *p)
{
    static const struct page_option policies[] = {
        {"oldest", "Oldest first"}, {"nearest", "Nearest deadline first"}, {"mix", "A mix of both"}};
    const struct page_field fields[] = {
        {.type = FIELD_NUMBER,
         .name = "capacity",
         .label = "Finished plans a week",
         .hint = "Empty: as in the last 8 weeks"},
        {.type = FIELD_SELECT,
         .name = "policy",
         .label = "Whose plan first",
         .hint = "",
         .option = policies,
         .n = 3,
         .fallback = "mix"},
        {.type = FIELD_NUMBER,
         .name = "save",
         .label = "Kept for those in time, per cent",
         .hint = "Of the mix. Empty: 50"},
    };
    page_form(b, &(struct page_form){.id = "plan",
                                     .label = "Plan with other numbers",
                                     .action = "/#saved",
                                     .query = p->frame.query,
                                     .keep = PAGE_KEEP_PLACES,
                                     .field = fields,
                                     .n = sizeof fields / sizeof fields[0],
                                     .button = "Play it through"});
}

void papers_saved(struct buf *b, const struct page_papers *p)
{
    static const struct shown policies = {"policies",
                                          "policies",
                                          "Policies side by side, at the end of the weeks played through",
                                          "year_in_time_share",
                                          false,
                                          {"policy", "save", "year_in_time_share", "in_time_share", "issued",
                                           "in_time", "overdue", "over_52", "longest_held_weeks",
                                           "mean_wait_weeks", NULL}};
    static const struct shown needs = {"needs",        "needs", "Finished plans a week",
                                       "plans_a_week", false,   {"meaning", "plans_a_week", NULL}};
    static const struct shown cases = {"cases",
                                       "coming-week",
                                       "The coming week: whose plan to finish first",
                                       NULL,
                                       false,
                                       {"case_ref", "rank", "reason", "request_on", "due_on", "weeks_waiting",
                                        "stage", "locality", "team", "officer", NULL}};
    static const struct page_line lines[] = {{"Oldest first", "overdue", "policy", "oldest"},
                                             {"Nearest deadline first", "overdue", "policy", "nearest"},
                                             {"Mix", "overdue", "policy", "mix"}};
    static const struct page_line shares[] = {
        {"Oldest first", "year_in_time_share", "policy", "oldest"},
        {"Nearest deadline first", "year_in_time_share", "policy", "nearest"},
        {"Mix", "year_in_time_share", "policy", "mix"}};
    if (p->clearance == NULL) {
        buf_text(
            b, "<p class=\"none\">No plan could be made: too little is known of finished assessments.</p>\n");
        return;
    }
    const struct table *weeks = paper_table(p->clearance, "by_week");
    plan_form(b, p);
    page_paper_words(b, p->clearance, 5);
    show(b, p, p->clearance, &policies, 0, PAGE_ALL_ROWS);
    buf_text(b, "<h3>Assessments past 20 weeks, by policy</h3>\n");
    page_chart(
        b, &(struct page_chart){
               .id = "clearance-overdue",
               .title = "Open assessments past 20 weeks under three policies",
               .description =
                   "Week by week; the end of each line is in the table of policies, every week in the file.",
               .table = weeks,
               .day = "ends_on",
               .line = lines,
               .n_lines = 3,
               .target = (double)NAN});
    buf_text(b, "<h3>The published figure, by policy</h3>\n");
    page_chart(
        b, &(struct page_chart){
               .id = "clearance-share",
               .title = "Plans issued within 20 weeks in the 52 weeks before, under three policies",
               .description =
                   "Week by week; the end of each line is in the table of policies, every week in the file.",
               .table = weeks,
               .day = "ends_on",
               .line = shares,
               .n_lines = 3,
               .share = true,
               .target = 0.95,
               .target_name = "Target: above 95%"});
    show(b, p, p->clearance, &needs, 0, PAGE_ALL_ROWS);
    show(b, p, p->clearance, &cases, 0, PAGE_ALL_ROWS);
    page_files(b, "/v1/clearance", "policies", "The plan", p->frame.query, PAGE_KEEP_ALL);
}

/* --- how it has gone -------------------------------------------------------------------------------------------------- */

void papers_trends(struct buf *b, const struct page_papers *p)
{
    static const struct page_line flow[] = {{"Requests", "requests", NULL, NULL},
                                            {"Plans issued", "plans_issued", NULL, NULL},
                                            {"Within 20 weeks", "plans_in_20_weeks", NULL, NULL}};
    static const struct shown months = {"flow",
                                        "months",
                                        "Month by month, this one up to the day of the position",
                                        "plans_issued",
                                        false,
                                        {"period", "plans_issued", "plans_in_20_weeks", "plans_over_20_weeks",
                                         "requests", "agreed", "refused", "refused_to_issue",
                                         "review_meetings", "reviews_decided", "plans_amended", "ceased",
                                         NULL}};
    buf_text(b, "<h3>What comes in and what goes out</h3>\n");
    page_chart(b,
               &(struct page_chart){.id = "flow-chart",
                                    .title = "Requests received and plans issued by month",
                                    .description = "Whole months only; the numbers are in the table below.",
                                    .table = &p->flow->tables[0],
                                    .day = "from_on",
                                    .whole = "whole",
                                    .line = flow,
                                    .n_lines = 3,
                                    .target = (double)NAN});
    show(b, p, p->flow, &months, 0, PAGE_ALL_ROWS);
    page_files(b, "/v1/flow", NULL, "By week", p->frame.query, PAGE_KEEP_PLACES);
    const struct page_param now[] = {{"as_of", NULL}, {"known_at", NULL}, {"officer", NULL}, {"by", "week"}};
    buf_text(b, "<p class=\"screen\"><a href=\"");
    page_address(b, PAGE_HISTORY, p->frame.query, PAGE_KEEP_PLACES, now, 4);
    buf_text(b, "\">How many were overdue by time limit, week by week</a></p>\n");
}
