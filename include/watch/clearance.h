/* The clearance plan: which plans to finish first, when there is more to finish than can be finished.
 *
 * From the open assessments (pipeline.h), a capacity of finished plans a week and the requests that go on coming in, the coming weeks are played
 * through under different policies:
 *
 *   oldest     whoever has waited longest comes first
 *   nearest    whoever can still have the plan in time comes first, the soonest due before the others; then the oldest
 *   mix        a share of the capacity (`save`) is kept for those who can still be in time, the soonest due first; the rest, and what is
 *              left of that share, goes to the oldest. 0 % is "oldest", 100 % is "nearest"
 *
 * No policy finishes more plans than another: they choose whose wait ends. The published figure counts only plans that are issued, so
 * that it rises when those wait who are late already; who has waited longest does not show in it. Both are told.
 *
 * How it is played, all of it in whole numbers, and the same on every machine:
 * - A plan can be finished when its case is through the stages before: what is left of the stage that it is in, and the least of those to come.
 *   The least of a stage is what one in ten needs at most (10th percentile of the last twelve months), since what takes longer is a queue, which
 *   is the very thing that is planned here. From the draft to the plan it is 15 days at least: the family's time to comment (SEND Regulations
 *   2014 reg 13(1)(a)).
 * - Waiting for others' advice is no queue of ours: it takes as long as it took. Each case is given one of the times of the last twelve months,
 *   given how long it has waited already; the times are spread evenly over the cases (multiples of the golden ratio), not drawn by chance.
 * - A plan of week w is issued on the last day of that week, or on its due date if that comes within the week.
 * - Of the open cases, and of those that come in, as many end without a plan (refused, withdrawn, moved away) as ended so last year, by stage: of
 *   every so many in the order of cases one leaves, when its stage is over. None that can be finished in the coming week does.
 * - Requests come in as in the last 8 weeks, in the middle of each week.
 * - The unused capacity of a week is lost.
 *
 * The cases are held as numbers by day of request, so that a hundred thousand take no longer than a thousand. Pure. */
#ifndef EHCWATCH_CLEARANCE_H
#define EHCWATCH_CLEARANCE_H

#include "pipeline.h"

#define CLEARANCE_WEEKS      26 /* unless asked otherwise */
#define CLEARANCE_WEEKS_MOST 52
#define CLEARANCE_SAVE       50
#define CLEARANCE_RATE_WEEKS 8 /* that the rates are taken from */
#define CLEARANCE_RECENT     UINT32_MAX
#define CLEARANCE_MOST       UINT32_C(100000000) /* thousandths of plans a week */

enum clearance_policy { CLEARANCE_OLDEST, CLEARANCE_NEAREST, CLEARANCE_MIX, CLEARANCE_POLICIES };

const char *clearance_policy_name(enum clearance_policy p);       /* "oldest" */
enum clearance_policy clearance_policy_by_name(const char *name); /* CLEARANCE_POLICIES when unknown */

struct clearance_ask {
    uint32_t capacity_milli;      /* plans a week, in thousandths; CLEARANCE_RECENT: as in the last 8 weeks */
    uint32_t arrivals_milli;      /* requests a week; the same */
    int weeks;                    /* 1 to CLEARANCE_WEEKS_MOST */
    int save;                     /* percent: of the mix */
    enum clearance_policy policy; /* whose list for the coming week is wanted */
};

struct clearance_ask clearance_ask_default(void);

/* How things stand at the end of a week; week 0 is now. */
struct clearance_week {
    uint32_t capacity, arrivals, issued, in_time,
        without_plan;                   /* within the week; in time: within 140 days, as published */
    uint32_t open, overdue, over_52;    /* more than 20 and 52 weeks since the request */
    int32_t longest_days;               /* the longest wait of those still open; 0: nobody waits */
    int32_t longest_held_days;          /* of those that could have been finished, and were not */
    uint32_t year_issued, year_in_time; /* of the 52 weeks that end now: the published figure, rolling */
};

struct clearance_run {
    enum clearance_policy policy;
    int save;
    uint32_t capacity_milli;
    uint32_t issued, in_time;     /* in all weeks */
    uint32_t mean_days, p90_days; /* from request to plan, of those issued; rounded, nearest rank */
    struct clearance_week week[CLEARANCE_WEEKS_MOST + 1];
};

/* Why a case is on the list of the coming week. */
enum clearance_why { CLEARANCE_SAVED, CLEARANCE_WAITED };

struct clearance_pick {
    const struct course *course;
    civil_day due;
    enum clearance_why why;
};

#define CLEARANCE_SHARES 11 /* 0, 10, ... 100 % */

struct clearance {
    struct clearance_ask ask; /* with the rates filled in */
    civil_day as_of;
    uint32_t recent_plans, recent_requests; /* of the last 8 weeks */
    uint32_t
        need_milli; /* of those that come in a week, as many will need a plan: what keeps the backlog as it is */
    uint32_t open, again,
        ready; /* now; of these, taken up again after a refusal; that can be finished in the coming week */
    uint32_t overdue, leaving; /* now overdue; taken to end without a plan */
    int lead_days;             /* from a request to the earliest plan */

    struct clearance_run runs[CLEARANCE_POLICIES];   /* by policy */
    struct clearance_run frontier[CLEARANCE_SHARES]; /* the mix, by share */

    /* Plans a week with which by the end nobody is overdue who could have been finished, oldest first; 0: nothing has to be done. */
    uint32_t clear_capacity;
    uint32_t clear_left; /* overdue at the end even so: not far enough by then */

    struct clearance_work *work; /* while it is being made */
    size_t n_picks;
    struct clearance_pick *picks; /* the coming week under ask.policy, in the order in which they come */
};

/* Of a pipeline that is finished and outlives it. Nothing is filled in but what is asked. NULL: out of memory. */
struct clearance *clearance_new(const struct pipeline *p, const struct case_places *where,
                                const struct clearance_ask *ask);
void clearance_free(struct clearance *c); /* NULL is fine */

/* Makes the plan, a millisecond or two of it at a time. 1: there is more to do; 0: it is made; -1: out of memory, it can only be freed. */
int clearance_step(struct clearance *c) MUST_CHECK;

#endif
