#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "casework.h"
#include "count.h"
#include "evaluate.h"

/* --- hand-made cases ----------------------------------------------------------------------------------------------------
 * What is expected is written "START..DUE STATE DAYS[ on CLOSED][ [SUBJECT]][ (EXCEPTION)]", by start and subject. */

static struct row {
    const char *name, *limit, *facts, *as_of, *expected;
} rows[] = {
    /* states of an open obligation */
    {"open, warning ahead", "assess_decision_6w", "2026-01-05 request_received", "2026-02-01",
     "2026-01-05..2026-02-16 on_track 15"},
    {"open, first day of the warning", "assess_decision_6w", "2026-01-05 request_received", "2026-02-02",
     "2026-01-05..2026-02-16 at_risk 14"},
    {"open on the last lawful day", "assess_decision_6w", "2026-01-05 request_received", "2026-02-16",
     "2026-01-05..2026-02-16 at_risk 0"},
    {"open on the day after it", "assess_decision_6w", "2026-01-05 request_received", "2026-02-17",
     "2026-01-05..2026-02-16 breached 1"},
    {"open on the day of the start", "assess_decision_6w", "2026-01-05 request_received", "2026-01-05",
     "2026-01-05..2026-02-16 on_track 42"},
    {"not yet received", "assess_decision_6w", "2026-01-05 request_received", "2026-01-04", ""},

    /* per once; discharge */
    {"met on the last lawful day", "assess_decision_6w",
     "2026-01-05 request_received, 2026-02-16 assess_agreed", "2026-03-01",
     "2026-01-05..2026-02-16 met 0 on 2026-02-16"},
    {"met a day late", "assess_decision_6w", "2026-01-05 request_received, 2026-02-17 assess_agreed",
     "2026-03-01", "2026-01-05..2026-02-16 met_late 1 on 2026-02-17"},
    {"met on the day of the request", "assess_decision_6w",
     "2026-01-05 request_received, 2026-01-05 assess_refused", "2026-03-01",
     "2026-01-05..2026-02-16 met 42 on 2026-01-05"},
    {"a decision before the request is of something else", "assess_decision_6w",
     "2026-01-04 assess_agreed, 2026-01-05 request_received", "2026-01-10",
     "2026-01-05..2026-02-16 on_track 37"},
    {"a decision after the as-of date is not seen", "assess_decision_6w",
     "2026-01-05 request_received, 2026-02-18 assess_agreed", "2026-02-17",
     "2026-01-05..2026-02-16 breached 1"},
    {"once: a second request opens nothing", "assess_decision_6w",
     "2026-01-05 request_received, 2026-01-20 assess_refused, 2026-03-01 request_received", "2026-06-01",
     "2026-01-05..2026-02-16 met 27 on 2026-01-20"},
    {"two kinds of start on one day open one", "assess_decision_6w",
     "2026-01-05 request_received, 2026-01-05 responsibility_began", "2026-01-10",
     "2026-01-05..2026-02-16 on_track 37"},
    {"once: the first start was before the law, so none opens", "assess_decision_6w",
     "2014-08-31 request_received, 2015-01-05 request_received", "2015-02-01", ""},
    {"the first day of the law", "assess_decision_6w", "2014-09-01 request_received", "2014-09-02",
     "2014-09-01..2014-10-13 on_track 41"},

    /* void and lapse */
    {"not owed after all", "assess_decision_6w", "2026-01-05 request_received, 2026-01-20 draft_sent",
     "2026-03-01", "2026-01-05..2026-02-16 void 0 on 2026-01-20"},
    {"void though late", "assess_decision_6w", "2026-01-05 request_received, 2026-03-01 draft_sent",
     "2026-03-01", "2026-01-05..2026-02-16 void 0 on 2026-03-01"},
    {"discharge comes before void on one day", "assess_decision_6w",
     "2026-01-05 request_received, 2026-01-20 issue_agreed, 2026-01-20 assess_agreed", "2026-03-01",
     "2026-01-05..2026-02-16 met 27 on 2026-01-20"},
    {"discharge comes before void, in the other order of names", "assess_decision_6w",
     "2026-01-05 request_received, 2026-01-20 assess_refused, 2026-01-20 plan_issued", "2026-03-01",
     "2026-01-05..2026-02-16 met 27 on 2026-01-20"},
    {"discharge of a later name still comes before void", "final_plan_20w",
     "2026-01-05 request_received, 2026-03-01 assess_refused, 2026-03-01 plan_issued", "2026-03-01",
     "2026-01-05..2026-05-25 met 85 on 2026-03-01"},
    {"void comes before lapse on one day", "assess_decision_6w",
     "2026-01-05 request_received, 2026-03-01 case_closed, 2026-03-01 draft_sent", "2026-03-01",
     "2026-01-05..2026-02-16 void 0 on 2026-03-01"},
    {"lapsed on the last lawful day", "assess_decision_6w",
     "2026-01-05 request_received, 2026-02-16 request_withdrawn", "2026-03-01",
     "2026-01-05..2026-02-16 void 0 on 2026-02-16"},
    {"lapsed a day later", "assess_decision_6w", "2026-01-05 request_received, 2026-02-17 request_withdrawn",
     "2026-03-01", "2026-01-05..2026-02-16 missed 1 on 2026-02-17"},
    {"discharge comes before lapse on one day", "assess_decision_6w",
     "2026-01-05 request_received, 2026-02-20 case_closed, 2026-02-20 assess_refused", "2026-03-01",
     "2026-01-05..2026-02-16 met_late 4 on 2026-02-20"},
    {"received and withdrawn on one day", "assess_decision_6w",
     "2026-01-05 request_received, 2026-01-05 request_withdrawn", "2026-03-01",
     "2026-01-05..2026-02-16 void 0 on 2026-01-05"},
    {"nothing starts after the case was closed", "assess_decision_6w",
     "2026-01-04 case_closed, 2026-01-05 request_received", "2026-03-01", ""},
    {"a move ahead ends nothing yet", "assess_decision_6w",
     "2026-01-05 request_received, 2026-03-01 moved_out", "2026-02-01", "2026-01-05..2026-02-16 on_track 15"},
    {"moved away", "assess_decision_6w", "2026-01-05 request_received, 2026-02-01 moved_out", "2026-03-02",
     "2026-01-05..2026-02-16 void 0 on 2026-02-01"},
    {"the twenty weeks: day 140", "final_plan_20w", "2026-01-05 request_received, 2026-05-25 plan_issued",
     "2026-06-01", "2026-01-05..2026-05-25 met 0 on 2026-05-25"},
    {"the twenty weeks: day 141", "final_plan_20w", "2026-01-05 request_received, 2026-05-26 plan_issued",
     "2026-06-01", "2026-01-05..2026-05-25 met_late 1 on 2026-05-26"},
    {"a refusal to assess voids the twenty weeks", "final_plan_20w",
     "2026-01-05 request_received, 2026-01-20 assess_refused", "2026-06-01",
     "2026-01-05..2026-05-25 void 0 on 2026-01-20"},
    {"the warning of four weeks", "final_plan_20w", "2026-01-05 request_received", "2026-04-27",
     "2026-01-05..2026-05-25 at_risk 28"},

    /* per case; months; the life of a plan */
    {"a year, before its warning", "annual_review_12m", "2025-03-01 plan_issued", "2026-01-02",
     "2025-03-01..2026-02-28 on_track 57"},
    {"a year, first day of its warning", "annual_review_12m", "2025-03-01 plan_issued", "2026-01-03",
     "2025-03-01..2026-02-28 at_risk 56"},
    {"a decision closes one year and opens the next", "annual_review_12m",
     "2025-03-01 plan_issued, 2026-02-10 review_decided_maintain", "2026-03-01",
     "2025-03-01..2026-02-28 met 18 on 2026-02-10; 2026-02-10..2027-02-09 on_track 345"},
    {"a start while one is open is ignored", "annual_review_12m",
     "2025-03-01 plan_issued, 2025-06-01 plan_issued", "2025-07-01", "2025-03-01..2026-02-28 on_track 242"},
    {"a start never closes what opens on its day", "annual_review_12m",
     "2025-03-01 plan_issued, 2025-03-01 review_decided_amend", "2025-03-02",
     "2025-03-01..2026-02-28 on_track 363"},
    {"from a leap day", "annual_review_12m", "2024-02-29 plan_issued", "2024-03-01",
     "2024-02-29..2025-02-28 on_track 364"},
    {"into a leap day", "annual_review_12m", "2023-03-01 plan_issued", "2024-02-28",
     "2023-03-01..2024-02-29 at_risk 1"},
    {"a decision after the plan has ceased opens nothing", "annual_review_12m",
     "2025-03-01 plan_issued, 2025-06-01 plan_ceased, 2025-07-01 review_decided_maintain", "2025-08-01",
     "2025-03-01..2026-02-28 void 0 on 2025-06-01"},
    {"an order to continue begins a new life", "annual_review_12m",
     "2025-03-01 plan_issued, 2025-06-01 plan_ceased, 2025-06-20 tribunal_order continue, "
     "2025-07-01 review_decided_maintain",
     "2025-08-01", "2025-03-01..2026-02-28 void 0 on 2025-06-01; 2025-07-01..2026-06-30 on_track 333"},
    {"an order to amend begins none", "annual_review_12m",
     "2025-03-01 plan_issued, 2025-06-01 plan_ceased, 2025-06-20 tribunal_order amend, "
     "2025-07-01 review_decided_maintain",
     "2025-08-01", "2025-03-01..2026-02-28 void 0 on 2025-06-01"},
    {"a new life begins on a later day than the end", "annual_review_12m",
     "2025-03-01 plan_issued, 2025-06-01 plan_ceased, 2025-06-01 tribunal_order continue, "
     "2025-07-01 review_decided_maintain",
     "2025-08-01", "2025-03-01..2026-02-28 void 0 on 2025-06-01"},
    {"a start on the very day of the new life counts", "annual_review_12m",
     "2025-03-01 plan_issued, 2025-06-01 plan_ceased, 2025-06-20 tribunal_order continue_amend, "
     "2025-06-20 review_decided_maintain",
     "2025-08-01", "2025-03-01..2026-02-28 void 0 on 2025-06-01; 2025-06-20..2026-06-19 on_track 322"},
    {"issued and ceased on one day begins a life and ends it", "annual_review_12m",
     "2025-03-01 plan_issued, 2025-06-01 plan_ceased, 2025-06-20 plan_issued, 2025-06-20 plan_ceased",
     "2025-08-01",
     "2025-03-01..2026-02-28 void 0 on 2025-06-01; 2025-06-20..2026-06-19 void 0 on 2025-06-20"},
    {"closed is final: no life begins after it", "annual_review_12m",
     "2025-03-01 plan_issued, 2025-06-01 case_closed, 2025-07-01 plan_issued", "2025-08-01",
     "2025-03-01..2026-02-28 void 0 on 2025-06-01"},
    {"a plan transferred in has its own clock", "annual_review_12m",
     "2025-03-01 plan_issued, 2025-05-01 plan_transferred_in", "2025-08-01",
     "2025-03-01..2026-02-28 void 0 on 2025-05-01"},
    {"decided and ceased on one day: the next year is void at once", "annual_review_12m",
     "2025-03-01 plan_issued, 2026-02-10 review_decided_cease, 2026-02-10 plan_ceased", "2026-03-01",
     "2025-03-01..2026-02-28 met 18 on 2026-02-10; 2026-02-10..2027-02-09 void 0 on 2026-02-10"},
    {"decided and transferred in on one day", "annual_review_12m",
     "2025-03-01 plan_issued, 2026-02-10 review_decided_maintain, 2026-02-10 plan_transferred_in",
     "2026-03-01",
     "2025-03-01..2026-02-28 met 18 on 2026-02-10; 2026-02-10..2027-02-09 void 0 on 2026-02-10"},
    {"twelve months less four weeks", "review_meeting_due",
     "2025-03-01 plan_issued, 2026-02-01 review_meeting", "2026-03-01",
     "2025-03-01..2026-01-31 met_late 1 on 2026-02-01"},
    {"a meeting on the day of the plan is not next year's", "review_meeting_due",
     "2025-03-01 plan_issued, 2025-03-01 review_meeting", "2025-03-02",
     "2025-03-01..2026-01-31 on_track 335"},
    {"decided without a meeting: lapsed, and the next opens", "review_meeting_due",
     "2025-03-01 plan_issued, 2026-02-10 review_decided_amend", "2026-02-10",
     "2025-03-01..2026-01-31 missed 10 on 2026-02-10; 2026-02-10..2027-01-12 on_track 336"},

    /* per subject */
    {"each body apart", "advice_6w",
     "2026-01-05 advice_requested health, 2026-01-05 advice_requested education, 2026-01-20 advice_received "
     "health",
     "2026-02-17",
     "2026-01-05..2026-02-16 breached 1 [education]; 2026-01-05..2026-02-16 met 27 on 2026-01-20 [health]"},
    {"a body's advice discharges only its own", "advice_6w",
     "2026-01-05 advice_requested, 2026-01-06 advice_received health", "2026-01-10",
     "2026-01-05..2026-02-16 on_track 37"},
    {"a lapse closes every subject", "advice_6w",
     "2026-01-05 advice_requested health, 2026-01-06 advice_requested education, 2026-02-17 plan_issued",
     "2026-03-01",
     "2026-01-05..2026-02-16 missed 1 on 2026-02-17 [health]; 2026-01-06..2026-02-17 void 0 on 2026-02-17 "
     "[education]"},
    {"asked again while open, and after", "advice_6w",
     "2026-01-05 advice_requested education, 2026-01-10 advice_requested education, "
     "2026-01-20 advice_received education, 2026-02-01 advice_requested education",
     "2026-02-02",
     "2026-01-05..2026-02-16 met 27 on 2026-01-20 [education]; 2026-02-01..2026-03-15 on_track 41 "
     "[education]"},
    {"advice that closed the first does not answer the second of its day", "advice_6w",
     "2026-01-05 advice_requested education, 2026-01-20 advice_received education, "
     "2026-01-20 advice_requested education",
     "2026-01-21",
     "2026-01-05..2026-02-16 met 27 on 2026-01-20 [education]; 2026-01-20..2026-03-03 on_track 41 "
     "[education]"},
    {"asked and answered on one day", "advice_6w",
     "2026-01-05 advice_received education, 2026-01-05 advice_requested education", "2026-02-02",
     "2026-01-05..2026-02-16 met 42 on 2026-01-05 [education]"},
    {"an institution of the authority's own", "consultation_15d",
     "2026-06-23 consultation_sent SCH-1, 2026-06-23 consultation_sent SCH-2, 2026-07-09 "
     "consultation_replied SCH-2",
     "2026-07-09",
     "2026-06-23..2026-07-08 breached 1 [SCH-1]; 2026-06-23..2026-07-08 met_late 1 on 2026-07-09 [SCH-2]"},

    /* per cycle */
    {"reconvened in time: the first is void", "review_decision_4w",
     "2026-03-02 review_meeting, 2026-03-16 review_meeting", "2026-03-20",
     "2026-03-02..2026-03-30 void 0 on 2026-03-16; 2026-03-16..2026-04-13 on_track 24"},
    {"reconvened too late: the first is missed", "review_decision_4w",
     "2026-03-02 review_meeting, 2026-04-01 review_meeting", "2026-04-02",
     "2026-03-02..2026-03-30 missed 2 on 2026-04-01; 2026-04-01..2026-04-29 on_track 27"},
    {"a decision of the day counts for the old cycle and the new", "review_decision_4w",
     "2026-03-02 review_meeting, 2026-03-16 review_meeting, 2026-03-16 review_decided_amend", "2026-03-20",
     "2026-03-02..2026-03-30 met 14 on 2026-03-16; 2026-03-16..2026-04-13 met 28 on 2026-03-16"},
    {"met and decided on one day", "review_decision_4w",
     "2026-03-02 review_meeting, 2026-03-02 review_decided_cease", "2026-03-20",
     "2026-03-02..2026-03-30 met 28 on 2026-03-02"},
    {"overtaken on the last lawful day", "review_report_2w",
     "2026-03-02 review_meeting, 2026-03-16 review_decided_amend", "2026-03-20",
     "2026-03-02..2026-03-16 void 0 on 2026-03-16"},
    {"overtaken a day later", "review_report_2w",
     "2026-03-02 review_meeting, 2026-03-17 review_decided_amend", "2026-03-20",
     "2026-03-02..2026-03-16 missed 1 on 2026-03-17"},
    {"report and decision on one day", "review_report_2w",
     "2026-03-02 review_meeting, 2026-03-17 review_decided_amend, 2026-03-17 review_report_sent",
     "2026-03-20", "2026-03-02..2026-03-16 met_late 1 on 2026-03-17"},
    {"a consent order is the same appeal", "order_amend_5w",
     "2026-03-02 appeal_conceded amend, 2026-03-20 tribunal_order amend", "2026-03-21",
     "2026-03-02..2026-04-06 on_track 16 [amend]"},
    {"after a new appeal the order is a new one", "order_amend_5w",
     "2026-03-02 appeal_conceded amend, 2026-03-10 appeal_received, 2026-03-20 tribunal_order amend",
     "2026-03-21",
     "2026-03-02..2026-04-06 void 0 on 2026-03-20 [amend]; 2026-03-20..2026-04-24 on_track 34 [amend]"},
    {"an appeal of the day of the concession is not after it", "order_amend_5w",
     "2026-03-02 appeal_conceded amend, 2026-03-02 appeal_received, 2026-03-20 tribunal_order amend",
     "2026-03-21", "2026-03-02..2026-04-06 on_track 16 [amend]"},
    {"a concession of another matter", "order_amend_5w",
     "2026-03-02 appeal_conceded placement, 2026-03-20 tribunal_order amend", "2026-03-21",
     "2026-03-20..2026-04-24 on_track 34 [amend]"},
    {"order and concession of one day", "order_amend_5w",
     "2026-03-20 appeal_conceded amend, 2026-03-20 tribunal_order amend", "2026-03-21",
     "2026-03-20..2026-04-24 on_track 34 [amend]"},
    {"answered on the day of the order", "order_amend_5w",
     "2026-03-20 tribunal_order amend, 2026-03-20 plan_amended", "2026-03-21",
     "2026-03-20..2026-04-24 met 35 on 2026-03-20 [amend]"},
    {"an order of another kind", "order_amend_5w", "2026-03-20 tribunal_order assess", "2026-03-21", ""},
    {"two orders of one day: the first by name is shown", "order_amend_5w",
     "2026-03-20 tribunal_order continue_amend, 2026-03-20 tribunal_order amend", "2026-03-21",
     "2026-03-20..2026-04-24 on_track 34 [amend]"},

    /* floors */
    {"the family's time runs", "draft_reps_15d", "2026-07-01 draft_sent", "2026-07-15",
     "2026-07-01..2026-07-15 on_track 0"},
    {"the family's time is over", "draft_reps_15d", "2026-07-01 draft_sent", "2026-07-16",
     "2026-07-01..2026-07-15 met 0"},
    {"plan after the family's time", "draft_reps_15d", "2026-07-01 draft_sent, 2026-07-16 plan_issued",
     "2026-07-20", "2026-07-01..2026-07-15 met 1 on 2026-07-16"},
    {"plan on its last day", "draft_reps_15d", "2026-07-01 draft_sent, 2026-07-15 plan_issued", "2026-07-20",
     "2026-07-01..2026-07-15 missed 1 on 2026-07-15"},
    {"plan on the day of the draft", "draft_reps_15d", "2026-07-01 draft_sent, 2026-07-01 plan_issued",
     "2026-07-20", "2026-07-01..2026-07-15 missed 15 on 2026-07-01"},
    {"refused while it runs", "draft_reps_15d", "2026-07-01 draft_sent, 2026-07-10 issue_refused",
     "2026-07-20", "2026-07-01..2026-07-15 void 0 on 2026-07-10"},
    {"closed while it runs", "draft_reps_15d", "2026-07-01 draft_sent, 2026-07-15 case_closed", "2026-07-20",
     "2026-07-01..2026-07-15 void 0 on 2026-07-15"},
    {"closed after it", "draft_reps_15d", "2026-07-01 draft_sent, 2026-07-16 case_closed", "2026-07-20",
     "2026-07-01..2026-07-15 met 0 on 2026-07-16"},
    {"a second draft while it runs", "draft_reps_15d", "2026-07-01 draft_sent, 2026-07-10 draft_sent",
     "2026-07-11", "2026-07-01..2026-07-15 void 0 on 2026-07-10; 2026-07-10..2026-07-24 on_track 13"},
    {"a second draft after it", "draft_reps_15d", "2026-07-01 draft_sent, 2026-07-20 draft_sent",
     "2026-07-21", "2026-07-01..2026-07-15 met 0 on 2026-07-20; 2026-07-20..2026-08-03 on_track 13"},
    {"a second draft on the day of the plan", "draft_reps_15d",
     "2026-07-01 draft_sent, 2026-07-20 draft_sent, 2026-07-20 plan_issued", "2026-07-21",
     "2026-07-01..2026-07-15 met 5 on 2026-07-20; 2026-07-20..2026-08-03 missed 15 on 2026-07-20"},
    {"ceased after two months", "cease_not_before",
     "2025-01-01 plan_issued, 2026-05-13 cease_notified, "
     "2026-07-14 plan_ceased",
     "2026-08-01", "2026-05-13..2026-07-13 met 1 on 2026-07-14"},
    {"ceased a day too early", "cease_not_before",
     "2025-01-01 plan_issued, 2026-05-13 cease_notified, 2026-07-13 plan_ceased", "2026-08-01",
     "2026-05-13..2026-07-13 missed 1 on 2026-07-13"},
    {"ceased on the day of the notice", "cease_not_before",
     "2025-01-01 plan_issued, 2026-05-13 cease_notified, 2026-05-13 plan_ceased", "2026-08-01",
     "2026-05-13..2026-07-13 missed 62 on 2026-05-13"},
    {"ceased while the appeal is pending", "cease_not_before",
     "2025-01-01 plan_issued, 2026-05-13 cease_notified, 2026-07-01 appeal_received, 2026-08-01 plan_ceased",
     "2026-08-10", "2026-05-13..2026-08-10 missed 10 on 2026-08-01"},
    {"while an appeal is pending the window is open", "cease_not_before",
     "2025-01-01 plan_issued, 2026-05-13 cease_notified, 2026-07-13 appeal_received", "2026-11-22",
     "2026-05-13..2026-11-22 on_track 0"},
    {"conceded: kept after all", "cease_not_before",
     "2025-01-01 plan_issued, 2026-05-13 cease_notified, 2026-06-01 appeal_received, 2026-06-20 "
     "appeal_conceded cease",
     "2026-11-22", "2026-05-13..2026-07-13 void 0 on 2026-06-20"},

    /* applies */
    {"no plan to cease", "cease_not_before", "2026-05-13 cease_notified", "2026-06-01", ""},
    {"the plan had ceased before the notice", "cease_not_before",
     "2025-01-01 plan_issued, 2026-05-12 plan_ceased, 2026-05-13 cease_notified", "2026-06-01", ""},
    {"a plan of the day of the notice", "cease_not_before",
     "2026-05-13 plan_issued, 2026-05-13 cease_notified", "2026-06-01", "2026-05-13..2026-07-13 on_track 42"},
    {"ceased and issued again on one day: a plan exists", "cease_not_before",
     "2025-01-01 plan_issued, 2026-05-01 plan_ceased, 2026-05-02 plan_issued, 2026-05-13 cease_notified",
     "2026-06-01", "2026-05-13..2026-07-13 on_track 42"},
    {"issued and ceased on one day: none exists", "cease_not_before",
     "2026-05-01 plan_issued, 2026-05-01 plan_ceased, 2026-05-13 cease_notified", "2026-06-01", ""},
    {"a plan transferred in exists", "cease_not_before",
     "2026-05-01 plan_transferred_in, 2026-05-13 cease_notified", "2026-06-01",
     "2026-05-13..2026-07-13 on_track 42"},
    {"under five", "early_years_review_6m", "born 2022-03-01, 2026-01-10 plan_issued", "2026-02-01",
     "2026-01-10..2026-07-10 on_track 159"},
    {"five tomorrow", "early_years_review_6m", "born 2021-05-01, 2026-01-10 plan_issued", "2026-04-30",
     "2026-01-10..2026-07-10 on_track 71"},
    {"five today", "early_years_review_6m", "born 2021-05-01, 2026-01-10 plan_issued", "2026-05-01",
     "2026-01-10..2026-07-10 void 0 on 2026-05-01"},
    {"five between two events", "early_years_review_6m",
     "born 2021-05-01, 2026-01-10 plan_issued, 2026-06-01 review_meeting", "2026-06-02",
     "2026-01-10..2026-07-10 void 0 on 2026-05-01"},
    {"five long after the due date", "early_years_review_6m", "born 2021-09-01, 2026-01-10 plan_issued",
     "2026-10-01", "2026-01-10..2026-07-10 void 0 on 2026-09-01"},
    {"five on the start date", "early_years_review_6m", "born 2021-01-10, 2026-01-10 plan_issued",
     "2026-02-01", ""},
    {"birth date unknown", "early_years_review_6m", "2026-01-10 plan_issued", "2026-02-01", ""},
    {"reviewed on the fifth birthday", "early_years_review_6m",
     "born 2021-05-01, 2026-01-10 plan_issued, 2026-05-01 review_meeting", "2026-06-01",
     "2026-01-10..2026-07-10 met 70 on 2026-05-01"},
    {"closed on the fifth birthday", "early_years_review_6m",
     "born 2020-12-01, 2025-05-10 plan_issued, 2025-12-01 case_closed", "2026-06-01",
     "2025-05-10..2025-11-10 void 0 on 2025-12-01"},
    {"a decision voids the old one and not the one that it opens", "early_years_review_6m",
     "born 2022-03-01, 2026-01-10 plan_issued, 2026-03-10 review_decided_maintain", "2026-03-11",
     "2026-01-10..2026-07-10 void 0 on 2026-03-10; 2026-03-10..2026-09-10 on_track 183"},
    {"a meeting of the day of the plan counts not for months", "early_years_review_6m",
     "born 2022-03-01, 2026-01-10 plan_issued, 2026-01-10 review_meeting", "2026-02-01",
     "2026-01-10..2026-07-10 on_track 159"},
    {"born on 29 February", "early_years_review_6m", "born 2020-02-29, 2025-02-28 plan_issued", "2025-03-02",
     "2025-02-28..2025-08-28 void 0 on 2025-03-01"},
    {"plan by the due date of the transfer", "phase_transfer_15feb",
     "2027-02-14 plan_issued, 2027-09-01 phase_transfer school", "2027-02-20",
     "2027-09-01..2027-02-14 breached 6 [school]"},
    {"plan after the due date of the transfer", "phase_transfer_15feb",
     "2027-02-15 plan_issued, 2027-09-01 phase_transfer school", "2027-02-20", ""},
    {"the first plan decides", "phase_transfer_15feb",
     "2027-01-10 plan_transferred_in, 2027-02-15 plan_issued, 2027-09-01 phase_transfer school", "2027-02-20",
     "2027-09-01..2027-02-14 breached 6 [school]"},

    /* requires */
    {"no notice was ever due", "no_plan_notice_16w", "2026-01-05 request_received", "2026-06-01", ""},
    {"refused a day late", "no_plan_notice_16w", "2026-01-05 request_received, 2026-04-28 issue_refused",
     "2026-06-01", "2026-01-05..2026-04-27 met_late 1 on 2026-04-28"},
    {"void before the refusal: appears nowhere", "no_plan_notice_16w",
     "2026-01-05 request_received, 2026-02-01 draft_sent, 2026-04-28 issue_refused", "2026-06-01", ""},
    {"no amendment was decided", "amendment_notice_4w", "2026-03-02 review_meeting", "2026-03-21", ""},
    {"an amendment was decided", "amendment_notice_4w",
     "2026-03-02 review_meeting, 2026-03-20 review_decided_amend", "2026-03-21",
     "2026-03-02..2026-03-30 on_track 9"},
    {"decided on the day of the meeting", "amendment_notice_4w",
     "2026-03-02 review_meeting, 2026-03-02 review_decided_amend", "2026-03-21",
     "2026-03-02..2026-03-30 on_track 9"},
    {"an earlier decision does not show it", "amendment_notice_4w",
     "2026-03-01 review_decided_amend, 2026-03-02 review_meeting", "2026-03-21", ""},
    {"decided on the day that superseded it", "amendment_notice_4w",
     "2026-03-02 review_meeting, 2026-03-16 review_decided_amend, 2026-03-16 review_meeting", "2026-03-21",
     "2026-03-02..2026-03-30 void 0 on 2026-03-16; 2026-03-16..2026-04-13 on_track 23"},

    /* counts that need the calendar or the facts */
    {"three working days over Easter", "mediation_health_3wd", "2026-04-02 mediation_requested health",
     "2026-04-02", "2026-04-02..2026-04-09 on_track 7 [health]"},
    {"mediation about something else", "mediation_health_3wd", "2026-04-02 mediation_requested education",
     "2026-04-02", ""},
    {"Tribunal days skip August", "appeal_response_30wd",
     "2026-07-06 appeal_received, 2026-09-15 appeal_withdrawn", "2026-10-01",
     "2026-07-06..2026-09-15 void 0 on 2026-09-15"},
    {"an appeal never answered", "appeal_response_30wd",
     "2026-07-06 appeal_received, 2026-09-16 tribunal_order amend", "2026-10-01",
     "2026-07-06..2026-09-15 missed 1 on 2026-09-16"},
    {"fifteen working days beginning with the awareness", "plan_transfer_15wd",
     "2025-01-01 plan_issued, 2026-05-20 move_known", "2026-05-21", "2026-05-20..2026-06-10 on_track 20"},
    {"known in good time: the day of the move", "plan_transfer_15wd",
     "2025-01-01 plan_issued, 2026-05-20 move_known, 2026-09-01 moved_out", "2026-05-21",
     "2026-05-20..2026-09-01 on_track 103"},
    {"a cancelled move voids the transfer", "plan_transfer_15wd",
     "2025-01-01 plan_issued, 2026-05-20 move_known, 2026-09-01 moved_out, 2026-06-01 move_cancelled",
     "2026-06-02", "2026-05-20..2026-06-10 void 0 on 2026-06-01"},
    {"a plan transferred in is reviewed within three months", "transfer_review",
     "2026-02-01 plan_transferred_in", "2026-02-02", "2026-02-01..2026-04-30 on_track 87"},

    /* before the start */
    {"told before the transfer", "transfer_inform_6w",
     "2026-02-01 plan_transferred_in, 2026-01-15 transfer_informed", "2026-02-02",
     "2026-02-01..2026-03-15 met 59 on 2026-01-15"},
    {"told 60 days before", "transfer_inform_6w",
     "2026-02-01 plan_transferred_in, 2025-12-03 transfer_informed", "2026-02-02",
     "2026-02-01..2026-03-15 met 102 on 2025-12-03"},
    {"told 61 days before", "transfer_inform_6w",
     "2026-02-01 plan_transferred_in, 2025-12-02 transfer_informed", "2026-02-02",
     "2026-02-01..2026-03-15 on_track 41"},
    {"told on the day", "transfer_inform_6w", "2026-02-01 plan_transferred_in, 2026-02-01 transfer_informed",
     "2026-02-02", "2026-02-01..2026-03-15 met 42 on 2026-02-01"},
    {"told before the last transfer: that was that one's", "transfer_inform_6w",
     "2026-02-01 plan_transferred_in, 2026-01-15 transfer_informed, 2026-01-20 transfer_informed, "
     "2026-03-01 plan_transferred_in",
     "2026-03-02", "2026-02-01..2026-03-15 met 59 on 2026-01-15; 2026-03-01..2026-04-12 on_track 41"},
    {"a start less than 28 days ago is not the previous one", "transfer_inform_6w",
     "2026-02-01 plan_transferred_in, 2026-01-10 transfer_informed, 2026-01-15 transfer_informed, "
     "2026-02-28 plan_transferred_in",
     "2026-03-02",
     "2026-02-01..2026-03-15 met 64 on 2026-01-10; 2026-02-28..2026-04-11 met 86 on 2026-01-15"},
    {"told once does not do for two", "transfer_inform_6w",
     "2026-02-01 plan_transferred_in, 2026-01-15 transfer_informed, 2026-02-10 plan_transferred_in",
     "2026-02-11", "2026-02-01..2026-03-15 met 59 on 2026-01-15; 2026-02-10..2026-03-24 on_track 41"},

    /* backward from a meeting */
    {"notice: before its opening day", "review_notice_2w", "2026-06-15 review_arranged", "2025-06-14", ""},
    {"notice: on its opening day", "review_notice_2w", "2026-06-15 review_arranged", "2025-06-15",
     "2026-06-15..2026-06-01 on_track 351"},
    {"notice: at risk", "review_notice_2w", "2026-06-15 review_arranged", "2026-05-25",
     "2026-06-15..2026-06-01 at_risk 7"},
    {"notice: breached", "review_notice_2w", "2026-06-15 review_arranged", "2026-06-14",
     "2026-06-15..2026-06-01 breached 13"},
    {"notice: the meeting has come", "review_notice_2w", "2026-06-15 review_arranged", "2026-06-15",
     "2026-06-15..2026-06-01 missed 0"},
    {"notice: in time", "review_notice_2w", "2026-06-15 review_arranged, 2026-06-01 review_invited",
     "2026-06-20", "2026-06-15..2026-06-01 met 0 on 2026-06-01"},
    {"notice: late", "review_notice_2w", "2026-06-15 review_arranged, 2026-06-02 review_invited",
     "2026-06-20", "2026-06-15..2026-06-01 met_late 1 on 2026-06-02"},
    {"notice: on the day of the meeting", "review_notice_2w",
     "2026-06-15 review_arranged, 2026-06-15 review_invited", "2026-06-20",
     "2026-06-15..2026-06-01 met_late 14 on 2026-06-15"},
    {"notice: after the meeting", "review_notice_2w", "2026-06-15 review_arranged, 2026-06-16 review_invited",
     "2026-06-20", "2026-06-15..2026-06-01 missed 0"},
    {"notice: 365 days before", "review_notice_2w", "2026-06-15 review_arranged, 2025-06-15 review_invited",
     "2026-06-20", "2026-06-15..2026-06-01 met 351 on 2025-06-15"},
    {"notice: 366 days before", "review_notice_2w", "2026-06-15 review_arranged, 2025-06-14 review_invited",
     "2026-06-14", "2026-06-15..2026-06-01 breached 13"},
    {"notice: last year's does not serve this year", "review_notice_2w",
     "2025-06-20 review_arranged, 2025-06-01 review_invited, 2025-06-19 review_invited, 2026-06-15 "
     "review_arranged",
     "2026-05-20", "2025-06-20..2025-06-06 met 5 on 2025-06-01; 2026-06-15..2026-06-01 on_track 12"},
    {"notice: a reconvened meeting wants its own", "review_notice_2w",
     "2026-06-15 review_arranged, 2026-06-22 review_arranged, 2026-05-20 review_invited", "2026-05-25",
     "2026-06-15..2026-06-01 met 12 on 2026-05-20; 2026-06-22..2026-06-08 on_track 14"},
    {"notice: the plan ceased in time", "review_notice_2w",
     "2026-06-15 review_arranged, 2026-06-01 plan_ceased", "2026-06-20",
     "2026-06-15..2026-06-01 void 0 on 2026-06-01"},
    {"notice: the plan ceased before the meeting", "review_notice_2w",
     "2026-06-15 review_arranged, 2026-06-05 plan_ceased", "2026-06-20",
     "2026-06-15..2026-06-01 missed 4 on 2026-06-05"},
    {"notice: the plan ceased after the meeting", "review_notice_2w",
     "2026-06-15 review_arranged, 2026-06-16 plan_ceased", "2026-06-20", "2026-06-15..2026-06-01 missed 0"},
    {"notice: given on the day the plan ceased", "review_notice_2w",
     "2026-06-15 review_arranged, 2026-06-05 plan_ceased, 2026-06-05 review_invited", "2026-06-20",
     "2026-06-15..2026-06-01 met_late 4 on 2026-06-05"},
    {"notice: given after the plan ceased", "review_notice_2w",
     "2026-06-15 review_arranged, 2026-06-05 plan_ceased, 2026-06-06 review_invited", "2026-06-20",
     "2026-06-15..2026-06-01 missed 4 on 2026-06-05"},
    {"notice: life ended before it opened", "review_notice_2w",
     "2025-01-01 plan_ceased, 2026-06-15 review_arranged", "2026-05-20", ""},
    {"notice: a new life to come is not known yet", "review_notice_2w",
     "2025-01-01 plan_ceased, 2026-06-15 review_arranged, 2026-03-01 plan_issued", "2026-02-28", ""},
    {"notice: from the first day of a new life", "review_notice_2w",
     "2025-01-01 plan_ceased, 2026-06-15 review_arranged, 2026-03-01 plan_issued", "2026-03-01",
     "2026-06-15..2026-06-01 on_track 92"},
    {"notice: a new life on the due date", "review_notice_2w",
     "2025-01-01 plan_ceased, 2026-06-15 review_arranged, 2026-06-01 plan_issued", "2026-06-01",
     "2026-06-15..2026-06-01 at_risk 0"},
    {"notice: a new life too late for it", "review_notice_2w",
     "2025-01-01 plan_ceased, 2026-06-15 review_arranged, 2026-06-02 plan_issued", "2026-06-10", ""},
    {"notice: case closed before it opened", "review_notice_2w",
     "2025-01-01 case_closed, 2026-06-15 review_arranged, 2026-03-01 plan_issued", "2026-05-01", ""},
    {"two meetings arranged for one day are one", "review_papers_2w",
     "2026-06-15 review_arranged, 2026-06-15 review_arranged second", "2026-05-20",
     "2026-06-15..2026-06-01 on_track 12"},

    /* backward from a transfer */
    {"transfer: before its opening day", "phase_transfer_15feb", "2027-09-01 phase_transfer school",
     "2026-08-31", ""},
    {"transfer: on its opening day", "phase_transfer_15feb", "2027-09-01 phase_transfer school", "2026-09-01",
     "2027-09-01..2027-02-14 on_track 166 [school]"},
    {"transfer: sent on the last day", "phase_transfer_15feb",
     "2027-09-01 phase_transfer school, 2027-02-14 transfer_plan_sent", "2027-03-01",
     "2027-09-01..2027-02-14 met 0 on 2027-02-14 [school]"},
    {"transfer: sent on the 15th", "phase_transfer_15feb",
     "2027-09-01 phase_transfer school, 2027-02-15 transfer_plan_sent", "2027-03-01",
     "2027-09-01..2027-02-14 met_late 1 on 2027-02-15 [school]"},
    {"transfer: sent 548 days before", "phase_transfer_15feb",
     "2027-09-01 phase_transfer school, 2026-03-02 transfer_plan_sent", "2026-09-20",
     "2027-09-01..2027-02-14 met 349 on 2026-03-02 [school]"},
    {"transfer: sent 549 days before", "phase_transfer_15feb",
     "2027-09-01 phase_transfer school, 2026-03-01 transfer_plan_sent", "2026-09-20",
     "2027-09-01..2027-02-14 on_track 147 [school]"},
    {"transfer: overtaken by the next", "phase_transfer_15feb",
     "2026-09-01 phase_transfer school, 2028-09-01 phase_transfer school", "2027-09-20",
     "2026-09-01..2026-02-14 missed 564 on 2027-09-01 [school]; 2028-09-01..2028-02-14 on_track 147 "
     "[school]"},
    {"transfer: not overtaken a day before", "phase_transfer_15feb",
     "2026-09-01 phase_transfer school, 2028-09-01 phase_transfer school", "2027-08-31",
     "2026-09-01..2026-02-14 breached 563 [school]"},
    {"transfer: overtaken on the day the next one opens", "phase_transfer_15feb",
     "2026-09-01 phase_transfer school, 2028-09-01 phase_transfer school", "2027-09-01",
     "2026-09-01..2026-02-14 missed 564 on 2027-09-01 [school]; 2028-09-01..2028-02-14 on_track 166 "
     "[school]"},
    {"transfer: two within the year, the first overtaken as it opens", "phase_transfer_15feb",
     "2027-09-01 phase_transfer school, 2027-09-08 phase_transfer school", "2026-09-20",
     "2027-09-01..2027-02-14 void 0 on 2026-09-08 [school]; 2027-09-08..2027-02-14 on_track 147 [school]"},
    {"transfer: one plan serves one transfer", "phase_transfer_15feb",
     "2027-09-01 phase_transfer school, 2027-09-08 phase_transfer school, 2026-09-05 transfer_plan_sent",
     "2026-09-20",
     "2027-09-01..2027-02-14 met 162 on 2026-09-05 [school]; 2027-09-08..2027-02-14 on_track 147 [school]"},
    {"transfer: to post-16 by 30 March", "phase_transfer_31mar", "2027-09-01 phase_transfer post16",
     "2027-03-31", "2027-09-01..2027-03-30 breached 1 [post16]"},
    {"transfer: the other kind of transfer", "phase_transfer_31mar", "2027-09-01 phase_transfer school",
     "2027-03-31", ""},
    {"transfer: between post-16 institutions, five months", "post16_move_5m",
     "2028-07-30 phase_transfer post16_move, 2028-03-01 transfer_plan_sent", "2028-03-02",
     "2028-07-30..2028-02-29 met_late 1 on 2028-03-01 [post16_move]"},

    /* exceptions, set X1: twenty weeks from 2026-01-05 to 2026-05-25 */
    {"X1: nothing claimed", "final_plan_20w", "2026-01-05 request_received", "2026-06-01",
     "2026-01-05..2026-05-25 breached 7"},
    {"X1: a bare claim is excepted but unverified", "final_plan_20w",
     "2026-01-05 request_received, claim claimed - -", "2026-06-01",
     "2026-01-05..2026-05-25 excepted 7 (unverified)"},
    {"X1: a bare claim from the last lawful day", "final_plan_20w",
     "2026-01-05 request_received, claim claimed 2026-05-25 -", "2026-06-01",
     "2026-01-05..2026-05-25 excepted 7 (unverified)"},
    {"X1: a bare claim from the day after", "final_plan_20w",
     "2026-01-05 request_received, claim claimed 2026-05-26 -", "2026-06-01",
     "2026-01-05..2026-05-25 breached 7 (unsupported)"},
    {"X1: a bare claim with an end only", "final_plan_20w",
     "2026-01-05 request_received, claim claimed - 2026-02-01", "2026-06-01",
     "2026-01-05..2026-05-25 breached 7 (unsupported)"},
    {"X1: circumstances without a first day", "final_plan_20w",
     "2026-01-05 request_received, claim personal - -", "2026-06-01",
     "2026-01-05..2026-05-25 breached 7 (unsupported)"},
    {"X1: circumstances from the last lawful day on", "final_plan_20w",
     "2026-01-05 request_received, claim personal 2026-05-25 -", "2026-06-01",
     "2026-01-05..2026-05-25 excepted 7 (supported)"},
    {"X1: circumstances up to the start", "final_plan_20w",
     "2026-01-05 request_received, claim personal 2025-12-01 2026-01-05", "2026-06-01",
     "2026-01-05..2026-05-25 excepted 7 (supported)"},
    {"X1: circumstances over before the start", "final_plan_20w",
     "2026-01-05 request_received, claim personal 2025-12-01 2026-01-04", "2026-06-01",
     "2026-01-05..2026-05-25 breached 7 (unsupported)"},
    {"X1: days reversed", "final_plan_20w",
     "2026-01-05 request_received, claim personal 2026-02-02 2026-02-01", "2026-06-01",
     "2026-01-05..2026-05-25 breached 7 (unsupported)"},
    {"X1: begins after the as-of date", "final_plan_20w",
     "2026-01-05 request_received, claim personal 2026-06-02 -", "2026-06-01",
     "2026-01-05..2026-05-25 breached 7"},
    {"X1: absent 28 days", "final_plan_20w",
     "2026-01-05 request_received, claim absent 2026-02-01 2026-02-28", "2026-06-01",
     "2026-01-05..2026-05-25 excepted 7 (supported)"},
    {"X1: absent 27 days", "final_plan_20w",
     "2026-01-05 request_received, claim absent 2026-02-01 2026-02-27", "2026-06-01",
     "2026-01-05..2026-05-25 breached 7 (unsupported)"},
    {"X1: absent and still away for 28 days", "final_plan_20w",
     "2026-01-05 request_received, claim absent 2026-05-05 -", "2026-06-01",
     "2026-01-05..2026-05-25 excepted 7 (supported)"},
    {"X1: absent and still away for 27 days", "final_plan_20w",
     "2026-01-05 request_received, claim absent 2026-05-05 2026-12-31", "2026-05-31",
     "2026-01-05..2026-05-25 breached 6 (unsupported)"},
    {"X1: absent long, but before the start", "final_plan_20w",
     "2026-01-05 request_received, claim absent 2025-10-01 2026-01-04", "2026-06-01",
     "2026-01-05..2026-05-25 breached 7 (unsupported)"},
    {"X1: school closed four weeks, asked a week before", "final_plan_20w",
     "2026-01-05 request_received, 2026-03-25 advice_requested education, claim school_closed 2026-04-01 "
     "2026-04-29",
     "2026-06-01", "2026-01-05..2026-05-25 excepted 7 (supported)"},
    {"X1: asked eight days before", "final_plan_20w",
     "2026-01-05 request_received, 2026-03-24 advice_requested education, claim school_closed 2026-04-01 "
     "2026-04-29",
     "2026-06-01", "2026-01-05..2026-05-25 breached 7 (unsupported)"},
    {"X1: asked a week before it re-opened", "final_plan_20w",
     "2026-01-05 request_received, 2026-04-22 advice_requested education, claim school_closed 2026-04-01 "
     "2026-04-29",
     "2026-06-01", "2026-01-05..2026-05-25 excepted 7 (supported)"},
    {"X1: asked six days before it re-opened", "final_plan_20w",
     "2026-01-05 request_received, 2026-04-23 advice_requested education, claim school_closed 2026-04-01 "
     "2026-04-29",
     "2026-06-01", "2026-01-05..2026-05-25 breached 7 (unsupported)"},
    {"X1: advice of another body", "final_plan_20w",
     "2026-01-05 request_received, 2026-04-10 advice_requested health, claim school_closed 2026-04-01 "
     "2026-04-29",
     "2026-06-01", "2026-01-05..2026-05-25 breached 7 (unsupported)"},
    {"X1: school closed 27 days", "final_plan_20w",
     "2026-01-05 request_received, 2026-04-10 advice_requested education, claim school_closed 2026-04-01 "
     "2026-04-28",
     "2026-06-01", "2026-01-05..2026-05-25 breached 7 (unsupported)"},
    {"X1: one of several claims is enough", "final_plan_20w",
     "2026-01-05 request_received, claim absent 2026-02-01 2026-02-02, claim claimed - -, claim personal "
     "2026-03-01 -",
     "2026-06-01", "2026-01-05..2026-05-25 excepted 7 (supported)"},
    {"X1: unverified beats unsupported", "final_plan_20w",
     "2026-01-05 request_received, claim absent 2026-02-01 2026-02-02, claim claimed - -", "2026-06-01",
     "2026-01-05..2026-05-25 excepted 7 (unverified)"},
    {"X1: unverified beats unsupported, the other way round", "final_plan_20w",
     "2026-01-05 request_received, claim claimed - -, claim absent 2026-02-01 2026-02-02", "2026-06-01",
     "2026-01-05..2026-05-25 excepted 7 (unverified)"},
    {"X1: not asked while in time", "final_plan_20w",
     "2026-01-05 request_received, claim personal 2026-03-01 -", "2026-05-25",
     "2026-01-05..2026-05-25 at_risk 0"},
    {"X1: met late", "final_plan_20w",
     "2026-01-05 request_received, 2026-05-26 plan_issued, claim personal 2026-03-01 -", "2026-06-01",
     "2026-01-05..2026-05-25 excepted 1 on 2026-05-26 (supported)"},
    {"X1: met in time needs none", "final_plan_20w",
     "2026-01-05 request_received, 2026-05-25 plan_issued, claim personal 2026-03-01 -", "2026-06-01",
     "2026-01-05..2026-05-25 met 0 on 2026-05-25"},
    {"X1: lapsed late", "final_plan_20w",
     "2026-01-05 request_received, 2026-05-26 case_closed, claim personal 2026-03-01 -", "2026-06-01",
     "2026-01-05..2026-05-25 excepted 1 on 2026-05-26 (supported)"},
    {"X1: void needs none", "final_plan_20w",
     "2026-01-05 request_received, 2026-05-26 issue_refused, claim personal 2026-03-01 -", "2026-06-01",
     "2026-01-05..2026-05-25 void 0 on 2026-05-26"},
    {"X1: a bare claim does not reach a re-assessment", "reassess_final_14w",
     "2026-01-05 reassess_agreed, claim claimed - -", "2026-05-01",
     "2026-01-05..2026-04-13 breached 18 (unsupported)"},
    {"X1: circumstances do", "reassess_final_14w", "2026-01-05 reassess_agreed, claim personal 2026-03-01 -",
     "2026-05-01", "2026-01-05..2026-04-13 excepted 18 (supported)"},
    {"no set: nothing is excepted", "annual_review_12m",
     "2025-03-01 plan_issued, claim personal 2025-05-01 -", "2026-03-01",
     "2025-03-01..2026-02-28 breached 1"},

    /* X2 and X3 */
    {"X2: circumstances", "advice_6w", "2026-01-05 advice_requested health, claim personal 2026-02-01 -",
     "2026-02-20", "2026-01-05..2026-02-16 excepted 4 [health] (supported)"},
    {"X2: absent 28 days", "advice_6w",
     "2026-01-05 advice_requested health, claim absent 2026-01-10 2026-02-06", "2026-02-20",
     "2026-01-05..2026-02-16 excepted 4 [health] (supported)"},
    {"X2: no bare claim", "advice_6w", "2026-01-05 advice_requested health, claim claimed - -", "2026-02-20",
     "2026-01-05..2026-02-16 breached 4 [health] (unsupported)"},
    {"X2: no school closure", "advice_6w",
     "2026-01-05 advice_requested education, claim school_closed 2026-01-08 2026-02-10", "2026-02-20",
     "2026-01-05..2026-02-16 breached 4 [education] (unsupported)"},
    {"X2: an appointment missed with that body", "advice_6w",
     "2026-01-05 advice_requested health, 2026-02-16 appointment_missed health", "2026-02-20",
     "2026-01-05..2026-02-16 excepted 4 [health] (supported)"},
    {"X2: an appointment missed too late", "advice_6w",
     "2026-01-05 advice_requested health, 2026-02-17 appointment_missed health", "2026-02-20",
     "2026-01-05..2026-02-16 breached 4 [health]"},
    {"X2: an appointment missed before", "advice_6w",
     "2026-01-05 advice_requested health, 2026-01-04 appointment_missed health", "2026-02-20",
     "2026-01-05..2026-02-16 breached 4 [health]"},
    {"X2: an appointment missed with another", "advice_6w",
     "2026-01-05 advice_requested health, 2026-02-01 appointment_missed psychology", "2026-02-20",
     "2026-01-05..2026-02-16 breached 4 [health]"},
    {"X3: absent 14 days", "order_amend_5w",
     "2026-03-20 tribunal_order amend, claim absent 2026-04-01 2026-04-14", "2026-05-01",
     "2026-03-20..2026-04-24 excepted 7 [amend] (supported)"},
    {"X3: absent 13 days", "order_amend_5w",
     "2026-03-20 tribunal_order amend, claim absent 2026-04-01 2026-04-13", "2026-05-01",
     "2026-03-20..2026-04-24 breached 7 [amend] (unsupported)"},
    {"X3: circumstances", "order_amend_5w", "2026-03-20 tribunal_order amend, claim personal 2026-04-24 -",
     "2026-05-01", "2026-03-20..2026-04-24 excepted 7 [amend] (supported)"},
    {"X3: no bare claim, though a request's", "order_assess_notify_2w",
     "2026-03-20 tribunal_order assess, claim claimed - -", "2026-05-01",
     "2026-03-20..2026-04-03 breached 28 [assess] (unsupported)"},
    {"X3: no school closure", "order_assess_notify_2w",
     "2026-03-20 tribunal_order assess, 2026-03-20 advice_requested education, claim school_closed "
     "2026-03-20 "
     "2026-04-20",
     "2026-05-01", "2026-03-20..2026-04-03 breached 28 [assess] (unsupported)"},
};

