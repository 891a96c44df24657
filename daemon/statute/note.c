#include "note.h"

#include <string.h>

static const struct law_note notes[] = {
    {
        .id = "coronavirus_2020",
        .from = 18383, /* 1 May 2020 */
        .to = 18529,   /* 24 September 2020 */
        .amends = "SEND Regulations 2014",
        .citation = "Special Educational Needs and Disability (Coronavirus) (Amendment) Regulations 2020 (SI "
                    "2020/471)",
        .text =
            "From 1 May to 24 September 2020, where it was not reasonably practicable to meet this time "
            "limit for a reason relating to the incidence or transmission of coronavirus, the limit was "
            "replaced by \"as soon as reasonably practicable\". Whether that was so is for people to say: "
            "the date and the state shown are those of the unamended regulations.",
    },
};

size_t law_note_count(void)
{
    return sizeof notes / sizeof notes[0];
}

const struct law_note *law_note_at(size_t i)
{
    return &notes[i];
}

bool law_note_applies(const struct law_note *n, const struct limit *l, civil_day start, civil_day due)
{
    civil_day first = start < due ? start : due, last = start < due ? due : start;
    return first <= n->to && last >= n->from && strncmp(l->citation, n->amends, strlen(n->amends)) == 0;
}
