#include "caseload.h"

#include <stdlib.h>
#include <string.h>

#include "ledger.h"
#include "worktime.h"

const uint8_t due_windows[DUE_WINDOWS] = {7, 14, 28};

struct snapshot *snapshot_ref(struct snapshot *s)
{
    s->refs++;
    return s;
}

void chunk_unref(struct chunk *c)
{
    if (c != NULL && --c->refs == 0)
        free(c);
}

void verdict_unref(struct verdict *v)
{
    if (v != NULL && --v->refs == 0)
        free(v);
}

void snapshot_unref(struct snapshot *s)
{
    if (s == NULL || --s->refs > 0)
        return;
    for (size_t i = 0; i < s->n_slots; i++) {
        chunk_unref(s->slot[i].chunk);
        verdict_unref(s->slot[i].verdict);
    }
    rulebook_unref(s->rulebook);
    rejects_unref(s->rejects);
    free(s);
}

int64_t snapshot_known_at(const struct snapshot *s)
{
    return s->known_at == KNOWN_NOW ? s->read_at : s->known_at;
}

bool asks_about_past(int64_t read_at, civil_day as_of, int64_t known_at)
{
    return known_at != KNOWN_NOW || as_of < worktime_local(read_at).day;
}

bool case_is_there(const struct judge_how *how, const struct case_facts *cf)
{
    return !how->past || cf->n > 0;
}

uint64_t *findings_count(struct findings *f, enum finding_kind k)
{
    switch (k) {
    case FINDING_UNKNOWN_EVENT:
        return &f->unknown_event;
    case FINDING_UNKNOWN_CASE:
        return &f->unknown_case;
    case FINDING_UNKNOWN_GROUND:
        return &f->unknown_ground;
    case FINDING_BAD_DATE:
        return &f->bad_date;
    case FINDING_DOUBLE_CASE:
        return &f->double_case;
    default:
        return NULL;
    }
}

uint64_t snapshot_findings(const struct snapshot *s, enum finding_kind k)
{
    struct findings rows = s->findings;
    const uint64_t *n = findings_count(&rows, k);
    if (n != NULL)
        return *n;
    return k == FINDING_EXCEPTIONS_IMPLAUSIBLE ? quality_exceptions_implausible(&s->tally.exceptions)
                                               : s->tally.findings[k];
}

static int64_t id_at(const struct chunk *c, size_t i)
{
    struct record_case k;
    record_head(c->data + c->offset[i], &k);
    return k.id;
}

const unsigned char *snapshot_case(const struct snapshot *s, int64_t case_id)
{
    size_t lo = 0, hi = s->n_slots;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (s->slot[mid].chunk->last < case_id)
            lo = mid + 1;
        else
            hi = mid;
    }
    if (lo == s->n_slots)
        return NULL;
    const struct chunk *c = s->slot[lo].chunk;
    size_t from = 0, to = c->n;
    while (from < to) {
        size_t mid = from + (to - from) / 2;
        if (id_at(c, mid) < case_id)
            from = mid + 1;
        else
            to = mid;
    }
    return from < c->n && id_at(c, from) == case_id ? c->data + c->offset[from] : NULL;
}

uint32_t ref_hash(const char *ref, size_t len)
{
    uint32_t h = 2166136261u; /* FNV-1a */
    for (size_t i = 0; i < len; i++)
        h = (h ^ (unsigned char)ref[i]) * 16777619u;
    return h;
}

const unsigned char *snapshot_case_by_ref(const struct snapshot *s, const char *ref, size_t len)
{
    uint32_t h = ref_hash(ref, len);
    for (size_t i = 0; i < s->n_slots; i++) {
        const struct chunk *c = s->slot[i].chunk;
        for (uint32_t k = 0; k < c->n; k++) {
            struct record_case head;
            if (c->ref_hash[k] != h)
                continue;
            record_head(c->data + c->offset[k], &head);
            if (head.ref_len == len && memcmp(head.ref, ref, len) == 0)
                return c->data + c->offset[k];
        }
    }
    return NULL;
}

const char *stage_name(enum stage s)
{
    static const char *const names[STAGE_COUNT] = {"requested", "assessing", "refused", "plan", "ended"};
    return names[s];
}

#define PLAN_BEGINS (EVENT_BIT(EV_PLAN_ISSUED) | EVENT_BIT(EV_PLAN_TRANSFERRED_IN))
#define PLAN_ENDS   (EVENT_BIT(EV_PLAN_CEASED) | EVENT_BIT(EV_PLAN_TRANSFERRED_OUT))

