/* Where the work is stuck: a part of the papers (case_walk.h).
 *
 * Stages. An open assessment (figures.h) is in the stage whose end is the next to come: the decision whether to assess, the advice of all
 * bodies that were asked, the draft, the final plan. It waits since the stage before ended. A draft that goes out before all advice is in ends the
 * advice stage; the drafting stage of such a case is not measured. Durations are of stages that ended in the 365 days up to the as-of
 * date, waits are so far. A case leaves without the stage's end by a refusal, a withdrawal, a move or a closure.
 *
 * Advice, by body. Asked and answered in the 365 days; outstanding and overdue now. An answer is in time within 6 weeks of the request for
 * it. What was not answered when the plan was issued or refused, or the case ended, is not outstanding.
 *
 * Reviews are incomplete for as long as there is no decision after the meeting, or a decision to amend and no amended plan (nor a notice that after
 * all there will be none); of plans in force, by the months since the last meeting.
 *
 * Transfers of the coming year and of the last: what is due by its date, reviewed (a meeting or a decision in the 365 days up to that date),
 * sent. Percentiles as day_counts.h has them. Pure. */
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
