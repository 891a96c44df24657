/* Acknowledging and snoozing: somebody has seen that an obligation is at risk or breached, and says until when it may rest.
 *
 * It hides the obligation from no list and no metric; it keeps reminders back. It ends by itself: after its last day, when things get
 * worse, when what it was about is restated, and when the obligation ends. Pure. */
#ifndef EHCWATCH_ACK_H
#define EHCWATCH_ACK_H

#include "drift.h"

#define ACK_DAYS_MOST 10 /* working days of England and Wales after the day on which it is made */

enum ack_kind {
    ACK_SEEN,   /* "ack" */
    ACK_SNOOZE, /* "snooze": of what is breached for a manager only */
    ACK_KINDS,
};

enum ack_end {
    ACK_HOLDS,
    ACK_EXPIRED,
    ACK_WORSENED,
    ACK_RESTATED,
    ACK_ENDED,     /* the obligation did */
    ACK_WITHDRAWN, /* by a person */
};

/* "ack", "snooze"; "expired", "worsened", ... as in ehcwatch.ack. */
const char *ack_kind_name(enum ack_kind k);
const char *ack_end_name(enum ack_end e); /* not of ACK_HOLDS */
bool ack_kind_by_name(const char *name, enum ack_kind *k);

/* Whether an acknowledgement of an obligation that is `state` may be made on `today`, to hold until `until` and that day too. False: `e`
 * says why not. */
bool ack_allowed(enum ack_kind k, enum state state, bool manager, civil_day today, civil_day until,
                 const struct calendar *cal, struct err *e) MUST_CHECK;

/* The last day until which one may hold that is made on `today`. */
civil_day ack_last_day(const struct calendar *cal, civil_day today);

/* What becomes of an acknowledgement of the obligation when it changes so. */
enum ack_end ack_after(const struct rulebook *rb, const struct change *c);

/* Whether it has run out. */
bool ack_expired(civil_day until, civil_day today);

#endif
