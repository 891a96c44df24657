/* The calendar feed: its lines, its events, and that it is the same in whatever pieces it is read. That others understand it is for
 * tests/integration/test_deadlines.py. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "calendar_text.h"
#include "caseload_make.h"

static const struct {
    const char *value, *line;
} lines[] = {
    {"plain", "NAME:plain\r\n"},
    {"", "NAME:\r\n"},
    {"a,b;c\\d\ne", "NAME:a\\,b\\;c\\\\d\\ne\r\n"},
    {"\r\001x\x7fy\tz", "NAME:xyz\r\n"},
    {"\xff\xc3(", "NAME:\xef\xbf\xbd\xef\xbf\xbd(\r\n"},
    /* 70 octets beside the name and its colon fit, the 71st does not. */
    {"0123456789012345678901234567890123456789012345678901234567890123456789",
     "NAME:0123456789012345678901234567890123456789012345678901234567890123456789\r\n"},
    {"01234567890123456789012345678901234567890123456789012345678901234567890",
     "NAME:0123456789012345678901234567890123456789012345678901234567890123456789\r\n 0\r\n"},
    /* Nor is a character or an escape cut in two. */
    {"012345678901234567890123456789012345678901234567890123456789012345678\xc3\xa9",
     "NAME:012345678901234567890123456789012345678901234567890123456789012345678\r\n \xc3\xa9\r\n"},
    {"012345678901234567890123456789012345678901234567890123456789012345678,",
     "NAME:012345678901234567890123456789012345678901234567890123456789012345678\r\n \\,\r\n"},
};

static void folds_and_escapes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        struct buf b = {0};
        calendar_line(&b, "NAME", lines[i].value);
        assert_string_equal(b.p, lines[i].line);
        buf_free(&b);
    }
}

static void long_lines_fold_again(void **state)
{
    (void)state;
    char value[1001];
    struct buf b = {0};
    size_t n = 0, octets = 0;
    memset(value, 'x', 1000);
    value[1000] = '\0';
    calendar_line(&b, "X", value);
    for (const char *s = b.p; *s != '\0'; n++) {
        const char *end = strstr(s, "\r\n");
        assert_true(end - s <= 75);
        octets += (size_t)(end - s) - (n > 0); /* without the blank of a fold */
        s = end + 2;
    }
    assert_int_equal(octets, 1002);
    assert_int_equal(n, 14);
    buf_free(&b);
}

#define AS_OF "2026-09-01"

/* Overdue, at risk, on track, excepted, done; another team. */
static void make(struct made *m)
{
    made_begin(m, made_day(AS_OF), LIMITS_ALL);
    made_case(m, 1, "EHC-0001", "North", "T1", "A. Officer", CIVIL_NONE);
    made_case(m, 2, "EHC,0002", "North", "T1", "", CIVIL_NONE);
    made_case(m, 3, "EHC-0003", "", "T2", "", CIVIL_NONE);
    made_case(m, 4, "EHC-0004", "North", "T1", "", CIVIL_NONE);
    made_case(m, 5, "EHC-0005", "North", "T1", "", CIVIL_NONE);
    made_claim(m, 4, GROUND_PERSONAL, made_day("2026-02-20"), CIVIL_NONE);
    made_fact(m, 1, EV_REQUEST_RECEIVED, "", made_day("2026-03-02"));
    made_fact(m, 2, EV_REQUEST_RECEIVED, "", made_day("2026-07-23"));
    made_fact(m, 3, EV_REQUEST_RECEIVED, "", made_day("2026-08-30"));
    made_fact(m, 4, EV_REQUEST_RECEIVED, "", made_day("2026-02-01"));
    made_fact(m, 5, EV_REQUEST_RECEIVED, "", made_day("2026-03-02"));
    made_fact(m, 5, EV_ASSESS_REFUSED, "", made_day("2026-03-12"));
    made_end(m);
}

static struct breach_filter filter_of(const char *limit)
{
    struct breach_filter f = breach_filter_default();
    f.states = CALENDAR_STATES;
    if (limit != NULL)
        f.limits = LIMIT_BIT(limit_by_id(limit));
    return f;
}

static const char *link_base;

