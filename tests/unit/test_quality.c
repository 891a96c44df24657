#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "casework.h"
#include "exception.h"
#include "quality.h"

#define AS_OF "2026-09-20"

struct told {
    const struct scene *scene;
    char text[16384];
    size_t n, count[FINDING_COUNT];
};

static void tell(void *ud, const struct finding *f)
{
    struct told *t = ud;
    const char *subject = names_text(t->scene->subjects, f->subject);
    t->n += (size_t)snprintf(t->text + t->n, sizeof t->text - t->n, "%s%s", t->n > 0 ? "; " : "",
                             finding_id((enum finding_kind)f->kind));
    if (f->event != EV_UNKNOWN)
        t->n += (size_t)snprintf(t->text + t->n, sizeof t->text - t->n, " %s %s%s%s", text_of(f->on),
                                 event_name((enum event)f->event), *subject ? " " : "", subject);
    t->count[f->kind]++;
}

static struct told check(struct scene *s, const char *as_of, bool unassigned)
{
    struct told t = {.scene = s};
    struct quality_day d = quality_day(day(as_of));
    facts_settle(&s->view, s->subjects, d.as_of);
    quality_check(&d, &s->view, unassigned, tell, &t);
    return t;
}

#define REQUEST "2026-06-01 request_received parent"
#define PLAN    "2025-01-10 request_received parent, 2025-06-02 plan_issued"
#define REVIEW  "2026-05-01 review_meeting, 2026-05-20 review_decided_maintain"

