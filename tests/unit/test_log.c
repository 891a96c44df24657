/* The log through each of its sinks: a datagram socket that stands for the journal, a pipe, a terminal. Time is wrapped. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "clock.h"
#include "log.h"
#include "logtext.h"

struct now {
    double mono;
};
static struct now now = {1000};

double __wrap_clock_mono(void);
double __wrap_clock_mono(void)
{
    return now.mono;
}

struct fixture {
    int saved_stderr, journal, out; /* `out` reads what goes to standard error */
    char dir[64], path[96], got[32768];
    size_t len;
};

/* Standard error becomes a pipe; with `journal`, $JOURNAL_STREAM says that this pipe is the journal. */
static int start(void **state, int max_prio, bool journal)
{
    struct fixture *f = calloc(1, sizeof *f);
    *state = f;
    int p[2];
    strcpy(f->dir, "/tmp/ehcw.XXXXXX");
    if (mkdtemp(f->dir) == NULL || pipe2(p, O_NONBLOCK) != 0) {
        return -1;
    }
    snprintf(f->path, sizeof f->path, "%s/socket", f->dir);
    struct sockaddr_un sa = {.sun_family = AF_UNIX};
    memcpy(sa.sun_path, f->path, strlen(f->path) + 1);
    f->journal = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    if (f->journal < 0 || bind(f->journal, (struct sockaddr *)&sa, sizeof sa) != 0) {
        return -1;
    }
    f->saved_stderr = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 10);
    dup2(p[1], STDERR_FILENO);
    close(p[1]);
    f->out = p[0];
    if (journal) {
        struct stat st;
        char stream[64];
        fstat(STDERR_FILENO, &st);
        snprintf(stream, sizeof stream, "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
        setenv("JOURNAL_STREAM", stream, 1);
    }
    now.mono += 1000;
    log_init(max_prio, f->path);
    return 0;
}

static int start_journal(void **state)
{
    return start(state, LOG_INFO, true);
}

static int start_pipe(void **state)
{
    setenv("JOURNAL_STREAM", "1:1", 1); /* inherited, but standard error has been redirected since */
    return start(state, LOG_INFO, false);
}

static int stop(void **state)
{
    struct fixture *f = *state;
    log_close();
    unsetenv("JOURNAL_STREAM");
    dup2(f->saved_stderr, STDERR_FILENO);
    close(f->saved_stderr);
    close(f->journal);
    close(f->out);
    unlink(f->path);
    rmdir(f->dir);
    free(f);
    return 0;
}

static const char *take(struct fixture *f, ssize_t n)
{
    f->len = n > 0 ? (size_t)n : 0;
    f->got[f->len] = '\0';
    return n > 0 ? f->got : "(nothing)";
}

static const char *entry(struct fixture *f)
{
    return take(f, recv(f->journal, f->got, sizeof f->got - 1, 0));
}

static const char *line(struct fixture *f)
{
    return take(f, read(f->out, f->got, sizeof f->got - 1));
}

static void journal_entry(void **state)
{
    struct fixture *f = *state;
    errno = ENOTEMPTY;
    log_ev(LOG_WARNING, "hook_failed",
           LOG_FIELDS({"ENDPOINT", "crm"}, {"LIMIT", NULL}, {"CASE_REF", "EHC 7"}), "attempt %d: %s", 3,
           "refused");
    assert_int_equal(errno, ENOTEMPTY);
    assert_string_equal(entry(f), "PRIORITY=4\nSYSLOG_IDENTIFIER=ehcwatchd\nEVENT=hook_failed\n"
                                  "MESSAGE=attempt 3: refused endpoint=crm case_ref=\"EHC 7\"\n"
                                  "ENDPOINT=crm\nCASE_REF=EHC 7\n");
    log_ev(LOG_INFO, "started", LOG_NO_FIELDS, "version %s", "1");
    assert_string_equal(entry(f),
                        "PRIORITY=6\nSYSLOG_IDENTIFIER=ehcwatchd\nEVENT=started\nMESSAGE=version 1\n");
    log_ev(LOG_DEBUG, "detail", LOG_NO_FIELDS, "left out");
    assert_string_equal(entry(f), "(nothing)");
    assert_string_equal(line(f), "(nothing)");
}

