#include "breach_ask.h"

#include <stdio.h>
#include <string.h>

#include "band.h"
#include "instant.h"

/* Takes one value of a parameter. */
typedef bool value_fn(struct breach_ask *a, const char *value, size_t len, struct err *e);

static bool add_limit(struct breach_ask *a, const char *value, size_t len, struct err *e)
{
    const struct rulebook *rb = a->rulebook;
    for (size_t i = 0; i < rb->n; i++) {
        const char *id = rb->rule[i].limit->id;
        if (strlen(id) != len || memcmp(id, value, len) != 0)
            continue;
        a->limits |= LIMIT_BIT(i);
        /* An empty list would read as "none is overdue". */
        return a->snapshot == NULL || (a->snapshot->limits & LIMIT_BIT(i)) != 0 ||
               err_set(e, "limit=%s: this limit is not under watch", id);
    }
    return err_set(e, "limit=%.*s: no such limit", (int)len, value);
}

static bool add_kind(struct breach_ask *a, const char *value, size_t len, struct err *e)
{
    for (int k = 0; k < KIND_COUNT; k++) {
        const char *name = limit_kind_name((enum limit_kind)k);
        if (strlen(name) != len || memcmp(name, value, len) != 0)
            continue;
        a->kinds |= 1u << k;
        return true;
    }
    return err_set(e, "kind=%.*s: not one of statutory, target, guidance, floor, derived, local", (int)len,
                   value);
}

/* A word that is none of those that can be asked for; `name` gives them by number. */
static bool not_one_of(const char *parameter, const char *value, size_t len, const char *(*name)(unsigned i),
                       unsigned n, unsigned allowed, struct err *e)
{
    char words[256] = "";
    for (unsigned i = 0; i < n; i++)
        if ((allowed & 1u << i) != 0) {
            const size_t used = strlen(words);
            snprintf(words + used, sizeof words - used, "%s%s", used > 0 ? ", " : "", name(i));
        }
    return err_set(e, "%s=%.*s: not one of %s", parameter, (int)len, value, words);
}

/* One of n words, of which `allowed` can be asked for. */
static bool add_word(unsigned *set, const char *parameter, const char *value, size_t len,
                     const char *(*name)(unsigned i), unsigned n, unsigned allowed, struct err *e)
{
    for (unsigned i = 0; i < n; i++)
        if ((allowed & 1u << i) != 0 && strlen(name(i)) == len && memcmp(name(i), value, len) == 0) {
            *set |= 1u << i;
            return true;
        }
    return not_one_of(parameter, value, len, name, n, allowed, e);
}

static const char *state_word(unsigned i)
{
    return state_name((enum state)i);
}

static bool add_state(struct breach_ask *a, const char *value, size_t len, struct err *e)
{
    return add_word(&a->states, "state", value, len, state_word, STATE_COUNT, a->allowed, e);
}

static const char *stage_word(unsigned i)
{
    return stage_name((enum stage)i);
}

static bool add_stage(struct breach_ask *a, const char *value, size_t len, struct err *e)
{
    return add_word(&a->filter.stages, "stage", value, len, stage_word, STAGE_COUNT, ~0u, e);
}

static const char *exception_word(unsigned i)
{
    return exception_verdict_name((enum exception_verdict)i);
}

static bool add_exception(struct breach_ask *a, const char *value, size_t len, struct err *e)
{
    return add_word(&a->filter.exceptions, "exception", value, len, exception_word, EXCEPTION_UNSUPPORTED + 1,
                    ~0u, e);
}

static const char *band_word(unsigned i)
{
    return weeks_bands[i].id;
}

static bool add_band(struct breach_ask *a, const char *value, size_t len, struct err *e)
{
    const int band = band_find(weeks_bands, BAND_COUNT, value, len);
    a->filter.bands |= band != NO_BAND ? 1u << band : 0;
    return band != NO_BAND || not_one_of("band", value, len, band_word, BAND_COUNT, ~0u, e);
}

static const char *age_word(unsigned i)
{
    return age_bands[i].id;
}

