#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "caseload_make.h"
#include "forecast.h"

#define AS_OF "2026-09-01"

/* What is counted over a caseload. */
struct counted {
    struct judge_how how;
    struct pipeline *pipeline;
    struct forecast *forecast;
};

static void count_at(struct made *m, struct counted *c, civil_day as_of, int64_t known_at)
{
    c->how = (struct judge_how){&m->rulebook, &m->calendar, m->words, as_of, known_at, LIMITS_ALL};
    c->pipeline = pipeline_new(&m->rulebook, as_of, known_at == KNOWN_NOW ? m->snapshot->read_at : known_at);
    c->forecast = forecast_new(&c->how, LIMITS_ALL, c->pipeline);
    const struct case_visitor visitors[] = {{pipeline_visit, c->pipeline}, {forecast_visit, c->forecast}};
    struct case_walk *w = case_walk_new(m->snapshot, &c->how, visitors, 2);
    assert_non_null(w);
    assert_int_equal(case_walk_next(w, SIZE_MAX), 0);
    case_walk_free(w);
    int more;
    do
        more = pipeline_finish(c->pipeline);
    while (more == 1);
    assert_int_equal(more, 0);
    do
        more = forecast_finish(c->forecast);
    while (more == 1);
    assert_int_equal(more, 0);
}

static void count(struct made *m, struct counted *c)
{
    count_at(m, c, m->snapshot->as_of, KNOWN_NOW);
}

static void uncount(struct counted *c)
{
    forecast_free(c->forecast);
    pipeline_free(c->pipeline);
}

static void cases(struct made *m, int n)
{
    for (int i = 1; i <= n; i++) {
        char ref[20];
        snprintf(ref, sizeof ref, "C-%03d", i);
        made_case(m, i, ref, i % 2 ? "North" : "South", i % 3 ? "A" : "B", "", CIVIL_NONE);
    }
}

static civil_day ago(int days)
{
    return made_day(AS_OF) - days;
}

/* --- the pipeline ---------------------------------------------------------------------------------------------------- */

