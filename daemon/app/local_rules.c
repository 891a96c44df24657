#include "local_rules.h"

#include <stdlib.h>
#include <string.h>

#include "config_check.h"

/* --- words of the configuration -------------------------------------------------------------------------------------- */

bool config_term(const char *text, struct limit_term *term, struct err *e)
{
    size_t len = strcspn(text, ":");
    *term = (struct limit_term){.event = (uint8_t)event_by_name(text, len)};
    if (term->event == EV_UNKNOWN)
        return err_set(e, "there is no event '%.*s'", len < 64 ? (int)len : 64, text);
    if (text[len] == '\0')
        return true;
    const char *subject = text + len + 1;
    for (int s = SUBJECT_NONE + 1; s < SUBJECT_COUNT; s++)
        if (strcmp(subject, subject_known_name((enum subject)s)) == 0)
            term->subject = (uint8_t)s;
    return term->subject != SUBJECT_NONE || err_set(e, "there is no subject '%.64s'", subject);
}

bool config_within(const char *text, enum limit_count *count, int *n)
{
    static const struct {
        const char *unit;
        enum limit_count count;
    } units[] = {
        {"day", COUNT_WITHIN_DAYS},
        {"week", COUNT_WITHIN_WEEKS},
        {"working day", COUNT_WORKING_DAYS_AFTER},
        {"month", COUNT_MONTHS_AFTER},
    };
    size_t digits = strspn(text, "0123456789");
    if (digits == 0 || digits > 3 || text[0] == '0' || text[digits] != ' ')
        return false;
    *n = (int)strtol(text, NULL, 10);
    const char *unit = text + digits + 1;
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        size_t len = strlen(units[i].unit);
        if (strncmp(unit, units[i].unit, len) != 0 || strcmp(unit + len, *n == 1 ? "" : "s") != 0)
            continue;
        *count = units[i].count;
        return true;
    }
    return false;
}

bool config_check_event(const char *name, const char *value, struct err *e)
{
    struct limit_term term;
    struct err why = {""};
    return config_term(value, &term, &why) || err_set(e, "%s: %.400s", name, why.text);
}

bool config_check_within(const char *name, const char *value, struct err *e)
{
    enum limit_count count;
    int n;
    return config_within(value, &count, &n) ||
           err_set(e, "%s: '%.64s' is not a number of 1 to 999 days, weeks, working days or months", name,
                   value);
}

bool config_check_title(const char *name, const char *value, struct err *e)
{
    return strlen(value) <= 200 || err_set(e, "%s is longer than 200 bytes", name);
}

static bool check_name(const char *kind, const char *value, struct err *e)
{
    size_t n = strspn(value, "abcdefghijklmnopqrstuvwxyz0123456789_");
    return (n >= 1 && n <= 40 && value[n] == '\0') ||
           err_set(e, "%s \"%.64s\": a name is 1 to 40 of a-z, 0-9 and '_'", kind, value);
}

bool config_check_standard_name(const char *value, struct err *e)
{
    return check_name("standard", value, e);
}

bool config_check_threshold_name(const char *value, struct err *e)
{
    return check_name("threshold", value, e);
}

/* --- the rulebook ---------------------------------------------------------------------------------------------------- */

/* Everything was checked with the configuration. */
static void terms(struct limit_term *to, const struct config_list *from)
{
    for (size_t i = 0; i < from->n && i + 1 < LIMIT_MAX_TERMS; i++)
        (void)!config_term(from->item[i], &to[i], NULL);
}

static struct limit row_of(const struct config_standard *s)
{
    struct limit row = {
        .id = s->name,
        .title = s->title,
        .kind = KIND_LOCAL,
        .per = (enum limit_per)s->per,
        .life = (enum limit_life)s->life,
        .warn_days = s->warn_days,
        .in_force_from = civil_from_ymd(2014, 9, 1), /* as the law that it stands beside */
        .citation = "local standard",
        .evidence = EVIDENCE_INFERRED, /* no instrument stands behind it: the weakest word there is */
    };
    terms(row.starts, &s->start);
    terms(row.discharged_by, &s->discharge);
    terms(row.voided_by, &s->voids);
    terms(row.lapsed_by, &s->lapse);
    (void)!config_within(s->within, &row.count, &row.n);
    return row;
}

struct rulebook *local_rules(const struct config *c)
{
    struct rulebook *rb = rulebook_new();
    for (size_t i = 0; rb != NULL && i < c->n_standards; i++) {
        const struct limit row = row_of(&c->standard[i]);
        if (rulebook_add_own(rb, &row))
            continue;
        rulebook_unref(rb);
        rb = NULL;
    }
    for (size_t i = 0; rb != NULL && i < c->n_thresholds; i++) {
        int limit = rulebook_find(rb, c->threshold[i].name);
        if (limit >= 0)
            rulebook_set_warn_days(rb, (size_t)limit, c->threshold[i].warn_days);
    }
    return rb;
}
