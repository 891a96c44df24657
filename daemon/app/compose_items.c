/* From rows to what is told: changes, reminders, escalations, and in a digest what stands. */
#include <stdlib.h>
#include <string.h>

#include "composer_int.h"
#include "count.h"
#include "message.h"
#include "net.h"

void telling_begin(struct telling *t, const struct core *core, const struct writer_endpoint *e)
{
    *t = (struct telling){
        .core = core,
        .endpoint = e,
        .as_of = core->status.snapshot->as_of,
        .texts = names_new(),
    };
    t->no_memory = t->texts == NULL;
}

void telling_free(struct telling *t)
{
    names_free(t->texts);
    free(t->entries);
    free(t->spared);
    *t = (struct telling){0};
}

/* --- reading a row ------------------------------------------------------------------------------------------------------- */

static civil_day date_at(const PGresult *res, int row, int column)
{
    return PQgetisnull(res, row, column) ? CIVIL_NONE
                                         : (civil_day)strtol(PQgetvalue(res, row, column), NULL, 10);
}

static int64_t number_at(const PGresult *res, int row, int column)
{
    return strtoll(PQgetvalue(res, row, column), NULL, 10);
}

/* 'none' is no state: STATE_COUNT. */
static enum state state_at(const PGresult *res, int row, int column)
{
    const char *name = PQgetvalue(res, row, column);
    return state_by_name(name, strlen(name));
}

/* A text that outlives the result. */
static const char *keep(struct telling *t, const char *text)
{
    uint32_t number = t->no_memory ? NAMES_FULL : names_add(t->texts, text, strlen(text));
    if (number != NAMES_FULL)
        return names_text(t->texts, number);
    t->no_memory = true;
    return "";
}

static const char *keep_link(struct telling *t, const char *case_ref)
{
    const char *base = t->core->config->public_url;
    if (base == NULL)
        return NULL;
    struct buf b = {0};
    message_case_link(&b, base, case_ref);
    t->no_memory |= b.failed;
    const char *kept = b.failed ? NULL : keep(t, b.p);
    buf_free(&b);
    return kept;
}

/* --- what is told -------------------------------------------------------------------------------------------------------- */

static struct entry *add_entry(struct telling *t)
{
    if (t->n == t->cap) {
        size_t cap = t->cap > 0 ? t->cap * 2 : 64;
        struct entry *more = reallocarray(t->entries, cap, sizeof *more);
        if (more == NULL) {
            t->no_memory = true;
            return NULL;
        }
        t->entries = more;
        t->cap = cap;
    }
    struct entry *e = &t->entries[t->n++];
    *e = (struct entry){0};
    return e;
}

static void spare(struct telling *t, int64_t notice_id, const char *reason)
{
    if (t->n_spared == t->cap_spared) {
        size_t cap = t->cap_spared > 0 ? t->cap_spared * 2 : 64;
        struct spared *more = reallocarray(t->spared, cap, sizeof *more);
        if (more == NULL) {
            t->no_memory = true;
            return;
        }
        t->spared = more;
        t->cap_spared = cap;
    }
    t->spared[t->n_spared++] = (struct spared){notice_id, reason};
}

/* obligation.days, from what is stored. A day on which a child was five years old is not told. */
static int days_of(const struct limit *l, const struct notice_item *i, civil_day as_of)
{
    int late = (state_is_open(i->to) || i->closed == CIVIL_NONE ? as_of : i->closed) - i->due;
    if (i->to == STATE_VOID || (!state_is_open(i->to) && l->applies == APPLIES_UNDER_FIVE))
        return 0;
    return late < 0 ? -late : late;
}

/* What the limit and its dates say of an item whose columns are filled in. */
static void describe(struct telling *t, struct notice_item *i, size_t limit)
{
    const struct rulebook *rb = t->core->rulebook;
    const struct rule *r = rulebook_version(rb, limit, i->start);
    const struct limit *l = (r != NULL ? r : &rb->rule[limit])->limit;
    i->limit = l->id;
    i->title = l->title;
    i->citation = l->citation;
    i->link = keep_link(t, i->case_ref);
    i->act_by = calendar_working_day_before(&t->core->calendar, i->due - count_has_rival(l->count));
    i->days = days_of(l, i, t->as_of);
    if (l->applies == APPLIES_UNDER_FIVE)
        i->closed = CIVIL_NONE;
}

