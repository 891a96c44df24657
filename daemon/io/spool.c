#include "spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <xlsxwriter.h>

struct file {
    struct spool *spool;
    struct file *next, **link;
    FILE *stream;
    int fd;
};

struct spool {
    const char *dir;
    const atomic_bool *cancelled;
    struct file *open;
    int error;
};

/* The library says nothing about whom it wants a file for: it is whoever is at work on this thread. */
static _Thread_local struct spool *in_use;

int spool_nameless(const char *dir)
{
    char path[4096];
    int fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL))
        return fd;
    /* A file system that knows no nameless files. */
    if ((size_t)snprintf(path, sizeof path, "%s/ehcwatchd.%s", dir,
                         "XX"
                         "XX"
                         "XX") >= sizeof path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    fd = mkostemp(path, O_CLOEXEC);
    if (fd >= 0)
        unlink(path);
    return fd;
}

static void failed(struct spool *s, int error)
{
    if (s->error == 0)
        s->error = error;
    errno = error;
}

static bool cancelled(struct spool *s)
{
    if (s->cancelled == NULL || !atomic_load(s->cancelled))
        return false;
    failed(s, ECANCELED);
    return true;
}

static ssize_t on_read(void *cookie, char *buf, size_t size)
{
    struct file *f = cookie;
    ssize_t n = cancelled(f->spool) ? -1 : read(f->fd, buf, size);
    if (n < 0)
        failed(f->spool, errno);
    return n;
}

/* 0 is how a stream is told of an error. */
static ssize_t on_write(void *cookie, const char *buf, size_t size)
{
    struct file *f = cookie;
    size_t at = 0;
    while (at < size) {
        ssize_t n = cancelled(f->spool) ? -1 : write(f->fd, buf + at, size - at);
        if (n < 0) {
            failed(f->spool, errno);
            return 0;
        }
        at += (size_t)n;
    }
    return (ssize_t)size;
}

static int on_seek(void *cookie, off64_t *offset, int whence)
{
    struct file *f = cookie;
    off64_t at = lseek64(f->fd, *offset, whence);
    if (at < 0) {
        failed(f->spool, errno);
        return -1;
    }
    *offset = at;
    return 0;
}

static int on_close(void *cookie)
{
    struct file *f = cookie;
    *f->link = f->next;
    if (f->next != NULL)
        f->next->link = f->link;
    int rc = close(f->fd);
    free(f);
    return rc;
}

/* The library's own name for it: "a thin wrapper for tmpfile() so it can be over-ridden with a user defined version". */
FILE *lxw_tmpfile(char *tmpdir)
{
    static const cookie_io_functions_t calls = {on_read, on_write, on_seek, on_close};
    struct spool *s = in_use;
    (void)tmpdir;
    if (s == NULL) {
        errno = EINVAL;
        return NULL;
    }
    struct file *f = calloc(1, sizeof *f);
    if (f == NULL || (f->fd = spool_nameless(s->dir)) < 0) {
        failed(s, errno);
        free(f);
        return NULL;
    }
    f->stream = fopencookie(f, "w+", calls);
    if (f->stream == NULL) {
        failed(s, ENOMEM);
        close(f->fd);
        free(f);
        return NULL;
    }
    f->spool = s;
    f->next = s->open;
    f->link = &s->open;
    if (f->next != NULL)
        f->next->link = &f->next;
    s->open = f;
    return f->stream;
}

struct spool *spool_new(const char *dir, const atomic_bool *cancel)
{
    struct spool *s = calloc(1, sizeof *s);
    if (s != NULL) {
        s->dir = dir;
        s->cancelled = cancel;
    }
    return s;
}

void spool_free(struct spool *s)
{
    if (s == NULL)
        return;
    while (s->open != NULL)
        fclose(s->open->stream);
    free(s);
}

void spool_use(struct spool *s)
{
    in_use = s;
}

int spool_error(const struct spool *s)
{
    return s->error;
}
