/* Findings as CSV and JSON; the list of a snapshot piece by piece, as a table (table_job.h).
 *
 * Everything is UTF-8; in CSV a field that a spreadsheet would take for a formula gets an apostrophe. No birth date is shown. Pure. */
#ifndef EHCWATCH_QUALITY_TEXT_H
#define EHCWATCH_QUALITY_TEXT_H

#include "buf.h"
#include "quality_list.h"

/* The words of a finding: its event, or the ground of an exception; its subject, or the id of a limit. "" when it has none. Of a
 * row that took no part, `event` is what the row said. */
struct finding_words {
    const char *event, *subject;
};

struct finding_words finding_words(const struct finding *f, const struct rulebook *rb,
                                   const struct names *subjects);

/* case_ref,kind,event,subject,occurred_on,explanation: the header of `evaluate --findings`, and one of its rows, with LF.
 * `where` ("events.csv:12") stands before the explanation, unless it is "". */
const char *finding_csv_header(void);
void finding_csv_row(struct buf *b, const char *case_ref, enum finding_kind kind, struct finding_words words,
                     civil_day on, const char *where);

enum quality_format {
    QUALITY_CSV, /* case_ref,case_id,kind,severity,event,subject,occurred_on,explanation,locality,team,officer */
    QUALITY_JSON, /* {"as_of","evaluated_at","known_at","rulebook","findings":N,"unlisted":N,"exceptions":{...},
                    "items":[...]}; null for what an item does not have */
};

struct quality_cursor;

/* Takes the list over, even on failure. `evaluated_at`: microseconds since 1970. NULL: out of memory. */
struct quality_cursor *quality_cursor_new(struct quality_list *list, enum quality_format format,
                                          int64_t evaluated_at);
void quality_cursor_free(struct quality_cursor *c); /* NULL is fine */

#define QUALITY_TEXT_FAILED SIZE_MAX

/* Writes the next 1 to `max` bytes; 0 at the end, QUALITY_TEXT_FAILED when memory is short. One call renders little more
 * than 16 KiB. */
size_t quality_cursor_read(struct quality_cursor *c, char *out, size_t max);

#endif
