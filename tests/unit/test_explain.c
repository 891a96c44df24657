#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>

#include "casework.h"
#include "event_words.h"
#include "explain.h"
#include "message.h"

struct told {
    struct scene scene;
    struct rulebook rulebook;
    struct calendar calendar;
    struct explain_about about;
    struct obligation first;
    size_t n;
    struct explanation x;
};

static void keep(void *ud, const struct obligation *o)
{
    struct told *t = ud;
    if (t->n++ == 0)
        t->first = *o;
}

/* The first obligation of the limit in the case, explained. */
static void tell(struct told *t, const char *limit, const char *facts, const char *as_of)
{
    *t = (struct told){0};
    scene_read(&t->scene, facts);
    rulebook_builtin(&t->rulebook);
    calendar_builtin(&t->calendar);
    facts_settle(&t->scene.view, t->scene.subjects, day(as_of));
    evaluate(&t->rulebook, &t->calendar, &t->scene.view, day(as_of), LIMIT_BIT(limit_by_id(limit)), keep, t);
    if (t->n == 0)
        fail_msg("no obligation of %s in %s", limit, facts);
    t->about = (struct explain_about){.rulebook = &t->rulebook,
                                      .calendar = &t->calendar,
                                      .subjects = t->scene.subjects,
                                      .facts = &t->scene.view,
                                      .as_of = day(as_of),
                                      .known_at = KNOWN_NOW};
    explain(&t->x, &t->about, &t->first);
}

static void check(struct told *t, void (*write)(struct buf *, const struct explanation *),
                  const char *expected)
{
    struct buf b = {0};
    write(&b, &t->x);
    assert_false(b.failed);
    assert_string_equal(b.p, expected);
    buf_free(&b);
}

/* --- states and endings ---------------------------------------------------------------------------------------------- */

#define REQUEST "2026-01-05 request_received parent"

static const struct row {
    const char *limit, *facts, *as_of, *state, *closing;
} rows[] = {
    {"assess_decision_6w", REQUEST, "2026-01-06", "open, 41 days left",
     "family told that an assessment will be made, or family told that no assessment will be made"},
    {"assess_decision_6w", REQUEST, "2026-02-15", "at risk: open, 1 day left", NULL},
    {"assess_decision_6w", REQUEST, "2026-02-16", "at risk: open, today is the last day", NULL},
    {"assess_decision_6w", REQUEST, "2026-02-17", "1 day late, not closed", NULL},
    {"assess_decision_6w", REQUEST ", claim personal 2026-02-01 -", "2026-02-28",
     "12 days late, not closed; the facts support an exception", NULL},
    {"assess_decision_6w", REQUEST ", claim claimed - -", "2026-02-28",
     "12 days late, not closed; an exception is claimed and cannot be verified", NULL},
    {"assess_decision_6w", REQUEST ", claim absent 2026-02-01 2026-02-02", "2026-02-28",
     "12 days late, not closed; an exception is claimed and the facts do not support it", NULL},
    {"assess_decision_6w", REQUEST ", 2026-02-16 assess_agreed", "2026-03-01", "met, on the last lawful day",
     "family told that an assessment will be made, Monday 16 February 2026"},
    {"assess_decision_6w", REQUEST ", 2026-02-15 assess_refused", "2026-03-01",
     "met, 1 day before the last lawful day",
     "family told that no assessment will be made, Sunday 15 February 2026"},
    {"assess_decision_6w", REQUEST ", 2026-02-20 assess_agreed", "2026-03-01", "done 4 days late", NULL},
    {"assess_decision_6w", REQUEST ", 2026-02-20 assess_agreed, claim claimed - -", "2026-03-01",
     "done 4 days late; an exception is claimed and cannot be verified", NULL},
    {"assess_decision_6w", REQUEST ", 2026-01-20 draft_sent", "2026-03-01", "not owed after all",
     "not owed after all: draft plan sent to the family, Tuesday 20 January 2026"},
    {"assess_decision_6w", REQUEST ", 2026-01-20 request_withdrawn", "2026-03-01",
     "no longer owed: overtaken before the date had passed",
     "overtaken: request for an assessment withdrawn, Tuesday 20 January 2026"},
    {"assess_decision_6w", REQUEST ", 2026-02-18 request_withdrawn", "2026-03-01",
     "missed: overtaken 2 days after the date", NULL},
    {"assess_decision_6w", REQUEST ", 2026-02-18 request_withdrawn, claim personal 2026-02-01 -",
     "2026-03-01", "overtaken 2 days after the date; the facts support an exception", NULL},
    {"review_decision_4w", "2026-03-02 review_meeting, 2026-03-20 review_meeting", "2026-04-01",
     "no longer owed: a later start took its place", "overtaken by a later start, Friday 20 March 2026"},
    {"early_years_review_6m", "2026-01-05 plan_issued, born 2021-03-17", "2026-09-01",
     "no longer owed: the child is no longer under five", "the child is no longer under five"},
    /* floors */
    {"draft_reps_15d", "2026-03-02 draft_sent", "2026-03-10", "still running, 6 days left",
     "final plan sent"},
    {"draft_reps_15d", "2026-03-02 draft_sent", "2026-03-17", "kept: nothing came before the time was over",
     "by no event: the time has passed"},
    {"draft_reps_15d", "2026-03-02 draft_sent, 2026-03-18 plan_issued", "2026-03-20",
     "kept: 2 days after the time was over", "final plan sent, Wednesday 18 March 2026"},
    {"draft_reps_15d", "2026-03-02 draft_sent, 2026-03-16 plan_issued", "2026-03-20",
     "broken: 1 day too early", NULL},
    /* notice of a meeting */
    {"review_notice_2w", "2026-01-05 plan_issued, 2026-09-14 review_arranged", "2026-09-01",
     "1 day late, not closed", "notice of the review meeting given"},
    {"review_notice_2w", "2026-01-05 plan_issued, 2026-09-14 review_arranged", "2026-09-14",
     "missed: the day of the meeting came first", "by no event: the time has passed"},
    {"advice_6w", "2026-01-05 advice_requested social_care", "2026-03-01", "13 days late, not closed",
     "advice received (social care)"},
    {"advice_6w", "2026-01-05 advice_requested ward_7, 2026-01-06 advice_received ward_7", "2026-03-01",
     "met, 41 days before the last lawful day", "advice received (ward_7), Tuesday 6 January 2026"},
};

