#include "lease.h"

#include <ev.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "log.h"
#include "pglink.h"
#include "sql_text.h"
#include "tenure.h"

#define QUERY_TIMEOUT 4.   /* seconds: an answer that takes longer is as good as none */
#define ASK_AGAIN     1.   /* seconds, after one that failed */
#define STAND_BACK    0.25 /* seconds: after a wake-up the holder comes first */

enum { HOLDER_LEN = sizeof((struct lease_status *)0)->holder };

struct lease {
    struct core *core;
    struct lease_ops ops;
    void *ud;
    struct pg_link *link;
    struct tenure tenure;
    char term[24];
    const char *proof[2];
    bool up, begun, asking, releasing;
    bool missed; /* a wake-up came while an answer was under way, which may be older than what it was about */
    double asked;           /* monotonic: when the attempt under way began */
    double heard;           /* monotonic: when the last that was answered began */
    char ended[HOLDER_LEN]; /* the holder whose process was last seen to be gone */
    ev_timer next;          /* the next attempt */
    ev_timer doubt;
    void (*released)(void *ud);
    void *released_ud;
};

static void ask(struct lease *l);

static void ask_in(struct lease *l, double seconds)
{
    ev_timer_stop(l->core->loop, &l->next);
    if (l->releasing)
        return;
    ev_now_update(l->core->loop);
    ev_timer_set(&l->next, seconds, 0.);
    ev_timer_start(l->core->loop, &l->next);
}

/* --- news ------------------------------------------------------------------------------------------------------------- */

static void doubt_in(struct lease *l, double seconds)
{
    ev_timer_stop(l->core->loop, &l->doubt);
    ev_now_update(l->core->loop);
    ev_timer_set(&l->doubt, seconds > 0. ? seconds : 0., 0.);
    ev_timer_start(l->core->loop, &l->doubt);
}

/* What was heard last is believed until then: of a lease of another, too, for that has ended by then or was renewed. */
static void watch_trust(struct lease *l)
{
    doubt_in(l, (l->tenure.leads ? l->tenure.until : l->heard + LEASE_TTL) - clock_mono());
}

/* Tells whom it concerns; `first`: it was not known before who leads. `why` is of a loss. */
static void tell(struct lease *l, enum tenure_news news, bool first, const char *why)
{
    struct status *s = &l->core->status;
    watch_trust(l);
    s->leader = l->tenure.leads;
    if (news == TENURE_GAINED)
        log_ev(LOG_NOTICE, "leading", LOG_NO_FIELDS, "this daemon evaluates and writes (term %lld)",
               (long long)l->tenure.term);
    else if (news == TENURE_LOST)
        log_ev(LOG_WARNING, "leading_no_more", LOG_NO_FIELDS, "%s: this daemon stands by", why);
    else if (first)
        log_ev(LOG_NOTICE, "standing_by", LOG_NO_FIELDS, "%s evaluates and writes", s->lease.holder);
    if (news != TENURE_AS_BEFORE || first)
        l->ops.changed(l->ud, l->tenure.leads);
}

static void lose(struct lease *l, enum tenure_news news, const char *why)
{
    if (news != TENURE_LOST)
        return;
    l->core->status.lease.holder[0] = '\0'; /* who it is now is still to be asked */
    tell(l, news, false, why);
}

void lease_lost(struct lease *l, int64_t term)
{
    if (term != l->tenure.term)
        return; /* of an earlier one: known */
    lose(l, tenure_refused(&l->tenure), "another daemon has taken over");
    ask_in(l, 0.);
}

static void on_doubt(struct ev_loop *loop, ev_timer *w, int revents)
{
    struct lease *l = w->data;
    (void)loop;
    (void)revents;
    if (l->tenure.leads) {
        lose(l, tenure_tick(&l->tenure, clock_mono()), "the lease could not be renewed in time");
        watch_trust(l);
    } else if (l->core->status.lease.trouble[0] != '\0') {
        l->core->status.lease.holder[0] = '\0';
    } else { /* the process stood still: the answer is on its way */
        doubt_in(l, ASK_AGAIN);
    }
}