static struct row {
    const char *name, *facts, *found;
} rows[] = {
    {"nothing", "", ""},
    {"an ordinary case",
     PLAN
     ", 2025-02-20 assess_agreed, 2025-02-21 advice_requested health, 2025-04-01 advice_received health, "
     "2025-04-20 issue_agreed, 2025-05-01 draft_sent, 2025-05-02 consultation_sent S1, 2025-05-10 "
     "consultation_replied S1, 2026-03-01 review_invited, 2026-04-01 review_papers_sent, 2026-05-01 "
     "review_arranged, 2026-05-09 review_report_sent, 2026-05-20 amendment_notice_sent, 2026-07-01 "
     "plan_amended, " REVIEW,
     ""},

    /* impossible_order: the request and what follows from it */
    {"a decision before the request", REQUEST ", 2026-05-31 assess_agreed",
     "impossible_order 2026-05-31 assess_agreed"},
    {"a decision on the day of the request", REQUEST ", 2026-06-01 assess_agreed", ""},
    {"a decision without a request",
     "2026-05-31 assess_refused, 2026-06-30 assess_agreed, 2026-06-15 "
     "tribunal_order assess",
     "impossible_order 2026-05-31 assess_refused"},
    {"responsibility is as good as a request", "2026-05-30 responsibility_began, 2026-05-31 assess_agreed",
     ""},
    {"and a plan that came with the child", "2025-10-30 plan_transferred_in, 2026-01-31 draft_sent", ""},
    {"a draft before the plan came", "2025-11-30 plan_transferred_in, 2025-11-29 draft_sent",
     "impossible_order 2025-11-29 draft_sent"},
    {"a plan before the request, once",
     "2025-11-30 request_received, 2025-11-01 plan_issued, 2025-10-01 "
     "issue_agreed, 2025-10-02 draft_sent",
     "impossible_order 2025-10-01 issue_agreed"},
    {"a plan before the request, alone", "2025-11-30 request_received, 2025-11-01 plan_issued",
     "impossible_order 2025-11-01 plan_issued"},
    {"withdrawn before it was made", REQUEST ", 2026-05-01 request_withdrawn",
     "impossible_order 2026-05-01 request_withdrawn"},

    /* impossible_order: the plan and what follows from it */
    {"a review before the plan", PLAN ", 2025-06-01 review_decided_amend, " REVIEW,
     "impossible_order 2025-06-01 review_decided_amend"},
    {"a review on the day of the plan", PLAN ", 2025-06-02 review_decided_amend, " REVIEW, ""},
    {"a review without a plan, once", REVIEW ", 2026-08-01 reassess_requested",
     "impossible_order 2026-05-01 review_meeting"},
    {"a transfer plan may be the first", REQUEST ", 2026-08-02 transfer_plan_sent", ""},
    {"the end of a plan that was not there", REQUEST ", 2026-08-02 cease_notified, 2026-08-03 plan_ceased",
     "impossible_order 2026-08-02 cease_notified"},
    {"transferred out before the plan",
     "2025-12-01 request_received, 2026-05-01 plan_issued, 2026-04-01 plan_transferred_out",
     "impossible_order 2026-04-01 plan_transferred_out"},

    /* impossible_order: where the beginning may have been before the records */
    {"an order before the appeal", REQUEST ", 2026-06-10 tribunal_order assess, 2026-06-11 appeal_received",
     "impossible_order 2026-06-10 tribunal_order assess"},
    {"an order and no appeal", REQUEST ", 2026-06-10 tribunal_order assess", ""},
    {"mediation before it was asked for",
     REQUEST ", 2026-06-10 mediation_held, 2026-06-11 mediation_requested other",
     "impossible_order 2026-06-10 mediation_held"},
    {"a certificate needs no request",
     REQUEST ", 2026-06-10 mediation_certificate, 2026-06-11 "
             "mediation_requested other",
     ""},
    {"a reply before the question",
     REQUEST ", 2026-06-10 consultation_replied S1, 2026-06-11 consultation_sent S1",
     "impossible_order 2026-06-10 consultation_replied S1"},
    {"re-assessment refused before it was asked for",
     PLAN ", 2026-08-10 reassess_refused, 2026-08-11 reassess_requested, " REVIEW,
     "impossible_order 2026-08-10 reassess_refused"},
    {"re-assessment on own initiative",
     PLAN ", 2026-06-10 reassess_agreed, 2026-08-11 reassess_plan_sent, "
          "2026-08-12 reassess_requested, " REVIEW,
     ""},
    {"its plan before the decision",
     PLAN ", 2026-08-10 reassess_plan_sent, 2026-08-11 reassess_agreed, " REVIEW,
     "impossible_order 2026-08-10 reassess_plan_sent"},
    {"a payment reviewed before the first",
     PLAN ", 2026-08-10 direct_payment_reviewed, 2026-08-11 direct_payment_started, " REVIEW,
     "impossible_order 2026-08-10 direct_payment_reviewed"},
    {"two beginnings, two findings",
     REQUEST ", 2026-05-01 draft_sent, 2026-06-10 mediation_held, 2026-06-11 mediation_requested other",
     "impossible_order 2026-05-01 draft_sent; impossible_order 2026-06-10 mediation_held"},

    /* impossible_order: advice, body by body */
    {"advice before it was asked for",
     REQUEST ", 2026-07-20 advice_requested health, 2026-07-05 advice_received health",
     "impossible_order 2026-07-05 advice_received health"},
    {"advice on the day", REQUEST ", 2026-07-20 advice_requested health, 2026-07-20 advice_received health",
     ""},
    {"advice of another body",
     REQUEST ", 2026-07-20 advice_requested health, 2026-07-05 advice_received parent", ""},
    {"advice that nobody asked for", REQUEST ", 2026-07-05 advice_received health", ""},
    {"asked for again",
     REQUEST ", 2026-06-20 advice_requested health, 2026-07-05 advice_received health, 2026-07-20 "
             "advice_requested health",
     ""},
    {"each body, and each once",
     REQUEST
     ", 2026-07-20 advice_requested health, 2026-07-05 advice_received health, 2026-07-06 "
     "advice_received health, 2026-07-21 advice_requested education, 2026-07-01 advice_received education",
     "impossible_order 2026-07-01 advice_received education; impossible_order 2026-07-05 advice_received "
     "health"},
    {"agreed between, in the same assessment",
     REQUEST
     ", 2026-07-05 advice_received health, 2026-07-10 assess_agreed, 2026-07-20 advice_requested health",
     "impossible_order 2026-07-05 advice_received health"},
    {"before the request, too",
     REQUEST ", 2026-05-05 advice_received health, 2026-06-10 advice_requested health",
     "impossible_order 2026-05-05 advice_received health"},
    {"some other body may not be the one that was asked",
     REQUEST ", 2026-07-05 advice_received other, 2026-07-20 advice_requested other", ""},
    {"advice for the plan, asked for before the records",
     PLAN ", 2025-05-01 advice_received health, 2026-07-20 advice_requested health, " REVIEW, ""},
    {"for an assessment before",
     PLAN ", " REVIEW ", 2026-06-01 advice_received health, 2026-07-01 reassess_agreed, 2026-07-20 "
          "advice_requested health",
     ""},
    {"for an assessment that was refused and ordered",
     REQUEST
     ", 2026-06-10 advice_received health, 2026-06-20 assess_refused, 2026-07-20 tribunal_order assess, "
     "2026-07-25 advice_requested health",
     ""},
    {"for the request before",
     REQUEST ", 2026-06-10 advice_received health, 2026-07-01 request_received parent, 2026-07-20 "
             "advice_requested health",
     "second_request_in_case 2026-07-01 request_received parent"},

    /* date_in_the_future */
    {"dates in the future",
     REQUEST ", 2026-09-20 assess_agreed, 2026-09-22 draft_sent, 2026-09-21 advice_received health, "
             "2026-09-22 draft_sent, 2026-10-01 review_arranged, 2027-09-01 phase_transfer school",
     "date_in_the_future 2026-09-21 advice_received health; date_in_the_future 2026-09-22 draft_sent"},

    /* born_after_request: the date of the request, never the birth date */
    {"born after the request", "born 2026-06-02, " REQUEST,
     "born_after_request 2026-06-01 request_received parent"},
    {"born on that day", "born 2026-06-01, " REQUEST, ""},
    {"born after responsibility began", "born 2026-06-02, 2026-06-01 responsibility_began",
     "born_after_request 2026-06-01 responsibility_began"},

    /* second_request_in_case */
    {"a second request", REQUEST ", 2026-07-01 request_received school, 2026-08-01 request_received school",
     "second_request_in_case 2026-07-01 request_received school; "
     "second_request_in_case 2026-08-01 request_received school"},
    {"two of one day are one", REQUEST ", 2026-06-01 request_received school", ""},
    {"responsibility after the request", REQUEST ", 2026-07-01 responsibility_began",
     "second_request_in_case 2026-07-01 responsibility_began"},
    {"both of one day", REQUEST ", 2026-06-01 responsibility_began", ""},

    /* plan_without_request */
    {"a plan without a request", "2026-02-01 assess_agreed, 2026-03-01 plan_issued",
     "plan_without_request 2026-03-01 plan_issued"},
    {"a plan that came first", "2025-12-01 plan_transferred_in, 2026-03-01 plan_issued", ""},
    {"a plan that came later", "2026-03-01 plan_issued, 2026-03-02 plan_transferred_in",
     "plan_without_request 2026-03-01 plan_issued"},
    {"a statement converted", "2018-03-30 draft_sent, 2018-03-31 plan_issued, " REVIEW, ""},
    {"after the statements", "2018-04-01 plan_issued, " REVIEW,
     "plan_without_request 2018-04-01 plan_issued"},

    /* meeting_not_held */
    {"arranged and not held", PLAN ", 2026-08-10 review_arranged",
     "meeting_not_held 2026-08-10 review_arranged; plan_without_review_date 2025-06-02 plan_issued"},
    {"today is not over", PLAN ", 2026-09-20 review_arranged", ""},
    {"yesterday is", PLAN ", 2026-09-19 review_arranged",
     "meeting_not_held 2026-09-19 review_arranged; plan_without_review_date 2025-06-02 plan_issued"},
    {"held 28 days before", PLAN ", 2026-08-29 review_arranged, 2026-08-01 review_meeting", ""},
    {"29 days before is another meeting", PLAN ", 2026-08-29 review_arranged, 2026-07-31 review_meeting",
     "meeting_not_held 2026-08-29 review_arranged"},
    {"held late", PLAN ", 2026-06-01 review_arranged, 2026-09-20 review_meeting", ""},
    {"decided", PLAN ", 2026-08-29 review_arranged, 2026-09-01 review_decided_maintain", ""},
    {"of several, the last that has passed",
     PLAN ", 2026-07-10 review_arranged, 2026-08-10 review_arranged, 2026-10-10 review_arranged",
     "meeting_not_held 2026-08-10 review_arranged"},
    {"not after the plan has gone",
     PLAN ", 2026-08-10 review_arranged, 2026-08-20 cease_notified, 2026-09-01 plan_ceased", ""},
    {"nor the family", PLAN ", 2026-08-10 review_arranged, 2026-08-01 move_known, 2026-08-20 moved_out", ""},
    {"a move ahead is none yet",
     PLAN ", 2026-08-10 review_arranged, 2026-08-01 move_known, 2026-12-20 moved_out",
     "meeting_not_held 2026-08-10 review_arranged; plan_without_review_date 2025-06-02 plan_issued"},
    {"nor when the case is closed", PLAN ", 2026-08-10 review_arranged, 2026-08-20 case_closed other", ""},
    {"a plan that is not recorded", "2026-08-10 review_arranged",
     "meeting_not_held 2026-08-10 review_arranged"},

    /* refusal_overturned_without_order */
    {"agreed after a refusal", REQUEST ", 2026-07-01 assess_refused, 2026-07-02 assess_agreed",
     "refusal_overturned_without_order 2026-07-02 assess_agreed"},
    {"refused after it was agreed", REQUEST ", 2026-07-02 assess_refused, 2026-07-01 assess_agreed", ""},
    {"refused and agreed on one day", REQUEST ", 2026-07-01 assess_refused, 2026-07-01 assess_agreed", ""},
    {"by an order",
     REQUEST ", 2026-07-01 assess_refused, 2026-08-03 assess_agreed, 2026-08-02 tribunal_order assess", ""},
    {"by an order of the day",
     REQUEST ", 2026-07-01 assess_refused, 2026-08-03 assess_agreed, 2026-08-03 tribunal_order assess", ""},
    {"by a concession",
     REQUEST ", 2026-07-01 assess_refused, 2026-08-03 assess_agreed, 2026-07-01 appeal_conceded assess", ""},
    {"by mediation",
     REQUEST ", 2026-07-01 assess_refused, 2026-08-03 assess_agreed, 2026-08-01 mediation_agreed appealable",
     ""},
    {"an order before the refusal",
     REQUEST ", 2026-07-01 assess_refused, 2026-08-03 assess_agreed, 2026-06-30 tribunal_order assess",
     "refusal_overturned_without_order 2026-08-03 assess_agreed"},
    {"a withdrawn appeal is no ground",
     REQUEST ", 2026-07-01 assess_refused, 2026-08-03 assess_agreed, 2026-07-05 appeal_received, 2026-07-30 "
             "appeal_withdrawn",
     "refusal_overturned_without_order 2026-08-03 assess_agreed"},
    {"a second request is a finding of its own",
     REQUEST ", 2026-07-01 assess_refused, 2026-07-15 request_received parent, 2026-08-03 assess_agreed",
     "second_request_in_case 2026-07-15 request_received parent"},
    {"a plan after a refusal", REQUEST ", 2026-07-01 issue_refused, 2026-08-01 plan_issued",
     "refusal_overturned_without_order 2026-08-01 plan_issued"},
    {"refused again after the order",
     REQUEST ", 2026-07-01 assess_refused, 2026-07-20 tribunal_order assess, 2026-07-30 assess_agreed, "
             "2026-08-10 issue_refused, 2026-08-20 tribunal_order make_plan, 2026-09-01 plan_issued",
     ""},

    /* unknown_subject */
    {"a transfer to nowhere, and one to somewhere else",
     "2027-09-01 phase_transfer, 2027-09-02 phase_transfer college, 2027-09-03 phase_transfer post16",
     "unknown_subject 2027-09-01 phase_transfer; unknown_subject 2027-09-02 phase_transfer college"},
    {"an order of nothing", REQUEST ", 2026-07-10 tribunal_order bogus, 2026-07-11 appeal_conceded",
     "unknown_subject 2026-07-10 tribunal_order bogus; unknown_subject 2026-07-11 appeal_conceded"},
    {"a word of another event",
     REQUEST ", 2026-07-10 tribunal_order health, 2026-07-11 appeal_conceded cease",
     "unknown_subject 2026-07-10 tribunal_order health; unknown_subject 2026-07-11 appeal_conceded cease"},
    {"advice of nobody",
     REQUEST ", 2026-07-10 advice_requested, 2026-07-11 advice_received, "
             "2026-07-12 appointment_missed",
     "unknown_subject 2026-07-10 advice_requested; unknown_subject 2026-07-11 advice_received; "
     "unknown_subject 2026-07-12 appointment_missed"},
    {"mediation of nothing", REQUEST ", 2026-07-10 mediation_requested, 2026-07-11 mediation_agreed",
     "unknown_subject 2026-07-10 mediation_requested; unknown_subject 2026-07-11 mediation_agreed"},
    {"a source that is none, and a reason",
     "2026-06-01 request_received neighbour, 2026-07-10 case_closed bored",
     "unknown_subject 2026-06-01 request_received neighbour; unknown_subject 2026-07-10 case_closed bored"},
    {"a request of nobody, a case closed for nothing", "2026-06-01 request_received, 2026-07-10 case_closed",
     ""},
    {"words where any may stand", REQUEST ", 2026-07-10 consultation_sent S1, 2026-07-11 draft_sent by_hand",
     ""},
    {"one that lies ahead and is not seen is a finding of another kind",
     REQUEST ", 2026-09-21 advice_requested", "date_in_the_future 2026-09-21 advice_requested"},

    /* moved_without_awareness */
    {"scenario E24", "2024-01-01 plan_issued, 2026-08-01 moved_out, 2023-06-01 request_received",
     "moved_without_awareness 2026-08-01 moved_out"},
    {"aware before", PLAN ", 2026-07-01 move_known, 2026-08-01 moved_out", ""},
    {"aware after", PLAN ", 2026-09-01 move_known, 2026-08-01 moved_out", ""},
    {"a move ahead", PLAN ", " REVIEW ", 2026-12-01 moved_out",
     "moved_without_awareness 2026-12-01 moved_out"},
    {"cancelled", PLAN ", " REVIEW ", 2026-08-15 move_cancelled, 2026-12-01 moved_out", ""},
    {"two moves, one awareness",
     PLAN
     ", 2026-02-01 move_known, 2026-03-01 moved_out, 2026-05-01 plan_transferred_in, 2026-09-01 moved_out",
     "moved_without_awareness 2026-09-01 moved_out"},
    {"an awareness on the day of a move is of that move",
     PLAN ", 2026-02-01 move_known, 2026-02-20 moved_out, 2026-02-20 move_known, 2026-09-01 moved_out",
     "moved_without_awareness 2026-09-01 moved_out"},
    {"both were known",
     PLAN ", 2026-02-01 move_known, 2026-02-20 moved_out, 2026-02-21 move_known, 2026-09-01 moved_out", ""},

    /* plan_ended_without_notice */
    {"no notice", PLAN ", 2026-09-01 plan_ceased", "plan_ended_without_notice 2026-09-01 plan_ceased"},
    {"notice on the day", PLAN ", 2026-09-01 plan_ceased, 2026-09-01 cease_notified", ""},
    {"notice afterwards", PLAN ", 2026-09-01 plan_ceased, 2026-09-02 cease_notified",
     "plan_ended_without_notice 2026-09-01 plan_ceased"},
    {"the notice of the plan before",
     PLAN ", 2025-08-01 cease_notified, 2025-11-01 plan_ceased, 2026-01-01 plan_transferred_in, 2026-09-01 "
          "plan_ceased",
     "plan_ended_without_notice 2026-09-01 plan_ceased"},
    {"ended twice by mistake",
     PLAN ", 2025-08-01 cease_notified, 2025-11-01 plan_ceased, 2026-09-01 plan_ceased", ""},
    {"the case was closed", PLAN ", 2026-09-01 case_closed deceased, 2026-09-01 plan_ceased", ""},

    /* plan_without_review_date */
    {"a year old", "2025-01-01 request_received, 2025-09-20 plan_issued",
     "plan_without_review_date 2025-09-20 plan_issued"},
    {"a day less", "2025-01-01 request_received, 2025-09-21 plan_issued", ""},
    {"reviewed a year ago",
     "2024-01-01 request_received, 2024-06-01 plan_issued, 2025-09-01 "
     "review_decided_amend",
     "plan_without_review_date 2025-09-01 review_decided_amend"},
    {"the review is under way",
     "2024-01-01 request_received, 2024-06-01 plan_issued, 2026-06-01 review_meeting", ""},
    {"arranged for today", "2024-01-01 request_received, 2024-06-01 plan_issued, 2026-09-20 review_arranged",
     ""},
    {"a plan that has gone",
     "2024-01-01 request_received, 2024-06-01 plan_issued, 2026-09-01 plan_transferred_out", ""},
    {"gone on the day it came",
     "2024-01-01 request_received, 2024-06-01 plan_issued, 2024-06-01 plan_transferred_out", ""},
    {"gone and back",
     "2020-01-01 request_received, 2020-06-01 plan_issued, 2023-09-01 plan_transferred_out, "
     "2024-09-01 plan_transferred_in",
     "plan_without_review_date 2024-09-01 plan_transferred_in"},
    {"ended, and then ordered to continue",
     "2024-01-01 request_received, 2024-06-01 plan_issued, 2026-01-01 cease_notified, 2026-03-10 "
     "plan_ceased, "
     "2026-05-01 tribunal_order continue",
     "plan_without_review_date 2024-06-01 plan_issued"},
    {"ended, and ordered something else",
     "2024-01-01 request_received, 2024-06-01 plan_issued, 2026-01-01 cease_notified, 2026-03-10 "
     "plan_ceased, "
     "2026-05-01 tribunal_order cease",
     ""},

    /* event_after_closed */
    {"events after the case was closed",
     REQUEST ", 2026-07-01 case_closed duplicate, 2026-07-01 advice_requested health, 2026-07-02 "
             "assess_agreed, 2026-07-03 advice_received health, 2026-12-01 review_arranged",
     "event_after_closed 2026-07-02 assess_agreed; event_after_closed 2026-07-03 advice_received health"},
    {"a move after it",
     PLAN ", 2026-07-01 case_closed left_england, 2026-06-25 move_known, 2026-07-02 moved_out", ""},
};

