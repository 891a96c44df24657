#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "caseload_make.h"
#include "clearance.h"

#define AS_OF    "2026-09-01"
#define FINISHED 60 /* that took 30, 50, 20 and 20 days */
#define OPEN     400
#define REFUSED  20

static const struct case_places everywhere;

static civil_day ago(int days)
{
    return made_day(AS_OF) - days;
}

static uint32_t draw(uint64_t *seed)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(*seed >> 33);
}

/* Of a course that has got so far: the facts of its stages. */
static void tell(struct made *m, int id, civil_day e, const int *days, int stages)
{
    static const enum event ends[] = {EV_ASSESS_AGREED, EV_ADVICE_RECEIVED, EV_DRAFT_SENT, EV_PLAN_ISSUED};
    made_fact(m, id, EV_REQUEST_RECEIVED, "parent", e);
    for (int k = 0; k < stages; k++) {
        e += days[k];
        made_fact(m, id, ends[k], ends[k] == EV_ADVICE_RECEIVED ? "education" : "", e);
        if (k == 0)
            made_fact(m, id, EV_ADVICE_REQUESTED, "education", e);
    }
}

struct world {
    struct made m;
    struct judge_how how;
    struct pipeline *p;
};

/* `refused`: a quarter of those decided end so. */
static void make(struct world *w, uint64_t seed, int open, int refused)
{
    static const int usual[] = {30, 50, 20, 20};
    made_begin(&w->m, made_day(AS_OF), LIMITS_ALL);
    const int n = FINISHED + open + refused;
    for (int i = 1; i <= n; i++) {
        char ref[20];
        snprintf(ref, sizeof ref, "C-%04d", i);
        made_case(&w->m, i, ref, "", i % 2 ? "A" : "B", "", CIVIL_NONE);
    }
    for (int i = 1; i <= n; i++) {
        if (i <= FINISHED) {
            tell(&w->m, i, ago(121 + i * 4), usual, 4);
        } else if (i <= FINISHED + open) {
            int stages = (int)(draw(&seed) % 4), lasted = (int)(draw(&seed) % 45), days[4], sum = lasted;
            for (int k = 0; k < stages; k++)
                sum += days[k] = usual[k] + (int)(draw(&seed) % 4 == 0 ? draw(&seed) % 150 : 0);
            tell(&w->m, i, ago(sum), days, stages);
        } else {
            made_fact(&w->m, i, EV_REQUEST_RECEIVED, "parent", ago(45 + i % 200));
            made_fact(&w->m, i, EV_ASSESS_REFUSED, "", ago(15 + i % 200));
        }
    }
    made_end(&w->m);
    w->how = (struct judge_how){&w->m.rulebook,  &w->m.calendar, w->m.words,
                                made_day(AS_OF), KNOWN_NOW,      LIMITS_ALL};
    w->p = pipeline_new(&w->m.rulebook, w->how.as_of, w->m.snapshot->read_at);
    struct case_walk *walk =
        case_walk_new(w->m.snapshot, &w->how, &(struct case_visitor){pipeline_visit, w->p}, 1);
    assert_int_equal(case_walk_next(walk, SIZE_MAX), 0);
    case_walk_free(walk);
    int more;
    do
        more = pipeline_finish(w->p);
    while (more == 1);
    assert_int_equal(more, 0);
}

static void unmake(struct world *w)
{
    pipeline_free(w->p);
    made_free(&w->m);
}

static struct clearance *made_plan(const struct pipeline *p, const struct clearance_ask *ask)
{
    struct clearance *c = clearance_new(p, &everywhere, ask);
    assert_non_null(c);
    int more;
    do
        more = clearance_step(c);
    while (more == 1);
    assert_int_equal(more, 0);
    return c;
}

static struct clearance *plan(const struct world *w, uint32_t capacity, enum clearance_policy policy,
                              int save)
{
    struct clearance_ask ask = clearance_ask_default();
    ask.capacity_milli = capacity;
    ask.policy = policy;
    ask.save = save;
    return made_plan(w->p, &ask);
}

