/* The PostgreSQL link against a real server. Run by test_pglink.sh; prints TAP.
 *
 *     pglink_test CLUSTER_DIR PORT
 *
 * Callbacks write down what happened; every wait is for a condition, with one timer that ends it. */
#include <arpa/inet.h>
#include <ev.h>
#include <malloc.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "own_time.h"
#include "pgarray.h"
#include "pgcopy.h"
#include "pglink.h"

#define PATIENCE 30.

static struct ev_loop *loop;
static const char *cluster, *port;
static char socket_conninfo[512];
static int tests, failures;

/* What one link told us. */
struct diary {
    struct pg_link *link;
    char text[8192];
    size_t len;
    int ups, downs, replies, notices;
    char why[512];
    bool in_call; /* a function of pglink.h is on the stack */
    bool broke_promise;
    enum { FREE_NEVER, FREE_IN_UP, FREE_IN_DOWN, FREE_IN_NOTIFY, FREE_IN_REPLY, FREE_IN_DATA } free_in;
    int64_t rows, sum, pieces;
    int refuse_at;
    double burn;
    struct pg_copy copy;
};

static void ok(bool good, const char *name)
{
    printf("%s %d - %s\n", good ? "ok" : "not ok", ++tests, name);
    fflush(stdout);
    failures += !good;
}

static void is(const char *got, const char *want, const char *name)
{
    ok(strcmp(got, want) == 0, name);
    if (strcmp(got, want) != 0)
        printf("# got:  %s\n# want: %s\n", got, want);
}

static void on_guard(struct ev_loop *l, ev_timer *w, int events)
{
    (void)l, (void)events;
    *(bool *)w->data = true;
}

#define UNTIL(condition)                                                                                     \
    ({                                                                                                       \
        bool late_ = false;                                                                                  \
        ev_timer guard_;                                                                                     \
        ev_now_update(loop);                                                                                 \
        ev_timer_init(&guard_, on_guard, PATIENCE, 0.);                                                      \
        guard_.data = &late_;                                                                                \
        ev_timer_start(loop, &guard_);                                                                       \
        while (!(condition) && !late_)                                                                       \
            ev_run(loop, EVRUN_ONCE);                                                                        \
        ev_timer_stop(loop, &guard_);                                                                        \
        !late_;                                                                                              \
    })

static void note(struct diary *d, const char *fmt, ...) PRINTF_LIKE(2, 3);
static void note(struct diary *d, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    size_t room = sizeof d->text - d->len;
    size_t n = (size_t)vsnprintf(d->text + d->len, room, fmt, ap);
    va_end(ap);
    d->len += n < room ? n : room - 1;
    d->broke_promise = d->broke_promise || d->in_call;
}

static void maybe_free(struct diary *d, int where)
{
    if ((int)d->free_in == where) {
        pg_link_free(d->link);
        d->link = NULL;
    }
}

static void on_up(void *ud)
{
    struct diary *d = ud;
    d->ups++;
    note(d, "up;");
    maybe_free(d, FREE_IN_UP);
}

static void on_down(void *ud, const char *why)
{
    struct diary *d = ud;
    d->downs++;
    snprintf(d->why, sizeof d->why, "%s", why);
    note(d, "down;");
    maybe_free(d, FREE_IN_DOWN);
}

static void on_notify(void *ud, const char *channel, const char *payload)
{
    struct diary *d = ud;
    d->notices++;
    note(d, "%s=%s;", channel, payload);
    maybe_free(d, FREE_IN_NOTIFY);
}

static void on_reply(void *ud, const struct pg_reply *r)
{
    struct diary *d = ud;
    d->replies++;
    if (r->ok && PQntuples(r->res) > 0)
        for (int i = 0; i < PQnfields(r->res); i++)
            note(d, "%s%s", i > 0 ? "," : "", PQgetisnull(r->res, 0, i) ? "NULL" : PQgetvalue(r->res, 0, i));
    else if (r->ok)
        note(d, "ok");
    else if (r->lost)
        note(d, "lost%s%s", r->sent ? "/sent" : "", r->sqlstate[0] != '\0' ? r->sqlstate : "");
    else
        note(d, "%s %s", r->sqlstate[0] != '\0' ? r->sqlstate : "-", r->message);
    note(d, ";");
    maybe_free(d, FREE_IN_REPLY);
}

