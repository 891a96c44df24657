/* Which open cases will break a limit in 1, 2, 4 and 8 weeks: if nothing moves, and as far as the council's own pace tells.
 *
 * If nothing moves: the record of each case, evaluated for the later day as it stands. What will be breached then, or will have
 * lapsed after its due date, and falls due on the as-of date or later, is listed. So exceptions, a child's birthday and a move that is
 * known already count as they will count on the day; an obligation that would be excepted is listed, marked, and left out of the numbers.
 *
 * What to expect: things do move. For the plan (20 weeks) and the decision on assessing (6 weeks) each listed obligation gets the chance that it
 * will still be open when its due date is over, from how long the stages took in the last twelve months (pipeline.h): the time left in the
 * present stage, given the time already spent in it, and the stages still to come, convolved by days. The sum of the chances is the expected
 * number. Its interval is the central 90 % of a Poisson-binomial distribution (normal approximation, mean +- 1.645 sd, rounded
 * outwards): the play of chance from case to case. It does not cover a change of pace.
 *
 * Every number is a whole one, in units of 2^-31 or a thousandth, so that all machines agree. Pure. */
#ifndef EHCWATCH_FORECAST_H
#define EHCWATCH_FORECAST_H

#include "pipeline.h"

#define FORECAST_HORIZONS 4
extern const uint8_t forecast_weeks[FORECAST_HORIZONS]; /* 1, 2, 4, 8 */

struct forecast_row {
    struct obligation obligation; /* as it stands on the as-of date; one that opens later: as it will stand */
    uint32_t slot, at;            /* its case */
    uint32_t locality, team, officer;
    share31 chance;  /* of being broken, if `estimated` */
    uint8_t horizon; /* index of the first horizon by which it will be broken */
    bool excepted;   /* would be */
    bool estimated;
    bool first; /* of its case, of those that are not excepted: each case has one */
};

struct forecast {
    const struct judge_how *how; /* its limits are not those that are listed */
    uint64_t limits;             /* those are */
    const struct pipeline *pipeline;
    int plan, decision; /* of the rulebook; -1: not in it */
    struct record_room room;
    struct forecast_row *rows; /* by due date, then by case, then by limit in the order of the table */
    size_t n, cap;
    size_t estimated; /* rows, by forecast_finish so far */
    bool failed;
};

/* `limits`: the watched ones. The pipeline is one that takes the same walk and is finished before. All is borrowed. NULL: out of memory. */
struct forecast *forecast_new(const struct judge_how *how, uint64_t limits, const struct pipeline *p);
void forecast_free(struct forecast *f); /* NULL is fine */

/* The case_visit_fn; `ud` is the forecast. */
bool forecast_visit(void *ud, const struct case_seen *seen);

/* When the walk is over and the pipeline finished. 1: call again, for the next slice; 0: done; -1: out of memory. */
int forecast_finish(struct forecast *f);

struct forecast_expected {
    uint32_t due;              /* that will be broken by then if nothing moves, and have a chance */
    uint32_t milli, low, high; /* the expected number in thousandths; its interval in whole numbers */
};

enum forecast_kind { FORECAST_PLAN, FORECAST_DECISION, FORECAST_KINDS };

/* The forecast for some places. By horizon, cumulative: those within 4 weeks are within 8, too. Excepted ones are not in `broken`,
 * `cases` and `expected`. */
struct forecast_view {
    uint32_t broken[LIMIT_MAX][FORECAST_HORIZONS], excepted[LIMIT_MAX][FORECAST_HORIZONS];
    uint32_t cases[FORECAST_HORIZONS];
    struct forecast_expected expected[FORECAST_KINDS][FORECAST_HORIZONS];
    size_t n;
    uint32_t *rows; /* indexes into the forecast's, in its order; the caller's to free */
};

/* Only rows of the `limits` are listed; the numbers are of all. False: out of memory. */
bool forecast_view(const struct forecast *f, const struct case_places *where, uint64_t limits,
                   struct forecast_view *view) MUST_CHECK;

#endif
