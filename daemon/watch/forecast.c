#include "forecast.h"

#include <stdlib.h>

const uint8_t forecast_weeks[FORECAST_HORIZONS] = {1, 2, 4, 8};

#define DAYS_AHEAD PIPELINE_AHEAD /* the last horizon */

struct forecast *forecast_new(const struct judge_how *how, uint64_t limits, const struct pipeline *p)
{
    struct forecast *f = calloc(1, sizeof *f);
    if (f == NULL)
        return NULL;
    f->how = how;
    f->limits = limits;
    f->pipeline = p;
    f->plan = rulebook_find(how->rulebook, "final_plan_20w");
    f->decision = rulebook_find(how->rulebook, "assess_decision_6w");
    return f;
}

void forecast_free(struct forecast *f)
{
    if (f == NULL)
        return;
    record_room_free(&f->room);
    free(f->rows);
    free(f);
}

/* --- if nothing moves ------------------------------------------------------------------------------------------------ */

/* One case, evaluated for a later day. */
struct later {
    struct forecast *f;
    const struct case_seen *seen;
    size_t first; /* row of this case */
    uint8_t horizon;
};

static bool same(const struct obligation *a, const struct obligation *b)
{
    return a->limit == b->limit && a->subject == b->subject && a->start == b->start && a->due == b->due;
}

/* A limit that only says "not before" is not broken by waiting. */
static bool may_break(const struct forecast *f, const struct obligation *o)
{
    return f->how->rulebook->rule[o->limit].limit->kind != KIND_FLOOR &&
           (f->limits & LIMIT_BIT(o->limit)) != 0 && o->due >= f->how->as_of &&
           o->due < f->how->as_of + DAYS_AHEAD;
}

static struct forecast_row *add_row(struct forecast *f)
{
    if (f->n == f->cap) {
        size_t cap = f->cap ? f->cap * 2 : 256;
        struct forecast_row *more = reallocarray(f->rows, cap, sizeof *more);
        if (more == NULL) {
            f->failed = true;
            return NULL;
        }
        f->rows = more;
        f->cap = cap;
    }
    return &f->rows[f->n++];
}

static void take(void *ud, const struct obligation *o)
{
    struct later *l = ud;
    struct forecast *f = l->f;
    bool excepted = o->state == STATE_EXCEPTED && o->closed == CIVIL_NONE;
    if ((o->state != STATE_BREACHED && o->state != STATE_MISSED && !excepted) || !may_break(f, o))
        return;
    for (size_t i = l->first; i < f->n; i++)
        if (same(&f->rows[i].obligation, o))
            return;
    struct forecast_row *r = add_row(f);
    if (r == NULL)
        return;
    *r = (struct forecast_row){.obligation = *o,
                               .slot = l->seen->slot,
                               .at = l->seen->at,
                               .locality = l->seen->head->locality,
                               .team = l->seen->head->team,
                               .officer = l->seen->head->officer,
                               .horizon = l->horizon,
                               .excepted = excepted};
    for (size_t i = 0; i < l->seen->n; i++)
        if (same(&l->seen->obligations[i], o))
            r->obligation = l->seen->obligations[i];
}

/* The first day on which something of the case that is open now will be overdue; CIVIL_NONE: none in the time looked at. */
static civil_day first_overdue(const struct forecast *f, const struct case_seen *seen)
{
    civil_day first = CIVIL_NONE;
    for (size_t i = 0; i < seen->n; i++) {
        const struct obligation *o = &seen->obligations[i];
        if (state_is_open((enum state)o->state) && may_break(f, o) &&
            (first == CIVIL_NONE || o->due + 1 < first))
            first = o->due + 1;
    }
    return first;
}

bool forecast_visit(void *ud, const struct case_seen *seen)
{
    struct forecast *f = ud;
    const struct judge_how *how = f->how;
    civil_day first = first_overdue(f, seen);
    if (first == CIVIL_NONE)
        return true;
    struct later l = {.f = f, .seen = seen, .first = f->n};
    for (; l.horizon < FORECAST_HORIZONS && !f->failed; l.horizon++) {
        civil_day then = how->as_of + 7 * forecast_weeks[l.horizon];
        if (then < first)
            continue;
        if (!record_view(seen->record, how->words, then, how->known_at, &f->room))
            return false;
        evaluate(how->rulebook, how->calendar, &f->room.view, then, f->limits, take, &l);
    }
    size_t i = l.first; /* the rows of a case come by horizon */
    while (i < f->n && f->rows[i].excepted)
        i++;
    if (i < f->n)
        f->rows[i].first = true;
    return !f->failed;
}

/* --- what to expect -------------------------------------------------------------------------------------------------- */

