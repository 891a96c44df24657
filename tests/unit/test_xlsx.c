/* Workbooks: what a cell can hold, how sheets may be called, and how they are made beside the loop. That a reader finds what was
 * written is for tests/integration/test_xlsx.py. */
#include <dirent.h>
#include <errno.h>
#include <ev.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include "xlsx_maker.h"
#include "xlsx_text.h"

static char dir[] = "/tmp/ehcw.XXXXXX";

static int make_dir(void **state)
{
    (void)state;
    signal(SIGXFSZ, SIG_IGN);
    return mkdtemp(dir) == NULL;
}

/* Fails when somebody has left a file with a name. */
static int remove_dir(void **state)
{
    (void)state;
    return rmdir(dir);
}

static size_t descriptors(void)
{
    size_t n = 0;
    DIR *d = opendir("/proc/self/fd");
    while (readdir(d) != NULL)
        n++;
    closedir(d);
    return n;
}

/* --- text ---------------------------------------------------------------------------------------------------------------- */

static const struct {
    const char *in, *out;
} texts[] = {
    {"", ""},
    {"EHC-0001", "EHC-0001"},
    {"=1+1", "=1+1"},
    {"Caf\xc3\xa9 \xf0\x9f\x98\x80", "Caf\xc3\xa9 \xf0\x9f\x98\x80"},
    {"a\tb\nc\rd\001e\x7f", "a\tb\nc\xef\xbf\xbd"
                            "d\xef\xbf\xbd"
                            "e\x7f"},
    {"\xff\xc3", "\xef\xbf\xbd\xef\xbf\xbd"},
    {"\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"}, /* a surrogate */
    {"\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd"},                 /* an overlong slash */
    {"\xef\xbf\xbe", "\xef\xbf\xbd"},                         /* U+FFFE is no character of XML */
    {"_x0041_", "_x005F_x0041_"},
    {"_x0041_x0042_", "_x005F_x0041_x005F_x0042_"},
    {"_x004_ _xyz12_ _", "_x004_ _xyz12_ _"},
};

static void cleans_text(void **state)
{
    (void)state;
    struct xlsx_room room = {.p = NULL};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_string_equal(xlsx_clean(&room, texts[i].in, strlen(texts[i].in)), texts[i].out);
    assert_string_equal(xlsx_clean(&room, "a\0b", 3), "a\xef\xbf\xbd"
                                                      "b");
    free(room.p);
}

static void cuts_long_text(void **state)
{
    (void)state;
    struct xlsx_room room = {.p = NULL};
    static char wide[4 * 20000];
    char narrow[40000];
    memset(narrow, 'x', sizeof narrow);
    assert_int_equal(strlen(xlsx_clean(&room, narrow, sizeof narrow)), XLSX_TEXT_MAX);
    for (size_t i = 0; i < 20000; i++)
        memcpy(wide + 4 * i, "\xf0\x9f\x98\x80", 4); /* two units each: one is left over */
    assert_int_equal(strlen(xlsx_clean(&room, wide, sizeof wide)), 4 * (XLSX_TEXT_MAX / 2));
    free(room.p);
}

/* --- names --------------------------------------------------------------------------------------------------------------- */

static bool none_taken(const void *ud, const char *name)
{
    (void)ud;
    (void)name;
    return false;
}

static bool in_list(const void *ud, const char *name)
{
    for (const char *const *p = ud; *p != NULL; p++)
        if (strcasecmp(*p, name) == 0)
            return true;
    return false;
}

static const struct {
    const char *in, *out;
} names[] = {
    {"final_plan_20w", "final_plan_20w"},
    {"Summary", "Summary"},
    {"", "_"},
    {"a/b:c[d]*e?f\\g'h", "a_b_c_d__e_f_g_h"},
    {"'quoted'", "_quoted_"},
    {"history", "_history"},
    {"2026", "_2026"},
    {"AB12", "_AB12"},
    {"R1C1", "_R1C1"},
    {"rc", "_rc"},
    {"C", "_C"},
    {"ABCD12", "ABCD12"},
    {"a_name_that_is_longer_than_excel_allows", "a_name_that_is_longer_than_exce"},
    {"bad\xff", "bad_"},
};