static void every_state_in_plain_words(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct told t;
        tell(&t, rows[i].limit, rows[i].facts, rows[i].as_of);
        check(&t, explain_state, rows[i].state);
        if (rows[i].closing != NULL)
            check(&t, explain_closing, rows[i].closing);
        scene_free(&t.scene);
    }
}

/* --- dates ----------------------------------------------------------------------------------------------------------- */

static void the_date_and_what_is_safe(void **state)
{
    (void)state;
    struct told t;
    tell(&t, "final_plan_20w", REQUEST, "2026-05-22");
    check(&t, explain_due,
          "Monday 25 May 2026; safe under every reading on Sunday 24 May 2026; act by Friday 22 May 2026");
    check(&t, explain_start, "request for an assessment received (parent), Monday 5 January 2026");
    assert_string_equal(t.x.count, "20 weeks after 5 January 2026, the day itself not counted");
    scene_free(&t.scene);
    tell(&t, "final_plan_20w", REQUEST, "2026-05-23");
    check(&t, explain_due, "Monday 25 May 2026; the last working day in time was Friday 22 May 2026");
    scene_free(&t.scene);
    tell(&t, "final_plan_20w", REQUEST ", 2026-05-01 plan_issued", "2026-06-01");
    check(&t, explain_due, "Monday 25 May 2026");
    scene_free(&t.scene);
    tell(&t, "draft_reps_15d", "2026-03-02 draft_sent", "2026-03-10");
    check(&t, explain_due, "Monday 16 March 2026, the last day on which it must not come yet");
    scene_free(&t.scene);
    tell(&t, "appeal_response_30wd", "2091-03-01 appeal_received", "2091-03-10");
    assert_true(t.first.calendar_exhausted);
    struct buf b = {0};
    explain_due(&b, &t.x);
    assert_non_null(
        strstr(b.p, "; the bank holidays of that time are not known yet, so weekends only were left out"));
    buf_free(&b);
    scene_free(&t.scene);
}

/* --- exceptions ------------------------------------------------------------------------------------------------------ */

