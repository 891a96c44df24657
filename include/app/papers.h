/* The meeting's papers: what is counted over every case for one question (a date, a time, some teams), all of it in one walk.
 *
 * Whoever counts something is a part: a pure module of watch/ (x_new, x_visit, x_finish, x_free; see case_walk.h), one line in the
 * table of papers_parts.c and one member here. Papers never change once they are made, are counted, and hold their snapshot: a list
 * that goes out piece by piece keeps a reference.
 *
 * A walk goes on in slices of about 2 ms between which the loop turns, 10,000 cases take some ten of them; several who ask the
 * same wait for one walk, and one walk goes on at a time. The last few papers are kept for as long as their snapshot is the newest.
 * One thread. */
#ifndef EHCWATCH_PAPERS_H
#define EHCWATCH_PAPERS_H

#include "breach_list.h"
#include "core.h"
#include "httpd.h"

struct papers_desk;
struct routes;

struct papers {
    unsigned refs;
    struct snapshot *snapshot; /* a reference of the papers */
    struct judge_how how;      /* what the parts were counted with; of the papers' own, the calendar too */
    struct calendar calendar;
    civil_day as_of;
    int64_t known_at;     /* KNOWN_NOW unless somebody asked about the past */
    int64_t evaluated_at; /* microseconds since 1970 */
    int64_t since;        /* the meeting before: what has changed, has changed since then */

    /* One for each part, see the table of papers_parts.c. */
    const struct by_place *by_place;
    const struct overdue *overdue;
    const struct figures *figures;
    const struct stuck *stuck;
    const struct flow *flow;
    const struct pipeline *pipeline;
    const struct forecast *forecast;
    const struct changes *changes;
    const struct turnover *turnover;
};

/* A question. A set of places that is empty stands for all of them; the others are also how somebody who may see some teams
 * only is held to them. */
struct papers_want {
    civil_day as_of;
    int64_t known_at;
    struct breach_places localities, teams, officers;
    int64_t since; /* a whole second, before papers_moment(); 0: the last meeting */
};

/* The moment that papers for this are about: known_at, or the time of the snapshot, or the end of another day. */
int64_t papers_moment(const struct snapshot *s, const struct papers_want *want);

struct papers_desk *papers_desk_new(struct core *core, struct err *e) MUST_CHECK;

/* After httpd_free, which ends what is parked. NULL is fine. */
void papers_desk_free(struct papers_desk *d);

/* Fills in the answer. The papers are borrowed for the call: papers_ref keeps them. */
typedef void papers_fn(void *ctx, struct papers *papers, struct httpd_reply *reply);

/* Within a handler, when there is a snapshot: `fn` is called at once when papers of the newest one are kept, else the request is
 * parked and `fn` is called from the loop when the walk is over. It is not called when memory is short (500), too many different
 * questions wait (503), it takes too long (504) or the server stops (503): that has been answered then. `free_fn(ctx)` is
 * called once, when nothing will be called any more, perhaps before this returns. `d` NULL: 503. */
void papers_ask(struct papers_desk *d, const struct routes *r, struct httpd_reply *reply,
                const struct papers_want *want, papers_fn *fn, void *ctx, void (*free_fn)(void *ctx));

/* There may be a newer snapshot: papers of an older one, which nobody will ask for any more, are let go. */
void papers_look(struct papers_desk *d);

struct papers *papers_ref(struct papers *p);
void papers_unref(struct papers *p); /* NULL is fine */

#endif