#define OBLIGATIONS_MOST 256

struct taken {
    struct obligation o[OBLIGATIONS_MOST];
    size_t n;
};

static void take(void *ud, const struct obligation *o)
{
    struct taken *t = ud;
    if (t->n < OBLIGATIONS_MOST)
        t->o[t->n] = *o;
    t->n++;
}

static int by_key(const void *x, const void *y)
{
    const struct obligation *a = x, *b = y;
    if (a->limit != b->limit)
        return (int)a->limit - (int)b->limit;
    if (a->start != b->start)
        return a->start < b->start ? -1 : 1;
    return a->subject < b->subject ? -1 : a->subject > b->subject;
}

static void write_obligation(char *out, size_t cap, const struct names *subjects, const struct obligation *o)
{
    const char *subject = names_text(subjects, o->subject);
    int n = snprintf(out, cap, "%s..%s %s %d", text_of(o->start), text_of(o->due),
                     state_name((enum state)o->state), (int)o->days);
    if (o->closed != CIVIL_NONE)
        n += snprintf(out + n, cap - (size_t)n, " on %s", text_of(o->closed));
    if (*subject != '\0')
        n += snprintf(out + n, cap - (size_t)n, " [%s]", subject);
    if (o->exception != EXCEPTION_NONE)
        snprintf(out + n, cap - (size_t)n, " (%s)",
                 exception_verdict_name((enum exception_verdict)o->exception));
}

