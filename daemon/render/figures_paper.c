#include "figures_paper.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "plain.h"

enum { PUBLISHED, ISSUED, AGE_TABLE, OPEN, TABLES };
enum { FACTS_MOST = 20, ROWS_A_PERIOD = FIGURE_COUNT + 1 };

struct figures_paper {
    struct paper paper;
    const struct figures *f;
    struct table tables[TABLES];
    struct table_fact facts[FACTS_MOST];
    char (*names)[16]; /* of the periods */
};

static const struct cell none = {.type = CELL_NONE};

static double share(uint64_t part, uint64_t whole)
{
    return whole > 0 ? (double)part / (double)whole : (double)NAN;
}

/* Whether the period goes on: then what is open now may stand beside it. */
static bool goes_on(const struct figures *f, const struct figure_period *p)
{
    return p->to == f->how->as_of;
}

/* --- published ----------------------------------------------------------------------------------------------------------- */

static const struct column published_columns[] = {
    {"period", "Period", CELL_TEXT, 10, 0},
    {"from_on", "From", CELL_DATE, 11, 0},
    {"to_on", "To", CELL_DATE, 11, 0},
    {"figure", "Figure", CELL_TEXT, 24, 0},
    {"title", "What is counted", CELL_TEXT, 46, 0},
    {"counted", "Counted", CELL_INT, 9, 0},
    {"in_time", "In time", CELL_INT, 9, 0},
    {"late", "Late", CELL_INT, 9, 0},
    {"share", "Share in time", CELL_SHARE, 9, 4},
    {"target", "Target: above", CELL_SHARE, 9, 2},
    {"target_met", "Target met", CELL_BOOL, 8, 0},
    {"open_now", "Open now", CELL_INT, 9, 0},
    {"overdue_now", "Overdue now", CELL_INT, 9, 0},
    {"overdue_now_without_exceptions", "Overdue now, without exceptions", CELL_INT, 12, 0},
};

/* Each figure, and behind the first the same without exceptions. */
static enum figure figure_of(size_t row, bool *without)
{
    const size_t i = row % ROWS_A_PERIOD;
    *without = i == FIGURE_PLANS + 1;
    return (enum figure)(i > FIGURE_PLANS ? i - 1 : i);
}

static void published_cell(const void *ud, size_t row, size_t column, struct cell *out)
{
    const struct figures_paper *p = ud;
    const struct figures *f = p->f;
    const size_t at = row / ROWS_A_PERIOD;
    const struct figure_period *period = f->periods[at];
    bool without;
    const enum figure figure = figure_of(row, &without);
    const uint32_t excepted = without ? period->set[ALL_AGES].figure[figure].excepted : 0;
    const uint32_t counted = period->set[ALL_AGES].figure[figure].counted - excepted;
    const uint32_t in_time = period->set[ALL_AGES].figure[figure].in_time;
    const double x = share(in_time, counted);
    const bool shown = f->recorded[figure], now = shown && goes_on(f, period);
    const struct figure_open *open = &f->now[figure];
    const struct cell cells[] = {
        cell_text(p->names[at]),
        cell_date(period->from),
        cell_date(period->to),
        cell_text(without ? "plans_20w_without_exceptions" : figure_rules[figure].id),
        cell_text(without ? "Plans issued within 20 weeks, without exceptions" : figure_rules[figure].title),
        shown ? cell_int(counted) : none,
        shown ? cell_int(in_time) : none,
        shown ? cell_int(counted - in_time) : none,
        shown ? cell_share(x) : none,
        cell_share(FIGURE_TARGET),
        shown && counted > 0 ? cell_bool(x > FIGURE_TARGET) : none,
        now ? cell_int(open->open - (without ? open->excepted : 0)) : none,
        now ? cell_int(open->overdue - (without ? open->excepted : 0)) : none,
        now ? cell_int(open->overdue - open->excepted) : none,
    };
    *out = cells[column];
}

/* --- issued -------------------------------------------------------------------------------------------------------------- */

