#include "event.h"

#include <string.h>

static const struct {
    const char *name;
    const char *meaning;
} vocabulary[EV_COUNT] = {
    [EV_ADVICE_RECEIVED] = {"advice_received", "that body's advice reached the authority"},
    [EV_ADVICE_REQUESTED] = {"advice_requested", "the body RECEIVED the authority's request for advice"},
    [EV_AMENDMENT_DROPPED] = {"amendment_dropped", "family NOTIFIED that after all no amendment is made"},
    [EV_AMENDMENT_NOTICE_SENT] = {"amendment_notice_sent", "plan, notice and proposed amendments sent"},
    [EV_APPEAL_CONCEDED] = {"appeal_conceded",
                            "authority told the Tribunal that it will not oppose the appeal"},
    [EV_APPEAL_RECEIVED] = {"appeal_received", "appeal received from the Tribunal"},
    [EV_APPEAL_RESPONSE_SENT] = {"appeal_response_sent", "authority's response sent to the Tribunal"},
    [EV_APPEAL_WITHDRAWN] = {"appeal_withdrawn", "the appeal was withdrawn or struck out"},
    [EV_APPOINTMENT_MISSED] = {"appointment_missed",
                               "the child missed an appointment for an examination or test by that body"},
    [EV_ASSESS_AGREED] = {"assess_agreed", "family NOTIFIED that an assessment will be made"},
    [EV_ASSESS_REFUSED] = {"assess_refused", "family NOTIFIED that no assessment will be made"},
    [EV_CASE_CLOSED] = {"case_closed", "case closed; stops every clock, and none starts after it"},
    [EV_CEASE_NOTIFIED] = {"cease_notified", "notice of the decision to cease SENT"},
    [EV_CONSULTATION_REPLIED] = {"consultation_replied", "its reply reached the authority"},
    [EV_CONSULTATION_SENT] = {"consultation_sent", "school or college received the consultation"},
    [EV_DIRECT_PAYMENT_ENDED] = {"direct_payment_ended", "direct payment ended"},
    [EV_DIRECT_PAYMENT_REVIEWED] = {"direct_payment_reviewed", "direct payment reviewed"},
    [EV_DIRECT_PAYMENT_STARTED] = {"direct_payment_started", "first direct payment made"},
    [EV_DRAFT_SENT] = {"draft_sent", "draft plan served on the family"},
    [EV_ICB_NOTIFIED] = {"icb_notified", "each relevant health body told of the mediation issues"},
    [EV_ISSUE_AGREED] = {"issue_agreed", "decision that a plan will be issued (internal; panel D2)"},
    [EV_ISSUE_REFUSED] = {"issue_refused", "family NOTIFIED that no plan will be issued"},
    [EV_MEDIATION_AGREED] = {"mediation_agreed", "mediation agreement dated"},
    [EV_MEDIATION_CERTIFICATE] = {"mediation_certificate", "mediation certificate issued"},
    [EV_MEDIATION_DONE] = {"mediation_done", "what was agreed has been done"},
    [EV_MEDIATION_HELD] = {"mediation_held", "mediation took place"},
    [EV_MEDIATION_REQUESTED] = {"mediation_requested", "family told the authority that it wants mediation"},
    [EV_MOVE_CANCELLED] = {"move_cancelled", "the move will not happen"},
    [EV_MOVE_KNOWN] =
        {"move_known",
         "the authority became aware that the family will move or has moved to another authority"},
    [EV_MOVED_OUT] = {"moved_out", "the day of the move to another authority"},
    [EV_PHASE_TRANSFER] =
        {"phase_transfer",
         "the day of the transfer (normally in the future); school = any phase change other than to post-16; "
         "post16 = secondary school to post-16 institution; post16_move = between post-16 institutions"},
    [EV_PLAN_AMENDED] = {"plan_amended", "amended final plan SENT"},
    [EV_PLAN_CEASED] = {"plan_ceased", "the plan actually ended"},
    [EV_PLAN_ISSUED] = {"plan_issued",
                        "finalised plan SENT to family, institution and health body (the last of the three)"},
    [EV_PLAN_TRANSFERRED_IN] = {"plan_transferred_in", "plan transferred in from another authority"},
    [EV_PLAN_TRANSFERRED_OUT] = {"plan_transferred_out", "plan transferred to the new authority"},
    [EV_REASSESS_AGREED] = {"reassess_agreed",
                            "family NOTIFIED of (or, own initiative, decision on) a re-assessment"},
    [EV_REASSESS_PLAN_SENT] = {"reassess_plan_sent", "plan finalised after re-assessment SENT"},
    [EV_REASSESS_REFUSED] = {"reassess_refused", "family NOTIFIED that there will be no re-assessment"},
    [EV_REASSESS_REQUESTED] = {"reassess_requested", "request for a re-assessment received"},
    [EV_REASSESS_WITHDRAWN] = {"reassess_withdrawn", "the request for a re-assessment was withdrawn"},
    [EV_REQUEST_RECEIVED] = {"request_received",
                             "the request for an EHC needs assessment landed at the authority (the day it "
                             "came in, not the day it was logged or validated)"},
    [EV_REQUEST_WITHDRAWN] = {"request_withdrawn",
                              "the request was withdrawn before a decision; stops the assessment clocks"},
    [EV_RESPONSIBILITY_BEGAN] = {"responsibility_began",
                                 "the authority became responsible for the child or young person under s.24"},
    [EV_REVIEW_ARRANGED] = {"review_arranged", "annual review meeting arranged; the date is the meeting's, "
                                               "so usually in the future; a new date is a correction"},
    [EV_REVIEW_DECIDED_AMEND] = {"review_decided_amend", "family NOTIFIED that the plan will be amended"},
    [EV_REVIEW_DECIDED_CEASE] = {"review_decided_cease", "family NOTIFIED that the plan will cease"},
    [EV_REVIEW_DECIDED_MAINTAIN] = {"review_decided_maintain",
                                    "family NOTIFIED that the plan is maintained unchanged"},
    [EV_REVIEW_INVITED] = {"review_invited", "notice of the review meeting given"},
    [EV_REVIEW_MEETING] = {"review_meeting", "annual review meeting held"},
    [EV_REVIEW_PAPERS_SENT] = {"review_papers_sent", "advice and information circulated before the meeting"},
    [EV_REVIEW_REPORT_SENT] = {"review_report_sent", "report of the meeting sent"},
    [EV_TRANSFER_INFORMED] =
        {"transfer_informed",
         "family told of the transfer, whether an assessment is proposed and when the plan will be reviewed"},
    [EV_TRANSFER_PLAN_SENT] = {"transfer_plan_sent",
                               "plan reviewed, amended where needed and sent, naming the next placement"},
    [EV_TRIBUNAL_ORDER] = {"tribunal_order", "date on the order"},
};