static bool add_age(struct breach_ask *a, const char *value, size_t len, struct err *e)
{
    const int band = band_find(age_bands, AGE_COUNT, value, len);
    a->filter.ages |= band != NO_BAND ? 1u << band : 0;
    return band != NO_BAND || not_one_of("age", value, len, age_word, AGE_COUNT, ~0u, e);
}

static bool add_place(const struct breach_ask *a, struct breach_places *p, const char *name,
                      const char *value, size_t len, struct err *e)
{
    if (a->snapshot == NULL)
        return true;
    uint32_t number = names_find(a->snapshot->words->places, value, len);
    if (number == NAMES_FULL && !a->narrow)
        return err_set(e, "%s=%.*s: no case has it", name, (int)len, value);
    if (p->n == BREACH_PLACES_MAX)
        return err_set(e, "%s: more than %d values", name, BREACH_PLACES_MAX);
    p->number[p->n++] = number;
    return true;
}

static bool add_locality(struct breach_ask *a, const char *value, size_t len, struct err *e)
{
    return add_place(a, &a->filter.localities, "locality", value, len, e);
}

static bool add_team(struct breach_ask *a, const char *value, size_t len, struct err *e)
{
    return add_place(a, &a->filter.teams, "team", value, len, e);
}

static bool add_officer(struct breach_ask *a, const char *value, size_t len, struct err *e)
{
    return add_place(a, &a->filter.officers, "officer", value, len, e);
}

static const struct {
    const char *name;
    value_fn *add;
} parameters[] = {
    {"limit", add_limit}, {"kind", add_kind},           {"state", add_state}, {"locality", add_locality},
    {"team", add_team},   {"officer", add_officer},     {"band", add_band},   {"age", add_age},
    {"stage", add_stage}, {"exception", add_exception},
};

void breach_ask_begin(struct breach_ask *a, const struct rulebook *rb, const struct snapshot *s)
{
    *a = (struct breach_ask){.rulebook = rb,
                             .snapshot = s,
                             .filter = breach_filter_default(),
                             .allowed = 1u << STATE_BREACHED | 1u << STATE_EXCEPTED};
}

/* A value is a comma list, unless it is, comma and all, the name of a place. */
static bool take(struct breach_ask *a, value_fn *add, const char *value, struct err *e)
{
    size_t len = strlen(value);
    if (a->snapshot != NULL && strchr(value, ',') != NULL &&
        names_find(a->snapshot->words->places, value, len) != NAMES_FULL)
        return add(a, value, len, e);
    for (;; value++) {
        len = strcspn(value, ",");
        if (!add(a, value, len, e))
            return false;
        value += len;
        if (*value == '\0')
            return true;
    }
}

bool breach_ask_take(struct breach_ask *a, const char *name, const char *value, struct err *e)
{
    for (size_t i = 0; i < sizeof parameters / sizeof parameters[0]; i++)
        if (strcmp(parameters[i].name, name) == 0)
            return take(a, parameters[i].add, value, e);
    return err_set(e, "no such parameter: %s", name);
}

struct breach_filter breach_ask_filter(const struct breach_ask *a)
{
    struct breach_filter f = a->filter;
    if (a->limits != 0) {
        f.limits = a->limits;
        f.kinds = ~0u;
    }
    if (a->kinds != 0)
        f.kinds = a->kinds;
    if (a->states != 0)
        f.states = a->states;
    return f;
}

bool ask_date(const char *name, const char *value, civil_day *d, struct err *e)
{
    return civil_parse(value, strlen(value), d) ||
           err_set(e, "%s=%s: not a date of 1900 to 2199 (YYYY-MM-DD)", name, value);
}

bool ask_time(const char *name, const char *value, int64_t *us, struct err *e)
{
    if (!instant_parse(value, strlen(value), us))
        return err_set(e, "%s=%s: not a time (RFC 3339 with zone, as 2026-05-01T12:00:00Z)%s", name, value,
                       strchr(value, ' ') != NULL ? "; in an address a + is written %2B" : "");
    return *us % 1000000 == 0 ||
           err_set(
               e,
               "%s=%s: not a whole second; when a fact was recorded is kept to the second, so a finer time "
               "has no answer",
               name, value);
}