static void row_is_found(void **state)
{
    const struct row *row = *state;
    struct scene s;
    scene_read(&s, row->facts);
    struct told t = check(&s, AS_OF, false);
    scene_free(&s);
    assert_string_equal(t.text, row->found);
}

static void nobody_is_named(void **state)
{
    (void)state;
    struct scene s;
    scene_read(&s, REQUEST);
    struct told t = check(&s, AS_OF, true);
    scene_free(&s);
    assert_string_equal(t.text, "missing_officer");
}

static void every_kind_of_a_case_is_tried(void **state)
{
    (void)state;
    size_t n[FINDING_COUNT] = {0}, clean = 0;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct scene s;
        scene_read(&s, rows[i].facts);
        struct told t = check(&s, AS_OF, false);
        for (int k = 0; k < FINDING_COUNT; k++)
            n[k] += t.count[k];
        clean += t.n == 0;
        scene_free(&s);
    }
    for (int k = 0; k < FINDING_MISSING_OFFICER; k++)
        assert_in_range(n[k], 1, 1000);
    assert_in_range(n[FINDING_UNKNOWN_SUBJECT], 1, 1000);
    assert_in_range(clean, 20, 1000);
}

/* --- exceptions ------------------------------------------------------------------------------------------------------ */

struct claims {
    const struct rulebook *rb;
    const struct case_facts *cf;
    civil_day as_of;
    int limit;
    size_t n;
    struct finding last;
    struct quality_claims claims;
    struct quality_share share;
};

