#include <string.h>

#include "rulebook.h"

/* FNV-1a, over words and not over their numbers, which may change from build to build. */
static uint64_t mix_byte(uint64_t h, unsigned char c)
{
    return (h ^ c) * UINT64_C(0x100000001b3);
}

static uint64_t mix_text(uint64_t h, const char *s)
{
    for (; *s != '\0'; s++)
        h = mix_byte(h, (unsigned char)*s);
    return mix_byte(h, 0);
}

static uint64_t mix_number(uint64_t h, int64_t n)
{
    for (int i = 0; i < 8; i++, n >>= 8)
        h = mix_byte(h, (unsigned char)(n & 0xff));
    return h;
}

static uint64_t mix_terms(uint64_t h, const struct limit_term *t)
{
    for (; t->event != EV_UNKNOWN; t++) {
        h = mix_text(h, event_name((enum event)t->event));
        h = mix_text(h, t->subject == SUBJECT_NONE ? "" : subject_known_name((enum subject)t->subject));
    }
    return mix_byte(h, 1);
}

static uint64_t mix_rule(uint64_t h, const struct rule *r)
{
    const struct limit *l = r->limit;
    h = mix_terms(mix_terms(h, l->starts), l->discharged_by);
    h = mix_terms(mix_terms(h, l->voided_by), l->lapsed_by);
    h = mix_terms(h, l->requires);
    h = mix_text(mix_text(h, limit_per_name(l->per)), limit_life_name(l->life));
    h = mix_text(mix_text(h, limit_count_name(l->count)), limit_applies_name(l->applies));
    h = mix_text(h, limit_exceptions_name(l->exceptions));
    h = mix_number(mix_number(mix_number(h, l->n), r->warn_days), l->early_days);
    return mix_number(mix_number(h, l->in_force_from), l->in_force_to);
}

uint64_t rulebook_digest(const struct rulebook *rb, size_t limit)
{
    const struct rule *r = &rb->rule[limit];
    uint64_t h = mix_text(UINT64_C(0xcbf29ce484222325), RULEBOOK_VERSION);
    h = mix_rule(h, r);
    while (r->later != 0) {
        r = &rb->later[r->later - 1];
        h = mix_rule(h, r);
    }
    return h;
}