/* One assessment of each sort; what is read of it is checked by hand. */
static void courses(void **state)
{
    (void)state;
    struct made m;
    struct counted c;
    made_begin(&m, made_day(AS_OF), LIMITS_ALL);
    cases(&m, 10);
    /* 1: a plan; health answers after the draft. */
    made_fact(&m, 1, EV_REQUEST_RECEIVED, "parent", ago(200));
    made_fact(&m, 1, EV_ASSESS_AGREED, "", ago(160));
    made_fact(&m, 1, EV_ADVICE_REQUESTED, "education", ago(158));
    made_fact(&m, 1, EV_ADVICE_REQUESTED, "health", ago(158));
    made_fact(&m, 1, EV_ADVICE_RECEIVED, "education", ago(120));
    made_fact(&m, 1, EV_DRAFT_SENT, "", ago(90));
    made_fact(&m, 1, EV_ADVICE_RECEIVED, "health", ago(80));
    made_fact(&m, 1, EV_PLAN_ISSUED, "", ago(60));
    /* 2: refused, an order, open again since; 3: withdrawn; 4: moved away. */
    made_fact(&m, 2, EV_REQUEST_RECEIVED, "parent", ago(300));
    made_fact(&m, 2, EV_ASSESS_REFUSED, "", ago(260));
    made_fact(&m, 2, EV_TRIBUNAL_ORDER, "assess", ago(20));
    made_fact(&m, 2, EV_ASSESS_AGREED, "", ago(10));
    made_fact(&m, 3, EV_REQUEST_RECEIVED, "parent", ago(50));
    made_fact(&m, 3, EV_REQUEST_WITHDRAWN, "", ago(40));
    made_fact(&m, 4, EV_REQUEST_RECEIVED, "parent", ago(50));
    made_fact(&m, 4, EV_MOVED_OUT, "", ago(30));
    /* 5: open, all asked have answered; 6: one has not; 7: asked again after all had. */
    for (int i = 5; i <= 7; i++) {
        made_fact(&m, i, EV_REQUEST_RECEIVED, "parent", ago(100));
        made_fact(&m, i, EV_ASSESS_AGREED, "", ago(70));
        made_fact(&m, i, EV_ADVICE_REQUESTED, "education", ago(69));
        made_fact(&m, i, EV_ADVICE_RECEIVED, "education", ago(40));
        if (i == 6)
            made_fact(&m, i, EV_ADVICE_REQUESTED, "health", ago(69));
        if (i == 7)
            made_fact(&m, i, EV_ADVICE_REQUESTED, "health", ago(30));
    }
    /* 8: a plan of long ago is no course any more; 9: no request. */
    made_fact(&m, 8, EV_REQUEST_RECEIVED, "parent", ago(700));
    made_fact(&m, 8, EV_PLAN_ISSUED, "", ago(500));
    made_fact(&m, 9, EV_PLAN_TRANSFERRED_IN, "", ago(10));
    /* 10: a move that is still to come. */
    made_fact(&m, 10, EV_REQUEST_RECEIVED, "parent", ago(50));
    made_fact(&m, 10, EV_MOVED_OUT, "", ago(-30));
    made_end(&m);
    count(&m, &c);
    const struct course *k = c.pipeline->courses;
    assert_int_equal(c.pipeline->n, 9);
    assert_int_equal(k[8].end, COURSE_OPEN);
    assert_int_equal(k[0].end, COURSE_PLAN);
    assert_int_equal(k[0].day[MILESTONE_ADVISED], ago(90)); /* with the draft: nobody waited longer */
    assert_int_equal(k[1].end, COURSE_REFUSED);
    assert_int_equal(k[2].end, COURSE_OPEN);
    assert_true(k[2].again);
    assert_int_equal(k[2].request, ago(300));
    assert_int_equal(k[2].since, ago(10));
    assert_int_equal(k[2].stage, 1);
    assert_true(k[2].ordered);
    assert_int_equal(k[2].due, ago(20) + 14 * 7);
    assert_int_equal(k[3].end, COURSE_LEFT);
    assert_int_equal(k[4].end, COURSE_LEFT);
    assert_int_equal(k[5].stage, 2);
    assert_int_equal(k[5].since, ago(40));
    assert_int_equal(k[5].due, ago(100) + 140);
    assert_int_equal(k[6].stage, 1);
    assert_int_equal(k[7].stage, 1);
    assert_int_equal(k[7].since, ago(70));
    assert_ptr_equal(pipeline_open(c.pipeline, k[2].slot, k[2].at), &k[2]);
    assert_null(pipeline_open(c.pipeline, k[0].slot, k[0].at));

    struct pipeline_flow flow;
    pipeline_flow(c.pipeline, &(struct case_places){0}, &flow);
    assert_int_equal(flow.open, 5);
    assert_int_equal(flow.open_in[1], 3);
    assert_int_equal(flow.week[8].plans, 1); /* 60 days ago */
    assert_int_equal(flow.week[8].plans_in_time, 1);
    assert_int_equal(flow.week[5].without_plan, 1); /* 40 */
    assert_int_equal(flow.week[4].without_plan, 1); /* 30 */
    assert_int_equal(flow.week[37].without_plan, 1);
    assert_int_equal(flow.week[7].requests, 3);
    const uint32_t south = names_find(m.words->places, "South", 5);
    pipeline_flow(c.pipeline, &(struct case_places){.localities = {1, {south}}}, &flow);
    assert_int_equal(flow.open, 3);
    assert_int_equal(flow.week[7].requests, 2);
    uncount(&c);
    made_free(&m);
}

