/* The page of the papers is of one evaluation, also when another one comes while it waits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <ev.h>

#include "buf.h"
#include "caseload_make.h"
#include "papers.h"
#include "parked.h"
#include "routes.h"

/* --- a server without sockets ------------------------------------------------------------------------------------------- */

/* What became of the request. */
static struct {
    struct parked http;
    int pages;
    size_t longest; /* piece that was read at once */
    struct buf text;
} seen;

void __wrap_httpd_reply_stream(struct httpd_reply *reply, unsigned status, const char *content_type,
                               httpd_read_fn *read_fn, void (*free_fn)(void *ctx), void *ctx);
unsigned __wrap_httpd_reply_status(const struct httpd_reply *reply);

/* The page is read to its end. */
void __wrap_httpd_reply_stream(struct httpd_reply *reply, unsigned status, const char *content_type,
                               httpd_read_fn *read_fn, void (*free_fn)(void *ctx), void *ctx)
{
    static char piece[1 << 20];
    ssize_t n = -1;
    (void)reply;
    (void)content_type;
    while (status == 200 && (n = read_fn(ctx, piece, sizeof piece)) != 0 && n != -1)
        if (n > 0) {
            buf_bytes(&seen.text, piece, (size_t)n);
            seen.longest = (size_t)n > seen.longest ? (size_t)n : seen.longest;
        }
    free_fn(ctx);
    seen.pages += n == 0;
}

unsigned __wrap_httpd_reply_status(const struct httpd_reply *reply)
{
    (void)reply;
    return 0;
}

/* --- the page -------------------------------------------------------------------------------------------------------------- */

/* Two teams, and so many officers with a case each in the first of them. */
static void make(struct made *m, int officers)
{
    made_begin(m, made_day("2026-09-01"), LIMITS_ALL);
    made_case(m, 1, "A-1", "North", "T2", "o", CIVIL_NONE);
    for (int i = 1; i <= officers; i++) {
        char name[20];
        snprintf(name, sizeof name, "Officer %04d.", i);
        made_case(m, 1 + i, name, "North", "T1", name, CIVIL_NONE);
    }
    for (int i = 0; i <= officers; i++)
        made_fact(m, 1 + i, EV_REQUEST_RECEIVED, "", made_day("2026-03-02"));
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
static void ask_for_page(int officers, bool newer)
{
    static const struct httpd_param team = {"team", "T1"};
    const struct httpd_request q = {
        .method = "GET", .path = "/", .params = &team, .param_count = 1, .local = true, .peer = "127.0.0.1"};
    struct made made[2];
    struct core core = {.loop = ev_loop_new(EVFLAG_AUTO)};
    struct err e = {""};
    make(&made[0], officers);
    make(&made[1], officers);
    core.status = status_of(&made[0], INT64_C(1788256801000000));
    buf_free(&seen.text);
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
    ask_for_page(1, false);
    assert_int_equal(seen.http.parked, 2); /* the team's, and the council's */
    assert_string_equal(seen.http.evaluated_at, "2026-09-01T10:00:01Z");
}

static void anew_when_another_one_came(void **state)
{
    (void)state;
    ask_for_page(1, true);
    assert_int_equal(seen.http.parked,
                     3); /* the team's of the one, the council's of the other, the team's of that */
    assert_string_equal(seen.http.evaluated_at, "2026-09-01T10:01:01Z");
}

static size_t count(const char *text)
{
    size_t n = 0;
    for (const char *at = seen.text.p; (at = strstr(at, text)) != NULL; at++)
        n++;
    return n;
}

/* What the weeks lack is not folded away with how they are counted; and where nothing was listed nothing is said to have stayed so. */
static void what_is_missing_is_told(void **state)
{
    (void)state;
    ask_for_page(1, false);
    const char *weeks = strstr(seen.text.p, "Week by week</h3>\n<p>");
    assert_non_null(weeks);
    const char *said = strstr(weeks, "The history could not be read yet");
    assert_true(said != NULL && said < strstr(weeks, "</p>") && said < strstr(weeks, "<details"));
    assert_int_equal(count("Nothing has left the list."), 1);
}

/* The one table that has a row for everybody comes in parts, each of which is soon made; none of its rows is lost or there twice. */
static void many_officers(void **state)
{
    static const int officers[] = {1, 199, 200, 201, 400, 1000};
    (void)state;
    for (size_t i = 0; i < sizeof officers / sizeof officers[0]; i++) {
        ask_for_page(officers[i], false);
        assert_int_equal(count("<details"), count("</details>"));
        assert_int_equal(count("<table"), count("</table>"));
        assert_int_equal(count("<tbody>"), count("</tbody>"));
        assert_int_equal(count("Open cases by officer</summary>"), 1);
        const char *from = strstr(seen.text.p, "Open cases by officer</summary>"),
                   *end = strstr(from, "</table>");
        const char *next = from;
        for (int k = 1; k <= officers[i]; k++) { /* by name */
            char row[40];
            snprintf(row, sizeof row, ">Officer %04d.<", k);
            next = strstr(next, row);
            assert_true(next != NULL && next < end);
            const char *again = strstr(next + 1, row);
            assert_true(again == NULL || again > end);
        }
    }
    assert_true(seen.text.n > 500000 && seen.longest < 200000);
    buf_free(&seen.text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_one_evaluation),
        cmocka_unit_test(anew_when_another_one_came),
        cmocka_unit_test(what_is_missing_is_told),
        cmocka_unit_test(many_officers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
