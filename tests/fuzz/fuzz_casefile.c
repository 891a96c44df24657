/* Fuzz target of a caseload in CSV files: three texts, each ended by a form feed, are read as cases, events and
 * exceptions and evaluated. An error names its file; what is read is grouped by case, in the order of the references, and
 * every case can be evaluated for every limit. */
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text text[3];
    struct casefile cf;
    struct err e = {""};
    const uint8_t *p = data, *end = data + size;
    for (int i = 0; i < 3; i++)
        p = take_text(&text[i], p, end);
    int64_t known_at = size % 2 == 0 ? KNOWN_NOW : INT64_C(1767225600000000); /* 2026 */
    if (casefile_read(&cf, text[0].name, text[1].name, size % 3 == 0 ? NULL : text[2].name, known_at, &e)) {
        must(e.text[0] == '\0');
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
