#include "table_job.h"

#include <stdlib.h>

#include "instant.h"

#define PIECE 16384

#define STEPS_A_BYTE 64 /* some tenths of a second */

int table_job_step(struct table_job *job)
{
    return job->step != NULL ? job->step(job) : 0;
}

void table_job_free(struct table_job *job)
{
    if (job != NULL && job->free != NULL)
        job->free(job);
}

/* A table that is there, and what it holds. */
struct holder {
    struct table_job job;
    void (*release)(void *held);
    void *held;
};

static void holder_free(struct table_job *job)
{
    struct holder *h = (struct holder *)job;
    if (h->release != NULL)
        h->release(h->held);
    free(h);
}

struct table_job *table_job_of(const struct table *t, const struct table_about *about,
                               void (*release)(void *held), void *held)
{
    struct holder *h = malloc(sizeof *h);
    if (h == NULL) {
        if (release != NULL)
            release(held);
        return NULL;
    }
    *h = (struct holder){{.table = *t, .about = *about, .free = holder_free}, release, held};
    return &h->job;
}

/* --- piece by piece -------------------------------------------------------------------------------------------------- */

struct table_cursor {
    struct table_job *job;
    enum table_format format;
    size_t steps; /* of the job */
    bool done;    /* the job */
    bool begun, middle, ended, failed;
    size_t row;       /* the next */
    struct buf piece; /* rendered and not yet read from `at` on */
    size_t at;
};

struct table_cursor *table_cursor_new(struct table_job *job, enum table_format format)
{
    struct table_cursor *c = job != NULL ? calloc(1, sizeof *c) : NULL;
    if (c == NULL) {
        table_job_free(job);
        return NULL;
    }
    c->job = job;
    c->format = format;
    return c;
}

void table_cursor_free(struct table_cursor *c)
{
    if (c == NULL)
        return;
    table_job_free(c->job);
    buf_free(&c->piece);
    free(c);
}

static void csv_begin(struct table_cursor *c)
{
    table_csv_header(&c->piece, &c->job->table);
}

static void json_begin(struct table_cursor *c)
{
    buf_text(&c->piece, "{");
    table_json_about(&c->piece, &c->job->about);
}

static void json_middle(struct table_cursor *c)
{
    table_json_facts(&c->piece, &c->job->table);
    buf_text(&c->piece, ",\"items\":[");
}

static void json_row(struct buf *b, const struct table *t, size_t row)
{
    buf_text(b, row > 0 ? ",\n" : "\n");
    table_json_row(b, t, row);
}

static void json_end(struct table_cursor *c)
{
    buf_text(&c->piece, c->row > 0 ? "\n]}\n" : "]}\n");
}

static void text_begin(struct table_cursor *c)
{
    const struct table_job *job = c->job;
    char day[32], known[INSTANT_TEXT_LEN];
    buf_printf(&c->piece, "%s on %s, as known at %s (rulebook %s)\n\n", job->table.title,
               civil_words(job->about.as_of, day, sizeof day), instant_format(job->about.known_at, known),
               job->about.rulebook);
    table_text_header(&c->piece, &job->table);
}

static void text_end(struct table_cursor *c)
{
    buf_text(&c->piece, "\n");
    table_text_facts(&c->piece, &c->job->table);
}

static void nothing(struct table_cursor *c)
{
    (void)c;
}

static const struct form {
    void (*begin)(struct table_cursor *c);  /* what is known before the job is done */
    void (*middle)(struct table_cursor *c); /* before the first row */
    void (*row)(struct buf *b, const struct table *t, size_t row);
    void (*end)(struct table_cursor *c);
} forms[] = {
    [TABLE_CSV] = {csv_begin, nothing, table_csv_row, nothing},
    [TABLE_JSON] = {json_begin, json_middle, json_row, json_end},
    [TABLE_TEXT] = {text_begin, nothing, table_text_row, text_end},
};

static void render(struct table_cursor *c)
{
    const struct form *form = &forms[c->format];
    const struct table *t = &c->job->table;
    c->piece.n = c->at = 0;
    if (!c->begun)
        form->begin(c);
    c->begun = true;
    if (!c->done)
        return;
    if (!c->middle)
        form->middle(c);
    c->middle = true;
    for (; c->row < t->n_rows && c->piece.n < PIECE && !c->piece.failed; c->row++)
        form->row(&c->piece, t, c->row);
    if (c->row < t->n_rows)
        return;
    form->end(c);
    c->ended = true;
}

static void step(struct table_cursor *c)
{
    const int more = table_job_step(c->job);
    c->failed |= more < 0;
    c->done = more == 0;
    c->steps++;
}

/* How much of what is rendered may go out: of the first line no more than has been earned, and its last byte when the job is done. */
static size_t due(const struct table_cursor *c)
{
    size_t left = c->piece.n - c->at, earned = 1 + c->steps / STEPS_A_BYTE;
    if (c->done)
        return left;
    earned = earned < c->piece.n ? earned : c->piece.n - 1;
    return earned > c->at ? earned - c->at : 0;
}

size_t table_cursor_read(struct table_cursor *c, char *out, size_t max)
{
    if (!c->done && (c->begun || c->job->step == NULL))
        step(c);
    if (!c->failed && c->at == c->piece.n && !c->ended)
        render(c);
    if (c->failed || c->piece.failed)
        return TABLE_FAILED;
    size_t n = due(c);
    if (n == 0 && !(c->ended && c->at == c->piece.n))
        return TABLE_AGAIN;
    return buf_read(&c->piece, &c->at, out, n < max ? n : max);
}
