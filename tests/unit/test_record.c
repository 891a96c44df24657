#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "casework.h"
#include "record.h"

#define ROWS_MOST 200

/* A case as its three sources have it. */
struct given {
    struct record_case head;
    char ref[80];
    struct record_fact fact[ROWS_MOST];
    size_t n_facts;
    struct record_claim claim[20];
    size_t n_claims;
};

static int64_t random_time(struct rng *r, civil_day near)
{
    switch (rng_below(r, 6)) {
    case 0:
    case 1:
        return TIME_NONE;
    case 2: /* a whole second */
        return ((int64_t)near * 86400 + rng_between(r, -86400, 864000)) * 1000000;
    case 3: /* as far as dates go */
        return ((int64_t)rng_between(r, -25567, 84005) * 86400 + rng_between(r, 0, 86399)) * 1000000 +
               rng_between(r, 0, 999999);
    default:
        return ((int64_t)near * 86400 + rng_between(r, -86400, 8640000)) * 1000000 +
               rng_between(r, 0, 999999);
    }
}

static civil_day random_day(struct rng *r)
{
    return rng_one_in(r, 10) ? rng_between(r, -25567, 84005) : day("2026-07-22") - rng_between(r, -400, 2000);
}

static uint32_t random_number(struct rng *r)
{
    return rng_one_in(r, 3) ? 0 : rng_one_in(r, 5) ? (uint32_t)rng_next(r) : rng_below(r, 300);
}

static void random_given(struct rng *r, struct given *g, uint32_t n_subjects)
{
    size_t len = rng_one_in(r, 20) ? 0 : rng_below(r, sizeof g->ref);
    for (size_t i = 0; i < len; i++)
        g->ref[i] = (char)rng_between(r, 1, 255);
    g->head = (struct record_case){
        .id = rng_one_in(r, 4) ? (int64_t)rng_next(r) : rng_between(r, -5, 1000000),
        .ref = g->ref,
        .ref_len = len,
        .locality = random_number(r),
        .team = random_number(r),
        .officer = random_number(r),
        .born = rng_one_in(r, 4) ? CIVIL_NONE : rng_between(r, -25567, 84005),
    };
    g->n_facts = rng_one_in(r, 50) ? rng_below(r, ROWS_MOST) : rng_below(r, 14);
    g->n_claims = rng_one_in(r, 3) ? rng_below(r, 20) : 0;
    for (size_t i = 0; i < g->n_facts; i++) {
        civil_day on = random_day(r);
        g->fact[i] =
            i > 0 && rng_one_in(r, 8)
                ? g->fact[rng_below(r, (uint32_t)i)]
                : (struct record_fact){on, (enum event)rng_between(r, 1, EV_COUNT - 1),
                                       rng_below(r, n_subjects), random_time(r, on), random_time(r, on)};
    }
    for (size_t i = 0; i < g->n_claims; i++)
        g->claim[i] = (struct record_claim){
            {rng_one_in(r, 3) ? CIVIL_NONE : random_day(r), rng_one_in(r, 3) ? CIVIL_NONE : random_day(r),
             (uint8_t)rng_below(r, GROUND_COUNT)},
            random_time(r, 20000),
            random_time(r, 20000),
        };
}

static size_t encode(struct record_maker *m, const struct given *g, unsigned char **out)
{
    for (size_t i = 0; i < g->n_facts; i++)
        assert_true(record_add_fact(m, &g->fact[i]));
    for (size_t i = 0; i < g->n_claims; i++)
        assert_true(record_add_claim(m, &g->claim[i]));
    size_t bound = record_bound(m, g->head.ref_len);
    *out = malloc(bound); /* a block of its own, so that a byte too many is seen */
    size_t len = record_encode(m, &g->head, *out);
    assert_true(len <= bound);
    assert_true(m->n_facts == 0 && m->n_claims == 0);
    return len;
}

static int by_claim(const void *x, const void *y)
{
    const struct claim *a = x, *b = y;
    return a->from != b->from ? (a->from < b->from ? -1 : 1)
           : a->to != b->to   ? (a->to < b->to ? -1 : 1)
                              : (int)a->ground - (int)b->ground;
}

