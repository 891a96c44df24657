/* What came in and what went out, day by day: a part of the papers (case_walk.h), read by week, month, quarter or year.
 *
 * Requests, decisions, plans and refusals to make one are steps of an assessment (assessment.h), each counted once in a case, as the published figures
 * count them; everything else is counted event by event. A row is a period, and of its days those between the two dates that were asked for:
 * rows add up to what happened between them. Weeks are those of ISO 8601. Pure. */
#ifndef EHCWATCH_FLOW_H
#define EHCWATCH_FLOW_H

#include "case_walk.h"

enum flow_what {
    FLOW_REQUESTS,
    FLOW_WITHDRAWN,
    FLOW_AGREED,
    FLOW_REFUSED,
    FLOW_ADVICE_REQUESTED,
    FLOW_ADVICE_RECEIVED,
    FLOW_DRAFTS,
    FLOW_PLANS,
    FLOW_PLANS_IN_20W,
    FLOW_PLANS_OVER_20W,
    FLOW_NO_PLAN,
    FLOW_REVIEW_MEETINGS,
    FLOW_REVIEWS_DECIDED,
    FLOW_MAINTAIN,
    FLOW_AMEND,
    FLOW_CEASE,
    FLOW_AMENDED,
    FLOW_TRANSFER_PLANS,
    FLOW_TRANSFERRED_IN,
    FLOW_TRANSFERRED_OUT,
    FLOW_CEASED,
    FLOW_APPEALS,
    FLOW_COUNT,
};

struct flow_rule {
    const char *name, *title;
    uint64_t events; /* EVENT_BIT: counted one by one; 0: a step of an assessment */
};

extern const struct flow_rule flow_rules[FLOW_COUNT];

enum flow_by { BY_WEEK, BY_MONTH, BY_QUARTER, BY_YEAR, BY_COUNT };

const char *flow_by_name(enum flow_by by);                    /* "week" */
enum flow_by flow_by_of(const char *name);                    /* BY_COUNT: none of them */
civil_day flow_period_first(enum flow_by by, civil_day d);    /* the first day of the period of a day */
civil_day flow_period_next(enum flow_by by, civil_day first); /* of the period after the one that begins so */

/* "2026-W48", "2026-11", "2026-Q4", "2026". */
#define FLOW_PERIOD_LEN 40
char *flow_period_name(enum flow_by by, civil_day first, char out[FLOW_PERIOD_LEN]);

#define FLOW_YEARS 300 /* 1900 to 2199 */

struct flow_year {
    uint32_t day[366][FLOW_COUNT];
};

struct flow {
    const struct judge_how *how;
    struct flow_year *year[FLOW_YEARS];
};

/* `how` outlives it. NULL: out of memory. */
struct flow *flow_new(const struct judge_how *how);
bool flow_visit(void *ud, const struct case_seen *seen);
int flow_finish(struct flow *f);
void flow_free(struct flow *f); /* NULL is fine */

/* What was counted on the days from..to, both included. */
void flow_sum(const struct flow *f, civil_day from, civil_day to, uint64_t sum[FLOW_COUNT]);

struct flow_row {
    civil_day first;    /* of the period */
    civil_day from, to; /* the days of it that are counted */
    bool whole;         /* all of its days, none of them still to come */
    uint64_t n[FLOW_COUNT];
};

/* The periods of from..to, in order. NULL: out of memory, or to < from (*n is 0). The caller's to free. */
struct flow_row *flow_rows(const struct flow *f, enum flow_by by, civil_day from, civil_day to, size_t *n);

#endif
