#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "caseload_make.h"
#include "quality_list.h"

static civil_day on(const char *text)
{
    return made_day(text);
}

static void reject(struct made *m, enum finding_kind kind, int64_t id, const char *text, const char *day)
{
    intake_reject(m->intake, kind, id == 0 ? NULL : &id, text, strlen(text),
                  day == NULL ? CIVIL_NONE : made_day(day));
}

/* Two localities, a case with nothing wrong, rows of unknown cases. As of 2026-09-01. */
static void make(struct made *m)
{
    made_begin(m, on("2026-09-01"), LIMITS_ALL);
    made_case(m, 1, "A1", "North", "T1", "o1", CIVIL_NONE);
    made_case(m, 2, "A2", "South", "T1", "", on("2019-05-05"));
    made_case(m, 3, "A3", "South", "T2", "o2", CIVIL_NONE);
    made_case(m, 5, "A5", "North", "T2", "", CIVIL_NONE);
    made_case(m, 6, "A6", "North", "T1", "o1", CIVIL_NONE);
    made_case(m, 6, "twice", "South", "T2", "o2", CIVIL_NONE);
    made_claim(m, 1, GROUND_ABSENT, on("2026-02-01"), on("2026-02-05"));
    made_claim(m, 4, GROUND_PERSONAL, on("2026-03-01"), CIVIL_NONE);
    reject(m, FINDING_UNKNOWN_EVENT, 3, "lunch_held", "2026-08-01");
    made_fact(m, 1, EV_REQUEST_RECEIVED, "parent", on("2026-01-05"));
    made_fact(m, 1, EV_PLAN_ISSUED, "", on("2026-09-02"));
    made_fact(m, 2, EV_REQUEST_RECEIVED, "school", on("2026-08-03"));
    made_fact(m, 3, EV_REQUEST_RECEIVED, "school", on("2026-08-20"));
    made_fact(m, 4, EV_DRAFT_SENT, "", on("2026-04-04"));
    made_fact(m, 5, EV_REQUEST_RECEIVED, "school", on("2026-01-20"));
    made_fact(m, 5, EV_ASSESS_REFUSED, "", on("2026-02-20"));
    made_fact(m, 5, EV_ASSESS_REFUSED, "", on("2026-09-20"));
    made_fact(m, 6, EV_ASSESS_AGREED, "", on("2026-02-20"));
    reject(m, FINDING_BAD_DATE, 6, "plan_issued", NULL);
    reject(m, FINDING_UNKNOWN_CASE, 0, "draft_sent", "2026-08-02");
    made_end(m);
}

/* "ref kind event subject date; ...", and each row's text. */
static const char *listed(struct made *m, const struct quality_filter *f)
{
    static char out[2048];
    struct quality_list *list = quality_list_new(m->snapshot, f);
    size_t n = 0;
    assert_non_null(list);
    out[0] = '\0';
    for (size_t i = 0; i < list->n; i++) {
        struct quality_item item = quality_list_item(list, i);
        const struct finding *d = &item.finding;
        char day[CIVIL_TEXT_LEN];
        struct record_case k = {.ref = "-", .ref_len = 1};
        if (item.record != NULL)
            record_head(item.record, &k);
        n += (size_t)snprintf(out + n, sizeof out - n, "%s%.*s %s", i > 0 ? "; " : "", (int)k.ref_len, k.ref,
                              finding_id((enum finding_kind)d->kind));
        if (item.rejected != NULL)
            n += (size_t)snprintf(out + n, sizeof out - n, " %lld %s",
                                  item.rejected->has_case ? (long long)item.rejected->case_id : 0,
                                  item.rejected->text);
        else if (d->kind == FINDING_EXCEPTION_UNSUPPORTED)
            n += (size_t)snprintf(out + n, sizeof out - n, " %s %s", ground_name((enum ground)d->event),
                                  m->rulebook.rule[d->subject].limit->id);
        else if (d->event != EV_UNKNOWN)
            n += (size_t)snprintf(out + n, sizeof out - n, " %s %s", event_name((enum event)d->event),
                                  names_text(m->words->subjects, d->subject));
        if (d->on != CIVIL_NONE)
            n += (size_t)snprintf(out + n, sizeof out - n, " %s", civil_format(d->on, day));
    }
    assert_int_equal(list->unlisted, 0);
    quality_list_free(list);
    return out;
}

#define ORDER "A6 impossible_order assess_agreed  2026-02-20"
#define FUTURE                                                                                               \
    "A1 date_in_the_future plan_issued  2026-09-02; A5 date_in_the_future assess_refused  2026-09-20"
