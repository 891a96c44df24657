/* Every allocation of the papers fails once, and then from there on: the parts, the tables that show them, and the desk that answers. */
#include <ev.h>

#include "by_place.h"
#include "figures_paper.h"
#include "flow_paper.h"
#include "papers.h"
#include "parked.h"
#include "routes.h"
#include "stuck_paper.h"
#include "summary_more.h"
#include "torture.h"
#include "walk_make.h"

enum { CASES = 40 };

static void make(struct made *m)
{
    const civil_day day = made_day("2025-09-01");
    made_begin(m, made_day("2026-09-01"), LIMITS_ALL);
    for (int i = 0; i < CASES; i++) {
        char ref[24], officer[24];
        snprintf(ref, sizeof ref, "C-%d", i);
        snprintf(officer, sizeof officer, "o%d", i);
        made_case(m, i, ref, i % 2 ? "N" : "S", i % 3 ? "T" : "U", officer, day - 3000);
    }
    for (int i = 0; i < CASES; i++) {
        made_fact(m, i, EV_REQUEST_RECEIVED, "", day + 5 * i - 300);
        made_fact(m, i, EV_ASSESS_AGREED, "", day + 5 * i - 260);
        made_fact(m, i, EV_ADVICE_REQUESTED, "health", day + 5 * i - 250);
        made_fact(m, i, EV_ADVICE_RECEIVED, "health", day + 5 * i - 220);
        if (i % 2)
            made_fact(m, i, EV_PLAN_ISSUED, "", day + 5 * i - 20);
    }
    made_end(m);
}

/* False: memory was short. */
static bool walked(const struct made *m, const struct judge_how *how, case_visit_fn *visit, void *part)
{
    struct case_walk *w =
        part != NULL ? case_walk_new(m->snapshot, how, &(struct case_visitor){visit, part}, 1) : NULL;
    int more = w != NULL ? 1 : -1;
    while (more == 1)
        more = case_walk_next(w, 7);
    case_walk_free(w);
    return more == 0;
}

static void let_paper_go(void *held)
{
    paper_free(held);
}

static bool told(struct paper *p)
{
    char out[300];
    size_t n = TABLE_FAILED;
    struct paper_cursor *c =
        p != NULL ? paper_cursor_new(p, PAPER_ALL, &(struct table_about){.rulebook = "r"}, let_paper_go, p)
                  : NULL;
    while (c != NULL && (n = paper_cursor_read(c, out, sizeof out)) > 0 && n != TABLE_FAILED)
        ;
    paper_cursor_free(c);
    return n == 0;
}

static bool finished(int (*finish)(void *part), void *part)
{
    int more;
    while ((more = finish(part)) == 1)
        ;
    return more == 0;
}

static int finish_figures(void *part)
{
    return figures_finish(part);
}

static int finish_stuck(void *part)
{
    return stuck_finish(part);
}

static bool count_figures(void *ud)
{
    const struct made *m = ud;
    const struct judge_how how = walk_how(m, made_day("2026-09-01"), KNOWN_NOW);
    struct figures *f = figures_new(&how, m->snapshot->seen);
    struct by_place *p = by_place_new(&how, LIMITS_ALL);
    bool ok = f != NULL && p != NULL && walked(m, &how, figures_visit, f) &&
              walked(m, &how, by_place_visit, p) && finished(finish_figures, f) && by_place_finish(p) == 0;
    struct buf b = {0};
    if (ok)
        summary_more(&b, &(struct summary_more){p, f}, LIMITS_ALL);
    ok = ok && !b.failed && told(figures_paper_new(f));
    buf_free(&b);
    figures_free(f);
    by_place_free(p);
    return ok;
}

static bool count_stuck(void *ud)
{
    const struct made *m = ud;
    const struct judge_how how = walk_how(m, made_day("2026-09-01"), KNOWN_NOW);
    struct stuck *s = stuck_new(&how, LIMITS_ALL);
    bool ok = walked(m, &how, stuck_visit, s) && finished(finish_stuck, s) && told(stuck_paper_new(s));
    stuck_free(s);
    return ok;
}

static bool count_flow(void *ud)
{
    const struct made *m = ud;
    const struct judge_how how = walk_how(m, made_day("2026-09-01"), KNOWN_NOW);
    struct flow *f = flow_new(&how);
    bool ok = walked(m, &how, flow_visit, f) &&
              told(flow_paper_new(f, BY_WEEK, made_day("2025-01-01"), made_day("2026-09-01")));
    flow_free(f);
    return ok;
}

/* --- the desk ------------------------------------------------------------------------------------------------------------ */

struct answer {
    struct parked http;
    int called, freed;
};

static void fill_in(void *ctx, struct papers *papers, struct httpd_reply *reply)
{
    (void)reply;
    assert_non_null(papers->stuck);
    ((struct answer *)ctx)->called++;
}

static void let_go(void *ctx)
{
    ((struct answer *)ctx)->freed++;
}

struct world {
    struct made *made;
    struct ev_loop *loop;
};

/* Everybody who asks is told, whatever there is to tell, and let go once. */
static bool desk(void *ud)
{
    struct world *w = ud;
    struct core core = {.loop = w->loop,
                        .status = {.snapshot = w->made->snapshot, .calendar = &w->made->calendar}};
    const struct routes r = {.status = &core.status};
    const struct papers_want want = {.as_of = w->made->snapshot->as_of,
                                     .known_at = w->made->snapshot->known_at};
    struct answer a[3] = {{.called = 0}};
    struct err e;
    struct papers_desk *d = papers_desk_new(&core, &e);
    if (d == NULL)
        return false;
    for (int i = 0; i < 2; i++)
        papers_ask(d, &r, (struct httpd_reply *)&a[i], &want, fill_in, &a[i], let_go);
    ev_run(w->loop, 0);
    papers_ask(d, &r, (struct httpd_reply *)&a[2], &want, fill_in, &a[2], let_go);
    ev_run(w->loop, 0);
    papers_desk_free(d);
    for (int i = 0; i < 3; i++) {
        const struct parked *p = &a[i].http;
        assert_true(a[i].called + p->problems == 1 && p->parked == p->unparked && a[i].freed == 1);
        assert_int_equal(p->problem, p->problems ? 500 : 0);
    }
    assert_int_equal(w->made->snapshot->refs, 1);
    return a[0].http.problems + a[1].http.problems + a[2].http.problems == 0;
}

static void parts(void **state)
{
    (void)state;
    struct made m;
    make(&m);
    torture(count_figures, &m);
    torture(count_stuck, &m);
    torture(count_flow, &m);
    made_free(&m);
}

static void answers(void **state)
{
    (void)state;
    struct made m;
    make(&m);
    struct world w = {&m, ev_loop_new(EVFLAG_AUTO)};
    torture(desk, &w);
    ev_loop_destroy(w.loop);
    made_free(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts),
        cmocka_unit_test(answers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