static bool on_row(void *ud, const struct pg_field *f)
{
    struct diary *d = ud;
    int64_t v = 0;
    if (!pg_field_int8(&f[0], &v, NULL))
        return false;
    d->rows++;
    d->sum += v;
    return true;
}

static void burn(double seconds)
{
    for (double end = clock_mono() + seconds; clock_mono() < end;)
        ;
}

static bool on_data(void *ud, const char *bytes, size_t len)
{
    struct diary *d = ud;
    struct err e;
    if (d->burn > 0.)
        burn(d->burn);
    maybe_free(d, FREE_IN_DATA);
    return ++d->pieces != d->refuse_at && pg_copy_feed(&d->copy, bytes, len, &e);
}

static void query(struct diary *d, const char *sql, int n, const char *const *params)
{
    d->in_call = true;
    if (!pg_link_query(d->link, sql, n, params, on_reply, d))
        abort();
    d->in_call = false;
}

/* Waits for the answer to one statement and returns it, without the ";". */
static const char *ask(struct diary *d, const char *sql)
{
    int before = d->replies;
    d->len = 0;
    query(d, sql, 0, NULL);
    if (!UNTIL(d->replies > before))
        return "no answer in time";
    d->text[d->len - 1] = '\0';
    d->len = 0;
    return d->text;
}

static void copy(struct diary *d, const char *sql, int cols)
{
    d->rows = d->sum = d->pieces = 0;
    pg_copy_free(&d->copy);
    pg_copy_init(&d->copy, cols, on_row, d);
    if (!pg_link_copy_out(d->link, sql, on_data, on_reply, d))
        abort();
}

static void open_with(struct diary *d, struct pg_link_conf conf)
{
    static const struct pg_link_ops OPS = {on_up, on_down, on_notify};
    struct err e = {""};
    if (conf.conninfo == NULL)
        conf.conninfo = socket_conninfo;
    conf.retry_min = 0.02;
    conf.retry_max = 0.2;
    d->link = pg_link_new(loop, &conf, &OPS, d, &e);
    if (d->link == NULL) {
        printf("Bail out! %s\n", e.text);
        exit(1);
    }
    pg_link_start(d->link);
}

static void shut(struct diary *d)
{
    pg_link_free(d->link);
    pg_copy_free(&d->copy);
    *d = (struct diary){0};
}

static pid_t server(const char *verb)
{
    pid_t pid = fork();
    if (pid == 0) {
        dup2(2, 1);
        execl("tests/harness/pg_cluster", "pg_cluster", verb, cluster, (char *)NULL);
        _exit(127);
    }
    return pid;
}

static bool done(pid_t pid)
{
    int status = 1;
    return waitpid(pid, &status, 0) == pid && status == 0;
}

/* --- one link, one server ------------------------------------------------------------------------------------------ */

static void test_connect(struct diary *d)
{
    open_with(d, (struct pg_link_conf){
                     .statement_timeout = 1, .lock_timeout = 2, .idle_in_transaction_timeout = 3});
    ok(pg_link_state(d->link) == PG_LINK_DOWN, "a new link is down");
    ok(UNTIL(d->ups == 1) && pg_link_state(d->link) == PG_LINK_IDLE,
       "it connects, whatever PG* variables say");
    is(ask(d,
           "select current_setting('application_name'), current_setting('client_encoding'), "
           "current_setting('DateStyle'), current_setting('TimeZone'), current_setting('statement_timeout'), "
           "current_setting('lock_timeout'), current_setting('idle_in_transaction_session_timeout')"),
       "ehcwatchd,UTF8,ISO, MDY,UTC,1s,2s,3s", "the session is set up by the link alone");
    is(ask(d, "select pg_sleep(60)"), "57014 canceling statement due to statement timeout",
       "the server ends a statement that runs too long");
    is(ask(d, "select 1/0"), "22012 a value was refused (SQLSTATE 22012): the log of the database says which",
       "an error has its SQLSTATE and one line");
    is(ask(d, "select 1; select 2"), "42601 cannot insert multiple commands into a prepared statement",
       "one statement per query");
    is(ask(d, ""), "- PGRES_EMPTY_QUERY", "an empty statement is not ok");
    is(ask(d, "select 42"), "42", "after errors the link goes on");
}

