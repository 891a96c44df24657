/* The ledger's rows and the proof of delivery as text: times, words, quoting, and what comes of strange bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "instant.h"
#include "proof.h"

static int64_t at(const char *text)
{
    int64_t us;
    assert_true(instant_parse(text, strlen(text), &us));
    return us;
}

static struct delivery sample(void)
{
    return (struct delivery){
        .message_id = "msg_1",
        .type = "obligation.breached",
        .endpoint = "mis",
        .case_ref = "EHC-1",
        .limit = "final_plan_20w",
        .subject = "",
        .items = 1,
        .state = "pending",
        .created_at = at("2026-06-15T11:00:00Z"),
        .first_at = DELIVERY_NEVER,
        .last_at = DELIVERY_NEVER,
        .answer = "",
        .accepted_at = DELIVERY_NEVER,
        .processed_at = DELIVERY_NEVER,
        .next_at = at("2026-06-15T11:00:05Z"),
        .seen_at = DELIVERY_NEVER,
        .seen_by = "",
        .sha256 = "00ff",
    };
}

static char *take(struct buf *b)
{
    size_t n;
    char *text = buf_take(b, &n);
    assert_non_null(text);
    assert_int_equal(strlen(text), n);
    return text;
}

static void check_london(const char *utc, const char *want)
{
    struct buf b = {0};
    buf_london(&b, at(utc));
    char *text = take(&b);
    assert_string_equal(text, want);
    free(text);
}

static void test_london(void **state)
{
    (void)state;
    check_london("2026-06-15T11:00:00Z", "15 June 2026 12:00:00 BST");
    check_london("2026-12-31T23:59:59.999999Z", "31 December 2026 23:59:59 GMT");
    check_london("2026-06-30T23:30:00Z", "1 July 2026 00:30:00 BST");
    check_london("2026-03-29T00:59:59Z", "29 March 2026 00:59:59 GMT");
    check_london("2026-03-29T01:00:00Z", "29 March 2026 02:00:00 BST");
    check_london("2026-10-25T01:00:00Z", "25 October 2026 01:00:00 GMT");
    struct buf b = {0};
    buf_london(&b, DELIVERY_NEVER);
    assert_int_equal(b.n, 0);
    buf_free(&b);
}

static void check_answer(int status, const char *answer, const char *want)
{
    struct delivery d = sample();
    struct buf b = {0};
    d.http_status = status;
    d.answer = answer;
    buf_text(&b, "|");
    buf_answer(&b, &d);
    char *text = take(&b);
    assert_string_equal(text + 1, want);
    free(text);
}

static void test_answer(void **state)
{
    (void)state;
    check_answer(200, "ok", "200");
    check_answer(202, "accepted", "202 accepted");
    check_answer(500, "server", "500 server");
    check_answer(0, "timeout", "timeout");
    check_answer(0, "", "");
}

static char *list(enum delivery_format f, const struct delivery *d, size_t n, long next)
{
    struct buf b = {0};
    delivery_begin(&b, f, at("2026-06-15T12:00:00Z"));
    for (size_t i = 0; i < n; i++)
        delivery_row(&b, f, &d[i], i);
    delivery_end(&b, f, n, next);
    return take(&b);
}

static void test_csv(void **state)
{
    (void)state;
    struct delivery d = sample();
    d.case_ref = "=1,\"\xff";
    char *text = list(DELIVERY_CSV, &d, 1, 0), *row = strchr(text, '\n') + 1;
    assert_string_equal(row,
                        "msg_1,obligation.breached,\"'=1,\"\"\xef\xbf\xbd\",final_plan_20w,,1,mis,pending,"
                        "2026-06-15T11:00:00Z,0,0,0,,,,,,,2026-06-15T11:00:05Z,,,00ff\n");
    free(text);
}

static void test_json(void **state)
{
    (void)state;
    struct delivery d[2] = {sample(), sample()};
    d[1].case_ref = "\"\xff\n";
    d[1].http_status = 202;
    d[1].accepted_at = at("2026-06-15T11:00:01Z");
    for (size_t n = 0; n <= 2; n++) {
        char *text = list(DELIVERY_JSON, d, n, n == 2 ? 3 : 0);
        json_t *o = json_loads(text, JSON_REJECT_DUPLICATES, NULL), *items = json_object_get(o, "items");
        assert_int_equal(json_array_size(items), n);
        assert_string_equal(json_string_value(json_object_get(o, "read_at")), "2026-06-15T12:00:00Z");
        if (n < 2) {
            assert_true(json_is_null(json_object_get(o, "next_page")));
        } else {
            json_t *second = json_array_get(items, 1);
            assert_int_equal(json_integer_value(json_object_get(o, "next_page")), 3);
            assert_string_equal(json_string_value(json_object_get(second, "case_ref")), "\"\xef\xbf\xbd\n");
            assert_int_equal(json_integer_value(json_object_get(second, "http_status")), 202);
            assert_string_equal(json_string_value(json_object_get(second, "accepted_at")),
                                "2026-06-15T11:00:01Z");
            assert_true(json_is_null(json_object_get(second, "processed_at")));
            assert_true(json_is_null(json_object_get(json_array_get(items, 0), "http_status")));
        }
        json_decref(o);
        free(text);
    }
}

static void test_text(void **state)
{
    (void)state;
    struct delivery d = sample();
    d.case_ref = "E\x1b[2J\nHC";
    char *text = list(DELIVERY_TEXT, &d, 1, 0);
    assert_null(strchr(text, '\x1b'));
    size_t lines = 0;
    for (const char *p = text; *p != '\0'; p++)
        lines += *p == '\n';
    assert_int_equal(lines, 3);
    assert_non_null(strstr(text, "15 June 2026 12:00:00 BST"));
    assert_non_null(strstr(text, "  breached  "));
    assert_non_null(strstr(text, "\n1 message\n"));
    free(text);

    d.created_at = at("2026-09-30T11:00:00Z"); /* the longest there is stands whole, below its head */
    d.case_ref = "EHC-1";
    text = list(DELIVERY_TEXT, &d, 1, 0);
    const char *row = strchr(text, '\n') + 1;
    assert_memory_equal(row, "30 September 2026 12:00:00 BST  EHC-1 ", 38);
    assert_memory_equal(text + 32, "case", 4);
    free(text);
}