static void evaluate_row(void **state)
{
    const struct row *row = *state;
    struct rulebook rb;
    struct calendar cal;
    struct scene s;
    struct taken t = {.n = 0};
    char got[2048] = "";
    int limit = limit_by_id(row->limit);
    assert_true(limit >= 0);
    rulebook_builtin(&rb);
    calendar_builtin(&cal);
    scene_read(&s, row->facts);
    facts_settle(&s.view, s.subjects, day(row->as_of));
    evaluate(&rb, &cal, &s.view, day(row->as_of), LIMIT_BIT(limit), take, &t);
    qsort(t.o, t.n, sizeof t.o[0], by_key);
    for (size_t i = 0; i < t.n; i++) {
        size_t at = strlen(got);
        snprintf(got + at, sizeof got - at, "%s", i > 0 ? "; " : "");
        at = strlen(got);
        write_obligation(got + at, sizeof got - at, s.subjects, &t.o[i]);
    }
    scene_free(&s);
    assert_string_equal(got, row->expected);
}

/* --- random cases: what must hold whatever the facts are ------------------------------------------------------------------ */

#define FACTS_MOST 60

struct wild {
    struct fact fact[FACTS_MOST];
    struct claim claim[4];
    struct case_facts view;
};

static void wild_case(struct rng *r, struct wild *w, civil_day as_of)
{
    static const enum event plan[] = {EV_PLAN_ISSUED,          EV_PLAN_CEASED,         EV_REVIEW_MEETING,
                                      EV_REVIEW_DECIDED_AMEND, EV_REVIEW_ARRANGED,     EV_REVIEW_INVITED,
                                      EV_TRIBUNAL_ORDER,       EV_CEASE_NOTIFIED,      EV_PHASE_TRANSFER,
                                      EV_TRANSFER_PLAN_SENT,   EV_PLAN_TRANSFERRED_IN, EV_TRANSFER_INFORMED};
    static const enum subject likely[] = {SUBJECT_NONE,   SUBJECT_EDUCATION, SUBJECT_HEALTH, SUBJECT_AMEND,
                                          SUBJECT_SCHOOL, SUBJECT_CONTINUE,  SUBJECT_CEASE,  SUBJECT_ASSESS};
    size_t n = rng_below(r, FACTS_MOST);
    int span = rng_one_in(r, 2) ? 900 : rng_between(r, 1, 40);
    bool plans = rng_one_in(r, 2);
    for (size_t i = 0; i < n; i++)
        w->fact[i] = (struct fact){
            .on = as_of - rng_between(r, -200, span),
            .event = (uint8_t)(plans ? plan[rng_below(r, sizeof plan / sizeof plan[0])]
                                     : (enum event)rng_between(r, 1, EV_COUNT - 1)),
            .subject = likely[rng_below(r, sizeof likely / sizeof likely[0])],
        };
    size_t claims = rng_below(r, 5);
    for (size_t i = 0; i < claims; i++) {
        civil_day from = rng_one_in(r, 4) ? CIVIL_NONE : as_of - rng_between(r, -30, span);
        w->claim[i] = (struct claim){from, rng_one_in(r, 3) ? CIVIL_NONE : as_of - rng_between(r, -30, span),
                                     (uint8_t)rng_below(r, GROUND_COUNT)};
    }
    w->view = (struct case_facts){.facts = w->fact,
                                  .n = n,
                                  .claims = w->claim,
                                  .n_claims = claims,
                                  .born = rng_one_in(r, 3) ? CIVIL_NONE : as_of - rng_between(r, 300, 2500)};
}

