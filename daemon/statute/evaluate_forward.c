#include "count.h"
#include "evaluate_walk.h"

/* The facts of one day, from the first that concerns the limit: cf->facts[from, to). */
struct day {
    civil_day on;
    size_t from, to;
    uint64_t events;
};

static bool of_subject(const struct walk *w, const struct fact *f)
{
    return w->subject == WALK_ANY_SUBJECT || f->subject == w->subject;
}

static bool is_start(const struct walk *w, const struct fact *f)
{
    return walk_is_start(w, f) && of_subject(w, f);
}

static void close(struct walk *w, enum closing how, civil_day on, const struct fact *by)
{
    walk_close(w, &w->current, how, on, by != NULL ? (enum event)by->event : EV_UNKNOWN);
    w->open = false;
}

static civil_day fifth_birthday(const struct walk *w)
{
    return w->rule->limit->applies == APPLIES_UNDER_FIVE ? w->fifth_birthday : CIVIL_NONE;
}

/* Whether this event may discharge. `today`: the obligation opened on this very day, and the restrictions of step 3
 * hold; `used` is the event that step 1 used up. */
static bool discharges(const struct walk *w, const struct fact *f, bool today, const struct fact *used)
{
    if (!term_hit(&w->rule->discharged_by, f) || !of_subject(w, f))
        return false;
    if (!today)
        return true;
    enum limit_count c = w->rule->limit->count;
    if (c == COUNT_MONTHS_STARTING_WITH || c == COUNT_MONTHS_STARTING_WITH_LESS_28D ||
        c == COUNT_MONTHS_AFTER)
        return false;
    if (f == used && w->rule->limit->per != PER_CYCLE)
        return false;
    return !walk_is_start(w, f);
}

static bool ends_life(const struct walk *w, const struct fact *f)
{
    return (w->rule->life_ends & EVENT_BIT(f->event)) != 0;
}

/* Steps 1 and 3: a discharge event of the day closes, failing that a void event, failing that a lapse. Returns the
 * discharge event used up, if any. */
static const struct fact *close_on(struct walk *w, const struct day *d, bool today, const struct fact *used)
{
    const struct fact *voids = NULL, *lapses = NULL;
    for (size_t i = d->from; i < d->to; i++) {
        struct fact *f = &w->cf->facts[i];
        if (discharges(w, f, today, used)) {
            f->mark = w->stamp;
            close(w, CLOSING_DISCHARGED, d->on, f);
            return f;
        }
        bool barred = today && walk_is_start(w, f);
        if (voids == NULL && !barred && term_hit(&w->rule->voided_by, f))
            voids = f;
        if (lapses == NULL && ((!barred && term_hit(&w->rule->lapsed_by, f)) || ends_life(w, f)))
            lapses = f;
    }
    if (voids != NULL)
        close(w, CLOSING_VOIDED, d->on, voids);
    else if (!today && fifth_birthday(w) == d->on)
        close(w, CLOSING_VOIDED, d->on, NULL);
    else if (lapses != NULL)
        close(w, CLOSING_LAPSED, d->on, lapses);
    return NULL;
}

/* A fifth birthday is no event: days without one are caught up with here. */
static void pass_birthday(struct walk *w, civil_day before)
{
    civil_day fifth = w->open ? fifth_birthday(w) : CIVIL_NONE;
    if (fifth != CIVIL_NONE && fifth < before)
        close(w, CLOSING_VOIDED, fifth, NULL);
}

/* The start event of the day that opens an obligation, or NULL. */
static const struct fact *opener(struct walk *w, const struct day *d)
{
    const struct fact *found = NULL;
    bool start = false;
    for (size_t i = d->from; i < d->to && found == NULL; i++) {
        const struct fact *f = &w->cf->facts[i];
        if (!is_start(w, f))
            continue;
        start = true;
        if (w->life_over || w->life_ended != CIVIL_NONE || !walk_may_open(w, f))
            continue;
        found = f;
    }
    bool first = !w->first_start_seen;
    w->first_start_seen |= start;
    if (w->rule->limit->per == PER_ONCE && !first)
        return NULL;
    if (w->open && w->rule->limit->per != PER_CYCLE)
        return NULL;
    return found;
}

static void open_on(struct walk *w, const struct fact *start)
{
    w->current = walk_opened(w, start);
    w->open = true;
    if (w->rule->limit->early_days == 0)
        return;
    civil_day from = start->on - w->rule->limit->early_days, previous = walk_previous_start(w, start->on);
    struct fact *early = walk_unused_discharge(w, previous >= from ? previous + 1 : from, start->on - 1);
    if (early != NULL) {
        early->mark = w->stamp;
        close(w, CLOSING_DISCHARGED, early->on, early);
    }
}

static void visit(struct walk *w, const struct day *d)
{
    const struct fact *used = NULL;
    pass_birthday(w, d->on);
    if (w->open)
        used = close_on(w, d, false, NULL);

    bool ends = false, begins = false;
    for (size_t i = d->from; i < d->to; i++) {
        ends |= ends_life(w, &w->cf->facts[i]);
        begins |= life_begins(w->rule, &w->cf->facts[i]);
    }
    if (begins) /* a start on the very day of the new life counts */
        w->life_ended = CIVIL_NONE;

    const struct fact *start = (d->events & w->starts) != 0 ? opener(w, d) : NULL;
    if (start != NULL) {
        if (w->open)
            close(w, CLOSING_LAPSED, d->on, NULL); /* superseded */
        open_on(w, start);
        if (w->open)
            close_on(w, d, true, used);
    }
    if (ends)
        w->life_ended = d->on;
    w->life_over |= (d->events & EVENT_BIT(EV_CASE_CLOSED)) != 0;
}

static void walk_days(struct walk *w)
{
    const struct fact *first = w->cf->facts, *end = first + w->cf->n;
    for (const struct fact *f = first; f < end && f->on <= w->as_of;) {
        if ((EVENT_BIT(f->event) & w->concerns) == 0) {
            f++;
            continue;
        }
        struct day d = {.on = f->on, .from = (size_t)(f - first)};
        for (; f < end && f->on == d.on; f++)
            d.events |= EVENT_BIT(f->event);
        d.to = (size_t)(f - first);
        visit(w, &d);
    }
    pass_birthday(w, w->as_of + 1);
    if (w->open)
        close(w, CLOSING_NONE, CIVIL_NONE, NULL);
}

void walk_forward(struct walk *w)
{
    if (w->rule->limit->per != PER_SUBJECT) {
        walk_days(w);
        return;
    }
    for (size_t i = 0; i < w->cf->n; i++) {
        const struct fact *f = &w->cf->facts[i];
        if (!walk_is_start(w, f))
            continue;
        bool walked = false; /* once for each subject, at its first start */
        for (size_t j = 0; j < i && !walked; j++)
            walked = walk_is_start(w, &w->cf->facts[j]) && w->cf->facts[j].subject == f->subject;
        if (walked)
            continue;
        struct walk one = *w;
        one.subject = f->subject;
        walk_days(&one);
    }
}