/* --- the slow way: case by case -------------------------------------------------------------------------------------- */

/* Days until the nth open course can be finished, as clearance.h says. */
static int lead(const struct pipeline *p, const struct course *c, uint32_t nth)
{
    const uint32_t draw = nth * UINT32_C(2654435769) >> 1;
    int days = 0;
    for (size_t k = c->stage; k < p->n_stages; k++) {
        const struct survival *s = &p->stages[k].spells;
        const int lasted = k == c->stage ? p->as_of - c->since : -1;
        int rest = survival_quantile(s, 100);
        if (p->stages[k].to == MILESTONE_ISSUED && rest < 15)
            rest = 15;
        if (p->stages[k].to == MILESTONE_ADVISED) {
            const uint64_t from = lasted < 0 ? SHARE_ONE : s->lasting[lasted];
            const uint64_t until = (from * (SHARE_ONE - draw) + SHARE_ONE / 2) >> 31;
            for (rest = lasted < 0 ? 0 : 1; rest + (lasted < 0 ? 0 : lasted) <= s->last; rest++)
                if (s->lasting[rest + (lasted < 0 ? 0 : lasted)] <= until)
                    break;
        } else if (lasted >= 0) {
            rest = rest > lasted ? rest - lasted : 0;
        }
        days += rest;
    }
    return days;
}

/* Which it is of the open ones. */
static uint32_t nth(const struct pipeline *p, const struct course *c)
{
    uint32_t n = 1;
    for (const struct course *k = p->courses; k < c; k++)
        n += k->end == COURSE_OPEN;
    return n;
}

struct one {
    civil_day request, ready;
    bool gone;
};

static void slow(const struct pipeline *p, struct clearance_run *r, int weeks, uint32_t capacity, int save)
{
    static struct one all[2 * OPEN];
    size_t n = 0;
    memset(r, 0, sizeof *r);
    for (size_t i = 0; i < p->n; i++)
        if (p->courses[i].end == COURSE_OPEN) {
            const struct course *c = &p->courses[i];
            all[n] = (struct one){c->request, p->as_of + lead(p, c, (uint32_t)n + 1), false};
            n++;
        }
    for (int w = 1; w <= weeks; w++) {
        const civil_day first = p->as_of + 7 * (w - 1) + 1, last = first + 6;
        uint32_t room = capacity * (uint32_t)w / 1000 - capacity * (uint32_t)(w - 1) / 1000;
        uint32_t kept = capacity * (uint32_t)w / 1000 * (uint32_t)save / 100 -
                        capacity * (uint32_t)(w - 1) / 1000 * (uint32_t)save / 100;
        for (int saving = 1; saving >= 0; saving--)
            for (;;) {
                struct one *best = NULL;
                if (room == 0 || (saving && kept == 0))
                    break;
                for (size_t i = 0; i < n; i++) {
                    struct one *k = &all[i];
                    const civil_day due = k->request + 140;
                    if (k->gone || k->ready > last || (saving && (due < first || due < k->ready)))
                        continue;
                    if (best == NULL || k->request < best->request)
                        best = k;
                }
                if (best == NULL)
                    break;
                best->gone = true;
                room--;
                kept -= (uint32_t)saving;
                r->week[w].issued++;
                r->week[w].in_time += best->request + 140 >= first && best->request + 140 >= best->ready;
            }
        for (size_t i = 0; i < n; i++) {
            const int32_t days = last - all[i].request;
            if (all[i].gone)
                continue;
            r->week[w].open++;
            r->week[w].overdue += days > 140;
            r->week[w].over_52 += days > 364;
            if (all[i].ready <= last && days > r->week[w].longest_held_days)
                r->week[w].longest_held_days = days;
            r->week[w].longest_days = days > r->week[w].longest_days ? days : r->week[w].longest_days;
        }
    }
}

