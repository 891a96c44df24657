#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "casework.h"
#include "count.h"

static civil_day due(enum limit_count c, int n, civil_day start, bool *exhausted)
{
    struct calendar cal;
    calendar_builtin(&cal);
    return count_due(c, n, start, &cal, NULL, start, exhausted);
}

/* --- every day --------------------------------------------------------------------------------------------------------- */

#define EVERY_DAY(d) (civil_day d = day("2014-01-01"); d <= day("2060-12-31"); d++)

static void plain_counts_add_days(void **state)
{
    (void)state;
    for
        EVERY_DAY(d)
        {
            bool exhausted = false;
            for (int n = 0; n < 25; n += 6) {
                assert_int_equal(due(COUNT_WITHIN_WEEKS, n, d, &exhausted), d + 7 * n);
                assert_int_equal(due(COUNT_WITHIN_DAYS, n, d, &exhausted), d + n);
                assert_int_equal(due(COUNT_DAYS_BEGINNING_WITH, n, d, &exhausted), d + n - 1);
                assert_int_equal(due(COUNT_NOTICE_WEEKS, n, d, &exhausted), d - 7 * n);
            }
            assert_false(exhausted);
        }
}

static void months_end_the_day_before_the_corresponding_date(void **state)
{
    (void)state;
    static const int months[] = {1, 2, 3, 6, 12, 24};
    for
        EVERY_DAY(d)
        {
            bool exhausted = false;
            struct civil_ymd s = civil_to_ymd(d);
            for (size_t i = 0; i < sizeof months / sizeof months[0]; i++) {
                int n = months[i], m0 = s.year * 12 + s.month - 1 + n,
                    last = civil_month_length(m0 / 12, m0 % 12 + 1);
                civil_day end = due(COUNT_MONTHS_STARTING_WITH, n, d, &exhausted);
                if (s.day <= last) /* the corresponding date exists */
                    assert_int_equal(end + 1, civil_from_ymd(m0 / 12, m0 % 12 + 1, s.day));
                else
                    assert_int_equal(end, civil_from_ymd(m0 / 12, m0 % 12 + 1, last));
                assert_int_equal(due(COUNT_MONTHS_STARTING_WITH_LESS_28D, n, d, &exhausted), end - 28);
                assert_int_equal(due(COUNT_MONTHS_AFTER, n, d, &exhausted), civil_add_months(d, n));
                assert_int_equal(due(COUNT_MONTHS_BEFORE, n, d, &exhausted), civil_add_months(d, -n));
                /* never more than the period after the start, never a day short of a month's clamp */
                assert_in_range(civil_add_months(d, n) - end, 0, 1);
            }
            assert_false(exhausted);
        }
}

static void dates_before_which_are_of_the_year_of_transfer(void **state)
{
    (void)state;
    for
        EVERY_DAY(d)
        {
            char want[CIVIL_TEXT_LEN + 8];
            snprintf(want, sizeof want, "%04d-02-14", civil_to_ymd(d).year);
            assert_day_equal(due(COUNT_BEFORE_15_FEB, 0, d, NULL), want);
            snprintf(want, sizeof want, "%04d-03-30", civil_to_ymd(d).year);
            assert_day_equal(due(COUNT_BEFORE_31_MAR, 0, d, NULL), want);
        }
}

typedef bool counts_fn(const struct calendar *, civil_day);

/* The result is a day that counts, and exactly n of them lie in the span. */
static void check_span(const struct calendar *cal, counts_fn *counts, enum limit_count c, int n,
                       civil_day from, civil_day start)
{
    bool exhausted = false;
    civil_day end = count_due(c, n, start, cal, NULL, start, &exhausted);
    int seen = 0;
    for (civil_day d = from; d <= end; d++)
        seen += counts(cal, d);
    if (!counts(cal, end) || seen != n)
        fail_msg("%s %d from %s: %s holds %d", limit_count_name(c), n, text_of(start), text_of(end), seen);
    assert_int_equal(exhausted, end > cal->last_known);
}

