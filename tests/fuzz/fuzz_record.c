/* Fuzz target of one case on its whole way: rows, record, view, obligations. What must hold for every history:
 *
 *   record    decodes to the rows that went in (times to the second, rounded up); the order of rows does not show in
 *             the bytes, and the bound is kept
 *   view      is what facts_known and facts_settle make of the rows themselves, now and as known at a whole second
 *   evaluate  a limit gives the same obligations alone and among all, whatever the order of rows; no two obligations share
 *             limit, subject and start; states, dates and days fit each other
 *
 * Input: a head of 8 bytes, then 6 bytes for each row (see `read_input`). */
#include "record.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "evaluate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MOST_ROWS   120
#define MOST_FOUND  4096
#define DAY         INT64_C(86400000000)
#define ANCHOR      19723 /* 2024-01-01 */
#define must(truth) ((truth) ? (void)0 : abort())

struct input {
    struct record_fact facts[MOST_ROWS];
    struct record_claim claims[MOST_ROWS];
    size_t n_facts, n_claims;
    struct record_case k;
    civil_day as_of;
    int64_t known_at;
    size_t limit;
};

struct found {
    struct obligation o[MOST_FOUND];
    size_t n;
};

static int step_of(const uint8_t *p)
{
    return (int16_t)(uint16_t)(p[0] | p[1] << 8);
}

/* 0: none; 255 and 254: as far away as the database can say; else some days around the row, and a bit. */
static int64_t time_of(uint8_t b, civil_day on)
{
    if (b == 0)
        return TIME_NONE;
    if (b >= 254)
        return b == 255 ? INT64_C(9223371331199999999) : INT64_C(-210866803200000000);
    return (int64_t)(on + b - 64) * DAY + b % 3 * INT64_C(43200000001);
}

static void read_input(struct input *in, const uint8_t *p, size_t size, const struct names *subjects)
{
    static const char ref[] = "EHC-0000001-a-long-reference";
    in->as_of = ANCHOR + step_of(p) % 4000;
    in->known_at = p[2] == 0 ? KNOWN_NOW : (int64_t)(in->as_of + p[2] - 128) * DAY + 43200000000;
    in->k = (struct record_case){.id = (int64_t)p[3] * 7919 - 4000,
                                 .ref = ref,
                                 .ref_len = p[4] % sizeof ref,
                                 .locality = p[4],
                                 .team = p[5] * 300u,
                                 .born = p[5] == 0 ? CIVIL_NONE : in->as_of - p[5] * 37};
    in->limit = p[6];
    for (p += 8, size -= 8; size >= 6 && in->n_facts + in->n_claims < MOST_ROWS; p += 6, size -= 6) {
        unsigned event = p[0] & 0x3f;
        civil_day on = ANCHOR + step_of(p + 2) % 4000;
        int64_t recorded = time_of(p[4], on), voided = time_of(p[5], on);
        if (event == EV_UNKNOWN || event >= EV_COUNT)
            in->claims[in->n_claims++] =
                (struct record_claim){.claim = {.from = (p[0] & 0x40) != 0 ? CIVIL_NONE : on,
                                                .to = (p[0] & 0x80) != 0 ? CIVIL_NONE : on + p[1] - 20,
                                                .ground = (uint8_t)(p[1] % GROUND_COUNT)},
                                      .recorded_at = recorded,
                                      .voided_at = voided};
        else
            in->facts[in->n_facts++] = (struct record_fact){.on = on,
                                                            .event = (enum event)event,
                                                            .subject = p[1] % (uint32_t)names_count(subjects),
                                                            .recorded_at = recorded,
                                                            .voided_at = voided};
    }
}

/* --- the record ------------------------------------------------------------------------------------------------------ */