/* Section 3, once more, from what the obligation itself says. */
static bool state_fits(const struct rulebook *rb, const struct obligation *o, civil_day as_of)
{
    const struct limit *l = rb->rule[o->limit].limit;
    bool closed = o->closed != CIVIL_NONE;
    if ((closed && o->closed > as_of) || o->days < 0)
        return false;
    if (l->kind == KIND_FLOOR && o->state != STATE_VOID)
        return o->state == STATE_ON_TRACK || o->state == STATE_MET ||
               (o->state == STATE_MISSED && o->closed <= o->due);
    switch ((enum state)o->state) {
    case STATE_ON_TRACK:
        return !closed && as_of < o->due - l->warn_days && o->days == o->due - as_of;
    case STATE_AT_RISK:
        return !closed && as_of >= o->due - l->warn_days && as_of <= o->due && o->days == o->due - as_of;
    case STATE_BREACHED:
        return !closed && as_of > o->due && o->days == as_of - o->due;
    case STATE_MET:
        return closed && o->closed <= o->due && o->days == o->due - o->closed;
    case STATE_MET_LATE:
        return closed && o->closed > o->due && o->days == o->closed - o->due;
    case STATE_EXCEPTED:
        return (closed ? o->closed : as_of) - o->due == o->days && o->days > 0 &&
               (o->exception == EXCEPTION_SUPPORTED || o->exception == EXCEPTION_UNVERIFIED);
    case STATE_VOID:
        return closed && o->days == 0;
    case STATE_MISSED:
        return closed ? o->days == o->closed - o->due && o->days > 0
                      : l->count == COUNT_NOTICE_WEEKS && as_of >= o->start && o->days == 0;
    case STATE_COUNT:
        break;
    }
    return false;
}

