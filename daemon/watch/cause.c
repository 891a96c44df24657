#include "cause.h"

const char *cause_how_name(enum cause_how how)
{
    static const char *const names[] = {"", "recorded", "voided", "exception recorded", "exception voided"};
    return names[how];
}

static void take(struct cause *best, struct cause found, int64_t recorded_at, int64_t voided_at,
                 enum cause_how recorded, enum cause_how voided)
{
    found.how = voided_at != TIME_NONE ? voided : recorded;
    found.known_at = voided_at != TIME_NONE ? voided_at : recorded_at;
    if (found.known_at != TIME_NONE && (best->how == CAUSE_UNKNOWN || found.known_at > best->known_at))
        *best = found;
}

struct cause cause_of(const unsigned char *record, const struct rule *r)
{
    struct cause best = {.how = CAUSE_UNKNOWN, .on = CIVIL_NONE};
    struct record_claim c;
    struct record_fact f;
    if (record == NULL)
        return best;
    struct record_rows rows = record_rows(record);
    while (record_next_claim(&rows, &c))
        if (r->limit->exceptions != EXCEPTIONS_NONE)
            take(&best, (struct cause){.ground = (enum ground)c.claim.ground, .on = c.claim.from},
                 c.recorded_at, c.voided_at, CAUSE_CLAIM_RECORDED, CAUSE_CLAIM_VOIDED);
    while (record_next_fact(&rows, &f))
        if ((r->concerns & EVENT_BIT(f.event)) != 0 || (r->requires.any & EVENT_BIT(f.event)) != 0)
            take(&best, (struct cause){.event = f.event, .subject = f.subject, .on = f.on}, f.recorded_at,
                 f.voided_at, CAUSE_RECORDED, CAUSE_VOIDED);
    return best;
}
