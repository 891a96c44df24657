/* A long list as a workbook, beside a loop that is watched. For test_xlsx.py:
 *
 *     xlsx_test FILE ROWS [ROWS_MAX]
 *
 * writes FILE and FILE.csv of a list of so many rows, and prints {"passes", "rows_most" in one pass, "late" passes over 10 ms, "worst_us",
 * "resident_kb" by which the process has grown, at most}. A pass counts what the loop does itself, and not what the machine does instead. */
#include <ev.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "export_book.h"
#include "own_time.h"
#include "xlsx_maker.h"

static const char *const limits[] = {"final_plan_20w", "assess_decision_6w", "advice_6w", "annual_review_12m",
                                     "a_rule_of_our_own"};
static const char *const states[] = {"breached", "breached", "excepted"};
static const char *const places[] = {"=1+1", "+x", "@SUM(A1)", "-2", "North, \"and\" South", "Caf\xc3\xa9"};

static const struct column columns[] = {
    {"case_ref", "Case", CELL_CASE, 16, 0},   {"limit", "Limit", CELL_TEXT, 22, 0},
    {"title", "What", CELL_TEXT, 44, 0},      {"start_on", "Began", CELL_DATE, 10, 0},
    {"due_on", "Due", CELL_DATE, 10, 0},      {"state", "State", CELL_STATE, 10, 0},
    {"days", "Days", CELL_INT, 6, 0},         {"weeks", "Weeks", CELL_NUMBER, 8, 1},
    {"share", "Share", CELL_SHARE, 8, 3},     {"known", "Known", CELL_BOOL, 6, 0},
    {"seen_at", "Seen", CELL_TIME, 20, 0},    {"locality", "Locality", CELL_TEXT, 18, 0},
    {"team", "Team", CELL_TEXT, 12, 0},       {"officer", "Officer", CELL_TEXT, 18, 0},
    {"citation", "Source", CELL_TEXT, 40, 0},
};

struct watched {
    struct ev_loop *loop;
    struct export_book *book;
    double awake;
    bool is_awake;
    long passes, late;
    double worst;
    size_t asked, asked_before, rows_most; /* cells */
    int fd;
};

/* How many cells were asked for: by the one thread that may. */
static size_t asked;

static void cell_of(const void *ud, size_t row, size_t column, struct cell *out)
{
    static char text[32];
    (void)ud;
    asked++;
    switch (column) {
    case 0:
        *out = cell_case(text, (size_t)snprintf(text, sizeof text, "EHC-%06zu", row));
        break;
    case 1:
        *out = cell_text(limits[row % 5]);
        break;
    case 2:
        *out = cell_text("Issue the final plan");
        break;
    case 3:
        *out = cell_date((civil_day)(18000 + row % 3000));
        break;
    case 4:
        *out = cell_date((civil_day)(18140 + row % 3000));
        break;
    case 5:
        *out = cell_state(states[row % 3]);
        break;
    case 6:
        *out = cell_int((int64_t)row % 400 - 100);
        break;
    case 7:
        *out = cell_number((double)(row % 1000) / 7);
        break;
    case 8:
        *out = cell_share((double)(row % 100) / 100);
        break;
    case 9:
        *out = cell_bool(row % 2 != 0);
        break;
    case 10:
        *out = cell_time((int64_t)(1700000000 + row) * 1000000);
        break;
    case 11:
        *out = cell_text(places[row % 6]);
        break;
    case 13:
        *out = row % 4 == 0 ? (struct cell){.type = CELL_NONE} : cell_text("A. Officer");
        break;
    default:
        *out = cell_text("SEND Regulations 2014 reg 13(2)");
    }
}

static void write_csv(const char *file, const struct table *t)
{
    char path[4096];
    struct buf b = {0};
    snprintf(path, sizeof path, "%s.csv", file);
    FILE *f = fopen(path, "w");
    table_csv_header(&b, t);
    for (size_t i = 0; i < t->n_rows; i++) {
        table_csv_row(&b, t, i);
        if (fwrite(b.p, 1, b.n, f) != b.n)
            exit(1);
        b.n = 0;
    }
    buf_free(&b);
    fclose(f);
}

