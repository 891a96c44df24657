/* Every allocation of a list fails once, and then from there on: whoever reads it sees that it failed, not a shorter list. */
#include "torture.h"

#include <string.h>

#include "caseload_make.h"
#include "list_job.h"

struct asked {
    struct made *m;
    struct list_want want;
    enum table_format format;
};

static struct list_want want_of(const struct made *m, enum list_kind kind, const char *sort, bool other)
{
    const struct snapshot *s = m->snapshot;
    return (struct list_want){
        .kind = kind,
        .filter = list_filter_default(kind, s->as_of),
        .how = {&m->rulebook, &m->calendar, m->words, s->as_of, KNOWN_NOW, s->limits},
        .other = other,
        .sort = sort != NULL ? list_column(kind, sort, strlen(sort)) : LIST_OWN_ORDER,
        .page = 2,
        .per_page = 30,
    };
}

static bool read_list(void *ud)
{
    const struct asked *a = ud;
    struct list_want want = a->want;
    char piece[4096];
    size_t n = TABLE_FAILED;
    want.terminal = a->format == TABLE_TEXT;
    struct table_cursor *c = table_cursor_new(list_job_new(a->m->snapshot, &want), a->format);
    while (c != NULL && (n = table_cursor_read(c, piece, sizeof piece)) != 0 && n != TABLE_FAILED)
        ;
    table_cursor_free(c);
    return n == 0;
}

static void every_allocation_of_a_list(void **state)
{
    static const struct {
        enum list_kind kind;
        const char *sort;
        bool other;
    } lists[] = {{LIST_BREACHES, NULL, false},       {LIST_BREACHES, NULL, true},
                 {LIST_BREACHES, "case_ref", false}, {LIST_BREACHES, "subject", false},
                 {LIST_DUE, "officer", false},       {LIST_CASES, NULL, false},
                 {LIST_CASES, "next_limit", false}};
    struct made m;
    (void)state;
    made_begin(&m, made_day("2026-09-01"), LIMITS_ALL);
    for (int i = 0; i < 120; i++) {
        char ref[20];
        snprintf(ref, sizeof ref, "C\"%d", i);
        made_case(&m, i, ref, i % 2 ? "=North" : "\xff", "One", "o", CIVIL_NONE);
    }
    for (int i = 0; i < 120; i++)
        made_fact(&m, i, EV_REQUEST_RECEIVED, "", made_day("2026-01-01") + 2 * i);
    made_end(&m);
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
        for (int f = TABLE_CSV; f <= TABLE_TEXT; f++) {
            struct asked a = {&m, want_of(&m, lists[i].kind, lists[i].sort, lists[i].other),
                              (enum table_format)f};
            torture(read_list, &a);
        }
    made_free(&m);
}

static void release(void *held)
{
    ++*(int *)held;
}

static bool hold(void *ud)
{
    static const struct table nothing = {.name = "nothing"};
    int released = 0;
    (void)ud;
    struct table_job *job = table_job_of(&nothing, &(struct table_about){0}, release, &released);
    const bool ok = job != NULL;
    table_job_free(job);
    assert_int_equal(released, 1); /* whether it could be held or not */
    return ok;
}

static void every_allocation_of_a_table_that_is_there(void **state)
{
    (void)state;
    torture(hold, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_allocation_of_a_list),
        cmocka_unit_test(every_allocation_of_a_table_that_is_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
