#include "record.h"

#include <stdlib.h>
#include <string.h>

/* head:  id, ref length and bytes, three word numbers, birth date, number of claims, number of facts
 * claim: ground and flags, dates, times
 * fact:  event and flags, days since the fact before, subject, times
 * Numbers that may be negative are zigzagged. */

#define FLAG_SUBJECT  0x40 /* beside an event number of six bits */
#define FLAG_TIMES    0x80
#define CLAIM_FROM    0x10
#define CLAIM_TO      0x20
#define TIME_RECORDED 1
#define TIME_VOIDED   2
#define NUMBER_MOST   10 /* bytes of the longest number */

struct words *words_new(void)
{
    struct words *w = calloc(1, sizeof *w);
    if (w == NULL)
        return NULL;
    w->subjects = names_new_subjects();
    w->places = names_new();
    if (w->subjects == NULL || w->places == NULL) {
        words_free(w);
        return NULL;
    }
    return w;
}

void words_free(struct words *w)
{
    if (w == NULL)
        return;
    names_free(w->subjects);
    names_free(w->places);
    free(w);
}

static void *room_for_one(void *p, size_t n, size_t *cap, size_t size)
{
    if (n < *cap)
        return p;
    size_t want = *cap ? *cap * 2 : 64;
    void *more = reallocarray(p, want, size);
    if (more != NULL)
        *cap = want;
    return more;
}

bool record_add_fact(struct record_maker *m, const struct record_fact *f)
{
    struct record_fact *facts = room_for_one(m->facts, m->n_facts, &m->cap_facts, sizeof *facts);
    if (facts == NULL)
        return false;
    m->facts = facts;
    m->facts[m->n_facts++] = *f;
    return true;
}

bool record_add_claim(struct record_maker *m, const struct record_claim *c)
{
    struct record_claim *claims = room_for_one(m->claims, m->n_claims, &m->cap_claims, sizeof *claims);
    if (claims == NULL)
        return false;
    m->claims = claims;
    m->claims[m->n_claims++] = *c;
    return true;
}

void record_maker_free(struct record_maker *m)
{
    free(m->facts);
    free(m->claims);
    *m = (struct record_maker){0};
}

size_t record_bound(const struct record_maker *m, size_t ref_len)
{
    return 8 * NUMBER_MOST + ref_len + m->n_claims * (2 + 4 * NUMBER_MOST) +
           m->n_facts * (2 + 4 * NUMBER_MOST);
}

static unsigned char *put(unsigned char *p, uint64_t v)
{
    for (; v >= 0x80; v >>= 7)
        *p++ = (unsigned char)(v | 0x80);
    *p++ = (unsigned char)v;
    return p;
}

static const unsigned char *get(const unsigned char *p, uint64_t *v)
{
    unsigned shift = 0;
    for (*v = 0; *p & 0x80; shift += 7)
        *v |= (uint64_t)(*p++ & 0x7f) << shift;
    *v |= (uint64_t)*p++ << shift;
    return p;
}

static unsigned char *put_signed(unsigned char *p, int64_t v)
{
    return put(p, ((uint64_t)v << 1) ^ (uint64_t)(v >> 63));
}

static const unsigned char *get_signed(const unsigned char *p, int64_t *v)
{
    uint64_t u;
    p = get(p, &u);
    *v = (int64_t)(u >> 1) ^ -(int64_t)(u & 1);
    return p;
}

static int64_t seconds_up(int64_t us)
{
    int64_t s = us / 1000000;
    return us % 1000000 > 0 ? s + 1 : s;
}

/* Times are near the day of the fact: seconds from its beginning. */
static unsigned char *put_times(unsigned char *p, civil_day on, int64_t recorded_at, int64_t voided_at)
{
    int64_t base = (int64_t)on * 86400;
    *p++ = (unsigned char)((recorded_at != TIME_NONE ? TIME_RECORDED : 0) |
                           (voided_at != TIME_NONE ? TIME_VOIDED : 0));
    if (recorded_at != TIME_NONE)
        p = put_signed(p, seconds_up(recorded_at) - base);
    if (voided_at != TIME_NONE)
        p = put_signed(p, seconds_up(voided_at) - base);
    return p;
}

