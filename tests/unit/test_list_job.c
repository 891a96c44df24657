#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "caseload_make.h"
#include "list_job.h"
#include "plain.h"
#include "table_read.h"
#include "utf8.h"

#define HEADER                                                                                               \
    "case_ref,limit,title,kind,subject,start_on,due_on,safe_on,act_by,state,exception,days,locality,team,"   \
    "officer,citation\n"

static void make(struct made *m)
{
    const uint64_t limits = LIMIT_BIT(limit_by_id("final_plan_20w")) | LIMIT_BIT(limit_by_id("advice_6w"));
    made_begin(m, made_day("2026-09-01"), limits);
    made_case(m, 1, "=cmd|'/c calc'!A0", "North, \"Upper\"", "@team", "-officer", made_day("2019-02-17"));
    made_case(m, 2, "A/2", "\xff\xfeNord", "\xc3\x89quipe", "", made_day("2019-02-17"));
    made_case(m, 3, "A3", "N", "T", "o", made_day("2019-02-17"));
    made_claim(m, 2, GROUND_CLAIMED, CIVIL_NONE, CIVIL_NONE);
    made_fact(m, 1, EV_REQUEST_RECEIVED, "", made_day("2026-01-05")); /* due Monday 25 May, a bank holiday */
    made_fact(m, 2, EV_REQUEST_RECEIVED, "", made_day("2025-12-01")); /* due 20 April */
    made_fact(m, 3, EV_REQUEST_RECEIVED, "", made_day("2026-08-01"));
    made_fact(m, 3, EV_ADVICE_REQUESTED, "+health", made_day("2026-06-01")); /* due 13 July */
    made_end(m);
}

static struct list_want want_of(const struct made *m, enum list_kind kind, const char *as_of)
{
    const struct snapshot *s = m->snapshot;
    const civil_day day = as_of != NULL ? made_day(as_of) : s->as_of;
    return (struct list_want){
        .kind = kind,
        .filter = list_filter_default(kind, day),
        .how = {&m->rulebook, &m->calendar, m->words, day, KNOWN_NOW, s->limits},
        .other = as_of != NULL,
        .evaluated_at = INT64_C(1788256801000000),
        .sort = LIST_OWN_ORDER,
        .page = 1,
    };
}

static char *read_all(struct made *m, enum table_format format, size_t max, size_t *len)
{
    struct list_want want = want_of(m, LIST_BREACHES, NULL);
    int again;
    want.terminal = format == TABLE_TEXT;
    struct calendar in_force = m->calendar;
    struct err e;
    want.how.calendar = &in_force;
    struct table_job *job = list_job_new(m->snapshot, &want);
    /* A reload brings another calendar, in the place of this one: the list stays what it was. */
    assert_true(calendar_overlay(&in_force, "reload", "2026-05-22\n", 11, &e));
    char *t = table_read(job, format, max, len, &again);
    assert_int_equal(again, 0); /* it is there at once */
    return t;
}

static void csv(void **state)
{
    (void)state;
    struct made m;
    size_t n;
    make(&m);
    char *t = read_all(&m, TABLE_CSV, 32768, &n);
    assert_string_equal(
        t, HEADER
        "A/2,final_plan_20w,Issue the final "
        "plan,statutory,,2025-12-01,2026-04-20,2026-04-19,2026-04-17,excepted,unverified,134,"
        "\xef\xbf\xbd\xef\xbf\xbdNord,\xc3\x89quipe,,SEND Regulations 2014 reg 13(2)\n"
        "'=cmd|'/c calc'!A0,final_plan_20w,Issue the final "
        "plan,statutory,,2026-01-05,2026-05-25,2026-05-24,2026-05-22,breached,none,99,"
        "\"North, \"\"Upper\"\"\",'@team,'-officer,SEND Regulations 2014 reg 13(2)\n"
        "A3,advice_6w,Advice from each body,statutory,'+health,2026-06-01,2026-07-13,2026-07-12,2026-07-10,"
        "breached,none,50,N,T,o,SEND Regulations 2014 reg 8(1)\n");
    assert_true(utf8_valid(t));
    free(t);
    made_free(&m);
}

