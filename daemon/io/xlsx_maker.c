#include "xlsx_maker.h"

#include <ev.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FEEDS_MAX 4            /* handed over and not yet written */
#define STACK     (512 * 1024) /* the library's and zlib's largest frames are some kilobytes */

struct xlsx_job {
    struct xlsx_maker *maker;
    struct xlsx_job *next;
    xlsx_fill_fn *fill;
    xlsx_done_fn *done;
    void *ud;
    bool begun, filled, forgotten; /* its thread runs; all is handed over; the owner wants nothing of it */
    atomic_bool cancelled;
    pthread_t thread;

    pthread_mutex_t lock; /* of the rest, which both sides touch */
    pthread_cond_t more;
    struct xlsx_feed feeds[FEEDS_MAX];
    size_t first, n; /* a ring */
    bool complete, ended;
    int fd;
    struct err error;
};

struct xlsx_maker {
    struct ev_loop *loop;
    char *dir;
    ev_async woken;
    ev_timer turn;
    struct xlsx_job *first; /* the one that is being made, and those that wait */
    size_t n;
};

/* --- on the thread ------------------------------------------------------------------------------------------------------- */

/* The next feed, or false when there is no more or it was cancelled. */
static bool take(struct xlsx_job *job, struct xlsx_feed *f)
{
    pthread_mutex_lock(&job->lock);
    while (job->n == 0 && !job->complete && !atomic_load(&job->cancelled))
        pthread_cond_wait(&job->more, &job->lock);
    bool any = job->n > 0 && !atomic_load(&job->cancelled);
    if (any) {
        *f = job->feeds[job->first];
        job->feeds[job->first] = (struct xlsx_feed){.n = 0};
        job->first = (job->first + 1) % FEEDS_MAX;
        job->n--;
    }
    pthread_mutex_unlock(&job->lock);
    return any;
}

static void *run(void *ud)
{
    struct xlsx_job *job = ud;
    struct xlsx_maker *m = job->maker;
    struct xlsx *x = NULL;
    struct xlsx_feed f;
    struct err e = {""};
    bool ok = true;
    int fd = -1;
    while (ok && take(job, &f)) {
        ev_async_send(m->loop, &m->woken); /* there is room for another */
        ok = xlsx_feed_play(&f, &x, m->dir, &job->cancelled, &e);
        xlsx_feed_free(&f);
    }
    if (!ok || atomic_load(&job->cancelled))
        xlsx_drop(x);
    else if (x == NULL)
        err_set(&e, "workbook: nothing to write");
    else
        fd = xlsx_close(x, &e);
    pthread_mutex_lock(&job->lock);
    job->fd = fd;
    job->error = e;
    job->ended = true;
    pthread_mutex_unlock(&job->lock);
    ev_async_send(m->loop, &m->woken); /* the maker joins this thread before it goes */
    return NULL;
}

/* --- on the loop --------------------------------------------------------------------------------------------------------- */

static void turn_soon(struct xlsx_maker *m)
{
    if (ev_is_active(&m->turn))
        return;
    ev_timer_set(&m->turn, 0., 0.);
    ev_timer_start(m->loop, &m->turn);
}

static void job_free(struct xlsx_job *job)
{
    for (size_t i = 0; i < FEEDS_MAX; i++)
        xlsx_feed_free(&job->feeds[i]);
    pthread_cond_destroy(&job->more);
    pthread_mutex_destroy(&job->lock);
    free(job);
}

static bool start_thread(struct xlsx_job *job)
{
    sigset_t all, before;
    pthread_attr_t attr;
    if (pthread_attr_init(&attr) != 0)
        return err_set(&job->error, "workbook: out of memory");
    pthread_attr_setstacksize(&attr, STACK);
    sigfillset(&all); /* signals are the loop's */
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int rc = pthread_create(&job->thread, &attr, run, job);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attr);
    return rc == 0 ? true : err_set(&job->error, "workbook: no thread: %s", strerror(rc));
}

static void cancel(struct xlsx_job *job)
{
    pthread_mutex_lock(&job->lock);
    atomic_store(&job->cancelled, true);
    pthread_cond_signal(&job->more);
    pthread_mutex_unlock(&job->lock);
}