static const struct {
    const char *limit, *facts, *as_of, *expected;
} grounds[] = {
    {"final_plan_20w", "claim personal 2026-02-02 2026-02-04", "2026-06-01",
     "exceptional personal circumstances from Monday 2 February 2026 to Wednesday 4 February 2026: the facts "
     "support it: it falls within the time of this limit"},
    {"final_plan_20w", "claim personal 2026-02-02 -", "2026-06-01",
     "exceptional personal circumstances since Monday 2 February 2026, still going on: the facts support it: "
     "it falls within the time of this limit"},
    {"final_plan_20w", "claim personal - 2026-02-04", "2026-06-01",
     "exceptional personal circumstances until Wednesday 4 February 2026: the facts do not support it: no "
     "first day is recorded"},
    {"final_plan_20w", "claim personal 2026-02-04 2026-02-02", "2026-06-01",
     "exceptional personal circumstances from Wednesday 4 February 2026 to Monday 2 February 2026: the facts "
     "do not support it: it ends before it begins"},
    {"final_plan_20w", "claim personal 2025-02-02 2025-02-04", "2026-06-01",
     "exceptional personal circumstances from Sunday 2 February 2025 to Tuesday 4 February 2025: the facts "
     "do not support it: it was over before this limit began to run"},
    {"final_plan_20w", "claim personal 2026-05-26 -", "2026-06-01",
     "exceptional personal circumstances since Tuesday 26 May 2026, still going on: the facts do not support "
     "it: it began after the due date"},
    {"final_plan_20w", "claim absent 2026-02-01 2026-02-28", "2026-06-01",
     "absence from the area from Sunday 1 February 2026 to Saturday 28 February 2026: the facts support it: "
     "28 days, at least 28 are needed, and it falls within the time of this limit"},
    {"final_plan_20w", "claim absent 2026-02-01 2026-02-27", "2026-06-01",
     "absence from the area from Sunday 1 February 2026 to Friday 27 February 2026: the facts do not support "
     "it: 27 days, at least 28 are needed"},
    {"final_plan_20w", "2026-03-25 advice_requested education, claim school_closed 2026-04-01 2026-04-29",
     "2026-06-01",
     "school closed from Wednesday 1 April 2026, open again on Wednesday 29 April 2026: the facts support "
     "it: "
     "28 days, at least 28 are needed, and it falls within the time of this limit, and education advice was "
     "asked for between Wednesday 25 March 2026 and Wednesday 22 April 2026"},
    {"final_plan_20w", "claim school_closed 2026-04-01 2026-04-29", "2026-06-01",
     "school closed from Wednesday 1 April 2026, open again on Wednesday 29 April 2026: the facts do not "
     "support it: 28 days, at least 28 are needed, but no education advice was asked for between Wednesday "
     "25 March 2026 and Wednesday 22 April 2026"},
    {"final_plan_20w", "claim claimed - -", "2026-06-01",
     "exception claimed without a ground, without dates: not verified: the authority's own flag, without "
     "facts that could be checked"},
    {"advice_6w", "2026-01-05 advice_requested health, claim claimed - -", "2026-06-01",
     "exception claimed without a ground, without dates: the facts do not support it: this limit has "
     "exceptions, but not on this ground"},
    {"advice_6w", "2026-01-05 advice_requested health, 2026-01-20 appointment_missed health", "2026-06-01",
     "appointment missed (health) on Tuesday 20 January 2026: the facts support it: it falls within the time "
     "of this limit"},
    {"order_amend_5w", "2026-01-05 tribunal_order amend, claim absent 2026-01-10 2026-01-22", "2026-06-01",
     "absence from the area from Saturday 10 January 2026 to Thursday 22 January 2026: the facts do not "
     "support it: 13 days, at least 14 are needed"},
};

static void why_each_exception_holds_or_does_not(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof grounds / sizeof grounds[0]; i++) {
        char facts[300];
        struct told t;
        struct explained_exception e;
        struct buf b = {0};
        snprintf(facts, sizeof facts, "%s, " REQUEST, grounds[i].facts);
        tell(&t, grounds[i].limit, facts, grounds[i].as_of);
        assert_int_equal(t.x.n_exceptions, 1);
        assert_true(explain_exception(&t.x, 0, &e));
        explain_exception_words(&b, &t.x, &e);
        assert_string_equal(b.p, grounds[i].expected);
        assert_string_equal(exception_verdict_name(e.verdict),
                            exception_verdict_name((enum exception_verdict)t.first.exception));
        bool helps = e.verdict != EXCEPTION_UNSUPPORTED;
        assert_string_equal(explain_exceptions_end(&t.x),
                            helps
                                ? "an exception never moves the date, and whether it made it impractical to "
                                  "keep the date is for people to say"
                                : "an exception never moves the date");
        buf_free(&b);
        scene_free(&t.scene);
    }
}

