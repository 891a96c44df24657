/* A small server on httpd.h for test_httpd.sh: prints "port N" (or "ready" on a Unix socket), serves until SIGTERM, then
 * stops within two seconds and prints "stopped". /later?ms=N is answered after so long, /later/stop?ms=N so long after the
 * SIGTERM, /later by a request for /answer.
 *
 *     httpd_test ADDRESS|fd:N [max_connections [timeout_s [reply_max_s [WEB_CONFIG]]]]
 *
 * SIGHUP reads the web configuration again and puts another server in the place of this one.
 */
#include <ev.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "httpd.h"
#include "log.h"
#include "webconfig.h"

struct server {
    struct ev_loop *loop;
    struct httpd *httpd;
    double started;
    unsigned requests, streams_open, streams_freed;
    unsigned long long streamed;
    unsigned parked, over; /* now, and not wanted any more */
    unsigned left;         /* clients seen to have left while they waited */
    struct later *waiting; /* for /answer */

    struct httpd_conf conf;
    const char *web_file; /* NULL: none */
    struct httpd *retired;
    double grace; /* seconds, when it is told to stop */
    ev_check woke;
    ev_prepare sleeps;
    double awake, worst; /* seconds of CPU: one pass of the loop, and the longest since it was asked for */
};

static double cpu(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void on_woke(struct ev_loop *loop, ev_check *w, int events)
{
    (void)loop;
    (void)events;
    ((struct server *)w->data)->awake = cpu();
}

static void on_sleeps(struct ev_loop *loop, ev_prepare *w, int events)
{
    (void)loop;
    (void)events;
    struct server *s = w->data;
    double took = s->awake > 0 ? cpu() - s->awake : 0;
    s->worst = took > s->worst ? took : s->worst;
}

/* A request that is answered after `ms`, or (ms=0) when somebody asks for /answer; with `at_stop`, `ms` after the SIGTERM. */
struct later {
    struct server *s;
    struct later *next;
    struct httpd_parked *parked; /* NULL: over */
    ev_timer timer;
    bool again; /* parked anew when it is time */
    bool at_stop;
};

struct stream {
    struct server *s;
    unsigned long long left, fail_at;
};

static ssize_t stream_read(void *ctx, char *buf, size_t max)
{
    struct stream *st = ctx;
    if (st->left == 0) {
        return 0;
    }
    if (st->left <= st->fail_at) {
        return -1;
    }
    size_t n = max < st->left ? max : (size_t)st->left;
    memset(buf, 'x', n);
    st->left -= n;
    st->s->streamed += n;
    return (ssize_t)n;
}

static void stream_free(void *ctx)
{
    struct stream *st = ctx;
    st->s->streams_open--;
    st->s->streams_freed++;
    free(st);
}

static void forget(struct server *s, const struct later *l)
{
    struct later **at = &s->waiting;
    while (*at != NULL && *at != l) {
        at = &(*at)->next;
    }
    if (*at != NULL) {
        *at = l->next;
    }
}

static void later_over(void *ud)
{
    struct later *l = ud;
    l->parked = NULL;
    forget(l->s, l);
    l->s->over++;
    l->s->parked--;
    if (!ev_is_active(&l->timer) && !ev_is_pending(&l->timer)) { /* both may be due in one pass of the loop */
        free(l);
    }
}

static void on_later(struct ev_loop *loop, ev_timer *w, int events)
{
    (void)events;
    struct later *l = w->data;
    if (l->parked != NULL && l->again) {
        struct httpd_parked *before = l->parked;
        l->again = false;
        l->parked = httpd_park(httpd_parked_reply(before), 10, later_over, l);
        httpd_unpark(before); /* does nothing */
        ev_timer_set(w, 0.01, 0.);
        ev_timer_start(loop, w);
        return;
    }
    if (l->parked != NULL) {
        l->s->left += httpd_parked_left(l->parked);
        httpd_reply_text(httpd_parked_reply(l->parked), 200, "text/plain", "later\n");
        httpd_unpark(l->parked);
        l->s->parked--;
    }
    free(l);
}

static const char *param(const struct httpd_request *q, const char *name)
{
    for (size_t i = 0; i < q->param_count; i++) {
        if (strcmp(q->params[i].name, name) == 0) {
            return q->params[i].value;
        }
    }
    return "0";
}

static void serve_stream(struct server *s, const struct httpd_request *q, struct httpd_reply *r)
{
    struct stream *st = calloc(1, sizeof *st);
    st->s = s;
    st->left = strtoull(param(q, "bytes"), NULL, 10);
    st->fail_at = strtoull(param(q, "fail_at"), NULL, 10);
    s->streams_open++;
    httpd_reply_stream(r, 200, "text/plain", stream_read, stream_free, st);
}

/* A nameless file of so many bytes. */
static void serve_file(const struct httpd_request *q, struct httpd_reply *r)
{
    size_t n = strtoull(param(q, "bytes"), NULL, 10);
    int fd = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    char *bytes = malloc(n + 1);
    for (size_t i = 0; i < n; i++) {
        bytes[i] = (char)('a' + i % 26);
    }
    if (fd < 0 || write(fd, bytes, n) != (ssize_t)n) {
        abort();
    }
    free(bytes);
    httpd_reply_file(r, 200, "text/plain", fd, n);
}

static void serve_echo(const struct httpd_request *q, struct httpd_reply *r)
{
    const char *accept = httpd_header(q, "Accept");
    char *body = NULL;
    size_t len = 0;
    FILE *f = open_memstream(&body, &len);
    fprintf(f, "method=%s\npath=%s\nlocal=%d\naccept=%s\n", q->method, q->path, q->local,
            accept != NULL ? accept : "(none)");
    for (size_t i = 0; i < q->param_count; i++) {
        fprintf(f, "param=[%s][%s]\n", q->params[i].name, q->params[i].value);
    }
    fclose(f);
    httpd_reply_bytes(r, 200, "text/plain; charset=utf-8", body, len);
    httpd_reply_header(r, "X-Extra", "yes");
    httpd_reply_header(r, "X-Split", "no\r\nX-Injected: yes");
}

static void serve_later(struct server *s, const struct httpd_request *q, struct httpd_reply *r)
{
    struct later *l = calloc(1, sizeof *l);
    double ms = strtod(param(q, "ms"), NULL);
    l->s = s;
    l->again = strcmp(q->path, "/later/again") == 0;
    l->at_stop = strcmp(q->path, "/later/stop") == 0;
    ev_timer_init(&l->timer, on_later, ms / 1000., 0.);
    l->timer.data = l;
    l->parked = httpd_park(r, strtod(param(q, "within"), NULL), later_over, l);
    s->parked++;
    if (strcmp(q->path, "/later/now") == 0) {
        on_later(s->loop, &l->timer, 0);
    } else if (ms > 0 && !l->at_stop) {
        ev_timer_start(s->loop, &l->timer);
    } else {
        l->next = s->waiting;
        s->waiting = l;
    }
}

static void answer_all(struct server *s, struct httpd_reply *r)
{
    char text[16];
    unsigned n = 0;
    for (struct later *l; (l = s->waiting) != NULL; n++) {
        s->waiting = l->next;
        on_later(s->loop, &l->timer, 0);
    }
    snprintf(text, sizeof text, "%u\n", n);
    httpd_reply_text(r, 200, "text/plain", text);
}

static bool takes_post(const char *path)
{
    return strncmp(path, "/post", 5) == 0;
}

static void serve_stats(struct server *s, struct httpd_reply *r)
{
    char text[300];
    snprintf(text, sizeof text,
             "{\"worst_ms\":%.2f,\"requests\":%u,\"streams_open\":%u,\"streams_freed\":%u,\"streamed\":%llu,"
             "\"iterations\":%u,"
             "\"parked\":%u,\"over\":%u,\"left\":%u,\"uptime_ms\":%.0f}\n",
             s->worst * 1e3, s->requests, s->streams_open, s->streams_freed, s->streamed,
             ev_iteration(s->loop), s->parked, s->over, s->left, (clock_mono() - s->started) * 1e3);
    s->worst = 0;
    httpd_reply_text(r, 200, "application/json", text);
}

static void handler(void *ud, const struct httpd_request *q, struct httpd_reply *r)
{
    struct server *s = ud;
    s->requests++;
    if (strcmp(q->path, "/hello") == 0) {
        httpd_reply_text(r, 200, "text/plain", "hello\n");
    } else if (strncmp(q->path, "/echo", 5) == 0) {
        serve_echo(q, r);
    } else if (strcmp(q->path, "/stream") == 0) {
        serve_stream(s, q, r);
    } else if (strcmp(q->path, "/file") == 0) {
        serve_file(q, r);
    } else if (strncmp(q->path, "/later", 6) == 0) {
        serve_later(s, q, r);
    } else if (strcmp(q->path, "/answer") == 0) {
        answer_all(s, r);
    } else if (strcmp(q->path, "/post") == 0) {
        char *copy = malloc(q->body_len + 1);
        memcpy(copy, q->body, q->body_len);
        httpd_reply_bytes(r, 200, "application/octet-stream", copy, q->body_len);
        httpd_reply_header(r, "X-Method", q->method);
    } else if (strcmp(q->path, "/post/later") == 0) {
        serve_later(s, q, r);
    } else if (strcmp(q->path, "/stats") == 0) {
        serve_stats(s, r);
    } else if (strcmp(q->path, "/twice") == 0) {
        serve_stream(s, q, r);
        httpd_reply_text(r, 200, "text/plain", "second\n");
    } else if (strcmp(q->path, "/nothing") != 0) {
        httpd_problem(r, 404, "Not found", "no such address: %s", q->path);
    }
}

static void on_stopped(void *ud)
{
    struct server *s = ud;
    httpd_free(s->httpd);
    s->httpd = NULL;
    ev_break(s->loop, EVBREAK_ALL);
}

static void on_term(struct ev_loop *loop, ev_signal *w, int events)
{
    (void)events;
    struct server *s = w->data;
    for (struct later **at = &s->waiting, *l; (l = *at) != NULL;) {
        if (l->at_stop) {
            *at = l->next;
            ev_timer_start(loop, &l->timer);
        } else {
            at = &l->next;
        }
    }
    httpd_stop(s->httpd, s->grace, on_stopped, s);
}

static void on_retired(void *ud)
{
    struct server *s = ud;
    httpd_free(s->retired);
    s->retired = NULL;
}

static void on_hangup(struct ev_loop *loop, ev_signal *w, int events)
{
    (void)loop;
    (void)events;
    struct server *s = w->data;
    struct err e = {""};
    struct webconfig *web = webconfig_load(s->web_file, &e);
    s->conf.web = web;
    struct httpd *h = web != NULL ? httpd_beside(s->httpd, &s->conf, handler, s, &e) : NULL;
    webconfig_unref(web);
    if (h != NULL) {
        httpd_free(s->retired);
        httpd_inherit(h, s->httpd);
        s->retired = s->httpd;
        s->httpd = h;
        httpd_stop(s->retired, 2.0, on_retired, s);
    }
    fprintf(stderr, "%s\n", h != NULL ? "replaced" : e.text);
}

int main(int argc, char **argv)
{
    struct err e = {""};
    struct server s = {.loop = ev_default_loop(EVFLAG_AUTO), .started = clock_mono()};
    struct httpd_conf conf = {.listen = argc > 1 ? argv[1] : "127.0.0.1:0"};
    if (strncmp(conf.listen, "fd:", 3) == 0) {
        conf.listen_fd = (int)strtol(conf.listen + 3, NULL, 10);
        conf.listen = NULL;
    }
    conf.takes_post = takes_post;
    conf.body_max = 8192;
    conf.max_connections = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 0;
    conf.timeout_s = argc > 3 ? (unsigned)strtoul(argv[3], NULL, 10) : 0;
    conf.reply_max_s = argc > 4 ? (unsigned)strtoul(argv[4], NULL, 10) : 0;
    s.web_file = argc > 5 && argv[5][0] != '\0' ? argv[5] : NULL;
    s.grace = argc > 6 ? strtod(argv[6], NULL) : 2.0;
    if (s.web_file != NULL && (conf.web = webconfig_load(s.web_file, &e)) == NULL) {
        printf("refused %s\n", e.text);
        return 1;
    }
    signal(SIGPIPE, SIG_IGN);
    log_init(LOG_INFO, NULL);
    s.conf = conf;
    s.httpd = httpd_new(s.loop, &conf, handler, &s, &e);
    webconfig_unref(conf.web);
    if (s.httpd == NULL) {
        printf("refused %s\n", e.text);
        return 1;
    }
    ev_check_init(&s.woke, on_woke);
    ev_prepare_init(&s.sleeps, on_sleeps);
    ev_signal hangup;
    ev_signal_init(&hangup, on_hangup, SIGHUP);
    s.woke.data = s.sleeps.data = hangup.data = &s;
    ev_check_start(s.loop, &s.woke);
    ev_prepare_start(s.loop, &s.sleeps);
    ev_signal_start(s.loop, &hangup);
    ev_signal term;
    ev_signal_init(&term, on_term, SIGTERM);
    term.data = &s;
    ev_signal_start(s.loop, &term);
    if (httpd_port(s.httpd) > 0) {
        printf("port %d\n", httpd_port(s.httpd));
    } else {
        printf("ready\n");
    }
    fflush(stdout);
    ev_run(s.loop, 0);
    printf("stopped %u %u parked %u over %u\n", s.streams_open, s.streams_freed, s.parked, s.over);
    return 0;
}
