#include "pipeline.h"

#include <stdlib.h>
#include <string.h>

#define DAY_US (INT64_C(86400) * 1000000)

struct pipeline *pipeline_new(const struct rulebook *rb, civil_day as_of, int64_t known_at)
{
    static const char *const orders[] = {"order_assess_final_14w", "order_final_11w"};
    struct pipeline *p = calloc(1, sizeof *p);
    if (p == NULL)
        return NULL;
    p->as_of = as_of;
    p->known_on = (civil_day)(known_at / DAY_US);
    p->limit_20w = rulebook_find(rb, "final_plan_20w");
    for (size_t i = 0; i < sizeof orders / sizeof orders[0]; i++)
        p->order_limits[i] = rulebook_find(rb, orders[i]);
    return p;
}

void pipeline_free(struct pipeline *p)
{
    if (p == NULL)
        return;
    free(p->courses);
    free(p);
}

static bool keep(struct pipeline *p, const struct course *c)
{
    if (p->n == p->cap) {
        size_t cap = p->cap ? p->cap * 2 : 256;
        struct course *more = reallocarray(p->courses, cap, sizeof *more);
        if (more == NULL)
            return false;
        p->courses = more;
        p->cap = cap;
    }
    p->courses[p->n++] = *c;
    return true;
}

/* The limit that the plan is owed by: 20 weeks, or else what the Tribunal ordered. */
static void set_due(const struct pipeline *p, struct course *c, const struct case_seen *seen)
{
    for (size_t i = 0; i < seen->n; i++) {
        const struct obligation *o = &seen->obligations[i];
        if (o->closed != CIVIL_NONE || o->state == STATE_VOID)
            continue;
        if (o->limit == p->limit_20w) {
            c->due = o->due;
            c->ordered = false;
            return;
        }
        for (size_t k = 0; k < sizeof p->order_limits / sizeof p->order_limits[0]; k++)
            if (o->limit == p->order_limits[k] && (c->due == CIVIL_NONE || o->due < c->due)) {
                c->due = o->due;
                c->ordered = true;
            }
    }
}

/* How late what ends a stage was recorded. */
#define COUNTED                                                                                              \
    (EVENT_BIT(EV_ASSESS_AGREED) | EVENT_BIT(EV_ASSESS_REFUSED) | EVENT_BIT(EV_ADVICE_RECEIVED) |            \
     EVENT_BIT(EV_DRAFT_SENT) | EVENT_BIT(EV_ISSUE_REFUSED) | EVENT_BIT(EV_PLAN_ISSUED))

static void count_late(struct pipeline *p, const unsigned char *record)
{
    struct record_rows rows = record_rows(record);
    struct record_fact f;
    while (record_next_fact(&rows, &f)) {
        if ((EVENT_BIT(f.event) & COUNTED) == 0 || f.recorded_at == TIME_NONE || f.voided_at != TIME_NONE ||
            f.on > p->known_on - PIPELINE_LATE || f.on <= p->as_of - PIPELINE_WINDOW)
            continue;
        int64_t days = f.recorded_at / DAY_US - f.on;
        p->late[days < 0 ? 0 : days > PIPELINE_LATE ? PIPELINE_LATE : days]++;
    }
}

bool pipeline_visit(void *ud, const struct case_seen *seen)
{
    struct pipeline *p = ud;
    bool kept = false;
    for (size_t i = 0; i < seen->assessment->n; i++) {
        struct course c = seen->assessment->course[i];
        c.slot = seen->slot;
        c.at = seen->at;
        c.locality = seen->head->locality;
        c.team = seen->head->team;
        c.officer = seen->head->officer;
        c.claimed = seen->facts->n_claims > 0;
        if (c.end != COURSE_OPEN && c.over <= p->as_of - PIPELINE_WINDOW)
            continue;
        if (c.end == COURSE_OPEN)
            set_due(p, &c, seen);
        if (!keep(p, &c))
            return false;
        kept = true;
    }
    if (kept)
        count_late(p, seen->record);
    return true;
}

/* --- stages ---------------------------------------------------------------------------------------------------------- */

static void find_recorded(struct pipeline *p)
{
    uint32_t have[MILESTONE_COUNT] = {0};
    for (size_t i = 0; i < p->n; i++) {
        const struct course *c = &p->courses[i];
        if (c->end != COURSE_PLAN || c->again)
            continue;
        p->plans++;
        for (int m = 0; m < MILESTONE_COUNT; m++)
            have[m] += c->day[m] != CIVIL_NONE;
    }
    enum milestone from = MILESTONE_NONE;
    for (int m = 0; m < MILESTONE_COUNT; m++) {
        p->recorded[m] = m == MILESTONE_ISSUED || have[m] * 2 >= p->plans;
        if (!p->recorded[m])
            continue;
        p->stages[p->n_stages].from = from;
        p->stages[p->n_stages++].to = from = (enum milestone)m;
    }
}

