#include "routes_int.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "breach_text.h"

/* What was asked for; a set that stays empty was not asked for. */
struct asked {
    const struct status *status;
    struct breach_filter filter;
    uint64_t limits;
    unsigned kinds, states;
};

/* Takes one value of a parameter. */
typedef bool value_fn(struct asked *a, const char *value, size_t len, struct err *e);

static bool add_limit(struct asked *a, const char *value, size_t len, struct err *e)
{
    const struct rulebook *rb = a->status->snapshot->rulebook;
    for (size_t i = 0; i < rb->n; i++) {
        const char *id = rb->rule[i].limit->id;
        if (strlen(id) != len || memcmp(id, value, len) != 0)
            continue;
        a->limits |= LIMIT_BIT(i);
        /* An empty list would read as "none is overdue". */
        return (a->status->snapshot->limits & LIMIT_BIT(i)) != 0 ||
               err_set(e, "limit=%s: this limit is not under watch", id);
    }
    return err_set(e, "limit=%.*s: no such limit", (int)len, value);
}

static bool add_kind(struct asked *a, const char *value, size_t len, struct err *e)
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

static bool add_state(struct asked *a, const char *value, size_t len, struct err *e)
{
    enum state s = state_by_name(value, len);
    if (s != STATE_BREACHED && s != STATE_EXCEPTED)
        return err_set(e, "state=%.*s: not one of breached, excepted", (int)len, value);
    a->states |= 1u << s;
    return true;
}

static bool add_place(const struct asked *a, struct breach_places *p, const char *name, const char *value,
                      size_t len, struct err *e)
{
    uint32_t number = names_find(a->status->snapshot->words->places, value, len);
    if (number == NAMES_FULL)
        return err_set(e, "%s=%.*s: no case has it", name, (int)len, value);
    if (p->n == BREACH_PLACES_MAX)
        return err_set(e, "%s: more than %d values", name, BREACH_PLACES_MAX);
    p->number[p->n++] = number;
    return true;
}

static bool add_locality(struct asked *a, const char *value, size_t len, struct err *e)
{
    return add_place(a, &a->filter.localities, "locality", value, len, e);
}

static bool add_team(struct asked *a, const char *value, size_t len, struct err *e)
{
    return add_place(a, &a->filter.teams, "team", value, len, e);
}

static bool add_officer(struct asked *a, const char *value, size_t len, struct err *e)
{
    return add_place(a, &a->filter.officers, "officer", value, len, e);
}

/* In the order of routes_breach_params. */
static value_fn *const add_value[] = {add_limit, add_kind, add_state, add_locality, add_team, add_officer};
const char *const routes_breach_params[] = {"limit", "kind", "state", "locality", "team", "officer", NULL};

/* A value is a comma list, unless it is, comma and all, the name of a place. */
static bool take(struct asked *a, value_fn *add, const char *value, struct err *e)
{
    size_t len = strlen(value);
    if (strchr(value, ',') != NULL &&
        names_find(a->status->snapshot->words->places, value, len) != NAMES_FULL)
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

static bool read_filter(struct asked *a, const struct httpd_request *q, struct err *e)
{
    a->filter = breach_filter_default();
    for (size_t i = 0; i < q->param_count; i++)
        for (size_t k = 0; routes_breach_params[k] != NULL; k++)
            if (strcmp(q->params[i].name, routes_breach_params[k]) == 0 &&
                !take(a, add_value[k], q->params[i].value, e))
                return false;
    if (a->limits != 0) {
        a->filter.limits = a->limits;
        a->filter.kinds = ~0u; /* who names a limit asks for it, whatever its kind */
    }
    if (a->kinds != 0)
        a->filter.kinds = a->kinds;
    if (a->states != 0)
        a->filter.states = a->states;
    return true;
}

/* The quality of a media type in an Accept header; 0 when it is not there. */
static double quality(const char *accept, const char *type)
{
    size_t n = strlen(type);
    for (const char *p = accept, *end; *p != '\0'; p = *end == ',' ? end + 1 : end) {
        end = p + strcspn(p, ",");
        p += strspn(p, " \t");
        if (strncasecmp(p, type, n) != 0 || strchr(" \t,;", p[n]) == NULL)
            continue;
        while ((p = memchr(p, ';', (size_t)(end - p))) != NULL) {
            p += 1 + strspn(p + 1, " \t");
            if (strncasecmp(p, "q=", 2) == 0)
                return strtod(p + 2, NULL);
        }
        return 1;
    }
    return 0;
}

bool routes_prefers_csv(const char *accept)
{
    double csv = accept != NULL ? quality(accept, "text/csv") : 0;
    return csv > 0 && csv >= quality(accept, "application/json");
}

static ssize_t read_piece(void *ctx, char *buf, size_t max)
{
    size_t n = breach_cursor_read(ctx, buf, max);
    return n == BREACH_TEXT_FAILED ? -1 : (ssize_t)n;
}

static void free_cursor(void *ctx)
{
    breach_cursor_free(ctx);
}

void routes_breaches(const struct routes *r, const struct httpd_request *q, struct httpd_reply *reply)
{
    const struct status *s = r->status;
    struct err e = {""};
    struct asked asked = {.status = s};
    const char *suffix = strrchr(q->path, '.');
    bool csv = suffix != NULL ? strcmp(suffix, ".csv") == 0 : routes_prefers_csv(httpd_header(q, "Accept"));
    struct snapshot *snapshot = routes_snapshot(s, reply);
    if (snapshot == NULL)
        return;
    if (!read_filter(&asked, q, &e)) {
        httpd_problem(reply, 400, "Unknown value", "%s", e.text);
        return;
    }
    const struct breach_text_about about = {snapshot->rulebook, s->calendar, s->evaluated_at};
    struct breach_list *list = breach_list_new(snapshot, snapshot->rulebook, &asked.filter);
    struct breach_cursor *cursor =
        list != NULL ? breach_cursor_new(list, csv ? BREACH_CSV : BREACH_JSON, &about) : NULL;
    if (cursor == NULL) {
        httpd_problem(reply, 500, "Out of memory", "the list could not be made");
        return;
    }
    char day[CIVIL_TEXT_LEN], name[80];
    snprintf(name, sizeof name, "attachment; filename=\"ehcwatchd-breaches-%s.csv\"",
             civil_format(snapshot->as_of, day));
    httpd_reply_stream(reply, 200, csv ? TYPE_CSV : TYPE_JSON, read_piece, free_cursor, cursor);
    routes_say_as_of(s, reply);
    if (csv)
        httpd_reply_header(reply, "Content-Disposition", name);
    if (suffix == NULL)
        httpd_reply_header(reply, "Vary", "Accept");
}