static const char *const subjects[SUBJECT_COUNT] = {
    [SUBJECT_NONE] = "",
    [SUBJECT_AMEND] = "amend",
    [SUBJECT_APPEALABLE] = "appealable",
    [SUBJECT_ASSESS] = "assess",
    [SUBJECT_CEASE] = "cease",
    [SUBJECT_CONTINUE] = "continue",
    [SUBJECT_CONTINUE_AMEND] = "continue_amend",
    [SUBJECT_DECEASED] = "deceased",
    [SUBJECT_DUPLICATE] = "duplicate",
    [SUBJECT_EDUCATION] = "education",
    [SUBJECT_HEALTH] = "health",
    [SUBJECT_LEFT_ENGLAND] = "left_england",
    [SUBJECT_MAKE_PLAN] = "make_plan",
    [SUBJECT_OTHER] = "other",
    [SUBJECT_PARENT] = "parent",
    [SUBJECT_PLACEMENT] = "placement",
    [SUBJECT_POST16] = "post16",
    [SUBJECT_POST16_MOVE] = "post16_move",
    [SUBJECT_PSYCHOLOGY] = "psychology",
    [SUBJECT_RECONSIDER] = "reconsider",
    [SUBJECT_SCHOOL] = "school",
    [SUBJECT_SOCIAL_CARE] = "social_care",
    [SUBJECT_YOUNG_PERSON] = "young_person",
};

const char *event_name(enum event ev)
{
    return vocabulary[ev].name;
}

const char *event_meaning(enum event ev)
{
    return vocabulary[ev].meaning;
}

enum event event_by_name(const char *name, size_t len)
{
    int lo = EV_UNKNOWN + 1, hi = EV_COUNT - 1;
    while (lo <= hi) {
        int mid = (lo + hi) / 2;
        int c = strncmp(name, vocabulary[mid].name, len);
        if (c == 0)
            c = strlen(vocabulary[mid].name) == len ? 0 : -1;
        if (c == 0)
            return (enum event)mid;
        if (c < 0)
            hi = mid - 1;
        else
            lo = mid + 1;
    }
    return EV_UNKNOWN;
}

const char *subject_known_name(enum subject s)
{
    return subjects[s];
}

#define OF(s)  (UINT32_C(1) << SUBJECT_##s)
#define BODIES (OF(EDUCATION) | OF(PSYCHOLOGY) | OF(HEALTH) | OF(SOCIAL_CARE) | OF(PARENT) | OF(OTHER))

_Static_assert(SUBJECT_COUNT <= 32, "a bit for each subject");

static const uint32_t own[EV_COUNT] = {
    [EV_REQUEST_RECEIVED] =
        OF(PARENT) | OF(YOUNG_PERSON) | OF(SCHOOL) | OF(HEALTH) | OF(SOCIAL_CARE) | OF(OTHER) | OF(NONE),
    [EV_ADVICE_REQUESTED] = BODIES,
    [EV_ADVICE_RECEIVED] = BODIES,
    [EV_APPOINTMENT_MISSED] = BODIES,
    [EV_PHASE_TRANSFER] = OF(SCHOOL) | OF(POST16) | OF(POST16_MOVE),
    [EV_MEDIATION_REQUESTED] = OF(HEALTH) | OF(OTHER),
    [EV_MEDIATION_AGREED] = OF(APPEALABLE) | OF(OTHER),
    [EV_TRIBUNAL_ORDER] = OF(ASSESS) | OF(MAKE_PLAN) | OF(RECONSIDER) | OF(AMEND) | OF(PLACEMENT) |
                          OF(CEASE) | OF(CONTINUE) | OF(CONTINUE_AMEND),
    [EV_APPEAL_CONCEDED] = OF(ASSESS) | OF(MAKE_PLAN) | OF(AMEND) | OF(PLACEMENT) | OF(CONTINUE_AMEND),
    [EV_CASE_CLOSED] = OF(DECEASED) | OF(LEFT_ENGLAND) | OF(DUPLICATE) | OF(OTHER) | OF(NONE),
};

bool event_may_have(enum event ev, uint32_t subject)
{
    return own[ev] == 0 || (subject < SUBJECT_COUNT && (own[ev] >> subject & 1) != 0);
}