static void test_params(struct diary *d)
{
    const char *p[] = {"41", NULL, "O'Brien \"\\\" Zo\xc3\xab\n"};
    d->len = 0;
    int before = d->replies;
    query(d, "select $1::int + 1, $2::text, $3::text", 3, p);
    p[0] = p[2] = "overwritten";
    UNTIL(d->replies > before);
    is(d->text, "42,NULL,O'Brien \"\\\" Zo\xc3\xab\n;", "parameters are copied and travel unharmed");

    struct pg_array ids, names, days, raw;
    struct err e;
    pg_array_init(&ids), pg_array_init(&names), pg_array_init(&days), pg_array_init(&raw);
    pg_array_int8(&ids, 7), pg_array_text(&names, "a\"b\\c,{}"), pg_array_date(&days, 0),
        pg_array_bytea(&raw, "\0\\", 2);
    pg_array_int8(&ids, 8), pg_array_text(&names, NULL), pg_array_date(&days, 20541),
        pg_array_bytea(&raw, NULL, 0);
    const char *batch[] = {pg_array_literal(&ids, &e), pg_array_literal(&names, &e),
                           pg_array_literal(&days, &e), pg_array_literal(&raw, &e)};
    d->len = 0;
    before = d->replies;
    query(d,
          "select string_agg(concat_ws('/', i, coalesce(n, 'null'), d, encode(r, 'hex')), ' ') "
          "from unnest($1::bigint[], $2::text[], $3::date[], $4::bytea[]) as t(i, n, d, r)",
          4, batch);
    UNTIL(d->replies > before);
    is(d->text, "7/a\"b\\c,{}/1970-01-01/005c 8/null/2026-03-29;", "array literals come back from unnest");
    pg_array_free(&ids), pg_array_free(&names), pg_array_free(&days), pg_array_free(&raw);

    size_t n = 20u << 20;
    char *big = malloc(n + 1);
    memset(big, 'x', n);
    big[n] = '\0';
    const char *one[] = {big};
    d->len = 0;
    before = d->replies;
    query(d, "select length($1::text)", 1, one);
    UNTIL(d->replies > before);
    is(d->text, "20971520;", "20 MB of parameters are flushed without blocking");
    free(big);
}

static void test_fifo(struct diary *d)
{
    char want[1024];
    size_t n = 0;
    int before = d->replies;
    d->len = 0;
    for (int i = 0; i < 60; i++) {
        char sql[64];
        snprintf(sql, sizeof sql, i == 30 ? "select 1/(%d-30)" : "select %d", i);
        query(d, sql, 0, NULL);
        n += (size_t)snprintf(
            want + n, sizeof want - n,
            i == 30 ? "22012 a value was refused (SQLSTATE 22012): the log of the database says which;"
                    : "%d;",
            i);
    }
    ok(pg_link_queued(d->link) == 60, "what is queued is counted");
    UNTIL(d->replies == before + 60);
    is(d->text, want, "answers come in the order of the questions");
    ok(pg_link_queued(d->link) == 0 && pg_link_state(d->link) == PG_LINK_IDLE, "and then the link is idle");
}

static void test_notify(struct diary *d)
{
    struct diary other = {0};
    open_with(&other, (struct pg_link_conf){.application_name = "other"});
    UNTIL(other.ups == 1);
    is(ask(&other, "select current_setting('application_name')"), "other",
       "an application name can be given");
    ask(d, "listen ehc");
    d->len = 0;
    ask(&other, "select pg_notify('ehc', 'one'), pg_notify('ehc', '')");
    UNTIL(d->notices == 2);
    is(d->text, "ehc=one;ehc=;", "notifications arrive on an idle link");
    shut(&other);
}

/* The loop is kept away until the answer and a notification behind it are there: one read takes in both. */
static void test_notify_behind_an_answer(struct diary *d)
{
    PGconn *other = PQconnectdb(socket_conninfo);
    bool came = PQstatus(other) == CONNECTION_OK;
    for (int i = 0; i < 100 && came; i++) {
        int notices = d->notices, replies = d->replies;
        query(d, "select 1", 0, NULL);
        while (pg_link_state(d->link) == PG_LINK_IDLE)
            ev_run(loop, EVRUN_ONCE);
        PQclear(PQexec(other, "notify ehc"));
        burn(0.002);
        UNTIL(d->replies > replies);
        came = UNTIL(d->notices > notices);
    }
    ok(came, "a notification right behind an answer is heard without another");
    PQfinish(other);
    d->len = 0;
}

/* --- COPY ---------------------------------------------------------------------------------------------------------- */

static double last_tick, worst;

