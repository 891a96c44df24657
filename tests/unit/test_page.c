/* Pages for people: tables, charts, the mark of an obligation, a case, an error.
 *
 *     test_page --golden     writes tests/golden/page.NAME anew, to be read before it is committed */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "caseload_make.h"
#include "chart.h"
#include "page_case.h"
#include "page_parts.h"
#include "page_table.h"
#include "rag.h"

#define HOSTILE "<script>alert(1)</script>\"'&\xe2\x80\xae\xd7\xa9\xf0\x9f\x98\x80"
#define BORN    "2023-09-17" /* of nothing else in these cases */

static const struct page_param asked[] = {{"team", "N&S"}, {"sort", "-days"}, {"page", "2"}};
static const struct page_query query = {asked, 3};
static const struct page_time moment = {20698, INT64_C(1788256800000000), true, INT64_C(1788256801000000),
                                        "england-2026.08"};

static struct page_frame frame(void)
{
    return (struct page_frame){.title = "Overdue",
                               .name = "",
                               .place = PAGE_BREACHES,
                               .query = &query,
                               .time = &moment,
                               .style = "/assets/page.css",
                               .icon = "/assets/page.svg",
                               .trouble = "the case database \"mis\" is <away>",
                               .standing = "leader since 2026-09-01T08:00:00Z",
                               .reader = HOSTILE};
}

/* --- a table ----------------------------------------------------------------------------------------------------------- */

static const struct column columns[] = {
    {"case_ref", "Case", CELL_CASE, 12},   {"limit", "Limit", CELL_TEXT, 20},
    {"state", "State", CELL_STATE, 10},    {"days", "Days late", CELL_INT, 6},
    {"share", "Share", CELL_SHARE, 6, 3},  {"due_on", "Due", CELL_DATE, 10},
    {"weeks", "Weeks", CELL_NUMBER, 6, 1}, {"seen", "Seen", CELL_BOOL, 4},
};

static void cell(const void *ud, size_t row, size_t column, struct cell *out)
{
    static const char *const limits[] = {"final_plan_20w", "advice_6w", "own_limit"};
    static const char *const states[] = {"breached", "on_track", "excepted"};
    const struct cell cells[] = {
        row == 1 ? cell_case(HOSTILE, strlen(HOSTILE)) : cell_case("A/1 beyond", 3),
        cell_text(limits[row]),
        cell_state(states[row]),
        cell_int(1200 - 600 * (int)row),
        cell_share(row == 2 ? NAN : 0.203),
        cell_date(row == 2 ? CIVIL_NONE : 20516),
        cell_number(1.25 * (double)row),
        cell_bool(row == 0),
    };
    (void)ud;
    *out = cells[column];
}

static const struct table_fact facts[] = {
    {"method", "Method <x>", 0, {.type = CELL_TEXT, .text = "a & b", .len = 5}},
    {"n", "Cases", 0, {.type = CELL_INT, .n = 12345}}};
static const struct table toy = {.name = "toy",
                                 .title = "Overdue & late",
                                 .columns = columns,
                                 .n_columns = sizeof columns / sizeof columns[0],
                                 .n_rows = 3,
                                 .cell = cell,
                                 .facts = facts,
                                 .n_facts = 2};

static void make_table(struct buf *b)
{
    static const char *const stack[] = {"days", "weeks", NULL}, *const sorts[] = {"case_ref", "days", NULL};
    page_table(b, &(struct page_table){.table = &toy,
                                       .id = "toy",
                                       .n = PAGE_ALL_ROWS,
                                       .bar = "share",
                                       .stack = stack,
                                       .names_rows = true,
                                       .query = &query,
                                       .path = "/v1/toy.html",
                                       .sorts = sorts});
    page_facts(b, &toy);
}

/* --- a chart ----------------------------------------------------------------------------------------------------------- */

