#include "evaluate_walk.h"

/* Limits that count forward, day by day through the case. A set of limits is a word (LIMIT_BIT), so that a day costs what
 * happens on it, and not what might. */

#define ANY_SUBJECT    UINT32_MAX
#define LIFE_BIT(life) (1u << (life))

/* For what is called in two places, with `today` and without: there the evaluator spends its time. */
#define INLINE static inline __attribute__((always_inline))

struct pass {
    struct walk *walk;
    struct obligation *current; /* by limit: what is open */
    uint64_t limits;            /* that take part */
    uint64_t concerns;          /* events that concern them */
    uint64_t any_subject;       /* of these, the ones that do so whatever their subject */
    uint32_t subject;           /* of the starts and discharges that count; ANY_SUBJECT */
    civil_day last_start;       /* nothing starts after it */

    uint64_t open;       /* limits with an obligation open */
    uint64_t till_fifth; /* of these, the ones that the fifth birthday voids */
    uint64_t started;    /* limits of which a start was seen */
    unsigned ended;      /* lives that have ended and not begun anew: LIFE_BIT of each */
};

/* The facts of one day, from the first that concerns the limits. */
struct day {
    civil_day on;
    struct fact *from, *to;
    uint64_t events;
    uint64_t starts, closes; /* limits that they may start or close */
};

static bool is_open(const struct pass *p, unsigned limit)
{
    return (p->open & LIMIT_BIT(limit)) != 0;
}

static bool of_subject(const struct pass *p, const struct fact *f)
{
    return p->subject == ANY_SUBJECT || f->subject == p->subject;
}

static const struct rule *rule_of_open(const struct pass *p, unsigned limit)
{
    return obligation_rule(p->walk->rulebook, &p->current[limit]);
}

static void close(struct pass *p, unsigned limit, const struct rule *r, enum closing how, civil_day on,
                  const struct fact *by)
{
    walk_close(p->walk, r, &p->current[limit], how, on, by);
    p->open &= ~LIMIT_BIT(limit);
    p->till_fifth &= ~LIMIT_BIT(limit);
}

/* --- steps 1 and 3: what is open may close ---------------------------------------------------------------------------- */

/* Counted in months from the start, nothing of the start day discharges. */
static bool waits_a_day(enum limit_count c)
{
    return c == COUNT_MONTHS_STARTING_WITH || c == COUNT_MONTHS_STARTING_WITH_LESS_28D ||
           c == COUNT_MONTHS_AFTER;
}

/* The first discharge event of the day. `today`: the obligation opened on this very day, and the restrictions of step 3
 * hold; `used` is the event that step 1 used up. */
INLINE struct fact *discharge_of(const struct pass *p, const struct rule *r, const struct day *d, bool today,
                                 const struct fact *used)
{
    if ((d->events & r->discharged_by.any) == 0 || (today && waits_a_day(r->limit->count)))
        return NULL;
    for (struct fact *f = d->from; f < d->to; f++) {
        if (!term_hit(&r->discharged_by, f) || !of_subject(p, f))
            continue;
        if (today && term_hit(&r->starts, f))
            continue;
        if (f == used && r->limit->per != PER_CYCLE)
            continue;
        return f;
    }
    return NULL;
}

/* The first void event of the day, or the first lapse: no start closes what opens `today`, an end of life always does. */
INLINE const struct fact *first_of(const struct rule *r, const struct term_set *s, uint64_t ends,
                                   const struct day *d, bool today)
{
    if ((d->events & (s->any | ends)) == 0)
        return NULL;
    for (const struct fact *f = d->from; f < d->to; f++)
        if ((ends & EVENT_BIT(f->event)) != 0 || (term_hit(s, f) && !(today && term_hit(&r->starts, f))))
            return f;
    return NULL;
}

/* A discharge event of the day closes, failing that a void event, failing that a lapse. Returns the discharge event used
 * up, if any. */