static char *read_all(struct made *m, const struct breach_filter *f, size_t piece)
{
    struct calendar in_force = m->calendar;
    struct err e;
    const struct judge_how how = {&m->rulebook,       &in_force, m->words,
                                  m->snapshot->as_of, KNOWN_NOW, LIMITS_ALL};
    const struct calendar_text t = {&m->rulebook, &in_force,        m->words,
                                    MADE_READ_AT, "Deadlines; all", link_base};
    struct calendar_feed *feed = calendar_feed_new(m->snapshot, &how, f, &t);
    /* A reload brings another calendar, in the place of this one: the feed stays what it was. */
    assert_true(calendar_overlay(&in_force, "reload", "2026-04-10\n", 11, &e));
    struct buf b = {0};
    char out[4096];
    size_t n;
    while ((n = calendar_feed_read(feed, out, piece)) != 0) {
        assert_true(n != CALENDAR_FAILED);
        if (n != CALENDAR_AGAIN)
            buf_bytes(&b, out, n);
    }
    calendar_feed_free(feed);
    return buf_take(&b, NULL);
}

static const char decisions[] =
    "BEGIN:VCALENDAR\r\n"
    "VERSION:2.0\r\n"
    "PRODID:-//ehcwatchd//Statutory deadlines//EN\r\n"
    "CALSCALE:GREGORIAN\r\n"
    "METHOD:PUBLISH\r\n"
    "NAME:Deadlines\\; all\r\n"
    "X-WR-CALNAME:Deadlines\\; all\r\n"
    "REFRESH-INTERVAL;VALUE=DURATION:PT1H\r\n"
    "X-PUBLISHED-TTL:PT1H\r\n"
    "BEGIN:VEVENT\r\n"
    "UID:@1\r\n"
    "DTSTAMP:20260901T100000Z\r\n"
    "LAST-MODIFIED:20260414T000000Z\r\n"
    "SEQUENCE:2\r\n"
    "DTSTART;VALUE=DATE:20260413\r\n"
    "DTEND;VALUE=DATE:20260414\r\n"
    "SUMMARY:EHC-0001: Decide whether to assess (overdue)\r\n"
    "DESCRIPTION:Overdue. Was to act by Friday 10 April 2026\\nDue Monday 13 April 2026\\nBegan Monday 2 "
    "March 2026\\nSEND Regulations 2014 reg 5(1)\\nLocality: North\\nTeam: T1\\nOfficer: A. Officer\r\n"
    "CATEGORIES:overdue\r\n"
    "TRANSP:TRANSPARENT\r\n"
    "END:VEVENT\r\n"
    "BEGIN:VEVENT\r\n"
    "UID:@2\r\n"
    "DTSTAMP:20260901T100000Z\r\n"
    "LAST-MODIFIED:20260820T000000Z\r\n"
    "SEQUENCE:1\r\n"
    "DTSTART;VALUE=DATE:20260903\r\n"
    "DTEND;VALUE=DATE:20260904\r\n"
    "SUMMARY:EHC\\,0002: Decide whether to assess (due)\r\n"
    "DESCRIPTION:Act by Wednesday 2 September 2026\\nDue Thursday 3 September 2026\\nBegan Thursday 23 July "
    "2026\\nSEND Regulations 2014 reg 5(1)\\nLocality: North\\nTeam: T1\r\n"
    "CATEGORIES:due\r\n"
    "TRANSP:TRANSPARENT\r\n"
    "END:VEVENT\r\n"
    "BEGIN:VEVENT\r\n"
    "UID:@3\r\n"
    "DTSTAMP:20260901T100000Z\r\n"
    "LAST-MODIFIED:20260830T000000Z\r\n"
    "SEQUENCE:0\r\n"
    "DTSTART;VALUE=DATE:20261011\r\n"
    "DTEND;VALUE=DATE:20261012\r\n"
    "SUMMARY:EHC-0003: Decide whether to assess (due)\r\n"
    "DESCRIPTION:Act by Friday 9 October 2026\\nDue Sunday 11 October 2026\\nBegan Sunday 30 August "
    "2026\\nSEND Regulations 2014 reg 5(1)\\nTeam: T2\r\n"
    "CATEGORIES:due\r\n"
    "TRANSP:TRANSPARENT\r\n"
    "END:VEVENT\r\n";

