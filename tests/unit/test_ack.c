/* Acknowledgements: what may be made, and, over random sequences of acknowledging, worsening, restating, ending and passing days, when
 * each ends and why (P18). The model looks at the whole history of the obligation; the code only at one change. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ack.h"

struct world {
    struct rulebook *rulebook;
    struct calendar calendar;
    unsigned plain, floating; /* limits */
};

static civil_day day(const char *text)
{
    civil_day d;
    assert_true(civil_parse(text, strlen(text), &d));
    return d;
}

static int setup(void **state)
{
    static struct world w;
    w.rulebook = rulebook_new();
    calendar_builtin(&w.calendar);
    w.plain = (unsigned)limit_by_id("final_plan_20w");
    for (unsigned i = 0; i < w.rulebook->n; i++)
        if (w.rulebook->rule[i].limit->count == COUNT_CEASE_FLOOR_MONTHS)
            w.floating = i;
    *state = &w;
    return w.rulebook != NULL && w.floating != 0 && w.plain != w.floating ? 0 : -1;
}

static int teardown(void **state)
{
    struct world *w = *state;
    rulebook_unref(w->rulebook);
    return 0;
}

/* --- what may be made --------------------------------------------------------------------------------------------------- */

static void test_allowed(void **state)
{
    static const struct {
        enum ack_kind kind;
        enum state state;
        bool manager;
        const char *today, *until, *says; /* NULL: allowed */
    } rows[] = {
        {ACK_SEEN, STATE_BREACHED, false, "2026-06-15", "2026-06-15", NULL},
        {ACK_SEEN, STATE_BREACHED, false, "2026-06-15", "2026-06-29", NULL},
        {ACK_SEEN, STATE_BREACHED, false, "2026-06-15", "2026-06-30",
         "at most 10 working days ahead, 2026-06-29"},
        {ACK_SEEN, STATE_AT_RISK, false, "2026-06-15", "2026-06-14", "until 2026-06-14: that day is over"},
        /* Christmas 2026: the 25th, the 28th in place of the 26th, and New Year's Day. */
        {ACK_SEEN, STATE_AT_RISK, false, "2026-12-18", "2027-01-06", NULL},
        {ACK_SEEN, STATE_AT_RISK, false, "2026-12-18", "2027-01-07", "ahead, 2027-01-06"},
        {ACK_SEEN, STATE_AT_RISK, false, "2026-06-13", "2026-06-26", NULL}, /* from a Saturday */
        {ACK_SEEN, STATE_AT_RISK, false, "2026-06-13", "2026-06-27", "ahead, 2026-06-26"},
        {ACK_SNOOZE, STATE_AT_RISK, false, "2026-06-15", "2026-06-16", NULL},
        {ACK_SNOOZE, STATE_BREACHED, false, "2026-06-15", "2026-06-16", "only a manager"},
        {ACK_SNOOZE, STATE_BREACHED, true, "2026-06-15", "2026-06-16", NULL},
        {ACK_SEEN, STATE_ON_TRACK, true, "2026-06-15", "2026-06-16", "it is on_track"},
        {ACK_SEEN, STATE_MET, true, "2026-06-15", "2026-06-16", "it is met"},
        {ACK_SEEN, STATE_MET_LATE, true, "2026-06-15", "2026-06-16", "it is met_late"},
        {ACK_SEEN, STATE_EXCEPTED, true, "2026-06-15", "2026-06-16", "it is excepted"},
        {ACK_SEEN, STATE_VOID, true, "2026-06-15", "2026-06-16", "it is void"},
        {ACK_SNOOZE, STATE_MISSED, true, "2026-06-15", "2026-06-16", "it is missed"},
    };
    const struct world *w = *state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct err e = {""};
        bool ok = ack_allowed(rows[i].kind, rows[i].state, rows[i].manager, day(rows[i].today),
                              day(rows[i].until), &w->calendar, &e);
        if (ok != (rows[i].says == NULL) || (!ok && strstr(e.text, rows[i].says) == NULL))
            fail_msg("row %zu: %d %s", i, ok, e.text);
    }
}

