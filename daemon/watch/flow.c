#include "flow.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct flow_rule flow_rules[FLOW_COUNT] = {
    [FLOW_REQUESTS] = {"requests", "Requests", 0},
    [FLOW_WITHDRAWN] = {"withdrawn", "Requests withdrawn", 0},
    [FLOW_AGREED] = {"agreed", "Decided to assess", 0},
    [FLOW_REFUSED] = {"refused", "Decided not to assess", 0},
    [FLOW_ADVICE_REQUESTED] = {"advice_requested", "Advice asked for", EVENT_BIT(EV_ADVICE_REQUESTED)},
    [FLOW_ADVICE_RECEIVED] = {"advice_received", "Advice received", EVENT_BIT(EV_ADVICE_RECEIVED)},
    [FLOW_DRAFTS] = {"drafts", "First draft plans sent", 0},
    [FLOW_PLANS] = {"plans_issued", "Plans issued", 0},
    [FLOW_PLANS_IN_20W] = {"plans_in_20_weeks", "Of these, within 20 weeks", 0},
    [FLOW_PLANS_OVER_20W] = {"plans_over_20_weeks", "Of these, later", 0},
    [FLOW_NO_PLAN] = {"refused_to_issue", "Refusals to issue a plan", 0},
    [FLOW_REVIEW_MEETINGS] = {"review_meetings", "Annual reviews held", EVENT_BIT(EV_REVIEW_MEETING)},
    [FLOW_REVIEWS_DECIDED] = {"reviews_decided", "Annual reviews decided", EVENTS_REVIEW_DECIDED},
    [FLOW_MAINTAIN] = {"maintain", "To maintain", EVENT_BIT(EV_REVIEW_DECIDED_MAINTAIN)},
    [FLOW_AMEND] = {"amend", "To amend", EVENT_BIT(EV_REVIEW_DECIDED_AMEND)},
    [FLOW_CEASE] = {"cease", "To cease", EVENT_BIT(EV_REVIEW_DECIDED_CEASE)},
    [FLOW_AMENDED] = {"plans_amended", "Amended plans sent", EVENT_BIT(EV_PLAN_AMENDED)},
    [FLOW_TRANSFER_PLANS] = {"transfer_plans", "Phase transfer plans sent", EVENT_BIT(EV_TRANSFER_PLAN_SENT)},
    [FLOW_TRANSFERRED_IN] = {"transferred_in", "Plans transferred in", EVENT_BIT(EV_PLAN_TRANSFERRED_IN)},
    [FLOW_TRANSFERRED_OUT] = {"transferred_out", "Plans transferred out", EVENT_BIT(EV_PLAN_TRANSFERRED_OUT)},
    [FLOW_CEASED] = {"ceased", "Plans ceased", EVENT_BIT(EV_PLAN_CEASED)},
    [FLOW_APPEALS] = {"appeals", "Appeals received", EVENT_BIT(EV_APPEAL_RECEIVED)},
};

/* --- periods ------------------------------------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    int months; /* 0: of seven days */
} periods[BY_COUNT] = {
    [BY_WEEK] = {"week", 0},
    [BY_MONTH] = {"month", 1},
    [BY_QUARTER] = {"quarter", 3},
    [BY_YEAR] = {"year", 12},
};

const char *flow_by_name(enum flow_by by)
{
    return periods[by].name;
}

enum flow_by flow_by_of(const char *name)
{
    int by = 0;
    while (by < BY_COUNT && strcmp(periods[by].name, name) != 0)
        by++;
    return (enum flow_by)by;
}

civil_day flow_period_first(enum flow_by by, civil_day d)
{
    const int months = periods[by].months;
    if (months == 0)
        return d - civil_weekday(d);
    const struct civil_ymd c = civil_to_ymd(d);
    return civil_from_ymd(c.year, (c.month - 1) / months * months + 1, 1);
}

civil_day flow_period_next(enum flow_by by, civil_day first)
{
    return periods[by].months == 0 ? first + 7 : civil_add_months(first, periods[by].months);
}

char *flow_period_name(enum flow_by by, civil_day first, char out[FLOW_PERIOD_LEN])
{
    const struct civil_ymd c = civil_to_ymd(first);
    const struct civil_week w = civil_to_week(first);
    switch (by) {
    case BY_WEEK:
        snprintf(out, FLOW_PERIOD_LEN, "%04d-W%02d", w.year, w.week);
        break;
    case BY_MONTH:
        snprintf(out, FLOW_PERIOD_LEN, "%04d-%02d", c.year, c.month);
        break;
    case BY_QUARTER:
        snprintf(out, FLOW_PERIOD_LEN, "%04d-Q%d", c.year, (c.month + 2) / 3);
        break;
    default:
        snprintf(out, FLOW_PERIOD_LEN, "%04d", c.year);
        break;
    }
    return out;
}

/* --- counting ------------------------------------------------------------------------------------------------------------ */

