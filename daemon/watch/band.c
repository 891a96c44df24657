#include "band.h"

#include <limits.h>
#include <string.h>

const struct band weeks_bands[BAND_COUNT] = {
    {"0-6", "0 to 6", 0, 6},       {"6-16", "6 to 16", 6, 16},    {"16-20", "16 to 20", 16, 20},
    {"20-26", "20 to 26", 20, 26}, {"26-52", "26 to 52", 26, 52}, {"over-52", "over 52", 52, INT_MAX},
};

const struct band age_bands[AGE_COUNT] = {
    {"0-4", "0 to 4", 0, 4},       {"5-10", "5 to 10", 5, 10},    {"11-15", "11 to 15", 11, 15},
    {"16-19", "16 to 19", 16, 19}, {"20-25", "20 to 25", 20, 25},
};

int weeks_band(int days)
{
    if (days < 0)
        return NO_BAND;
    int band = 0;
    while (band < BAND_COUNT - 1 && days > 7 * weeks_bands[band].up_to)
        band++;
    return band;
}

int age_band(civil_day born, civil_day on)
{
    if (born == CIVIL_NONE || on < born)
        return NO_BAND;
    const int age = civil_age(born, on);
    for (int band = 0; band < AGE_COUNT; band++)
        if (age <= age_bands[band].up_to)
            return band;
    return NO_BAND;
}

int band_find(const struct band *bands, int n, const char *text, size_t len)
{
    for (int i = 0; i < n; i++) {
        const char *const words[] = {bands[i].id, bands[i].name};
        for (int w = 0; w < 2; w++)
            if (strlen(words[w]) == len && memcmp(words[w], text, len) == 0)
                return i;
    }
    return NO_BAND;
}

civil_day case_requested_on(const struct case_facts *cf)
{
    for (size_t i = 0; i < cf->n; i++)
        if ((EVENT_BIT(cf->facts[i].event) & EVENTS_REQUEST) != 0)
            return cf->facts[i].on;
    return CIVIL_NONE;
}

int case_days_open(const struct case_facts *cf, enum stage stage, civil_day as_of)
{
    const civil_day on = case_requested_on(cf);
    return on != CIVIL_NONE && (stage == STAGE_REQUESTED || stage == STAGE_ASSESSING) ? as_of - on : NO_BAND;
}
