#include "evaluate_walk.h"

#define ANY_SUBJECT UINT32_MAX

/* Limits on their way through the days of the case. */
struct pass {
    struct walk *walk;
    struct obligation *current; /* by limit: what is open */
    uint64_t limits;
    uint64_t concerns;    /* events that concern them */
    uint64_t any_subject; /* of these, the ones that do so whatever their subject */
    uint32_t
        subject; /* under way where `per` is subject: its starts and discharges count; else ANY_SUBJECT */
    civil_day last_start; /* nothing starts after it */

    uint64_t open;       /* limits with an obligation open */
    uint64_t till_fifth; /* of these, the ones that the fifth birthday voids */
    uint64_t started;    /* limits of which a start was seen */
    unsigned ended;      /* lives that have ended and not begun anew: LIFE_BIT of each */
};

#define LIFE_BIT(life) (1u << (life))

/* The facts of one day, from the first that concerns the limits. */
struct day {
    civil_day on;
    struct fact *from, *to;
    uint64_t events;
    uint64_t starts, closes; /* limits that they may start or close */
};

static bool of_subject(const struct pass *p, const struct fact *f)
{
    return p->subject == ANY_SUBJECT || f->subject == p->subject;
}

static void close(struct pass *p, unsigned limit, enum closing how, civil_day on, const struct fact *by)
{
    walk_close(p->walk, &p->current[limit], how, on, by);
    p->open &= ~LIMIT_BIT(limit);
    p->till_fifth &= ~LIMIT_BIT(limit);
}

/* Whether nothing discharges this limit on its start day. */
static bool waits_a_day(const struct rule *r)
{
    enum limit_count c = r->limit->count;
    return c == COUNT_MONTHS_STARTING_WITH || c == COUNT_MONTHS_STARTING_WITH_LESS_28D ||
           c == COUNT_MONTHS_AFTER;
}

/* The first discharge event of the day. `today`: the obligation opened on this very day, and the restrictions of step 3
 * hold; `used` is the event that step 1 used up. */
static struct fact *discharge_of(const struct pass *p, const struct rule *r, const struct day *d, bool today,
                                 const struct fact *used)
{
    if ((d->events & r->discharged_by.any) == 0 || (today && waits_a_day(r)))
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

static const struct fact *find(const struct rule *r, const struct term_set *s, uint64_t ends,
                               const struct day *d, bool today)
{
    for (const struct fact *f = d->from; f < d->to; f++)
        if ((ends & EVENT_BIT(f->event)) != 0 || (term_hit(s, f) && !(today && term_hit(&r->starts, f))))
            return f;
    return NULL;
}

/* The first void event of the day, or the first lapse: no start closes what opens `today`, an end of life always does. */
static inline const struct fact *first_of(const struct rule *r, const struct term_set *s, uint64_t ends,
                                          const struct day *d, bool today)
{
    return (d->events & (s->any | ends)) != 0 ? find(r, s, ends, d, today) : NULL;
}

/* Steps 1 and 3, on a day with an event that may close: a discharge event closes, failing that a void event, failing that
 * a lapse. Returns the discharge event used up, if any. */
static const struct fact *close_on(struct pass *p, unsigned limit, const struct rule *r, const struct day *d,
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
        close(p, limit, how, d->on, by);
    return discharge;
}

/* A fifth birthday is no event: days without one are caught up with here. */
static void pass_birthday(struct pass *p, civil_day before)
{
    civil_day fifth = p->walk->fifth_birthday;
    for (uint64_t left = fifth < before ? p->till_fifth : 0; left != 0; left &= left - 1)
        close(p, limits_first(left), CLOSING_VOIDED, fifth, NULL);
}

/* The start event of the day that opens an obligation, or NULL. */
static const struct fact *opener(struct pass *p, unsigned limit, const struct rule *r, const struct day *d)
{
    bool open = (p->open & LIMIT_BIT(limit)) != 0, first = (p->started & LIMIT_BIT(limit)) == 0;
    bool alive = (p->ended & LIFE_BIT(r->limit->life)) == 0;
    if ((r->limit->per == PER_ONCE && !first) || (r->limit->per != PER_CYCLE && open))
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
        close(p, limit, CLOSING_DISCHARGED, early->on, early);
    }
}