static const struct column issued_columns[] = {
    {"period", "Period", CELL_TEXT, 10, 0},
    {"from_on", "From", CELL_DATE, 11, 0},
    {"to_on", "To", CELL_DATE, 11, 0},
    {"issued", "Plans issued", CELL_INT, 9, 0},
    {"in_20_weeks", "Within 20 weeks", CELL_INT, 9, 0},
    {"in_20_to_52_weeks", "20 to 52 weeks", CELL_INT, 9, 0},
    {"over_52_weeks", "Over 52 weeks", CELL_INT, 9, 0},
    {"share_20_weeks", "Share within 20 weeks", CELL_SHARE, 9, 4},
    {"share_20_to_52_weeks", "Share, 20 to 52 weeks", CELL_SHARE, 9, 4},
    {"share_over_52_weeks", "Share, over 52 weeks", CELL_SHARE, 9, 4},
    {"excepted", "Excepted", CELL_INT, 9, 0},
    {"share_20_weeks_without_exceptions", "Share within 20 weeks, without exceptions", CELL_SHARE, 12, 4},
    {"share_20_weeks_with_overdue", "Share within 20 weeks if the overdue were issued today", CELL_SHARE, 12,
     4},
    {"mean_weeks", "Mean weeks", CELL_NUMBER, 8, 1},
    {"median_weeks", "Median weeks", CELL_NUMBER, 8, 1},
    {"p90_weeks", "90% within weeks", CELL_NUMBER, 8, 1},
};

static void issued_cell(const void *ud, size_t row, size_t column, struct cell *out)
{
    const struct figures_paper *p = ud;
    const struct figure_period *period = p->f->periods[row];
    const struct figure_set *s = &period->set[ALL_AGES];
    const uint32_t n = s->figure[FIGURE_PLANS].counted, excepted = s->figure[FIGURE_PLANS].excepted;
    const struct cell cells[] = {
        cell_text(p->names[row]),
        cell_date(period->from),
        cell_date(period->to),
        cell_int(n),
        cell_int(s->waits[WAIT_20]),
        cell_int(s->waits[WAIT_52]),
        cell_int(s->waits[WAIT_LONGER]),
        cell_ratio(s->waits[WAIT_20], n),
        cell_ratio(s->waits[WAIT_52], n),
        cell_ratio(s->waits[WAIT_LONGER], n),
        cell_int(excepted),
        cell_ratio(s->waits[WAIT_20], n - excepted),
        goes_on(p->f, period) ? cell_share(figures_with_overdue(p->f, period)) : none,
        cell_number(day_counts_mean(&s->issued) / 7),
        cell_number(weeks_of(day_counts_percentile(&s->issued, 50))),
        cell_number(weeks_of(day_counts_percentile(&s->issued, 90))),
    };
    *out = cells[column];
}

/* --- ages ---------------------------------------------------------------------------------------------------------------- */

static const struct column age_columns[] = {
    {"period", "Period", CELL_TEXT, 10, 0},
    {"age", "Age", CELL_TEXT, 10, 0},
    {"issued", "Plans issued", CELL_INT, 9, 0},
    {"in_20_weeks", "Within 20 weeks", CELL_INT, 9, 0},
    {"share_20_weeks", "Share within 20 weeks", CELL_SHARE, 9, 4},
    {"share_20_weeks_without_exceptions", "Share within 20 weeks, without exceptions", CELL_SHARE, 12, 4},
    {"mean_weeks", "Mean weeks", CELL_NUMBER, 8, 1},
    {"median_weeks", "Median weeks", CELL_NUMBER, 8, 1},
    {"decisions", "Decisions", CELL_INT, 9, 0},
    {"decisions_in_6_weeks", "Within 6 weeks", CELL_INT, 9, 0},
    {"share_decisions_6_weeks", "Share within 6 weeks", CELL_SHARE, 9, 4},
    {"open_now", "Open now", CELL_INT, 9, 0},
    {"overdue_now", "Overdue now", CELL_INT, 9, 0},
    {"overdue_now_without_exceptions", "Overdue now, without exceptions", CELL_INT, 12, 0},
};

