/* The history of the last year, week by week, kept in memory for the page: read whenever the weeks that are over have changed, which is once
 * a week, and when somebody works out what was not observed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "history_int.h"
#include "sql_text.h"
#include "trend.h"

enum { M_DAYS, M_LAST };
enum { T_DAY, T_LIMITS, T_OBSERVED, T_LOCALITY, T_TEAM, T_OVERDUE, T_PLANS };

/* In the names of the cases: what none of them has been in has no number yet. */
static uint32_t place_of(const struct history *h, const PGresult *res, int row, int column)
{
    const char *name = PQgetvalue(res, row, column);
    uint32_t number = names_find(h->core->words->places, name, strlen(name));
    return number == NAMES_FULL ? TREND_NO_PLACE : number;
}

static bool take_row(struct history *h, struct trend *t, const PGresult *res, int row, civil_day *last)
{
    const struct rulebook *rb = h->trend.asked_by;
    civil_day day = (civil_day)strtol(PQgetvalue(res, row, T_DAY), NULL, 10);
    if (day != *last)
        trend_day(t, day, history_limits(rb, PQgetvalue(res, row, T_LIMITS)) & rulebook_statutory(rb),
                  PQgetvalue(res, row, T_OBSERVED)[0] == 't');
    *last = day;
    if (PQgetisnull(res, row, T_OVERDUE))
        return true;
    const struct trend_count count = {
        .locality = place_of(h, res, row, T_LOCALITY),
        .team = place_of(h, res, row, T_TEAM),
        .overdue = (uint32_t)strtoul(PQgetvalue(res, row, T_OVERDUE), NULL, 10),
        .plans = (uint32_t)strtoul(PQgetvalue(res, row, T_PLANS), NULL, 10),
    };
    h->trend.strangers |= count.locality == TREND_NO_PLACE || count.team == TREND_NO_PLACE;
    return trend_count(t, &count);
}

static void forget(struct history *h)
{
    trend_free(h->core->status.trend);
    h->core->status.trend = NULL;
    rulebook_unref(h->trend.read_by);
    h->trend.read_by = NULL;
    h->trend.strangers = false;
}

/* What cannot be read is read at the next look: nobody waits for it. */
static void on_trend(void *ud, const struct pg_reply *r)
{
    struct history *h = ud;
    civil_day last = CIVIL_NONE;
    h->trend.asked = false;
    if (!r->ok || h->trend.asked_by != h->core->status.rulebook)
        return;
    struct trend *t = trend_new(h->trend.mark.since);
    bool ok = t != NULL;
    forget(h);
    for (int i = 0; ok && i < PQntuples(r->res); i++)
        ok = take_row(h, t, r->res, i, &last);
    if (!ok) {
        trend_free(t);
        return;
    }
    h->core->status.trend = t;
    h->trend.read = h->trend.mark;
    h->trend.read_by = rulebook_ref(h->trend.asked_by);
    h->trend.names = names_count(h->core->words->places);
}

static bool ask_trend(struct history *h)
{
    const struct rulebook *rb = h->trend.asked_by;
    struct pg_array limits;
    struct err e = {""};
    pg_array_init(&limits);
    for (uint64_t left = rulebook_statutory(rb); left != 0; left &= left - 1)
        pg_array_text(&limits, rb->rule[limits_first(left)].limit->id);
    const char *params[] = {h->trend.mark.from, h->trend.mark.to, pg_array_literal(&limits, &e),
                            "final_plan_20w"};
    bool ok = params[2] != NULL && pg_link_query(h->link, sql_query("history_trend"), 4, params, on_trend, h);
    pg_array_free(&limits);
    return ok;
}

bool history_trend_is_read(const struct history *h)
{
    return h->core->status.trend != NULL && h->trend.read_by == h->core->status.rulebook &&
           (!h->trend.strangers || h->trend.names == names_count(h->core->words->places));
}

static void on_mark(void *ud, const struct pg_reply *r)
{
    struct history *h = ud;
    h->trend.asked = false;
    if (!r->ok || PQntuples(r->res) != 1 || h->phase == HISTORY_WRITING)
        return;
    struct history_mark *m = &h->trend.mark, *read = &h->trend.read;
    m->days = strtoll(PQgetvalue(r->res, 0, M_DAYS), NULL, 10);
    m->last = strtoll(PQgetvalue(r->res, 0, M_LAST), NULL, 10);
    if (history_trend_is_read(h) && m->since == read->since && m->days == read->days && m->last == read->last)
        return;
    rulebook_unref(h->trend.asked_by);
    h->trend.asked_by = rulebook_ref(h->core->status.rulebook);
    h->trend.asked = ask_trend(h);
}

void history_trend_look(struct history *h)
{
    const struct snapshot *s = h->core->status.snapshot;
    if (h->trend.read_by != h->core->status.rulebook)
        forget(h); /* its limits have other numbers */
    if (s == NULL || !h->up || h->phase == HISTORY_WRITING || h->trend.asked)
        return;
    struct history_mark *m = &h->trend.mark;
    m->since = trend_first(s->as_of);
    civil_format(m->since, m->from);
    civil_format(s->as_of - civil_weekday(s->as_of), m->to);
    const char *params[] = {m->from, m->to};
    h->trend.asked = pg_link_query(h->link, sql_query("history_mark"), 2, params, on_mark, h);
}

void history_trend_free(struct history *h)
{
    forget(h);
    rulebook_unref(h->trend.asked_by);
}