static void working_days_are_counted_one_by_one(void **state)
{
    (void)state;
    struct calendar cal;
    calendar_builtin(&cal);
    static const int ns[] = {1, 3, 15, 30};
    for
        EVERY_DAY(d)
        {
            for (size_t i = 0; i < sizeof ns / sizeof ns[0]; i++) {
                check_span(&cal, calendar_is_working_day, COUNT_WORKING_DAYS_AFTER, ns[i], d + 1, d);
                check_span(&cal, calendar_is_working_day, COUNT_WORKING_DAYS_BEGINNING_WITH, ns[i], d, d);
                check_span(&cal, calendar_is_tribunal_day, COUNT_TRIBUNAL_DAYS_AFTER, ns[i], d + 1, d);
            }
            /* with no move on record the awareness itself is day 1 */
            assert_int_equal(due(COUNT_MOVE_WORKING_DAYS, 15, d, NULL),
                             due(COUNT_WORKING_DAYS_BEGINNING_WITH, 15, d, NULL));
        }
}

static void a_later_start_is_never_due_earlier(void **state)
{
    (void)state;
    struct calendar cal;
    calendar_builtin(&cal);
    for (int c = 0; c < COUNT_COUNT; c++) {
        civil_day before = CIVIL_NONE;
        for
            EVERY_DAY(d)
            {
                civil_day now = count_due((enum limit_count)c, 5, d, &cal, NULL, d, NULL);
                if (now < before)
                    fail_msg("%s: %s is due before the day before", limit_count_name((enum limit_count)c),
                             text_of(d));
                before = now;
            }
    }
}

static void exhausted_is_set_and_never_taken_back(void **state)
{
    (void)state;
    struct calendar cal;
    struct err e;
    bool exhausted = true;
    calendar_builtin(&cal);
    due(COUNT_WORKING_DAYS_AFTER, 1, day("2026-01-05"), &exhausted);
    assert_true(exhausted);
    exhausted = false;
    assert_day_equal(due(COUNT_WORKING_DAYS_AFTER, 1, day("2028-12-28"), &exhausted), "2028-12-29");
    assert_false(exhausted);
    assert_day_equal(due(COUNT_WORKING_DAYS_AFTER, 1, day("2028-12-29"), &exhausted), "2029-01-01");
    assert_true(exhausted); /* 1 January: only weekends are known there */
    exhausted = false;
    assert_true(calendar_overlay(&cal, "x", "2029-01-01\n", 11, &e));
    assert_day_equal(count_due(COUNT_WORKING_DAYS_AFTER, 1, day("2028-12-29"), &cal, NULL, 0, &exhausted),
                     "2029-01-02");
    assert_false(exhausted);
}

/* --- counts that look at the facts ---------------------------------------------------------------------------------------- */