static unsigned char *encode(const struct input *in, bool backward, size_t *len)
{
    struct record_maker m = {0};
    for (size_t i = 0; i < in->n_facts; i++)
        must(record_add_fact(&m, &in->facts[backward ? in->n_facts - 1 - i : i]));
    for (size_t i = 0; i < in->n_claims; i++)
        must(record_add_claim(&m, &in->claims[backward ? in->n_claims - 1 - i : i]));
    size_t bound = record_bound(&m, in->k.ref_len);
    unsigned char *wide = malloc(bound), *record;
    must(wide != NULL);
    *len = record_encode(&m, &in->k, wide);
    must(*len <= bound);
    record = malloc(*len); /* of its own size, so that a read past the end is seen */
    must(record != NULL);
    memcpy(record, wide, *len);
    free(wide);
    record_maker_free(&m);
    return record;
}

static int64_t whole(int64_t us)
{
    return us == TIME_NONE || us % 1000000 == 0 ? us : us - us % 1000000 + (us > 0 ? 1000000 : 0);
}

static bool same_fact(const struct record_fact *a, const struct record_fact *b)
{
    return a->on == b->on && a->event == b->event && a->subject == b->subject &&
           whole(a->recorded_at) == whole(b->recorded_at) && whole(a->voided_at) == whole(b->voided_at);
}

static bool same_claim(const struct record_claim *a, const struct record_claim *b)
{
    return a->claim.from == b->claim.from && a->claim.to == b->claim.to &&
           a->claim.ground == b->claim.ground && whole(a->recorded_at) == whole(b->recorded_at) &&
           whole(a->voided_at) == whole(b->voided_at);
}

/* Every row of the record is one of the rows that went in, each used once. */
static void check_rows(const struct input *in, const unsigned char *record)
{
    struct record_rows rows = record_rows(record);
    struct record_case k;
    struct record_claim c;
    struct record_fact f;
    bool used[MOST_ROWS] = {false};
    size_t n = 0, i;
    record_head(record, &k);
    must(k.id == in->k.id && k.born == in->k.born && k.locality == in->k.locality && k.team == in->k.team &&
         k.officer == in->k.officer && k.ref_len == in->k.ref_len &&
         memcmp(k.ref, in->k.ref, k.ref_len) == 0);
    must(record_facts(record) == in->n_facts);
    for (; record_next_claim(&rows, &c); n++) {
        for (i = 0; i < in->n_claims && (used[i] || !same_claim(&c, &in->claims[i]));)
            i++;
        must(i < in->n_claims);
        used[i] = true;
    }
    must(n == in->n_claims);
    memset(used, 0, sizeof used);
    for (n = 0; record_next_fact(&rows, &f); n++) {
        for (i = 0; i < in->n_facts && (used[i] || !same_fact(&f, &in->facts[i]));)
            i++;
        must(i < in->n_facts);
        used[i] = true;
    }
    must(n == in->n_facts);
}

/* --- the view -------------------------------------------------------------------------------------------------------- */

struct direct {
    struct fact facts[MOST_ROWS];
    struct claim claims[MOST_ROWS];
    struct case_facts view;
};

static void settle(const struct input *in, const struct names *subjects, struct direct *d)
{
    d->view = (struct case_facts){.facts = d->facts, .claims = d->claims, .born = in->k.born};
    for (size_t i = 0; i < in->n_claims; i++)
        if (facts_known(in->claims[i].recorded_at, in->claims[i].voided_at, in->known_at))
            d->claims[d->view.n_claims++] = in->claims[i].claim;
    for (size_t i = 0; i < in->n_facts; i++) {
        const struct record_fact *f = &in->facts[i];
        if (facts_known(f->recorded_at, f->voided_at, in->known_at))
            d->facts[d->view.n++] =
                (struct fact){.on = f->on, .event = (uint8_t)f->event, .subject = f->subject};
    }
    facts_settle(&d->view, subjects, in->as_of);
}

static void check_same_view(const struct case_facts *a, const struct case_facts *b)
{
    must(a->n == b->n && a->n_claims == b->n_claims && a->present == b->present && a->born == b->born);
    for (size_t i = 0; i < a->n; i++)
        must(a->facts[i].on == b->facts[i].on && a->facts[i].event == b->facts[i].event &&
             a->facts[i].subject == b->facts[i].subject);
}

/* --- the obligations ------------------------------------------------------------------------------------------------- */

static void take(void *ud, const struct obligation *o)
{
    struct found *f = ud;
    must(f->n < MOST_FOUND);
    f->o[f->n++] = *o;
}

