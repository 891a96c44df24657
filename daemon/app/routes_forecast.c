/* The forecast and the clearance plan: tables that are made from the papers of the whole council, whose stages they are, for the cases of the
 * places asked for. */
#include <stdlib.h>
#include <string.h>

#include "breach_ask.h"
#include "clearance_paper.h"
#include "forecast_paper.h"
#include "routes_paper.h"

const char *const routes_forecast_params[] = {ROUTES_WANT_PARAMS, "limit", "table", NULL};
const char *const routes_clearance_params[] = {ROUTES_WANT_PARAMS, "table", "capacity", "arrivals",
                                               "policy",           "save",  "weeks",    NULL};

struct ask;

/* One of the two. */
struct sort {
    struct paper_kind kind;
    bool (*read)(struct ask *a, const char *name, const char *value, struct err *e);
    struct paper *(*make)(const struct ask *a, const struct papers *p); /* NULL: out of memory */
};

/* A question on its way to the papers. */
struct ask {
    struct paper_ask paper;
    const struct sort *sort;
    struct case_places where;
    struct breach_ask limits;
    struct clearance_ask clearance;
};

/* --- the forecast ---------------------------------------------------------------------------------------------------- */

static bool read_forecast(struct ask *a, const char *name, const char *value, struct err *e)
{
    return strcmp(name, "limit") != 0 || breach_ask_take(&a->limits, name, value, e);
}

static struct paper *make_forecast(const struct ask *a, const struct papers *p)
{
    struct forecast_paper *paper = forecast_paper_new(p->forecast, p->snapshot, &a->where,
                                                      a->limits.limits != 0 ? a->limits.limits : LIMITS_ALL);
    return paper != NULL ? &paper->paper : NULL;
}

/* --- the clearance plan ---------------------------------------------------------------------------------------------- */

/* "42" or "42.5": thousandths. */
static bool read_rate(uint32_t *milli, const char *name, const char *value, struct err *e)
{
    uint64_t n = 0;
    size_t i = 0, digits = 0;
    while (value[i] >= '0' && value[i] <= '9' && n < CLEARANCE_MOST)
        n = n * 10 + (uint64_t)(value[i++] - '0');
    bool ok = i > 0;
    if (ok && value[i] == '.') {
        for (i++; value[i] >= '0' && value[i] <= '9' && digits < 3; i++, digits++)
            n = n * 10 + (uint64_t)(value[i] - '0');
        ok = digits > 0;
    }
    for (; digits < 3; digits++)
        n *= 10;
    if (!ok || value[i] != '\0' || n > CLEARANCE_MOST)
        return err_set(e, "%s=%s: not a number from 0 to 100000, with a point and three digits at most", name,
                       value);
    *milli = (uint32_t)n;
    return true;
}

static bool read_number(int *n, int least, int most, const char *name, const char *value, struct err *e)
{
    int x = 0;
    size_t i = 0;
    while (value[i] >= '0' && value[i] <= '9' && x <= most)
        x = x * 10 + (value[i++] - '0');
    if (i == 0 || value[i] != '\0' || x < least || x > most)
        return err_set(e, "%s=%s: not a whole number from %d to %d", name, value, least, most);
    *n = x;
    return true;
}

bool routes_read_clearance(struct clearance_ask *c, const char *name, const char *value, struct err *e)
{
    if (strcmp(name, "capacity") == 0)
        return read_rate(&c->capacity_milli, name, value, e);
    if (strcmp(name, "arrivals") == 0)
        return read_rate(&c->arrivals_milli, name, value, e);
    if (strcmp(name, "save") == 0)
        return read_number(&c->save, 0, 100, name, value, e);
    if (strcmp(name, "weeks") == 0)
        return read_number(&c->weeks, 1, CLEARANCE_WEEKS_MOST, name, value, e);
    if (strcmp(name, "policy") != 0)
        return true;
    c->policy = clearance_policy_by_name(value);
    return c->policy != CLEARANCE_POLICIES || err_set(e, "policy=%s: not one of oldest, nearest, mix", value);
}

static bool read_clearance(struct ask *a, const char *name, const char *value, struct err *e)
{
    return routes_read_clearance(&a->clearance, name, value, e);
}

static struct paper *make_clearance(const struct ask *a, const struct papers *p)
{
    struct clearance_paper *paper =
        clearance_paper_new(clearance_new(p->pipeline, &a->where, &a->clearance), p->pipeline, p->snapshot);
    return paper != NULL ? &paper->paper : NULL;
}

/* The list of a forecast may be long: it goes out piece by piece, alone. */
static const struct sort forecast_sort = {{"forecast", FORECAST_CASES, FORECAST_CASES, NULL},
                                          read_forecast,
                                          make_forecast},
                         clearance_sort = {
                             {"clearance", CLEARANCE_TABLE_CASES, CLEARANCE_TABLES, clearance_paper_step},
                             read_clearance,
                             make_clearance};

/* --- both ------------------------------------------------------------------------------------------------------------ */

static void free_ask(void *ctx)
{
    struct ask *a = ctx;
    paper_ask_clear(&a->paper);
    free(a);
}

/* What is asked for, and in `want` the papers to answer it from: those of all places. */
static bool read_ask(const struct routes *r, const struct httpd_request *q, struct ask *a,
                     struct papers_want *want, struct err *e)
{
    const struct snapshot *s = r->status->snapshot;
    breach_ask_begin(&a->limits, s->rulebook, s);
    if (!routes_read_want(r, q, want, e))
        return false;
    for (size_t i = 0; i < q->param_count; i++) {
        const char *name = q->params[i].name, *value = q->params[i].value;
        if (strcmp(name, "table") == 0 ? !paper_ask_table(&a->paper, value, e)
                                       : !a->sort->read(a, name, value, e))
            return false;
    }
    a->where = (struct case_places){want->localities, want->teams, want->officers};
    *want = (struct papers_want){.as_of = want->as_of, .known_at = want->known_at};
    return true;
}

static void answer(void *ctx, struct papers *papers, struct httpd_reply *reply)
{
    struct ask *a = ctx;
    paper_answer(&a->paper, a->sort->make(a, papers), papers, reply);
}

static void serve(const struct sort *sort, const struct routes *r, const struct httpd_request *q,
                  struct httpd_reply *reply)
{
    struct err e = {""};
    struct papers_want want;
    if (routes_snapshot(r->status, reply) == NULL)
        return;
    struct ask *a = malloc(sizeof *a);
    if (a == NULL) {
        httpd_problem(reply, 500, "Out of memory", "the question could not be kept");
        return;
    }
    *a = (struct ask){.sort = sort, .clearance = clearance_ask_default()};
    paper_ask_begin(&a->paper, &sort->kind, r, q);
    if (!read_ask(r, q, a, &want, &e)) {
        free_ask(a);
        httpd_problem(reply, 400, "Unknown value", "%s", e.text);
        return;
    }
    papers_ask(r->papers, r, reply, &want, answer, a, free_ask);
}

void routes_forecast(const struct routes *r, const struct httpd_request *q, struct httpd_reply *reply)
{
    serve(&forecast_sort, r, q, reply);
}

void routes_clearance(const struct routes *r, const struct httpd_request *q, struct httpd_reply *reply)
{
    serve(&clearance_sort, r, q, reply);
}
