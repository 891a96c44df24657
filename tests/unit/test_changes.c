/* What has changed since a meeting, case by case: what was known then, what is known now, and what is told of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "caseload_make.h"
#include "changes.h"
#include "changes_paper.h"
#include "instant.h"

/* Now is 1 September 2026 at 11:00 in England (MADE_READ_AT), the meeting was a week before. */
#define NOW     "2026-09-01"
#define MEETING "2026-08-25T09:30:00+01:00"
#define BEFORE  "2026-08-01T12:00:00Z" /* when most facts were recorded */
#define AFTER   "2026-08-27T12:00:00Z"

#define DECIDED "assess_decision_6w"
#define PLAN    "final_plan_20w"

/* A fact or a claim (event EV_UNKNOWN): on, recorded, voided. */
struct row {
    enum event event;
    const char *on, *recorded, *voided;
};

static const struct scene {
    const char *name;
    struct row rows[5];
    struct {
        const char *limit, *kind, *was, *is,
            *how; /* NULL: no (more) change; "-": it was not there, or is not */
    } told[3];
} scenes[] = {
    {"newly overdue",
     {{EV_REQUEST_RECEIVED, "2026-07-17", BEFORE}},
     {{DECIDED, "new", "at_risk", "breached", ""}}},
    {"late, but then",
     {{EV_REQUEST_RECEIVED, "2026-07-09", BEFORE}, {EV_ASSESS_AGREED, "2026-08-27", AFTER}},
     {{DECIDED, "cleared", "breached", "met_late", "met_late"}}},
    {"not owed after all",
     {{EV_REQUEST_RECEIVED, "2026-03-20", BEFORE},
      {EV_ASSESS_AGREED, "2026-04-20", BEFORE},
      {EV_ISSUE_REFUSED, "2026-08-26", AFTER}},
     {{PLAN, "cleared", "breached", "void", "void"}}},
    {"a corrected start",
     {{EV_REQUEST_RECEIVED, "2026-07-09", BEFORE, AFTER}, {EV_REQUEST_RECEIVED, "2026-08-20", AFTER}},
     {{DECIDED, "cleared", "breached", "on_track", "restated"}}},
    {"a corrected start, and overdue all the same",
     {{EV_REQUEST_RECEIVED, "2026-07-09", BEFORE, AFTER}, {EV_REQUEST_RECEIVED, "2026-07-08", AFTER}},
     {{NULL}}},
    {"decided in time, told late",
     {{EV_REQUEST_RECEIVED, "2026-07-09", BEFORE}, {EV_ASSESS_AGREED, "2026-08-20", AFTER}},
     {{DECIDED, "cleared", "breached", "met", "met"}}},
    {"came and went",
     {{EV_REQUEST_RECEIVED, "2026-07-15", BEFORE}, {EV_ASSESS_AGREED, "2026-08-28", AFTER}},
     {{DECIDED, "in_between", "at_risk", "met_late", "met_late"}}},
    {"met in time",
     {{EV_REQUEST_RECEIVED, "2026-07-16", BEFORE}, {EV_ASSESS_AGREED, "2026-08-27", AFTER}},
     {{NULL}}},
    {"overdue for more than six weeks",
     {{EV_REQUEST_RECEIVED, "2026-06-03",
       BEFORE}}, /* due 15 July: 41 days then, 48 now; open 83 and 90 days */
     {{DECIDED, "worsened", "breached", "breached", ""}}},
    {"open for more than sixteen weeks",
     {{EV_REQUEST_RECEIVED, "2026-05-09", BEFORE}}, /* 108 and 115 days; overdue 66 and 73 */
     {{DECIDED, "worsened", "breached", "breached", ""}, {PLAN, "worsened", "on_track", "at_risk", ""}}},
    {"the same as then", {{EV_REQUEST_RECEIVED, "2026-05-20", BEFORE}}, {{NULL}}},
    {"at risk",
     {{EV_REQUEST_RECEIVED, "2026-08-04", BEFORE}},
     {{DECIDED, "worsened", "on_track", "at_risk", ""}}},
    {"still at risk", {{EV_REQUEST_RECEIVED, "2026-07-22", BEFORE}}, {{NULL}}},
    {"excepted",
     {{EV_REQUEST_RECEIVED, "2026-07-09", BEFORE}, {EV_UNKNOWN, "2026-07-20", AFTER}},
     {{DECIDED, "cleared", "breached", "excepted", "excepted"}}},
    {"excepted no longer",
     {{EV_REQUEST_RECEIVED, "2026-07-09", BEFORE}, {EV_UNKNOWN, "2026-07-20", BEFORE, AFTER}},
     {{DECIDED, "worsened", "excepted", "breached", ""}}},
    {"overdue, and excepted from the first day",
     {{EV_REQUEST_RECEIVED, "2026-07-17", BEFORE}, {EV_UNKNOWN, "2026-07-20", BEFORE}},
     {{DECIDED, "new", "at_risk", "excepted", ""}}},
    {"no such request",
     {{EV_REQUEST_RECEIVED, "2026-07-09", BEFORE, AFTER}},
     {{DECIDED, "cleared", "breached", "-", "restated"}}},
    {"a request that nobody knew of",
     {{EV_REQUEST_RECEIVED, "2026-07-01", AFTER}},
     {{DECIDED, "new", "-", "breached", ""}}},
    {"all of it told late",
     {{EV_REQUEST_RECEIVED, "2026-07-01", AFTER}, {EV_ASSESS_AGREED, "2026-08-20", AFTER}},
     {{DECIDED, "in_between", "-", "met_late", "met_late"}}},
    {"withdrawn, too late to matter",
     {{EV_REQUEST_RECEIVED, "2026-07-09", BEFORE}, {EV_REQUEST_WITHDRAWN, "2026-08-28", AFTER}},
     {{DECIDED, "cleared", "breached", "missed", "missed"}}},
    {"decided later than told",
     {{EV_REQUEST_RECEIVED, "2026-07-01", BEFORE},
      {EV_ASSESS_AGREED, "2026-08-10", BEFORE, AFTER},
      {EV_ASSESS_AGREED, "2026-08-20", AFTER}},
     {{NULL}}}, /* it was met and is met late: it was on no list in between */
    {"without a fact", {{0}}, {{NULL}}},
};