static struct row {
    const char *name;
    const char *facts;
    enum limit_count count;
    int n;
    const char *start, *as_of, *due;
    bool exhausted;
} with_facts[] = {
    {"moved before 15 working days were over", "2026-06-01 moved_out", COUNT_MOVE_WORKING_DAYS, 15,
     "2026-05-20", "2026-07-01", "2026-06-10"},
    {"known exactly 15 working days before", "2026-06-11 moved_out", COUNT_MOVE_WORKING_DAYS, 15,
     "2026-05-20", "2026-05-21", "2026-06-11"},
    {"known 14 working days before", "2026-06-10 moved_out", COUNT_MOVE_WORKING_DAYS, 15, "2026-05-20",
     "2026-05-21", "2026-06-10"},
    {"known long before: the day of the move", "2026-09-01 moved_out", COUNT_MOVE_WORKING_DAYS, 15,
     "2026-05-20", "2026-05-21", "2026-09-01"},
    {"only the first move on or after the start",
     "2026-05-19 moved_out, 2026-05-20 moved_out, 2026-09-01 moved_out", COUNT_MOVE_WORKING_DAYS, 15,
     "2026-05-20", "2026-05-21", "2026-06-10"},
    {"known long before: the day of the move is not counted to", "2029-12-03 moved_out",
     COUNT_MOVE_WORKING_DAYS, 15, "2026-01-10", "2026-05-21", "2029-12-03", false},
    {"past the calendar: known 15 working days before, as far as is known", "2029-12-03 moved_out",
     COUNT_MOVE_WORKING_DAYS, 15, "2028-12-15", "2028-12-20", "2029-12-03", true},
    {"past the calendar: whether it was known in time", "2028-12-30 moved_out", COUNT_MOVE_WORKING_DAYS, 15,
     "2028-12-08", "2028-12-20", "2029-01-01", true},
    {"a move before the awareness does not count", "2026-05-19 moved_out", COUNT_MOVE_WORKING_DAYS, 15,
     "2026-05-20", "2026-05-21", "2026-06-10"},
    {"transfer review: nothing before", "", COUNT_TRANSFER_REVIEW_MONTHS, 0, "2026-02-01", "2026-07-01",
     "2026-04-30"},
    {"transfer review: twelve months from the plan", "2025-09-10 plan_issued", COUNT_TRANSFER_REVIEW_MONTHS,
     0, "2026-02-01", "2026-07-01", "2026-09-09"},
    {"transfer review: the last review decides",
     "2024-01-01 plan_issued, 2025-12-01 review_decided_maintain, 2025-11-01 review_decided_cease",
     COUNT_TRANSFER_REVIEW_MONTHS, 0, "2026-02-01", "2026-07-01", "2026-11-30"},
    {"transfer review: three months are later", "2025-03-01 review_decided_amend",
     COUNT_TRANSFER_REVIEW_MONTHS, 0, "2026-02-01", "2026-07-01", "2026-04-30"},
    {"transfer review: a review on the day itself is none before it", "2026-02-01 review_decided_amend",
     COUNT_TRANSFER_REVIEW_MONTHS, 0, "2026-02-01", "2026-07-01", "2026-04-30"},
    {"ceasing: two months", "", COUNT_CEASE_FLOOR_MONTHS, 2, "2026-01-31", "2026-07-01", "2026-03-31"},
    {"ceasing: a certificate at the end lengthens", "2026-07-10 mediation_certificate",
     COUNT_CEASE_FLOOR_MONTHS, 2, "2026-05-13", "2026-09-01", "2026-08-10"},
    {"ceasing: of two certificates the last",
     "2026-06-20 mediation_certificate, 2026-07-13 mediation_certificate", COUNT_CEASE_FLOOR_MONTHS, 2,
     "2026-05-13", "2026-09-01", "2026-08-13"},
    {"ceasing: a certificate after the two months is too late", "2026-07-14 mediation_certificate",
     COUNT_CEASE_FLOOR_MONTHS, 2, "2026-05-13", "2026-09-01", "2026-07-13"},
    {"ceasing: a certificate before the notice is of something else", "2026-05-12 mediation_certificate",
     COUNT_CEASE_FLOOR_MONTHS, 2, "2026-05-13", "2026-09-01", "2026-07-13"},
    {"ceasing: an early certificate shortens nothing", "2026-05-14 mediation_certificate",
     COUNT_CEASE_FLOOR_MONTHS, 2, "2026-05-13", "2026-09-01", "2026-07-13"},
    {"ceasing: while the appeal is pending, not yet", "2026-07-13 appeal_received", COUNT_CEASE_FLOOR_MONTHS,
     2, "2026-05-13", "2026-11-22", "2026-11-22"},
    {"ceasing: up to the day before the order", "2026-07-01 appeal_received, 2026-12-01 tribunal_order cease",
     COUNT_CEASE_FLOOR_MONTHS, 2, "2026-05-13", "2027-01-01", "2026-11-30"},
    {"ceasing: withdrawn inside the two months", "2026-06-01 appeal_received, 2026-06-20 appeal_withdrawn",
     COUNT_CEASE_FLOOR_MONTHS, 2, "2026-05-13", "2027-01-01", "2026-07-13"},
    {"ceasing: an order of the day of the appeal ends it",
     "2026-07-13 appeal_received, 2026-07-13 tribunal_order cease", COUNT_CEASE_FLOOR_MONTHS, 2, "2026-05-13",
     "2027-01-01", "2026-07-13"},
    {"ceasing: an appeal out of time holds nothing up", "2026-07-14 appeal_received",
     COUNT_CEASE_FLOOR_MONTHS, 2, "2026-05-13", "2026-11-22", "2026-07-13"},
    {"ceasing: the second of two appeals is pending",
     "2026-06-01 appeal_received, 2026-06-20 appeal_withdrawn, 2026-07-01 appeal_received",
     COUNT_CEASE_FLOOR_MONTHS, 2, "2026-05-13", "2026-11-22", "2026-11-22"},
    {"ceasing: an end before the appeal ends nothing",
     "2026-06-01 appeal_withdrawn, 2026-06-02 appeal_received, 2026-12-05 appeal_conceded cease",
     COUNT_CEASE_FLOOR_MONTHS, 2, "2026-05-13", "2027-01-01", "2026-12-04"},
};

