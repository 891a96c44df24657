/* The page of the papers is of one evaluation, also when another one comes while it waits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <ev.h>

#include "caseload_make.h"
#include "papers.h"
#include "parked.h"
#include "routes.h"

/* --- a server without sockets ------------------------------------------------------------------------------------------- */

/* What became of the request. */
static struct {
    struct parked http;
    int pages;
} seen;

void __wrap_httpd_reply_stream(struct httpd_reply *reply, unsigned status, const char *content_type,
                               httpd_read_fn *read_fn, void (*free_fn)(void *ctx), void *ctx);
unsigned __wrap_httpd_reply_status(const struct httpd_reply *reply);

/* The page is read to its end. */
void __wrap_httpd_reply_stream(struct httpd_reply *reply, unsigned status, const char *content_type,
                               httpd_read_fn *read_fn, void (*free_fn)(void *ctx), void *ctx)
{
    char piece[4096];
    ssize_t n = -1;
    (void)reply;
    (void)content_type;
    while (status == 200 && (n = read_fn(ctx, piece, sizeof piece)) != 0 && n != -1)
        ;
    free_fn(ctx);
    seen.pages += n == 0;
}

unsigned __wrap_httpd_reply_status(const struct httpd_reply *reply)
{
    (void)reply;
    return 0;
}

/* --- the page -------------------------------------------------------------------------------------------------------------- */

static void make(struct made *m)
{
    made_begin(m, made_day("2026-09-01"), LIMITS_ALL);
    made_case(m, 1, "A-1", "North", "T1", "o", CIVIL_NONE);
    made_case(m, 2, "A-2", "North", "T2", "o", CIVIL_NONE);
    made_fact(m, 1, EV_REQUEST_RECEIVED, "", made_day("2026-03-02"));
    made_fact(m, 2, EV_REQUEST_RECEIVED, "", made_day("2026-03-02"));
    made_end(m);
}

static struct status status_of(struct made *m, int64_t evaluated_at)
{
    return (struct status){.snapshot = m->snapshot,
                           .calendar = &m->calendar,
                           .rulebook = &m->rulebook,
                           .evaluated_at = evaluated_at,
                           .meeting = {.weekday = 1, .minute = 570, .lasts = 120}};
}

/* Asks for the papers of one team; with `newer`, another evaluation comes while they are counted. */
static void ask_for_page(bool newer)
{
    static const struct httpd_param team = {"team", "T1"};
    const struct httpd_request q = {
        .method = "GET", .path = "/", .params = &team, .param_count = 1, .local = true, .peer = "127.0.0.1"};
    struct made made[2];
    struct core core = {.loop = ev_loop_new(EVFLAG_AUTO)};
    struct err e = {""};
    make(&made[0]);
    make(&made[1]);
    core.status = status_of(&made[0], INT64_C(1788256801000000));
    memset(&seen, 0, sizeof seen);
    struct papers_desk *desk = papers_desk_new(&core, &e);
    assert_non_null(desk);
    struct routes r = {.status = &core.status, .papers = desk};
    routes_handle(&r, &q, (struct httpd_reply *)&seen);
    if (newer)
        core.status = status_of(&made[1], INT64_C(1788256861000000));
    ev_run(core.loop, 0);
    papers_desk_free(desk);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(made[i].snapshot->refs, 1);
        made_free(&made[i]);
    }
    ev_loop_destroy(core.loop);
    assert_int_equal(seen.http.problem, 0);
    assert_int_equal(seen.pages, 1);
    assert_int_equal(seen.http.unparked, seen.http.parked);
}

static void of_one_evaluation(void **state)
{
    (void)state;
    ask_for_page(false);
    assert_int_equal(seen.http.parked, 2); /* the team's, and the council's */
    assert_string_equal(seen.http.evaluated_at, "2026-09-01T10:00:01Z");
}

static void anew_when_another_one_came(void **state)
{
    (void)state;
    ask_for_page(true);
    assert_int_equal(seen.http.parked,
                     3); /* the team's of the one, the council's of the other, the team's of that */
    assert_string_equal(seen.http.evaluated_at, "2026-09-01T10:01:01Z");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_one_evaluation),
        cmocka_unit_test(anew_when_another_one_came),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
