#include "pieces.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

struct pool {
    const struct pieces *how;
    void *ud;
    pthread_mutex_t lock; /* guards all below */
    pthread_cond_t changed;
    char *piece; /* a ring: number n lies at n % n_pieces */
    bool *done;  /* worked on, not yet given */
    size_t n_pieces;
    size_t taken, given; /* numbers */
    bool taking, giving; /* a thread is at it, without the lock */
    bool over;           /* nothing more to take */
    bool stopped;        /* nor to give */
};

static void *piece_at(const struct pool *p, size_t number)
{
    return p->piece + number % p->n_pieces * p->how->size;
}

/* False: there is no more work for this thread. */
static bool take(struct pool *p, size_t *number)
{
    while (!p->over && (p->taking || p->taken - p->given == p->n_pieces))
        pthread_cond_wait(&p->changed, &p->lock);
    if (p->over)
        return false;
    *number = p->taken;
    p->taking = true;
    pthread_mutex_unlock(&p->lock);
    bool got = p->how->take(p->ud, piece_at(p, *number));
    pthread_mutex_lock(&p->lock);
    p->taking = false;
    if (got)
        p->taken++;
    else
        p->over = true;
    pthread_cond_broadcast(&p->changed);
    return got;
}

/* Gives all that can be given now. A thread that finds another at it leaves its piece to that one. */
static void give(struct pool *p)
{
    while (!p->giving && !p->stopped && p->given < p->taken && p->done[p->given % p->n_pieces]) {
        p->giving = true;
        pthread_mutex_unlock(&p->lock);
        bool go_on = p->how->give(p->ud, piece_at(p, p->given));
        pthread_mutex_lock(&p->lock);
        p->giving = false;
        p->done[p->given++ % p->n_pieces] = false;
        if (!go_on)
            p->stopped = p->over = true;
        pthread_cond_broadcast(&p->changed);
    }
}

static void *run(void *ud)
{
    struct pool *p = ud;
    size_t number;
    pthread_mutex_lock(&p->lock);
    while (take(p, &number)) {
        pthread_mutex_unlock(&p->lock);
        p->how->work(p->ud, piece_at(p, number));
        pthread_mutex_lock(&p->lock);
        p->done[number % p->n_pieces] = true;
        give(p);
    }
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

bool pieces_run(const struct pieces *how, void *ud, unsigned threads)
{
    pthread_t thread[PIECES_MOST];
    unsigned more = threads > PIECES_MOST ? PIECES_MOST - 1 : threads - 1, started = 0;
    struct pool p = {
        .how = how,
        .ud = ud,
        .lock = PTHREAD_MUTEX_INITIALIZER,
        .changed = PTHREAD_COND_INITIALIZER,
        .n_pieces =
            more > 0 ? 2 * ((size_t)more + 1) : 1, /* a thread need not wait for a slower one's piece */
    };
    p.piece = calloc(p.n_pieces, how->size);
    p.done = calloc(p.n_pieces, sizeof *p.done);
    bool ok = p.piece != NULL && p.done != NULL;
    while (ok && started < more && pthread_create(&thread[started], NULL, run, &p) == 0)
        started++;
    if (ok)
        run(&p);
    for (unsigned i = 0; i < started; i++)
        pthread_join(thread[i], NULL);
    for (size_t i = 0; p.piece != NULL && i < p.n_pieces; i++)
        how->clear(piece_at(&p, i));
    free(p.piece);
    free(p.done);
    return ok;
}

unsigned pieces_cores(void)
{
    cpu_set_t set;
    int n = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
    return n < 1 ? 1 : n > PIECES_MOST ? PIECES_MOST : (unsigned)n;
}