/* Cuts each UID down to its number, and keeps it. */
static size_t number_uids(char *text, char uids[][64])
{
    size_t n = 0;
    for (char *s = text; (s = strstr(s, "UID:")) != NULL; s += 4) {
        char *end = strstr(s, "\r\n"), *at = s + 4;
        snprintf(uids[n], 64, "%.*s", (int)(end - at), at);
        n++;
        *at++ = '@';
        *at++ = (char)('0' + n);
        memmove(at, end, strlen(end) + 1);
    }
    return n;
}

static void unfold(char *text)
{
    for (char *s = text; (s = strstr(s, "\r\n ")) != NULL;)
        memmove(s, s + 3, strlen(s + 3) + 1);
}

static void an_event_for_each_that_is_owed(void **state)
{
    (void)state;
    struct made m;
    char uids[9][64];
    make(&m);
    struct breach_filter f = filter_of("assess_decision_6w");
    char *text = read_all(&m, &f, 4096);
    assert_true(number_uids(text, uids) >= 3);
    unfold(text);
    text[sizeof decisions - 1] = '\0'; /* the fourth is the next test's */
    assert_string_equal(text, decisions);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(strlen(uids[i]), 32 + strlen("@ehcwatchd"));
        assert_string_equal(uids[i] + 32, "@ehcwatchd");
        assert_string_not_equal(uids[i], uids[(i + 1) % 3]);
    }
    free(text);
    made_free(&m);
}

static void an_excepted_one_says_so(void **state)
{
    (void)state;
    struct made m;
    make(&m);
    struct breach_filter f = filter_of(NULL);
    char *text = read_all(&m, &f, 4096);
    assert_non_null(strstr(text, "SUMMARY:EHC-0004: Decide whether to assess (overdue\\, excepted)\r\n"));
    assert_null(strstr(text, "EHC-0005"));
    assert_non_null(strstr(text, "EHC-0003: Issue the final plan (due)"));
    free(text);
    made_free(&m);
}

static void the_same_in_any_pieces(void **state)
{
    (void)state;
    struct made m;
    make(&m);
    struct breach_filter f = filter_of(NULL);
    char *whole = read_all(&m, &f, 4096);
    for (size_t piece = 1; piece < 200; piece += 13) {
        char *again = read_all(&m, &f, piece);
        assert_string_equal(again, whole);
        free(again);
    }
    free(whole);
    made_free(&m);
}

static void events_link_to_their_case(void **state)
{
    (void)state;
    struct made m;
    make(&m);
    struct breach_filter f = filter_of("assess_decision_6w");
    link_base = "https://ehc.example.gov.uk";
    char *text = read_all(&m, &f, 4096);
    link_base = NULL;
    assert_non_null(strstr(text, "\r\nURL:https://ehc.example.gov.uk/v1/cases/EHC-0001\r\n"));
    assert_non_null(strstr(text, "\r\nURL:https://ehc.example.gov.uk/v1/cases/EHC%2C0002\r\n"));
    free(text);
    made_free(&m);
}

static void places_are_held_to(void **state)
{
    (void)state;
    struct made m;
    make(&m);
    struct breach_filter f = filter_of(NULL);
    f.teams.number[f.teams.n++] = names_add(m.words->places, "T2", 2);
    char *text = read_all(&m, &f, 4096);
    assert_non_null(strstr(text, "EHC-0003"));
    assert_null(strstr(text, "EHC-0001"));
    free(text);
    made_free(&m);
}

static void an_empty_one_has_a_component(void **state)
{
    (void)state;
    struct made m;
    make(&m);
    struct breach_filter f = filter_of(NULL);
    f.teams.number[f.teams.n++] = names_add(m.words->places, "nobody", 6);
    char *text = read_all(&m, &f, 4096);
    assert_non_null(strstr(text, "\r\nX-PUBLISHED-TTL:PT1H\r\nBEGIN:VTIMEZONE\r\nTZID:Europe/London\r\n"));
    assert_non_null(strstr(text, "END:VTIMEZONE\r\nEND:VCALENDAR\r\n"));
    free(text);
    made_free(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(folds_and_escapes),
        cmocka_unit_test(long_lines_fold_again),
        cmocka_unit_test(an_event_for_each_that_is_owed),
        cmocka_unit_test(an_excepted_one_says_so),
        cmocka_unit_test(the_same_in_any_pieces),
        cmocka_unit_test(events_link_to_their_case),
        cmocka_unit_test(places_are_held_to),
        cmocka_unit_test(an_empty_one_has_a_component),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
