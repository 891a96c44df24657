/* Findings: the kinds of things that can be wrong in the data, and how they are told.
 *
 * The ids are stable: they are labels of metrics and values of lists. What makes a finding is said here kind by kind;
 * quality.h finds those of a case. Pure. */
#ifndef EHCWATCH_FINDING_H
#define EHCWATCH_FINDING_H

#include "civil.h"

/* "On or before" and "between" include their days; "after" does not. The start of a plan is plan_issued or plan_transferred_in,
 * its end plan_ceased or plan_transferred_out; a review decision is any review_decided_*. */
enum finding_kind {
    /* An event with nothing on or before it that it can follow from (the table is in quality.c); once for each row of the
     * table, at the first such event. Advice of a body before the first request for it, in the same assessment: once for each body
     * but "other", of which there may be several. */
    FINDING_IMPOSSIBLE_ORDER,

    /* Any event but review_arranged, phase_transfer and moved_out after the as-of date: each. */
    FINDING_DATE_IN_THE_FUTURE,

    /* The first request_received or responsibility_began lies before the birth. The finding's date is the request's. */
    FINDING_BORN_AFTER_REQUEST,

    /* request_received or responsibility_began after the day of the first of them: each. It starts no limit. */
    FINDING_SECOND_REQUEST,

    /* The first plan_issued has no plan_transferred_in on or before it, and the case has neither request_received nor
     * responsibility_began. Plans issued before 1 April 2018 may stem from a statement of special educational needs and
     * are passed over, here and as impossible_order. */
    FINDING_PLAN_WITHOUT_REQUEST,

    /* The last review_arranged before the as-of date has no review_meeting and no review decision from 28 days before it
     * up to the as-of date, and nothing has ended the plan, the case or the residence in the area. */
    FINDING_MEETING_NOT_HELD,

    /* assess_agreed after assess_refused, or plan_issued after issue_refused, with no tribunal_order, appeal_conceded or
     * mediation_agreed between, nor a second request (which is a finding of its own); the first of each. */
    FINDING_REFUSAL_OVERTURNED,

    /* moved_out, not cancelled, with no move_known after the move before it and before the move after it, up to the
     * as-of date: each. The clock of the transfer never starts. An awareness after the move is not a finding. */
    FINDING_MOVED_WITHOUT_AWARENESS,

    /* plan_ceased with no cease_notified on or before it, since the plan before it ceased; not when the case was closed on
     * or before that day: each. */
    FINDING_PLAN_ENDED_WITHOUT_NOTICE,

    /* The plan is in force, no review_arranged lies on or after the as-of date, and the last of its start, review meetings
     * and review decisions is twelve months old: the finding names that one. */
    FINDING_PLAN_WITHOUT_REVIEW_DATE,

    /* Any event but review_arranged, phase_transfer and moved_out after the first case_closed, up to the as-of date: each. */
    FINDING_EVENT_AFTER_CLOSED,

    /* The case is open (the caller knows) and nobody is named for it. */
    FINDING_MISSING_OFFICER,

    /* An exception is claimed, an obligation that it could have excused is late, and the facts do not support the claim for it
     * nor for any other late obligation of the case: once a claim, for the first such obligation in the order of the table.
     * `event` is the enum ground, `on` the claim's first day and `subject` the index of the limit. */
    FINDING_EXCEPTION_UNSUPPORTED,

    /* The subject is none that the event may have (event_may_have): each. It takes part, with the subject that it has; a limit that
     * asks for one does not start or end with it. */
    FINDING_UNKNOWN_SUBJECT,

    /* Rows that took no part; found by those who read the rows. */
    FINDING_UNKNOWN_EVENT,
    FINDING_UNKNOWN_CASE,
    FINDING_UNKNOWN_GROUND,
    FINDING_BAD_DATE,
    FINDING_DOUBLE_CASE,

    /* Of the whole caseload: quality_exceptions_implausible. */
    FINDING_EXCEPTIONS_IMPLAUSIBLE,
    FINDING_COUNT,
};

enum finding_severity {
    SEVERITY_NOTE,    /* worth asking */
    SEVERITY_WARNING, /* something is missing, or was done in a way that the law does not know */
    SEVERITY_ERROR,   /* a date or a row cannot be right: a limit is counted wrongly or not at all */
};

struct finding {
    civil_day on;     /* of the event; CIVIL_NONE: no day */
    uint32_t subject; /* of the event */
    uint8_t kind;     /* enum finding_kind */
    uint8_t event;    /* enum event; EV_UNKNOWN: none */
};

/* "impossible_order": stable, for programs and labels. */
const char *finding_id(enum finding_kind k);
enum finding_kind finding_by_id(const char *id, size_t len); /* FINDING_COUNT when unknown */

enum finding_severity finding_severity(enum finding_kind k);
const char *finding_severity_name(enum finding_severity s);

/* One sentence for people. */
const char *finding_explanation(enum finding_kind k);

#endif