static void names_sheets(void **state)
{
    (void)state;
    char name[XLSX_NAME_LEN];
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        assert_string_equal(xlsx_sheet_name(name, names[i].in, none_taken, NULL), names[i].out);
    static const char *const taken[] = {"summary", "Summary~2", "a_name_that_is_longer_than_exce", NULL};
    assert_string_equal(xlsx_sheet_name(name, "Summary", in_list, taken), "Summary~3");
    assert_string_equal(xlsx_sheet_name(name, "a_name_that_is_longer_than_excel", in_list, taken),
                        "a_name_that_is_longer_than_ex~2");
    char smile[4 * 20 + 1] = "";
    for (size_t i = 0; i < 20; i++)
        memcpy(smile + 4 * i, "\xf0\x9f\x98\x80", 4);
    assert_int_equal(strlen(xlsx_sheet_name(name, smile, none_taken, NULL)), 4 * 15);
}

/* --- a file -------------------------------------------------------------------------------------------------------------- */

static const struct xlsx_property said[] = {{"as_of", "2026-06-15"}, {"rulebook", "1.0"}};
static const struct xlsx_about about = {"A list", 1781481600, said, 2};
static struct xlsx_column columns[] = {{"case_ref", 12}, {"due_on", 10}};
static const struct xlsx_sheet sheet = {"list", true, columns, 2};

static void some_row(struct xlsx_cell cells[2], int i)
{
    cells[0] = (struct xlsx_cell){.type = XLSX_TEXT, .text = "EHC-0001", .len = 8};
    cells[1] = (struct xlsx_cell){.type = XLSX_DATE, .day = i % 20000};
}

static char *write_file(int rows, size_t *len)
{
    struct err e = {""};
    struct xlsx_cell cells[2];
    struct xlsx *x = xlsx_new(dir, &about, NULL, &e);
    assert_non_null(x);
    assert_true(xlsx_add_sheet(x, &sheet, &e));
    for (int i = 0; i < rows; i++) {
        some_row(cells, i);
        assert_true(xlsx_add_row(x, 0, cells, 2, &e));
    }
    int fd = xlsx_close(x, &e);
    assert_true(fd >= 0);
    *len = (size_t)lseek(fd, 0, SEEK_END);
    char *bytes = malloc(*len);
    assert_int_equal(pread(fd, bytes, *len, 0), *len);
    close(fd);
    return bytes;
}

static void same_rows_same_bytes(void **state)
{
    (void)state;
    size_t n, m, before = descriptors();
    char *one = write_file(500, &n), *two = write_file(500, &m);
    assert_int_equal(n, m);
    assert_memory_equal(one, two, n);
    assert_memory_equal(one, "PK\3\4", 4);
    free(one);
    free(two);
    assert_int_equal(descriptors(), before);
}

static void refuses_what_is_out_of_order(void **state)
{
    (void)state;
    struct err e = {""};
    struct xlsx_cell cells[2];
    size_t before = descriptors();
    assert_null(xlsx_new("/nonexistent", &about, NULL, &e));
    assert_string_equal(e.text, "workbook: no file in /nonexistent: No such file or directory");
    struct xlsx *x = xlsx_new(dir, &about, NULL, &e);
    some_row(cells, 0);
    assert_false(xlsx_add_row(x, 0, cells, 2, &e));
    assert_int_equal(xlsx_close(x, &e), -1);
    assert_string_equal(e.text, "workbook: it has no sheet");
    assert_int_equal(descriptors(), before);
}