/* The numbers of heaps are those of single cases, under every policy, at every capacity. */
static void as_case_by_case(void **state)
{
    (void)state;
    static const uint32_t capacities[] = {0, 500, 7300, 12000, 40000};
    for (uint64_t seed = 1; seed <= 3; seed++) {
        struct world w;
        make(&w, seed, OPEN, 0);
        for (size_t k = 0; k < sizeof capacities / sizeof capacities[0]; k++)
            for (int save = 0; save <= 100; save += 25) {
                struct clearance_ask ask = clearance_ask_default();
                ask.capacity_milli = capacities[k];
                ask.arrivals_milli = 0;
                ask.save = save;
                struct clearance *c = made_plan(w.p, &ask);
                assert_int_equal(c->leaving, 0);
                struct clearance_run r;
                slow(w.p, &r, ask.weeks, ask.capacity_milli, save);
                for (int week = 1; week <= ask.weeks; week++) {
                    const struct clearance_week *x = &c->runs[CLEARANCE_MIX].week[week], *y = &r.week[week];
                    assert_int_equal(x->issued, y->issued);
                    assert_int_equal(x->in_time, y->in_time);
                    assert_int_equal(x->open, y->open);
                    assert_int_equal(x->overdue, y->overdue);
                    assert_int_equal(x->over_52, y->over_52);
                    assert_int_equal(x->longest_days, y->longest_days);
                    assert_int_equal(x->longest_held_days, y->longest_held_days);
                }
                clearance_free(c);
            }
        unmake(&w);
    }
}

/* --- what must hold -------------------------------------------------------------------------------------------------- */

static void conserves(const struct clearance *c, const struct clearance_run *r)
{
    assert_int_equal(r->week[0].open, c->open);
    assert_int_equal(r->week[0].overdue, c->overdue);
    uint32_t issued = 0;
    for (int w = 1; w <= c->ask.weeks; w++) {
        const struct clearance_week *x = &r->week[w];
        assert_int_equal(x->open, r->week[w - 1].open + x->arrivals - x->issued - x->without_plan);
        assert_true(x->issued <= x->capacity && x->in_time <= x->issued);
        assert_true(x->over_52 <= x->overdue && x->overdue <= x->open);
        assert_true(x->year_in_time <= x->year_issued && x->year_issued >= x->issued);
        issued += x->issued;
    }
    assert_int_equal(issued, r->issued);
}

static void nobody_is_lost(void **state)
{
    (void)state;
    struct world w;
    make(&w, 7, OPEN, REFUSED);
    for (uint32_t capacity = 0; capacity < 60000; capacity += 7700) {
        struct clearance *c = plan(&w, capacity, CLEARANCE_MIX, 30);
        assert_true(c->leaving > 0 && c->need_milli < c->ask.arrivals_milli);
        for (int i = 0; i < CLEARANCE_POLICIES; i++)
            conserves(c, &c->runs[i]);
        for (int i = 0; i < CLEARANCE_SHARES; i++)
            conserves(c, &c->frontier[i]);
        clearance_free(c);
    }
    unmake(&w);
}

/* No policy finishes more than another while there is enough to do; the more is kept for those in time, the more are in time; 0 % is
 * "oldest", 100 % is "nearest"; and nobody waits longer than under "oldest". */
static void the_balance(void **state)
{
    (void)state;
    struct world w;
    make(&w, 9, OPEN, 0);
    struct clearance *c = plan(&w, 9000, CLEARANCE_MIX, 40);
    const struct clearance_run *r = c->runs;
    assert_int_equal(r[CLEARANCE_OLDEST].issued, 9 * 26);
    assert_int_equal(r[CLEARANCE_NEAREST].issued, 9 * 26);
    for (int i = 0; i < CLEARANCE_SHARES; i++) {
        assert_int_equal(c->frontier[i].issued, 9 * 26);
        if (i > 0)
            assert_true(c->frontier[i].in_time >= c->frontier[i - 1].in_time);
        assert_true(c->frontier[i].week[26].longest_days >= r[CLEARANCE_OLDEST].week[26].longest_days);
    }
    assert_true(r[CLEARANCE_NEAREST].in_time > r[CLEARANCE_MIX].in_time);
    assert_true(r[CLEARANCE_MIX].in_time > r[CLEARANCE_OLDEST].in_time);
    assert_true(r[CLEARANCE_NEAREST].week[26].longest_held_days >
                r[CLEARANCE_OLDEST].week[26].longest_held_days);
    assert_true(r[CLEARANCE_NEAREST].week[26].over_52 > r[CLEARANCE_OLDEST].week[26].over_52);
    assert_memory_equal(c->frontier[0].week, r[CLEARANCE_OLDEST].week, sizeof r[0].week);
    assert_memory_equal(c->frontier[10].week, r[CLEARANCE_NEAREST].week, sizeof r[0].week);
    assert_memory_equal(c->frontier[4].week, r[CLEARANCE_MIX].week, sizeof r[0].week);
    assert_int_equal(c->frontier[4].p90_days, r[CLEARANCE_MIX].p90_days);
    clearance_free(c);
    unmake(&w);
}