static void age_cell(const void *ud, size_t row, size_t column, struct cell *out)
{
    const struct figures_paper *p = ud;
    const size_t at = row / AGES, age = row % AGES;
    const struct figure_period *period = p->f->periods[at];
    const struct figure_set *s = &period->set[age];
    const uint32_t issued = s->figure[FIGURE_PLANS].counted, in_time = s->figure[FIGURE_PLANS].in_time;
    const uint32_t decided = s->figure[FIGURE_DECISIONS].counted;
    const struct figure_open *open = &p->f->ages[age];
    const bool now = goes_on(p->f, period);
    const struct cell cells[] = {
        cell_text(p->names[at]),
        cell_text(age < AGE_COUNT ? age_bands[age].name : "other or unknown"),
        cell_int(issued),
        cell_int(in_time),
        cell_ratio(in_time, issued),
        cell_ratio(in_time, issued - s->figure[FIGURE_PLANS].excepted),
        cell_number(day_counts_mean(&s->issued) / 7),
        cell_number(weeks_of(day_counts_percentile(&s->issued, 50))),
        cell_int(decided),
        cell_int(s->figure[FIGURE_DECISIONS].in_time),
        cell_ratio(s->figure[FIGURE_DECISIONS].in_time, decided),
        now ? cell_int(open->open) : none,
        now ? cell_int(open->overdue) : none,
        now ? cell_int(open->overdue - open->excepted) : none,
    };
    *out = cells[column];
}

/* --- open ---------------------------------------------------------------------------------------------------------------- */

static const struct column open_columns[] = {
    {"weeks", "Weeks since the request", CELL_TEXT, 12, 0},
    {"open", "Open", CELL_INT, 9, 0},
    {"share", "Share", CELL_SHARE, 9, 4},
    {"overdue", "Overdue", CELL_INT, 9, 0},
    {"excepted", "Excepted", CELL_INT, 9, 0},
    {"overdue_without_exceptions", "Overdue, without exceptions", CELL_INT, 12, 0},
};

static void open_cell(const void *ud, size_t row, size_t column, struct cell *out)
{
    const struct figures *f = ((const struct figures_paper *)ud)->f;
    const struct figure_open *open = &f->bands[row];
    const struct cell cells[] = {
        cell_text(weeks_bands[row].name),
        cell_int(open->open),
        cell_ratio(open->open, f->now[FIGURE_PLANS].open),
        cell_int(open->overdue),
        cell_int(open->excepted),
        cell_int(open->overdue - open->excepted),
    };
    *out = cells[column];
}

/* --- facts ----------------------------------------------------------------------------------------------------------------- */

static void fact(struct table *t, struct table_fact *facts, const char *name, const char *title, int decimals,
                 struct cell value)
{
    facts[t->n_facts++] = (struct table_fact){name, title, decimals, value};
}

/* A number of weeks for people, or nothing. */
static struct cell weeks(int days)
{
    return cell_number(weeks_of(days));
}

static void take_facts(struct figures_paper *p)
{
    const struct figures *f = p->f;
    const struct figure_open *now = &f->now[FIGURE_PLANS];
    const struct figure_period *rolling = figures_period(f, 0);
    const int year = civil_to_ymd(f->how->as_of).year;
    const struct figure_period *this = figures_period(f, year), *before = figures_period(f, year - 1);
    const int oldest = f->open.total > 0 ? f->open.most : NO_DAYS;
    struct table *t = &p->tables[PUBLISHED];
    struct table_fact *x = p->facts;
    t->facts = x;
    fact(t, x, "open_now", "Open assessments", 0, cell_int(now->open));
    fact(t, x, "overdue_now", "Of these, overdue", 0, cell_int(now->overdue));
    fact(t, x, "overdue_now_without_exceptions", "Without exceptions", 0,
         cell_int(now->overdue - now->excepted));
    fact(t, x, "share_with_overdue", "12 months' share if the overdue were issued today", 4,
         cell_share(figures_with_overdue(f, rolling)));
    fact(t, x, "oldest_request", "The oldest open request", 0,
         oldest != NO_DAYS ? cell_date(f->how->as_of - oldest) : none);
    fact(t, x, "oldest_weeks", "Its weeks", 1, weeks(oldest));
    fact(t, x, "open_mean_weeks", "Open: mean weeks", 1, cell_number(day_counts_mean(&f->open) / 7));
    fact(t, x, "open_median_weeks", "Open: median weeks", 1, weeks(day_counts_percentile(&f->open, 50)));
    fact(t, x, "open_p90_weeks", "Open: 90% within weeks", 1, weeks(day_counts_percentile(&f->open, 90)));
    fact(t, x, "overdue_mean_weeks", "Overdue: mean weeks", 1, cell_number(day_counts_mean(&f->overdue) / 7));
    fact(t, x, "overdue_median_weeks", "Overdue: median weeks", 1,
         weeks(day_counts_percentile(&f->overdue, 50)));
    fact(t, x, "issued_this_year_median_weeks", "Plans of this year: median weeks", 1,
         weeks(day_counts_percentile(&this->set[ALL_AGES].issued, 50)));
    fact(t, x, "issued_last_year_median_weeks", "Plans of last year: median weeks", 1,
         before != NULL ? weeks(day_counts_percentile(&before->set[ALL_AGES].issued, 50)) : none);
    fact(t, x, "reopened", "Under way after an appeal or a second request, outside the 20 weeks", 0,
         cell_int(f->reopened));
    fact(t, x, "plans_without_request", "Plans without a request before them, in no figure", 0,
         cell_int(f->plans_without_request));
}

