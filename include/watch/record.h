/* A case in few bytes: what the daemon keeps of every case between two polls.
 *
 * A case with twelve events takes about a hundred bytes: dates as differences, words as numbers of a pool, all in
 * base-128 groups. Every row is kept with the time it was recorded and voided, so that the same record answers "as of"
 * and "as it was known then"; those times are kept to the second, rounded up, which compares exactly with any
 * `known at` that is a whole second. Equal facts give equal bytes: polls are compared by memcmp. Pure. */
#ifndef EHCWATCH_RECORD_H
#define EHCWATCH_RECORD_H

#include "err.h"
#include "facts.h"

/* The words of a caseload. Shared by all its snapshots; numbers stay valid while it lives. */
struct words {
    struct names *subjects;
    struct names *places; /* localities, teams, officers */
};

struct words *words_new(void);
void words_free(struct words *w);

/* A row of the three sources, as read. */
struct record_case {
    int64_t id;
    const char *ref; /* not NUL-terminated */
    size_t ref_len;
    uint32_t locality, team, officer; /* numbers of words.places */
    civil_day born;                   /* CIVIL_NONE: unknown */
};

struct record_fact {
    civil_day on;
    enum event event;
    uint32_t subject;               /* number of words.subjects */
    int64_t recorded_at, voided_at; /* microseconds, TIME_NONE when empty */
};

struct record_claim {
    struct claim claim;
    int64_t recorded_at, voided_at;
};

/* Collects one case and encodes it. Reused case after case. */
struct record_maker {
    struct record_fact *facts;
    size_t n_facts, cap_facts;
    struct record_claim *claims;
    size_t n_claims, cap_claims;
};

bool record_add_fact(struct record_maker *m,
                     const struct record_fact *f) MUST_CHECK; /* false: out of memory */
bool record_add_claim(struct record_maker *m, const struct record_claim *c) MUST_CHECK; /* the same */
void record_maker_free(struct record_maker *m);

/* The most bytes that record_encode can write for what was collected. */
size_t record_bound(const struct record_maker *m, size_t ref_len);

/* Writes the record and returns its length; the maker is empty again. Rows are put in a fixed order first. */
size_t record_encode(struct record_maker *m, const struct record_case *k, unsigned char *out);

/* The case's own fields; ref points into the record. Returns where the rows begin. */
const unsigned char *record_head(const unsigned char *record, struct record_case *k);

/* How many events the record holds, voided ones too. */
size_t record_facts(const unsigned char *record);

/* The rows of a record one by one, voided ones too. */
struct record_rows {
    const unsigned char *at;
    uint64_t claims, facts; /* still to come */
    civil_day before;
};

struct record_rows record_rows(const unsigned char *record);
bool record_next_claim(struct record_rows *r, struct record_claim *c); /* all claims come before the facts */
bool record_next_fact(struct record_rows *r, struct record_fact *f);   /* passes over claims not yet taken */

/* Room for the facts of one case, grown as needed and reused. */
struct record_room {
    struct fact *facts;
    size_t cap_facts;
    struct claim *claims;
    size_t cap_claims;
    struct case_facts view;
};

/* Decodes what was known at a time (KNOWN_NOW: now) and settles it for a date: room->view is ready for evaluate().
 * False: out of memory. */
bool record_view(const unsigned char *record, const struct words *w, civil_day as_of, int64_t known_at,
                 struct record_room *room) MUST_CHECK;
void record_room_free(struct record_room *room);

#endif