enum {
    W_NOTICE,
    W_CASE,
    W_LIMIT,
    W_SUBJECT,
    W_START,
    W_FROM,
    W_TO,
    W_TYPE,
    W_DUE_BEFORE,
    W_READY,
    W_STATE,
    W_DUE,
    W_CLOSED,
    W_SINCE,
    W_REF,
    W_LOCALITY,
    W_TEAM,
    W_TOLD
};

static bool same_obligation(const PGresult *res, int a, int b)
{
    for (int column = W_CASE; column <= W_START; column++)
        if (strcmp(PQgetvalue(res, a, column), PQgetvalue(res, b, column)) != 0)
            return false;
    return true;
}

static void add_change(struct telling *t, const PGresult *res, int row, size_t limit, const struct net *net)
{
    struct entry *e = add_entry(t);
    if (e == NULL)
        return;
    e->case_id = number_at(res, row, W_CASE);
    e->notice_id = number_at(res, row, W_NOTICE);
    e->item = (struct notice_item){
        .kind = NOTICE_CHANGE,
        .type = alert_type(net->alert),
        .case_ref = keep(t, PQgetvalue(res, row, W_REF)),
        .subject = keep(t, PQgetvalue(res, row, W_SUBJECT)),
        .locality = keep(t, PQgetvalue(res, row, W_LOCALITY)),
        .team = keep(t, PQgetvalue(res, row, W_TEAM)),
        .from = net->from,
        .to = state_at(res, row, W_TO),
        .start = date_at(res, row, W_START),
        .due = date_at(res, row, W_DUE),
        .closed = date_at(res, row, W_CLOSED),
        .since = date_at(res, row, W_SINCE),
    };
    describe(t, &e->item, limit);
}

/* The waiting changes of one obligation, rows [first, end). */
static void tell_net(struct telling *t, const PGresult *res, int first, int end)
{
    const struct policy *p = &t->endpoint->policy;
    int limit = rulebook_find(t->core->rulebook, PQgetvalue(res, first, W_LIMIT)), last = end - 1;
    struct net_change *c = calloc((size_t)(end - first), sizeof *c);
    if (c == NULL) {
        t->no_memory = true;
        return;
    }
    for (int row = first; row < end; row++)
        c[row - first] = (struct net_change){
            .alert = alert_by_state_name(strchr(PQgetvalue(res, row, W_TYPE), '.') + 1),
            .from = state_at(res, row, W_FROM),
            .to = state_at(res, row, W_TO),
            .due_before = date_at(res, row, W_DUE_BEFORE),
        };
    const struct net_about about = {
        .told = PQgetisnull(res, last, W_TOLD) ? STATE_COUNT : state_at(res, last, W_TOLD),
        .now = state_at(res, last, W_STATE),
        .due = date_at(res, last, W_DUE),
        .escalation = p->escalate_days > 0,
        .digest = t->verdict.digest,
    };
    struct net net = net_of(c, (size_t)(end - first), &about);
    free(c);
    if (limit < 0)
        net = (struct net){ALERT_NONE, STATE_COUNT, "not_watched"};
    bool told = net.alert != ALERT_NONE;
    for (int row = first; row < end - told; row++)
        spare(t, number_at(res, row, W_NOTICE), net.reason);
    if (told)
        add_change(t, res, last, (size_t)limit, &net);
}

void telling_waiting(struct telling *t, const PGresult *res)
{
    for (int first = 0, end; first < PQntuples(res) && !t->no_memory; first = end) {
        for (end = first + 1; end < PQntuples(res) && same_obligation(res, first, end);)
            end++;
        if (PQgetvalue(res, end - 1, W_READY)[0] == 't')
            tell_net(t, res, first, end);
    }
}

/* --- what stands ------------------------------------------------------------------------------------------------------------ */

enum {
    S_CASE,
    S_LIMIT,
    S_SUBJECT,
    S_START,
    S_STATE,
    S_DUE,
    S_SINCE,
    S_REF,
    S_LOCALITY,
    S_TEAM,
    S_ACKED,
    S_REMINDED,
    S_ESCALATED
};

