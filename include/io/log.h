/* The log: an event name, what it is about as named fields, and a sentence.
 *
 *     log_ev(LOG_WARNING, "hook_failed", LOG_FIELDS({"ENDPOINT", name}, {"CASE_REF", ref}), "attempt %d: %s", n, why);
 *
 * Where it goes is decided once, by log_init:
 *   - standard error is the journal ($JOURNAL_STREAM names its device and inode): the journal's native protocol on a
 *     datagram socket of our own that never blocks; what a stalled journal cannot take is dropped, counted and reported
 *     as dropped=N when it takes messages again. Fields arrive as EVENT=, MESSAGE=, PRIORITY= and the named ones;
 *   - standard error is a terminal: one plain line;
 *   - otherwise: one line per message on standard error with the <N> prefix of sd-daemon(3).
 * The sentence carries the fields as name=value in every sink, so that `journalctl -u` alone tells the story.
 *
 * Control characters and bytes that are not UTF-8 are escaped in everything that is logged; only in the journal may a
 * value keep its newlines. errno is preserved. Callers never log secrets, and log once, where the decision is made.
 * One thread only; the static state of the process's log is in log.c. */
#ifndef EHCWATCH_LOG_H
#define EHCWATCH_LOG_H

#include <syslog.h>

#include "err.h"

struct log_field {
    const char *name;  /* upper-case letters, digits and _, not starting with _; NULL ends the list */
    const char *value; /* borrowed for the call; NULL skips the field; cut at 1 KiB */
};

#define LOG_FIELDS(...) ((const struct log_field[]){__VA_ARGS__, {NULL, NULL}})
#define LOG_NO_FIELDS   ((const struct log_field *)NULL)

/* Chooses the sink; messages less important than `max_prio` (LOG_DEBUG says all) are left out from now on. May be called
 * again, e.g. to change the level on reload. `journal` is the journal's socket, NULL for the standard one. Before the
 * first call messages go to standard error at LOG_INFO. */
void log_init(int max_prio, const char *journal);

/* Closes the socket; what is logged afterwards goes to standard error. */
void log_close(void);

/* Logs one message. `event` is a constant snake_case name, `fields` ends with a NULL name and holds at most 12. */
void log_ev(int prio, const char *event, const struct log_field *fields, const char *fmt, ...)
    PRINTF_LIKE(4, 5);

/* The same for what can repeat in a storm: at most one line a minute for the same (event, object); the next one that is
 * let through says how many were left out in between. `object` is e.g. the endpoint's name, "" for none. */
void log_ev_limited(int prio, const char *event, const char *object, const struct log_field *fields,
                    const char *fmt, ...) PRINTF_LIKE(5, 6);

/* Messages that the journal could not take and that have not been reported yet. */
unsigned long log_dropped(void);

#endif
