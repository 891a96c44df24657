#include "stuck_paper.h"

#include <stdlib.h>

#include "plain.h"

enum { STAGES, ADVICE, TEAMS, OFFICERS, REVIEWS, TRANSFERS, TABLES };
enum { FACTS_MOST = 6 };

struct stuck_paper {
    struct paper paper;
    const struct stuck *s;
    struct table tables[TABLES];
    struct table_fact facts[FACTS_MOST];
};

static const struct cell none = {.type = CELL_NONE};

static const struct stuck *of(const void *ud)
{
    return ((const struct stuck_paper *)ud)->s;
}

static struct cell days(int n)
{
    return n != NO_DAYS ? cell_int(n) : none;
}

static struct cell percentile(const struct day_counts *c, int percent)
{
    return days(day_counts_percentile(c, percent));
}

/* --- stages -------------------------------------------------------------------------------------------------------------- */

static const struct {
    const char *id, *title;
} stage_names[STUCK_STAGES] = {
    [STUCK_DECISION] = {"decision", "Request to decision"},
    [STUCK_ADVICE] = {"advice", "Decision to all advice in"},
    [STUCK_DRAFT] = {"draft", "Advice to draft plan"},
    [STUCK_FINAL] = {"final", "Draft to final plan"},
};

static const struct column stage_columns[] = {
    {"stage", "Stage", CELL_TEXT, 10, 0},
    {"title", "From and to", CELL_TEXT, 26, 0},
    {"now", "In it now", CELL_INT, 9, 0},
    {"overdue", "Of these, past 20 weeks", CELL_INT, 9, 0},
    {"waiting_median_days", "Waiting: median days", CELL_INT, 9, 0},
    {"waiting_p90_days", "Waiting: 90% within days", CELL_INT, 9, 0},
    {"waiting_longest_days", "Waiting: longest", CELL_INT, 9, 0},
    {"done", "Done in 12 months", CELL_INT, 9, 0},
    {"done_median_days", "Took: median days", CELL_INT, 9, 0},
    {"done_p90_days", "Took: 90% within days", CELL_INT, 9, 0},
    {"left", "Left without it in 12 months", CELL_INT, 10, 0},
};

static void stage_cell(const void *ud, size_t row, size_t column, struct cell *out)
{
    const struct stuck_stage_counts *n = &of(ud)->stage[row];
    const struct cell cells[] = {
        cell_text(stage_names[row].id),
        cell_text(stage_names[row].title),
        cell_int(n->now),
        cell_int(n->overdue),
        percentile(&n->waiting, 50),
        percentile(&n->waiting, 90),
        n->waiting.total > 0 ? cell_int(n->waiting.most) : none,
        cell_int((int64_t)n->done.total),
        percentile(&n->done, 50),
        percentile(&n->done, 90),
        cell_int(n->left),
    };
    *out = cells[column];
}

/* --- advice -------------------------------------------------------------------------------------------------------------- */

static const char *const bodies[BODIES] = {
    [BODY_EDUCATION] = "education",     [BODY_PSYCHOLOGY] = "psychology", [BODY_HEALTH] = "health",
    [BODY_SOCIAL_CARE] = "social_care", [BODY_OTHERS] = "others",
};

static const struct column advice_columns[] = {
    {"body", "Advice from", CELL_TEXT, 12, 0},
    {"asked", "Asked in 12 months", CELL_INT, 9, 0},
    {"answered", "Answered in 12 months", CELL_INT, 9, 0},
    {"in_6_weeks", "Within 6 weeks", CELL_INT, 9, 0},
    {"late", "Late", CELL_INT, 9, 0},
    {"share_6_weeks", "Share within 6 weeks", CELL_SHARE, 9, 4},
    {"median_days", "Median days", CELL_INT, 8, 0},
    {"p90_days", "90% within days", CELL_INT, 8, 0},
    {"outstanding", "Outstanding now", CELL_INT, 10, 0},
    {"overdue", "Overdue now", CELL_INT, 9, 0},
    {"oldest_days", "Oldest: days", CELL_INT, 8, 0},
};

static void advice_cell(const void *ud, size_t row, size_t column, struct cell *out)
{
    const struct stuck_advice *a = &of(ud)->advice[row];
    const struct cell cells[] = {
        cell_text(bodies[row]),
        cell_int(a->asked),
        cell_int(a->in_time + a->late),
        cell_int(a->in_time),
        cell_int(a->late),
        cell_ratio(a->in_time, a->in_time + a->late),
        percentile(&a->answering, 50),
        percentile(&a->answering, 90),
        cell_int(a->outstanding),
        cell_int(a->overdue),
        days(a->oldest),
    };
    *out = cells[column];
}