static void what_is_not_weighed(void **state)
{
    (void)state;
    struct told t;
    struct explained_exception e;
    tell(&t, "final_plan_20w", REQUEST ", claim personal 2026-06-02 -", "2026-06-01"); /* not begun */
    assert_false(explain_exception(&t.x, 0, &e));
    assert_string_equal(explain_exceptions_end(&t.x), "");
    scene_free(&t.scene);
    tell(&t, "final_plan_20w", REQUEST ", 2026-05-01 plan_issued, claim personal 2026-02-01 -", "2026-06-01");
    assert_int_equal(t.x.n_exceptions, 0); /* met in time */
    scene_free(&t.scene);
    tell(&t, "annual_review_12m", "2025-01-05 plan_issued, claim personal 2025-02-01 -", "2026-06-01");
    assert_string_equal(
        explain_exceptions_end(&t.x),
        "what is claimed in the case does not matter here, because the law gives this limit no exceptions");
    scene_free(&t.scene);
    tell(&t, "annual_review_12m", "2025-01-05 plan_issued, claim personal 2025-02-01 -", "2025-06-01");
    assert_int_equal(t.x.n_exceptions, 0); /* nothing to except yet, and never will be */
    scene_free(&t.scene);
    tell(&t, "final_plan_20w", REQUEST ", claim personal 2026-02-01 -", "2026-03-01");
    assert_int_equal(t.x.n_exceptions, 1); /* open: may come to matter */
    scene_free(&t.scene);
}

/* --- the paragraph --------------------------------------------------------------------------------------------------- */

static void one_paragraph(void **state)
{
    (void)state;
    struct told t;
    tell(&t, "final_plan_20w", REQUEST ", claim absent 2026-02-01 2026-02-27", "2026-06-06");
    check(
        &t, explain_paragraph,
        "Issue the final plan, on Saturday 6 June 2026: 12 days late, not closed; an exception is claimed "
        "and "
        "the facts do not support it. Start: request for an assessment received (parent), Monday 5 January "
        "2026. Counted: 20 weeks after 5 January 2026, the day itself not counted. Due: Monday 25 May 2026; "
        "the last working day in time was Friday 22 May 2026. Closes with: final plan sent. Exceptions: "
        "absence "
        "from the area from Sunday 1 February 2026 to Friday 27 February 2026: the facts do not support it: "
        "27 days, at least 28 are needed; an exception never moves the date. Source: SEND Regulations 2014 "
        "reg 13(2) (the instrument's own words were read).");
    scene_free(&t.scene);
    tell(&t, "final_plan_20w",
         REQUEST
         ", claim personal 2025-01-01 2025-01-02, claim personal 2025-01-02 2025-01-03, claim personal "
         "2025-01-03 2025-01-04, claim personal 2025-01-04 2025-01-05, claim personal 2025-01-05 "
         "2025-01-06, claim personal 2025-01-06 2025-01-07, claim personal 2025-01-07 2025-01-08",
         "2026-06-06");
    struct buf b = {0};
    explain_paragraph(&b, &t.x);
    assert_non_null(strstr(b.p, "6 January 2025: the facts do not support it: it was over before this limit "
                                "began to run; and 2 more; an exception never moves the date."));
    buf_free(&b);
    scene_free(&t.scene);
    tell(&t, "early_years_review_6m", "2026-01-05 plan_issued, born 2021-03-17", "2026-09-01");
    check(
        &t, explain_paragraph,
        "Consider a review for a child under five, on Tuesday 1 September 2026: no longer owed: the child is "
        "no longer under five. Start: final plan sent, Monday 5 January 2026. Counted: 6 months after 5 "
        "January "
        "2026, on the same day of the month or the month's last. Due: Sunday 5 July 2026. Source: SEND Code "
        "of "
        "Practice 2015 para 9.178 (taken from guidance, court summaries or councils' pages).");
    scene_free(&t.scene);
}

