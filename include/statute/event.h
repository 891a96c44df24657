/* The vocabulary of facts (rulebook: events.csv).
 *
 * The enum is in the byte order of the names, so that comparing two values compares the names: the rulebook takes,
 * of several events on one day, the first by (event, subject) as bytes. */
#ifndef EHCWATCH_EVENT_H
#define EHCWATCH_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum event {
    EV_UNKNOWN, /* no event; not in the vocabulary */
    EV_ADVICE_RECEIVED,
    EV_ADVICE_REQUESTED,
    EV_AMENDMENT_DROPPED,
    EV_AMENDMENT_NOTICE_SENT,
    EV_APPEAL_CONCEDED,
    EV_APPEAL_RECEIVED,
    EV_APPEAL_RESPONSE_SENT,
    EV_APPEAL_WITHDRAWN,
    EV_APPOINTMENT_MISSED,
    EV_ASSESS_AGREED,
    EV_ASSESS_REFUSED,
    EV_CASE_CLOSED,
    EV_CEASE_NOTIFIED,
    EV_CONSULTATION_REPLIED,
    EV_CONSULTATION_SENT,
    EV_DIRECT_PAYMENT_ENDED,
    EV_DIRECT_PAYMENT_REVIEWED,
    EV_DIRECT_PAYMENT_STARTED,
    EV_DRAFT_SENT,
    EV_ICB_NOTIFIED,
    EV_ISSUE_AGREED,
    EV_ISSUE_REFUSED,
    EV_MEDIATION_AGREED,
    EV_MEDIATION_CERTIFICATE,
    EV_MEDIATION_DONE,
    EV_MEDIATION_HELD,
    EV_MEDIATION_REQUESTED,
    EV_MOVE_CANCELLED,
    EV_MOVE_KNOWN,
    EV_MOVED_OUT,
    EV_PHASE_TRANSFER,
    EV_PLAN_AMENDED,
    EV_PLAN_CEASED,
    EV_PLAN_ISSUED,
    EV_PLAN_TRANSFERRED_IN,
    EV_PLAN_TRANSFERRED_OUT,
    EV_REASSESS_AGREED,
    EV_REASSESS_PLAN_SENT,
    EV_REASSESS_REFUSED,
    EV_REASSESS_REQUESTED,
    EV_REASSESS_WITHDRAWN,
    EV_REQUEST_RECEIVED,
    EV_REQUEST_WITHDRAWN,
    EV_RESPONSIBILITY_BEGAN,
    EV_REVIEW_ARRANGED,
    EV_REVIEW_DECIDED_AMEND,
    EV_REVIEW_DECIDED_CEASE,
    EV_REVIEW_DECIDED_MAINTAIN,
    EV_REVIEW_INVITED,
    EV_REVIEW_MEETING,
    EV_REVIEW_PAPERS_SENT,
    EV_REVIEW_REPORT_SENT,
    EV_TRANSFER_INFORMED,
    EV_TRANSFER_PLAN_SENT,
    EV_TRIBUNAL_ORDER,
    EV_COUNT, /* one past the last: fits a bit mask of 64 */
};

#define EVENT_BIT(ev) (UINT64_C(1) << (ev))

/* What an assessment counts from. */
#define EVENTS_REQUEST (EVENT_BIT(EV_REQUEST_RECEIVED) | EVENT_BIT(EV_RESPONSIBILITY_BEGAN))

/* What ends an annual review. */
#define EVENTS_REVIEW_DECIDED                                                                                \
    (EVENT_BIT(EV_REVIEW_DECIDED_AMEND) | EVENT_BIT(EV_REVIEW_DECIDED_CEASE) |                               \
     EVENT_BIT(EV_REVIEW_DECIDED_MAINTAIN))

/* Subjects that the law itself names. Any other (an institution's reference, say) gets a number from SUBJECT_COUNT on
 * when it is first read (names.h). Also in byte order. */
enum subject {
    SUBJECT_NONE, /* empty */
    SUBJECT_AMEND,
    SUBJECT_APPEALABLE,
    SUBJECT_ASSESS,
    SUBJECT_CEASE,
    SUBJECT_CONTINUE,
    SUBJECT_CONTINUE_AMEND,
    SUBJECT_DECEASED,
    SUBJECT_DUPLICATE,
    SUBJECT_EDUCATION,
    SUBJECT_HEALTH,
    SUBJECT_LEFT_ENGLAND,
    SUBJECT_MAKE_PLAN,
    SUBJECT_OTHER,
    SUBJECT_PARENT,
    SUBJECT_PLACEMENT,
    SUBJECT_POST16,
    SUBJECT_POST16_MOVE,
    SUBJECT_PSYCHOLOGY,
    SUBJECT_RECONSIDER,
    SUBJECT_SCHOOL,
    SUBJECT_SOCIAL_CARE,
    SUBJECT_YOUNG_PERSON,
    SUBJECT_COUNT,
};

const char *event_name(enum event ev);

/* What the event means, in the rulebook's words. */
const char *event_meaning(enum event ev);

/* EV_UNKNOWN when the name is not in the vocabulary. */
enum event event_by_name(const char *name, size_t len);

const char *subject_known_name(enum subject s);

/* Whether the subject is one that the event may have: one of its own (the column `subject` of events.csv, where it
 * lists words); or none, where no limit and no exception asks for it, as for
 * the source of a request and the reason for closing a case. An event without subjects of its own may have any. */
bool event_may_have(enum event ev, uint32_t subject);

#endif