static void make_chart(struct buf *b)
{
    static const civil_day days[] = {20516, 20523, 20530, 20537};
    static const double one[] = {0.4, 0.5, NAN, 0.52}, two[] = {0.5, 0.51, 0.52, 0.53};
    const struct chart_line lines[] = {{"All <plans>", one}, {"Without exceptions", two}};
    struct chart_lines c = {.id = "toy",
                            .title = "Within 20 weeks & more",
                            .description = "By week",
                            .day = days,
                            .n = 4,
                            .line = lines,
                            .n_lines = 2,
                            .share = true,
                            .target = 0.95,
                            .target_name = "Target 95%"};
    assert_true(chart_lines(b, &c));
    c.n = 1;
    assert_false(chart_lines(b, &c));
    chart_bar(b, 0.5, false);
    chart_bar(b, 0.5, true);
    chart_stack(b, (const double[]){1, 0, 3}, 3, 4);
    chart_key(b, 2);
}

/* A row a week: 10, 20, nobody counted, 30, 40 of other limits, 50 on the day after. */
static void week_cell(const void *ud, size_t row, size_t column, struct cell *out)
{
    static const civil_day days[] = {20516, 20523, CIVIL_NONE, 20537, 20544, 20545};
    (void)ud;
    *out = column == 0   ? cell_date(days[row])
           : column == 1 ? cell_bool(row == 4)
           : row == 2    ? (struct cell){.type = CELL_NONE}
                         : cell_int((int64_t)(row < 2 ? row + 1 : row) * 10);
}

/* A line goes over no week without a count, and over no change of what is counted. */
static void lines_have_gaps(void **state)
{
    static const struct column three[] = {{"day", "Day", CELL_DATE, 10, 0},
                                          {"other", "Other", CELL_BOOL, 10, 0},
                                          {"n", "Number", CELL_INT, 10, 0}};
    static const struct page_line line = {"All", "n", NULL, NULL};
    const struct table weeks = {
        .name = "weeks", .title = "Weeks", TABLE_COLUMNS(three), .n_rows = 6, .cell = week_cell};
    (void)state;
    static const struct {
        const char *breaks;
        size_t first, moves, lines;
    } rows[] = {
        {NULL, 0, 2, 3}, {"other", 0, 3, 2}, {"other", 2, 2, 1}, {"other", 3, 2, 1}, {"other", 4, 1, 1}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct buf b = {0};
        page_chart(&b, &(struct page_chart){.id = "weeks",
                                            .title = "Weeks",
                                            .description = "By week",
                                            .table = &weeks,
                                            .day = "day",
                                            .first = rows[i].first,
                                            .breaks = rows[i].breaks,
                                            .line = &line,
                                            .n_lines = 1,
                                            .target = (double)NAN});
        const char *path = strstr(b.p, "<path class=\"line l0\" d=\"");
        assert_non_null(path);
        path += strlen("<path class=\"line l0\" d=\"");
        size_t moves = 0, lines = 0;
        for (; *path != '"'; path++) {
            moves += *path == 'M';
            lines += *path == 'L';
        }
        assert_int_equal(moves, rows[i].moves);
        assert_int_equal(lines, rows[i].lines);
        buf_free(&b);
    }
}

/* --- a case ------------------------------------------------------------------------------------------------------------ */

static void make_caseload(struct made *m)
{
    made_begin(m, made_day("2026-09-01"), LIMITS_ALL);
    made_case(m, 1, HOSTILE, HOSTILE, "Team & one", "", made_day(BORN));
    made_case(m, 2, "EMPTY", "South", "Two", "o2", CIVIL_NONE);
    made_claim(m, 1, GROUND_SCHOOL_CLOSED, made_day("2026-04-01"), made_day("2026-04-08"));
    made_fact(m, 1, EV_REQUEST_RECEIVED, "parent", made_day("2025-12-01"));
    made_fact(m, 1, EV_ASSESS_AGREED, "", made_day("2026-01-02"));
    made_fact(m, 1, EV_ADVICE_REQUESTED, "education", made_day("2026-01-05"));
    made_fact(m, 1, EV_ADVICE_RECEIVED, "education", made_day("2026-02-10"));
    made_fact(m, 1, EV_ADVICE_REQUESTED, "health", made_day("2026-08-25"));
    made_fact(m, 1, EV_CONSULTATION_SENT, HOSTILE, made_day("2026-08-28"));
    made_fact(m, 1, EV_DRAFT_SENT, "", made_day("2026-08-31"));
    made_end(m);
}

