/* Notes of law that apply to a window of dates and cannot honestly be a row with a date.
 *
 * A note is shown beside every obligation that it touches; it changes no date and no state. Pure. */
#ifndef EHCWATCH_NOTE_H
#define EHCWATCH_NOTE_H

#include "limit.h"

struct law_note {
    const char *id;
    civil_day from, to; /* in force, both days included */
    const char *amends; /* how the citation of a limit begins that it touches */
    const char *citation;
    const char *text; /* what it says, and what is shown all the same */
};

size_t law_note_count(void);
const struct law_note *law_note_at(size_t i);

/* Whether it touches an obligation of the limit: the days from its start to its due date, either of which may come first, overlap
 * the window. */
bool law_note_applies(const struct law_note *n, const struct limit *l, civil_day start, civil_day due);

#endif