static void nothing_and_everything(void **state)
{
    (void)state;
    struct world w;
    make(&w, 11, OPEN, 0);
    struct clearance *c = plan(&w, 0, CLEARANCE_OLDEST, 0);
    assert_int_equal(c->runs[0].issued, 0);
    assert_int_equal(c->n_picks, 0);
    assert_true(c->runs[0].week[26].overdue > c->overdue);
    clearance_free(c);

    /* With no end of capacity each is finished in the week from which it can be, under every policy alike. */
    c = plan(&w, CLEARANCE_MOST, CLEARANCE_OLDEST, 0);
    assert_int_equal(c->runs[0].week[1].issued, c->ready);
    assert_int_equal(c->n_picks, c->ready);
    assert_memory_equal(c->runs[0].week, c->runs[1].week, sizeof c->runs[0].week);
    assert_memory_equal(c->runs[0].week, c->runs[2].week, sizeof c->runs[0].week);
    assert_int_equal(c->runs[0].week[26].overdue, c->clear_left);
    clearance_free(c);
    unmake(&w);
}

/* The capacity that is named clears what can be cleared, and one plan a week less does not. */
static void what_would_be_enough(void **state)
{
    (void)state;
    for (uint64_t seed = 20; seed < 24; seed++) {
        struct world w;
        make(&w, seed, OPEN, seed % 2 ? REFUSED : 0);
        struct clearance *c = plan(&w, CLEARANCE_RECENT, CLEARANCE_OLDEST, 0);
        assert_int_equal(c->ask.capacity_milli, c->recent_plans * 125);
        assert_true(c->clear_capacity > 0);
        struct clearance *yes = plan(&w, c->clear_capacity * 1000, CLEARANCE_OLDEST, 0),
                         *no = plan(&w, c->clear_capacity * 1000 - 1000, CLEARANCE_OLDEST, 0);
        assert_int_equal(yes->runs[0].week[26].overdue, c->clear_left);
        assert_true(no->runs[0].week[26].overdue > c->clear_left);
        clearance_free(yes);
        clearance_free(no);
        clearance_free(c);
        unmake(&w);
    }
}

/* Those to be saved in the order of their due dates, then the others; in both, who has waited longest. */
static bool comes_before(const struct clearance_pick *a, const struct clearance_pick *b)
{
    if (a->why != b->why)
        return a->why == CLEARANCE_SAVED;
    if (a->why == CLEARANCE_SAVED && a->due != b->due)
        return a->due < b->due;
    return a->course->request != b->course->request ? a->course->request < b->course->request
                                                    : a->course < b->course;
}

