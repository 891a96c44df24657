#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "casework.h"
#include "intake.h"

/* --- a council's database, in memory --------------------------------------------------------------------------------------- */

#define CASES_MOST 7000
#define FACTS_MOST 10

struct source_case {
    int64_t id;
    char ref[16];
    civil_day born;
    uint32_t locality, team;
    struct record_fact fact[FACTS_MOST];
    size_t n_facts;
    struct record_claim claim[2];
    size_t n_claims;
};

struct source {
    struct source_case *c; /* ascending by id */
    size_t n;
};

/* What a poll is run with, and the stores that the daemon keeps. */
struct bench {
    struct rng rng;
    struct rulebook rb;
    struct calendar cal;
    struct words *words;
    struct ledger ledger;
    struct source source;
    civil_day as_of;
    int64_t known_at;
    uint64_t limits;
    int64_t next_ref;
};

static void bench_open(struct bench *b, const char *name)
{
    *b = (struct bench){.rng = rng_seeded(name),
                        .words = words_new(),
                        .as_of = day("2026-07-22"),
                        .known_at = KNOWN_NOW,
                        .limits = LIMITS_ALL};
    b->source.c = calloc(CASES_MOST, sizeof *b->source.c);
    assert_non_null(b->words);
    assert_non_null(b->source.c);
    rulebook_builtin(&b->rb);
    calendar_builtin(&b->cal);
}

static void bench_close(struct bench *b)
{
    words_free(b->words);
    ledger_clear(&b->ledger);
    free(b->source.c);
}

static struct record_fact random_fact(struct bench *b)
{
    static const enum event events[] = {EV_REQUEST_RECEIVED,        EV_ASSESS_AGREED, EV_ADVICE_REQUESTED,
                                        EV_ADVICE_RECEIVED,         EV_PLAN_ISSUED,   EV_REVIEW_MEETING,
                                        EV_REVIEW_DECIDED_MAINTAIN, EV_CASE_CLOSED,   EV_DRAFT_SENT};
    struct rng *r = &b->rng;
    civil_day on = b->as_of - rng_between(r, -5, 500);
    int64_t noon = ((int64_t)on * 86400 + 43200) * 1000000;
    return (struct record_fact){
        .on = on,
        .event = events[rng_below(r, sizeof events / sizeof events[0])],
        .subject = rng_one_in(r, 3) ? SUBJECT_HEALTH : SUBJECT_NONE,
        .recorded_at = rng_one_in(r, 2) ? noon : TIME_NONE,
        .voided_at = rng_one_in(r, 10) ? noon + 1 : TIME_NONE,
    };
}

static struct source_case random_case(struct bench *b, int64_t id)
{
    struct rng *r = &b->rng;
    struct source_case c = {.id = id,
                            .born = rng_one_in(r, 3) ? CIVIL_NONE : b->as_of - rng_between(r, 1000, 9000),
                            .locality = rng_below(r, 5),
                            .team = rng_below(r, 9),
                            .n_facts = rng_below(r, FACTS_MOST)};
    snprintf(c.ref, sizeof c.ref, "R%06lld", (long long)b->next_ref++);
    for (size_t i = 0; i < c.n_facts; i++)
        c.fact[i] = random_fact(b);
    c.n_claims = rng_one_in(r, 6) ? rng_below(r, 3) : 0;
    for (size_t i = 0; i < c.n_claims; i++)
        c.claim[i] = (struct record_claim){{b->as_of - rng_between(r, 0, 400), CIVIL_NONE, GROUND_PERSONAL},
                                           TIME_NONE,
                                           rng_one_in(r, 3) ? 5 : TIME_NONE};
    return c;
}

static void fill(struct bench *b, size_t n)
{
    int64_t id = rng_between(&b->rng, -50, 50);
    for (b->source.n = 0; b->source.n < n; id += rng_one_in(&b->rng, 4) ? rng_between(&b->rng, 1, 40) : 1)
        b->source.c[b->source.n++] = random_case(b, id);
}

static size_t place_of(const struct source *s, int64_t id)
{
    size_t at = 0;
    while (at < s->n && s->c[at].id < id)
        at++;
    return at;
}

static void insert(struct bench *b, int64_t id)
{
    struct source *s = &b->source;
    size_t at = place_of(s, id);
    if (s->n == CASES_MOST || (at < s->n && s->c[at].id == id))
        return;
    memmove(&s->c[at + 1], &s->c[at], (s->n - at) * sizeof s->c[0]);
    s->c[at] = random_case(b, id);
    s->n++;
}

static void delete (struct bench *b, int64_t id)
{
    struct source *s = &b->source;
    size_t at = place_of(s, id);
    if (at == s->n || s->c[at].id != id)
        return;
    memmove(&s->c[at], &s->c[at + 1], (s->n - at - 1) * sizeof s->c[0]);
    s->n--;
}

static int64_t some_id(struct bench *b)
{
    struct source *s = &b->source;
    if (s->n == 0 || rng_one_in(&b->rng, 8))
        return rng_between(&b->rng, -200, 40000);
    if (rng_one_in(&b->rng, 6)) /* the ends, and where chunks meet */
        return s->c[rng_one_in(&b->rng, 2) ? 0 : s->n - 1].id;
    if (s->n > 1024 && rng_one_in(&b->rng, 4))
        return s->c[rng_one_in(&b->rng, 2) ? 1023 : 1024].id;
    return s->c[rng_below(&b->rng, (uint32_t)s->n)].id;
}