/* The view of the record against the rows themselves, filtered and settled without it. */
static void check_view(const unsigned char *record, const struct given *g, const struct words *w,
                       civil_day as_of, int64_t known_at, struct record_room *room)
{
    static struct fact facts[ROWS_MOST];
    static struct claim claims[20], decoded[20];
    struct case_facts want = {.facts = facts, .claims = claims, .born = g->head.born};
    for (size_t i = 0; i < g->n_facts; i++)
        if (facts_known(g->fact[i].recorded_at, g->fact[i].voided_at, known_at))
            facts[want.n++] = (struct fact){g->fact[i].on, g->fact[i].subject, (uint8_t)g->fact[i].event, 0};
    for (size_t i = 0; i < g->n_claims; i++)
        if (facts_known(g->claim[i].recorded_at, g->claim[i].voided_at, known_at))
            claims[want.n_claims++] = g->claim[i].claim;
    facts_settle(&want, w->subjects, as_of);

    assert_true(record_view(record, w, as_of, known_at, room));
    assert_int_equal(room->view.n, want.n);
    assert_int_equal(room->view.n_claims, want.n_claims);
    assert_int_equal(room->view.born, want.born);
    assert_true(room->view.present == want.present);
    for (size_t i = 0; i < want.n; i++) {
        const struct fact *a = &room->view.facts[i], *b = &facts[i];
        assert_true(a->on == b->on && a->event == b->event && a->subject == b->subject);
    }
    if (want.n_claims > 0)
        memcpy(decoded, room->view.claims, want.n_claims * sizeof decoded[0]);
    qsort(decoded, want.n_claims, sizeof decoded[0], by_claim);
    qsort(claims, want.n_claims, sizeof claims[0], by_claim);
    for (size_t i = 0; i < want.n_claims; i++)
        assert_int_equal(by_claim(&decoded[i], &claims[i]), 0);
}

static void what_goes_in_comes_out(void **state)
{
    (void)state;
    struct rng r = rng_seeded("record");
    struct words *w = words_new();
    struct record_maker m = {0};
    struct record_room room = {0};
    static struct given g;
    while (names_count(w->subjects) < 400) {
        char text[16];
        int len = snprintf(text, sizeof text, "SCH-%zu", names_count(w->subjects));
        names_add(w->subjects, text, (size_t)len);
    }
    for (int round = 0; round < 100000; round++) {
        random_given(&r, &g, 400);
        unsigned char *one, *other;
        size_t len = encode(&m, &g, &one);

        struct record_case k;
        const unsigned char *rows = record_head(one, &k);
        assert_true(rows > one && rows <= one + len);
        assert_true(k.id == g.head.id && k.ref_len == g.head.ref_len && k.born == g.head.born);
        assert_true(k.locality == g.head.locality && k.team == g.head.team && k.officer == g.head.officer);
        assert_memory_equal(k.ref, g.ref, k.ref_len);

        /* whole seconds only: to which times are kept */
        int64_t known_at = ((int64_t)random_day(&r) * 86400 + rng_between(&r, 0, 86399)) * 1000000;
        check_view(one, &g, w, random_day(&r), rng_one_in(&r, 3) ? KNOWN_NOW : known_at, &room);

        RNG_SHUFFLE(&r, g.fact, g.n_facts);
        RNG_SHUFFLE(&r, g.claim, g.n_claims);
        assert_int_equal(encode(&m, &g, &other), len);
        assert_memory_equal(one, other, len);
        free(one);
        free(other);
    }
    record_maker_free(&m);
    record_room_free(&room);
    words_free(w);
    words_free(NULL);
}

static void a_changed_row_changes_the_bytes(void **state)
{
    (void)state;
    struct rng r = rng_seeded("record, changed");
    struct record_maker m = {0};
    static struct given g;
    for (int round = 0; round < 5000; round++) {
        random_given(&r, &g, SUBJECT_COUNT);
        if (g.n_facts == 0)
            continue;
        unsigned char *one, *other;
        size_t len = encode(&m, &g, &one);
        struct record_fact *f = &g.fact[rng_below(&r, (uint32_t)g.n_facts)];
        switch (rng_below(&r, 4)) {
        case 0:
            f->on++;
            break;
        case 1:
            f->subject = (f->subject + 1) % SUBJECT_COUNT;
            break;
        case 2:
            f->event = f->event + 1 < EV_COUNT ? f->event + 1 : 1;
            break;
        default:
            f->voided_at = f->voided_at == TIME_NONE ? 0 : TIME_NONE;
            break;
        }
        size_t again = encode(&m, &g, &other);
        assert_false(again == len && memcmp(one, other, len) == 0);
        free(one);
        free(other);
    }
    record_maker_free(&m);
}

