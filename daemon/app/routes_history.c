#include "routes_int.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "access.h"
#include "breach_ask.h"
#include "desk.h"
#include "export.h"
#include "history_paper.h"
#include "history_rows.h"
#include "page_history.h"
#include "table_job.h"

const char *const routes_history_params[] = {"limit", "kind", "state", "locality", "team",
                                             "from",  "to",   "by",    "table",    NULL};

/* The columns of history_days, and of history_sums. */
enum {
    D_DAY,
    D_OBSERVED,
    D_EVALUATED,
    D_LIMITS,
    D_STAGES,
    D_BREACHED = D_STAGES + STAGE_COUNT,
    D_WORD,
    D_PLACE
};
enum { S_DAY, S_LIMIT, S_STATE, S_N };

#define DEFAULT_DAYS 182 /* half a year */

/* An answer in the making: it outlives the request. */
struct asking {
    struct history_want want;
    struct snapshot *snapshot; /* a reference: of what is said beside the rows, and of the rulebook */
    struct table_about about;
    char path[32];
    enum answer_form form;
    struct xlsx_maker *workbooks;
    char *asked; /* what a workbook says of the filter */
    bool places; /* some are asked for */
    struct pg_array localities, teams, seen, limits, states, days;
    const char *seen_literal; /* the teams that the caller may see; NULL: all */
    struct history_paper *paper;
    struct routes_page *page; /* for HTML */
};

static void asking_free(void *ctx)
{
    struct asking *a = ctx;
    struct pg_array *arrays[] = {&a->localities, &a->teams, &a->seen, &a->limits, &a->states, &a->days};
    for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++)
        pg_array_free(arrays[i]);
    history_paper_free(a->paper);
    routes_page_free(a->page);
    snapshot_unref(a->snapshot);
    free(a->asked);
    free(a);
}

/* NULL without elements: any. */
static const char *literal(struct pg_array *array, struct err *e)
{
    return array->count > 0 ? pg_array_literal(array, e) : NULL;
}

/* --- the answer ------------------------------------------------------------------------------------------------------------ */

static void answer_page(struct asking *a, struct httpd_reply *reply)
{
    struct buf b = {0};
    page_history(&b, &a->page->frame, history_paper_table(a->paper), a->snapshot->rulebook);
    routes_reply_page(reply, 200, &b);
    routes_say_about(&a->about, reply);
}

static void answer(struct asking *a, struct desk_job *job)
{
    struct httpd_reply *reply = desk_reply(job);
    if (a->form == FORM_HTML) {
        answer_page(a, reply);
        return;
    }
    const struct table *t = history_paper_table(a->paper);
    const char *name = t->name;
    struct table_job *table = table_job_of(t, &a->about, history_paper_free, a->paper);
    a->paper = NULL; /* it went with the job, or with what there is no memory for */
    if (table == NULL) {
        httpd_problem(reply, 500, "Out of memory", "the history could not be shown");
        return;
    }
    if (a->form == FORM_XLSX) {
        const struct export x = {
            .name = name, .title = t->title, .about = a->about, .jobs = {table}, .n = 1, .asked = a->asked};
        a->asked = NULL;
        export_answer(a->workbooks, reply, &x, strrchr(a->path, '.') == NULL);
        return;
    }
    routes_reply_table(reply, a->form, table);
    routes_say_about(&a->about, reply);
    routes_say_form(&(struct httpd_request){.path = a->path}, a->form, name, a->want.to, reply);
}

static long number_at(const PGresult *res, int row, int column)
{
    return strtol(PQgetvalue(res, row, column), NULL, 10);
}

static void on_sums(void *ctx, struct desk_job *job, const PGresult *res)
{
    struct asking *a = ctx;
    for (int i = 0; i < PQntuples(res); i++)
        history_paper_count(a->paper, (civil_day)number_at(res, i, S_DAY),
                            (size_t)number_at(res, i, S_LIMIT) - 1,
                            (enum state)(number_at(res, i, S_STATE) - 1), (uint32_t)number_at(res, i, S_N));
    answer(a, job);
}

