#include "bcrypt.h"

#include <crypt.h>
#include <ev.h>
#include <openssl/crypto.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

struct bcrypt_job {
    struct bcrypt_job *next;
    char *hash, *password;
    bool known, right; /* `right` is the thread's until it has ended */
    bcrypt_fn *fn;     /* NULL: forgotten */
    void *ud;
};

struct bcrypt {
    struct ev_loop *loop;
    ev_async ended; /* sent by the thread as the last thing it does */
    pthread_t thread;
    bool runs;
    struct bcrypt_job *first; /* being looked at while `runs`; then those that wait */
    unsigned n;
};

/* --- on the thread ------------------------------------------------------------------------------------------------------ */

static bool matches(const char *hash, const char *password)
{
    struct crypt_data *data = calloc(1, sizeof *data);
    const char *made = data != NULL ? crypt_r(password, hash, data) : NULL;
    size_t len = strlen(hash);
    bool right = made != NULL && strlen(made) == len && CRYPTO_memcmp(made, hash, len) == 0;
    if (data != NULL)
        explicit_bzero(data, sizeof *data);
    free(data);
    return right;
}

static void *look(void *ud)
{
    struct bcrypt *b = ud;
    struct bcrypt_job *j = b->first;
    j->right = matches(j->hash, j->password) && j->known;
    ev_async_send(b->loop, &b->ended);
    return NULL;
}

/* --- on the loop -------------------------------------------------------------------------------------------------------- */

static void job_free(struct bcrypt_job *j)
{
    if (j->password != NULL)
        explicit_bzero(j->password, strlen(j->password));
    free(j->password);
    free(j->hash);
    free(j);
}

static void take_first(struct bcrypt *b)
{
    struct bcrypt_job *j = b->first;
    b->first = j->next;
    b->n--;
    if (j->fn != NULL)
        j->fn(j->ud, j->right);
    job_free(j);
}

/* The next that somebody still waits for. Without a thread a password is not right. */
static void start(struct bcrypt *b)
{
    sigset_t all, before;
    while (!b->runs && b->first != NULL) {
        if (b->first->fn == NULL) {
            take_first(b);
            continue;
        }
        sigfillset(&all); /* signals are the loop's */
        pthread_sigmask(SIG_SETMASK, &all, &before);
        b->runs = pthread_create(&b->thread, NULL, look, b) == 0;
        pthread_sigmask(SIG_SETMASK, &before, NULL);
        if (!b->runs)
            ev_feed_event(b->loop, &b->ended, 0);
        break;
    }
}

static void on_ended(struct ev_loop *loop, ev_async *w, int events)
{
    struct bcrypt *b = w->data;
    (void)loop;
    (void)events;
    if (b->runs)
        pthread_join(b->thread, NULL);
    b->runs = false;
    if (b->first != NULL)
        take_first(b);
    start(b);
}

struct bcrypt *bcrypt_new(struct ev_loop *loop)
{
    struct bcrypt *b = calloc(1, sizeof *b);
    if (b == NULL)
        return NULL;
    b->loop = loop;
    ev_async_init(&b->ended, on_ended);
    b->ended.data = b;
    ev_async_start(loop, &b->ended);
    return b;
}

void bcrypt_free(struct bcrypt *b)
{
    if (b == NULL)
        return;
    if (b->runs)
        pthread_join(b->thread, NULL);
    ev_async_stop(b->loop, &b->ended);
    while (b->first != NULL) {
        b->first->fn = NULL;
        take_first(b);
    }
    free(b);
}

struct bcrypt_job *bcrypt_ask(struct bcrypt *b, const char *hash, bool known, const char *password,
                              bcrypt_fn *fn, void *ud)
{
    struct bcrypt_job *j = b->n < BCRYPT_QUEUE ? calloc(1, sizeof *j) : NULL;
    if (j == NULL)
        return NULL;
    *j = (struct bcrypt_job){
        .hash = strdup(hash), .password = strdup(password), .known = known, .fn = fn, .ud = ud};
    if (j->hash == NULL || j->password == NULL) {
        job_free(j);
        return NULL;
    }
    struct bcrypt_job **last = &b->first;
    while (*last != NULL)
        last = &(*last)->next;
    *last = j;
    b->n++;
    start(b);
    return j;
}

void bcrypt_forget(struct bcrypt_job *job)
{
    job->fn = NULL;
}