static const char *text_of(const json_t *o, const char *key)
{
    const char *s = json_string_value(json_object_get(o, key));
    assert_non_null(s);
    return s;
}

static void json(void **state)
{
    (void)state;
    struct made m;
    size_t n;
    make(&m);
    char *t = read_all(&m, TABLE_JSON, 32768, &n);
    json_t *o = json_loadb(t, n, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(o);
    assert_string_equal(text_of(o, "as_of"), "2026-09-01");
    assert_string_equal(text_of(o, "evaluated_at"), "2026-09-01T10:00:01Z");
    assert_string_equal(text_of(o, "known_at"), "2026-09-01T10:00:00.123456Z");
    assert_string_equal(text_of(o, "rulebook"), RULEBOOK_VERSION);
    assert_int_equal(json_integer_value(json_object_get(o, "obligations")), 3);
    assert_int_equal(json_integer_value(json_object_get(o, "cases")), 3);
    json_t *items = json_object_get(o, "items");
    assert_int_equal(json_array_size(items), 3);
    json_t *first = json_array_get(items, 0);
    assert_string_equal(text_of(first, "case_ref"), "A/2");
    assert_string_equal(text_of(first, "limit"), "final_plan_20w");
    assert_string_equal(text_of(first, "state"), "excepted");
    assert_string_equal(text_of(first, "exception"), "unverified");
    assert_string_equal(text_of(first, "due_on"), "2026-04-20");
    assert_string_equal(text_of(first, "locality"), "\xef\xbf\xbd\xef\xbf\xbdNord");
    assert_string_equal(text_of(first, "team"), "\xc3\x89quipe");
    assert_string_equal(text_of(first, "officer"), "");
    assert_int_equal(json_integer_value(json_object_get(first, "days")), 134);
    assert_string_equal(text_of(json_array_get(items, 1), "case_ref"), "=cmd|'/c calc'!A0");
    assert_null(strstr(t, "2019"));
    json_decref(o);
    free(t);
    made_free(&m);
}

static void an_empty_list(void **state)
{
    (void)state;
    struct made m;
    size_t n;
    made_begin(&m, made_day("2026-09-01"), LIMITS_ALL);
    made_end(&m);
    char *t = read_all(&m, TABLE_CSV, 100, &n);
    assert_string_equal(t, HEADER);
    free(t);
    t = read_all(&m, TABLE_JSON, 100, &n);
    json_t *o = json_loadb(t, n, 0, NULL);
    assert_int_equal(json_array_size(json_object_get(o, "items")), 0);
    assert_true(json_is_array(json_object_get(o, "items")));
    json_decref(o);
    free(t);
    made_free(&m);
}

static void pieces_of_any_size_are_the_same_text(void **state)
{
    (void)state;
    struct made m;
    made_begin(&m, made_day("2026-09-01"), LIMITS_ALL);
    for (int i = 0; i < 400; i++) {
        char ref[20];
        snprintf(ref, sizeof ref, "C%d", i);
        made_case(&m, i, ref, "North", "One", "o", CIVIL_NONE);
    }
    for (int i = 0; i < 400; i++)
        made_fact(&m, i, EV_REQUEST_RECEIVED, "", made_day("2026-01-01") + i % 20);
    made_end(&m);
    for (int format = TABLE_CSV; format <= TABLE_JSON; format++) {
        static const size_t sizes[] = {1, 7, 1000, 16384, 32768, 10000000};
        size_t whole_n, n;
        char *whole = read_all(&m, (enum table_format)format, 500000, &whole_n);
        assert_true(whole_n > 5 * 16384);
        for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
            char *t = read_all(&m, (enum table_format)format, sizes[i], &n);
            assert_int_equal(n, whole_n);
            assert_memory_equal(t, whole, n);
            free(t);
        }
        free(whole);
    }
    made_free(&m);
}

