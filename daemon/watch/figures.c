#include "figures.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const struct figure_rule figure_rules[FIGURE_COUNT] = {
    [FIGURE_PLANS] = {"plans_20w", "Plans issued within 20 weeks", "final_plan_20w", 140,
                      EVENT_BIT(EV_PLAN_ISSUED)},
    [FIGURE_DECISIONS] = {"decisions_6w", "Decisions whether to assess within 6 weeks", "assess_decision_6w",
                          42, EVENT_BIT(EV_ASSESS_AGREED) | EVENT_BIT(EV_ASSESS_REFUSED)},
    [FIGURE_REFUSALS] = {"refusals_16w", "Refusals to issue a plan within 16 weeks", "issue_decision_16w",
                         112, EVENT_BIT(EV_ISSUE_REFUSED)},
    [FIGURE_REVIEWS] = {"reviews_4w", "Review decisions within 4 weeks of the meeting", "review_decision_4w",
                        28, EVENTS_REVIEW_DECIDED},
    [FIGURE_TRANSFERS_15FEB] = {"transfers_15feb", "Phase transfers before 15 February",
                                "phase_transfer_15feb", 0, EVENT_BIT(EV_TRANSFER_PLAN_SENT)},
    [FIGURE_TRANSFERS_31MAR] = {"transfers_31mar", "Post-16 transfers before 31 March",
                                "phase_transfer_31mar", 0, EVENT_BIT(EV_TRANSFER_PLAN_SENT)},
};

struct figures *figures_new(const struct judge_how *how, uint64_t seen)
{
    struct figures *f = calloc(1, sizeof *f);
    if (f == NULL)
        return NULL;
    f->how = how;
    f->rolling.from = how->as_of - 364;
    f->rolling.to = how->as_of;
    memset(f->figure_of, -1, sizeof f->figure_of);
    for (int i = 0; i < FIGURE_COUNT; i++) {
        int limit = rulebook_find(how->rulebook, figure_rules[i].limit);
        if (limit >= 0)
            f->figure_of[limit] = (int8_t)i;
        f->recorded[i] = (figure_rules[i].closes & seen) != 0;
    }
    return f;
}

static void free_period(struct figure_period *p)
{
    for (int i = 0; i < AGE_SETS; i++)
        day_counts_free(&p->set[i].issued);
}

void figures_free(struct figures *f)
{
    if (f == NULL)
        return;
    for (int i = 0; i < FIGURE_YEARS; i++)
        if (f->year[i] != NULL) {
            free_period(f->year[i]);
            free(f->year[i]);
        }
    free_period(&f->rolling);
    day_counts_free(&f->open);
    day_counts_free(&f->overdue);
    free(f->periods);
    free(f);
}

/* --- what is published --------------------------------------------------------------------------------------------------- */

/* Something that ended, in time or not. */
struct closing {
    enum figure figure;
    civil_day on;
    int days; /* of plans: since the request */
    bool in_time, excepted;
};

static int age_set(civil_day born, civil_day on)
{
    int age = age_band(born, on);
    return age == NO_BAND ? AGE_UNKNOWN : age;
}

static bool add(struct figure_set *s, const struct closing *c)
{
    s->figure[c->figure].counted++;
    s->figure[c->figure].in_time += c->in_time;
    s->figure[c->figure].excepted += c->excepted;
    if (c->figure != FIGURE_PLANS)
        return true;
    int wait = c->days <= 140 ? WAIT_20 : c->days <= 364 ? WAIT_52 : WAIT_LONGER;
    s->waits[wait]++;
    return day_counts_add(&s->issued, c->days);
}

static struct figure_period *year_of(struct figures *f, int year)
{
    struct figure_period **p = &f->year[year - 1900];
    if (*p == NULL && (*p = calloc(1, sizeof **p)) != NULL) {
        civil_day last = civil_from_ymd(year, 12, 31);
        (*p)->year = year;
        (*p)->from = civil_from_ymd(year, 1, 1);
        (*p)->to = last < f->how->as_of ? last : f->how->as_of;
    }
    return *p;
}

static bool count(struct figures *f, civil_day born, const struct closing *c)
{
    struct figure_period *year = year_of(f, civil_to_ymd(c->on).year);
    int age = age_set(born, c->on);
    if (year == NULL || !add(&year->set[ALL_AGES], c) || !add(&year->set[age], c))
        return false;
    struct figure_period *r = &f->rolling;
    return c->on < r->from || (add(&r->set[ALL_AGES], c) && add(&r->set[age], c));
}

/* Its first day, by the request's clock. */
static bool count_step(struct figures *f, civil_day born, enum figure figure, civil_day start, civil_day on,
                       bool excepted)
{
    if (on == CIVIL_NONE)
        return true;
    const struct closing c = {figure, on, on - start, on - start <= figure_rules[figure].days, excepted};
    return count(f, born, &c);
}

/* The plan of a late obligation that an exception covers. */
static bool plan_excepted(const struct figures *f, const struct case_seen *seen, civil_day issued)
{
    for (size_t i = 0; i < seen->n; i++) {
        const struct obligation *o = &seen->obligations[i];
        if (f->figure_of[o->limit] == FIGURE_PLANS && o->state == STATE_EXCEPTED && o->closed == issued)
            return true;
    }
    return false;
}

