#include "delivery_ask.h"

#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>

#include "breach_ask.h"

/* The columns of delivery_list. */
enum column {
    COL_NUMBER,
    COL_MESSAGE,
    COL_TYPE,
    COL_ENDPOINT,
    COL_CASE,
    COL_LIMIT,
    COL_SUBJECT,
    COL_ITEMS,
    COL_STATE,
    COL_ATTEMPTS,
    COL_UNRECORDED,
    COL_REPLAYS,
    COL_CREATED,
    COL_FIRST,
    COL_LAST,
    COL_STATUS,
    COL_ANSWER,
    COL_ACCEPTED,
    COL_PROCESSED,
    COL_NEXT,
    COL_SEEN,
    COL_SEEN_BY,
    COL_SHA256,
};

static bool take_state(const char *value, struct err *e)
{
    static const char *const states[] = {"pending", "accepted", "processed", "dead", "superseded", "seen"};
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++)
        if (strcmp(states[i], value) == 0)
            return true;
    return err_set(e, "state=%s: not one of pending, accepted, processed, dead, superseded, seen", value);
}

bool delivery_ask_take(struct delivery_ask *a, const char *name, const char *value, struct err *e)
{
    const struct {
        const char *name, **value;
    } known[] = {
        {"case", &a->case_ref}, {"endpoint", &a->endpoint}, {"state", &a->state}, {"since", &a->since}};
    civil_day day;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strcmp(known[i].name, name) != 0)
            continue;
        if (*known[i].value != NULL)
            return err_set(e, "%s is given twice", name);
        *known[i].value = value;
        if (known[i].value == &a->state)
            return take_state(value, e);
        if (known[i].value == &a->since)
            return ask_date(name, value, &day, e);
        return *value != '\0' || err_set(e, "%s is empty", name);
    }
    return err_set(e, "no such parameter: %s", name);
}

void delivery_params(const struct delivery_ask *a, const struct delivery_page *p,
                     const char *params[DELIVERY_PARAMS])
{
    const char *all[DELIVERY_PARAMS] = {
        a->case_ref, a->endpoint, a->state, a->since, *p->before != '\0' ? p->before : NULL,
        p->most,     p->skip,     a->teams,
    };
    memcpy(params, all, sizeof all);
}

static int number(const PGresult *res, int row, enum column c)
{
    return (int)strtol(PQgetvalue(res, row, c), NULL, 10);
}

static int64_t instant(const PGresult *res, int row, enum column c)
{
    return PQgetisnull(res, row, c) ? DELIVERY_NEVER : strtoll(PQgetvalue(res, row, c), NULL, 10);
}

struct delivery delivery_of(const PGresult *res, int row)
{
    return (struct delivery){
        .message_id = PQgetvalue(res, row, COL_MESSAGE),
        .type = PQgetvalue(res, row, COL_TYPE),
        .endpoint = PQgetvalue(res, row, COL_ENDPOINT),
        .case_ref = PQgetvalue(res, row, COL_CASE),
        .limit = PQgetvalue(res, row, COL_LIMIT),
        .subject = PQgetvalue(res, row, COL_SUBJECT),
        .items = number(res, row, COL_ITEMS),
        .state = PQgetvalue(res, row, COL_STATE),
        .attempts = number(res, row, COL_ATTEMPTS),
        .unrecorded = number(res, row, COL_UNRECORDED),
        .replays = number(res, row, COL_REPLAYS),
        .created_at = instant(res, row, COL_CREATED),
        .first_at = instant(res, row, COL_FIRST),
        .last_at = instant(res, row, COL_LAST),
        .http_status = number(res, row, COL_STATUS),
        .answer = PQgetvalue(res, row, COL_ANSWER),
        .accepted_at = instant(res, row, COL_ACCEPTED),
        .processed_at = instant(res, row, COL_PROCESSED),
        .next_at = instant(res, row, COL_NEXT),
        .seen_at = instant(res, row, COL_SEEN),
        .seen_by = PQgetvalue(res, row, COL_SEEN_BY),
        .sha256 = PQgetvalue(res, row, COL_SHA256),
    };
}

const char *delivery_number(const PGresult *res, int row)
{
    return PQgetvalue(res, row, COL_NUMBER);
}

const struct delivery_page proof_page = {"", "5001", "0"};

_Static_assert(PROOF_MOST == 5000, "the page is one row more: that is how it is seen that there are more");

/* In the order in which they were made: the query gives the newest first. */
bool proof_of(struct buf *b, enum proof_format f, const char *case_ref, const PGresult *res, int64_t read_at)
{
    int n = PQntuples(res);
    if (n > PROOF_MOST)
        return false;
    proof_begin(b, f, case_ref, (size_t)n, read_at);
    for (int i = 0; i < n; i++) {
        struct delivery d = delivery_of(res, n - 1 - i);
        proof_row(b, f, &d, (size_t)i + 1);
    }
    proof_end(b, f);
    return true;
}
