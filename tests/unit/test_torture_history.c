/* Every allocation fails once, and then from there on, of what counts for the history and of what compares with the last meeting. */
#include "torture.h"

#include <string.h>

#include "caseload_make.h"
#include "changes.h"
#include "changes_paper.h"
#include "history_paper.h"
#include "place_count.h"

#define CASES 60

static void make(struct made *m)
{
    made_begin(m, made_day("2026-09-01"), LIMITS_ALL);
    for (int i = 1; i <= CASES; i++) {
        char ref[20], team[8];
        snprintf(ref, sizeof ref, "C-%d", i);
        snprintf(team, sizeof team, "T%d", i % 40);
        made_case(m, i, ref, i % 2 ? "North" : "", team, "", CIVIL_NONE);
    }
    for (int i = 1; i <= CASES; i++) {
        made_fact(m, i, EV_REQUEST_RECEIVED, "", made_day("2026-07-01") + i);
        for (int k = 0; k < 20; k++) /* more obligations than a first allocation holds */
            made_fact(m, i, EV_ADVICE_REQUESTED, (const char *[]){"education", "health", "psychology"}[k % 3],
                      made_day("2026-07-20") + k);
    }
    made_end(m);
}

static struct judge_how how_of(const struct made *m)
{
    return (struct judge_how){&m->rulebook,       &m->calendar, m->words,
                              m->snapshot->as_of, KNOWN_NOW,    m->snapshot->limits};
}

static bool count_places(void *ud)
{
    struct made *m = ud;
    const struct judge_how how = how_of(m);
    struct place_counts c = {0};
    struct place_walk *w = place_walk_new(&c, NULL, m->snapshot, &how);
    int more = w != NULL ? 1 : -1;
    while (more == 1)
        more = place_walk_next(w, 10);
    place_walk_free(w);
    place_counts_clear(&c);
    return more == 0;
}

static bool compare(void *ud)
{
    struct made *m = ud;
    const struct judge_how how = how_of(m);
    struct changes *c = changes_new(&how, m->snapshot->limits, INT64_C(1787650200000000)); /* a week before */
    struct case_walk *w =
        c != NULL ? case_walk_new(m->snapshot, &how, &(struct case_visitor){changes_visit, c}, 1) : NULL;
    int more = w != NULL ? 1 : -1;
    while (more == 1)
        more = case_walk_next(w, 10);
    case_walk_free(w);
    for (more = more == 0 ? 1 : -1; more == 1;)
        more = changes_finish(c);
    struct paper *p = more == 0 ? changes_paper_new(c, m->snapshot, LIMITS_ALL, ~0u) : NULL;
    bool ok = p != NULL;
    paper_free(p);
    changes_free(c);
    return ok;
}

static bool show(void *ud)
{
    struct made *m = ud;
    const struct history_want want = {.from = made_day("2026-08-01"),
                                      .to = made_day("2026-09-01"),
                                      .limits = LIMITS_ALL,
                                      .states = 1u << STATE_BREACHED};
    const struct history_seen seen = {.day = want.to, .limits = LIMITS_ALL};
    struct history_paper *p = history_paper_new(&want, &m->rulebook);
    if (p != NULL)
        history_paper_day(p, &seen);
    bool ok = p != NULL && history_paper_begin(p) == 1;
    history_paper_free(p);
    return ok;
}

static void every_allocation(void **state)
{
    (void)state;
    struct made m;
    make(&m);
    torture(count_places, &m);
    torture(compare, &m);
    torture(show, &m);
    made_free(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_allocation)};
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
