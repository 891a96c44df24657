#include "csv_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pieces.h"

#define BLOCK ((size_t)256 << 10) /* small enough to be read while it is in a core's own cache */

struct file {
    const char *name;
    const struct csv_file_reader *how;
    void *ud;
    int fd;
    size_t block;

    /* Touched by `take` alone, but for the error, which is read when all is over. */
    struct csv head; /* as the header left it */
    bool opened, ended;
    char *left; /* of the block before: the beginning of a row */
    size_t n_left, cap_left;
    struct err lost; /* nothing more can be read */

    /* By `give` alone. */
    unsigned lines;   /* of the blocks given */
    struct err wrong; /* the first row that is, or a NUL byte */
};

struct piece {
    const struct file *file;
    char *text;
    size_t n, cap;
    struct csv csv;
    bool rows; /* the header could be read */
    bool ok, nul;
    unsigned lines, line; /* of the block; of what is wrong, 0: of nothing */
    struct err wrong;
    void *batch;
};

static bool room(char **p, size_t *cap, size_t want)
{
    if (want <= *cap)
        return true;
    char *more = realloc(*p, want);
    if (more == NULL)
        return false;
    *p = more;
    *cap = want;
    return true;
}

/* More bytes up to `want`, fewer only at the end. */
static bool fill(struct file *f, struct piece *p, size_t want)
{
    if (!room(&p->text, &p->cap, want))
        return err_set(&f->lost, "%s: out of memory", f->name);
    while (p->n < want) {
        ssize_t got = read(f->fd, p->text + p->n, want - p->n);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return err_set(&f->lost, "%s: %s", f->name, strerror(errno));
        if (got == 0) {
            f->ended = true;
            break;
        }
        p->n += (size_t)got;
    }
    return true;
}

/* A block of whole rows, or all that is left; at least one row. */
static bool fill_rows(struct file *f, struct piece *p)
{
    p->n = f->n_left;
    if (!room(&p->text, &p->cap, f->block + f->n_left))
        return err_set(&f->lost, "%s: out of memory", f->name);
    if (f->n_left > 0)
        memcpy(p->text, f->left, f->n_left);
    for (size_t whole = 0, want = f->block + f->n_left; !f->ended && whole == 0; want *= 2) {
        if (!fill(f, p, want))
            return false;
        size_t mark = f->opened ? 0 : csv_mark(p->text, p->n);
        whole = f->ended ? p->n : csv_whole_rows(p->text + mark, p->n - mark);
        if (whole == 0)
            continue;
        whole += f->ended ? 0 : mark;
        f->n_left = p->n - whole;
        if (!room(&f->left, &f->cap_left, f->n_left))
            return err_set(&f->lost, "%s: out of memory", f->name);
        if (f->n_left > 0)
            memcpy(f->left, p->text + whole, f->n_left);
        p->n = whole;
    }
    return true;
}

/* Reads the next block and, of the first, the header. */
static bool take(void *ud, void *piece)
{
    struct file *f = ud;
    struct piece *p = piece;
    p->file = f;
    p->ok = true;
    p->nul = false;
    p->line = 0;
    if ((f->ended && f->opened) || !fill_rows(f, p))
        return false;
    if (f->opened && p->n == 0)
        return false;
    if (!f->opened) {
        f->opened = true;
        p->ok = csv_open(&f->head, NULL, p->text, p->n, f->how->columns, f->how->required, &p->wrong);
        p->rows = p->ok;
        p->csv = f->head;
        if (!p->ok) {
            f->head.columns = 0;
            p->line = 1;
        }
        return true;
    }
    p->csv = f->head;
    p->rows = f->head.columns > 0;
    p->csv.at = p->text;
    p->csv.window = NULL;
    p->csv.end = p->text + p->n;
    p->csv.line = p->csv.next_line = 1;
    return true;
}

static void work(void *ud, void *piece)
{
    const struct file *f = ud;
    struct piece *p = piece;
    const char *nul = p->n > 0 ? memchr(p->text, '\0', p->n) : NULL;
    if (nul != NULL) {
        p->nul = true;
        p->ok = err_set(&p->wrong, "a NUL byte: this is not a CSV text");
        p->line = 1 + csv_line_ends(p->text, (size_t)(nul - p->text));
    }
    if (p->rows && !p->nul) {
        if (p->batch == NULL)
            p->batch = calloc(1, f->how->batch_size);
        p->ok = p->batch != NULL ? f->how->read(f->ud, p->batch, &p->csv, &p->wrong)
                                 : err_set(&p->wrong, "out of memory");
        p->line = p->ok || p->batch == NULL ? 0 : p->csv.line;
    }
    p->lines = p->ok && p->rows ? p->csv.next_line - 1 : csv_line_ends(p->text, p->n);
}

static bool give(void *ud, void *piece)
{
    struct file *f = ud;
    struct piece *p = piece;
    unsigned before = f->lines;
    bool failed = f->wrong.text[0] != '\0';
    f->lines += p->lines;
    if (failed && !p->nul)
        return true; /* what is wrong has been found; only a NUL byte would count for more */
    if (p->rows && !p->nul && p->batch != NULL) {
        unsigned line = 0;
        struct err e = {""};
        if (!f->how->keep(f->ud, p->batch, &p->csv, before, &line, &e)) {
            p->ok = false;
            p->wrong = e;
            p->line = line;
        }
    }
    if (p->ok)
        return true;
    if (p->line > 0)
        err_set(&f->wrong, "%s:%u: %s", f->name, before + p->line, p->wrong.text);
    else
        err_set(&f->wrong, "%s: %s", f->name, p->wrong.text);
    return !p->nul;
}

static void clear(void *piece)
{
    struct piece *p = piece;
    if (p->batch != NULL)
        p->file->how->drop(p->batch);
    free(p->batch);
    free(p->text);
}

static unsigned threads_for(const struct file *f, const struct stat *st, unsigned most)
{
    unsigned cores = most > 0 ? most : pieces_cores();
    size_t blocks = S_ISREG(st->st_mode) ? (size_t)st->st_size / f->block + 1 : cores;
    return blocks < cores ? (unsigned)blocks : cores;
}

bool csv_file_read(const char *name, const struct csv_file_reader *how, const struct csv_pace *pace, void *ud,
                   struct err *e)
{
    static const struct pieces pieces = {sizeof(struct piece), take, work, give, clear};
    struct stat st;
    struct file f = {.name = name, .how = how, .ud = ud, .block = pace->block > 0 ? pace->block : BLOCK};
    f.fd = open(name, O_RDONLY | O_CLOEXEC);
    if (f.fd < 0 || fstat(f.fd, &st) != 0)
        err_set(&f.lost, "%s: %s", name, strerror(errno));
    else if (!pieces_run(&pieces, &f, threads_for(&f, &st, pace->threads)))
        err_set(&f.lost, "%s: out of memory", name);
    if (f.fd >= 0)
        close(f.fd);
    free(f.left);
    const struct err *bad = f.lost.text[0] != '\0' ? &f.lost : &f.wrong;
    if (bad->text[0] != '\0')
        *e = *bad;
    return bad->text[0] == '\0';
}