/* --- asking ----------------------------------------------------------------------------------------------------------- */

/* A row of lease_take or lease_renew. Seconds left. */
static double note_row(struct lease *l, const PGresult *res)
{
    struct lease_status *s = &l->core->status.lease;
    snprintf(s->holder, sizeof s->holder, "%s", PQgetvalue(res, 0, 0));
    s->term = strtoll(PQgetvalue(res, 0, 1), NULL, 10);
    s->since = strtoll(PQgetvalue(res, 0, 2), NULL, 10);
    return strtod(PQgetvalue(res, 0, 3), NULL);
}

static void unanswered(struct lease *l, const char *why)
{
    struct lease_status *s = &l->core->status.lease;
    snprintf(s->trouble, sizeof s->trouble, "state database: nobody is known to lead: %s", why);
}

static void answered(struct lease *l)
{
    l->heard = l->asked;
    l->core->status.lease.trouble[0] = '\0';
}

static void take(struct lease *l, const char *dead);

static void on_answer(void *ud, const struct pg_reply *r)
{
    struct lease *l = ud;
    bool first = !l->tenure.known;
    l->asking = false;
    if (r->lost) /* `up` asks again */
        return;
    if (!r->ok) {
        log_ev_limited(LOG_ERR, "lease_unreadable", r->message, LOG_NO_FIELDS, "%s", r->message);
        unanswered(l, r->message);
        ask_in(l, ASK_AGAIN);
        return;
    }
    answered(l);
    if (PQntuples(r->res) == 0) { /* of a renewal: the term is over */
        lose(l, tenure_refused(&l->tenure), "another daemon has taken over");
        ask_in(l, 0.);
        return;
    }
    double left = note_row(l, r->res), now = clock_mono();
    const struct lease_status *s = &l->core->status.lease;
    enum tenure_news news;
    if (strcmp(s->holder, l->core->instance) == 0) {
        news = tenure_granted(&l->tenure, s->term, l->asked, now);
        snprintf(l->term, sizeof l->term, "%lld", (long long)s->term);
    } else if (instance_ended(s->holder)) { /* it may have given the lease back since this was answered */
        bool still = strcmp(l->ended, s->holder) == 0;
        snprintf(l->ended, sizeof l->ended, "%s", s->holder);
        if (still)
            log_ev(LOG_NOTICE, "leader_gone", LOG_NO_FIELDS, "%s has ended", s->holder);
        take(l, still ? s->holder : NULL);
        return;
    } else {
        news = tenure_refused(&l->tenure);
    }
    ask_in(l, l->missed ? STAND_BACK : tenure_next(&l->tenure, left));
    tell(l, news, first, "the answer came too late");
}

static void put(struct lease *l, const char *query, int n, const char *const *params)
{
    l->asked = clock_mono();
    l->missed = false;
    l->asking = pg_link_query(l->link, sql_query(query), n, params, on_answer, l);
    if (!l->asking)
        ask_in(l, ASK_AGAIN);
}

static void take(struct lease *l, const char *dead)
{
    char ttl[16];
    snprintf(ttl, sizeof ttl, "%g", LEASE_TTL);
    const char *params[] = {l->core->instance, ttl, dead};
    put(l, "lease_take", 3, params);
}

static void ask(struct lease *l)
{
    char ttl[16];
    if (!l->up || !l->begun || l->asking || l->releasing)
        return;
    snprintf(ttl, sizeof ttl, "%g", LEASE_TTL);
    const char *renewal[] = {l->proof[0], l->proof[1], ttl};
    if (l->tenure.leads)
        put(l, "lease_renew", 3, renewal);
    else
        take(l, NULL);
}

static void on_next(struct ev_loop *loop, ev_timer *w, int revents)
{
    (void)loop;
    (void)revents;
    ask(w->data);
}