enum { SCENES = sizeof scenes / sizeof scenes[0] };

static int64_t at(const char *text)
{
    int64_t us = TIME_NONE;
    assert_true(text == NULL || instant_parse(text, strlen(text), &us));
    return us;
}

static void make(struct made *m)
{
    struct err e = {""};
    made_begin(m, made_day(NOW), LIMIT_BIT(limit_by_id(DECIDED)) | LIMIT_BIT(limit_by_id(PLAN)));
    for (int i = 0; i < SCENES; i++) {
        char ref[16];
        snprintf(ref, sizeof ref, "C-%02d", i);
        made_case(m, i + 1, ref, "North", i % 2 != 0 ? "T2" : "T1", i == 0 ? "Jo" : "", CIVIL_NONE);
    }
    for (int i = 0; i < SCENES; i++)
        for (const struct row *r = scenes[i].rows; r->on != NULL; r++)
            if (r->event == EV_UNKNOWN) {
                const struct record_claim c = {
                    {made_day(r->on), CIVIL_NONE, GROUND_PERSONAL}, at(r->recorded), at(r->voided)};
                made_must(intake_claim(m->intake, i + 1, &c, &e), &e);
            }
    for (int i = 0; i < SCENES; i++)
        for (const struct row *r = scenes[i].rows; r->on != NULL; r++)
            if (r->event != EV_UNKNOWN)
                made_fact_known(m, i + 1, r->event, "", made_day(r->on), at(r->recorded), at(r->voided));
    made_end(m);
}

static struct changes *walk(struct made *m, const char *since)
{
    static struct judge_how how;
    how = (struct judge_how){&m->rulebook, &m->calendar, m->words, m->snapshot->as_of,
                             KNOWN_NOW,    LIMITS_ALL}; /* more than is compared, as in the papers */
    struct changes *c = changes_new(&how, m->snapshot->limits, at(since));
    assert_non_null(c);
    struct case_walk *w = case_walk_new(m->snapshot, &how, &(struct case_visitor){changes_visit, c}, 1);
    int more;
    while ((more = case_walk_next(w, 7)) == 1)
        ;
    assert_int_equal(more, 0);
    case_walk_free(w);
    while ((more = changes_finish(c)) == 1)
        ;
    assert_int_equal(more, 0);
    return c;
}

static const char *state_of(unsigned s)
{
    return s < STATE_COUNT ? state_name((enum state)s) : "-";
}

