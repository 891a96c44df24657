#include "case_steps.h"
#include "stuck_int.h"

/* The days on which the stages of a case ended, in their order; CIVIL_NONE: not, or passed over. */
struct steps {
    civil_day end[STUCK_STAGES];
};

/* The day on which the last of the bodies that were asked had answered; CIVIL_NONE: not all have, or none was asked. */
static civil_day advice_complete(const struct stuck *s, const struct case_seen *seen)
{
    civil_day last = CIVIL_NONE;
    for (size_t i = 0; i < seen->n; i++) {
        const struct obligation *o = &seen->obligations[i];
        if (o->limit != s->advice_limit)
            continue;
        if (o->closed_by != EV_ADVICE_RECEIVED)
            return CIVIL_NONE;
        if (o->closed > last)
            last = o->closed;
    }
    return last;
}

static struct steps steps_of(const struct stuck *s, const struct case_seen *seen, const struct case_steps *c)
{
    struct steps t = {{c->agreed, advice_complete(s, seen), c->draft, c->issued}};
    civil_day *end = t.end;
    if (end[STUCK_ADVICE] != CIVIL_NONE && end[STUCK_ADVICE] < end[STUCK_DECISION])
        end[STUCK_ADVICE] = end[STUCK_DECISION]; /* asked and answered before the letter went out */
    if (end[STUCK_DRAFT] != CIVIL_NONE &&
        (end[STUCK_ADVICE] == CIVIL_NONE || end[STUCK_ADVICE] > end[STUCK_DRAFT]))
        end[STUCK_ADVICE] = end[STUCK_DRAFT];
    return t;
}

static bool is_recent(const struct stuck *s, civil_day on)
{
    return on != CIVIL_NONE && on >= s->since;
}

/* The stages that ended, each from the end of the one before. */
static bool count_done(struct stuck *s, const struct case_steps *c, const struct steps *t,
                       bool without_advice)
{
    civil_day begun = c->start;
    for (int i = 0; i < STUCK_STAGES; i++) {
        const civil_day end = t->end[i];
        const bool measured = begun != CIVIL_NONE && end >= begun && !(i == STUCK_DRAFT && without_advice);
        if (is_recent(s, end) && measured && !day_counts_add(&s->stage[i].done, end - begun))
            return false;
        begun = end;
    }
    return true;
}

/* The stage that a case is in, or was in when it ended, and since when. */
static enum stuck_stage stage_in(const struct case_steps *c, const struct steps *t, civil_day *since)
{
    int i = STUCK_STAGES - 1;
    while (i > 0 && t->end[i - 1] == CIVIL_NONE)
        i--;
    *since = i > 0 ? t->end[i - 1] : c->start;
    return (enum stuck_stage)i;
}

/* The day on which it ended without a plan; CIVIL_NONE: it goes on, or has one. */
static civil_day left_on(const struct case_steps *c)
{
    civil_day on = c->issued != CIVIL_NONE ? CIVIL_NONE : c->over;
    const civil_day refusals[] = {c->refused ? c->decided : CIVIL_NONE, c->no_plan};
    for (int i = 0; i < 2; i++)
        if (c->issued == CIVIL_NONE && refusals[i] != CIVIL_NONE && (on == CIVIL_NONE || refusals[i] < on))
            on = refusals[i];
    return on;
}

bool stuck_stages(struct stuck *s, const struct case_seen *seen)
{
    const struct case_steps c = case_steps_of(seen->facts, s->how->as_of);
    if (c.start == CIVIL_NONE)
        return true;
    const struct steps t = steps_of(s, seen, &c);
    civil_day since;
    const enum stuck_stage in = stage_in(&c, &t, &since);
    const bool without_advice = t.end[STUCK_DRAFT] != CIVIL_NONE &&
                                t.end[STUCK_ADVICE] == t.end[STUCK_DRAFT] &&
                                advice_complete(s, seen) != t.end[STUCK_DRAFT];
    if (is_recent(s, left_on(&c)))
        s->stage[in].left++;
    for (size_t i = 0; i < seen->n; i++) {
        const struct obligation *o = &seen->obligations[i];
        if (o->limit != s->plan_limit || !obligation_is_owed(o))
            continue;
        s->stage[in].now++;
        s->stage[in].overdue += s->how->as_of > o->due;
        if (!day_counts_add(&s->stage[in].waiting, s->how->as_of - since))
            return false;
    }
    return count_done(s, &c, &t, without_advice);
}

static enum stuck_body body_of(uint32_t subject)
{
    static const uint8_t bodies[SUBJECT_COUNT] = {
        [SUBJECT_EDUCATION] = 1 + BODY_EDUCATION,
        [SUBJECT_PSYCHOLOGY] = 1 + BODY_PSYCHOLOGY,
        [SUBJECT_HEALTH] = 1 + BODY_HEALTH,
        [SUBJECT_SOCIAL_CARE] = 1 + BODY_SOCIAL_CARE,
    };
    return subject < SUBJECT_COUNT && bodies[subject] != 0 ? (enum stuck_body)(bodies[subject] - 1)
                                                           : BODY_OTHERS;
}

bool stuck_advice(struct stuck *s, const struct case_seen *seen)
{
    for (size_t i = 0; i < seen->n; i++) {
        const struct obligation *o = &seen->obligations[i];
        if (o->limit != s->advice_limit)
            continue;
        struct stuck_advice *a = &s->advice[body_of(o->subject)];
        a->asked += o->start >= s->since;
        if (obligation_is_owed(o)) {
            const int days = s->how->as_of - o->start;
            a->outstanding++;
            a->overdue += s->how->as_of > o->due;
            a->oldest = days > a->oldest ? days : a->oldest;
        } else if (o->closed_by == EV_ADVICE_RECEIVED && o->closed >= s->since) {
            a->in_time += o->closed <= o->due;
            a->late += o->closed > o->due;
            if (!day_counts_add(&a->answering, o->closed - o->start))
                return false;
        }
    }
    return true;
}