/* What a day leads to where no plan is in force; STAGE_COUNT: nothing. */
static enum stage stage_of_day(uint64_t events)
{
    static const struct {
        uint64_t events;
        enum stage stage;
    } furthest[] = {
        {EVENT_BIT(EV_REQUEST_WITHDRAWN) | EVENT_BIT(EV_MOVED_OUT) | PLAN_ENDS, STAGE_ENDED},
        {EVENT_BIT(EV_ASSESS_REFUSED) | EVENT_BIT(EV_ISSUE_REFUSED), STAGE_REFUSED},
        {EVENT_BIT(EV_ASSESS_AGREED) | EVENT_BIT(EV_ISSUE_AGREED) | EVENT_BIT(EV_DRAFT_SENT),
         STAGE_ASSESSING},
        {EVENTS_REQUEST, STAGE_REQUESTED},
    };
    for (size_t i = 0; i < sizeof furthest / sizeof furthest[0]; i++)
        if ((furthest[i].events & events) != 0)
            return furthest[i].stage;
    return STAGE_COUNT;
}

static bool orders_to_continue(const struct fact *f)
{
    return f->event == EV_TRIBUNAL_ORDER &&
           (f->subject == SUBJECT_CONTINUE || f->subject == SUBJECT_CONTINUE_AMEND);
}

enum stage stage_since(const struct case_facts *cf, civil_day as_of, civil_day *plan_since)
{
    enum stage stage = STAGE_REQUESTED;
    bool had_plan = false;
    *plan_since = CIVIL_NONE;
    for (size_t i = 0, next; i < cf->n && cf->facts[i].on <= as_of; i = next) {
        const civil_day on = cf->facts[i].on;
        uint64_t events = 0;
        bool continues = false;
        for (next = i; next < cf->n && cf->facts[next].on == on; next++) {
            events |= EVENT_BIT(cf->facts[next].event);
            continues |= orders_to_continue(&cf->facts[next]);
        }
        const bool begins = (events & PLAN_BEGINS) != 0 || (continues && had_plan);
        had_plan |= begins;
        if ((events & PLAN_ENDS) != 0)
            *plan_since = CIVIL_NONE;
        else if (*plan_since == CIVIL_NONE && begins)
            *plan_since = on;
        const enum stage next_stage = *plan_since != CIVIL_NONE ? STAGE_PLAN : stage_of_day(events);
        stage = next_stage != STAGE_COUNT ? next_stage : stage;
    }
    if ((cf->present & EVENT_BIT(EV_CASE_CLOSED)) == 0)
        return stage;
    *plan_since = CIVIL_NONE;
    return STAGE_ENDED;
}

enum stage stage_of(const struct case_facts *cf, civil_day as_of)
{
    civil_day plan_since;
    return stage_since(cf, as_of, &plan_since);
}

bool stage_is_open(enum stage s)
{
    return s == STAGE_REQUESTED || s == STAGE_ASSESSING || s == STAGE_PLAN;
}

static uint64_t mix(uint64_t h, uint64_t v)
{
    h ^= v + UINT64_C(0x9e3779b97f4a7c15) + (h << 6) + (h >> 2);
    h ^= h >> 30;
    h *= UINT64_C(0xbf58476d1ce4e5b9);
    h ^= h >> 27;
    h *= UINT64_C(0x94d049bb133111eb);
    return h ^ (h >> 31);
}

static uint64_t mix_text(uint64_t h, const char *s)
{
    uint64_t w = 0;
    size_t i = 0;
    for (; s[i] != '\0'; i++) {
        w = w << 8 | (unsigned char)s[i];
        if (i % 8 == 7)
            h = mix(h, w);
    }
    return mix(mix(h, w), i);
}

uint64_t obligation_digest(uint64_t h, const struct rulebook *rb, const struct names *subjects,
                           const struct obligation *o)
{
    h = mix_text(h, obligation_limit(rb, o)->id);
    h = mix(h, (uint64_t)o->state << 8 | o->exception);
    h = mix(h, (uint64_t)(uint32_t)o->start << 32 | (uint32_t)o->due);
    h = mix(h, (uint32_t)o->closed);
    if (o->subject != SUBJECT_NONE)
        h = mix_text(h, names_text(subjects, o->subject));
    return h == LEDGER_NOTHING ? 1 : h;
}

void tally_add(struct tally *a, const struct tally *b)
{
    for (int s = 0; s < STAGE_COUNT; s++)
        a->cases[s] += b->cases[s];
    a->breached_cases += b->breached_cases;
    for (int l = 0; l < LIMIT_MAX; l++) {
        for (int s = 0; s < STATE_COUNT; s++)
            a->states[l][s] += b->states[l][s];
        for (int w = 0; w < DUE_WINDOWS; w++)
            a->due[l][w] += b->due[l][w];
        if (b->oldest_due[l] != 0 && (a->oldest_due[l] == 0 || b->oldest_due[l] < a->oldest_due[l]))
            a->oldest_due[l] = b->oldest_due[l];
    }
    for (int k = 0; k < FINDING_COUNT; k++)
        a->findings[k] += b->findings[k];
    a->exceptions.obligations += b->exceptions.obligations;
    a->exceptions.excepted += b->exceptions.excepted;
}
