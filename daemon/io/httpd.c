#include "httpd.h"

#include <errno.h>
#include <ev.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "httpd_client.h"
#include "httpd_listen.h"
#include "log.h"

enum { MEMORY_LIMIT = 16 * 1024, TLS_OPTIONS = 5, FRUITLESS_MOST = 8 };

#define REST 0.01 /* seconds */

struct httpd {
    struct ev_loop *loop;
    struct MHD_Daemon *mhd;
    struct clients clients;
    ev_io ready;
    ev_timer deadline, heartbeat, stop_bound;
    double timeout_s, reply_max_s;
    unsigned fruitless; /* passes one after the other, at once, in which nothing came about */
    int listen_fd;      /* the library's until httpd_stop */
    char *unix_path;
    ino_t unix_inode;
    bool replaced; /* another takes in who is new: it can wait for whoever has begun to ask */
    bool stopping, stopped;
    void (*on_stopped)(void *ud);
    void *stopped_ud;
};

/* --- the loop ---------------------------------------------------------------------------------------------------- */

static void finish_stop(struct httpd *h)
{
    h->stopped = true;
    ev_timer_stop(h->loop, &h->stop_bound);
    h->on_stopped(h->stopped_ud);
}

/* When the library wants its next pass. As long as a client stands still in the middle of a TLS handshake it wants one at once, again and
 * again, for nothing: whatever the client sends wakes us by itself. So a few fruitless passes are followed by a rest, unless somebody
 * is being answered. */
static double next_pass(struct httpd *h, double wanted)
{
    bool fruitful = clients_take_touched(&h->clients) || clients_answering(&h->clients);
    h->fruitless = wanted > 0 || fruitful ? 0 : h->fruitless + 1;
    return h->fruitless > FRUITLESS_MOST ? REST : wanted;
}

/* Twice: connections are cleaned up after a pass, and only the pass after that listens again when the server had been
 * full. May end with httpd_free: nothing of `h` may be touched afterwards. */
static void pump(struct httpd *h)
{
    clients_resume(&h->clients);
    MHD_run(h->mhd);
    MHD_run(h->mhd);
    MHD_UNSIGNED_LONG_LONG ms;
    ev_timer_stop(h->loop, &h->deadline);
    if (MHD_get_timeout(h->mhd, &ms) == MHD_YES) {
        ev_now_update(h->loop);
        ev_timer_set(&h->deadline, next_pass(h, (double)ms / 1000.), 0.);
        ev_timer_start(h->loop, &h->deadline);
    }
    bool idle = h->replaced ? h->clients.first == NULL : h->clients.open_replies == 0;
    if (h->stopping && !h->stopped && idle) {
        finish_stop(h);
    }
}

/* A pass soon, from the loop and not from in here. */
static void wake(void *ud)
{
    struct httpd *h = ud;
    ev_timer_stop(h->loop, &h->deadline);
    ev_timer_set(&h->deadline, 0., 0.);
    ev_timer_start(h->loop, &h->deadline);
}

static void on_ready(struct ev_loop *loop, ev_io *w, int events)
{
    (void)loop;
    (void)events;
    ((struct httpd *)w->data)->fruitless = 0;
    pump(w->data);
}

static void on_deadline(struct ev_loop *loop, ev_timer *w, int events)
{
    (void)loop;
    (void)events;
    pump(w->data);
}

static void on_heartbeat(struct ev_loop *loop, ev_timer *w, int events)
{
    (void)loop;
    (void)events;
    struct httpd *h = w->data;
    clients_cut_off(&h->clients, clock_mono(), h->timeout_s, h->reply_max_s);
    pump(h);
}

static void on_stop_bound(struct ev_loop *loop, ev_timer *w, int events)
{
    (void)loop;
    (void)events;
    finish_stop(w->data);
}

/* --- life -------------------------------------------------------------------------------------------------------- */

static void PRINTF_LIKE(2, 0) on_log(void *cls, const char *fmt, va_list ap)
{
    (void)cls;
    char line[512];
    vsnprintf(line, sizeof line, fmt, ap);
    line[strcspn(line, "\n")] = '\0';
    log_ev_limited(LOG_NOTICE, "http_library", fmt, LOG_NO_FIELDS, "%s", line);
}

static void on_panic(void *cls, const char *file, unsigned line, const char *reason)
{
    (void)cls;
    log_ev(LOG_CRIT, "http_panic", LOG_NO_FIELDS, "libmicrohttpd cannot go on: %s (%s:%u)",
           reason != NULL ? reason : "no reason given", file, line);
    abort();
}

/* What the library is told of TLS; the last row ends it. */
static void tls_options(const struct webconfig *w, struct MHD_OptionItem options[TLS_OPTIONS])
{
    size_t n = 0;
    if (w != NULL && w->cert != NULL) {
        options[n++] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_CERT, 0, w->cert};
        options[n++] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_KEY, 0, w->key};
        options[n++] =
            (struct MHD_OptionItem){MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)(uintptr_t)w->priorities};
        if (w->client_ca != NULL)
            options[n++] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_TRUST, 0, w->client_ca};
    }
    options[n] = (struct MHD_OptionItem){MHD_OPTION_END, 0, NULL};
}

