/* Webhook posts against hook_receiver.py, over real sockets. Run by test_hook.sh; prints TAP.
 *
 *     hook_test PORT TLS_PORT TRAP_PORT CERTIFICATE SECRET_FILE
 *
 * Names under .test are resolved by the getaddrinfo below, which libcurl's resolver threads call in place of
 * libc's. */
#include <arpa/inet.h>
#include <dlfcn.h>
#include <ev.h>
#include <inttypes.h>
#include <netdb.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "hook.h"
#include "secret.h"
#include "sign.h"

#define BURST (32 * HOOK_RUNNING_MAX)
#define CROWD "/gather/16" /* answers sixteen at once, so it proves that as many run */

static struct ev_loop *loop;
static struct hook_pool *pool;
static int port, tls_port, trap_port, tests, failures;
static const char *certificate, *secret_file;
static sem_t let_resolver_go, resolver_went;

/* --- names
 * ------------------------------------------------------------------------------------------------------ */

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **out)
{
    int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
    *(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
    if (node != NULL && strcmp(node, "nowhere.test") == 0)
        return EAI_NONAME;
    if (node != NULL && strcmp(node, "slow.test") == 0) {
        while (sem_wait(&let_resolver_go) != 0)
            ;
        sem_post(&resolver_went);
        return EAI_AGAIN;
    }
    if (node != NULL && (strcmp(node, "inside.test") == 0 || strcmp(node, "wrong.test") == 0))
        node = "127.0.0.1";
    return real(node, service, hints, out);
}

/* --- TAP
 * -------------------------------------------------------------------------------------------------------- */

static void ok(bool good, const char *name)
{
    printf("%s %d - %s\n", good ? "ok" : "not ok", ++tests, name);
    failures += !good;
}

static void note(const char *what, const char *text)
{
    printf("# %s: ", what);
    for (; *text != '\0'; text++)
        putchar(*text >= 0x20 ? *text : '.');
    putchar('\n');
}

/* --- posting and waiting
 * ---------------------------------------------------------------------------------------- */

struct seen {
    int calls, status, retry_after_s;
    enum hook_kind kind;
    int64_t ms;
    size_t head_len;
    char head[HOOK_HEAD_MAX + 1], why[512];
};

static void on_done(void *ud, const struct hook_outcome *out)
{
    struct seen *s = ud;
    s->calls++;
    s->kind = out->kind;
    s->status = out->http_status;
    s->ms = out->ms;
    s->retry_after_s = out->retry_after_s;
    s->head_len = out->head_len;
    memcpy(s->head, out->head, out->head_len + 1);
    snprintf(s->why, sizeof s->why, "%s", out->why);
}

static struct hook_request to(char *url, size_t cap, int at, const char *path)
{
    snprintf(url, cap, "%s://127.0.0.1:%d%s?sig=hush", at == tls_port ? "https" : "http", at, path);
    return (struct hook_request){.url = url,
                                 .body = "{}",
                                 .body_len = 2,
                                 .allow_http = true,
                                 .allow_internal = true,
                                 .total_ms = 15000};
}

static void wait_for(const struct seen *s)
{
    while (s->calls == 0)
        ev_run(loop, EVRUN_ONCE);
}

static struct seen run(struct hook_pool *on, const struct hook_request *req)
{
    struct seen s = {0};
    struct err e = {0};
    if (hook_post(on, req, on_done, &s, &e) == NULL) {
        note("refused", e.text);
        s.kind = HOOK_OTHER;
        return s;
    }
    wait_for(&s);
    return s;
}

static struct seen get(int at, const char *path)
{
    char url[256];
    struct hook_request req = to(url, sizeof url, at, path);
    return run(pool, &req);
}

static bool number_at(int at, const char *path, long want)
{
    struct seen s = get(at, path);
    bool good = s.kind == HOOK_HTTP && strtol(s.head, NULL, 10) == want;
    if (!good)
        note(path, s.head);
    return good;
}

static void expect(const char *name, const struct seen *s, enum hook_kind kind, int status)
{
    bool good = s->calls == 1 && s->kind == kind && s->status == status && s->why[0] != '\0' &&
                strstr(s->why, "hush") == NULL;
    ok(good, name);
    if (!good) {
        printf("# %d calls, kind %d, status %d, %" PRId64 " ms\n", s->calls, s->kind, s->status, s->ms);
        note("why", s->why);
    }
}

static struct hook_pool *new_pool(const char *ca_file, unsigned running_max)
{
    struct err e = {0};
    struct hook_conf conf = {.ca_file = ca_file, .user_agent = "ehcwatchd/test", .running_max = running_max};
    struct hook_pool *p = hook_pool_new(loop, &conf, &e);
    if (p == NULL) {
        printf("Bail out! %s\n", e.text);
        exit(1);
    }
    return p;
}

/* --- cases
 * ------------------------------------------------------------------------------------------------------ */

static void answers(void)
{
    static const struct {
        const char *path;
        enum hook_kind kind;
        int status, retry_lo, retry_hi;
    } rows[] = {
        {"/status/200", HOOK_HTTP, 200, -1, -1},
        {"/status/202", HOOK_HTTP, 202, -1, -1},
        {"/status/204", HOOK_HTTP, 204, -1, -1},
        {"/status/404", HOOK_HTTP, 404, -1, -1},
        {"/status/500", HOOK_HTTP, 500, -1, -1},
        {"/redirect", HOOK_HTTP, 302, -1, -1},
        {"/continue", HOOK_HTTP, 201, -1, -1},
        {"/forged", HOOK_HTTP, 500, -1, -1},
        {"/short", HOOK_HTTP, 200, -1, -1},
        {"/close", HOOK_RESET, 0, -1, -1},
        {"/reset", HOOK_RESET, 0, -1, -1},
        {"/status-only", HOOK_RESET, 0, -1, -1},
        {"/head-cut", HOOK_RESET, 0, -1, -1},
        {"/continue-cut", HOOK_RESET, 0, -1, -1},
        {"/long-line", HOOK_OTHER, 0, -1, -1},
        {"/garbage", HOOK_OTHER, 0, -1, -1},
        {"/endless-headers", HOOK_OTHER, 0, -1, -1},
        {"/endless-100", HOOK_OTHER, 0, -1, -1},
        {"/seconds", HOOK_HTTP, 429, 120, 120},
        {"/date", HOOK_HTTP, 429, 270, 300},
        {"/huge", HOOK_HTTP, 429, 86400, 86400},
        {"/beyond", HOOK_HTTP, 429, 86400, 86400},
        {"/most", HOOK_HTTP, 429, 86399, 86399},
        {"/twice", HOOK_HTTP, 429, 60, 60},
        {"/negative", HOOK_HTTP, 429, 0, 0},
        {"/below", HOOK_HTTP, 429, 0, 0},
        {"/fraction", HOOK_HTTP, 429, 300, 300},
        {"/nothing", HOOK_HTTP, 429, 0, 0},
        {"/year-9999", HOOK_HTTP, 429, 86400, 86400},
        {"/far", HOOK_HTTP, 503, 86400, 86400},
        {"/past", HOOK_HTTP, 503, 0, 0},
        {"/never", HOOK_HTTP, 503, 0, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char name[64];
        struct seen s = get(port, rows[i].path);
        expect(rows[i].path, &s, rows[i].kind, rows[i].status);
        snprintf(name, sizeof name, "%s: Retry-After", rows[i].path);
        ok(s.retry_after_s >= rows[i].retry_lo && s.retry_after_s <= rows[i].retry_hi, name);
    }
    ok(number_at(port, "/seen/target", 0), "the target of the redirect saw no request");
    static const struct {
        const char *path, *why;
    } broken[] = {
        {"/status-only", "closed inside the reply's headers"},
        {"/head-cut", "closed inside the reply's headers"},
        {"/long-line", "reply headers larger than 65536 bytes"},
        {"/endless-headers", "reply headers larger than 65536 bytes"},
    };
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
        struct seen s = get(port, broken[i].path);
        ok(strcmp(s.why, broken[i].why) == 0, broken[i].why);
        if (strcmp(s.why, broken[i].why) != 0)
            note(broken[i].path, s.why);
    }
}

static void exact_bytes(void)
{
    static const char body[] = "{\"a\":\"\xc2\xa3 \xf0\x9d\x84\x9e\"}\0after NUL\r\n";
    char url[256], want[1024], copy[sizeof body];
    struct hook_request req = to(url, sizeof url, port, "/echo");
    memcpy(copy, body, sizeof body);
    req.body = copy;
    req.body_len = sizeof body - 1;
    req.webhook_id = "msg_1";
    req.webhook_timestamp = "1614265330";
    req.webhook_signature = "v1,AAAA v1,BBBB";
    struct seen s = {0};
    struct err e;
    struct hook_job *job = hook_post(pool, &req, on_done, &s, &e);
    memset(copy, '!', sizeof copy);
    memset(url, '!', sizeof url);
    if (job != NULL)
        wait_for(&s);
    int head = snprintf(want, sizeof want,
                        "POST /echo?sig=hush HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUser-Agent: ehcwatchd/test\r\n"
                        "Accept: */*\r\nContent-Type: application/json\r\nwebhook-id: msg_1\r\n"
                        "webhook-timestamp: 1614265330\r\nwebhook-signature: v1,AAAA v1,BBBB\r\n"
                        "Content-Length: %zu\r\n\r\n",
                        port, sizeof body - 1);
    memcpy(want + head, body, sizeof body);
    want[head + strlen(body)] = '?'; /* the kept part of a reply shows a NUL and a CR like this */
    for (char *cr = want; (cr = memchr(cr, '\r', (size_t)(want + head + sizeof body - cr))) != NULL;)
        *cr = '?';
    bool good =
        s.calls == 1 && s.head_len == (size_t)head + sizeof body - 1 && memcmp(s.head, want, s.head_len) == 0;
    ok(good, "request line, headers and body arrive byte for byte, from copies");
    if (!good)
        note("got", s.head);

    s = get(port, "/dirty");
    ok(strcmp(s.head, "a?b?[31m\xc3\xa9????\xf0\x9d\x84\x9e\tc\nd??") == 0 && s.head_len == strlen(s.head),
       "the kept part of a reply is clean UTF-8");
}

static void signatures(void)
{
    char url[256], value[SIGN_V1_CAP];
    struct secret_set keys;
    struct err e = {0};
    struct hook_request req = to(url, sizeof url, port, "/verify");
    ok(secret_load(&keys, secret_file, &e) && keys.n == 2, "two keys loaded");
    ok(sign_v1(&keys, "msg_2", 1700000000, req.body, req.body_len, value, sizeof value), "signed");
    secret_wipe(&keys);
    req.webhook_id = "msg_2";
    req.webhook_timestamp = "1700000000";
    req.webhook_signature = value;
    struct seen s = run(pool, &req);
    expect("both signatures verified by the receiver's own code", &s, HOOK_HTTP, 200);
    req.body = "[]";
    s = run(pool, &req);
    expect("a changed body does not verify", &s, HOOK_HTTP, 400);
}

static void time_runs_out(void)
{
    static const struct {
        const char *path;
        enum hook_kind kind;
        int status, total_ms; /* so long that a head that comes does come */
    } rows[] = {{"/hang", HOOK_TIMEOUT, 0, 700},
                {"/drip-head", HOOK_TIMEOUT, 0, 700},
                {"/drip-body", HOOK_HTTP, 200, 4000}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char url[256], name[64];
        struct hook_request req = to(url, sizeof url, port, rows[i].path);
        req.total_ms = rows[i].total_ms;
        unsigned before = ev_iteration(loop);
        struct seen s = run(pool, &req);
        unsigned passes = ev_iteration(loop) - before;
        expect(rows[i].path, &s, rows[i].kind, rows[i].status);
        snprintf(name, sizeof name, "%s: ends at its total timeout", rows[i].path);
        ok(s.ms >= rows[i].total_ms - 10 && s.ms < 14000, name); /* not at the 15 s that it has by default */
        if (i > 0)
            continue;
        ok(passes < 40, "the loop is idle while a request hangs");
        printf("# %u passes in %" PRId64 " ms\n", passes, s.ms);
    }
}

static void endless_replies(void)
{
    struct rusage before, after;
    getrusage(RUSAGE_SELF, &before);
    struct seen s = get(port, "/endless"), t = get(port, "/announced");
    getrusage(RUSAGE_SELF, &after);
    expect("an endless reply is a success once 200 is said", &s, HOOK_HTTP, 200);
    expect("so is an announced 10 GB one", &t, HOOK_HTTP, 200);
    ok(s.head_len == HOOK_HEAD_MAX && strspn(s.head, "z") == HOOK_HEAD_MAX, "the first 2 kB are kept");
    ok(s.ms < 14000 && t.ms < 14000, "it stops at the cap, not at the timeout");
    ok(after.ru_maxrss - before.ru_maxrss < 16 * 1024, "memory stays bounded");
}

/* A listener whose queue is full: the kernel drops further connection attempts without a word. */
static void connecting(void)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct sockaddr *sa = (struct sockaddr *)&in;
    socklen_t len = sizeof in;
    char url[256];
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), fill[4];
    if (bind(fd, sa, len) != 0 || getsockname(fd, sa, &len) != 0)
        abort();
    struct hook_request req = to(url, sizeof url, ntohs(in.sin_port), "/");
    struct seen s = run(pool, &req);
    expect("nobody listens", &s, HOOK_CONNECT, 0);

    if (listen(fd, 0) != 0)
        abort();
    for (int i = 0; i < 4; i++) {
        fill[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        (void)!connect(fill[i], sa, sizeof in);
    }
    req.connect_ms = 400;
    s = run(pool, &req);
    expect("connection attempts vanish", &s, HOOK_TIMEOUT, 0);
    ok(s.ms >= 390 && s.ms < 14000, "that ends at the connect timeout, long before the total one");
    for (int i = 0; i < 4; i++)
        close(fill[i]);
    close(fd);
}