static void whatever_the_facts_are(void **state)
{
    (void)state;
    struct rng r = rng_seeded("evaluate");
    struct rulebook rb;
    struct calendar cal;
    struct names *subjects = names_new_subjects();
    static struct taken all, again, some;
    size_t seen[STATE_COUNT] = {0};
    rulebook_builtin(&rb);
    calendar_builtin(&cal);
    for (int round = 0; round < 20000; round++) {
        civil_day as_of = day("2026-11-22") + rng_between(&r, -400, 400);
        uint64_t limits = rng_next(&r);
        struct wild w, shuffled;
        wild_case(&r, &w, as_of);
        shuffled = w;
        shuffled.view.facts = shuffled.fact;
        shuffled.view.claims = shuffled.claim;
        RNG_SHUFFLE(&r, shuffled.fact, w.view.n);
        RNG_SHUFFLE(&r, shuffled.claim, w.view.n_claims);
        facts_settle(&w.view, subjects, as_of);
        facts_settle(&shuffled.view, subjects, as_of);
        all.n = again.n = some.n = 0;
        evaluate(&rb, &cal, &w.view, as_of, LIMITS_ALL, take, &all);
        evaluate(&rb, &cal, &shuffled.view, as_of, LIMITS_ALL, take, &again);
        evaluate(&rb, &cal, &w.view, as_of, limits, take, &some); /* over the marks of the first time */

        assert_true(all.n <= OBLIGATIONS_MOST);
        assert_int_equal(all.n, again.n);
        for (size_t i = 0; i < all.n; i++)
            assert_true(same_obligation(&all.o[i], &again.o[i]));
        size_t k = 0;
        for (size_t i = 0; i < all.n; i++)
            if ((limits & LIMIT_BIT(all.o[i].limit)) != 0)
                assert_true(same_obligation(&all.o[i], &some.o[k++]));
        assert_int_equal(k, some.n);

        for (size_t i = 0; i < all.n; i++) {
            if (!state_fits(&rb, &all.o[i], as_of))
                fail_msg("round %d: %s from %s: %s does not fit", round, rb.rule[all.o[i].limit].limit->id,
                         text_of(all.o[i].start), state_name((enum state)all.o[i].state));
            seen[all.o[i].state]++;
        }
        qsort(all.o, all.n, sizeof all.o[0], by_key);
        for (size_t i = 1; i < all.n; i++) /* the key of what is stored */
            assert_true(by_key(&all.o[i - 1], &all.o[i]) < 0);
    }
    for (int s = 0; s < STATE_COUNT; s++)
        assert_true(seen[s] > 100);
    names_free(subjects);
}