static char *sheet(enum proof_format f, const struct delivery *d)
{
    struct buf b = {0};
    proof_begin(&b, f, "EHC-<1>", 1, at("2026-06-15T12:00:00Z"));
    proof_row(&b, f, d, 1);
    proof_end(&b, f);
    return take(&b);
}

static void test_proof(void **state)
{
    (void)state;
    struct delivery d = sample();
    char *text = sheet(PROOF_TEXT, &d);
    assert_non_null(strstr(text, "PROOF OF DELIVERY: CASE EHC-<1>\n\n1 message recorded"));
    assert_non_null(strstr(text, "    First attempted not yet\n"));
    assert_non_null(strstr(text, "    Last answer     none\n"));
    assert_non_null(strstr(text, "    Accepted        no\n"));
    assert_non_null(strstr(text, "    Acknowledged    no\n"));
    free(text);
    d.seen_by = "A. <Officer> & co";
    d.seen_at = d.accepted_at = at("2026-06-16T08:00:00Z");
    d.items = 3;
    d.attempts = 2;
    d.unrecorded = 1;
    d.replays = 1;
    text = sheet(PROOF_HTML, &d);
    assert_non_null(strstr(text, "case EHC-&lt;1&gt;</h1>"));
    assert_non_null(strstr(text, "<td>by A. &lt;Officer&gt; &amp; co, 16 June 2026 09:00:00 BST</td>"));
    assert_non_null(
        strstr(text, "<td>2 recorded, 1 more without a recorded outcome, queued again 1 time</td>"));
    assert_non_null(strstr(text, "3 obligations, this case among them"));
    assert_non_null(strstr(text, "<tr><th>Processed</th><td>no</td></tr>"));
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_london), cmocka_unit_test(test_answer), cmocka_unit_test(test_csv),
        cmocka_unit_test(test_json),   cmocka_unit_test(test_text),   cmocka_unit_test(test_proof),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