static void make_case(struct buf *b, int64_t id)
{
    struct made m;
    struct page_frame f = frame();
    make_caseload(&m);
    const struct judge_how how = {&m.rulebook,       &m.calendar, m.words,
                                  m.snapshot->as_of, KNOWN_NOW,   m.snapshot->limits};
    f.trouble = f.reader = "";
    page_case(b, &f, &how, snapshot_case(m.snapshot, id));
    made_free(&m);
}

static void make_hostile_case(struct buf *b)
{
    make_case(b, 1);
}

static void make_frame(struct buf *b)
{
    struct page_frame f = frame();
    page_begin(b, &f);
    page_end(b, &f);
}

static void make_error(struct buf *b)
{
    struct page_frame f = frame();
    page_error(b, &f, 404, "No such case", "no case has the reference " HOSTILE);
}

/* --- checks ------------------------------------------------------------------------------------------------------------ */

static const struct golden {
    const char *name;
    void (*make)(struct buf *b);
} goldens[] = {
    {"table", make_table}, {"chart", make_chart}, {"case", make_hostile_case},
    {"frame", make_frame}, {"error", make_error},
};

#define GOLDENS (sizeof goldens / sizeof goldens[0])

static void path_of(char out[80], const struct golden *g)
{
    snprintf(out, 80, "tests/golden/page.%s", g->name);
}

static void write_goldens(void)
{
    for (size_t i = 0; i < GOLDENS; i++) {
        struct buf b = {0};
        char path[80];
        path_of(path, &goldens[i]);
        goldens[i].make(&b);
        FILE *out = fopen(path, "w");
        if (b.failed || out == NULL || fwrite(b.p, 1, b.n, out) != b.n || fclose(out) != 0)
            exit(1);
        buf_free(&b);
    }
}

static void test_goldens(void **state)
{
    (void)state;
    for (size_t i = 0; i < GOLDENS; i++) {
        struct buf b = {0};
        char path[80], *text = NULL;
        size_t room = 0;
        path_of(path, &goldens[i]);
        goldens[i].make(&b);
        assert_false(b.failed);
        FILE *in = fopen(path, "r");
        assert_non_null(in);
        ssize_t n = getdelim(&text, &room, '\0', in);
        fclose(in);
        if (n < 0 || (size_t)n != b.n || memcmp(text, b.p, b.n) != 0)
            fail_msg("%s: not what is expected:\n%s", path, b.p);
        free(text);
        buf_free(&b);
    }
}