/* --- the rest of the header ----------------------------------------------------------------------------------------------- */

static void safe_and_working_days(void **state)
{
    (void)state;
    struct rulebook rb;
    struct calendar cal;
    rulebook_builtin(&rb);
    calendar_builtin(&cal);
    static const struct {
        const char *limit, *due, *safe_on, *act_by;
    } cases[] = {
        {"assess_decision_6w", "2026-04-07", "2026-04-06", "2026-04-02"}, /* Easter Monday */
        {"annual_review_12m", "2026-04-06", "2026-04-06", "2026-04-02"},
        {"reassess_decision_15d", "2026-07-22", "2026-07-21", "2026-07-21"},
        {"draft_reps_15d", "2026-07-22", "2026-07-22", "2026-07-22"},
        {"appeal_response_30wd", "2026-12-28", "2026-12-28", "2026-12-24"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct obligation o = {.limit = (uint8_t)limit_by_id(cases[i].limit), .due = day(cases[i].due)};
        assert_day_equal(obligation_safe_on(&rb, &o), cases[i].safe_on);
        assert_day_equal(obligation_act_by(&rb, &cal, &o), cases[i].act_by);
    }
}

static void open_and_listed(void **state)
{
    (void)state;
    for (int s = 0; s < STATE_COUNT; s++) {
        const char *name = state_name((enum state)s);
        assert_int_equal(state_by_name(name, strlen(name)), s);
        assert_int_equal(state_by_name(name, strlen(name) - 1), STATE_COUNT);
        assert_int_equal(state_is_open((enum state)s),
                         s == STATE_ON_TRACK || s == STATE_AT_RISK || s == STATE_BREACHED);
        for (int closed = 0; closed < 2; closed++) {
            struct obligation o = {.state = (uint8_t)s, .closed = closed ? 20000 : CIVIL_NONE};
            assert_int_equal(obligation_is_listed(&o),
                             s == STATE_BREACHED || (s == STATE_EXCEPTED && !closed));
        }
    }
}

static void the_end_of_the_calendar_is_told(void **state)
{
    (void)state;
    struct rulebook rb;
    struct calendar cal;
    struct scene s;
    struct taken t = {.n = 0};
    rulebook_builtin(&rb);
    calendar_builtin(&cal);
    scene_read(&s, "2028-12-01 appeal_received, 2028-12-01 mediation_requested health");
    facts_settle(&s.view, s.subjects, day("2028-12-02"));
    evaluate(&rb, &cal, &s.view, day("2028-12-02"), LIMITS_ALL, take, &t);
    int told = 0;
    for (size_t i = 0; i < t.n; i++) {
        bool tribunal = t.o[i].limit == limit_by_id("appeal_response_30wd");
        assert_int_equal(t.o[i].calendar_exhausted, tribunal);
        told += tribunal;
    }
    assert_int_equal(told, 1);
    scene_free(&s);
}

/* What is flagged: the count of working days and the search for act_by, not the day that they lead to. */
static void past_the_calendar(void **state)
{
    static const struct {
        const char *facts, *limit, *due, *act_by;
        bool flagged;
    } ends[] = {
        /* fifteen working days of 2026: the day of the move is not counted, but that it is a working day is not known */
        {"2025-01-01 plan_issued, 2026-01-10 move_known, 2029-12-03 moved_out", "plan_transfer_15wd",
         "2029-12-03", "2029-12-03", true},
        /* the last known day is a Sunday */
        {"2027-12-31 plan_issued", "annual_review_12m", "2028-12-30", "2028-12-29", false},
        {"2028-01-01 plan_issued", "annual_review_12m", "2028-12-31", "2028-12-29", false},
        {"2028-01-02 plan_issued", "annual_review_12m", "2029-01-01", "2029-01-01", true},
        /* 30 March 2029 is Good Friday, which nobody has listed yet */
        {"2028-04-02 plan_issued", "annual_review_12m", "2029-04-01", "2029-03-30", true},
        /* due on 1 January, safe on 31 December */
        {"2028-08-14 request_received", "final_plan_20w", "2029-01-01", "2028-12-29", false},
        {"2028-08-15 request_received", "final_plan_20w", "2029-01-02", "2029-01-01", true},
    };
    (void)state;
    struct rulebook rb;
    struct calendar cal;
    rulebook_builtin(&rb);
    calendar_builtin(&cal);
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        struct scene s;
        struct taken t = {.n = 0};
        scene_read(&s, ends[i].facts);
        facts_settle(&s.view, s.subjects, day("2028-12-30"));
        evaluate(&rb, &cal, &s.view, day("2028-12-30"), LIMITS_ALL, take, &t);
        size_t found = 0;
        for (size_t k = 0; k < t.n; k++) {
            if (t.o[k].limit != limit_by_id(ends[i].limit))
                continue;
            print_message("%s\n", ends[i].facts);
            assert_day_equal(t.o[k].due, ends[i].due);
            assert_day_equal(obligation_act_by(&rb, &cal, &t.o[k]), ends[i].act_by);
            assert_int_equal(t.o[k].calendar_exhausted, ends[i].flagged);
            found++;
        }
        assert_int_equal(found, 1);
        scene_free(&s);
    }
}

