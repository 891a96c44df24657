#include "casefile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "csv.h"
#include "instant.h"

/* Rows as they come, with the number of their case; grouped by case at the end. */
struct loose_fact {
    uint32_t of;
    struct fact fact;
};
struct loose_claim {
    uint32_t of;
    struct claim claim;
};

struct casefile_store {
    struct names *ids, *refs;
    uint32_t *case_of_id; /* names number of an id -> index of its case */
    struct loose_fact *facts;
    size_t n_facts, cap_facts;
    struct loose_claim *claims;
    size_t n_claims, cap_claims, cap_cases;
};

static bool out_of_memory(struct err *e, const char *name)
{
    return err_set(e, "%s: out of memory", name);
}

static void *grow(void *p, size_t n, size_t *cap, size_t size)
{
    if (n < *cap)
        return p;
    size_t want = *cap ? *cap * 2 : 1024;
    p = reallocarray(p, want, size);
    if (p != NULL)
        *cap = want;
    return p;
}

static char *slurp(const char *name, size_t *len, struct err *e)
{
    struct stat st;
    char *text = NULL;
    int fd = open(name, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) != 0) {
        err_set(e, "%s: %s", name, strerror(errno));
        goto out;
    }
    size_t cap = S_ISREG(st.st_mode) ? (size_t)st.st_size + 1 : 65536;
    text = malloc(cap);
    *len = 0;
    while (text != NULL) {
        ssize_t got = read(fd, text + *len, cap - *len);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0) {
            if (got < 0) {
                err_set(e, "%s: %s", name, strerror(errno));
                free(text);
                text = NULL;
            }
            goto out;
        }
        *len += (size_t)got;
        if (*len == cap) {
            char *more = realloc(text, cap *= 2);
            if (more == NULL)
                free(text);
            text = more;
        }
    }
    out_of_memory(e, name);
out:
    if (fd >= 0)
        close(fd);
    return text;
}

static bool date_field(const struct csv *c, int i, const char *column, bool needed, civil_day *out,
                       struct err *e)
{
    const struct csv_field *f = &c->field[i];
    *out = CIVIL_NONE;
    if (f->len == 0 && !needed)
        return true;
    if (civil_parse(f->p, f->len, out))
        return true;
    return err_set(e, "%s:%u: %s \"%.*s\" is not a date (YYYY-MM-DD)", c->name, c->line, column,
                   (int)(f->len > 40 ? 40 : f->len), f->p);
}

static bool time_field(const struct csv *c, int i, const char *column, int64_t *out, struct err *e)
{
    const struct csv_field *f = &c->field[i];
    *out = TIME_NONE;
    if (f->len == 0 || instant_parse(f->p, f->len, out))
        return true;
    return err_set(e, "%s:%u: %s \"%.*s\" is not a time (RFC 3339 with zone, as 2026-05-01T12:00:00Z)",
                   c->name, c->line, column, (int)(f->len > 40 ? 40 : f->len), f->p);
}

static bool read_case(struct casefile *cf, struct csv *c, struct err *e)
{
    struct casefile_store *s = cf->store;
    const struct csv_field *id = &c->field[0], *ref = &c->field[1];
    if (id->len == 0 || ref->len == 0)
        return err_set(e, "%s:%u: case_id and case_ref must not be empty", c->name, c->line);
    if (names_find(s->ids, id->p, id->len) != NAMES_FULL)
        return err_set(e, "%s:%u: case_id %.*s comes twice", c->name, c->line, (int)id->len, id->p);
    struct casefile_case *cases = grow(cf->cases, cf->n, &s->cap_cases, sizeof *cases);
    if (cases == NULL)
        return out_of_memory(e, c->name);
    cf->cases = cases;
    uint32_t number = names_add(s->ids, id->p, id->len), text = names_add(s->refs, ref->p, ref->len);
    if (number == NAMES_FULL || text == NAMES_FULL)
        return out_of_memory(e, c->name);
    struct casefile_case *k = &cf->cases[cf->n];
    *k = (struct casefile_case){.ref = names_text(s->refs, text),
                                .unassigned = csv_has(c, 3) && c->field[3].len == 0,
                                .facts_from = number};
    if (!date_field(c, 2, "date_of_birth", false, &k->born, e))
        return false;
    cf->n++;
    return true;
}

/* The number of a case that was read, or NAMES_FULL. The empty id has a number in every pool, and no case. */
static uint32_t case_number(const struct casefile *cf, const struct csv_field *id)
{
    return id->len == 0 ? NAMES_FULL : names_find(cf->store->ids, id->p, id->len);
}