static void take(void *ud, const struct obligation *o)
{
    struct claims *c = ud;
    quality_share_add(&c->share, c->rb, c->limit, o, c->cf, c->as_of);
    quality_claims_add(&c->claims, c->rb, o, c->cf, c->as_of);
}

static void take_finding(void *ud, const struct finding *f)
{
    struct claims *c = ud;
    assert_int_equal(f->kind, FINDING_EXCEPTION_UNSUPPORTED);
    c->n++;
    c->last = *f;
}

static struct claims claims_of(const char *facts)
{
    struct rulebook rb;
    struct calendar cal;
    struct scene s;
    rulebook_builtin(&rb);
    calendar_builtin(&cal);
    scene_read(&s, facts);
    struct claims c = {
        .rb = &rb, .cf = &s.view, .as_of = day(AS_OF), .limit = rulebook_find(&rb, QUALITY_EXCEPTION_LIMIT)};
    assert_true(c.limit >= 0);
    facts_settle(&s.view, s.subjects, c.as_of);
    evaluate(&rb, &cal, &s.view, c.as_of, LIMITS_ALL, take, &c);
    quality_claims_tell(&c.claims, &s.view, take_finding, &c);
    scene_free(&s);
    c.rb = NULL;
    c.cf = NULL;
    return c;
}