static int by_key(const void *x, const void *y)
{
    const struct obligation *a = x, *b = y;
    if (a->limit != b->limit)
        return a->limit < b->limit ? -1 : 1;
    if (a->subject != b->subject)
        return a->subject < b->subject ? -1 : 1;
    return a->start < b->start ? -1 : a->start > b->start;
}

static void find(const struct rulebook *rb, const struct calendar *cal, struct case_facts *cf,
                 civil_day as_of, uint64_t limits, struct found *f)
{
    f->n = 0;
    evaluate(rb, cal, cf, as_of, limits, take, f);
    qsort(f->o, f->n, sizeof f->o[0], by_key);
}

static bool same_obligation(const struct obligation *a, const struct obligation *b)
{
    return by_key(a, b) == 0 && a->version == b->version && a->state == b->state &&
           a->exception == b->exception && a->closed_by == b->closed_by &&
           a->calendar_exhausted == b->calendar_exhausted && a->due == b->due && a->closed == b->closed &&
           a->days == b->days;
}

static void check_obligation(const struct rulebook *rb, const struct calendar *cal,
                             const struct obligation *o, civil_day as_of)
{
    must(o->limit < rb->n && o->state < STATE_COUNT && o->closed_by < EV_COUNT && o->days >= 0);
    must(o->closed == CIVIL_NONE ||
         (o->closed <= as_of && o->state != STATE_ON_TRACK && o->state != STATE_AT_RISK));
    must(o->state != STATE_BREACHED || (o->closed == CIVIL_NONE && o->due < as_of));
    must(o->state != STATE_MET_LATE || (o->closed != CIVIL_NONE && o->closed > o->due));
    must(!state_is_open((enum state)o->state) || o->closed == CIVIL_NONE);
    must((o->state == STATE_EXCEPTED) ==
         (o->exception == EXCEPTION_SUPPORTED || o->exception == EXCEPTION_UNVERIFIED));
    must(obligation_act_by(rb, cal, o) <= obligation_safe_on(rb, o) && obligation_safe_on(rb, o) <= o->due);
}

static void check_evaluation(const struct input *in, const struct rulebook *rb, const struct calendar *cal,
                             struct case_facts *a, struct case_facts *b)
{
    static struct found all, other;
    find(rb, cal, a, in->as_of, LIMITS_ALL, &all);
    find(rb, cal, b, in->as_of, LIMITS_ALL, &other);
    must(all.n == other.n);
    for (size_t i = 0; i < all.n; i++) {
        must(same_obligation(&all.o[i], &other.o[i]));
        must(i == 0 || by_key(&all.o[i - 1], &all.o[i]) != 0);
        check_obligation(rb, cal, &all.o[i], in->as_of);
    }
    size_t limit = in->limit % rb->n, at = 0;
    find(rb, cal, a, in->as_of, LIMIT_BIT(limit), &other);
    for (size_t i = 0; i < all.n; i++)
        if (all.o[i].limit == limit) {
            must(at < other.n && same_obligation(&all.o[i], &other.o[at]));
            at++;
        }
    must(at == other.n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rulebook rb;
    struct calendar cal;
    struct input in = {.n_facts = 0};
    struct direct direct;
    struct record_room room = {0};
    struct words *words = words_new();
    size_t len, len2;
    must(words != NULL && names_add(words->subjects, "school-b", 8) != NAMES_FULL &&
         names_add(words->subjects, "college-a", 9) != NAMES_FULL);
    if (size >= 8) {
        rulebook_builtin(&rb);
        calendar_builtin(&cal);
        read_input(&in, data, size, words->subjects);
        unsigned char *record = encode(&in, false, &len), *again = encode(&in, true, &len2);
        must(len == len2 && memcmp(record, again, len) == 0);
        check_rows(&in, record);
        settle(&in, words->subjects, &direct);
        must(record_view(record, words, in.as_of, in.known_at, &room));
        check_same_view(&room.view, &direct.view);
        check_evaluation(&in, &rb, &cal, &room.view, &direct.view);
        free(record);
        free(again);
    }
    record_room_free(&room);
    words_free(words);
    return 0;
}
