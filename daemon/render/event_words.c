#include "event_words.h"

#include "plain.h"

static const char *const events[EV_COUNT] = {
    [EV_UNKNOWN] = "",
    [EV_ADVICE_RECEIVED] = "advice received",
    [EV_ADVICE_REQUESTED] = "request for advice received by the body that is asked",
    [EV_AMENDMENT_DROPPED] = "family told that no amendment is made after all",
    [EV_AMENDMENT_NOTICE_SENT] = "proposed amendments sent",
    [EV_APPEAL_CONCEDED] = "appeal conceded",
    [EV_APPEAL_RECEIVED] = "appeal received from the Tribunal",
    [EV_APPEAL_RESPONSE_SENT] = "response sent to the Tribunal",
    [EV_APPEAL_WITHDRAWN] = "appeal withdrawn or struck out",
    [EV_APPOINTMENT_MISSED] = "appointment missed",
    [EV_ASSESS_AGREED] = "family told that an assessment will be made",
    [EV_ASSESS_REFUSED] = "family told that no assessment will be made",
    [EV_CASE_CLOSED] = "case closed",
    [EV_CEASE_NOTIFIED] = "notice that the plan will cease sent",
    [EV_CONSULTATION_REPLIED] = "answer to the consultation received",
    [EV_CONSULTATION_SENT] = "consultation received by the school or college",
    [EV_DIRECT_PAYMENT_ENDED] = "direct payment ended",
    [EV_DIRECT_PAYMENT_REVIEWED] = "direct payment reviewed",
    [EV_DIRECT_PAYMENT_STARTED] = "first direct payment made",
    [EV_DRAFT_SENT] = "draft plan sent to the family",
    [EV_ICB_NOTIFIED] = "health body told of the mediation",
    [EV_ISSUE_AGREED] = "decision to issue a plan",
    [EV_ISSUE_REFUSED] = "family told that no plan will be issued",
    [EV_MEDIATION_AGREED] = "agreement reached at mediation",
    [EV_MEDIATION_CERTIFICATE] = "mediation certificate issued",
    [EV_MEDIATION_DONE] = "what was agreed at mediation done",
    [EV_MEDIATION_HELD] = "mediation held",
    [EV_MEDIATION_REQUESTED] = "authority told that the family wants mediation",
    [EV_MOVE_CANCELLED] = "move called off",
    [EV_MOVE_KNOWN] = "authority aware of the move",
    [EV_MOVED_OUT] = "move to another authority",
    [EV_PHASE_TRANSFER] = "transfer to another phase or institution",
    [EV_PLAN_AMENDED] = "amended final plan sent",
    [EV_PLAN_CEASED] = "plan ended",
    [EV_PLAN_ISSUED] = "final plan sent",
    [EV_PLAN_TRANSFERRED_IN] = "plan transferred in from another authority",
    [EV_PLAN_TRANSFERRED_OUT] = "plan transferred to the new authority",
    [EV_REASSESS_AGREED] = "re-assessment agreed",
    [EV_REASSESS_PLAN_SENT] = "plan finalised after the re-assessment sent",
    [EV_REASSESS_REFUSED] = "family told that there will be no re-assessment",
    [EV_REASSESS_REQUESTED] = "request for a re-assessment received",
    [EV_REASSESS_WITHDRAWN] = "request for a re-assessment withdrawn",
    [EV_REQUEST_RECEIVED] = "request for an assessment received",
    [EV_REQUEST_WITHDRAWN] = "request for an assessment withdrawn",
    [EV_RESPONSIBILITY_BEGAN] = "authority became responsible for the child or young person",
    [EV_REVIEW_ARRANGED] = "review meeting arranged for this day",
    [EV_REVIEW_DECIDED_AMEND] = "family told that the plan will be amended",
    [EV_REVIEW_DECIDED_CEASE] = "family told that the plan will cease",
    [EV_REVIEW_DECIDED_MAINTAIN] = "family told that the plan stays as it is",
    [EV_REVIEW_INVITED] = "notice of the review meeting given",
    [EV_REVIEW_MEETING] = "review meeting held",
    [EV_REVIEW_PAPERS_SENT] = "papers for the review meeting sent",
    [EV_REVIEW_REPORT_SENT] = "report of the review meeting sent",
    [EV_TRANSFER_INFORMED] = "family told of the transfer of the plan",
    [EV_TRANSFER_PLAN_SENT] = "reviewed plan that names the next placement sent",
    [EV_TRIBUNAL_ORDER] = "order of the Tribunal",
};

const char *event_words(enum event ev)
{
    return events[ev];
}

/* The rulebook's own subjects are written with underscores. */
void subject_words(struct buf *b, const struct names *subjects, uint32_t subject)
{
    if (subject == SUBJECT_NONE)
        return;
    buf_text(b, " (");
    size_t from = b->n;
    buf_plain(b, names_text(subjects, subject));
    for (size_t i = from; subject < SUBJECT_COUNT && !b->failed && i < b->n; i++)
        if (b->p[i] == '_')
            b->p[i] = ' ';
    buf_text(b, ")");
}

const char *ground_words(enum ground g)
{
    static const char *const words[GROUND_COUNT] = {
        [GROUND_SCHOOL_CLOSED] = "school closed",
        [GROUND_PERSONAL] = "exceptional personal circumstances",
        [GROUND_ABSENT] = "absence from the area",
        [GROUND_CLAIMED] = "exception claimed without a ground",
    };
    return words[g];
}

const char *evidence_words(enum limit_evidence v)
{
    static const char *const words[] = {
        [EVIDENCE_READ] = "the instrument's own words were read",
        [EVIDENCE_PARTLY_READ] = "the instrument's own words were read in part",
        [EVIDENCE_SECONDARY] = "taken from guidance, court summaries or councils' pages",
        [EVIDENCE_MEMORY] = "taken from memory: to be checked",
        [EVIDENCE_INFERRED] = "inferred",
    };
    return words[v];
}

void day_words(struct buf *b, civil_day d)
{
    static const char *const names[] = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                        "Friday", "Saturday", "Sunday"};
    char text[32];
    buf_printf(b, "%s %s", names[civil_weekday(d)], civil_words(d, text, sizeof text));
}
