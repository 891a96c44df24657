#include "hook.h"

#include <assert.h>
#include <errno.h>
#include <ev.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hook_job.h"
#include "hook_mail.h"

/* A socket that curl asked us to watch. Freed at the end of the pass in which curl lets go of it, because
 * curl does so from inside the call that this very watcher made. */
struct hook_sock {
    ev_io io;
    TAILQ_ENTRY(hook_sock) link;
};

TAILQ_HEAD(hook_socks, hook_sock);

struct hook_pool {
    struct ev_loop *loop;
    CURLM *multi;
    ev_timer timer;  /* when curl wants to be called though nothing happened */
    ev_async mail;   /* a mail's thread has ended; started while there are any */
    unsigned mails;  /* such threads */
    ev_prepare kick; /* never started, only fed: work that must not be done where it was asked for */
    char *ca_file, *user_agent;
    unsigned running_max, running;
    size_t inflight;
    struct hook_jobs waiting, active, ended;
    struct hook_socks socks, dead;
    bool reporting, closing;
};

/* --- curl asks us to watch
 * -------------------------------------------------------------------------------------- */

static void on_io(struct ev_loop *loop, ev_io *w, int revents);

static int on_curl_socket(CURL *easy, curl_socket_t fd, int what, void *ud, void *sockp)
{
    struct hook_pool *pool = ud;
    struct hook_sock *sock = sockp;
    (void)easy;
    if (what == CURL_POLL_REMOVE) {
        if (sock != NULL) {
            ev_io_stop(pool->loop, &sock->io);
            TAILQ_REMOVE(&pool->socks, sock, link);
            TAILQ_INSERT_TAIL(&pool->dead, sock, link);
        }
        return 0;
    }
    if (sock == NULL) {
        sock = calloc(1, sizeof *sock);
        if (sock == NULL)
            return -1;
        ev_init(&sock->io, on_io);
        sock->io.data = pool;
        TAILQ_INSERT_TAIL(&pool->socks, sock, link);
        /* The one call into curl that is made for this place: it only stores the pointer. */
        curl_multi_assign(pool->multi, fd, sock);
    }
    /* A full stop, set and start: the number may be an old one with a new socket behind it. */
    ev_io_stop(pool->loop, &sock->io);
    ev_io_set(&sock->io, fd, (what & CURL_POLL_IN ? EV_READ : 0) | (what & CURL_POLL_OUT ? EV_WRITE : 0));
    ev_io_start(pool->loop, &sock->io);
    return 0;
}

static int on_curl_timer(CURLM *multi, long ms, void *ud)
{
    struct hook_pool *pool = ud;
    (void)multi;
    ev_timer_stop(pool->loop, &pool->timer);
    if (ms < 0)
        return 0;
    ev_now_update(pool->loop); /* libev counts from the start of the pass, curl from now */
    ev_timer_set(&pool->timer, (double)ms / 1000., 0.);
    ev_timer_start(pool->loop, &pool->timer);
    return 0;
}

/* --- jobs move
 * ---------------------------------------------------------------------------------------------------- */

static void move(struct hook_pool *pool, struct hook_job *job, enum hook_stage stage)
{
    struct hook_jobs *list[] = {
        [HOOK_WAITING] = &pool->waiting, [HOOK_RUNNING] = &pool->active, [HOOK_ENDED] = &pool->ended};
    TAILQ_REMOVE(list[job->stage], job, link);
    pool->running -= job->stage == HOOK_RUNNING;
    pool->running += stage == HOOK_RUNNING;
    TAILQ_INSERT_TAIL(list[stage], job, link);
    job->stage = stage;
}

/* On a mail's thread: of all of libev only ev_async_send may be called there. */
static void on_thread_end(void *ud)
{
    struct hook_pool *pool = ud;
    ev_async_send(pool->loop, &pool->mail);
}

static bool start(struct hook_pool *pool, struct hook_job *job)
{
    if (job->mail == NULL)
        return curl_multi_add_handle(pool->multi, job->easy) == CURLM_OK;
    if (pool->mails++ == 0)
        ev_async_start(pool->loop, &pool->mail);
    bool started = hook_mail_start(job, on_thread_end, pool);
    if (!started && --pool->mails == 0)
        ev_async_stop(pool->loop, &pool->mail);
    return started;
}

