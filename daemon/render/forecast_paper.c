#include "forecast_paper.h"

#include <stdio.h>
#include <stdlib.h>

#define SHARE(x) ((double)(x) / SHARE_ONE)

static const struct cell none = {.type = CELL_NONE};

static const struct limit *limit_of(const struct forecast_paper *p, size_t index)
{
    return p->forecast->how->rulebook->rule[index].limit;
}

/* --- expected -------------------------------------------------------------------------------------------------------- */

static const struct column expected_columns[] = {
    {"limit", "Limit", CELL_TEXT, 20, 0},
    {"title", "What is owed", CELL_TEXT, 30, 0},
    {"weeks", "Within weeks", CELL_INT, 8, 0},
    {"until", "Overdue by", CELL_DATE, 11, 0},
    {"if_nothing_moves", "If nothing moves", CELL_INT, 10, 0},
    {"excepted", "Excepted", CELL_INT, 9, 0},
    {"expected", "Expected", CELL_NUMBER, 10, 1},
    {"expected_low", "At least", CELL_INT, 9, 0},
    {"expected_high", "At most", CELL_INT, 9, 0},
};

static void expected_cell(const void *ud, size_t row, size_t column, struct cell *out)
{
    const struct forecast_paper *p = ud;
    enum forecast_kind k = row / FORECAST_HORIZONS;
    size_t h = row % FORECAST_HORIZONS;
    int limit = k == FORECAST_PLAN ? p->forecast->plan : p->forecast->decision;
    const struct forecast_expected *e = &p->view.expected[k][h];
    bool some = e->due == p->view.broken[limit][h]; /* each has a chance */
    const struct cell cells[] = {
        cell_text(limit_of(p, (size_t)limit)->id),
        cell_text(limit_of(p, (size_t)limit)->title),
        cell_int(forecast_weeks[h]),
        cell_date(p->forecast->how->as_of + 7 * forecast_weeks[h]),
        cell_int(p->view.broken[limit][h]),
        cell_int(p->view.excepted[limit][h]),
        some ? cell_number(e->milli / 1000.) : none,
        some ? cell_int(e->low) : none,
        some ? cell_int(e->high) : none,
    };
    *out = cells[column];
}

/* --- limits ---------------------------------------------------------------------------------------------------------- */

static const struct column limit_columns[] = {
    {"limit", "Limit", CELL_TEXT, 20, 0},
    {"title", "What is owed", CELL_TEXT, 30, 0},
    {"kind", "Kind", CELL_TEXT, 10, 0},
    {"in_1_week", "In 1 week", CELL_INT, 9, 0},
    {"in_2_weeks", "In 2 weeks", CELL_INT, 9, 0},
    {"in_4_weeks", "In 4 weeks", CELL_INT, 9, 0},
    {"in_8_weeks", "In 8 weeks", CELL_INT, 9, 0},
    {"excepted_in_8_weeks", "Excepted in 8 weeks", CELL_INT, 9, 0},
};

static void limit_cell(const void *ud, size_t row, size_t column, struct cell *out)
{
    const struct forecast_paper *p = ud;
    size_t limit = p->limits[row];
    const uint32_t *broken = p->view.broken[limit];
    const struct cell cells[] = {
        cell_text(limit_of(p, limit)->id),
        cell_text(limit_of(p, limit)->title),
        cell_text(limit_kind_name(limit_of(p, limit)->kind)),
        cell_int(broken[0]),
        cell_int(broken[1]),
        cell_int(broken[2]),
        cell_int(broken[3]),
        cell_int(p->view.excepted[limit][FORECAST_HORIZONS - 1]),
    };
    *out = cells[column];
}

/* The plan first, which is what is asked for first. */
static void list_limits(struct forecast_paper *p)
{
    const struct forecast *f = p->forecast;
    if (f->plan >= 0 && (f->limits & LIMIT_BIT(f->plan)) != 0)
        p->limits[p->n_limits++] = (uint8_t)f->plan;
    for (size_t i = 0; i < f->how->rulebook->n; i++)
        if ((f->limits & LIMIT_BIT(i)) != 0 && (int)i != f->plan &&
            f->how->rulebook->rule[i].limit->kind != KIND_FLOOR)
            p->limits[p->n_limits++] = (uint8_t)i;
}

/* --- stages ---------------------------------------------------------------------------------------------------------- */

static const struct column stage_columns[] = {
    {"stage", "Stage", CELL_TEXT, 22, 0},
    {"open", "Open now", CELL_INT, 9, 0},
    {"spells", "Seen", CELL_INT, 9, 0},
    {"moved_on", "Moved on", CELL_INT, 9, 0},
    {"ended_otherwise", "Ended without a plan", CELL_INT, 9, 0},
    {"median_days", "Median days", CELL_INT, 9, 0},
    {"p90_days", "90% within days", CELL_INT, 9, 0},
    {"known_to_days", "Known up to days", CELL_INT, 9, 0},
    {"goes_on_share", "Goes on in the end", CELL_SHARE, 9, 4},
};

static struct cell days(int n)
{
    return n >= 0 ? cell_int(n) : none;
}