/* The name of the tag at `p`, which is behind a '<', and a '/' if there is one. */
static size_t tag_name(const char *p)
{
    return strspn(p, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");
}

static bool is_void(const char *p, size_t n)
{
    static const char *const names[] = {"meta", "link", "br", "input"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strlen(names[i]) == n && memcmp(names[i], p, n) == 0)
            return true;
    return false;
}

/* Every element is closed in its turn, quotes come in pairs within tags, nothing runs, nothing has a style or comes from elsewhere. */
static void check_markup(const char *text)
{
    const char *open[64];
    size_t depth = 0;
    for (const char *p = text; (p = strchr(p, '<')) != NULL;) {
        const char *name = p + 1 + (p[1] == '/'), *end = name;
        size_t n = tag_name(name);
        for (bool quoted = false; *end != '>' || quoted; end++) {
            assert_true(*end != '\0' && (*end != '<' || quoted));
            quoted ^= *end == '"';
        }
        if (p[1] == '!') {
            /* the document type */
        } else if (p[1] == '/') {
            assert_true(depth > 0);
            depth--;
            if (tag_name(open[depth]) != n || memcmp(open[depth], name, n) != 0)
                fail_msg("<%.*s> is closed by </%.*s>", (int)tag_name(open[depth]), open[depth], (int)n,
                         name);
        } else if (end[-1] != '/' && !is_void(name, n)) {
            assert_true(depth < 64);
            open[depth++] = name;
        }
        p = end;
    }
    assert_int_equal(depth, 0);
    static const char *const never[] = {
        "<script", " style=", " onclick", "javascript:", "http://", "https://", "\xe2\x80\xae"};
    for (size_t i = 0; i < sizeof never / sizeof never[0]; i++)
        if (strstr(text, never[i]) != NULL)
            fail_msg("the page holds %s", never[i]);
}

static void test_markup(void **state)
{
    (void)state;
    for (size_t i = 0; i < GOLDENS; i++) {
        struct buf b = {0};
        goldens[i].make(&b);
        check_markup(b.p);
        buf_free(&b);
    }
}

static void test_case(void **state)
{
    struct buf b = {0};
    (void)state;
    make_case(&b, 1);
    assert_non_null(strstr(b.p, "RED<span> delayed</span>"));
    assert_non_null(strstr(b.p, "BLUE<span> complete</span>"));
    assert_non_null(strstr(b.p, "PINK<span> waiting</span>"));
    assert_non_null(strstr(b.p, "20 weeks after 1 December 2025, the day itself not counted"));
    assert_non_null(strstr(b.p, "School closed"));
    assert_non_null(strstr(b.p, "What may be wrong in the data"));
    assert_null(strstr(b.p, "17 Sep 2023"));
    assert_null(strstr(b.p, "September 2023"));
    assert_null(strstr(b.p, BORN));
    buf_free(&b);

    make_case(&b, 2);
    check_markup(b.p);
    assert_non_null(strstr(b.p, "Nothing is owed."));
    assert_non_null(strstr(b.p, "No time limit is running."));
    assert_non_null(strstr(b.p, "There is no time limit to draw."));
    buf_free(&b);
}

static void test_empty_table(void **state)
{
    struct buf b = {0};
    (void)state;
    page_table(
        &b, &(struct page_table){
                .table = &toy, .id = "t", .first = 3, .n = 5, .query = &query, .empty = "Nobody <waits>."});
    assert_string_equal(b.p, "<p class=\"none\">Nobody &lt;waits&gt;.</p>\n");
    buf_free(&b);
}

static void test_marks(void **state)
{
    static const struct {
        const char *limit;
        enum state state;
        bool closed;
        enum rag colour;
    } rows[] = {
        {"final_plan_20w", STATE_ON_TRACK, false, RAG_GREEN},
        {"final_plan_20w", STATE_AT_RISK, false, RAG_AMBER},
        {"final_plan_20w", STATE_BREACHED, false, RAG_RED},
        {"final_plan_20w", STATE_MET, true, RAG_BLUE},
        {"final_plan_20w", STATE_MET_LATE, true, RAG_BLUE},
        {"final_plan_20w", STATE_EXCEPTED, false, RAG_PINK},
        {"final_plan_20w", STATE_EXCEPTED, true, RAG_BLUE},
        {"final_plan_20w", STATE_VOID, true, RAG_NONE},
        {"review_notice_2w", STATE_MISSED, false, RAG_RED},
        {"advice_6w", STATE_ON_TRACK, false, RAG_PINK},
        {"advice_6w", STATE_AT_RISK, false, RAG_AMBER},
        {"advice_6w", STATE_BREACHED, false, RAG_RED},
        {"consultation_15d", STATE_ON_TRACK, false, RAG_PINK},
        {"draft_reps_15d", STATE_ON_TRACK, false, RAG_PINK},
        {"draft_reps_15d", STATE_AT_RISK, false, RAG_PINK},
        {"draft_reps_15d", STATE_MISSED, true, RAG_RED},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int at = limit_by_id(rows[i].limit);
        assert_true(at >= 0);
        struct rag_mark m = rag_mark(limit_at((size_t)at), rows[i].state, rows[i].closed);
        if (m.colour != rows[i].colour)
            fail_msg("%s %s is %s", rows[i].limit, state_name(rows[i].state), rag_name(m.colour));
    }
}

static void test_steps(void **state)
{
    (void)state;
    assert_true(chart_step(1, 5) == 1);
    assert_true(chart_step(6, 5) == 2);
    assert_true(chart_step(26, 5) == 10);
    assert_true(chart_step(720000, 5) == 200000);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_have_gaps), cmocka_unit_test(test_goldens),     cmocka_unit_test(test_markup),
        cmocka_unit_test(test_case),       cmocka_unit_test(test_empty_table), cmocka_unit_test(test_marks),
        cmocka_unit_test(test_steps),
    };
    if (argc > 1 && strcmp(argv[1], "--golden") == 0) {
        write_goldens();
        return 0;
    }
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
