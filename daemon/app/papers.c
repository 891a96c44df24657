#include "papers.h"

#include <ev.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "papers_int.h"
#include "routes.h"
#include "worktime.h"

#define SLICE  0.002 /* seconds of a walk between two turns of the loop */
#define WITHIN 60.   /* seconds: the answer, else 504 */

enum {
    CASES_AT_ONCE = 32, /* between two looks at the clock */
    KEPT_MOST = 8,
    JOBS_MOST = 16,
};

/* --- who waits for what ---------------------------------------------------------------------------------------------- */

struct waiter {
    struct waiter *next, **at; /* in job->waiters */
    struct job *job;
    struct httpd_parked *parked;
    papers_fn *fn;
    void *ctx;
    void (*free_fn)(void *ctx);
};

/* A question whose papers are being made. */
struct job {
    struct job *next;
    struct papers_want want;
    struct papers *papers;
    struct case_walk *walk; /* NULL: over */
    size_t finishing;       /* the part that is */
    bool made, failed;
    struct waiter *waiters, **last;
};

struct kept {
    struct papers_want want;
    struct papers *papers; /* NULL: empty */
    uint64_t used;
};

struct papers_desk {
    struct core *core;
    ev_timer turn;    /* runs while there are jobs */
    struct job *jobs; /* the first is being worked on */
    size_t n_jobs;
    struct kept kept[KEPT_MOST];
    uint64_t uses;
};

static bool same_places(const struct breach_places *a, const struct breach_places *b)
{
    return a->n == b->n && memcmp(a->number, b->number, a->n * sizeof a->number[0]) == 0;
}

static bool same(const struct papers_want *a, const struct papers_want *b)
{
    return a->as_of == b->as_of && a->known_at == b->known_at && a->since == b->since &&
           same_places(&a->localities, &b->localities) && same_places(&a->teams, &b->teams) &&
           same_places(&a->officers, &b->officers);
}

static struct papers *find_kept(struct papers_desk *d, const struct papers_want *want)
{
    for (size_t i = 0; i < KEPT_MOST; i++) {
        struct kept *k = &d->kept[i];
        if (k->papers != NULL && k->papers->snapshot == d->core->status.snapshot && same(&k->want, want)) {
            k->used = ++d->uses;
            return k->papers;
        }
    }
    return NULL;
}

/* In place of what was asked for the longest ago. */
static void keep(struct papers_desk *d, const struct job *j)
{
    struct kept *oldest = &d->kept[0];
    for (size_t i = 0; i < KEPT_MOST && oldest->papers != NULL; i++)
        if (d->kept[i].papers == NULL || d->kept[i].used < oldest->used)
            oldest = &d->kept[i];
    papers_unref(oldest->papers);
    *oldest = (struct kept){j->want, papers_ref(j->papers), ++d->uses};
}

void papers_look(struct papers_desk *d)
{
    for (size_t i = 0; i < KEPT_MOST; i++)
        if (d->kept[i].papers != NULL && d->kept[i].papers->snapshot != d->core->status.snapshot) {
            papers_unref(d->kept[i].papers);
            d->kept[i].papers = NULL;
        }
}

static void let_go(void *ctx, void (*free_fn)(void *ctx))
{
    if (free_fn != NULL)
        free_fn(ctx);
}

static void refuse(struct httpd_reply *reply, void *ctx, void (*free_fn)(void *ctx), unsigned status,
                   const char *title, const char *why)
{
    httpd_problem(reply, status, title, "%s", why);
    if (status == 503)
        httpd_reply_header(reply, "Retry-After", "5");
    let_go(ctx, free_fn);
}

static void waiter_free(struct job *j, struct waiter *w)
{
    *w->at = w->next;
    if (w->next != NULL)
        w->next->at = w->at;
    else
        j->last = w->at;
    let_go(w->ctx, w->free_fn);
    free(w);
}

static void job_free(struct papers_desk *d)
{
    struct job *j = d->jobs;
    d->jobs = j->next;
    d->n_jobs--;
    while (j->waiters != NULL)
        waiter_free(j, j->waiters);
    case_walk_free(j->walk);
    papers_unref(j->papers);
    free(j);
}

/* --- the work -------------------------------------------------------------------------------------------------------- */

static void walk_on(struct job *j)
{
    double until = clock_mono() + SLICE;
    int more;
    do
        more = case_walk_next(j->walk, CASES_AT_ONCE);
    while (more > 0 && clock_mono() < until);
    j->failed = more < 0;
    if (more <= 0) {
        case_walk_free(j->walk);
        j->walk = NULL;
    }
}

static void finish_on(struct papers_desk *d, struct job *j)
{
    int more = papers_finish(j->papers, &j->finishing);
    j->failed = more < 0;
    j->made = more == 0;
    if (j->made && j->papers->snapshot == d->core->status.snapshot)
        keep(d, j);
}

