#include "clearance_paper.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "forecast_paper.h"

static const struct cell none = {.type = CELL_NONE};

/* Days as weeks. */
static struct cell weeks(int64_t days)
{
    return cell_number((double)days / 7);
}

/* --- policies -------------------------------------------------------------------------------------------------------- */

static const struct column policy_columns[] = {
    {"policy", "Policy", CELL_TEXT, 10, 0},
    {"save", "Kept for those in time", CELL_SHARE, 8, 2},
    {"chosen", "Chosen", CELL_BOOL, 8, 0},
    {"issued", "Plans", CELL_INT, 8, 0},
    {"in_time", "In 20 weeks", CELL_INT, 8, 0},
    {"in_time_share", "Share in 20 weeks", CELL_SHARE, 8, 4},
    {"year_in_time_share", "Published figure, last 52 weeks", CELL_SHARE, 8, 4},
    {"open", "Open at the end", CELL_INT, 8, 0},
    {"overdue", "Over 20 weeks", CELL_INT, 8, 0},
    {"over_52", "Over 52 weeks", CELL_INT, 8, 0},
    {"longest_wait_weeks", "Longest wait, weeks", CELL_NUMBER, 8, 1},
    {"longest_held_weeks", "Longest wait of those that could be finished, weeks", CELL_NUMBER, 8, 1},
    {"mean_wait_weeks", "Mean wait of a plan, weeks", CELL_NUMBER, 8, 1},
    {"p90_wait_weeks", "90% of plans within weeks", CELL_NUMBER, 8, 1},
};

static void policy_cell(const void *ud, size_t row, size_t column, struct cell *out)
{
    const struct clearance_paper *p = ud;
    const struct clearance_run *r = p->rows[row];
    const struct clearance_week *w = &r->week[p->plan->ask.weeks];
    const struct clearance_run *chosen = &p->plan->runs[p->plan->ask.policy];
    const int saves = chosen->policy == CLEARANCE_OLDEST    ? 0
                      : chosen->policy == CLEARANCE_NEAREST ? 100
                                                            : chosen->save;
    const struct cell cells[] = {
        cell_text(clearance_policy_name(r->save == 0     ? CLEARANCE_OLDEST
                                        : r->save == 100 ? CLEARANCE_NEAREST
                                                         : CLEARANCE_MIX)),
        cell_share(r->save / 100.),
        cell_bool(r->save == saves),
        cell_int(r->issued),
        cell_int(r->in_time),
        cell_ratio(r->in_time, r->issued),
        cell_ratio(w->year_in_time, w->year_issued),
        cell_int(w->open),
        cell_int(w->overdue),
        cell_int(w->over_52),
        weeks(w->longest_days),
        weeks(w->longest_held_days),
        r->issued > 0 ? weeks(r->mean_days) : none,
        r->issued > 0 ? weeks(r->p90_days) : none,
    };
    *out = cells[column];
}

/* The frontier, and the share asked for where it is none of its own. */
static void list_policies(struct clearance_paper *p)
{
    const struct clearance_run *mix = &p->plan->runs[CLEARANCE_MIX];
    for (size_t i = 0; i < CLEARANCE_SHARES; i++) {
        if (i > 0 && mix->save > p->plan->frontier[i - 1].save && mix->save < p->plan->frontier[i].save)
            p->rows[p->n_rows++] = mix;
        p->rows[p->n_rows++] = &p->plan->frontier[i];
    }
}

/* --- weeks ----------------------------------------------------------------------------------------------------------- */

static const struct column week_columns[] = {
    {"policy", "Policy", CELL_TEXT, 10, 0},
    {"week", "Week", CELL_INT, 6, 0},
    {"ends_on", "Ends on", CELL_DATE, 11, 0},
    {"capacity", "Capacity", CELL_INT, 8, 0},
    {"arrivals", "Requests", CELL_INT, 8, 0},
    {"without_plan", "End without a plan", CELL_INT, 8, 0},
    {"issued", "Plans", CELL_INT, 8, 0},
    {"in_time", "In 20 weeks", CELL_INT, 8, 0},
    {"in_time_share", "Share in 20 weeks", CELL_SHARE, 8, 4},
    {"year_in_time_share", "Published figure, last 52 weeks", CELL_SHARE, 8, 4},
    {"open", "Open", CELL_INT, 8, 0},
    {"overdue", "Over 20 weeks", CELL_INT, 8, 0},
    {"over_52", "Over 52 weeks", CELL_INT, 8, 0},
    {"longest_wait_weeks", "Longest wait, weeks", CELL_NUMBER, 8, 1},
    {"longest_held_weeks", "Longest wait of those that could be finished, weeks", CELL_NUMBER, 8, 1},
};

