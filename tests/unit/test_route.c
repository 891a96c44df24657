#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "casework.h"
#include "route.h"

#define BIT(x) (1u << (x))

static const char *const north_south[] = {"North", "South"};
static const char *const team_one[] = {"Team 1"};

static struct row {
    const char *name;
    struct route route;
    const char *limit;
    enum alert alert;
    enum state from, to;
    const char *locality, *team;
    bool wanted;
} rows[] = {
    {"no filter lets everything pass",
     {.limits = LIMITS_ALL},
     "final_plan_20w",
     ALERT_BREACHED,
     STATE_AT_RISK,
     STATE_BREACHED,
     "East",
     "",
     true},
    {"nobody is told of what is only written",
     {.limits = LIMITS_ALL},
     "final_plan_20w",
     ALERT_NONE,
     STATE_ON_TRACK,
     STATE_ON_TRACK,
     "East",
     "",
     false},
    {"a state that is named",
     {.limits = LIMITS_ALL, .alerts = BIT(ALERT_BREACHED)},
     "final_plan_20w",
     ALERT_BREACHED,
     STATE_AT_RISK,
     STATE_BREACHED,
     "",
     "",
     true},
    {"a state that is not",
     {.limits = LIMITS_ALL, .alerts = BIT(ALERT_BREACHED)},
     "final_plan_20w",
     ALERT_AT_RISK,
     STATE_ON_TRACK,
     STATE_AT_RISK,
     "",
     "",
     false},
    {"told of a breach, so told that it was none",
     {.limits = LIMITS_ALL, .alerts = BIT(ALERT_BREACHED)},
     "final_plan_20w",
     ALERT_RESTATED,
     STATE_BREACHED,
     STATE_ON_TRACK,
     "",
     "",
     true},
    {"a restatement into the state that is named",
     {.limits = LIMITS_ALL, .alerts = BIT(ALERT_BREACHED)},
     "final_plan_20w",
     ALERT_RESTATED,
     STATE_MET,
     STATE_BREACHED,
     "",
     "",
     true},
    {"a restatement between other states",
     {.limits = LIMITS_ALL, .alerts = BIT(ALERT_BREACHED)},
     "final_plan_20w",
     ALERT_RESTATED,
     STATE_MET,
     STATE_MET_LATE,
     "",
     "",
     false},
    {"a restatement of what is on track",
     {.limits = LIMITS_ALL, .alerts = BIT(ALERT_AT_RISK)},
     "final_plan_20w",
     ALERT_RESTATED,
     STATE_ON_TRACK,
     STATE_ON_TRACK,
     "",
     "",
     false},
    {"a restatement of what was not seen before",
     {.limits = LIMITS_ALL, .alerts = BIT(ALERT_AT_RISK)},
     "final_plan_20w",
     ALERT_RESTATED,
     STATE_COUNT,
     STATE_ON_TRACK,
     "",
     "",
     false},
    {"restatements named themselves",
     {.limits = LIMITS_ALL, .alerts = BIT(ALERT_RESTATED)},
     "final_plan_20w",
     ALERT_RESTATED,
     STATE_ON_TRACK,
     STATE_ON_TRACK,
     "",
     "",
     true},
    {"a limit among others",
     {.limits = 0},
     "final_plan_20w",
     ALERT_BREACHED,
     STATE_AT_RISK,
     STATE_BREACHED,
     "",
     "",
     false},
    {"a kind that is named",
     {.limits = LIMITS_ALL, .kinds = BIT(KIND_STATUTORY)},
     "final_plan_20w",
     ALERT_BREACHED,
     STATE_AT_RISK,
     STATE_BREACHED,
     "",
     "",
     true},
    {"a kind that is not",
     {.limits = LIMITS_ALL, .kinds = BIT(KIND_STATUTORY)},
     "issue_decision_16w",
     ALERT_BREACHED,
     STATE_AT_RISK,
     STATE_BREACHED,
     "",
     "",
     false},
    {"a locality that is named",
     {.limits = LIMITS_ALL, .localities = north_south, .n_localities = 2},
     "final_plan_20w",
     ALERT_BREACHED,
     STATE_AT_RISK,
     STATE_BREACHED,
     "South",
     "",
     true},
    {"a locality that is not",
     {.limits = LIMITS_ALL, .localities = north_south, .n_localities = 2},
     "final_plan_20w",
     ALERT_BREACHED,
     STATE_AT_RISK,
     STATE_BREACHED,
     "Southwest",
     "",
     false},
    {"no locality where some are named",
     {.limits = LIMITS_ALL, .localities = north_south, .n_localities = 2},
     "final_plan_20w",
     ALERT_BREACHED,
     STATE_AT_RISK,
     STATE_BREACHED,
     "",
     "",
     false},
    {"every filter must let it pass",
     {.limits = LIMITS_ALL, .localities = north_south, .n_localities = 2, .teams = team_one, .n_teams = 1},
     "final_plan_20w",
     ALERT_BREACHED,
     STATE_AT_RISK,
     STATE_BREACHED,
     "North",
     "Team 2",
     false},
    {"and does",
     {.limits = LIMITS_ALL, .localities = north_south, .n_localities = 2, .teams = team_one, .n_teams = 1},
     "final_plan_20w",
     ALERT_BREACHED,
     STATE_AT_RISK,
     STATE_BREACHED,
     "North",
     "Team 1",
     true},
};

static void route_row(void **state)
{
    const struct row *row = *state;
    struct rulebook rb;
    rulebook_builtin(&rb);
    struct change c = {.alert = row->alert, .from = row->from};
    c.now.limit = (uint8_t)limit_by_id(row->limit);
    c.now.state = (uint8_t)row->to;
    assert_int_equal(route_wants(&row->route, &rb, &c, row->locality, row->team), row->wanted);
    if (row->route.limits == LIMITS_ALL && row->wanted) {
        struct route only = row->route;
        only.limits = LIMIT_BIT(c.now.limit);
        assert_true(route_wants(&only, &rb, &c, row->locality, row->team));
        only.limits = ~LIMIT_BIT(c.now.limit);
        assert_false(route_wants(&only, &rb, &c, row->locality, row->team));
    }
}

static void alerts_by_the_words_of_the_configuration(void **state)
{
    (void)state;
    for (int a = ALERT_NONE + 1; a < ALERT_COUNT; a++) {
        const char *type = alert_type((enum alert)a);
        assert_memory_equal(type, "obligation.", 11);
        assert_int_equal(alert_by_state_name(type + 11), a);
    }
    assert_int_equal(alert_by_state_name("breached"), ALERT_BREACHED);
    assert_int_equal(alert_by_state_name("on_track"), ALERT_NONE);
    assert_int_equal(alert_by_state_name(""), ALERT_NONE);
    assert_int_equal(alert_by_state_name("obligation.met"), ALERT_NONE);
    assert_null(alert_type(ALERT_NONE));
}

int main(void)
{
    static struct CMUnitTest tests[sizeof rows / sizeof rows[0] + 1];
    size_t n = 0;
    tests[n++] = (struct CMUnitTest)cmocka_unit_test(alerts_by_the_words_of_the_configuration);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        tests[n++] = (struct CMUnitTest){rows[i].name, route_row, NULL, NULL, &rows[i]};
    return _cmocka_run_group_tests("route", tests, n, NULL, NULL) != 0;
}