/* Waits for the thread, which has ended or will within a second. */
static void end_mail(struct hook_pool *pool, struct hook_job *job)
{
    CURLcode result = hook_mail_join(job);
    move(pool, job, HOOK_ENDED);
    if (result != CURLE_OK && hook_mail_aborted(job))
        hook_job_end_cancelled(job);
    else
        hook_job_end(job, result);
    if (--pool->mails == 0)
        ev_async_stop(pool->loop, &pool->mail);
}

static void collect_mails(struct hook_pool *pool)
{
    struct hook_job *job, *next;
    for (job = pool->mails > 0 ? TAILQ_FIRST(&pool->active) : NULL; job != NULL; job = next) {
        next = TAILQ_NEXT(job, link);
        if (job->mail != NULL && hook_mail_ended(job))
            end_mail(pool, job);
    }
}

static void start_waiting(struct hook_pool *pool)
{
    struct hook_job *job;
    while (pool->running < pool->running_max && (job = TAILQ_FIRST(&pool->waiting)) != NULL) {
        if (start(pool, job)) {
            move(pool, job, HOOK_RUNNING);
        } else {
            move(pool, job, HOOK_ENDED);
            hook_job_end(job, CURLE_OUT_OF_MEMORY);
        }
    }
}

static void collect_ended(struct hook_pool *pool)
{
    CURLMsg *msg;
    int left;
    while ((msg = curl_multi_info_read(pool->multi, &left)) != NULL) {
        if (msg->msg != CURLMSG_DONE)
            continue;
        CURL *easy = msg->easy_handle; /* the message dies with remove_handle */
        CURLcode result = msg->data.result;
        struct hook_job *job = NULL;
        curl_easy_getinfo(easy, CURLINFO_PRIVATE, &job);
        curl_multi_remove_handle(pool->multi, easy);
        move(pool, job, HOOK_ENDED);
        hook_job_end(job, result);
    }
}

static void report_ended(struct hook_pool *pool)
{
    struct hook_job *job;
    pool->reporting = true;
    while ((job = TAILQ_FIRST(&pool->ended)) != NULL) {
        pool->inflight--;
        job->done(job->ud, &job->out);
        TAILQ_REMOVE(&pool->ended, job, link);
        hook_job_free(job);
    }
    pool->reporting = false;
}

/* The tail of every pass, on no stack but the loop's: callbacks run, what curl let go of is freed. */
static void settle(struct hook_pool *pool)
{
    struct hook_sock *sock;
    collect_ended(pool);
    collect_mails(pool);
    report_ended(pool);
    start_waiting(pool);
    report_ended(pool);
    while ((sock = TAILQ_FIRST(&pool->dead)) != NULL) {
        TAILQ_REMOVE(&pool->dead, sock, link);
        free(sock);
    }
}

/* --- the loop calls us
 * -------------------------------------------------------------------------------------------- */

static void on_io(struct ev_loop *loop, ev_io *w, int revents)
{
    struct hook_pool *pool = w->data;
    int fd = w->fd, running;
    (void)loop;
    int mask = (revents & EV_READ ? CURL_CSELECT_IN : 0) | (revents & EV_WRITE ? CURL_CSELECT_OUT : 0) |
               (revents & EV_ERROR ? CURL_CSELECT_ERR : 0);
    curl_multi_socket_action(pool->multi, fd, mask, &running); /* may retire w: it is not touched below */
    settle(pool);
}

