/* The forecast and the clearance plan as papers: what goes out is the same to the last byte in every build, and every allocation on the way
 * fails once: whoever reads it sees that it failed, not a shorter paper. */
#include "torture.h"

#include <string.h>

#include "caseload_make.h"
#include "clearance_paper.h"
#include "forecast_paper.h"

#define CASES 120

static civil_day ago(int days)
{
    return made_day("2026-09-01") - days;
}

static uint32_t draw(uint64_t *seed)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(*seed >> 33);
}

static void make(struct made *m)
{
    static const enum event ends[] = {EV_ASSESS_AGREED, EV_ADVICE_RECEIVED, EV_DRAFT_SENT, EV_PLAN_ISSUED};
    uint64_t seed = 5;
    made_begin(m, made_day("2026-09-01"), LIMITS_ALL);
    for (int i = 0; i < CASES; i++) {
        char ref[20];
        snprintf(ref, sizeof ref, "C\"%d", i);
        made_case(m, i, ref, i % 2 ? "=North" : "\xff", "One", "o", CIVIL_NONE);
    }
    for (int i = 0; i < CASES; i += 20)
        made_claim(m, i, GROUND_PERSONAL, ago(100), CIVIL_NONE);
    for (int i = 0; i < CASES; i++) {
        civil_day on = ago((int)(draw(&seed) % 400));
        made_fact(m, i, EV_REQUEST_RECEIVED, "parent", on);
        for (int k = 0; k < 4; k++) {
            on += 15 + (int)(draw(&seed) % 50);
            if (k == 0 && draw(&seed) % 4 == 0) {
                if (on <= ago(0))
                    made_fact(m, i, EV_ASSESS_REFUSED, "", on);
                break;
            }
            if (on > ago(0))
                break;
            made_fact_known(m, i, ends[k], k == 1 ? "education" : "", on,
                            (int64_t)(on + (int)(draw(&seed) % 4)) * 86400000000, TIME_NONE);
            if (k == 0)
                made_fact(m, i, EV_ADVICE_REQUESTED, "education", on);
        }
    }
    made_end(m);
}

static void let_stay(void *paper)
{
    (void)paper;
}

/* The paper as a document, which is thrown away, and the CSV of all its tables into `out`. False: memory was short. */
static bool write_paper(struct buf *out, struct paper *p, const struct table_about *about)
{
    char piece[1000];
    size_t n = TABLE_FAILED;
    struct paper_cursor *c = paper_cursor_new(p, PAPER_ALL, about, let_stay, p);
    while (c != NULL && (n = paper_cursor_read(c, piece, sizeof piece)) > 0 && n != TABLE_FAILED)
        ;
    bool ok = n == 0;
    paper_cursor_free(c);
    for (size_t t = 0; t < p->n; t++) {
        table_csv_header(out, &p->tables[t]);
        for (size_t i = 0; i < p->tables[t].n_rows; i++)
            table_csv_row(out, &p->tables[t], i);
    }
    return ok && !out->failed;
}

static int finish_both(struct pipeline *p, struct forecast *f)
{
    int more;
    do
        more = pipeline_finish(p);
    while (more == 1);
    if (more == 0)
        do
            more = forecast_finish(f);
        while (more == 1);
    return more;
}

static bool write_both(struct buf *out, const struct made *m, struct pipeline *p, struct forecast *f)
{
    const struct table_about about = {made_day("2026-09-01"), MADE_READ_AT, MADE_READ_AT, "rules"};
    const struct case_places everywhere = {0};
    struct forecast_paper *paper = forecast_paper_new(f, m->snapshot, &everywhere, LIMITS_ALL);
    bool ok = paper != NULL && write_paper(out, &paper->paper, &about);
    paper_free(paper != NULL ? &paper->paper : NULL);
    if (!ok)
        return false;
    struct clearance_ask ask = clearance_ask_default();
    ask.save = 35;
    struct clearance_paper *plan = clearance_paper_new(clearance_new(p, &everywhere, &ask), p, m->snapshot);
    if (plan == NULL)
        return false;
    int more;
    do
        more = clearance_paper_step(&plan->paper);
    while (more == 1);
    ok = more == 0 && clearance_paper_step(&plan->paper) == 0 && write_paper(out, &plan->paper, &about);
    paper_free(&plan->paper);
    return ok;
}

static bool papers(struct buf *out, struct made *m)
{
    const struct judge_how how = {&m->rulebook,       &m->calendar, m->words,
                                  m->snapshot->as_of, KNOWN_NOW,    LIMITS_ALL};
    struct pipeline *p = pipeline_new(&m->rulebook, how.as_of, MADE_READ_AT);
    struct forecast *f = p != NULL ? forecast_new(&how, LIMITS_ALL, p) : NULL;
    const struct case_visitor visitors[] = {{pipeline_visit, p}, {forecast_visit, f}};
    struct case_walk *w = f != NULL ? case_walk_new(m->snapshot, &how, visitors, 2) : NULL;
    bool ok =
        w != NULL && case_walk_next(w, SIZE_MAX) == 0 && finish_both(p, f) == 0 && write_both(out, m, p, f);
    case_walk_free(w);
    forecast_free(f);
    pipeline_free(p);
    return ok;
}

static bool papers_once(void *ud)
{
    struct buf out = {0};
    bool ok = papers(&out, ud);
    buf_free(&out);
    return ok;
}

static void every_allocation(void **state)
{
    (void)state;
    struct made m;
    make(&m);
    torture(papers_once, &m);
    made_free(&m);
}

/* Compilers, optimisation, sanitizers and machines make no difference; what is worked out is worked out in whole numbers. A change of the
 * method changes this number: look at what came out before the new one is written here. */
#define DIGEST UINT64_C(0x2a3bfbc398f6f126)

static void the_same_bytes_everywhere(void **state)
{
    (void)state;
    struct made m;
    struct buf out = {0};
    uint64_t digest = UINT64_C(14695981039346656037);
    make(&m);
    assert_true(papers(&out, &m));
    for (size_t i = 0; i < out.n; i++)
        digest = (digest ^ (unsigned char)out.p[i]) * UINT64_C(1099511628211);
    if (digest != DIGEST)
        fail_msg("UINT64_C(%#llx), of %zu bytes", (unsigned long long)digest, out.n);
    buf_free(&out);
    made_free(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_allocation),
        cmocka_unit_test(the_same_bytes_everywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
