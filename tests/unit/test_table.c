#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "table_read.h"
#include "utf8.h"

#define COLUMNS 8

static const struct column columns[] = {
    {"case_ref", "Case", CELL_CASE, 10},   {"what", "What", CELL_TEXT, 8},
    {"state", "State", CELL_STATE, 9},     {"days", "Days", CELL_INT, 5},
    {"weeks", "Weeks", CELL_NUMBER, 6, 1}, {"share", "Share", CELL_SHARE, 6, 3},
    {"due_on", "Due on", CELL_DATE, 10},   {"told", "Told", CELL_BOOL, 4},
    {"at", "Recorded at", CELL_TIME, 20}, /* JSON alone has it, in the second place */
};
static const unsigned char json_order[] = {0, 8, 1, 2, 3, 4, 5, 6, 7};

static void row_of(size_t row, struct cell c[COLUMNS + 1])
{
    static const char longer[] = "=1+1,\"x\"NOT SHOWN";
    const struct cell one[] = {cell_chars("C-1 beyond", 3),
                               cell_text("plain"),
                               cell_state("breached"),
                               cell_int(-12),
                               cell_number(1.25),
                               cell_share(0.203),
                               cell_date(20000),
                               cell_bool(true),
                               cell_time(1)},
                      two[] = {cell_case("-C/2", 4),  cell_chars(longer, sizeof "=1+1,\"x\"" - 1),
                               cell_state("at_risk"), cell_int(INT64_MAX),
                               cell_number(-0.04),    cell_share(1),
                               cell_date(CIVIL_NONE), cell_bool(false),
                               cell_time(-1000000)},
                      three[] = {cell_case("\xc3\xa9\xff\x01", 4),
                                 cell_text(""),
                                 cell_text("a\nb\\"),
                                 {CELL_NONE},
                                 cell_number(NAN),
                                 cell_share(INFINITY),
                                 cell_date(0),
                                 {CELL_NONE},
                                 {CELL_NONE}};
    const struct cell *const rows[] = {one, two, three};
    memcpy(c, rows[row % 3], sizeof one);
}

static void cell(const void *ud, size_t row, size_t column, struct cell *out)
{
    struct cell c[COLUMNS + 1];
    assert_string_equal(ud, "the ud");
    row_of(row, c);
    *out = c[column];
}

static const struct table_fact facts[] = {{"rows", "Rows", 0, {CELL_INT, .n = 3}},
                                          {"share_in_time", NULL, 3, {CELL_SHARE, .x = 0.5}},
                                          {"method", "Method", 0, {CELL_TEXT, "\"nearest\" rank", 14}},
                                          {"none", "None", 0, {CELL_NONE}}};

static const struct table table = {
    .name = "examples",
    .title = "Examples",
    .columns = columns,
    .n_columns = COLUMNS,
    .n_more = 1,
    .json_order = json_order,
    .n_rows = 3,
    .cell = cell,
    .ud = "the ud",
    .facts = facts,
    .n_facts = 4,
};

static const struct table_about about = {20697, INT64_C(1788256801000000), INT64_C(1788256800123456), "v-1"};

static char *text_of(const struct table *t, enum table_format format, size_t max)
{
    int agains;
    size_t n;
    char *s = table_read(table_job_of(t, &about, NULL, NULL), format, max, &n, &agains);
    assert_int_equal(agains, 0);
    return s;
}

static void csv(void **state)
{
    (void)state;
    char *s = text_of(&table, TABLE_CSV, 4096);
    assert_string_equal(s, "case_ref,what,state,days,weeks,share,due_on,told\n"
                           "C-1,plain,breached,-12,1.2,0.203,2024-10-04,true\n"
                           "'-C/2,\"'=1+1,\"\"x\"\"\",at_risk,9223372036854775807,0.0,1.000,,false\n"
                           "\xc3\xa9\xef\xbf\xbd\x01,,\"a\nb\\\",,,,1970-01-01,\n");
    assert_true(utf8_valid(s));
    free(s);
}