/* Forty finished ones that all took 30 + 50 + 20 + 20 days: whatever the stages, the sum is known. */
static void finished(struct made *m, int from, int n, bool drafts)
{
    for (int i = from; i < from + n; i++) {
        civil_day e = ago(330 - 5 * (i - from));
        made_fact(m, i, EV_REQUEST_RECEIVED, "parent", e);
        made_fact(m, i, EV_ASSESS_AGREED, "", e + 30);
        made_fact(m, i, EV_ADVICE_REQUESTED, "education", e + 31);
        made_fact(m, i, EV_ADVICE_RECEIVED, "education", e + 80);
        if (drafts)
            made_fact(m, i, EV_DRAFT_SENT, "", e + 100);
        made_fact(m, i, EV_PLAN_ISSUED, "", e + 120);
    }
}

/* A milestone that is not recorded is none: two stages become one, and no number is lost. */
static void an_unrecorded_milestone(void **state)
{
    (void)state;
    for (int drafts = 0; drafts < 2; drafts++) {
        struct made m;
        struct counted c;
        made_begin(&m, made_day(AS_OF), LIMITS_ALL);
        cases(&m, 41);
        finished(&m, 1, 40, drafts);
        made_fact(&m, 41, EV_REQUEST_RECEIVED, "parent", ago(85)); /* 55 days left, of which 35 are needed */
        made_fact(&m, 41, EV_ASSESS_AGREED, "", ago(55));
        made_fact(&m, 41, EV_ADVICE_REQUESTED, "education", ago(55));
        made_fact(&m, 41, EV_ADVICE_RECEIVED, "education", ago(5));
        made_end(&m);
        count(&m, &c);
        const struct pipeline *p = c.pipeline;
        assert_int_equal(p->plans, 40);
        assert_int_equal(p->gaps, 0);
        assert_int_equal(p->recorded[MILESTONE_DRAFTED], drafts);
        assert_int_equal(p->n_stages, 3 + drafts);
        assert_int_equal(p->stages[0].to, MILESTONE_DECIDED);
        assert_int_equal(survival_quantile(&p->stages[0].spells, 500), 30);
        assert_int_equal(survival_quantile(&p->stages[1].spells, 500), 50);
        assert_int_equal(p->stages[2].to, drafts ? MILESTONE_DRAFTED : MILESTONE_ISSUED);
        assert_int_equal(survival_quantile(&p->stages[2].spells, 500), drafts ? 20 : 40);
        const struct course *open = &p->courses[p->n - 1];
        assert_int_equal(open->stage, 2);
        assert_int_equal(pipeline_still_open(p, open, 35, false), 0);
        assert_int_equal(pipeline_still_open(p, open, 34, false), SHARE_ONE);
        assert_int_equal(pipeline_still_open(p, open, 15, true), drafts ? 0 : SHARE_ONE);
        uncount(&c);
        made_free(&m);
    }
}

/* A single case without a draft that others have: the stages beside the gap are left out of the numbers, and it is told. */
static void a_gap_in_one_case(void **state)
{
    (void)state;
    struct made m;
    struct counted c;
    made_begin(&m, made_day(AS_OF), LIMITS_ALL);
    cases(&m, 41);
    finished(&m, 1, 40, true);
    made_fact(&m, 41, EV_REQUEST_RECEIVED, "parent", ago(85));
    made_fact(&m, 41, EV_ASSESS_AGREED, "", ago(55));
    made_fact(&m, 41, EV_PLAN_ISSUED, "", ago(5));
    made_end(&m);
    count(&m, &c);
    assert_int_equal(c.pipeline->gaps, 2); /* neither advice nor draft */
    assert_int_equal(c.pipeline->stages[0].spells.total[SPELL_DONE], 41);
    for (int k = 1; k < 4; k++)
        assert_int_equal(c.pipeline->stages[k].spells.total[SPELL_DONE], 40);
    uncount(&c);
    made_free(&m);
}