static void on_tick(struct ev_loop *l, ev_timer *w, int events)
{
    (void)l, (void)w, (void)events;
    double now = own_time(), late = now - last_tick - 0.001;
    if (late > worst)
        worst = late;
    last_tick = now;
}

/* Runs a COPY with a 1 ms timer beside it and returns the timer's worst lateness. */
static double copy_beside_timer(struct diary *d, const char *sql, int cols)
{
    ev_timer tick;
    int before = d->replies;
    d->len = 0;
    ev_timer_init(&tick, on_tick, 0.001, 0.001);
    ev_now_update(loop);
    ev_timer_start(loop, &tick);
    last_tick = own_time();
    worst = 0.;
    double start = clock_mono();
    copy(d, sql, cols);
    UNTIL(d->replies > before);
    printf("# %lld rows in %.2f s, worst lateness of a 1 ms timer %.2f ms\n", (long long)d->rows,
           clock_mono() - start, worst * 1e3);
    ev_timer_stop(loop, &tick);
    return worst;
}

/* The same, once more when it was late: what a host takes away from a virtual machine is nobody's own time, and does not come each time. */
static double least_late(struct diary *d, const char *sql, int cols, double want)
{
    double late = copy_beside_timer(d, sql, cols);
    for (int i = 0; i < 2 && late >= want; i++)
        late = copy_beside_timer(d, sql, cols);
    return late;
}

#define MILLION                                                                                              \
    "copy (select i::int8, i::int4, date '2026-01-01', timestamptz '2026-01-01 00:00+00', 'EHC-0001', "      \
    "null::text, "                                                                                           \
    "true from (select generate_series(1, 1000000) i) s) to stdout (format binary)"

static void test_copy(struct diary *d)
{
    struct err e = {""};
    double late = least_late(d, MILLION, 7, 0.15);
    ok(strcmp(d->text, "ok;") == 0 && pg_copy_done(&d->copy, &e) && d->rows == 1000000 &&
           d->sum == 500000500000,
       "COPY of a million rows");
    ok(late < 0.15, "and a 1 ms timer beside it stays under 150 ms late");

    d->len = 0;
    d->refuse_at = 1000;
    int before = d->replies;
    copy(d, MILLION, 7);
    query(d, "select 'next'", 0, NULL);
    UNTIL(d->replies == before + 2);
    is(d->text, "- the data of the COPY were refused;next;",
       "a reader that refuses ends with an error, the link goes on");
    ok(d->pieces == 1000, "and is not called again");
    d->refuse_at = 0;

    d->len = 0;
    before = d->replies;
    copy(d, "copy (select 1::int8 / (5000 - i) from generate_series(1, 9000) i) to stdout (format binary)",
         1);
    UNTIL(d->replies > before);
    is(d->text, "22012 a value was refused (SQLSTATE 22012): the log of the database says which;",
       "an error amid the data is reported");
    ok(d->rows == 4999 && !pg_copy_done(&d->copy, &e), "after the rows before it, without a trailer");
    d->len = 0;
    copy(d, "select 1", 1);
    UNTIL(d->replies > before + 1);
    is(d->text, "- PGRES_TUPLES_OK;", "a statement that is no COPY is not ok");
    is(ask(d, "copy (select 1) to stdout"), "- the data of the COPY were refused",
       "a COPY sent as a query likewise");
    int ups = d->ups;
    is(ask(d, "copy nothing from stdin"), "42P01 relation \"nothing\" does not exist",
       "a COPY that cannot be");
    ask(d, "create temp table t (i int)");
    is(ask(d, "copy t from stdin"), "lost/sent;down", "a COPY FROM STDIN costs the connection");
    ok(UNTIL(d->ups == ups + 1), "which comes back");
}

static void on_raw(void *ud, const struct pg_reply *r)
{
    struct diary *d = ud;
    d->replies++;
    for (int i = 0; r->ok && i < PQnfields(r->res); i++) {
        note(d, "%d:", PQfformat(r->res, i));
        for (int n = 0; n < PQgetlength(r->res, 0, i); n++)
            note(d, "%02x", (unsigned char)PQgetvalue(r->res, 0, i)[n]);
        note(d, ";");
    }
}