static void on_up(void *ud)
{
    struct lease *l = ud;
    l->up = true;
    if (!pg_link_query(l->link, "LISTEN ehcwatch_outbox", 0, NULL, NULL, NULL))
        log_ev(LOG_WARNING, "lease_not_listening", LOG_NO_FIELDS, "out of memory");
    ask(l);
}

static void on_down(void *ud, const char *why)
{
    struct lease *l = ud;
    l->up = l->asking = false;
    log_ev_limited(LOG_WARNING, "lease_unreachable", why, LOG_NO_FIELDS, "state database: %s", why);
    unanswered(l, why);
}

/* The clock may have been moved, or the lease given back. */
static void on_notify(void *ud, const char *channel, const char *payload)
{
    struct lease *l = ud;
    (void)channel;
    (void)payload;
    if (l->asking)
        l->missed = true;
    else
        ask_in(l, l->tenure.leads ? 0. : STAND_BACK);
}

/* --- life ------------------------------------------------------------------------------------------------------------- */

void lease_begin(struct lease *l)
{
    if (l->begun)
        return;
    l->begun = true;
    ask(l);
}

bool lease_held(const struct lease *l)
{
    return l != NULL && tenure_held(&l->tenure, clock_mono());
}

bool lease_known(const struct lease *l)
{
    return l->tenure.known;
}

int64_t lease_term(const struct lease *l)
{
    return l->tenure.term;
}

const char *const *lease_proof(const struct lease *l)
{
    return l->proof;
}

static void on_released(void *ud, const struct pg_reply *r)
{
    struct lease *l = ud;
    (void)r; /* else it runs out */
    l->released(l->released_ud);
}

void lease_release(struct lease *l, void (*done)(void *ud), void *ud)
{
    l->released = done;
    l->released_ud = ud;
    l->releasing = true;
    ev_timer_stop(l->core->loop, &l->next);
    ev_timer_stop(l->core->loop, &l->doubt);
    bool asked = l->tenure.leads && l->up;
    l->tenure.leads = l->core->status.leader = false;
    if (!asked || !pg_link_query(l->link, sql_query("lease_release"), 2, l->proof, on_released, l))
        done(ud);
}

struct lease *lease_new(struct core *core, const struct lease_ops *ops, void *ud, struct err *e)
{
    static const struct pg_link_ops link_ops = {.up = on_up, .down = on_down, .notify = on_notify};
    struct lease *l = calloc(1, sizeof *l);
    if (l == NULL) {
        err_set(e, "out of memory");
        return NULL;
    }
    *l = (struct lease){.core = core, .ops = *ops, .ud = ud, .term = "0"};
    l->proof[0] = core->instance;
    l->proof[1] = l->term;
    ev_timer_init(&l->next, on_next, 0., 0.);
    ev_timer_init(&l->doubt, on_doubt, 0., 0.);
    l->next.data = l->doubt.data = l;
    const struct pg_link_conf conf = {
        .conninfo = core->config->state,
        .password = core->credentials->state_password,
        .application_name = "ehcwatchd lease",
        .connect_timeout = QUERY_TIMEOUT,
        .query_timeout = QUERY_TIMEOUT,
        .lock_timeout = QUERY_TIMEOUT - 1.,
        .statement_timeout = QUERY_TIMEOUT - .5,
        .retry_min = .2,
        .retry_max = 2.,
        .seed = (uint64_t)clock_wall_us() + 3,
    };
    l->link = pg_link_new(core->loop, &conf, &link_ops, l, e);
    if (l->link == NULL) {
        free(l);
        return NULL;
    }
    return l;
}

void lease_start(struct lease *l)
{
    pg_link_start(l->link);
}

void lease_free(struct lease *l)
{
    if (l == NULL)
        return;
    ev_timer_stop(l->core->loop, &l->next);
    ev_timer_stop(l->core->loop, &l->doubt);
    pg_link_free(l->link);
    free(l);
}