static void encryption(void)
{
    char url[256];
    struct hook_pool *trusting = new_pool(certificate, 0);
    struct hook_request req = to(url, sizeof url, tls_port, "/status/200");
    struct seen s = run(pool, &req);
    expect("an unknown certificate is refused", &s, HOOK_TLS, 0);
    s = run(trusting, &req);
    expect("it is accepted with its CA file", &s, HOOK_HTTP, 200);
    snprintf(url, sizeof url, "https://wrong.test:%d/status/200", tls_port);
    s = run(trusting, &req);
    expect("but not for another name", &s, HOOK_TLS, 0);
    snprintf(url, sizeof url, "https://127.0.0.1:%d/", port);
    s = run(trusting, &req);
    expect("https to a port that speaks plain http", &s, HOOK_TLS, 0);
    hook_pool_free(trusting);

    struct err e = {0};
    struct hook_conf conf = {.ca_file = "/nonexistent/ca.pem", .user_agent = "x"};
    ok(hook_pool_new(loop, &conf, &e) == NULL && strstr(e.text, "/nonexistent/ca.pem") != NULL,
       "a missing CA file is found at start");
}

static void addresses(void)
{
    static const char *const urls[] = {"http://127.0.0.1:%d/",   "http://localhost:%d/",
                                       "http://inside.test:%d/", "http://[::ffff:127.0.0.1]:%d/",
                                       "http://2130706433:%d/",  "http://0:%d/"};
    char url[256];
    for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        snprintf(url, sizeof url, urls[i], trap_port);
#pragma GCC diagnostic pop
        struct hook_request req = {.url = url, .body = "{}", .body_len = 2, .allow_http = true};
        struct seen s = run(pool, &req);
        expect(urls[i], &s, HOOK_BLOCKED, 0);
    }
    /* Connections are accepted in order, so an earlier one would have been counted. */
    ok(number_at(trap_port, "/", 1),
       "not one connection was made, and no proxy of the environment was asked");

    struct hook_request req = {.url = "https://nowhere.test/", .body = "{}", .body_len = 2};
    struct seen s = run(pool, &req);
    expect("a name without an address", &s, HOOK_DNS, 0);
}