/* One limit on one day: the obligation of an earlier day closes first, then the day's starts open, then what opened today
 * may close. */
static void visit(struct pass *p, unsigned limit, const struct day *d)
{
    const struct rule *r;
    const struct fact *used = NULL;
    if ((p->open & LIMIT_BIT(limit)) != 0) {
        r = obligation_rule(p->walk->rulebook, &p->current[limit]);
        if ((d->events & r->closes) != 0)
            used = close_on(p, limit, r, d, false, NULL);
    }
    if ((d->starts & LIMIT_BIT(limit)) == 0)
        return;

    r = walk_rule_on(p->walk, limit, d->on);
    const struct fact *start = opener(p, limit, r, d);
    if (start == NULL)
        return;
    if ((p->open & LIMIT_BIT(limit)) != 0)
        close(p, limit, CLOSING_LAPSED, d->on, NULL); /* superseded */
    open_on(p, limit, r, start);
    if ((p->open & LIMIT_BIT(limit)) != 0 && (d->events & r->closes) != 0)
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

/* After them: the starts of the last day of a life open still. */
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

/* Until nothing is open and nothing more can start. */
static void walk_days(struct pass *p)
{
    const struct walk *w = p->walk;
    struct fact *f = w->cf->facts, *end = f + w->cf->n;
    while (f < end && f->on <= (p->open != 0 ? w->as_of : p->last_start)) {
        if (!concerned(p, f)) {
            f++;
            continue;
        }
        struct day d = {.on = f->on, .from = f};
        for (; f < end && f->on == d.on; f++) {
            d.events |= EVENT_BIT(f->event);
            d.starts |= w->rulebook->event[f->event].starts;
            d.closes |= w->rulebook->event[f->event].closes;
        }
        d.to = f;

        if (p->till_fifth != 0)
            pass_birthday(p, d.on);
        begin_lives(p, &d);
        uint64_t touched = p->limits & (d.starts | (d.closes & p->open));
        for (; touched != 0; touched &= touched - 1)
            visit(p, limits_first(touched), &d);
        end_lives(p, &d);
    }
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
    const struct rulebook *rb = w->rulebook;
    struct pass p = {
        .walk = w,
        .current = current,
        .limits = LIMIT_BIT(limit),
        .concerns = rb->concerns[limit],
        .any_subject = rb->any_subject[limit],
        .subject = subject,
        .last_start = last_start < w->as_of ? last_start : w->as_of,
    };
    walk_days(&p);
    if (p.open != 0)
        close(&p, limit, CLOSING_NONE, CIVIL_NONE, NULL);
}

/* Whether an earlier start had the subject of this one. */
static bool subject_seen(const struct walk *w, unsigned limit, const struct fact *start)
{
    for (const struct fact *f = w->cf->facts; f < start; f++)
        if (f->subject == start->subject && walk_is_start(w, limit, f))
            return true;
    return false;
}

static civil_day last_start(const struct walk *w, unsigned limit, uint32_t subject)
{
    const struct fact *f = w->cf->facts + w->cf->n;
    do
        f--;
    while (f->subject != subject || !walk_is_start(w, limit, f));
    return f->on;
}

void walk_forward(struct walk *w, unsigned limit, struct obligation current[LIMIT_MAX])
{
    if (w->rulebook->rule[limit].limit->per != PER_SUBJECT) {
        walk_subject(w, limit, ANY_SUBJECT, w->as_of, current);
        return;
    }
    for (const struct fact *f = w->cf->facts, *end = f + w->cf->n; f < end; f++)
        if (walk_is_start(w, limit, f) && !subject_seen(w, limit, f))
            walk_subject(w, limit, f->subject, last_start(w, limit, f->subject), current);
}