static bool is_wanted(const struct telling *t, const PGresult *res, int row, int limit)
{
    const struct change c = {
        .now = {.limit = (uint8_t)limit, .state = (uint8_t)state_at(res, row, S_STATE)},
        .from = STATE_COUNT,
        .alert = alert_for(STATE_COUNT, state_at(res, row, S_STATE)),
    };
    return route_wants(&t->endpoint->route, t->core->rulebook, &c, PQgetvalue(res, row, S_LOCALITY),
                       PQgetvalue(res, row, S_TEAM));
}

/* Among the changes, which came first and are in the order of cases. */
static bool is_told(const struct telling *t, size_t n_changes, const PGresult *res, int row)
{
    int64_t id = number_at(res, row, S_CASE);
    size_t lo = 0, hi = n_changes;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (t->entries[mid].case_id < id)
            lo = mid + 1;
        else
            hi = mid;
    }
    for (; lo < n_changes && t->entries[lo].case_id == id; lo++) {
        const struct notice_item *i = &t->entries[lo].item;
        if (strcmp(i->limit, PQgetvalue(res, row, S_LIMIT)) == 0 &&
            strcmp(i->subject, PQgetvalue(res, row, S_SUBJECT)) == 0 &&
            i->start == date_at(res, row, S_START))
            return true;
    }
    return false;
}

/* What an obligation that stands is told as, if it is. */
struct standing {
    bool told, made; /* in the message; as a step that is made now */
    enum notice_kind kind;
    int step;
};

static struct standing judge_standing(const struct telling *t, const PGresult *res, int row)
{
    const struct policy *p = &t->endpoint->policy;
    struct standing s = {.kind = NOTICE_REMINDER};
    s.step = worktime_days(&t->core->calendar, date_at(res, row, S_SINCE), t->as_of);
    bool breached = state_at(res, row, S_STATE) == STATE_BREACHED,
         acked = PQgetvalue(res, row, S_ACKED)[0] == 't', escalated = !PQgetisnull(res, row, S_ESCALATED);
    if (p->escalate_days > 0 && (!breached || s.step < p->escalate_days))
        return s;
    /* What somebody has taken on is kept back, but not from the week's list. */
    s.told = t->verdict.digest && (!acked || p->send == SEND_WEEKLY);
    if (!t->verdict.reminders || !breached || acked)
        return s;
    if (p->escalate_days > 0 && !escalated) {
        s.kind = NOTICE_ESCALATION;
        s.step = p->escalate_days;
        s.told = s.made = true;
        return s;
    }
    int step = policy_reminder_step(p, s.step);
    s.made = step > 0 && (PQgetisnull(res, row, S_REMINDED) || number_at(res, row, S_REMINDED) < step);
    if (s.made)
        s.step = step;
    s.told |= s.made;
    return s;
}

void telling_standing(struct telling *t, const PGresult *res)
{
    size_t n_changes = t->n;
    for (int row = 0; row < PQntuples(res) && !t->no_memory; row++) {
        int limit = rulebook_find(t->core->rulebook, PQgetvalue(res, row, S_LIMIT));
        if (limit < 0 || !is_wanted(t, res, row, limit) || is_told(t, n_changes, res, row))
            continue;
        struct standing s = judge_standing(t, res, row);
        struct entry *e = s.told ? add_entry(t) : NULL;
        if (e == NULL)
            continue;
        e->case_id = number_at(res, row, S_CASE);
        e->step = s.made;
        e->item = (struct notice_item){
            .kind = s.kind,
            .type = s.kind == NOTICE_ESCALATION ? "obligation.escalated" : "obligation.reminder",
            .case_ref = keep(t, PQgetvalue(res, row, S_REF)),
            .subject = keep(t, PQgetvalue(res, row, S_SUBJECT)),
            .locality = keep(t, PQgetvalue(res, row, S_LOCALITY)),
            .team = keep(t, PQgetvalue(res, row, S_TEAM)),
            .from = state_at(res, row, S_STATE),
            .to = state_at(res, row, S_STATE),
            .start = date_at(res, row, S_START),
            .due = date_at(res, row, S_DUE),
            .closed = CIVIL_NONE,
            .since = date_at(res, row, S_SINCE),
            .step = s.step,
        };
        describe(t, &e->item, (size_t)limit);
    }
}
