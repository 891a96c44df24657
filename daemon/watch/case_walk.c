#include "case_walk.h"

#include <stdlib.h>

#define VISITORS_MAX 16

struct case_walk {
    struct snapshot *snapshot;
    struct judge_how how;
    struct case_visitor visitors[VISITORS_MAX];
    size_t n_visitors;
    case_wanted_fn *wanted; /* NULL: all are */
    const void *wanted_ud;
    size_t slot;
    uint32_t at; /* of the slot's chunk: the next case */
    struct record_room room;
    struct obligation *obligations;
    size_t n, cap;
    struct assessment assessment; /* of the case that is told */
    bool failed;
};

struct case_walk *case_walk_new(struct snapshot *s, const struct judge_how *how,
                                const struct case_visitor *visitors, size_t n)
{
    struct case_walk *w = n <= VISITORS_MAX ? calloc(1, sizeof *w) : NULL;
    if (w == NULL)
        return NULL;
    w->snapshot = snapshot_ref(s);
    w->how = *how;
    w->how.past = asks_about_past(s->read_at, how->as_of, how->known_at);
    for (size_t i = 0; i < n; i++)
        w->visitors[w->n_visitors++] = visitors[i];
    return w;
}

void case_walk_free(struct case_walk *w)
{
    if (w == NULL)
        return;
    snapshot_unref(w->snapshot);
    record_room_free(&w->room);
    free(w->obligations);
    free(w);
}

void case_walk_only(struct case_walk *w, case_wanted_fn *wanted, const void *ud)
{
    w->wanted = wanted;
    w->wanted_ud = ud;
}

static void gather(void *ud, const struct obligation *o)
{
    struct case_walk *w = ud;
    if (w->n == w->cap) {
        size_t cap = w->cap ? w->cap * 2 : 64;
        struct obligation *more = reallocarray(w->obligations, cap, sizeof *more);
        if (more == NULL) {
            w->failed = true;
            return;
        }
        w->obligations = more;
        w->cap = cap;
    }
    w->obligations[w->n++] = *o;
}

static bool visit(struct case_walk *w, const unsigned char *record)
{
    struct record_case head;
    record_head(record, &head);
    if (w->wanted != NULL && !w->wanted(w->wanted_ud, &head))
        return true;
    if (!record_view(record, w->how.words, w->how.as_of, w->how.known_at, &w->room))
        return false;
    w->n = 0;
    const bool there = case_is_there(&w->how, &w->room.view);
    if (there)
        evaluate(w->how.rulebook, w->how.calendar, &w->room.view, w->how.as_of, w->how.limits, gather, w);
    civil_day plan_since;
    const enum stage stage = stage_since(&w->room.view, w->how.as_of, &plan_since);
    assessment_of(&w->room.view, w->how.as_of, &w->assessment);
    const struct case_seen seen = {
        .how = &w->how,
        .head = &head,
        .record = record,
        .facts = &w->room.view,
        .obligations = w->obligations,
        .n = w->n,
        .assessment = &w->assessment,
        .stage = stage,
        .plan_since = plan_since,
        .slot = (uint32_t)w->slot,
        .at = w->at,
    };
    for (size_t i = 0; i < w->n_visitors && !w->failed; i++)
        w->failed = (there || w->visitors[i].every) && !w->visitors[i].visit(w->visitors[i].ud, &seen);
    return !w->failed;
}

int case_walk_next(struct case_walk *w, size_t cases)
{
    for (; cases > 0 && !w->failed && w->slot < w->snapshot->n_slots; cases--) {
        const struct chunk *c = w->snapshot->slot[w->slot].chunk;
        w->failed = c->n > 0 && !visit(w, c->data + c->offset[w->at]);
        if (++w->at >= c->n) {
            w->at = 0;
            w->slot++;
        }
    }
    return w->failed ? -1 : w->slot < w->snapshot->n_slots;
}