/* The resolver stays asleep until the outcome is here: a loop that waits for it would never get that far. */
static void hung_resolver(void)
{
    struct seen s = {0};
    struct err e;
    struct hook_request req = {.url = "https://slow.test/", .body = "{}", .body_len = 2, .total_ms = 300};
    s = run(pool, &req);
    expect("a hung name server does not hold the loop: timeout", &s, HOOK_TIMEOUT, 0);

    req.total_ms = 15000;
    s = (struct seen){0};
    struct hook_job *job = hook_post(pool, &req, on_done, &s, &e);
    struct seen other = get(port, "/status/200");
    expect("others go on", &other, HOOK_HTTP, 200);
    hook_cancel(job);
    ok(s.calls == 0, "the callback does not come from inside hook_cancel");
    wait_for(&s);
    expect("a hung name server does not hold the loop: cancel", &s, HOOK_CANCELLED, 0);
    for (int i = 0; i < 2; i++)
        sem_post(&let_resolver_go);
    for (int i = 0; i < 2; i++)
        while (sem_wait(&resolver_went) != 0)
            ;
}

struct burst {
    int posted, ended, good;
};

static void on_burst(void *ud, const struct hook_outcome *out)
{
    struct burst *b = ud;
    char url[256];
    struct err e;
    struct hook_request req = to(url, sizeof url, port, CROWD);
    b->ended++;
    b->good += out->kind == HOOK_HTTP && out->http_status == 200;
    /* The first callback posts half of them at once, the others one each. */
    for (int n = b->ended == 1 ? BURST / 2 : 1; n > 0 && b->posted <= BURST; n--)
        b->posted += hook_post(pool, &req, on_burst, b, &e) != NULL;
}

