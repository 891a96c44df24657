#include "trend_paper.h"

#include <stdio.h>
#include <stdlib.h>

#include "plain.h"

enum { WEEK, DAY, OVERDUE, CHANGE, PLANS, NEW, DONE, MISSED, COLUMNS };
enum { F_WEEKS, F_OVERDUE, F_CHANGE, FACTS };

struct row {
    bool known; /* counted */
    bool other; /* under other limits than the one that was counted before it */
    struct trend_sum sum;
    bool has_change;
    int64_t change; /* on the week before */
    uint32_t fell, done, missed;
};

struct trend_paper {
    struct paper paper;
    struct table table;
    struct table_fact facts[FACTS];
    int plan; /* the limit; -1: none */
    civil_day first, as_of;
    size_t n_known;
    bool officers; /* some are asked for: nothing is kept of them */
    char week[9];  /* of the cell that is being read */
    struct row rows[TREND_WEEKS];
};

static const struct column columns[COLUMNS] = {
    [WEEK] = {"week", "Week", CELL_TEXT, 10, 0},
    [DAY] = {"day", "Counted on", CELL_DATE, 12, 0},
    [OVERDUE] = {"overdue_without_exceptions", "Overdue, without exceptions", CELL_INT, 12, 0},
    [CHANGE] = {"change", "More or fewer than the week before", CELL_INT, 12, 0},
    [PLANS] = {"plans_overdue", "Of these, final plans", CELL_INT, 11, 0},
    [NEW] = {"new", "Newly overdue", CELL_INT, 10, 0},
    [DONE] = {"done_late", "Done late", CELL_INT, 10, 0},
    [MISSED] = {"missed", "Missed for good", CELL_INT, 10, 0},
};

static const char *week_name(char out[9], civil_day monday)
{
    const struct civil_week w = civil_to_week(monday);
    snprintf(out, 9, "%04u-W%02u", (unsigned)w.year % 10000, (unsigned)w.week % 100);
    return out;
}

static void trend_cell(const void *ud, size_t row, size_t column, struct cell *out)
{
    struct trend_paper *p = (struct trend_paper *)(uintptr_t)ud; /* for the text of a week */
    const struct row *r = &p->rows[row];
    *out = (struct cell){.type = CELL_NONE};
    if (column == WEEK)
        *out = cell_text(week_name(p->week, p->first + 7 * (civil_day)row));
    else if (column == DAY)
        *out = cell_date(r->known ? r->sum.day : CIVIL_NONE);
    else if (column == OVERDUE && r->known)
        *out = cell_int((int64_t)r->sum.overdue);
    else if (column == CHANGE && r->has_change)
        *out = cell_int(r->change);
    else if (column == PLANS && r->known && p->plan >= 0 && (r->sum.limits & LIMIT_BIT(p->plan)) != 0)
        *out = cell_int((int64_t)r->sum.plans);
    else if (column >= NEW)
        *out = cell_int(column == NEW ? r->fell : column == DONE ? r->done : r->missed);
}

/* --- words --------------------------------------------------------------------------------------------------------------- */

static void say_now(struct buf *b, const struct trend_paper *p)
{
    const struct row *now = &p->rows[TREND_WEEKS - 1];
    size_t before = 0;
    char day[32];
    buf_printf(b, "%s time limit%s overdue without an exception", COUNT(now->sum.overdue),
               now->sum.overdue == 1 ? " is" : "s are");
    while (before < TREND_WEEKS - 1 &&
           (!p->rows[before].known || p->rows[before].sum.limits != now->sum.limits))
        before++;
    if (before < TREND_WEEKS - 1)
        buf_printf(b, "; on %s it was %s", civil_words(p->rows[before].sum.day, day, sizeof day),
                   COUNT(p->rows[before].sum.overdue));
    if (now->has_change && now->change == 0)
        buf_text(b, "; as many as a week ago");
    else if (now->has_change)
        buf_printf(b, "; %s %s than a week ago", COUNT(now->change < 0 ? -now->change : now->change),
                   now->change < 0 ? "fewer" : "more");
    buf_text(b, ".\n");
}

static void say_other(struct buf *b, const struct trend_paper *p)
{
    for (size_t i = 0; i < TREND_WEEKS; i++) {
        char week[9];
        if (p->rows[i].other)
            buf_printf(b,
                       "In week %s the time limits under watch were changed: counts before and after it are "
                       "not of the same limits.\n",
                       week_name(week, p->first + 7 * (civil_day)i));
    }
}