static void test_names(void **state)
{
    enum ack_kind k;
    (void)state;
    assert_true(ack_kind_by_name("ack", &k) && k == ACK_SEEN);
    assert_true(ack_kind_by_name("snooze", &k) && k == ACK_SNOOZE);
    assert_false(ack_kind_by_name("", &k));
    assert_string_equal(ack_kind_name(ACK_SNOOZE), "snooze");
    assert_string_equal(ack_end_name(ACK_WITHDRAWN), "withdrawn");
}

static void test_floating(void **state)
{
    const struct world *w = *state;
    struct change c = {.now = {.limit = (uint8_t)w->floating, .state = STATE_AT_RISK, .due = 20001},
                       .from = STATE_AT_RISK,
                       .due_before = 20000};
    assert_int_equal(ack_after(w->rulebook, &c), ACK_HOLDS);
    c.now.limit = (uint8_t)w->plain;
    assert_int_equal(ack_after(w->rulebook, &c), ACK_RESTATED);
}

/* --- the model ---------------------------------------------------------------------------------------------------------- */

enum { STEPS = 60, SEQUENCES = 20000 };

/* What was so after each step. */
struct moment {
    civil_day today, due;
    enum state state;
    bool withdrawn; /* the obligation, in this step */
    bool taken_back;
};

struct made {
    int step; /* of the history */
    civil_day until;
    enum ack_end end; /* ACK_HOLDS: in force */
    int ended;
};

/* How bad it is; -1: it is over. */
static int severity(enum state s)
{
    switch (s) {
    case STATE_ON_TRACK:
        return 0;
    case STATE_AT_RISK:
        return 1;
    case STATE_BREACHED:
        return 2;
    case STATE_MISSED:
        return 3;
    default:
        return -1;
    }
}

/* What has become of it, by the history alone. */
static enum ack_end fate(const struct moment *h, int now, const struct made *m, int *when)
{
    const struct moment *then = &h[m->step];
    for (*when = m->step; *when <= now; ++*when) {
        const struct moment *x = &h[*when];
        if (m->until < x->today)
            return ACK_EXPIRED;
        if (x->taken_back && *when > m->step)
            return ACK_WITHDRAWN;
        if (*when == m->step)
            continue;
        if (x->withdrawn)
            return ACK_RESTATED;
        if (x->state == then->state && x->due == then->due)
            continue;
        if (x->state == then->state ||
            (severity(x->state) >= 0 && severity(x->state) < severity(then->state)))
            return ACK_RESTATED;
        if (then->state == STATE_BREACHED && x->state == STATE_MET)
            return ACK_RESTATED; /* it never was breached */
        return severity(x->state) > severity(then->state) ? ACK_WORSENED : ACK_ENDED;
    }
    return ACK_HOLDS;
}

static unsigned draw(uint64_t *seed, unsigned n)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return (unsigned)(*seed >> 33) % n;
}

static int working_days(const struct calendar *cal, civil_day from, civil_day to)
{
    int n = 0;
    for (civil_day d = from + 1; d <= to; d++)
        n += calendar_is_working_day(cal, d);
    return n;
}

/* What may have happened by the next moment. */
static struct moment next(uint64_t *seed, struct moment m)
{
    m.withdrawn = m.taken_back = false;
    switch (draw(seed, 10)) {
    case 0:
    case 1:
        m.today += (civil_day)draw(seed, 6);
        break;
    case 2:
        m.due += (civil_day)draw(seed, 3) - 1;
        break;
    case 3:
    case 4:
        m.state = (enum state)draw(seed, STATE_COUNT);
        break;
    case 5:
        m.state = draw(seed, 2) ? STATE_AT_RISK : STATE_BREACHED;
        break;
    case 6:
        m.withdrawn = draw(seed, 4) == 0;
        break;
    case 7:
        m.taken_back = draw(seed, 3) == 0;
        break;
    default:
        break;
    }
    return m;
}