/* The row is seen and takes no part. */
static bool reject(struct casefile *cf, const struct csv *c, enum finding_kind kind, uint32_t of,
                   civil_day on, struct err *e)
{
    struct names *texts = cf->store->refs;
    struct casefile_reject *more = grow(cf->rejects, cf->n_rejects, &cf->cap_rejects, sizeof *cf->rejects);
    if (more == NULL)
        return out_of_memory(e, c->name);
    cf->rejects = more;
    uint32_t id = names_add(texts, c->field[0].p, c->field[0].len),
             text = names_add(texts, c->field[1].p, c->field[1].len);
    if (id == NAMES_FULL || text == NAMES_FULL)
        return out_of_memory(e, c->name);
    cf->rejects[cf->n_rejects++] = (struct casefile_reject){
        .kind = kind,
        .file = c->name,
        .line = c->line,
        .case_id = names_text(texts, id),
        .text = names_text(texts, text),
        .ref = of == NAMES_FULL ? "" : cf->cases[of - 1].ref, /* numbered as they were read, from 1 */
        .on = on,
    };
    return true;
}

static bool read_event(struct casefile *cf, struct csv *c, int64_t known_at, struct err *e)
{
    struct casefile_store *s = cf->store;
    civil_day on;
    int64_t recorded, voided;
    if (!date_field(c, 2, "occurred_on", true, &on, e) || !time_field(c, 4, "recorded_at", &recorded, e) ||
        !time_field(c, 5, "voided_at", &voided, e))
        return false;
    uint32_t of = case_number(cf, &c->field[0]);
    enum event ev = event_by_name(c->field[1].p, c->field[1].len);
    if (!facts_known(recorded, voided, known_at))
        return true;
    cf->unknown_case += of == NAMES_FULL;
    cf->unknown_event += ev == EV_UNKNOWN;
    if (of == NAMES_FULL || ev == EV_UNKNOWN)
        return reject(cf, c, ev == EV_UNKNOWN ? FINDING_UNKNOWN_EVENT : FINDING_UNKNOWN_CASE, of, on, e);
    uint32_t subject = names_add(cf->subjects, c->field[3].p, c->field[3].len);
    struct loose_fact *facts = grow(s->facts, s->n_facts, &s->cap_facts, sizeof *facts);
    if (subject == NAMES_FULL || facts == NULL)
        return out_of_memory(e, c->name);
    s->facts = facts;
    s->facts[s->n_facts++] = (struct loose_fact){of, {.on = on, .subject = subject, .event = (uint8_t)ev}};
    return true;
}

static bool read_claim(struct casefile *cf, struct csv *c, int64_t known_at, struct err *e)
{
    struct casefile_store *s = cf->store;
    struct claim claim;
    int64_t recorded, voided;
    if (!date_field(c, 2, "from_on", false, &claim.from, e) ||
        !date_field(c, 3, "to_on", false, &claim.to, e) || !time_field(c, 4, "recorded_at", &recorded, e) ||
        !time_field(c, 5, "voided_at", &voided, e))
        return false;
    uint32_t of = case_number(cf, &c->field[0]);
    enum ground g = ground_by_name(c->field[1].p, c->field[1].len);
    if (!facts_known(recorded, voided, known_at))
        return true;
    cf->unknown_case += of == NAMES_FULL;
    cf->unknown_ground += g == GROUND_COUNT;
    if (of == NAMES_FULL || g == GROUND_COUNT)
        return reject(cf, c, g == GROUND_COUNT ? FINDING_UNKNOWN_GROUND : FINDING_UNKNOWN_CASE, of,
                      claim.from, e);
    claim.ground = (uint8_t)g;
    struct loose_claim *claims = grow(s->claims, s->n_claims, &s->cap_claims, sizeof *claims);
    if (claims == NULL)
        return out_of_memory(e, c->name);
    s->claims = claims;
    s->claims[s->n_claims++] = (struct loose_claim){of, claim};
    return true;
}

enum what { CASES, EVENTS, CLAIMS };