static void a_claim_without_facts_is_found(void **state)
{
    (void)state;
    struct claims c = claims_of("2026-01-05 request_received, claim absent 2026-02-01 2026-02-10");
    assert_int_equal(c.n, 1);
    assert_string_equal(limit_at(c.last.subject)->id, "assess_decision_6w");
    assert_int_equal(c.last.event, GROUND_ABSENT);
    assert_day_equal(c.last.on, "2026-02-01");
    assert_int_equal(c.share.obligations, 1);
    assert_int_equal(c.share.excepted, 0);

    c = claims_of("2026-01-05 request_received, claim absent 2026-02-01 2026-03-10");
    assert_int_equal(c.n, 0);
    assert_int_equal(c.share.excepted, 1);

    c = claims_of("2026-01-05 request_received, claim claimed - -");
    assert_int_equal(c.n, 0);
    assert_int_equal(c.share.excepted, 1);

    /* of two limits the first in the table, whichever was over first */
    c = claims_of(
        "2025-01-06 request_received, 2025-01-15 assess_agreed, 2025-01-20 advice_requested health, "
        "2025-09-01 plan_issued, 2025-10-01 advice_received health, claim absent 2025-02-01 2025-02-10");
    assert_int_equal(c.n, 1);
    assert_string_equal(limit_at(c.last.subject)->id, "advice_6w");
}

