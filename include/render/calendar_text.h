/* Deadlines as an iCalendar object (RFC 5545, RFC 7986): what Outlook and its like subscribe to.
 *
 * An event of a whole day for each obligation that is still owed, on the day it falls due; those that are overdue stay on theirs and
 * say so. The day to act by, which is the last working day that is safe under both readings of the count, stands in the description: an
 * event on it would be one the law knows nothing of. No alarms, and no time is blocked: these are the authority's deadlines,
 * not somebody's appointments. Nothing of a child but the case reference. Pure. */
#ifndef EHCWATCH_CALENDAR_TEXT_H
#define EHCWATCH_CALENDAR_TEXT_H

#include "breach_list.h"
#include "buf.h"

#define CALENDAR_STATES                                                                                      \
    (1u << STATE_ON_TRACK | 1u << STATE_AT_RISK | 1u << STATE_BREACHED | 1u << STATE_EXCEPTED)

/* All borrowed. */
struct calendar_text {
    const struct rulebook *rulebook;
    const struct calendar *calendar;
    const struct words *words;
    int64_t known_at; /* microseconds since 1970: DTSTAMP, to the second */
    const char *name; /* for people, beside their other calendars */
    const char *link; /* where people find us: events link to their case; NULL: they do not */
};

/* A content line "NAME:value" with CRLF, folded after 75 octets between characters; the value is escaped, U+FFFD in place of what is not
 * UTF-8, and control characters are left out but for line feeds. `name` may have parameters. */
void calendar_line(struct buf *b, const char *name, const char *value);

/* What comes before the events and behind them. */
void calendar_begin(struct buf *b, const struct calendar_text *t);
void calendar_end(struct buf *b, size_t events);

/* The event of one obligation of a case. Its UID is the obligation's own (case, limit, subject, start), so that a reader follows it from
 * one reading to the next; SEQUENCE is 0, 1 from the day it was at risk, 2 once it is overdue, and LAST-MODIFIED that day. */
void calendar_event(struct buf *b, const struct calendar_text *t, const struct record_case *head,
                    const struct obligation *o);

/* The whole of it, piece by piece, while the cases are evaluated. */
struct calendar_feed;

/* Holds the snapshot, says the name at once and copies the link and the calendar of `how`. The filter's states are CALENDAR_STATES. What `how` points to, and the rest of `t`, outlive it. NULL: out of
 * memory. */
struct calendar_feed *calendar_feed_new(struct snapshot *s, const struct judge_how *how,
                                        const struct breach_filter *filter, const struct calendar_text *t);
void calendar_feed_free(struct calendar_feed *f); /* NULL is fine */

#define CALENDAR_FAILED SIZE_MAX
#define CALENDAR_AGAIN  (SIZE_MAX - 1)

/* Writes the next 1 to `max` bytes; 0 at the end, CALENDAR_FAILED when memory is short, CALENDAR_AGAIN when some cases were looked at and
 * there is nothing to say of them. A call looks at a hundred cases at most. */
size_t calendar_feed_read(struct calendar_feed *f, char *out, size_t max);

#endif