/* The days on which the course reached the ends of the stages; one that comes after its successor counts as reached with it. */
static void days_of(const struct pipeline *p, const struct course *c, civil_day reached[MILESTONE_COUNT])
{
    civil_day later = CIVIL_NONE;
    for (size_t k = p->n_stages; k-- > 0;) {
        civil_day on = c->day[p->stages[k].to];
        if (on != CIVIL_NONE && (later == CIVIL_NONE || on < later))
            later = on;
        reached[k] = on == CIVIL_NONE ? CIVIL_NONE : later;
    }
}

static void add_spell(struct pipeline *p, size_t k, civil_day from, civil_day to, enum spell_end how)
{
    civil_day first = p->as_of - PIPELINE_WINDOW + 1; /* of the window */
    if (to >= first)
        survival_add(&p->stages[k].spells, from >= first ? SPELL_FROM_START : first - 1 - from, to - from,
                     how);
}

/* Adds the spells of one course, and says where it stands. */
static void follow(struct pipeline *p, struct course *c)
{
    civil_day reached[MILESTONE_COUNT], from = c->begun;
    days_of(p, c, reached);
    bool whole = true; /* the stage's beginning is known */
    size_t k = 0;
    if (c->again && p->stages[0].to == MILESTONE_DECIDED)
        k = 1; /* taken up again: nothing to decide */
    for (; k < p->n_stages; k++) {
        if (reached[k] != CIVIL_NONE) {
            if (whole)
                add_spell(p, k, from, reached[k], SPELL_DONE);
            from = reached[k];
            whole = true;
            continue;
        }
        size_t next = k + 1;
        while (next < p->n_stages && reached[next] == CIVIL_NONE)
            next++;
        if (next == p->n_stages)
            break;
        p->gaps++;
        whole = false;
    }
    c->stage = (uint8_t)(k < p->n_stages ? k : p->n_stages - 1);
    c->since = from;
    if (c->end == COURSE_OPEN)
        add_spell(p, c->stage, from, p->as_of, SPELL_OPEN);
    else if (c->end != COURSE_PLAN)
        add_spell(p, c->stage, from, c->over, SPELL_OTHERWISE);
}

/* Of those that enter stage k: the share still open after so many days, that day included. */
static void look_ahead(struct pipeline *p)
{
    for (size_t k = p->n_stages; k-- > 0;) {
        const struct survival *s = &p->stages[k].spells;
        for (int days = 0; days <= PIPELINE_AHEAD + PIPELINE_LATE; days++) {
            uint64_t sum = (uint64_t)survival_lasting(s, days) << 31;
            for (int t = 0; t <= days && k + 1 < p->n_stages; t++)
                sum += (uint64_t)(s->done[t] - (t > 0 ? s->done[t - 1] : 0)) *
                       p->stages[k + 1].still_open[days - t];
            p->stages[k].still_open[days] = (share31)((sum + SHARE_ONE / 2) >> 31);
        }
    }
}

static void find_unrecorded(struct pipeline *p)
{
    uint32_t all = 0, later = 0;
    for (int d = 0; d <= PIPELINE_LATE; d++)
        all += p->late[d];
    int since = p->known_on - p->as_of; /* what is asked about may be long past */
    for (int d = PIPELINE_LATE; d >= 0; d--) {
        if (d - since >= 0 && d - since <= PIPELINE_LATE && all > 0)
            p->unrecorded[d - since] = share_part(SHARE_ONE, later, all);
        later += p->late[d];
    }
}

#define AT_ONCE 16384

int pipeline_finish(struct pipeline *p)
{
    static const struct case_places everywhere;
    if (p->n_stages > 0 &&
        p->followed == p->n) { /* all are followed and the stages known: what remains is to count */
        pipeline_flow_add(p, &everywhere, p->counted, AT_ONCE, &p->all);
        p->counted += AT_ONCE;
        return p->counted < p->n;
    }
    if (p->followed == 0)
        find_recorded(p);
    for (size_t i = 0; i < AT_ONCE && p->followed < p->n; i++)
        follow(p, &p->courses[p->followed++]);
    if (p->followed < p->n)
        return 1;
    for (size_t k = 0; k < p->n_stages; k++) {
        survival_estimate(&p->stages[k].spells);
        p->stages[k].least_days = survival_quantile(&p->stages[k].spells, 100);
    }
    look_ahead(p);
    find_unrecorded(p);
    return p->n > 0;
}