static void known_at_to_the_second(void **state)
{
    (void)state;
    const int64_t noon = INT64_C(1777636800000000), second = 1000000;
    static const struct {
        int64_t recorded, voided; /* microseconds from noon; INT64_MIN: none */
        int at;                   /* seconds from noon */
        bool seen;
    } cases[] = {
        {0, TIME_NONE, 0, true},       {1, TIME_NONE, 0, false},      {1, TIME_NONE, 1, true},
        {999999, TIME_NONE, 0, false}, {1000000, TIME_NONE, 1, true}, {-1, TIME_NONE, -1, false},
        {-1, TIME_NONE, 0, true},      {TIME_NONE, 0, 0, false},      {TIME_NONE, 1, 0, true},
        {TIME_NONE, 1, 1, false},      {TIME_NONE, 0, -1, true},      {500000, 1500000, 1, true},
        {500000, 1500000, 2, false},   {500000, 1500000, 0, false},
    };
    struct words *w = words_new();
    struct record_maker m = {0};
    struct record_room room = {0};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct given g = {
            .head = {.ref = "A", .ref_len = 1, .born = CIVIL_NONE}, .n_facts = 1, .n_claims = 1};
        int64_t recorded = cases[i].recorded == TIME_NONE ? TIME_NONE : noon + cases[i].recorded;
        int64_t voided = cases[i].voided == TIME_NONE ? TIME_NONE : noon + cases[i].voided;
        g.fact[0] = (struct record_fact){day("2026-05-01"), EV_DRAFT_SENT, 0, recorded, voided};
        g.claim[0] = (struct record_claim){{CIVIL_NONE, CIVIL_NONE, GROUND_CLAIMED}, recorded, voided};
        unsigned char *record;
        encode(&m, &g, &record);
        bool fits = record_view(record, w, day("2026-06-01"), noon + cases[i].at * second, &room);
        size_t n = room.view.n, n_claims = room.view.n_claims;
        free(record);
        assert_true(fits);
        if (n != cases[i].seen || n_claims != cases[i].seen)
            fail_msg("row %zu", i);
    }
    record_maker_free(&m);
    record_room_free(&room);
    words_free(w);
}

static void twelve_events_take_about_a_hundred_bytes(void **state)
{
    (void)state;
    static const struct {
        const char *on;
        enum event event;
        enum subject subject;
    } life[] = {
        {"2025-01-06", EV_REQUEST_RECEIVED, SUBJECT_SCHOOL},
        {"2025-02-14", EV_ASSESS_AGREED, SUBJECT_NONE},
        {"2025-02-17", EV_ADVICE_REQUESTED, SUBJECT_EDUCATION},
        {"2025-02-17", EV_ADVICE_REQUESTED, SUBJECT_HEALTH},
        {"2025-02-17", EV_ADVICE_REQUESTED, SUBJECT_SOCIAL_CARE},
        {"2025-03-20", EV_ADVICE_RECEIVED, SUBJECT_HEALTH},
        {"2025-03-27", EV_ADVICE_RECEIVED, SUBJECT_EDUCATION},
        {"2025-03-28", EV_ADVICE_RECEIVED, SUBJECT_SOCIAL_CARE},
        {"2025-04-22", EV_DRAFT_SENT, SUBJECT_NONE},
        {"2025-05-23", EV_PLAN_ISSUED, SUBJECT_NONE},
        {"2026-04-20", EV_REVIEW_MEETING, SUBJECT_NONE},
        {"2026-05-12", EV_REVIEW_DECIDED_MAINTAIN, SUBJECT_NONE},
    };
    struct given g = {.head = {.id = 812345,
                               .ref = "EHC-2025-04711",
                               .ref_len = 14,
                               .locality = 4,
                               .team = 12,
                               .officer = 161,
                               .born = day("2019-03-14")},
                      .n_facts = sizeof life / sizeof life[0]};
    for (size_t i = 0; i < g.n_facts; i++)
        g.fact[i] = (struct record_fact){
            day(life[i].on), life[i].event, life[i].subject,
            ((int64_t)day(life[i].on) * 86400 + 36000 + (int)i * 977) * 1000000 + 123456, TIME_NONE};
    struct record_maker m = {0};
    unsigned char *record;
    size_t len = encode(&m, &g, &record);
    free(record);
    record_maker_free(&m);
    printf("# 12 events with recorded_at: %zu bytes\n", len);
    assert_in_range(len, 60, 130);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_goes_in_comes_out),
        cmocka_unit_test(a_changed_row_changes_the_bytes),
        cmocka_unit_test(known_at_to_the_second),
        cmocka_unit_test(twelve_events_take_about_a_hundred_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