static void trend_words(struct buf *b, const struct paper *paper)
{
    const struct trend_paper *p = (const struct trend_paper *)paper;
    say_now(b, p);
    if (p->officers)
        buf_text(b, "No history is kept of single officers: what was overdue in the weeks before is shown by "
                    "team and locality.\n");
    else if (p->n_known == 1)
        buf_text(b, "Nothing was counted in the weeks before.\n");
    say_other(b, p);
    buf_text(b, "What is overdue was counted on the last evaluated day of each week and is kept as it was "
                "counted then. What fell overdue, was done late or missed for good is told by the dates in "
                "the cases as they are known now, so that the two need not add up: facts are recorded late "
                "and corrected.\n");
}

/* --- making it ----------------------------------------------------------------------------------------------------------- */

static void take_kept(struct trend_paper *p, const struct trend *kept, const struct case_places *places)
{
    struct trend_sum sums[TREND_WEEKS];
    const civil_day monday = p->as_of - civil_weekday(p->as_of);
    size_t n = trend_sums(kept, places, monday, sums);
    for (size_t i = 0; i < n; i++) {
        if (sums[i].day < p->first)
            continue;
        struct row *r = &p->rows[(sums[i].day - p->first) / 7];
        r->known = true;
        r->sum = sums[i];
    }
}

static void take_now(struct trend_paper *p, const struct overdue *now)
{
    struct row *r = &p->rows[TREND_WEEKS - 1];
    r->known = true;
    r->sum = (struct trend_sum){
        .day = p->as_of, .limits = now->statutory, .overdue = now->all.overdue - now->all.excepted};
    if (p->plan >= 0)
        r->sum.plans = now->limit[p->plan].overdue - now->limit[p->plan].excepted;
}

static void compare(struct trend_paper *p)
{
    const struct row *before = NULL;
    for (size_t i = 0; i < TREND_WEEKS; i++) {
        struct row *r = &p->rows[i];
        if (!r->known)
            continue;
        p->n_known++;
        r->other = before != NULL && before->sum.limits != r->sum.limits;
        r->has_change = before == r - 1 && before != NULL && !r->other;
        if (r->has_change)
            r->change = (int64_t)r->sum.overdue - (int64_t)before->sum.overdue;
        before = r;
    }
}

static void trend_paper_free(struct paper *paper)
{
    free((struct trend_paper *)paper);
}

struct paper *trend_paper_new(const struct trend *kept, const struct case_places *places,
                              const struct overdue *now, const struct turnover *turnover)
{
    struct trend_paper *p = calloc(1, sizeof *p);
    if (p == NULL)
        return NULL;
    p->plan = rulebook_find(now->how->rulebook, "final_plan_20w");
    p->as_of = now->how->as_of;
    p->first = trend_first(p->as_of);
    p->officers = places->officers.n > 0;
    take_kept(p, kept, places);
    take_now(p, now);
    compare(p);
    for (size_t i = 0; i < TREND_WEEKS; i++) {
        p->rows[i].fell = turnover->fell[i];
        p->rows[i].done = turnover->done[i];
        p->rows[i].missed = turnover->missed[i];
    }
    const struct row *last = &p->rows[TREND_WEEKS - 1];
    p->facts[F_WEEKS] =
        (struct table_fact){"weeks_counted", "Weeks that were counted", 0, cell_int((int64_t)p->n_known)};
    p->facts[F_OVERDUE] = (struct table_fact){"overdue_without_exceptions", "Overdue, without exceptions", 0,
                                              cell_int((int64_t)last->sum.overdue)};
    p->facts[F_CHANGE] =
        (struct table_fact){"change", "More or fewer than the week before", 0,
                            last->has_change ? cell_int(last->change) : (struct cell){.type = CELL_NONE}};
    p->table = (struct table){.name = "trend",
                              .title = "Overdue, week by week",
                              TABLE_COLUMNS(columns),
                              .n_rows = TREND_WEEKS,
                              .cell = trend_cell,
                              .ud = p,
                              .facts = p->facts,
                              .n_facts = FACTS};
    p->paper = (struct paper){"trend", p->table.title, &p->table, 1, trend_words, trend_paper_free};
    return &p->paper;
}