/* Of 40 decisions 10 are refusals: of those that wait a quarter will never have a plan, and never breach for want of one. */
static void refusals_are_an_end(void **state)
{
    (void)state;
    struct made m;
    struct counted c;
    made_begin(&m, made_day(AS_OF), LIMITS_ALL);
    cases(&m, 51);
    finished(&m, 1, 40, true);
    for (int i = 41; i <= 50; i++) {
        made_fact(&m, i, EV_REQUEST_RECEIVED, "parent", ago(300 - i));
        made_fact(&m, i, EV_ASSESS_REFUSED, "", ago(270 - i));
    }
    made_fact(&m, 51, EV_REQUEST_RECEIVED, "parent", ago(29)); /* decided tomorrow */
    made_end(&m);
    count(&m, &c);
    const struct pipeline *p = c.pipeline;
    const struct course *open = &p->courses[p->n - 1];
    assert_int_equal(p->stages[0].spells.total[SPELL_OTHERWISE], 10);
    share31 done = survival_done_in_the_end(&p->stages[0].spells);
    assert_true(done > SHARE_ONE / 10 * 8 - 9 && done < SHARE_ONE / 10 * 8 + 9);
    share31 x = pipeline_still_open(p, open, 50, false);
    assert_true(x > SHARE_ONE / 10 * 8 - 9 &&
                x < SHARE_ONE / 10 * 8 + 9); /* four of five go on, none is through by then */
    assert_int_equal(pipeline_still_open(p, open, 1, true), 0);
    uncount(&c);
    made_free(&m);
}

/* Half of all is recorded two days late. One whose decision was due yesterday, by how long they take, and that is not recorded: all have
 * decided by then, so that it must be one of those. */
static void late(struct made *m, enum event decision)
{
    made_begin(m, made_day(AS_OF), LIMITS_ALL);
    cases(m, 42);
    for (int i = 1; i <= 40; i++) {
        civil_day e = ago(330 - 5 * i), on = e + (i % 4 == 0 ? 40 : 30);
        made_fact(m, i, EV_REQUEST_RECEIVED, "parent", e);
        made_fact_known(m, i, decision, "", on, (int64_t)(on + (i / 4 % 2) * 2) * 86400000000 + 1, TIME_NONE);
    }
    made_fact(m, 41, EV_REQUEST_RECEIVED, "parent", ago(31)); /* three of four are decided after 30 days */
    made_fact(m, 42, EV_REQUEST_RECEIVED, "parent", ago(35));
    made_end(m);
}

static void what_is_not_recorded_yet(void **state)
{
    (void)state;
    for (int agreed = 0; agreed < 2; agreed++) {
        struct made m;
        struct counted c;
        late(&m, agreed ? EV_ASSESS_AGREED : EV_ASSESS_REFUSED);
        count_at(&m, &c, ago(0), (int64_t)ago(0) * 86400000000 + 86399000000);
        const struct pipeline *p = c.pipeline;
        const struct course *k = &p->courses[p->n - 2];
        assert_true(p->unrecorded[0] > SHARE_ONE / 5 * 2 && p->unrecorded[0] < SHARE_ONE / 5 * 3);
        assert_int_equal(p->unrecorded[0], p->unrecorded[1]);
        assert_int_equal(p->unrecorded[2], 0);
        /* Of 42 who came as far, 12 stay after day 30, and of the 30 decided then half are not recorded: 12 of 27. */
        share31 x = pipeline_still_open(p, k, 5, true);
        assert_true(x > SHARE_ONE / 100 * 42 && x < SHARE_ONE / 100 * 47);
        assert_int_equal(pipeline_still_open(p, &k[1], 4, true),
                         SHARE_ONE); /* five days ago: it would be recorded */
        /* A refusal ends it; who was agreed to goes on, and nobody has got further yet. */
        share31 y = pipeline_still_open(p, k, 5, false);
        assert_true(agreed ? y > SHARE_ONE - 9 : y == x);
        uncount(&c);

        /* Asked today about three months ago: by now it is all recorded. */
        count_at(&m, &c, ago(90), (int64_t)ago(0) * 86400000000);
        assert_int_equal(c.pipeline->unrecorded[0], 0);
        uncount(&c);
        made_free(&m);
    }
}