/* The whole rulebook and all states, so that their places in the arrays are their numbers; those that are not wanted are empty. */
static void ask_sums(struct asking *a, struct desk_job *job)
{
    const struct rulebook *rb = a->snapshot->rulebook;
    struct err e = {""};
    size_t n;
    const civil_day *days = history_paper_days(a->paper, &n);
    for (size_t i = 0; i < n; i++)
        pg_array_date(&a->days, days[i]);
    for (size_t i = 0; i < rb->n; i++)
        pg_array_text(&a->limits, (a->want.limits & LIMIT_BIT(i)) != 0 ? rb->rule[i].limit->id : "");
    for (int s = 0; s < STATE_COUNT; s++)
        pg_array_text(&a->states, (a->want.states & 1u << s) != 0 ? state_name((enum state)s) : "");
    const char *params[] = {pg_array_literal(&a->days, &e),   pg_array_literal(&a->limits, &e),
                            pg_array_literal(&a->states, &e), literal(&a->localities, &e),
                            literal(&a->teams, &e),           a->seen_literal};
    if (e.text[0] != '\0')
        httpd_problem(desk_reply(job), 500, "Out of memory", "the history could not be asked for");
    else
        desk_next(job, &(struct desk_question){"history_sums", 6, params}, on_sums);
}

static void take_day(struct asking *a, const PGresult *res, int row)
{
    struct history_seen seen = {
        .day = (civil_day)number_at(res, row, D_DAY),
        .observed = *PQgetvalue(res, row, D_OBSERVED) == 't',
        .evaluated_at = strtoll(PQgetvalue(res, row, D_EVALUATED), NULL, 10),
        .limits = history_limits(a->snapshot->rulebook, PQgetvalue(res, row, D_LIMITS)),
        .breached_cases = (uint32_t)number_at(res, row, D_BREACHED),
    };
    for (int s = 0; s < STAGE_COUNT; s++)
        seen.cases[s] = (uint32_t)number_at(res, row, D_STAGES + s);
    history_paper_day(a->paper, &seen);
}

static void on_days(void *ctx, struct desk_job *job, const PGresult *res)
{
    struct asking *a = ctx;
    size_t days;
    for (int i = 0; i < PQntuples(res); i++) {
        if (PQgetisnull(res, i, D_DAY)) {
            httpd_problem(desk_reply(job), 400, "Unknown value", "%s=%s: the history does not know it",
                          PQgetvalue(res, i, D_WORD), PQgetvalue(res, i, D_PLACE));
            return;
        }
        take_day(a, res, i);
    }
    int fits = history_paper_begin(a->paper);
    if (fits < 0)
        httpd_problem(desk_reply(job), 500, "Out of memory", "the history could not be shown");
    else if (fits == 0)
        httpd_problem(
            desk_reply(job), 400, "Too long",
            "more than %d counts: ask for weeks (by=week), for fewer limits or states, or for less time",
            HISTORY_CELLS);
    else if (a->want.stages || (history_paper_days(a->paper, &days), days == 0))
        answer(a, job);
    else
        ask_sums(a, job);
}

/* --- the question ---------------------------------------------------------------------------------------------------------- */

static void add_places(const struct snapshot *s, struct pg_array *array, const char *value)
{
    char one[256];
    /* A comma list, unless it is, comma and all, the name of a place. */
    if (names_find(s->words->places, value, strlen(value)) != NAMES_FULL) {
        pg_array_text(array, value);
        return;
    }
    for (;; value++) {
        size_t len = strcspn(value, ",");
        snprintf(one, sizeof one, "%.*s", (int)len, value);
        pg_array_text(array, one);
        value += len;
        if (*value == '\0')
            return;
    }
}

static bool read_word(const char *name, const char *value, const char *const words[2], bool *second,
                      struct err *e)
{
    *second = strcmp(value, words[1]) == 0;
    return *second || strcmp(value, words[0]) == 0 ||
           err_set(e, "%s=%s: not one of %s, %s", name, value, words[0], words[1]);
}

static bool read_one(struct asking *a, struct breach_ask *b, const char *name, const char *value,
                     struct err *e)
{
    static const char *const by[] = {"day", "week"}, *const tables[] = {"obligations", "cases"};
    if (strcmp(name, "by") == 0)
        return read_word(name, value, by, &a->want.weekly, e);
    if (strcmp(name, "table") == 0)
        return read_word(name, value, tables, &a->want.stages, e);
    if (strcmp(name, "from") == 0)
        return ask_date(name, value, &a->want.from, e);
    if (strcmp(name, "to") == 0)
        return ask_date(name, value, &a->want.to, e);
    bool locality = strcmp(name, "locality") == 0;
    if (!locality && strcmp(name, "team") != 0)
        return breach_ask_take(b, name, value, e);
    add_places(a->snapshot, locality ? &a->localities : &a->teams, value);
    a->places = true;
    return true;
}