INLINE const struct fact *close_on(struct pass *p, unsigned limit, const struct rule *r, const struct day *d,
                                   bool today, const struct fact *used)
{
    enum closing how = CLOSING_NONE;
    const struct fact *by = NULL;
    struct fact *discharge = discharge_of(p, r, d, today, used);
    if (discharge != NULL) {
        how = CLOSING_DISCHARGED;
        by = discharge;
        walk_use(discharge, limit);
    } else if ((by = first_of(r, &r->voided_by, 0, d, today)) != NULL) {
        how = CLOSING_VOIDED;
    } else if ((p->till_fifth & LIMIT_BIT(limit)) != 0 && p->walk->fifth_birthday == d->on) {
        how = CLOSING_VOIDED;
    } else if ((by = first_of(r, &r->lapsed_by, life_ends[r->limit->life], d, today)) != NULL) {
        how = CLOSING_LAPSED;
    }
    if (how != CLOSING_NONE)
        close(p, limit, r, how, d->on, by);
    return discharge;
}

/* A fifth birthday is no event: days without one are caught up with here. */
static void pass_birthday(struct pass *p, civil_day before)
{
    civil_day fifth = p->walk->fifth_birthday;
    for (uint64_t left = fifth < before ? p->till_fifth : 0; left != 0; left &= left - 1) {
        unsigned limit = limits_first(left);
        close(p, limit, rule_of_open(p, limit), CLOSING_VOIDED, fifth, NULL);
    }
}

/* --- step 2: the starts of the day ------------------------------------------------------------------------------------ */

/* The start event of the day that opens an obligation, or NULL. `r` is the version of the day. */
static const struct fact *opener(struct pass *p, unsigned limit, const struct rule *r, const struct day *d)
{
    uint64_t taken = r->limit->per == PER_ONCE ? p->started : r->limit->per != PER_CYCLE ? p->open : 0;
    bool alive = (p->ended & LIFE_BIT(r->limit->life)) == 0;
    if ((taken & LIMIT_BIT(limit)) != 0)
        return NULL;
    for (const struct fact *f = d->from; f < d->to; f++) {
        if (!term_hit(&r->starts, f) || !of_subject(p, f))
            continue;
        p->started |= LIMIT_BIT(limit);
        if (alive && walk_may_open(p->walk, r, f))
            return f;
    }
    return NULL;
}

static void open_on(struct pass *p, unsigned limit, const struct rule *r, const struct fact *start)
{
    walk_open(p->walk, limit, r, start, &p->current[limit]);
    p->open |= LIMIT_BIT(limit);
    if (r->limit->applies == APPLIES_UNDER_FIVE)
        p->till_fifth |= LIMIT_BIT(limit);
    if (r->limit->early_days == 0)
        return;
    struct fact *early = walk_unused_discharge(p->walk, limit, r, start, start->on - 1);
    if (early != NULL) {
        walk_use(early, limit);
        close(p, limit, r, CLOSING_DISCHARGED, early->on, early);
    }
}

/* --- the days --------------------------------------------------------------------------------------------------------- */

/* One limit on one day. */
static void visit(struct pass *p, unsigned limit, const struct day *d)
{
    const struct fact *used = NULL;
    if (is_open(p, limit)) {
        const struct rule *r = rule_of_open(p, limit);
        if ((d->events & r->closes) != 0)
            used = close_on(p, limit, r, d, false, NULL);
    }
    if ((d->starts & LIMIT_BIT(limit)) == 0)
        return;
    const struct rule *r = walk_rule_on(p->walk, limit, d->on);
    const struct fact *start = opener(p, limit, r, d);
    if (start == NULL)
        return;
    if (is_open(p, limit)) /* superseded */
        close(p, limit, rule_of_open(p, limit), CLOSING_LAPSED, d->on, NULL);
    open_on(p, limit, r, start);
    if (is_open(p, limit) && (d->events & r->closes) != 0)
        close_on(p, limit, r, d, true, used);
}

/* Before the day's starts: a start on the very day of the new life counts. A closed case is final. */
static void begin_lives(struct pass *p, const struct day *d)
{
    if ((p->ended & LIFE_BIT(LIFE_PLAN)) == 0 || (p->ended & LIFE_BIT(LIFE_CASE)) != 0)
        return;
    for (const struct fact *f = d->from; f < d->to; f++)
        if (begins_life(LIFE_PLAN, f))
            p->ended &= ~LIFE_BIT(LIFE_PLAN);
}