static void every_scene(void **state)
{
    (void)state;
    struct made m;
    size_t told = 0;
    make(&m);
    struct changes *c = walk(&m, MEETING);
    for (int i = 0; i < SCENES; i++) {
        const struct scene *s = &scenes[i];
        size_t n = 0;
        for (size_t k = 0; k < c->n; k++) {
            struct record_case head;
            record_head(changed_record(m.snapshot, &c->items[k]), &head);
            n += head.id == i + 1;
        }
        size_t want = 0;
        while (want < 3 && s->told[want].limit != NULL)
            want++;
        if (n != want)
            fail_msg("%s: %zu changes, not %zu", s->name, n, want);
        told += want;
        for (size_t k = 0; k < want; k++) {
            const struct changed *found = NULL;
            for (size_t j = 0; j < c->n; j++) {
                struct record_case head;
                record_head(changed_record(m.snapshot, &c->items[j]), &head);
                if (head.id == i + 1 && c->items[j].limit == limit_by_id(s->told[k].limit))
                    found = &c->items[j];
            }
            char got[100], wanted[100];
            if (found == NULL)
                fail_msg("%s: nothing is told of %s", s->name, s->told[k].limit);
            snprintf(got, sizeof got, "%s, %s to %s, %s", change_kind_name(found->kind), state_of(found->was),
                     state_of(found->state), change_how_name(found->how));
            snprintf(wanted, sizeof wanted, "%s, %s to %s, %s", s->told[k].kind, s->told[k].was,
                     s->told[k].is, s->told[k].how);
            if (strcmp(got, wanted) != 0)
                fail_msg("%s: %s, and not %s", s->name, got, wanted);
        }
    }
    assert_int_equal(c->n, told);
    size_t sum = 0;
    for (int k = 0; k < CHANGED_KINDS; k++)
        sum += c->count[k];
    assert_int_equal(sum, told);
    for (size_t k = 1; k < c->n; k++)
        assert_true(c->items[k - 1].kind < c->items[k].kind ||
                    (c->items[k - 1].kind == c->items[k].kind && c->items[k - 1].due <= c->items[k].due));
    changes_free(c);
    made_free(&m);
}

/* No event closes a notice that was not given: it is over on the day of the meeting. */
static void a_notice_that_was_not_given(void **state)
{
    static const struct {
        const char *recorded, *since;
        enum change_kind kind; /* CHANGED_KINDS: nothing is told */
    } rows[] = {
        {AFTER, MEETING, CHANGED_IN_BETWEEN},                 /* nobody knew of the meeting of 26 August */
        {BEFORE, "2026-08-10T12:00:00Z", CHANGED_IN_BETWEEN}, /* due on the 12th */
        {BEFORE, MEETING, CHANGED_CLEARED},                   /* it was overdue, on the day before */
        {BEFORE, "2026-08-27T13:00:00Z", CHANGED_KINDS},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct made m;
        made_begin(&m, made_day(NOW), LIMIT_BIT(limit_by_id("review_notice_2w")));
        made_case(&m, 1, "C-1", "North", "T1", "", CIVIL_NONE);
        made_fact_known(&m, 1, EV_PLAN_ISSUED, "", made_day("2026-01-05"), at(BEFORE), TIME_NONE);
        made_fact_known(&m, 1, EV_REVIEW_ARRANGED, "", made_day("2026-08-26"), at(rows[i].recorded),
                        TIME_NONE);
        made_end(&m);
        struct changes *c = walk(&m, rows[i].since);
        assert_int_equal(c->n, rows[i].kind != CHANGED_KINDS);
        if (c->n > 0) {
            assert_int_equal(c->items[0].kind, rows[i].kind);
            assert_int_equal(c->items[0].how, HOW_MISSED);
        }
        changes_free(c);
        made_free(&m);
    }
}

/* Since a moment ago nothing has changed; since before anything was known all is new. */
static void since_when(void **state)
{
    (void)state;
    struct made m;
    make(&m);
    struct changes *c = walk(&m, "2026-09-01T09:59:59Z");
    assert_int_equal(c->n, 0);
    changes_free(c);
    c = walk(&m, "2026-07-31T12:00:00Z");
    assert_int_equal(c->count[CHANGED_NEW],
                     m.snapshot->tally.states[limit_by_id(DECIDED)][STATE_BREACHED] +
                         m.snapshot->tally.states[limit_by_id(DECIDED)][STATE_EXCEPTED] +
                         m.snapshot->tally.states[limit_by_id(PLAN)][STATE_BREACHED]);
    assert_int_equal(c->count[CHANGED_WORSENED] + c->count[CHANGED_CLEARED], 0);
    changes_free(c);
    made_free(&m);
}

