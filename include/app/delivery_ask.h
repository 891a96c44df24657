/* What somebody asks of the ledger of deliveries, and its rows: the same for the subcommand and for HTTP. */
#ifndef EHCWATCH_DELIVERY_ASK_H
#define EHCWATCH_DELIVERY_ASK_H

#include "proof.h"

struct pg_result;

/* NULL or 0: not asked for. Texts are borrowed. */
struct delivery_ask {
    const char *case_ref, *endpoint, *state, *since;
    const char *teams; /* a text[]: what is about cases of these teams, and no others */
};

/* Takes `value` of case, endpoint, state or since. False: `e` says "NAME=VALUE: what is wrong". */
bool delivery_ask_take(struct delivery_ask *a, const char *name, const char *value, struct err *e) MUST_CHECK;

enum { DELIVERY_PARAMS = 8 };

/* The parameters of the query delivery_list: rows older than the message numbered `before` ("" for all), at most `most` after the
 * first `skip`. */
struct delivery_page {
    char before[24], most[24], skip[24];
};
void delivery_params(const struct delivery_ask *a, const struct delivery_page *p,
                     const char *params[DELIVERY_PARAMS]);

/* Row `row` of what delivery_list answered. Borrowed from it. */
struct delivery delivery_of(const struct pg_result *res, int row);

/* Its number, for delivery_page.before. */
const char *delivery_number(const struct pg_result *res, int row);

/* The page that holds all of a case, and the sheet of it. False: it is more than a sheet can have (PROOF_MOST); nothing was
 * written then. */
enum { PROOF_MOST = 5000 };
extern const struct delivery_page proof_page;
bool proof_of(struct buf *b, enum proof_format f, const char *case_ref, const struct pg_result *res,
              int64_t read_at) MUST_CHECK;

#endif