static bool read_file(struct casefile *cf, const char *name, enum what what, int64_t known_at, struct err *e)
{
    static const char *const columns[][CSV_WANTED] = {
        [CASES] = {"case_id", "case_ref", "date_of_birth", "officer", NULL},
        [EVENTS] = {"case_id", "event", "occurred_on", "subject", "recorded_at", "voided_at", NULL},
        [CLAIMS] = {"case_id", "ground", "from_on", "to_on", "recorded_at", "voided_at", NULL},
    };
    static const size_t required[] = {[CASES] = 2, [EVENTS] = 3, [CLAIMS] = 4};
    size_t len = 0;
    struct csv c;
    int more = 1;
    char *text = slurp(name, &len, e);
    if (text == NULL)
        return false;
    bool ok = csv_open(&c, name, text, len, columns[what], required[what], e);
    while (ok && (more = csv_next(&c, e)) == 1)
        ok = what == CASES    ? read_case(cf, &c, e)
             : what == EVENTS ? read_event(cf, &c, known_at, e)
                              : read_claim(cf, &c, known_at, e);
    free(text);
    return ok && more == 0;
}

static int by_ref(const void *a, const void *b)
{
    const struct casefile_case *x = a, *y = b;
    return strcmp(x->ref, y->ref);
}

/* Lays the loose rows out case by case: one pass counts, one places. */
static bool group(struct casefile *cf)
{
    struct casefile_store *s = cf->store;
    size_t ids = names_count(s->ids);
    s->case_of_id = malloc((ids + 1) * sizeof *s->case_of_id);
    cf->facts = malloc((s->n_facts + 1) * sizeof *cf->facts);
    cf->claims = malloc((s->n_claims + 1) * sizeof *cf->claims);
    if (s->case_of_id == NULL || cf->facts == NULL || cf->claims == NULL)
        return false;
    if (cf->n > 1) /* no cases: NULL, which qsort must not be given */
        qsort(cf->cases, cf->n, sizeof *cf->cases, by_ref);
    for (size_t i = 0; i < cf->n; i++) {
        s->case_of_id[cf->cases[i].facts_from] = (uint32_t)i;
        cf->cases[i].facts_from = 0;
    }
    for (size_t i = 0; i < s->n_facts; i++)
        cf->cases[s->case_of_id[s->facts[i].of]].facts_to++;
    for (size_t i = 0; i < s->n_claims; i++)
        cf->cases[s->case_of_id[s->claims[i].of]].claims_to++;
    size_t facts = 0, claims = 0;
    for (size_t i = 0; i < cf->n; i++) {
        struct casefile_case *k = &cf->cases[i];
        size_t nf = k->facts_to, nc = k->claims_to;
        if (nf > cf->most_facts)
            cf->most_facts = nf;
        k->facts_from = k->facts_to = facts;
        k->claims_from = k->claims_to = claims;
        facts += nf;
        claims += nc;
    }
    for (size_t i = 0; i < s->n_facts; i++)
        cf->facts[cf->cases[s->case_of_id[s->facts[i].of]].facts_to++] = s->facts[i].fact;
    for (size_t i = 0; i < s->n_claims; i++)
        cf->claims[cf->cases[s->case_of_id[s->claims[i].of]].claims_to++] = s->claims[i].claim;
    return true;
}

bool casefile_read(struct casefile *cf, const char *cases, const char *events, const char *exceptions,
                   int64_t known_at, struct err *e)
{
    *cf = (struct casefile){.store = calloc(1, sizeof *cf->store), .subjects = names_new_subjects()};
    if (cf->store == NULL || cf->subjects == NULL) {
        out_of_memory(e, cases);
        goto fail;
    }
    cf->store->ids = names_new();
    cf->store->refs = names_new();
    if (cf->store->ids == NULL || cf->store->refs == NULL) {
        out_of_memory(e, cases);
        goto fail;
    }
    if (!read_file(cf, cases, CASES, known_at, e) || !read_file(cf, events, EVENTS, known_at, e))
        goto fail;
    if (exceptions != NULL && !read_file(cf, exceptions, CLAIMS, known_at, e))
        goto fail;
    if (!group(cf)) {
        out_of_memory(e, events);
        goto fail;
    }
    return true;
fail:
    casefile_free(cf);
    return false;
}

void casefile_free(struct casefile *cf)
{
    if (cf->store != NULL) {
        names_free(cf->store->ids);
        names_free(cf->store->refs);
        free(cf->store->case_of_id);
        free(cf->store->facts);
        free(cf->store->claims);
        free(cf->store);
    }
    names_free(cf->subjects);
    free(cf->cases);
    free(cf->rejects);
    free(cf->facts);
    free(cf->claims);
    *cf = (struct casefile){0};
}