/* --- loads --------------------------------------------------------------------------------------------------------------- */

#define LOAD_COLUMNS                                                                                         \
    {"cases", "Open cases", CELL_INT, 9, 0}, {"assessments", "Assessments", CELL_INT, 9, 0},                 \
        {"overdue_assessments", "Of these, past 20 weeks", CELL_INT, 9, 0},                                  \
        {"oldest_assessment_days", "Oldest: days", CELL_INT, 8, 0}, {"plans", "Plans", CELL_INT, 9, 0},      \
        {"breached_cases", "Cases with a breach", CELL_INT, 9, 0},                                           \
        {"breached", "Breached duties", CELL_INT, 9, 0},                                                     \
        {"longest_overdue_days", "Longest overdue: days", CELL_INT, 9, 0},                                   \
    {                                                                                                        \
        "due_in_28_days", "Due in 28 days", CELL_INT, 9, 0                                                   \
    }

static const struct column team_columns[] = {{"team", "Team", CELL_TEXT, 18, 0}, LOAD_COLUMNS};
static const struct column officer_columns[] = {
    {"team", "Team", CELL_TEXT, 18, 0}, {"officer", "Officer", CELL_TEXT, 14, 0}, LOAD_COLUMNS};

/* Column 0: the first after the names. */
static struct cell load_cell(const struct stuck_load *l, size_t column)
{
    const struct cell cells[] = {
        cell_int(l->cases),         cell_int(l->assessments), cell_int(l->overdue_assessments),
        days(l->oldest_assessment), cell_int(l->plans),       cell_int(l->breached_cases),
        cell_int(l->breached),      days(l->oldest_breach),   cell_int(l->due_28),
    };
    return cells[column];
}

static struct cell place(const struct stuck *s, uint32_t number)
{
    return cell_text(names_text(s->how->words->places, number));
}

static void team_cell(const void *ud, size_t row, size_t column, struct cell *out)
{
    const struct stuck *s = of(ud);
    const struct stuck_load *l = &s->teams.row[row];
    *out = column == 0 ? place(s, l->team) : load_cell(l, column - 1);
}

static void officer_cell(const void *ud, size_t row, size_t column, struct cell *out)
{
    const struct stuck *s = of(ud);
    const struct stuck_load *l = &s->officers.row[row];
    *out = column == 0 ? place(s, l->team) : column == 1 ? place(s, l->officer) : load_cell(l, column - 2);
}

/* --- reviews ------------------------------------------------------------------------------------------------------------- */

static const char *const review_ages[REVIEW_AGES] = {
    [REVIEW_4W] = "up to 4 weeks",           [REVIEW_6M] = "4 weeks to 6 months",
    [REVIEW_12M] = "6 to 12 months",         [REVIEW_24M] = "12 to 24 months",
    [REVIEW_OLDER] = "24 months and longer",
};

static const struct column review_columns[] = {
    {"since_meeting", "Since the meeting", CELL_TEXT, 22, 0},
    {"incomplete", "Incomplete", CELL_INT, 9, 0},
    {"undecided", "No decision", CELL_INT, 9, 0},
    {"unamended", "To be amended, not amended", CELL_INT, 11, 0},
};

static void review_cell(const void *ud, size_t row, size_t column, struct cell *out)
{
    const struct stuck_reviews *r = &of(ud)->reviews[row];
    const struct cell cells[] = {
        cell_text(review_ages[row]),
        cell_int(r->undecided + r->unamended),
        cell_int(r->undecided),
        cell_int(r->unamended),
    };
    *out = cells[column];
}

/* --- transfers ----------------------------------------------------------------------------------------------------------- */

static const struct column transfer_columns[] = {
    {"limit", "Limit", CELL_TEXT, 20, 0},
    {"due_on", "Due on", CELL_DATE, 11, 0},
    {"days_left", "Days left", CELL_INT, 8, 0},
    {"owed", "Transfers", CELL_INT, 9, 0},
    {"reviewed", "Reviewed", CELL_INT, 9, 0},
    {"sent", "Plan sent", CELL_INT, 9, 0},
    {"in_time", "In time", CELL_INT, 9, 0},
    {"late", "Late", CELL_INT, 9, 0},
    {"outstanding", "Outstanding", CELL_INT, 10, 0},
    {"never", "Never sent", CELL_INT, 9, 0},
    {"share_in_time", "Share in time", CELL_SHARE, 9, 4},
};