static void on_timer(struct ev_loop *loop, ev_timer *w, int revents)
{
    struct hook_pool *pool = w->data;
    int running;
    (void)loop;
    (void)revents;
    curl_multi_socket_action(pool->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    settle(pool);
}

static void on_kick(struct ev_loop *loop, ev_prepare *w, int revents)
{
    (void)loop;
    (void)revents;
    settle(w->data);
}

static void on_mail(struct ev_loop *loop, ev_async *w, int revents)
{
    (void)loop;
    (void)revents;
    settle(w->data);
}

static void kick(struct hook_pool *pool)
{
    ev_feed_event(pool->loop, &pool->kick, EV_CUSTOM);
}

/* --- what the header promises
 * ------------------------------------------------------------------------------------- */

static bool set_multi(struct hook_pool *pool)
{
    int bad = 0;
    bad |= (int)curl_multi_setopt(pool->multi, CURLMOPT_SOCKETFUNCTION, on_curl_socket);
    bad |= (int)curl_multi_setopt(pool->multi, CURLMOPT_SOCKETDATA, pool);
    bad |= (int)curl_multi_setopt(pool->multi, CURLMOPT_TIMERFUNCTION, on_curl_timer);
    bad |= (int)curl_multi_setopt(pool->multi, CURLMOPT_TIMERDATA, pool);
    return bad == 0;
}

struct hook_pool *hook_pool_new(struct ev_loop *loop, const struct hook_conf *conf, struct err *e)
{
    const char *ca_file = conf->ca_file != NULL ? conf->ca_file : HOOK_CA_FILE;
    if (access(ca_file, R_OK) != 0) {
        err_set(e, "%s: %s; webhooks need a file of trusted certificates (package ca-certificates)", ca_file,
                strerror(errno));
        return NULL;
    }
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        err_set(e, "libcurl does not start");
        return NULL;
    }
    struct hook_pool *pool = calloc(1, sizeof *pool);
    if (pool == NULL)
        goto no_memory;
    pool->loop = loop;
    pool->running_max = conf->running_max > 0 ? conf->running_max : HOOK_RUNNING_MAX;
    TAILQ_INIT(&pool->waiting);
    TAILQ_INIT(&pool->active);
    TAILQ_INIT(&pool->ended);
    TAILQ_INIT(&pool->socks);
    TAILQ_INIT(&pool->dead);
    ev_init(&pool->timer, on_timer);
    ev_init(&pool->kick, on_kick);
    ev_async_init(&pool->mail, on_mail);
    pool->timer.data = pool->kick.data = pool->mail.data = pool;
    pool->ca_file = strdup(ca_file);
    pool->user_agent = strdup(conf->user_agent);
    pool->multi = curl_multi_init();
    if (pool->ca_file == NULL || pool->user_agent == NULL || pool->multi == NULL || !set_multi(pool)) {
        hook_pool_free(pool);
        err_set(e, "out of memory for webhooks");
        return NULL;
    }
    return pool;
no_memory:
    curl_global_cleanup();
    err_set(e, "out of memory for webhooks");
    return NULL;
}

struct hook_job *hook_post(struct hook_pool *pool, const struct hook_request *req, hook_done_fn *done,
                           void *ud, struct err *e)
{
    if (pool->closing) {
        err_set(e, "webhooks are being shut down");
        return NULL;
    }
    struct hook_job *job = hook_job_new(pool->ca_file, pool->user_agent, req, e);
    if (job == NULL)
        return NULL;
    job->pool = pool;
    job->done = done;
    job->ud = ud;
    job->stage = HOOK_WAITING;
    TAILQ_INSERT_TAIL(&pool->waiting, job, link);
    pool->inflight++;
    kick(pool);
    return job;
}

void hook_cancel(struct hook_job *job)
{
    struct hook_pool *pool = job->pool;
    if (job->stage == HOOK_ENDED)
        return;
    if (job->stage == HOOK_RUNNING && job->mail != NULL) {
        hook_mail_abort(job); /* its thread wakes us */
        return;
    }
    if (job->stage == HOOK_RUNNING)
        curl_multi_remove_handle(pool->multi, job->easy);
    move(pool, job, HOOK_ENDED);
    hook_job_end_cancelled(job);
    kick(pool);
}

size_t hook_pool_inflight(const struct hook_pool *pool)
{
    return pool->inflight;
}

void hook_pool_free(struct hook_pool *pool)
{
    struct hook_job *job;
    struct hook_sock *sock;
    if (pool == NULL)
        return;
    assert(!pool->reporting);
    pool->closing = true;
    TAILQ_FOREACH(job, &pool->active, link)
    if (job->mail != NULL)
        hook_mail_abort(job);
    while (pool->mails > 0) {
        job = TAILQ_FIRST(&pool->active);
        while (job->mail == NULL)
            job = TAILQ_NEXT(job, link);
        end_mail(pool, job);
    }
    while ((job = TAILQ_FIRST(&pool->active)) != NULL || (job = TAILQ_FIRST(&pool->waiting)) != NULL)
        hook_cancel(job);
    report_ended(pool);
    curl_multi_cleanup(pool->multi);
    TAILQ_CONCAT(&pool->dead, &pool->socks, link);
    while ((sock = TAILQ_FIRST(&pool->dead)) != NULL) {
        ev_io_stop(pool->loop, &sock->io);
        TAILQ_REMOVE(&pool->dead, sock, link);
        free(sock);
    }
    ev_timer_stop(pool->loop, &pool->timer);
    ev_clear_pending(pool->loop, &pool->kick);
    free(pool->ca_file);
    free(pool->user_agent);
    free(pool);
    curl_global_cleanup();
}