static void text(void **state)
{
    (void)state;
    struct made m;
    size_t n;
    make(&m);
    char *t = read_all(&m, TABLE_TEXT, 32768, &n);
    assert_string_equal(
        t,
        "Overdue on 1 September 2026, as known at 2026-09-01T10:00:00.123456Z (rulebook " RULEBOOK_VERSION
        ")\n\n"
        "  days  due         case              what                                            state       "
        "          locality        team            officer\n"
        "   134  2026-04-20  A/2               Issue the final plan                            excepted "
        "unverified   \xef\xbf\xbd\xef\xbf\xbdNord          \xc3\x89quipe\n"
        "    99  2026-05-25  =cmd|'/c calc'!\xe2\x80\xa6  Issue the final plan                            "
        "breached              North, \"Upper\"  @team           -officer\n"
        "    50  2026-07-13  A3                Advice from each body (+health)                 breached    "
        "          N               T               o\n"
        "\n3 obligations in 3 cases; without exceptions: 2 obligations in 2 cases\n");
    free(t);
    made_free(&m);
}

/* Nobody moves the cursor of whoever reads a table. */
static void a_terminal_is_sent_no_commands(void **state)
{
    (void)state;
    struct buf b = {0};
    buf_plain(&b, "a\x1b[2J\r\n\x7f\xc2\x9b\xc2\xa0\xff");
    assert_string_equal(b.p, "a\xef\xbf\xbd[2J\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xc2\xa0"
                             "\xef\xbf\xbd");
    b.n = 0;
    buf_plain_column(&b, "\xc3\x89\xc3\x89\xc3\x89", 4);
    buf_plain_column(&b, "abcd", 4);
    buf_plain_column(&b, "\xc3\x89\xc3\x89\xc3\x89\xc3\x89\xc3\x89", 4);
    assert_string_equal(b.p, "\xc3\x89\xc3\x89\xc3\x89 abcd\xc3\x89\xc3\x89\xc3\x89\xe2\x80\xa6");
    buf_free(&b);
}

static char *read_walk(struct made *m, const char *as_of, enum table_format format, size_t max, size_t *len,
                       int *again)
{
    const struct list_want want = want_of(m, LIST_BREACHES, as_of);
    return table_read(list_job_new(m->snapshot, &want), format, max, len, again);
}