struct flow *flow_new(const struct judge_how *how)
{
    struct flow *f = calloc(1, sizeof *f);
    if (f != NULL)
        f->how = how;
    return f;
}

void flow_free(struct flow *f)
{
    if (f == NULL)
        return;
    for (int i = 0; i < FLOW_YEARS; i++)
        free(f->year[i]);
    free(f);
}

/* The counts of a day, made if there are none; NULL: out of memory. */
static uint32_t *day_of(struct flow *f, civil_day on)
{
    const int year = civil_to_ymd(on).year;
    struct flow_year **y = &f->year[year - 1900];
    if (*y == NULL)
        *y = calloc(1, sizeof **y);
    return *y != NULL ? (*y)->day[on - civil_from_ymd(year, 1, 1)] : NULL;
}

static bool step(struct flow *f, enum flow_what what, civil_day on)
{
    if (on == CIVIL_NONE)
        return true;
    uint32_t *n = day_of(f, on);
    if (n == NULL)
        return false;
    n[what]++;
    return true;
}

static bool events(struct flow *f, const struct case_facts *cf)
{
    uint64_t counted = 0;
    for (int i = 0; i < FLOW_COUNT; i++)
        counted |= flow_rules[i].events;
    for (size_t k = 0; k < cf->n && cf->facts[k].on <= f->how->as_of; k++) {
        const uint64_t bit = EVENT_BIT(cf->facts[k].event);
        if ((bit & counted) == 0)
            continue;
        uint32_t *n = day_of(f, cf->facts[k].on);
        if (n == NULL)
            return false;
        for (int i = 0; i < FLOW_COUNT; i++)
            n[i] += (flow_rules[i].events & bit) != 0;
    }
    return true;
}

/* Whether the request was withdrawn on the day on which it was over. */
static bool withdrawn(const struct case_facts *cf, civil_day on)
{
    for (size_t i = 0; (cf->present & EVENT_BIT(EV_REQUEST_WITHDRAWN)) != 0 && i < cf->n; i++)
        if (cf->facts[i].event == EV_REQUEST_WITHDRAWN && cf->facts[i].on == on)
            return true;
    return false;
}

bool flow_visit(void *ud, const struct case_seen *seen)
{
    struct flow *f = ud;
    const struct case_steps c = seen->assessment->steps;
    const bool in_time = c.issued != CIVIL_NONE && c.issued - c.start <= 140;
    const civil_day gone = c.over != CIVIL_NONE && withdrawn(seen->facts, c.over) ? c.over : CIVIL_NONE;
    return step(f, FLOW_REQUESTS, c.start) && step(f, FLOW_WITHDRAWN, gone) &&
           step(f, c.refused ? FLOW_REFUSED : FLOW_AGREED, c.decided) && step(f, FLOW_DRAFTS, c.draft) &&
           step(f, FLOW_PLANS, c.issued) &&
           step(f, in_time ? FLOW_PLANS_IN_20W : FLOW_PLANS_OVER_20W, c.issued) &&
           step(f, FLOW_NO_PLAN, c.no_plan) && events(f, seen->facts);
}

int flow_finish(struct flow *f)
{
    (void)f;
    return 0;
}

/* --- rows ---------------------------------------------------------------------------------------------------------------- */

void flow_sum(const struct flow *f, civil_day from, civil_day to, uint64_t sum[FLOW_COUNT])
{
    memset(sum, 0, FLOW_COUNT * sizeof sum[0]);
    from = from > CIVIL_FIRST ? from : CIVIL_FIRST;
    to = to < CIVIL_LAST ? to : CIVIL_LAST;
    for (civil_day year_end; from <= to; from = year_end + 1) {
        const int year = civil_to_ymd(from).year;
        const civil_day first = civil_from_ymd(year, 1, 1);
        const struct flow_year *y = f->year[year - 1900];
        year_end = civil_from_ymd(year, 12, 31);
        for (civil_day d = from; y != NULL && d <= to && d <= year_end; d++)
            for (int i = 0; i < FLOW_COUNT; i++)
                sum[i] += y->day[d - first][i];
    }
}

struct flow_row *flow_rows(const struct flow *f, enum flow_by by, civil_day from, civil_day to, size_t *n)
{
    size_t cap = 0;
    *n = 0;
    for (civil_day d = flow_period_first(by, from); d <= to; d = flow_period_next(by, d))
        cap++;
    struct flow_row *rows = from <= to ? calloc(cap, sizeof *rows) : NULL;
    if (rows == NULL)
        return NULL;
    for (civil_day d = flow_period_first(by, from); d <= to; d = flow_period_next(by, d)) {
        struct flow_row *r = &rows[(*n)++];
        const civil_day last = flow_period_next(by, d) - 1;
        r->first = d;
        r->from = d > from ? d : from;
        r->to = last < to ? last : to;
        r->whole = r->from == d && r->to == last && last <= f->how->as_of;
        flow_sum(f, r->from, r->to, r->n);
    }
    return rows;
}