static void the_note_of_2020(void **state)
{
    (void)state;
    struct told t;
    struct buf b = {0};
    tell(&t, "final_plan_20w", "2019-12-13 request_received", "2026-06-01"); /* due 1 May 2020 */
    explain_paragraph(&b, &t.x);
    assert_non_null(strstr(b.p, " days late, not closed. "));
    assert_non_null(strstr(b.p, " Due: Friday 1 May 2020; "));
    assert_non_null(
        strstr(b.p, " Note: From 1 May to 24 September 2020, where it was not reasonably practicable"));
    assert_non_null(strstr(b.p,
                           "the date and the state shown are those of the unamended regulations. Special "
                           "Educational Needs and Disability (Coronavirus) (Amendment) Regulations 2020 (SI "
                           "2020/471)."));
    buf_free(&b);
    scene_free(&t.scene);
    tell(&t, "final_plan_20w", "2019-12-12 request_received", "2026-06-01");
    explain_paragraph(&b, &t.x);
    assert_null(strstr(b.p, "Note:"));
    buf_free(&b);
    scene_free(&t.scene);
}

static void every_event_has_words(void **state)
{
    (void)state;
    assert_string_equal(event_words(EV_UNKNOWN), "");
    for (int ev = EV_UNKNOWN + 1; ev < EV_COUNT; ev++)
        assert_true(strlen(event_words((enum event)ev)) > 5);
    for (int v = EVIDENCE_READ; v <= EVIDENCE_INFERRED; v++)
        assert_non_null(evidence_words((enum limit_evidence)v));
}

/* --- alerts ---------------------------------------------------------------------------------------------------------- */

static char *text_of_alert(struct told *t, const struct change *c, const struct case_facts *facts)
{
    const struct message_about m = {.rulebook = &t->rulebook,
                                    .calendar = &t->calendar,
                                    .subjects = t->scene.subjects,
                                    .as_of = t->about.as_of};
    const struct message_case k = {
        .message_id = "msg_0", .ref = "A/1", .locality = "N", .team = "T", .facts = facts};
    const struct channel channel = {.name = "mis"};
    struct buf b = {0};
    message_transition(&b, FORMAT_STANDARD, &channel, &m, &k, c);
    json_t *o = json_loadb(b.p, b.n, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(o);
    const char *text = json_string_value(json_object_get(json_object_get(o, "data"), "text"));
    assert_non_null(text);
    char *copy = strdup(text);
    json_decref(o);
    buf_free(&b);
    return copy;
}

static void alerts_say_the_same(void **state)
{
    (void)state;
    struct told t;
    struct buf b = {0};
    tell(&t, "final_plan_20w", REQUEST, "2026-06-06");
    struct change c = {
        .now = t.first, .alert = ALERT_BREACHED, .from = STATE_AT_RISK, .due_before = CIVIL_NONE};
    char *text = text_of_alert(&t, &c, &t.scene.view);
    explain_paragraph(&b, &t.x);
    assert_string_equal(text, b.p);
    free(text);
    buf_free(&b);

    c = (struct change){.now = t.first, .withdrawn = true, .alert = ALERT_VOID, .due_before = CIVIL_NONE};
    c.now.state = STATE_VOID; /* the case is gone */
    text = text_of_alert(&t, &c, NULL);
    assert_string_equal(
        text, "Issue the final plan, on Saturday 6 June 2026: not owed: the fact that started it is no "
              "longer recorded. Start: a fact of Monday 5 January 2026 that is no longer recorded. "
              "Counted: 20 weeks after 5 January 2026, the day itself not counted. Due: Monday 25 May "
              "2026. Source: SEND Regulations 2014 reg 13(2) (the instrument's own words were read).");
    free(text);
    scene_free(&t.scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_state_in_plain_words),
        cmocka_unit_test(the_date_and_what_is_safe),
        cmocka_unit_test(why_each_exception_holds_or_does_not),
        cmocka_unit_test(what_is_not_weighed),
        cmocka_unit_test(one_paragraph),
        cmocka_unit_test(the_note_of_2020),
        cmocka_unit_test(every_event_has_words),
        cmocka_unit_test(alerts_say_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