/* Of another date: byte for byte the list of that date. */
static void a_walk(void **state)
{
    (void)state;
    struct made m;
    size_t n, list_n;
    int again;
    made_begin(&m, made_day("2026-09-01"), LIMIT_BIT(limit_by_id("final_plan_20w")));
    for (int i = 0; i < 5000; i++) {
        char ref[20];
        snprintf(ref, sizeof ref, "C%d", i);
        made_case(&m, i, ref, "North", "One", "o", CIVIL_NONE);
    }
    for (int i = 3000; i < 3500; i++)
        made_fact(&m, i, EV_REQUEST_RECEIVED, "", made_day("2026-02-01") - i % 20);
    made_end(&m);
    char *list = read_all(&m, TABLE_CSV, 32768, &list_n);
    assert_memory_equal(list, HEADER "C3019,final_plan_20w,", strlen(HEADER "C3019,final_plan_20w,"));
    for (size_t max = 32768; max > 0; max /= 73) {
        char *walk = read_walk(&m, "2026-09-01", TABLE_CSV, max, &n, &again);
        assert_in_range(again, 15, 20); /* one for each slice, and one for the list */
        assert_string_equal(walk, list);
        free(walk);
    }
    free(list);

    list = read_all(&m, TABLE_JSON, 32768, &list_n);
    char *t = read_walk(&m, "2026-09-01", TABLE_JSON, 32768, &n, &again);
    assert_string_equal(t, list);
    free(list);
    free(t);
    t = read_walk(&m, "2026-06-10", TABLE_JSON, 32768, &n, &again);
    json_t *o = json_loadb(t, n, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(o);
    assert_string_equal(text_of(o, "as_of"), "2026-06-10");
    assert_int_equal(json_integer_value(json_object_get(o, "obligations")),
                     json_array_size(json_object_get(o, "items")));
    assert_int_equal(json_integer_value(json_object_get(o, "cases")), 200);
    json_decref(o);
    free(t);
    t = read_walk(&m, "2020-01-01", TABLE_JSON, 32768, &n, &again);
    o = json_loadb(t, n, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(o);
    assert_int_equal(json_array_size(json_object_get(o, "items")), 0);
    assert_int_equal(json_integer_value(json_object_get(o, "cases")), 0);
    json_decref(o);
    free(t);
    made_free(&m);
}

/* The first line trickles while the walk is under way, and never its last byte. */
static void a_long_walk_gets_on(void **state)
{
    (void)state;
    enum { CHUNKS = 50, CHUNK = 1024, SLICES = CHUNKS * CHUNK / 256 };
    struct made m;
    made_begin(&m, made_day("2026-09-01"), LIMITS_ALL);
    for (int i = 0; i < CHUNKS * CHUNK; i++)
        made_case(&m, i, "C", "", "", "", CIVIL_NONE);
    made_end(&m);
    assert_int_equal(m.snapshot->n_slots, CHUNKS);
    const struct list_want want = want_of(&m, LIST_BREACHES, "2026-08-01");
    struct table_cursor *c = table_cursor_new(list_job_new(m.snapshot, &want), TABLE_CSV);
    char out[1000];
    size_t longest = 0, silent = 0, bytes = 0;
    for (int i = 0; i < SLICES; i++) {
        size_t n = table_cursor_read(c, out + bytes, sizeof out - bytes);
        silent = n == TABLE_AGAIN ? silent + 1 : 0;
        bytes += n == TABLE_AGAIN ? 0 : n;
        longest = silent > longest ? silent : longest;
    }
    assert_in_range(bytes, 3, 5);
    assert_in_range(longest, 1, 64);
    for (size_t n; (n = table_cursor_read(c, out + bytes, sizeof out - bytes)) != 0; bytes += n)
        assert_true(n < sizeof out);
    out[bytes] = '\0';
    assert_string_equal(out, HEADER);
    table_cursor_free(c);
    made_free(&m);
}

static void a_reader_who_leaves_frees_all(void **state)
{
    (void)state;
    struct made m;
    char out[10];
    make(&m);
    const struct list_want want = want_of(&m, LIST_BREACHES, NULL);
    struct table_cursor *c = table_cursor_new(list_job_new(m.snapshot, &want), TABLE_JSON);
    snapshot_unref(m.snapshot); /* the next poll came meanwhile */
    m.snapshot = NULL;
    assert_int_equal(table_cursor_read(c, out, sizeof out), sizeof out);
    assert_memory_equal(out, "{\"as_of\":\"", sizeof out);
    table_cursor_free(c);
    table_cursor_free(NULL);
    made_free(&m);
}

/* --- what falls due, and every case ------------------------------------------------------------------------------------ */

/* Requests of January (overdue, one of them excepted), of July (at risk on 1 September) and of August; one plan; one case without facts. */
static void make_cases(struct made *m)
{
    const uint64_t limits =
        LIMIT_BIT(limit_by_id("assess_decision_6w")) | LIMIT_BIT(limit_by_id("final_plan_20w")) |
        LIMIT_BIT(limit_by_id("annual_review_12m")) | LIMIT_BIT(limit_by_id("issue_decision_16w"));
    made_begin(m, made_day("2026-09-01"), limits);
    made_case(m, 1, "B-1", "North", "T1", "o1", made_day("2019-02-17"));
    made_case(m, 2, "B-2", "South", "T2", "o2", made_day("2010-02-17"));
    made_case(m, 3, "A-3", "North", "T1", "o2", made_day("2022-09-02"));
    made_case(m, 4, "C-4", "South", "T1", "o1", CIVIL_NONE);
    made_case(m, 5, "", "", "", "", CIVIL_NONE);
    made_claim(m, 2, GROUND_CLAIMED, CIVIL_NONE, CIVIL_NONE);
    made_fact(m, 1, EV_REQUEST_RECEIVED, "", made_day("2026-01-05"));
    made_fact(m, 1, EV_ASSESS_AGREED, "", made_day("2026-02-01"));
    made_fact(m, 2, EV_REQUEST_RECEIVED, "", made_day("2026-01-05"));
    made_fact(m, 2, EV_ASSESS_AGREED, "", made_day("2026-02-01"));
    made_fact(m, 3, EV_REQUEST_RECEIVED, "", made_day("2026-07-21")); /* 42 days: due today */
    made_fact(m, 4, EV_REQUEST_RECEIVED, "", made_day("2024-01-01"));
    made_fact(m, 4, EV_PLAN_ISSUED, "", made_day("2025-09-20"));
    made_end(m);
}

static char *read_want(struct made *m, const struct list_want *want, enum table_format format)
{
    int again;
    size_t n;
    return table_read(list_job_new(m->snapshot, want), format, 32768, &n, &again);
}

#define CASES_HEADER                                                                                         \
    "case_ref,stage,requested_on,weeks_open,band,drift,state,overdue,overdue_without_exceptions,next_limit," \
    "next_due_on,act_by,locality,team,officer\n"

static void every_case(void **state)
{
    (void)state;
    struct made m;
    make_cases(&m);
    struct list_want want = want_of(&m, LIST_CASES, NULL);
    char *t = read_want(&m, &want, TABLE_CSV);
    /* B-1 is furthest behind its target of 27 April; B-2, whose 16 weeks count too, has its one breach excepted */
    assert_string_equal(
        t, CASES_HEADER
        "B-1,assessing,2026-01-05,34.1,26 to 52,127,breached,1,1,,,,North,T1,o1\n"
        "B-2,assessing,2026-01-05,34.1,26 to 52,127,excepted,1,0,,,,South,T2,o2\n"
        "A-3,requested,2026-07-21,6.0,0 to "
        "6,0,at_risk,0,0,assess_decision_6w,2026-09-01,2026-08-28,North,T1,o2\n"
        "C-4,plan,2024-01-01,,,-18,at_risk,0,0,annual_review_12m,2026-09-19,2026-09-18,South,T1,o1\n"
        ",requested,,,,,,0,0,,,,,,\n");
    free(t);
    want.page = 2;
    want.per_page = 2;
    t = read_want(&m, &want, TABLE_JSON);
    json_t *o = json_loads(t, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(o);
    static const struct {
        const char *name;
        int n;
    } counts[] = {{"cases", 5},
                  {"overdue_obligations", 2},
                  {"overdue_cases", 2},
                  {"overdue_obligations_excepted", 1},
                  {"overdue_cases_excepted", 1},
                  {"page", 2},
                  {"per_page", 2},
                  {"pages", 3}};
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
        if (json_integer_value(json_object_get(o, counts[i].name)) != counts[i].n)
            fail_msg("%s: %s", counts[i].name, t);
    json_t *items = json_object_get(o, "items");
    assert_int_equal(json_array_size(items), 2);
    assert_string_equal(text_of(json_array_get(items, 0), "case_ref"), "A-3");
    assert_true(json_is_null(json_object_get(json_array_get(items, 1), "weeks_open")));
    assert_null(strstr(t, "2019"));
    json_decref(o);
    free(t);
    made_free(&m);
}

static void what_falls_due(void **state)
{
    (void)state;
    struct made m;
    make_cases(&m);
    struct list_want want = want_of(&m, LIST_DUE, NULL);
    want.filter.due_by = made_day("2026-09-19");
    char *t = read_want(&m, &want, TABLE_TEXT);
    assert_non_null(strstr(t, "Falling due on 1 September 2026"));
    free(t);
    want.terminal = true;
    t = read_want(&m, &want, TABLE_TEXT);
    assert_non_null(strstr(t, "\n     0  2026-09-01  A-3 "));
    assert_non_null(strstr(t, "\n    18  2026-09-19  C-4 "));
    assert_non_null(strstr(t, "\n\n2 obligations in 2 cases\n"));
    free(t);
    want.filter.due_by--;
    t = read_want(&m, &want, TABLE_TEXT);
    assert_non_null(strstr(t, "\n\n1 obligation in 1 case\n"));
    free(t);
    made_free(&m);
}

/* What has no value comes last in both directions, and equal rows stay in the order of the cases. */
static void sorted(void **state)
{
    static const struct {
        const char *column;
        bool descending;
        const char *refs;
    } orders[] = {
        {"case_ref", false, "|A-3|B-1|B-2|C-4|"},   {"case_ref", true, "C-4|B-2|B-1|A-3||"},
        {"team", false, "|B-1|A-3|C-4|B-2|"},       {"team", true, "B-2|B-1|A-3|C-4||"},
        {"drift", false, "C-4|A-3|B-1|B-2||"},      {"drift", true, "B-1|B-2|A-3|C-4||"},
        {"state", false, "B-1|B-2|A-3|C-4||"},      {"state", true, "A-3|C-4|B-2|B-1||"},
        {"next_limit", false, "C-4|A-3|B-1|B-2||"}, {"weeks_open", true, "B-1|B-2|A-3|C-4||"},
        {"stage", true, "C-4|B-1|B-2|A-3||"},
    };
    (void)state;
    struct made m;
    make_cases(&m);
    for (size_t i = 0; i < sizeof orders / sizeof orders[0]; i++) {
        struct list_want want = want_of(&m, LIST_CASES, NULL);
        struct buf refs = {0};
        want.sort = list_column(LIST_CASES, orders[i].column, strlen(orders[i].column));
        want.descending = orders[i].descending;
        struct table_job *job = list_job_new(m.snapshot, &want);
        while (table_job_step(job) == 1)
            ;
        for (size_t row = 0; row < job->table.n_rows; row++) {
            struct cell c;
            job->table.cell(job->table.ud, row, 0, &c);
            buf_bytes(&refs, c.text, c.len);
            buf_text(&refs, "|");
        }
        if (strcmp(refs.p, orders[i].refs) != 0)
            fail_msg("%s: %s instead of %s", orders[i].column, refs.p, orders[i].refs);
        buf_free(&refs);
        table_job_free(job);
    }
    made_free(&m);
}

/* Every column can be sorted by or not, and says so. */
static void columns(void **state)
{
    (void)state;
    for (int kind = 0; kind < LIST_KINDS; kind++) {
        size_t n;
        const struct column *c = list_columns((enum list_kind)kind, &n);
        for (size_t i = 0; i < n; i++) {
            const bool not_sorted = strcmp(c[i].name, "title") == 0 || strcmp(c[i].name, "citation") == 0;
            assert_int_equal(list_column((enum list_kind)kind, c[i].name, strlen(c[i].name)), i);
            assert_int_equal(list_sortable((enum list_kind)kind, (int)i), !not_sorted);
            assert_true(c[i].width >= (int)strlen(c[i].title) - 4);
            assert_null(strstr(c[i].name, "birth"));
        }
        assert_int_equal(list_column((enum list_kind)kind, "due", 3), -1);
    }
}

static void by_facts_of_the_case(void **state)
{
    (void)state;
    struct made m;
    make_cases(&m);
    const struct {
        unsigned bands, ages, stages;
        const char *refs;
    } cases[] = {
        {1u << 4, 0, 0, "B-1,B-2,"},
        {1u << 0, 0, 0, "A-3,"},
        {1u << 5, 0, 0, ""},
        {0, 1u << 1, 0, "B-1,"},
        {0, 1u << 0, 0, "A-3,"},
        {0, 1u << 3 | 1u << 1, 0, "B-1,B-2,"},
        {0, 0, 1u << STAGE_PLAN, "C-4,"},
        {1u << 4, 1u << 3, 1u << STAGE_ASSESSING, "B-2,"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct list_want want = want_of(&m, LIST_CASES, NULL);
        char refs[100] = "";
        want.filter.bands = cases[i].bands;
        want.filter.ages = cases[i].ages;
        want.filter.stages = cases[i].stages;
        char *t = read_want(&m, &want, TABLE_CSV);
        for (char *line = strchr(t, '\n') + 1; *line != '\0'; line = strchr(line, '\n') + 1)
            strncat(refs, line, 4);
        if (strcmp(refs, cases[i].refs) != 0)
            fail_msg("%zu: %s instead of %s", i, refs, cases[i].refs);
        free(t);
    }
    made_free(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(csv),
        cmocka_unit_test(json),
        cmocka_unit_test(an_empty_list),
        cmocka_unit_test(pieces_of_any_size_are_the_same_text),
        cmocka_unit_test(text),
        cmocka_unit_test(a_terminal_is_sent_no_commands),
        cmocka_unit_test(a_walk),
        cmocka_unit_test(a_long_walk_gets_on),
        cmocka_unit_test(a_reader_who_leaves_frees_all),
        cmocka_unit_test(every_case),
        cmocka_unit_test(what_falls_due),
        cmocka_unit_test(sorted),
        cmocka_unit_test(columns),
        cmocka_unit_test(by_facts_of_the_case),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
