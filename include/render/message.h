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
    const char *ref, *locality, *team;
    const struct case_facts *facts; /* as evaluated; NULL for a case that is gone */
    const unsigned char *record;    /* of the case; NULL when it is gone */
    int32_t event_seq;
    struct cause cause; /* of a restatement */
};

/* The body for one transition. */
void message_transition(struct buf *b, const struct message_about *m, const struct message_case *k,
                        const struct change *c);

/* baseline.summary: how things stand in the limits that are newly under watch. */
void message_baseline(struct buf *b, const struct message_about *m, const struct snapshot *s,
                      uint64_t limits);

#endif
