/* One case on its way through the rulebook: what the evaluator's files share. Nobody else includes this. */
#ifndef EHCWATCH_EVALUATE_WALK_H
#define EHCWATCH_EVALUATE_WALK_H

#include "count.h"
#include "evaluate.h"

/* How an obligation ended. */
enum closing { CLOSING_NONE, CLOSING_DISCHARGED, CLOSING_VOIDED, CLOSING_LAPSED };

struct walk {
    const struct rulebook *rulebook;
    const struct calendar *cal;
    struct case_facts *cf;
    civil_day as_of;
    obligation_fn *emit;
    void *ud;
    civil_day fifth_birthday; /* of the child; CIVIL_NONE until it was asked for */
};

/* All of `limits`, which count forward, through the days of the case together. What is closed is emitted. Returns the limits
 * with an obligation still open, which is current[limit]. */
uint64_t walk_together(struct walk *w, uint64_t limits, struct obligation current[LIMIT_MAX]);

/* One limit through the case, with what is still open at its end. The first counts forward, the second backward. */
void walk_forward(struct walk *w, unsigned limit, struct obligation current[LIMIT_MAX]);
void walk_backward(struct walk *w, unsigned limit);

/* The questions that are asked of every fact of every case are inline. */

/* Whether the fact, of an event that the set names with subjects, is one of its terms. */
bool term_qualifies(const struct term_set *s, const struct fact *f);

/* Whether the fact is one of the set's terms. */
static inline bool term_hit(const struct term_set *s, const struct fact *f)
{
    uint64_t bit = EVENT_BIT(f->event);
    return (s->any & bit) != 0 && ((s->qualified & bit) == 0 || term_qualifies(s, f));
}

/* Whether the fact begins a life anew, if it had ended on an earlier day. */
static inline bool begins_life(enum limit_life life, const struct fact *f)
{
    if ((life_begins[life] & EVENT_BIT(f->event)) == 0)
        return false;
    return f->event != EV_TRIBUNAL_ORDER || f->subject == SUBJECT_CONTINUE ||
           f->subject == SUBJECT_CONTINUE_AMEND;
}

/* The version that would govern what opens on a day; the first one when none is in force. */
static inline const struct rule *walk_rule_on(const struct walk *w, unsigned limit, civil_day on)
{
    const struct rule *first = &w->rulebook->rule[limit];
    const struct rule *r = first->later != 0 ? rulebook_version(w->rulebook, limit, on) : first;
    return r != NULL ? r : first;
}

/* Whether the fact is a start of the limit, by the version of its day. */
static inline bool walk_is_start(const struct walk *w, unsigned limit, const struct fact *f)
{
    return (w->rulebook->starts[limit] & EVENT_BIT(f->event)) != 0 &&
           term_hit(&walk_rule_on(w, limit, f->on)->starts, f);
}

/* A consent order after a concession, with no new appeal between, is the same appeal: it starts nothing new. */
bool order_follows_concession(const struct case_facts *cf, const struct fact *order);

/* Whether the limit applies to what the start event would open. */
bool walk_applies(struct walk *w, const struct limit *l, const struct fact *f);

/* Whether a start event opens an obligation by the dates of the row, `applies` and the rule on consent orders. `r` is the
 * version of its day. */
static inline bool walk_may_open(struct walk *w, const struct rule *r, const struct fact *f)
{
    if (!rule_in_force(r, f->on) || (f->event == EV_TRIBUNAL_ORDER && order_follows_concession(w->cf, f)))
        return false;
    return r->limit->applies == APPLIES_ALWAYS || walk_applies(w, r->limit, f);
}

/* What the start event opens. */
static inline void walk_open(const struct walk *w, unsigned limit, const struct rule *r, const struct fact *f,
                             struct obligation *o)
{
    const struct limit *l = r->limit;
    *o = (struct obligation){
        .limit = (uint8_t)limit,
        .version = r == &w->rulebook->rule[limit] ? 0 : (uint8_t)(r - w->rulebook->later + 1),
        .subject = r->names_subject ? f->subject : SUBJECT_NONE,
        .start = f->on,
        .closed = CIVIL_NONE,
    };
    o->due = r->days != COUNT_NOT_IN_DAYS
                 ? f->on + r->days
                 : count_due(l->count, l->n, f->on, w->cal, w->cf, w->as_of, &o->calendar_exhausted);
    if (o->due > w->cal->last_known) /* where act_by is looked for, from safe_on backward */
        o->calendar_exhausted |= obligation_safe_on(w->rulebook, o) > w->cal->last_known;
}

/* The earliest discharge event that the limit has not used up: from `early_days` before the start, or after the previous
 * start, the latest one at least 28 days before this, up to `to`. NULL: none. */
struct fact *walk_unused_discharge(const struct walk *w, unsigned limit, const struct rule *r,
                                   const struct fact *start, civil_day to);

/* A discharge event is used up by the obligation that it closes. Only the limit that used it last is kept. */
static inline void walk_use(struct fact *f, unsigned limit)
{
    f->mark = (uint8_t)(limit + 1);
}

static inline bool walk_used(const struct fact *f, unsigned limit)
{
    return f->mark == limit + 1;
}

/* Whether one of the events that the limit `requires` lies between the obligation's start and its closing, or the as-of
 * date: until then it appears nowhere. */
bool walk_required_seen(const struct walk *w, const struct rule *r, const struct obligation *o);

/* Judges the obligation as closed that way (CLOSING_NONE: still open) and emits it, unless `requires` hides it. `r` governs
 * it. `by` may be NULL: a birthday or a next start. */
void walk_close(const struct walk *w, const struct rule *r, struct obligation *o, enum closing how,
                civil_day on, const struct fact *by);

#endif
