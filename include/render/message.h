/* Message bodies: what an endpoint is told, frozen as bytes when a transition is written. Pure.
 *
 * {"type":"obligation.breached","timestamp":"...","data":{...}} as the pinned interface says. Always valid UTF-8 and one JSON
 * document. No name, birth date or other detail of a child: the case reference only. */
#ifndef EHCWATCH_MESSAGE_H
#define EHCWATCH_MESSAGE_H

#include "buf.h"
#include "caseload.h"
#include "cause.h"
#include "drift.h"
#include "notice.h"

struct message_about {
    const struct rulebook *rulebook;
    const struct calendar *calendar;
    const struct names *subjects;
    civil_day as_of;
    int64_t known_at;  /* microseconds: the snapshot that was evaluated */
    int64_t timestamp; /* microseconds: now */
    const char *link;  /* address of the daemon's pages without a trailing slash; NULL: no link */
};

struct message_case {
    const char *message_id;
    const char *ref, *locality, *team;
    const struct case_facts *facts; /* as evaluated; NULL for a case that is gone */
    const unsigned char *record;    /* of the case; NULL when it is gone */
    int32_t event_seq;
    struct cause cause; /* of a restatement */
};

/* The body for one transition in the format of an endpoint. */
void message_transition(struct buf *b, enum format f, const struct channel *ch, const struct message_about *m,
                        const struct message_case *k, const struct change *c);

/* The address of a case's page; `base` without a slash at its end. */
void message_case_link(struct buf *b, const char *base, const char *ref);

#endif
