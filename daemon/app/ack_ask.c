#include "ack_ask.h"

#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>

#include "instant.h"
#include "obligation_text.h"
#include "plain.h"
#include "utf8.h"

/* --- what is asked ------------------------------------------------------------------------------------------------------ */

/* Characters of a text that can be kept; 0 when it cannot. */
static size_t characters(const char *s)
{
    size_t n = 0;
    for (size_t step; *s != '\0'; s += step, n++) {
        step = utf8_length(s);
        if (step == 0 || (unsigned char)*s < 0x20 || *s == 0x7f ||
            (step == 2 && (unsigned char)s[0] == 0xc2 && (unsigned char)s[1] < 0xa0))
            return 0;
    }
    return n;
}

static bool check_text(const char *name, const char *value, size_t most, struct err *e)
{
    if (value == NULL || value[strspn(value, " ")] == '\0')
        return err_set(e, "%s is missing", name);
    size_t n = characters(value);
    if (n == 0)
        return err_set(e, "%s: not plain text", name);
    return n <= most || err_set(e, "%s: longer than %zu characters", name, most);
}

static bool check_date(const char *name, const char *value, struct err *e)
{
    civil_day d;
    return civil_parse(value, strlen(value), &d) ||
           err_set(e, "%s: not a date of 1900 to 2199 (YYYY-MM-DD)", name);
}

bool ack_ask_check(const struct ack_ask *a, struct err *e)
{
    return check_text("case", a->case_ref, 200, e) && check_text("limit", a->limit, 40, e) &&
           check_text("who", a->who, 100, e) && check_text("reason", a->reason, 500, e) &&
           check_text("until", a->until, 10, e) && check_date("until", a->until, e) &&
           (a->subject == NULL || *a->subject == '\0' || check_text("subject", a->subject, 200, e)) &&
           (a->start == NULL || check_date("start", a->start, e));
}

void ack_look_params(const struct ack_ask *a, const char *params[ACK_LOOK_PARAMS])
{
    params[0] = a->case_ref;
    params[1] = a->limit;
    params[2] = a->teams;
}

/* --- which obligation --------------------------------------------------------------------------------------------------- */

/* The columns of ack_look. */
enum look { LOOK_TODAY, LOOK_CASE, LOOK_SUBJECT, LOOK_START, LOOK_STATE, LOOK_WHO, LOOK_UNTIL };

static enum state state_at(const PGresult *res, int row)
{
    const char *name = PQgetvalue(res, row, LOOK_STATE);
    return state_by_name(name, strlen(name));
}

static bool open_at(const PGresult *res, int row)
{
    enum state s = state_at(res, row);
    return s == STATE_AT_RISK || s == STATE_BREACHED;
}

static bool meant(const struct ack_ask *a, const PGresult *res, int row)
{
    return !PQgetisnull(res, row, LOOK_CASE) &&
           (a->subject == NULL || strcmp(a->subject, PQgetvalue(res, row, LOOK_SUBJECT)) == 0) &&
           (a->start == NULL || strcmp(a->start, PQgetvalue(res, row, LOOK_START)) == 0);
}

/* The one that is open; where none is, the only one. */
static enum ack_refusal choose(const struct ack_ask *a, const PGresult *res, int *chosen, struct err *e)
{
    int all = 0, open = 0;
    struct buf which = {0};
    for (int i = 0; i < PQntuples(res); i++) {
        if (!meant(a, res, i))
            continue;
        bool is_open = open_at(res, i);
        if (is_open ? open == 0 : open == 0 && all == 0)
            *chosen = i;
        all++;
        open += is_open;
        if (is_open)
            buf_printf(&which, "%s%s%s started %s", open > 1 ? "; " : "", PQgetvalue(res, i, LOOK_SUBJECT),
                       PQgetvalue(res, i, LOOK_SUBJECT)[0] != '\0' ? "," : "",
                       PQgetvalue(res, i, LOOK_START));
    }
    enum ack_refusal r = open == 1 || all == 1 ? ACK_MAY
                         : all == 0            ? ACK_NONE
                         : open > 1            ? ACK_AMBIGUOUS
                                               : ACK_RULE;
    if (r == ACK_NONE)
        err_set(e, "case %s has no such obligation under %s", a->case_ref, a->limit);
    else if (r == ACK_AMBIGUOUS)
        err_set(e, "several are open, say the subject or the start: %.150s", which.failed ? "" : which.p);
    else if (r == ACK_RULE)
        err_set(e, "none of them is at risk or breached");
    buf_free(&which);
    return r;
}

enum ack_refusal ack_choose(const struct ack_ask *a, const struct calendar *cal, const PGresult *res,
                            const char *params[ACK_PUT_PARAMS], struct err *e)
{
    int i = 0;
    civil_day today, until;
    enum ack_refusal refusal = choose(a, res, &i, e);
    if (refusal != ACK_MAY)
        return refusal;
    const char *now = PQgetvalue(res, i, LOOK_TODAY);
    if (!civil_parse(now, strlen(now), &today) || !civil_parse(a->until, strlen(a->until), &until)) {
        err_set(e, "the database's date cannot be read");
        return ACK_RULE;
    }
    if (!ack_allowed(a->kind, state_at(res, i), a->manager, today, until, cal, e)) {
        struct err other;
        bool manager = ack_allowed(a->kind, state_at(res, i), true, today, until, cal, &other);
        return manager ? ACK_MANAGER : ACK_RULE;
    }
    if (!PQgetisnull(res, i, LOOK_WHO)) {
        err_set(e, "%s has acknowledged it until %s: that has to be withdrawn first",
                PQgetvalue(res, i, LOOK_WHO), PQgetvalue(res, i, LOOK_UNTIL));
        return ACK_HELD;
    }
    const char *all[ACK_PUT_PARAMS] = {
        PQgetvalue(res, i, LOOK_CASE),
        a->case_ref,
        a->limit,
        PQgetvalue(res, i, LOOK_SUBJECT),
        PQgetvalue(res, i, LOOK_START),
        PQgetvalue(res, i, LOOK_STATE),
        ack_kind_name(a->kind),
        a->who,
        a->reason,
        a->until,
    };
    memcpy(params, all, sizeof all);
    return ACK_MAY;
}

