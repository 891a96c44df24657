/* The routes on a synthetic status, for test_routes.sh: prints "port N", serves until SIGTERM, then prints
 * "stopped WORST", the longest pass of the event loop in microseconds since the first request.
 *
 *     routes_test empty|small|large
 */
#include <ev.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "caseload_make.h"
#include "clock.h"
#include "httpd.h"
#include "log.h"
#include "own_time.h"
#include "routes.h"

#define LARGE_CASES 40000 /* five statutory breaches each */

struct server {
    struct ev_loop *loop;
    struct httpd *httpd;
    struct made made;
    struct endpoint_status endpoints[2];
    struct status status;
    struct routes routes;
    double awake, worst[4]; /* the longest passes of the loop, the longest first */
    bool measuring;
    ev_check woke;
    ev_prepare sleeps;
    ev_signal term, down;
};

static void small(struct made *m)
{
    made_begin(m, made_day("2026-09-01"), LIMITS_ALL & ~LIMIT_BIT(limit_by_id("order_amend_5w")));
    made_case(m, 1, "A/1 \xc3\xa9?#", "North, Upper", "One", "o1", made_day("2019-02-17"));
    made_case(m, 2, "=1+1", "South", "One", "o2", made_day("2019-02-17"));
    made_case(m, 3, "A3", "\xff\xfeWest", "Two", "o1", made_day("2019-02-17"));
    made_claim(m, 2, GROUND_CLAIMED, CIVIL_NONE, CIVIL_NONE);
    made_fact(m, 1, EV_REQUEST_RECEIVED, "parent", made_day("2026-01-05"));
    made_fact(m, 2, EV_REQUEST_RECEIVED, "parent", made_day("2025-12-01"));
    made_fact(m, 2, EV_ASSESS_AGREED, "", made_day("2026-01-02"));
    made_fact(m, 3, EV_REQUEST_RECEIVED, "school", made_day("2026-08-20"));
    made_end(m);
}

static void large(struct made *m)
{
    made_begin(m, made_day("2026-09-01"), LIMITS_ALL);
    for (int i = 0; i < LARGE_CASES; i++) {
        char ref[32], place[32];
        snprintf(ref, sizeof ref, "EHC-%06d", i);
        snprintf(place, sizeof place, "Locality %d", i % 9);
        made_case(m, i, ref, place, "Team", "officer", CIVIL_NONE);
    }
    for (int i = 0; i < LARGE_CASES; i++) {
        civil_day d = made_day("2024-01-01") + i % 700;
        made_fact(m, i, EV_REQUEST_RECEIVED, "parent", d);
        made_fact(m, i, EV_ADVICE_REQUESTED, "education", d + 40);
        made_fact(m, i, EV_ADVICE_REQUESTED, "health", d + 40);
        made_fact(m, i, EV_ADVICE_REQUESTED, "psychology", d + 40);
    }
    made_end(m);
}

static void on_request(void *ud, const struct httpd_request *q, struct httpd_reply *reply)
{
    struct server *s = ud;
    s->measuring = true;
    routes_handle(&s->routes, q, reply);
}

static void on_stopped(void *ud)
{
    struct server *s = ud;
    ev_break(s->loop, EVBREAK_ALL);
}

static void on_term(struct ev_loop *loop, ev_signal *w, int events)
{
    struct server *s = w->data;
    (void)loop;
    (void)events;
    httpd_stop(s->httpd, 1.0, on_stopped, s);
}

/* The case database goes away. */
static void on_down(struct ev_loop *loop, ev_signal *w, int events)
{
    struct server *s = w->data;
    (void)loop;
    (void)events;
    s->status.source_up = false;
    strcpy(s->status.trouble, "the case database \"mis\" is away");
}

static void on_woke(struct ev_loop *loop, ev_check *w, int events)
{
    struct server *s = w->data;
    (void)loop;
    (void)events;
    s->awake = own_time();
}

static void on_sleeps(struct ev_loop *loop, ev_prepare *w, int events)
{
    struct server *s = w->data;
    (void)loop;
    (void)events;
    double pass = own_time() - s->awake;
    for (size_t i = 0; s->measuring && i < sizeof s->worst / sizeof s->worst[0]; i++)
        if (pass > s->worst[i]) {
            double shorter = s->worst[i];
            s->worst[i] = pass;
            pass = shorter;
        }
}

static void watch(struct server *s)
{
    ev_check_init(&s->woke, on_woke);
    ev_prepare_init(&s->sleeps, on_sleeps);
    ev_signal_init(&s->term, on_term, SIGTERM);
    ev_signal_init(&s->down, on_down, SIGUSR1);
    ev_set_priority(&s->woke, EV_MAXPRI);
    ev_set_priority(&s->sleeps, EV_MINPRI);
    s->woke.data = s->sleeps.data = s->term.data = s->down.data = s;
    s->awake = own_time();
    ev_check_start(s->loop, &s->woke);
    ev_prepare_start(s->loop, &s->sleeps);
    ev_signal_start(s->loop, &s->term);
    ev_signal_start(s->loop, &s->down);
}

int main(int argc, char **argv)
{
    static struct server s;
    struct err e = {""};
    const char *mode = argc > 1 ? argv[1] : "small";
    signal(SIGPIPE, SIG_IGN);
    log_init(LOG_INFO, NULL);
    if (strcmp(mode, "large") == 0)
        large(&s.made);
    else
        small(&s.made);
    memcpy(s.endpoints[0].name, "mis", 4);
    memcpy(s.endpoints[1].name, "teams", 6);
    s.status = (struct status){.rulebook = &s.made.rulebook,
                               .calendar = &s.made.calendar,
                               .snapshot = strcmp(mode, "empty") == 0 ? NULL : s.made.snapshot,
                               .source_up = true,
                               .evaluated_at = clock_wall_us(),
                               .evaluation_seconds = 0.25,
                               .stale_after = 600,
                               .evaluations = 1,
                               .leader = true,
                               .reload_ok = true,
                               .endpoints = s.endpoints,
                               .n_endpoints = 2,
                               .counted = true};
    s.routes.status = &s.status;
    s.loop = ev_default_loop(EVFLAG_AUTO);
    s.httpd = httpd_new(s.loop, &(struct httpd_conf){.listen = "127.0.0.1:0"}, on_request, &s, &e);
    if (s.httpd == NULL) {
        printf("refused %s\n", e.text);
        return 1;
    }
    watch(&s);
    printf("port %d\n", httpd_port(s.httpd));
    fflush(stdout);
    ev_run(s.loop, 0);
    httpd_free(s.httpd);
    printf("stopped %.0f\n", s.worst[3] * 1e6);
    made_free(&s.made);
    return 0;
}