static bool start_library(struct httpd *h, const struct httpd_conf *conf, struct err *e)
{
    MHD_set_panic_func(on_panic, NULL);
    struct clients *c = &h->clients;
    struct MHD_OptionItem tls[TLS_OPTIONS];
    unsigned flags = MHD_USE_EPOLL | MHD_USE_ERROR_LOG | MHD_ALLOW_SUSPEND_RESUME;
    tls_options(conf->web, tls);
    bool safe = tls[0].option != MHD_OPTION_END;
    if (safe)
        flags |= MHD_USE_TLS;
    h->mhd = MHD_start_daemon(flags, 0, NULL, NULL, client_on_request, c, MHD_OPTION_EXTERNAL_LOGGER, on_log,
                              h, MHD_OPTION_LISTEN_SOCKET, h->listen_fd, MHD_OPTION_CONNECTION_TIMEOUT,
                              (unsigned)h->timeout_s, MHD_OPTION_CONNECTION_LIMIT,
                              conf->max_connections != 0 ? conf->max_connections
                              : safe                     ? 32u
                                                         : 64u,
                              MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)MEMORY_LIMIT,
                              MHD_OPTION_URI_LOG_CALLBACK, client_on_target, c, MHD_OPTION_NOTIFY_COMPLETED,
                              client_on_completed, c, MHD_OPTION_NOTIFY_CONNECTION, client_on_connection, c,
                              MHD_OPTION_ARRAY, tls, MHD_OPTION_END);
    return h->mhd != NULL || err_set(e, "the HTTP server does not start");
}

static void start_watchers(struct httpd *h)
{
    int fd = MHD_get_daemon_info(h->mhd, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
    ev_io_init(&h->ready, on_ready, fd, EV_READ);
    ev_init(&h->deadline, on_deadline);
    ev_timer_init(&h->heartbeat, on_heartbeat, 1., 1.);
    ev_init(&h->stop_bound, on_stop_bound);
    h->ready.data = h->deadline.data = h->heartbeat.data = h->stop_bound.data = h;
    ev_io_start(h->loop, &h->ready);
    ev_timer_start(h->loop, &h->heartbeat);
}

struct httpd *httpd_new(struct ev_loop *loop, const struct httpd_conf *conf, httpd_handler *handler, void *ud,
                        struct err *e)
{
    struct stat st;
    struct httpd *h = calloc(1, sizeof *h);
    if (h == NULL) {
        err_set(e, "HTTP server: out of memory");
        return NULL;
    }
    h->loop = loop;
    h->clients = (struct clients){.handler = handler,
                                  .ud = ud,
                                  .takes_post = conf->takes_post,
                                  .problem = conf->problem,
                                  .body_max = conf->body_max,
                                  .web = conf->web != NULL ? webconfig_ref(conf->web) : NULL,
                                  .loop = loop,
                                  .wake = wake,
                                  .wake_ud = h};
    h->timeout_s = conf->timeout_s != 0 ? conf->timeout_s : 15;
    h->reply_max_s = conf->reply_max_s != 0 ? conf->reply_max_s : 600;
    h->listen_fd = listen_open(conf, e);
    if (h->listen_fd < 0) {
        goto fail;
    }
    const char *path = listen_unix_path(conf->listen);
    if (path != NULL && (h->unix_path = strdup(path)) != NULL && stat(path, &st) == 0) {
        h->unix_inode = st.st_ino;
    }
    if (!start_library(h, conf, e)) {
        goto fail;
    }
    start_watchers(h);
    return h;
fail:
    httpd_free(h);
    return NULL;
}

struct httpd *httpd_beside(const struct httpd *old, const struct httpd_conf *conf, httpd_handler *handler,
                           void *ud, struct err *e)
{
    struct httpd_conf same = *conf;
    same.listen = NULL;
    same.listen_fd = fcntl(old->listen_fd, F_DUPFD_CLOEXEC, 0);
    if (same.listen_fd < 0) {
        err_set(e, "the HTTP server: %s", strerror(errno));
        return NULL;
    }
    return httpd_new(old->loop, &same, handler, ud, e);
}

void httpd_inherit(struct httpd *h, struct httpd *old)
{
    h->unix_path = old->unix_path;
    h->unix_inode = old->unix_inode;
    old->unix_path = NULL;
    old->replaced = true;
}

int httpd_port(const struct httpd *h)
{
    return listen_port(h->listen_fd);
}

/* A successor may already listen on the same path: only our own socket is removed, and before it is closed,
 * while its inode number cannot be given to another. */
static void remove_unix_socket(struct httpd *h)
{
    struct stat st;
    if (h->unix_path != NULL && stat(h->unix_path, &st) == 0 && st.st_ino == h->unix_inode) {
        unlink(h->unix_path);
    }
    free(h->unix_path);
    h->unix_path = NULL;
}

void httpd_stop(struct httpd *h, double within_s, void (*stopped)(void *ud), void *ud)
{
    if (h->stopping) {
        return;
    }
    h->stopping = true;
    h->on_stopped = stopped;
    h->stopped_ud = ud;
    remove_unix_socket(h);
    int fd = MHD_quiesce_daemon(h->mhd);
    if (fd >= 0) {
        close(fd);
    }
    h->listen_fd = -1;
    ev_now_update(h->loop);
    ev_timer_set(&h->stop_bound, within_s, 0.);
    ev_timer_start(h->loop, &h->stop_bound);
    wake(h); /* the check for "nothing under way" is made by the loop, not in here */
}

void httpd_free(struct httpd *h)
{
    if (h == NULL) {
        return;
    }
    remove_unix_socket(h);
    if (h->mhd != NULL) {
        /* The library does not stop while a connection is suspended. */
        clients_end_parked(&h->clients);
        clients_resume(&h->clients);
        MHD_run(h->mhd);
        ev_io_stop(h->loop, &h->ready);
        ev_timer_stop(h->loop, &h->deadline);
        ev_timer_stop(h->loop, &h->heartbeat);
        ev_timer_stop(h->loop, &h->stop_bound);
        /* Ends the connections through on_completed and on_connection, and closes the listener. */
        MHD_stop_daemon(h->mhd);
    }
    webconfig_unref(h->clients.web);
    free(h);
}