/* One random change; returns the id of the case that it touched. */
static int64_t edit(struct bench *b)
{
    struct source *s = &b->source;
    int64_t id = some_id(b);
    size_t at = place_of(s, id);
    struct source_case *c = at < s->n && s->c[at].id == id ? &s->c[at] : NULL;
    switch (rng_below(&b->rng, 7)) {
    case 0:
        if (c != NULL && c->n_facts < FACTS_MOST)
            c->fact[c->n_facts++] = random_fact(b);
        break;
    case 1:
        if (c != NULL && c->n_facts > 0)
            c->fact[rng_below(&b->rng, (uint32_t)c->n_facts)].voided_at = 1;
        break;
    case 2:
        if (c != NULL)
            c->n_facts = 0;
        break;
    case 3:
        if (c != NULL)
            c->n_claims = (c->n_claims + 1) % 2;
        if (c != NULL && c->n_claims == 1)
            c->claim[0] =
                (struct record_claim){{b->as_of - 100, CIVIL_NONE, GROUND_CLAIMED}, TIME_NONE, TIME_NONE};
        break;
    case 4:
        delete (b, id);
        break;
    case 5: /* before, behind or between */
        id += rng_between(&b->rng, -3, 3);
        insert(b, id);
        break;
    default:
        id = s->n > 0 ? s->c[s->n - 1].id + rng_between(&b->rng, 1, 5) : 1;
        insert(b, id);
        break;
    }
    return id;
}

/* --- a poll ------------------------------------------------------------------------------------------------------------------ */

struct poll {
    struct snapshot *snapshot;
    int64_t *dirty;
    size_t n_dirty;
    size_t steps; /* that the end took */
};

struct how {
    struct snapshot *before;
    bool evaluate_all;
    const int64_t *only;
    size_t n_only;
    bool strays; /* rows of cases that do not exist in between */
    size_t step; /* cases that are worked through at a time; 0: some */
};

static bool reads(const struct how *how, int64_t id)
{
    if (how->only == NULL)
        return true;
    for (size_t i = 0; i < how->n_only; i++)
        if (how->only[i] == id)
            return true;
    return false;
}

static bool is_free(const struct bench *b, int64_t id)
{
    size_t at = place_of(&b->source, id);
    return at == b->source.n || b->source.c[at].id != id;
}

static void feed(struct bench *b, struct intake *in, const struct how *how, uint64_t *strays)
{
    struct err e = {""};
    const struct source *s = &b->source;
    bool ok = true;
    for (size_t i = 0; i < s->n && ok; i++) {
        const struct source_case *c = &s->c[i];
        struct record_case k = {c->id, c->ref, strlen(c->ref), c->locality, c->team, 0, c->born};
        ok = !reads(how, c->id) || intake_case(in, &k, &e);
    }
    int64_t last = INT64_MIN;
    for (size_t i = 0; i < s->n && ok; i++) {
        const struct source_case *c = &s->c[i];
        if (!reads(how, c->id))
            continue;
        if (how->strays && c->id - 1 > last && rng_one_in(&b->rng, 50) && is_free(b, c->id - 1)) {
            ok = intake_claim(in, c->id - 1, &c->claim[0], &e);
            *strays += c->claim[0].voided_at == TIME_NONE;
        }
        for (size_t k = 0; k < c->n_claims && ok; k++)
            ok = intake_claim(in, c->id, &c->claim[k], &e);
        last = c->id;
    }
    for (size_t i = 0; i < s->n && ok; i++) {
        struct source_case *c = &s->c[i];
        if (!reads(how, c->id))
            continue;
        struct record_fact stray = random_fact(b);
        if (how->strays && rng_one_in(&b->rng, 50) && is_free(b, c->id - 1)) {
            ok = intake_fact(in, c->id - 1, &stray, &e);
            *strays += stray.voided_at == TIME_NONE;
        }
        RNG_SHUFFLE(&b->rng, c->fact, c->n_facts);
        for (size_t k = 0; k < c->n_facts && ok; k++)
            ok = intake_fact(in, c->id, &c->fact[k], &e);
    }
    if (how->strays && ok) {
        struct record_fact stray = random_fact(b);
        ok = intake_fact(in, INT64_MAX, &stray, &e);
        *strays += stray.voided_at == TIME_NONE;
    }
    if (!ok)
        fail_msg("%s", e.text);
}

static struct poll poll(struct bench *b, const struct how *how)
{
    const struct intake_conf conf = {
        .rulebook = &b->rb,
        .calendar = &b->cal,
        .words = b->words,
        .ledger = &b->ledger,
        .before = how->before,
        .as_of = b->as_of,
        .read_at = 4711,
        .known_at = b->known_at == KNOWN_NOW ? NULL : &b->known_at,
        .limits = b->limits,
        .evaluate_all = how->evaluate_all,
        .only = how->only,
        .n_only = how->n_only,
    };
    struct intake *in = intake_new(&conf);
    struct poll p = {.steps = 1};
    const int64_t *dirty;
    uint64_t strays = 0;
    int done;
    assert_non_null(in);
    feed(b, in, how, &strays);
    static const size_t steps[] = {1, 100, 100000};
    size_t step = how->step > 0 ? how->step : steps[rng_below(&b->rng, 3)];
    while ((done = intake_finish(in, step)) == 0)
        p.steps++;
    assert_int_equal(done, 1);
    p.snapshot = intake_take(in, &dirty, &p.n_dirty);
    assert_non_null(p.snapshot);
    p.dirty = malloc((p.n_dirty + 1) * sizeof *p.dirty);
    if (p.n_dirty > 0)
        memcpy(p.dirty, dirty, p.n_dirty * sizeof *p.dirty);
    if (how->only == NULL)
        assert_int_equal(p.snapshot->findings.unknown_case, strays);
    intake_free(in);
    return p;
}