static void journal_newline_is_length_prefixed(void **state)
{
    struct fixture *f = *state;
    log_ev(LOG_ERR, "query", LOG_FIELDS({"DETAIL", "one\nPRIORITY=0\ntwo\033[2J"}), "failed");
    entry(f);
    static const char want[] = "DETAIL\n\x19\0\0\0\0\0\0\0one\nPRIORITY=0\ntwo\\x1b[2J\n";
    char *at = memmem(f->got, f->len, want, sizeof want - 1);
    assert_non_null(at);
    assert_ptr_equal(at + sizeof want - 1, f->got + f->len);
    assert_memory_equal(f->got, "PRIORITY=3\n", 11);
}

static void journal_stuck(void **state)
{
    struct fixture *f = *state;
    for (int i = 0; i < 1000; i++) {
        log_ev(LOG_INFO, "storm", LOG_NO_FIELDS, "line %d", i);
    }
    /* Nobody read: getting here at all means that nothing blocked. */
    unsigned long dropped = log_dropped();
    int received = 0;
    while (strcmp(entry(f), "(nothing)") != 0) {
        received++;
    }
    assert_true(received > 0 && received < 1000);
    assert_int_equal(dropped, 1000 - received);

    log_ev(LOG_INFO, "after", LOG_NO_FIELDS, "recovered");
    char want[160];
    snprintf(want, sizeof want, "MESSAGE=the journal did not keep up: dropped=%lu messages\nDROPPED=%lu\n",
             dropped, dropped);
    assert_non_null(strstr(entry(f), want));
    assert_non_null(strstr(entry(f), "EVENT=after\n"));
    assert_int_equal(log_dropped(), 0);
    assert_string_equal(line(f), "(nothing)");
}

static void journal_restarted(void **state)
{
    struct fixture *f = *state;
    close(f->journal);
    unlink(f->path);
    log_ev(LOG_INFO, "lost", LOG_NO_FIELDS, "nobody listens");
    assert_int_equal(log_dropped(), 1);
    struct sockaddr_un sa = {.sun_family = AF_UNIX};
    memcpy(sa.sun_path, f->path, strlen(f->path) + 1);
    f->journal = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    assert_int_equal(bind(f->journal, (struct sockaddr *)&sa, sizeof sa), 0);
    log_ev(LOG_INFO, "back", LOG_NO_FIELDS, "here again");
    assert_non_null(strstr(entry(f), "DROPPED=1\n"));
    assert_non_null(strstr(entry(f), "EVENT=back\n"));
}

static void huge_values_are_cut(void **state)
{
    struct fixture *f = *state;
    char big[8000];
    memset(big, '\001', sizeof big);
    big[sizeof big - 1] = '\0';
    log_ev(LOG_INFO, "big",
           LOG_FIELDS({"A", big}, {"B", big}, {"C", big}, {"D", big}, {"E", big}, {"F", big}, {"G", big},
                      {"H", big}),
           "%s", big);
    entry(f);
    assert_true(f->len > 8000 && f->len <= TEXT_MAX);
    assert_int_equal(f->got[f->len - 1], '\n');
    assert_int_equal(log_dropped(), 0);
}

static void prefixed_lines(void **state)
{
    struct fixture *f = *state;
    errno = EBADF;
    log_ev(LOG_ERR, "query_failed", LOG_FIELDS({"WHY", "line one\nline \"two\""}), "at\r\033[31m row %d", 4);
    assert_int_equal(errno, EBADF);
    assert_string_equal(line(f),
                        "<3>query_failed: at\\r\\x1b[31m row 4 why=\"line one\\nline \\\"two\\\"\"\n");
    assert_string_equal(entry(f), "(nothing)");
}

