#include "stuck_int.h"

/* A stage ends with the milestone of the same number. */
_Static_assert(STUCK_STAGES == (int)MILESTONE_COUNT && STUCK_ADVICE == (int)MILESTONE_ADVISED, "stages");

/* The days on which the stages of a course ended, in their order; CIVIL_NONE: not, or passed over. */
struct ends {
    civil_day on[STUCK_STAGES];
    bool hurried; /* the draft did not wait for all advice */
};

static struct ends ends_of(const struct course *c)
{
    struct ends e = {.hurried = c->unadvised};
    civil_day *on = e.on;
    for (int i = 0; i < STUCK_STAGES; i++)
        on[i] = c->day[i];
    if (on[STUCK_ADVICE] != CIVIL_NONE && on[STUCK_ADVICE] < on[STUCK_DECISION])
        on[STUCK_ADVICE] = on[STUCK_DECISION]; /* asked and answered before the letter went out */
    e.hurried |= on[STUCK_DRAFT] != CIVIL_NONE && on[STUCK_ADVICE] > on[STUCK_DRAFT];
    if (e.hurried)
        on[STUCK_ADVICE] = on[STUCK_DRAFT];
    return e;
}

static bool is_recent(const struct stuck *s, civil_day on)
{
    return on != CIVIL_NONE && on >= s->since;
}

/* The stages that ended, each from the end of the one before. What is taken up again begins with the decision. */
static bool count_done(struct stuck *s, const struct course *c, const struct ends *e)
{
    civil_day begun = c->again ? CIVIL_NONE : c->begun;
    for (int i = 0; i < STUCK_STAGES; i++) {
        const civil_day end = e->on[i];
        const bool measured = begun != CIVIL_NONE && end >= begun && !(i == STUCK_DRAFT && e->hurried);
        if (is_recent(s, end) && measured && !day_counts_add(&s->stage[i].done, end - begun))
            return false;
        begun = end;
    }
    return true;
}

/* The stage that a course is in, or was in when it ended, and since when. */
static enum stuck_stage stage_in(const struct course *c, const struct ends *e, civil_day *since)
{
    int i = STUCK_STAGES - 1;
    while (i > 0 && e->on[i - 1] == CIVIL_NONE)
        i--;
    *since = i > 0 ? e->on[i - 1] : c->begun;
    return (enum stuck_stage)i;
}

static const struct obligation *owed_plan(const struct stuck *s, const struct case_seen *seen)
{
    for (size_t i = 0; i < seen->n; i++)
        if (seen->obligations[i].limit == s->plan_limit && obligation_is_owed(&seen->obligations[i]))
            return &seen->obligations[i];
    return NULL;
}

bool stuck_stages(struct stuck *s, const struct case_seen *seen)
{
    const struct assessment *a = seen->assessment;
    const struct obligation *plan = owed_plan(s, seen);
    for (size_t k = 0; k < a->n; k++) {
        const struct course *c = &a->course[k];
        const struct ends e = ends_of(c);
        civil_day since;
        struct stuck_stage_counts *in = &s->stage[stage_in(c, &e, &since)];
        if (c->end == COURSE_REFUSED || c->end == COURSE_LEFT)
            in->left += is_recent(s, c->over);
        if (c->end == COURSE_OPEN && plan != NULL) {
            in->now++;
            in->overdue += s->how->as_of > plan->due;
            if (!day_counts_add(&in->waiting, s->how->as_of - since))
                return false;
        }
        if (!count_done(s, c, &e))
            return false;
    }
    return true;
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
