#include "changes.h"

#include <stdlib.h>
#include <string.h>

#include "band.h"
#include "worktime.h"

static const char *const kind_names[CHANGED_KINDS] = {
    [CHANGED_NEW] = "new",
    [CHANGED_WORSENED] = "worsened",
    [CHANGED_IN_BETWEEN] = "in_between",
    [CHANGED_CLEARED] = "cleared",
};

const char *change_kind_name(enum change_kind k)
{
    return kind_names[k];
}

enum change_kind change_kind_by_name(const char *name, size_t len)
{
    int k = 0;
    while (k < CHANGED_KINDS && (strlen(kind_names[k]) != len || memcmp(kind_names[k], name, len) != 0))
        k++;
    return (enum change_kind)k;
}

const char *change_how_name(enum change_how h)
{
    static const char *const names[] = {
        [HOW_OPEN] = "",
        [HOW_MET] = "met",
        [HOW_MET_LATE] = "met_late",
        [HOW_VOID] = "void",
        [HOW_EXCEPTED] = "excepted",
        [HOW_MISSED] = "missed",
        [HOW_RESTATED] = "restated",
    };
    return names[h];
}

/* How an obligation that was on the list left it, by its state now. */
static const unsigned char how_of[STATE_COUNT + 1] = {
    [STATE_ON_TRACK] = HOW_RESTATED, [STATE_AT_RISK] = HOW_RESTATED,  [STATE_BREACHED] = HOW_OPEN,
    [STATE_MET] = HOW_MET,           [STATE_MET_LATE] = HOW_MET_LATE, [STATE_EXCEPTED] = HOW_EXCEPTED,
    [STATE_VOID] = HOW_VOID,         [STATE_MISSED] = HOW_MISSED,     [STATE_COUNT] = HOW_RESTATED,
};

struct changes *changes_new(const struct judge_how *how, uint64_t watched, int64_t since)
{
    struct changes *c = calloc(1, sizeof *c);
    if (c == NULL)
        return NULL;
    c->since = since;
    c->watched = watched;
    c->then = *how;
    c->then.as_of = worktime_local(since).day;
    c->then.known_at = since;
    c->then.limits = watched;
    return c;
}

void changes_free(struct changes *c)
{
    if (c == NULL)
        return;
    record_room_free(&c->room);
    slice_sort_free(&c->sort);
    free(c->items);
    free(c->past);
    free(c->taken);
    free(c);
}

static void gather(void *ud, const struct obligation *o)
{
    struct changes *c = ud;
    if (c->n_past == c->cap_past) {
        size_t cap = c->cap_past > 0 ? c->cap_past * 2 : 64;
        struct obligation *past = reallocarray(c->past, cap, sizeof *past);
        c->past = past != NULL ? past : c->past;
        bool *taken = past != NULL ? reallocarray(c->taken, cap, sizeof *taken) : NULL;
        c->taken = taken != NULL ? taken : c->taken;
        c->failed |= taken == NULL;
        if (c->failed)
            return;
        c->cap_past = cap;
    }
    c->taken[c->n_past] = false;
    c->past[c->n_past++] = *o;
}

static bool is_open(const struct obligation *o)
{
    return o != NULL && state_is_open((enum state)o->state);
}

static bool is_listed(const struct obligation *o)
{
    return o != NULL && obligation_is_listed(o);
}

/* It was overdue, and is over. */
static bool broken_and_over(const struct obligation *o)
{
    return obligation_over_on(o) > o->due && (o->state == STATE_MET_LATE || o->state == STATE_MISSED ||
                                              o->state == STATE_EXCEPTED || o->state == STATE_VOID);
}

/* A pair of one obligation, then and now; either may be missing. `weeks`: the band of weeks that its case has been open is another now. */
static enum change_kind kind_of(const struct changes *c, const struct obligation *then,
                                const struct obligation *now, civil_day as_of, bool weeks)
{
    bool was = is_listed(then), is = is_listed(now);
    if (was && is) {
        if (then->state != now->state)
            return now->state == STATE_EXCEPTED ? CHANGED_CLEARED : CHANGED_WORSENED;
        bool longer = weeks_band(as_of - now->due) > weeks_band(c->then.as_of - then->due);
        return longer || weeks ? CHANGED_WORSENED : CHANGED_KINDS;
    }
    if (was || is)
        return is ? CHANGED_NEW : CHANGED_CLEARED;
    if (now == NULL)
        return CHANGED_KINDS;
    if (now->state == STATE_AT_RISK)
        return then != NULL && then->state == STATE_ON_TRACK ? CHANGED_WORSENED : CHANGED_KINDS;
    return broken_and_over(now) && (then == NULL || is_open(then)) ? CHANGED_IN_BETWEEN : CHANGED_KINDS;
}