static void run(const struct world *w, uint64_t seed, unsigned *ends)
{
    const uint64_t begun = seed;
    struct moment history[STEPS] = {{.today = day("2026-12-01"), .due = 20000, .state = STATE_AT_RISK}};
    struct made acks[STEPS];
    int n = 0;
    for (int i = 1; i < STEPS; i++) {
        const struct moment *was = &history[i - 1], *is = &history[i];
        history[i] = next(&seed, *was);
        struct made *held = n > 0 && acks[n - 1].end == ACK_HOLDS ? &acks[n - 1] : NULL;
        /* As the daemon does it: what has run out first, then what the change brings, then what people do. */
        const struct change c = {
            .now = {.limit = (uint8_t)w->plain,
                    .state = (uint8_t)(is->withdrawn ? STATE_VOID : is->state),
                    .due = is->due},
            .withdrawn = is->withdrawn,
            .from = was->state,
            .due_before = was->due,
        };
        if (held != NULL) {
            held->end = ack_expired(held->until, is->today) ? ACK_EXPIRED
                        : is->taken_back                    ? ACK_WITHDRAWN
                                                            : ack_after(w->rulebook, &c);
            held->ended = i;
        }
        bool free_again = n == 0 || acks[n - 1].end != ACK_HOLDS;
        if (free_again && !is->withdrawn && draw(&seed, 2) == 0) {
            struct err e = {""};
            civil_day until = is->today + (civil_day)draw(&seed, 24) - 3;
            enum ack_kind kind = draw(&seed, 2) ? ACK_SEEN : ACK_SNOOZE;
            bool manager = draw(&seed, 2) != 0,
                 may = (is->state == STATE_AT_RISK || is->state == STATE_BREACHED) && until >= is->today &&
                       working_days(&w->calendar, is->today, until) <= 10 &&
                       !(kind == ACK_SNOOZE && is->state == STATE_BREACHED && !manager);
            /* Beyond the tenth working day a weekend is one day too far as well. */
            if (may && until > ack_last_day(&w->calendar, is->today))
                may = false;
            if (ack_allowed(kind, is->state, manager, is->today, until, &w->calendar, &e) != may)
                fail_msg("seed %llu, step %d: %s", (unsigned long long)begun, i, e.text);
            if (may)
                acks[n++] = (struct made){i, until, ACK_HOLDS, 0};
        }
        for (int k = 0; k < n; k++) {
            int when;
            enum ack_end want = fate(history, i, &acks[k], &when);
            if (want != acks[k].end || (want != ACK_HOLDS && when != acks[k].ended))
                fail_msg("seed %llu, step %d, acknowledgement of step %d: \"%s\" at %d, the model says "
                         "\"%s\" at %d",
                         (unsigned long long)begun, i, acks[k].step, ack_end_name(acks[k].end), acks[k].ended,
                         ack_end_name(want), when);
        }
    }
    for (int k = 0; k < n; k++)
        ends[acks[k].end]++;
}

static void test_model(void **state)
{
    unsigned ends[ACK_WITHDRAWN + 1] = {0};
    for (uint64_t i = 1; i <= SEQUENCES; i++)
        run(*state, i * UINT64_C(0x9e3779b97f4a7c15), ends);
    for (int e = ACK_HOLDS; e <= ACK_WITHDRAWN; e++)
        if (ends[e] < SEQUENCES / 20)
            fail_msg("\"%s\" was hardly reached: %u", ack_end_name((enum ack_end)e), ends[e]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_allowed),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_floating),
        cmocka_unit_test(test_model),
    };
    return cmocka_run_group_tests(tests, setup, teardown) != 0;
}