static void with_facts_row(void **state)
{
    const struct row *row = *state;
    struct calendar cal;
    struct scene s;
    calendar_builtin(&cal);
    scene_read(&s, row->facts);
    bool exhausted = false;
    facts_settle(&s.view, s.subjects, day(row->as_of));
    civil_day got =
        count_due(row->count, row->n, day(row->start), &cal, &s.view, day(row->as_of), &exhausted);
    scene_free(&s);
    assert_day_equal(got, row->due);
    assert_int_equal(exhausted, row->exhausted);
}

static void rivals_and_directions(void **state)
{
    (void)state;
    for (int c = 0; c < COUNT_COUNT; c++) {
        const char *name = limit_count_name((enum limit_count)c);
        assert_int_equal(limit_count_by_name(name), c);
        assert_int_equal(count_has_rival((enum limit_count)c), strncmp(name, "within_", 7) == 0);
        assert_int_equal(count_is_backward((enum limit_count)c),
                         c == COUNT_MONTHS_BEFORE || c == COUNT_NOTICE_WEEKS || c == COUNT_BEFORE_15_FEB ||
                             c == COUNT_BEFORE_31_MAR);
    }
    assert_int_equal(limit_count_by_name("within_months"), COUNT_COUNT);
}

/* --- the rulebook's worked examples, one named test each ------------------------------------------------------------------- */

#define EXAMPLES      "tests/data/rulebook/counting-examples.csv"
#define EXAMPLES_MOST 512

struct example {
    char name[300], count[48], start[16], n[8], due[16];
};

static void example(void **state)
{
    const struct example *x = *state;
    enum limit_count c = limit_count_by_name(x->count);
    assert_true(c != COUNT_COUNT);
    assert_day_equal(due(c, (int)strtol(x->n, NULL, 10), day(x->start), NULL), x->due);
}

static size_t read_examples(struct example *x)
{
    size_t n = 0;
    char line[256];
    FILE *f = fopen(EXAMPLES, "r");
    if (f == NULL || fgets(line, sizeof line, f) == NULL ||
        strcmp(line, "count,start,n,last_lawful_day\n") != 0)
        return 0;
    while (fgets(line, sizeof line, f) != NULL && n < EXAMPLES_MOST) {
        struct example *e = &x[n];
        line[strcspn(line, "\r\n")] = '\0';
        if (sscanf(line, "%47[^,],%15[^,],%7[^,],%15s", e->count, e->start, e->n, e->due) != 4 &&
            sscanf(line, "%47[^,],%15[^,],,%15s", e->count, e->start, e->due) != 3)
            break;
        snprintf(e->name, sizeof e->name, "example %s", line);
        n++;
    }
    if (!feof(f))
        n = 0;
    fclose(f);
    return n;
}

static void examples_were_read(void **state)
{
    assert_true(*(size_t *)*state >= 50);
}

int main(void)
{
    static struct example examples[EXAMPLES_MOST];
    static struct CMUnitTest tests[EXAMPLES_MOST + 64];
    const struct CMUnitTest fixed[] = {
        cmocka_unit_test(plain_counts_add_days),
        cmocka_unit_test(months_end_the_day_before_the_corresponding_date),
        cmocka_unit_test(dates_before_which_are_of_the_year_of_transfer),
        cmocka_unit_test(working_days_are_counted_one_by_one),
        cmocka_unit_test(a_later_start_is_never_due_earlier),
        cmocka_unit_test(exhausted_is_set_and_never_taken_back),
        cmocka_unit_test(rivals_and_directions),
    };
    size_t n = sizeof fixed / sizeof fixed[0], n_examples = read_examples(examples);
    memcpy(tests, fixed, sizeof fixed);
    tests[n++] = (struct CMUnitTest){"examples_were_read", examples_were_read, NULL, NULL, &n_examples};
    for (size_t i = 0; i < sizeof with_facts / sizeof with_facts[0]; i++)
        tests[n++] = (struct CMUnitTest){with_facts[i].name, with_facts_row, NULL, NULL, &with_facts[i]};
    for (size_t i = 0; i < n_examples; i++)
        tests[n++] = (struct CMUnitTest){examples[i].name, example, NULL, NULL, &examples[i]};
    return _cmocka_run_group_tests("count", tests, n, NULL, NULL) != 0;
}