static void poll_free(struct poll *p)
{
    snapshot_unref(p->snapshot);
    free(p->dirty);
    *p = (struct poll){0};
}

/* --- what must be true of a snapshot ------------------------------------------------------------------------------------------ */

struct digesting {
    const struct bench *b;
    uint64_t digest;
    size_t listed;
};

static void digest_one(void *ud, const struct obligation *o)
{
    struct digesting *d = ud;
    d->digest = obligation_digest(d->digest, &d->b->rb, d->b->words->subjects, o);
    d->listed += obligation_is_listed(o);
}

/* The digest of a case from its source rows, without the intake; and how many of its obligations are listed. */
static uint64_t digest_of(struct bench *b, const struct source_case *c, size_t *listed)
{
    struct fact facts[FACTS_MOST];
    struct claim claims[2];
    struct case_facts cf = {.facts = facts, .claims = claims, .born = c->born};
    struct digesting d = {b, LEDGER_NOTHING, 0};
    for (size_t i = 0; i < c->n_facts; i++)
        if (facts_known(c->fact[i].recorded_at, c->fact[i].voided_at, b->known_at))
            facts[cf.n++] = (struct fact){c->fact[i].on, c->fact[i].subject, (uint8_t)c->fact[i].event, 0};
    for (size_t i = 0; i < c->n_claims; i++)
        if (facts_known(c->claim[i].recorded_at, c->claim[i].voided_at, b->known_at))
            claims[cf.n_claims++] = c->claim[i].claim;
    facts_settle(&cf, b->words->subjects, b->as_of);
    evaluate(&b->rb, &b->cal, &cf, b->as_of, b->limits, digest_one, &d);
    *listed += d.listed;
    return d.digest;
}

/* Every case is there under id and reference, nothing else is, and the dirty cases are those whose digest the ledger does
 * not have. */
static void check_snapshot(struct bench *b, const struct poll *p)
{
    const struct snapshot *s = p->snapshot;
    const struct source *src = &b->source;
    size_t d = 0, l = 0, listed = 0, have_listed = 0, cases = 0;
    int64_t last = INT64_MIN;
    for (size_t i = 0; i < src->n; i++) {
        const struct source_case *c = &src->c[i];
        struct record_case k;
        const unsigned char *record = snapshot_case(s, c->id);
        assert_non_null(record);
        record_head(record, &k);
        assert_true(k.id == c->id && k.ref_len == strlen(c->ref) && memcmp(k.ref, c->ref, k.ref_len) == 0);
        if (i % 97 == 0)
            assert_ptr_equal(snapshot_case_by_ref(s, c->ref, strlen(c->ref)), record);
        if (i + 1 < src->n && src->c[i + 1].id > c->id + 1)
            assert_null(snapshot_case(s, c->id + 1));
        for (; l < b->ledger.n && b->ledger.rows[l].case_id < c->id; l++) /* gone from the source */
            if (b->ledger.rows[l].digest != LEDGER_NOTHING)
                assert_true(d < p->n_dirty && p->dirty[d++] == b->ledger.rows[l].case_id);
        bool known = l < b->ledger.n && b->ledger.rows[l].case_id == c->id;
        uint64_t stored = known ? b->ledger.rows[l++].digest : LEDGER_NOTHING;
        if (digest_of(b, c, &listed) != stored)
            assert_true(d < p->n_dirty && p->dirty[d++] == c->id);
    }
    for (; l < b->ledger.n; l++)
        if (b->ledger.rows[l].digest != LEDGER_NOTHING)
            assert_true(d < p->n_dirty && p->dirty[d++] == b->ledger.rows[l].case_id);
    assert_int_equal(d, p->n_dirty);
    assert_int_equal(s->n_cases, src->n);
    assert_null(snapshot_case_by_ref(s, "nobody", 6));
    if (src->n > 0)
        assert_null(snapshot_case(s, src->c[src->n - 1].id + 1));
    for (size_t i = 0; i < s->n_slots; i++) {
        const struct slot *slot = &s->slot[i];
        assert_true(slot->chunk->n > 0 && slot->chunk->n <= 2 * 1024);
        assert_true(slot->chunk->first > last || i == 0);
        assert_true(slot->chunk->last >= slot->chunk->first);
        assert_true(slot->verdict->as_of == b->as_of && slot->verdict->limits == b->limits);
        last = slot->chunk->last;
        have_listed += slot->verdict->n_listed;
        cases += slot->chunk->n;
    }
    assert_int_equal(cases, src->n);
    assert_int_equal(have_listed, listed);
}