/* One claim, one finding, and none for a claim that excuses something. */
static void each_claim_is_judged_by_itself(void **state)
{
    (void)state;
    struct claims c =
        claims_of("2026-01-05 request_received, 2026-01-20 advice_requested health, claim claimed - -");
    assert_int_equal(c.n, 0); /* it is no ground for late advice, and one for the plan */
    c = claims_of("2026-01-05 request_received, claim claimed - -, claim absent 2026-02-01 2026-02-10");
    assert_int_equal(c.n, 0); /* the plan is excused; what did not help is not asked about */
    c = claims_of("2026-01-05 request_received, 2026-01-20 advice_requested health, claim claimed - -, "
                  "claim absent 2026-02-01 2026-02-10");
    assert_int_equal(c.n, 1);
    assert_int_equal(c.last.event, GROUND_ABSENT);
    assert_string_equal(limit_at(c.last.subject)->id, "advice_6w");
    c = claims_of(
        "2026-01-05 request_received, claim absent 2026-02-01 2026-02-10, claim personal - 2026-02-01");
    assert_int_equal(c.n, 2);
}

static void only_what_is_late_is_found(void **state)
{
    (void)state;
    struct claims c = claims_of("2026-09-01 request_received, claim absent 2026-09-02 2026-09-10");
    assert_int_equal(c.n, 0);
    assert_int_equal(c.share.obligations, 1);
    assert_int_equal(c.share.excepted, 0);
    /* A plan in time that carries the flag counts in the share: flagging all of them is what gives it away. */
    c = claims_of(
        "2026-03-02 request_received, 2026-04-01 assess_agreed, 2026-07-01 plan_issued, claim claimed - -");
    assert_int_equal(c.n, 0);
    assert_int_equal(c.share.excepted, 1);
    /* What is not owed after all is not counted. */
    c = claims_of("2026-03-02 request_received, 2026-04-01 assess_refused, claim claimed - -");
    assert_int_equal(c.share.obligations, 0);
}

