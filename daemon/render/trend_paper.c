#include "trend_paper.h"

#include <stdio.h>
#include <stdlib.h>

#include "plain.h"
#include "worktime.h"

enum { WEEK, DAY, OBSERVED, OTHER, OVERDUE, CHANGE, PLANS, NEW, DONE, MISSED, COLUMNS };
enum { F_WEEKS, F_OVERDUE, F_CHANGE, FACTS };

struct row {
    bool known; /* counted */
    bool other; /* under other limits than the one that was counted before it */
    struct trend_sum sum;
    bool has_change;
    int64_t change; /* on the row before */
    uint32_t fell, done, missed;
};

struct trend_paper {
    struct paper paper;
    struct table table;
    struct table_fact facts[FACTS];
    int plan; /* the limit; -1: none */
    civil_day first, as_of;
    bool read;           /* the kept weeks */
    civil_day since;     /* from when on they would be there; CIVIL_NONE: from the first on */
    civil_day known_on;  /* some were counted on this day or later, and are left out; CIVIL_NONE: none were */
    size_t n_afterwards; /* worked out, and not observed */
    size_t n_known;
    bool officers; /* some are asked for: nothing is kept of them */
    char week[9];  /* of the cell that is being read */
    struct row rows[TREND_WEEKS];
};

static const struct column columns[COLUMNS] = {
    [WEEK] = {"week", "Week", CELL_TEXT, 10, 0},
    [DAY] = {"day", "Counted on", CELL_DATE, 12, 0},
    [OBSERVED] = {"observed", "Observed", CELL_BOOL, 10, 0},
    [OTHER] = {"limits_changed", "Time limits under watch changed", CELL_BOOL, 12, 0},
    [OVERDUE] = {"overdue_without_exceptions", "Overdue, without exceptions", CELL_INT, 12, 0},
    [CHANGE] = {"change", "More or fewer than at the end of the week before", CELL_INT, 14, 0},
    [PLANS] = {"plans_overdue", "Overdue final plans, without exceptions", CELL_INT, 14, 0},
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
    else if (column == OBSERVED && r->known && row < TREND_WEEKS - 1)
        *out = cell_bool(r->sum.observed);
    else if (column == OTHER && r->known)
        *out = cell_bool(r->other);
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
    if (before < TREND_WEEKS - (now->has_change ? 2 : 1))
        buf_printf(b, "; on %s it was %s", civil_words(p->rows[before].sum.day, day, sizeof day),
                   COUNT(p->rows[before].sum.overdue));
    if (now->has_change) {
        civil_words(now[-1].sum.day, day, sizeof day);
        if (now->change == 0)
            buf_printf(b, "; as many as on %s", day);
        else
            buf_printf(b, "; %s %s than on %s", COUNT(now->change < 0 ? -now->change : now->change),
                       now->change < 0 ? "fewer" : "more", day);
    }
    buf_text(b, ".");
}

static void say_other(struct buf *b, const struct trend_paper *p)
{
    size_t n = 0;
    char week[9];
    for (size_t i = 0; i < TREND_WEEKS; i++)
        if (p->rows[i].other)
            buf_printf(b, "%s%s", n++ == 0 ? " The time limits under watch were changed in week " : ", ",
                       week_name(week, p->first + 7 * (civil_day)i));
    if (n > 0)
        buf_text(b, ": counts before and after that are not of the same limits.");
}

/* What must be known to read the weeks: it stands with what is told first, and is not folded away. */
static void say_but(struct buf *b, const struct trend_paper *p)
{
    char day[32];
    if (p->officers)
        buf_text(b,
                 " No history is kept of single officers: what was overdue in the weeks before is shown by "
                 "team and locality.");
    else if (!p->read)
        buf_text(b, " The history could not be read yet: the weeks before are left out.");
    else if (p->since != CIVIL_NONE)
        buf_printf(b, " The weeks before %s are left out: /v1/history has them.",
                   civil_words(p->since, day, sizeof day));
    else if (p->n_known == 1 && p->known_on == CIVIL_NONE)
        buf_text(b, " Nothing was counted in the weeks before.");
    if (p->known_on != CIVIL_NONE)
        buf_printf(b, " What was counted from %s on is left out: more was known then than is asked for.",
                   civil_words(p->known_on, day, sizeof day));
    if (p->n_afterwards > 0)
        buf_printf(b, " %s of the weeks %s worked out afterwards.", COUNT(p->n_afterwards),
                   p->n_afterwards == 1 ? "was" : "were");
}

static void trend_words(struct buf *b, const struct paper *paper)
{
    const struct trend_paper *p = (const struct trend_paper *)paper;
    say_now(b, p);
    say_other(b, p);
    say_but(b, p);
    buf_text(b, "\nWhat is overdue was counted on the last evaluated day of each week and is kept as it was "
                "counted then. What fell overdue, was done late or missed for good is told by the dates in "
                "the cases as they are known now, so that the two need not add up: facts are recorded late "
                "and corrected.\n");
}

/* --- making it ----------------------------------------------------------------------------------------------------------- */

/* What was counted on the day of `known_at` or later knew more than was known then. */
static void take_kept(struct trend_paper *p, const struct trend *kept, const struct case_places *places,
                      int64_t known_at)
{
    const civil_day known_on = known_at == KNOWN_NOW ? p->as_of : worktime_local(known_at).day;
    struct trend_sum sums[TREND_WEEKS];
    const civil_day monday = p->as_of - civil_weekday(p->as_of);
    size_t n = trend_sums(kept, places, monday, sums);
    p->read = kept != NULL;
    p->since = kept != NULL && trend_since(kept) > p->first ? trend_since(kept) : CIVIL_NONE;
    p->known_on = CIVIL_NONE;
    for (size_t i = 0; i < n; i++) {
        if (sums[i].day < p->first)
            continue;
        if (sums[i].day >= known_on) {
            p->known_on = known_on;
            break;
        }
        struct row *r = &p->rows[(sums[i].day - p->first) / 7];
        r->known = true;
        r->sum = sums[i];
        p->n_afterwards += !sums[i].observed;
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
    take_kept(p, kept, places, now->how->known_at);
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
        (struct table_fact){"change", columns[CHANGE].title, 0,
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