/* The same cases, counts and lists, however the chunks are cut. */
static void check_same(const struct bench *b, const struct poll *p, const struct poll *q)
{
    const struct snapshot *s = p->snapshot, *t = q->snapshot;
    assert_int_equal(s->n_cases, t->n_cases);
    assert_memory_equal(&s->tally, &t->tally, sizeof s->tally);
    assert_int_equal(p->n_dirty, q->n_dirty);
    assert_memory_equal(p->dirty, q->dirty, p->n_dirty * sizeof *p->dirty);
    for (size_t i = 0; i < b->source.n; i++) {
        int64_t id = b->source.c[i].id;
        const unsigned char *x = snapshot_case(s, id), *y = snapshot_case(t, id);
        struct record_room one = {0}, other = {0};
        struct record_case hx, hy;
        size_t nx = (size_t)(record_head(x, &hx) - x), ny = (size_t)(record_head(y, &hy) - y);
        assert_true(nx == ny && memcmp(x, y, nx) == 0);
        if (i % 13 != 0)
            continue;
        assert_true(record_view(x, b->words, b->as_of, KNOWN_NOW, &one) &&
                    record_view(y, b->words, b->as_of, KNOWN_NOW, &other));
        assert_int_equal(one.view.n, other.view.n);
        for (size_t f = 0; f < one.view.n; f++)
            assert_true(one.facts[f].on == other.facts[f].on && one.facts[f].event == other.facts[f].event);
        record_room_free(&one);
        record_room_free(&other);
    }
    size_t i = 0, k = 0, j = 0, m = 0; /* both breach lists, case by case */
    for (;;) {
        while (i < s->n_slots && k == s->slot[i].verdict->n_listed)
            i++, k = 0;
        while (j < t->n_slots && m == t->slot[j].verdict->n_listed)
            j++, m = 0;
        if (i == s->n_slots || j == t->n_slots)
            break;
        const struct listed *a = &s->slot[i].verdict->listed[k++], *c = &t->slot[j].verdict->listed[m++];
        struct record_case ka, kc;
        record_head(s->slot[i].chunk->data + s->slot[i].chunk->offset[a->at], &ka);
        record_head(t->slot[j].chunk->data + t->slot[j].chunk->offset[c->at], &kc);
        assert_true(ka.id == kc.id && same_obligation(&a->obligation, &c->obligation));
    }
    assert_true(i == s->n_slots && j == t->n_slots);
}

/* As the writer does after a poll: the ledger holds what was found. */
static void write_dirty(struct bench *b, const struct poll *p)
{
    size_t listed = 0;
    for (size_t i = 0; i < p->n_dirty; i++) {
        size_t at = place_of(&b->source, p->dirty[i]);
        bool there = at < b->source.n && b->source.c[at].id == p->dirty[i];
        assert_true(ledger_set(&b->ledger, p->dirty[i],
                               there ? digest_of(b, &b->source.c[at], &listed) : LEDGER_NOTHING));
    }
    ledger_settle(&b->ledger);
}

/* --- the model test ------------------------------------------------------------------------------------------------------------- */

static int by_id(const void *x, const void *y)
{
    const int64_t *a = x, *b = y;
    return *a < *b ? -1 : *a > *b;
}

static size_t touch(struct bench *b, int64_t *only)
{
    size_t n = 0, kept = 0;
    for (int left = rng_one_in(&b->rng, 4) ? rng_between(&b->rng, 0, 150) : rng_between(&b->rng, 0, 6);
         left > 0; left--)
        only[n++] = edit(b);
    while (rng_one_in(&b->rng, 2)) /* told of cases that did not change, or are not there */
        only[n++] = some_id(b);
    qsort(only, n, sizeof *only, by_id);
    for (size_t i = 0; i < n; i++)
        if (i == 0 || only[i] != only[i - 1])
            only[kept++] = only[i];
    return kept;
}

static void a_life(void **state)
{
    size_t n = *(const size_t *)*state;
    struct bench b;
    char name[40];
    snprintf(name, sizeof name, "intake of %zu", n);
    bench_open(&b, name);
    fill(&b, n);
    struct poll now = poll(&b, &(struct how){.strays = true});
    check_snapshot(&b, &now);
    write_dirty(&b, &now);
    bool clean = true;
    for (int round = 0; round < 14; round++) {
        int64_t only[256];
        size_t n_only = touch(&b, only);
        bool new_day = rng_one_in(&b.rng, 5), partial = clean && !new_day && round % 2 == 0;
        if (new_day)
            b.as_of++;
        if (!partial && rng_one_in(&b.rng, 5))
            b.limits = rng_one_in(&b.rng, 2) ? LIMITS_ALL : rng_next(&b.rng);

        struct poll fresh = poll(&b, &(struct how){.strays = false});
        struct poll full =
            poll(&b, &(struct how){.before = now.snapshot, .evaluate_all = !clean, .strays = true});
        check_snapshot(&b, &fresh);
        check_snapshot(&b, &full);
        check_same(&b, &fresh, &full);
        assert_true(fresh.snapshot->seen == full.snapshot->seen);
        assert_int_equal(fresh.snapshot->n_facts, full.snapshot->n_facts);
        if (partial) {
            struct poll part =
                poll(&b, &(struct how){.before = now.snapshot, .only = only, .n_only = n_only});
            check_snapshot(&b, &part);
            check_same(&b, &fresh, &part);
            assert_true((part.snapshot->seen & fresh.snapshot->seen) == fresh.snapshot->seen);
            assert_int_equal(part.snapshot->n_facts, fresh.snapshot->n_facts);
            poll_free(&full);
            full = part;
        }
        poll_free(&fresh);
        poll_free(&now);
        now = full;
        clean = !rng_one_in(&b.rng, 5); /* or the writing failed, and the next poll takes no verdict over */
        if (clean)
            write_dirty(&b, &now);
    }
    poll_free(&now);
    bench_close(&b);
}

/* --- what is shared ---------------------------------------------------------------------------------------------------------------- */

