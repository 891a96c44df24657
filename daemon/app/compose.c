/* One endpoint's transaction: lock, read, make messages, write. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "composer_int.h"
#include "lease.h"
#include "log.h"
#include "sql_text.h"

#define HOLD_MOST 30. /* seconds */

static void fail(struct composer *c, const char *why, bool lost)
{
    c->lost |= lost;
    if (!c->failed)
        err_set(&c->err, "%s", why);
    c->failed = true;
}

/* Of a statement whose end is waited for elsewhere. */
static void on_step(void *ud, const struct pg_reply *r)
{
    struct composer *c = ud;
    if (!r->ok)
        fail(c, r->message, r->lost);
}

static void on_fence(void *ud, const struct pg_reply *r)
{
    struct composer *c = ud;
    c->fenced = r->ok && PQntuples(r->res) == 0;
    if (!r->ok)
        fail(c, r->message, r->lost);
    else if (c->fenced)
        fail(c, "another daemon leads", false);
}

static void submit(struct composer *c, const char *sql, int n, const char *const *params, pg_result_fn *fn)
{
    if (!c->failed && !pg_link_query(c->link, sql, n, params, fn, c))
        fail(c, "out of memory", false);
}

static void end_endpoint(struct composer *c)
{
    const char *name = c->endpoints[c->at].name;
    if (c->fenced)
        lease_lost(c->core->lease, c->under);
    else if (c->failed && !c->lost)
        log_ev_limited(LOG_ERR, "not_composed", name, LOG_FIELDS({"ENDPOINT", name}), "%s; it is tried again",
                       c->err.text);
    telling_free(&c->telling);
    c->whole &= !c->failed && !c->hold;
    c->at++;
    composer_next(c);
}

static void on_rolled_back(void *ud, const struct pg_reply *r)
{
    struct composer *c = ud;
    c->lost |= r->lost;
    end_endpoint(c);
}

static void roll_back(struct composer *c)
{
    if (c->lost || !pg_link_query(c->link, "ROLLBACK", 0, NULL, on_rolled_back, c))
        end_endpoint(c);
}

/* --- writing ------------------------------------------------------------------------------------------------------------- */

static void count(const struct composer *c)
{
    const struct telling *t = &c->telling;
    if (t->n_messages > 0 || t->n_spared > 0)
        log_ev(LOG_INFO, "composed", LOG_FIELDS({"ENDPOINT", t->endpoint->name}),
               "%zu messages about %zu things; %zu notices superseded", t->n_messages, t->n, t->n_spared);
}

static void on_commit(void *ud, const struct pg_reply *r)
{
    struct composer *c = ud;
    if (!r->ok)
        fail(c, r->message, r->lost);
    else if (strcmp(PQcmdStatus((PGresult *)(uintptr_t)r->res), "COMMIT") != 0)
        fail(c, "the database rolled back", false);
    if (!c->failed) {
        count(c);
        if (c->telling.n_messages > 0)
            c->ops.composed(c->ud);
    }
    end_endpoint(c);
}

static void send_arrays(struct composer *c, const char *query, const char *const *first, int n_first,
                        struct pg_array *a, int n)
{
    const char *params[16];
    struct err e;
    for (int i = 0; i < n_first; i++)
        params[i] = first[i];
    for (int i = 0; i < n; i++)
        if ((params[n_first + i] = pg_array_literal(&a[i], &e)) == NULL) {
            fail(c, e.text, false);
            return;
        }
    submit(c, sql_query(query), n_first + n, params, on_step);
}

static void add_step(struct composer *c, const struct entry *e, const char *message_id)
{
    const struct notice_item *i = &e->item;
    struct pg_array *a = c->steps;
    pg_array_int8(a++, e->case_id);
    pg_array_text(a++, i->limit);
    pg_array_text(a++, i->subject);
    pg_array_date(a++, i->start);
    pg_array_date(a++, i->since);
    pg_array_text(a++, i->kind == NOTICE_ESCALATION ? "escalation" : "reminder");
    pg_array_int8(a++, i->step);
    pg_array_text(a++, message_id);
}

static void add_told(struct composer *c, const struct entry *e, const char *message_id)
{
    enum state from = e->item.from;
    pg_array_int8(&c->told[0], e->notice_id);
    pg_array_text(&c->told[1], message_id);
    pg_array_text(&c->told[2], from == STATE_COUNT ? "none" : state_name(from));
    pg_array_null(&c->told[3]);
}

static void add_spared(struct composer *c, const struct spared *s)
{
    pg_array_int8(&c->told[0], s->notice_id);
    pg_array_null(&c->told[1]);
    pg_array_null(&c->told[2]);
    pg_array_text(&c->told[3], s->reason);
}

static void add_message(struct composer *c, size_t m, const char *message_id)
{
    struct buf body = {0};
    const char *type;
    if (telling_message(&c->telling, m, message_id, &type, &body)) {
        pg_array_text(&c->outbox[0], message_id);
        pg_array_text(&c->outbox[1], type);
        pg_array_bytea(&c->outbox[2], body.p, body.n);
    } else {
        fail(c, "out of memory", false);
    }
    buf_free(&body);
}

static void each_array(struct composer *c, void (*fn)(struct pg_array *))
{
    for (int i = 0; i < OUTBOX_ARRAYS; i++)
        fn(&c->outbox[i]);
    for (int i = 0; i < TOLD_ARRAYS; i++)
        fn(&c->told[i]);
    for (int i = 0; i < STEP_ARRAYS; i++)
        fn(&c->steps[i]);
}