static void the_alarm_has_two_thresholds(void **state)
{
    (void)state;
    static const struct {
        uint64_t obligations, excepted;
        bool alarm;
    } at[] = {
        {0, 0, false},  {19, 19, false}, {20, 5, false},   {20, 6, true},
        {20, 20, true}, {100, 6, false}, {100, 25, false}, {100, 26, true},
    };
    for (size_t i = 0; i < sizeof at / sizeof at[0]; i++)
        assert_int_equal(
            quality_exceptions_implausible(&(struct quality_share){at[i].obligations, at[i].excepted}),
            at[i].alarm);
}

/* --- the table ------------------------------------------------------------------------------------------------------- */

static void kinds_are_complete_and_distinct(void **state)
{
    (void)state;
    for (int k = 0; k < FINDING_COUNT; k++) {
        const char *id = finding_id((enum finding_kind)k);
        assert_non_null(id);
        assert_int_equal(strspn(id, "abcdefghijklmnopqrstuvwxyz_"), strlen(id));
        assert_int_equal(finding_by_id(id, strlen(id)), k);
        assert_int_equal(finding_by_id(id, strlen(id) - 1), FINDING_COUNT);
        assert_non_null(finding_explanation((enum finding_kind)k));
        assert_null(strpbrk(finding_explanation((enum finding_kind)k), "\"\r\n"));
        assert_non_null(finding_severity_name(finding_severity((enum finding_kind)k)));
    }
    assert_int_equal(finding_by_id("", 0), FINDING_COUNT);
}