/* Who is on the list of the coming week, and in what order. */
static void the_coming_week(void **state)
{
    (void)state;
    struct world w;
    make(&w, 31, OPEN, 0);
    for (int policy = 0; policy < CLEARANCE_POLICIES; policy++) {
        struct clearance *c = plan(&w, 10000, (enum clearance_policy)policy, 40);
        assert_int_equal(c->n_picks, c->runs[policy].week[1].issued);
        assert_int_equal(c->n_picks, 10);
        size_t saved = 0;
        for (size_t i = 0; i < c->n_picks; i++) {
            const struct clearance_pick *k = &c->picks[i];
            assert_true(lead(w.p, k->course, nth(w.p, k->course)) <= 7); /* none before it can be */
            assert_int_equal(k->course->end, COURSE_OPEN);
            saved += k->why == CLEARANCE_SAVED;
            if (k->why == CLEARANCE_SAVED)
                assert_true(k->due > made_day(AS_OF));
            for (size_t j = 0; j < i; j++)
                assert_ptr_not_equal(c->picks[j].course, k->course);
            if (i > 0)
                assert_true(comes_before(&c->picks[i - 1], k));
        }
        assert_int_equal(saved, policy == CLEARANCE_OLDEST ? 0 : policy == CLEARANCE_MIX ? 4 : 10);
        clearance_free(c);
    }
    unmake(&w);
}

/* Years ago, and due by an order of the Tribunal in three weeks: under "nearest" it comes when its date comes, not with the late ones. */
static void the_tribunals_date(void **state)
{
    (void)state;
    struct world w;
    made_begin(&w.m, made_day(AS_OF), LIMITS_ALL);
    made_case(&w.m, 1, "C-1", "", "", "", CIVIL_NONE);
    made_case(&w.m, 2, "C-2", "", "", "", CIVIL_NONE);
    made_fact(&w.m, 1, EV_REQUEST_RECEIVED, "parent", ago(8000));
    made_fact(&w.m, 1, EV_ASSESS_REFUSED, "", ago(7950));
    made_fact(&w.m, 1, EV_TRIBUNAL_ORDER, "assess", ago(77));
    made_fact(&w.m, 1, EV_ASSESS_AGREED, "", ago(70));
    made_fact(&w.m, 1, EV_DRAFT_SENT, "", ago(20));
    made_fact(&w.m, 2, EV_REQUEST_RECEIVED, "parent", ago(300));
    made_fact(&w.m, 2, EV_ASSESS_AGREED, "", ago(270));
    made_fact(&w.m, 2, EV_DRAFT_SENT, "", ago(20));
    made_end(&w.m);
    w.how =
        (struct judge_how){&w.m.rulebook, &w.m.calendar, w.m.words, made_day(AS_OF), KNOWN_NOW, LIMITS_ALL};
    w.p = pipeline_new(&w.m.rulebook, w.how.as_of, w.m.snapshot->read_at);
    struct case_walk *walk =
        case_walk_new(w.m.snapshot, &w.how, &(struct case_visitor){pipeline_visit, w.p}, 1);
    assert_int_equal(case_walk_next(walk, SIZE_MAX), 0);
    case_walk_free(walk);
    int more;
    do
        more = pipeline_finish(w.p);
    while (more == 1);
    assert_int_equal(more, 0);
    struct clearance *c = plan(&w, 1000, CLEARANCE_NEAREST, 0);
    assert_int_equal(c->n_picks, 1);
    assert_int_equal(c->picks[0].why, CLEARANCE_SAVED);
    assert_int_equal(c->picks[0].due, ago(77) + 14 * 7);
    assert_int_equal(c->runs[CLEARANCE_NEAREST].in_time,
                     0); /* not as published: that is 140 days from the request */
    assert_int_equal(c->runs[CLEARANCE_NEAREST].issued, 2);
    clearance_free(c);
    unmake(&w);
}

static void nothing_at_all(void **state)
{
    (void)state;
    struct world w;
    make(&w, 1, 0, 0);
    struct clearance *c = plan(&w, CLEARANCE_RECENT, CLEARANCE_MIX, 50);
    assert_int_equal(c->open, 0);
    assert_int_equal(c->n_picks, 0);
    assert_int_equal(c->runs[0].week[26].longest_days > 0, c->ask.arrivals_milli > 0);
    clearance_free(c);
    unmake(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_case_by_case),      cmocka_unit_test(nobody_is_lost),
        cmocka_unit_test(the_balance),          cmocka_unit_test(nothing_and_everything),
        cmocka_unit_test(what_would_be_enough), cmocka_unit_test(the_coming_week),
        cmocka_unit_test(the_tribunals_date),   cmocka_unit_test(nothing_at_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