static void unchanged_chunks_are_shared(void **state)
{
    (void)state;
    struct bench b;
    bench_open(&b, "intake, sharing");
    fill(&b, 3000);
    struct poll one = poll(&b, &(struct how){0});
    write_dirty(&b, &one);
    struct how how = {.before = one.snapshot};
    assert_int_equal(one.snapshot->n_slots, 3);

    struct poll again = poll(&b, &how);
    assert_int_equal(again.n_dirty, 0);
    for (size_t i = 0; i < 3; i++) {
        assert_ptr_equal(again.snapshot->slot[i].chunk, one.snapshot->slot[i].chunk);
        assert_ptr_equal(again.snapshot->slot[i].verdict, one.snapshot->slot[i].verdict);
    }
    poll_free(&again);

    how.evaluate_all = true;
    again = poll(&b, &how);
    for (size_t i = 0; i < 3; i++) {
        assert_ptr_equal(again.snapshot->slot[i].chunk, one.snapshot->slot[i].chunk);
        assert_ptr_not_equal(again.snapshot->slot[i].verdict, one.snapshot->slot[i].verdict);
    }
    poll_free(&again);
    how.evaluate_all = false;

    b.as_of++;
    again = poll(&b, &how);
    for (size_t i = 0; i < 3; i++) {
        assert_ptr_equal(again.snapshot->slot[i].chunk, one.snapshot->slot[i].chunk);
        assert_ptr_not_equal(again.snapshot->slot[i].verdict, one.snapshot->slot[i].verdict);
        assert_int_equal(again.snapshot->slot[i].verdict->as_of, b.as_of);
    }
    poll_free(&again);
    b.as_of--;

    b.known_at =
        ((int64_t)b.as_of - 90) * 86400 * 1000000; /* rows learnt since, and voided before, are not seen */
    again = poll(&b, &how);
    check_snapshot(&b, &again);
    assert_true(again.snapshot->known_at == b.known_at);
    for (size_t i = 0; i < 3; i++) {
        assert_ptr_equal(again.snapshot->slot[i].chunk, one.snapshot->slot[i].chunk);
        assert_ptr_not_equal(again.snapshot->slot[i].verdict, one.snapshot->slot[i].verdict);
    }
    assert_true(again.n_dirty > 0);
    how.before = again.snapshot; /* nor is what was known then taken for what is known now */
    b.known_at = KNOWN_NOW;
    struct poll now = poll(&b, &how);
    check_snapshot(&b, &now);
    assert_int_equal(now.n_dirty, 0);
    poll_free(&now);
    poll_free(&again);
    how.before = one.snapshot;

    b.limits = 1;
    again = poll(&b, &how);
    for (size_t i = 0; i < 3; i++) {
        assert_ptr_equal(again.snapshot->slot[i].chunk, one.snapshot->slot[i].chunk);
        assert_true(again.snapshot->slot[i].verdict->limits == 1);
    }
    poll_free(&again);
    b.limits = LIMITS_ALL;

    int64_t gone = b.source.c[1500].id; /* one case less in the middle, then one more: one chunk changes */
    struct source_case kept = b.source.c[1500];
    delete (&b, gone);
    struct poll less = poll(&b, &how);
    assert_ptr_equal(less.snapshot->slot[0].chunk, one.snapshot->slot[0].chunk);
    assert_ptr_not_equal(less.snapshot->slot[1].chunk, one.snapshot->slot[1].chunk);
    assert_ptr_equal(less.snapshot->slot[2].chunk, one.snapshot->slot[2].chunk);
    assert_ptr_equal(less.snapshot->slot[2].verdict, one.snapshot->slot[2].verdict);
    check_snapshot(&b, &less);
    insert(&b, gone);
    b.source.c[1500] = kept;
    how.before = less.snapshot;
    struct poll more = poll(&b, &how);
    assert_ptr_equal(more.snapshot->slot[0].chunk, one.snapshot->slot[0].chunk);
    assert_ptr_equal(more.snapshot->slot[2].chunk, one.snapshot->slot[2].chunk);
    assert_int_equal(more.n_dirty, 0);

    /* a partial intake of one case touches one chunk */
    how.only = &gone;
    how.n_only = 1;
    b.source.c[1500].n_facts = 0;
    struct poll part = poll(&b, &how);
    assert_ptr_equal(part.snapshot->slot[0].verdict, one.snapshot->slot[0].verdict);
    assert_ptr_equal(part.snapshot->slot[2].verdict, one.snapshot->slot[2].verdict);
    check_snapshot(&b, &part);
    poll_free(&part);
    poll_free(&more);
    poll_free(&less);
    poll_free(&one);
    bench_close(&b);
}

/* A partial intake that is told to take nothing over, or whose day or limits are new, evaluates the cases it did not read too. */
static void a_partial_intake_takes_over_no_stale_verdict(void **state)
{
    (void)state;
    struct bench b;
    bench_open(&b, "intake, partial");
    fill(&b, 2500);
    struct poll one = poll(&b, &(struct how){0});
    int64_t id = b.source.c[7].id;
    struct how how = {.before = one.snapshot, .only = &id, .n_only = 1, .evaluate_all = true};
    struct poll part = poll(&b, &how); /* nothing was written: every case is dirty still */
    check_snapshot(&b, &part);
    check_same(&b, &one, &part);
    assert_ptr_not_equal(part.snapshot->slot[1].verdict, one.snapshot->slot[1].verdict);
    poll_free(&part);

    write_dirty(&b, &one);
    how.evaluate_all = false;
    b.as_of += 30;
    part = poll(&b, &how);
    check_snapshot(&b, &part);
    poll_free(&part);
    b.limits = LIMITS_ALL >> 30;
    part = poll(&b, &how);
    check_snapshot(&b, &part);
    poll_free(&part);
    poll_free(&one);
    bench_close(&b);
}

