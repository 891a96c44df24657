#include "finding.h"

#include <string.h>

static const struct {
    const char *id;
    enum finding_severity severity;
    const char *explanation;
} kinds[FINDING_COUNT] = {
    [FINDING_IMPOSSIBLE_ORDER] = {"impossible_order", SEVERITY_ERROR,
                                  "nothing lies on or before this event that it can follow from"},
    [FINDING_DATE_IN_THE_FUTURE] = {"date_in_the_future", SEVERITY_ERROR,
                                    "the event lies after the day of the evaluation and takes no part"},
    [FINDING_BORN_AFTER_REQUEST] = {"born_after_request", SEVERITY_ERROR,
                                    "the date of birth lies after the request"},
    [FINDING_SECOND_REQUEST] = {"second_request_in_case", SEVERITY_ERROR,
                                "a second request starts no time limit: it belongs in a case of its own"},
    [FINDING_PLAN_WITHOUT_REQUEST] =
        {"plan_without_request", SEVERITY_ERROR,
         "a plan was issued and no request is recorded that its 20 weeks could be counted from"},
    [FINDING_MEETING_NOT_HELD] = {"meeting_not_held", SEVERITY_WARNING,
                                  "the day of an arranged review meeting has passed, and neither a meeting "
                                  "in the 28 days before it or "
                                  "since nor a decision is recorded"},
    [FINDING_REFUSAL_OVERTURNED] =
        {"refusal_overturned_without_order", SEVERITY_WARNING,
         "what had been refused was agreed, with no order, concession or mediation agreement between"},
    [FINDING_MOVED_WITHOUT_AWARENESS] = {"moved_without_awareness", SEVERITY_ERROR,
                                         "a move is recorded, and not the day on which the authority knew of "
                                         "it: the transfer of the plan has "
                                         "no time limit"},
    [FINDING_PLAN_ENDED_WITHOUT_NOTICE] = {"plan_ended_without_notice", SEVERITY_WARNING,
                                           "the plan ended and no notice to cease is recorded before"},
    [FINDING_PLAN_WITHOUT_REVIEW_DATE] =
        {"plan_without_review_date", SEVERITY_WARNING,
         "the plan is in force, was not reviewed in the last 12 months and has no review meeting arranged"},
    [FINDING_EVENT_AFTER_CLOSED] = {"event_after_closed", SEVERITY_ERROR,
                                    "the event lies after the case was closed and starts nothing"},
    [FINDING_MISSING_OFFICER] = {"missing_officer", SEVERITY_NOTE,
                                 "the case is open and no officer is named for it"},
    [FINDING_EXCEPTION_UNSUPPORTED] =
        {"exception_unsupported", SEVERITY_WARNING,
         "an exception is claimed for a time limit that was missed, and the facts do not support it"},
    [FINDING_UNKNOWN_SUBJECT] = {"unknown_subject", SEVERITY_ERROR,
                                 "the event has no subject, or one that is not in its vocabulary: a time "
                                 "limit that asks for one does not start or end "
                                 "with it"},
    [FINDING_UNKNOWN_EVENT] = {"unknown_event", SEVERITY_ERROR,
                               "the event is not in the vocabulary: the row takes no part"},
    [FINDING_UNKNOWN_CASE] = {"unknown_case", SEVERITY_ERROR,
                              "the row belongs to no case that was read: it takes no part"},
    [FINDING_UNKNOWN_GROUND] =
        {"unknown_ground", SEVERITY_ERROR,
         "the ground of the exception is not in the vocabulary: the row takes no part"},
    [FINDING_BAD_DATE] = {"bad_date", SEVERITY_ERROR,
                          "a date is missing, or no day between 1900 and 2199: it takes no part"},
    [FINDING_DOUBLE_CASE] = {"double_case", SEVERITY_ERROR,
                             "the case_id comes twice: the later row takes no part"},
    [FINDING_EXCEPTIONS_IMPLAUSIBLE] =
        {"exceptions_implausible", SEVERITY_WARNING,
         "more than a quarter of the 20-week limits carry an exception, against 6 in a hundred nationally"},
};

const char *finding_id(enum finding_kind k)
{
    return kinds[k].id;
}

enum finding_kind finding_by_id(const char *id, size_t len)
{
    int k = 0;
    while (k < FINDING_COUNT && !(strlen(kinds[k].id) == len && memcmp(kinds[k].id, id, len) == 0))
        k++;
    return (enum finding_kind)k;
}

enum finding_severity finding_severity(enum finding_kind k)
{
    return kinds[k].severity;
}

const char *finding_severity_name(enum finding_severity s)
{
    static const char *const names[] = {"note", "warning", "error"};
    return names[s];
}

const char *finding_explanation(enum finding_kind k)
{
    return kinds[k].explanation;
}