/* After them: what starts on the last day of a life opens still. */
static void end_lives(struct pass *p, const struct day *d)
{
    const uint64_t any = life_ends[LIFE_REQUEST] | life_ends[LIFE_PLAN] | life_ends[LIFE_CASE];
    for (int life = 0; life < LIFE_COUNT && (d->events & any) != 0; life++)
        if ((d->events & life_ends[life]) != 0)
            p->ended |= LIFE_BIT(life);
}

static bool concerned(const struct pass *p, const struct fact *f)
{
    uint64_t bit = EVENT_BIT(f->event);
    return (p->any_subject & bit) != 0 || ((p->concerns & bit) != 0 && of_subject(p, f));
}

static struct day day_of(const struct rulebook *rb, struct fact *from, const struct fact *end)
{
    uint64_t events = 0, starts = 0, closes = 0;
    struct fact *f = from;
    do {
        events |= EVENT_BIT(f->event);
        starts |= rb->event[f->event].starts;
        closes |= rb->event[f->event].closes;
    } while (++f < end && f->on == from->on);
    return (struct day){from->on, from, f, events, starts, closes};
}

static void walk_days(struct pass *p)
{
    const struct walk *w = p->walk;
    struct fact *f = w->cf->facts, *end = f + w->cf->n;
    while (f < end && f->on <= w->as_of) {
        if (!concerned(p, f)) {
            f++;
            continue;
        }
        struct day d = day_of(w->rulebook, f, end);
        f = d.to;

        if (p->till_fifth != 0)
            pass_birthday(p, d.on);
        begin_lives(p, &d);
        uint64_t touched = p->limits & (d.starts | (d.closes & p->open));
        for (; touched != 0; touched &= touched - 1)
            visit(p, limits_first(touched), &d);
        end_lives(p, &d);
        if (p->open == 0 && d.on >= p->last_start)
            break;
    }
    if (p->till_fifth != 0)
        pass_birthday(p, w->as_of + 1);
}

uint64_t walk_together(struct walk *w, uint64_t limits, struct obligation current[LIMIT_MAX])
{
    struct pass p = {
        .walk = w,
        .current = current,
        .limits = limits,
        .any_subject = UINT64_MAX,
        .subject = ANY_SUBJECT,
        .last_start = w->as_of,
    };
    walk_days(&p);
    return p.open;
}

static void walk_subject(struct walk *w, unsigned limit, uint32_t subject, civil_day last_start,
                         struct obligation current[LIMIT_MAX])
{
    struct pass p = {
        .walk = w,
        .current = current,
        .limits = LIMIT_BIT(limit),
        .concerns = w->rulebook->concerns[limit],
        .any_subject = w->rulebook->any_subject[limit],
        .subject = subject,
        .last_start = last_start,
    };
    walk_days(&p);
    if (p.open != 0)
        close(&p, limit, rule_of_open(&p, limit), CLOSING_NONE, CIVIL_NONE, NULL);
}

/* The last start in [from, to) with that subject, or NULL. */
static const struct fact *last_start(const struct walk *w, unsigned limit, uint32_t subject,
                                     const struct fact *from, const struct fact *to)
{
    for (; to > from; to--)
        if (to[-1].subject == subject && walk_is_start(w, limit, &to[-1]))
            return &to[-1];
    return NULL;
}

/* Each subject is taken once, at its first start. */
void walk_forward(struct walk *w, unsigned limit, struct obligation current[LIMIT_MAX])
{
    const struct fact *first = w->cf->facts, *end = first + w->cf->n;
    if (w->rulebook->rule[limit].limit->per != PER_SUBJECT) {
        walk_subject(w, limit, ANY_SUBJECT, w->as_of, current);
        return;
    }
    for (const struct fact *f = first; f < end; f++)
        if (walk_is_start(w, limit, f) && last_start(w, limit, f->subject, first, f) == NULL)
            walk_subject(w, limit, f->subject, last_start(w, limit, f->subject, f, end)->on, current);
}