/* Cases that go where two chunks meet, and rows in the ledger of cases that nobody knows. */
static void what_goes_between_chunks_is_dirty_once(void **state)
{
    (void)state;
    struct bench b;
    bench_open(&b, "intake, between chunks");
    fill(&b, 3000);
    struct poll one = poll(&b, &(struct how){0});
    write_dirty(&b, &one);
    int64_t only[] = {b.source.c[1022].id, b.source.c[1023].id, b.source.c[1024].id,
                      b.source.c[2047].id, b.source.c[2048].id, b.source.c[2999].id};
    size_t n_only = sizeof only / sizeof only[0];
    for (size_t i = 0; i < n_only; i++)
        delete (&b, only[i]);
    struct how how = {.before = one.snapshot};
    struct poll full = poll(&b, &how);
    how.only = only;
    how.n_only = n_only;
    struct poll part = poll(&b, &how);
    check_snapshot(&b, &full);
    check_snapshot(&b, &part);
    check_same(&b, &full, &part);
    poll_free(&full);

    /* cases behind the last of a chunk, new and known to the ledger */
    write_dirty(&b, &part);
    for (size_t i = 0; i < n_only; i++)
        insert(&b, only[i]);
    how.before = part.snapshot;
    struct poll back = poll(&b, &how);
    check_snapshot(&b, &back);
    poll_free(&back);
    poll_free(&part);
    poll_free(&one);
    bench_close(&b);
}

/* The first and the last of a chunk, one at a time: its neighbours are shared, and what lies between is still asked for. */
static void a_case_gone_at_the_edge_of_a_chunk_is_dirty(void **state)
{
    (void)state;
    static const size_t edges[] = {0, 1023, 1024, 2047, 2048, 2999};
    struct bench b;
    bench_open(&b, "intake, edges of chunks");
    fill(&b, 3000);
    struct poll one = poll(&b, &(struct how){0});
    for (size_t i = 0; i < b.source.n; i++) { /* nobody is without obligations */
        struct source_case *c = &b.source.c[i];
        c->n_facts = 1;
        c->fact[0] = (struct record_fact){b.as_of - 10, EV_PLAN_ISSUED, 0, TIME_NONE, TIME_NONE};
    }
    struct poll two = poll(&b, &(struct how){.before = one.snapshot});
    write_dirty(&b, &two);
    for (size_t i = 0; i < sizeof edges / sizeof edges[0]; i++) {
        struct source_case kept = b.source.c[edges[i]];
        int64_t id = kept.id;
        delete (&b, id);
        struct poll full = poll(&b, &(struct how){.before = two.snapshot});
        struct poll part = poll(&b, &(struct how){.before = two.snapshot, .only = &id, .n_only = 1});
        check_snapshot(&b, &full);
        check_snapshot(&b, &part);
        assert_true(full.n_dirty == 1 && full.dirty[0] == id);
        assert_true(part.n_dirty == 1 && part.dirty[0] == id);
        poll_free(&part);
        poll_free(&full);
        insert(&b, id);
        b.source.c[edges[i]] = kept;
    }
    poll_free(&two);
    poll_free(&one);
    bench_close(&b);
}

/* Readers keep what they hold. */
static void old_snapshots_live_as_long_as_their_readers(void **state)
{
    (void)state;
    enum { READERS = 12 };
    struct bench b;
    struct snapshot *held[READERS];
    size_t cases[READERS];
    bench_open(&b, "intake, readers");
    fill(&b, 2100);
    struct poll now = poll(&b, &(struct how){0});
    for (int i = 0; i < READERS; i++) {
        held[i] = snapshot_ref(now.snapshot);
        cases[i] = now.snapshot->n_cases;
        for (int k = 0; k < 20; k++)
            edit(&b);
        b.as_of += i % 3 == 0;
        struct poll next = poll(&b, &(struct how){.before = now.snapshot});
        poll_free(&now);
        now = next;
    }
    poll_free(&now);
    for (int i = READERS; i-- > 0;) {
        size_t seen = 0, listed = 0;
        for (size_t s = 0; s < held[i]->n_slots; s++) {
            const struct slot *slot = &held[i]->slot[s];
            for (uint32_t k = 0; k < slot->chunk->n; k++, seen++) {
                struct record_case head;
                record_head(slot->chunk->data + slot->chunk->offset[k], &head);
                assert_ptr_equal(snapshot_case(held[i], head.id), slot->chunk->data + slot->chunk->offset[k]);
            }
            for (size_t k = 0; k < slot->verdict->n_listed; k++)
                listed += obligation_is_listed(&slot->verdict->listed[k].obligation);
        }
        assert_int_equal(seen, cases[i]);
        assert_true(listed > 0);
        snapshot_unref(held[i]);
    }
    snapshot_unref(NULL);
    bench_close(&b);
}

/* --- rows that are wrong ----------------------------------------------------------------------------------------------------------- */

static struct intake *plain_intake(struct bench *b)
{
    const struct intake_conf conf = {.rulebook = &b->rb,
                                     .calendar = &b->cal,
                                     .words = b->words,
                                     .ledger = &b->ledger,
                                     .as_of = b->as_of,
                                     .limits = LIMITS_ALL};
    return intake_new(&conf);
}