/* --- the forecast ---------------------------------------------------------------------------------------------------- */

/* What the forecast lists is just what is broken when nothing moves: the same caseload, evaluated for each of the later days. */
struct later {
    const struct forecast *f;
    const struct made *m;
    uint32_t broken[LIMIT_MAX];
    const struct case_seen *seen;
};

static bool look(void *ud, const struct case_seen *seen)
{
    struct later *l = ud;
    for (size_t i = 0; i < seen->n; i++) {
        const struct obligation *o = &seen->obligations[i];
        if (o->state == STATE_BREACHED && o->due >= l->f->how->as_of)
            l->broken[o->limit]++;
    }
    return true;
}

static void if_nothing_moves(void **state)
{
    (void)state;
    struct made m;
    struct counted c;
    made_begin(&m, made_day(AS_OF), LIMITS_ALL);
    for (int i = 1; i <= 600; i++) {
        char ref[20];
        snprintf(ref, sizeof ref, "C-%03d", i);
        made_case(&m, i, ref, i % 2 ? "North" : "South", "", "", i % 5 ? CIVIL_NONE : made_day("2021-09-20"));
    }
    for (int i = 1; i <= 600; i++)
        if (i % 4 == 0)
            made_claim(&m, i, i % 8 ? GROUND_ABSENT : GROUND_PERSONAL, ago(i % 30),
                       i % 3 ? CIVIL_NONE : ago(0));
    for (int i = 1; i <= 600; i++) {
        made_fact(&m, i, EV_REQUEST_RECEIVED, "parent", ago(i % 190));
        if (i % 3 == 0)
            made_fact(&m, i, EV_ASSESS_AGREED, "", ago(i % 40));
        if (i % 6 == 0)
            made_fact(&m, i, EV_ADVICE_REQUESTED, "health", ago(i % 39));
        if (i % 7 == 0)
            made_fact(&m, i, EV_MOVED_OUT, "", ago(-(i % 70)));
        if (i % 5 == 0)
            made_fact(&m, i, EV_PLAN_ISSUED, "", ago(i % 300));
    }
    made_end(&m);
    count(&m, &c);
    struct forecast_view v;
    assert_true(forecast_view(c.forecast, &(struct case_places){0}, LIMITS_ALL, &v));
    assert_int_equal(v.n, c.forecast->n);
    for (int h = 0; h < FORECAST_HORIZONS; h++) {
        struct later l = {.f = c.forecast, .m = &m};
        struct judge_how how = c.how;
        how.as_of += 7 * forecast_weeks[h];
        struct case_walk *w = case_walk_new(m.snapshot, &how, &(struct case_visitor){look, &l}, 1);
        assert_int_equal(case_walk_next(w, SIZE_MAX), 0);
        case_walk_free(w);
        uint32_t sum = 0;
        for (size_t i = 0; i < m.rulebook.n; i++) {
            /* What was overdue before the child moved away, and is missed then, is told of as well. */
            assert_true(v.broken[i][h] >= l.broken[i]);
            sum += v.broken[i][h];
            if (h > 0)
                assert_true(v.broken[i][h] >= v.broken[i][h - 1]);
        }
        assert_true(sum > 0 && v.cases[h] > 0 && v.cases[h] <= sum);
    }
    const int plan = limit_by_id("final_plan_20w");
    assert_true(v.broken[plan][3] > 0 && v.excepted[plan][3] > 0);
    for (size_t i = 0; i + 1 < c.forecast->n; i++)
        assert_true(c.forecast->rows[i].obligation.due <= c.forecast->rows[i + 1].obligation.due);
    for (size_t i = 0; i < c.forecast->n; i++) {
        const struct forecast_row *r = &c.forecast->rows[i];
        const int left = r->obligation.due - c.how.as_of;
        assert_true(left >= 0 && left < 7 * forecast_weeks[r->horizon]);
        assert_true(r->horizon == 0 || left >= 7 * forecast_weeks[r->horizon - 1]);
    }

    /* The parts of two localities are the whole. */
    struct forecast_view part[2];
    const char *const names[] = {"North", "South"};
    for (int i = 0; i < 2; i++)
        assert_true(forecast_view(
            c.forecast, &(struct case_places){.localities = {1, {names_find(m.words->places, names[i], 5)}}},
            LIMIT_BIT(plan), &part[i]));
    for (size_t i = 0; i < m.rulebook.n; i++)
        assert_int_equal(part[0].broken[i][3] + part[1].broken[i][3], v.broken[i][3]);
    assert_int_equal(part[0].n + part[1].n, v.broken[plan][3] + v.excepted[plan][3]);
    assert_int_equal(part[0].cases[3] + part[1].cases[3], v.cases[3]);
    for (int i = 0; i < 2; i++)
        free(part[i].rows);
    free(v.rows);
    uncount(&c);
    made_free(&m);
}