static void add(struct changes *c, const struct case_seen *seen, const struct obligation *then,
                const struct obligation *now, bool weeks)
{
    enum change_kind kind = kind_of(c, then, now, seen->how->as_of, weeks);
    const struct obligation *o = now != NULL ? now : then;
    if (kind == CHANGED_KINDS)
        return;
    if (c->n == c->cap) {
        size_t cap = c->cap > 0 ? c->cap * 2 : 256;
        struct changed *items = reallocarray(c->items, cap, sizeof *items);
        c->failed |= items == NULL;
        if (items == NULL)
            return;
        c->items = items;
        c->cap = cap;
    }
    unsigned state = now != NULL ? now->state : STATE_COUNT;
    bool left = kind == CHANGED_CLEARED || kind == CHANGED_IN_BETWEEN;
    c->count[kind]++;
    c->items[c->n++] = (struct changed){
        .slot = seen->slot,
        .at = seen->at,
        .subject = o->subject,
        .team = seen->head->team,
        .start = o->start,
        .due = o->due,
        .closed = now != NULL ? now->closed : CIVIL_NONE,
        .kind = (uint8_t)kind,
        .how = left ? how_of[state] : HOW_OPEN,
        .was = then != NULL ? then->state : STATE_COUNT,
        .state = (uint8_t)state,
        .limit = o->limit,
        .version = o->version,
    };
}

static bool same(const struct obligation *a, const struct obligation *b)
{
    return a->limit == b->limit && a->subject == b->subject && a->start == b->start;
}

static bool is_there(const struct case_seen *seen, const struct obligation *past)
{
    for (size_t i = 0; i < seen->n; i++)
        if (same(&seen->obligations[i], past))
            return true;
    return false;
}

/* The obligation as it was then: itself, or one that is no longer there and stands for it. */
static const struct obligation *find_past(struct changes *c, const struct obligation *now)
{
    for (size_t i = 0; i < c->n_past; i++)
        if (same(&c->past[i], now))
            return &c->past[i];
    for (size_t i = 0; i < c->n_past; i++)
        if (!c->taken[i] && c->past[i].limit == now->limit && c->past[i].subject == now->subject) {
            c->taken[i] = true;
            return &c->past[i];
        }
    return NULL;
}

static int open_band(const struct case_facts *cf, enum stage stage, civil_day as_of)
{
    int days = case_days_open(cf, stage, as_of);
    return days == NO_BAND ? NO_BAND : weeks_band(days);
}

bool changes_visit(void *ud, const struct case_seen *seen)
{
    struct changes *c = ud;
    const struct judge_how *then = &c->then;
    c->n_past = 0;
    if (!record_view(seen->record, then->words, then->as_of, then->known_at, &c->room))
        return false;
    evaluate(then->rulebook, then->calendar, &c->room.view, then->as_of, then->limits, gather, c);
    int was = open_band(&c->room.view, stage_of(&c->room.view, then->as_of), then->as_of),
        is = open_band(seen->facts, seen->stage, seen->how->as_of);
    bool weeks = was != NO_BAND && is > was;
    /* What is then left on both sides has had its start corrected. */
    for (size_t i = 0; i < c->n_past; i++)
        c->taken[i] = is_there(seen, &c->past[i]);
    for (size_t i = 0; i < seen->n && !c->failed; i++) {
        const struct obligation *now = &seen->obligations[i];
        if ((c->watched & LIMIT_BIT(now->limit)) != 0)
            add(c, seen, find_past(c, now), now, weeks);
    }
    for (size_t i = 0; i < c->n_past && !c->failed; i++)
        if (!c->taken[i])
            add(c, seen, &c->past[i], NULL, false);
    return !c->failed;
}

/* --- in order ------------------------------------------------------------------------------------------------------------ */

#define SORT_MOVES 4096

/* By kind, then by due date; those that have both in common by what follows. */
static uint64_t key_of(const struct changed *k)
{
    return (uint64_t)k->kind << 32 | (uint32_t)((int64_t)k->due - INT32_MIN);
}

static int by_case(const void *ud, uint32_t x, uint32_t y)
{
    const struct changes *c = ud;
    const struct changed *a = &c->items[x], *b = &c->items[y];
    if (a->slot != b->slot)
        return a->slot < b->slot ? -1 : 1;
    if (a->at != b->at)
        return a->at < b->at ? -1 : 1;
    if (a->limit != b->limit)
        return a->limit < b->limit ? -1 : 1;
    if (a->start != b->start)
        return a->start < b->start ? -1 : 1;
    return a->subject < b->subject ? -1 : a->subject > b->subject;
}

static bool begin_sort(struct changes *c)
{
    if (c->n > UINT32_MAX || !slice_sort_begin(&c->sort, c->n, by_case, c))
        return false;
    for (size_t i = 0; i < c->n; i++)
        c->sort.items[i] = (struct sort_item){key_of(&c->items[i]), (uint32_t)i};
    return true;
}

static bool take_order(struct changes *c)
{
    struct changed *items = reallocarray(NULL, c->n, sizeof *items);
    if (items == NULL)
        return false;
    for (size_t i = 0; i < c->n; i++)
        items[i] = c->items[c->sort.items[i].row];
    free(c->items);
    c->items = items;
    c->cap = c->n;
    slice_sort_free(&c->sort);
    c->ordered = true;
    return true;
}

int changes_finish(struct changes *c)
{
    if (c->ordered || c->n < 2)
        return 0;
    if (c->sort.items == NULL)
        return begin_sort(c) ? 1 : -1;
    if (slice_sort_next(&c->sort, SORT_MOVES))
        return 1;
    return take_order(c) ? 0 : -1;
}

const unsigned char *changed_record(const struct snapshot *s, const struct changed *item)
{
    const struct chunk *c = s->slot[item->slot].chunk;
    return c->data + c->offset[item->at];
}