static bool count_request(struct figures *f, const struct case_seen *seen)
{
    const civil_day born = seen->head->born;
    const struct case_steps c = seen->assessment->steps;
    if (c.issued == CIVIL_NONE && (seen->facts->present & EVENT_BIT(EV_PLAN_ISSUED)) != 0)
        f->plans_without_request++;
    return count_step(f, born, FIGURE_DECISIONS, c.start, c.decided, false) &&
           count_step(f, born, FIGURE_REFUSALS, c.start, c.no_plan, false) &&
           count_step(f, born, FIGURE_PLANS, c.start, c.issued,
                      c.issued != CIVIL_NONE && plan_excepted(f, seen, c.issued));
}

/* The day of each decision against the last meeting on or before it, which none before it has taken. The order of a day's facts is that
 * of their names: its decisions come before its meetings. */
static bool count_reviews(struct figures *f, const struct case_seen *seen)
{
    const struct case_facts *cf = seen->facts;
    civil_day meeting = CIVIL_NONE;
    if ((cf->present & EVENTS_REVIEW_DECIDED) == 0)
        return true;
    for (size_t i = 0, end; i < cf->n && cf->facts[i].on <= f->how->as_of; i = end) {
        const civil_day on = cf->facts[i].on;
        uint64_t day = 0;
        for (end = i; end < cf->n && cf->facts[end].on == on; end++)
            day |= EVENT_BIT(cf->facts[end].event);
        if ((day & EVENT_BIT(EV_REVIEW_MEETING)) != 0)
            meeting = on;
        if ((day & EVENTS_REVIEW_DECIDED) == 0 || meeting == CIVIL_NONE)
            continue;
        if (!count_step(f, seen->head->born, FIGURE_REVIEWS, meeting, on, false))
            return false;
        meeting = CIVIL_NONE;
    }
    return true;
}

/* --- what is open ---------------------------------------------------------------------------------------------------------- */

static void add_open(struct figure_open *n, const struct obligation *o)
{
    n->open++;
    n->overdue += o->state == STATE_BREACHED || o->state == STATE_EXCEPTED;
    n->excepted += o->state == STATE_EXCEPTED;
}

static bool count_open(struct figures *f, const struct case_seen *seen, const struct obligation *o)
{
    const civil_day as_of = f->how->as_of;
    const enum figure figure = (enum figure)f->figure_of[o->limit];
    add_open(&f->now[figure], o);
    if (figure != FIGURE_PLANS)
        return true;
    const int days = as_of - o->start;
    add_open(&f->bands[weeks_band(days)], o);
    add_open(&f->ages[age_set(seen->head->born, as_of)], o);
    return day_counts_add(&f->open, days) &&
           ((o->state != STATE_BREACHED && o->state != STATE_EXCEPTED) || day_counts_add(&f->overdue, days));
}

static bool is_transfer(int figure)
{
    return figure == FIGURE_TRANSFERS_15FEB || figure == FIGURE_TRANSFERS_31MAR;
}

/* When its date is over: on the last lawful day nothing is late yet. */
static bool count_transfer(struct figures *f, const struct case_seen *seen, const struct obligation *o)
{
    if (o->due >= f->how->as_of || o->state == STATE_VOID)
        return true;
    const struct closing c = {(enum figure)f->figure_of[o->limit], o->due, 0, o->state == STATE_MET, false};
    return count(f, seen->head->born, &c);
}

static bool count_obligations(struct figures *f, const struct case_seen *seen)
{
    bool assessment = false;
    for (size_t i = 0; i < seen->n; i++) {
        const struct obligation *o = &seen->obligations[i];
        const int figure = f->figure_of[o->limit];
        const bool open = obligation_is_owed(o);
        if (figure < 0)
            continue;
        assessment |= open && figure == FIGURE_PLANS;
        if ((open && !count_open(f, seen, o)) || (is_transfer(figure) && !count_transfer(f, seen, o)))
            return false;
    }
    f->reopened += !assessment && (seen->facts->present & EVENTS_REQUEST) != 0 &&
                   (seen->stage == STAGE_REQUESTED || seen->stage == STAGE_ASSESSING);
    return true;
}

bool figures_visit(void *ud, const struct case_seen *seen)
{
    struct figures *f = ud;
    return count_request(f, seen) && count_reviews(f, seen) && count_obligations(f, seen);
}

/* --- in the end ------------------------------------------------------------------------------------------------------------ */

int figures_finish(struct figures *f)
{
    int first = 0, last = civil_to_ymd(f->how->as_of).year;
    while (first < last - 1900 && f->year[first] == NULL)
        first++;
    f->periods = calloc(FIGURE_YEARS + 1, sizeof(const struct figure_period *));
    if (f->periods == NULL)
        return -1;
    for (int year = first + 1900; year <= last; year++) {
        const struct figure_period *p = year_of(f, year);
        if (p == NULL)
            return -1;
        f->periods[f->n_periods++] = p;
    }
    f->periods[f->n_periods++] = &f->rolling;
    return 0;
}

const struct figure_period *figures_period(const struct figures *f, int year)
{
    for (size_t i = 0; i < f->n_periods; i++)
        if (f->periods[i]->year == year)
            return f->periods[i];
    return NULL;
}

double figures_with_overdue(const struct figures *f, const struct figure_period *p)
{
    uint32_t issued = p->set[ALL_AGES].figure[FIGURE_PLANS].counted;
    uint32_t all = issued + f->now[FIGURE_PLANS].overdue;
    return all > 0 ? p->set[ALL_AGES].figure[FIGURE_PLANS].in_time / (double)all : (double)NAN;
}
