#include "upkeep.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "lease.h"
#include "log.h"
#include "pglink.h"
#include "sql_text.h"

enum { PURGE_ROWS = 500 };

/* In this order: messages refer to transitions. Each is asked until it finds nothing more. */
static const struct step {
    const char *query;
    const char *what[3]; /* that its columns count */
} steps[] = {
    {"purge_outbox", {"messages", "attempts", "notices"}},
    {"purge_transition", {"transitions", "superseded notices", NULL}},
    {"purge_ack", {"acknowledgements", NULL, NULL}},
};

enum { STEPS = sizeof steps / sizeof steps[0], COUNTS = 3 };

struct upkeep {
    struct core *core;
    struct pg_link *link; /* NULL: nothing is under way */
    civil_day done_for;   /* what was begun last */
    int64_t term;
    size_t step;
    uint64_t count[STEPS][COUNTS];
    char keep[16];
};

static void next(struct upkeep *u);

static void end(struct upkeep *u)
{
    pg_link_free(u->link);
    u->link = NULL;
}

static void failed(struct upkeep *u, const char *why)
{
    u->done_for = CIVIL_NONE; /* again after the next evaluation */
    log_ev_limited(LOG_WARNING, "upkeep_failed", "", LOG_NO_FIELDS, "%s; it will be tried again", why);
    end(u);
}

static void tell(const struct upkeep *u)
{
    char text[256] = "";
    size_t n = 0;
    for (size_t s = 0; s < STEPS; s++)
        for (size_t c = 0; c < COUNTS; c++)
            if (u->count[s][c] > 0 && n < sizeof text)
                n += (size_t)snprintf(text + n, sizeof text - n, "%s%s %llu", n > 0 ? ", " : "",
                                      steps[s].what[c], (unsigned long long)u->count[s][c]);
    if (n > 0)
        log_ev(LOG_NOTICE, "purged", LOG_NO_FIELDS, "%s: all older than %s days", text, u->keep);
}

static void on_purged(void *ud, const struct pg_reply *r)
{
    struct upkeep *u = ud;
    uint64_t rows = 0;
    if (!r->ok) {
        failed(u, r->message);
        return;
    }
    if (PQntuples(r->res) == 0) { /* no longer the leader */
        end(u);
        return;
    }
    for (int c = 0; c < COUNTS; c++) {
        uint64_t n = strtoull(PQgetvalue(r->res, 0, c), NULL, 10);
        u->count[u->step][c] += n;
        rows += n;
    }
    u->step += rows == 0;
    next(u);
}

static void next(struct upkeep *u)
{
    char rows[16];
    if (u->step == STEPS) {
        tell(u);
        end(u);
        return;
    }
    const char *const *proof = lease_proof(u->core->lease);
    snprintf(rows, sizeof rows, "%d", PURGE_ROWS);
    const char *params[] = {proof[0], proof[1], u->keep, rows};
    if (!lease_held(u->core->lease) || lease_term(u->core->lease) != u->term)
        end(u);
    else if (!pg_link_query(u->link, sql_query(steps[u->step].query), 4, params, on_purged, u))
        failed(u, "out of memory");
}

static void on_expired(void *ud, const struct pg_reply *r)
{
    struct upkeep *u = ud;
    if (!r->ok) {
        failed(u, r->message);
        return;
    }
    unsigned long long n = strtoull(PQcmdTuples((PGresult *)(uintptr_t)r->res), NULL, 10);
    if (n > 0)
        log_ev(LOG_INFO, "acknowledgements_expired", LOG_NO_FIELDS, "%llu", n);
    u->step = 0;
    memset(u->count, 0, sizeof u->count);
    snprintf(u->keep, sizeof u->keep, "%d", u->core->config->keep_days);
    next(u);
}

static void on_up(void *ud)
{
    struct upkeep *u = ud;
    char as_of[CIVIL_TEXT_LEN];
    const char *const *proof = lease_proof(u->core->lease);
    const char *params[] = {proof[0], proof[1], civil_format(u->done_for, as_of)};
    if (!pg_link_query(u->link, sql_query("ack_expire"), 3, params, on_expired, u))
        failed(u, "out of memory");
}

static void on_down(void *ud, const char *why)
{
    failed(ud, why);
}

void upkeep_look(struct upkeep *u)
{
    static const struct pg_link_ops ops = {.up = on_up, .down = on_down};
    const struct core *core = u->core;
    const struct snapshot *s = core->status.snapshot;
    struct err e;
    if (u->link != NULL || s == NULL || !lease_held(core->lease) ||
        (s->as_of == u->done_for && lease_term(core->lease) == u->term))
        return;
    const struct pg_link_conf conf = {
        .conninfo = core->config->state,
        .password = core->credentials->state_password,
        .application_name = "ehcwatchd upkeep",
        .query_timeout = 90,
        .statement_timeout = 60,
        .lock_timeout = 5,
        .seed = (uint64_t)clock_wall_us() + 4,
    };
    u->done_for = s->as_of;
    u->term = lease_term(core->lease);
    u->link = pg_link_new(core->loop, &conf, &ops, u, &e);
    if (u->link != NULL)
        pg_link_start(u->link);
    else
        failed(u, e.text);
}

struct upkeep *upkeep_new(struct core *core)
{
    struct upkeep *u = calloc(1, sizeof *u);
    if (u != NULL)
        *u = (struct upkeep){.core = core, .done_for = CIVIL_NONE};
    return u;
}

void upkeep_free(struct upkeep *u)
{
    if (u == NULL)
        return;
    end(u);
    free(u);
}
