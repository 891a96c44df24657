/* The caseload at one moment: every case, its obligations counted, the overdue ones listed. Immutable.
 *
 * Cases lie in chunks of about a thousand, in ascending order of their id. A poll that finds a chunk unchanged shares
 * it, and its verdict too while the date and the limits are the same, so that old and new snapshots together take little more than
 * one. Readers hold a reference for as long as they read. Pure. */
#ifndef EHCWATCH_CASELOAD_H
#define EHCWATCH_CASELOAD_H

#include "quality.h"
#include "record.h"
#include "reject.h"

/* Where a case stands, for ehc_cases{stage}: what the last day on which something of this happened says, and of one day's the furthest
 * down this list. A plan in force stays so until it ceases, is transferred out or the case is closed, and not on the day of that: no second request,
 * late decision, withdrawal or move ends it. The Tribunal's order to continue brings back a plan that had ended before that day. */
enum stage {
    STAGE_REQUESTED, /* no decision yet whether to assess */
    STAGE_ASSESSING, /* to be assessed, no plan and no refusal yet */
    STAGE_REFUSED,   /* refused an assessment or a plan, nothing since */
    STAGE_PLAN,      /* a plan is in force */
    STAGE_ENDED,     /* withdrawn, ceased, transferred out or closed; moved away, and no plan */
    STAGE_COUNT,
};

#define DUE_WINDOWS 3 /* open and due within 7, 14, 28 days */
extern const uint8_t due_windows[DUE_WINDOWS];

struct tally {
    uint32_t cases[STAGE_COUNT];
    uint32_t breached_cases; /* cases with a breached obligation */
    uint32_t states[LIMIT_MAX][STATE_COUNT];
    uint32_t due[LIMIT_MAX][DUE_WINDOWS];
    civil_day oldest_due[LIMIT_MAX];  /* of the breached; 0: none */
    uint32_t findings[FINDING_COUNT]; /* of cases; rows that took no part are not among them */
    struct quality_share exceptions;
};

/* An obligation on the breach list. */
struct listed {
    uint32_t at; /* case: index within its chunk */
    struct obligation obligation;
};

/* A finding in a case, in few bytes: most cases have none. */
struct found {
    civil_day on;
    uint32_t subject;
    uint16_t at;         /* case: index within its chunk, which has at most 2 * CHUNK_CASES */
    uint8_t kind, event; /* as in struct finding */
};

/* What an evaluation made of a chunk. */
struct verdict {
    unsigned refs;
    civil_day as_of;
    int64_t known_at;
    uint64_t limits;
    struct tally tally;
    size_t n_found;
    const struct found *found; /* in the order of cases; behind what is listed, in the same memory */
    size_t n_listed;
    struct listed listed[];
};

struct chunk {
    unsigned refs;
    uint32_t n;
    uint32_t bytes;
    int64_t first, last; /* case ids */
    uint32_t *offset;    /* of each record in data */
    uint32_t *ref_hash;  /* of each case_ref: finding one case reads little memory */
    unsigned char *data;
};

struct slot {
    struct chunk *chunk;
    struct verdict *verdict;
};

/* Rows that could not take part, by why. */
struct findings {
    uint64_t unknown_case, unknown_event, unknown_ground, bad_date, double_case;
};

struct snapshot {
    unsigned refs;
    civil_day as_of;
    int64_t read_at;  /* microseconds: the database's clock when the snapshot was taken */
    int64_t known_at; /* microseconds: only what was known then is seen; KNOWN_NOW: all of it */
    uint64_t limits;  /* monitored */
    uint64_t seen;    /* EVENT_BIT of every event that occurs in the source, or did before a partial intake */
    size_t n_cases;
    uint64_t n_facts;
    struct tally tally;
    struct findings findings;
    struct rulebook *rulebook; /* that it was evaluated with, a reference: obligations hold indexes into it */
    struct rejects *rejects;   /* the first of those rows; NULL: none */
    const struct words *words; /* outlives every snapshot */
    size_t n_slots;
    struct slot slot[];
};

/* What a case, or a chunk of them, is evaluated with. */
struct judge_how {
    const struct rulebook *rulebook;
    const struct calendar *calendar;
    const struct words *words;
    civil_day as_of;
    int64_t known_at; /* KNOWN_NOW unless somebody asks about the past */
    uint64_t limits;
    bool past; /* asked about a day gone by, or about what was known at a time: a case may not be there yet */
};

struct snapshot *snapshot_ref(struct snapshot *s);
void snapshot_unref(struct snapshot *s); /* NULL is fine */

/* The time as of which its facts were known: known_at, else read_at. */
int64_t snapshot_known_at(const struct snapshot *s);

/* judge_how.past, by the day on which the source was read. Walks and the intake work it out themselves. */
bool asks_about_past(int64_t read_at, civil_day as_of, int64_t known_at);

/* Whether the case is there. Live every case is; in the past one of which no fact is seen (rulebook section 1) is in no list, no stage and no count:
 * that its row is in the source today says nothing of that day. A transfer, a review or a move that lies ahead is seen, and may be counted back
 * from. `cf` is settled. */
bool case_is_there(const struct judge_how *how, const struct case_facts *cf);

/* The record of a case, or NULL; borrowed from the snapshot. */
const unsigned char *snapshot_case(const struct snapshot *s, int64_t case_id);
const unsigned char *snapshot_case_by_ref(const struct snapshot *s, const char *ref, size_t len);

/* How many findings of the kind there are: in cases, among the rows that took no part, or of the caseload as a whole. */
uint64_t snapshot_findings(const struct snapshot *s, enum finding_kind k);

/* The count of rows that were rejected for the reason; NULL for kinds that are not about rows. */
uint64_t *findings_count(struct findings *f, enum finding_kind k);

const char *stage_name(enum stage s);
/* Of a case that is there; the facts are settled for that date. */
enum stage stage_of(const struct case_facts *cf, civil_day as_of);
/* The same, and since when a plan has been in force; CIVIL_NONE: none is. */
enum stage stage_since(const struct case_facts *cf, civil_day as_of, civil_day *plan_since);
bool stage_is_open(enum stage s); /* somebody has something to do: requested, assessing, plan */

/* A number that depends on nothing but what is told of the obligations: states, dates, subjects. Chained from
 * LEDGER_NOTHING. */
uint64_t obligation_digest(uint64_t digest, const struct rulebook *rb, const struct names *subjects,
                           const struct obligation *o);

uint32_t ref_hash(const char *ref, size_t len);

/* Adds b to a. */
void tally_add(struct tally *a, const struct tally *b);

void chunk_unref(struct chunk *c);
void verdict_unref(struct verdict *v);

#endif
