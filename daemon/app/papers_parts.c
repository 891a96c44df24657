#include <stddef.h>
#include <stdlib.h>

#include "by_place.h"
#include "changes.h"
#include "clock.h"
#include "figures.h"
#include "flow.h"
#include "forecast.h"
#include "overdue.h"
#include "papers_int.h"
#include "stuck.h"
#include "turnover.h"

/* --- the parts ------------------------------------------------------------------------------------------------------- */

/* A part as the walk sees it. `begin` may use what is set in the papers before the walk: how, snapshot, as_of, known_at. */
struct part {
    size_t member; /* of struct papers */
    void *(*begin)(const struct papers *p);
    case_visit_fn *visit;
    int (*finish)(void *part); /* 1: call again, when the loop has turned; 0: done; -1: out of memory */
    void (*free)(void *part);
    bool every; /* of struct case_visitor */
};

/* The functions of a part x of watch/ as the table wants them: x_finish and x_free, and what x_new is called with. */
#define PART(x, ...)                                                                                         \
    static void *begin_##x(const struct papers *p)                                                           \
    {                                                                                                        \
        return x##_new(__VA_ARGS__);                                                                         \
    }                                                                                                        \
    static int finish_##x(void *part)                                                                        \
    {                                                                                                        \
        return x##_finish(part);                                                                             \
    }                                                                                                        \
    static void free_##x(void *part)                                                                         \
    {                                                                                                        \
        x##_free(part);                                                                                      \
    }
#define ROW_OF(x, every)                                                                                     \
    {                                                                                                        \
        offsetof(struct papers, x), begin_##x, x##_visit, finish_##x, free_##x, every                        \
    }
#define ROW(x) ROW_OF(x, false)

PART(by_place, &p->how, p->snapshot->limits)
PART(overdue, &p->how, p->snapshot->limits)
PART(figures, &p->how, p->snapshot->seen)
PART(stuck, &p->how, p->snapshot->limits)
PART(flow, &p->how)
PART(turnover, &p->how, p->snapshot->limits)
PART(pipeline, p->how.rulebook, p->as_of, p->known_at != KNOWN_NOW ? p->known_at : p->snapshot->read_at)
PART(forecast, &p->how, p->snapshot->limits, p->pipeline)

PART(changes, &p->how, p->snapshot->limits, p->since)

/* One line each. */
static const struct part parts[] = {
    ROW(by_place), ROW(overdue),          ROW(figures),  ROW(stuck),
    ROW(flow),     ROW(pipeline),         ROW(forecast), /* this one is made from the one before */
    ROW(turnover), ROW_OF(changes, true), /* what was there then, and has been found to be wrong since */
};

enum { PARTS = sizeof parts / sizeof parts[0] };

static void **part_of(struct papers *p, size_t i)
{
    return (void **)((char *)p + parts[i].member);
}

/* What the papers need beside the limits under watch: the published figures and the stages are made from these. */
static uint64_t limits_needed(const struct rulebook *rb)
{
    static const char *const ids[] = {
        "assess_decision_6w",
        "issue_decision_16w",
        "no_plan_notice_16w",
        "final_plan_20w",
        "advice_6w",
        "annual_review_12m",
        "review_decision_4w",
        "phase_transfer_15feb",
        "phase_transfer_31mar",
    };
    uint64_t limits = 0;
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
        int at = rulebook_find(rb, ids[i]);
        limits |= at >= 0 ? LIMIT_BIT(at) : 0;
    }
    return limits;
}

/* --- papers ---------------------------------------------------------------------------------------------------------- */

struct papers *papers_ref(struct papers *p)
{
    p->refs++;
    return p;
}

void papers_unref(struct papers *p)
{
    if (p == NULL || --p->refs > 0)
        return;
    for (size_t i = 0; i < PARTS; i++)
        if (*part_of(p, i) != NULL)
            parts[i].free(*part_of(p, i));
    snapshot_unref(p->snapshot);
    free(p);
}

struct papers *papers_new(const struct status *s, const struct papers_want *want)
{
    struct snapshot *snapshot = s->snapshot;
    struct papers *p = calloc(1, sizeof *p);
    if (p == NULL)
        return NULL;
    p->refs = 1;
    p->snapshot = snapshot_ref(snapshot);
    p->calendar = *s->calendar;
    p->as_of = want->as_of;
    p->known_at = want->known_at;
    p->since = want->since;
    p->evaluated_at = want->as_of == snapshot->as_of && want->known_at == snapshot->known_at
                          ? s->evaluated_at
                          : clock_wall_us();
    p->how = (struct judge_how){.rulebook = snapshot->rulebook,
                                .calendar = &p->calendar,
                                .words = snapshot->words,
                                .as_of = want->as_of,
                                .known_at = want->known_at,
                                .limits = snapshot->limits | limits_needed(snapshot->rulebook)};
    for (size_t i = 0; i < PARTS; i++)
        if ((*part_of(p, i) = parts[i].begin(p)) == NULL) {
            papers_unref(p);
            return NULL;
        }
    return p;
}

static bool is_wanted(const void *ud, const struct record_case *head)
{
    const struct papers_want *want = ud;
    return breach_places_hold(&want->localities, head->locality) &&
           breach_places_hold(&want->teams, head->team) && breach_places_hold(&want->officers, head->officer);
}

struct case_walk *papers_walk(struct papers *p, const struct papers_want *want)
{
    struct case_visitor visitors[PARTS];
    for (size_t i = 0; i < PARTS; i++)
        visitors[i] = (struct case_visitor){parts[i].visit, *part_of(p, i), parts[i].every};
    struct case_walk *w = case_walk_new(p->snapshot, &p->how, visitors, PARTS);
    if (w != NULL && want->localities.n + want->teams.n + want->officers.n > 0)
        case_walk_only(w, is_wanted, want);
    return w;
}

int papers_finish(struct papers *p, size_t *part)
{
    int more = parts[*part].finish(*part_of(p, *part));
    *part += more == 0;
    return more == 0 && *part < PARTS ? 1 : more;
}
