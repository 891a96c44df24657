/* What a caller may see: narrowing to his teams, and that no hole is left where nothing is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "access.h"
#include "caseload_make.h"

static int setup(void **state)
{
    static struct made m;
    made_begin(&m, made_day("2026-09-01"), LIMITS_ALL);
    made_case(&m, 1, "A1", "L", "North", "o", CIVIL_NONE);
    made_case(&m, 2, "A2", "North", "South", "North", CIVIL_NONE);
    made_case(&m, 3, "A3", "L", "East, Upper", "o", CIVIL_NONE);
    made_case(&m, 4, "A4", "L", "", "o", CIVIL_NONE);
    for (int i = 1; i <= 4; i++)
        made_fact(&m, i, EV_REQUEST_RECEIVED, "parent", made_day("2026-01-05"));
    made_end(&m);
    *state = &m;
    return 0;
}

static int teardown(void **state)
{
    made_free(*state);
    return 0;
}

static struct caller caller(const char *teams)
{
    struct caller c = {.name = "jo", .role = TOKEN_READER};
    struct err e = {""};
    if (teams != NULL && !token_teams_read(&c.teams, teams, strlen(teams), &e))
        fail_msg("%s", e.text);
    return c;
}

/* A digit for each case that passes a set of teams. */
static const char *passes(const struct made *m, const struct breach_places *teams, char text[8])
{
    size_t n = 0;
    for (int64_t id = 1; id <= 4; id++) {
        struct record_case head;
        record_head(snapshot_case(m->snapshot, id), &head);
        if (breach_places_hold(teams, head.team))
            text[n++] = (char)('0' + id);
    }
    text[n] = '\0';
    return text;
}

static const struct row {
    const char *teams, *asked, *cases;
} rows[] = {
    {NULL, NULL, "1234"},         {NULL, "South", "2"},   {"North", NULL, "1"},
    {"North,South", NULL, "12"},  {"North", "South", ""}, {"North,South", "South", "2"},
    {"East%2C Upper", NULL, "3"}, {"Nowhere", NULL, ""},  {"Nowhere", "North", ""},
    {"Nowhere,South", NULL, "2"}, {"L", NULL, ""}, /* a place, and no team */
    {"north", NULL, ""},
};

static void test_narrow(void **state)
{
    const struct made *m = *state;
    char text[8], seen[8];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct row *r = &rows[i];
        struct caller c = caller(r->teams);
        struct breach_filter f = breach_filter_default();
        if (r->asked != NULL)
            f.teams = (struct breach_places){1, {names_find(m->words->places, r->asked, strlen(r->asked))}};
        access_narrow_filter(&c, m->snapshot, &f);
        assert_string_equal(passes(m, &f.teams, text), r->cases);
        assert_int_equal(access_is_narrow(&c), r->teams != NULL);
        if (r->asked != NULL)
            continue;
        size_t n = 0;
        for (int64_t id = 1; id <= 4; id++)
            if (access_sees(&c, m->snapshot, snapshot_case(m->snapshot, id)))
                seen[n++] = (char)('0' + id);
        seen[n] = '\0';
        assert_string_equal(seen, r->cases);
    }
}

static void test_nobody(void **state)
{
    const struct made *m = *state;
    struct breach_filter f = breach_filter_default();
    access_narrow_filter(NULL, m->snapshot, &f);
    assert_int_equal(f.teams.n, 0);
    assert_false(access_is_narrow(NULL));
    assert_true(access_sees(NULL, m->snapshot, snapshot_case(m->snapshot, 4)));
}

static void test_array(void **state)
{
    struct caller all = caller(NULL), some = caller("North,East%2C \"Upper\"");
    struct pg_array a;
    struct err e = {""};
    (void)state;
    pg_array_init(&a);
    const char *literal = "";
    assert_true(access_teams_array(&all, &a, &literal, &e));
    assert_null(literal);
    assert_true(access_teams_array(NULL, &a, &literal, &e));
    assert_null(literal);
    assert_true(access_teams_array(&some, &a, &literal, &e));
    assert_string_equal(literal, "{\"North\",\"East, \\\"Upper\\\"\"}");
    assert_string_equal(e.text, "");
    pg_array_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_narrow),
        cmocka_unit_test(test_nobody),
        cmocka_unit_test(test_array),
    };
    return cmocka_run_group_tests(tests, setup, teardown) != 0;
}