/* Whatever the facts are: no finding names an event that is not there, and rows in another order give the same findings. */
static void random_facts_keep_the_peace(void **state)
{
    (void)state;
    struct rng r = rng_seeded("quality");
    struct names *subjects = names_new_subjects();
    for (int round = 0; round < 20000; round++) {
        struct fact f[40], g[40];
        size_t n = rng_below(&r, 40);
        for (size_t i = 0; i < n; i++)
            f[i] = (struct fact){.on = day(AS_OF) - rng_between(&r, -40, 900),
                                 .event = (uint8_t)rng_between(&r, 1, EV_COUNT - 1),
                                 .subject = rng_below(&r, SUBJECT_COUNT)};
        memcpy(g, f, sizeof f);
        RNG_SHUFFLE(&r, g, n);
        struct scene a = {.subjects = subjects, .view = {.facts = f, .n = n, .born = CIVIL_NONE}};
        struct scene b = {.subjects = subjects, .view = {.facts = g, .n = n, .born = CIVIL_NONE}};
        struct told x = check(&a, AS_OF, false), y = check(&b, AS_OF, false);
        assert_string_equal(x.text, y.text);
        assert_true(x.n < sizeof x.text);
        assert_int_equal(x.count[FINDING_DATE_IN_THE_FUTURE], a.view.n_ahead);
    }
    names_free(subjects);
}

int main(void)
{
    static struct CMUnitTest tests[sizeof rows / sizeof rows[0] + 16];
    size_t n = 0;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        tests[n++] = (struct CMUnitTest){rows[i].name, row_is_found, NULL, NULL, &rows[i]};
    const struct CMUnitTest others[] = {
        cmocka_unit_test(nobody_is_named),
        cmocka_unit_test(every_kind_of_a_case_is_tried),
        cmocka_unit_test(a_claim_without_facts_is_found),
        cmocka_unit_test(each_claim_is_judged_by_itself),
        cmocka_unit_test(only_what_is_late_is_found),
        cmocka_unit_test(the_alarm_has_two_thresholds),
        cmocka_unit_test(kinds_are_complete_and_distinct),
        cmocka_unit_test(random_facts_keep_the_peace),
    };
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        tests[n++] = others[i];
    int failed = _cmocka_run_group_tests("quality", tests, n, NULL, NULL);
    return failed != 0;
}