static void test_prepared(struct diary *d)
{
    const char *params[] = {"abc"};
    is(ask(d, "prepare told (text) as select $1, '\\x00ff27'::bytea"), "ok", "a statement is prepared");
    for (int raw = 0; raw < 2; raw++) {
        int before = d->replies;
        d->len = 0;
        bool sent = pg_link_execute(d->link, "told", 1, params, raw == 1, on_raw, d);
        ok(sent && UNTIL(d->replies > before), "and carried out");
        is(d->text, raw == 1 ? "1:616263;1:00ff27;" : "0:616263;0:5c78303066663237;",
           raw == 1 ? "raw, text and bytes are sent as they are" : "and else as the server writes them");
        d->len = 0;
    }
}

/* A reader slower than the server: the loop must turn between its rows, and the rows that it has not read must wait in
 * the socket, not pile up in memory. */
static void test_slow_reader(struct diary *d)
{
    d->burn = 1e-3;
    double late = least_late(d,
                             "copy (select i::int8, repeat('x', 80) from (select generate_series(1, 700) i) "
                             "s) to stdout (format binary)",
                             2, 0.15);
    ok(strcmp(d->text, "ok;") == 0 && late < 0.15, "a slow reader does not hold up the loop");

    /* A new connection, because libpq's buffer never shrinks. */
    int ups = d->ups;
    pg_link_free(d->link);
    open_with(d, (struct pg_link_conf){0});
    UNTIL(d->ups > ups);
    int before = d->replies;
    copy(d,
         "copy (select i::int8, repeat('x', 80) from (select generate_series(1, 50000) i) s) to stdout "
         "(format binary)",
         2);
    size_t base = mallinfo2().uordblks + mallinfo2().hblkhd;
    UNTIL(d->rows > 300);
    size_t now = mallinfo2().uordblks + mallinfo2().hblkhd;
    d->burn = 0.;
    printf("# heap grew by %zu kB\n", now > base ? (now - base) / 1024 : 0);
    ok(now < base + (256u << 10), "what it has not read does not pile up in memory");
    ok(UNTIL(d->replies > before) && d->rows == 50000, "and it gets every row");
}

static void test_tls(void)
{
    struct diary d = {0};
    char conninfo[256];
    snprintf(conninfo, sizeof conninfo,
             "hostaddr=127.0.0.1 port=%s user=postgres dbname=postgres sslmode=require", port);
    open_with(&d, (struct pg_link_conf){.conninfo = conninfo});
    UNTIL(d.ups == 1);
    is(ask(&d, "select ssl from pg_stat_ssl where pid = pg_backend_pid()"), "t", "TLS is used");
    double late = least_late(&d, MILLION, 7, 0.05);
    ok(strcmp(d.text, "ok;") == 0 && d.rows == 1000000 && late < 0.05, "COPY of a million rows over TLS");
    bool all = true;
    for (int size = 1; size < 70000 && all; size += 1021) {
        char sql[64], want[32];
        snprintf(sql, sizeof sql, "select length('%%'), repeat('x', %d)", size);
        all = strlen(ask(&d, sql)) ==
              (size_t)snprintf(want, sizeof want, "1,") + (size_t)(size < 8000 ? size : 8189);
        all = all || size >= 8000;
    }
    ok(all, "answers of every size arrive over TLS");
    shut(&d);
}

/* --- outages ------------------------------------------------------------------------------------------------------- */

static void test_stopped_idle(struct diary *d)
{
    int ups = d->ups, downs = d->downs;
    d->len = 0;
    pid_t pid = server("stop");
    ok(UNTIL(d->downs == downs + 1), "a server stopped while the link is idle is noticed");
    ok(done(pid), "(the server is stopped)");
    is(d->why, "terminating connection due to administrator command", "with the server's own reason");
    is(pg_link_why(d->link), d->why, "which is kept");
    d->len = 0;
    int before = d->replies;
    query(d, "select 1", 0, NULL);
    query(d, "select 2", 0, NULL);
    UNTIL(d->replies == before + 2);
    is(d->text, "lost;lost;", "a query while it is down is lost at once");
    pid = server("start");
    ok(UNTIL(d->ups == ups + 1), "when the server is back the link is too");
    ok(done(pid) && d->downs == downs + 1, "and the outage was announced once");
    is(ask(d, "select 'back'"), "back", "and works");
}

