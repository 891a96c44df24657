/* One reading of the case database for a subcommand, on an event loop of its own.
 *
 * The same code as the daemon's (source.h), once: connect, read, evaluate. What goes wrong is said on stderr, with the exit code
 * that it means. Blocks until it is done; shows its progress on a terminal. */
#ifndef EHCWATCH_READING_H
#define EHCWATCH_READING_H

#include "core.h"

struct reading;

/* Reads the configuration, with the password of the case database and no other secret; `past` adds that of our own, which knows
 * when facts were first seen that the source does not date. NULL: *code is the exit code. `name` is the subcommand's, borrowed. */
struct reading *reading_open(const char *name, const char *file, bool past, int *code) MUST_CHECK;
void reading_close(struct reading *r); /* NULL is fine */

/* The configuration and what it stands for: rulebook, calendar, words. */
const struct core *reading_core(const struct reading *r);

struct reading_want {
    const char *case_ref;    /* only cases of this reference; NULL: all */
    civil_day as_of;         /* CIVIL_NONE: the database's date */
    const int64_t *known_at; /* NULL: what is known now; else the reading was opened for the past */
    uint64_t limits;         /* 0: those that the configuration puts under watch */
};

/* EXIT_DONE, and *s is a snapshot, the caller's to unref before the reading is closed; else the exit code. */
int reading_run(struct reading *r, const struct reading_want *want, struct snapshot **s) MUST_CHECK;

#endif
