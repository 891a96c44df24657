#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>

#include "caseload_make.h"
#include "quality_text.h"
#include "utf8.h"

#define HEADER "case_ref,case_id,kind,severity,event,subject,occurred_on,explanation,locality,team,officer\n"

static void make(struct made *m)
{
    const int64_t sixth = 6;
    made_begin(m, made_day("2026-09-01"), LIMITS_ALL);
    made_case(m, 1, "=1+1", "North, \"Upper\"", "@team", "-officer", made_day("2026-08-17"));
    made_case(m, 2, "A/2", "\xff\xfeNord", "\xc3\x89quipe", "", CIVIL_NONE);
    made_claim(m, 2, GROUND_ABSENT, made_day("2026-02-01"), made_day("2026-02-05"));
    intake_reject(m->intake, FINDING_UNKNOWN_EVENT, &(int64_t){2}, "=lunch,\xff", 8, made_day("2026-03-01"));
    intake_reject(m->intake, FINDING_BAD_DATE, &sixth, "plan_issued", 11, CIVIL_NONE);
    intake_reject(m->intake, FINDING_UNKNOWN_CASE, NULL, "draft_sent", 10, made_day("2026-08-02"));
    made_fact(m, 1, EV_REQUEST_RECEIVED, "parent", made_day("2026-08-05"));
    made_fact(m, 1, EV_CONSULTATION_SENT, "+S1", made_day("2026-09-02"));
    made_fact(m, 2, EV_REQUEST_RECEIVED, "", made_day("2026-01-05"));
    made_end(m);
}

static struct quality_cursor *cursor(struct made *m, enum quality_format format)
{
    struct quality_filter f = quality_filter_default();
    return quality_cursor_new(quality_list_new(m->snapshot, &f), format, INT64_C(1788256801000000));
}

static char *read_all(struct made *m, enum quality_format format, size_t max, size_t *len)
{
    struct quality_cursor *c = cursor(m, format);
    struct buf all = {0};
    char *piece = malloc(max);
    size_t n;
    while ((n = quality_cursor_read(c, piece, max)) != 0) {
        assert_true(n <= max);
        buf_bytes(&all, piece, n);
    }
    assert_int_equal(quality_cursor_read(c, piece, max), 0);
    quality_cursor_free(c);
    free(piece);
    return buf_take(&all, len);
}

static void csv(void **state)
{
    (void)state;
    struct made m;
    size_t n;
    make(&m);
    char *t = read_all(&m, QUALITY_CSV, 32768, &n);
#define OF(kind) finding_explanation(kind)
    char want[4096];
    snprintf(want, sizeof want,
             HEADER "'=1+1,1,date_in_the_future,error,consultation_sent,'+S1,2026-09-02,%s,\"North, "
                    "\"\"Upper\"\"\",'@team,'-officer\n"
                    "'=1+1,1,born_after_request,error,request_received,parent,2026-08-05,%s,\"North, "
                    "\"\"Upper\"\"\",'@team,'-officer\n"
                    "A/2,2,missing_officer,note,,,,%s,\xef\xbf\xbd\xef\xbf\xbdNord,\xc3\x89quipe,\n"
                    "A/"
                    "2,2,exception_unsupported,warning,absent,assess_decision_6w,2026-02-01,\"%s\","
                    "\xef\xbf\xbd\xef\xbf\xbdNord,\xc3\x89quipe,\n"
                    "A/"
                    "2,2,unknown_event,error,\"'=lunch,\xef\xbf\xbd\",,2026-03-01,%s,"
                    "\xef\xbf\xbd\xef\xbf\xbdNord,\xc3\x89quipe,\n"
                    ",,unknown_case,error,draft_sent,,2026-08-02,%s,,,\n"
                    ",6,bad_date,error,plan_issued,,,\"%s\",,,\n",
             OF(FINDING_DATE_IN_THE_FUTURE), OF(FINDING_BORN_AFTER_REQUEST), OF(FINDING_MISSING_OFFICER),
             OF(FINDING_EXCEPTION_UNSUPPORTED), OF(FINDING_UNKNOWN_EVENT), OF(FINDING_UNKNOWN_CASE),
             OF(FINDING_BAD_DATE));
    assert_string_equal(t, want);
    assert_true(utf8_valid(t));
    assert_null(strstr(t, "2026-08-17")); /* the birth date */
    free(t);
    made_free(&m);
}