static void json(void **state)
{
    (void)state;
    char *s = text_of(&table, TABLE_JSON, 4096);
    assert_string_equal(
        s,
        "{\"as_of\":\"2026-09-01\",\"evaluated_at\":\"2026-09-01T10:00:01Z\","
        "\"known_at\":\"2026-09-01T10:00:00.123456Z\",\"rulebook\":\"v-1\",\"rows\":3,"
        "\"share_in_time\":0.500,\"method\":\"\\\"nearest\\\" rank\",\"none\":null,\"items\":[\n"
        "{\"case_ref\":\"C-1\",\"at\":\"1970-01-01T00:00:00.000001Z\",\"what\":\"plain\",\"state\":"
        "\"breached\",\"days\":-12,\"weeks\":1.2,\"share\":0.203,\"due_on\":\"2024-10-04\",\"told\":true},\n"
        "{\"case_ref\":\"-C/2\",\"at\":\"1969-12-31T23:59:59Z\",\"what\":\"=1+1,\\\"x\\\"\",\"state\":"
        "\"at_risk\",\"days\":9223372036854775807,\"weeks\":0.0,\"share\":1.000,\"due_on\":null,\"told\":"
        "false},\n"
        "{\"case_ref\":\"\xc3\xa9\xef\xbf\xbd\\u0001\",\"at\":null,\"what\":\"\",\"state\":\"a\\u000ab\\\\\","
        "\"days\":null,\"weeks\":null,\"share\":null,\"due_on\":\"1970-01-01\",\"told\":null}\n]}\n");
    json_t *o = json_loads(s, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(o);
    json_decref(o);
    free(s);
}

static void for_a_terminal(void **state)
{
    (void)state;
    char *s = text_of(&table, TABLE_TEXT, 4096);
    assert_string_equal(
        s, "Examples on 1 September 2026, as known at 2026-09-01T10:00:00.123456Z (rulebook v-1)\n\n"
           "Case        What      State       Days   Weeks   Share  Due on      Told\n"
           "C-1         plain     breached     -12     1.2   20.3%  2024-10-04  yes\n"
           "-C/2        =1+1,\"x\"  at_risk    9223372036854775807     0.0  100.0%              no\n"
           "\xc3\xa9\xef\xbf\xbd\xef\xbf\xbd                   a\xef\xbf\xbd"
           "b\\                              1970-01-01\n\n"
           "Rows: 3\nshare_in_time: 50.0%\nMethod: \"nearest\" rank\nNone: -\n");
    free(s);
}

static void nothing_in_it(void **state)
{
    (void)state;
    struct table empty = table;
    empty.n_rows = empty.n_facts = 0;
    char *s = text_of(&empty, TABLE_CSV, 10);
    assert_string_equal(s, "case_ref,what,state,days,weeks,share,due_on,told\n");
    free(s);
    s = text_of(&empty, TABLE_JSON, 10);
    assert_non_null(strstr(s, "\"rulebook\":\"v-1\",\"items\":[]}\n"));
    free(s);
}

static void pieces_of_any_size_are_the_same_text(void **state)
{
    (void)state;
    struct table large = table;
    large.n_rows = 1500;
    for (int format = TABLE_CSV; format <= TABLE_TEXT; format++) {
        char *whole = text_of(&large, (enum table_format)format, 1 << 20);
        assert_true(strlen(whole) > 60000);
        for (size_t max = 1; max < 40000; max = max * 7 + 1) {
            char *s = text_of(&large, (enum table_format)format, max);
            assert_string_equal(s, whole);
            free(s);
        }
        free(whole);
    }
}

/* --- what is waited for ----------------------------------------------------------------------------------------------- */

struct slow {
    struct table_job job;
    int steps, most;
    bool fails;
    int *freed;
};

static int slow_step(struct table_job *job)
{
    struct slow *s = (struct slow *)job;
    if (++s->steps < s->most)
        return 1;
    job->table.n_rows = 3;
    job->table.facts = facts;
    job->table.n_facts = 4;
    return s->fails ? -1 : 0;
}

static void slow_free(struct table_job *job)
{
    ++*((struct slow *)job)->freed;
}

static struct slow slow_of(int steps, int *freed)
{
    struct slow s = {
        .job = {.table = table, .about = about, .step = slow_step, .free = slow_free},
        .most = steps,
        .freed = freed,
    };
    s.job.table.n_rows = s.job.table.n_facts = 0;
    s.job.table.facts = NULL;
    return s;
}

static void a_job_is_gone_through_while_it_is_read(void **state)
{
    (void)state;
    for (int format = TABLE_CSV; format <= TABLE_TEXT; format++) {
        int freed = 0, agains;
        size_t n;
        char *at_once = text_of(&table, (enum table_format)format, 4096);
        struct slow s = slow_of(1000, &freed);
        char *t = table_read(&s.job, (enum table_format)format, 4096, &n, &agains);
        assert_string_equal(t, at_once);
        assert_int_equal(s.steps, 1000);
        assert_int_equal(freed, 1);
        assert_in_range(agains, 980, 990); /* a byte of the first line in 64 steps */
        free(t);
        free(at_once);
    }
}

static void a_job_that_fails_is_no_short_list(void **state)
{
    (void)state;
    int freed = 0;
    char piece[256];
    struct slow s = slow_of(3, &freed);
    s.fails = true;
    struct table_cursor *c = table_cursor_new(&s.job, TABLE_CSV);
    assert_int_equal(table_cursor_read(c, piece, sizeof piece), 1);
    assert_int_equal(table_cursor_read(c, piece, sizeof piece), TABLE_AGAIN);
    assert_int_equal(table_cursor_read(c, piece, sizeof piece), TABLE_AGAIN);
    assert_int_equal(table_cursor_read(c, piece, sizeof piece), TABLE_FAILED);
    assert_int_equal(table_cursor_read(c, piece, sizeof piece), TABLE_FAILED);
    assert_int_equal(freed, 0);
    table_cursor_free(c);
    assert_int_equal(freed, 1);
}

static void count(void *held)
{
    ++*(int *)held;
}

static void what_is_held_is_let_go_once(void **state)
{
    (void)state;
    int let_go = 0;
    struct table_job *job = table_job_of(&table, &about, count, &let_go);
    assert_int_equal(table_job_step(job), 0);
    assert_int_equal(job->table.n_rows, 3);
    assert_int_equal(let_go, 0);
    table_job_free(job);
    assert_int_equal(let_go, 1);
    table_job_free(NULL);
    assert_null(table_cursor_new(NULL, TABLE_CSV));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(csv),
        cmocka_unit_test(json),
        cmocka_unit_test(for_a_terminal),
        cmocka_unit_test(nothing_in_it),
        cmocka_unit_test(pieces_of_any_size_are_the_same_text),
        cmocka_unit_test(a_job_is_gone_through_while_it_is_read),
        cmocka_unit_test(a_job_that_fails_is_no_short_list),
        cmocka_unit_test(what_is_held_is_let_go_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