static void test_stopped_busy(struct diary *d)
{
    int ups = d->ups, downs = d->downs;
    struct diary other = {0};
    open_with(&other, (struct pg_link_conf){0});
    UNTIL(other.ups == 1);
    d->len = 0;
    query(d, "select pg_sleep(100)", 0, NULL);
    query(d, "select 'never sent'", 0, NULL);
    UNTIL(strcmp(ask(&other,
                     "select count(*) from pg_stat_activity where query like '%pg_sleep(100)' and state = "
                     "'active' and pid <> pg_backend_pid()"),
                 "1") == 0);
    shut(&other);
    pid_t pid = server("stop");
    UNTIL(d->downs == downs + 1);
    is(d->text, "lost/sent57P01;lost;down;",
       "stopped during a query: all that was queued is lost, then down()");
    done(pid);
    pid = server("start");
    ok(UNTIL(d->ups == ups + 1) && done(pid), "the link comes back");

    d->len = 0;
    d->burn = 2e-6;
    copy(d, "copy (select i::int8 from (select generate_series(1, 100000000) i) s) to stdout (format binary)",
         1);
    UNTIL(d->rows > 10000);
    pid = server("stop");
    UNTIL(d->downs == downs + 2);
    d->burn = 0.;
    ok(strncmp(d->text, "lost/sent", 9) == 0, "stopped during a COPY: lost");
    printf("# %s (%lld rows had come) %s\n", d->text, (long long)d->rows, d->why);
    done(pid);
    pid = server("start");
    ok(UNTIL(d->ups == ups + 2) && done(pid), "the link comes back");
    is(ask(d, "select 'back'"), "back", "and works");
}

static void test_timeouts(void)
{
    struct diary d = {0};
    open_with(&d, (struct pg_link_conf){.query_timeout = 3});
    UNTIL(d.ups == 1);
    is(ask(&d, "select pg_sleep(60)"), "lost/sent;down",
       "an answer that does not come in time costs the connection");
    is(pg_link_why(d.link), "no answer to a statement within 3 s", "and says so");
    UNTIL(d.ups == 2);
    copy(&d,
         "copy (select i::int8, repeat('x', 9000) || pg_sleep(0.3) from generate_series(1, 15) i) to stdout "
         "(format binary)",
         2);
    UNTIL(d.replies == 2);
    ok(d.rows == 15 && d.ups == 2, "a COPY may take longer, as long as data come");
    shut(&d);

    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof a;
    if (bind(fd, (struct sockaddr *)&a, len) != 0 || listen(fd, 8) != 0 ||
        getsockname(fd, (struct sockaddr *)&a, &len) != 0)
        abort();
    char conninfo[128];
    snprintf(conninfo, sizeof conninfo, "hostaddr=127.0.0.1 port=%d user=x dbname=x", ntohs(a.sin_port));
    double start = clock_mono();
    open_with(&d, (struct pg_link_conf){.conninfo = conninfo, .connect_timeout = 0.25});
    UNTIL(d.downs == 1);
    double took = clock_mono() - start;
    is(d.why, "the server did not let us in within 0.25 s", "a mute server hits the connect timer");
    ok(took >= 0.25 && took < 30., "not before and not long after its time");
    shut(&d);
    close(fd);
}

static void test_wrong_database(struct diary *admin)
{
    struct diary d = {0};
    char conninfo[600];
    ask(admin, "drop database if exists later");
    snprintf(conninfo, sizeof conninfo, "%s dbname=later", socket_conninfo);
    open_with(&d, (struct pg_link_conf){.conninfo = conninfo});
    UNTIL(d.downs == 1);
    ok(strstr(d.why, "database \"later\" does not exist") != NULL && strchr(d.why, '\n') == NULL,
       "a wrong database: down with the reason on one line");
    printf("# %s\n", d.why);
    is(ask(admin, "create database later"), "ok", "(the database is made)");
    ok(UNTIL(d.ups == 1) && d.downs == 1, "the link tried again, in silence, and came up");
    shut(&d);
    is(ask(admin, "drop database later"), "ok", "(and dropped)");
}

static bool tried(struct diary *d)
{
    return UNTIL(pg_link_state(d->link) == PG_LINK_CONNECTING) &&
           UNTIL(pg_link_state(d->link) == PG_LINK_DOWN);
}

