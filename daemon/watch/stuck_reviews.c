#include "stuck_int.h"

/* What follows a decision to amend in the end. */
#define AMENDED                                                                                              \
    (EVENT_BIT(EV_PLAN_AMENDED) | EVENT_BIT(EV_AMENDMENT_DROPPED) | EVENT_BIT(EV_TRANSFER_PLAN_SENT))

/* --- reviews ------------------------------------------------------------------------------------------------------------- */

/* The last day on or before the as-of date of one of the events. */
static civil_day last(const struct case_facts *cf, uint64_t events, civil_day as_of)
{
    if ((cf->present & events) == 0)
        return CIVIL_NONE;
    for (size_t i = cf->n; i-- > 0;)
        if (cf->facts[i].on <= as_of && (EVENT_BIT(cf->facts[i].event) & events) != 0)
            return cf->facts[i].on;
    return CIVIL_NONE;
}

static enum stuck_age age_of(civil_day meeting, civil_day as_of)
{
    static const int months[] = {[REVIEW_6M] = 6, [REVIEW_12M] = 12, [REVIEW_24M] = 24};
    if (as_of - meeting <= 28)
        return REVIEW_4W;
    for (int age = REVIEW_6M; age <= REVIEW_24M; age++)
        if (as_of < civil_add_months(meeting, months[age]))
            return (enum stuck_age)age;
    return REVIEW_OLDER;
}

void stuck_reviews(struct stuck *s, const struct case_seen *seen)
{
    const struct case_facts *cf = seen->facts;
    const civil_day as_of = s->how->as_of;
    const civil_day meeting = last(cf, EVENT_BIT(EV_REVIEW_MEETING), as_of);
    if (seen->stage != STAGE_PLAN || meeting == CIVIL_NONE || meeting < seen->plan_since)
        return;
    const civil_day decided = last(cf, EVENTS_REVIEW_DECIDED, as_of);
    const bool undecided = decided < meeting;
    const bool unamended = !undecided && last(cf, EVENT_BIT(EV_REVIEW_DECIDED_AMEND), as_of) == decided &&
                           last(cf, AMENDED, as_of) < meeting;
    if (!undecided && !unamended)
        return;
    struct stuck_reviews *r = &s->reviews[age_of(meeting, as_of)];
    r->undecided += undecided;
    r->unamended += unamended;
    if (s->oldest_review == CIVIL_NONE || meeting < s->oldest_review)
        s->oldest_review = meeting;
}

/* --- transfers ----------------------------------------------------------------------------------------------------------- */

static const struct {
    const char *limit;
    int month, day; /* the last lawful one */
} kinds[TRANSFER_KINDS] = {
    [TRANSFER_15FEB] = {"phase_transfer_15feb", 2, 14},
    [TRANSFER_31MAR] = {"phase_transfer_31mar", 3, 30},
};

void stuck_transfers_begin(struct stuck *s)
{
    const civil_day as_of = s->how->as_of;
    for (int k = 0; k < TRANSFER_KINDS; k++) {
        const int year = civil_to_ymd(as_of).year;
        const int coming = as_of <= civil_from_ymd(year, kinds[k].month, kinds[k].day) ? year : year + 1;
        s->transfer_limit[k] = rulebook_find(s->how->rulebook, kinds[k].limit);
        for (int y = 0; y < TRANSFER_YEARS; y++) {
            s->transfers[k][y].limit = kinds[k].limit;
            s->transfers[k][y].due =
                civil_from_ymd(coming - (y == TRANSFERS_LAST), kinds[k].month, kinds[k].day);
        }
    }
}

static bool reviewed(const struct case_facts *cf, civil_day due, civil_day as_of)
{
    const uint64_t review = EVENTS_REVIEW_DECIDED | EVENT_BIT(EV_REVIEW_MEETING);
    const civil_day until = due < as_of ? due : as_of;
    for (size_t i = 0; (cf->present & review) != 0 && i < cf->n && cf->facts[i].on <= until; i++)
        if ((EVENT_BIT(cf->facts[i].event) & review) != 0 && cf->facts[i].on > due - 365)
            return true;
    return false;
}

void stuck_transfers(struct stuck *s, const struct case_seen *seen)
{
    for (size_t i = 0; i < seen->n; i++) {
        const struct obligation *o = &seen->obligations[i];
        if (o->state == STATE_VOID)
            continue;
        for (int k = 0; k < TRANSFER_KINDS; k++)
            for (int y = 0; o->limit == s->transfer_limit[k] && y < TRANSFER_YEARS; y++) {
                struct stuck_transfers *t = &s->transfers[k][y];
                if (o->due != t->due)
                    continue;
                const bool sent = o->closed_by == EV_TRANSFER_PLAN_SENT;
                t->owed++;
                t->reviewed += sent || reviewed(seen->facts, o->due, s->how->as_of);
                t->in_time += o->state == STATE_MET;
                t->late += o->state == STATE_MET_LATE;
                t->outstanding += state_is_open((enum state)o->state);
                t->never += o->state == STATE_MISSED;
            }
    }
}
