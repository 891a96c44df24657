#include "summary_text.h"

#include "instant.h"
#include "obligation_text.h"

static bool watched(const struct status *s, size_t limit)
{
    return (s->snapshot->limits & LIMIT_BIT(limit)) != 0;
}

/* --- why ------------------------------------------------------------------------------------------------------------- */

static void why_auto(struct buf *b, const struct status *s, size_t limit)
{
    const struct limit_term *t = s->rulebook->rule[limit].limit->discharged_by;
    uint64_t named = 0;
    for (; watched(s, limit) && t->event != EV_UNKNOWN; t++)
        if ((s->watch.occurs & EVENT_BIT(t->event)) != 0) {
            buf_printf(b, "%s occurs in the source", event_name((enum event)t->event));
            return;
        }
    for (t = s->rulebook->rule[limit].limit->discharged_by; t->event != EV_UNKNOWN; t++) {
        if ((named & EVENT_BIT(t->event)) != 0)
            continue;
        buf_printf(b, "%s%s", named == 0 ? "none of " : ", ", event_name((enum event)t->event));
        named |= EVENT_BIT(t->event);
    }
    buf_text(b, " occurs in the source");
}

void watch_why(struct buf *b, const struct status *s, size_t limit)
{
    bool yes = watched(s, limit), own = s->rulebook->rule[limit].limit->kind == KIND_LOCAL;
    buf_text(b, yes ? "watched: " : "not watched: ");
    switch (s->watch.choice) {
    case WATCH_AUTO:
        why_auto(b, s, limit);
        break;
    case WATCH_ALL:
        buf_text(b, "the configuration says all");
        break;
    case WATCH_DEFAULT:
        if (yes && !own) {
            buf_text(b, "so unless the configuration names limits");
            break;
        }
        /* fall through */
    case WATCH_NAMED:
        buf_text(b, yes ? "named in the configuration" : "not named in the configuration");
        break;
    }
}

/* --- the summary ----------------------------------------------------------------------------------------------------- */

/* Who writes. What is shown is this daemon's own evaluation in either case. */
static void lease(struct buf *b, const struct status *s)
{
    char since[INSTANT_TEXT_LEN];
    buf_printf(b, ",\n\"leader\":%s,\"lease\":", s->leader ? "true" : "false");
    if (s->lease.holder[0] == '\0') {
        buf_text(b, "null");
        return;
    }
    buf_text(b, "{\"holder\":");
    json_text(b, s->lease.holder);
    buf_printf(b, ",\"since\":\"%s\",\"term\":%lld}", instant_format(s->lease.since, since),
               (long long)s->lease.term);
}

static void cases(struct buf *b, const struct snapshot *s)
{
    buf_printf(b, ",\n\"cases\":{\"total\":%zu,\"breached\":%u,\"stages\":{", s->n_cases,
               s->tally.breached_cases);
    for (int st = 0; st < STAGE_COUNT; st++)
        buf_printf(b, "%s\"%s\":%u", st > 0 ? "," : "", stage_name((enum stage)st), s->tally.cases[st]);
    buf_text(b, "}}");
}

static void counts(struct buf *b, const struct tally *t, size_t limit)
{
    static const char *const windows[DUE_WINDOWS] = {"7d", "14d", "28d"};
    char day[CIVIL_TEXT_LEN];
    buf_text(b, ",\"states\":{");
    for (int st = 0; st < STATE_COUNT; st++)
        buf_printf(b, "%s\"%s\":%u", st > 0 ? "," : "", state_name((enum state)st), t->states[limit][st]);
    buf_text(b, "},\"due\":{");
    for (int w = 0; w < DUE_WINDOWS; w++)
        buf_printf(b, "%s\"%s\":%u", w > 0 ? "," : "", windows[w], t->due[limit][w]);
    if (t->oldest_due[limit] != 0)
        buf_printf(b, "},\"oldest_overdue\":\"%s\"", civil_format(t->oldest_due[limit], day));
    else
        buf_text(b, "},\"oldest_overdue\":null");
}

static void one_limit(struct buf *b, const struct status *s, size_t i)
{
    const struct limit *l = s->rulebook->rule[i].limit;
    struct buf why = {0};
    buf_printf(b, "{\"id\":\"%s\",\"title\":", l->id);
    json_text(b, l->title);
    buf_printf(b, ",\"kind\":\"%s\",\"monitored\":%s,\"why\":", limit_kind_name(l->kind),
               watched(s, i) ? "true" : "false");
    watch_why(&why, s, i);
    b->failed |= why.failed;
    if (!why.failed)
        json_text(b, why.p);
    buf_free(&why);
    if (watched(s, i))
        counts(b, &s->snapshot->tally, i);
    else
        buf_text(b, ",\"states\":null,\"due\":null,\"oldest_overdue\":null");
    buf_text(b, "}");
}

static void findings(struct buf *b, const struct snapshot *s)
{
    buf_text(b, ",\n\"findings\":{");
    for (int k = 0; k < FINDING_COUNT; k++)
        buf_printf(b, "%s\"%s\":%llu", k > 0 ? "," : "", finding_id((enum finding_kind)k),
                   (unsigned long long)snapshot_findings(s, (enum finding_kind)k));
    buf_text(b, "}");
}

void summary_text(struct buf *b, const struct status *s, const struct summary_more *more)
{
    char as_of[CIVIL_TEXT_LEN], evaluated[INSTANT_TEXT_LEN], known[INSTANT_TEXT_LEN];
    buf_printf(b, "{\"as_of\":\"%s\",\"evaluated_at\":\"%s\",\"known_at\":\"%s\",\"rulebook\":\"%s\"",
               civil_format(s->snapshot->as_of, as_of), instant_format(s->evaluated_at, evaluated),
               instant_format(s->snapshot->read_at, known), s->rulebook->version);
    lease(b, s);
    cases(b, s->snapshot);
    buf_text(b, ",\n\"limits\":[");
    for (size_t i = 0; i < s->rulebook->n; i++) {
        buf_text(b, i > 0 ? ",\n" : "\n");
        one_limit(b, s, i);
    }
    buf_text(b, "]");
    findings(b, s->snapshot);
    buf_text(b, ",\n\"endpoints\":[");
    for (size_t i = 0; i < s->n_endpoints; i++) {
        const struct endpoint_status *e = &s->endpoints[i];
        buf_text(b, i > 0 ? ",{\"name\":" : "{\"name\":");
        json_text(b, e->name);
        buf_printf(b, ",\"pending\":%llu,\"dead\":%llu}", (unsigned long long)e->pending,
                   (unsigned long long)e->dead);
    }
    buf_text(b, "]");
    if (more != NULL)
        summary_more(b, more, s->snapshot->limits);
    buf_text(b, "}\n");
}
