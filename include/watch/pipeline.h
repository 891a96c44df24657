/* The assessments on their way from a request to a plan: where each stands, how long its stages take, what comes in and goes out.
 *
 * Counts with a case walk. From the last twelve months (PIPELINE_WINDOW days) it takes how long each stage of an assessment lasted,
 * by survival.h: assessments that are over, and those under way for as long as they have been. The stages lie between the milestones
 * request, decision to assess, advice complete (all who were asked have answered), draft, final plan.
 *
 * - A milestone that the council does not record (fewer than half of the plans of the window have it) is none: the stages on both
 *   sides of it become one. In a case that lacks a milestone which others have, the stages beside the gap are not counted, and how many
 *   such gaps there are is told. A milestone later than the one after it (advice that comes in after the draft) counts as reached with it.
 * - A refusal to assess or to make a plan, a withdrawal, a move away and a closed case end an assessment without a plan. They are not
 *   taken for censoring, which would say that these cases too would have got a plan if only somebody had waited: the chance of an end
 *   without a plan is a part of each stage (survival.h: two ways to end). For whoever asks whether a deadline will be broken both
 *   ends are alike, as the law has it: a refusal or a withdrawal ends the duty.
 * - What is taken up again after a refusal (the Tribunal's order, a concession) is a course of its own from that day.
 *
 * - What happened in the last days may not be recorded yet. How late the milestones and ends of the window were recorded is counted, and whoever
 *   seems to be still in a stage is taken to have left it unrecorded with the chance that follows from that.
 *
 * The stages are taken to be independent of each other: what a case has lost in one it neither makes good nor loses again in the next. Pure. */
#ifndef EHCWATCH_PIPELINE_H
#define EHCWATCH_PIPELINE_H

#include "assessment.h"
#include "breach_list.h"
#include "case_walk.h"
#include "survival.h"

#define PIPELINE_WINDOW 365
#define PIPELINE_WEEKS  52 /* of what came in and went out */
#define PIPELINE_AHEAD  56 /* days that it is asked about */
#define PIPELINE_LATE   28 /* days after which everything is taken to be recorded */

/* From one recorded milestone to the next. */
struct pipeline_stage {
    enum milestone from, to; /* MILESTONE_NONE: the request */
    struct survival spells;  /* estimated */
    int least_days;          /* in which one in ten is through; -1: nobody knows */

    /* Of those that enter it: the share without a plan or another end so many days later, that day included. */
    share31 still_open[PIPELINE_AHEAD + PIPELINE_LATE + 1];
};

/* What comes in and goes out of some places, and what is there. week[0] is the seven days up to the as-of date, week[1] the seven before. */
struct pipeline_flow {
    struct pipeline_week {
        uint32_t requests, plans, plans_in_time, without_plan;
    } week[PIPELINE_WEEKS];
    uint32_t open, open_in[MILESTONE_COUNT]; /* courses, in all and by stage */
    uint32_t beyond;                         /* longer in their stage than anything seen to move on */
};

struct pipeline {
    civil_day as_of;
    int limit_20w, order_limits[2]; /* of the rulebook; -1: not in it */
    struct course *courses;         /* open, or over within the window; by case */
    size_t n, cap;
    size_t followed; /* by pipeline_finish so far */

    /* late[d]: facts recorded d days after their day, of those older than PIPELINE_LATE days on the day of what is known; the last: that
     * late or later. unrecorded[d]: the share of what happened d days before the as-of date that is not recorded yet. */
    civil_day known_on;
    uint32_t late[PIPELINE_LATE + 1];
    share31 unrecorded[PIPELINE_LATE + 1];

    size_t n_stages;
    struct pipeline_stage stages[MILESTONE_COUNT];
    bool recorded[MILESTONE_COUNT];
    uint32_t plans; /* courses of the window that ended with one, and began with a request */
    uint32_t gaps;  /* milestones missing in single cases */

    size_t counted; /* by pipeline_finish so far */
    struct pipeline_flow all;
};

/* `known_at`: microseconds, when what is known was known. NULL: out of memory. */
struct pipeline *pipeline_new(const struct rulebook *rb, civil_day as_of, int64_t known_at);
void pipeline_free(struct pipeline *p); /* NULL is fine */

/* The case_visit_fn; `ud` is the pipeline. */
bool pipeline_visit(void *ud, const struct case_seen *seen);

/* When the walk is over: the stages, and where each open course stands. 1: call again, for the next slice; 0: done. */
int pipeline_finish(struct pipeline *p);

/* Localities, teams and officers whose cases are asked for. */
struct case_places {
    struct breach_places localities, teams, officers;
};

bool case_places_hold(const struct case_places *w, uint32_t locality, uint32_t team, uint32_t officer);

/* The last open course of a case, or NULL. */
const struct course *pipeline_open(const struct pipeline *p, uint32_t slot, uint32_t at);

/* Of the cases in these places. */
void pipeline_flow(const struct pipeline *p, const struct case_places *where, struct pipeline_flow *flow);

/* Adds what the courses from `from` on, at most `n` of them, bring to it. */
void pipeline_flow_add(const struct pipeline *p, const struct case_places *where, size_t from, size_t n,
                       struct pipeline_flow *flow);

/* The chance that an open course will have come to no end when `days` days (at most PIPELINE_AHEAD) from the as-of date are over; with `stage`,
 * that it will not even have left the stage that it is in. One that has been longer in its stage than anything seen to move on is taken to stay. */
share31 pipeline_still_open(const struct pipeline *p, const struct course *c, int days, bool stage);

#endif