/* Ten that will be late for sure, ten in time for sure, ten of which each third or so: the sum, and the interval about it. */
static void the_expected_number(void **state)
{
    (void)state;
    struct made m;
    struct counted c;
    made_begin(&m, made_day(AS_OF), LIMITS_ALL);
    cases(&m, 70);
    finished(&m, 1, 40, true);
    for (int i = 41; i <= 70; i++) {
        bool drafted = i <= 50;
        made_fact(&m, i, EV_REQUEST_RECEIVED, "parent", ago(120));
        made_fact(&m, i, EV_ASSESS_AGREED, "", ago(90));
        made_fact(&m, i, EV_ADVICE_REQUESTED, "education", ago(89));
        if (drafted) {
            made_fact(&m, i, EV_ADVICE_RECEIVED, "education", ago(40));
            made_fact(&m, i, EV_DRAFT_SENT, "", ago(10)); /* ten days more */
        } else {
            made_fact(&m, i, EV_ADVICE_RECEIVED, "education", ago(1)); /* 39 more, of 20 that are left */
        }
    }
    made_end(&m);
    count(&m, &c);
    struct forecast_view v;
    assert_true(forecast_view(c.forecast, &(struct case_places){0}, LIMITS_ALL, &v));
    const struct forecast_expected *e = &v.expected[FORECAST_PLAN][2]; /* in four weeks */
    assert_int_equal(e->due, 30);
    assert_int_equal(e->milli, 20000);
    assert_int_equal(e->low, 20);
    assert_int_equal(e->high, 20);
    assert_int_equal(v.expected[FORECAST_PLAN][1].due, 0);
    free(v.rows);

    /* The same with chances set by hand: thirty of a half, sd 2.739, 15 +- 4.505. */
    for (size_t i = 0; i < c.forecast->n; i++)
        c.forecast->rows[i].chance = SHARE_ONE / 2;
    assert_true(forecast_view(c.forecast, &(struct case_places){0}, LIMITS_ALL, &v));
    e = &v.expected[FORECAST_PLAN][3];
    assert_int_equal(e->milli, 15000);
    assert_int_equal(e->low, 10);
    assert_int_equal(e->high, 20);
    free(v.rows);
    uncount(&c);
    made_free(&m);
}

static void nothing_at_all(void **state)
{
    (void)state;
    struct made m;
    struct counted c;
    made_begin(&m, made_day(AS_OF), LIMITS_ALL);
    made_end(&m);
    count(&m, &c);
    assert_int_equal(c.forecast->n, 0);
    assert_int_equal(c.pipeline->n_stages, MILESTONE_COUNT);
    uncount(&c);
    made_free(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(courses),
        cmocka_unit_test(an_unrecorded_milestone),
        cmocka_unit_test(a_gap_in_one_case),
        cmocka_unit_test(refusals_are_an_end),
        cmocka_unit_test(what_is_not_recorded_yet),
        cmocka_unit_test(if_nothing_moves),
        cmocka_unit_test(the_expected_number),
        cmocka_unit_test(nothing_at_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