#define OFFICER "A2 missing_officer"
#define CLAIM   "A1 exception_unsupported absent assess_decision_6w 2026-02-01"
#define EVENT   "A3 unknown_event 3 lunch_held 2026-08-01"
#define STRAYS                                                                                               \
    "- unknown_case 4 draft_sent 2026-04-04; - unknown_case 4 personal 2026-03-01; "                         \
    "- unknown_case 0 draft_sent 2026-08-02"
#define DATE  "A6 bad_date 6 plan_issued"
#define TWICE "A6 double_case 6 twice"

static void all_of_it_by_kind_and_case(void **state)
{
    (void)state;
    struct made m;
    struct quality_filter f = quality_filter_default();
    make(&m);
    const char *got = listed(&m, &f);
    /* Rows come as they were rejected: a stray claim is only known as one when the events have passed it. */
    assert_string_equal(got, ORDER "; " FUTURE "; " OFFICER "; " CLAIM "; " EVENT "; " STRAYS "; " DATE
                                   "; " TWICE);
    made_free(&m);
}

static void a_part_of_it(void **state)
{
    (void)state;
    struct made m;
    struct quality_filter f = quality_filter_default();
    make(&m);
    f.kinds = 1u << FINDING_DATE_IN_THE_FUTURE | 1u << FINDING_BAD_DATE;
    assert_string_equal(listed(&m, &f), FUTURE "; " DATE);
    f = quality_filter_default();
    f.localities.number[f.localities.n++] = names_find(m.words->places, "South", 5);
    assert_string_equal(listed(&m, &f), OFFICER "; " EVENT); /* a row of no case is in no place */
    f.teams.number[f.teams.n++] = names_find(m.words->places, "T2", 2);
    assert_string_equal(listed(&m, &f), EVENT);
    f.officers.number[f.officers.n++] = names_find(m.words->places, "o1", 2);
    assert_string_equal(listed(&m, &f), "");
    made_free(&m);
}

static void they_are_counted(void **state)
{
    (void)state;
    struct made m;
    make(&m);
    size_t n = 0;
    for (int k = 0; k < FINDING_COUNT; k++)
        n += snapshot_findings(m.snapshot, (enum finding_kind)k);
    assert_int_equal(n, 11);
    assert_int_equal(snapshot_findings(m.snapshot, FINDING_DATE_IN_THE_FUTURE), 2);
    assert_int_equal(snapshot_findings(m.snapshot, FINDING_UNKNOWN_CASE), 3);
    assert_int_equal(snapshot_findings(m.snapshot, FINDING_EXCEPTIONS_IMPLAUSIBLE), 0);
    assert_int_equal(m.snapshot->tally.exceptions.obligations, 3);
    made_free(&m);
}

static void what_is_voided_is_not_found(void **state)
{
    (void)state;
    struct made m;
    struct err e = {""};
    made_begin(&m, on("2026-09-01"), LIMITS_ALL);
    made_case(&m, 1, "A1", "", "", "o", CIVIL_NONE);
    struct record_claim c = {{CIVIL_NONE, CIVIL_NONE, GROUND_CLAIMED}, TIME_NONE, 1};
    struct record_fact f = {.on = on("2026-09-05"), .event = EV_DRAFT_SENT, .recorded_at = 0, .voided_at = 1};
    assert_true(intake_claim(m.intake, 9, &c, &e));
    assert_true(intake_fact(m.intake, 1, &f, &e));
    assert_true(intake_fact(m.intake, 9, &f, &e));
    made_end(&m);
    struct quality_filter all = quality_filter_default();
    assert_string_equal(listed(&m, &all), "");
    made_free(&m);
}

/* Of 24 cases six carry an exception: a quarter is not more than a quarter. */
static void the_whole_caseload_is_judged(void **state)
{
    (void)state;
    for (int excepted = 6; excepted <= 7; excepted++) {
        struct made m;
        struct quality_filter f = quality_filter_default();
        made_begin(&m, on("2026-09-01"), LIMITS_ALL);
        for (int i = 0; i < 24; i++)
            made_case(&m, i, "x", "N", "", "o", CIVIL_NONE);
        for (int i = 0; i < excepted; i++)
            made_claim(&m, i, GROUND_CLAIMED, CIVIL_NONE, CIVIL_NONE);
        for (int i = 0; i < 24; i++)
            made_fact(&m, i, EV_REQUEST_RECEIVED, "", on(i % 2 ? "2026-08-20" : "2026-01-20"));
        made_end(&m);
        assert_int_equal(m.snapshot->tally.exceptions.excepted, excepted);
        f.kinds = 1u << FINDING_EXCEPTIONS_IMPLAUSIBLE;
        assert_string_equal(listed(&m, &f), excepted == 7 ? "- exceptions_implausible" : "");
        assert_int_equal(snapshot_findings(m.snapshot, FINDING_EXCEPTIONS_IMPLAUSIBLE), excepted == 7);
        f.localities.number[f.localities.n++] = names_find(m.words->places, "N", 1);
        assert_string_equal(listed(&m, &f), "");
        made_free(&m);
    }
}