/* The list narrows, and the counts are those of what is listed. */
static void paper(void **state)
{
    (void)state;
    struct made m;
    make(&m);
    struct changes *c = walk(&m, MEETING);
    struct paper *p = changes_paper_new(c, m.snapshot, LIMITS_ALL, ~0u);
    assert_non_null(p);
    const struct table *list = paper_table(p, "changes"), *counts = paper_table(p, "counts");
    assert_int_equal(list->n_rows, c->n);
    struct buf b = {0};
    size_t n;
    table_csv_header(&b, list);
    table_csv_row(&b, list, c->count[CHANGED_NEW] - 1);
    char *text = buf_take(&b, &n);
    assert_string_equal(text,
                        "change,case_ref,limit,title,subject,start_on,due_on,was,is,how,closed_on,days,"
                        "locality,team,officer\n"
                        "new,C-15,assess_decision_6w,Decide whether to assess,,2026-07-17,2026-08-28,at_risk,"
                        "excepted,,,4,North,T2,\n");
    free(text);
    for (size_t k = 0; k < counts->n_rows; k++)
        table_csv_row(&b, counts, k);
    text = buf_take(&b, &n);
    assert_string_equal(text, "assess_decision_6w,Decide whether to assess,T1,1,2,2,1,0\n"
                              "assess_decision_6w,Decide whether to assess,T2,2,2,0,5,1\n"
                              "final_plan_20w,Issue the final plan,T1,0,0,0,1,0\n"
                              "final_plan_20w,Issue the final plan,T2,0,1,0,0,0\n");
    free(text);
    struct buf words = {0};
    p->words(&words, p);
    text = buf_take(&words, &n);
    assert_string_equal(
        text, "Since 09:30 on 25 August 2026: 3 newly overdue, 5 worse than then, 7 no longer overdue (2 "
              "done, 1 missed for "
              "good, 4 excepted, corrected or no longer owed), 2 that came and went in between.\n"
              "Worse than then: on track then and at risk now, no longer excepted, or past another mark of "
              "6, 16, 20, "
              "26 or 52 weeks (overdue, or since the request).\n");
    free(text);
    paper_free(p);
    p = changes_paper_new(c, m.snapshot, LIMIT_BIT(limit_by_id(PLAN)), 1u << CHANGED_CLEARED);
    assert_int_equal(p->tables[0].n_rows, 1);
    assert_int_equal(p->tables[1].n_rows, 1);
    paper_free(p);
    changes_free(c);
    made_free(&m);
}

/* A row for each limit and team, by limit and then by name; together they are the list. */
static void counts_by_team(const struct changes *c, const struct snapshot *snapshot, size_t teams)
{
    struct paper *p = changes_paper_new(c, snapshot, LIMITS_ALL, ~0u);
    assert_non_null(p);
    const struct table *t = paper_table(p, "counts");
    char before[64] = "", limit[64] = "";
    int64_t sum = 0;
    assert_true(t->n_rows > teams && t->n_rows % teams == 0);
    for (size_t row = 0; row < t->n_rows; row++) {
        struct cell id, team, n;
        t->cell(t->ud, row, 0, &id);
        if (strcmp(id.text, limit) != 0)
            before[0] = '\0';
        snprintf(limit, sizeof limit, "%s", id.text);
        t->cell(t->ud, row, 2, &team);
        assert_true(strcmp(before, team.text) < 0);
        snprintf(before, sizeof before, "%s", team.text);
        for (size_t k = 3; k < t->n_columns; k++) {
            t->cell(t->ud, row, k, &n);
            sum += n.n;
        }
    }
    assert_int_equal(sum, p->tables[0].n_rows);
    paper_free(p);
}

/* Years of changes are put in order step by step, so that nothing else waits for it. */
static void many_in_steps(void **state)
{
    (void)state;
    enum { MANY = 6000, TEAMS = 90 };
    struct made m;
    int steps = 0, more;
    made_begin(&m, made_day(NOW), LIMITS_ALL);
    for (int i = 1; i <= MANY; i++) {
        char ref[24], team[24];
        snprintf(ref, sizeof ref, "M-%d", i);
        snprintf(team, sizeof team, "T%02d", i * 37 % TEAMS);
        made_case(&m, i, ref, "North", team, "o", CIVIL_NONE);
    }
    for (int i = 1; i <= MANY; i++)
        made_fact(&m, i, EV_REQUEST_RECEIVED, "", made_day(NOW) - 150 - i * 7919 % 300);
    made_end(&m);
    struct judge_how how = {&m.rulebook, &m.calendar, m.words, m.snapshot->as_of, KNOWN_NOW, LIMITS_ALL};
    struct changes *c = changes_new(&how, m.snapshot->limits, INT64_C(1577880000000000)); /* 2020 */
    assert_non_null(c);
    struct case_walk *w = case_walk_new(m.snapshot, &how, &(struct case_visitor){changes_visit, c}, 1);
    while ((more = case_walk_next(w, 1000)) == 1)
        ;
    assert_int_equal(more, 0);
    case_walk_free(w);
    while ((more = changes_finish(c)) == 1)
        steps++;
    assert_int_equal(more, 0);
    assert_true(c->n >= MANY && steps > 2);
    for (size_t i = 1; i < c->n; i++) {
        const struct changed *a = &c->items[i - 1], *b = &c->items[i];
        assert_true(a->kind < b->kind ||
                    (a->kind == b->kind &&
                     (a->due < b->due ||
                      (a->due == b->due && (a->slot < b->slot || (a->slot == b->slot && a->at <= b->at))))));
    }
    counts_by_team(c, m.snapshot, TEAMS);
    changes_free(c);
    made_free(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_scene),   cmocka_unit_test(a_notice_that_was_not_given),
        cmocka_unit_test(since_when),    cmocka_unit_test(paper),
        cmocka_unit_test(many_in_steps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