static void terminal_lines(void **state)
{
    struct fixture *f = *state;
    int master = posix_openpt(O_RDWR | O_NOCTTY);
    assert_true(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
    int slave = open(ptsname(master), O_RDWR | O_NOCTTY);
    assert_true(slave >= 0);
    dup2(slave, STDERR_FILENO);
    log_init(LOG_INFO, f->path);
    log_ev(LOG_WARNING, "hook_failed", LOG_FIELDS({"ENDPOINT", "crm"}), "refused");
    log_ev(LOG_INFO, "started", LOG_NO_FIELDS, "listening");
    /* The kernel hands a terminal's output over in its own time and pieces. */
    static const char want[] = "warning: hook_failed: refused endpoint=crm\r\nstarted: listening\r\n";
    char got[256] = "";
    size_t len = 0;
    struct pollfd p = {.fd = master, .events = POLLIN};
    while (len < sizeof want - 1 && poll(&p, 1, 5000) == 1) {
        ssize_t n = read(master, got + len, sizeof got - 1 - len);
        if (n <= 0) {
            break;
        }
        len += (size_t)n;
    }
    close(slave);
    dup2(f->saved_stderr, STDERR_FILENO);
    close(master);
    assert_string_equal(got, want);
}

static void limited(void **state)
{
    struct fixture *f = *state;
    for (int i = 0; i < 5; i++) {
        log_ev_limited(LOG_WARNING, "hook_failed", "crm", LOG_NO_FIELDS, "try %d", i);
        now.mono += 10;
    }
    log_ev_limited(LOG_WARNING, "hook_failed", "mail", LOG_NO_FIELDS, "other endpoint");
    log_ev_limited(LOG_WARNING, "hook_slow", "crm", LOG_NO_FIELDS, "other event");
    assert_string_equal(line(f),
                        "<4>hook_failed: try 0\n<4>hook_failed: other endpoint\n<4>hook_slow: other event\n");
    now.mono += 9.9;
    log_ev_limited(LOG_WARNING, "hook_failed", "crm", LOG_NO_FIELDS, "still inside the minute");
    assert_string_equal(line(f), "(nothing)");
    now.mono += 0.1;
    log_ev_limited(LOG_WARNING, "hook_failed", "crm", LOG_NO_FIELDS, "again");
    assert_string_equal(line(f), "<4>hook_failed: again (5 more suppressed)\n");
    now.mono += 60;
    log_ev_limited(LOG_WARNING, "hook_failed", "crm", LOG_NO_FIELDS, "later");
    assert_string_equal(line(f), "<4>hook_failed: later\n");
}

static void limiter_that_overflows_keeps_the_count(void **state)
{
    struct fixture *f = *state;
    log_ev_limited(LOG_WARNING, "first", "a", LOG_NO_FIELDS, "one");
    log_ev_limited(LOG_WARNING, "first", "a", LOG_NO_FIELDS, "two");
    assert_string_equal(line(f), "<4>first: one\n");
    for (int i = 0; i < 200; i++) {
        char object[16];
        now.mono += 0.01;
        snprintf(object, sizeof object, "o%d", i);
        log_ev_limited(LOG_WARNING, "flood", object, LOG_NO_FIELDS, "x");
    }
    line(f);
    assert_non_null(strstr(f->got, "<4>first: 1 more suppressed object=a\n"));
}

static void escapes(void **state)
{
    (void)state;
    static const struct {
        const char *in, *out;
    } rows[] = {
        {"plain \xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80", "plain \xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80"},
        {"\x7f\x01\t", "\\x7f\\x01\\t"},
        {"\xc2\x9b", "\\xc2\\x9b"},                   /* C1: control sequence introducer */
        {"\xff\xc3", "\\xff\\xc3"},                   /* no lead byte; cut short */
        {"\xc0\xaf", "\\xc0\\xaf"},                   /* overlong */
        {"\xed\xa0\x80", "\\xed\\xa0\\x80"},          /* surrogate */
        {"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"}, /* beyond U+10FFFF */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct text t = {.len = 0};
        text_escaped(&t, rows[i].in, strlen(rows[i].in), false);
        t.at[t.len] = '\0';
        assert_string_equal(t.at, rows[i].out);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(journal_entry, start_journal, stop),
        cmocka_unit_test_setup_teardown(journal_newline_is_length_prefixed, start_journal, stop),
        cmocka_unit_test_setup_teardown(journal_stuck, start_journal, stop),
        cmocka_unit_test_setup_teardown(journal_restarted, start_journal, stop),
        cmocka_unit_test_setup_teardown(huge_values_are_cut, start_journal, stop),
        cmocka_unit_test_setup_teardown(prefixed_lines, start_pipe, stop),
        cmocka_unit_test_setup_teardown(terminal_lines, start_pipe, stop),
        cmocka_unit_test_setup_teardown(limited, start_pipe, stop),
        cmocka_unit_test_setup_teardown(limiter_that_overflows_keeps_the_count, start_pipe, stop),
        cmocka_unit_test(escapes),
    };
    if (argc > 1) {
        cmocka_set_test_filter(argv[1]);
    }
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