/* --- taking back -------------------------------------------------------------------------------------------------------- */

bool ack_id_ok(const char *id)
{
    size_t n = strspn(id, "0123456789");
    return n > 0 && n <= 18 && id[n] == '\0';
}

enum ack_refusal ack_withdrawn(const PGresult *res, const char *id, struct err *e)
{
    if (PQntuples(res) == 0) {
        err_set(e, "there is no acknowledgement %s", id);
        return ACK_NONE;
    }
    const char *who = PQgetvalue(res, 0, 0), *end = PQgetvalue(res, 0, 1);
    bool taken = PQgetvalue(res, 0, 4)[0] == 't', held = PQgetvalue(res, 0, 5)[0] == 't';
    if (taken) {
        err_set(e, "%s %s", PQgetvalue(res, 0, 2), PQgetvalue(res, 0, 3));
        return ACK_MAY;
    }
    if (held)
        err_set(e, "it was made by %s: only a manager takes back another's", who);
    else
        err_set(e, "it is over: %s", end);
    return held ? ACK_MANAGER : ACK_HELD;
}

/* --- the list ----------------------------------------------------------------------------------------------------------- */

/* The columns of ack_list. */
enum list {
    LIST_ID,
    LIST_KIND,
    LIST_CASE,
    LIST_LIMIT,
    LIST_SUBJECT,
    LIST_START,
    LIST_STATE,
    LIST_WHO,
    LIST_REASON,
    LIST_MADE,
    LIST_UNTIL,
    LIST_CLEARED,
    LIST_BY,
    LIST_BY_WHO,
};

static void json_row(struct buf *b, const PGresult *res, int i)
{
    static const struct {
        const char *name;
        enum list column;
    } texts[] = {
        {"kind", LIST_KIND},       {"case_ref", LIST_CASE},    {"limit", LIST_LIMIT},
        {"subject", LIST_SUBJECT}, {"start_on", LIST_START},   {"state", LIST_STATE},
        {"who", LIST_WHO},         {"reason", LIST_REASON},    {"until", LIST_UNTIL},
        {"ended_by", LIST_BY},     {"ended_who", LIST_BY_WHO},
    };
    static const struct {
        const char *name;
        enum list column;
    } times[] = {{"made_at", LIST_MADE}, {"ended_at", LIST_CLEARED}};
    char time[INSTANT_TEXT_LEN];
    buf_printf(b, "{\"ack_id\":%s", PQgetvalue(res, i, LIST_ID));
    for (size_t k = 0; k < sizeof texts / sizeof texts[0]; k++) {
        buf_printf(b, ",\"%s\":", texts[k].name);
        json_text(b, PQgetvalue(res, i, texts[k].column));
    }
    for (size_t k = 0; k < sizeof times / sizeof times[0]; k++)
        if (PQgetisnull(res, i, times[k].column))
            buf_printf(b, ",\"%s\":null", times[k].name);
        else
            buf_printf(b, ",\"%s\":\"%s\"", times[k].name,
                       instant_format(strtoll(PQgetvalue(res, i, times[k].column), NULL, 10), time));
    buf_text(b, "}");
}

void ack_list_json(struct buf *b, const PGresult *res, const struct ack_shown *shown)
{
    int n = PQntuples(res), done = 0;
    buf_text(b, "{\"items\":[");
    for (int i = 0; i < n; i++) {
        if (shown != NULL && !shown->fn(shown->ud, PQgetvalue(res, i, LIST_CASE)))
            continue;
        buf_text(b, done++ > 0 ? ",\n" : "\n");
        json_row(b, res, i);
    }
    buf_text(b, done > 0 ? "\n]}\n" : "]}\n");
}

void ack_list_text(struct buf *b, const PGresult *res)
{
    int n = PQntuples(res);
    for (int i = 0; i < n; i++) {
        const char *subject = PQgetvalue(res, i, LIST_SUBJECT), *by = PQgetvalue(res, i, LIST_BY);
        buf_printf(b, "%6s  %-6s  ", PQgetvalue(res, i, LIST_ID), PQgetvalue(res, i, LIST_KIND));
        buf_plain_column(b, PQgetvalue(res, i, LIST_CASE), 16);
        buf_printf(b, "  %s", PQgetvalue(res, i, LIST_LIMIT));
        buf_text(b, *subject != '\0' ? " " : "");
        buf_plain(b, subject);
        buf_printf(b, ", %s, until %s by ", PQgetvalue(res, i, LIST_STATE), PQgetvalue(res, i, LIST_UNTIL));
        buf_plain(b, PQgetvalue(res, i, LIST_WHO));
        buf_text(b, ": ");
        buf_plain(b, PQgetvalue(res, i, LIST_REASON));
        if (*by != '\0')
            buf_printf(b, " (%s)", by);
        buf_text(b, "\n");
    }
    buf_printf(b, "%d acknowledgement%s\n", n, n == 1 ? "" : "s");
}
