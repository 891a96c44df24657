#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "count_words.h"

static const struct row {
    enum limit_count count;
    int n;
    const char *words;
} rows[] = {
    {COUNT_WITHIN_WEEKS, 20, "20 weeks after 4 March 2026, the day itself not counted"},
    {COUNT_WITHIN_WEEKS, 1, "1 week after 4 March 2026, the day itself not counted"},
    {COUNT_WITHIN_DAYS, 15, "15 days after 4 March 2026, the day itself not counted"},
    {COUNT_DAYS_BEGINNING_WITH, 15, "15 days beginning with 4 March 2026, which is day 1"},
    {COUNT_MONTHS_STARTING_WITH, 12, "12 months starting with 4 March 2026, which is the first day"},
    {COUNT_MONTHS_STARTING_WITH_LESS_28D, 12,
     "28 days before the end of 12 months starting with 4 March 2026"},
    {COUNT_MONTHS_AFTER, 6, "6 months after 4 March 2026, on the same day of the month or the month's last"},
    {COUNT_MONTHS_BEFORE, 5,
     "5 months before the transfer on 4 March 2026, on the same day of the month or the month's last"},
    {COUNT_NOTICE_WEEKS, 2, "2 weeks before the meeting on 4 March 2026"},
    {COUNT_BEFORE_15_FEB, 0, "before 15 February 2026, the year of the transfer on 4 March 2026"},
    {COUNT_BEFORE_31_MAR, 0, "before 31 March 2026, the year of the transfer on 4 March 2026"},
    {COUNT_WORKING_DAYS_AFTER, 3, "3 working days after 4 March 2026, the day itself not counted"},
    {COUNT_WORKING_DAYS_BEGINNING_WITH, 15,
     "15 working days beginning with 4 March 2026, which counts when it is one"},
    {COUNT_MOVE_WORKING_DAYS, 15,
     "the day of the move when it was known 15 working days ahead, on 4 March 2026; otherwise 15 working "
     "days "
     "beginning with that day"},
    {COUNT_TRANSFER_REVIEW_MONTHS, 0,
     "the later of 12 months starting with the last plan or review before 4 March 2026 and 3 months starting "
     "with that day"},
    {COUNT_CEASE_FLOOR_MONTHS, 2,
     "2 months after 4 March 2026, or a month after a mediation certificate, or the end of an appeal, when "
     "later"},
    {COUNT_TRIBUNAL_DAYS_AFTER, 30,
     "30 working days of the Tribunal after 4 March 2026, the day itself not counted"},
};

static void every_count_has_words(void **state)
{
    (void)state;
    uint64_t seen = 0;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char out[COUNT_WORDS_LEN];
        struct limit l = {.count = rows[i].count, .n = rows[i].n};
        assert_ptr_equal(count_words(&l, civil_from_ymd(2026, 3, 4), out, sizeof out), out);
        assert_string_equal(out, rows[i].words);
        seen |= UINT64_C(1) << rows[i].count;
    }
    assert_int_equal(seen, (UINT64_C(1) << COUNT_COUNT) - 1);
}

static void every_limit_of_the_table_fits(void **state)
{
    (void)state;
    for (size_t i = 0; i < limit_count(); i++) {
        char out[COUNT_WORDS_LEN];
        count_words(limit_at(i), civil_from_ymd(2026, 9, 30), out, sizeof out);
        assert_true(strlen(out) > 0 && strlen(out) < sizeof out - 1);
    }
}

static void a_short_buffer_is_not_overrun(void **state)
{
    (void)state;
    char out[11];
    struct limit l = {.count = COUNT_WITHIN_WEEKS, .n = 20};
    assert_string_equal(count_words(&l, civil_from_ymd(2026, 3, 4), out, sizeof out), "20 weeks a");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_count_has_words),
        cmocka_unit_test(every_limit_of_the_table_fits),
        cmocka_unit_test(a_short_buffer_is_not_overrun),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
