/* The council's case database: one snapshot per poll, read as it streams in.
 *
 *     BEGIN REPEATABLE READ READ ONLY; LOCK the three; contract; civil date; COPY cases, exceptions, events; COMMIT
 *
 * The rows go straight into an intake, which evaluates as they pass: nothing waits for the last row. Nothing is ever written
 * there. Hints come by NOTIFY on the channel ehcwatch_poll: an empty payload says "poll now", a list of case ids
 * ("12,15") says "read just these"; a hint is never relied on. */
#ifndef EHCWATCH_SOURCE_H
#define EHCWATCH_SOURCE_H

#include "core.h"
#include "intake.h"

struct source;

struct source_ops {
    void (*up)(void *ud); /* connected, and the contract holds */
    void (*down)(void *ud,
                 const char *why); /* gone, or the contract is broken: one line that says what to do */
    void (*hint)(void *ud, const int64_t *ids, size_t n); /* n 0: everything */
};

struct source_reading {
    const int64_t *only; /* these cases (ascending, borrowed until done), or NULL for all */
    size_t n_only;
    const char *case_ref; /* or the cases of this reference (UTF-8, borrowed until done), or NULL */

    /* Called while rows come: the reading goes on. */
    void (*step)(void *ud);

    /* Makes the intake once the civil date is known. NULL declines: the reading ends with `declined`. */
    struct intake *(*begin)(void *ud, civil_day as_of, int64_t read_at);

    /* The outcome, called once from the loop. ok: the intake has finished and is the callee's; else it has been freed and
     * `why` says what went wrong; NULL: the connection was lost, which `down` says. */
    void (*done)(void *ud, struct intake *in, bool ok, bool declined, const char *why);
};

struct source *source_new(struct core *core, const struct source_ops *ops, void *ud,
                          struct err *e) MUST_CHECK;
void source_start(struct source *s);
void source_free(struct source *s);

/* Whether the connection is up; what `down` tells meanwhile is that the contract does not hold. */
bool source_connected(const struct source *s);

/* Looks again whether the contract holds, when it did not: `up` or `down` follows. Without effect while not connected. */
void source_recheck(struct source *s);

/* Whether the database's clock was overridden at the last reading (source_clock.sql says by what). */
bool source_clock_overridden(const struct source *s);

/* Starts a reading. One at a time; only while up. False: out of memory. */
bool source_read(struct source *s, const struct source_reading *r) MUST_CHECK;

/* Asks which events occur at all; `fn` gets EVENT_BITs, or ok = false and `why` as above. */
bool source_vocabulary(struct source *s,
                       void (*fn)(void *ud, bool ok, uint64_t seen, const char *why)) MUST_CHECK;

#endif