/* Takes the job out of the line; its thread is over, or there was none. */
static void finish(struct xlsx_job *job)
{
    struct xlsx_maker *m = job->maker;
    struct xlsx_job **link = &m->first;
    struct stat st;
    while (*link != job)
        link = &(*link)->next;
    *link = job->next;
    m->n--;
    if (job->begun)
        pthread_join(job->thread, NULL);
    off_t size = job->fd >= 0 && fstat(job->fd, &st) == 0 ? st.st_size : 0;
    if (job->forgotten && job->fd >= 0)
        close(job->fd);
    if (!job->forgotten)
        job->done(job->ud, job->fd, size, &job->error);
    job_free(job);
    if (m->first != NULL)
        turn_soon(m);
}

static void hand_over(struct xlsx_job *job, struct xlsx_feed *f, bool complete)
{
    pthread_mutex_lock(&job->lock);
    if (f->n > 0) {
        job->feeds[(job->first + job->n) % FEEDS_MAX] = *f;
        job->n++;
        *f = (struct xlsx_feed){.n = 0};
    }
    job->complete = complete;
    pthread_cond_signal(&job->more);
    pthread_mutex_unlock(&job->lock);
    xlsx_feed_free(f);
    job->filled = complete;
}

/* Asks for one piece, if the thread has room for it. */
static void feed(struct xlsx_job *job, bool room)
{
    struct xlsx_feed f = {.n = 0};
    if (job->filled || job->forgotten || !room)
        return;
    int more = job->fill(job->ud, &f);
    if (more < 0 || f.failed) {
        job->filled = true;
        xlsx_feed_free(&f);
        cancel(job);
        return;
    }
    hand_over(job, &f, more == 0);
    if (more > 0)
        turn_soon(job->maker);
}

static void on_turn(struct ev_loop *loop, ev_timer *w, int revents)
{
    struct xlsx_maker *m = w->data;
    struct xlsx_job *job = m->first;
    (void)loop;
    (void)revents;
    if (job == NULL)
        return;
    if (!job->begun) {
        job->begun = !job->forgotten && start_thread(job);
        if (!job->begun) {
            finish(job);
            return;
        }
    }
    pthread_mutex_lock(&job->lock);
    bool ended = job->ended, room = job->n < FEEDS_MAX;
    pthread_mutex_unlock(&job->lock);
    if (ended)
        finish(job);
    else
        feed(job, room);
}

static void on_woken(struct ev_loop *loop, ev_async *w, int revents)
{
    (void)loop;
    (void)revents;
    turn_soon(w->data);
}

struct xlsx_job *xlsx_make(struct xlsx_maker *m, xlsx_fill_fn *fill, xlsx_done_fn *done, void *ud)
{
    struct xlsx_job *job = m->n <= XLSX_WAITING_MAX ? calloc(1, sizeof *job) : NULL, **link = &m->first;
    if (job == NULL)
        return NULL;
    job->maker = m;
    job->fill = fill;
    job->done = done;
    job->ud = ud;
    job->fd = -1;
    pthread_mutex_init(&job->lock, NULL);
    pthread_cond_init(&job->more, NULL);
    while (*link != NULL)
        link = &(*link)->next;
    *link = job;
    m->n++;
    turn_soon(m);
    return job;
}

void xlsx_cancel(struct xlsx_job *job)
{
    job->forgotten = true;
    cancel(job);
    if (!job->begun)
        finish(job);
}

struct xlsx_maker *xlsx_maker_new(struct ev_loop *loop, const char *dir, struct err *e)
{
    struct xlsx_maker *m = calloc(1, sizeof *m);
    if (m == NULL || (m->dir = strdup(dir)) == NULL) {
        free(m);
        err_set(e, "workbooks: out of memory");
        return NULL;
    }
    m->loop = loop;
    ev_async_init(&m->woken, on_woken);
    ev_timer_init(&m->turn, on_turn, 0., 0.);
    m->woken.data = m->turn.data = m;
    ev_async_start(loop, &m->woken);
    ev_unref(loop); /* alone it keeps no loop running */
    return m;
}

void xlsx_maker_free(struct xlsx_maker *m)
{
    if (m == NULL)
        return;
    while (m->first != NULL) {
        struct xlsx_job *job = m->first;
        job->forgotten = true;
        cancel(job);
        finish(job);
    }
    ev_timer_stop(m->loop, &m->turn);
    ev_ref(m->loop);
    ev_async_stop(m->loop, &m->woken);
    free(m->dir);
    free(m);
}