/* The library looks at no error of its temporary files. No file grows beyond `limit` bytes, from the first row on or once all are added. */
static void full_disk_at(rlim_t limit, bool from_the_first_row)
{
    struct err e = {""};
    struct xlsx_cell cells[2];
    struct rlimit was, less;
    size_t before = descriptors();
    getrlimit(RLIMIT_FSIZE, &was);
    less = (struct rlimit){limit, was.rlim_max};
    struct xlsx *x = xlsx_new(dir, &about, NULL, &e);
    bool ok = xlsx_add_sheet(x, &sheet, &e) && xlsx_add_sheet(x, &sheet, &e);
    if (from_the_first_row)
        setrlimit(RLIMIT_FSIZE, &less);
    for (int i = 0; i < 5000 && ok; i++) {
        some_row(cells, i);
        ok = xlsx_add_row(x, 0, cells, 2, &e);
    }
    setrlimit(RLIMIT_FSIZE, &less);
    int fd = -1;
    if (ok)
        fd = xlsx_close(x, &e);
    else
        xlsx_drop(x);
    setrlimit(RLIMIT_FSIZE, &was);
    assert_true(ok == !from_the_first_row);
    assert_int_equal(fd, -1);
    assert_string_equal(e.text, "workbook: File too large");
    assert_int_equal(descriptors(), before);
}

static void full_disk_is_seen(void **state)
{
    (void)state;
    full_disk_at(4096, true);
    full_disk_at(100000,
                 false); /* the workbook would be shorter than that, but not the sheet that goes into it */
}

/* --- beside the loop ----------------------------------------------------------------------------------------------------- */

struct order {
    struct ev_loop *loop;
    int rows, row, stop_at; /* -1: to the end */
    int fills, done, fd;
    struct err why;
    int *left; /* of all orders: the loop ends with the last */
};

static int fill(void *ud, struct xlsx_feed *f)
{
    struct order *o = ud;
    struct xlsx_cell cells[2];
    o->fills++;
    if (o->row == 0) {
        xlsx_feed_about(f, &about);
        xlsx_feed_sheet(f, &sheet);
    }
    for (; o->row < o->rows && !xlsx_feed_full(f); o->row++) {
        if (o->row == o->stop_at)
            return -1;
        some_row(cells, o->row);
        xlsx_feed_row(f, 0, cells, 2);
    }
    return o->row < o->rows;
}

static void done(void *ud, int fd, off_t size, const struct err *why)
{
    struct order *o = ud;
    o->done++;
    o->fd = fd;
    o->why = *why;
    if (fd >= 0 && size < 1000)
        o->fd = -2;
    if (--*o->left == 0)
        ev_break(o->loop, EVBREAK_ALL);
}

static void on_late(struct ev_loop *loop, ev_timer *w, int revents)
{
    (void)w;
    (void)revents;
    ev_break(loop, EVBREAK_ALL);
}

static void run_loop(struct ev_loop *loop)
{
    ev_timer late;
    ev_timer_init(&late, on_late, 120., 0.);
    ev_timer_start(loop, &late);
    ev_run(loop, 0);
    ev_timer_stop(loop, &late);
}

static struct order order_of(struct ev_loop *loop, int *left, int rows, int stop_at)
{
    return (struct order){.loop = loop, .rows = rows, .stop_at = stop_at, .fd = -3, .left = left};
}

static void made_one_after_the_other(void **state)
{
    (void)state;
    struct err e;
    int left = 1 + XLSX_WAITING_MAX;
    size_t before = descriptors();
    struct ev_loop *loop = ev_loop_new(EVFLAG_AUTO);
    struct xlsx_maker *m = xlsx_maker_new(loop, dir, &e);
    struct order o[1 + XLSX_WAITING_MAX];
    for (int i = 0; i <= XLSX_WAITING_MAX; i++) {
        o[i] = order_of(loop, &left, 2000 * i, -1);
        assert_non_null(xlsx_make(m, fill, done, &o[i]));
    }
    assert_null(xlsx_make(m, fill, done, &o[0])); /* the house is full */
    run_loop(loop);
    for (int i = 0; i <= XLSX_WAITING_MAX; i++) {
        assert_int_equal(o[i].done, 1);
        assert_true(o[i].fd >= 0);
        assert_int_equal(o[i].row, o[i].rows);
        close(o[i].fd);
    }
    assert_true(o[XLSX_WAITING_MAX].fills > 3); /* piece by piece */
    left = 1;
    struct order again = order_of(loop, &left, 10, -1);
    assert_non_null(xlsx_make(m, fill, done, &again));
    run_loop(loop);
    assert_true(again.fd >= 0);
    close(again.fd);
    xlsx_maker_free(m);
    ev_loop_destroy(loop);
    assert_int_equal(descriptors(), before);
}

