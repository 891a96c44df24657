#include "caserows.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "obligation_rows.h"
#include "pieces.h"

/* Cases of a piece, about: their rows fill half a megabyte, which a core's own cache holds. */
enum { CASES = 256 };

/* Dates are written fastest from so many years before the as-of date to so many after it. */
enum { YEAR = 366, BEFORE = 30 * YEAR, AFTER = 3 * YEAR };

struct writing {
    struct casefile *cf;
    const struct rulebook *rulebook;
    const struct caserows_how *how;
    struct calendar calendar;
    struct obligation_text text;
    struct obligation_rows *rows;
    size_t taken;       /* cases; by `take` alone */
    bool begun, failed; /* by `give` alone */
};

struct piece {
    size_t from, to; /* cases */
    struct buf out;
    struct obligation *o; /* of one reference: as they come, and in order behind that */
    size_t n, cap;
    struct findings_part findings;
    bool failed;
};

/* Cases of one reference stay together: their rows are sorted as one. */
static bool take(void *ud, void *piece)
{
    struct writing *w = ud;
    struct piece *p = piece;
    const struct casefile *cf = w->cf;
    p->from = w->taken;
    p->to = cf->n - p->from < CASES ? cf->n : p->from + CASES;
    while (p->to < cf->n && strcmp(cf->cases[p->to - 1].ref, cf->cases[p->to].ref) == 0)
        p->to++;
    w->taken = p->to;
    return p->to > p->from;
}

static void collect(void *ud, const struct obligation *o)
{
    struct piece *p = ud;
    if (p->n == p->cap) {
        size_t cap = p->cap ? p->cap * 2 : 256;
        struct obligation *more = reallocarray(p->o, 2 * cap, sizeof *more);
        if (more == NULL) {
            p->failed = true;
            return;
        }
        p->o = more;
        p->cap = cap;
    }
    p->o[p->n++] = *o;
}

static void evaluate_case(const struct writing *w, struct piece *p, const struct casefile_case *k)
{
    size_t before = p->n;
    struct case_facts facts = {
        .facts = w->cf->facts + k->facts_from,
        .n = k->facts_to - k->facts_from,
        .claims = w->cf->claims + k->claims_from,
        .n_claims = k->claims_to - k->claims_from,
        .born = k->born,
    };
    facts_settle(&facts, w->cf->subjects, w->how->as_of);
    evaluate(w->rulebook, &w->calendar, &facts, w->how->as_of, w->how->limits, collect, p);
    if (w->how->findings != NULL &&
        !findings_file_case(w->how->findings, &p->findings, k, &facts, p->o + before, p->n - before))
        p->failed = true;
}

static void write_case(const struct writing *w, struct piece *p, const char *ref)
{
    struct obligation *sorted = p->o + p->cap;
    if (p->n == 0)
        return;
    obligation_rows_sort(w->rows, p->o, p->n, sorted);
    if (!w->how->json)
        obligation_rows_csv(w->rows, &p->out, ref, sorted, p->n);
    for (size_t i = 0; w->how->json && i < p->n; i++) {
        buf_text(&p->out, ",\n");
        obligation_json(&p->out, &w->text, ref, &sorted[i]);
        if (p->out.failed)
            return;
        p->out.n--; /* the object goes on */
        buf_printf(&p->out, ",\"rulebook\":\"%s\"}", w->rulebook->version);
    }
}

static void work(void *ud, void *piece)
{
    const struct writing *w = ud;
    struct piece *p = piece;
    const struct casefile_case *cases = w->cf->cases;
    p->out.n = 0;
    for (size_t i = p->from; i < p->to && !p->failed;) {
        const char *ref = cases[i].ref;
        p->n = 0;
        do
            evaluate_case(w, p, &cases[i++]);
        while (i < p->to && !p->failed && strcmp(cases[i].ref, ref) == 0);
        write_case(w, p, ref);
    }
    p->failed |= p->out.failed;
}

static bool write_all(int fd, const char *p, size_t n)
{
    while (n > 0) {
        ssize_t done = write(fd, p, n);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return false;
        p += done;
        n -= (size_t)done;
    }
    return true;
}

/* Before every object stands ",\n", and before the first of all "\n". */
static bool give(void *ud, void *piece)
{
    struct writing *w = ud;
    struct piece *p = piece;
    size_t skip = w->how->json && !w->begun && p->out.n > 0 ? 1 : 0;
    bool ok = !p->failed && write_all(w->how->out, p->out.p + skip, p->out.n - skip);
    if (ok && w->how->findings != NULL)
        ok = findings_file_add(w->how->findings, &p->findings);
    w->begun |= p->out.n > 0;
    w->failed |= !ok;
    return ok;
}

static void clear(void *piece)
{
    struct piece *p = piece;
    buf_free(&p->out);
    free(p->o);
    findings_part_free(&p->findings);
}

bool caserows_write(struct casefile *cf, const struct rulebook *rb, const struct caserows_how *how)
{
    static const struct pieces pieces = {sizeof(struct piece), take, work, give, clear};
    struct writing w = {.cf = cf, .rulebook = rb, .how = how};
    size_t worth = cf->n / (4 * CASES) + 1; /* threads */
    unsigned threads = how->threads > 0 ? how->threads : pieces_cores();
    if (how->threads == 0 && worth < threads)
        threads = (unsigned)worth;
    calendar_builtin(&w.calendar);
    w.text = (struct obligation_text){rb, &w.calendar, cf->subjects};
    w.rows = obligation_rows_new(&w.text, how->as_of - BEFORE, how->as_of + AFTER);
    const char *head = how->json ? "[" : obligation_rows_header();
    bool ok = w.rows != NULL && write_all(how->out, head, strlen(head)) && pieces_run(&pieces, &w, threads) &&
              !w.failed && (!how->json || write_all(how->out, "\n]\n", 3));
    obligation_rows_free(w.rows);
    return ok;
}