static bool read_query(struct asking *a, const struct httpd_request *q, struct err *e)
{
    struct breach_ask b;
    breach_ask_begin(&b, a->snapshot->rulebook, NULL);
    b.allowed = (1u << STATE_COUNT) - 1;
    a->want.from = a->want.to = CIVIL_NONE;
    for (size_t i = 0; i < q->param_count; i++)
        if (!read_one(a, &b, q->params[i].name, q->params[i].value, e))
            return false;
    const struct breach_filter f = breach_ask_filter(&b);
    a->want.limits = breach_filter_limits(&f, a->snapshot->rulebook);
    a->want.asked = b.limits & a->want.limits;
    a->want.states = b.states != 0 ? b.states : b.allowed;
    if (a->want.to == CIVIL_NONE)
        a->want.to = a->snapshot->as_of;
    if (a->want.from == CIVIL_NONE)
        a->want.from = a->want.to - DEFAULT_DAYS + 1;
    if (a->want.from > a->want.to)
        return err_set(e, "from: it is later than the end");
    if (a->want.stages && (a->places || b.limits != 0 || b.kinds != 0 || b.states != 0))
        return err_set(e, "table=cases: cases by stage are kept for the whole council, day by day");
    return history_periods(&a->want) <= HISTORY_CELLS / STATE_COUNT ||
           err_set(e, "from: more than %d days or weeks: ask for less", HISTORY_CELLS / STATE_COUNT);
}

static struct asking *asking_new(const struct routes *r, const struct httpd_request *q, struct snapshot *s)
{
    struct asking *a = calloc(1, sizeof *a);
    if (a == NULL)
        return NULL;
    struct pg_array *arrays[] = {&a->localities, &a->teams, &a->seen, &a->limits, &a->states, &a->days};
    for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++)
        pg_array_init(arrays[i]);
    a->snapshot = snapshot_ref(s);
    a->about =
        (struct table_about){s->as_of, r->status->evaluated_at, snapshot_known_at(s), s->rulebook->version};
    a->form = routes_form(q, FORMS_BOOK | FORM_BIT(FORM_HTML));
    a->workbooks = r->workbooks;
    a->asked = a->form == FORM_XLSX ? export_asked(q) : NULL;
    snprintf(a->path, sizeof a->path, "%s", q->path);
    return a;
}

void routes_history(const struct routes *r, const struct httpd_request *q, struct httpd_reply *reply)
{
    struct err e = {""};
    struct snapshot *s = routes_snapshot(r->status, reply);
    if (s == NULL)
        return;
    struct asking *a = asking_new(r, q, s);
    bool ok = a != NULL && read_query(a, q, &e);
    if (ok && a->want.stages && access_is_narrow(r->caller))
        ok = err_set(&e, "table=cases: this is about all teams");
    char from[CIVIL_TEXT_LEN], to[CIVIL_TEXT_LEN];
    const char *params[4] = {from, to};
    if (ok) {
        civil_format(a->want.from, from);
        civil_format(a->want.to, to);
        /* Who may see some teams only is not told which others there are: a name that is unknown has no counts, as theirs. */
        bool told = !access_is_narrow(r->caller);
        params[2] = told ? literal(&a->localities, &e) : NULL;
        params[3] = told ? literal(&a->teams, &e) : NULL;
        if (!access_teams_array(r->caller, &a->seen, &a->seen_literal, &e))
            a->seen_literal = NULL; /* 500: `e` says so */
        a->paper = history_paper_new(&a->want, s->rulebook);
        a->page = a->form == FORM_HTML
                      ? routes_page_new(r, q, &(struct routes_time){s->as_of, s->known_at, false})
                      : NULL;
    }
    if (ok && e.text[0] == '\0' && a->paper != NULL && (a->form != FORM_HTML || a->page != NULL)) {
        desk_ask(r->desk, reply, &(struct desk_question){"history_days", 4, params}, on_days, a, asking_free);
        return;
    }
    httpd_problem(reply, a != NULL && !ok ? 400 : 500, a != NULL && !ok ? "Unknown value" : "Out of memory",
                  "%s", a != NULL && !ok ? e.text : "the history could not be asked for");
    if (a != NULL)
        asking_free(a);
}
