/* What the tests of the rulebook share: seeded random numbers, dates from text, and a case written as one line:
 *
 *     "2026-01-05 request_received, 2026-02-10 advice_received health, born 2020-02-29, claim absent 2026-03-01 -"
 *
 * Included after cmocka.h. Every helper aborts on a text that it cannot read: a test's own mistake. */
#ifndef EHCWATCH_CASEWORK_H
#define EHCWATCH_CASEWORK_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "evaluate.h"

#define HELPER static inline __attribute__((unused))

/* --- random numbers; EHC_SEED=N repeats a run ------------------------------------------------------------------------- */

struct rng {
    uint64_t s;
};

HELPER uint64_t rng_next(struct rng *r)
{
    uint64_t z = r->s += UINT64_C(0x9e3779b97f4a7c15); /* splitmix64 */
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

HELPER uint32_t rng_below(struct rng *r, uint32_t n)
{
    return (uint32_t)((rng_next(r) >> 32) * n >> 32);
}

HELPER int rng_between(struct rng *r, int lo, int hi)
{
    return lo + (int)rng_below(r, (uint32_t)(hi - lo + 1));
}

HELPER bool rng_one_in(struct rng *r, uint32_t n)
{
    return rng_below(r, n) == 0;
}

HELPER struct rng rng_seeded(const char *name)
{
    const char *given = getenv("EHC_SEED");
    uint64_t seed = given != NULL ? strtoull(given, NULL, 10) : (uint64_t)time(NULL);
    printf("# %s: EHC_SEED=%llu\n", name, (unsigned long long)seed);
    return (struct rng){seed};
}

#define RNG_SHUFFLE(r, array, n)                                                                             \
    for (size_t i_ = (n); i_ > 1; i_--) {                                                                    \
        size_t j_ = rng_below((r), (uint32_t)i_);                                                            \
        __typeof__((array)[0]) x_ = (array)[i_ - 1];                                                         \
        (array)[i_ - 1] = (array)[j_];                                                                       \
        (array)[j_] = x_;                                                                                    \
    }

/* --- dates ------------------------------------------------------------------------------------------------------------ */

HELPER civil_day day(const char *text)
{
    civil_day d;
    if (!civil_parse(text, strlen(text), &d)) {
        fprintf(stderr, "not a date: \"%s\"\n", text);
        abort();
    }
    return d;
}

/* The text of a date; valid for the next three calls too. */
HELPER const char *text_of(civil_day d)
{
    static char ring[4][CIVIL_TEXT_LEN];
    static unsigned at;
    return civil_format(d, ring[at++ % 4]);
}

#define assert_day_equal(got, want) assert_string_equal(text_of(got), want)

/* --- a case in one line ----------------------------------------------------------------------------------------------- */

#define SCENE_MOST 64

struct scene {
    struct names *subjects;
    struct fact fact[SCENE_MOST];
    struct claim claim[SCENE_MOST];
    struct case_facts view; /* of the arrays above */
};

HELPER civil_day day_or_none(const char *text)
{
    return text == NULL || strcmp(text, "-") == 0 ? CIVIL_NONE : day(text);
}

HELPER void scene_item(struct scene *s, char *item)
{
    char *rest = NULL, *word[4] = {NULL};
    for (int i = 0; i < 4; i++)
        word[i] = strtok_r(i == 0 ? item : NULL, " ", &rest);
    if (word[0] == NULL)
        return;
    if (strcmp(word[0], "born") == 0) {
        s->view.born = day(word[1]);
    } else if (strcmp(word[0], "claim") == 0) {
        enum ground g = ground_by_name(word[1], strlen(word[1]));
        if (g == GROUND_COUNT || s->view.n_claims == SCENE_MOST)
            abort();
        s->claim[s->view.n_claims++] = (struct claim){day_or_none(word[2]), day_or_none(word[3]), (uint8_t)g};
    } else {
        enum event ev = word[1] != NULL ? event_by_name(word[1], strlen(word[1])) : 0;
        if (ev == 0 || s->view.n == SCENE_MOST) {
            fprintf(stderr, "not an event: \"%s %s\"\n", word[0], word[1] != NULL ? word[1] : "");
            abort();
        }
        const char *subject = word[2] != NULL ? word[2] : "";
        s->fact[s->view.n++] = (struct fact){.on = day(word[0]),
                                             .subject = names_add(s->subjects, subject, strlen(subject)),
                                             .event = (uint8_t)ev};
    }
}

HELPER void scene_read(struct scene *s, const char *text)
{
    char *copy = strdup(text), *rest = NULL;
    *s = (struct scene){.subjects = names_new_subjects()};
    if (copy == NULL || s->subjects == NULL)
        abort();
    s->view = (struct case_facts){.facts = s->fact, .claims = s->claim, .born = CIVIL_NONE};
    for (char *item = strtok_r(copy, ",", &rest); item != NULL; item = strtok_r(NULL, ",", &rest))
        scene_item(s, item);
    free(copy);
}

/* Field by field: what lies between them is nobody's. */
HELPER bool same_obligation(const struct obligation *a, const struct obligation *b)
{
    return a->limit == b->limit && a->version == b->version && a->state == b->state &&
           a->exception == b->exception && a->closed_by == b->closed_by &&
           a->calendar_exhausted == b->calendar_exhausted && a->subject == b->subject &&
           a->start == b->start && a->due == b->due && a->closed == b->closed && a->days == b->days;
}

HELPER void scene_free(struct scene *s)
{
    names_free(s->subjects);
}

#endif