/* Of those still in stage k after `lasted` days the share that has come to no end `days` days later. */
static share31 open_later(const struct pipeline *p, size_t k, int lasted, int days, bool go_on)
{
    const struct survival *s = &p->stages[k].spells;
    share31 staying = SHARE_ONE;
    uint64_t sum = 0;
    for (int t = 1; t <= days && lasted + t <= SURVIVAL_DAYS; t++) {
        if (go_on)
            sum += (uint64_t)share_times(staying, s->step[SPELL_DONE][lasted + t]) *
                   p->stages[k + 1].still_open[days - t];
        staying = share_times(staying, survival_staying(s, lasted + t));
    }
    return staying + (share31)((sum + SHARE_ONE / 2) >> 31);
}

/* For each that is still in the stage there are some that have left it in the last days, not recorded yet: of those that were in it when
 * day t of it began, a share of step(t). The weights are in units of 2^-20. */
#define WEIGHT_ONE  (UINT64_C(1) << 20)
#define WEIGHT_MOST (UINT64_C(1) << 32)

share31 pipeline_still_open(const struct pipeline *p, const struct course *c, int days, bool stage)
{
    const struct survival *s = &p->stages[c->stage].spells;
    const int lasted = p->as_of - c->since;
    const bool go_on = !stage && c->stage + 1u < p->n_stages;
    if (lasted < 0 || lasted > SURVIVAL_DAYS)
        return SHARE_ONE;
    uint64_t all = WEIGHT_ONE, before = WEIGHT_ONE;
    uint64_t open = WEIGHT_ONE * open_later(p, c->stage, lasted, days, go_on);
    for (int d = 0; d <= PIPELINE_LATE && d <= lasted; d++) {
        share31 stays = survival_staying(s, lasted - d);
        if (stays == 0 || (before << 31) / stays > WEIGHT_MOST)
            break;
        before = (before << 31) / stays;
        uint64_t missed = before * p->unrecorded[d] >> 31;
        uint64_t done = missed * s->step[SPELL_DONE][lasted - d] >> 31;
        all += done + (missed * s->step[SPELL_OTHERWISE][lasted - d] >> 31);
        open += go_on ? done * p->stages[c->stage + 1].still_open[d + days] : 0;
    }
    return (share31)(open / all);
}

const struct course *pipeline_open(const struct pipeline *p, uint32_t slot, uint32_t at)
{
    size_t from = 0, to = p->n;
    while (from < to) {
        size_t mid = from + (to - from) / 2;
        const struct course *c = &p->courses[mid];
        if (c->slot < slot || (c->slot == slot && c->at < at))
            from = mid + 1;
        else
            to = mid;
    }
    for (; from < p->n && p->courses[from].slot == slot && p->courses[from].at == at; from++)
        if (p->courses[from].end == COURSE_OPEN)
            return &p->courses[from];
    return NULL;
}

/* --- the cases of some places ---------------------------------------------------------------------------------------- */

bool case_places_hold(const struct case_places *w, uint32_t locality, uint32_t team, uint32_t officer)
{
    return breach_places_hold(&w->localities, locality) && breach_places_hold(&w->teams, team) &&
           breach_places_hold(&w->officers, officer);
}

static struct pipeline_week *week_of(const struct pipeline *p, struct pipeline_flow *flow, civil_day on)
{
    civil_day ago = p->as_of - on;
    return ago >= 0 && ago < 7 * PIPELINE_WEEKS ? &flow->week[ago / 7] : NULL;
}

static void flow_course(const struct pipeline *p, struct pipeline_flow *flow, const struct course *c)
{
    struct pipeline_week *came = c->again ? NULL : week_of(p, flow, c->request);
    struct pipeline_week *went = c->end != COURSE_OPEN ? week_of(p, flow, c->over) : NULL;
    if (came != NULL)
        came->requests++;
    if (went != NULL && c->end == COURSE_PLAN) {
        went->plans++;
        went->plans_in_time += c->over - c->request <= 140;
    } else if (went != NULL) {
        went->without_plan++;
    }
    if (c->end != COURSE_OPEN)
        return;
    flow->open++;
    flow->open_in[c->stage]++;
    flow->beyond += !survival_known(&p->stages[c->stage].spells, p->as_of - c->since + 1);
}

void pipeline_flow_add(const struct pipeline *p, const struct case_places *where, size_t from, size_t n,
                       struct pipeline_flow *flow)
{
    for (size_t i = from; i < p->n && i - from < n; i++) {
        const struct course *c = &p->courses[i];
        if (case_places_hold(where, c->locality, c->team, c->officer))
            flow_course(p, flow, c);
    }
}

void pipeline_flow(const struct pipeline *p, const struct case_places *where, struct pipeline_flow *flow)
{
    if (where->localities.n + where->teams.n + where->officers.n == 0) {
        *flow = p->all;
        return;
    }
    *flow = (struct pipeline_flow){0};
    pipeline_flow_add(p, where, 0, p->n, flow);
}
