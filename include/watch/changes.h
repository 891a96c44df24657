/* What has changed since the last meeting: a part of the papers (case_walk.h).
 *
 * Each case is evaluated twice from one record: as of the day of the meeting, as it was known at its time, and now. An obligation is on the
 * breach list when it is breached, or excepted and still without the event that closes it.
 *
 *   new         on the list now and not then
 *   worsened    on it both times: and overdue for a longer band of weeks now, or its case open for one (band.h), or no longer excepted; or on
 *               track then and at risk now
 *   in_between  on it neither time, but broken and over now while it was open or not known then: it came and went between the two
 *   cleared     on it then and not now; or still on it, but excepted now
 *
 * How something was cleared says its state now: met, met_late, void, excepted, missed; restated: its due date has moved, or its facts are no
 * longer believed. An obligation whose start was corrected is the same one, as in drift.h. Pure. */
#ifndef EHCWATCH_CHANGES_H
#define EHCWATCH_CHANGES_H

#include "case_walk.h"
#include "slice_sort.h"

enum change_kind { CHANGED_NEW, CHANGED_WORSENED, CHANGED_IN_BETWEEN, CHANGED_CLEARED, CHANGED_KINDS };

/* "in_between"; and the kind of a name, CHANGED_KINDS when unknown. */
const char *change_kind_name(enum change_kind k);
enum change_kind change_kind_by_name(const char *name, size_t len);

enum change_how {
    HOW_OPEN, /* it is still owed */
    HOW_MET,
    HOW_MET_LATE,
    HOW_VOID,
    HOW_EXCEPTED,
    HOW_MISSED,
    HOW_RESTATED,
};

/* "met_late"; "" for HOW_OPEN. */
const char *change_how_name(enum change_how h);

struct changed {
    uint32_t slot, at; /* the case's place in the snapshot */
    uint32_t subject;
    uint32_t team;                 /* of the case now, a number of words.places */
    civil_day start, due;          /* now; of an obligation that is no longer there, then */
    civil_day closed;              /* CIVIL_NONE: it is still open, or no longer there */
    uint8_t kind, how, was, state; /* enum state; STATE_COUNT: it was not there, or is not */
    uint8_t limit, version;        /* as in struct obligation */
};

struct changes {
    int64_t since;         /* the meeting: microseconds since 1970 */
    struct judge_how then; /* the day of it, and what was known */
    uint64_t watched;      /* the limits that are compared */
    size_t n;
    struct changed *items; /* after changes_finish: by kind, then by due date, then by case and limit */
    size_t count[CHANGED_KINDS];
    size_t cap;
    struct slice_sort sort; /* while it goes on */
    bool ordered;
    struct record_room room; /* of the past */
    struct obligation *past;
    size_t n_past, cap_past;
    bool *taken;
    bool failed;
};

/* `since` lies before the moment that the how is about, on a whole second. What the how points to outlives them. NULL: out of memory. */
struct changes *changes_new(const struct judge_how *how, uint64_t watched, int64_t since);
bool changes_visit(void *ud, const struct case_seen *seen);
int changes_finish(struct changes *c); /* 1: call again, there is more to sort; 0: done; -1: out of memory */
void changes_free(struct changes *c);  /* NULL is fine */

/* The case of an item: its record, in the snapshot that was walked over. */
const unsigned char *changed_record(const struct snapshot *s, const struct changed *item);

#endif
