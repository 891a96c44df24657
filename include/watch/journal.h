/* When a fact was first seen, for rows of a source that do not say when they were recorded.
 *
 * Such a row counts as recorded in the second of the reading that first found it; what the first reading of all finds was always
 * known. The database keeps the entries (ehcwatch.first_seen), this is their copy in memory: about 30 bytes each, and none
 * at all while every row brings its own time. Entries never go: a fact that comes back was known all along. Pure. */
#ifndef EHCWATCH_JOURNAL_H
#define EHCWATCH_JOURNAL_H

#include "err.h"
#include "facts.h"

#define JOURNAL_CLAIM 0x80 /* added to a ground: an entry for a claimed exception */

struct journal_entry {
    int64_t case_id;
    civil_day on;     /* of a claim: its first day, CIVIL_NONE when not given */
    uint32_t subject; /* number of words.subjects; of a claim SUBJECT_NONE */
    uint32_t seen;    /* seconds since 1970; 0: always known */
    uint8_t word;     /* enum event, or JOURNAL_CLAIM + enum ground */
    bool kept;        /* in the database too */
};

/* All zero is an empty journal. */
struct journal {
    struct journal_entry *entries; /* in the order of their coming */
    size_t n, cap;
    uint32_t *slot; /* open addressing: index of an entry + 1, 0 = free */
    size_t slots;   /* a power of two */
    size_t first_new, n_new;
    bool begun; /* the first reading of all is over and kept */
};

/* The time of a fact that came without one, as recorded_at wants it (microseconds, TIME_NONE: always known): that of its entry,
 * which is made when there is none. Of `what` the first three fields and the word count; read_at in microseconds. False: out of
 * memory. */
bool journal_note(struct journal *j, const struct journal_entry *what, int64_t read_at,
                  int64_t *recorded_at) MUST_CHECK;

/* An entry as the database has it, `seen` included: overrides one that is there. False: out of memory. */
bool journal_load(struct journal *j, const struct journal_entry *e) MUST_CHECK;

/* Nothing counts as kept until it is loaded (again): before the database is read. */
void journal_forget_kept(struct journal *j);

/* Index of the first entry at or after `from` that is not kept; n when there is none. */
size_t journal_next_new(const struct journal *j, size_t from);

/* The entries from `from`, before `to`, are kept. */
void journal_mark_kept(struct journal *j, size_t from, size_t to);

void journal_clear(struct journal *j); /* and frees */

#endif