static void a_thousand_rows_are_kept_and_all_are_counted(void **state)
{
    (void)state;
    struct made m;
    struct quality_filter f = quality_filter_default();
    made_begin(&m, on("2026-09-01"), LIMITS_ALL);
    for (int i = 0; i < REJECTS_KEPT + 234; i++)
        reject(&m, i % 2 ? FINDING_UNKNOWN_EVENT : FINDING_BAD_DATE, i + 1, "x", NULL);
    made_end(&m);
    struct quality_list *list = quality_list_new(m.snapshot, &f);
    assert_int_equal(list->n, REJECTS_KEPT);
    assert_int_equal(list->unlisted, 234);
    quality_list_free(list);
    f.kinds = 1u << FINDING_UNKNOWN_EVENT;
    list = quality_list_new(m.snapshot, &f);
    assert_int_equal(list->n, REJECTS_KEPT / 2);
    assert_int_equal(list->unlisted, 117);
    quality_list_free(list);
    assert_int_equal(snapshot_findings(m.snapshot, FINDING_BAD_DATE), 617);
    made_free(&m);
}

/* A partial reading sees too little to say anything new of the rows that took no part. */
static void a_partial_reading_keeps_the_rows(void **state)
{
    (void)state;
    struct made m;
    struct quality_filter f = quality_filter_default();
    static const int64_t only[] = {6};
    make(&m);
    struct snapshot *before = m.snapshot;
    m.intake = intake_new(&(struct intake_conf){.rulebook = &m.rulebook,
                                                .calendar = &m.calendar,
                                                .words = m.words,
                                                .ledger = &m.ledger,
                                                .before = before,
                                                .as_of = on("2026-09-01"),
                                                .read_at = MADE_READ_AT,
                                                .limits = LIMITS_ALL,
                                                .only = only,
                                                .n_only = 1});
    made_case(&m, 6, "A6", "North", "T1", "o1", CIVIL_NONE);
    reject(&m, FINDING_UNKNOWN_EVENT, 6, "again", NULL);
    made_fact(&m, 6, EV_REQUEST_RECEIVED, "", on("2026-02-01"));
    made_fact(&m, 6, EV_ASSESS_AGREED, "", on("2026-02-20"));
    made_end(&m);
    snapshot_unref(before);
    assert_string_equal(listed(&m, &f),
                        FUTURE "; " OFFICER "; " CLAIM "; " EVENT "; " STRAYS "; " DATE "; " TWICE);
    made_free(&m);
}

static void text_is_cut_between_characters(void **state)
{
    (void)state;
    static const char e_acute[] = "\xc3\xa9";
    char text[64] = "";
    int64_t id = INT64_MIN;
    for (int i = 0; i < 39; i++)
        text[i] = 'x';
    memcpy(text + 39, e_acute, sizeof e_acute);
    struct reject r = reject_row(FINDING_UNKNOWN_EVENT, &id, text, 41, CIVIL_NONE);
    assert_int_equal(strlen(r.text), 39);
    assert_true(r.has_case && r.case_id == INT64_MIN);
    r = reject_row(FINDING_UNKNOWN_EVENT, NULL, text + 1, 40, CIVIL_NONE);
    assert_string_equal(r.text, text + 1);
    assert_false(r.has_case);
    assert_string_equal(reject_row(FINDING_BAD_DATE, NULL, "", 0, 1).text, "");
    assert_string_equal(reject_row(FINDING_BAD_DATE, NULL, NULL, 0, 1).text, "");
    memset(text, 0x80, sizeof text); /* no UTF-8 at all */
    assert_string_equal(reject_row(FINDING_BAD_DATE, NULL, text, sizeof text, 1).text, "");
}

static void a_found_is_small(void **state)
{
    (void)state;
    assert_int_equal(sizeof(struct found), 12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_of_it_by_kind_and_case),
        cmocka_unit_test(a_part_of_it),
        cmocka_unit_test(they_are_counted),
        cmocka_unit_test(what_is_voided_is_not_found),
        cmocka_unit_test(the_whole_caseload_is_judged),
        cmocka_unit_test(a_thousand_rows_are_kept_and_all_are_counted),
        cmocka_unit_test(a_partial_reading_keeps_the_rows),
        cmocka_unit_test(text_is_cut_between_characters),
        cmocka_unit_test(a_found_is_small),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