static void rows_out_of_order_are_an_error(void **state)
{
    (void)state;
    struct bench b;
    struct err e;
    bench_open(&b, "intake, order");
    struct record_case k = {.id = 7, .ref = "A", .ref_len = 1, .born = CIVIL_NONE};
    struct record_fact f = random_fact(&b);
    struct record_claim c = {{CIVIL_NONE, CIVIL_NONE, GROUND_CLAIMED}, TIME_NONE, TIME_NONE};
    struct intake *in = plain_intake(&b);
    assert_true(intake_case(in, &k, &e));
    k.id = 6;
    assert_false(intake_case(in, &k, &e));
    assert_string_equal(e.text, "cases are not in ascending order of case_id (6 after 7)");
    assert_true(intake_claim(in, 7, &c, &e));
    assert_true(intake_claim(in, 7, &c, &e));
    assert_false(intake_claim(in, 6, &c, &e));
    assert_string_equal(e.text, "exceptions are not in ascending order of case_id");
    assert_true(intake_fact(in, 7, &f, &e));
    assert_false(intake_fact(in, 6, &f, &e));
    assert_string_equal(e.text, "events are not in ascending order of case_id (6 after 7)");
    intake_free(in); /* in the middle of it */
    intake_free(NULL);
    bench_close(&b);
}

static void doubled_and_unknown_cases_are_counted(void **state)
{
    (void)state;
    struct bench b;
    struct err e;
    const int64_t *dirty;
    size_t n_dirty;
    bench_open(&b, "intake, findings");
    struct record_case k = {.id = 5, .ref = "first", .ref_len = 5, .born = CIVIL_NONE};
    struct record_fact f = random_fact(&b);
    struct record_claim c = {{CIVIL_NONE, CIVIL_NONE, GROUND_CLAIMED}, TIME_NONE, TIME_NONE};
    f.voided_at = TIME_NONE;
    struct intake *in = plain_intake(&b);
    assert_true(intake_case(in, &k, &e));
    k.ref = "twice";
    assert_true(intake_case(in, &k, &e));
    k.id = 9;
    k.ref = "ninth";
    assert_true(intake_case(in, &k, &e));
    for (int64_t id = 4; id <= 10; id++)
        assert_true(intake_claim(in, id, &c, &e));
    for (int64_t id = 4; id <= 10;
         id++) /* each twice: the second is of the same case as the first, or of none */
        assert_true(intake_fact(in, id, &f, &e) && intake_fact(in, id, &f, &e));
    for (int64_t id = 1; id <= 3; id++)
        intake_reject(in, FINDING_BAD_DATE, id == 2 ? NULL : &id, "plan_issued", 11, CIVIL_NONE);
    assert_int_equal(intake_finish(in, 1000), 1);
    struct snapshot *s = intake_take(in, &dirty, &n_dirty);
    assert_int_equal(s->n_cases, 2);
    assert_int_equal(s->findings.double_case, 1);
    assert_int_equal(s->findings.unknown_case, 15); /* five claims and ten events */
    assert_int_equal(s->findings.bad_date, 3);
    assert_int_equal(s->rejects->n, 19);
    assert_int_equal(s->n_facts, 4);
    assert_int_equal(record_facts(snapshot_case(s, 5)), 2);
    assert_int_equal(record_facts(snapshot_case(s, 9)), 2);
    assert_true(s->seen == EVENT_BIT(f.event));
    assert_non_null(snapshot_case_by_ref(s, "first", 5));
    assert_null(snapshot_case_by_ref(s, "twice", 5));
    intake_free(in);
    snapshot_unref(s);
    bench_close(&b);
}

static void work_is_done_in_small_steps(void **state)
{
    (void)state;
    struct bench b;
    struct err e;
    const int64_t *dirty;
    size_t n_dirty;
    bench_open(&b, "intake, steps");
    struct intake *in = plain_intake(&b);
    for (int64_t id = 1; id <= 500; id++) {
        struct record_case k = {.id = id, .ref = "x", .ref_len = 1, .born = CIVIL_NONE};
        assert_true(intake_case(in, &k, &e));
    }
    int calls = 1;
    while (intake_finish(in, 50) == 0)
        calls++;
    assert_in_range(calls, 10, 11);
    struct snapshot *s = intake_take(in, &dirty, &n_dirty);
    assert_int_equal(s->n_cases, 500);
    assert_int_equal(s->tally.cases[STAGE_REQUESTED], 500);
    intake_free(in);
    snapshot_unref(s);
    bench_close(&b);
}

/* The cases of a hint may lie in every chunk: all of these are evaluated anew, but not at once. What was not touched costs next to nothing. */
static void a_part_is_merged_in_small_steps(void **state)
{
    (void)state;
    struct bench b;
    bench_open(&b, "intake, a part in steps");
    fill(&b, 6000);
    struct poll one = poll(&b, &(struct how){0});
    write_dirty(&b, &one);
    int64_t only[] = {b.source.c[0].id,    b.source.c[1500].id, b.source.c[2500].id,
                      b.source.c[3500].id, b.source.c[4500].id, b.source.c[5999].id};
    struct how how = {.before = one.snapshot, .only = only, .n_only = 6, .step = 100};
    struct poll all = poll(&b, &how);
    check_snapshot(&b, &all);
    assert_int_equal(all.n_dirty, 0);
    assert_in_range(all.steps, 60, 62);
    poll_free(&all);
    how.n_only = 1;
    struct poll first = poll(&b, &how);
    check_snapshot(&b, &first);
    assert_in_range(first.steps, 11, 12);
    poll_free(&first);
    how.evaluate_all = true; /* then every chunk takes its time, one after the other */
    first = poll(&b, &how);
    check_snapshot(&b, &first);
    assert_in_range(first.steps, 15, 17);
    poll_free(&first);
    poll_free(&one);
    bench_close(&b);
}

