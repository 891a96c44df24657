/* A case explained: what is owed in it, from which fact each date follows, and the facts themselves. Pure.
 *
 * Computed at the time of asking from the record, for whatever date and time are asked for. The birth date that some limits
 * need is not shown, nor the day of an obligation that ended with a birthday, which would tell it. */
#ifndef EHCWATCH_CASE_TEXT_H
#define EHCWATCH_CASE_TEXT_H

#include "buf.h"
#include "caseload.h"

struct case_text_about {
    struct judge_how how;
    int64_t
        read_at; /* microseconds since 1970: when the record was read; known_at where `how` says KNOWN_NOW */
    int64_t evaluated_at; /* microseconds since 1970 */
    uint64_t watched;     /* limits under watch; 0: not known */
};

/* {"case_ref","locality","team","officer","stage","as_of","evaluated_at","known_at","rulebook","drift","obligations":[...],
 * "exceptions":[...],"facts":[...]}. An obligation has the fields of obligation_json, and:
 *   "count"       the arithmetic in words
 *   "start", "closing"  {"event","subject","occurred_on","recorded_at"}; closing is null while open, recorded_at when not known
 *   "status"      the state in plain words
 *   "exceptions"  those that were weighed: [{"ground","from_on","to_on","verdict","reason","text"}]
 *   "notes"       notes of law that touch it: [{"id","citation","text"}]
 *   "text"        all of it as one paragraph, which alerts carry too
 * "stage" is null where no fact of the case is seen: it was not there yet (case_is_there).
 * "drift" is the largest A - D over the open obligations of kind statutory, target and derived, null when none is open: of the limits under
 * watch, as the list of cases counts it, and "drift_limits" is "watched"; where these are not known, or not all shown, of those shown: "shown".
 * When memory is short the buffer has failed. */
void case_text(struct buf *b, const struct case_text_about *about, const unsigned char *record);

/* The same for people at a terminal. */
void case_plain(struct buf *b, const struct case_text_about *about, const unsigned char *record);

#endif