static void week_cell(const void *ud, size_t row, size_t column, struct cell *out)
{
    const struct clearance_paper *p = ud;
    const size_t n = (size_t)p->plan->ask.weeks + 1, week = row % n;
    const struct clearance_run *r = &p->plan->runs[row / n];
    const struct clearance_week *w = &r->week[week];
    const bool now = week == 0;
    const struct cell cells[] = {
        cell_text(clearance_policy_name(r->policy)),
        cell_int((int64_t)week),
        cell_date(p->plan->as_of + 7 * (civil_day)week),
        now ? none : cell_int(w->capacity),
        now ? none : cell_int(w->arrivals),
        now ? none : cell_int(w->without_plan),
        now ? none : cell_int(w->issued),
        now ? none : cell_int(w->in_time),
        cell_ratio(w->in_time, w->issued),
        cell_ratio(w->year_in_time, w->year_issued),
        cell_int(w->open),
        cell_int(w->overdue),
        cell_int(w->over_52),
        weeks(w->longest_days),
        weeks(w->longest_held_days),
    };
    *out = cells[column];
}

/* --- needs ----------------------------------------------------------------------------------------------------------- */

static const struct column need_columns[] = {
    {"need", "What for", CELL_TEXT, 12, 0},
    {"plans_a_week", "Plans a week", CELL_NUMBER, 8, 1},
    {"meaning", "Meaning", CELL_TEXT, 60, 0},
};

static void need_cell(const void *ud, size_t row, size_t column, struct cell *out)
{
    const struct clearance_paper *p = ud;
    const struct clearance *c = p->plan;
    const struct {
        const char *name;
        double plans;
        const char *meaning;
    } needs[] = {
        {"capacity", c->ask.capacity_milli / 1000., "what is counted with here"},
        {"recent", c->recent_plans / (double)CLEARANCE_RATE_WEEKS, "issued in the last 8 weeks, a week"},
        {"keep_up", c->need_milli / 1000.,
         "of the requests that come in a week, those that will need a plan"},
        {"clear", c->clear_capacity,
         "to have nobody overdue in the end who could have been finished, with what comes in meanwhile"},
    };
    const struct cell cells[] = {cell_text(needs[row].name), cell_number(needs[row].plans),
                                 cell_text(needs[row].meaning)};
    *out = cells[column];
}

/* --- the coming week ------------------------------------------------------------------------------------------------- */

static const struct column case_columns[] = {
    {"rank", "Order", CELL_INT, 5, 0},
    {"case_ref", "Case", CELL_CASE, 14, 0},
    {"why", "Why", CELL_TEXT, 8, 0},
    {"reason", "Reason", CELL_TEXT, 50, 0},
    {"request_on", "Requested on", CELL_DATE, 11, 0},
    {"due_on", "Due on", CELL_DATE, 11, 0},
    {"weeks_waiting", "Weeks waiting", CELL_NUMBER, 8, 1},
    {"stage", "Stage", CELL_TEXT, 20, 0},
    {"since", "In it since", CELL_DATE, 11, 0},
    {"exception_claimed", "Exception claimed", CELL_BOOL, 8, 0},
    {"locality", "Locality", CELL_TEXT, 20, 0},
    {"team", "Team", CELL_TEXT, 14, 0},
    {"officer", "Officer", CELL_TEXT, 14, 0},
};

static const char *reason(const struct clearance_pick *k, civil_day as_of, char *out, size_t cap)
{
    char day[32];
    const int waited = (as_of - k->course->request) / 7;
    civil_words(k->due, day, sizeof day);
    if (k->why == CLEARANCE_SAVED && k->course->ordered)
        snprintf(out, cap, "can still be in time for the Tribunal's order, due on %s", day);
    else if (k->why == CLEARANCE_SAVED)
        snprintf(out, cap, "can still be in time: the 20 weeks end on %s", day);
    else
        snprintf(out, cap, "has waited %d weeks: the longest wait comes first", waited);
    return out;
}

static void case_cell(const void *ud, size_t row, size_t column, struct cell *out)
{
    const struct clearance_paper *p = ud;
    const struct clearance_pick *k = &p->plan->picks[row];
    const struct course *c = k->course;
    const struct words *w = p->snapshot->words;
    const struct chunk *chunk = p->snapshot->slot[c->slot].chunk;
    struct record_case head;
    char *text = ((struct clearance_paper *)(uintptr_t)ud)->text;
    record_head(chunk->data + chunk->offset[c->at], &head);
    if (column == 3)
        reason(k, p->plan->as_of, text, sizeof p->text);
    if (column == 7)
        stage_words(text, sizeof p->text, &p->pipeline->stages[c->stage]);
    const struct cell cells[] = {
        cell_int((int64_t)row + 1),
        cell_case(head.ref, head.ref_len),
        cell_text(k->why == CLEARANCE_SAVED ? "saved" : "waited"),
        cell_text(text),
        cell_date(c->request),
        cell_date(k->due),
        weeks(p->plan->as_of - c->request),
        cell_text(text),
        cell_date(c->since),
        cell_bool(c->claimed),
        cell_text(names_text(w->places, c->locality)),
        cell_text(names_text(w->places, c->team)),
        cell_text(names_text(w->places, c->officer)),
    };
    *out = cells[column];
}

