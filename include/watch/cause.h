/* Why a state in the past reads differently now: the fact that was learnt last.
 *
 * A restatement is told with what changed, when that happened and when it became known. Between two evaluations only what was recorded
 * or voided in between can have changed a state that the date alone did not: of all rows that concern the limit, the one
 * learnt last. Sources that give no times leave it unknown. Pure. */
#ifndef EHCWATCH_CAUSE_H
#define EHCWATCH_CAUSE_H

#include "evaluate.h"
#include "record.h"

enum cause_how { CAUSE_UNKNOWN, CAUSE_RECORDED, CAUSE_VOIDED, CAUSE_CLAIM_RECORDED, CAUSE_CLAIM_VOIDED };

struct cause {
    enum cause_how how;
    enum event event; /* of a fact */
    uint32_t subject;
    enum ground ground; /* of a claim */
    civil_day on;       /* when it happened; of a claim its first day, CIVIL_NONE when it has none */
    int64_t known_at;   /* microseconds: when it became known that it happened, or that it did not */
};

/* `record` NULL (the case is gone) gives CAUSE_UNKNOWN. */
struct cause cause_of(const unsigned char *record, const struct rule *r);

/* "recorded", "voided"...; "" for CAUSE_UNKNOWN. */
const char *cause_how_name(enum cause_how how);

#endif