static void transfer_cell(const void *ud, size_t row, size_t column, struct cell *out)
{
    const struct stuck *s = of(ud);
    const struct stuck_transfers *t = &s->transfers[row / TRANSFER_YEARS][row % TRANSFER_YEARS];
    const bool over = t->due < s->how->as_of; /* before that a share would look like a failure */
    const struct cell cells[] = {
        cell_text(t->limit),
        cell_date(t->due),
        cell_int(t->due - s->how->as_of),
        cell_int(t->owed),
        cell_int(t->reviewed),
        cell_int(t->in_time + t->late),
        cell_int(t->in_time),
        cell_int(t->late),
        cell_int(t->outstanding),
        cell_int(t->never),
        cell_ratio(t->in_time, over ? t->owed : 0),
    };
    *out = cells[column];
}

/* --- life ------------------------------------------------------------------------------------------------------------------ */

static uint32_t incomplete_from(const struct stuck *s, enum stuck_age age)
{
    uint32_t n = 0;
    for (int i = (int)age; i < REVIEW_AGES; i++)
        n += s->reviews[i].undecided + s->reviews[i].unamended;
    return n;
}

static void take_facts(struct stuck_paper *p)
{
    const struct stuck *s = p->s;
    const struct table_fact facts[] = {
        {"reviews_incomplete_6_months", "Annual reviews incomplete 6 months after the meeting", 0,
         cell_int(incomplete_from(s, REVIEW_12M))},
        {"reviews_incomplete_12_months", "12 months after", 0, cell_int(incomplete_from(s, REVIEW_24M))},
        {"reviews_incomplete_24_months", "24 months after", 0, cell_int(incomplete_from(s, REVIEW_OLDER))},
        {"oldest_incomplete_review", "The meeting of the oldest", 0, cell_date(s->oldest_review)},
    };
    struct table *t = &p->tables[STAGES];
    t->facts = p->facts;
    for (; t->n_facts < sizeof facts / sizeof facts[0]; t->n_facts++)
        p->facts[t->n_facts] = facts[t->n_facts];
}

static void stuck_words(struct buf *b, const struct paper *paper)
{
    const struct stuck *s = ((const struct stuck_paper *)paper)->s;
    uint32_t open = 0;
    int most = 0;
    for (int i = 0; i < STUCK_STAGES; i++) {
        open += s->stage[i].now;
        most = s->stage[i].overdue > s->stage[most].overdue ? i : most;
    }
    buf_printf(b, "%s assessments are open.", COUNT(open));
    if (s->stage[most].overdue > 0)
        buf_printf(
            b,
            " The largest part of those past 20 weeks, %s, is between %s; half of all there have waited "
            "%s days or less since that stage began.",
            COUNT(s->stage[most].overdue),
            (const char *const[]){"the request and the decision", "the decision and the last of the advice",
                                  "the advice and the draft plan", "the draft and the final plan"}[most],
            COUNT(day_counts_percentile(&s->stage[most].waiting, 50)));
    buf_printf(b, "\n%s annual reviews are incomplete six months after the meeting or later.\n",
               COUNT(incomplete_from(s, REVIEW_12M)));
}

static void stuck_paper_free(struct paper *paper)
{
    free((struct stuck_paper *)paper);
}

struct paper *stuck_paper_new(const struct stuck *s)
{
    struct stuck_paper *p = calloc(1, sizeof *p);
    if (p == NULL)
        return NULL;
    p->s = s;
    p->paper =
        (struct paper){"stuck", "Where the work is stuck", p->tables, TABLES, stuck_words, stuck_paper_free};
    const struct table tables[TABLES] = {
        [STAGES] = {"stages", "Stages of an assessment", TABLE_COLUMNS(stage_columns), .n_rows = STUCK_STAGES,
                    .cell = stage_cell},
        [ADVICE] = {"advice", "Advice", TABLE_COLUMNS(advice_columns), .n_rows = BODIES, .cell = advice_cell},
        [TEAMS] = {"teams", "By team", TABLE_COLUMNS(team_columns), .n_rows = s->teams.n, .cell = team_cell},
        [OFFICERS] = {"officers", "By officer", TABLE_COLUMNS(officer_columns), .n_rows = s->officers.n,
                      .cell = officer_cell},
        [REVIEWS] = {"reviews", "Incomplete annual reviews", TABLE_COLUMNS(review_columns),
                     .n_rows = REVIEW_AGES, .cell = review_cell},
        [TRANSFERS] = {"transfers", "Phase transfers", TABLE_COLUMNS(transfer_columns),
                       .n_rows = TRANSFER_KINDS * TRANSFER_YEARS, .cell = transfer_cell},
    };
    for (int i = 0; i < TABLES; i++) {
        p->tables[i] = tables[i];
        p->tables[i].ud = p;
    }
    take_facts(p);
    return &p->paper;
}
