/* Every allocation of a calendar and of what a workbook is fed with fails once, and then from there on: whoever reads it sees that it
 * failed, not a shorter one. */
#include "torture.h"

#include <string.h>

#include "calendar_text.h"
#include "caseload_make.h"
#include "export_book.h"
#include "export_paper.h"
#include "list_job.h"
#include "papers.h"

static struct judge_how how_of(const struct made *m)
{
    return (struct judge_how){&m->rulebook,       &m->calendar, m->words,
                              m->snapshot->as_of, KNOWN_NOW,    LIMITS_ALL};
}

static bool read_calendar(void *ud)
{
    struct made *m = ud;
    const struct judge_how how = how_of(m);
    const struct calendar_text t = {&m->rulebook, &m->calendar, m->words,
                                    MADE_READ_AT, "all",        "https://ehc.example"};
    struct breach_filter f = breach_filter_default();
    char piece[512];
    size_t n = CALENDAR_FAILED;
    f.states = CALENDAR_STATES;
    struct calendar_feed *feed = calendar_feed_new(m->snapshot, &how, &f, &t);
    while (feed != NULL && (n = calendar_feed_read(feed, piece, sizeof piece)) != 0 && n != CALENDAR_FAILED)
        ;
    calendar_feed_free(feed);
    return n == 0;
}

struct ordered {
    struct made *m;
    enum list_kind kind;
    size_t rows_max;
};

/* strdup is not counted. */
static char *copy(const char *s)
{
    char *p = malloc(strlen(s) + 1);
    if (p != NULL)
        memcpy(p, s, strlen(s) + 1);
    return p;
}

static void say(const void *ud, struct buf *b)
{
    buf_printf(b, "# How\n%s\n", (const char *)ud);
}

static bool fill_book(void *ud)
{
    const struct ordered *o = ud;
    const struct list_want want = {.kind = o->kind,
                                   .filter = list_filter_default(o->kind, o->m->snapshot->as_of),
                                   .how = how_of(o->m),
                                   .sort = LIST_OWN_ORDER,
                                   .page = 1};
    struct table_job *job = list_job_new(o->m->snapshot, &want);
    if (job == NULL)
        return false;
    struct export x = {.name = "list",
                       .title = "A list",
                       .about = job->about,
                       .jobs = {job},
                       .n = 1,
                       .by_limit = o->kind != LIST_CASES ? &o->m->rulebook : NULL,
                       .rows_max = o->rows_max};
    x.asked = copy("team=T1\nwithout a value");
    x.words[x.n_words++] = (struct export_words){say, "it is counted"};
    if (x.asked == NULL) {
        export_drop(&x);
        return false;
    }
    struct export_book *b = export_book_new(&x);
    int more = b != NULL ? 1 : -1;
    while (more > 0) {
        struct xlsx_feed f = {.n = 0};
        more = export_book_fill(b, &f);
        more = f.failed ? -1 : more;
        xlsx_feed_free(&f);
    }
    export_book_free(b);
    return more == 0;
}

static void make(struct made *m)
{
    made_begin(m, made_day("2026-09-01"), LIMITS_ALL);
    for (int i = 0; i < 130; i++) {
        char ref[20];
        snprintf(ref, sizeof ref, "C,%d", i);
        made_case(m, i, ref, i % 2 ? "=North" : "\xff", "One", "o", CIVIL_NONE);
    }
    for (int i = 0; i < 130; i++)
        made_fact(m, i, EV_REQUEST_RECEIVED, "", made_day("2026-01-01") + i * 2);
    made_end(m);
}

static void every_allocation_of_a_calendar(void **state)
{
    struct made m;
    (void)state;
    make(&m);
    torture(read_calendar, &m);
    assert_int_equal(m.snapshot->refs, 1);
    made_free(&m);
}

static void every_allocation_of_a_workbook(void **state)
{
    struct made m;
    (void)state;
    make(&m);
    struct ordered orders[] = {{&m, LIST_BREACHES, 0}, {&m, LIST_BREACHES, 7}, {&m, LIST_CASES, 50}};
    for (size_t i = 0; i < sizeof orders / sizeof orders[0]; i++)
        torture(fill_book, &orders[i]);
    assert_int_equal(m.snapshot->refs, 1);
    made_free(&m);
}

static int freed;

static void count_freed(struct paper *p)
{
    (void)p;
    freed++;
}

static void no_words(struct buf *b, const struct paper *paper)
{
    (void)b;
    (void)paper;
}

/* A paper that does not fit is refused whole, and let go of. */
static void more_than_a_workbook_has_room_for(void **state)
{
    (void)state;
    static struct papers papers = {.refs = 1000};
    static struct export x;
    struct paper paper = {.name = "figures", .title = "Figures", .n = 2, .free = count_freed};
    x.n = EXPORT_TABLES_MAX - 1;
    freed = 0;
    assert_false(export_add_paper(&x, &paper, NULL, &papers));
    assert_int_equal(x.n, EXPORT_TABLES_MAX - 1);
    x.n = 0;
    x.n_words = EXPORT_WORDS_MAX;
    paper.words = no_words;
    assert_false(export_add_paper(&x, &paper, NULL, &papers));
    assert_int_equal(x.n, 0);
    assert_int_equal(freed, 2);
    assert_int_equal(papers.refs, 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_allocation_of_a_calendar),
        cmocka_unit_test(every_allocation_of_a_workbook),
        cmocka_unit_test(more_than_a_workbook_has_room_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