static void answer_one(struct job *j)
{
    struct waiter *w = j->waiters;
    struct httpd_reply *reply = httpd_parked_reply(w->parked);
    if (j->failed)
        httpd_problem(reply, 500, "Out of memory", "what is asked for here could not be counted");
    else
        w->fn(w->ctx, j->papers, reply);
    httpd_unpark(w->parked);
    waiter_free(j, w);
}

static void arm(struct papers_desk *d)
{
    ev_now_update(d->core->loop);
    ev_timer_stop(d->core->loop, &d->turn);
    ev_timer_set(&d->turn, 0., 0.);
    ev_timer_start(d->core->loop, &d->turn);
}

/* One step of the first job. Answers go out one in a turn: each may take its time to be written. */
static void on_turn(struct ev_loop *loop, ev_timer *timer, int events)
{
    struct papers_desk *d = timer->data;
    struct job *j = d->jobs;
    (void)loop;
    (void)events;
    if (j->waiters == NULL) /* all were answered, or have given up */
        job_free(d);
    else if (j->failed || j->made)
        answer_one(j);
    else if (j->walk != NULL)
        walk_on(j);
    else
        finish_on(d, j);
    if (d->jobs != NULL)
        arm(d);
}

/* --- questions ------------------------------------------------------------------------------------------------------- */

/* The job that will answer the question from the newest snapshot, made if there is none. NULL: out of memory. */
static struct job *job_for(struct papers_desk *d, const struct status *s, const struct papers_want *want)
{
    struct job **last = &d->jobs;
    for (; *last != NULL; last = &(*last)->next)
        if (!(*last)->failed && (*last)->papers->snapshot == s->snapshot && same(&(*last)->want, want))
            return *last;
    struct job *j = calloc(1, sizeof *j);
    if (j == NULL)
        return NULL;
    j->want = *want;
    j->last = &j->waiters;
    j->papers = papers_new(s, want);
    j->walk = j->papers != NULL ? papers_walk(j->papers, &j->want) : NULL;
    if (j->walk == NULL) {
        papers_unref(j->papers);
        free(j);
        return NULL;
    }
    *last = j;
    d->n_jobs++;
    return j;
}

/* The server has answered, or stops. */
static void on_over(void *ud)
{
    struct waiter *w = ud;
    waiter_free(w->job, w);
}

int64_t papers_moment(const struct snapshot *s, const struct papers_want *want)
{
    int64_t end = worktime_instant(want->as_of + 1, 0) - 1000000,
            known = want->known_at != KNOWN_NOW ? want->known_at : s->read_at;
    return known < end ? known : end;
}

void papers_ask(struct papers_desk *d, const struct routes *r, struct httpd_reply *reply,
                const struct papers_want *asked, papers_fn *fn, void *ctx, void (*free_fn)(void *ctx))
{
    struct papers_want meant = *asked;
    const struct papers_want *want = &meant;
    const struct status *s = r->status;
    if (meant.since == 0)
        meant.since = meeting_last(&s->meeting, &s->marks, papers_moment(s->snapshot, want));
    struct papers *ready = d != NULL ? find_kept(d, want) : NULL;
    if (ready != NULL) {
        fn(ctx, ready, reply);
        let_go(ctx, free_fn);
        return;
    }
    if (d == NULL || d->n_jobs >= JOBS_MOST) {
        refuse(reply, ctx, free_fn, 503, d == NULL ? "No papers" : "Too busy",
               d == NULL ? "nothing is counted here" : "too many questions at a time");
        return;
    }
    struct waiter *w = calloc(1, sizeof *w);
    struct job *j = w != NULL ? job_for(d, r->status, want) : NULL;
    if (j == NULL) {
        free(w);
        refuse(reply, ctx, free_fn, 500, "Out of memory", "what is asked for here could not be counted");
        return;
    }
    *w = (struct waiter){.at = j->last, .job = j, .fn = fn, .ctx = ctx, .free_fn = free_fn};
    *j->last = w;
    j->last = &w->next;
    w->parked = httpd_park(reply, WITHIN, on_over, w);
    arm(d);
}

/* --- life ------------------------------------------------------------------------------------------------------------ */

struct papers_desk *papers_desk_new(struct core *core, struct err *e)
{
    struct papers_desk *d = calloc(1, sizeof *d);
    if (d == NULL) {
        err_set(e, "out of memory");
        return NULL;
    }
    d->core = core;
    ev_init(&d->turn, on_turn);
    d->turn.data = d;
    return d;
}

void papers_desk_free(struct papers_desk *d)
{
    if (d == NULL)
        return;
    ev_timer_stop(d->core->loop, &d->turn);
    while (d->jobs != NULL)
        job_free(d);
    for (size_t i = 0; i < KEPT_MOST; i++)
        papers_unref(d->kept[i].papers);
    free(d);
}
