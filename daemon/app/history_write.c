#include <stdio.h>

#include "history_int.h"
#include "lease.h"
#include "log.h"
#include "sql_text.h"

/* What is counted stays; what was written is not known for sure. */
void history_failed(struct history *h, const char *why)
{
    h->phase = HISTORY_IDLE;
    h->owed = true;
    h->whole_day = CIVIL_NONE;
    log_ev_limited(LOG_WARNING, "history_not_written", "", LOG_NO_FIELDS,
                   "%s; the next evaluation tries again", why);
    history_advance(h);
}

static bool ask(struct history *h, const char *query, int n, const char *const *params, pg_result_fn *fn)
{
    return pg_link_query(h->link, sql_query(query), n, params, fn, h);
}

static void on_rolled_back(void *ud, const struct pg_reply *r)
{
    (void)ud;
    (void)r;
}

/* Ends the transaction without it. */
static void give_up(struct history *h, const char *why)
{
    if (pg_link_query(h->link, "ROLLBACK", 0, NULL, on_rolled_back, h))
        history_failed(h, why);
    else
        history_failed(h, "out of memory"); /* and the server ends what stands idle */
}

static void on_committed(void *ud, const struct pg_reply *r)
{
    struct history *h = ud;
    if (!r->ok) {
        history_failed(h, r->message);
        return;
    }
    history_rows_written(&h->counts);
    h->phase = HISTORY_IDLE;
    h->owed = false;
    h->whole_day = h->overtaken ? CIVIL_NONE : h->day.day;
    h->whole_term = h->term;
    /* The first evaluation is counted at once, and a question of the weeks gave way to that. */
    if (!history_trend_is_read(h))
        history_trend_look(h);
    if (lease_held(h->core->lease))
        history_advance(h);
    else
        history_forget(h);
}

static void commit(struct history *h)
{
    if (!pg_link_query(h->link, "COMMIT", 0, NULL, on_committed, h))
        give_up(h, "out of memory");
}

static void next_batch(struct history *h);

static void on_batch(void *ud, const struct pg_reply *r)
{
    struct history *h = ud;
    if (r->ok)
        next_batch(h);
    else
        give_up(h, r->message);
}

static void on_rest(void *ud, const struct pg_reply *r)
{
    struct history *h = ud;
    if (r->ok)
        commit(h);
    else
        give_up(h, r->message);
}

static void write_rest(struct history *h)
{
    const char *day[HISTORY_DAY_PARAMS], *params[HISTORY_REST_PARAMS];
    struct err e = {"out of memory"};
    bool ok = history_rows_begin(&h->rows, &h->day, day, &e);
    if (ok)
        history_rows_rest(day, params);
    if (!ok || !ask(h, "history_rest", HISTORY_REST_PARAMS, params, on_rest))
        give_up(h, e.text);
}

static void on_named(void *ud, const struct pg_reply *r)
{
    if (!r->ok)
        log_ev_limited(LOG_WARNING, "history_not_numbered", "", LOG_NO_FIELDS, "%s", r->message);
    (void)ud; /* the statement behind it fails, too, and says so */
}

static void next_batch(struct history *h)
{
    const char *params[HISTORY_WRITE_PARAMS], *series[HISTORY_SERIES_PARAMS];
    struct err e = {"out of memory"};
    bool unnamed;
    int more = history_rows_next(&h->rows, &h->counts, h->whole, &unnamed, params, &e);
    if (more == 0 && h->whole) {
        write_rest(h);
        return;
    }
    if (more == 0) {
        commit(h);
        return;
    }
    bool ok = more > 0;
    if (ok && unnamed) {
        history_rows_series(params, series);
        ok = ask(h, "history_series", HISTORY_SERIES_PARAMS, series, on_named);
    }
    if (!ok || !ask(h, "history_write", HISTORY_WRITE_PARAMS, params, on_batch))
        give_up(h, e.text);
}

static void on_day(void *ud, const struct pg_reply *r)
{
    struct history *h = ud;
    if (!r->ok)
        give_up(h, r->message);
    else if (PQntuples(r->res) > 0)
        next_batch(h);
    else { /* a later evaluation of the day is there: this one says nothing that is still wanted */
        h->overtaken = true;
        commit(h);
    }
}

static void on_fence(void *ud, const struct pg_reply *r)
{
    struct history *h = ud;
    const char *params[HISTORY_DAY_PARAMS];
    struct err e = {"out of memory"};
    if (r->ok && PQntuples(r->res) == 0) {
        h->phase = HISTORY_IDLE;
        history_forget(h);
        if (!pg_link_query(h->link, "ROLLBACK", 0, NULL, on_rolled_back, h))
            log_ev(LOG_WARNING, "history_not_ended", LOG_NO_FIELDS, "out of memory");
        lease_lost(h->core->lease, h->term);
    } else if (!r->ok) {
        give_up(h, r->message);
    } else if (!history_rows_begin(&h->rows, &h->day, params, &e) ||
               !ask(h, "history_day", HISTORY_DAY_PARAMS, params, on_day)) {
        give_up(h, e.text);
    }
}

void history_write(struct history *h)
{
    h->phase = HISTORY_WRITING;
    h->overtaken = false;
    snprintf(h->term_text, sizeof h->term_text, "%lld", (long long)h->term);
    const char *proof[] = {h->core->instance, h->term_text};
    if (!pg_link_query(h->link, "BEGIN", 0, NULL, NULL, NULL) || !ask(h, "lease_fence", 2, proof, on_fence))
        give_up(h, "out of memory");
}