static void on_check(struct ev_loop *loop, ev_check *w, int revents)
{
    struct watched *s = w->data;
    (void)loop;
    (void)revents;
    s->awake = own_time();
    s->is_awake = true;
    s->asked_before = asked;
}

static void on_prepare(struct ev_loop *loop, ev_prepare *w, int revents)
{
    struct watched *s = w->data;
    (void)loop;
    (void)revents;
    if (!s->is_awake)
        return;
    const double pass = own_time() - s->awake;
    s->passes++;
    s->late += pass > 0.01;
    s->worst = pass > s->worst ? pass : s->worst;
    s->rows_most = asked - s->asked_before > s->rows_most ? asked - s->asked_before : s->rows_most;
}

static int fill(void *ud, struct xlsx_feed *f)
{
    struct watched *s = ud;
    return export_book_fill(s->book, f);
}

static void done(void *ud, int fd, off_t size, const struct err *why)
{
    struct watched *s = ud;
    (void)size;
    if (fd < 0)
        fprintf(stderr, "%s\n", why->text);
    s->fd = fd;
    ev_break(s->loop, EVBREAK_ALL);
}

static long status_kb(const char *name)
{
    char line[256];
    long kb = -1;
    FILE *f = fopen("/proc/self/status", "r");
    while (f != NULL && fgets(line, sizeof line, f) != NULL)
        if (strncmp(line, name, strlen(name)) == 0)
            kb = strtol(line + strlen(name) + 1, NULL, 10);
    fclose(f);
    return kb;
}

static void copy_to(const char *file, int fd)
{
    static char bytes[65536];
    ssize_t n;
    FILE *f = fopen(file, "w");
    while ((n = read(fd, bytes, sizeof bytes)) > 0)
        if (fwrite(bytes, 1, (size_t)n, f) != (size_t)n)
            exit(1);
    fclose(f);
    close(fd);
}

int main(int argc, char **argv)
{
    struct err e;
    struct rulebook rulebook;
    struct watched s = {.loop = ev_default_loop(EVFLAG_AUTO), .fd = -1};
    rulebook_builtin(&rulebook);
    const struct table t = {.name = "breaches",
                            .title = "Overdue",
                            .columns = columns,
                            .n_columns = sizeof columns / sizeof columns[0],
                            .n_rows = strtoul(argv[2], NULL, 10),
                            .cell = cell_of};
    const struct table_about about = {20619, INT64_C(1781481600000000), INT64_C(1781481600000000), "test"};
    const struct export x = {.name = "breaches",
                             .title = "Overdue",
                             .about = about,
                             .jobs = {table_job_of(&t, &about, NULL, NULL)},
                             .n = 1,
                             .by_limit = &rulebook,
                             .asked = strdup("team=T1\nlocality==1+1\n"),
                             .rows_max = argc > 3 ? strtoul(argv[3], NULL, 10) : 0};
    write_csv(argv[1], &t);
    s.book = export_book_new(&x);
    ev_check check;
    ev_prepare prepare;
    ev_check_init(&check, on_check);
    ev_prepare_init(&prepare, on_prepare);
    check.data = prepare.data = &s;
    ev_check_start(s.loop, &check);
    ev_prepare_start(s.loop, &prepare);
    ev_set_priority(&check, EV_MAXPRI);
    struct xlsx_maker *m = xlsx_maker_new(s.loop, "/var/tmp", &e);
    const long before = status_kb("VmRSS:");
    asked = 0;
    if (xlsx_make(m, fill, done, &s) == NULL)
        return 1;
    ev_run(s.loop, 0);
    const long after = status_kb("VmHWM:");
    if (s.fd < 0)
        return 1;
    copy_to(argv[1], s.fd);
    printf("{\"passes\":%ld,\"rows_most\":%zu,\"late\":%ld,\"worst_us\":%.0f,\"resident_kb\":%ld}\n",
           s.passes, s.rows_most / 2, s.late, s.worst * 1e6, after - before);
    export_book_free(s.book);
    xlsx_maker_free(m);
    return 0;
}
