/* What an assessment is: the one place that says when it began, was decided, advised, drafted, finished, refused or left.
 *
 * Everything that counts assessments has it from here: the published figures, the flow, the funnel of stages, the forecast and the clearance
 * plan. Only facts on or before the as-of date count, and only dates order them; of one day's the steps come first, then the plan, then
 * a refusal, then the end of the request's life (so, too, the rulebook: a plan sent on the day of a move is a plan).
 *
 * - It begins with the first request of the case, or the day on which responsibility began; a second request changes nothing. A request after
 *   the request's life has ended begins nothing.
 * - It is over with the first plan, or when the request is withdrawn, the child moves out or the case is closed, whichever comes first. What is
 *   recorded of later days is no step of it: no plan after a withdrawn request, no draft after the plan. A plan that was transferred in is
 *   not its plan and does not end it: the rulebook leaves the 20 weeks running.
 * - A refusal to assess or to make a plan ends a *course* of it. What shows that the refusal was not the last word (an assessment agreed to, a
 *   plan agreed to, a draft, a plan) takes it up again on that day: a course of its own, that begins with the decision and in which
 *   who is asked for advice is asked anew.
 * - The decision is the first notice of either kind; both on one day is a refusal.
 * - Advice is complete when all who were asked in the course have answered. Each body's question is open from when it is asked until its first
 *   answer; asking again meanwhile changes nothing, asking again afterwards opens it again, on one day too if an earlier question took that
 *   day's answer. An answer nobody asked for says nothing. A draft, or a plan, ends the wait. (So the obligations of advice_6w go, of what is
 *   asked since the request.)
 *
 * Pure. */
#ifndef EHCWATCH_ASSESSMENT_H
#define EHCWATCH_ASSESSMENT_H

#include "facts.h"

enum milestone { MILESTONE_DECIDED, MILESTONE_ADVISED, MILESTONE_DRAFTED, MILESTONE_ISSUED, MILESTONE_COUNT };
#define MILESTONE_NONE MILESTONE_COUNT /* before the first: the request */

/* "decision", "advice", "draft", "plan"; "request" before the first. */
const char *milestone_name(enum milestone m);

enum course_end { COURSE_OPEN, COURSE_PLAN, COURSE_REFUSED, COURSE_LEFT };

/* One course, from the request or from when it was taken up again. */
struct course {
    civil_day request;              /* that the 20 weeks count from */
    civil_day begun;                /* the same, or the day on which it was taken up again */
    civil_day day[MILESTONE_COUNT]; /* CIVIL_NONE: not reached, or not recorded. DECIDED: to assess */
    civil_day over;                 /* of a course that is not open */
    uint8_t end;                    /* enum course_end */
    bool again;                     /* taken up again: it begins with the decision */
    /* The draft or the plan did not wait for the advice of all, or nobody was asked; ADVISED is that day, if somebody was. */
    bool unadvised;

    /* The pipeline's own (pipeline.h); nothing here sets them. */
    bool ordered; /* `due` is not that of the 20 weeks */
    bool claimed; /* an exception is claimed in the case */
    /* Of an open one: the plan, by the limit of 20 weeks or the Tribunal's; CIVIL_NONE: no limit says. */
    civil_day due;
    uint32_t slot, at; /* its case, in the snapshot */
    uint32_t locality, team, officer;

    /* Set by pipeline_finish in open courses. */
    uint8_t stage; /* index into the pipeline's stages */
    civil_day since;
};

#define COURSES_MAX 4 /* of one case that are told apart: the first ones and the last */

/* The first day of each step, over all courses: what is published. CIVIL_NONE: not on or before the as-of date. */
struct case_steps {
    civil_day start;   /* the first request, or the day on which responsibility began */
    civil_day over;    /* withdrawn, moved out or closed, whichever came first, and no plan before that */
    civil_day decided; /* family notified whether there will be an assessment */
    civil_day draft;   /* the first draft plan */
    civil_day issued;  /* the plan */
    civil_day no_plan; /* family notified that there will be no plan */
    bool refused;      /* the decision was not to assess */
};

struct assessment {
    struct case_steps steps;
    size_t n;                          /* 0: there is none, and no step */
    struct course course[COURSES_MAX]; /* the last one last: only that may be open */
};

/* `cf` is settled for `as_of`. */
void assessment_of(const struct case_facts *cf, civil_day as_of, struct assessment *a);

#endif