/* By due date; what falls due on one day stays in the order of cases. */
static bool sort_rows(struct forecast *f)
{
    size_t at[DAYS_AHEAD + 1] = {0};
    struct forecast_row *sorted = reallocarray(NULL, f->n + 1, sizeof *sorted);
    if (sorted == NULL)
        return false;
    for (size_t i = 0; i < f->n; i++)
        at[f->rows[i].obligation.due - f->how->as_of + 1]++;
    for (size_t d = 1; d <= DAYS_AHEAD; d++)
        at[d] += at[d - 1];
    for (size_t i = 0; i < f->n; i++)
        sorted[at[f->rows[i].obligation.due - f->how->as_of]++] = f->rows[i];
    free(f->rows);
    f->rows = sorted;
    return true;
}

/* Whose case is on no course stays as it is. */
static void estimate(const struct forecast *f, struct forecast_row *r)
{
    const struct pipeline *p = f->pipeline;
    bool plan = r->obligation.limit == f->plan;
    r->estimated = plan || (r->obligation.limit == f->decision && p->stages[0].to == MILESTONE_DECIDED);
    if (!r->estimated)
        return;
    const struct course *c = pipeline_open(p, r->slot, r->at);
    int days = r->obligation.due - f->how->as_of;
    r->chance = SHARE_ONE;
    if (c != NULL && plan)
        r->chance = pipeline_still_open(p, c, days, false);
    else if (c != NULL && c->stage == 0)
        r->chance = pipeline_still_open(p, c, days, true);
}

#define ESTIMATED_AT_ONCE 8192

int forecast_finish(struct forecast *f)
{
    for (size_t i = 0; i < ESTIMATED_AT_ONCE && f->estimated < f->n; i++)
        estimate(f, &f->rows[f->estimated++]);
    if (f->estimated < f->n)
        return 1;
    return sort_rows(f) ? 0 : -1;
}

/* --- for some places ------------------------------------------------------------------------------------------------- */

static uint64_t root(uint64_t x)
{
    uint64_t r = 0;
    for (uint64_t bit = UINT64_C(1) << 31; bit > 0; bit >>= 1)
        if ((r | bit) * (r | bit) <= x)
            r |= bit;
    return r;
}

/* Sums of chances p and of p (1 - p), in units of 2^-31. */
struct sums {
    uint64_t p, variance;
};

static void expect(struct forecast_expected *e, const struct sums *s)
{
    uint64_t milli = (s->p * 1000 + SHARE_ONE / 2) >> 31;
    uint64_t half = root((s->variance >> 11) * 1000000 >> 20) * 1645 / 1000;
    e->milli = (uint32_t)milli;
    e->low = half < milli ? (uint32_t)((milli - half) / 1000) : 0;
    e->high = (uint32_t)((milli + half + 999) / 1000);
    if (e->high > e->due)
        e->high = e->due;
}

/* The row's part in the numbers. */
static void count(const struct forecast *f, const struct forecast_row *r, struct forecast_view *v,
                  struct sums sums[FORECAST_KINDS][FORECAST_HORIZONS])
{
    enum forecast_kind k = r->obligation.limit == f->plan ? FORECAST_PLAN : FORECAST_DECISION;
    for (int h = r->horizon; h < FORECAST_HORIZONS; h++) {
        if (r->excepted) {
            v->excepted[r->obligation.limit][h]++;
            continue;
        }
        v->broken[r->obligation.limit][h]++;
        if (!r->estimated)
            continue;
        v->expected[k][h].due++;
        sums[k][h].p += r->chance;
        sums[k][h].variance += share_times(r->chance, SHARE_ONE - r->chance);
    }
}

bool forecast_view(const struct forecast *f, const struct case_places *where, uint64_t limits,
                   struct forecast_view *v)
{
    struct sums sums[FORECAST_KINDS][FORECAST_HORIZONS] = {0};
    *v = (struct forecast_view){.rows = reallocarray(NULL, f->n + 1, sizeof *v->rows)};
    if (v->rows == NULL)
        return false;
    for (size_t i = 0; i < f->n; i++) {
        const struct forecast_row *r = &f->rows[i];
        if (!case_places_hold(where, r->locality, r->team, r->officer))
            continue;
        count(f, r, v, sums);
        for (int h = r->horizon; r->first && h < FORECAST_HORIZONS; h++)
            v->cases[h]++;
        if ((limits & LIMIT_BIT(r->obligation.limit)) != 0)
            v->rows[v->n++] = (uint32_t)i;
    }
    for (int k = 0; k < FORECAST_KINDS; k++)
        for (int h = 0; h < FORECAST_HORIZONS; h++)
            expect(&v->expected[k][h], &sums[k][h]);
    return true;
}
