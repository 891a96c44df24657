/* Making an acknowledgement: what is asked, which obligation that is, and whether it may be. The same for the subcommand and for HTTP. */
#ifndef EHCWATCH_ACK_ASK_H
#define EHCWATCH_ACK_ASK_H

#include "ack.h"
#include "buf.h"

struct pg_result;

/* Texts are borrowed. */
struct ack_ask {
    const char *case_ref, *limit;
    const char *subject, *start; /* NULL: whichever there is */
    enum ack_kind kind;
    const char *who, *reason, *until;
    const char *teams; /* a text[]: only a case of these; NULL: of any */
    bool manager;
};

/* Whether it is complete and its texts can be kept: text without control characters, `who` of 1 to 100, `reason` of 1 to 500 characters,
 * dates. False: `e` says "NAME: what". */
bool ack_ask_check(const struct ack_ask *a, struct err *e) MUST_CHECK;

/* Why not; the status that HTTP gives it. */
enum ack_refusal {
    ACK_MAY = 0,
    ACK_NONE = 404,      /* no such obligation */
    ACK_AMBIGUOUS = 400, /* several */
    ACK_HELD = 409,      /* there is one in force, or things have changed meanwhile */
    ACK_MANAGER = 403,
    ACK_RULE = 422,
};

enum { ACK_LOOK_PARAMS = 3, ACK_PUT_PARAMS = 10 };
void ack_look_params(const struct ack_ask *a, const char *params[ACK_LOOK_PARAMS]);

/* Of what the query ack_look answered, the obligation that is meant, as the parameters of ack_put: borrowed from `res` and `a`. ACK_MAY, or
 * `e` says why not. */
enum ack_refusal ack_choose(const struct ack_ask *a, const struct calendar *cal, const struct pg_result *res,
                            const char *params[ACK_PUT_PARAMS], struct err *e) MUST_CHECK;

/* The words for a row that ack_put did not make. */
#define ACK_CHANGED "things have changed meanwhile: look again"

/* What ack_withdraw answered. ACK_MAY: it was taken back, and `e` holds "CASE LIMIT"; else `e` says why not. */
enum ack_refusal ack_withdrawn(const struct pg_result *res, const char *id, struct err *e) MUST_CHECK;

/* Whether it is a number of an acknowledgement. */
bool ack_id_ok(const char *id);

/* Which cases are shown; NULL: all. */
struct ack_shown {
    bool (*fn)(void *ud, const char *case_ref);
    void *ud;
};

/* What ack_list answered, as one JSON document or as lines for people. */
void ack_list_json(struct buf *b, const struct pg_result *res, const struct ack_shown *shown);
void ack_list_text(struct buf *b, const struct pg_result *res);

#endif
