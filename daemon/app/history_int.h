/* The history's own view of itself: counting (history.c) and writing (history_write.c). */
#ifndef EHCWATCH_HISTORY_INT_H
#define EHCWATCH_HISTORY_INT_H

#include <ev.h>

#include "history.h"
#include "history_rows.h"
#include "pglink.h"

#define HISTORY_WAITING 2 /* the last evaluation of a day is not passed over for the first of the next */

enum history_phase {
    HISTORY_IDLE,
    HISTORY_COUNTING,
    HISTORY_CONNECTING, /* counted, and not written for want of a connection */
    HISTORY_WRITING,
};

/* By which it is seen that the kept weeks are others than they were. */
struct history_mark {
    char from[CIVIL_TEXT_LEN], to[CIVIL_TEXT_LEN]; /* the day behind the last */
    civil_day since;                               /* the same as `from` */
    int64_t days, last;
};

struct history {
    struct core *core;
    struct pg_link *link;
    bool up;
    enum history_phase phase;
    bool owed; /* the last write failed */

    struct snapshot *waiting[HISTORY_WAITING]; /* references */
    size_t n_waiting;
    struct snapshot *counted; /* what the counts are of, a reference; NULL: of nothing */
    struct place_counts counts;
    struct place_walk *walk;
    struct calendar calendar; /* of the walk */
    struct judge_how how;
    ev_timer turn;

    struct history_day day; /* that is written, or was last */
    civil_day whole_day;    /* the day that was written as a whole, and the term in which it was */
    int64_t whole_term;
    bool whole, overtaken; /* of the writing under way */
    int64_t term;
    char term_text[24];
    struct history_rows rows;

    ev_timer marks;
    bool marks_asked;                 /* a question is under way */
    struct meeting_marks marks_known; /* when it was asked */

    struct {
        bool asked;                          /* a question is under way */
        struct history_mark mark, read;      /* as last asked for, and of what is in status.trend */
        struct rulebook *asked_by, *read_by; /* references; NULL: nothing was */
        bool strangers;                      /* of status.trend: it has places that no case has been in, */
        size_t names;                        /* when there were so many names of places */
    } trend;
};

/* Takes up what waits, one after the other. */
void history_advance(struct history *h);

/* The counts are of nothing, and nothing waits. */
void history_forget(struct history *h);

/* What is counted stays; what was written is not known for sure. */
void history_failed(struct history *h, const char *why);

/* Whether status.trend is there, by the rulebook in force, and no place may have got a number since. */
bool history_trend_is_read(const struct history *h);

/* Reads what was overdue week by week into status.trend, if it is not there as it is kept. One of another rulebook is not left there. */
void history_trend_look(struct history *h);
void history_trend_free(struct history *h);

/* Writes h->day with its counts; the connection is up. */
void history_write(struct history *h);

#endif