/* --- all of it ------------------------------------------------------------------------------------------------------- */

static const struct table tables[CLEARANCE_TABLES] = {
    {.name = "policies", .title = "The balance", TABLE_COLUMNS(policy_columns), .cell = policy_cell},
    {.name = "by_week", .title = "Week by week", TABLE_COLUMNS(week_columns), .cell = week_cell},
    {.name = "needs",
     .title = "What would be enough",
     TABLE_COLUMNS(need_columns),
     .n_rows = 4,
     .cell = need_cell},
    {.name = "cases", .title = "The coming week", TABLE_COLUMNS(case_columns), .cell = case_cell},
};

static void clearance_paper_free(struct paper *paper)
{
    struct clearance_paper *p = (struct clearance_paper *)paper;
    clearance_free(p->plan);
    free(p);
}

static void tell_facts(struct clearance_paper *p)
{
    const struct clearance *c = p->plan;
    const struct table_fact facts[CLEARANCE_FACTS] = {
        {"policy", "Policy", 0, cell_text(clearance_policy_name(c->ask.policy))},
        {"save", "Kept for those in time", 2, cell_share(c->ask.save / 100.)},
        {"weeks", "Weeks", 0, cell_int(c->ask.weeks)},
        {"capacity", "Plans a week", 3, cell_number(c->ask.capacity_milli / 1000.)},
        {"recent_plans", "Plans in the last 8 weeks", 0, cell_int(c->recent_plans)},
        {"arrivals", "Requests a week", 3, cell_number(c->ask.arrivals_milli / 1000.)},
        {"recent_requests", "Requests in the last 8 weeks", 0, cell_int(c->recent_requests)},
        {"keep_up", "Plans a week to keep up", 3, cell_number(c->need_milli / 1000.)},
        {"clear", "Plans a week to clear", 0, cell_int(c->clear_capacity)},
        {"open", "Open", 0, cell_int(c->open)},
        {"open_again", "Of these, taken up again after a refusal", 0, cell_int(c->again)},
        {"overdue", "Over 20 weeks", 0, cell_int(c->overdue)},
        {"ready", "Can be finished in the coming week", 0, cell_int(c->ready)},
        {"leaving", "Taken to end without a plan", 0, cell_int(c->leaving)},
        {"lead_days", "Days to the earliest plan, of half of the requests", 0, cell_int(c->lead_days)},
    };
    memcpy(p->facts, facts, sizeof facts);
    p->tables[0].facts = p->facts;
    p->tables[0].n_facts = CLEARANCE_FACTS;
}

struct clearance_paper *clearance_paper_new(struct clearance *plan, const struct pipeline *pipeline,
                                            const struct snapshot *s)
{
    struct clearance_paper *p = plan != NULL ? calloc(1, sizeof *p) : NULL;
    if (p == NULL) {
        clearance_free(plan);
        return NULL;
    }
    p->paper = (struct paper){.name = "clearance",
                              .title = "The clearance plan",
                              .tables = p->tables,
                              .n = CLEARANCE_TABLES,
                              .words = clearance_words,
                              .free = clearance_paper_free};
    p->plan = plan;
    p->pipeline = pipeline;
    p->snapshot = s;
    for (size_t i = 0; i < CLEARANCE_TABLES; i++) {
        p->tables[i] = tables[i];
        p->tables[i].ud = p;
    }
    return p;
}

int clearance_paper_step(struct paper *paper)
{
    struct clearance_paper *p = (struct clearance_paper *)paper;
    const int more = clearance_step(p->plan);
    if (more != 0 || p->n_rows > 0)
        return more;
    list_policies(p);
    p->tables[CLEARANCE_TABLE_POLICIES].n_rows = p->n_rows;
    p->tables[CLEARANCE_TABLE_WEEKS].n_rows = CLEARANCE_POLICIES * ((size_t)p->plan->ask.weeks + 1);
    p->tables[CLEARANCE_TABLE_CASES].n_rows = p->plan->n_picks;
    tell_facts(p);
    return 0;
}