static void figures_words(struct buf *b, const struct paper *paper)
{
    const struct figures *f = ((const struct figures_paper *)paper)->f;
    const struct figure_period *r = figures_period(f, 0);
    const struct figure_set *s = &r->set[ALL_AGES];
    const uint32_t issued = s->figure[FIGURE_PLANS].counted;
    const struct figure_open *now = &f->now[FIGURE_PLANS];
    char from[32], to[32];
    civil_words(r->from, from, sizeof from);
    civil_words(r->to, to, sizeof to);
    if (issued > 0)
        buf_printf(b, "From %s to %s %s plans were issued, %.1f%% of them within 20 weeks of the request.\n",
                   from, to, COUNT(issued), 100 * share(s->waits[WAIT_20], issued));
    else
        buf_printf(b, "From %s to %s no plan was issued.\n", from, to);
    buf_printf(
        b,
        "%s assessments are open, %s of them past 20 weeks. No published figure shows these until their "
        "plans are issued.",
        COUNT(now->open), COUNT(now->overdue));
    if (issued > 0 && now->overdue > 0)
        buf_printf(b, " If they had all been issued on that day, the figure would be %.1f%%.",
                   100 * figures_with_overdue(f, r));
    buf_text(
        b, "\nA council that clears its oldest cases issues more late plans for a while and so looks worse, "
           "though it does better: read the share beside the median weeks of the plans issued and of "
           "those overdue.\n");
}

/* --- life ------------------------------------------------------------------------------------------------------------------ */

static void figures_paper_free(struct paper *paper)
{
    struct figures_paper *p = (struct figures_paper *)paper;
    free(p->names);
    free(p);
}

struct paper *figures_paper_new(const struct figures *f)
{
    struct figures_paper *p = calloc(1, sizeof *p);
    if (p == NULL)
        return NULL;
    p->f = f;
    p->paper = (struct paper){"figures",     "Published figures, and what they do not show",
                              p->tables,     TABLES,
                              figures_words, figures_paper_free};
    p->names = calloc(f->n_periods, sizeof p->names[0]);
    if (p->names == NULL) {
        paper_free(&p->paper);
        return NULL;
    }
    for (size_t i = 0; i < f->n_periods; i++)
        if (f->periods[i]->year != 0)
            snprintf(p->names[i], sizeof p->names[i], "%d", f->periods[i]->year);
        else
            snprintf(p->names[i], sizeof p->names[i], "12 months");
    p->tables[PUBLISHED] = (struct table){"published", "Published figures", TABLE_COLUMNS(published_columns),
                                          .n_rows = f->n_periods * ROWS_A_PERIOD, .cell = published_cell};
    p->tables[ISSUED] = (struct table){"issued", "Plans issued", TABLE_COLUMNS(issued_columns),
                                       .n_rows = f->n_periods, .cell = issued_cell};
    p->tables[AGE_TABLE] = (struct table){"ages", "By age", TABLE_COLUMNS(age_columns),
                                          .n_rows = f->n_periods * AGES, .cell = age_cell};
    p->tables[OPEN] = (struct table){"open", "Open assessments", TABLE_COLUMNS(open_columns),
                                     .n_rows = BAND_COUNT, .cell = open_cell};
    for (int i = 0; i < TABLES; i++)
        p->tables[i].ud = p;
    take_facts(p);
    return &p->paper;
}