static const unsigned char *get_times(const unsigned char *p, civil_day on, int64_t *recorded_at,
                                      int64_t *voided_at)
{
    int64_t base = (int64_t)on * 86400, s;
    unsigned char which = *p++;
    *recorded_at = *voided_at = TIME_NONE;
    if (which & TIME_RECORDED) {
        p = get_signed(p, &s);
        *recorded_at = (s + base) * 1000000;
    }
    if (which & TIME_VOIDED) {
        p = get_signed(p, &s);
        *voided_at = (s + base) * 1000000;
    }
    return p;
}

#define ORDER(a, b)                                                                                          \
    if ((a) != (b))                                                                                          \
    return (a) < (b) ? -1 : 1

static int by_fact(const void *x, const void *y)
{
    const struct record_fact *a = x, *b = y;
    ORDER(a->on, b->on);
    ORDER(a->event, b->event);
    ORDER(a->subject, b->subject);
    ORDER(a->recorded_at, b->recorded_at);
    ORDER(a->voided_at, b->voided_at);
    return 0;
}

static int by_claim(const void *x, const void *y)
{
    const struct record_claim *a = x, *b = y;
    ORDER(a->claim.from, b->claim.from);
    ORDER(a->claim.to, b->claim.to);
    ORDER(a->claim.ground, b->claim.ground);
    ORDER(a->recorded_at, b->recorded_at);
    ORDER(a->voided_at, b->voided_at);
    return 0;
}

static void sort_facts(struct record_fact *f, size_t n)
{
    bool sorted = true;
    for (size_t i = 1; i < n && sorted; i++)
        sorted = by_fact(&f[i - 1], &f[i]) <= 0;
    if (!sorted)
        qsort(f, n, sizeof *f, by_fact);
}

static unsigned char *put_claim(unsigned char *p, const struct record_claim *c)
{
    bool from = c->claim.from != CIVIL_NONE, to = c->claim.to != CIVIL_NONE;
    *p++ = (unsigned char)(c->claim.ground | (from ? CLAIM_FROM : 0) | (to ? CLAIM_TO : 0));
    if (from)
        p = put_signed(p, c->claim.from);
    if (to)
        p = put_signed(p, c->claim.to);
    return put_times(p, 0, c->recorded_at, c->voided_at);
}

size_t record_encode(struct record_maker *m, const struct record_case *k, unsigned char *out)
{
    unsigned char *p = put_signed(out, k->id);
    p = put(p, k->ref_len);
    memcpy(p, k->ref, k->ref_len);
    p += k->ref_len;
    p = put(p, k->locality);
    p = put(p, k->team);
    p = put(p, k->officer);
    p = put(p, k->born == CIVIL_NONE ? 0
                                     : (uint64_t)(k->born + 200000)); /* every date of civil_parse is above */
    p = put(p, m->n_claims);
    p = put(p, m->n_facts);
    if (m->n_claims > 1)
        qsort(m->claims, m->n_claims, sizeof *m->claims, by_claim);
    for (size_t i = 0; i < m->n_claims; i++)
        p = put_claim(p, &m->claims[i]);
    sort_facts(m->facts, m->n_facts);
    civil_day before = 0;
    for (size_t i = 0; i < m->n_facts; i++) {
        const struct record_fact *f = &m->facts[i];
        bool times = f->recorded_at != TIME_NONE || f->voided_at != TIME_NONE;
        *p++ = (unsigned char)(f->event | (f->subject != SUBJECT_NONE ? FLAG_SUBJECT : 0) |
                               (times ? FLAG_TIMES : 0));
        p = put_signed(p, (int64_t)f->on - before);
        before = f->on;
        if (f->subject != SUBJECT_NONE)
            p = put(p, f->subject);
        if (times)
            p = put_times(p, f->on, f->recorded_at, f->voided_at);
    }
    m->n_facts = m->n_claims = 0;
    return (size_t)(p - out);
}

const unsigned char *record_head(const unsigned char *p, struct record_case *k)
{
    uint64_t v;
    p = get_signed(p, &k->id);
    p = get(p, &v);
    k->ref_len = v;
    k->ref = (const char *)p;
    p += v;
    p = get(p, &v);
    k->locality = (uint32_t)v;
    p = get(p, &v);
    k->team = (uint32_t)v;
    p = get(p, &v);
    k->officer = (uint32_t)v;
    p = get(p, &v);
    k->born = v == 0 ? CIVIL_NONE : (civil_day)v - 200000;
    return p;
}