static void stages_by_what_happened_last(void **state)
{
    (void)state;
    static const struct {
        const char *facts;
        enum stage stage;
    } cases[] = {
        {"", STAGE_REQUESTED},
        {"2026-01-05 request_received", STAGE_REQUESTED},
        {"2026-01-05 request_received, 2026-02-01 assess_agreed", STAGE_ASSESSING},
        {"2026-01-05 request_received, 2026-02-01 assess_refused", STAGE_REFUSED},
        {"2026-01-05 request_received, 2026-02-01 draft_sent, 2026-03-01 issue_refused", STAGE_REFUSED},
        {"2026-01-05 request_received, 2026-03-01 plan_issued", STAGE_PLAN},
        {"2026-03-01 plan_issued, 2026-04-01 draft_sent", STAGE_PLAN},
        {"2026-03-01 plan_issued, 2026-04-01 plan_ceased", STAGE_ENDED},
        {"2026-01-05 request_received, 2026-02-01 request_withdrawn", STAGE_ENDED},
        {"2026-03-01 plan_issued, 2026-03-02 case_closed", STAGE_ENDED},
        {"2026-03-01 case_closed, 2026-03-02 plan_issued", STAGE_ENDED},
        {"2026-03-01 plan_transferred_out, 2026-04-01 plan_transferred_in", STAGE_PLAN},
        /* A move ends what has no plan, on its day. */
        {"2026-01-05 request_received, 2026-07-22 moved_out", STAGE_ENDED},
        {"2026-01-05 request_received, 2026-07-23 moved_out", STAGE_REQUESTED},
        {"2026-03-01 plan_issued, 2026-04-01 moved_out", STAGE_PLAN},
        {"2026-03-01 plan_issued, 2026-04-01 moved_out, 2026-04-10 plan_transferred_out", STAGE_ENDED},
        {"2026-03-01 plan_issued, 2026-03-01 moved_out", STAGE_PLAN},
        /* Nothing but its own end ends a plan. */
        {"2026-03-01 plan_issued, 2026-04-01 request_received", STAGE_PLAN},
        {"2026-03-01 plan_issued, 2026-04-01 assess_refused", STAGE_PLAN},
        {"2026-03-01 plan_issued, 2026-04-01 request_withdrawn", STAGE_PLAN},
        {"2026-03-01 plan_issued, 2026-04-01 plan_ceased, 2026-04-01 plan_issued", STAGE_ENDED},
        {"2026-03-01 plan_issued, 2026-04-01 plan_ceased, 2026-05-01 request_received", STAGE_REQUESTED},
        {"2026-03-01 plan_issued, 2026-04-01 plan_ceased, 2026-05-01 tribunal_order continue", STAGE_PLAN},
        {"2026-03-01 plan_issued, 2026-04-01 plan_ceased, 2026-04-01 tribunal_order continue", STAGE_ENDED},
        {"2026-05-01 tribunal_order continue", STAGE_REQUESTED},
        /* Of one day's the furthest. */
        {"2026-01-05 request_received, 2026-01-05 assess_agreed", STAGE_ASSESSING},
        {"2026-01-05 request_received, 2026-01-05 assess_agreed, 2026-01-05 assess_refused", STAGE_REFUSED},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct scene s;
        scene_read(&s, cases[i].facts);
        facts_settle(&s.view, s.subjects, day("2026-07-22"));
        enum stage got = stage_of(&s.view, day("2026-07-22"));
        scene_free(&s);
        assert_string_equal(stage_name(got), stage_name(cases[i].stage));
    }
}

int main(void)
{
    static const size_t sizes[] = {0, 1, 5, 1023, 1024, 1025, 3000, 6000};
    static char names[sizeof sizes / sizeof sizes[0]][40];
    static struct CMUnitTest tests[32];
    const struct CMUnitTest fixed[] = {
        cmocka_unit_test(unchanged_chunks_are_shared),
        cmocka_unit_test(a_partial_intake_takes_over_no_stale_verdict),
        cmocka_unit_test(what_goes_between_chunks_is_dirty_once),
        cmocka_unit_test(a_case_gone_at_the_edge_of_a_chunk_is_dirty),
        cmocka_unit_test(old_snapshots_live_as_long_as_their_readers),
        cmocka_unit_test(rows_out_of_order_are_an_error),
        cmocka_unit_test(doubled_and_unknown_cases_are_counted),
        cmocka_unit_test(work_is_done_in_small_steps),
        cmocka_unit_test(a_part_is_merged_in_small_steps),
        cmocka_unit_test(stages_by_what_happened_last),
    };
    size_t n = sizeof fixed / sizeof fixed[0];
    memcpy(tests, fixed, sizeof fixed);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        snprintf(names[i], sizeof names[i], "polls of %zu cases", sizes[i]);
        tests[n++] = (struct CMUnitTest){names[i], a_life, NULL, NULL, (void *)(uintptr_t)&sizes[i]};
    }
    return _cmocka_run_group_tests("intake", tests, n, NULL, NULL) != 0;
}
