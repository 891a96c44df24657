#include "page_history.h"

#include <math.h>
#include <string.h>

#include "page_form.h"
#include "page_parts.h"

static void filters(struct buf *b, const struct page_frame *f, const struct rulebook *rb)
{
    static const struct page_option by[] = {{"day", "Day by day"}, {"week", "ISO week by ISO week"}};
    struct page_option limits[LIMIT_MAX];
    for (size_t i = 0; i < rb->n; i++)
        limits[i] = (struct page_option){rb->rule[i].limit->id, rb->rule[i].limit->title};
    const struct page_field fields[] = {
        {.type = FIELD_DATE, .name = "from", .label = "From", .hint = ""},
        {.type = FIELD_DATE, .name = "to", .label = "To", .hint = ""},
        {.type = FIELD_SELECT,
         .name = "by",
         .label = "How",
         .hint = "",
         .option = by,
         .n = 2,
         .fallback = "day"},
        {.type = FIELD_SELECT,
         .name = "limit",
         .label = "Time limit",
         .any = "All statutory ones",
         .hint = "",
         .option = limits,
         .n = rb->n},
    };
    page_form(b, &(struct page_form){.id = "filter",
                                     .label = "Which days",
                                     .action = PAGE_HISTORY,
                                     .query = f->query,
                                     .keep = PAGE_KEEP_ALL,
                                     .field = fields,
                                     .n = sizeof fields / sizeof fields[0],
                                     .button = "Show",
                                     .can_clear = true});
}

/* The first few limits that have rows: a line each. */
static size_t lines_of(struct page_line *lines, const struct table *t, const struct rulebook *rb)
{
    size_t column = table_column(t, "limit"), n = 0;
    for (size_t i = 0; i < rb->n && n < CHART_LINES; i++) {
        const struct limit *l = rb->rule[i].limit;
        for (size_t row = 0; row < t->n_rows; row++)
            if (page_says(t, row, column, l->id)) {
                lines[n++] = (struct page_line){l->title, "breached", "limit", l->id};
                break;
            }
    }
    return n;
}

void page_history(struct buf *b, const struct page_frame *frame, const struct table *t,
                  const struct rulebook *rb)
{
    static const char *const columns[] = {"week",    "day",      "limit", "breached", "excepted",
                                          "at_risk", "on_track", "met",   "met_late", NULL};
    struct page_frame f = *frame;
    struct page_line lines[CHART_LINES];
    size_t n = lines_of(lines, t, rb);
    f.title = "History";
    f.name = "";
    page_begin(b, &f);
    buf_text(b, "<p class=\"lead\">How many time limits were overdue, as it was counted on each day. What is "
                "excepted is counted apart, "
                "and stays so when it is done.</p>\n");
    filters(b, &f, rb);
    page_chart(b, &(struct page_chart){.id = "history-chart",
                                       .title = "Overdue time limits",
                                       .description = "A line for each time limit; the numbers are in the "
                                                      "table below. Days that were not evaluated are gaps.",
                                       .table = t,
                                       .day = "day",
                                       .line = lines,
                                       .n_lines = n,
                                       .target = (double)NAN});
    page_files(b, "/v1/history", NULL, "These counts", f.query, PAGE_KEEP_ALL);
    page_table(b, &(struct page_table){.table = t,
                                       .id = "history",
                                       .caption = "Obligations by state",
                                       .columns = columns,
                                       .optional = "week",
                                       .n = PAGE_ALL_ROWS,
                                       .names_rows = true,
                                       .rulebook = rb,
                                       .query = f.query,
                                       .empty = "No day of these was evaluated."});
    page_end(b, &f);
}
