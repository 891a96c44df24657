/* The breach list as CSV, JSON and text, piece by piece.
 *
 * A list may have hundreds of thousands of rows: the cursor renders as much as is asked for, so that nobody waits for it and no
 * answer is ever whole in memory. Everything is UTF-8; in CSV a field that a spreadsheet would take for a formula gets an
 * apostrophe. Pure. */
#ifndef EHCWATCH_BREACH_TEXT_H
#define EHCWATCH_BREACH_TEXT_H

#include "breach_walk.h"
#include "buf.h"

enum breach_format {
    BREACH_CSV,  /* case_ref,limit,title,kind,subject,start_on,due_on,safe_on,act_by,state,exception,days,
                    locality,team,officer,citation */
    BREACH_JSON, /* {"as_of","evaluated_at","known_at","rulebook","obligations":N,"cases":N,"items":[...]} */
    BREACH_TEXT, /* a table for people at a terminal */
};

/* All borrowed for as long as the cursor lives, which also holds for the words of the list's snapshot. */
struct breach_text_about {
    const struct rulebook *rulebook;
    const struct calendar *calendar;
    int64_t evaluated_at; /* microseconds since 1970 */
};

struct breach_cursor;

/* Takes the list over, even on failure. NULL: out of memory. */
struct breach_cursor *breach_cursor_new(struct breach_list *list, enum breach_format format,
                                        const struct breach_text_about *about);

/* The same of a walk, which is gone to its end while the list is read. */
struct breach_cursor *breach_cursor_walk(struct breach_walk *walk, enum breach_format format,
                                         const struct breach_text_about *about);
void breach_cursor_free(struct breach_cursor *c); /* NULL is fine */

#define BREACH_TEXT_FAILED SIZE_MAX
#define BREACH_TEXT_AGAIN  (SIZE_MAX - 1)

/* Writes the next 1 to `max` bytes; 0 at the end, BREACH_TEXT_FAILED when memory is short. One call renders little more than
 * 32 KiB. As long as a walk is not at its end a call judges one of its chunks, or sorts what was found, and mostly returns
 * BREACH_TEXT_AGAIN: the first line alone can be written by then, and it is handed out byte by byte, so that a client and what
 * lies between see an answer that gets on. */
size_t breach_cursor_read(struct breach_cursor *c, char *out, size_t max);

#endif
