#include "facts.h"

#include <string.h>

bool facts_known(int64_t recorded_at, int64_t voided_at, int64_t known_at)
{
    if (known_at == KNOWN_NOW)
        return voided_at == TIME_NONE;
    return (recorded_at == TIME_NONE || recorded_at <= known_at) &&
           (voided_at == TIME_NONE || voided_at > known_at);
}

static int compare_subject(const struct names *subjects, uint32_t a, uint32_t b)
{
    if (a == b)
        return 0;
    if (a < SUBJECT_COUNT && b < SUBJECT_COUNT)
        return a < b ? -1 : 1;
    return strcmp(names_text(subjects, a), names_text(subjects, b));
}

static int compare(const struct names *subjects, const struct fact *a, const struct fact *b)
{
    if (a->on != b->on)
        return a->on < b->on ? -1 : 1;
    if (a->event != b->event)
        return a->event < b->event ? -1 : 1;
    return compare_subject(subjects, a->subject, b->subject);
}

/* Histories come nearly in order, where insertion costs one comparison a fact; a long shuffled one is merged by halves
 * through shell gaps. */
static void sort(struct fact *f, size_t n, const struct names *subjects)
{
    size_t gap = 1;
    while (n > 64 && gap < n / 3)
        gap = gap * 3 + 1;
    for (; gap > 0; gap /= 3)
        for (size_t i = gap; i < n; i++) {
            struct fact x = f[i];
            size_t j = i;
            for (; j >= gap && compare(subjects, &x, &f[j - gap]) < 0; j -= gap)
                f[j] = f[j - gap];
            f[j] = x;
        }
}

/* A move is cancelled by the last cancellation on or before it, unless a later awareness, on or before the move, took
 * it up again. */
static bool cancelled(const struct case_facts *cf, civil_day move)
{
    bool gone = false;
    for (size_t i = 0; i < cf->n && cf->facts[i].on <= move; i++) {
        size_t day_end = i;
        bool cancel = false, known = false;
        for (; day_end < cf->n && cf->facts[day_end].on == cf->facts[i].on; day_end++) {
            cancel |= cf->facts[day_end].event == EV_MOVE_CANCELLED;
            known |= cf->facts[day_end].event == EV_MOVE_KNOWN;
        }
        if (cancel)
            gone = true; /* an awareness of the same day is not after it */
        else if (known)
            gone = false;
        i = day_end - 1;
    }
    return gone;
}

/* Moves what is not seen behind the rest. */
static void cut(struct case_facts *cf, const struct names *subjects, civil_day as_of)
{
    size_t n = cf->n, kept = 0;
    cf->present = 0;
    for (size_t i = 0; i < n; i++) {
        struct fact f = cf->facts[i];
        if (f.on > as_of && (EVENT_BIT(f.event) & EVENTS_SEEN_AHEAD) == 0)
            continue;
        f.mark = 0;
        cf->facts[i] = cf->facts[kept];
        cf->facts[kept++] = f;
        cf->present |= EVENT_BIT(f.event);
    }
    struct fact *ahead = n > 0 ? cf->facts + kept : NULL; /* without facts there may be no memory */
    size_t unique = 0;
    cf->n = kept;
    sort(ahead, n - kept, subjects);
    for (size_t i = 0; i < n - kept; i++)
        if (unique == 0 || compare(subjects, &ahead[i], &ahead[unique - 1]) != 0)
            ahead[unique++] = ahead[i];
    cf->ahead = ahead;
    cf->n_ahead = unique;
}

/* Most histories come in order, without double rows and without a future. */
static bool settled(struct case_facts *cf, const struct names *subjects, civil_day as_of)
{
    const uint64_t moves = EVENT_BIT(EV_MOVED_OUT) | EVENT_BIT(EV_MOVE_CANCELLED);
    uint64_t present = 0;
    for (size_t i = 0; i < cf->n; i++) {
        struct fact *f = &cf->facts[i];
        if (f->on > as_of && (EVENT_BIT(f->event) & EVENTS_SEEN_AHEAD) == 0)
            return false;
        if (i > 0 && compare(subjects, f - 1, f) >= 0)
            return false;
        f->mark = 0;
        present |= EVENT_BIT(f->event);
    }
    cf->present = present;
    cf->ahead = cf->n > 0 ? cf->facts + cf->n : NULL;
    cf->n_ahead = 0;
    return (present & moves) != moves;
}

void facts_settle(struct case_facts *cf, const struct names *subjects, civil_day as_of)
{
    size_t kept = 0;
    if (settled(cf, subjects, as_of))
        return;
    cut(cf, subjects, as_of);
    sort(cf->facts, cf->n, subjects);

    bool moves =
        (cf->present & EVENT_BIT(EV_MOVED_OUT)) != 0 && (cf->present & EVENT_BIT(EV_MOVE_CANCELLED)) != 0;
    bool any_move = false;
    for (size_t i = 0; moves && i < cf->n; i++) {
        /* Marked first and cut below: `cancelled` reads the whole history. */
        cf->facts[i].mark = cf->facts[i].event == EV_MOVED_OUT && cancelled(cf, cf->facts[i].on);
        any_move |= cf->facts[i].event == EV_MOVED_OUT && !cf->facts[i].mark;
    }
    kept = 0;
    for (size_t i = 0; i < cf->n; i++) {
        if (cf->facts[i].mark)
            continue;
        if (kept > 0 && compare(subjects, &cf->facts[i], &cf->facts[kept - 1]) == 0)
            continue;
        cf->facts[kept++] = cf->facts[i];
    }
    cf->n = kept;
    if (moves && !any_move)
        cf->present &= ~EVENT_BIT(EV_MOVED_OUT);
}

static const char *const ground_names[GROUND_COUNT] = {"school_closed", "personal", "absent", "claimed"};

const char *ground_name(enum ground g)
{
    return ground_names[g];
}

enum ground ground_by_name(const char *name, size_t len)
{
    int g = 0;
    while (g < GROUND_COUNT && !(strlen(ground_names[g]) == len && memcmp(ground_names[g], name, len) == 0))
        g++;
    return (enum ground)g;
}
