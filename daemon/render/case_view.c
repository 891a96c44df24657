#include "case_view.h"

#include <stdlib.h>

#include "case_pick.h"
#include "obligation_text.h"

static void gather(void *ud, const struct obligation *o)
{
    struct case_view *v = ud;
    if (v->n == v->cap) {
        size_t cap = v->cap ? v->cap * 2 : 32;
        struct obligation *more = reallocarray(v->obligations, cap, sizeof *more);
        if (more == NULL) {
            v->ref.failed = true;
            return;
        }
        v->obligations = more;
        v->cap = cap;
    }
    v->obligations[v->n++] = *o;
}

static void find_drift(struct case_view *v, const struct judge_how *how, uint64_t limits)
{
    const int32_t drift = case_drift(how->rulebook, limits, how->as_of, v->obligations, v->n);
    v->any_open = drift != DRIFT_NONE;
    v->drift = v->any_open ? drift : 0;
}

void case_view_watched(struct case_view *v, const struct judge_how *how, uint64_t watched)
{
    v->watched = watched != 0 && (watched & ~how->limits) == 0;
    if (v->watched)
        find_drift(v, how, watched);
}

bool case_view_make(struct case_view *v, const struct judge_how *how, const unsigned char *record)
{
    *v = (struct case_view){0};
    record_head(record, &v->head);
    buf_bytes(&v->ref, v->head.ref, v->head.ref_len);
    if (!record_view(record, how->words, how->as_of, how->known_at, &v->room))
        return false;
    v->there = case_is_there(how, &v->room.view);
    if (v->there)
        evaluate(how->rulebook, how->calendar, &v->room.view, how->as_of, how->limits, gather, v);
    if (v->ref.failed)
        return false;
    v->stage = stage_of(&v->room.view, how->as_of);
    v->about = (struct explain_about){
        .rulebook = how->rulebook,
        .calendar = how->calendar,
        .subjects = how->words->subjects,
        .facts = &v->room.view,
        .record = record,
        .as_of = how->as_of,
        .known_at = how->known_at,
    };
    const struct obligation_text t = {how->rulebook, how->calendar, how->words->subjects};
    obligation_sort(&t, v->obligations, v->n);
    find_drift(v, how, how->limits);
    return true;
}

void case_view_free(struct case_view *v)
{
    buf_free(&v->ref);
    record_room_free(&v->room);
    free(v->obligations);
    *v = (struct case_view){0};
}