static void burst(void)
{
    struct burst b = {.posted = 1};
    char url[256];
    struct err e;
    struct hook_request req = to(url, sizeof url, port, "/status/200");
    if (hook_post(pool, &req, on_burst, &b, &e) == NULL)
        abort();
    while (hook_pool_inflight(pool) > 0)
        ev_run(loop, EVRUN_ONCE);
    ok(b.posted == BURST + 1 && b.ended == b.posted && b.good == b.posted,
       "512 posts from callbacks, each reported once");
    ok(number_at(port, "/seen" CROWD, BURST), "each arrived once, sixteen at a time");
}

struct canceller {
    struct seen seen;
    struct hook_job *self, *other;
};

static void on_cancel_others(void *ud, const struct hook_outcome *out)
{
    struct canceller *c = ud;
    on_done(&c->seen, out);
    hook_cancel(c->self);
    hook_cancel(c->other);
}

static void cancelling(void)
{
    char url[256], quick_url[256];
    struct err e;
    struct hook_request hang = to(url, sizeof url, port, "/hang");
    struct hook_request quick = to(quick_url, sizeof quick_url, port, "/status/200");

    struct seen waiting = {0};
    hook_cancel(hook_post(pool, &quick, on_done, &waiting, &e));
    ok(waiting.calls == 0 && hook_pool_inflight(pool) == 1,
       "cancelled before it started: reported from the loop");
    wait_for(&waiting);
    expect("cancelled before it started", &waiting, HOOK_CANCELLED, 0);

    struct seen hanging = {0};
    struct canceller c = {0};
    c.other = hook_post(pool, &hang, on_done, &hanging, &e);
    c.self = hook_post(pool, &quick, on_cancel_others, &c, &e);
    wait_for(&hanging);
    expect("a callback that cancels itself", &c.seen, HOOK_HTTP, 200);
    expect("and another, which runs", &hanging, HOOK_CANCELLED, 0);
    ok(hook_pool_inflight(pool) == 0, "nothing is in flight");
}

