/* The published figures, and beside them what they never show: a part of the papers (case_walk.h).
 *
 * Counted as the Department for Education counts (rulebook section 6), by calendar year of the closing event and over the 365 days
 * that end on the as-of date: plans issued within 20 weeks (140 days) of the request, decisions whether to assess within 6 (42), refusals to
 * make a plan within 16 (112), review decisions within 4 (28) of the meeting, phase transfers by the date of their year. Decisions, refusals
 * and plans are steps of the assessment (assessment.h): the first of their kind in a case, from the first request, whatever was refused between;
 * after a withdrawal, a move, a closure or the plan itself nothing counts. A review decision is measured from the last
 * meeting on or before it that lies after the day of the decision before; two decisions of one day are one. A transfer counts in the year of
 * its due date, from the day after it, unless it is void. "Without exceptions" leaves out those plans that are late and excepted, as
 * the 20-week obligation is that they closed.
 *
 * An open assessment is in no published figure until its plan is issued, however late it is: so a council that clears its oldest cases
 * looks worse, and one that leaves them lie looks better. Open ones are those whose 20-week obligation is: no plan, no refusal, not
 * ended. Weeks in bands as band.h has them; percentiles as day_counts.h has them; ages in whole years on the day of the closing event, of open
 * ones on the as-of date. Pure. */
#ifndef EHCWATCH_FIGURES_H
#define EHCWATCH_FIGURES_H

#include "band.h"
#include "case_walk.h"
#include "day_counts.h"

enum figure {
    FIGURE_PLANS,
    FIGURE_DECISIONS,
    FIGURE_REFUSALS,
    FIGURE_REVIEWS,
    FIGURE_TRANSFERS_15FEB,
    FIGURE_TRANSFERS_31MAR,
    FIGURE_COUNT,
};

struct figure_rule {
    const char *id, *title;
    const char *limit; /* whose open obligations stand beside it */
    int days;          /* in time; 0: as the limit says */
    uint64_t closes;   /* EVENT_BIT: the source records the figure if one of these occurs in it */
};

extern const struct figure_rule figure_rules[FIGURE_COUNT];

#define FIGURE_TARGET 0.95 /* "above 95 %": the councils' own indicator */

enum { WAIT_20, WAIT_52, WAIT_LONGER, WAITS };                     /* up to 20 weeks, up to 52, longer */
enum { AGE_UNKNOWN = AGE_COUNT, AGES, ALL_AGES = AGES, AGE_SETS }; /* unknown, or over 25 */

/* Of one period, and of all ages or one band. */
struct figure_set {
    struct {
        uint32_t counted, in_time;
        uint32_t excepted; /* of those that were late */
    } figure[FIGURE_COUNT];
    uint32_t waits[WAITS];    /* plans by weeks from the request */
    struct day_counts issued; /* days from request to plan */
};

struct figure_period {
    int year;           /* 0: the 365 days that end on the as-of date */
    civil_day from, to; /* to: as far as it has come */
    struct figure_set set[AGE_SETS];
};

/* Open 20-week obligations on the as-of date. */
struct figure_open {
    uint32_t open, overdue;
    uint32_t excepted; /* of the overdue */
};

#define FIGURE_YEARS 300 /* 1900 to 2199 */

struct figures {
    size_t
        n_periods; /* after figures_finish: the years in which something was counted, and those between; then the 365 days */
    const struct figure_period **periods;

    /* On the as-of date. */
    struct figure_open now[FIGURE_COUNT]; /* of each figure's limit */
    struct figure_open ages[AGES];        /* open assessments */
    struct figure_open bands[BAND_COUNT];
    struct day_counts open, overdue; /* days since the request; the second with those excepted */
    /* Cases with a request that stand as requested or assessing (enum stage), and no 20 weeks run: after an appeal, or a second request. */
    uint32_t reopened;
    /* Cases with a plan that is in no figure, for want of a request before it that was not over. */
    uint32_t plans_without_request;
    bool recorded[FIGURE_COUNT]; /* the source can show it at all */

    const struct judge_how *how;
    int8_t figure_of[LIMIT_MAX]; /* enum figure; -1: none */
    struct figure_period rolling;
    struct figure_period *year[FIGURE_YEARS];
};

/* `how` outlives it; `seen`: the events that occur in the source in rows that are not voided, whenever they were recorded (snapshot->seen).
 * NULL: out of memory. */
struct figures *figures_new(const struct judge_how *how, uint64_t seen);
bool figures_visit(void *ud, const struct case_seen *seen);
int figures_finish(struct figures *f);
void figures_free(struct figures *f); /* NULL is fine */

/* The period of a year, or NULL; of the 365 days: year 0. After figures_finish. */
const struct figure_period *figures_period(const struct figures *f, int year);

/* The 20-week figure of a period that ends on the as-of date, as it would be if every plan that is overdue then had been issued on that day: in
 * time, of those issued and those overdue. Not a number: there are none. */
double figures_with_overdue(const struct figures *f, const struct figure_period *p);

#endif