size_t record_facts(const unsigned char *record)
{
    struct record_case k;
    uint64_t n;
    const unsigned char *p = record_head(record, &k);
    p = get(p, &n);
    get(p, &n);
    return n;
}

static const unsigned char *get_claim(const unsigned char *p, struct claim *c, int64_t *recorded_at,
                                      int64_t *voided_at)
{
    int64_t v;
    unsigned char head = *p++;
    *c = (struct claim){.from = CIVIL_NONE, .to = CIVIL_NONE, .ground = head & 0x0f};
    if (head & CLAIM_FROM) {
        p = get_signed(p, &v);
        c->from = (civil_day)v;
    }
    if (head & CLAIM_TO) {
        p = get_signed(p, &v);
        c->to = (civil_day)v;
    }
    return get_times(p, 0, recorded_at, voided_at);
}

static const unsigned char *get_fact(const unsigned char *p, civil_day before, struct fact *f,
                                     int64_t *recorded_at, int64_t *voided_at)
{
    int64_t delta;
    uint64_t subject = SUBJECT_NONE;
    unsigned char head = *p++;
    p = get_signed(p, &delta);
    *f = (struct fact){.on = before + (civil_day)delta, .event = head & 0x3f};
    if (head & FLAG_SUBJECT)
        p = get(p, &subject);
    f->subject = (uint32_t)subject;
    *recorded_at = *voided_at = TIME_NONE;
    if (head & FLAG_TIMES)
        p = get_times(p, f->on, recorded_at, voided_at);
    return p;
}

struct record_rows record_rows(const unsigned char *record)
{
    struct record_case k;
    struct record_rows r = {0};
    r.at = record_head(record, &k);
    r.at = get(r.at, &r.claims);
    r.at = get(r.at, &r.facts);
    return r;
}

bool record_next_claim(struct record_rows *r, struct record_claim *c)
{
    if (r->claims == 0)
        return false;
    r->claims--;
    r->at = get_claim(r->at, &c->claim, &c->recorded_at, &c->voided_at);
    return true;
}

bool record_next_fact(struct record_rows *r, struct record_fact *f)
{
    struct record_claim passed;
    struct fact fact;
    while (record_next_claim(r, &passed))
        continue;
    if (r->facts == 0)
        return false;
    r->facts--;
    r->at = get_fact(r->at, r->before, &fact, &f->recorded_at, &f->voided_at);
    r->before = fact.on;
    f->on = fact.on;
    f->event = (enum event)fact.event;
    f->subject = fact.subject;
    return true;
}

static bool make_room(struct record_room *room, size_t facts, size_t claims)
{
    if (facts > room->cap_facts) {
        struct fact *f = reallocarray(room->facts, facts * 2, sizeof *f);
        if (f == NULL)
            return false;
        room->facts = f;
        room->cap_facts = facts * 2;
    }
    if (claims > room->cap_claims) {
        struct claim *c = reallocarray(room->claims, claims * 2, sizeof *c);
        if (c == NULL)
            return false;
        room->claims = c;
        room->cap_claims = claims * 2;
    }
    return true;
}

bool record_view(const unsigned char *record, const struct words *w, civil_day as_of, int64_t known_at,
                 struct record_room *room)
{
    struct record_case k;
    int64_t recorded_at, voided_at;
    struct record_rows rows = record_rows(record);
    record_head(record, &k);
    if (!make_room(room, rows.facts, rows.claims))
        return false;
    struct case_facts *view = &room->view;
    *view = (struct case_facts){.facts = room->facts, .claims = room->claims, .born = k.born};
    for (; rows.claims > 0; rows.claims--) {
        rows.at = get_claim(rows.at, &room->claims[view->n_claims], &recorded_at, &voided_at);
        view->n_claims += facts_known(recorded_at, voided_at, known_at);
    }
    for (; rows.facts > 0; rows.facts--) {
        struct fact *f = &room->facts[view->n];
        rows.at = get_fact(rows.at, rows.before, f, &recorded_at, &voided_at);
        rows.before = f->on;
        view->n += facts_known(recorded_at, voided_at, known_at);
    }
    facts_settle(&room->view, w->subjects, as_of);
    return true;
}

void record_room_free(struct record_room *room)
{
    free(room->facts);
    free(room->claims);
    *room = (struct record_room){0};
}