struct late {
    struct seen seen;
    struct hook_pool *pool;
    bool refused;
};

static void on_late(void *ud, const struct hook_outcome *out)
{
    struct late *l = ud;
    char url[256];
    struct err e;
    struct hook_request req = to(url, sizeof url, port, "/status/200");
    on_done(&l->seen, out);
    l->refused = hook_post(l->pool, &req, on_late, l, &e) == NULL;
}

static void freeing(void)
{
    char url[256];
    struct err e;
    struct hook_pool *small = new_pool(NULL, 1);
    struct hook_request hang = to(url, sizeof url, port, "/hang");
    struct seen before = get(port, "/accepted");
    struct late running = {.pool = small}, waiting = {.pool = small};
    if (hook_post(small, &hang, on_late, &running, &e) == NULL ||
        hook_post(small, &hang, on_late, &waiting, &e) == NULL)
        abort();
    struct seen s = get(port, "/status/200");
    expect("two pools on one loop", &s, HOOK_HTTP, 200);
    ok(hook_pool_inflight(small) == 2 && number_at(port, "/accepted", strtol(before.head, NULL, 10) + 3),
       "a pool of one slot: one runs, one waits");
    hook_pool_free(small);
    expect("freeing the pool cancels what runs", &running.seen, HOOK_CANCELLED, 0);
    expect("and what waits", &waiting.seen, HOOK_CANCELLED, 0);
    ok(running.refused && waiting.refused, "and takes nothing new");

    struct hook_pool *idle = new_pool(NULL, 0);
    struct late pending = {.pool = idle};
    if (hook_post(idle, &hang, on_late, &pending, &e) == NULL)
        abort();
    hook_pool_free(idle);
    s = get(port, "/status/200"); /* the loop turns without touching what is gone */
    expect("the loop goes on", &s, HOOK_HTTP, 200);
    hook_pool_free(NULL);
    expect("freed with a start still pending", &pending.seen, HOOK_CANCELLED, 0);
}