static void stage_cell(const void *ud, size_t row, size_t column, struct cell *out)
{
    const struct forecast_paper *p = ud;
    const struct survival *s = &p->forecast->pipeline->stages[row].spells;
    const struct cell cells[] = {
        cell_text(p->stage_names[row]),
        cell_int(p->flow.open_in[row]),
        cell_int(s->spells),
        cell_int(s->total[SPELL_DONE]),
        cell_int(s->total[SPELL_OTHERWISE]),
        days(survival_quantile(s, 500)),
        days(survival_quantile(s, 900)),
        days(s->last),
        cell_share(SHARE(survival_done_in_the_end(s))),
    };
    *out = cells[column];
}

/* --- cases ----------------------------------------------------------------------------------------------------------- */

static const struct column case_columns[] = {
    {"case_ref", "Case", CELL_CASE, 14, 0},
    {"limit", "Limit", CELL_TEXT, 20, 0},
    {"title", "What is owed", CELL_TEXT, 30, 0},
    {"subject", "Of whom", CELL_TEXT, 14, 0},
    {"start_on", "Began on", CELL_DATE, 11, 0},
    {"due_on", "Due on", CELL_DATE, 11, 0},
    {"days_left", "Days left", CELL_INT, 9, 0},
    {"weeks", "Overdue within weeks", CELL_INT, 9, 0},
    {"state", "Now", CELL_STATE, 10, 0},
    {"excepted", "Would be excepted", CELL_BOOL, 9, 0},
    {"chance", "Chance of being late", CELL_SHARE, 9, 4},
    {"locality", "Locality", CELL_TEXT, 20, 0},
    {"team", "Team", CELL_TEXT, 14, 0},
    {"officer", "Officer", CELL_TEXT, 14, 0},
};

static struct cell ref_cell(const struct snapshot *s, uint32_t slot, uint32_t at)
{
    const struct chunk *c = s->slot[slot].chunk;
    struct record_case k;
    record_head(c->data + c->offset[at], &k);
    return cell_case(k.ref, k.ref_len);
}

static void case_cell(const void *ud, size_t row, size_t column, struct cell *out)
{
    const struct forecast_paper *p = ud;
    const struct forecast_row *r = &p->forecast->rows[p->view.rows[row]];
    const struct obligation *o = &r->obligation;
    const struct words *w = p->snapshot->words;
    const struct cell cells[] = {
        column == 0 ? ref_cell(p->snapshot, r->slot, r->at) : none,
        cell_text(limit_of(p, o->limit)->id),
        cell_text(limit_of(p, o->limit)->title),
        cell_text(names_text(w->subjects, o->subject)),
        cell_date(o->start),
        cell_date(o->due),
        cell_int(o->due - p->forecast->how->as_of),
        cell_int(forecast_weeks[r->horizon]),
        cell_state(state_name((enum state)o->state)),
        cell_bool(r->excepted),
        r->estimated ? cell_share(SHARE(r->chance)) : none,
        cell_text(names_text(w->places, r->locality)),
        cell_text(names_text(w->places, r->team)),
        cell_text(names_text(w->places, r->officer)),
    };
    *out = cells[column];
}

/* --- all of it ------------------------------------------------------------------------------------------------------- */

#define TABLE(id, heading, cols, cells)                                                                      \
    {                                                                                                        \
        .name = id, .title = heading, TABLE_COLUMNS(cols), .cell = cells                                     \
    }

static const struct table tables[FORECAST_TABLES] = {
    [FORECAST_EXPECTED] = TABLE("expected", "What to expect", expected_columns, expected_cell),
    [FORECAST_LIMITS] = TABLE("limits", "If nothing moves", limit_columns, limit_cell),
    [FORECAST_STAGES] = TABLE("stages", "How long the stages take", stage_columns, stage_cell),
    [FORECAST_CASES] = TABLE("cases", "Overdue soon if nothing moves", case_columns, case_cell),
};

static void forecast_paper_free(struct paper *paper)
{
    struct forecast_paper *p = (struct forecast_paper *)paper;
    free(p->view.rows);
    free(p);
}

struct forecast_paper *forecast_paper_new(const struct forecast *f, const struct snapshot *s,
                                          const struct case_places *where, uint64_t limits)
{
    struct forecast_paper *p = calloc(1, sizeof *p);
    if (p == NULL)
        return NULL;
    p->paper = (struct paper){.name = "forecast",
                              .title = "What will be overdue",
                              .tables = p->tables,
                              .n = FORECAST_TABLES,
                              .words = forecast_words,
                              .free = forecast_paper_free};
    p->forecast = f;
    p->snapshot = s;
    if (!forecast_view(f, where, limits, &p->view)) {
        free(p);
        return NULL;
    }
    pipeline_flow(f->pipeline, where, &p->flow);
    list_limits(p);
    for (size_t k = 0; k < f->pipeline->n_stages; k++)
        stage_words(p->stage_names[k], sizeof p->stage_names[k], &f->pipeline->stages[k]);
    const size_t rows[FORECAST_TABLES] = {f->plan < 0 || f->decision < 0 ? 0
                                                                         : FORECAST_KINDS * FORECAST_HORIZONS,
                                          p->n_limits, f->pipeline->n_stages, p->view.n};
    for (size_t i = 0; i < FORECAST_TABLES; i++) {
        p->tables[i] = tables[i];
        p->tables[i].n_rows = rows[i];
        p->tables[i].ud = p;
    }
    return p;
}
