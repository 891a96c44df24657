/* The messages to systemd, read from a datagram socket that stands for PID 1. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "clock.h"
#include "sd.h"

struct fixture {
    int fd;
    char dir[64], path[96], got[1024];
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    strcpy(f->dir, "/tmp/ehcw.XXXXXX");
    if (mkdtemp(f->dir) == NULL) {
        return -1;
    }
    snprintf(f->path, sizeof f->path, "%s/notify", f->dir);
    struct sockaddr_un sa = {.sun_family = AF_UNIX};
    memcpy(sa.sun_path, f->path, strlen(f->path) + 1);
    f->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (f->fd < 0 || bind(f->fd, (struct sockaddr *)&sa, sizeof sa) != 0) {
        return -1;
    }
    setenv("NOTIFY_SOCKET", f->path, 1);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    unsetenv("NOTIFY_SOCKET");
    close(f->fd);
    unlink(f->path);
    rmdir(f->dir);
    free(f);
    return 0;
}

static const char *next(struct fixture *f)
{
    ssize_t n = recv(f->fd, f->got, sizeof f->got - 1, 0);
    f->got[n > 0 ? n : 0] = '\0';
    return n > 0 ? f->got : "(nothing)";
}

static void messages(void **state)
{
    struct fixture *f = *state;
    unit_ready("watching %d cases", 12);
    assert_string_equal(next(f), "READY=1\nSTATUS=watching 12 cases");
    unit_status("waiting for database: %s", "refused\nREADY=1");
    assert_string_equal(next(f), "STATUS=waiting for database: refused READY=1");
    unit_stopping();
    assert_string_equal(next(f), "STOPPING=1");
    unit_watchdog_ping();
    assert_string_equal(next(f), "WATCHDOG=1");
    assert_string_equal(next(f), "(nothing)");
}

static void reloading_carries_the_monotonic_time(void **state)
{
    struct fixture *f = *state;
    uint64_t before = (uint64_t)(clock_mono() * 1e6), at = 0, after;
    unit_reloading();
    after = (uint64_t)(clock_mono() * 1e6);
    int end = 0;
    assert_int_equal(sscanf(next(f), "RELOADING=1\nMONOTONIC_USEC=%" SCNu64 "%n", &at, &end), 1);
    assert_int_equal(f->got[end], '\0');
    assert_true(at >= before && at <= after);
}

static void long_status_is_cut(void **state)
{
    struct fixture *f = *state;
    char text[600];
    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = '\0';
    unit_status("%s", text);
    assert_int_equal(strlen(next(f)), strlen("STATUS=") + 250);
}

static void silent_without_systemd(void **state)
{
    struct fixture *f = *state;
    unsetenv("NOTIFY_SOCKET");
    unit_ready("up");
    unit_reloading();
    unit_stopping();
    unit_watchdog_ping();
    assert_string_equal(next(f), "(nothing)");
}

static void watchdog(void **state)
{
    (void)state;
    char pid[32];
    assert_int_equal(unit_watchdog_usec(), 0);
    snprintf(pid, sizeof pid, "%ld", (long)getpid());
    setenv("WATCHDOG_PID", pid, 1);
    setenv("WATCHDOG_USEC", "20000000", 1);
    assert_int_equal(unit_watchdog_usec(), 20000000);
    setenv("WATCHDOG_PID", "1", 1);
    assert_int_equal(unit_watchdog_usec(), 0);
    unsetenv("WATCHDOG_PID");
    unsetenv("WATCHDOG_USEC");
}

/* Puts `fd` where systemd puts its first socket, asks, and restores what was there. */
static bool pass(int fd, const char *count, int *got, struct err *e)
{
    char pid[32];
    int saved = fcntl(3, F_DUPFD_CLOEXEC, 10);
    dup2(fd, 3);
    snprintf(pid, sizeof pid, "%ld", (long)getpid());
    setenv("LISTEN_PID", pid, 1);
    setenv("LISTEN_FDS", count, 1);
    bool ok = unit_listener(got, e);
    assert_null(getenv("LISTEN_FDS"));
    if (saved >= 0) {
        dup2(saved, 3);
        close(saved);
    } else {
        close(3);
    }
    return ok;
}

static void listener(void **state)
{
    (void)state;
    struct err e = {""};
    int got = 99, s = socket(AF_INET, SOCK_STREAM, 0), d = socket(AF_INET, SOCK_DGRAM, 0);
    struct sockaddr_in sa = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    assert_int_equal(bind(s, (struct sockaddr *)&sa, sizeof sa), 0);

    assert_true(unit_listener(&got, &e));
    assert_int_equal(got, -1);
    assert_false(pass(s, "1", &got, &e)); /* bound, but not listening */
    assert_int_equal(got, -1);
    assert_int_equal(listen(s, 5), 0);
    assert_true(pass(s, "1", &got, &e));
    assert_int_equal(got, 3);
    assert_false(pass(d, "1", &got, &e));
    assert_false(pass(s, "many", &got, &e));
    close(s);
    close(d);
}

static void two_listeners_are_refused(void **state)
{
    (void)state;
    struct err e = {""};
    int got, pair[2], saved = fcntl(4, F_DUPFD_CLOEXEC, 20);
    assert_int_equal(pipe(pair), 0);
    dup2(pair[1], 4);
    assert_false(pass(pair[0], "2", &got, &e));
    assert_non_null(strstr(e.text, "2 sockets"));
    if (saved >= 0) {
        dup2(saved, 4);
        close(saved);
    }
    close(pair[0]);
    close(pair[1]);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(messages, setup, teardown),
        cmocka_unit_test_setup_teardown(reloading_carries_the_monotonic_time, setup, teardown),
        cmocka_unit_test_setup_teardown(long_status_is_cut, setup, teardown),
        cmocka_unit_test_setup_teardown(silent_without_systemd, setup, teardown),
        cmocka_unit_test(watchdog),
        cmocka_unit_test(listener),
        cmocka_unit_test(two_listeners_are_refused),
    };
    if (argc > 1) {
        cmocka_set_test_filter(argv[1]);
    }
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