static void refused(void)
{
    static const struct {
        const char *name, *url, *type, *id;
        bool allow_http;
    } rows[] = {
        {"plain http unless allowed", "http://a.example/x?hush", NULL, NULL, false},
        {"another protocol", "ftp://a.example/x?hush", NULL, NULL, true},
        {"file", "file:///etc/passwd", NULL, NULL, true},
        {"no scheme", "a.example/x?hush", NULL, NULL, true},
        {"not a URL", "https://", NULL, NULL, true},
        {"control character in the URL", "https://a.example/\r\nx", NULL, NULL, true},
        {"header injection", "https://a.example/", NULL, "msg\r\nX: y", true},
        {"empty header", "https://a.example/", "", NULL, true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct seen s = {0};
        struct err e = {0};
        struct hook_request req = {.url = rows[i].url,
                                   .content_type = rows[i].type,
                                   .webhook_id = rows[i].id,
                                   .allow_http = rows[i].allow_http};
        bool good = hook_post(pool, &req, on_done, &s, &e) == NULL && e.text[0] != '\0' &&
                    strstr(e.text, "hush") == NULL && s.calls == 0;
        ok(good, rows[i].name);
        if (!good)
            note("error", e.text);
    }
    ok(hook_pool_inflight(pool) == 0, "a refused request leaves nothing behind");
}

static void public_urls(void)
{
    static const struct {
        const char *url, *want;
    } rows[] = {
        {"https://a.example/in?sig=hush#hush", "https://a.example/in"},
        {"https://us:hush@a.example:8443/in", "https://a.example:8443/in"},
        {"https://hush@a.example", "https://a.example/"},
        {"http://us:hu@sh@a.example/", "(unreadable URL)"},
        {"https://a.example/?hush", "https://a.example/"},
        {"not a url ?hush", "(unreadable URL)"},
        {"", "(unreadable URL)"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char out[128], small[12];
        hook_url_public(rows[i].url, out, sizeof out);
        hook_url_public(rows[i].url, small, sizeof small);
        ok(strcmp(out, rows[i].want) == 0 && strncmp(small, out, sizeof small - 1) == 0, rows[i].want);
        if (strcmp(out, rows[i].want) != 0)
            note("got", out);
    }
}

int main(int argc, char **argv)
{
    if (argc != 6)
        return 2;
    port = (int)strtol(argv[1], NULL, 10);
    tls_port = (int)strtol(argv[2], NULL, 10);
    trap_port = (int)strtol(argv[3], NULL, 10);
    certificate = argv[4];
    secret_file = argv[5];
    signal(SIGPIPE, SIG_IGN);
    setvbuf(stdout, NULL, _IOLBF, 0);
    alarm(500); /* a loop that stands still ends here, and the missing plan is a failure */
    sem_init(&let_resolver_go, 0, 0);
    sem_init(&resolver_went, 0, 0);
    loop = ev_loop_new(EVFLAG_AUTO);
    pool = new_pool(NULL, 0);

    answers();
    exact_bytes();
    signatures();
    time_runs_out();
    endless_replies();
    connecting();
    encryption();
    addresses();
    hung_resolver();
    burst();
    cancelling();
    freeing();
    refused();
    public_urls();

    hook_pool_free(pool);
    ev_loop_destroy(loop);
    printf("1..%d\n", tests);
    return failures != 0;
}