/* The first reason is gone by the time that somebody looks: what the server says now is what he must see to. */
static void test_locked_out(struct diary *admin)
{
    struct diary d = {0};
    char conninfo[600];
    ask(admin, "create role guest login");
    snprintf(conninfo, sizeof conninfo, "%s user=guest", socket_conninfo);
    open_with(&d, (struct pg_link_conf){.conninfo = conninfo, .retry_min = 0.01, .retry_max = 0.02});
    UNTIL(d.ups == 1);
    ask(admin, "alter role guest nologin");
    ask(admin, "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'guest'");
    ok(UNTIL(d.downs == 2) && strstr(d.why, "role \"guest\" is not permitted to log in") != NULL,
       "what the server says at the next attempt is told");
    ok(tried(&d) && tried(&d) && d.downs == 2, "once");
    ask(admin, "alter role guest login connection limit 0");
    ok(UNTIL(d.downs == 3) && strstr(d.why, "too many connections for role \"guest\"") != NULL,
       "and so is another reason");
    is(pg_link_why(d.link), d.why, "which is kept");
    ask(admin, "alter role guest connection limit 1");
    ok(UNTIL(d.ups == 2) && d.downs == 3, "and the link comes back");
    shut(&d);
    is(ask(admin, "drop role guest"), "ok", "(the role is dropped)");
}

static void test_refused(void)
{
    struct err e = {""};
    struct pg_link_conf conf = {.conninfo = "host=/tmp password=secret"};
    ok(pg_link_new(loop, &conf, &(struct pg_link_ops){0}, NULL, &e) == NULL &&
           strstr(e.text, "secret\"") == NULL,
       "a conninfo with a password is refused");
    struct diary d = {0};
    open_with(&d, (struct pg_link_conf){0});
    d.in_call = true;
    pg_link_free(d.link);
    pg_link_free(NULL);
    ok(!d.broke_promise && d.len == 0, "a link may be freed before it connected");
}

static void test_free_in_callbacks(void)
{
    static const char *const NAME[] = {"never", "up", "down", "notify", "a reply", "data"};
    for (int where = FREE_IN_UP; where <= FREE_IN_DATA; where++) {
        struct diary d = {.free_in = where};
        char name[64], conninfo[600];
        snprintf(conninfo, sizeof conninfo, "%s%s", socket_conninfo,
                 where == FREE_IN_DOWN ? " dbname=nowhere" : "");
        open_with(&d, (struct pg_link_conf){.conninfo = conninfo});
        if (where > FREE_IN_DOWN) {
            UNTIL(d.ups == 1);
            if (where == FREE_IN_DATA)
                copy(&d, MILLION, 7);
            if (where == FREE_IN_NOTIFY) {
                query(&d, "listen self", 0, NULL);
                query(&d, "notify self", 0, NULL);
            }
            query(&d, "select 1", 0, NULL);
            query(&d, "select 2", 0, NULL);
        }
        snprintf(name, sizeof name, "a link may be freed in %s", NAME[where]);
        bool freed = UNTIL(d.link == NULL);
        size_t said = d.len;
        for (int i = 0; i < 5; i++)
            ev_run(loop, EVRUN_NOWAIT);
        ok(freed && d.len == said, name);
        shut(&d);
    }
    /* The first of several that are lost frees the link: the others are dropped, and the rest of the outage too. */
    struct diary d = {0};
    open_with(&d, (struct pg_link_conf){0});
    d.free_in = FREE_IN_REPLY;
    query(&d, "select 1", 0, NULL);
    query(&d, "select 2", 0, NULL);
    UNTIL(d.link == NULL);
    is(d.text, "lost;", "a link may be freed in the reply of a lost query");
    shut(&d);
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    cluster = argv[1];
    port = argv[2];
    signal(SIGPIPE, SIG_IGN);
    snprintf(socket_conninfo, sizeof socket_conninfo, "host=%s/sock port=%s user=postgres dbname=postgres",
             cluster, port);
    loop = ev_loop_new(EVFLAG_AUTO);
    struct diary d = {0};
    test_connect(&d);
    shut(&d);
    open_with(&d, (struct pg_link_conf){0});
    UNTIL(d.ups == 1);
    test_params(&d);
    test_fifo(&d);
    test_notify(&d);
    test_notify_behind_an_answer(&d);
    test_copy(&d);
    test_prepared(&d);
    test_slow_reader(&d);
    test_tls();
    test_stopped_idle(&d);
    test_stopped_busy(&d);
    test_timeouts();
    test_wrong_database(&d);
    test_locked_out(&d);
    test_refused();
    test_free_in_callbacks();
    ok(!d.broke_promise, "nothing was ever called back from inside a call");
    shut(&d);
    ev_loop_destroy(loop);
    printf("1..%d\n", tests);
    return failures != 0;
}