static void on_cancel(struct ev_loop *loop, ev_check *w, int revents)
{
    struct xlsx_job **job = w->data;
    (void)revents;
    xlsx_cancel(*job);
    ev_check_stop(loop, w);
}

static void cancelled_ones_are_told_nothing(void **state)
{
    (void)state;
    struct err e;
    int left = 2;
    size_t before = descriptors();
    struct ev_loop *loop = ev_loop_new(EVFLAG_AUTO);
    struct xlsx_maker *m = xlsx_maker_new(loop, dir, &e);
    struct order running = order_of(loop, &left, 1000000, -1), waiting = order_of(loop, &left, 10, -1),
                 gives_up = order_of(loop, &left, 1000000, 3000), last = order_of(loop, &left, 10, -1);
    struct xlsx_job *job = xlsx_make(m, fill, done, &running);
    struct xlsx_job *second = xlsx_make(m, fill, done, &waiting);
    assert_non_null(xlsx_make(m, fill, done, &gives_up));
    assert_non_null(xlsx_make(m, fill, done, &last));
    xlsx_cancel(second);
    ev_check when_it_runs;
    ev_check_init(&when_it_runs, on_cancel);
    ev_set_priority(&when_it_runs, EV_MINPRI); /* after the first turn */
    when_it_runs.data = &job;
    ev_check_start(loop, &when_it_runs);
    run_loop(loop);
    assert_int_equal(running.done + waiting.done, 0);
    assert_int_equal(waiting.fills, 0);
    assert_int_equal(gives_up.done, 1);
    assert_int_equal(gives_up.fd, -1);
    assert_true(last.fd >= 0);
    close(last.fd);
    xlsx_maker_free(m);
    ev_loop_destroy(loop);
    assert_int_equal(descriptors(), before);
}

static void on_end(struct ev_loop *loop, ev_check *w, int revents)
{
    struct order *o = w->data;
    (void)revents;
    if (o->fills >= 5)
        ev_break(loop, EVBREAK_ALL);
}

static void freed_in_the_middle(void **state)
{
    (void)state;
    struct err e;
    int left = 2;
    size_t before = descriptors();
    struct ev_loop *loop = ev_loop_new(EVFLAG_AUTO);
    struct xlsx_maker *m = xlsx_maker_new(loop, dir, &e);
    struct order one = order_of(loop, &left, 1000000, -1), two = order_of(loop, &left, 10, -1);
    assert_non_null(xlsx_make(m, fill, done, &one));
    assert_non_null(xlsx_make(m, fill, done, &two));
    ev_check look;
    ev_check_init(&look, on_end);
    look.data = &one;
    ev_check_start(loop, &look);
    run_loop(loop);
    ev_check_stop(loop, &look);
    xlsx_maker_free(m);
    ev_loop_destroy(loop);
    assert_int_equal(one.done + two.done, 0);
    assert_true(one.row < one.rows);
    assert_int_equal(descriptors(), before);
}

static void says_why_there_is_none(void **state)
{
    (void)state;
    struct err e;
    int left = 1;
    struct ev_loop *loop = ev_loop_new(EVFLAG_AUTO);
    struct xlsx_maker *m = xlsx_maker_new(loop, "/nonexistent", &e);
    struct order o = order_of(loop, &left, 100000, -1);
    assert_non_null(xlsx_make(m, fill, done, &o));
    run_loop(loop);
    assert_int_equal(o.fd, -1);
    assert_string_equal(o.why.text, "workbook: no file in /nonexistent: No such file or directory");
    xlsx_maker_free(m);
    ev_loop_destroy(loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cleans_text),
        cmocka_unit_test(cuts_long_text),
        cmocka_unit_test(names_sheets),
        cmocka_unit_test(same_rows_same_bytes),
        cmocka_unit_test(refuses_what_is_out_of_order),
        cmocka_unit_test(full_disk_is_seen),
        cmocka_unit_test(made_one_after_the_other),
        cmocka_unit_test(cancelled_ones_are_told_nothing),
        cmocka_unit_test(freed_in_the_middle),
        cmocka_unit_test(says_why_there_is_none),
    };
    return cmocka_run_group_tests(tests, make_dir, remove_dir) != 0;
}
