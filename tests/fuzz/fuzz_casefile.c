/* Fuzz target of a caseload in CSV files: three texts, each ended by a form feed, are read as cases, events and
 * exceptions and evaluated. An error names its file; what is read is grouped by case, in the order of the references, and
 * every case can be evaluated for every limit. Read in small blocks, by two threads now and then, it is the same. */
#include "casefile.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "evaluate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define must(truth) ((truth) ? (void)0 : abort())

/* Files without a file system: the reader opens them by name. */
struct text {
    int fd;
    char name[32];
};

static const uint8_t *take_text(struct text *t, const uint8_t *p, const uint8_t *end)
{
    const uint8_t *stop = p < end ? memchr(p, '\f', (size_t)(end - p)) : NULL;
    size_t len = (size_t)((stop != NULL ? stop : end) - p);
    t->fd = memfd_create("fuzz", MFD_CLOEXEC);
    must(t->fd >= 0 && write(t->fd, p, len) == (ssize_t)len);
    snprintf(t->name, sizeof t->name, "/proc/self/fd/%d", t->fd);
    return stop != NULL ? stop + 1 : end;
}

static void take(void *ud, const struct obligation *o)
{
    uint64_t *n = ud;
    must(o->state < STATE_COUNT && o->days >= 0);
    ++*n;
}

static void evaluate_all(struct casefile *cf, civil_day as_of)
{
    struct rulebook rb;
    struct calendar cal;
    size_t facts = 0, claims = 0;
    uint64_t found = 0;
    rulebook_builtin(&rb);
    calendar_builtin(&cal);
    for (size_t i = 0; i < cf->n; i++) {
        const struct casefile_case *k = &cf->cases[i];
        must(i == 0 || strcmp(cf->cases[i - 1].ref, k->ref) <= 0);
        must(k->facts_from == facts && k->facts_to >= facts && k->claims_from == claims &&
             k->claims_to >= claims);
        must(k->facts_to - k->facts_from <= cf->most_facts);
        facts = k->facts_to;
        claims = k->claims_to;
        struct case_facts view = {.facts = cf->facts + k->facts_from,
                                  .n = k->facts_to - k->facts_from,
                                  .claims = cf->claims + k->claims_from,
                                  .n_claims = k->claims_to - k->claims_from,
                                  .born = k->born};
        facts_settle(&view, cf->subjects, as_of);
        evaluate(&rb, &cal, &view, as_of, LIMITS_ALL, take, &found);
    }
}

static void must_be_the_same(const struct casefile *a, const struct casefile *b)
{
    must(a->n == b->n && a->most_facts == b->most_facts && a->n_rejects == b->n_rejects);
    must(a->unknown_case == b->unknown_case && a->unknown_event == b->unknown_event &&
         a->unknown_ground == b->unknown_ground);
    for (size_t i = 0; i < a->n; i++) {
        const struct casefile_case *x = &a->cases[i], *y = &b->cases[i];
        must(strcmp(x->ref, y->ref) == 0 && x->born == y->born && x->unassigned == y->unassigned);
        must(x->facts_from == y->facts_from && x->facts_to == y->facts_to && x->claims_to == y->claims_to);
        for (size_t k = x->facts_from; k < x->facts_to; k++) {
            const struct fact *f = &a->facts[k], *g = &b->facts[k];
            must(f->on == g->on && f->event == g->event);
            must(strcmp(names_text(a->subjects, f->subject), names_text(b->subjects, g->subject)) == 0);
        }
        for (size_t k = x->claims_from; k < x->claims_to; k++)
            must(a->claims[k].from == b->claims[k].from && a->claims[k].to == b->claims[k].to &&
                 a->claims[k].ground == b->claims[k].ground);
    }
    for (size_t i = 0; i < a->n_rejects; i++) {
        const struct casefile_reject *x = &a->rejects[i], *y = &b->rejects[i];
        must(x->kind == y->kind && x->line == y->line && x->on == y->on && strcmp(x->text, y->text) == 0);
        must(strcmp(x->case_id, y->case_id) == 0 && strcmp(x->ref, y->ref) == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text text[3];
    struct casefile cf, again;
    struct err e = {""}, e2 = {""};
    const uint8_t *p = data, *end = data + size;
    for (int i = 0; i < 3; i++)
        p = take_text(&text[i], p, end);
    int64_t known_at = size % 2 == 0 ? KNOWN_NOW : INT64_C(1767225600000000); /* 2026 */
    const char *exceptions = size % 3 == 0 ? NULL : text[2].name;
    const struct csv_pace whole = {1 << 24, 1}, blocks = {1 + size % 97, 1 + (size % 7 == 0)};
    bool read = casefile_read_by(&cf, text[0].name, text[1].name, exceptions, known_at, &whole, &e);
    must(casefile_read_by(&again, text[0].name, text[1].name, exceptions, known_at, &blocks, &e2) == read);
    must(strcmp(e.text, e2.text) == 0);
    if (read) {
        must(e.text[0] == '\0');
        must_be_the_same(&cf, &again);
        casefile_free(&again);
        evaluate_all(&cf, 20000 + (civil_day)(size % 1000));
        casefile_free(&cf);
    } else {
        bool named = false;
        for (int i = 0; i < 3; i++)
            named |= strncmp(e.text, text[i].name, strlen(text[i].name)) == 0;
        must(named);
    }
    for (int i = 0; i < 3; i++)
        close(text[i].fd);
    return 0;
}
