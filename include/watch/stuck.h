/* Where the work is stuck: a part of the papers (case_walk.h). Everything is of what was known at the papers' time, on or before their date.
 *
 * Stages, of the courses of an assessment (assessment.h). An open one (figures.h: the 20 weeks run) is in the stage whose end is the next to
 * come, the furthest of which the stage before has ended: the decision to assess, the advice of all bodies that were asked in the course, the draft,
 * the final plan. It waits since the stage before ended. Advice that is complete before the decision counts as complete with it. A draft that goes
 * out before all advice is in, or with nobody asked, ends the advice stage; the drafting stage of such a course is not measured. Durations are of
 * stages that ended in the 365 days up to the as-of date, from the recorded end of the stage before; waits are so far. A course leaves without the
 * stage's end by a refusal, a withdrawal, a move or a closure in the 365 days, also if it was taken up again later: that is a course of its own,
 * which begins with the decision and is not among the open ones, for no 20 weeks run.
 *
 * Advice, by body: the obligations of advice_6w (rulebook section 2). A question runs from the first request for it to the first answer on or
 * after that day; a second request meanwhile is no new question, one after the answer is. A refusal, the plan, the end of a re-assessment or of the
 * request's life (a withdrawal, a move, a closure) ends the question unanswered: then it is neither answered nor outstanding, but was
 * asked. An answer on the day of such an end counts; one that nobody asked for does not. `asked` counts questions that began in the 365 days, `in_time` and
 * `late` answers that came in them (42 days from the question at most, or more), `outstanding` those open on the as-of date, `overdue` of these
 * the ones older than 42 days, excepted or not.
 *
 * Reviews, of plans in force (STAGE_PLAN), by the time since the last meeting held since the plan came into force: undecided if no decision lies on or
 * after the day of that meeting; unamended if the last decision is to amend (of two on one day, that one) and on or after the day of the meeting no amended plan, no
 * transfer plan and no notice that after all there will be none was sent. An earlier meeting that was left undecided is not counted beside a later one.
 *
 * Transfers of the coming year and of the last, by the obligations of the two limits, void ones left out: what is due by its date, reviewed (a meeting or
 * a decision in the 365 days up to that date, or the plan sent), sent in time or late. Percentiles as day_counts.h has them. Pure. */
#ifndef EHCWATCH_STUCK_H
#define EHCWATCH_STUCK_H

#include "case_walk.h"
#include "day_counts.h"
#include "slice_sort.h"

enum stuck_stage { STUCK_DECISION, STUCK_ADVICE, STUCK_DRAFT, STUCK_FINAL, STUCK_STAGES };

struct stuck_stage_counts {
    uint32_t now, overdue;     /* overdue: open for more than 20 weeks */
    uint32_t left;             /* in the 365 days, without the stage's end */
    struct day_counts waiting; /* of those in the stage: days so far */
    struct day_counts done;    /* of stages that ended in the 365 days */
};

enum stuck_body { BODY_EDUCATION, BODY_PSYCHOLOGY, BODY_HEALTH, BODY_SOCIAL_CARE, BODY_OTHERS, BODIES };

struct stuck_advice {
    uint32_t asked, in_time, late; /* in the 365 days */
    uint32_t outstanding, overdue;
    int oldest;                  /* days since the longest outstanding was asked for; NO_DAYS */
    struct day_counts answering; /* days from asking to the answer, of those in the 365 days */
};

/* Of one officer in one team, or of a team. Open cases, and closed ones of which something counted here is still owed. */
struct stuck_load {
    uint32_t team, officer; /* numbers of words.places; 0: none is given */
    uint32_t cases, plans;  /* plans: in force */
    uint32_t assessments, overdue_assessments;
    uint32_t breached_cases;   /* with a breached statutory obligation under watch */
    uint32_t breached, due_28; /* such obligations; those due within 28 days */
    int oldest_breach;         /* days of the longest overdue; NO_DAYS */
    int oldest_assessment;     /* days since the request of the longest open; NO_DAYS */
};

struct stuck_loads {
    struct stuck_load *row; /* after stuck_finish: by team, then officer, by name as bytes */
    size_t n, cap;
    uint32_t *slot; /* a table of rows by team and officer: row plus one; a power of two, at most half full */
    size_t slots;
};

enum stuck_age { REVIEW_4W, REVIEW_6M, REVIEW_12M, REVIEW_24M, REVIEW_OLDER, REVIEW_AGES };

/* Up to 4 weeks after the meeting; to 6, 12, 24 months; 24 months and longer. */
struct stuck_reviews {
    uint32_t undecided, unamended;
};

enum { TRANSFER_15FEB, TRANSFER_31MAR, TRANSFER_KINDS };
enum { TRANSFERS_LAST, TRANSFERS_COMING, TRANSFER_YEARS };

struct stuck_transfers {
    const char *limit;
    civil_day due;
    uint32_t owed, reviewed, in_time, late, outstanding;
    uint32_t never; /* owed once, and past mending without a plan */
};

struct stuck {
    struct stuck_stage_counts stage[STUCK_STAGES];
    struct stuck_advice advice[BODIES];
    struct stuck_loads teams, officers;
    struct stuck_reviews reviews[REVIEW_AGES];
    civil_day oldest_review; /* the meeting of the oldest incomplete one; CIVIL_NONE */
    struct stuck_transfers transfers[TRANSFER_KINDS][TRANSFER_YEARS];

    const struct judge_how *how;
    uint64_t watched;
    int plan_limit, advice_limit, transfer_limit[TRANSFER_KINDS];
    civil_day since; /* the first of the 365 days */
    struct slice_sort sort;
    int sorted; /* of the two lists of loads */
};

/* `how` outlives it; `watched`: the limits whose breaches count. NULL: out of memory. */
struct stuck *stuck_new(const struct judge_how *how, uint64_t watched);
bool stuck_visit(void *ud, const struct case_seen *seen);
int stuck_finish(struct stuck *s);
void stuck_free(struct stuck *s); /* NULL is fine */

#endif
