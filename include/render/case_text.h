/* A case explained: what is owed in it, from which fact each date follows, and the facts themselves. Pure.
 *
 * Computed at the time of asking from the snapshot's record. The birth date that some limits need is not shown, nor the day
 * of an obligation that ended with a birthday, which would tell it. */
#ifndef EHCWATCH_CASE_TEXT_H
#define EHCWATCH_CASE_TEXT_H

#include "buf.h"
#include "caseload.h"

struct case_text_about {
    const struct rulebook *rulebook;
    const struct calendar *calendar;
    int64_t evaluated_at; /* microseconds since 1970 */
};

/* {"case_ref","locality","team","officer","stage","as_of","evaluated_at","known_at","rulebook","drift","obligations":[...],
 * "exceptions":[...],"facts":[...]} for a record of the snapshot, over the limits that it watches. An obligation has the fields
 * of obligation_json, and "count" (the arithmetic in words), "start" and "closing" ({"event","occurred_on"}, closing is
 * null while open). "drift" is the largest A - D over the open obligations of kind statutory, target and derived, null when
 * none is open. When memory is short the buffer has failed. */
void case_text(struct buf *b, const struct case_text_about *about, const struct snapshot *s,
               const unsigned char *record);

#endif
