/* One limit on its way through one case: what the evaluator's files share. Nobody else includes this. */
#ifndef EHCWATCH_EVALUATE_WALK_H
#define EHCWATCH_EVALUATE_WALK_H

#include "evaluate.h"

#define WALK_ANY_SUBJECT UINT32_MAX

struct walk {
    const struct rulebook *rulebook;
    const struct rule *rule; /* the version under way: of the open obligation, else of the day */
    uint8_t limit;           /* index of the limit */
    uint64_t starts;         /* events that may start it, in any version */
    uint64_t concerns;       /* events that concern it, in any version */
    uint8_t stamp;           /* mark of discharge events that this limit has used up */
    const struct calendar *cal;
    struct case_facts *cf;
    civil_day as_of;
    obligation_fn *emit;
    void *ud;
    civil_day fifth_birthday; /* of the child; CIVIL_NONE: unknown */

    /* Limits that count forward, day by day. */
    uint32_t subject; /* the subject under way where `per` is subject */
    bool first_start_seen;
    bool life_over;       /* the case was closed: final */
    civil_day life_ended; /* last end not followed by a new life; CIVIL_NONE: alive */
    bool open;
    struct obligation current;
};

void walk_forward(struct walk *w);
void walk_backward(struct walk *w);

/* The questions that are asked of every fact of every case are inline. */

/* Whether the fact, of an event that the set names with subjects, is one of its terms. */
bool term_qualifies(const struct term_set *s, const struct fact *f);

/* Whether the fact is one of the set's terms. */
static inline bool term_hit(const struct term_set *s, const struct fact *f)
{
    uint64_t bit = EVENT_BIT(f->event);
    return (s->any & bit) != 0 && ((s->qualified & bit) == 0 || term_qualifies(s, f));
}

/* Whether the fact begins the life of a plan anew, if it had ended on an earlier day. */
static inline bool life_begins(const struct rule *r, const struct fact *f)
{
    if ((r->life_begins & EVENT_BIT(f->event)) == 0)
        return false;
    return f->event != EV_TRIBUNAL_ORDER || f->subject == SUBJECT_CONTINUE ||
           f->subject == SUBJECT_CONTINUE_AMEND;
}

/* The version that would govern what opens on a day; the first one when none is in force. */
const struct rule *walk_rule_on(const struct walk *w, civil_day on);

/* Whether the fact is a start of the limit, by the version in force on its day (the first one on a day when none is). */
static inline bool walk_is_start(const struct walk *w, const struct fact *f)
{
    return (w->starts & EVENT_BIT(f->event)) != 0 && term_hit(&walk_rule_on(w, f->on)->starts, f);
}

/* Whether a start event opens an obligation by the dates of the row, `applies` and the rule on consent orders. */
bool walk_may_open(const struct walk *w, const struct fact *f);

/* What the start event opens; its version is under way from now on. */
struct obligation walk_opened(struct walk *w, const struct fact *f);

/* The latest start event at least 28 days before this start, whether or not it opened anything. */
civil_day walk_previous_start(const struct walk *w, civil_day start);

/* The earliest discharge event of [from, to] that this limit has not used up, or NULL. */
struct fact *walk_unused_discharge(const struct walk *w, civil_day from, civil_day to);

/* Judges the obligation as closed that way (CLOSING_NONE: still open) and emits it, unless `requires` hides it. */
void walk_close(const struct walk *w, struct obligation *o, enum closing how, civil_day on, enum event by);

#endif
