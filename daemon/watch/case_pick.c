#include "case_pick.h"

bool case_pick_place(const void *filter, const struct record_case *head)
{
    const struct breach_filter *f = filter;
    return breach_places_hold(&f->localities, head->locality) && breach_places_hold(&f->teams, head->team) &&
           breach_places_hold(&f->officers, head->officer);
}

/* NO_BAND is in no set. */
static bool holds(unsigned set, int band)
{
    return set == 0 || (band >= 0 && (set & 1u << band) != 0);
}

bool case_pick_facts(const struct breach_filter *f, const struct case_seen *seen)
{
    const civil_day as_of = seen->how->as_of;
    return holds(f->stages, (int)seen->stage) &&
           holds(f->bands, weeks_band(case_days_open(seen->facts, seen->stage, as_of))) &&
           holds(f->ages, age_band(seen->facts->born, as_of));
}

int32_t case_drift(const struct rulebook *rb, uint64_t limits, civil_day as_of, const struct obligation *o,
                   size_t n)
{
    const unsigned kinds = 1u << KIND_STATUTORY | 1u << KIND_TARGET | 1u << KIND_DERIVED;
    int32_t drift = DRIFT_NONE;
    for (size_t i = 0; i < n; i++)
        if ((limits & LIMIT_BIT(o[i].limit)) != 0 && state_is_open((enum state)o[i].state) &&
            (kinds & 1u << obligation_limit(rb, &o[i])->kind) != 0 && as_of - o[i].due > drift)
            drift = as_of - o[i].due;
    return drift;
}

unsigned state_rank(enum state s)
{
    static const unsigned char ranks[STATE_COUNT] = {
        [STATE_BREACHED] = 0, [STATE_EXCEPTED] = 1, [STATE_AT_RISK] = 2, [STATE_ON_TRACK] = 3,
        [STATE_MISSED] = 4,   [STATE_MET_LATE] = 5, [STATE_MET] = 6,     [STATE_VOID] = 7,
    };
    return ranks[s];
}