/* `ids` has a message id for each message, NULL when there is none. */
static void write_all(struct composer *c, const PGresult *ids)
{
    struct telling *t = &c->telling;
    char today[CIVIL_TEXT_LEN];
    civil_format(worktime_local(t->now).day, today);
    each_array(c, pg_array_init);
    for (size_t m = 0; m < t->n_messages && !c->failed; m++)
        add_message(c, m, PQgetvalue(ids, (int)m, 0));
    for (size_t i = 0; i < t->n && !c->failed; i++) {
        const struct entry *e = &t->entries[i];
        const char *id = PQgetvalue(ids, (int)e->message, 0);
        if (e->notice_id != 0)
            add_told(c, e, id);
        else if (e->step)
            add_step(c, e, id);
    }
    for (size_t i = 0; i < t->n_spared; i++)
        add_spared(c, &t->spared[i]);
    const char *outbox[] = {c->endpoint_id, format_content_type(t->endpoint->format)},
               *done[] = {c->endpoint_id, t->verdict.digest ? "true" : "false",
                          t->verdict.reminders ? today : NULL};
    if (t->n_messages > 0)
        send_arrays(c, "compose_outbox", outbox, 2, c->outbox, OUTBOX_ARRAYS);
    if (c->told[0].count > 0)
        send_arrays(c, "compose_told", NULL, 0, c->told, TOLD_ARRAYS);
    if (c->steps[0].count > 0)
        send_arrays(c, "compose_steps", outbox, 1, c->steps, STEP_ARRAYS);
    submit(c, sql_query("compose_done"), 3, done, on_step);
    submit(c, "COMMIT", 0, NULL, on_commit);
    each_array(c, pg_array_free);
    if (c->failed)
        roll_back(c);
}

static void on_ids(void *ud, const struct pg_reply *r)
{
    struct composer *c = ud;
    if (!r->ok)
        fail(c, r->message, r->lost);
    if (c->failed)
        roll_back(c);
    else
        write_all(c, r->res);
}

static void make(struct composer *c)
{
    struct telling *t = &c->telling;
    char n[24];
    telling_sort(t);
    if (t->no_memory)
        fail(c, "out of memory", false);
    snprintf(n, sizeof n, "%zu", t->n_messages);
    const char *params[] = {n};
    if (t->n_messages == 0 && !c->failed) {
        write_all(c, NULL); /* which ends it, whatever happens */
        return;
    }
    submit(c, sql_query("compose_ids"), 1, params, on_ids);
    if (c->failed)
        roll_back(c);
}

/* --- reading ------------------------------------------------------------------------------------------------------------- */

static void on_standing(void *ud, const struct pg_reply *r)
{
    struct composer *c = ud;
    if (!r->ok)
        fail(c, r->message, r->lost);
    if (c->failed) {
        roll_back(c);
        return;
    }
    telling_standing(&c->telling, r->res);
    make(c);
}

/* A message that is on its way either comes through, or comes back and is recalled: it is waited for, but not for ever. */
static void on_under_way(void *ud, const struct pg_reply *r)
{
    struct composer *c = ud;
    double *since = &c->held_since[c->at], now = clock_mono();
    if (!r->ok) {
        fail(c, r->message, r->lost);
        return;
    }
    if (PQntuples(r->res) == 0)
        *since = 0;
    else if (*since == 0)
        *since = now;
    c->hold = *since != 0 && now - *since < HOLD_MOST;
    c->held |= c->hold;
}

static void on_waiting(void *ud, const struct pg_reply *r)
{
    struct composer *c = ud;
    struct telling *t = &c->telling;
    char as_of[CIVIL_TEXT_LEN];
    if (!r->ok)
        fail(c, r->message, r->lost);
    if (c->failed || c->hold) {
        roll_back(c);
        return;
    }
    if (t->verdict.changes)
        telling_waiting(t, r->res);
    if (!t->verdict.digest && !t->verdict.reminders) {
        make(c);
        return;
    }
    const char *params[] = {c->endpoint_id, civil_format(t->as_of, as_of),
                            t->verdict.digest ? "true" : "false"};
    submit(c, sql_query("compose_standing"), 3, params, on_standing);
    if (c->failed)
        roll_back(c);
}

/* It is decided again: another composer may have been here since we looked. */
static void on_locked(void *ud, const struct pg_reply *r)
{
    struct composer *c = ud;
    struct telling *t = &c->telling;
    if (!r->ok)
        fail(c, r->message, r->lost);
    bool there = !c->failed && PQntuples(r->res) == 1;
    if (there) {
        struct policy_state state = composer_state(r->res, 0, &t->now);
        t->verdict = policy_judge(&t->endpoint->policy, &state, t->now, &c->core->calendar);
        snprintf(c->endpoint_id, sizeof c->endpoint_id, "%s", PQgetvalue(r->res, 0, 5));
    }
    if (!there || (!t->verdict.changes && !t->verdict.digest && !t->verdict.reminders)) {
        roll_back(c);
        return;
    }
    const char *params[] = {c->endpoint_id};
    submit(c, sql_query("compose_recall"), 1, params, on_step);
    submit(c, sql_query("compose_under_way"), 1, params, on_under_way);
    submit(c, sql_query("compose_waiting"), 1, params, on_waiting);
    if (c->failed)
        roll_back(c);
}

void compose_endpoint(struct composer *c)
{
    const char *params[] = {c->endpoints[c->at].name};
    c->failed = c->lost = c->fenced = c->hold = false;
    c->under = lease_term(c->core->lease);
    telling_begin(&c->telling, c->core, &c->endpoints[c->at]);
    submit(c, "BEGIN", 0, NULL, on_step);
    bool begun = !c->failed;
    submit(c, sql_query("lease_fence"), 2, lease_proof(c->core->lease), on_fence);
    submit(c, sql_query("compose_lock"), 1, params, on_locked);
    if (!c->failed)
        return;
    if (begun)
        roll_back(c);
    else
        end_endpoint(c);
}