static void the_table_is_sound(void **state)
{
    (void)state;
    struct rulebook rb;
    rulebook_builtin(&rb);
    assert_int_equal(rb.n, limit_count());
    assert_true(rb.n <= LIMIT_MAX);
    for (size_t i = 0; i < rb.n; i++) {
        const struct limit *l = limit_at(i);
        assert_ptr_equal(rb.rule[i].limit, l);
        assert_int_equal(limit_by_id(l->id), (int)i);
        assert_true(l->starts[0].event != 0 && l->discharged_by[0].event != 0);
        assert_int_equal(l->per == PER_START, count_is_backward(l->count));
        assert_true(l->in_force_from >= day("2014-09-01"));
        assert_true(l->in_force_to == 0 || l->in_force_to > l->in_force_from);
        assert_non_null(l->citation);
    }
    assert_int_equal(limit_by_id("no such limit"), -1);
}

int main(void)
{
    static struct CMUnitTest tests[sizeof rows / sizeof rows[0] + 16];
    const struct CMUnitTest fixed[] = {
        cmocka_unit_test(whatever_the_facts_are), cmocka_unit_test(safe_and_working_days),
        cmocka_unit_test(open_and_listed),        cmocka_unit_test(the_end_of_the_calendar_is_told),
        cmocka_unit_test(past_the_calendar),

        cmocka_unit_test(the_table_is_sound),
    };
    size_t n = sizeof fixed / sizeof fixed[0];
    memcpy(tests, fixed, sizeof fixed);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        tests[n++] = (struct CMUnitTest){rows[i].name, evaluate_row, NULL, NULL, &rows[i]};
    return _cmocka_run_group_tests("evaluate", tests, n, NULL, NULL) != 0;
}
