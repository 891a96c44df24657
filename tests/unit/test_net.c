#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "casework.h"
#include "net.h"

#define NONE     STATE_COUNT
#define ON_TRACK STATE_ON_TRACK
#define AT_RISK  STATE_AT_RISK
#define BREACHED STATE_BREACHED
#define MET      STATE_MET
#define LATE     STATE_MET_LATE

/* A path of states, ended by -1; due dates move where said. */
static const struct row {
    const char *why;
    int path[6];
    enum state told, now; /* told NONE: never */
    bool escalation, digest, moved;
    enum alert alert;
    enum state from;
    const char *reason; /* of those that are not told */
} rows[] = {
    {"one change",
     {NONE, BREACHED, -1},
     NONE,
     BREACHED,
     false,
     false,
     false,
     ALERT_BREACHED,
     NONE,
     "replaced"},
    {"one change in time",
     {ON_TRACK, MET, -1},
     NONE,
     MET,
     false,
     false,
     false,
     ALERT_MET,
     ON_TRACK,
     "replaced"},
    {"amber that became a breach",
     {ON_TRACK, AT_RISK, BREACHED, -1},
     NONE,
     BREACHED,
     false,
     false,
     false,
     ALERT_BREACHED,
     ON_TRACK,
     "replaced"},
    {"amber that came to nothing",
     {ON_TRACK, AT_RISK, ON_TRACK, -1},
     NONE,
     ON_TRACK,
     false,
     false,
     false,
     ALERT_NONE,
     NONE,
     "mended"},
    {"amber that was met",
     {ON_TRACK, AT_RISK, MET, -1},
     NONE,
     MET,
     false,
     false,
     false,
     ALERT_NONE,
     NONE,
     "mended"},
    {"the same, gathered",
     {ON_TRACK, AT_RISK, MET, -1},
     NONE,
     MET,
     false,
     true,
     false,
     ALERT_MET,
     ON_TRACK,
     "replaced"},
    {"a breach mended before it was told",
     {ON_TRACK, BREACHED, LATE, -1},
     NONE,
     LATE,
     false,
     false,
     false,
     ALERT_NONE,
     NONE,
     "mended"},
    {"the same, gathered: told as what it is now",
     {ON_TRACK, BREACHED, LATE, -1},
     NONE,
     LATE,
     false,
     true,
     false,
     ALERT_MET_LATE,
     ON_TRACK,
     "replaced"},
    {"a breach that was told, mended",
     {BREACHED, LATE, -1},
     BREACHED,
     LATE,
     false,
     false,
     false,
     ALERT_MET_LATE,
     BREACHED,
     "replaced"},
    {"and broken anew before that was told",
     {BREACHED, LATE, BREACHED, -1},
     BREACHED,
     BREACHED,
     false,
     false,
     false,
     ALERT_NONE,
     NONE,
     "unchanged"},
    {"told as amber, then to and fro",
     {AT_RISK, MET, AT_RISK, BREACHED, -1},
     AT_RISK,
     BREACHED,
     false,
     false,
     false,
     ALERT_BREACHED,
     AT_RISK,
     "replaced"},
    {"what was told counts, not where it began",
     {MET, AT_RISK, BREACHED, -1},
     BREACHED,
     BREACHED,
     false,
     false,
     false,
     ALERT_NONE,
     NONE,
     "unchanged"},
    {"a breach whose mending the filter leaves out",
     {NONE, BREACHED, -1},
     NONE,
     LATE,
     false,
     false,
     false,
     ALERT_NONE,
     NONE,
     "mended"},
    {"gathered too", {NONE, BREACHED, -1}, NONE, LATE, false, true, false, ALERT_NONE, NONE, "mended"},
    {"a due date that moved there and further",
     {ON_TRACK, ON_TRACK, ON_TRACK, -1},
     NONE,
     ON_TRACK,
     false,
     false,
     true,
     ALERT_RESTATED,
     ON_TRACK,
     "replaced"},
    {"and back",
     {ON_TRACK, ON_TRACK, ON_TRACK, -1},
     NONE,
     ON_TRACK,
     false,
     false,
     false,
     ALERT_NONE,
     NONE,
     "unchanged"},
    {"a manager who was not told",
     {BREACHED, LATE, -1},
     NONE,
     LATE,
     true,
     false,
     false,
     ALERT_NONE,
     NONE,
     "not_escalated"},
    {"a manager who was",
     {BREACHED, LATE, -1},
     BREACHED,
     LATE,
     true,
     false,
     false,
     ALERT_MET_LATE,
     BREACHED,
     "replaced"},
    {"and is told once",
     {BREACHED, LATE, -1},
     LATE,
     LATE,
     true,
     false,
     false,
     ALERT_NONE,
     NONE,
     "not_escalated"},
};

static void what_it_comes_to(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct row *r = &rows[i];
        struct net_change c[5];
        size_t n = 0;
        for (; r->path[n + 1] >= 0; n++)
            c[n] = (struct net_change){
                .alert = alert_for((enum state)r->path[n], (enum state)r->path[n + 1]),
                .from = (enum state)r->path[n],
                .to = (enum state)r->path[n + 1],
                .due_before = n == 0 ? day("2026-06-01") : day("2026-06-02"),
            };
        struct net_about about = {r->told, r->now, day(r->moved ? "2026-06-03" : "2026-06-01"), r->escalation,
                                  r->digest};
        struct net net = net_of(c, n, &about);
        if (net.alert != r->alert || net.from != r->from || strcmp(net.reason, r->reason) != 0)
            fail_msg("%s: alert %d from %d, %s", r->why, net.alert, net.from, net.reason);
    }
}

/* However many changes wait: what is told begins where the endpoint was left and ends at what is so, and nothing is told as trouble
 * that is none. */
static void any_path(void **state)
{
    (void)state;
    struct rng r = rng_seeded("net");
    for (int i = 0; i < 200000; i++) {
        struct net_change c[8];
        size_t n = (size_t)rng_between(&r, 1, 8);
        enum state at = (enum state)rng_between(&r, 0, STATE_COUNT);
        for (size_t k = 0; k < n; k++) {
            enum state to = (enum state)rng_below(&r, STATE_COUNT);
            c[k] = (struct net_change){alert_for(at, to), at, to, day("2026-06-01")};
            at = to;
        }
        struct net_about about = {
            .told = (enum state)rng_between(&r, 0, STATE_COUNT),
            .now = rng_one_in(&r, 4) ? (enum state)rng_below(&r, STATE_COUNT) : at,
            .due = day("2026-06-01"),
            .escalation = rng_one_in(&r, 4),
            .digest = rng_one_in(&r, 2),
        };
        struct net net = net_of(c, n, &about);
        assert_non_null(net.reason);
        if (net.alert == ALERT_NONE)
            continue;
        assert_int_equal(at, about.now);
        assert_true(n == 1 || about.told == STATE_COUNT || net.from == about.told);
        assert_true(!about.escalation || about.told == STATE_BREACHED);
        assert_true(n == 1 || net.from != about.now);
        assert_true(net.alert != ALERT_BREACHED || about.now == STATE_BREACHED);
        assert_true(net.alert != ALERT_AT_RISK || about.now == STATE_AT_RISK);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_it_comes_to),
        cmocka_unit_test(any_path),
    };
    return cmocka_run_group_tests_name("net", tests, NULL, NULL) != 0;
}