static void json(void **state)
{
    (void)state;
    struct made m;
    size_t n;
    make(&m);
    char *t = read_all(&m, QUALITY_JSON, 32768, &n);
    json_error_t e;
    json_t *o = json_loads(t, JSON_REJECT_DUPLICATES, &e), *items = json_object_get(o, "items");
    assert_non_null(o);
    assert_string_equal(json_string_value(json_object_get(o, "as_of")), "2026-09-01");
    assert_string_equal(json_string_value(json_object_get(o, "known_at")), "2026-09-01T10:00:00.123456Z");
    assert_string_equal(json_string_value(json_object_get(o, "rulebook")), RULEBOOK_VERSION);
    assert_int_equal(json_integer_value(json_object_get(o, "findings")), 7);
    assert_int_equal(json_integer_value(json_object_get(o, "unlisted")), 0);
    const json_t *x = json_object_get(o, "exceptions");
    assert_int_equal(json_integer_value(json_object_get(x, "obligations")), 2);
    assert_int_equal(json_integer_value(json_object_get(x, "excepted")), 0);
    assert_true(json_is_false(json_object_get(x, "implausible")));
    assert_int_equal(json_array_size(items), 7);
    for (size_t i = 0; i < 7; i++)
        assert_int_equal(json_object_size(json_array_get(items, i)), 11);
    const json_t *first = json_array_get(items, 0), *officer = json_array_get(items, 2),
                 *stray = json_array_get(items, 5), *bad = json_array_get(items, 6);
    assert_string_equal(json_string_value(json_object_get(first, "case_ref")), "=1+1");
    assert_string_equal(json_string_value(json_object_get(first, "subject")), "+S1");
    assert_string_equal(json_string_value(json_object_get(first, "locality")), "North, \"Upper\"");
    assert_true(json_is_null(json_object_get(officer, "event")));
    assert_string_equal(json_string_value(json_object_get(officer, "officer")), "");
    assert_true(json_is_null(json_object_get(stray, "case_ref")));
    assert_true(json_is_null(json_object_get(stray, "case_id")));
    assert_true(json_is_null(json_object_get(stray, "locality")));
    assert_int_equal(json_integer_value(json_object_get(bad, "case_id")), 6);
    assert_true(json_is_null(json_object_get(bad, "occurred_on")));
    assert_null(strstr(t, "2026-08-17"));
    json_decref(o);
    free(t);
    made_free(&m);
}

static void any_size_of_piece_gives_the_same(void **state)
{
    (void)state;
    static const size_t sizes[] = {1, 7, 100, 65536};
    struct made m;
    make(&m);
    for (int f = QUALITY_CSV; f <= QUALITY_JSON; f++) {
        size_t n, k;
        char *whole = read_all(&m, (enum quality_format)f, 1000000, &n);
        for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
            char *t = read_all(&m, (enum quality_format)f, sizes[i], &k);
            assert_int_equal(k, n);
            assert_memory_equal(t, whole, n);
            free(t);
        }
        free(whole);
    }
    made_free(&m);
}

/* More rows than one piece holds, read while the snapshot has gone from everywhere else. */
static void a_long_list(void **state)
{
    (void)state;
    struct made m;
    made_begin(&m, made_day("2026-09-01"), LIMITS_ALL);
    for (int i = 0; i < 5000; i++) {
        char ref[16];
        snprintf(ref, sizeof ref, "E%d", i);
        made_case(&m, i, ref, "N", "T", "", CIVIL_NONE);
    }
    made_end(&m);
    struct quality_cursor *c = cursor(&m, QUALITY_CSV);
    snapshot_unref(m.snapshot);
    m.snapshot = NULL;
    char piece[8192];
    size_t n, lines = 0, whole = 0;
    while ((n = quality_cursor_read(c, piece, sizeof piece)) != 0) {
        assert_true(n <= sizeof piece);
        whole += n;
        for (size_t i = 0; i < n; i++)
            lines += piece[i] == '\n';
    }
    assert_int_equal(lines, 5001);
    assert_true(whole > 5000 * 60);
    quality_cursor_free(c);
    made_free(&m);
}

static void nothing_is_wrong(void **state)
{
    (void)state;
    struct made m;
    size_t n;
    made_begin(&m, made_day("2026-09-01"), LIMITS_ALL);
    made_end(&m);
    char *t = read_all(&m, QUALITY_CSV, 100, &n);
    assert_string_equal(t, HEADER);
    free(t);
    t = read_all(&m, QUALITY_JSON, 100, &n);
    assert_non_null(strstr(t, "\"findings\":0,"));
    assert_string_equal(strstr(t, "\"items\""), "\"items\":[]}\n");
    free(t);
    made_free(&m);
    quality_cursor_free(NULL);
}

static void a_row_of_evaluate(void **state)
{
    (void)state;
    struct buf b = {0};
    struct finding_words w = {"lunch_held", ""};
    finding_csv_row(&b, "EHC-1", FINDING_UNKNOWN_EVENT, w, CIVIL_NONE, "events.csv:12");
    finding_csv_row(&b, "EHC-1", FINDING_MISSING_OFFICER, (struct finding_words){"", ""}, CIVIL_NONE, "");
    assert_string_equal(b.p, "EHC-1,unknown_event,lunch_held,,,events.csv:12: the event is not in the "
                             "vocabulary: the row takes no part\n"
                             "EHC-1,missing_officer,,,,the case is open and no officer is named for it\n");
    assert_string_equal(finding_csv_header(), "case_ref,kind,event,subject,occurred_on,explanation\n");
    buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(csv),
        cmocka_unit_test(json),
        cmocka_unit_test(any_size_of_piece_gives_the_same),
        cmocka_unit_test(a_long_list),
        cmocka_unit_test(nothing_is_wrong),
        cmocka_unit_test(a_row_of_evaluate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
